//! Decodes sites, keys, requests and operations from JavaScript. The other side is
//! `pkg/src/core/protocol.ts` and `pkg/src/core/key-input.ts`.

use super::js_object::JsObject;
use crate::decide::{InitialEntropyInput, Operation, RequestFacts, SignIn, SiteInput, StepUp};
use crate::formats::key_ring::{KeyRingInput, RingKeyInput};
use crate::formats::key_schedule::KeyScheduleInput;
use crate::formats::secret_input::SecretInput;
use crate::formats::token::key_import::{KeyFormat, TokenKeyInput};
use crate::foundation::error::{Error, ErrorCode, Result};
use crate::foundation::secret::SecretText;
use crate::model::policy::PolicyInput;
use crate::risk::{EncodedContext, RiskPolicyInput};
use zeroize::Zeroizing;

/// Decodes the options of a site.
pub fn decode_site(given: &JsObject) -> Result<SiteInput> {
    let keys = given.get_object("keys")?;
    Ok(SiteInput {
        issuer: given.get_text("issuer")?,
        audience: given.get_optional_text("audience")?,
        keys: KeyRingInput::new(
            keys.get_object_list("ring", decode_ring_key)?,
            decode_secret(&keys.get_object("storeKeySecret")?)?,
        ),
        token_keys: given.get_object_list("tokenKeys", decode_token_key)?,
        policy: decode_policy(&given.get_object("policy")?)?,
    })
}

/// Decodes the settings of a policy.
fn decode_policy(given: &JsObject) -> Result<PolicyInput> {
    Ok(PolicyInput {
        preset: given.get_optional_text("preset")?,
        access_ttl_seconds: given.get_number("accessTtlSeconds")?,
        idle_timeout_seconds: given.get_number("idleTimeoutSeconds")?,
        absolute_timeout_seconds: given.get_number("absoluteTimeoutSeconds")?,
        min_rotation_interval_seconds: given.get_number("minRotationIntervalSeconds")?,
        concurrent_refresh_seconds: given.get_number("concurrentRefreshSeconds")?,
        in_flight_seconds: given.get_number("inFlightSeconds")?,
        lost_response_seconds: given.get_number("lostResponseSeconds")?,
        confirmations_recorded: given.get_bool("confirmationsRecorded")?,
        leeway_seconds: given.get_number("leewaySeconds")?,
        max_sessions_per_subject: given.get_number("maxSessionsPerSubject")?,
        same_site: given.get_optional_text("sameSite")?,
        development: given.get_bool("development")?,
        cookie_name: given.get_optional_text("cookieName")?,
        cookie_persistence: given.get_optional_text("cookiePersistence")?,
        refresh_path: given.get_optional_text("refreshPath")?,
        transport: given.get_optional_text("transport")?,
        csrf: given.get_optional_text("csrf")?,
        csrf_cookie: given.get_bool("csrfCookie")?,
        trusted_origins: given.get_text_list("trustedOrigins")?,
        exempt_paths: given.get_text_list("dangerousCsrfExemptPaths")?,
        clear_site_data: given.get_text_list("clearSiteData")?,
        risk: given
            .get_optional_object("risk")?
            .as_ref()
            .map(decode_risk_policy)
            .transpose()?
            .unwrap_or_default(),
    })
}

/// Decodes the responses to unusual requests.
pub fn decode_risk_policy(given: &JsObject) -> Result<RiskPolicyInput> {
    let pair = |name: &str| -> Result<(Option<String>, Option<String>)> {
        let Some(answer) = given.get_optional_object(name)? else { return Ok((None, None)) };
        Ok((answer.get_optional_text("step_up")?, answer.get_optional_text("revoke")?))
    };
    Ok(RiskPolicyInput {
        dry_run: given.get_bool("dryRun")?,
        device_cookie: given.get_bool("deviceCookie")?,
        device_base_rate: given.get_number("deviceBaseRate")?,
        step_up_score: given.get_number("stepUpScore")?,
        revoke_score: given.get_number("revokeScore")?,
        responses: [pair("signIn")?, pair("refresh")?, pair("sessionCheck")?],
    })
}

/// Decodes a request context: see [`EncodedContext::parse`].
fn decode_context(given: &JsObject) -> Result<Option<EncodedContext>> {
    Ok(given.get_optional_text("context")?.map(EncodedContext))
}

/// Decodes one key of a ring.
pub fn decode_ring_key(given: &JsObject) -> Result<RingKeyInput> {
    Ok(RingKeyInput::new(given.get_text("id")?, decode_secret(&given.get_object("secret")?)?)
        .with_schedule(decode_schedule(given)?))
}

