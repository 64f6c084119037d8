//! Parses and encodes JSON Web Keys (RFC 7517, RFC 7518 section 6, RFC 8037), and computes their
//! thumbprints (RFC 7638).

use super::algorithm::Algorithm;
use super::json::{self, Object};
use super::key_material::{KeyMaterial, unusable_key_error};
use crate::formats::key_ring::validate_key_id;
use crate::formats::secret_input::SecretInput;
use crate::foundation::base64url;
use crate::foundation::error::{Error, ErrorCode, Result};
use crate::foundation::hash;
use crate::foundation::secret::{Secret, SecretText};
use zeroize::Zeroize;

/// The use that a key is parsed for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyUse {
    /// The key is to verify signatures.
    Verify,
    /// The key is to sign.
    Sign,
}

/// The members that make a key private, for any key type.
const PRIVATE_MEMBERS: &[&str] = &["d", "p", "q", "dp", "dq", "qi", "oth", "k"];

/// Parses a key and its key ID. Members that RFC 7517 does not name are ignored, as it asks.
///
/// # Errors
/// [`ErrorCode::Config`] and [`ErrorCode::WeakSecret`], with a message about the key.
pub fn parse(text: &[u8], usage: KeyUse) -> Result<(Option<String>, KeyMaterial)> {
    let jwk = json::parse_object_bytes(text).ok_or_else(|| {
        unusable_key_error("a JSON Web Key is a JSON object in which no name stands twice")
    })?;
    let id = read_member(&jwk, "kid")?;
    if let Some(id) = &id {
        validate_key_id(id)?;
    }
    check_use(&jwk, usage)?;
    let material =
        match (read_member(&jwk, "kty")?.as_deref(), read_member(&jwk, "crv")?.as_deref()) {
            (Some("oct"), None) => hmac(&jwk),
            (Some("OKP"), Some("Ed25519")) => ed25519(&jwk, usage),
            (Some("EC"), Some("P-256")) => p256(&jwk, usage),
            _ => Err(unusable_key_error(
                "its kty must be oct, OKP with the crv Ed25519, or EC with the crv P-256",
            )),
        }?;
    match read_member(&jwk, "alg")? {
        Some(name) if Algorithm::from_name(&name) != Some(material.algorithm()) => {
            Err(unusable_key_error(
                "its alg is not the one of its kind (HS256, EdDSA or Ed25519, ES256)",
            ))
        }
        _ => Ok((id, material)),
    }
}

fn read_member(jwk: &Object<'_>, name: &str) -> Result<Option<String>> {
    match jwk.text(name) {
        Some(None) => Err(unusable_key_error(&format!("its {name} must be a string"))),
        Some(Some(text)) => Ok(Some(text.into_owned())),
        None => Ok(None),
    }
}

fn check_use(jwk: &Object<'_>, usage: KeyUse) -> Result<()> {
    if read_member(jwk, "use")?.is_some_and(|usage| usage != "sig") {
        return Err(unusable_key_error("its use is not sig"));
    }
    let Some(operations) = jwk.get("key_ops") else { return Ok(()) };
    let operations = operations
        .text_list()
        .ok_or_else(|| unusable_key_error("its key_ops must be an array of strings"))?;
    let operation = if usage == KeyUse::Sign { "sign" } else { "verify" };
    match operations.iter().filter(|one| *one == operation).count() {
        0 => Err(unusable_key_error(&format!("its key_ops do not include {operation}"))),
        1 => Ok(()),
        _ => Err(unusable_key_error("its key_ops say the same twice")),
    }
}

fn reject_private_members(jwk: &Object<'_>) -> Result<()> {
    match PRIVATE_MEMBERS.iter().find(|name| jwk.get(name).is_some()) {
        Some(name) => Err(unusable_key_error(&format!(
            "it holds the private member {name}; pass the public key"
        ))),
        None => Ok(()),
    }
}

fn hmac(jwk: &Object<'_>) -> Result<KeyMaterial> {
    if let Some(name) = PRIVATE_MEMBERS.iter().find(|name| **name != "k" && jwk.get(name).is_some())
    {
        return Err(unusable_key_error(&format!(
            "it holds a member of another kind of key ({name})"
        )));
    }
    let text = SecretText::new(read_member(jwk, "k")?.unwrap_or_default());
    let secret = SecretInput::from_bytes(base64url::decode(text.expose()).unwrap_or_default());
    Ok(KeyMaterial::Hmac(secret.validated_bytes("a JSON Web Key")?))
}

