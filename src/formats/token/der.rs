//! Keys in files: SubjectPublicKeyInfo (RFC 5280, RFC 8410, RFC 5480) and PKCS#8 (RFC 5958), as DER
//! or as PEM (RFC 7468).
//!
//! ```text
//! SubjectPublicKeyInfo   30 { 30 { 06 algorithm, 06 curve? }, 03 { 00 point } }
//! PKCS#8                 30 { 02 version, 30 { 06 algorithm, 06 curve? }, 04 { private key },
//!                             a0 attributes?, 81 { 00 point }? }
//! Ed25519 private key    04 { seed }
//! P-256 private key      30 { 02 01 01, 04 { scalar }, a0 { 06 curve }?, a1 { 03 { 00 point } }? }
//! ```
//! The private key of P-256 is that of RFC 5915. General parsers are larger; measured: see
//! performance.md, DER parser

use super::algorithm;
use super::key_material::{KeyMaterial, unusable_key_error};
use crate::foundation::base64url;
use crate::foundation::error::Result;
use crate::foundation::secret::Secret;
use zeroize::Zeroizing;

/// The object identifier 1.3.101.112 of Ed25519.
const ED25519: &[u8] = &[0x2b, 0x65, 0x70];
/// The object identifier 1.2.840.10045.2.1 of elliptic-curve keys.
const EC: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1];
/// The object identifier 1.2.840.10045.3.1.7 of the curve P-256.
const P256: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7];

const SEQUENCE: u8 = 0x30;
const INTEGER: u8 = 2;
const BIT_STRING: u8 = 3;
const OCTET_STRING: u8 = 4;
const OBJECT_IDENTIFIER: u8 = 6;

/// Parses the one key of a PEM text.
///
/// # Errors
/// [`ErrorCode::Config`](crate::foundation::error::ErrorCode::Config), with a message about the
/// key.
pub fn read_pem(text: &[u8]) -> Result<KeyMaterial> {
    let none = || unusable_key_error("expected one PEM block, from -----BEGIN to -----END");
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
            return Err(unusable_key_error(
                "it is in an older format; convert it with `openssl pkcs8 -topk8 -nocrypt`",
            ));
        }
        "ENCRYPTED PRIVATE KEY" => {
            return Err(unusable_key_error("it is encrypted; decrypt it with `openssl pkcs8`"));
        }
        "CERTIFICATE" => {
            return Err(unusable_key_error(
                "it is a certificate; extract the key with `openssl x509 -pubkey -noout`",
            ));
        }
        _ => return Err(unusable_key_error("its PEM label must be PUBLIC KEY or PRIVATE KEY")),
    }
    // Characters of base64url, which is decoded below, and not of PEM: a second frame could hide in
    // the body.
    if body.contains(['-', '_']) {
        return Err(none());
    }
    // Of the right size from the start: a string that grows leaves copies of a secret behind.
    let mut dense = Zeroizing::new(String::with_capacity(body.len()));
    dense.extend(body.chars().filter(|character| !character.is_ascii_whitespace()));
    let der = Zeroizing::new(base64url::decode_any_base64(&dense).ok_or_else(none)?);
    if label == "PUBLIC KEY" { read_public(&der) } else { read_private(&der) }
}

/// Parses a DER key, of either format.
///
/// # Errors
/// As [`read_pem`].
pub fn read_der(bytes: &[u8]) -> Result<KeyMaterial> {
    let is_private = DerReader(bytes)
        .read_nested(SEQUENCE)
        .and_then(|mut info| info.read_element(INTEGER))
        .is_some();
    if is_private { read_private(bytes) } else { read_public(bytes) }
}

fn read_public(der: &[u8]) -> Result<KeyMaterial> {
    let info = DerReader::read_only(der, SEQUENCE).and_then(|mut info| {
        let algorithm = info.read_element(SEQUENCE)?;
        let point = read_whole_bytes(info.read_element(BIT_STRING)?)?;
        info.is_empty().then_some((algorithm, point))
    });
    let (algorithm, point) = info.ok_or_else(|| {
        unusable_key_error("it is neither SubjectPublicKeyInfo nor unencrypted PKCS#8")
    })?;
    match read_curve(algorithm)? {
        Curve::Ed25519 => KeyMaterial::ed25519_public(to_exact_length(point)?),
        Curve::P256 => {
            KeyMaterial::p256_public(point.try_into().map_err(|_| {
                unusable_key_error("a point of P-256 must be uncompressed, 65 bytes")
            })?)
        }
    }
}

