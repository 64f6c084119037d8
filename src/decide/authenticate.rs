//! Authentication of a request by its access token: no store, no entropy, no write.
//!
//! A revocation therefore takes effect within one access-token lifetime and the leeway, not at
//! once.

use super::request::CsrfRequirement;
use super::request::RequestFacts;
use super::site::Site;
use crate::formats::token::access_token::AccessTokenClaims;
use crate::formats::token::csrf_token::CsrfBinding;
use crate::formats::token::jws::VerifiedToken;
use crate::foundation::error::{Error, ErrorCode, RejectionReason, Result};
use crate::foundation::secret::Entropy;
use crate::foundation::time::Timestamp;

/// A verified access token of this site.
#[derive(Debug)]
pub struct AuthenticatedToken<'a> {
    /// The claims that describe the session.
    pub claims: AccessTokenClaims<'a>,
    /// The verified token, with every claim.
    pub verified: VerifiedToken<'a>,
}

/// Verifies the access token of a request. The claims are written into `buffer`.
///
/// # Errors
/// [`ErrorCode::DevelopmentMode`](crate::foundation::error::ErrorCode::DevelopmentMode).
pub fn authenticate<'a>(
    site: &Site,
    request: &RequestFacts,
    now: Timestamp,
    buffer: &'a mut Vec<u8>,
) -> Result<std::result::Result<AuthenticatedToken<'a>, RejectionReason>> {
    let requirement = match request.check_origin(site)? {
        Ok(requirement) => requirement,
        Err(reason) => return Ok(Err(reason)),
    };
    let authenticated = verify_access_token(site, request, now, buffer);
    Ok(authenticated.and_then(|authenticated| match requirement {
        CsrfRequirement::TokenRequired
            if !has_valid_csrf_token(site, request, &authenticated.claims) =>
        {
            Err(RejectionReason::CsrfToken)
        }
        _ => Ok(authenticated),
    }))
}

/// Verifies the access token of a request whose origin is permitted.
pub(super) fn verify_access_token<'a>(
    site: &Site,
    request: &RequestFacts,
    now: Timestamp,
    buffer: &'a mut Vec<u8>,
) -> std::result::Result<AuthenticatedToken<'a>, RejectionReason> {
    let token = request.access_token(site)?.ok_or(RejectionReason::TokenMissing)?;
    let verified = site.verifier.verify(token, now, buffer)?;
    Ok(AuthenticatedToken { claims: AccessTokenClaims::parse(verified.claims())?, verified })
}

/// Creates a CSRF token for a session that was authenticated at `authenticated_at`. The token is
/// valid until the next authentication, and only while its key is in the ring.
///
/// # Errors
/// [`ErrorCode::Argument`] for a text that is no session ID; [`ErrorCode::Entropy`].
pub fn create_csrf_token(
    site: &Site,
    session_id: &str,
    authenticated_at: Timestamp,
    acr: Option<&str>,
    now: Timestamp,
    entropy: &mut Entropy,
) -> Result<String> {
    let sid = super::validate::parse_session_id(session_id)?.encode();
    let bond = CsrfBinding { session_id: &sid, auth_time: authenticated_at.whole_seconds(), acr };
    bond.issue(&site.key_ring, &site.key_ring.current_key(now).tag, &entropy.take()?)
        .ok_or(Error::from(ErrorCode::Internal))
}

/// Whether the request carries a CSRF token of the session that its access token claims.
fn has_valid_csrf_token(
    site: &Site,
    request: &RequestFacts,
    claims: &AccessTokenClaims<'_>,
) -> bool {
    let bond = CsrfBinding {
        session_id: &claims.sid,
        auth_time: claims.auth_time,
        acr: claims.acr.as_deref(),
    };
    request.csrf_token.as_ref().is_some_and(|token| bond.verify(&site.key_ring, token))
}
