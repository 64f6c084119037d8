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

pub mod access;
pub mod algorithm;
pub mod claims;
pub mod csrf;
pub mod der;
pub mod device;
pub mod import;
pub mod json;
pub mod jwk;
pub mod jws;
pub mod material;
mod provider;
pub mod published;
pub mod refresh;
pub mod signer;
