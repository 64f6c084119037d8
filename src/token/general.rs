//! Tokens outside a session, for people with their own plumbing: the same keys, the same strict front, claims of the
//! application's choice.

use super::json;
use super::jws::{self, Expected};
use super::verifying::{Algorithm, PublishedKey, VerifyingKey};
use crate::error::{Code, Error, Reason, Result};
use crate::keys::Key;
use crate::time::{Seconds, Timestamp};
use serde_json::{Map, Value};

/// The most that an application's own claims may take, in bytes of JSON.
pub const CLAIMS_MAX_BYTES: usize = 4096;
/// The longest lifetime: a year.
pub const TTL_MAX_SECONDS: u32 = 31_536_000;
/// The claims that the options set; naming one among the application's own is a mistake.
const RESERVED: &[&str] = &["iss", "aud", "iat", "exp"];

/// What a token is called: who says it, to whom, what for.
#[derive(Debug, Clone, Copy)]
pub struct Names<'a> {
    /// The `iss`.
    pub issuer: &'a str,
    /// The `aud`.
    pub audience: &'a str,
    /// The header's `typ`.
    pub typ: &'a str,
}

/// Signs the application's own claims (a JSON object, as text) beside iss, aud, iat and exp.
///
/// # Errors
/// [`Code::Argument`] for claims that are no object, too large or reserved, and for a lifetime out of range.
pub fn issue(key: &Key, claims: &str, names: &Names<'_>, ttl: Seconds, now: Timestamp) -> Result<String> {
    let wrong = |why: String| Error::because(Code::Argument, why);
    if claims.len() > CLAIMS_MAX_BYTES {
        return Err(wrong(format!("The claims take {} bytes, and {CLAIMS_MAX_BYTES} are the most.", claims.len())));
    }
    if ttl.0 == 0 || ttl.0 > TTL_MAX_SECONDS {
        return Err(wrong(format!("ttlSeconds must be a whole number from 1 to {TTL_MAX_SECONDS}.")));
    }
    if !json::is_strict(claims.as_bytes()) {
        return Err(wrong(format!(
            "The claims must be JSON with unique names, nested at most {} deep.",
            json::DEPTH_MAX
        )));
    }
    let mut all: Map<String, Value> = serde_json::from_str(claims)
        .map_err(|_| wrong("The claims must be a plain object of JSON values.".to_owned()))?;
    if let Some(name) = RESERVED.iter().find(|name| all.contains_key(**name)) {
        return Err(wrong(format!("\"{name}\" is set by the options: leave it out of the claims.")));
    }
    all.insert("iss".to_owned(), names.issuer.into());
    all.insert("aud".to_owned(), names.audience.into());
    all.insert("iat".to_owned(), now.whole_seconds().into());
    all.insert("exp".to_owned(), now.plus(ttl).whole_seconds().into());
    jws::sign(key, names.typ, &all)
}

/// The keys that a verifier believes.
#[derive(Debug, Default)]
pub struct Believed {
    /// Our own, by name.
    pub ring: Vec<Key>,
    /// Those that other issuers published.
    pub published: Vec<PublishedKey>,
}

impl Believed {
    /// Checks that no two keys have one name.
    ///
    /// # Errors
    /// [`Code::Config`].
    pub fn new(ring: Vec<Key>, published: Vec<PublishedKey>) -> Result<Self> {
        let believed = Self { ring, published };
        let names: Vec<_> = believed.iter().filter_map(|(id, _)| id).collect();
        match names
            .iter()
            .enumerate()
            .find(|(position, name)| names.iter().skip(position.saturating_add(1)).any(|other| other == *name))
        {
            Some((_, name)) => Err(Error::because(Code::Config, format!("Two keys are called \"{name}\": keep one."))),
            None => Ok(believed),
        }
    }

    fn iter(&self) -> impl Iterator<Item = (Option<&str>, VerifyingKey)> {
        let ring = self.ring.iter().map(|key| (Some(key.id.as_str()), VerifyingKey::hs256(&key.signing)));
        ring.chain(self.published.iter().map(|published| (published.id.as_deref(), published.key.clone())))
    }

    /// The key of exactly this name; without a name, the only one that fits.
    fn key_for(&self, kid: Option<&str>, algorithm: Algorithm) -> Option<VerifyingKey> {
        match kid {
            Some(kid) => self.iter().find(|(id, _)| *id == Some(kid)).map(|(_, key)| key),
            None => {
                let mut fitting = self.iter().filter(|(_, key)| key.algorithm == algorithm);
                let (_, key) = fitting.next()?;
                fitting.next().is_none().then_some(key)
            }
        }
    }
}

/// Verifies a token under any of the keys and gives its claims as JSON text.
///
/// # Errors
/// As [`jws::verify`].
pub fn check(
    keys: &Believed,
    token: &str,
    expected: &Expected<'_>,
    now: Timestamp,
) -> Result<std::result::Result<String, Reason>> {
    let verified = jws::verify(token, |kid, algorithm| keys.key_for(kid, algorithm), expected, now)?;
    Ok(verified.map(jws::Verified::into_claims))
}
