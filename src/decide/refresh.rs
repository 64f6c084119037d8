//! A refresh token is spent: what each row of the table in `rotation` does.

use super::event::EventKind;
use super::headers::{FreshAccess, handed_over};
use super::risk::{Asked, Scored};
use super::rotation::Answer;
use super::rows::Presented;
use super::{Decision, Outcome, RequestFacts, Scene, SessionView};
use crate::foundation::error::{Code, Error, Result};
use crate::formats::keys::Key;
use crate::model::record::{SecretHash, SessionRecord, SubjectRecord};
use crate::risk::{ContextText, Kind, TokenFact};
use crate::formats::schedule::KeyState;
use crate::foundation::secret::Entropy;
use crate::formats::token::refresh::{RefreshToken, secret_hash};

pub(super) fn decide(
    mut scene: Scene<'_>,
    request: &RequestFacts,
    context: Option<&ContextText>,
    token: RefreshToken,
    entropy: &mut Entropy,
) -> Result<Decision> {
    let nonce = entropy.take::<24>()?;
    let presented = Presented::of(&scene, request, token)?;
    let record = match presented.rotation.answer {
        Answer::Restored | Answer::AccessOnly | Answer::Rotate | Answer::Successor => {
            scene.record.take()
        }
        Answer::Forked | Answer::LateParent | Answer::SenderChanged | Answer::StaleLineage => {
            return presented.reused(scene, &nonce);
        }
        _ => None,
    };
    let Some(mut record) = record else { return Ok(presented.refused(&scene)) };
    let sid = presented.token.session.sid;
    let answer = presented.rotation.answer;
    let scored =
        Scored::of(&scene, &record, record.session(sid)?, &asked(request, context, answer));
    if let Some(scored) = &scored {
        if let Some(refused) = scored.refused(&scene, &mut record, Some(sid), request, &nonce)? {
            return Ok(refused);
        }
        scene.access_ttl = scored.access_ttl(&scene.site.policy);
        if matches!(answer, Answer::Restored | Answer::Rotate) {
            scored.learn_in(&mut record, sid, scene.now)?;
        }
    }
    let decision = match answer {
        Answer::Restored => restore(&scene, record, &presented, &nonce, entropy),
        Answer::Rotate => rotate(&scene, record, &presented, &nonce, entropy),
        Answer::Successor => again(&scene, &record, &presented, entropy),
        _ => access_only(&scene, &record, &presented, entropy),
    };
    Ok(Scored::tell(scored.as_ref(), decision?, &scene, sid))
}

fn asked<'a>(
    request: &'a RequestFacts,
    context: Option<&'a ContextText>,
    answer: Answer,
) -> Asked<'a> {
    let token_fact =
        if answer == Answer::Successor { TokenFact::ReuseInGrace } else { TokenFact::None };
    Asked { kind: Kind::Refresh, context, request, token_fact, proved: false }
}

/// Row 4: the record lost a write that this client saw. The chain goes on from what the client has;
/// the assurance is the record's.
fn restore(
    scene: &Scene<'_>,
    mut record: SubjectRecord,
    presented: &Presented,
    nonce: &[u8; 24],
    entropy: &mut Entropy,
) -> Result<Decision> {
    let Presented { token, facts, .. } = presented;
    record.drop_long_over(scene.now);
    let session = change(scene, &mut record, token, |session| {
        let hash = SecretHash::new(secret_hash(&token.secret));
        session.begin(token.generation, hash, token.key_tag, facts.presented.sender, scene.now);
        session.closed.clear();
    })?;
    let outcome = refreshed(scene, presented, &record.subject, &session, None, entropy)?;
    Ok(Decision::writing(scene, &record, nonce, outcome)?
        .with(Some(presented.event(scene, EventKind::Restored))))
}

/// Row 5: nothing moves, so the idle deadline does not either.
fn access_only(
    scene: &Scene<'_>,
    record: &SubjectRecord,
    presented: &Presented,
    entropy: &mut Entropy,
) -> Result<Decision> {
    let session =
        record.session(presented.token.session.sid)?.ok_or(Error::from(Code::Internal))?;
    let outcome = refreshed(scene, presented, &record.subject, session, None, entropy)?;
    Ok(Decision::of(outcome).with(Some(presented.event(scene, EventKind::Refresh))))
}

/// Row 6: the successor is a function of the presented token, so whoever presents it again derives
/// the same one.
fn rotate(
    scene: &Scene<'_>,
    mut record: SubjectRecord,
    presented: &Presented,
    nonce: &[u8; 24],
    entropy: &mut Entropy,
) -> Result<Decision> {
    let Presented { token, facts, .. } = presented;
    let key = next_key(scene, token)?;
    let successor = token.successor(key, scene.now).ok_or(Error::from(Code::Internal))?;
    record.drop_long_over(scene.now);
    let session = change(scene, &mut record, token, |session| {
        let hash = SecretHash::new(secret_hash(&successor.secret));
        session.rotate(hash, key.tag, facts.presented.sender, scene.now);
    })?;
    let outcome =
        refreshed(scene, presented, &record.subject, &session, Some((&successor, key)), entropy)?;
    Ok(Decision::writing(scene, &record, nonce, outcome)?
        .with(Some(presented.event(scene, EventKind::Refresh))))
}

/// Row 7: the answer was lost, or another tab asked at the same time. Nothing moves: the window
/// must not slide.
fn again(
    scene: &Scene<'_>,
    record: &SubjectRecord,
    presented: &Presented,
    entropy: &mut Entropy,
) -> Result<Decision> {
    let session =
        record.session(presented.token.session.sid)?.ok_or(Error::from(Code::Internal))?;
    let (successor, key) = presented.successor(scene, session)?;
    let outcome =
        refreshed(scene, presented, &record.subject, session, Some((&successor, key)), entropy)?;
    Ok(Decision::of(outcome).with(Some(presented.event(scene, EventKind::Retry))))
}

/// A successor keeps its parent's key until that key's published retire time: an instance that does
/// not know the newest key yet can still read it.
fn next_key<'a>(scene: &Scene<'a>, token: &RefreshToken) -> Result<&'a Key> {
    let ring = &scene.site.ring;
    let parent = ring.by_tag(&token.key_tag).ok_or(Error::from(Code::Internal))?;
    let retires =
        matches!(parent.schedule.state(scene.now), KeyState::Retiring | KeyState::Retired);
    Ok(if retires { ring.current(scene.now) } else { parent })
}

/// Changes a session that is used, and gives a copy of what it became.
fn change(
    scene: &Scene<'_>,
    record: &mut SubjectRecord,
    token: &RefreshToken,
    how: impl FnOnce(&mut SessionRecord),
) -> Result<SessionRecord> {
    let session = record.session_mut(token.session.sid)?.ok_or(Error::from(Code::Internal))?;
    how(session);
    session.idle_deadline =
        scene.now.plus(scene.site.policy.idle_timeout).min(session.absolute_deadline);
    Ok(session.clone())
}

fn refreshed(
    scene: &Scene<'_>,
    presented: &Presented,
    subject: &str,
    session: &SessionRecord,
    successor: Option<(&RefreshToken, &Key)>,
    entropy: &mut Entropy,
) -> Result<Outcome> {
    let access = FreshAccess::mint(scene, subject, session, entropy)?;
    Ok(Outcome::Refreshed {
        session: SessionView::new(scene, subject, session),
        rotated: successor.is_some(),
        refresh_token: handed_over(scene, successor),
        headers: access.headers(scene, successor, &presented.carried)?,
        access_token: access.token,
        risk: None,
    })
}
