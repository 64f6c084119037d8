//! Exports that generate keys, subkeys and opaque tokens, and that seal and unseal. The host brings
//! the randomness.

use super::convert::{JsResult, to_js, to_js_error};
use super::decode;
use super::js_object::JsObject;
use crate::formats::key_ring::{self, RingKey};
use crate::formats::seal::{self, SealPurpose, UnsealError};
use crate::formats::secret_input::SecretInput;
use crate::formats::token::algorithm::Algorithm;
use crate::formats::token::jwk;
use crate::formats::token::key_import;
use crate::foundation::base64url;
use crate::foundation::error::{Error, ErrorCode, Result};
use crate::foundation::secret::{Entropy, SecretText};
use crate::foundation::time::Timestamp;
use js_sys::Uint8Array;
use serde::Serialize;
use wasm_bindgen::prelude::*;
use zeroize::Zeroizing;

/// Draws random bytes from the runtime's `crypto.getRandomValues`. This is the default source of
/// entropy.
#[wasm_bindgen(js_name = randomBytes)]
#[allow(clippy::disallowed_methods, reason = "this is the door through which the host brings it")]
pub fn random_bytes(length: usize) -> JsResult<Uint8Array> {
    let mut bytes = Zeroizing::new(vec![0; length.min(1024)]);
    getrandom::fill(&mut bytes).map_err(|_| to_js_error(Error::from(ErrorCode::Entropy)))?;
    Ok(take_random(&bytes))
}

/// Copies secret bytes to JavaScript and wipes them. A vector that crosses by itself is freed
/// without being wiped.
fn take_random(bytes: &[u8]) -> Uint8Array {
    Uint8Array::from(bytes)
}

/// Encodes random bytes as base64url, after a check that they look random.
#[wasm_bindgen(js_name = generateOpaqueToken)]
pub fn generate_opaque_token(bytes: Vec<u8>) -> JsResult<JsValue> {
    let bytes = Zeroizing::new(bytes);
    Entropy::new(bytes.to_vec()).take::<16>().map_err(to_js_error)?;
    Ok(JsValue::from_str(&Zeroizing::new(base64url::encode(&bytes))))
}

/// Generates a key: its key ID, the key itself, and its public half as JSON Web Keys.
#[wasm_bindgen(js_name = generateKey)]
pub fn generate_key(algorithm: &str, id: Option<String>, random: Vec<u8>) -> JsResult<JsValue> {
    to_js(&generate_token_key(algorithm, id, random).map_err(to_js_error)?)
}

#[derive(Serialize)]
struct GeneratedKey {
    id: String,
    private: SecretText,
    public: Option<String>,
}

fn generate_token_key(
    algorithm: &str,
    id: Option<String>,
    random: Vec<u8>,
) -> Result<GeneratedKey> {
    let unknown = || {
        Error::with_message(ErrorCode::Argument, "Unknown algorithm: use HS256, EdDSA or ES256.")
    };
    let algorithm = Algorithm::from_name(algorithm).ok_or_else(unknown)?;
    let mut random = Entropy::new(random);
    let private = key_import::generate(algorithm, random.take()?)?;
    let name: [u8; 16] = random.take()?;
    if algorithm == Algorithm::Hs256 {
        let id = id.unwrap_or_else(|| base64url::encode(&name));
        let id = key_ring::validate_key_id(&id)?.to_owned();
        return Ok(GeneratedKey { private: jwk::write_private(private, &id)?, public: None, id });
    }
    let public = private.public_half()?;
    let id = id.map_or_else(|| jwk::thumbprint(&public), Ok)?;
    let id = key_ring::validate_key_id(&id)?.to_owned();
    let (private, public) =
        (jwk::write_private(private, &id)?, Some(jwk::write_public(&public, Some(&id))?));
    Ok(GeneratedKey { private, public, id })
}

