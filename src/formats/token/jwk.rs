//! JSON Web Keys (RFC 7517, 7518 section 6, 8037): read, written, and their thumbprints (RFC 7638).

use super::algorithm::Algorithm;
use super::json::{self, Object};
use super::material::{Material, unusable};
use crate::foundation::base64url;
use crate::foundation::error::{Code, Error, Result};
use crate::foundation::hash;
use crate::formats::keys::{SecretInput, checked_id};
use crate::foundation::secret::{Secret, SecretText};
use zeroize::Zeroize;

/// What a key is read for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Use {
    /// To check signatures.
    Verify,
    /// To make them.
    Sign,
}

/// Members that make a key private, of whatever kind.
const PRIVATE: &[&str] = &["d", "p", "q", "dp", "dq", "qi", "oth", "k"];

/// Reads a key and its `kid`. Members that RFC 7517 does not name are ignored, as it says.
///
/// # Errors
/// [`Code::Config`] and [`Code::WeakKey`], each with a sentence that says what is wrong with the
/// key.
pub fn read(text: &[u8], wanted: Use) -> Result<(Option<String>, Material)> {
    let jwk = json::object_of(text)
        .ok_or_else(|| unusable("a JSON Web Key is a JSON object in which no name stands twice"))?;
    let id = member(&jwk, "kid")?;
    if let Some(id) = &id {
        checked_id(id)?;
    }
    check_use(&jwk, wanted)?;
    let material = match (member(&jwk, "kty")?.as_deref(), member(&jwk, "crv")?.as_deref()) {
        (Some("oct"), None) => hmac(&jwk),
        (Some("OKP"), Some("Ed25519")) => ed25519(&jwk, wanted),
        (Some("EC"), Some("P-256")) => p256(&jwk, wanted),
        _ => {
            Err(unusable("its kty must be oct, OKP with the crv Ed25519, or EC with the crv P-256"))
        }
    }?;
    match member(&jwk, "alg")? {
        Some(name) if Algorithm::named(&name) != Some(material.algorithm()) => {
            Err(unusable("its alg is not the one of its kind (HS256, EdDSA or Ed25519, ES256)"))
        }
        _ => Ok((id, material)),
    }
}

fn member(jwk: &Object<'_>, name: &str) -> Result<Option<String>> {
    match jwk.text(name) {
        Some(None) => Err(unusable(&format!("its {name} must be a string"))),
        Some(Some(text)) => Ok(Some(text.into_owned())),
        None => Ok(None),
    }
}

fn check_use(jwk: &Object<'_>, wanted: Use) -> Result<()> {
    if member(jwk, "use")?.is_some_and(|usage| usage != "sig") {
        return Err(unusable("its use is not sig"));
    }
    let Some(operations) = jwk.get("key_ops") else { return Ok(()) };
    let operations =
        operations.texts().ok_or_else(|| unusable("its key_ops must be an array of strings"))?;
    let operation = if wanted == Use::Sign { "sign" } else { "verify" };
    match operations.iter().filter(|one| *one == operation).count() {
        0 => Err(unusable(&format!("its key_ops do not include {operation}"))),
        1 => Ok(()),
        _ => Err(unusable("its key_ops say the same twice")),
    }
}

fn refuse_private(jwk: &Object<'_>) -> Result<()> {
    match PRIVATE.iter().find(|name| jwk.get(name).is_some()) {
        Some(name) => Err(unusable(&format!(
            "it holds a private member ({name}), which nobody needs to check a signature; pass the public key"
        ))),
        None => Ok(()),
    }
}

fn hmac(jwk: &Object<'_>) -> Result<Material> {
    if let Some(name) = PRIVATE.iter().find(|name| **name != "k" && jwk.get(name).is_some()) {
        return Err(unusable(&format!("it holds a member of another kind of key ({name})")));
    }
    let text = SecretText::new(member(jwk, "k")?.unwrap_or_default());
    let secret = SecretInput::from_bytes(base64url::decode(text.expose()).unwrap_or_default());
    Ok(Material::Hmac(secret.checked("a JSON Web Key")?))
}

