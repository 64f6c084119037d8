//! A key that checks signatures, and the one algorithm it does it with: the key decides, never the token's header.

use super::{json, provider};
use crate::base64url;
use crate::error::{Code, Error, Result};
use crate::keys::{KID_MAX_BYTES, SecretInput};
use crate::secret::Secret;
use jsonwebtoken::{Algorithm as JwtAlgorithm, DecodingKey};
use serde::Deserialize;

/// Everything about an algorithm.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Algorithm {
    /// HMAC with SHA-256.
    Hs256,
    /// Ed25519.
    EdDsa,
    /// ECDSA on P-256 with SHA-256.
    Es256,
}

impl Algorithm {
    /// By the name in a header. Ed25519 has two (RFC 8037, RFC 9864).
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "HS256" => Some(Self::Hs256),
            "EdDSA" | "Ed25519" => Some(Self::EdDsa),
            "ES256" => Some(Self::Es256),
            _ => None,
        }
    }

    /// As jsonwebtoken calls it.
    pub(super) const fn jwt(self) -> JwtAlgorithm {
        match self {
            Self::Hs256 => JwtAlgorithm::HS256,
            Self::EdDsa => JwtAlgorithm::EdDSA,
            Self::Es256 => JwtAlgorithm::ES256,
        }
    }
}

/// A key for one algorithm. Printed without its bytes.
#[derive(Debug, Clone)]
pub struct VerifyingKey {
    /// The one algorithm.
    pub algorithm: Algorithm,
    pub(super) key: DecodingKey,
}

/// A key that another issuer published.
#[derive(Debug, Clone)]
pub struct PublishedKey {
    /// Its `kid`.
    pub id: Option<String>,
    /// It.
    pub key: VerifyingKey,
}

impl VerifyingKey {
    /// A subkey of ours.
    pub fn hs256(secret: &Secret<32>) -> Self {
        Self { algorithm: Algorithm::Hs256, key: DecodingKey::from_secret(secret.expose()) }
    }
}

/// The members of a JSON Web Key (RFC 7517, 7518 section 6, 8037) that matter here; others are ignored, as RFC 7517 says.
#[derive(Deserialize)]
struct Jwk {
    kty: String,
    kid: Option<String>,
    #[serde(rename = "use")]
    usage: Option<String>,
    key_ops: Option<Vec<String>>,
    alg: Option<String>,
    crv: Option<String>,
    x: Option<String>,
    y: Option<String>,
    k: Option<SecretMember>,
    d: Option<serde::de::IgnoredAny>,
}

/// A member that is a secret.
type SecretMember = crate::secret::SecretText;

impl PublishedKey {
    /// Reads a JSON Web Key that checks signatures.
    ///
    /// # Errors
    /// [`Code::Config`] and [`Code::WeakKey`], each with a sentence that says what is wrong with the key.
    pub fn from_jwk(text: &str) -> Result<Self> {
        let wrong = |why: &str| Error::because(Code::Config, format!("This JSON Web Key cannot be used: {why}."));
        let jwk: Jwk = Some(text)
            .filter(|text| json::is_strict(text.as_bytes()))
            .and_then(|text| serde_json::from_str(text).ok())
            .ok_or_else(|| wrong("it is not a JSON object of the members that RFC 7517 names"))?;
        jwk.check_purpose().map_err(wrong)?;
        let (algorithm, key) = match (jwk.kty.as_str(), jwk.crv.as_deref()) {
            ("oct", None) => (Algorithm::Hs256, jwk.hmac()?),
            ("OKP", Some("Ed25519")) => {
                (Algorithm::EdDsa, jwk.ed25519().ok_or_else(|| wrong("x is no point of Ed25519 that may be used"))?)
            }
            ("EC", Some("P-256")) => {
                (Algorithm::Es256, jwk.p256().ok_or_else(|| wrong("x and y are no point of P-256"))?)
            }
            _ => return Err(wrong("it must be oct, OKP with Ed25519, or EC with P-256")),
        };
        if jwk.alg.as_deref().is_some_and(|name| Algorithm::named(name) != Some(algorithm)) {
            return Err(wrong("its alg is not the one of its kind"));
        }
        Ok(Self { id: jwk.kid, key: VerifyingKey { algorithm, key } })
    }
}

impl Jwk {
    fn check_purpose(&self) -> std::result::Result<(), &'static str> {
        if self.d.is_some() {
            return Err("it holds a private key (d), which nobody needs to check a signature; pass the public one");
        }
        if self.usage.as_deref().is_some_and(|usage| usage != "sig") {
            return Err("its use is not sig");
        }
        if self.key_ops.as_ref().is_some_and(|ops| !ops.iter().any(|op| op == "verify")) {
            return Err("its key_ops do not include verify");
        }
        if self.kid.as_ref().is_some_and(|kid| kid.is_empty() || kid.len() > KID_MAX_BYTES) {
            return Err("its kid must have 1 to 128 bytes");
        }
        Ok(())
    }

    fn hmac(&self) -> Result<DecodingKey> {
        let text = self.k.as_ref().map(SecretMember::expose).unwrap_or_default();
        let bytes = base64url::decode(text).unwrap_or_default();
        Ok(DecodingKey::from_secret(&SecretInput::from_bytes(bytes).checked("a JSON Web Key")?))
    }

    fn ed25519(&self) -> Option<DecodingKey> {
        let point = base64url::decode_exactly::<32>(self.x.as_deref()?)?;
        provider::ed25519_key(&point).map(|_| DecodingKey::from_ed_der(&point))
    }

    fn p256(&self) -> Option<DecodingKey> {
        let x = base64url::decode_exactly::<32>(self.x.as_deref()?)?;
        let y = base64url::decode_exactly::<32>(self.y.as_deref()?)?;
        let point = [&[4][..], &x, &y].concat();
        provider::p256_key(&point).map(|_| DecodingKey::from_ec_der(&point))
    }
}
