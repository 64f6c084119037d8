//! What the core needs to know of a request, and the checks that come before everything else.

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
    /// `GET`, `POST` and so on.
    pub method: String,
    /// `http:` or `https:`.
    pub scheme: String,
    /// Host and port of the address, as in `localhost:8787`.
    pub host: String,
    /// The `Cookie` header.
    pub cookie: Option<SecretText>,
    /// The `Sec-Fetch-Site` header.
    pub sec_fetch_site: Option<String>,
    /// The `Origin` header.
    pub origin: Option<String>,
    /// The `User-Agent` header.
    pub user_agent: Option<String>,
    /// The `Authorization` header, where tokens travel in it.
    pub authorization: Option<SecretText>,
    /// The refresh token, where it does not travel in a cookie.
    pub refresh_token: Option<SecretText>,
    /// The CSRF token, from a header or a form.
    pub csrf_token: Option<String>,
    /// The path of the address, where the policy exempts some.
    pub path: String,
    /// Whether a browser fetches ahead of its user.
    pub prefetch: bool,
}

/// What a request that was let in still has to show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum CsrfRequirement {
    /// Nothing.
    NotRequired,
    /// A CSRF token of the session it claims.
    TokenRequired,
}

impl RequestFacts {
    /// Refuses what comes from elsewhere: an unsafe method needs a same-origin `Sec-Fetch-Site` or
    /// `Origin`. One that has neither may pass with a CSRF token. A bearer token is nothing that a
    /// browser sends by itself, so then it does not matter.
    ///
    /// # Errors
    /// [`ErrorCode::DevelopmentMode`] where the host is not this machine although the policy says
    /// so.
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

    /// The same for a request that changes a session. It must say where it comes from, which is
    /// enough: a token is bound to a session, and some of these requests have none yet. What a
    /// browser fetches ahead of its user changes nothing.
    ///
    /// # Errors
    /// As [`Self::admit`].
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

    /// Where it comes from. What travels in a header of its own is sent by nobody's browser: then
    /// it does not matter.
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
        let refresh_cookie_numbers =
            cookie::find(self.cookies(), &cookies.name(CookieKind::Access))
                .map_err(|_| RejectionReason::CookieHeader)?;
        match site.policy.transport {
            Transport::Cookie => Ok(refresh_cookie_numbers),
            Transport::Bearer if refresh_cookie_numbers.is_some() => {
                Err(RejectionReason::CredentialsConflict)
            }
            Transport::Bearer => {
                Ok(self.authorization.as_ref().map(SecretText::expose).and_then(bearer_token))
            }
        }
    }

    /// The refresh token that the request carries. There may be several, each in the cookie of its
    /// generation: of one session the highest generation counts, of two sessions the later one.
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

    /// The refresh cookies that the request carries, by their numbers.
    pub(super) fn refresh_numbers(&self, site: &Site) -> Vec<u32> {
        cookie::list_numbers(self.cookies(), site.policy.cookies.refresh_prefix())
    }

    /// The name in the request's device cookie.
    pub(super) fn device_id(&self, site: &Site) -> Option<device_cookie::DeviceId> {
        let text =
            cookie::find(self.cookies(), &site.policy.cookies.name(CookieKind::Device)).ok()??;
        device_cookie::parse(text, &site.key_ring)
    }

    fn cookies(&self) -> &str {
        self.cookie.as_ref().map(SecretText::expose).unwrap_or_default()
    }

    /// Who sends it.
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

/// The token of an `Authorization` header (RFC 6750 section 2.1); the scheme's case does not matter
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
