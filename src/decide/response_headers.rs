//! The tokens and cookies of a response: the new access token, the cookies that are set and
//! cleared.

use super::context::DecisionContext;
use super::outcome::Headers;
use super::request::RequestFacts;
use super::site::Site;
use crate::formats::cookie::CookieKind;
use crate::formats::id::{LocalSessionId, SessionId};
use crate::formats::key_ring::RingKey;
use crate::formats::token::access_token;
use crate::formats::token::csrf_token::CsrfBinding;
use crate::formats::token::device_cookie;
use crate::formats::token::refresh_token::RefreshToken;
use crate::foundation::error::{Error, ErrorCode, Result};
use crate::foundation::secret::{Entropy, Secret, SecretText};
use crate::model::policy::Transport;
use crate::model::record::SessionRecord;

/// The lifetime of the device cookie, in seconds: 400 days, the longest that browsers keep a
/// cookie.
const DEVICE_MAX_AGE_SECONDS: u64 = 34_560_000;

/// A new access token, and the `Set-Cookie` header that carries it.
pub(super) struct NewAccessToken {
    pub(super) token: SecretText,
    cookie: Option<SecretText>,
}

impl NewAccessToken {
    pub(super) fn issue(
        context: &DecisionContext<'_>,
        subject: &str,
        session: &SessionRecord,
        entropy: &mut Entropy,
    ) -> Result<Self> {
        let Site { issuer, audience, signing_keys, policy, .. } = context.site;
        let name = access_token::encode_token_id(&entropy.take::<16>()?);
        let exp = access_token::expires_at_seconds(
            context.now,
            context.access_ttl,
            entropy.take::<4>()?,
            session.absolute_deadline,
        );
        let iat = context.now.whole_seconds();
        let claims = access_token::AccessTokenClaims {
            iss: issuer.into(),
            aud: audience.into(),
            sub: subject.into(),
            sid: SessionId { subject: context.key, local_id: session.local_id }.encode().into(),
            generation: session.generation,
            jti: name.into(),
            iat,
            exp,
            auth_time: session.authenticated_at.whole_seconds(),
            acr: session.acr.as_deref().map(Into::into),
            amr: session.amr.iter().map(Into::into).collect(),
            jkt: session.jkt.as_deref().map(Into::into),
            custom: session.claims.as_deref(),
        };
        // Where no key of the schedule is active, the newest one signs: a forgotten date must not
        // sign everybody out.
        let head = signing_keys
            .current_signer(context.now)
            .or_else(|| signing_keys.first())
            .ok_or(Error::from(ErrorCode::Internal))?;
        let token = head.sign(&claims.encode())?;
        let cookie = || policy.cookies.set(CookieKind::Access, &token, exp.saturating_sub(iat));
        let cookie = uses_cookies(context.site).then(cookie).transpose()?;
        Ok(Self { token: SecretText::new(token), cookie })
    }

    /// The headers of a response that sets the access cookie. Where there is a new refresh token,
    /// they set its cookie and clear the request's other refresh cookies.
    pub(super) fn headers(
        &self,
        context: &DecisionContext<'_>,
        refresh: Option<(&RefreshToken, &RingKey)>,
        refresh_cookie_numbers: &[u32],
    ) -> Result<Headers> {
        let cookies = &context.site.policy.cookies;
        let Some(cookie) = &self.cookie else { return Ok(no_store_header()) };
        let mut headers = vec![("set-cookie", cookie.clone())];
        if let Some((token, key)) = refresh {
            let max_age = context.now.seconds_until(token.absolute_deadline);
            headers.push((
                "set-cookie",
                cookies.set(
                    CookieKind::Refresh(token.generation),
                    token.encode(key).expose(),
                    max_age,
                )?,
            ));
            let other_numbers =
                refresh_cookie_numbers.iter().filter(|number| **number != token.generation);
            headers.extend(
                other_numbers
                    .map(|number| ("set-cookie", cookies.clear(CookieKind::Refresh(*number)))),
            );
        }
        headers.extend(no_store_header());
        Ok(headers)
    }
}

/// The text of the refresh token, for a host that does not use cookies.
pub(super) fn body_refresh_token(
    context: &DecisionContext<'_>,
    refresh: Option<(&RefreshToken, &RingKey)>,
) -> Option<SecretText> {
    let (token, key) = refresh.filter(|_| !uses_cookies(context.site))?;
    Some(token.encode(key))
}

