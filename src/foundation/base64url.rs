//! base64url without padding (RFC 4648 section 5), in its one canonical form. The default functions
//! run in constant time, because they handle secrets.

use base64_simd::{Out, URL_SAFE_NO_PAD};
use base64ct::{Base64UrlUnpadded, Encoding};
use zeroize::Zeroizing;

/// Encodes bytes in constant time.
pub fn encode(bytes: &[u8]) -> String {
    Base64UrlUnpadded::encode_string(bytes)
}

/// Decodes base64url in constant time. Gives `None` for padding, white space, another alphabet and
/// trailing bits that are not zero.
pub fn decode(text: &str) -> Option<Vec<u8>> {
    Base64UrlUnpadded::decode_vec(text).ok()
}

/// Decodes base64url as strictly, but not in constant time. Only for data that is not secret.
pub fn decode_public(text: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode_to_vec(text).ok()
}

/// Encodes bytes that are not secret, many times faster than [`encode`].
pub fn encode_public(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode_to_string(bytes)
}

/// Appends the encoding of bytes that are not secret to a text.
pub fn append_public(bytes: &[u8], text: &mut String) {
    URL_SAFE_NO_PAD.encode_append(bytes, text);
}

/// Decodes base64url that is not secret, and replaces the content of `bytes` with the result. Gives
/// `None` as [`decode_public`] does.
pub fn decode_into(text: &str, bytes: &mut Vec<u8>) -> Option<()> {
    bytes.clear();
    URL_SAFE_NO_PAD.decode_append(text, bytes).ok()
}

/// Decodes `N` bytes that are not secret.
pub fn decode_array<const N: usize>(text: &str) -> Option<[u8; N]> {
    // The decoder panics where its output is too small.
    if text.len() != N.saturating_mul(4).div_ceil(3) {
        return None;
    }
    let mut bytes = [0; N];
    let length = URL_SAFE_NO_PAD.decode(text.as_bytes(), Out::from_slice(&mut bytes)).ok()?.len();
    (length == N).then_some(bytes)
}

/// Decodes exactly `N` bytes in constant time.
pub fn decode_array_constant_time<const N: usize>(text: &str) -> Option<[u8; N]> {
    decode(text)?.try_into().ok()
}

/// Decodes what people copy from a secret manager: base64url or base64, with or without padding.
pub fn decode_any_base64(text: &str) -> Option<Vec<u8>> {
    // The capacity is right from the start: a string that grows leaves copies of a secret behind.
    let mut canonical = Zeroizing::new(String::with_capacity(text.len()));
    canonical.extend(text.trim().trim_end_matches('=').chars().map(|character| match character {
        '+' => '-',
        '/' => '_',
        other => other,
    }));
    decode(&canonical)
}
