//! Exports that score events outside a session, on profiles that the host keeps.

use super::convert::{JsResult, parse_time, to_js_error};
use super::js_object::JsObject;
use super::{decode, shared_buffer};
use crate::decide::RiskReport;
use crate::formats::key_ring::hkdf;
use crate::foundation::error::{Error, ErrorCode, Result};
use crate::foundation::time::Timestamp;
use crate::risk::{
    FeatureHasher, RequestContext, RiskAction, RiskEventKind, RiskPolicy, RiskProfile,
    RiskResponse, SessionProfile, Signals, TokenStatus, assess,
};
use wasm_bindgen::prelude::*;

/// Scores an event: see [`assess`]. `profile` and `session` are the results of an earlier call, or
/// empty. The shared buffer holds `length` bytes of text: the indexes of the event kind and of the
/// token status, the device ID, and the request context, separated by NUL. The result in the shared
/// buffer begins with 64-bit floats: the lengths of both profiles and the assessment. The bytes of
/// both profiles follow, as they are if the event is accepted. Gives the number of floats.
#[wasm_bindgen(js_name = scoreAnomaly)]
pub fn score_anomaly(
    profile: &[u8],
    session: &[u8],
    length: usize,
    policy: JsValue,
    tag_key: JsValue,
    now: f64,
) -> JsResult<usize> {
    let now = parse_time(now)?;
    let policy = decode_policy(policy).map_err(to_js_error)?;
    let hasher = FeatureHasher::new(&decode_feature_hash_key(tag_key).map_err(to_js_error)?, &[]);
    let scored = shared_buffer::with_input_text(length, |event| {
        let (profile, session) = (decode_profile(profile)?, decode_session_profile(session)?);
        Ok(encode_assessment(profile, session, decode_event(event)?, &policy, &hasher, now))
    });
    scored.map_err(to_js_error)
}

fn encode_assessment(
    mut profile: RiskProfile,
    mut session: SessionProfile,
    (kind, token_fact, device, text): (RiskEventKind, TokenStatus, Option<&str>, &str),
    policy: &RiskPolicy,
    hasher: &FeatureHasher,
    now: Timestamp,
) -> usize {
    let device = policy.device_cookie.then_some(device.map(str::as_bytes));
    let signals = Signals::from_context(
        &RequestContext { token_status: token_fact, device, ..RequestContext::parse(text, kind) },
        hasher,
    );
    let in_session = Some(&session).filter(|_| kind != RiskEventKind::SignIn);
    let assessment = assess(&profile, in_session, &signals, policy, now);
    profile.learn(in_session, &signals, now);
    session.record_accepted(&signals, now);
    let response = match assessment.action {
        RiskAction::Allow => RiskResponse::Allow,
        RiskAction::StepUp => RiskResponse::StepUp,
        RiskAction::Revoke => RiskResponse::Revoke,
    };
    let row = RiskReport { kind, assessment, response }.encode();
    let (profile, session) = (profile.to_bytes(), session.to_bytes());
    let lengths = [profile.len(), session.len()].map(|length| (length as f64).to_le_bytes());
    shared_buffer::write_output(&[lengths.as_flattened(), &row, &profile, &session]);
    row.chunks(size_of::<f64>()).len().saturating_add(lengths.len())
}

/// Merges two risk profiles of one user.
#[wasm_bindgen(js_name = mergeRiskProfiles)]
pub fn merge_profiles(one: &[u8], other: &[u8]) -> JsResult<Vec<u8>> {
    let merged =
        decode_profile(one).and_then(|one| Ok(one.merge(&decode_profile(other)?).to_bytes()));
    merged.map_err(to_js_error)
}

fn decode_event(event: &str) -> Result<(RiskEventKind, TokenStatus, Option<&str>, &str)> {
    let mut parts = event.splitn(4, '\0');
    let mut place =
        || parts.next().and_then(|text| text.parse::<usize>().ok()).unwrap_or(usize::MAX);
    let (kind, fact) = (RiskEventKind::ALL.get(place()), TokenStatus::ALL.get(place()));
    let (kind, fact) = kind.zip(fact).ok_or(Error::from(ErrorCode::Internal))?;
    let device = parts.next().filter(|name| !name.is_empty());
    Ok((*kind, *fact, device, parts.next().unwrap_or_default()))
}

fn decode_policy(policy: JsValue) -> Result<RiskPolicy> {
    if policy.is_undefined() {
        return Ok(RiskPolicy::default());
    }
    RiskPolicy::new(&decode::decode_risk_policy(&JsObject::new(policy, ErrorCode::Config))?)
}

/// Decodes the key of the feature hashes, without which the hashed features could be guessed.
fn decode_feature_hash_key(given: JsValue) -> Result<[u8; 32]> {
    let mut key = [0; 32];
    if !given.is_undefined() {
        let secret = decode::decode_secret(&JsObject::new(given, ErrorCode::Config))?;
        hkdf(&secret.validated_bytes("featureHashKey")?, &[], b"portcullis/1/risk", &mut key)?;
    }
    Ok(key)
}

fn decode_profile(bytes: &[u8]) -> Result<RiskProfile> {
    decode_stored(
        bytes,
        RiskProfile::from_bytes,
        "Invalid profile: pass the bytes that scoreAnomaly gave, or null.",
    )
}

fn decode_session_profile(bytes: &[u8]) -> Result<SessionProfile> {
    let why = "Invalid session memory: pass the bytes that scoreAnomaly gave, or null.";
    decode_stored(bytes, SessionProfile::from_bytes, why)
}

fn decode_stored<T: Default>(
    bytes: &[u8],
    read: impl Fn(&[u8]) -> Option<T>,
    why: &'static str,
) -> Result<T> {
    if bytes.is_empty() {
        return Ok(T::default());
    }
    read(bytes).ok_or(Error::with_message(ErrorCode::Argument, why))
}
