//! The claims of the site's own access tokens (RFC 9068).

use super::json::{self, Object};
use super::signer;
use crate::formats::id::SessionId;
use crate::foundation::base64url;
use crate::foundation::error::{Error, ErrorCode, RejectionReason, Result};
use crate::foundation::time::{Seconds, Timestamp};
use std::borrow::Cow;
use std::fmt::Write;

/// The `typ` of an access token's header (RFC 9068 section 2.1).
pub const TYP: &str = "at+jwt";
/// The longest lifetime that a policy may give an access token.
pub const MAX_TTL: Seconds = Seconds(3600);
/// An access token expires earlier than its lifetime by up to this share: one twentieth.
const JITTER_DIVISOR: u64 = 20;
/// The largest custom claims, in bytes of JSON, because a cookie carries them.
const MAX_CUSTOM_CLAIMS_BYTES: usize = 1024;
/// The claims that a session sets itself, or that would contradict it.
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

/// The claims of an access token, without a copy. The fields have the names of the registered
/// claims (RFC 7519, RFC 7800, RFC 9068, OpenID Connect Core).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccessTokenClaims<'a> {
    /// The issuer of the token.
    pub iss: Cow<'a, str>,
    /// The audience of the token.
    pub aud: Cow<'a, str>,
    /// The subject of the session.
    pub sub: Cow<'a, str>,
    /// The public session ID.
    pub sid: Cow<'a, str>,
    /// The generation of the refresh token that was issued with the token (`gen`).
    pub generation: u32,
    /// The ID of this token.
    pub jti: Cow<'a, str>,
    /// The time of the issue, in seconds since 1970.
    pub iat: u64,
    /// The expiry time, in seconds since 1970.
    pub exp: u64,
    /// The time at which the user last authenticated, in seconds since 1970.
    pub auth_time: u64,
    /// The authentication context class (OpenID Connect Core section 2).
    pub acr: Option<Cow<'a, str>>,
    /// The authentication methods (RFC 8176).
    pub amr: Vec<Cow<'a, str>>,
    /// The thumbprint of the client's key: the member `jkt` of the claim `cnf` (RFC 9449 section
    /// 6.1).
    pub jkt: Option<Cow<'a, str>>,
    /// The application's claims: the members of a JSON object, as [`validate_custom_claims`] gives
    /// them.
    pub custom: Option<&'a str>,
}

/// The expiry time of an access token: `ttl` from now, up to 5 % earlier by `jitter_random`, and
/// never after the session. The jitter spreads the refreshes of many clients, and detects a thief
/// who refreshes in step with the victim.
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

/// Encodes 16 random bytes as a token ID (`jti`).
pub fn encode_token_id(random: &[u8; 16]) -> String {
    base64url::encode(random)
}

/// Gives the members of the application's claims, after the checks.
///
/// # Errors
/// [`ErrorCode::Argument`] for anything but an object, for more than 1 KiB, and for a reserved
/// claim.
pub fn validate_custom_claims(claims: &str) -> Result<&str> {
    signer::validate_custom_claims(claims, MAX_CUSTOM_CLAIMS_BYTES, RESERVED_CLAIMS)
}

/// Checks that a text is a SHA-256 thumbprint (RFC 7638).
///
/// # Errors
/// [`ErrorCode::Argument`].
pub fn validate_thumbprint(jkt: &str) -> Result<()> {
    let wrong = || {
        Error::with_message(
            ErrorCode::Argument,
            "cnf.jkt must be the SHA-256 thumbprint of a key (RFC 7638): \
             43 characters of base64url.",
        )
    };
    base64url::decode_array::<32>(jkt).map(drop).ok_or_else(wrong)
}

impl<'a> AccessTokenClaims<'a> {
    /// The session of the token, where the claim `sid` is valid.
    pub fn session(&self) -> Option<SessionId> {
        SessionId::parse(&self.sid)
    }

    /// Encodes the claims as the payload of a token.
    pub fn encode(&self) -> String {
        let mut text = String::with_capacity(512);
        let text_members = |members: &[(&str, &str)], text: &mut String| {
            for (name, value) in members {
                push_member_name(name, text);
                json::quote(value, text);
            }
        };
        let Self { iss, aud, sub, sid, jti, generation, iat, exp, auth_time, .. } = self;
        // The same beginning as `signer::payload_prefix`, which verifiers have hashed already.
        text_members(&[("iss", iss), ("aud", aud)], &mut text);
        // Writing to a String cannot fail.
        let _ =
            write!(text, r#","iat":{iat},"exp":{exp},"auth_time":{auth_time},"gen":{generation}"#);
        text_members(&[("sub", sub), ("sid", sid), ("jti", jti)], &mut text);
        if let Some(acr) = &self.acr {
            push_member_name("acr", &mut text);
            json::quote(acr, &mut text);
        }
        if !self.amr.is_empty() {
            push_member_name("amr", &mut text);
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

    /// Parses the claims of a verified access token.
    ///
    /// # Errors
    /// [`RejectionReason::TokenClaimInvalid`] where a claim that every access token has is missing
    /// or has a wrong type: another program signs with the site's key.
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

/// Appends the comma or brace before a member, and its name.
fn push_member_name(name: &str, text: &mut String) {
    text.push(if text.is_empty() { '{' } else { ',' });
    json::quote(name, text);
    text.push(':');
}
