//! An access token is believed or not: no store, no entropy, no write.
//!
//! A revocation is therefore honoured within one access-token lifetime and the leeway, not at once.

use super::outcome::{Headers, Rejection};
use super::{RequestFacts, Site};
use crate::cookie::Which;
use crate::error::{Reason, Result};
use crate::time::Timestamp;
use crate::token::access::{self, Claims};
use crate::token::jws::{self, Expected};
use serde::Serialize;

/// What an access token says, once it is believed.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Authenticated {
    id: String,
    subject: String,
    generation: u32,
    authenticated_at_ms: f64,
    acr: Option<String>,
    amr: Vec<String>,
    expires_at_ms: f64,
    /// Every claim, as JSON text.
    claims: String,
}

/// Checks the request's access cookie.
///
/// # Errors
/// [`Code::DevelopmentMode`](crate::error::Code::DevelopmentMode), [`Code::CryptoProvider`](crate::error::Code::CryptoProvider).
pub fn authenticate(
    site: &Site,
    request: &RequestFacts,
    now: Timestamp,
) -> Result<std::result::Result<Authenticated, Rejection>> {
    let refused = |reason| Ok(Err(Rejection::new(reason, Headers::new())));
    if let Err(reason) = request.admit(site)? {
        return refused(reason);
    }
    let token = match request.cookie(site, Which::Access) {
        Ok(Some(token)) => token,
        Ok(None) => return refused(Reason::TokenMissing),
        Err(reason) => return refused(reason),
    };
    match access_token(site, token, now)? {
        Ok((claims, text)) => Ok(Ok(Authenticated::new(claims, text))),
        Err(reason) => refused(reason),
    }
}

/// Checks an access token of this site.
pub(super) fn access_token(
    site: &Site,
    token: &str,
    now: Timestamp,
) -> Result<std::result::Result<(Claims, String), Reason>> {
    let expected =
        Expected { issuer: &site.issuer, audience: &site.audience, typ: access::TYP, leeway: site.policy.leeway };
    let verified = jws::verify(token, |kid| site.ring.by_id(kid), &expected, now)?;
    Ok(verified.and_then(|verified| access::read(&verified).map(|claims| (claims, verified.into_claims()))))
}

impl Authenticated {
    fn new(claims: Claims, text: String) -> Self {
        let ms = |seconds: u64| seconds.saturating_mul(1000) as f64;
        Self {
            id: claims.sid,
            subject: claims.sub,
            generation: claims.generation,
            authenticated_at_ms: ms(claims.auth_time),
            acr: claims.acr,
            amr: claims.amr,
            expires_at_ms: ms(claims.exp),
            claims: text,
        }
    }
}
