//! The claims of our own access tokens (RFC 9068, `at+jwt`).

use super::jws;
use crate::base64url;
use crate::error::{Reason, Result};
use crate::id::SessionId;
use crate::keys::Key;
use crate::time::{Seconds, Timestamp};
use serde::{Deserialize, Serialize};

/// The header's `typ`.
pub const TYP: &str = "at+jwt";
/// The longest lifetime a policy may give one.
pub const TTL_MAX: Seconds = Seconds(3600);
/// An access token ends up to this share earlier than the policy says: one twentieth.
const JITTER_DIVISOR: u64 = 20;

/// What an access token says. Field names are the registered claims (RFC 7519, 9068, OpenID Connect Core).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claims {
    /// Issuer.
    pub iss: String,
    /// Audience.
    pub aud: String,
    /// Subject.
    pub sub: String,
    /// Public session id.
    pub sid: String,
    /// Generation of the refresh token it came with.
    #[serde(rename = "gen")]
    pub generation: u32,
    /// A name for this token alone.
    pub jti: String,
    /// Issued at, seconds since 1970.
    pub iat: u64,
    /// Ends at, seconds since 1970.
    pub exp: u64,
    /// When the user last proved who they are, seconds since 1970.
    pub auth_time: u64,
    /// Authentication context class.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acr: Option<String>,
    /// Authentication methods.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub amr: Vec<String>,
}

impl Claims {
    /// The session, where the id is well-formed.
    pub fn session(&self) -> Option<SessionId> {
        SessionId::parse(&self.sid)
    }
}

/// When an access token ends: `ttl` from now, up to 5 % less by `dice` (against stampedes, and against a thief who
/// keeps in step with a punctual victim), never after the session itself.
pub fn ends_at(now: Timestamp, ttl: Seconds, dice: [u8; 4], session_end: Timestamp) -> u64 {
    let span = u64::from(ttl.0) / JITTER_DIVISOR;
    // (2^32 - 1) * (span + 1) < 2^64 for every span below 2^31.
    let less = u64::from(u32::from_le_bytes(dice)).saturating_mul(span.saturating_add(1)) >> 32;
    now.plus(ttl).whole_seconds().saturating_sub(less).min(session_end.whole_seconds())
}

/// A `jti` of 16 random bytes.
pub fn token_name(random: &[u8; 16]) -> String {
    base64url::encode(random)
}

/// Signs an access token.
///
/// # Errors
/// As [`jws::sign`].
pub fn sign(key: &Key, claims: &Claims) -> Result<String> {
    jws::sign(key, TYP, claims)
}

/// Reads the claims of a verified access token.
///
/// # Errors
/// [`Reason::TokenClaim`] where one that we always set is missing: another program signs with our key.
pub fn read(verified: &jws::Verified) -> std::result::Result<Claims, Reason> {
    jws::parse_claims(verified.claims())
}
