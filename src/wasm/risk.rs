//! Scoring outside a session: pure, on profiles that the host keeps.

use super::given::Given;
use super::{JsResult, desk, inputs, thrown, time};
use crate::decide::RiskView;
use crate::foundation::error::{Code, Error, Result};
use crate::formats::keys::hkdf;
use crate::risk::{
    Action, Companion, Context, Kind, Profile, Response, RiskPolicy, Signals, Tagger, TokenFact,
    assess,
};
use crate::foundation::time::Timestamp;
use wasm_bindgen::prelude::*;

/// See [`assess`]. `profile` and `session` are what an earlier call gave, or empty. `length` bytes
/// of text lie on the desk: the places of the event's kind and of what is known of the token, the
/// name in the device cookie, and the context, parted by NUL. Lays on the desk, as 64-bit floats,
/// the lengths of the profile and of the session and what the event comes to; then the bytes of
/// both, as they are if it is accepted. Gives how many floats there are.
#[wasm_bindgen(js_name = scoreAnomaly)]
pub fn score(
    profile: &[u8],
    session: &[u8],
    length: usize,
    policy: JsValue,
    tag_key: JsValue,
    now: f64,
) -> JsResult<usize> {
    let now = time(now)?;
    let policy = policy_of(policy).map_err(thrown)?;
    let tagger = Tagger::new(&key_of(tag_key).map_err(thrown)?, &[]);
    let scored = desk::with_text(length, |event| {
        let (profile, session) = (read_profile(profile)?, read_session(session)?);
        Ok(scored(profile, session, event_of(event)?, &policy, &tagger, now))
    });
    scored.map_err(thrown)
}

fn scored(
    mut profile: Profile,
    mut session: Companion,
    (kind, token_fact, device, text): (Kind, TokenFact, Option<&str>, &str),
    policy: &RiskPolicy,
    tagger: &Tagger,
    now: Timestamp,
) -> usize {
    let device = policy.device_cookie.then_some(device.map(str::as_bytes));
    let signals = Signals::of(&Context { token_fact, device, ..Context::read(text, kind) }, tagger);
    let in_session = Some(&session).filter(|_| kind != Kind::SignIn);
    let assessment = assess(&profile, in_session, &signals, policy, now);
    profile.learn(in_session, &signals, now);
    session.accept(&signals, now);
    let response = match assessment.action {
        Action::Allow => Response::Allow,
        Action::StepUp => Response::StepUp,
        Action::Revoke => Response::Revoke,
    };
    let row = RiskView { kind, assessment, response }.row();
    let (profile, session) = (profile.to_bytes(), session.to_bytes());
    let lengths = [profile.len(), session.len()].map(|length| (length as f64).to_le_bytes());
    desk::put(&[lengths.as_flattened(), &row, &profile, &session]);
    row.chunks(size_of::<f64>()).len().saturating_add(lengths.len())
}

/// What two profiles of one user know.
#[wasm_bindgen(js_name = mergeProfiles)]
pub fn merge(one: &[u8], other: &[u8]) -> JsResult<Vec<u8>> {
    let merged = read_profile(one).and_then(|one| Ok(one.merge(&read_profile(other)?).to_bytes()));
    merged.map_err(thrown)
}

fn event_of(event: &str) -> Result<(Kind, TokenFact, Option<&str>, &str)> {
    let mut parts = event.splitn(4, '\0');
    let mut place =
        || parts.next().and_then(|text| text.parse::<usize>().ok()).unwrap_or(usize::MAX);
    let (kind, fact) = (Kind::ALL.get(place()), TokenFact::ALL.get(place()));
    let (kind, fact) = kind.zip(fact).ok_or(Error::from(Code::Internal))?;
    let device = parts.next().filter(|name| !name.is_empty());
    Ok((*kind, *fact, device, parts.next().unwrap_or_default()))
}

fn policy_of(policy: JsValue) -> Result<RiskPolicy> {
    if policy.is_undefined() {
        return Ok(RiskPolicy::default());
    }
    RiskPolicy::new(&inputs::risk(&Given::new(policy, Code::Config))?)
}

/// Without one, names are as good as plain.
fn key_of(given: JsValue) -> Result<[u8; 32]> {
    let mut key = [0; 32];
    if !given.is_undefined() {
        let secret = inputs::secret(&Given::new(given, Code::Config))?;
        hkdf(&secret.checked("tagKey")?, &[], b"portcullis/1/risk", &mut key)?;
    }
    Ok(key)
}

fn read_profile(bytes: &[u8]) -> Result<Profile> {
    remembered(
        bytes,
        Profile::from_bytes,
        "This is no profile: pass the bytes that scoreAnomaly gave, or null.",
    )
}

fn read_session(bytes: &[u8]) -> Result<Companion> {
    let why = "This is no session's memory: pass the bytes that scoreAnomaly gave, or null.";
    remembered(bytes, Companion::from_bytes, why)
}

fn remembered<T: Default>(
    bytes: &[u8],
    read: impl Fn(&[u8]) -> Option<T>,
    why: &'static str,
) -> Result<T> {
    if bytes.is_empty() {
        return Ok(T::default());
    }
    read(bytes).ok_or(Error::because(Code::Argument, why))
}
