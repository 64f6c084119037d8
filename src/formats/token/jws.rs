//! The strict front for signed tokens (RFC 7515, 7519, 8725). jsonwebtoken checks EdDSA and ES256
//! signatures behind it and validates nothing.
//!
//! Each stage has its own reason, so that one can tell from the code how far a token got:
//!
//! | stage | refuses |
//! |---|---|
//! | FORMAT | over 8192 bytes, not three segments, base64url that is not canonical |
//! | HEADER | not strict JSON, a name besides alg, typ and kid, one that is no string, a kid over 128 bytes |
//! | ALGORITHM | anything but HS256, EdDSA (or Ed25519) and ES256, and anything but the key's own |
//! | KEY | a kid that is not exactly the name of a key, a retired key; no kid, unless exactly one key fits |
//! | SIGNATURE | a wrong signature |
//! | CLAIMS_JSON | claims that are not a strict JSON object: a name twice at any depth, nesting over 64 |
//! | CLAIM | iss, aud, exp, nbf, iat, sub, jti: missing, of a wrong type, or not as expected |
//! | EXPIRED | exp has passed, or the longest age |
//! | PURPOSE | another typ |

use super::algorithm::{Algorithm, CheckingKey, Signature};
use super::claims::{self, Expected, Window};
use super::import::{TokenKey, refuse_twins};
use super::json::{self, Object};
use super::provider;
use super::signer::{self, TOKEN_MAX_BYTES};
use crate::foundation::base64url;
use crate::foundation::error::{Reason, Result};
use crate::formats::keys::KID_MAX_BYTES;
use crate::formats::schedule::{KeyState, Schedule};
use crate::foundation::time::Timestamp;
use std::fmt;

type Checked<T> = std::result::Result<T, Reason>;

/// Keys that are believed, and what they are believed about.
#[derive(Debug)]
pub struct Verifier {
    keys: Vec<BelievedKey>,
    expected: Expected,
    known: Vec<KnownHeader>,
}

#[derive(Debug)]
struct BelievedKey {
    id: Option<String>,
    key: CheckingKey,
    schedule: Schedule,
}

/// A header that we write ourselves, in its encoded form, and what reading it gives; and how the
/// tokens begin that we write with it, taken in by the key already. Known bytes spare their reading
/// and two of six rounds of SHA-256, not a check.
struct KnownHeader {
    encoded: String,
    header: Header,
    beginning: String,
    begun: Option<CheckingKey>,
}

impl fmt::Debug for KnownHeader {
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

/// A payload whose signature and claims are good. There is no other way to make one.
#[derive(Debug)]
pub struct Verified<'a> {
    text: &'a str,
    claims: Object<'a>,
    window: Window,
}

impl<'a> Verified<'a> {
    /// The claims as JSON text, as they were signed.
    pub const fn text(&self) -> &'a str {
        self.text
    }

    /// The claims.
    pub const fn claims(&self) -> &Object<'a> {
        &self.claims
    }

    /// From when until when the same verifier gives this answer.
    pub const fn window(&self) -> Window {
        self.window
    }
}

impl Verifier {
    /// Keeps what every check needs.
    ///
    /// # Errors
    /// [`Code::Config`](crate::foundation::error::Code::Config) for private keys and for two keys of one name;
    /// [`Code::CryptoProvider`](crate::foundation::error::Code::CryptoProvider).
    pub fn new(keys: &[TokenKey], expected: Expected) -> Result<Self> {
        provider::ensure()?;
        refuse_twins(keys)?;
        let believed = |key: &TokenKey| {
            Ok(BelievedKey {
                id: key.id.clone(),
                key: key.material.checking()?,
                schedule: key.schedule,
            })
        };
        let keys = keys.iter().map(believed).collect::<Result<Vec<_>>>()?;
        let types = || expected.types.iter().flatten();
        let known = keys
            .iter()
            .flat_map(|key| types().filter_map(|typ| KnownHeader::new(key, typ, &expected)));
        Ok(Self { known: known.collect(), keys, expected })
    }