fn read_private(der: &[u8]) -> Result<KeyMaterial> {
    let info = DerReader::read_only(der, SEQUENCE).and_then(|mut info| {
        matches!(info.read_element(INTEGER)?, [0 | 1]).then_some(())?;
        let (algorithm, key) = (info.read_element(SEQUENCE)?, info.read_element(OCTET_STRING)?);
        info.read_element(0xa0);
        let stated = info.read_element(0x81).map(read_whole_bytes);
        info.is_empty().then_some((algorithm, key, stated))
    });
    let (algorithm, key, stated) =
        info.ok_or_else(|| unusable_key_error("it is no unencrypted PKCS#8"))?;
    match read_curve(algorithm)? {
        Curve::Ed25519 => {
            let mut inner = DerReader(key);
            let seed =
                inner.read_element(OCTET_STRING).filter(|_| inner.is_empty()).unwrap_or_default();
            let seed = Secret::new(to_exact_length(seed)?);
            check_public_half(stated, &algorithm::ed25519_point(&seed))?;
            Ok(KeyMaterial::Ed25519Private(seed))
        }
        Curve::P256 => p256_private(key, stated),
    }
}

/// The public point as a file states it: missing, malformed or given.
type StatedPublicKey<'a> = Option<Option<&'a [u8]>>;

fn p256_private(der: &[u8], outer: StatedPublicKey<'_>) -> Result<KeyMaterial> {
    let inner = DerReader::read_only(der, SEQUENCE).and_then(|mut key| {
        (key.read_element(INTEGER)? == [1]).then_some(())?;
        let scalar = key.read_element(OCTET_STRING)?;
        let curve_fits = key.read_nested(0xa0).is_none_or(|mut curve| {
            curve.read_element(OBJECT_IDENTIFIER) == Some(P256) && curve.is_empty()
        });
        let stated = key.read_nested(0xa1).map(|mut one| {
            one.read_element(BIT_STRING).filter(|_| one.is_empty()).and_then(read_whole_bytes)
        });
        (key.is_empty() && curve_fits).then_some((scalar, stated))
    });
    let (scalar, stated) =
        inner.ok_or_else(|| unusable_key_error("it holds no private key of P-256 (RFC 5915)"))?;
    let scalar = Secret::new(to_exact_length(scalar)?);
    let own = algorithm::p256_point(&scalar)
        .ok_or_else(|| unusable_key_error("it is no private key of P-256"))?;
    check_public_half(outer, &own)?;
    check_public_half(stated, &own)?;
    KeyMaterial::p256_private(scalar)
}

/// Rejects a private key with a foreign public half, whose signatures nobody could verify.
fn check_public_half(stated: StatedPublicKey<'_>, own: &[u8]) -> Result<()> {
    match stated {
        Some(stated) if stated != Some(own) => {
            Err(unusable_key_error("its public key does not belong to its private one"))
        }
        _ => Ok(()),
    }
}

enum Curve {
    Ed25519,
    P256,
}

fn read_curve(algorithm: &[u8]) -> Result<Curve> {
    let mut fields = DerReader(algorithm);
    let (name, curve) =
        (fields.read_element(OBJECT_IDENTIFIER), fields.read_element(OBJECT_IDENTIFIER));
    match (name, curve) {
        (Some(ED25519), None) if fields.is_empty() => Ok(Curve::Ed25519),
        (Some(EC), Some(P256)) if fields.is_empty() => Ok(Curve::P256),
        _ => Err(unusable_key_error("only Ed25519 and P-256 are known here")),
    }
}

/// The bytes of a bit string, whose first byte says that no bit is unused.
fn read_whole_bytes(bits: &[u8]) -> Option<&[u8]> {
    bits.split_first().filter(|(unused, _)| **unused == 0).map(|(_, bytes)| bytes)
}

fn to_exact_length(bytes: &[u8]) -> Result<[u8; 32]> {
    bytes.try_into().map_err(|_| unusable_key_error("its key is not 32 bytes"))
}

/// The rest of some DER (X.690).
struct DerReader<'a>(&'a [u8]);

impl<'a> DerReader<'a> {
    /// The content of a text that is exactly one value.
    fn read_only(der: &'a [u8], tag: u8) -> Option<Self> {
        let mut reader = Self(der);
        let content = reader.read_nested(tag)?;
        reader.is_empty().then_some(content)
    }

    fn read_nested(&mut self, tag: u8) -> Option<Self> {
        self.read_element(tag).map(Self)
    }

    /// The content of the next value, if it has this tag. Otherwise the reader does not move.
    fn read_element(&mut self, tag: u8) -> Option<&'a [u8]> {
        let (first, rest) = self.0.split_first()?;
        let (length, rest) = rest.split_first()?;
        // Each length has one encoding, and no supported key needs a length of more than two bytes.
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
