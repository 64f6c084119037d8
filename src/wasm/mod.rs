//! Floor 4. The door to JavaScript: the only folder that names it. Every export is synchronous and takes `&self`, so
//! nothing of Rust is alive across a JavaScript `await`.
//!
//! - here: a site and its decisions
//! - `desk`: where texts of every request lie, so that they cross without being allocated
//! - `tokens`: signing and verifying outside a session
//! - `keys`: making keys, subkeys, opaque tokens; sealing
//! - `rotation`: the decision table on facts
//! - `examine`: what tests of the module need

mod desk;
mod examine;
mod keys;
mod rotation;
mod tokens;

use crate::decide::{self, Operation, Plan, RequestFacts, Site};
use crate::error::{Code, Error};
use crate::secret::{Entropy, SecretText};
use crate::time::Timestamp;
use js_sys::Reflect;
use serde::Serialize;
use serde::de::DeserializeOwned;
use wasm_bindgen::prelude::*;
use zeroize::Zeroize;

type JsResult<T> = std::result::Result<T, JsValue>;

/// A site, ready to decide.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Core {
    site: Site,
}

#[wasm_bindgen]
impl Core {
    /// Checks a site's description and derives its keys.
    #[wasm_bindgen(constructor)]
    pub fn new(site: JsValue) -> JsResult<Core> {
        Ok(Core { site: Site::new(input(site, Code::Config)?).map_err(thrown)? })
    }

    /// See [`decide::authenticate`]: how many bytes of claims lie on the desk, or the refusal (an object). The Cookie header
    /// lies on the desk (`None`: there is none); the other facts come one by one: this is the path of every request, and
    /// an object costs more.
    #[allow(clippy::too_many_arguments, reason = "strings cross the boundary faster than the fields of an object")]
    pub fn authenticate(
        &self,
        method: String,
        scheme: String,
        host: String,
        cookie: Option<usize>,
        sec_fetch_site: Option<String>,
        origin: Option<String>,
        now: f64,
    ) -> JsResult<JsValue> {
        let cookie = cookie.map(|length| SecretText::new(desk::with_text(length, str::to_owned)));
        let request = RequestFacts { method, scheme, host, cookie, sec_fetch_site, origin, user_agent: None };
        match decide::authenticate(&self.site, &request, time(now)?).map_err(thrown)? {
            Ok(authenticated) => Ok(JsValue::from(desk::put_claims(&authenticated.text))),
            Err(rejection) => output(&rejection),
        }
    }

    /// The public keys of the ring: see [`tokens::published_set`].
    #[wasm_bindgen(js_name = publishedSet)]
    pub fn published_set(&self, now: f64) -> JsResult<JsValue> {
        tokens::published(&self.site.published, time(now)?)
    }

    /// See [`decide::plan`]: the store's key (a string), or the outcome (an object).
    pub fn plan(&self, operation: JsValue, now: f64) -> JsResult<JsValue> {
        let operation: Operation = input(operation, Code::Argument)?;
        match decide::plan(&self.site, &operation, time(now)?).map_err(thrown)? {
            Plan::Read(key) => Ok(JsValue::from_str(&key.store_key())),
            Plan::Done(outcome) => output(&outcome),
        }
    }

    /// See [`decide::decide`].
    pub fn decide(&self, operation: JsValue, entry: Option<Vec<u8>>, now: f64, entropy: Vec<u8>) -> JsResult<JsValue> {
        let mut entropy = Entropy::new(entropy);
        let operation: Operation = input(operation, Code::Argument)?;
        output(&decide::decide(&self.site, &operation, entry.as_deref(), time(now)?, &mut entropy).map_err(thrown)?)
    }

    /// See [`decide::session_to_replace`].
    #[wasm_bindgen(js_name = sessionToReplace)]
    pub fn session_to_replace(&self, sign_in: JsValue) -> JsResult<Option<String>> {
        decide::session_to_replace(&self.site, &input(sign_in, Code::Argument)?).map_err(thrown)
    }
}

/// Overwrites the part of the stack that calls have used: ciphers and hashes leave copies of keys in their frames.
#[wasm_bindgen(js_name = scrubStack)]
pub fn scrub_stack() {
    let mut used = [1u8; 128 * 1024];
    std::hint::black_box(&mut used).zeroize();
}

/// How many random bytes a sign-in mints before the loop.
#[wasm_bindgen(js_name = mintedBytes)]
pub fn minted_bytes() -> usize {
    decide::MINTED_BYTES
}

/// How many random bytes an attempt needs.
#[wasm_bindgen(js_name = attemptBytes)]
pub fn attempt_bytes() -> usize {
    decide::ATTEMPT_BYTES
}

fn time(ms: f64) -> JsResult<Timestamp> {
    Timestamp::from_host(ms).map_err(thrown)
}

/// The wrapper hands secrets over as bytes only, so serde's sentence cannot quote one.
fn input<T: DeserializeOwned>(value: JsValue, code: Code) -> JsResult<T> {
    serde_wasm_bindgen::from_value(value)
        .map_err(|why| thrown(Error::because(code, format!("An option is wrong: {why}."))))
}

fn output<T: Serialize>(value: &T) -> JsResult<JsValue> {
    let serializer = serde_wasm_bindgen::Serializer::new().serialize_missing_as_null(true);
    value.serialize(&serializer).map_err(|_| thrown(Error::from(Code::Internal)))
}

/// A JavaScript `Error` with `code` and `status`; the wrapper makes a `PortcullisError` of it.
fn thrown(error: Error) -> JsValue {
    let thrown = JsValue::from(js_sys::Error::new(error.message()));
    let fields = [("code", JsValue::from_str(error.code().code())), ("status", JsValue::from(error.code().status()))];
    for (name, value) in fields {
        // Setting a field of a fresh object cannot fail.
        let _ = Reflect::set(&thrown, &JsValue::from_str(name), &value);
    }
    thrown
}
