//! Floor 1. Tokens: one wire format a file.
//!
//! - [`json`]: the one way to read JSON
//! - [`jws`]: the strict front for signed tokens, whatever they are for
//! - [`access`]: the claims of our own access tokens
//! - [`general`]: tokens of the application, outside a session
//! - [`refresh`]: the opaque refresh token and its successors
//! - [`verifying`]: keys that check signatures, JSON Web Keys among them
//! - `provider`: the cryptography that jsonwebtoken calls

pub mod access;
pub mod general;
pub mod json;
pub mod jws;
mod provider;
pub mod refresh;
pub mod verifying;
