//! A site and its decisions, as a class that JavaScript holds.

use super::convert::{JsResult, parse_time, rejection_index, to_js, to_js_error};
use super::js_object::JsObject;
use super::{decode, shared_buffer, tokens};
use crate::decide::{self, Operation, Plan, Site};
use crate::formats::token::claims::ValidityWindow;
use crate::foundation::error::{ErrorCode, Result};
use crate::foundation::secret::Entropy;
use crate::foundation::time::Timestamp;
use std::cell::Cell;
use wasm_bindgen::prelude::*;
use zeroize::Zeroize;

/// A site that is ready to decide.
#[wasm_bindgen]
#[derive(Debug)]
pub struct SiteCore {
    site: Site,
    /// The validity of the last access token that was verified.
    valid_window: Cell<Option<ValidityWindow>>,
}

#[wasm_bindgen]
impl SiteCore {
    /// Validates the options of a site and derives its keys.
    #[wasm_bindgen(constructor)]
    pub fn new(site: JsValue) -> JsResult<SiteCore> {
        let site = decode::decode_site(&JsObject::new(site, ErrorCode::Config)).and_then(Site::new);
        Ok(SiteCore { site: site.map_err(to_js_error)?, valid_window: Cell::new(None) })
    }

    /// The start of the last verified token's validity, in milliseconds since 1970.
    #[wasm_bindgen(js_name = validFromMs)]
    pub fn valid_from_ms(&self) -> f64 {
        self.valid_window.get().map_or(0.0, |window| window.from.ms() as f64)
    }

    /// The end of the last verified token's validity, in milliseconds since 1970.
    #[wasm_bindgen(js_name = validUntilMs)]
    pub fn valid_until_ms(&self) -> f64 {
        self.valid_window.get().map_or(0.0, |window| window.until.ms() as f64)
    }

    /// Authenticates the request in the shared buffer: see [`decode::decode_request`] and
    /// [`decide::authenticate`]. Gives the length of the claims in the shared buffer, or a number
    /// below 0 for a rejection.
    pub fn authenticate(&self, length: usize, now: f64) -> JsResult<i32> {
        let now = parse_time(now)?;
        let answer = shared_buffer::with_input_text(length, |text| {
            shared_buffer::with_output(|buffer| self.authenticate_buffer(text, now, buffer))
        });
        answer.map_err(to_js_error)
    }

    /// The public keys of the ring: see [`tokens::create_jwks`].
    #[wasm_bindgen(js_name = jwks)]
    pub fn jwks(&self, now: f64) -> JsResult<JsValue> {
        tokens::build_jwks(&self.site.jwks, parse_time(now)?)
    }

    /// Creates a CSRF token for a session: see [`decide::create_csrf_token`].
    #[wasm_bindgen(js_name = createCsrfToken)]
    pub fn csrf_token(
        &self,
        session_id: &str,
        authenticated_at: f64,
        acr: Option<String>,
        now: f64,
        entropy: Vec<u8>,
    ) -> JsResult<String> {
        let mut entropy = Entropy::new(entropy);
        let (at, now) = (parse_time(authenticated_at)?, parse_time(now)?);
        decide::create_csrf_token(&self.site, session_id, at, acr.as_deref(), now, &mut entropy)
            .map_err(to_js_error)
    }

    /// Plans an operation: see [`decide::plan`]. Gives the store key (a string) or the outcome (an
    /// object).
    pub fn plan(&self, operation: JsValue, now: f64) -> JsResult<JsValue> {
        let operation = parse_operation(operation)?;
        match decide::plan(&self.site, &operation, parse_time(now)?).map_err(to_js_error)? {
            Plan::Read(key) => Ok(JsValue::from_str(&key.store_key())),
            Plan::Done(outcome) => to_js(&outcome),
        }
    }

    /// Decides an operation: see [`decide::decide`].
    pub fn decide(
        &self,
        operation: JsValue,
        entry: Option<Vec<u8>>,
        now: f64,
        entropy: Vec<u8>,
    ) -> JsResult<JsValue> {
        let mut entropy = Entropy::new(entropy);
        let operation = parse_operation(operation)?;
        to_js(
            &decide::decide(
                &self.site,
                &operation,
                entry.as_deref(),
                parse_time(now)?,
                &mut entropy,
            )
            .map_err(to_js_error)?,
        )
    }

    /// Names the session that a sign-in replaces: see [`decide::session_to_replace`].
    #[wasm_bindgen(js_name = sessionToReplace)]
    pub fn session_to_replace(&self, sign_in: JsValue) -> JsResult<Option<String>> {
        let sign_in = decode::decode_sign_in(&JsObject::new(sign_in, ErrorCode::Argument));
        sign_in
            .and_then(|sign_in| decide::session_to_replace(&self.site, &sign_in))
            .map_err(to_js_error)
    }
}

impl SiteCore {
    fn authenticate_buffer(
        &self,
        request: &str,
        now: Timestamp,
        buffer: &mut Vec<u8>,
    ) -> Result<i32> {
        Ok(
            match decide::authenticate(&self.site, &decode::decode_request(request)?, now, buffer)?
            {
                Ok(authenticated) => {
                    self.valid_window.set(Some(authenticated.verified.window()));
                    shared_buffer::write_claim_index(&authenticated.verified)
                }
                Err(reason) => rejection_index(reason),
            },
        )
    }
}

/// Overwrites the stack that calls have used: ciphers and hashes leave copies of keys in it.
#[wasm_bindgen(js_name = scrubStack)]
pub fn scrub_stack() {
    let mut used = [1u8; 128 * 1024];
    std::hint::black_box(&mut used).zeroize();
}

/// The number of random bytes that a sign-in or a step-up draws once.
#[wasm_bindgen(js_name = initialEntropyBytes)]
pub fn initial_entropy_bytes() -> usize {
    decide::INITIAL_ENTROPY_BYTES
}

/// The number of random bytes that each attempt draws.
#[wasm_bindgen(js_name = attemptBytes)]
pub fn attempt_bytes() -> usize {
    decide::ATTEMPT_BYTES
}

fn parse_operation(value: JsValue) -> JsResult<Operation> {
    decode::decode_operation(&JsObject::new(value, ErrorCode::Argument)).map_err(to_js_error)
}
