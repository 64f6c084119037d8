//! Floor 0. base64url without padding (RFC 4648 section 5), in its one canonical spelling and in constant time.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use base64ct::{Base64UrlUnpadded, Encoding};
use zeroize::Zeroizing;

/// Writes bytes as base64url.
pub fn encode(bytes: &[u8]) -> String {
    Base64UrlUnpadded::encode_string(bytes)
}

/// Reads base64url. `None` for padding, white space, another alphabet and trailing bits that are not zero.
pub fn decode(text: &str) -> Option<Vec<u8>> {
    Base64UrlUnpadded::decode_vec(text).ok()
}

/// Reads base64url as strictly, but not in constant time: for what everybody may know.
pub fn decode_public(text: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text).ok()
}

/// Reads base64url of exactly `N` bytes.
pub fn decode_exactly<const N: usize>(text: &str) -> Option<[u8; N]> {
    decode(text)?.try_into().ok()
}

/// Reads what people paste from a secret manager: base64url or base64, with or without padding.
pub fn decode_pasted(text: &str) -> Option<Vec<u8>> {
    // Of the right size from the start: a string that grows leaves copies of a secret behind.
    let mut canonical = Zeroizing::new(String::with_capacity(text.len()));
    canonical.extend(text.trim().trim_end_matches('=').chars().map(|character| match character {
        '+' => '-',
        '/' => '_',
        other => other,
    }));
    decode(&canonical)
}
