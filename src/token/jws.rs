//! The strict front for signed tokens (RFC 7515, 7519, 8725), in front of jsonwebtoken, which signs and checks the
//! signature and validates nothing.
//!
//! Each stage has its own reason, so that one can tell from the code how far a token got:
//!
//! | stage | refuses |
//! |---|---|
//! | FORMAT | over 8192 bytes, not three segments, base64url that is not canonical |
//! | HEADER | not strict JSON, a name besides alg, typ and kid |
//! | ALGORITHM | anything but HS256, EdDSA (or Ed25519) and ES256, and anything but the key's own |
//! | KEY | a kid that is not exactly the name of a key; no kid, unless exactly one key fits |
//! | SIGNATURE | a wrong signature |
//! | CLAIMS_JSON | claims that are not a strict JSON object: a name twice at any depth, nesting over 64 |
//! | CLAIM | iss, aud, exp, nbf, iat, sub, jti: missing, of a wrong type, or not as expected |
//! | EXPIRED | exp has passed |
//! | PURPOSE | another typ |

use super::verifying::{Algorithm, VerifyingKey};
use super::{json, provider};
use crate::base64url;
use crate::error::{Code, Error, Reason, Result};
use crate::keys::Key;
use crate::time::{Seconds, Timestamp};
use jsonwebtoken::{Algorithm as JwtAlgorithm, EncodingKey, Header as JwtHeader};
use serde::{Deserialize, Deserializer, Serialize};

/// The longest token that is looked at, in bytes.
pub const TOKEN_MAX_BYTES: usize = 8192;
/// The last NumericDate: the end of the year 9999.
const LAST_SECOND: f64 = 253_402_300_799.0;

/// What a verifier insists on.
#[derive(Debug, Clone, Copy)]
pub struct Expected<'a> {
    /// The `iss`, exactly.
    pub issuer: &'a str,
    /// The `aud`, or one of them.
    pub audience: &'a str,
    /// The header's `typ`: one of these, exactly; `None` is its absence.
    pub types: &'a [Option<&'a str>],
    /// How far another machine's clock may be off.
    pub leeway: Seconds,
    /// How far ahead `exp` may lie.
    pub max_lifetime: Seconds,
}

/// A payload whose signature and registered claims are good. There is no other way to make one.
#[derive(Debug)]
pub struct Verified {
    claims: String,
}

impl Verified {
    /// The claims as JSON text, as they were signed.
    pub fn claims(&self) -> &str {
        &self.claims
    }

    /// The same, taken out.
    pub fn into_claims(self) -> String {
        self.claims
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Header {
    alg: String,
    #[serde(default, deserialize_with = "present")]
    typ: Option<String>,
    #[serde(default, deserialize_with = "present")]
    kid: Option<String>,
}

/// The registered claims (RFC 7519 section 4.1) with their types. A NumericDate may have a fraction. `null` is a wrong
/// type, not an absence.
#[derive(Deserialize)]
struct Registered {
    iss: String,
    aud: Audience,
    exp: f64,
    #[serde(default, deserialize_with = "present")]
    nbf: Option<f64>,
    #[serde(default, deserialize_with = "present")]
    iat: Option<f64>,
    #[serde(default, rename = "sub", deserialize_with = "present")]
    _sub: Option<String>,
    #[serde(default, rename = "jti", deserialize_with = "present")]
    _jti: Option<String>,
}

/// A member that is there has its type: `null` is another one.
fn present<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    deserializer: D,
) -> std::result::Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Several(Vec<String>),
}

impl Audience {
    fn includes(&self, wanted: &str) -> bool {
        match self {
            Self::One(one) => one == wanted,
            Self::Several(several) => several.iter().any(|one| one == wanted),
        }
    }
}

/// Signs claims (any `Serialize`) as `typ` with HS256.
///
/// # Errors
/// [`Code::CryptoProvider`]; [`Code::Argument`] where the claims cannot be written as JSON or the token would be too long.
pub fn sign<T: Serialize>(key: &Key, typ: &str, claims: &T) -> Result<String> {
    provider::ensure()?;
    let mut header = JwtHeader::new(JwtAlgorithm::HS256);
    header.typ = Some(typ.to_owned());
    header.kid = Some(key.id.clone());
    let token = jsonwebtoken::encode(&header, claims, &EncodingKey::from_secret(key.signing.expose()))
        .map_err(|_| Error::because(Code::Argument, "The claims cannot be signed: they must be plain JSON."))?;
    if token.len() > TOKEN_MAX_BYTES {
        return Err(Error::because(Code::Argument, "The token would exceed 8192 bytes: give it fewer claims."));
    }
    Ok(token)
}

