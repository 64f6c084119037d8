//! Tokens outside a session, for people with their own plumbing: the same keys, the same strict front, claims of the
//! application's choice.

use super::json;
use super::jws::{self, Expected};
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

/// Signs the application's own claims (a JSON object, as text) beside iss, aud, iat and exp.
///
/// # Errors
/// [`Code::Argument`] for claims that are no object, too large or reserved, and for a lifetime out of range.
pub fn issue(key: &Key, claims: &str, expected: &Expected<'_>, ttl: Seconds, now: Timestamp) -> Result<String> {
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
    all.insert("iss".to_owned(), expected.issuer.into());
    all.insert("aud".to_owned(), expected.audience.into());
    all.insert("iat".to_owned(), now.whole_seconds().into());
    all.insert("exp".to_owned(), now.plus(ttl).whole_seconds().into());
    jws::sign(key, expected.typ, &all)
}

/// Verifies a token under any of the keys and gives its claims as JSON text.
///
/// # Errors
/// As [`jws::verify`].
pub fn check(
    keys: &[Key],
    token: &str,
    expected: &Expected<'_>,
    now: Timestamp,
) -> Result<std::result::Result<String, Reason>> {
    let verified = jws::verify(token, |kid| keys.iter().find(|key| key.id == kid), expected, now)?;
    Ok(verified.map(jws::Verified::into_claims))
}
