//! Exports that sign and verify tokens outside a session.

use super::convert::{JsResult, parse_time, rejection_index, to_js, to_js_error};
use super::js_object::JsObject;
use super::{decode, shared_buffer};
use crate::formats::token::claims::{ExpectedClaims, ValidityWindow};
use crate::formats::token::jwk::KeyUse;
use crate::formats::token::jwks::JwksDocument;
use crate::formats::token::jws::Verifier;
use crate::formats::token::key_import::TokenKey;
use crate::formats::token::signer::{Signer, TokenSettings};
use crate::foundation::error::{Error, ErrorCode, RejectionReason, Result};
use crate::foundation::time::{Seconds, Timestamp};
use crate::model::policy;
use serde::Serialize;
use std::cell::Cell;
use wasm_bindgen::prelude::*;

/// The result of [`TokenVerifier::verify`] where the host gave no valid time.
const NO_TIME: i32 = i32::MIN;

/// Trusted keys that are ready to verify.
#[wasm_bindgen]
#[derive(Debug)]
pub struct TokenVerifier {
    verifier: Verifier,
    window: Cell<Option<ValidityWindow>>,
}

#[wasm_bindgen]
impl TokenVerifier {
    /// Prepares the keys: see [`Verifier::new`].
    #[wasm_bindgen(constructor)]
    pub fn new(options: JsValue) -> JsResult<TokenVerifier> {
        let verifier =
            build_verifier(&JsObject::new(options, ErrorCode::Config)).map_err(to_js_error)?;
        Ok(TokenVerifier { verifier, window: Cell::new(None) })
    }

    /// Verifies the token in the shared buffer: see [`Verifier::verify`]. Gives the length of the
    /// claims in the shared buffer, or a number below 0 for a rejection.
    pub fn verify(&self, length: usize, now: f64) -> i32 {
        let Ok(now) = Timestamp::from_host(now) else { return NO_TIME };
        shared_buffer::with_input_text(length, |token| {
            shared_buffer::with_output(|buffer| self.verify_buffer(token, now, buffer))
        })
    }

    /// The start of the last verified token's validity, in milliseconds since 1970.
    #[wasm_bindgen(js_name = validFromMs)]
    pub fn valid_from_ms(&self) -> f64 {
        self.window.get().map_or(0.0, |window| window.from.ms() as f64)
    }

    /// The end of the last verified token's validity, in milliseconds since 1970.
    #[wasm_bindgen(js_name = validUntilMs)]
    pub fn valid_until_ms(&self) -> f64 {
        self.window.get().map_or(0.0, |window| window.until.ms() as f64)
    }
}

impl TokenVerifier {
    fn verify_buffer(&self, token: &str, now: Timestamp, buffer: &mut Vec<u8>) -> i32 {
        match self.verifier.verify(token, now, buffer) {
            Ok(verified) => {
                self.window.set(Some(verified.window()));
                shared_buffer::write_claim_index(&verified)
            }
            Err(reason) => rejection_index(reason),
        }
    }
}

fn build_verifier(options: &JsObject) -> Result<Verifier> {
    let max_age =
        options.get_number("maxTokenAgeSeconds")?.map(|age| policy::max_token_age(Some(age)));
    let expected = ExpectedClaims {
        issuer: options.get_text("issuer")?,
        audiences: options.get_text_list("audiences")?,
        // `null` permits a token without `typ`.
        token_types: options.get_list("types", |typ| Ok(typ.as_string()))?,
        required_claims: options.get_text_list("required")?,
        leeway: policy::leeway(options.get_number("leewaySeconds")?)?,
        max_lifetime: policy::max_lifetime(options.get_number("maxLifetimeSeconds")?)?,
        max_age: max_age.transpose()?,
    };
    Verifier::new(&decode_keys(options, KeyUse::Verify)?, expected)
}

fn decode_keys(options: &JsObject, usage: KeyUse) -> Result<Vec<TokenKey>> {
    let keys =
        options.get_object_list("keys", |key| decode::decode_token_key(key)?.parse(usage))?;
    if keys.len() > crate::formats::key_ring::MAX_RING_KEYS {
        return Err(Error::with_message(
            ErrorCode::Config,
            "More than 64 keys were passed: remove the unused keys.",
        ));
    }
    Ok(keys)
}

/// Keys that are ready to sign.
#[wasm_bindgen]
#[derive(Debug)]
pub struct TokenSigner {
    signer: Signer,
}

#[wasm_bindgen]
impl TokenSigner {
    /// Prepares the keys: see [`Signer::new`].
    #[wasm_bindgen(constructor)]
    pub fn new(options: JsValue) -> JsResult<TokenSigner> {
        Ok(TokenSigner {
            signer: build_signer(&JsObject::new(options, ErrorCode::Argument))
                .map_err(to_js_error)?,
        })
    }

    /// Signs the claims in the shared buffer: see [`Signer::sign`]. Gives the length of the token
    /// in the shared buffer.
    pub fn sign(&self, length: usize, now: f64) -> JsResult<usize> {
        let now = parse_time(now)?;
        let token = shared_buffer::with_input_text(length, |claims| self.signer.sign(claims, now))
            .map_err(to_js_error)?;
        Ok(shared_buffer::write_output(&[token.as_bytes()]))
    }
}

fn build_signer(options: &JsObject) -> Result<Signer> {
    let (issuer, audiences, typ) = (
        options.get_text("issuer")?,
        options.get_text_list("audiences")?,
        options.get_text("typ")?,
    );
    // A fraction or a number out of range becomes 0, which is rejected.
    let ttl =
        options.get_number("ttlSeconds")?.filter(|ttl| ttl.fract() == 0.0).unwrap_or(0.0) as u32;
    let names = TokenSettings { issuer: &issuer, audiences: &audiences, typ: &typ };
    Signer::new(&decode_keys(options, KeyUse::Sign)?, &names, Seconds(ttl))
}

/// The code, status and message of every rejection, in the order of [`TokenVerifier::verify`].
#[wasm_bindgen(js_name = rejectionTable)]
pub fn rejection_table() -> JsResult<JsValue> {
    #[derive(Serialize)]
    struct RejectionRow {
        code: &'static str,
        status: u16,
        message: &'static str,
    }
    let row = |reason: &RejectionReason| RejectionRow {
        code: reason.code(),
        status: reason.status(),
        message: reason.message(),
    };
    to_js(&RejectionReason::ALL.iter().map(row).collect::<Vec<_>>())
}

/// Throws the error of an invalid time.
#[wasm_bindgen(js_name = checkTime)]
pub fn check_time(now: f64) -> JsResult<()> {
    parse_time(now).map(drop)
}

/// The public set of signing keys, as `{ set, maxAgeSeconds }`: see [`JwksDocument`].
#[wasm_bindgen(js_name = createJwks)]
pub fn create_jwks(options: JsValue, now: f64) -> JsResult<JsValue> {
    let set =
        decode_keys(&JsObject::new(options, ErrorCode::Config), KeyUse::Sign).and_then(|keys| {
            let public = keys.into_iter().map(TokenKey::to_public).collect::<Result<Vec<_>>>()?;
            JwksDocument::new(&public)
        });
    build_jwks(&set.map_err(to_js_error)?, parse_time(now)?)
}

pub(super) fn build_jwks(keys: &JwksDocument, now: Timestamp) -> JsResult<JsValue> {
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct JwksResponse {
        set: String,
        max_age_seconds: f64,
    }
    to_js(&JwksResponse { set: keys.to_jwks(now), max_age_seconds: keys.max_age(now) as f64 })
}