/// Derives a subkey: see [`key_ring::hkdf`]. The secret must be strong, and the label none that
/// portcullis uses.
#[wasm_bindgen(js_name = deriveSubkey)]
pub fn derive_subkey(secret: JsValue, label: &str, length: usize) -> JsResult<Uint8Array> {
    let secret = decode::decode_secret(&JsObject::new(secret, ErrorCode::Argument));
    let key = secret.and_then(|secret| derive_subkey_bytes(&secret, label, length));
    key.map(|key| take_random(&key)).map_err(to_js_error)
}

fn derive_subkey_bytes(
    secret: &SecretInput,
    label: &str,
    length: usize,
) -> Result<Zeroizing<Vec<u8>>> {
    let wrong = |why: &'static str| Err(Error::with_message(ErrorCode::Argument, why));
    if label.is_empty() || label.len() > 256 || label.starts_with("portcullis/") {
        return wrong("label must have 1 to 256 bytes and not begin with \"portcullis/\".");
    }
    if !(16..=1024).contains(&length) {
        return wrong("length must be a whole number from 16 to 1024 bytes.");
    }
    let mut key = Zeroizing::new(vec![0; length]);
    key_ring::hkdf(&secret.validated_bytes("deriveSubkey")?, &[], label.as_bytes(), &mut key)?;
    Ok(key)
}

/// The largest plaintext that is sealed at once, in bytes, because the module's memory is limited.
const MAX_PLAINTEXT_BYTES: usize = 1024 * 1024;

/// Seals the application's bytes with the current key: see [`seal::seal_with_nonce`].
#[wasm_bindgen(js_name = seal)]
pub fn seal_data(
    ring: JsValue,
    context: Vec<u8>,
    nonce: Vec<u8>,
    plain: Vec<u8>,
    now: f64,
) -> JsResult<Vec<u8>> {
    let plain = Zeroizing::new(plain);
    let ring = decode_key_ring(ring)?;
    let sealed = (|| {
        check_sizes(plain.len(), context.len())?;
        let now = Timestamp::from_host(now)?;
        let schedules = ring.iter().map(|key| (key, &key.schedule));
        let none = || {
            Error::with_message(
                ErrorCode::Config,
                "No key may seal now: all are upcoming or retired.",
            )
        };
        let key = crate::formats::key_schedule::current_key(schedules, now).ok_or_else(none)?;
        seal::seal_with_nonce(
            key,
            SealPurpose::Data(&context),
            &Entropy::new(nonce).take()?,
            &plain,
        )
    })();
    sealed.map_err(to_js_error)
}

/// Unseals the application's bytes: see [`seal::unseal`].
#[wasm_bindgen(js_name = unseal)]
pub fn unseal_data(ring: JsValue, context: Vec<u8>, sealed: Vec<u8>) -> JsResult<Uint8Array> {
    let ring = decode_key_ring(ring)?;
    let opened = check_sizes(sealed.len().saturating_sub(seal::OVERHEAD_BYTES), context.len())
        .and_then(|()| {
            let plain = seal::unseal(
                |tag| ring.iter().find(|key| key.tag == *tag),
                SealPurpose::Data(&context),
                &sealed,
            );
            plain.map_err(|why| Error::from(to_unseal_error(why)))
        });
    opened.map(|plain| take_random(&plain)).map_err(to_js_error)
}

fn decode_key_ring(ring: JsValue) -> JsResult<Vec<RingKey>> {
    let ring = JsObject::new(ring, ErrorCode::Config)
        .get_object_list("ring", |key| RingKey::new(&decode::decode_ring_key(key)?));
    ring.map_err(to_js_error)
}

fn check_sizes(plain: usize, context: usize) -> Result<()> {
    if plain > MAX_PLAINTEXT_BYTES || context > 4096 {
        return Err(Error::with_message(
            ErrorCode::Argument,
            "At most 1 MiB is sealed at once, with at most 4 KiB of associated data.",
        ));
    }
    Ok(())
}

const fn to_unseal_error(why: UnsealError) -> ErrorCode {
    match why {
        UnsealError::NewerFormat => ErrorCode::SealedVersion,
        UnsealError::UnknownKey => ErrorCode::SealedUnknownKey,
        UnsealError::Corrupt => ErrorCode::SealedCorrupt,
    }
}
