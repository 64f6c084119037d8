//! Signing and verifying outside a session.

use super::given::Given;
use super::{JsResult, desk, inputs, output, refused, thrown, time};
use crate::foundation::error::{Code, Error, Reason, Result};
use crate::model::policy;
use crate::foundation::time::{Seconds, Timestamp};
use crate::formats::token::claims::{Expected, Window};
use crate::formats::token::import::TokenKey;
use crate::formats::token::jwk::Use;
use crate::formats::token::jws::Verifier;
use crate::formats::token::published::Published;
use crate::formats::token::signer::{Names, Signer};
use serde::Serialize;
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

#[wasm_bindgen]
impl TokenVerifier {
    /// See [`Verifier::new`].
    #[wasm_bindgen(constructor)]
    pub fn new(options: JsValue) -> JsResult<TokenVerifier> {
        let verifier = verifier(&Given::new(options, Code::Config)).map_err(thrown)?;
        Ok(TokenVerifier { verifier, window: Cell::new(None) })
    }

    /// Verifies the token that lies on the desk. Gives how many bytes of claims lie there now; or,
    /// below 0, which of the reasons refused. See [`Verifier::verify`].
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
                desk::list(&verified)
            }
            Err(reason) => refused(reason),
        }
    }
}

fn verifier(options: &Given) -> Result<Verifier> {
    let max_age = options.number("maxTokenAgeSeconds")?.map(|age| policy::max_token_age(Some(age)));
    let expected = Expected {
        issuer: options.text("issuer")?,
        audiences: options.texts("audiences")?,
        // `null` is the absence of a typ.
        types: options.list("types", |typ| Ok(typ.as_string()))?,
        required: options.texts("required")?,
        leeway: policy::leeway(options.number("leewaySeconds")?)?,
        max_lifetime: policy::max_lifetime(options.number("maxLifetimeSeconds")?)?,
        max_age: max_age.transpose()?,
    };
    Verifier::new(&keys(options, Use::Verify)?, expected)
}

fn keys(options: &Given, wanted: Use) -> Result<Vec<TokenKey>> {
    let keys = options.objects("keys", |key| inputs::token_key(key)?.read(wanted))?;
    if keys.len() > crate::formats::keys::RING_MAX_KEYS {
        return Err(Error::because(
            Code::Config,
            "These are more than 64 keys: drop those that nobody uses.",
        ));
    }
    Ok(keys)
}

/// Keys that sign, ready.
#[wasm_bindgen]
#[derive(Debug)]
pub struct TokenSigner {
    signer: Signer,
}

#[wasm_bindgen]
impl TokenSigner {
    /// See [`Signer::new`].
    #[wasm_bindgen(constructor)]
    pub fn new(options: JsValue) -> JsResult<TokenSigner> {
        Ok(TokenSigner { signer: signer(&Given::new(options, Code::Argument)).map_err(thrown)? })
    }

    /// Signs the claims that lie on the desk; the token lies there then, so many bytes. See
    /// [`Signer::sign`].
    pub fn sign(&self, length: usize, now: f64) -> JsResult<usize> {
        let now = time(now)?;
        let token =
            desk::with_text(length, |claims| self.signer.sign(claims, now)).map_err(thrown)?;
        Ok(desk::put(&[token.as_bytes()]))
    }
}

fn signer(options: &Given) -> Result<Signer> {
    let (issuer, audiences, typ) =
        (options.text("issuer")?, options.texts("audiences")?, options.text("typ")?);
    // A fraction or a number out of range becomes 0, which is refused.
    let ttl = options.number("ttlSeconds")?.filter(|ttl| ttl.fract() == 0.0).unwrap_or(0.0) as u32;
    let names = Names { issuer: &issuer, audiences: &audiences, typ: &typ };
    Signer::new(&keys(options, Use::Sign)?, &names, Seconds(ttl))
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
    let row = |reason: &Reason| Row {
        code: reason.code(),
        status: reason.status(),
        message: reason.message(),
    };
    output(&Reason::ALL.iter().map(row).collect::<Vec<_>>())
}

/// Throws what a bad time deserves.
#[wasm_bindgen(js_name = checkTime)]
pub fn check_time(now: f64) -> JsResult<()> {
    time(now).map(drop)
}

/// The public set of `{ keys }` that sign: `{ set, maxAgeSeconds }`. See [`Published`].
#[wasm_bindgen(js_name = publishedSet)]
pub fn published_set(options: JsValue, now: f64) -> JsResult<JsValue> {
    let set = keys(&Given::new(options, Code::Config), Use::Sign).and_then(|keys| {
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
