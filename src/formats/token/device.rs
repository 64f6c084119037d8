//! Floor 1. The device cookie: `base64url(key tag | name | HMAC-SHA256(device key, name))`. It
//! names a browser at random, belongs to nobody and opens nothing; a profile remembers which ones
//! signed in.

use crate::foundation::base64url;
use crate::formats::id::Sid;
use crate::formats::keys::{Key, KeyRing, mac};
use crate::foundation::secret::Secret;

/// A browser's name, in bytes.
pub const NAME_BYTES: usize = 16;
const TAG_BYTES: usize = 8;
const BYTES: usize = TAG_BYTES + NAME_BYTES + 32;

/// The name of a browser.
pub type Name = [u8; NAME_BYTES];

/// The name of the browser in which this session began: the same at every attempt of one sign-in.
pub fn name(sid: &Sid, key: &Key) -> Name {
    let mac = mac(&key.device, &[b"name", &sid.0]);
    mac.first_chunk().copied().unwrap_or_default()
}

/// The cookie's value.
pub fn text(name: &Name, key: &Key) -> String {
    base64url::encode(&[key.tag.as_slice(), name, &mac(&key.device, &[name])].concat())
}

/// The name in a cookie that we made.
pub fn read(text: &str, ring: &KeyRing) -> Option<Name> {
    let bytes = base64url::decode_exactly::<BYTES>(text)?;
    let (tag, rest) = bytes.split_first_chunk::<TAG_BYTES>()?;
    let (name, given) = rest.split_first_chunk::<NAME_BYTES>()?;
    let given = Secret::new(<[u8; 32]>::try_from(given).ok()?);
    let made = Secret::new(mac(&ring.by_tag(tag)?.device, &[name]));
    made.matches(&given).then_some(*name)
}