/// The CSRF cookie, which scripts can read, where the policy asks for it. It is set whenever the
/// CSRF token changes.
pub(super) fn set_csrf_cookie(
    context: &DecisionContext<'_>,
    session: &SessionRecord,
    entropy: &mut Entropy,
) -> Result<Headers> {
    let Site { policy, key_ring, .. } = context.site;
    if !policy.sets_csrf_cookie || !uses_cookies(context.site) {
        return Ok(Vec::new());
    }
    let sid = SessionId { subject: context.key, local_id: session.local_id }.encode();
    let bond = CsrfBinding {
        session_id: &sid,
        auth_time: session.authenticated_at.whole_seconds(),
        acr: session.acr.as_deref(),
    };
    let token = bond
        .issue(key_ring, &key_ring.current_key(context.now).tag, &entropy.take()?)
        .ok_or(Error::from(ErrorCode::Internal))?;
    let max_age = context.now.seconds_until(session.absolute_deadline);
    Ok(vec![("set-cookie", policy.cookies.set(CookieKind::Csrf, &token, max_age)?)])
}

/// The device ID for a response, where the policy asks for one: the request's own, or a new one.
pub(super) fn new_device_id(
    context: &DecisionContext<'_>,
    request: &RequestFacts,
    sid: LocalSessionId,
) -> Option<device_cookie::DeviceId> {
    let is_wanted = context.site.policy.risk.device_cookie && uses_cookies(context.site);
    let key = context.site.key_ring.current_key(context.now);
    is_wanted.then(|| {
        request
            .device_id(context.site)
            .unwrap_or_else(|| device_cookie::derive_device_id(&sid, key))
    })
}

/// The `Set-Cookie` header of the device cookie.
pub(super) fn set_device_cookie(
    context: &DecisionContext<'_>,
    name: &device_cookie::DeviceId,
) -> Result<(&'static str, SecretText)> {
    let Site { policy, key_ring, .. } = context.site;
    let text = device_cookie::encode(name, key_ring.current_key(context.now));
    Ok(("set-cookie", policy.cookies.set(CookieKind::Device, &text, DEVICE_MAX_AGE_SECONDS)?))
}

fn uses_cookies(site: &Site) -> bool {
    site.policy.transport == Transport::Cookie
}

/// The first refresh token of a chain, from initial entropy, and the key that authenticates it.
pub(super) fn initial_refresh_token<'a>(
    context: &DecisionContext<'a>,
    session: &SessionRecord,
    generation: u32,
    secret: &Secret<32>,
) -> Result<(RefreshToken, &'a RingKey)> {
    let key = context
        .site
        .key_ring
        .find_by_tag(&session.key_tag)
        .ok_or(Error::from(ErrorCode::RecordUnknownKey))?;
    let token = RefreshToken {
        key_tag: session.key_tag,
        session: SessionId { subject: context.key, local_id: session.local_id },
        generation,
        issued_at: session.rotated_at,
        absolute_deadline: session.absolute_deadline,
        secret: secret.clone(),
    };
    Ok((token, key))
}

/// The headers that clear the access cookie, the CSRF cookie and the refresh cookies that the
/// request carried. A newer refresh cookie belongs to another session, or has ended as well.
pub(super) fn clear_cookies(site: &Site, refresh_cookie_numbers: &[u32]) -> Headers {
    if !uses_cookies(site) {
        return no_store_header();
    }
    let cookies = &site.policy.cookies;
    let csrf = site.policy.sets_csrf_cookie.then_some(CookieKind::Csrf);
    let all = [CookieKind::Access]
        .into_iter()
        .chain(refresh_cookie_numbers.iter().copied().map(CookieKind::Refresh))
        .chain(csrf);
    let mut headers: Headers = all.map(|which| ("set-cookie", cookies.clear(which))).collect();
    headers.extend(no_store_header());
    headers
}

/// The headers that keep a response with cookies out of every cache.
fn no_store_header() -> Headers {
    vec![
        ("cache-control", SecretText::new("no-store".to_owned())),
        ("vary", SecretText::new("Cookie".to_owned())),
    ]
}