fn ed25519(jwk: &Object<'_>, wanted: Use) -> Result<Material> {
    let x = bytes(jwk, "x")?;
    if wanted == Use::Verify {
        refuse_private(jwk)?;
        return Material::ed25519_public(x);
    }
    let seed = Secret::new(bytes(jwk, "d")?);
    belongs(&x, &super::algorithm::ed25519_point(&seed))?;
    Ok(Material::Ed25519Private(seed))
}

fn p256(jwk: &Object<'_>, wanted: Use) -> Result<Material> {
    let mut point = [4; 65];
    let coordinates = [bytes::<32>(jwk, "x")?, bytes(jwk, "y")?];
    point.iter_mut().skip(1).zip(coordinates.as_flattened()).for_each(|(to, from)| *to = *from);
    if wanted == Use::Verify {
        refuse_private(jwk)?;
        return Material::p256_public(point);
    }
    let scalar = Secret::new(bytes(jwk, "d")?);
    let own = super::algorithm::p256_point(&scalar)
        .ok_or_else(|| unusable("its d is no private key of P-256"))?;
    belongs(&point, &own)?;
    Ok(Material::P256Private(scalar))
}

/// A private key with somebody else's public half would sign what nobody can check.
fn belongs(stated: &[u8], own: &[u8]) -> Result<()> {
    if stated == own {
        Ok(())
    } else {
        Err(unusable("its public members do not belong to its private one"))
    }
}

fn bytes<const N: usize>(jwk: &Object<'_>, name: &str) -> Result<[u8; N]> {
    let wrong = || unusable(&format!("its {name} must be {N} bytes in base64url"));
    let mut text = member(jwk, name)?.ok_or_else(wrong)?;
    let bytes = base64url::decode_exactly(&text).ok_or_else(wrong);
    text.zeroize();
    bytes
}

/// The members that name a public key, in the order that its thumbprint wants.
fn required(material: &Material) -> Result<String> {
    match material {
        Material::Ed25519Public(point) => {
            Ok(format!(r#""crv":"Ed25519","kty":"OKP","x":"{}""#, base64url::encode(point)))
        }
        Material::P256Public(point) => {
            let (_, coordinates) = point.split_at(1);
            let (x, y) = coordinates.split_at(32);
            Ok(format!(
                r#""crv":"P-256","kty":"EC","x":"{}","y":"{}""#,
                base64url::encode(x),
                base64url::encode(y)
            ))
        }
        _ => Err(Error::from(Code::Internal)),
    }
}

/// The thumbprint of a public key with SHA-256, in base64url.
///
/// # Errors
/// [`Code::Internal`] for what is no public key.
pub fn thumbprint(public: &Material) -> Result<String> {
    Ok(base64url::encode(&hash::sha256(&[b"{", required(public)?.as_bytes(), b"}"])))
}

/// Writes a public key for a published set.
///
/// # Errors
/// As [`thumbprint`].
pub fn write_public(public: &Material, id: Option<&str>) -> Result<String> {
    Ok(format!("{{{}{}}}", required(public)?, labels(public.algorithm(), id)))
}

/// Writes a private key, for whoever made it.
///
/// # Errors
/// [`Code::Internal`] for what is no private key.
pub fn write_private(private: Material, id: &str) -> Result<SecretText> {
    let labels = labels(private.algorithm(), Some(id));
    let secret = match &private {
        Material::Ed25519Private(secret) | Material::P256Private(secret) => {
            SecretText::new(base64url::encode(secret.expose()))
        }
        Material::Hmac(secret) => {
            let k = SecretText::new(base64url::encode(secret));
            return Ok(SecretText::new(format!(r#"{{"kty":"oct","k":"{}"{labels}}}"#, k.expose())));
        }
        _ => return Err(Error::from(Code::Internal)),
    };
    let public = required(&private.public()?)?;
    Ok(SecretText::new(format!(r#"{{{public},"d":"{}"{labels}}}"#, secret.expose())))
}

fn labels(algorithm: Algorithm, id: Option<&str>) -> String {
    let mut text = format!(r#","alg":"{}","use":"sig""#, algorithm.name());
    if let Some(id) = id {
        text.push_str(r#","kid":"#);
        json::quote(id, &mut text);
    }
    text
}
