//! Floor 4. The door to JavaScript: the only file that names it. Every export is synchronous and takes `&self`, so
//! nothing of Rust is alive across a JavaScript `await`.

use crate::decide::{self, Facts, Operation, Plan, PresentedFacts, RequestFacts, SessionFacts, Site};
use crate::error::{Code, Error, Reason, Result};
use crate::keys::{Key, KeyInput};
use crate::policy;
use crate::record::Cause;
use crate::secret::{Entropy, SecretText};
use crate::time::{Seconds, Timestamp};
use crate::token::general::{self, Believed};
use crate::token::jws::Expected;
use crate::token::verifying::PublishedKey;
use js_sys::Reflect;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
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

    /// See [`decide::authenticate`]: the claims as text, or the refusal (an object). The facts come one by one: this is the path of every request, and an object costs more.
    #[allow(clippy::too_many_arguments, reason = "strings cross the boundary faster than the fields of an object")]
    pub fn authenticate(
        &self,
        method: String,
        scheme: String,
        host: String,
        cookie: Option<String>,
        sec_fetch_site: Option<String>,
        origin: Option<String>,
        now: f64,
    ) -> JsResult<JsValue> {
        let request =
            RequestFacts { method, scheme, host, cookie: cookie.map(SecretText::new), sec_fetch_site, origin };
        match decide::authenticate(&self.site, &request, time(now)?).map_err(thrown)? {
            Ok(authenticated) => Ok(JsValue::from_str(&authenticated.text)),
            Err(rejection) => output(&rejection),
        }
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

/// The default source of entropy: the runtime's `crypto.getRandomValues`, asked only when something is issued.
#[wasm_bindgen(js_name = randomBytes)]
#[allow(clippy::disallowed_methods, reason = "this is the door through which the host brings it")]
pub fn random_bytes(length: usize) -> JsResult<Vec<u8>> {
    let mut bytes = vec![0; length.min(1024)];
    getrandom::fill(&mut bytes).map_err(|_| thrown(Error::from(Code::Entropy)))?;
    Ok(bytes)
}

/// base64url, for secrets that are printed once.
#[wasm_bindgen(js_name = toBase64Url)]
pub fn to_base64url(bytes: Vec<u8>) -> String {
    crate::base64url::encode(&zeroize::Zeroizing::new(bytes))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct IssueOptions {
    key: KeyInput,
    issuer: String,
    audience: String,
    typ: String,
    ttl_seconds: Option<f64>,
    now_ms: f64,
}

/// See [`general::issue`].
#[wasm_bindgen(js_name = generateToken)]
pub fn generate_token(claims: &str, options: JsValue) -> JsResult<String> {
    let options: IssueOptions = input(options, Code::Argument)?;
    let key = Key::new(&options.key).map_err(thrown)?;
    let names = general::Names { issuer: &options.issuer, audience: &options.audience, typ: &options.typ };
    // A fraction or a number out of range becomes 0, which `issue` refuses.
    let ttl = options.ttl_seconds.filter(|ttl| ttl.fract() == 0.0).unwrap_or(0.0) as u32;
    general::issue(&key, claims, &names, Seconds(ttl), time(options.now_ms)?).map_err(thrown)
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct CheckOptions {
    ring: Vec<KeyInput>,
    /// JSON Web Keys, as JSON text.
    published: Vec<SecretText>,
    issuer: String,
    audience: String,
    types: Vec<Option<String>>,
    leeway_seconds: Option<f64>,
    max_lifetime_seconds: Option<f64>,
    now_ms: f64,
}

impl CheckOptions {
    fn believed(&self) -> Result<Believed> {
        let ring = self.ring.iter().map(Key::new).collect::<Result<_>>()?;
        let published = self.published.iter().map(|jwk| PublishedKey::from_jwk(jwk.expose())).collect::<Result<_>>()?;
        Believed::new(ring, published)
    }
}

/// See [`general::check`]. The claims as text, or the refusal (an object).
#[wasm_bindgen(js_name = verifyToken)]
pub fn verify_token(token: &str, options: JsValue) -> JsResult<JsValue> {
    let options: CheckOptions = input(options, Code::Argument)?;
    let believed = options.believed().map_err(thrown)?;
    let types: Vec<_> = options.types.iter().map(Option::as_deref).collect();
    let expected = Expected {
        issuer: &options.issuer,
        audience: &options.audience,
        types: &types,
        leeway: policy::leeway(options.leeway_seconds).map_err(thrown)?,
        max_lifetime: policy::max_lifetime(options.max_lifetime_seconds).map_err(thrown)?,
    };
    match general::check(&believed, token, &expected, time(options.now_ms)?).map_err(thrown)? {
        Ok(claims) => Ok(JsValue::from_str(&claims)),
        Err(reason) => output(&Refused { code: reason.code(), message: reason.message() }),
    }
}

#[derive(Serialize)]
struct Refused {
    code: &'static str,
    message: &'static str,
}

/// Every reason's code, status and sentence, for refusals that the host makes by itself.
#[wasm_bindgen(js_name = rejection)]
pub fn rejection(code: &str) -> JsResult<JsValue> {
    match Reason::ALL.iter().find(|reason| reason.code() == code) {
        Some(reason) => output(&decide::Rejection::new(*reason, decide::Headers::new())),
        None => Err(thrown(Error::from(Code::Internal))),
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RotationInput {
    now_ms: f64,
    presented: PresentedInput,
    session: Option<SessionInput>,
    removal: Option<Cause>,
    throttle_seconds: Option<f64>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PresentedInput {
    generation: u32,
    absolute_deadline_ms: f64,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct SessionInput {
    generation: u32,
    same_secret: bool,
    rotated_at_ms: f64,
    idle_deadline_ms: f64,
    absolute_deadline_ms: f64,
}

/// See [`decide::decide_rotation`].
#[wasm_bindgen(js_name = decideRotation)]
pub fn decide_rotation(facts: JsValue) -> JsResult<JsValue> {
    let facts: RotationInput = input(facts, Code::Argument)?;
    output(&decide::decide_rotation(&Facts {
        now: time(facts.now_ms)?,
        presented: PresentedFacts {
            generation: facts.presented.generation,
            absolute_deadline: time(facts.presented.absolute_deadline_ms)?,
        },
        session: facts.session.map(SessionInput::facts).transpose()?,
        removal: facts.removal,
        throttle: policy::throttle(facts.throttle_seconds).map_err(thrown)?,
    }))
}

impl SessionInput {
    fn facts(self) -> JsResult<SessionFacts> {
        let end = time(self.idle_deadline_ms)?.min(time(self.absolute_deadline_ms)?);
        Ok(SessionFacts {
            generation: self.generation,
            same_secret: self.same_secret,
            rotated_at: time(self.rotated_at_ms)?,
            end,
        })
    }
}

/// Stops the core in the middle of a call, for tests of what comes after: `abort`, `stack` or `memory`.
#[wasm_bindgen(js_name = forceTrap)]
pub fn force_trap(how: &str) -> JsResult<()> {
    match how {
        "abort" => std::process::abort(),
        "stack" => output(&sink(1)).map(|_| ()),
        "memory" => output(&std::hint::black_box(vec![1u8; 1 << 30]).len()).map(|_| ()),
        _ => Err(thrown(Error::from(Code::Argument))),
    }
}

/// Recurses for longer than any stack, in a way that no optimiser turns into a loop.
fn sink(depth: u64) -> u64 {
    let deeper = if std::hint::black_box(depth) == 0 { 0 } else { sink(depth.wrapping_add(1)) };
    std::hint::black_box(deeper).wrapping_add(depth)
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
