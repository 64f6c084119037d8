//! Signing and verifying outside a session.

use super::{JsResult, desk, input, output, thrown, time};
use crate::error::{Code, Error, Reason, Result};
use crate::policy;
use crate::time::{Seconds, Timestamp};
use crate::token::claims::{Expected, Window};
use crate::token::import::{TokenKey, TokenKeyInput};
use crate::token::jwk::Use;
use crate::token::jws::Verifier;
use crate::token::published::Published;
use crate::token::signer::{Names, Signer};
use serde::{Deserialize, Serialize};
use std::cell::Cell;
use wasm_bindgen::prelude::*;

/// What [`TokenVerifier::verify`] gives where the clock gave no time.
const NO_TIME: i32 = i32::MIN;

/// Keys that are believed, ready.
#[wasm_bindgen]
#[derive(Debug)]
pub struct TokenVerifier {
    verifier: Verifier,
    window: Cell<Option<Window>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct VerifierOptions {
    keys: Vec<TokenKeyInput>,
    issuer: String,
    audiences: Vec<String>,
    types: Vec<Option<String>>,
    required: Vec<String>,
    leeway_seconds: Option<f64>,
    max_lifetime_seconds: Option<f64>,
    max_token_age_seconds: Option<f64>,
}

#[wasm_bindgen]
impl TokenVerifier {
    /// See [`Verifier::new`].
    #[wasm_bindgen(constructor)]
    pub fn new(options: JsValue) -> JsResult<TokenVerifier> {
        let options: VerifierOptions = input(options, Code::Config)?;
        let verifier = options.verifier().map_err(thrown)?;
        Ok(TokenVerifier { verifier, window: Cell::new(None) })
    }

    /// Verifies the token that lies on the desk. Gives how many bytes of claims lie there now; or, below 0, which of the
    /// reasons refused (-1 is the first). See [`Verifier::verify`].
    pub fn verify(&self, length: usize, now: f64) -> i32 {
        let Ok(now) = Timestamp::from_host(now) else { return NO_TIME };
        desk::with_text(length, |token| desk::answer(|room| self.answer(token, now, room)))
    }

    /// From when on the last answer is good, in milliseconds since 1970.
    #[wasm_bindgen(js_name = goodFrom)]
    pub fn good_from(&self) -> f64 {
        self.window.get().map_or(0.0, |window| window.from.ms() as f64)
    }

    /// The first moment at which the last answer is not good any more.
    #[wasm_bindgen(js_name = goodUntil)]
    pub fn good_until(&self) -> f64 {
        self.window.get().map_or(0.0, |window| window.until.ms() as f64)
    }
}

impl TokenVerifier {
    fn answer(&self, token: &str, now: Timestamp, room: &mut Vec<u8>) -> i32 {
        match self.verifier.verify(token, now, room) {
            Ok(verified) => {
                self.window.set(Some(verified.window()));
                desk::list(verified.text(), verified.claims());
                i32::try_from(verified.text().len()).unwrap_or(NO_TIME)
            }
            Err(reason) => refused(reason),
        }
    }
}

/// The position of a reason in the list of all, below 0.
fn refused(reason: Reason) -> i32 {
    let position = Reason::ALL.iter().position(|other| *other == reason);
    position.and_then(|position| i32::try_from(position).ok()).map_or(NO_TIME, |position| !position)
}

impl VerifierOptions {
    fn verifier(self) -> Result<Verifier> {
        let expected = Expected {
            issuer: self.issuer,
            audiences: self.audiences,
            types: self.types,
            required: self.required,
            leeway: policy::leeway(self.leeway_seconds)?,
            max_lifetime: policy::max_lifetime(self.max_lifetime_seconds)?,
            max_age: self.max_token_age_seconds.map(|age| policy::max_token_age(Some(age))).transpose()?,
        };
        Verifier::new(&read(&self.keys, Use::Verify)?, expected)
    }
}

fn read(keys: &[TokenKeyInput], wanted: Use) -> Result<Vec<TokenKey>> {
    if keys.len() > crate::keys::RING_MAX_KEYS {
        return Err(Error::because(Code::Config, "These are more than 64 keys: drop those that nobody uses."));
    }
    keys.iter().map(|key| key.read(wanted)).collect()
}

/// Keys that sign, ready.
#[wasm_bindgen]
#[derive(Debug)]
pub struct TokenSigner {
    signer: Signer,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct SignerOptions {
    keys: Vec<TokenKeyInput>,
    issuer: String,
    audiences: Vec<String>,
    typ: String,
    ttl_seconds: Option<f64>,
}

#[wasm_bindgen]
impl TokenSigner {
    /// See [`Signer::new`].
    #[wasm_bindgen(constructor)]
    pub fn new(options: JsValue) -> JsResult<TokenSigner> {
        let options: SignerOptions = input(options, Code::Argument)?;
        let names = Names { issuer: &options.issuer, audiences: &options.audiences, typ: &options.typ };
        // A fraction or a number out of range becomes 0, which is refused.
        let ttl = options.ttl_seconds.filter(|ttl| ttl.fract() == 0.0).unwrap_or(0.0) as u32;
        let signer = read(&options.keys, Use::Sign).and_then(|keys| Signer::new(&keys, &names, Seconds(ttl)));
        Ok(TokenSigner { signer: signer.map_err(thrown)? })
    }

    /// Signs the claims that lie on the desk; the token lies there then, so many bytes. See [`Signer::sign`].
    pub fn sign(&self, length: usize, now: f64) -> JsResult<usize> {
        let now = time(now)?;
        let token = desk::with_text(length, |claims| self.signer.sign(claims, now)).map_err(thrown)?;
        Ok(desk::put(token.as_bytes()))
    }
}

/// Every reason's code, status and sentence, in the order of [`TokenVerifier::verify`].
#[wasm_bindgen(js_name = reasons)]
pub fn reasons() -> JsResult<JsValue> {
    #[derive(Serialize)]
    struct Row {
        code: &'static str,
        status: u16,
        message: &'static str,
    }
    let row = |reason: &Reason| Row { code: reason.code(), status: reason.status(), message: reason.message() };
    output(&Reason::ALL.iter().map(row).collect::<Vec<_>>())
}

/// Throws what a bad time deserves.
#[wasm_bindgen(js_name = checkTime)]
pub fn check_time(now: f64) -> JsResult<()> {
    time(now).map(drop)
}

/// The public set of keys that sign: `{ set, maxAgeSeconds }`. See [`Published`].
#[wasm_bindgen(js_name = publishedSet)]
pub fn published_set(keys: JsValue, now: f64) -> JsResult<JsValue> {
    let keys: Vec<TokenKeyInput> = input(keys, Code::Config)?;
    let set = read(&keys, Use::Sign).and_then(|keys| {
        let public = keys.into_iter().map(TokenKey::public).collect::<Result<Vec<_>>>()?;
        Published::new(&public)
    });
    published(&set.map_err(thrown)?, time(now)?)
}

pub(super) fn published(keys: &Published, now: Timestamp) -> JsResult<JsValue> {
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct Set {
        set: String,
        max_age_seconds: f64,
    }
    output(&Set { set: keys.set(now), max_age_seconds: keys.max_age(now) as f64 })
}
