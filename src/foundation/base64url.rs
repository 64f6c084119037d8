//! Floor 0. base64url without padding (RFC 4648 section 5), in its one canonical spelling and in
//! constant time.

use base64_simd::{Out, URL_SAFE_NO_PAD};
use base64ct::{Base64UrlUnpadded, Encoding};
use zeroize::Zeroizing;

/// Writes bytes as base64url.
pub fn encode(bytes: &[u8]) -> String {
    Base64UrlUnpadded::encode_string(bytes)
}

/// Reads base64url. `None` for padding, white space, another alphabet and trailing bits that are
/// not zero.
pub fn decode(text: &str) -> Option<Vec<u8>> {
    Base64UrlUnpadded::decode_vec(text).ok()
}

/// Reads base64url as strictly, but not in constant time: for what everybody may know.
pub fn decode_public(text: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode_to_vec(text).ok()
}

/// Writes bytes that everybody may know, many times faster.
pub fn encode_public(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode_to_string(bytes)
}

/// Appends the same to a text.
pub fn append_public(bytes: &[u8], text: &mut String) {
    URL_SAFE_NO_PAD.encode_append(bytes, text);
}

/// Reads base64url into `bytes`, in place of what they held; `None` as for [`decode_public`].
pub fn decode_into(text: &str, bytes: &mut Vec<u8>) -> Option<()> {
    bytes.clear();
    URL_SAFE_NO_PAD.decode_append(text, bytes).ok()
}

/// Reads `N` bytes that everybody may know.
pub fn decode_array<const N: usize>(text: &str) -> Option<[u8; N]> {
    // The decoder panics where its output is too small.
    if text.len() != N.saturating_mul(4).div_ceil(3) {
        return None;
    }
    let mut bytes = [0; N];
    let length = URL_SAFE_NO_PAD.decode(text.as_bytes(), Out::from_slice(&mut bytes)).ok()?.len();
    (length == N).then_some(bytes)
}

/// Reads base64url of exactly `N` bytes.
pub fn decode_array_constant_time<const N: usize>(text: &str) -> Option<[u8; N]> {
    decode(text)?.try_into().ok()
}

/// Reads what people paste from a secret manager: base64url or base64, with or without padding.
pub fn decode_any_base64(text: &str) -> Option<Vec<u8>> {
    // Of the right size from the start: a string that grows leaves copies of a secret behind.
    let mut canonical = Zeroizing::new(String::with_capacity(text.len()));
    canonical.extend(text.trim().trim_end_matches('=').chars().map(|character| match character {
        '+' => '-',
        '/' => '_',
        other => other,
    }));
    decode(&canonical)
}
