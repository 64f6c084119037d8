//! The user proved more of who they are (a second factor, the password again): the session goes on
//! with a fresh secret, three generations on, so that no token from before inherits the assurance.

use super::event::EventKind;
use super::given::{MintedInput, check_assurance};
use super::headers::{FreshAccess, csrf_cookie, handed_over, minted_token};
use super::risk::{Asked, Scored};
use super::rotation::Answer;
use super::rows::Presented;
use super::{Decision, Outcome, RequestFacts, Scene, SessionView, Site};
use crate::foundation::error::{Code, Error, Reason, Result};
use crate::model::record::{SecretHash, SessionRecord, StepUp as StepUpRecord, SubjectRecord};
use crate::risk::{ContextText, Kind, TokenFact};
use crate::foundation::secret::{Entropy, Secret};
use crate::formats::token::refresh::{RefreshToken, secret_hash};

/// How many generations a step-up leaves out: none of them can ever be presented.
const GENERATIONS: u32 = 3;

/// What was proved, and what was drawn for it.
#[derive(Debug)]
pub struct StepUp {
    /// The request that steps up.
    pub request: RequestFacts,
    /// Who proved it; whosever session it is, where that is absent.
    pub subject: Option<String>,
    /// Authentication context class.
    pub acr: Option<String>,
    /// Authentication methods.
    pub amr: Vec<String>,
    /// Where the request comes from, for scoring: it is learned.
    pub context: Option<ContextText>,
    /// Random bytes, drawn once: a re-read that finds their secret means that the write landed.
    pub minted: MintedInput,
}

pub(super) fn token(
    site: &Site,
    step_up: &StepUp,
) -> Result<std::result::Result<RefreshToken, Reason>> {
    check_assurance(step_up.acr.as_deref(), &step_up.amr)?;
    step_up.minted.secret()?;
    Presented::token(site, &step_up.request)
}

pub(super) fn decide(
    mut scene: Scene<'_>,
    step_up: &StepUp,
    token: RefreshToken,
    entropy: &mut Entropy,
) -> Result<Decision> {
    let nonce = entropy.take::<24>()?;
    let secret = step_up.minted.secret()?;
    let presented = Presented::of(&scene, &step_up.request, token)?;
    let sid = presented.token.session.sid;
    let is_another =
        |record: &SubjectRecord| step_up.subject.as_ref().is_some_and(|who| *who != record.subject);
    if scene.record.as_ref().is_some_and(is_another) {
        return Ok(Decision::of(Outcome::rejected(Reason::SessionUnknown)));
    }
    if let Some(record) = &scene.record
        && let Some(landed) = record.session(sid)?
        && landed.secret_hash.matches(&secret_hash(&secret))
    {
        let outcome = outcome(&scene, &presented, &record.subject, landed, &secret, entropy)?;
        return Ok(Decision::of(outcome).with(Some(presented.event(&scene, EventKind::StepUp))));
    }
    match presented.rotation.answer {
        Answer::Restored
        | Answer::AccessOnly
        | Answer::Rotate
        | Answer::Successor
        | Answer::StepUpUnfinished => (),
        Answer::Forked | Answer::LateParent | Answer::SenderChanged | Answer::StaleLineage => {
            return presented.reused(scene, &nonce);
        }
        _ => return Ok(presented.refused(&scene)),
    }
    let Some(mut record) = scene.record.take() else { return Err(Error::from(Code::Internal)) };
    record.drop_long_over(scene.now);
    let scored = Scored::of(&scene, &record, record.session(sid)?, &step_up.asked());
    scored.as_ref().map_or(Ok(()), |scored| scored.learn_in(&mut record, sid, scene.now))?;
    let session = record.session_mut(sid)?.ok_or(Error::from(Code::Internal))?;
    perform(&scene, session, step_up, &presented, &secret);
    let session = session.clone();
    let outcome = outcome(&scene, &presented, &record.subject, &session, &secret, entropy)?;
    let event = presented.event(&scene, EventKind::StepUp);
    let decision = Decision::writing(&scene, &record, &nonce, outcome)?.with(Some(event));
    Ok(Scored::tell(scored.as_ref(), decision, &scene, sid))
}

impl StepUp {
    fn asked(&self) -> Asked<'_> {
        Asked {
            kind: Kind::StepUp,
            context: self.context.as_ref(),
            request: &self.request,
            token_fact: TokenFact::None,
            proved: true,
        }
    }
}

fn perform(
    scene: &Scene<'_>,
    session: &mut SessionRecord,
    step_up: &StepUp,
    presented: &Presented,
    secret: &Secret<32>,
) {
    let now = scene.now;
    let sender = presented.facts.presented.sender;
    let generation = session.generation.max(presented.token.generation).saturating_add(GENERATIONS);
    let hash = SecretHash::new(secret_hash(secret));
    session.begin(generation, hash, scene.site.ring.current(now).tag, sender, now);
    session.closed.clear();
    session.step_up =
        Some(StepUpRecord { generation, at: now, written_by: sender, closed_at: None });
    session.authenticated_at = now;
    session.acr.clone_from(&step_up.acr);
    session.amr.clone_from(&step_up.amr);
    session.idle_deadline = now.plus(scene.site.policy.idle_timeout).min(session.absolute_deadline);
}

fn outcome(
    scene: &Scene<'_>,
    presented: &Presented,
    subject: &str,
    session: &SessionRecord,
    secret: &Secret<32>,
    entropy: &mut Entropy,
) -> Result<Outcome> {
    let (token, key) = minted_token(scene, session, session.generation, secret)?;
    let access = FreshAccess::mint(scene, subject, session, entropy)?;
    let mut headers = access.headers(scene, Some((&token, key)), &presented.carried)?;
    headers.extend(csrf_cookie(scene, session, entropy)?);
    Ok(Outcome::Refreshed {
        session: SessionView::new(scene, subject, session),
        rotated: true,
        refresh_token: handed_over(scene, Some((&token, key))),
        headers,
        access_token: access.token,
        risk: None,
    })
}
