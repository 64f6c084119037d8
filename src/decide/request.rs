//! The facts of a request, the check of its origin, and the credentials that it carries.

use super::site::Site;
use crate::formats::client_family::ClientFamily;
use crate::formats::cookie::{self, CookieKind};
use crate::formats::origin_check::{OriginVerdict, RequestOrigin};
use crate::formats::token::device_cookie;
use crate::formats::token::refresh_token::RefreshToken;
use crate::foundation::error::{Error, ErrorCode, RejectionReason, Result};
use crate::foundation::secret::SecretText;
use crate::model::policy::Transport;
use std::cmp::Ordering;

/// The facts of a request, as the host read them.
#[derive(Debug, Clone, Default)]
pub struct RequestFacts {
    /// The HTTP method, such as `GET`.
    pub method: String,
    /// The scheme of the address: `http:` or `https:`.
    pub scheme: String,
    /// The host and port of the address, such as `localhost:8787`.
    pub host: String,
    /// The value of the `Cookie` header.
    pub cookie: Option<SecretText>,
    /// The value of the `Sec-Fetch-Site` header.
    pub sec_fetch_site: Option<String>,
    /// The value of the `Origin` header.
    pub origin: Option<String>,
    /// The value of the `User-Agent` header.
    pub user_agent: Option<String>,
    /// The value of the `Authorization` header, in bearer transport.
    pub authorization: Option<SecretText>,
    /// The refresh token, where no cookie carries it.
    pub refresh_token: Option<SecretText>,
    /// The CSRF token, from a header or a form.
    pub csrf_token: Option<String>,
    /// The path of the address, where the policy exempts paths.
    pub path: String,
    /// Whether the browser prefetches, before its user asks for the page.
    pub prefetch: bool,
}

/// Whether a request of a permitted origin must also carry a CSRF token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum CsrfRequirement {
    /// No CSRF token is needed.
    NotRequired,
    /// A CSRF token of the request's session is needed.
    TokenRequired,
}

impl RequestFacts {
    /// Rejects a cross-origin request with an unsafe method. A request without `Sec-Fetch-Site` and
    /// `Origin` may pass with a CSRF token. In bearer transport no origin is checked, because a
    /// browser never sends a bearer token by itself.
    ///
    /// # Errors
    /// [`ErrorCode::DevelopmentMode`] where the policy is for development and the host is not this
    /// machine.
    pub(super) fn check_origin(
        &self,
        site: &Site,
    ) -> Result<std::result::Result<CsrfRequirement, RejectionReason>> {
        Ok(match self.origin_verdict(site)? {
            OriginVerdict::SameOrigin if site.policy.requires_csrf_token => {
                Ok(CsrfRequirement::TokenRequired)
            }
            OriginVerdict::Safe | OriginVerdict::Exempt | OriginVerdict::SameOrigin => {
                Ok(CsrfRequirement::NotRequired)
            }
            OriginVerdict::Unknown if self.csrf_token.is_some() => {
                Ok(CsrfRequirement::TokenRequired)
            }
            OriginVerdict::Unknown | OriginVerdict::CrossOrigin => {
                Err(RejectionReason::CrossOrigin)
            }
        })
    }

    /// Rejects a cross-origin request that changes a session, and a prefetch. The request must say
    /// its origin. A CSRF token is not accepted instead, because it is bound to a session and some
    /// of these requests have none yet.
    ///
    /// # Errors
    /// As [`Self::check_origin`].
    pub(super) fn check_origin_for_change(
        &self,
        site: &Site,
    ) -> Result<std::result::Result<(), RejectionReason>> {
        Ok(match self.origin_verdict(site)? {
            OriginVerdict::Unknown | OriginVerdict::CrossOrigin => {
                Err(RejectionReason::CrossOrigin)
            }
            _ if self.prefetch => Err(RejectionReason::Prefetch),
            OriginVerdict::Safe | OriginVerdict::Exempt | OriginVerdict::SameOrigin => Ok(()),
        })
    }