fn ed25519(jwk: &Object<'_>, usage: KeyUse) -> Result<KeyMaterial> {
    let x = bytes(jwk, "x")?;
    if usage == KeyUse::Verify {
        reject_private_members(jwk)?;
        return KeyMaterial::ed25519_public(x);
    }
    let seed = Secret::new(bytes(jwk, "d")?);
    check_public_half(&x, &super::algorithm::ed25519_point(&seed))?;
    Ok(KeyMaterial::Ed25519Private(seed))
}

fn p256(jwk: &Object<'_>, usage: KeyUse) -> Result<KeyMaterial> {
    let mut point = [4; 65];
    let coordinates = [bytes::<32>(jwk, "x")?, bytes(jwk, "y")?];
    point.iter_mut().skip(1).zip(coordinates.as_flattened()).for_each(|(to, from)| *to = *from);
    if usage == KeyUse::Verify {
        reject_private_members(jwk)?;
        return KeyMaterial::p256_public(point);
    }
    let scalar = Secret::new(bytes(jwk, "d")?);
    let own = super::algorithm::p256_point(&scalar)
        .ok_or_else(|| unusable_key_error("its d is no private key of P-256"))?;
    check_public_half(&point, &own)?;
    Ok(KeyMaterial::P256Private(scalar))
}

/// Rejects a private key with a foreign public half, whose signatures nobody could verify.
fn check_public_half(stated: &[u8], own: &[u8]) -> Result<()> {
    if stated == own {
        Ok(())
    } else {
        Err(unusable_key_error("its public members do not belong to its private one"))
    }
}

fn bytes<const N: usize>(jwk: &Object<'_>, name: &str) -> Result<[u8; N]> {
    let wrong = || unusable_key_error(&format!("its {name} must be {N} bytes in base64url"));
    let mut text = read_member(jwk, name)?.ok_or_else(wrong)?;
    let bytes = base64url::decode_array_constant_time(&text).ok_or_else(wrong);
    text.zeroize();
    bytes
}

/// The members of a public key in the order of its thumbprint.
fn thumbprint_members(material: &KeyMaterial) -> Result<String> {
    match material {
        KeyMaterial::Ed25519Public(point) => {
            Ok(format!(r#""crv":"Ed25519","kty":"OKP","x":"{}""#, base64url::encode(point)))
        }
        KeyMaterial::P256Public(point) => {
            let (_, coordinates) = point.split_at(1);
            let (x, y) = coordinates.split_at(32);
            Ok(format!(
                r#""crv":"P-256","kty":"EC","x":"{}","y":"{}""#,
                base64url::encode(x),
                base64url::encode(y)
            ))
        }
        _ => Err(Error::from(ErrorCode::Internal)),
    }
}

/// Computes the SHA-256 thumbprint of a public key, in base64url.
///
/// # Errors
/// [`ErrorCode::Internal`] for what is no public key.
pub fn thumbprint(public: &KeyMaterial) -> Result<String> {
    Ok(base64url::encode(&hash::sha256(&[b"{", thumbprint_members(public)?.as_bytes(), b"}"])))
}

/// Encodes a public key for a JWKS.
///
/// # Errors
/// As [`thumbprint`].
pub fn write_public(public: &KeyMaterial, id: Option<&str>) -> Result<String> {
    Ok(format!("{{{}{}}}", thumbprint_members(public)?, write_labels(public.algorithm(), id)))
}

/// Encodes a private key, for the caller that generated it.
///
/// # Errors
/// [`ErrorCode::Internal`] for what is no private key.
pub fn write_private(private: KeyMaterial, id: &str) -> Result<SecretText> {
    let labels = write_labels(private.algorithm(), Some(id));
    let secret = match &private {
        KeyMaterial::Ed25519Private(secret) | KeyMaterial::P256Private(secret) => {
            SecretText::new(base64url::encode(secret.expose()))
        }
        KeyMaterial::Hmac(secret) => {
            let k = SecretText::new(base64url::encode(secret));
            return Ok(SecretText::new(format!(r#"{{"kty":"oct","k":"{}"{labels}}}"#, k.expose())));
        }
        _ => return Err(Error::from(ErrorCode::Internal)),
    };
    let public = thumbprint_members(&private.to_public()?)?;
    Ok(SecretText::new(format!(r#"{{{public},"d":"{}"{labels}}}"#, secret.expose())))
}

fn write_labels(algorithm: Algorithm, id: Option<&str>) -> String {
    let mut text = format!(r#","alg":"{}","use":"sig""#, algorithm.name());
    if let Some(id) = id {
        text.push_str(r#","kid":"#);
        json::quote(id, &mut text);
    }
    text
}