    /// Verifies a token. `room` takes its claims.
    ///
    /// A false accept is an account taken over; a false refusal costs a refresh.
    ///
    /// # Errors
    /// The reason of the first stage that refuses.
    pub fn verify<'a>(
        &self,
        token: &str,
        now: Timestamp,
        room: &'a mut Vec<u8>,
    ) -> Checked<Verified<'a>> {
        let (message, text) = split(token)?;
        let (header, payload) = message.split_once('.').ok_or(Reason::TokenFormat)?;
        let (parsed, signature);
        let known = self.known.iter().find(|known| known.encoded == header);
        let header = match known {
            Some(known) => {
                signature = decode(payload, text, room)?;
                &known.header
            }
            None => {
                let bytes = base64url::decode_public(header).ok_or(Reason::TokenFormat)?;
                signature = decode(payload, text, room)?;
                parsed = read_header(&bytes)?;
                &parsed
            }
        };
        let key = self.key_for(header, now)?;
        let (checking, rest) =
            known.and_then(|known| known.begun(message)).unwrap_or((&key.key, message));
        if !checking.verify(rest.as_bytes(), &signature) {
            return Err(Reason::TokenSignature);
        }
        let text = std::str::from_utf8(room).map_err(|_| Reason::TokenClaimsJson)?;
        let claims = json::object(text).ok_or(Reason::TokenClaimsJson)?;
        let mut window = claims::check(&claims, &self.expected, now)?;
        window.until = window.until.min(key.schedule.retired_at());
        if !self.expected.types.contains(&header.typ) {
            return Err(Reason::TokenPurpose);
        }
        Ok(Verified { text, claims, window })
    }

    /// The key of exactly this name; without a name, the only one that fits.
    fn key_for(&self, header: &Header, now: Timestamp) -> Checked<&BelievedKey> {
        let mut living =
            self.keys.iter().filter(|key| key.schedule.state(now) != KeyState::Retired);
        let key = match &header.kid {
            Some(_) => living.find(|key| key.id == header.kid),
            None => {
                let mut fitting = living.filter(|key| key.key.algorithm() == header.algorithm);
                fitting.next().filter(|_| fitting.next().is_none())
            }
        };
        let key = key.ok_or(Reason::TokenKey)?;
        if key.key.algorithm() == header.algorithm { Ok(key) } else { Err(Reason::TokenAlgorithm) }
    }
}

impl KnownHeader {
    fn new(key: &BelievedKey, typ: &str, expected: &Expected) -> Option<Self> {
        let id = key.id.as_deref()?;
        let algorithm = key.key.algorithm();
        let encoded = signer::header(algorithm, typ, id);
        let opening = signer::opening(&expected.issuer, expected.audiences.get(..1)?).ok()?;
        // What follows changes the last group of base64url, unless it is whole.
        let sure = opening.get(..opening.len().saturating_sub(opening.len() % 3))?;
        let whole = [&encoded, ".", &base64url::encode_public(sure.as_bytes())].concat();
        let beginning =
            whole.get(..whole.len().saturating_sub(whole.len() % BLOCK_BYTES))?.to_owned();
        let header = Header { algorithm, kid: Some(id.to_owned()), typ: Some(typ.to_owned()) };
        Some(Self { begun: key.key.after(&beginning), beginning, encoded, header })
    }

    /// The key and the rest of a message that begins as ours do.
    fn begun<'a>(&self, message: &'a str) -> Option<(&CheckingKey, &'a str)> {
        Some((self.begun.as_ref()?, message.strip_prefix(self.beginning.as_str())?))
    }
}

/// SHA-256 works on blocks of so many bytes.
const BLOCK_BYTES: usize = 64;

/// A dot too many ends up in the payload, which is no base64url then.
fn split(token: &str) -> Checked<(&str, &str)> {
    if token.len() > TOKEN_MAX_BYTES {
        return Err(Reason::TokenFormat);
    }
    token.rsplit_once('.').ok_or(Reason::TokenFormat)
}

/// Both segments are canonical; the payload's bytes are kept.
fn decode<'a>(payload: &str, signature: &'a str, room: &mut Vec<u8>) -> Checked<Signature<'a>> {
    let signature = Signature::parse(signature, room).ok_or(Reason::TokenFormat)?;
    base64url::decode_into(payload, room).ok_or(Reason::TokenFormat)?;
    Ok(signature)
}

fn read_header(bytes: &[u8]) -> Checked<Header> {
    let header = json::object_of(bytes).ok_or(Reason::TokenHeader)?;
    if header.iter().any(|(name, _)| !matches!(name, "alg" | "typ" | "kid")) {
        return Err(Reason::TokenHeader);
    }
    let text = |name: &str| match header.text(name) {
        Some(None) => Err(Reason::TokenHeader),
        text => Ok(text.flatten().map(|text| text.into_owned())),
    };
    let (alg, kid, typ) = (text("alg")?.ok_or(Reason::TokenHeader)?, text("kid")?, text("typ")?);
    if kid.as_ref().is_some_and(|kid| kid.len() > KID_MAX_BYTES) {
        return Err(Reason::TokenHeader);
    }
    Ok(Header { algorithm: Algorithm::named(&alg).ok_or(Reason::TokenAlgorithm)?, kid, typ })
}