/// Verifies a token. `Ok(Err(reason))` is a refusal; `Err` means that this process cannot verify at all.
///
/// `key_for` gives the key that a header's kid and algorithm name, where there is exactly one.
///
/// A false accept is an account taken over; a false refusal costs a refresh.
///
/// # Errors
/// [`Code::CryptoProvider`].
pub fn verify(
    token: &str,
    key_for: impl Fn(Option<&str>, Algorithm) -> Option<VerifyingKey>,
    expected: &Expected<'_>,
    now: Timestamp,
) -> Result<std::result::Result<Verified, Reason>> {
    provider::ensure()?;
    Ok(front(token, &key_for, expected, now))
}

type KeyFor<'a> = dyn Fn(Option<&str>, Algorithm) -> Option<VerifyingKey> + 'a;

fn front(
    token: &str,
    key_for: &KeyFor<'_>,
    expected: &Expected<'_>,
    now: Timestamp,
) -> std::result::Result<Verified, Reason> {
    let (message, signature) = split(token)?;
    let (header_text, payload_text) = message.split_once('.').ok_or(Reason::TokenFormat)?;
    let header = base64url::decode_public(header_text).ok_or(Reason::TokenFormat)?;
    let payload = base64url::decode_public(payload_text).ok_or(Reason::TokenFormat)?;
    base64url::decode_public(signature).ok_or(Reason::TokenFormat)?;

    let header: Header = Some(header)
        .filter(|bytes| json::is_strict(bytes))
        .and_then(|bytes| serde_json::from_slice(&bytes).ok())
        .ok_or(Reason::TokenHeader)?;
    let algorithm = Algorithm::named(&header.alg).ok_or(Reason::TokenAlgorithm)?;
    let key = key_for(header.kid.as_deref(), algorithm).ok_or(Reason::TokenKey)?;
    if key.algorithm != algorithm {
        return Err(Reason::TokenAlgorithm);
    }
    let genuine = jsonwebtoken::crypto::verify(signature, message.as_bytes(), &key.key, algorithm.jwt());
    if !matches!(genuine, Ok(true)) {
        return Err(Reason::TokenSignature);
    }

    let claims = Some(payload).filter(|bytes| json::is_strict(bytes)).ok_or(Reason::TokenClaimsJson)?;
    let claims = String::from_utf8(claims).map_err(|_| Reason::TokenClaimsJson)?;
    check_claims(&claims, expected, now)?;
    if !expected.types.contains(&header.typ.as_deref()) {
        return Err(Reason::TokenPurpose);
    }
    Ok(Verified { claims })
}

fn split(token: &str) -> std::result::Result<(&str, &str), Reason> {
    if token.len() > TOKEN_MAX_BYTES || token.bytes().filter(|byte| *byte == b'.').count() != 2 {
        return Err(Reason::TokenFormat);
    }
    token.rsplit_once('.').ok_or(Reason::TokenFormat)
}

fn check_claims(claims: &str, expected: &Expected<'_>, now: Timestamp) -> std::result::Result<(), Reason> {
    let claims: Registered = parse_claims(claims)?;
    // Whole seconds below 2^38: exact in floating point.
    let (now, leeway) = (now.whole_seconds() as f64, f64::from(expected.leeway.0));
    let known = claims.iss == expected.issuer && claims.aud.includes(expected.audience);
    let dates = [Some(claims.exp), claims.nbf, claims.iat];
    let begun = [claims.nbf, claims.iat].iter().flatten().all(|date| *date <= now + leeway);
    let ends = claims.exp <= now + leeway + f64::from(expected.max_lifetime.0);
    if !known || !begun || !ends || !dates.iter().flatten().all(|date| (0.0..=LAST_SECOND).contains(date)) {
        return Err(Reason::TokenClaim);
    }
    if claims.exp + leeway <= now { Err(Reason::TokenExpired) } else { Ok(()) }
}

/// Reads claims into a type: a syntax error and a wrong type are different stages.
///
/// # Errors
/// [`Reason::TokenClaimsJson`], [`Reason::TokenClaim`].
pub fn parse_claims<T: for<'a> Deserialize<'a>>(claims: &str) -> std::result::Result<T, Reason> {
    if !claims.trim_ascii_start().starts_with('{') {
        return Err(Reason::TokenClaimsJson);
    }
    serde_json::from_str(claims).map_err(|why| if why.is_data() { Reason::TokenClaim } else { Reason::TokenClaimsJson })
}
