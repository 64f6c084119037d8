//! A refresh token is spent. The rows of the decision table that stand today:
//!
//! | # | presented token R against the record | answer | write |
//! |---|---|---|---|
//! | 1 | malformed, wrong version, bad MAC, wrong purpose | rejected(malformed) | none; cookies untouched |
//! | 2 | R's absolute deadline, or the session's idle or absolute deadline, has passed | rejected(expired) | none (a clock that jumped must destroy nothing) |
//! | 3 | no such session any more | rejected(revoked, evicted or unknown, by the kept cause) | none |
//! | 5 | same generation and same secret, within throttle of rotated_at | a new access token; the refresh cookie is not set | none |
//! | 6 | same generation and same secret | rotate: generation+1, H(s_(n+1)), rotated_at = now | swap |
//! | older | anything else that is authentic | superseded (409): look at your cookies again | none; cookies untouched |
//!
//! `older` stands for rows 4 and 6a to 10, which tell a retry from a theft: until they are here, nothing is revoked
//! and no cookie is cleared on mere suspicion.

use super::outcome::{FreshAccess, clearing};
use super::{Decision, Outcome, Plan, Rejection, RequestFacts, Scene, SessionView, Site};
use crate::cookie::Which;
use crate::error::{Code, Error, Reason, Result};
use crate::keys::Key;
use crate::record::{Cause, SecretHash, SessionRecord, SubjectRecord};
use crate::secret::Entropy;
use crate::time::{Seconds, Timestamp};
use crate::token::refresh::{RefreshToken, secret_hash};
use serde::{Deserialize, Serialize};

/// What is known of the presented token, without its secret.
#[derive(Debug, Clone, Copy)]
pub struct PresentedFacts {
    /// Its generation.
    pub generation: u32,
    /// Its absolute deadline.
    pub absolute_deadline: Timestamp,
}

/// What the record says of its session.
#[derive(Debug, Clone, Copy)]
pub struct SessionFacts {
    /// The generation that is alive.
    pub generation: u32,
    /// Whether the presented secret is that generation's.
    pub same_secret: bool,
    /// The last rotation.
    pub rotated_at: Timestamp,
    /// The earlier of its two deadlines.
    pub end: Timestamp,
}

/// Everything that [`decide_rotation`] looks at.
#[derive(Debug, Clone, Copy)]
pub struct Facts {
    /// The time.
    pub now: Timestamp,
    /// The token, already authenticated.
    pub presented: PresentedFacts,
    /// Its session; `None` where the record knows none.
    pub session: Option<SessionFacts>,
    /// Why there is none.
    pub removal: Option<Cause>,
    /// The policy's throttle.
    pub throttle: Seconds,
}

/// The row that applies, and its answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Rotation {
    /// The row of the table.
    pub row: &'static str,
    /// Its answer.
    pub answer: Answer,
}

/// An answer of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// Row 2.
    Expired,
    /// Row 3, signed out or revoked.
    Revoked,
    /// Row 3, displaced by newer sessions.
    Evicted,
    /// Row 3, no cause is kept.
    Unknown,
    /// Row 5.
    AccessOnly,
    /// Row 6.
    Rotate,
    /// An older (or impossibly newer) token.
    Superseded,
}

/// The table, and nothing else: pure, so that a team can replay its own logs through it. Row 1 is over before: the
/// facts of a malformed token are not facts.
pub fn decide_rotation(facts: &Facts) -> Rotation {
    let row = |row, answer| Rotation { row, answer };
    if facts.now >= facts.presented.absolute_deadline || facts.session.is_some_and(|session| facts.now >= session.end) {
        return row("2", Answer::Expired);
    }
    let Some(session) = facts.session else {
        return row("3", gone(facts.removal));
    };
    if facts.presented.generation != session.generation || !session.same_secret {
        return row("older", Answer::Superseded);
    }
    if facts.now.ms_since(session.rotated_at) < facts.throttle.ms() {
        return row("5", Answer::AccessOnly);
    }
    row("6", Answer::Rotate)
}

fn gone(removal: Option<Cause>) -> Answer {
    match removal {
        Some(Cause::Revoked) => Answer::Revoked,
        Some(Cause::Evicted) => Answer::Evicted,
        None => Answer::Unknown,
    }
}

pub(super) fn plan(site: &Site, request: &RequestFacts) -> Result<Plan> {
    Ok(match presented(site, request)? {
        Ok(token) => Plan::Read(token.session.subject),
        Err(reason) => Plan::done(Outcome::rejected(reason)),
    })
}

