//! Keys in files: SubjectPublicKeyInfo (RFC 5280, 8410, 5480) and PKCS#8 (RFC 5958), as DER or as
//! PEM (RFC 7468).
//!
//! ```text
//! SubjectPublicKeyInfo  30 { 30 { 06 algorithm, 06 curve? }, 03 { 00 point } }
//! PKCS#8                30 { 02 version, 30 { 06 algorithm, 06 curve? }, 04 { private key }, a0 attributes?, 81 { 00 point }? }
//!   of Ed25519          its private key: 04 { seed }
//!   of P-256            its private key: 30 { 02 01 01, 04 { scalar }, a0 { 06 curve }?, a1 { 03 { 00 point } }? }  (RFC 5915)
//! ```
//! Two kinds of key in two frames are all there is: the general parsers cost 9 KB of the module.

use super::algorithm;
use super::material::{Material, unusable};
use crate::foundation::base64url;
use crate::foundation::error::Result;
use crate::foundation::secret::Secret;
use zeroize::Zeroizing;

/// 1.3.101.112
const ED25519: &[u8] = &[0x2b, 0x65, 0x70];
/// 1.2.840.10045.2.1
const EC: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1];
/// 1.2.840.10045.3.1.7
const P256: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7];

const SEQUENCE: u8 = 0x30;
const INTEGER: u8 = 2;
const BITS: u8 = 3;
const OCTETS: u8 = 4;
const OBJECT: u8 = 6;

/// Reads the one key in a PEM text.
///
/// # Errors
/// [`Code::Config`](crate::foundation::error::Code::Config), with a sentence that says what is wrong with the
/// key.
pub fn read_pem(text: &[u8]) -> Result<Material> {
    let none = || unusable("it is no PEM of one key, from -----BEGIN to -----END");
    let text = std::str::from_utf8(text).map_err(|_| none())?.trim_ascii();
    let (label, rest) = text
        .strip_prefix("-----BEGIN ")
        .and_then(|rest| rest.split_once("-----"))
        .ok_or_else(none)?;
    let end = ["-----END ", label, "-----"].concat();
    let body = rest.strip_suffix(end.as_str()).ok_or_else(none)?;
    match label {
        "PRIVATE KEY" | "PUBLIC KEY" => (),
        "EC PRIVATE KEY" | "RSA PRIVATE KEY" => {
            return Err(unusable(
                "it is in an older format; convert it with `openssl pkcs8 -topk8 -nocrypt`",
            ));
        }
        "ENCRYPTED PRIVATE KEY" => {
            return Err(unusable("it is encrypted; decrypt it with `openssl pkcs8`"));
        }
        "CERTIFICATE" => {
            return Err(unusable(
                "it is a certificate; take the key out with `openssl x509 -pubkey -noout`",
            ));
        }
        _ => return Err(unusable("its PEM label must be PUBLIC KEY or PRIVATE KEY")),
    }
    // Characters of base64url, which is decoded below, and not of PEM: a second frame could hide in
    // the body.
    if body.contains(['-', '_']) {
        return Err(none());
    }
    // Of the right size from the start: a string that grows leaves copies of a secret behind.
    let mut dense = Zeroizing::new(String::with_capacity(body.len()));
    dense.extend(body.chars().filter(|character| !character.is_ascii_whitespace()));
    let der = Zeroizing::new(base64url::decode_pasted(&dense).ok_or_else(none)?);
    if label == "PUBLIC KEY" { read_public(&der) } else { read_private(&der) }
}

/// Reads a key in DER, whichever of the two it is.
///
/// # Errors
/// As [`read_pem`].
pub fn read_der(bytes: &[u8]) -> Result<Material> {
    let is_private =
        Reader(bytes).inside(SEQUENCE).and_then(|mut info| info.take(INTEGER)).is_some();
    if is_private { read_private(bytes) } else { read_public(bytes) }
}

fn read_public(der: &[u8]) -> Result<Material> {
    let info = Reader::only(der, SEQUENCE).and_then(|mut info| {
        let algorithm = info.take(SEQUENCE)?;
        let point = whole_bytes(info.take(BITS)?)?;
        info.is_empty().then_some((algorithm, point))
    });
    let (algorithm, point) =
        info.ok_or_else(|| unusable("it is neither SubjectPublicKeyInfo nor unencrypted PKCS#8"))?;
    match kind(algorithm)? {
        Kind::Ed25519 => Material::ed25519_public(exactly(point)?),
        Kind::P256 => Material::p256_public(
            point
                .try_into()
                .map_err(|_| unusable("a point of P-256 must be uncompressed, 65 bytes"))?,
        ),
    }
}

