//! Layer 1: what every other layer is built from. This layer imports nothing of this crate.

pub mod base64url;
pub(crate) mod byte_codec;
pub mod error;
pub mod hash;
pub mod secret;
pub mod time;
