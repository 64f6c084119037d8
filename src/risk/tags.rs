//! Floor 2. Keyed names of networks, countries and browsers: a profile compares them and cannot tell what they were.

use crate::hash;
use hmac::Hmac;
use sha2::Sha256;
use std::num::NonZeroU32;

/// 32 bits of an HMAC. Two of a user's dozen networks share one by chance once in 60 million users.
pub type Tag = NonZeroU32;

/// What a tag stands for: equal values of two kinds have nothing in common.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Of {
    Prefix,
    WidePrefix,
    Asn,
    Country,
    Face,
    Tls,
    Language,
    Device,
}

/// Makes the tags of one user: another user's tags of the same values are others.
#[derive(Debug, Clone)]
pub struct Tagger {
    key: Hmac<Sha256>,
    user: Vec<u8>,
}

impl Tagger {
    /// For the user of this name, under a key of the site.
    pub fn new(key: &[u8; 32], user: &[u8]) -> Self {
        Self { key: hash::hmac(key), user: user.to_vec() }
    }

    /// The tag of a device cookie's name.
    pub fn device(&self, name: &[u8]) -> Tag {
        self.tag(Of::Device, &[name])
    }

    pub(super) fn tag(&self, of: Of, parts: &[&[u8]]) -> Tag {
        let mut value = vec![of as u8];
        for part in parts {
            value.extend_from_slice(part);
            // 0xff is in no UTF-8, and what is no text has one length: two parts cannot be cut in two ways.
            value.push(0xff);
        }
        let bytes = hash::tag(&self.key, &[&self.user, &value]);
        let first = bytes.first_chunk().map_or(0, |first| u32::from_le_bytes(*first));
        Tag::new(first).unwrap_or(Tag::MIN)
    }
}
