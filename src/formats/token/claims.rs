//! The validation of the registered claims (RFC 7519 section 4.1), and the time for which its
//! result stays true.

use super::json::{Object, Value};
use crate::foundation::error::RejectionReason;
use crate::foundation::time::{Seconds, Timestamp};

/// The largest date in a claim, in milliseconds since 1970: the end of the year 9999.
const MAX_NUMERIC_DATE_MS: u64 = 253_402_300_799_000;

/// The claims that a verifier expects.
#[derive(Debug, Clone)]
pub struct ExpectedClaims {
    /// The exact value of `iss`.
    pub issuer: String,
    /// The accepted audiences. At least one of them must be the claim `aud`, or in it.
    pub audiences: Vec<String>,
    /// The accepted values of the header `typ`. `None` accepts a token without `typ`.
    pub token_types: Vec<Option<String>>,
    /// The claims that must be there and not null, besides iss, aud and exp.
    pub required_claims: Vec<String>,
    /// The tolerated clock difference.
    pub leeway: Seconds,
    /// The longest accepted time until `exp`.
    pub max_lifetime: Seconds,
    /// The greatest accepted time since `iat`, which must then be there.
    pub max_age: Option<Seconds>,
}

/// The time in which a token is valid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ValidityWindow {
    /// The first moment at which the token is valid.
    pub from: Timestamp,
    /// The first moment at which the token is no longer valid.
    pub until: Timestamp,
}

/// Validates the claims at a time.
///
/// # Errors
/// [`RejectionReason::TokenClaimInvalid`], [`RejectionReason::TokenExpired`].
pub fn validate(
    claims: &Object<'_>,
    expected: &ExpectedClaims,
    now: Timestamp,
) -> Result<ValidityWindow, RejectionReason> {
    let wrong = RejectionReason::TokenClaimInvalid;
    let [mut iss, mut aud, mut sub, mut jti, mut exp, mut nbf, mut iat] = [None; 7];
    for (name, value) in claims.iter() {
        let place = match name {
            "iss" => &mut iss,
            "aud" => &mut aud,
            "sub" => &mut sub,
            "jti" => &mut jti,
            "exp" => &mut exp,
            "nbf" => &mut nbf,
            "iat" => &mut iat,
            _ => continue,
        };
        *place = Some(value);
    }
    let is_text = |value: Option<Value<'_>>| value.is_none_or(Value::is_text);
    if iss.and_then(Value::text).ok_or(wrong)? != expected.issuer
        || !audience_matches(aud.ok_or(wrong)?, &expected.audiences)?
    {
        return Err(wrong);
    }
    if !is_text(sub) || !is_text(jti) {
        return Err(wrong);
    }
    if !expected
        .required_claims
        .iter()
        .all(|name| claims.get(name).is_some_and(|value| value.json() != "null"))
    {
        return Err(wrong);
    }
    let end = |value: Option<Value<'_>>| {
        value.map(|value| numeric_date_ms(value).ok_or(wrong)).transpose()
    };
    let beginning = |value: Option<Value<'_>>| {
        value.map(|value| numeric_date_ms_rounded_up(value).ok_or(wrong)).transpose()
    };
    let begins = beginning(nbf)?.max(beginning(iat)?).unwrap_or(0);
    let window =
        validate_times(end(exp)?.ok_or(wrong)?, begins, end(iat)?, expected).ok_or(wrong)?;
    match now {
        now if now < window.from => Err(wrong),
        now if now >= window.until => Err(RejectionReason::TokenExpired),
        _ => Ok(window),
    }
}

/// Validates the times. Gives `None` where `iat` is needed and missing.
fn validate_times(
    exp: u64,
    begins: u64,
    iat: Option<u64>,
    expected: &ExpectedClaims,
) -> Option<ValidityWindow> {
    let leeway = expected.leeway.ms();
    let earliest = exp.saturating_sub(expected.max_lifetime.ms());
    let from = earliest.max(begins).saturating_sub(leeway);
    let mut until = exp.saturating_add(leeway);
    if let Some(age) = expected.max_age {
        // A token of exactly the greatest age is still valid.
        until = until.min(iat?.saturating_add(age.ms()).saturating_add(leeway).saturating_add(1));
    }
    Some(ValidityWindow { from: Timestamp::from_ms(from), until: Timestamp::from_ms(until) })
}

/// Whether `aud`, a string or an array of strings, holds an accepted audience.
fn audience_matches(aud: Value<'_>, usage: &[String]) -> Result<bool, RejectionReason> {
    let is_wanted = |one: &str| usage.iter().any(|other| other == one);
    match aud.text() {
        Some(one) => Ok(is_wanted(&one)),
        None => Ok(aud
            .text_list()
            .ok_or(RejectionReason::TokenClaimInvalid)?
            .iter()
            .any(|one| is_wanted(one))),
    }
}

/// A NumericDate in milliseconds: not negative, at most the end of the year 9999, and perhaps with
/// a fraction.
pub fn numeric_date_ms(value: Value<'_>) -> Option<u64> {
    value.thousandths().filter(|ms| *ms <= MAX_NUMERIC_DATE_MS)
}

/// A NumericDate that begins a validity. It is rounded up, so that a token is not valid a fraction
/// of a millisecond early.
fn numeric_date_ms_rounded_up(value: Value<'_>) -> Option<u64> {
    value.thousandths_up().filter(|ms| *ms <= MAX_NUMERIC_DATE_MS)
}
