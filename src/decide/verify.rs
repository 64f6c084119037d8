//! An access token is believed or not: no store, no entropy, no write.
//!
//! A revocation is therefore honoured within one access-token lifetime and the leeway, not at once.

use super::request::Passage;
use super::{RequestFacts, Site};
use crate::foundation::error::{Code, Error, Reason, Result};
use crate::foundation::secret::Entropy;
use crate::foundation::time::Timestamp;
use crate::formats::token::access::Claims;
use crate::formats::token::csrf::Bond;
use crate::formats::token::jws::Verified;

/// An access token that is believed.
#[derive(Debug)]
pub struct Authenticated<'a> {
    /// What it says of the session.
    pub claims: Claims<'a>,
    /// Everything that it says.
    pub verified: Verified<'a>,
}

/// Checks the request's access token. `room` takes the claims.
///
/// # Errors
/// [`Code::DevelopmentMode`](crate::foundation::error::Code::DevelopmentMode).
pub fn authenticate<'a>(
    site: &Site,
    request: &RequestFacts,
    now: Timestamp,
    room: &'a mut Vec<u8>,
) -> Result<std::result::Result<Authenticated<'a>, Reason>> {
    let passage = match request.admit(site)? {
        Ok(passage) => passage,
        Err(reason) => return Ok(Err(reason)),
    };
    let authenticated = believed(site, request, now, room);
    Ok(authenticated.and_then(|authenticated| match passage {
        Passage::WithToken if !holds(site, request, &authenticated.claims) => Err(Reason::Csrf),
        _ => Ok(authenticated),
    }))
}

/// The access token of a request that comes from where it should.
pub(super) fn believed<'a>(
    site: &Site,
    request: &RequestFacts,
    now: Timestamp,
    room: &'a mut Vec<u8>,
) -> std::result::Result<Authenticated<'a>, Reason> {
    let token = request.access_token(site)?.ok_or(Reason::TokenMissing)?;
    let verified = site.verifier.verify(token, now, room)?;
    Ok(Authenticated { claims: Claims::read(verified.claims())?, verified })
}

/// A CSRF token for a session whose user last proved who they are at `authenticated_at`. Good until
/// the next proof, and as long as the key that signs it now is in the ring.
///
/// # Errors
/// [`Code::Argument`] for what is no session id, [`Code::Entropy`].
pub fn csrf_token(
    site: &Site,
    session_id: &str,
    authenticated_at: Timestamp,
    acr: Option<&str>,
    now: Timestamp,
    entropy: &mut Entropy,
) -> Result<String> {
    let sid = super::session(session_id)?.text();
    let bond = Bond { sid: &sid, auth_time: authenticated_at.whole_seconds(), acr };
    bond.token(&site.ring, &site.ring.current(now).tag, &entropy.take()?)
        .ok_or(Error::from(Code::Internal))
}

/// Whether the request's CSRF token is one of the session that its access token claims.
fn holds(site: &Site, request: &RequestFacts, claims: &Claims<'_>) -> bool {
    let bond = Bond { sid: &claims.sid, auth_time: claims.auth_time, acr: claims.acr.as_deref() };
    request.csrf.as_ref().is_some_and(|token| bond.holds(&site.ring, token))
}
