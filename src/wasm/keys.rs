//! Making keys, subkeys and opaque tokens; sealing. The randomness comes from the host.

use super::given::Given;
use super::{JsResult, inputs, output, thrown};
use crate::foundation::base64url;
use crate::foundation::error::{Code, Error, Result};
use crate::formats::keys::{self, Key, SecretInput};
use crate::formats::seal::{self, Purpose, Unopened};
use crate::foundation::secret::{Entropy, SecretText};
use crate::foundation::time::Timestamp;
use crate::formats::token::algorithm::Algorithm;
use crate::formats::token::import;
use crate::formats::token::jwk;
use js_sys::Uint8Array;
use serde::Serialize;
use wasm_bindgen::prelude::*;
use zeroize::Zeroizing;

/// The default source of entropy: the runtime's `crypto.getRandomValues`, asked only when something
/// is issued.
#[wasm_bindgen(js_name = randomBytes)]
#[allow(clippy::disallowed_methods, reason = "this is the door through which the host brings it")]
pub fn random_bytes(length: usize) -> JsResult<Uint8Array> {
    let mut bytes = Zeroizing::new(vec![0; length.min(1024)]);
    getrandom::fill(&mut bytes).map_err(|_| thrown(Error::from(Code::Entropy)))?;
    Ok(handed_over(&bytes))
}

/// Secret bytes for JavaScript. A vector that crosses by itself is freed without being wiped.
fn handed_over(bytes: &[u8]) -> Uint8Array {
    Uint8Array::from(bytes)
}

/// Random bytes as base64url, once they look random.
#[wasm_bindgen(js_name = opaque)]
pub fn opaque(bytes: Vec<u8>) -> JsResult<JsValue> {
    let bytes = Zeroizing::new(bytes);
    Entropy::new(bytes.to_vec()).take::<16>().map_err(thrown)?;
    Ok(JsValue::from_str(&Zeroizing::new(base64url::encode(&bytes))))
}

/// A new key: its name, itself, and its public half where it has one, as JSON Web Keys.
#[wasm_bindgen(js_name = generateKey)]
pub fn generate_key(algorithm: &str, id: Option<String>, random: Vec<u8>) -> JsResult<JsValue> {
    output(&generated(algorithm, id, random).map_err(thrown)?)
}

#[derive(Serialize)]
struct Generated {
    id: String,
    private: SecretText,
    public: Option<String>,
}

fn generated(algorithm: &str, id: Option<String>, random: Vec<u8>) -> Result<Generated> {
    let unknown = || {
        Error::because(Code::Argument, "There is no such algorithm: HS256, EdDSA and ES256 are.")
    };
    let algorithm = Algorithm::named(algorithm).ok_or_else(unknown)?;
    let mut random = Entropy::new(random);
    let private = import::generate(algorithm, random.take()?)?;
    let name: [u8; 16] = random.take()?;
    if algorithm == Algorithm::Hs256 {
        let id = id.unwrap_or_else(|| base64url::encode(&name));
        let id = keys::checked_id(&id)?.to_owned();
        return Ok(Generated { private: jwk::write_private(private, &id)?, public: None, id });
    }
    let public = private.half()?;
    let id = id.map_or_else(|| jwk::thumbprint(&public), Ok)?;
    let id = keys::checked_id(&id)?.to_owned();
    let (private, public) =
        (jwk::write_private(private, &id)?, Some(jwk::write_public(&public, Some(&id))?));
    Ok(Generated { private, public, id })
}

/// See [`keys::hkdf`], with a strong secret and a label that is not one of ours.
#[wasm_bindgen(js_name = deriveSubkey)]
pub fn derive_subkey(secret: JsValue, label: &str, length: usize) -> JsResult<Uint8Array> {
    let secret = inputs::secret(&Given::new(secret, Code::Argument));
    let key = secret.and_then(|secret| subkey(&secret, label, length));
    key.map(|key| handed_over(&key)).map_err(thrown)
}

fn subkey(secret: &SecretInput, label: &str, length: usize) -> Result<Zeroizing<Vec<u8>>> {
    let wrong = |why: &'static str| Err(Error::because(Code::Argument, why));
    if label.is_empty() || label.len() > 256 || label.starts_with("portcullis/") {
        return wrong(
            "label must have 1 to 256 bytes and not begin with \"portcullis/\": those are ours.",
        );
    }
    if !(16..=1024).contains(&length) {
        return wrong("length must be a whole number from 16 to 1024 bytes.");
    }
    let mut key = Zeroizing::new(vec![0; length]);
    keys::hkdf(&secret.checked("deriveSubkey")?, &[], label.as_bytes(), &mut key)?;
    Ok(key)
}

/// The most that is sealed at once: the module's memory is bounded.
const PLAIN_MAX_BYTES: usize = 1024 * 1024;

/// Seals the application's own bytes with the current key. See [`seal::seal_with_nonce`].
#[wasm_bindgen(js_name = seal)]
pub fn seal_data(
    ring: JsValue,
    context: Vec<u8>,
    nonce: Vec<u8>,
    plain: Vec<u8>,
    now: f64,
) -> JsResult<Vec<u8>> {
    let plain = Zeroizing::new(plain);
    let ring = read(ring)?;
    let sealed = (|| {
        check_sizes(plain.len(), context.len())?;
        let now = Timestamp::from_host(now)?;
        let schedules = ring.iter().map(|key| (key, &key.schedule));
        let none = || {
            Error::because(
                Code::Config,
                "No key may seal now: every one is upcoming or retired, or there is none.",
            )
        };
        let key = crate::formats::schedule::current(schedules, now).ok_or_else(none)?;
        seal::seal_with_nonce(key, Purpose::Data(&context), &Entropy::new(nonce).take()?, &plain)
    })();
    sealed.map_err(thrown)
}

/// Opens them. See [`seal::open`].
#[wasm_bindgen(js_name = open)]
pub fn open_data(ring: JsValue, context: Vec<u8>, sealed: Vec<u8>) -> JsResult<Uint8Array> {
    let ring = read(ring)?;
    let opened = check_sizes(sealed.len().saturating_sub(seal::OVERHEAD_BYTES), context.len())
        .and_then(|()| {
            let plain = seal::open(
                |tag| ring.iter().find(|key| key.tag == *tag),
                Purpose::Data(&context),
                &sealed,
            );
            plain.map_err(|why| Error::from(unopened(why)))
        });
    opened.map(|plain| handed_over(&plain)).map_err(thrown)
}

fn read(ring: JsValue) -> JsResult<Vec<Key>> {
    let ring =
        Given::new(ring, Code::Config).objects("ring", |key| Key::new(&inputs::ring_key(key)?));
    ring.map_err(thrown)
}

fn check_sizes(plain: usize, context: usize) -> Result<()> {
    if plain > PLAIN_MAX_BYTES || context > 4096 {
        return Err(Error::because(
            Code::Argument,
            "At most 1 MiB is sealed at once, with at most 4 KiB of associated data.",
        ));
    }
    Ok(())
}

const fn unopened(why: Unopened) -> Code {
    match why {
        Unopened::Newer => Code::SealedNewer,
        Unopened::UnknownKey => Code::SealedKey,
        Unopened::Corrupt => Code::SealedCorrupt,
    }
}
