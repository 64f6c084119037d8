//! Signs tokens: a kept key, a kept header, and claims that are read as strictly as they will be
//! verified.

use super::algorithm::{Algorithm, SigningKey};
use super::claims;
use super::import::{TokenKey, refuse_twins};
use super::json::{self, DEPTH_MAX};
use crate::foundation::base64url;
use crate::foundation::error::{Code, Error, Result};
use crate::formats::schedule::{self, Schedule};
use crate::foundation::time::{Seconds, Timestamp};
use std::fmt::Write;

/// The longest token that is written or looked at, in bytes.
pub const TOKEN_MAX_BYTES: usize = 8192;
/// The most that an application's own claims may take, in bytes of JSON.
pub const CLAIMS_MAX_BYTES: usize = 4096;
/// The longest lifetime: a year.
pub const TTL_MAX_SECONDS: u32 = 31_536_000;
/// The claims that the options set; naming one among the application's own is a mistake.
const RESERVED: &[&str] = &["iss", "aud", "iat", "exp"];

/// Keys that sign, each with its encoded header.
#[derive(Debug)]
pub struct Heads(Vec<(Head, Schedule)>);

/// A key and the header of its tokens.
#[derive(Debug)]
pub struct Head {
    encoded: String,
    key: SigningKey,
}

/// Signs the application's own claims.
#[derive(Debug)]
pub struct Signer {
    heads: Heads,
    /// See [`opening`].
    opening: String,
    ttl: Seconds,
}

/// What a token is called: who says it, to whom, what for.
#[derive(Debug, Clone, Copy)]
pub struct Names<'a> {
    /// The `iss`.
    pub issuer: &'a str,
    /// The `aud`: one of them is a string, several are an array.
    pub audiences: &'a [String],
    /// The header's `typ`.
    pub typ: &'a str,
}

