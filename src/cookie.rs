//! Floor 1. Cookies: what a browser sends, and what we tell it to keep (RFC 6265bis).

use crate::error::{Code, Error, Result};
use crate::secret::SecretText;
use std::borrow::Cow;

/// The largest Cookie header that is read, in bytes.
pub const HEADER_MAX_BYTES: usize = 16 * 1024;
/// The most pairs in a Cookie header.
pub const HEADER_MAX_PAIRS: usize = 180;
/// The largest name and value together that browsers keep, in bytes.
pub const COOKIE_MAX_BYTES: usize = 4096;

/// Why a Cookie header was not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unreadable {
    /// More than [`HEADER_MAX_BYTES`] or [`HEADER_MAX_PAIRS`].
    TooLarge,
    /// Two cookies of one of our names: somebody planted one, and which is which cannot be told.
    Twice,
}

/// When a cookie travels to our site.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SameSite {
    /// With links that lead here, and from our own pages.
    Lax,
    /// From our own pages only.
    Strict,
}

/// How our cookies are written: the attributes they all share.
#[derive(Debug, Clone, Copy)]
pub struct Jar {
    /// Without `Secure` and the `__Host-` prefix, for http://localhost.
    pub development: bool,
    /// `SameSite`.
    pub same_site: SameSite,
}

/// The cookies of a session. Every generation of the refresh token has a cookie of its own: an answer that is late, and
/// sets an older token, displaces nothing. The highest counts, and the next answer takes the others away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which {
    /// Holds the access token.
    Access,
    /// Holds the refresh token of this generation.
    Refresh(u32),
}

impl Jar {
    /// The cookie's name.
    pub fn name(&self, which: Which) -> Cow<'static, str> {
        match which {
            Which::Access => Cow::Borrowed(self.prefixed("__Host-portcullis-access")),
            Which::Refresh(generation) => Cow::Owned(format!("{}{generation}", self.refresh_prefix())),
        }
    }

    /// How the names of the cookies of refresh tokens begin; the generation follows.
    pub fn refresh_prefix(&self) -> &'static str {
        self.prefixed("__Host-portcullis-refresh-")
    }

    fn prefixed(&self, name: &'static str) -> &'static str {
        if self.development { name.strip_prefix("__Host-").unwrap_or(name) } else { name }
    }

    /// A `Set-Cookie` that keeps `value` for `max_age` seconds.
    ///
    /// # Errors
    /// [`Code::CookieSize`] over 4096 bytes, [`Code::Internal`] for a value with characters that a cookie cannot hold.
    pub fn set(&self, which: Which, value: &str, max_age: u64) -> Result<SecretText> {
        let name = self.name(which);
        if name.len().saturating_add(value.len()) > COOKIE_MAX_BYTES {
            return Err(Error::from(Code::CookieSize));
        }
        if !value.bytes().all(|byte| byte.is_ascii_graphic() && !matches!(byte, b'"' | b',' | b';' | b'\\')) {
            return Err(Error::from(Code::Internal));
        }
        Ok(SecretText::new(format!("{name}={value}; Path=/; Max-Age={max_age}{}", self.attributes())))
    }

    /// A `Set-Cookie` that removes the cookie.
    pub fn clear(&self, which: Which) -> SecretText {
        SecretText::new(format!("{}=; Path=/; Max-Age=0{}", self.name(which), self.attributes()))
    }

    const fn attributes(&self) -> &'static str {
        match (self.development, self.same_site) {
            (false, SameSite::Lax) => "; Secure; HttpOnly; SameSite=Lax",
            (false, SameSite::Strict) => "; Secure; HttpOnly; SameSite=Strict",
            (true, SameSite::Lax) => "; HttpOnly; SameSite=Lax",
            (true, SameSite::Strict) => "; HttpOnly; SameSite=Strict",
        }
    }
}

/// Finds one cookie in a Cookie header. The value is as it came: nothing is unquoted or percent-decoded.
///
/// # Errors
/// [`Unreadable`], when nothing in the header can be trusted.
pub fn find<'a>(header: &'a str, name: &str) -> std::result::Result<Option<&'a str>, Unreadable> {
    let mut found = None;
    for (key, value) in pairs(header)? {
        if key == name && found.replace(value).is_some() {
            return Err(Unreadable::Twice);
        }
    }
    Ok(found)
}

/// Finds the cookies whose names are `prefix` and a number in its one spelling.
///
/// # Errors
/// As [`find`].
pub fn numbered<'a>(header: &'a str, prefix: &str) -> std::result::Result<Vec<(u32, &'a str)>, Unreadable> {
    let found: Vec<_> = all_numbered(header, prefix)?.collect();
    let is_twice =
        |(position, (number, _)): (usize, &(u32, &str))| found.iter().take(position).any(|(other, _)| other == number);
    if found.iter().enumerate().any(is_twice) { Err(Unreadable::Twice) } else { Ok(found) }
}

/// Their numbers, also where some come twice; none where the header is too large to be looked at.
pub fn numbers(header: &str, prefix: &str) -> Vec<u32> {
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
) -> std::result::Result<impl Iterator<Item = (u32, &'a str)>, Unreadable> {
    Ok(pairs(header)?.filter_map(move |(key, value)| Some((number(key.strip_prefix(prefix)?)?, value))))
}

fn number(digits: &str) -> Option<u32> {
    let is_canonical = digits == "0" || !digits.starts_with(['0', '+']);
    is_canonical.then(|| digits.parse().ok())?
}

fn pairs(header: &str) -> std::result::Result<impl Iterator<Item = (&str, &str)>, Unreadable> {
    let separators = header.bytes().filter(|byte| *byte == b';').count();
    if header.len() > HEADER_MAX_BYTES || separators >= HEADER_MAX_PAIRS {
        return Err(Unreadable::TooLarge);
    }
    let pairs = header.split(';').filter_map(|pair| pair.split_once('='));
    Ok(pairs.map(|(key, value)| (trim(key), trim(value))))
}

/// SP and HTAB only: other white space is part of a name, or a trick.
fn trim(text: &str) -> &str {
    text.trim_matches([' ', '\t'])
}
