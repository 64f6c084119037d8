//! The check of a request's origin, which protects against cross-site request forgery (CSRF).
//!
//! Fetch Metadata decides first, then Origin, as in Go's `http.CrossOriginProtection`. The
//! Content-Type never decides.

use crate::foundation::error::{Error, ErrorCode, Result};

/// The most trusted origins, and the most exempt paths.
const MAX_RULES: usize = 64;
/// The longest origin and the longest path pattern, in bytes.
const MAX_RULE_BYTES: usize = 512;

/// The parts of a request that say its origin (RFC 6454).
#[derive(Debug, Clone, Copy, Default)]
pub struct RequestOrigin<'a> {
    /// The HTTP method of the request.
    pub method: &'a str,
    /// The host and port of the address.
    pub host: &'a str,
    /// The path of the address, where the policy exempts paths.
    pub path: &'a str,
    /// The value of the `Sec-Fetch-Site` header.
    pub sec_fetch_site: Option<&'a str>,
    /// The value of the `Origin` header.
    pub origin: Option<&'a str>,
}

/// The verdict about the origin of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OriginVerdict {
    /// The method is safe (RFC 9110 section 9.2.1): it changes nothing.
    Safe,
    /// The request comes from this origin, from a trusted origin, or from the user's own action.
    SameOrigin,
    /// The path is exempt from the check.
    Exempt,
    /// Neither header is there: the client is no current browser, or a proxy removed the headers.
    Unknown,
    /// The request comes from another origin.
    CrossOrigin,
}

/// The origins that the site trusts beside its own, and the paths without an origin check.
#[derive(Debug, Clone, Default)]
pub struct OriginPolicy {
    trusted_origins: Vec<String>,
    exempt_paths: Vec<PathPattern>,
}

/// A pattern of paths: the exact path, or also the paths below it where it ends with `/`. `{name}`
/// stands for one segment, and a method before the path limits the pattern to that method.
#[derive(Debug, Clone)]
struct PathPattern {
    method: Option<String>,
    path: String,
}

impl OriginPolicy {
    /// Validates the origins and patterns that the site gives.
    ///
    /// # Errors
    /// [`ErrorCode::Config`].
    pub fn new(trusted: &[String], exempt: &[String]) -> Result<Self> {
        if trusted.len() > MAX_RULES || exempt.len() > MAX_RULES {
            return Err(Error::with_message(
                ErrorCode::Config,
                "trustedOrigins and dangerousCsrfExemptPaths may hold at most 64 entries each.",
            ));
        }
        if trusted.iter().any(|origin| !is_origin(origin)) {
            return Err(Error::with_message(
                ErrorCode::Config,
                "trustedOrigins must hold origins such as 'https://admin.example': only a \
                 scheme and a host.",
            ));
        }
        let exempt = exempt
            .iter()
            .map(|text| PathPattern::parse(text).ok_or_else(invalid_pattern))
            .collect::<Result<_>>()?;
        Ok(Self { trusted_origins: trusted.to_vec(), exempt_paths: exempt })
    }

    /// Judges a request. A false `SameOrigin` lets another site act in a user's name. A false
    /// `CrossOrigin` breaks a form of the site.
    pub fn check_request(&self, request: &RequestOrigin<'_>) -> OriginVerdict {
        if matches!(request.method, "GET" | "HEAD" | "OPTIONS") {
            return OriginVerdict::Safe;
        }
        if self.exempt_paths.iter().any(|pattern| pattern.matches(request)) {
            return OriginVerdict::Exempt;
        }
        let origin = request.origin.filter(|origin| !origin.is_empty());
        let trusted = || {
            origin.is_some_and(|origin| self.trusted_origins.iter().any(|other| other == origin))
        };
        let same_host = || origin.is_some_and(|origin| host_of(origin) == Some(request.host));
        let site = request.sec_fetch_site.filter(|site| !site.is_empty());
        match (site, origin) {
            (Some("same-origin" | "none"), _) => OriginVerdict::SameOrigin,
            (Some(_), _) if trusted() => OriginVerdict::SameOrigin,
            (Some(_), _) => OriginVerdict::CrossOrigin,
            (None, None) => OriginVerdict::Unknown,
            (None, Some(_)) if same_host() || trusted() => OriginVerdict::SameOrigin,
            (None, Some(_)) => OriginVerdict::CrossOrigin,
        }
    }
}

impl PathPattern {
    fn parse(text: &str) -> Option<Self> {
        let (method, path) = match text.split_once(' ') {
            Some((method, path)) => (Some(method), path),
            None => (None, text),
        };
        let is_method =
            method.is_none_or(|m| !m.is_empty() && m.bytes().all(|byte| byte.is_ascii_uppercase()));
        let is_path = path.starts_with('/')
            && path.len() <= MAX_RULE_BYTES
            && path.bytes().all(|b| b.is_ascii_graphic());
        (is_method && is_path)
            .then(|| Self { method: method.map(str::to_owned), path: path.to_owned() })
    }

    /// Compares the path as it is sent. Nothing is decoded and no dots are resolved, so that no
    /// encoding makes a path exempt.
    fn matches(&self, request: &RequestOrigin<'_>) -> bool {
        if self.method.as_ref().is_some_and(|method| method != request.method) {
            return false;
        }
        let (wanted, is_tree) = match self.path.strip_suffix('/') {
            Some(start) => (start, true),
            None => (self.path.as_str(), false),
        };
        let mut given = request.path.split('/');
        let same = wanted
            .split('/')
            .all(|segment| given.next().is_some_and(|other| matches_segments(segment, other)));
        let rest: Vec<&str> = given.collect();
        let dotted = rest.iter().any(|segment| matches!(*segment, "." | ".."));
        same && !dotted && rest.is_empty() != is_tree
    }
}

fn matches_segments(segment: &str, other: &str) -> bool {
    let is_any = segment.starts_with('{') && segment.ends_with('}');
    if is_any { !matches!(other, "" | "." | "..") } else { segment == other }
}

fn invalid_pattern() -> Error {
    Error::with_message(
        ErrorCode::Config,
        "dangerousCsrfExemptPaths must hold paths such as '/hooks/', '/hooks/{name}' \
         or 'POST /hooks/stripe'.",
    )
}

fn is_origin(text: &str) -> bool {
    text.len() <= MAX_RULE_BYTES
        && host_of(text).is_some_and(|host| host.bytes().all(|byte| byte.is_ascii_graphic()))
}

/// The host and port of an origin (RFC 6454 section 6.2). The origin `null` has none.
fn host_of(origin: &str) -> Option<&str> {
    let host = origin.strip_prefix("https://").or_else(|| origin.strip_prefix("http://"))?;
    (!host.is_empty() && !host.contains(['/', '?', '#', '@', ' '])).then_some(host)
}