pub(super) fn decide(mut scene: Scene<'_>, request: &RequestFacts, entropy: &mut Entropy) -> Result<Decision> {
    let token = match presented(scene.site, request)? {
        Ok(token) => token,
        Err(reason) => return Ok(Decision::of(Outcome::rejected(reason))),
    };
    let record = scene.record.take();
    let rotation = decide_rotation(&facts(&scene, record.as_ref(), &token));
    match (rotation.answer, record) {
        (Answer::AccessOnly, Some(record)) => access_only(&scene, &record, &token, entropy),
        (Answer::Rotate, Some(record)) => rotate(&scene, record, &token, entropy),
        (answer, _) => Ok(Decision::of(refused(&scene, answer, &token))),
    }
}

/// Row 1: the token, or why there is none.
fn presented(site: &Site, request: &RequestFacts) -> Result<std::result::Result<RefreshToken, Reason>> {
    if let Err(reason) = request.admit(site)? {
        return Ok(Err(reason));
    }
    Ok(request.cookie(site, Which::Refresh).and_then(|text| {
        let text = text.ok_or(Reason::RefreshMissing)?;
        RefreshToken::parse(text, &site.ring).ok_or(Reason::RefreshMalformed)
    }))
}

fn facts(scene: &Scene<'_>, record: Option<&SubjectRecord>, token: &RefreshToken) -> Facts {
    let sid = token.session.sid;
    Facts {
        now: scene.now,
        presented: PresentedFacts { generation: token.generation, absolute_deadline: token.absolute_deadline },
        session: record.and_then(|record| record.session(sid)).map(|session| SessionFacts {
            generation: session.generation,
            same_secret: session.secret_hash.matches(&secret_hash(&token.secret)),
            rotated_at: session.rotated_at,
            end: session.end(),
        }),
        removal: record.and_then(|record| record.removal(sid)),
        throttle: scene.site.policy.throttle,
    }
}

/// Row 5: nothing moves, so the idle deadline does not either.
fn access_only(
    scene: &Scene<'_>,
    record: &SubjectRecord,
    token: &RefreshToken,
    entropy: &mut Entropy,
) -> Result<Decision> {
    let session = record.session(token.session.sid).ok_or(Error::from(Code::Internal))?;
    refreshed(scene, &record.subject, session, None, entropy).map(Decision::of)
}

/// Row 6: the successor is a function of the presented token, so whoever presents it again derives the same one.
fn rotate(
    scene: &Scene<'_>,
    mut record: SubjectRecord,
    token: &RefreshToken,
    entropy: &mut Entropy,
) -> Result<Decision> {
    let nonce = entropy.take::<24>()?;
    let now = scene.now;
    let key = scene.site.ring.by_tag(&token.key_tag).ok_or(Error::from(Code::Internal))?;
    let successor = token.successor(key, now).ok_or(Error::from(Code::Internal))?;
    record.drop_long_over(now);
    let session = record.session_mut(token.session.sid).ok_or(Error::from(Code::Internal))?;
    session.generation = successor.generation;
    session.secret_hash = SecretHash::new(secret_hash(&successor.secret));
    session.rotated_at = now;
    session.idle_deadline = now.plus(scene.site.policy.idle_timeout).min(session.absolute_deadline);
    let session = session.clone();
    let outcome = refreshed(scene, &record.subject, &session, Some((&successor, key)), entropy)?;
    Decision::writing(scene, &record, &nonce, outcome)
}

fn refreshed(
    scene: &Scene<'_>,
    subject: &str,
    session: &SessionRecord,
    successor: Option<(&RefreshToken, &Key)>,
    entropy: &mut Entropy,
) -> Result<Outcome> {
    let access = FreshAccess::mint(scene, subject, session, entropy)?;
    Ok(Outcome::Refreshed {
        session: SessionView::new(scene, subject, session),
        rotated: successor.is_some(),
        headers: access.headers(scene, successor)?,
        access_token: access.token,
    })
}

/// Cookies are cleared only where the session is over for good: revoked, evicted, or expired by the token's own
/// deadline and more than the clocks may differ.
fn refused(scene: &Scene<'_>, answer: Answer, token: &RefreshToken) -> Outcome {
    let surely_over = scene.now > token.absolute_deadline.plus(scene.site.policy.leeway);
    let (reason, clear) = match answer {
        Answer::Expired => (Reason::SessionExpired, surely_over),
        Answer::Revoked => (Reason::SessionRevoked, true),
        Answer::Evicted => (Reason::SessionEvicted, true),
        Answer::Unknown => (Reason::SessionUnknown, false),
        Answer::AccessOnly | Answer::Rotate | Answer::Superseded => (Reason::Superseded, false),
    };
    Outcome::Rejected(Rejection::new(reason, if clear { clearing(scene.site) } else { Vec::new() }))
}
