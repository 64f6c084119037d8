//! The site that a decision is made for: its issuer, keys, verifier and policy.

use crate::formats::key_ring::{KeyRing, KeyRingInput};
use crate::formats::token::access_token;
use crate::formats::token::claims::ExpectedClaims;
use crate::formats::token::jwk::KeyUse;
use crate::formats::token::jwks::JwksDocument;
use crate::formats::token::jws::Verifier;
use crate::formats::token::key_import::{TokenKey, TokenKeyInput};
use crate::formats::token::key_material::KeyMaterial;
use crate::formats::token::signer::SigningKeys;
use crate::foundation::error::{Error, ErrorCode, Result};
use crate::model::policy::{Policy, PolicyInput};

/// The longest issuer and the longest audience, in bytes.
pub const MAX_ISSUER_BYTES: usize = 256;

/// A site whose options were validated: its identity, its keys and its policy.
#[derive(Debug)]
pub struct Site {
    /// The issuer of the site's tokens: the claim `iss` (RFC 7519 section 4.1.1).
    pub issuer: String,
    /// The audience of the site's access tokens: the claim `aud` (RFC 7519 section 4.1.3).
    pub audience: String,
    /// The site's secrets, newest first.
    pub key_ring: KeyRing,
    /// The keys that sign access tokens, each with its schedule.
    pub signing_keys: SigningKeys,
    /// The verifier of the site's own access tokens.
    pub verifier: Verifier,
    /// The public keys that the site publishes (RFC 7517 section 5).
    pub jwks: JwksDocument,
    /// The site's settings, with every default filled in.
    pub policy: Policy,
}

/// The options of a site, as the host gives them.
pub struct SiteInput {
    /// The claim `iss`, 1 to 256 bytes.
    pub issuer: String,
    /// The claim `aud`, 1 to 256 bytes. The default is the issuer.
    pub audience: Option<String>,
    /// The key ring and the store key secret.
    pub keys: KeyRingInput,
    /// The asymmetric keys. Each replaces the derived token key of the ring key with the same ID.
    pub token_keys: Vec<TokenKeyInput>,
    /// The settings that differ from the defaults.
    pub policy: PolicyInput,
}

impl Site {
    /// Validates the options of a site and prepares its keys.
    ///
    /// # Errors
    /// [`ErrorCode::Config`], [`ErrorCode::WeakKey`].
    pub fn new(input: SiteInput) -> Result<Self> {
        let audience = input.audience.unwrap_or_else(|| input.issuer.clone());
        for (name, value) in [("issuer", &input.issuer), ("audience", &audience)] {
            if value.is_empty() || value.len() > MAX_ISSUER_BYTES {
                return Err(Error::with_message(
                    ErrorCode::Config,
                    format!("{name} must have 1 to 256 bytes: your site's origin is a good one."),
                ));
            }
        }
        let key_ring = KeyRing::new(&input.keys)?;
        let policy = Policy::new(&input.policy)?;
        let keys = build_token_keys(&key_ring, &input.token_keys)?;
        let signing_keys = SigningKeys::new(&keys, access_token::TYP)?;
        let keys = keys.into_iter().map(TokenKey::to_public).collect::<Result<Vec<_>>>()?;
        let expected = ExpectedClaims {
            issuer: input.issuer.clone(),
            audiences: vec![audience.clone()],
            token_types: vec![Some(access_token::TYP.to_owned())],
            required_claims: Vec::new(),
            leeway: policy.leeway,
            max_lifetime: access_token::MAX_TTL,
            max_age: None,
        };
        Ok(Self {
            issuer: input.issuer,
            audience,
            verifier: Verifier::new(&keys, expected)?,
            jwks: JwksDocument::new(&keys)?,
            signing_keys,
            key_ring,
            policy,
        })
    }
}

/// Gives one token key for each ring key: the asymmetric key with the same ID, or the derived one.
fn build_token_keys(key_ring: &KeyRing, pairs: &[TokenKeyInput]) -> Result<Vec<TokenKey>> {
    let mut pairs =
        pairs.iter().map(|pair| pair.parse(KeyUse::Sign)).collect::<Result<Vec<_>>>()?;
    let keys = key_ring.iter().map(|key| {
        let pair = pairs
            .iter()
            .position(|pair| pair.id.as_ref() == Some(&key.id))
            .map(|at| pairs.swap_remove(at));
        TokenKey {
            id: Some(key.id.clone()),
            material: pair
                .map_or_else(|| KeyMaterial::Subkey(key.signing.clone()), |pair| pair.material),
            schedule: key.schedule,
        }
    });
    Ok(keys.collect())
}
