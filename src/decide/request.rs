//! What the core needs to know of a request, and the checks that come before everything else.

use super::Site;
use crate::cookie::{self, Which};
use crate::csrf::{self, Provenance, Verdict};
use crate::error::{Code, Error, Reason, Result};
use crate::secret::SecretText;
use crate::sender::Sender;
use crate::token::refresh::RefreshToken;
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
}

impl RequestFacts {
    /// Refuses what comes from elsewhere: an unsafe method needs a same-origin `Sec-Fetch-Site` or `Origin`.
    ///
    /// # Errors
    /// [`Code::DevelopmentMode`] where the host is not this machine although the policy says so.
    pub(super) fn admit(&self, site: &Site) -> Result<std::result::Result<(), Reason>> {
        if site.policy.jar.development && !self.is_local() {
            return Err(Error::from(Code::DevelopmentMode));
        }
        let provenance = Provenance {
            method: &self.method,
            host: &self.host,
            sec_fetch_site: self.sec_fetch_site.as_deref(),
            origin: self.origin.as_deref(),
        };
        Ok(match csrf::judge(&provenance) {
            Verdict::Safe | Verdict::SameOrigin => Ok(()),
            Verdict::Unknown | Verdict::CrossOrigin => Err(Reason::CrossOrigin),
        })
    }

    /// One of our cookies.
    pub(super) fn cookie(&self, site: &Site, which: Which) -> std::result::Result<Option<&str>, Reason> {
        cookie::find(self.cookies(), &site.policy.jar.name(which)).map_err(|_| Reason::Cookie)
    }

    /// The refresh token that the request carries. There may be several, each in the cookie of its generation: of one
    /// session the highest generation counts, of two sessions the later one.
    pub(super) fn refresh_token(&self, site: &Site) -> std::result::Result<RefreshToken, Reason> {
        let texts = cookie::numbered(self.cookies(), site.policy.jar.refresh_prefix()).map_err(|_| Reason::Cookie)?;
        if texts.is_empty() {
            return Err(Reason::RefreshMissing);
        }
        let tokens = texts.into_iter().filter_map(|(_, text)| RefreshToken::parse(text, &site.ring));
        tokens.max_by(newer).ok_or(Reason::RefreshMalformed)
    }

    /// The refresh cookies that the request carries, by their numbers.
    pub(super) fn refresh_numbers(&self, site: &Site) -> Vec<u32> {
        cookie::numbers(self.cookies(), site.policy.jar.refresh_prefix())
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

fn newer(one: &RefreshToken, other: &RefreshToken) -> Ordering {
    if one.session == other.session {
        one.generation.cmp(&other.generation)
    } else {
        one.issued_at.cmp(&other.issued_at)
    }
}
