//! Floor 4. The door to JavaScript: the only folder that names it. Every export is synchronous and
//! takes `&self`, so nothing of Rust is alive across a JavaScript `await`.
//!
//! - here: a site and its decisions
//! - `given`, `inputs`: what JavaScript hands over, read field by field
//! - `desk`: where texts of every request lie, so that they cross without being allocated
//! - `tokens`: signing and verifying outside a session
//! - `keys`: making keys, subkeys, opaque tokens; sealing
//! - `rotation`: the decision table on facts
//! - `risk`: scoring, without a site
//! - `examine`: what tests of the module need

mod desk;
mod examine;
mod given;
mod inputs;
mod keys;
mod risk;
mod rotation;
mod tokens;

use crate::decide::{self, Operation, Plan, Site};
use crate::foundation::error::{Code, Error, Reason, Result};
use crate::foundation::secret::Entropy;
use crate::foundation::time::Timestamp;
use crate::formats::token::claims::Window;
use given::Given;
use js_sys::Reflect;
use serde::Serialize;
use std::alloc::System;
use std::cell::Cell;
use wasm_bindgen::prelude::*;
use zeroize::Zeroize;
use zeroizing_alloc::ZeroAlloc;

/// Wipes what it takes back: a value that moves leaves its bytes where it was.
#[global_allocator]
static ALLOCATOR: ZeroAlloc<System> = ZeroAlloc(System);

type JsResult<T> = std::result::Result<T, JsValue>;

/// A site, ready to decide.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Core {
    site: Site,
    /// Of the last access token that was believed.
    window: Cell<Option<Window>>,
}

#[wasm_bindgen]
impl Core {
    /// Checks a site's description and derives its keys.
    #[wasm_bindgen(constructor)]
    pub fn new(site: JsValue) -> JsResult<Core> {
        let site = inputs::site(&Given::new(site, Code::Config)).and_then(Site::new);
        Ok(Core { site: site.map_err(thrown)?, window: Cell::new(None) })
    }

    /// From when on the last access token that was believed is, in milliseconds since 1970.
    #[wasm_bindgen(js_name = goodFrom)]
    pub fn good_from(&self) -> f64 {
        self.window.get().map_or(0.0, |window| window.from.ms() as f64)
    }

    /// The first moment at which it is not any more.
    #[wasm_bindgen(js_name = goodUntil)]
    pub fn good_until(&self) -> f64 {
        self.window.get().map_or(0.0, |window| window.until.ms() as f64)
    }

    /// Checks the request whose text lies on the desk: see [`inputs::request`]. Gives how many
    /// bytes of claims lie there now; or, below 0, which of the reasons refused. See
    /// [`decide::authenticate`].
    pub fn authenticate(&self, length: usize, now: f64) -> JsResult<i32> {
        let now = time(now)?;
        let answer = desk::with_text(length, |text| {
            desk::answer(|room| self.authenticated(text, now, room))
        });
        answer.map_err(thrown)
    }

    /// The public keys of the ring: see [`tokens::published_set`].
    #[wasm_bindgen(js_name = publishedSet)]
    pub fn published_set(&self, now: f64) -> JsResult<JsValue> {
        tokens::published(&self.site.published, time(now)?)
    }

    /// A CSRF token for a session: see [`decide::csrf_token`].
    #[wasm_bindgen(js_name = csrfToken)]
    pub fn csrf_token(
        &self,
        session_id: &str,
        authenticated_at: f64,
        acr: Option<String>,
        now: f64,
        entropy: Vec<u8>,
    ) -> JsResult<String> {
        let mut entropy = Entropy::new(entropy);
        let (at, now) = (time(authenticated_at)?, time(now)?);
        decide::csrf_token(&self.site, session_id, at, acr.as_deref(), now, &mut entropy)
            .map_err(thrown)
    }

    /// See [`decide::plan`]: the store's key (a string), or the outcome (an object).
    pub fn plan(&self, operation: JsValue, now: f64) -> JsResult<JsValue> {
        let operation = operation_of(operation)?;
        match decide::plan(&self.site, &operation, time(now)?).map_err(thrown)? {
            Plan::Read(key) => Ok(JsValue::from_str(&key.store_key())),
            Plan::Done(outcome) => output(&outcome),
        }
    }

    /// See [`decide::decide`].
    pub fn decide(
        &self,
        operation: JsValue,
        entry: Option<Vec<u8>>,
        now: f64,
        entropy: Vec<u8>,
    ) -> JsResult<JsValue> {
        let mut entropy = Entropy::new(entropy);
        let operation = operation_of(operation)?;
        output(
            &decide::decide(&self.site, &operation, entry.as_deref(), time(now)?, &mut entropy)
                .map_err(thrown)?,
        )
    }

    /// See [`decide::session_to_replace`].
    #[wasm_bindgen(js_name = sessionToReplace)]
    pub fn session_to_replace(&self, sign_in: JsValue) -> JsResult<Option<String>> {
        let sign_in = inputs::sign_in(&Given::new(sign_in, Code::Argument));
        sign_in.and_then(|sign_in| decide::session_to_replace(&self.site, &sign_in)).map_err(thrown)
    }
}

impl Core {
    fn authenticated(&self, request: &str, now: Timestamp, room: &mut Vec<u8>) -> Result<i32> {
        Ok(match decide::authenticate(&self.site, &inputs::request(request)?, now, room)? {
            Ok(authenticated) => {
                self.window.set(Some(authenticated.verified.window()));
                desk::list(&authenticated.verified)
            }
            Err(reason) => refused(reason),
        })
    }
}

/// Overwrites the part of the stack that calls have used: ciphers and hashes leave copies of keys
/// in their frames.
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

fn operation_of(value: JsValue) -> JsResult<Operation> {
    inputs::operation(&Given::new(value, Code::Argument)).map_err(thrown)
}

/// A refusal as a number below 0, for the paths of every request: which of all the reasons (-1 is
/// the first). See [`tokens::reasons`].
fn refused(reason: Reason) -> i32 {
    let position = Reason::ALL.iter().position(|other| *other == reason);
    position
        .and_then(|position| i32::try_from(position).ok())
        .map_or(i32::MIN, |position| !position)
}

fn output<T: Serialize>(value: &T) -> JsResult<JsValue> {
    let serializer = serde_wasm_bindgen::Serializer::new().serialize_missing_as_null(true);
    value.serialize(&serializer).map_err(|_| thrown(Error::from(Code::Internal)))
}

/// A JavaScript `Error` with `code` and `status`; the wrapper makes a `PortcullisError` of it.
fn thrown(error: Error) -> JsValue {
    let thrown = JsValue::from(js_sys::Error::new(error.message()));
    let fields = [
        ("code", JsValue::from_str(error.code().code())),
        ("status", JsValue::from(error.code().status())),
    ];
    for (name, value) in fields {
        // Setting a field of a fresh object cannot fail.
        let _ = Reflect::set(&thrown, &JsValue::from_str(name), &value);
    }
    thrown
}
