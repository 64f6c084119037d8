//! The cookies that a browser keeps, in the order in which responses arrive.

use portcullis::decide::Headers;
use portcullis::formats::key_ring::KeyRing;
use portcullis::formats::token::refresh_token::RefreshToken;
use std::collections::BTreeMap;

const REFRESH: &str = "__Host-portcullis-refresh-";
pub const ACCESS: &str = "__Host-portcullis-access";

#[derive(Debug, Clone, Default)]
pub struct CookieJar {
    /// The value and the expiry time of each cookie name.
    cookies: BTreeMap<String, (String, u64)>,
}

impl CookieJar {
    /// Applies a response, and gives the number of cleared cookies.
    pub fn apply(&mut self, headers: &Headers, now: u64) -> usize {
        let mut cleared = 0;
        for (_, line) in headers.iter().filter(|(name, _)| *name == "set-cookie") {
            let (name, value, max_age) = parse_set_cookie(line.expose());
            if max_age == 0 {
                cleared += 1;
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), (value.to_owned(), now + max_age * 1000));
            }
        }
        cleared
    }

    pub fn header(&self, now: u64) -> String {
        let alive = self.cookies.iter().filter(|(_, (_, end))| now < *end);
        alive.map(|(name, (value, _))| format!("{name}={value}")).collect::<Vec<_>>().join("; ")
    }

    pub fn holds_refresh(&self, now: u64) -> bool {
        self.cookies.iter().any(|(name, (_, end))| name.starts_with(REFRESH) && now < *end)
    }
}

/// The refresh token that counts: of one session the higher generation, of two sessions the later
/// one.
pub fn presented_token(header: &str, ring: &KeyRing) -> Option<RefreshToken> {
    let values = header.split("; ").filter_map(|pair| pair.split_once('='));
    let tokens = values.filter(|(name, _)| name.starts_with(REFRESH));
    tokens.filter_map(|(_, text)| RefreshToken::parse(text, ring)).max_by(|one, other| {
        if one.session == other.session {
            one.generation.cmp(&other.generation)
        } else {
            one.issued_at.cmp(&other.issued_at)
        }
    })
}

/// The refresh cookie that a response sets.
pub fn refresh_set(headers: &Headers) -> Option<&str> {
    let lines = headers
        .iter()
        .filter(|(name, _)| *name == "set-cookie")
        .map(|(_, line)| parse_set_cookie(line.expose()));
    lines
        .filter(|(name, _, max_age)| name.starts_with(REFRESH) && *max_age > 0)
        .map(|(_, value, _)| value)
        .next()
}

pub fn cleared_cookies(headers: &Headers) -> usize {
    let lines = headers.iter().filter(|(name, _)| *name == "set-cookie");
    lines.filter(|(_, line)| parse_set_cookie(line.expose()).2 == 0).count()
}

fn parse_set_cookie(line: &str) -> (&str, &str, u64) {
    let (pair, rest) = line.split_once(';').expect("attributes");
    let (name, value) = pair.split_once('=').expect("a pair");
    let age = rest.split("Max-Age=").nth(1).and_then(|age| age.split(';').next());
    (name, value, age.and_then(|age| age.parse().ok()).expect("a Max-Age"))
}
