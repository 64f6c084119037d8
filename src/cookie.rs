//! Floor 1. Cookies: what a browser sends, and what we tell it to keep (RFC 6265bis).

use crate::error::{Code, Error, Result};
use crate::secret::SecretText;

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

/// The cookies of a session. A refresh token lies in the slot of its generation's parity: an answer that is late, and
/// sets an older token, cannot displace the newer one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which {
    /// Holds the access token.
    Access,
    /// Holds a refresh token of an even generation.
    Refresh,
    /// Holds a refresh token of an odd generation.
    RefreshOdd,
}

impl Which {
    /// The slot of a refresh token.
    pub const fn refresh(generation: u32) -> Self {
        if generation & 1 == 0 { Self::Refresh } else { Self::RefreshOdd }
    }
}

impl Jar {
    /// The cookie's name.
    pub const fn name(&self, which: Which) -> &'static str {
        match (self.development, which) {
            (false, Which::Access) => "__Host-portcullis-access",
            (false, Which::Refresh) => "__Host-portcullis-refresh",
            (false, Which::RefreshOdd) => "__Host-portcullis-refresh-1",
            (true, Which::RefreshOdd) => "portcullis-refresh-1",
            (true, Which::Access) => "portcullis-access",
            (true, Which::Refresh) => "portcullis-refresh",
        }
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
    if header.len() > HEADER_MAX_BYTES {
        return Err(Unreadable::TooLarge);
    }
    let mut found = None;
    for (position, pair) in header.split(';').enumerate() {
        if position >= HEADER_MAX_PAIRS {
            return Err(Unreadable::TooLarge);
        }
        match pair.split_once('=').map(|(key, value)| (trim(key), trim(value))) {
            Some((key, _)) if key == name && found.is_some() => return Err(Unreadable::Twice),
            Some((key, value)) if key == name => found = Some(value),
            _ => (),
        }
    }
    Ok(found)
}

/// SP and HTAB only: other white space is part of a name, or a trick.
fn trim(text: &str) -> &str {
    text.trim_matches([' ', '\t'])
}
