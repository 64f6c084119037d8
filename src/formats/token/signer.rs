//! Signs tokens with prepared keys and headers, and parses claims as strictly as they are verified.

use super::algorithm::{Algorithm, SigningKey};
use super::claims;
use super::json::{self, MAX_DEPTH};
use super::key_import::{TokenKey, reject_duplicate_ids};
use crate::formats::key_schedule::{self, KeySchedule};
use crate::foundation::base64url;
use crate::foundation::error::{Error, ErrorCode, Result};
use crate::foundation::time::{Seconds, Timestamp};
use std::fmt::Write;

/// The longest token that is signed or verified, in bytes.
pub const MAX_TOKEN_BYTES: usize = 8192;
/// The largest custom claims, in bytes of JSON.
pub const MAX_CLAIMS_BYTES: usize = 4096;
/// The longest lifetime of a token, in seconds: one year.
pub const MAX_TTL_SECONDS: u32 = 31_536_000;
/// The claims that the options set, and that custom claims must not name.
const RESERVED_CLAIMS: &[&str] = &["iss", "aud", "iat", "exp"];

/// Signing keys, each with its schedule and its encoded header.
#[derive(Debug)]
pub struct SigningKeys(Vec<(PreparedSigner, KeySchedule)>);

/// A key, and the header of its tokens.
#[derive(Debug)]
pub struct PreparedSigner {
    encoded: String,
    key: SigningKey,
}

/// Signs custom claims as tokens.
#[derive(Debug)]
pub struct Signer {
    signing_keys: SigningKeys,
    /// The beginning of every payload: see [`payload_prefix`].
    payload_prefix: String,
    ttl: Seconds,
}

/// The issuer, the audiences and the type of tokens.
#[derive(Debug, Clone, Copy)]
pub struct TokenSettings<'a> {
    /// The claim `iss` of the tokens.
    pub issuer: &'a str,
    /// The claim `aud` of the tokens. One audience is a string, and several are an array.
    pub audiences: &'a [String],
    /// The `typ` of the tokens' header.
    pub typ: &'a str,
}

