//! Cookies: the Cookie header of a request, and the `Set-Cookie` headers of a response (RFC
//! 6265bis).

use crate::foundation::error::{Error, ErrorCode, Result};
use crate::foundation::secret::SecretText;
use std::borrow::Cow;

/// The largest Cookie header that is read, in bytes.
pub const MAX_HEADER_BYTES: usize = 16 * 1024;
/// The most pairs of a Cookie header that is read.
pub const MAX_HEADER_PAIRS: usize = 180;
/// The largest cookie that browsers accept, in bytes of name and value together.
pub const MAX_COOKIE_BYTES: usize = 4096;

/// The reason for which a Cookie header was not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CookieHeaderError {
    /// The header exceeds [`MAX_HEADER_BYTES`] or [`MAX_HEADER_PAIRS`].
    TooLarge,
    /// The header holds two cookies of one session cookie name. One of them was planted, and
    /// nothing tells which.
    Duplicate,
}

/// The `SameSite` attribute: the requests that carry the cookies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SameSite {
    /// Requests of the site's own pages, and top-level navigations from elsewhere.
    Lax,
    /// Requests of the site's own pages only.
    Strict,
}

/// How long a browser keeps the cookies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Persistence {
    /// As long as their content is valid.
    Persistent,
    /// Until the browser is closed. Browsers that restore windows restore these cookies too.
    BrowserSession,
}

/// The cookie settings, as the site gives them.
#[derive(Debug, Clone, Copy)]
pub struct CookieConfigInput<'a> {
    /// The beginning of the cookie names, after the prefix: 1 to 32 letters, digits, `-` and `_`.
    pub name: &'a str,
    /// The path of the refresh cookie. Without a path it is sent everywhere; with a path its prefix
    /// is `__Secure-` instead of `__Host-`.
    pub refresh_path: Option<&'a str>,
    /// How long browsers keep the cookies.
    pub persistence: Persistence,
    /// The `SameSite` attribute of the cookies.
    pub same_site: SameSite,
    /// Whether the cookies are for http://localhost, without `Secure` and without prefixes.
    pub development: bool,
}

/// The names of the cookies, and the attributes that they share.
#[derive(Debug, Clone)]
pub struct CookieConfig {
    access: String,
    csrf: String,
    device: String,
    refresh: String,
    refresh_path: String,
    persistence: Persistence,
    same_site: SameSite,
    development: bool,
}

/// The cookies of a session. Every generation of the refresh token has a cookie of its own, so that
/// a late response with an older token replaces nothing. The highest generation counts, and the
/// next response clears the others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CookieKind {
    /// The cookie with the access token.
    Access,
    /// The cookie with the refresh token of this generation.
    Refresh(u32),
    /// The cookie with a CSRF token, which the site's scripts read.
    Csrf,
    /// The cookie with the device ID, which outlives sessions.
    Device,
}

/// The beginning of the cookie names where the site gives none.
pub const DEFAULT_NAME: &str = "portcullis";
const MAX_NAME_BYTES: usize = 32;
const MAX_PATH_BYTES: usize = 256;

impl CookieConfig {
    /// Validates the cookie settings.
    ///
    /// # Errors
    /// [`ErrorCode::Config`].
    pub fn new(input: &CookieConfigInput<'_>) -> Result<Self> {
        let CookieConfigInput { name, refresh_path, persistence, same_site, development } = *input;
        let is_name = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        if name.is_empty() || name.len() > MAX_NAME_BYTES || !name.bytes().all(is_name) {
            return Err(Error::with_message(
                ErrorCode::Config,
                "cookieName must be 1 to 32 letters, digits, - and _.",
            ));
        }
        let is_path = |path: &str| {
            path.starts_with('/')
                && path.len() <= MAX_PATH_BYTES
                && path.bytes().all(|b| b.is_ascii_graphic() && b != b';')
        };
        if refresh_path.is_some_and(|path| !is_path(path)) {
            return Err(Error::with_message(
                ErrorCode::Config,
                "refreshPath must be a path such as '/session': up to 256 \
                 printable ASCII characters, no semicolon.",
            ));
        }
        let path = refresh_path.unwrap_or("/");
        let prefixed = |prefix: &str, end: &str| {
            format!("{}{name}-{end}", if development { "" } else { prefix })
        };
        Ok(Self {
            access: prefixed("__Host-", "access"),
            csrf: prefixed("__Host-", "csrf"),
            device: prefixed("__Host-", "device"),
            refresh: prefixed(if path == "/" { "__Host-" } else { "__Secure-" }, "refresh-"),
            refresh_path: path.to_owned(),
            persistence,
            same_site,
            development,
        })
    }

    /// Whether the cookies are for http://localhost.
    pub fn is_for_development(&self) -> bool {
        self.development
    }