/// Decodes one key for tokens.
pub fn decode_token_key(given: &JsObject) -> Result<TokenKeyInput> {
    let form = match given.get_text("form")?.as_str() {
        "ring" => KeyFormat::Ring,
        "hmac" => KeyFormat::Hmac,
        "jwk" => KeyFormat::Jwk,
        "pem" => KeyFormat::Pem,
        "der" => KeyFormat::Der,
        _ => return Err(Error::from(ErrorCode::Internal)),
    };
    let material = decode_secret(&given.get_object("material")?)?;
    Ok(TokenKeyInput::new(given.get_optional_text("id")?.as_deref(), form, material)
        .with_schedule(decode_schedule(given)?))
}

/// Decodes a secret: bytes, or the bytes of a text in base64url.
pub fn decode_secret(given: &JsObject) -> Result<SecretInput> {
    Ok(SecretInput::new(given.get_bytes("bytes")?, given.get_bool("isText")?.unwrap_or(false)))
}

fn decode_schedule(given: &JsObject) -> Result<KeyScheduleInput> {
    let given = given.get_object("schedule")?;
    Ok(KeyScheduleInput {
        active_at_ms: given.get_number("activeAtMs")?,
        retiring_at_ms: given.get_number("retiringAtMs")?,
        retired_at_ms: given.get_number("retiredAtMs")?,
    })
}

/// Decodes an operation, by its kind.
pub fn decode_operation(given: &JsObject) -> Result<Operation> {
    let request = || decode_request(&Zeroizing::new(given.get_text("request")?));
    let session_id = || given.get_text("sessionId");
    let request_context = || decode_context(given);
    Ok(match given.get_text("kind")?.as_str() {
        "sign_in" => Operation::SignIn(decode_sign_in(given)?),
        "refresh" => {
            Operation::Refresh { request: request()?, request_context: request_context()? }
        }
        "sign_out" => Operation::SignOut { request: request()? },
        "step_up" => Operation::StepUp(StepUp {
            request: request()?,
            subject: given.get_optional_text("subject")?,
            acr: given.get_optional_text("acr")?,
            amr: given.get_text_list("amr")?,
            request_context: request_context()?,
            initial_entropy: InitialEntropyInput::new(given.get_bytes("initialEntropy")?),
        }),
        "check" => Operation::Check {
            request: request()?,
            request_context: request_context()?,
            is_inner: given.get_bool("isInner")?.unwrap_or(false),
        },
        "find" => Operation::Find { session_id: session_id()? },
        "update" => {
            Operation::Update { session_id: session_id()?, data: given.get_optional_text("data")? }
        }
        // A generation comes from a token that was verified: it is a whole number of 32 bits.
        "confirm" => Operation::Confirm {
            session_id: session_id()?,
            generation: given.get_number("generation")?.unwrap_or_default() as u32,
        },
        "revoke" => Operation::Revoke { session_id: session_id()? },
        "revoke_all" => Operation::RevokeAll {
            subject: given.get_text("subject")?,
            except: given.get_optional_text("except")?,
        },
        "list" => Operation::List { subject: given.get_text("subject")? },
        "profile" => Operation::Profile {
            subject: given.get_text("subject")?,
            erase: given.get_bool("erase")?.unwrap_or(false),
        },
        _ => return Err(Error::from(ErrorCode::Internal)),
    })
}

/// Decodes a sign-in with its options.
pub fn decode_sign_in(given: &JsObject) -> Result<SignIn> {
    Ok(SignIn {
        request: decode_request(&Zeroizing::new(given.get_text("request")?))?,
        subject: given.get_text("subject")?,
        data: given.get_optional_text("data")?,
        claims: given.get_optional_text("claims")?,
        jkt: given.get_optional_text("jkt")?,
        acr: given.get_optional_text("acr")?,
        amr: given.get_text_list("amr")?,
        label: given.get_optional_text("label")?,
        request_context: decode_context(given)?,
        step_up_verified: given.get_bool("stepUpVerified")?.unwrap_or(false),
        initial_entropy: InitialEntropyInput::new(given.get_bytes("initialEntropy")?),
    })
}

/// Decodes a request, which is one text of parts that NUL separates. The parts are method, scheme
/// and host, then the headers Cookie, Sec-Fetch-Site, Origin and User-Agent. Where they are needed,
/// Authorization, the refresh token, the CSRF token, the path and the mark of a prefetch follow. A
/// value that may be empty has `=` in front.
///
/// measured: see performance.md, A request as one text
pub fn decode_request(text: &str) -> Result<RequestFacts> {
    let mut parts = text.split('\0');
    let mut part = || {
        parts.next().ok_or_else(|| {
            Error::with_message(ErrorCode::Argument, "The request's address holds a NUL.")
        })
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
        return Err(Error::with_message(
            ErrorCode::Argument,
            "A token or the address holds a NUL.",
        ));
    }
    Ok(RequestFacts {
        authorization: secret(authorization),
        refresh_token: refresh,
        csrf_token: csrf,
        path,
        prefetch,
        ..facts
    })
}
