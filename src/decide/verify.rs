//! An access token is believed or not: no store, no entropy, no write.
//!
//! A revocation is therefore honoured within one access-token lifetime and the leeway, not at once.

use super::{RequestFacts, Site};
use crate::cookie::Which;
use crate::error::{Reason, Result};
use crate::time::Timestamp;
use crate::token::access::Claims;
use crate::token::jws::Verified;

/// An access token that is believed.
#[derive(Debug)]
pub struct Authenticated<'a> {
    /// What it says of the session.
    pub claims: Claims<'a>,
    /// Everything that it says.
    pub verified: Verified<'a>,
}

/// Checks the request's access cookie. `room` takes the claims.
///
/// # Errors
/// [`Code::DevelopmentMode`](crate::error::Code::DevelopmentMode).
pub fn authenticate<'a>(
    site: &Site,
    request: &RequestFacts,
    now: Timestamp,
    room: &'a mut Vec<u8>,
) -> Result<std::result::Result<Authenticated<'a>, Reason>> {
    Ok(match request.admit(site)? {
        Ok(()) => believed(site, request, now, room),
        Err(reason) => Err(reason),
    })
}

/// The access cookie of a request that comes from where it should.
pub(super) fn believed<'a>(
    site: &Site,
    request: &RequestFacts,
    now: Timestamp,
    room: &'a mut Vec<u8>,
) -> std::result::Result<Authenticated<'a>, Reason> {
    let token = request.cookie(site, Which::Access)?.ok_or(Reason::TokenMissing)?;
    let verified = site.verifier.verify(token, now, room)?;
    Ok(Authenticated { claims: Claims::read(verified.claims())?, verified })
}
