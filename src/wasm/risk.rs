//! Scoring outside a session: pure, on profiles that the host keeps.

use super::given::Given;
use super::{JsResult, inputs, output, thrown, time};
use crate::decide::RiskView;
use crate::error::{Code, Error, Result};
use crate::keys::hkdf;
use crate::risk::{
    Action, Companion, Context, ContextText, Kind, Profile, Response, RiskPolicy, Signals, Tagger, TokenFact, assess,
};
use crate::time::Timestamp;
use serde::Serialize;
use wasm_bindgen::prelude::*;

/// What an event comes to, and what is to be remembered.
#[derive(Serialize)]
struct Scored {
    risk: RiskView,
    /// What is remembered if the event is accepted.
    #[serde(with = "serde_bytes")]
    profile: Vec<u8>,
    #[serde(with = "serde_bytes")]
    session: Vec<u8>,
}

/// See [`assess`]. `profile` and `session` are what an earlier call gave, or empty.
#[wasm_bindgen(js_name = scoreAnomaly)]
pub fn score(given: JsValue, now: f64) -> JsResult<JsValue> {
    let scored = scored(&Given::new(given, Code::Argument), time(now)?).map_err(thrown)?;
    output(&scored)
}

/// What two profiles of one user know.
#[wasm_bindgen(js_name = mergeProfiles)]
pub fn merge(one: &[u8], other: &[u8]) -> JsResult<Vec<u8>> {
    let merged = profile(one).and_then(|one| Ok(one.merge(&profile(other)?).to_bytes()));
    merged.map_err(thrown)
}

fn scored(given: &Given, now: Timestamp) -> Result<Scored> {
    let mut profile = profile(&given.bytes("profile")?)?;
    let mut session = session(&given.bytes("session")?)?;
    let policy = given.optional_object("policy")?.as_ref().map(inputs::risk).transpose()?.unwrap_or_default();
    let policy = RiskPolicy::new(&policy)?;
    let device = given.optional_text("deviceTag")?;
    let text = ContextText(given.text("context")?);
    let context = Context {
        token_fact: token_fact(given.optional_text("tokenFact")?.as_deref()),
        device: policy.device_cookie.then_some(device.as_deref().map(str::as_bytes)),
        ..text.context(kind(&given.text("kind")?)?)
    };
    let key = tag_key(given.optional_object("tagKey")?.as_ref())?;
    let signals = Signals::of(&context, &Tagger::new(&key, &[]));
    let in_session = Some(&session).filter(|_| context.kind != Kind::SignIn);
    let assessment = assess(&profile, in_session, &signals, &policy, now);
    let response = match assessment.action {
        Action::Allow => Response::Allow,
        Action::StepUp => Response::StepUp,
        Action::Revoke => Response::Revoke,
    };
    let risk = RiskView { kind: context.kind, assessment, response };
    profile.learn(in_session, &signals, now);
    session.accept(&signals, now);
    Ok(Scored { risk, profile: profile.to_bytes(), session: session.to_bytes() })
}

/// Without one, names are as good as plain.
fn tag_key(given: Option<&Given>) -> Result<[u8; 32]> {
    let mut key = [0; 32];
    if let Some(given) = given {
        hkdf(&inputs::secret(given)?.checked("tagKey")?, &[], b"portcullis/1/risk", &mut key)?;
    }
    Ok(key)
}

fn profile(bytes: &[u8]) -> Result<Profile> {
    remembered(bytes, Profile::from_bytes, "This is no profile: pass the bytes that scoreAnomaly gave, or null.")
}

fn session(bytes: &[u8]) -> Result<Companion> {
    remembered(
        bytes,
        Companion::from_bytes,
        "This is no session's memory: pass the bytes that scoreAnomaly gave, or null.",
    )
}

fn remembered<T: Default>(bytes: &[u8], read: impl Fn(&[u8]) -> Option<T>, why: &'static str) -> Result<T> {
    if bytes.is_empty() {
        return Ok(T::default());
    }
    read(bytes).ok_or(Error::because(Code::Argument, why))
}

fn kind(word: &str) -> Result<Kind> {
    const KINDS: [Kind; 4] = [Kind::SignIn, Kind::Refresh, Kind::Request, Kind::StepUp];
    KINDS
        .into_iter()
        .find(|kind| kind.word() == word)
        .ok_or(Error::because(Code::Argument, "kind must be 'sign_in', 'refresh', 'request' or 'step_up'."))
}

fn token_fact(word: Option<&str>) -> TokenFact {
    match word {
        Some("reuse_in_grace") => TokenFact::ReuseInGrace,
        Some("reuse") => TokenFact::Reuse,
        Some("proof_ok") => TokenFact::ProofOk,
        Some("proof_fail") => TokenFact::ProofFail,
        Some("fork") => TokenFact::Fork,
        _ => TokenFact::None,
    }
}
