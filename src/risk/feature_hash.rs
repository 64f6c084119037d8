//! Keyed hashes of networks, countries and browsers. A profile compares these hashes and does not
//! reveal the values.

use crate::foundation::hash;
use sha2::{Digest, Sha256};
use std::num::NonZeroU32;
use zeroize::Zeroizing;

/// The first 32 bits of a keyed hash, never 0. Among 12 networks of a user two collide by chance in
/// one of 60 million users.
pub type FeatureHash = NonZeroU32;

/// The kind of value that is hashed. Equal values of two kinds have unrelated hashes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Feature {
    /// IPv4 /24 or IPv6 /64.
    Prefix,
    /// IPv6 /48 of an address.
    WidePrefix,
    /// Number of the autonomous system.
    Asn,
    /// Country code of two letters.
    Country,
    /// Browser family, system and device class.
    ClientFingerprint,
    /// Cipher part of a TLS fingerprint.
    Tls,
    /// Preferred language of the browser.
    Language,
    /// Device ID of a device cookie.
    Device,
}

/// Computes the feature hashes of one user. Equal values of two users have unrelated hashes.
///
/// The SHA-256 state after a first block of key and user is reused for every value. The outer hash
/// of an HMAC would only prevent length extension, which is impossible where 32 of 256 bits are
/// kept. measured: see performance.md, Feature hashes
#[derive(Debug, Clone)]
pub struct FeatureHasher(Sha256);

/// Initial capacity in bytes, enough for nearly every value: a buffer that grows is copied and
/// wiped.
const TYPICAL_BYTES: usize = 64;

impl FeatureHasher {
    /// Creates the hasher of one user, from a secret key of the site and the user's identifier.
    pub fn new(key: &[u8; 32], user: &[u8]) -> Self {
        let block = Zeroizing::new([*key, hash::sha256(&[user])]);
        Self(Sha256::new_with_prefix(block.as_flattened()))
    }

    /// Hashes the device ID of a verified device cookie.
    pub fn hash_device_id(&self, name: &[u8]) -> FeatureHash {
        self.hash(Feature::Device, &[name])
    }

    pub(super) fn hash(&self, of: Feature, parts: &[&[u8]]) -> FeatureHash {
        let mut value = Vec::with_capacity(TYPICAL_BYTES);
        value.push(of as u8);
        for part in parts {
            value.extend_from_slice(part);
            // The separator makes the parts unambiguous: UTF-8 never contains 0xff, and binary
            // parts have a fixed length.
            value.push(0xff);
        }
        let bytes = hash::sha256_after(&self.0, &[&value]);
        let first = bytes.first_chunk().map_or(0, |first| u32::from_le_bytes(*first));
        FeatureHash::new(first).unwrap_or(FeatureHash::MIN)
    }
}
