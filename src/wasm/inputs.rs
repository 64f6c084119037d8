//! Sites, keys, requests and operations as JavaScript spells them: pkg/src/protocol.ts and
//! pkg/src/keys.ts.

use super::given::Given;
use crate::decide::{MintedInput, Operation, RequestFacts, SignIn, SiteInput, StepUp};
use crate::foundation::error::{Code, Error, Result};
use crate::formats::keys::{KeyInput, KeysInput, SecretInput};
use crate::model::policy::PolicyInput;
use crate::risk::{ContextText, RiskPolicyInput};
use crate::formats::schedule::ScheduleInput;
use crate::foundation::secret::SecretText;
use crate::formats::token::import::{Form, TokenKeyInput};
use zeroize::Zeroizing;

/// Who a site is, its keys, what it wants.
pub fn site(given: &Given) -> Result<SiteInput> {
    let keys = given.object("keys")?;
    Ok(SiteInput {
        issuer: given.text("issuer")?,
        audience: given.optional_text("audience")?,
        keys: KeysInput::new(keys.objects("ring", ring_key)?, secret(&keys.object("index")?)?),
        token_keys: given.objects("tokenKeys", token_key)?,
        policy: policy(&given.object("policy")?)?,
    })
}

fn policy(given: &Given) -> Result<PolicyInput> {
    Ok(PolicyInput {
        preset: given.optional_text("preset")?,
        access_ttl_seconds: given.number("accessTtlSeconds")?,
        idle_timeout_seconds: given.number("idleTimeoutSeconds")?,
        absolute_timeout_seconds: given.number("absoluteTimeoutSeconds")?,
        throttle_seconds: given.number("throttleSeconds")?,
        race_seconds: given.number("raceSeconds")?,
        flight_seconds: given.number("flightSeconds")?,
        retry_seconds: given.number("retrySeconds")?,
        confirmation_fed: given.flag("confirmationFed")?,
        leeway_seconds: given.number("leewaySeconds")?,
        max_sessions_per_subject: given.number("maxSessionsPerSubject")?,
        same_site: given.optional_text("sameSite")?,
        development: given.flag("development")?,
        cookie_name: given.optional_text("cookieName")?,
        cookie_persistence: given.optional_text("cookiePersistence")?,
        refresh_path: given.optional_text("refreshPath")?,
        transport: given.optional_text("transport")?,
        csrf: given.optional_text("csrf")?,
        csrf_cookie: given.flag("csrfCookie")?,
        trusted_origins: given.texts("trustedOrigins")?,
        exempt_paths: given.texts("dangerousCsrfExemptPaths")?,
        clear_site_data: given.texts("clearSiteData")?,
        risk: given.optional_object("risk")?.as_ref().map(risk).transpose()?.unwrap_or_default(),
    })
}

/// What is done about a score.
pub fn risk(given: &Given) -> Result<RiskPolicyInput> {
    let pair = |name: &str| -> Result<(Option<String>, Option<String>)> {
        let Some(answer) = given.optional_object(name)? else { return Ok((None, None)) };
        Ok((answer.optional_text("step_up")?, answer.optional_text("revoke")?))
    };
    Ok(RiskPolicyInput {
        dry_run: given.flag("dryRun")?,
        device_cookie: given.flag("deviceCookie")?,
        popularity: given.number("popularity")?,
        step_up_score: given.number("stepUpScore")?,
        revoke_score: given.number("revokeScore")?,
        responses: [pair("signIn")?, pair("refresh")?, pair("request")?],
    })
}

/// Where a request comes from: see [`ContextText::context`].
fn context(given: &Given) -> Result<Option<ContextText>> {
    Ok(given.optional_text("context")?.map(ContextText))
}

/// One key of a ring.
pub fn ring_key(given: &Given) -> Result<KeyInput> {
    Ok(KeyInput::new(given.text("id")?, secret(&given.object("secret")?)?)
        .scheduled(schedule(given)?))
}

/// A key for tokens.
pub fn token_key(given: &Given) -> Result<TokenKeyInput> {
    let form = match given.text("form")?.as_str() {
        "ring" => Form::Ring,
        "hmac" => Form::Hmac,
        "jwk" => Form::Jwk,
        "pem" => Form::Pem,
        "der" => Form::Der,
        _ => return Err(Error::from(Code::Internal)),
    };
    let material = secret(&given.object("material")?)?;
    Ok(TokenKeyInput::new(given.optional_text("id")?.as_deref(), form, material)
        .scheduled(schedule(given)?))
}

/// A secret: bytes, or a text in base64url as its bytes.
pub fn secret(given: &Given) -> Result<SecretInput> {
    Ok(SecretInput::new(given.bytes("bytes")?, given.flag("isText")?.unwrap_or(false)))
}

