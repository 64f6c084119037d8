//! Floor 1. Cookies: what a browser sends, and what we tell it to keep (RFC 6265bis).

use crate::foundation::error::{Error, ErrorCode, Result};
use crate::foundation::secret::SecretText;
use std::borrow::Cow;

/// The largest Cookie header that is read, in bytes.
pub const MAX_HEADER_BYTES: usize = 16 * 1024;
/// The most pairs in a Cookie header.
pub const MAX_HEADER_PAIRS: usize = 180;
/// The largest name and value together that browsers keep, in bytes.
pub const MAX_COOKIE_BYTES: usize = 4096;

/// Why a Cookie header was not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CookieHeaderError {
    /// More than [`HEADER_MAX_BYTES`] or [`HEADER_MAX_PAIRS`].
    TooLarge,
    /// Two cookies of one of our names: somebody planted one, and which is which cannot be told.
    Duplicate,
}

/// When a cookie travels to our site.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SameSite {
    /// With links that lead here, and from our own pages.
    Lax,
    /// From our own pages only.
    Strict,
}

/// How long a browser keeps our cookies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Persistence {
    /// As long as what they hold is good.
    Persistent,
    /// Until it is closed (browsers that restore their windows restore these cookies too).
    BrowserSession,
}

/// How a site wants its cookies.
#[derive(Debug, Clone, Copy)]
pub struct CookieConfigInput<'a> {
    /// How their names begin, behind the prefix: 1 to 32 letters, digits, `-` and `_`.
    pub name: &'a str,
    /// Where the refresh cookie travels to; everywhere where absent. Then it is `__Secure-`, not
    /// `__Host-`.
    pub refresh_path: Option<&'a str>,
    /// How long they are kept.
    pub persistence: Persistence,
    /// `SameSite`.
    pub same_site: SameSite,
    /// Without `Secure` and the prefixes, for http://localhost.
    pub development: bool,
}

/// How our cookies are written: their names, and the attributes they all share.
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

/// The cookies of a session. Every generation of the refresh token has a cookie of its own: an
/// answer that is late, and sets an older token, displaces nothing. The highest counts, and the
/// next answer takes the others away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CookieKind {
    /// Holds the access token.
    Access,
    /// Holds the refresh token of this generation.
    Refresh(u32),
    /// Holds a CSRF token, for the site's own scripts to read.
    Csrf,
    /// Says which browser it is, beyond the end of a session.
    Device,
}

/// The names of our cookies, where the site chooses none.
pub const DEFAULT_NAME: &str = "portcullis";
const MAX_NAME_BYTES: usize = 32;
const MAX_PATH_BYTES: usize = 256;

impl CookieConfig {
    /// Checks what the site wants.
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
                "refreshPath must be a path such as '/session': up to 256 printable ASCII characters, no semicolon.",
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

    /// Whether it is for http://localhost.
    pub fn is_for_development(&self) -> bool {
        self.development
    }

    /// The cookie's name.
    pub fn name(&self, which: CookieKind) -> Cow<'_, str> {
        match which {
            CookieKind::Access => Cow::Borrowed(&self.access),
            CookieKind::Csrf => Cow::Borrowed(&self.csrf),
            CookieKind::Device => Cow::Borrowed(&self.device),
            CookieKind::Refresh(generation) => Cow::Owned(format!("{}{generation}", self.refresh)),
        }
    }

    /// How the names of the cookies of refresh tokens begin; the generation follows.
    pub fn refresh_prefix(&self) -> &str {
        &self.refresh
    }

    /// A `Set-Cookie` that keeps `value`, for `max_age` seconds at most.
    ///
    /// # Errors
    /// [`ErrorCode::CookieTooLarge`] over 4096 bytes, [`ErrorCode::Internal`] for a value with
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

    /// A `Set-Cookie` that removes the cookie.
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

/// Finds one cookie in a Cookie header. The value is as it came: nothing is unquoted or
/// percent-decoded.
///
/// # Errors
/// [`Unreadable`], when nothing in the header can be trusted.
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

/// Finds the cookies whose names are `prefix` and a number in its one spelling.
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

/// Their numbers, also where some come twice; none where the header is too large to be looked at.
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

/// SP and HTAB only: other white space is part of a name, or a trick.
fn trim(text: &str) -> &str {
    text.trim_matches([' ', '\t'])
}
