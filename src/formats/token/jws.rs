//! The strict verification of signed tokens (RFC 7515, RFC 7519, RFC 8725). jsonwebtoken verifies
//! the signatures of EdDSA and ES256 and validates nothing else.
//!
//! Each stage has its own rejection reason, so that the code says how far a token got:
//!
//! | stage | rejects |
//! |---|---|
//! | malformed | over 8192 bytes, not three segments, base64url that is not canonical |
//! | header | not strict JSON, a member besides alg, typ and kid, a kid over 128 bytes |
//! | algorithm | any but HS256, EdDSA (or Ed25519) and ES256, and any but the key's own |
//! | unknown key | a kid of no key, a retired key; without a kid, unless exactly one key fits |
//! | signature | a wrong signature |
//! | claims JSON | not a strict JSON object: a name twice at any depth, nesting over 64 |
//! | claim invalid | iss, aud, exp, nbf, iat, sub, jti: missing, of a wrong type or value |
//! | expired | exp has passed, or the greatest age |
//! | type | another typ |

use super::algorithm::{Algorithm, Signature, VerifyingKey};
use super::claims::{self, ExpectedClaims, ValidityWindow};
use super::crypto_provider;
use super::json::{self, Object};
use super::key_import::{TokenKey, reject_duplicate_ids};
use super::signer::{self, MAX_TOKEN_BYTES};
use crate::formats::key_ring::MAX_KEY_ID_BYTES;
use crate::formats::key_schedule::{KeySchedule, KeyState};
use crate::foundation::base64url;
use crate::foundation::error::{RejectionReason, Result};
use crate::foundation::time::Timestamp;
use std::fmt;

type VerifyResult<T> = std::result::Result<T, RejectionReason>;

/// Trusted keys, and the claims that their tokens must have.
#[derive(Debug)]
pub struct Verifier {
    keys: Vec<TrustedKey>,
    expected: ExpectedClaims,
    cached_headers: Vec<CachedHeader>,
}

#[derive(Debug)]
struct TrustedKey {
    id: Option<String>,
    key: VerifyingKey,
    schedule: KeySchedule,
}

/// A header that the site writes itself: its encoded form, its parsed form, and the key that has
/// hashed the beginning of such tokens. It saves parsing and hashing, and no check.
struct CachedHeader {
    encoded: String,
    header: Header,
    prefix: String,
    prefix_key: Option<VerifyingKey>,
}

impl fmt::Debug for CachedHeader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("KnownHeader").field(&self.encoded).finish()
    }
}

#[derive(Debug, Clone)]
struct Header {
    algorithm: Algorithm,
    kid: Option<String>,
    typ: Option<String>,
}

/// A payload whose signature and claims were verified. Only [`Verifier::verify`] makes one.
#[derive(Debug)]
pub struct VerifiedToken<'a> {
    /// The claims as JSON text, as they were signed.
    text: &'a str,
    /// The claims as a parsed object.
    claims: Object<'a>,
    /// The time in which the same verifier gives this result.
    window: ValidityWindow,
}

impl<'a> VerifiedToken<'a> {
    /// The claims as JSON text, as they were signed.
    pub const fn text(&self) -> &'a str {
        self.text
    }

    /// The claims as a parsed object.
    pub const fn claims(&self) -> &Object<'a> {
        &self.claims
    }

    /// From when until when the same verifier gives this answer.
    pub const fn window(&self) -> ValidityWindow {
        self.window
    }
}

impl Verifier {
    /// Prepares the keys for verification.
    ///
    /// # Errors
    /// [`ErrorCode::Config`](crate::foundation::error::ErrorCode::Config) for private keys and for
    /// two keys of one name;
    /// [`ErrorCode::CryptoProvider`](crate::foundation::error::ErrorCode::CryptoProvider).
    pub fn new(keys: &[TokenKey], expected: ExpectedClaims) -> Result<Self> {
        crypto_provider::ensure()?;
        reject_duplicate_ids(keys)?;
        let trusted_key = |key: &TokenKey| {
            Ok(TrustedKey {
                id: key.id.clone(),
                key: key.material.verifying_key()?,
                schedule: key.schedule,
            })
        };
        let keys = keys.iter().map(trusted_key).collect::<Result<Vec<_>>>()?;
        let types = || expected.token_types.iter().flatten();
        let known = keys
            .iter()
            .flat_map(|key| types().filter_map(|typ| CachedHeader::new(key, typ, &expected)));
        Ok(Self { cached_headers: known.collect(), keys, expected })
    }

