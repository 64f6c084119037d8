//! What an answer carries: a fresh access token, and the cookies that it sets and takes away.

use super::outcome::Headers;
use super::{RequestFacts, Scene, Site};
use crate::formats::cookie::Which;
use crate::foundation::error::{Code, Error, Result};
use crate::formats::id::{SessionId, Sid};
use crate::formats::keys::Key;
use crate::model::policy::Transport;
use crate::model::record::SessionRecord;
use crate::foundation::secret::{Entropy, Secret, SecretText};
use crate::formats::token::access;
use crate::formats::token::csrf::Bond;
use crate::formats::token::device;
use crate::formats::token::refresh::RefreshToken;

/// As long as browsers keep any cookie: 400 days, in seconds.
const DEVICE_MAX_AGE: u64 = 34_560_000;

/// A fresh access token for a session, and the `Set-Cookie` that carries it.
pub(super) struct FreshAccess {
    pub(super) token: SecretText,
    cookie: Option<SecretText>,
}

impl FreshAccess {
    pub(super) fn mint(
        scene: &Scene<'_>,
        subject: &str,
        session: &SessionRecord,
        entropy: &mut Entropy,
    ) -> Result<Self> {
        let Site { issuer, audience, heads, policy, .. } = scene.site;
        let name = access::token_name(&entropy.take::<16>()?);
        let exp = access::ends_at(
            scene.now,
            scene.access_ttl,
            entropy.take::<4>()?,
            session.absolute_deadline,
        );
        let iat = scene.now.whole_seconds();
        let claims = access::Claims {
            iss: issuer.into(),
            aud: audience.into(),
            sub: subject.into(),
            sid: SessionId { subject: scene.key, sid: session.sid }.text().into(),
            generation: session.generation,
            jti: name.into(),
            iat,
            exp,
            auth_time: session.authenticated_at.whole_seconds(),
            acr: session.acr.as_deref().map(Into::into),
            amr: session.amr.iter().map(Into::into).collect(),
            jkt: session.jkt.as_deref().map(Into::into),
            own: session.claims.as_deref(),
        };
        // Where the schedule names no key, the newest goes on: a forgotten date must not sign
        // everybody out.
        let head = heads
            .current(scene.now)
            .or_else(|| heads.first())
            .ok_or(Error::from(Code::Internal))?;
        let token = head.sign(&claims.write())?;
        let cookie = || policy.jar.set(Which::Access, &token, exp.saturating_sub(iat));
        let cookie = in_cookies(scene.site).then(cookie).transpose()?;
        Ok(Self { token: SecretText::new(token), cookie })
    }

    /// The headers of an answer that sets the access cookie; where there is a new refresh token its
    /// cookie too, and the request's own refresh cookies, by their numbers, are taken away.
    pub(super) fn headers(
        &self,
        scene: &Scene<'_>,
        refresh: Option<(&RefreshToken, &Key)>,
        carried: &[u32],
    ) -> Result<Headers> {
        let jar = &scene.site.policy.jar;
        let Some(cookie) = &self.cookie else { return Ok(uncached()) };
        let mut headers = vec![("set-cookie", cookie.clone())];
        if let Some((token, key)) = refresh {
            let max_age = scene.now.seconds_until(token.absolute_deadline);
            headers.push((
                "set-cookie",
                jar.set(Which::Refresh(token.generation), token.text(key).expose(), max_age)?,
            ));
            let spent = carried.iter().filter(|number| **number != token.generation);
            headers.extend(spent.map(|number| ("set-cookie", jar.clear(Which::Refresh(*number)))));
        }
        headers.extend(uncached());
        Ok(headers)
    }
}

/// The refresh token itself, for a host that gives it to its client in another way than a cookie.
pub(super) fn handed_over(
    scene: &Scene<'_>,
    refresh: Option<(&RefreshToken, &Key)>,
) -> Option<SecretText> {
    let (token, key) = refresh.filter(|_| !in_cookies(scene.site))?;
    Some(token.text(key))
}

/// The cookie with a CSRF token that scripts can read, where the policy wants it: set where the
/// token changes.
pub(super) fn csrf_cookie(
    scene: &Scene<'_>,
    session: &SessionRecord,
    entropy: &mut Entropy,
) -> Result<Headers> {
    let Site { policy, ring, .. } = scene.site;
    if !policy.csrf_cookie || !in_cookies(scene.site) {
        return Ok(Vec::new());
    }
    let sid = SessionId { subject: scene.key, sid: session.sid }.text();
    let bond = Bond {
        sid: &sid,
        auth_time: session.authenticated_at.whole_seconds(),
        acr: session.acr.as_deref(),
    };
    let token = bond
        .token(ring, &ring.current(scene.now).tag, &entropy.take()?)
        .ok_or(Error::from(Code::Internal))?;
    let max_age = scene.now.seconds_until(session.absolute_deadline);
    Ok(vec![("set-cookie", policy.jar.set(Which::Csrf, &token, max_age)?)])
}

/// The name of the browser beyond its session, where the policy wants one: what it brought, or a
/// new one.
pub(super) fn device_name(
    scene: &Scene<'_>,
    request: &RequestFacts,
    sid: Sid,
) -> Option<device::Name> {
    let is_wanted = scene.site.policy.risk.device_cookie && in_cookies(scene.site);
    let key = scene.site.ring.current(scene.now);
    is_wanted.then(|| request.device(scene.site).unwrap_or_else(|| device::name(&sid, key)))
}

/// The cookie that says it.
pub(super) fn device_cookie(
    scene: &Scene<'_>,
    name: &device::Name,
) -> Result<(&'static str, SecretText)> {
    let Site { policy, ring, .. } = scene.site;
    let text = device::text(name, ring.current(scene.now));
    Ok(("set-cookie", policy.jar.set(Which::Device, &text, DEVICE_MAX_AGE)?))
}

fn in_cookies(site: &Site) -> bool {
    site.policy.transport == Transport::Cookie
}

/// The refresh token of a secret that was minted for a session, and the key that authenticates it.
pub(super) fn minted_token<'a>(
    scene: &Scene<'a>,
    session: &SessionRecord,
    generation: u32,
    secret: &Secret<32>,
) -> Result<(RefreshToken, &'a Key)> {
    let key = scene.site.ring.by_tag(&session.key_tag).ok_or(Error::from(Code::RecordKey))?;
    let token = RefreshToken {
        key_tag: session.key_tag,
        session: SessionId { subject: scene.key, sid: session.sid },
        generation,
        issued_at: session.rotated_at,
        absolute_deadline: session.absolute_deadline,
        secret: secret.clone(),
    };
    Ok((token, key))
}

/// The headers that take a browser's cookies: the access cookie, and the refresh cookies that it
/// sent, by their numbers. One that it was given since is another session's, or dead as well.
pub(super) fn clearing(site: &Site, carried: &[u32]) -> Headers {
    if !in_cookies(site) {
        return uncached();
    }
    let jar = &site.policy.jar;
    let csrf = site.policy.csrf_cookie.then_some(Which::Csrf);
    let all =
        [Which::Access].into_iter().chain(carried.iter().copied().map(Which::Refresh)).chain(csrf);
    let mut headers: Headers = all.map(|which| ("set-cookie", jar.clear(which))).collect();
    headers.extend(uncached());
    headers
}

/// No cache may keep an answer that sets a cookie, nor give it to somebody else.
fn uncached() -> Headers {
    vec![
        ("cache-control", SecretText::new("no-store".to_owned())),
        ("vary", SecretText::new("Cookie".to_owned())),
    ]
}