/// The encoded header of a token.
pub fn header(algorithm: Algorithm, typ: &str, kid: &str) -> String {
    let mut text = String::from(r#"{"typ":"#);
    json::quote(typ, &mut text);
    text.push_str(r#","alg":"#);
    json::quote(algorithm.name(), &mut text);
    text.push_str(r#","kid":"#);
    json::quote(kid, &mut text);
    text.push('}');
    base64url::encode_public(text.as_bytes())
}

/// How every payload of ours begins: `{"iss":..,"aud":..,"iat":`
///
/// # Errors
/// [`Code::Argument`] for no audience.
pub fn opening(issuer: &str, audiences: &[String]) -> Result<String> {
    let mut opening = String::from(r#"{"iss":"#);
    json::quote(issuer, &mut opening);
    opening.push_str(r#","aud":"#);
    write_audiences(audiences, &mut opening)?;
    opening.push_str(r#","iat":"#);
    Ok(opening)
}

impl Heads {
    /// Keeps what every token of this `typ` needs.
    ///
    /// # Errors
    /// [`Code::Config`] for public keys, for keys without a name, for two of one name, and for none
    /// at all.
    pub fn new(keys: &[TokenKey], typ: &str) -> Result<Self> {
        refuse_twins(keys)?;
        if keys.is_empty() {
            return Err(Error::because(
                Code::Config,
                "There is no key to sign with: give at least one.",
            ));
        }
        let heads = keys.iter().map(|key| {
            let nameless = || {
                Error::because(
                    Code::Config,
                    "A key that signs needs an id, which its tokens carry as kid: name it.",
                )
            };
            let signing = key.material.signing()?;
            let encoded = header(signing.algorithm(), typ, key.id.as_deref().ok_or_else(nameless)?);
            Ok((Head { encoded, key: signing }, key.schedule))
        });
        heads.collect::<Result<_>>().map(Self)
    }

    /// The key that signs at this time.
    pub fn current(&self, now: Timestamp) -> Option<&Head> {
        schedule::current(self.0.iter().map(|(head, schedule)| (head, schedule)), now)
    }

    /// The first key, whatever its times say.
    pub fn first(&self) -> Option<&Head> {
        self.0.first().map(|(head, _)| head)
    }
}

impl Head {
    /// The token of a payload.
    ///
    /// # Errors
    /// [`Code::Argument`] where it would be longer than any verifier reads; [`Code::Internal`].
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
        if token.len() > TOKEN_MAX_BYTES {
            return Err(Error::because(
                Code::Argument,
                "The token would exceed 8192 bytes: give it fewer claims.",
            ));
        }
        Ok(token)
    }
}

impl Signer {
    /// Keeps what every token needs.
    ///
    /// # Errors
    /// As [`Heads::new`]; [`Code::Argument`] for a lifetime out of range and for no audience.
    pub fn new(keys: &[TokenKey], names: &Names<'_>, ttl: Seconds) -> Result<Self> {
        if ttl.0 == 0 || ttl.0 > TTL_MAX_SECONDS {
            let why = format!("ttlSeconds must be a whole number from 1 to {TTL_MAX_SECONDS}.");
            return Err(Error::because(Code::Argument, why));
        }
        let opening = opening(names.issuer, names.audiences)?;
        Ok(Self { heads: Heads::new(keys, names.typ)?, opening, ttl })
    }

    /// Signs claims (a JSON object, as text) beside iss, aud, iat and exp.
    ///
    /// # Errors
    /// [`Code::Argument`] for claims that are no object, too large, reserved, or that no verifier
    /// of ours would read; [`Code::Config`] where no key may sign at this time.
    pub fn sign(&self, claims: &str, now: Timestamp) -> Result<String> {
        let own = own_claims(claims, CLAIMS_MAX_BYTES, RESERVED)?;
        let head = self.heads.current(now).ok_or_else(|| {
            Error::because(
                Code::Config,
                "No key may sign now: every one is upcoming or retired. Look at activeAtMs and retiredAtMs.",
            )
        })?;
        let mut payload = String::with_capacity(
            self.opening.len().saturating_add(claims.len()).saturating_add(64),
        );
        payload.push_str(&self.opening);
        // Writing to a String cannot fail.
        let _ = write!(
            payload,
            r#"{},"exp":{}"#,
            now.whole_seconds(),
            now.plus(self.ttl).whole_seconds()
        );
        push_members(own, &mut payload);
        payload.push('}');
        head.sign(&payload)
    }
}

/// The members of an application's claims, as JSON text without the braces, once nothing speaks
/// against them.
///
/// # Errors
/// [`Code::Argument`].
pub fn own_claims<'a>(claims: &'a str, most: usize, reserved: &[&str]) -> Result<&'a str> {
    let wrong = |why: String| Error::because(Code::Argument, why);
    if claims.len() > most {
        return Err(wrong(format!(
            "The claims take {} bytes, and {most} are the most.",
            claims.len()
        )));
    }
    let object = json::object(claims).ok_or_else(|| {
        wrong(format!(
            "The claims must be a plain object of JSON values with unique names, nested at most {DEPTH_MAX} deep."
        ))
    })?;
    if let Some((name, _)) = object.iter().find(|(name, _)| reserved.contains(name)) {
        return Err(wrong(format!("\"{name}\" is set by portcullis: leave it out of the claims.")));
    }
    let is_text = |name: &str| object.text(name).is_none_or(|text| text.is_some());
    let is_date = |name: &str| object.get(name).is_none_or(|value| claims::date(value).is_some());
    if !is_text("sub")
        || !is_text("jti")
        || !is_date("nbf")
        || !object.get("cnf").is_none_or(json::Value::is_object)
    {
        return Err(wrong(
            "sub and jti must be strings, nbf seconds since 1970, cnf an object (RFC 7519, RFC 7800).".to_owned(),
        ));
    }
    let inside = claims.trim_ascii().strip_prefix('{').and_then(|rest| rest.strip_suffix('}'));
    inside.ok_or(Error::from(Code::Internal))
}

/// Appends members behind others.
pub fn push_members(members: &str, payload: &mut String) {
    if !members.trim_ascii().is_empty() {
        payload.push(',');
        payload.push_str(members);
    }
}

fn write_audiences(audiences: &[String], into: &mut String) -> Result<()> {
    match audiences {
        [] => {
            return Err(Error::because(
                Code::Argument,
                "There is no audience: say who the token is for.",
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