    /// Judges the origin of the request. Bearer transport is exempt.
    fn origin_verdict(&self, site: &Site) -> Result<OriginVerdict> {
        let policy = &site.policy;
        if policy.cookies.is_for_development() && !self.is_local() {
            return Err(Error::from(ErrorCode::DevelopmentMode));
        }
        let is_bearer = policy.transport == Transport::Bearer;
        Ok(if is_bearer {
            OriginVerdict::Exempt
        } else {
            policy.origin_policy.check_request(&self.request_origin())
        })
    }

    fn request_origin(&self) -> RequestOrigin<'_> {
        RequestOrigin {
            method: &self.method,
            host: &self.host,
            path: &self.path,
            sec_fetch_site: self.sec_fetch_site.as_deref(),
            origin: self.origin.as_deref(),
        }
    }

    /// The access token that the request carries.
    pub(super) fn access_token(
        &self,
        site: &Site,
    ) -> std::result::Result<Option<&str>, RejectionReason> {
        let cookies = &site.policy.cookies;
        let access_cookie = cookie::find(self.cookies(), &cookies.name(CookieKind::Access))
            .map_err(|_| RejectionReason::CookieHeader)?;
        match site.policy.transport {
            Transport::Cookie => Ok(access_cookie),
            Transport::Bearer if access_cookie.is_some() => {
                Err(RejectionReason::CredentialsConflict)
            }
            Transport::Bearer => {
                Ok(self.authorization.as_ref().map(SecretText::expose).and_then(bearer_token))
            }
        }
    }

    /// The refresh token that the request carries. Each generation has a cookie of its own, so that
    /// there may be several: of one session the highest generation counts, of two sessions the
    /// later token.
    pub(super) fn refresh_token(
        &self,
        site: &Site,
    ) -> std::result::Result<RefreshToken, RejectionReason> {
        let texts = cookie::find_numbered(self.cookies(), site.policy.cookies.refresh_prefix())
            .map_err(|_| RejectionReason::CookieHeader)?;
        if site.policy.transport == Transport::Bearer {
            let given = self.refresh_token.as_ref().ok_or(RejectionReason::RefreshMissing)?;
            let token = RefreshToken::parse(given.expose(), &site.key_ring)
                .ok_or(RejectionReason::RefreshMalformed);
            return if texts.is_empty() {
                token
            } else {
                Err(RejectionReason::CredentialsConflict)
            };
        }
        if texts.is_empty() {
            return Err(RejectionReason::RefreshMissing);
        }
        let tokens =
            texts.into_iter().filter_map(|(_, text)| RefreshToken::parse(text, &site.key_ring));
        tokens.max_by(newest_refresh_token).ok_or(RejectionReason::RefreshMalformed)
    }

    /// The generations of the refresh cookies that the request carries.
    pub(super) fn refresh_numbers(&self, site: &Site) -> Vec<u32> {
        cookie::list_numbers(self.cookies(), site.policy.cookies.refresh_prefix())
    }

    /// The device ID in the request's device cookie.
    pub(super) fn device_id(&self, site: &Site) -> Option<device_cookie::DeviceId> {
        let text =
            cookie::find(self.cookies(), &site.policy.cookies.name(CookieKind::Device)).ok()??;
        device_cookie::parse(text, &site.key_ring)
    }

    fn cookies(&self) -> &str {
        self.cookie.as_ref().map(SecretText::expose).unwrap_or_default()
    }

    /// The client family of the request.
    pub(super) fn client_family(&self) -> ClientFamily {
        ClientFamily::from_user_agent(self.user_agent.as_deref())
    }

    fn is_local(&self) -> bool {
        let name = if self.host.starts_with('[') {
            self.host.split_inclusive(']').next()
        } else {
            self.host.split(':').next()
        };
        self.scheme == "http:" && matches!(name, Some("localhost" | "127.0.0.1" | "[::1]"))
    }
}

/// The token of an `Authorization` header (RFC 6750 section 2.1). The scheme is case-insensitive
/// (RFC 9110 section 11.1).
fn bearer_token(header: &str) -> Option<&str> {
    let (scheme, token) = header.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim_matches(' '))
}

fn newest_refresh_token(one: &RefreshToken, other: &RefreshToken) -> Ordering {
    if one.session == other.session {
        one.generation.cmp(&other.generation)
    } else {
        one.issued_at.cmp(&other.issued_at)
    }
}
