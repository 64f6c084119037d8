//! Floor 2. Keyed names of networks, countries and browsers: a profile compares them and cannot
//! tell what they were.

use crate::foundation::hash;
use sha2::{Digest, Sha256};
use std::num::NonZeroU32;
use zeroize::Zeroizing;

/// 32 bits of a keyed hash. Two of a user's dozen networks share one by chance once in 60 million
/// users.
pub type FeatureHash = NonZeroU32;

/// What a tag stands for: equal values of two kinds have nothing in common.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Feature {
    Prefix,
    WidePrefix,
    Asn,
    Country,
    ClientFingerprint,
    Tls,
    Language,
    Device,
}

/// Makes the tags of one user: another user's tags of the same values are others. It is the hash of
/// a first block of key and user, so that most tags take one block more; with an HMAC, two for each
/// took most of an assessment's time. The hash that an HMAC wraps around it keeps others from
/// appending to what was hashed, and nothing can be appended to 32 of 256 bits.
#[derive(Debug, Clone)]
pub struct FeatureHasher(Sha256);

/// Nearly every value has room in so many: what grows is copied, and wiped where it was.
const TYPICAL_BYTES: usize = 64;

impl FeatureHasher {
    /// For the user of this name, under a key of the site.
    pub fn new(key: &[u8; 32], user: &[u8]) -> Self {
        let block = Zeroizing::new([*key, hash::sha256(&[user])]);
        Self(Sha256::new_with_prefix(block.as_flattened()))
    }

    /// The tag of a device cookie's name.
    pub fn hash_device_id(&self, name: &[u8]) -> FeatureHash {
        self.hash(Feature::Device, &[name])
    }

    pub(super) fn hash(&self, of: Feature, parts: &[&[u8]]) -> FeatureHash {
        let mut value = Vec::with_capacity(TYPICAL_BYTES);
        value.push(of as u8);
        for part in parts {
            value.extend_from_slice(part);
            // 0xff is in no UTF-8, and what is no text has one length: two parts cannot be cut in
            // two ways.
            value.push(0xff);
        }
        let bytes = hash::sha256_after(&self.0, &[&value]);
        let first = bytes.first_chunk().map_or(0, |first| u32::from_le_bytes(*first));
        FeatureHash::new(first).unwrap_or(FeatureHash::MIN)
    }
}
