//! The claims of our own access tokens (RFC 9068, `at+jwt`).

use super::json::{self, Object};
use super::signer;
use crate::formats::id::SessionId;
use crate::foundation::base64url;
use crate::foundation::error::{Error, ErrorCode, RejectionReason, Result};
use crate::foundation::time::{Seconds, Timestamp};
use std::borrow::Cow;
use std::fmt::Write;

/// The header's `typ`.
pub const TYP: &str = "at+jwt";
/// The longest lifetime a policy may give one.
pub const MAX_TTL: Seconds = Seconds(3600);
/// An access token ends up to this share earlier than the policy says: one twentieth.
const JITTER_DIVISOR: u64 = 20;
/// The most that an application's own claims may take, in bytes of JSON: they travel in a cookie.
const MAX_CUSTOM_CLAIMS_BYTES: usize = 1024;
/// What a session sets itself, or what would contradict it.
const RESERVED_CLAIMS: &[&str] = &[
    "iss",
    "aud",
    "sub",
    "sid",
    "gen",
    "jti",
    "iat",
    "exp",
    "nbf",
    "auth_time",
    "acr",
    "amr",
    "cnf",
    "client_id",
    "scope",
    "nonce",
    "azp",
];

/// What an access token says, without copying it. Field names are the registered claims (RFC 7519,
/// 7800, 9068, OpenID Connect Core).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccessTokenClaims<'a> {
    /// Issuer.
    pub iss: Cow<'a, str>,
    /// Audience.
    pub aud: Cow<'a, str>,
    /// Subject.
    pub sub: Cow<'a, str>,
    /// Public session id.
    pub sid: Cow<'a, str>,
    /// Generation of the refresh token it came with (`gen`).
    pub generation: u32,
    /// A name for this token alone.
    pub jti: Cow<'a, str>,
    /// Issued at, seconds since 1970.
    pub iat: u64,
    /// Ends at, seconds since 1970.
    pub exp: u64,
    /// When the user last proved who they are, seconds since 1970.
    pub auth_time: u64,
    /// Authentication context class.
    pub acr: Option<Cow<'a, str>>,
    /// Authentication methods.
    pub amr: Vec<Cow<'a, str>>,
    /// Thumbprint of the key that whoever presents it must hold (`cnf`, `jkt`: RFC 9449).
    pub jkt: Option<Cow<'a, str>>,
    /// The application's own claims: members of a JSON object, as [`own_claims`] gives them.
    pub custom: Option<&'a str>,
}

/// When an access token ends: `ttl` from now, up to 5 % less by `dice` (against stampedes, and
/// against a thief who keeps in step with a punctual victim), never after the session itself.
pub fn expires_at_seconds(
    now: Timestamp,
    ttl: Seconds,
    jitter_random: [u8; 4],
    session_end: Timestamp,
) -> u64 {
    let span = u64::from(ttl.0) / JITTER_DIVISOR;
    // (2^32 - 1) * (span + 1) < 2^64 for every span below 2^31.
    let less =
        u64::from(u32::from_le_bytes(jitter_random)).saturating_mul(span.saturating_add(1)) >> 32;
    now.saturating_add(ttl).whole_seconds().saturating_sub(less).min(session_end.whole_seconds())
}

/// A `jti` of 16 random bytes.
pub fn encode_token_id(random: &[u8; 16]) -> String {
    base64url::encode(random)
}

/// The members of an application's own claims, once nothing speaks against them.
///
/// # Errors
/// [`ErrorCode::Argument`] for what is no object, over 1 KiB, or names a claim that a session sets.
pub fn validate_custom_claims(claims: &str) -> Result<&str> {
    signer::validate_custom_claims(claims, MAX_CUSTOM_CLAIMS_BYTES, RESERVED_CLAIMS)
}

/// Whether this is a thumbprint as RFC 7638 makes them with SHA-256.
///
/// # Errors
/// [`ErrorCode::Argument`].
pub fn validate_thumbprint(jkt: &str) -> Result<()> {
    let wrong = || {
        Error::with_message(
            ErrorCode::Argument,
            "confirmation.jkt must be the SHA-256 thumbprint of a key (RFC 7638): 43 characters of base64url.",
        )
    };
    base64url::decode_array::<32>(jkt).map(drop).ok_or_else(wrong)
}

impl<'a> AccessTokenClaims<'a> {
    /// The session, where the id is well-formed.
    pub fn session(&self) -> Option<SessionId> {
        SessionId::parse(&self.sid)
    }

    /// The payload of a token.
    pub fn encode(&self) -> String {
        let mut text = String::with_capacity(512);
        let text_members = |members: &[(&str, &str)], text: &mut String| {
            for (name, value) in members {
                from_verified(name, text);
                json::quote(value, text);
            }
        };
        let Self { iss, aud, sub, sid, jti, generation, iat, exp, auth_time, .. } = self;
        // As `signer::opening`: verifiers know how our tokens begin.
        text_members(&[("iss", iss), ("aud", aud)], &mut text);
        // Writing to a String cannot fail.
        let _ =
            write!(text, r#","iat":{iat},"exp":{exp},"auth_time":{auth_time},"gen":{generation}"#);
        text_members(&[("sub", sub), ("sid", sid), ("jti", jti)], &mut text);
        if let Some(acr) = &self.acr {
            from_verified("acr", &mut text);
            json::quote(acr, &mut text);
        }
        if !self.amr.is_empty() {
            from_verified("amr", &mut text);
            for (position, method) in self.amr.iter().enumerate() {
                text.push(if position == 0 { '[' } else { ',' });
                json::quote(method, &mut text);
            }
            text.push(']');
        }
        if let Some(jkt) = &self.jkt {
            text.push_str(r#","cnf":{"jkt":"#);
            json::quote(jkt, &mut text);
            text.push('}');
        }
        signer::push_members(self.custom.unwrap_or_default(), &mut text);
        text.push('}');
        text
    }

    /// Reads the claims of a verified access token.
    ///
    /// # Errors
    /// [`RejectionReason::TokenClaimInvalid`] where one that we always set is missing or of another type:
    /// another program signs with our key.
    pub fn parse(claims: &Object<'a>) -> std::result::Result<Self, RejectionReason> {
        Self::from_object(claims).ok_or(RejectionReason::TokenClaimInvalid)
    }

    fn from_object(claims: &Object<'a>) -> Option<Self> {
        let text = |name: &str| claims.text(name)?;
        let whole = |name: &str| claims.get(name)?.whole_number();
        let cnf = claims.get("cnf").map(|cnf| json::parse_object(cnf.json()));
        Some(Self {
            iss: text("iss")?,
            aud: text("aud")?,
            sub: text("sub")?,
            sid: text("sid")?,
            generation: u32::try_from(whole("gen")?).ok()?,
            jti: text("jti")?,
            iat: whole("iat")?,
            exp: whole("exp")?,
            auth_time: whole("auth_time")?,
            acr: claims.text("acr").map_or(Some(None), |acr| acr.map(Some))?,
            amr: claims.get("amr").map_or(Some(Vec::new()), |amr| amr.text_list())?,
            jkt: match cnf {
                Some(cnf) => cnf?.text("jkt").flatten(),
                None => None,
            },
            custom: None,
        })
    }
}

/// The comma or brace before a member, and its name.
fn from_verified(name: &str, text: &mut String) {
    text.push(if text.is_empty() { '{' } else { ',' });
    json::quote(name, text);
    text.push(':');
}
