//! Tokens: one wire format in each file.
//!
//! - [`json`]: the one strict JSON parser
//! - [`algorithm`]: the three algorithms, and keys that know their algorithm
//! - [`key_material`], [`jwk`], [`der`], [`key_import`]: keys in all their formats
//! - [`claims`]: the validation of registered claims
//! - [`signer`]: the signing of tokens
//! - [`jws`]: the strict verification of signed tokens
//! - [`jwks`]: the public keys of a ring
//! - [`access_token`]: the claims of the site's own access tokens
//! - [`csrf_token`], [`device_cookie`]: the tokens of two further cookies
//! - [`refresh_token`]: the opaque refresh token and its successors
//! - `crypto_provider`: the cryptography that jsonwebtoken calls

pub mod access_token;
pub mod algorithm;
pub mod claims;
mod crypto_provider;
pub mod csrf_token;
pub mod der;
pub mod device_cookie;
pub mod json;
pub mod jwk;
pub mod jwks;
pub mod jws;
pub mod key_import;
pub mod key_material;
pub mod refresh_token;
pub mod signer;
