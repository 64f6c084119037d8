//! Floor 1. Tokens: one wire format a file.
//!
//! - [`json`]: the one way to read JSON
//! - [`algorithm`]: the three algorithms, and keys that know theirs
//! - [`material`], [`jwk`], [`der`], [`import`]: keys in all their spellings
//! - [`claims`]: what a verifier insists on
//! - [`signer`]: writes signed tokens
//! - [`jws`]: the strict front for signed tokens, whatever they are for
//! - [`published`]: the public set of a ring
//! - [`access`]: the claims of our own access tokens
//! - [`csrf`]: the CSRF token of a session
//! - [`refresh`]: the opaque refresh token and its successors
//! - `provider`: the cryptography that jsonwebtoken calls

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