fn read_private(der: &[u8]) -> Result<Material> {
    let info = Reader::only(der, SEQUENCE).and_then(|mut info| {
        matches!(info.take(INTEGER)?, [0 | 1]).then_some(())?;
        let (algorithm, key) = (info.take(SEQUENCE)?, info.take(OCTETS)?);
        info.take(0xa0);
        let stated = info.take(0x81).map(whole_bytes);
        info.is_empty().then_some((algorithm, key, stated))
    });
    let (algorithm, key, stated) = info.ok_or_else(|| unusable("it is no unencrypted PKCS#8"))?;
    match kind(algorithm)? {
        Kind::Ed25519 => {
            let mut inner = Reader(key);
            let seed = inner.take(OCTETS).filter(|_| inner.is_empty()).unwrap_or_default();
            let seed = Secret::new(exactly(seed)?);
            belongs(stated, &algorithm::ed25519_point(&seed))?;
            Ok(Material::Ed25519Private(seed))
        }
        Kind::P256 => p256_private(key, stated),
    }
}

/// A point as a file states it: absent, or not even one.
type Stated<'a> = Option<Option<&'a [u8]>>;

fn p256_private(der: &[u8], outer: Stated<'_>) -> Result<Material> {
    let inner = Reader::only(der, SEQUENCE).and_then(|mut key| {
        (key.take(INTEGER)? == [1]).then_some(())?;
        let scalar = key.take(OCTETS)?;
        let curve_fits = key
            .inside(0xa0)
            .is_none_or(|mut curve| curve.take(OBJECT) == Some(P256) && curve.is_empty());
        let stated = key
            .inside(0xa1)
            .map(|mut one| one.take(BITS).filter(|_| one.is_empty()).and_then(whole_bytes));
        (key.is_empty() && curve_fits).then_some((scalar, stated))
    });
    let (scalar, stated) =
        inner.ok_or_else(|| unusable("it holds no private key of P-256 (RFC 5915)"))?;
    let scalar = Secret::new(exactly(scalar)?);
    let own =
        algorithm::p256_point(&scalar).ok_or_else(|| unusable("it is no private key of P-256"))?;
    belongs(outer, &own)?;
    belongs(stated, &own)?;
    Material::p256_private(scalar)
}

/// A private key with somebody else's public half would sign what nobody can check.
fn belongs(stated: Stated<'_>, own: &[u8]) -> Result<()> {
    match stated {
        Some(stated) if stated != Some(own) => {
            Err(unusable("its public key does not belong to its private one"))
        }
        _ => Ok(()),
    }
}

enum Kind {
    Ed25519,
    P256,
}

fn kind(algorithm: &[u8]) -> Result<Kind> {
    let mut fields = Reader(algorithm);
    let (name, curve) = (fields.take(OBJECT), fields.take(OBJECT));
    match (name, curve) {
        (Some(ED25519), None) if fields.is_empty() => Ok(Kind::Ed25519),
        (Some(EC), Some(P256)) if fields.is_empty() => Ok(Kind::P256),
        _ => Err(unusable("only Ed25519 and P-256 are known here")),
    }
}

/// A bit string of whole bytes: its first byte says that none of the bits is unused.
fn whole_bytes(bits: &[u8]) -> Option<&[u8]> {
    bits.split_first().filter(|(unused, _)| **unused == 0).map(|(_, bytes)| bytes)
}

fn exactly(bytes: &[u8]) -> Result<[u8; 32]> {
    bytes.try_into().map_err(|_| unusable("its key is not 32 bytes"))
}

/// What is left of some DER (X.690).
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    /// The content of a text that is one value and nothing else.
    fn only(der: &'a [u8], tag: u8) -> Option<Self> {
        let mut reader = Self(der);
        let content = reader.inside(tag)?;
        reader.is_empty().then_some(content)
    }

    fn inside(&mut self, tag: u8) -> Option<Self> {
        self.take(tag).map(Self)
    }

    /// The content of the next value, if it has this tag; otherwise the reader stays where it is.
    fn take(&mut self, tag: u8) -> Option<&'a [u8]> {
        let (first, rest) = self.0.split_first()?;
        let (length, rest) = rest.split_first()?;
        // Lengths have one spelling; none of our keys is longer than two bytes can say.
        let (length, rest) = match *length {
            0..=0x7f => (usize::from(*length), rest),
            0x81 => rest
                .split_first()
                .map(|(one, rest)| (usize::from(*one), rest))
                .filter(|(length, _)| *length > 0x7f)?,
            0x82 => {
                let (two, rest) =
                    rest.split_first_chunk::<2>().filter(|([first, _], _)| *first > 0)?;
                (usize::from(u16::from_be_bytes(*two)), rest)
            }
            _ => return None,
        };
        let (content, rest) = rest.split_at_checked(length).filter(|_| *first == tag)?;
        self.0 = rest;
        Some(content)
    }

    const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}
