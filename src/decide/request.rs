//! What the core needs to know of a request, and the checks that come before everything else.

use super::Site;
use crate::formats::cookie::{self, Which};
use crate::formats::csrf::{Provenance, Verdict};
use crate::foundation::error::{Code, Error, Reason, Result};
use crate::model::policy::Transport;
use crate::foundation::secret::SecretText;
use crate::formats::sender::Sender;
use crate::formats::token::device;
use crate::formats::token::refresh::RefreshToken;
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
    pub refresh: Option<SecretText>,
    /// The CSRF token, from a header or a form.
    pub csrf: Option<String>,
    /// The path of the address, where the policy exempts some.
    pub path: String,
    /// Whether a browser fetches ahead of its user.
    pub prefetch: bool,
}

/// What a request that was let in still has to show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Passage {
    /// Nothing.
    Free,
    /// A CSRF token of the session it claims.
    WithToken,
}

impl RequestFacts {
    /// Refuses what comes from elsewhere: an unsafe method needs a same-origin `Sec-Fetch-Site` or
    /// `Origin`. One that has neither may pass with a CSRF token. A bearer token is nothing that a
    /// browser sends by itself, so then it does not matter.
    ///
    /// # Errors
    /// [`Code::DevelopmentMode`] where the host is not this machine although the policy says so.
    pub(super) fn admit(&self, site: &Site) -> Result<std::result::Result<Passage, Reason>> {
        Ok(match self.verdict(site)? {
            Verdict::SameOrigin if site.policy.csrf_token => Ok(Passage::WithToken),
            Verdict::Safe | Verdict::Exempt | Verdict::SameOrigin => Ok(Passage::Free),
            Verdict::Unknown if self.csrf.is_some() => Ok(Passage::WithToken),
            Verdict::Unknown | Verdict::CrossOrigin => Err(Reason::CrossOrigin),
        })
    }

    /// The same for a request that changes a session. It must say where it comes from, which is
    /// enough: a token is bound to a session, and some of these requests have none yet. What a
    /// browser fetches ahead of its user changes nothing.
    ///
    /// # Errors
    /// As [`Self::admit`].
    pub(super) fn admit_change(&self, site: &Site) -> Result<std::result::Result<(), Reason>> {
        Ok(match self.verdict(site)? {
            Verdict::Unknown | Verdict::CrossOrigin => Err(Reason::CrossOrigin),
            _ if self.prefetch => Err(Reason::Prefetch),
            Verdict::Safe | Verdict::Exempt | Verdict::SameOrigin => Ok(()),
        })
    }

    /// Where it comes from. What travels in a header of its own is sent by nobody's browser: then
    /// it does not matter.
    fn verdict(&self, site: &Site) -> Result<Verdict> {
        let policy = &site.policy;
        if policy.jar.is_for_development() && !self.is_local() {
            return Err(Error::from(Code::DevelopmentMode));
        }
        let is_bearer = policy.transport == Transport::Bearer;
        Ok(if is_bearer { Verdict::Exempt } else { policy.provenance.judge(&self.provenance()) })
    }

    fn provenance(&self) -> Provenance<'_> {
        Provenance {
            method: &self.method,
            host: &self.host,
            path: &self.path,
            sec_fetch_site: self.sec_fetch_site.as_deref(),
            origin: self.origin.as_deref(),
        }
    }

    /// The access token that the request carries.
    pub(super) fn access_token(&self, site: &Site) -> std::result::Result<Option<&str>, Reason> {
        let jar = &site.policy.jar;
        let carried =
            cookie::find(self.cookies(), &jar.name(Which::Access)).map_err(|_| Reason::Cookie)?;
        match site.policy.transport {
            Transport::Cookie => Ok(carried),
            Transport::Bearer if carried.is_some() => Err(Reason::Credentials),
            Transport::Bearer => {
                Ok(self.authorization.as_ref().map(SecretText::expose).and_then(bearer))
            }
        }
    }

    /// The refresh token that the request carries. There may be several, each in the cookie of its
    /// generation: of one session the highest generation counts, of two sessions the later one.
    pub(super) fn refresh_token(&self, site: &Site) -> std::result::Result<RefreshToken, Reason> {
        let texts = cookie::numbered(self.cookies(), site.policy.jar.refresh_prefix())
            .map_err(|_| Reason::Cookie)?;
        if site.policy.transport == Transport::Bearer {
            let given = self.refresh.as_ref().ok_or(Reason::RefreshMissing)?;
            let token =
                RefreshToken::parse(given.expose(), &site.ring).ok_or(Reason::RefreshMalformed);
            return if texts.is_empty() { token } else { Err(Reason::Credentials) };
        }
        if texts.is_empty() {
            return Err(Reason::RefreshMissing);
        }
        let tokens =
            texts.into_iter().filter_map(|(_, text)| RefreshToken::parse(text, &site.ring));
        tokens.max_by(newer).ok_or(Reason::RefreshMalformed)
    }

    /// The refresh cookies that the request carries, by their numbers.
    pub(super) fn refresh_numbers(&self, site: &Site) -> Vec<u32> {
        cookie::numbers(self.cookies(), site.policy.jar.refresh_prefix())
    }

    /// The name in the request's device cookie.
    pub(super) fn device(&self, site: &Site) -> Option<device::Name> {
        let text = cookie::find(self.cookies(), &site.policy.jar.name(Which::Device)).ok()??;
        device::read(text, &site.ring)
    }

    fn cookies(&self) -> &str {
        self.cookie.as_ref().map(SecretText::expose).unwrap_or_default()
    }

    /// Who sends it.
    pub(super) fn sender(&self) -> Sender {
        Sender::of(self.user_agent.as_deref())
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
fn bearer(header: &str) -> Option<&str> {
    let (scheme, token) = header.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim_matches(' '))
}

fn newer(one: &RefreshToken, other: &RefreshToken) -> Ordering {
    if one.session == other.session {
        one.generation.cmp(&other.generation)
    } else {
        one.issued_at.cmp(&other.issued_at)
    }
}