    /// The name of a cookie.
    pub fn name(&self, which: CookieKind) -> Cow<'_, str> {
        match which {
            CookieKind::Access => Cow::Borrowed(&self.access),
            CookieKind::Csrf => Cow::Borrowed(&self.csrf),
            CookieKind::Device => Cow::Borrowed(&self.device),
            CookieKind::Refresh(generation) => Cow::Owned(format!("{}{generation}", self.refresh)),
        }
    }

    /// The beginning of the refresh cookies' names, which the generation follows.
    pub fn refresh_prefix(&self) -> &str {
        &self.refresh
    }

    /// A `Set-Cookie` header that keeps `value` for at most `max_age` seconds.
    ///
    /// # Errors
    /// [`ErrorCode::CookieTooLarge`] over 4096 bytes; [`ErrorCode::Internal`] for a value with
    /// characters that a cookie cannot hold.
    pub fn set(&self, which: CookieKind, value: &str, max_age: u64) -> Result<SecretText> {
        let name = self.name(which);
        if name.len().saturating_add(value.len()) > MAX_COOKIE_BYTES {
            return Err(Error::from(ErrorCode::CookieTooLarge));
        }
        if !value
            .bytes()
            .all(|byte| byte.is_ascii_graphic() && !matches!(byte, b'"' | b',' | b';' | b'\\'))
        {
            return Err(Error::from(ErrorCode::Internal));
        }
        let kept = match self.persistence {
            Persistence::BrowserSession if which != CookieKind::Device => String::new(),
            _ => format!("; Max-Age={max_age}"),
        };
        Ok(SecretText::new(format!(
            "{name}={value}; Path={}{kept}{}",
            self.path(which),
            self.attributes(which)
        )))
    }

    /// A `Set-Cookie` header that removes the cookie.
    pub fn clear(&self, which: CookieKind) -> SecretText {
        let (name, path) = (self.name(which), self.path(which));
        SecretText::new(format!("{name}=; Path={path}; Max-Age=0{}", self.attributes(which)))
    }

    fn path(&self, which: CookieKind) -> &str {
        if matches!(which, CookieKind::Refresh(_)) { &self.refresh_path } else { "/" }
    }

    fn attributes(&self, which: CookieKind) -> String {
        let secure = if self.development { "" } else { "; Secure" };
        let http_only = if which == CookieKind::Csrf { "" } else { "; HttpOnly" };
        let same_site = match self.same_site {
            SameSite::Lax => "; SameSite=Lax",
            SameSite::Strict => "; SameSite=Strict",
        };
        [secure, http_only, same_site].concat()
    }
}

/// Finds a cookie in a Cookie header. The value is not unquoted or percent-decoded.
///
/// # Errors
/// [`CookieHeaderError`], where nothing in the header can be trusted.
pub fn find<'a>(
    header: &'a str,
    name: &str,
) -> std::result::Result<Option<&'a str>, CookieHeaderError> {
    let mut found = None;
    for (key, value) in parse_pairs(header)? {
        if key == name && found.replace(value).is_some() {
            return Err(CookieHeaderError::Duplicate);
        }
    }
    Ok(found)
}

/// Finds the cookies whose names are `prefix` and a number without leading zeros.
///
/// # Errors
/// As [`find`].
pub fn find_numbered<'a>(
    header: &'a str,
    prefix: &str,
) -> std::result::Result<Vec<(u32, &'a str)>, CookieHeaderError> {
    let found: Vec<_> = all_numbered(header, prefix)?.collect();
    let is_twice = |(position, (number, _)): (usize, &(u32, &str))| {
        found.iter().take(position).any(|(other, _)| other == number)
    };
    if found.iter().enumerate().any(is_twice) {
        Err(CookieHeaderError::Duplicate)
    } else {
        Ok(found)
    }
}

/// The numbers of these cookies, also where some are there twice. Empty for a header that is too
/// large to read.
pub fn list_numbers(header: &str, prefix: &str) -> Vec<u32> {
    let mut numbers = Vec::new();
    for (number, _) in all_numbered(header, prefix).into_iter().flatten() {
        if !numbers.contains(&number) {
            numbers.push(number);
        }
    }
    numbers
}

fn all_numbered<'a>(
    header: &'a str,
    prefix: &str,
) -> std::result::Result<impl Iterator<Item = (u32, &'a str)>, CookieHeaderError> {
    Ok(parse_pairs(header)?
        .filter_map(move |(key, value)| Some((parse_number(key.strip_prefix(prefix)?)?, value))))
}

fn parse_number(digits: &str) -> Option<u32> {
    let is_canonical = digits == "0" || !digits.starts_with(['0', '+']);
    is_canonical.then(|| digits.parse().ok())?
}

fn parse_pairs(
    header: &str,
) -> std::result::Result<impl Iterator<Item = (&str, &str)>, CookieHeaderError> {
    let separators = header.bytes().filter(|byte| *byte == b';').count();
    if header.len() > MAX_HEADER_BYTES || separators >= MAX_HEADER_PAIRS {
        return Err(CookieHeaderError::TooLarge);
    }
    let pairs = header.split(';').filter_map(|pair| pair.split_once('='));
    Ok(pairs.map(|(key, value)| (trim(key), trim(value))))
}

/// Removes spaces and tabs only: other white space is part of a name.
fn trim(text: &str) -> &str {
    text.trim_matches([' ', '\t'])
}