    /// Verifies a token, whose claims go into `buffer`. A false accept gives away an account. A
    /// false rejection costs a refresh.
    ///
    /// # Errors
    /// The rejection reason of the first stage that fails.
    pub fn verify<'a>(
        &self,
        token: &str,
        now: Timestamp,
        buffer: &'a mut Vec<u8>,
    ) -> VerifyResult<VerifiedToken<'a>> {
        let (message, text) = split(token)?;
        let (header, payload) = message.split_once('.').ok_or(RejectionReason::TokenMalformed)?;
        let (parsed, signature);
        let known = self.cached_headers.iter().find(|known| known.encoded == header);
        let header = match known {
            Some(known) => {
                signature = decode(payload, text, buffer)?;
                &known.header
            }
            None => {
                let bytes =
                    base64url::decode_public(header).ok_or(RejectionReason::TokenMalformed)?;
                signature = decode(payload, text, buffer)?;
                parsed = parse_header(&bytes)?;
                &parsed
            }
        };
        let key = self.key_for(header, now)?;
        let (checking, rest) =
            known.and_then(|known| known.hash_prefix(message)).unwrap_or((&key.key, message));
        if !checking.verify(rest.as_bytes(), &signature) {
            return Err(RejectionReason::TokenSignature);
        }
        let text = std::str::from_utf8(buffer).map_err(|_| RejectionReason::TokenClaimsJson)?;
        let claims = json::parse_object(text).ok_or(RejectionReason::TokenClaimsJson)?;
        let mut window = claims::validate(&claims, &self.expected, now)?;
        window.until = window.until.min(key.schedule.retired_at());
        if !self.expected.token_types.contains(&header.typ) {
            return Err(RejectionReason::TokenType);
        }
        Ok(VerifiedToken { text, claims, window })
    }

    /// The key with exactly this key ID, or the only key that fits a token without one.
    fn key_for(&self, header: &Header, now: Timestamp) -> VerifyResult<&TrustedKey> {
        let mut living =
            self.keys.iter().filter(|key| key.schedule.state(now) != KeyState::Retired);
        let key = match &header.kid {
            Some(_) => living.find(|key| key.id == header.kid),
            None => {
                let mut fitting = living.filter(|key| key.key.algorithm() == header.algorithm);
                fitting.next().filter(|_| fitting.next().is_none())
            }
        };
        let key = key.ok_or(RejectionReason::TokenUnknownKey)?;
        if key.key.algorithm() == header.algorithm {
            Ok(key)
        } else {
            Err(RejectionReason::TokenAlgorithm)
        }
    }
}

impl CachedHeader {
    fn new(key: &TrustedKey, typ: &str, expected: &ExpectedClaims) -> Option<Self> {
        let id = key.id.as_deref()?;
        let algorithm = key.key.algorithm();
        let encoded = signer::encode_header(algorithm, typ, id);
        let prefix = signer::payload_prefix(&expected.issuer, expected.audiences.get(..1)?).ok()?;
        // What follows changes the last group of base64url, unless it is whole.
        let sure = prefix.get(..prefix.len().saturating_sub(prefix.len() % 3))?;
        let whole = [&encoded, ".", &base64url::encode_public(sure.as_bytes())].concat();
        let beginning =
            whole.get(..whole.len().saturating_sub(whole.len() % BLOCK_BYTES))?.to_owned();
        let header = Header { algorithm, kid: Some(id.to_owned()), typ: Some(typ.to_owned()) };
        Some(Self {
            prefix_key: key.key.with_hashed_prefix(&beginning),
            prefix: beginning,
            encoded,
            header,
        })
    }

    /// The key and the rest of a message, where the message begins as the site's own tokens do.
    fn hash_prefix<'a>(&self, message: &'a str) -> Option<(&VerifyingKey, &'a str)> {
        Some((self.prefix_key.as_ref()?, message.strip_prefix(self.prefix.as_str())?))
    }
}

/// The block length of SHA-256, in bytes.
const BLOCK_BYTES: usize = 64;

/// A dot too many ends up in the payload, which is no base64url then.
fn split(token: &str) -> VerifyResult<(&str, &str)> {
    if token.len() > MAX_TOKEN_BYTES {
        return Err(RejectionReason::TokenMalformed);
    }
    token.rsplit_once('.').ok_or(RejectionReason::TokenMalformed)
}

/// Both segments are canonical; the payload's bytes are kept.
fn decode<'a>(
    payload: &str,
    signature: &'a str,
    buffer: &mut Vec<u8>,
) -> VerifyResult<Signature<'a>> {
    let signature = Signature::parse(signature, buffer).ok_or(RejectionReason::TokenMalformed)?;
    base64url::decode_into(payload, buffer).ok_or(RejectionReason::TokenMalformed)?;
    Ok(signature)
}

fn parse_header(bytes: &[u8]) -> VerifyResult<Header> {
    let header = json::parse_object_bytes(bytes).ok_or(RejectionReason::TokenHeader)?;
    if header.iter().any(|(name, _)| !matches!(name, "alg" | "typ" | "kid")) {
        return Err(RejectionReason::TokenHeader);
    }
    let text = |name: &str| match header.text(name) {
        Some(None) => Err(RejectionReason::TokenHeader),
        text => Ok(text.flatten().map(|text| text.into_owned())),
    };
    let (alg, kid, typ) =
        (text("alg")?.ok_or(RejectionReason::TokenHeader)?, text("kid")?, text("typ")?);
    if kid.as_ref().is_some_and(|kid| kid.len() > MAX_KEY_ID_BYTES) {
        return Err(RejectionReason::TokenHeader);
    }
    Ok(Header {
        algorithm: Algorithm::from_name(&alg).ok_or(RejectionReason::TokenAlgorithm)?,
        kid,
        typ,
    })
}
