//! The device cookie: `base64url(key tag | device ID | HMAC-SHA256(device key, device ID))`. The
//! device ID is random, belongs to no user and authorises nothing. A risk profile keeps which
//! devices signed in.

use crate::formats::id::LocalSessionId;
use crate::formats::key_ring::{KeyRing, RingKey, hmac_sha256};
use crate::foundation::base64url;
use crate::foundation::secret::Secret;

/// The bytes of a device ID.
pub const DEVICE_ID_BYTES: usize = 16;
const TAG_BYTES: usize = 8;
const BYTES: usize = TAG_BYTES + DEVICE_ID_BYTES + 32;

/// The random ID of a browser.
pub type DeviceId = [u8; DEVICE_ID_BYTES];

/// Derives the device ID of a new browser from its first session, so that every attempt of a
/// sign-in gives the same ID.
pub fn derive_device_id(sid: &LocalSessionId, key: &RingKey) -> DeviceId {
    let mac = hmac_sha256(&key.device, &[b"name", &sid.0]);
    mac.first_chunk().copied().unwrap_or_default()
}

/// Encodes the value of the cookie.
pub fn encode(name: &DeviceId, key: &RingKey) -> String {
    base64url::encode(&[key.tag.as_slice(), name, &hmac_sha256(&key.device, &[name])].concat())
}

/// Parses and authenticates the value of the cookie.
pub fn parse(text: &str, ring: &KeyRing) -> Option<DeviceId> {
    let bytes = base64url::decode_array_constant_time::<BYTES>(text)?;
    let (tag, rest) = bytes.split_first_chunk::<TAG_BYTES>()?;
    let (name, given) = rest.split_first_chunk::<DEVICE_ID_BYTES>()?;
    let given = Secret::new(<[u8; 32]>::try_from(given).ok()?);
    let made = Secret::new(hmac_sha256(&ring.find_by_tag(tag)?.device, &[name]));
    made.matches(&given).then_some(*name)
}