fn schedule(given: &Given) -> Result<ScheduleInput> {
    let given = given.object("schedule")?;
    Ok(ScheduleInput {
        active_at_ms: given.number("activeAtMs")?,
        retiring_at_ms: given.number("retiringAtMs")?,
        retired_at_ms: given.number("retiredAtMs")?,
    })
}

/// An operation, by its kind.
pub fn operation(given: &Given) -> Result<Operation> {
    let request = || request(&Zeroizing::new(given.text("request")?));
    let session_id = || given.text("sessionId");
    let context = || context(given);
    Ok(match given.text("kind")?.as_str() {
        "sign_in" => Operation::SignIn(sign_in(given)?),
        "refresh" => Operation::Refresh { request: request()?, context: context()? },
        "sign_out" => Operation::SignOut { request: request()? },
        "step_up" => Operation::StepUp(StepUp {
            request: request()?,
            subject: given.optional_text("subject")?,
            acr: given.optional_text("acr")?,
            amr: given.texts("amr")?,
            context: context()?,
            minted: MintedInput::new(given.bytes("minted")?),
        }),
        "check" => Operation::Check { request: request()?, context: context()? },
        "find" => Operation::Find { session_id: session_id()? },
        "update" => {
            Operation::Update { session_id: session_id()?, data: given.optional_text("data")? }
        }
        // A generation comes from a token that was verified: it is a whole number of 32 bits.
        "confirm" => Operation::Confirm {
            session_id: session_id()?,
            generation: given.number("generation")?.unwrap_or_default() as u32,
        },
        "revoke" => Operation::Revoke { session_id: session_id()? },
        "revoke_all" => Operation::RevokeAll {
            subject: given.text("subject")?,
            except: given.optional_text("except")?,
        },
        "list" => Operation::List { subject: given.text("subject")? },
        "profile" => Operation::Profile {
            subject: given.text("subject")?,
            erase: given.flag("erase")?.unwrap_or(false),
        },
        _ => return Err(Error::from(Code::Internal)),
    })
}

/// A sign-in.
pub fn sign_in(given: &Given) -> Result<SignIn> {
    Ok(SignIn {
        request: request(&Zeroizing::new(given.text("request")?))?,
        subject: given.text("subject")?,
        data: given.optional_text("data")?,
        claims: given.optional_text("claims")?,
        jkt: given.optional_text("jkt")?,
        acr: given.optional_text("acr")?,
        amr: given.texts("amr")?,
        label: given.optional_text("label")?,
        context: context(given)?,
        proved: given.flag("proved")?.unwrap_or(false),
        minted: MintedInput::new(given.bytes("minted")?),
    })
}

/// A request, as one text: method, scheme, host, then the headers Cookie, Sec-Fetch-Site, Origin
/// and User-Agent; then, where they are needed, Authorization, the refresh token, the CSRF token,
/// the path, and anything for a prefetch; parted by NUL, which none of them can hold. What is there
/// and might be empty has a `=` before it. One text crosses in a third of the time of seven.
pub fn request(text: &str) -> Result<RequestFacts> {
    let mut parts = text.split('\0');
    let mut part = || {
        parts
            .next()
            .ok_or_else(|| Error::because(Code::Argument, "The request's address holds a NUL."))
    };
    let [method, scheme, host] = [part()?, part()?, part()?].map(str::to_owned);
    let mut header = || Ok::<_, Error>(part()?.strip_prefix('='));
    let cookie = header()?.map(|cookie| SecretText::new(cookie.to_owned()));
    let [sec_fetch_site, origin, user_agent] =
        [header()?, header()?, header()?].map(|text| text.map(str::to_owned));
    let facts = RequestFacts {
        method,
        scheme,
        host,
        cookie,
        sec_fetch_site,
        origin,
        user_agent,
        ..Default::default()
    };
    let Some(authorization) = parts.next() else { return Ok(facts) };
    let secret = |text: &str| text.strip_prefix('=').map(|text| SecretText::new(text.to_owned()));
    let mut rest = || parts.next().unwrap_or_default();
    let (refresh, csrf, path, prefetch) =
        (secret(rest()), rest(), rest().to_owned(), !rest().is_empty());
    let csrf = csrf.strip_prefix('=').map(str::to_owned);
    if parts.next().is_some() {
        return Err(Error::because(Code::Argument, "A token or the address holds a NUL."));
    }
    Ok(RequestFacts {
        authorization: secret(authorization),
        refresh,
        csrf,
        path,
        prefetch,
        ..facts
    })
}
