//! The registered claims (RFC 7519 section 4.1): what a verifier insists on, and for how long an
//! answer stays true.

use super::json::{Object, Value};
use crate::foundation::error::RejectionReason;
use crate::foundation::time::{Seconds, Timestamp};

/// The last NumericDate, in milliseconds: the end of the year 9999.
const MAX_NUMERIC_DATE_MS: u64 = 253_402_300_799_000;

/// What a verifier insists on.
#[derive(Debug, Clone)]
pub struct ExpectedClaims {
    /// The `iss`, exactly.
    pub issuer: String,
    /// At least one of these is the `aud`, or in it.
    pub audiences: Vec<String>,
    /// The header's `typ`: one of these, exactly; `None` is its absence.
    pub token_types: Vec<Option<String>>,
    /// Claims that must be there, besides iss, aud and exp, and must not be null.
    pub required_claims: Vec<String>,
    /// How far another machine's clock may be off.
    pub leeway: Seconds,
    /// How far ahead `exp` may lie.
    pub max_lifetime: Seconds,
    /// How long ago `iat` may lie; then it must be there.
    pub max_age: Option<Seconds>,
}

/// From when until when a token is good; the end is the first moment at which it is not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ValidityWindow {
    /// The first good moment.
    pub from: Timestamp,
    /// The first moment after the last good one.
    pub until: Timestamp,
}

/// Checks the claims at a time.
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

/// `None` where `iat` is needed and missing.
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
        // At exactly the age it is still good.
        until = until.min(iat?.saturating_add(age.ms()).saturating_add(leeway).saturating_add(1));
    }
    Some(ValidityWindow { from: Timestamp::from_ms(from), until: Timestamp::from_ms(until) })
}

/// A string, or an array of strings; whether one of them is wanted.
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

/// A NumericDate in milliseconds: not negative, at most the end of the year 9999. It may have a
/// fraction.
pub fn numeric_date_ms(value: Value<'_>) -> Option<u64> {
    value.thousandths().filter(|ms| *ms <= MAX_NUMERIC_DATE_MS)
}

/// The same for a beginning: a token is not good a fraction of a millisecond early.
fn numeric_date_ms_rounded_up(value: Value<'_>) -> Option<u64> {
    value.thousandths_up().filter(|ms| *ms <= MAX_NUMERIC_DATE_MS)
}
