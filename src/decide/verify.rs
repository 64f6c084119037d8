//! An access token is believed or not: no store, no entropy, no write.
//!
//! A revocation is therefore honoured within one access-token lifetime and the leeway, not at once.

use super::outcome::{Headers, Rejection};
use super::{RequestFacts, Site};
use crate::cookie::Which;
use crate::error::{Reason, Result};
use crate::time::Timestamp;
use crate::token::access::Claims;

/// An access token that is believed. Its claims are what it said, as JSON text, and [`Claims`] was read from them.
#[derive(Debug)]
pub struct Authenticated {
    /// What it says.
    pub claims: Claims,
    /// Every claim, as JSON text.
    pub text: String,
}

/// Checks the request's access cookie.
///
/// # Errors
/// [`Code::DevelopmentMode`](crate::error::Code::DevelopmentMode).
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
    match access_token(site, token, now) {
        Ok((claims, text)) => Ok(Ok(Authenticated { claims, text })),
        Err(reason) => refused(reason),
    }
}

/// Checks an access token of this site. Gives its claims, and its text.
pub(super) fn access_token(site: &Site, token: &str, now: Timestamp) -> std::result::Result<(Claims, String), Reason> {
    let mut room = Vec::new();
    let verified = site.verifier.verify(token, now, &mut room)?;
    Ok((Claims::read(verified.claims())?, verified.text().to_owned()))
}