/// Encodes the header of a token.
pub fn encode_header(algorithm: Algorithm, typ: &str, kid: &str) -> String {
    let mut text = String::from(r#"{"typ":"#);
    json::quote(typ, &mut text);
    text.push_str(r#","alg":"#);
    json::quote(algorithm.name(), &mut text);
    text.push_str(r#","kid":"#);
    json::quote(kid, &mut text);
    text.push('}');
    base64url::encode_public(text.as_bytes())
}

/// The beginning of every payload: `{"iss":..,"aud":..,"iat":`
///
/// # Errors
/// [`ErrorCode::Argument`] for no audience.
pub fn payload_prefix(issuer: &str, audiences: &[String]) -> Result<String> {
    let mut payload_prefix = String::from(r#"{"iss":"#);
    json::quote(issuer, &mut payload_prefix);
    payload_prefix.push_str(r#","aud":"#);
    write_audiences(audiences, &mut payload_prefix)?;
    payload_prefix.push_str(r#","iat":"#);
    Ok(payload_prefix)
}

impl SigningKeys {
    /// Prepares the keys for tokens of this `typ`.
    ///
    /// # Errors
    /// [`ErrorCode::Config`] for public keys, for keys without a key ID, for duplicate key IDs, and
    /// for no keys at all.
    pub fn new(keys: &[TokenKey], typ: &str) -> Result<Self> {
        reject_duplicate_ids(keys)?;
        if keys.is_empty() {
            return Err(Error::with_message(
                ErrorCode::Config,
                "The signing key is missing: pass at least one key.",
            ));
        }
        let heads = keys.iter().map(|key| {
            let nameless = || {
                Error::with_message(
                    ErrorCode::Config,
                    "A signing key needs an id: pass the kid of its tokens.",
                )
            };
            let signing_key = key.material.signing_key()?;
            let encoded = encode_header(
                signing_key.algorithm(),
                typ,
                key.id.as_deref().ok_or_else(nameless)?,
            );
            Ok((PreparedSigner { encoded, key: signing_key }, key.schedule))
        });
        heads.collect::<Result<_>>().map(Self)
    }

    /// The key that signs at this time.
    pub fn current_signer(&self, now: Timestamp) -> Option<&PreparedSigner> {
        key_schedule::current_key(self.0.iter().map(|(head, schedule)| (head, schedule)), now)
    }

    /// The first key, whatever its schedule says.
    pub fn first(&self) -> Option<&PreparedSigner> {
        self.0.first().map(|(head, _)| head)
    }
}

impl PreparedSigner {
    /// Signs a payload.
    ///
    /// # Errors
    /// [`ErrorCode::Argument`] where the token would be longer than verifiers accept;
    /// [`ErrorCode::Internal`].
    pub fn sign(&self, payload: &str) -> Result<String> {
        // With its signature of at most 64 bytes.
        let length =
            payload.len().saturating_add(64).div_ceil(3).saturating_mul(4).saturating_add(8);
        let mut token = String::with_capacity(self.encoded.len().saturating_add(length));
        token.push_str(&self.encoded);
        token.push('.');
        base64url::append_public(payload.as_bytes(), &mut token);
        let signature = self.key.sign(token.as_bytes())?;
        token.push('.');
        token.push_str(&signature);
        if token.len() > MAX_TOKEN_BYTES {
            return Err(Error::with_message(
                ErrorCode::Argument,
                "The token would exceed 8192 bytes: give it fewer claims.",
            ));
        }
        Ok(token)
    }
}

impl Signer {
    /// Prepares the keys and the beginning of the payload.
    ///
    /// # Errors
    /// As [`SigningKeys::new`]; [`ErrorCode::Argument`] for a lifetime out of range and for no
    /// audience.
    pub fn new(keys: &[TokenKey], names: &TokenSettings<'_>, ttl: Seconds) -> Result<Self> {
        if ttl.0 == 0 || ttl.0 > MAX_TTL_SECONDS {
            let why = format!("ttlSeconds must be a whole number from 1 to {MAX_TTL_SECONDS}.");
            return Err(Error::with_message(ErrorCode::Argument, why));
        }
        let prefix = payload_prefix(names.issuer, names.audiences)?;
        Ok(Self { signing_keys: SigningKeys::new(keys, names.typ)?, payload_prefix: prefix, ttl })
    }

    /// Signs claims (a JSON object, as text) beside iss, aud, iat and exp.
    ///
    /// # Errors
    /// [`ErrorCode::Argument`] for claims that are no object, too large, reserved, or that no
    /// strict verifier accepts; [`ErrorCode::Config`] where no key may sign at this time.
    pub fn sign(&self, claims: &str, now: Timestamp) -> Result<String> {
        let own = validate_custom_claims(claims, MAX_CLAIMS_BYTES, RESERVED_CLAIMS)?;
        let head = self.signing_keys.current_signer(now).ok_or_else(|| {
            Error::with_message(
                ErrorCode::Config,
                "No key may sign now: all are upcoming or retired. \
                 Check activeAtMs and retiredAtMs.",
            )
        })?;
        let mut payload = String::with_capacity(
            self.payload_prefix.len().saturating_add(claims.len()).saturating_add(64),
        );
        payload.push_str(&self.payload_prefix);
        // Writing to a String cannot fail.
        let _ = write!(
            payload,
            r#"{},"exp":{}"#,
            now.whole_seconds(),
            now.saturating_add(self.ttl).whole_seconds()
        );
        push_members(own, &mut payload);
        payload.push('}');
        head.sign(&payload)
    }
}

/// The members of custom claims as JSON text without braces, after the checks.
///
/// # Errors
/// [`ErrorCode::Argument`].
pub fn validate_custom_claims<'a>(
    claims: &'a str,
    most: usize,
    reserved: &[&str],
) -> Result<&'a str> {
    let wrong = |why: String| Error::with_message(ErrorCode::Argument, why);
    if claims.len() > most {
        return Err(wrong(format!(
            "The claims take {} bytes, and {most} are the most.",
            claims.len()
        )));
    }
    let object = json::parse_object(claims).ok_or_else(|| {
        wrong(format!(
            "The claims must be a plain object of JSON values with \
             unique names, nested at most {MAX_DEPTH} deep."
        ))
    })?;
    if let Some((name, _)) = object.iter().find(|(name, _)| reserved.contains(name)) {
        return Err(wrong(format!("\"{name}\" is set by portcullis: leave it out of the claims.")));
    }
    let is_text = |name: &str| object.text(name).is_none_or(|text| text.is_some());
    let is_date =
        |name: &str| object.get(name).is_none_or(|value| claims::numeric_date_ms(value).is_some());
    if !is_text("sub")
        || !is_text("jti")
        || !is_date("nbf")
        || !object.get("cnf").is_none_or(json::Value::is_object)
    {
        return Err(wrong(
            "sub and jti must be strings, nbf seconds since 1970, cnf an object (RFC 7519, \
             RFC 7800)."
                .to_owned(),
        ));
    }
    let inside = claims.trim_ascii().strip_prefix('{').and_then(|rest| rest.strip_suffix('}'));
    inside.ok_or(Error::from(ErrorCode::Internal))
}

/// Appends members after others.
pub fn push_members(members: &str, payload: &mut String) {
    if !members.trim_ascii().is_empty() {
        payload.push(',');
        payload.push_str(members);
    }
}

fn write_audiences(audiences: &[String], into: &mut String) -> Result<()> {
    match audiences {
        [] => {
            return Err(Error::with_message(
                ErrorCode::Argument,
                "The audience is missing: name the token's recipient.",
            ));
        }
        [one] => json::quote(one, into),
        several => {
            for (position, one) in several.iter().enumerate() {
                into.push(if position == 0 { '[' } else { ',' });
                json::quote(one, into);
            }
            into.push(']');
        }
    }
    Ok(())
}
