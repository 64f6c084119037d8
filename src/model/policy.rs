//! Floor 2. What the site wants: every number with its default and range.

use crate::formats::cookie::{
    CookieConfig, CookieConfigInput, DEFAULT_NAME, Persistence, SameSite,
};
use crate::formats::origin_check::OriginPolicy;
use crate::foundation::error::{Error, ErrorCode, Result};
use crate::foundation::time::Seconds;
use crate::risk::{RiskPolicy, RiskPolicyInput};

/// The policy as the host hands it over. What is absent gets its default.
#[derive(Debug, Clone, Default)]
pub struct PolicyInput {
    /// `nist-aal1`, `nist-aal2` or `nist-aal3`: the timeouts of NIST SP 800-63B-4 section 5.2
    /// instead of ours.
    pub preset: Option<String>,
    /// See [`Policy::access_ttl`].
    pub access_ttl_seconds: Option<f64>,
    /// See [`Policy::idle_timeout`].
    pub idle_timeout_seconds: Option<f64>,
    /// See [`Policy::absolute_timeout`].
    pub absolute_timeout_seconds: Option<f64>,
    /// See [`Windows::throttle`].
    pub min_rotation_interval_seconds: Option<f64>,
    /// See [`Windows::race`].
    pub concurrent_refresh_seconds: Option<f64>,
    /// See [`Windows::flight`].
    pub in_flight_seconds: Option<f64>,
    /// See [`Windows::retry`].
    pub lost_response_seconds: Option<f64>,
    /// See [`Windows::fed`].
    pub confirmations_recorded: Option<bool>,
    /// See [`Policy::leeway`].
    pub leeway_seconds: Option<f64>,
    /// See [`Policy::max_sessions`].
    pub max_sessions_per_subject: Option<f64>,
    /// `lax` or `strict`.
    pub same_site: Option<String>,
    /// See [`JarInput::development`].
    pub development: Option<bool>,
    /// See [`JarInput::name`].
    pub cookie_name: Option<String>,
    /// `deadline` or `browser-session`: see [`Persistence`].
    pub cookie_persistence: Option<String>,
    /// See [`JarInput::refresh_path`].
    pub refresh_path: Option<String>,
    /// `cookie` or `bearer`: see [`Transport`].
    pub transport: Option<String>,
    /// `origin` or `token`: see [`Policy::csrf_token`].
    pub csrf: Option<String>,
    /// See [`Policy::csrf_cookie`].
    pub csrf_cookie: Option<bool>,
    /// See [`Policy::provenance`].
    pub trusted_origins: Vec<String>,
    /// See [`Policy::provenance`].
    pub exempt_paths: Vec<String>,
    /// See [`Policy::clear_site_data`].
    pub clear_site_data: Vec<String>,
    /// See [`Policy::risk`].
    pub risk: RiskPolicyInput,
}

/// How tokens travel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Transport {
    /// In cookies that scripts cannot read. What browsers send by themselves must be protected from
    /// other sites.
    Cookie,
    /// The access token in `Authorization: Bearer` (RFC 6750), the refresh token where the host
    /// finds it: for native apps.
    Bearer,
}

/// What the site wants.
#[derive(Debug, Clone)]
pub struct Policy {
    /// Lifetime of an access token, and so how long a revocation may go unseen by a stateless
    /// verifier. 300 s, 60 to 3600.
    pub access_ttl: Seconds,
    /// A session not refreshed for this long is over. 7 d, 60 s to 365 d.
    pub idle_timeout: Seconds,
    /// A session ends this long after its sign-in. 30 d, 60 s to 400 d (browsers keep no cookie
    /// longer).
    pub absolute_timeout: Seconds,
    /// The windows in which a spent refresh token is a retry or a straggler, not a theft.
    pub windows: RotationWindows,
    /// How far another machine's clock may be off. 30 s, 0 to 120.
    pub leeway: Seconds,
    /// Sessions a subject may have at once. 32, 1 to 256.
    pub max_sessions: usize,
    /// How cookies are written.
    pub cookies: CookieConfig,
    /// How tokens travel. Cookies.
    pub transport: Transport,
    /// From where else requests may come, and which paths do not care. Nowhere, none.
    pub origin_policy: OriginPolicy,
    /// Whether every unsafe request that is authenticated needs a CSRF token besides. No: one that
    /// says where it comes from does not.
    pub requires_csrf_token: bool,
    /// Whether a sign-in and a step-up set a cookie with a CSRF token that scripts can read. No.
    pub sets_csrf_cookie: bool,
    /// The `Clear-Site-Data` header of a sign-out, or nothing.
    pub clear_site_data: String,
    /// What is done about a request that is strange. Asked only where the host tells where a
    /// request comes from.
    pub risk: RiskPolicy,
}

/// The windows of the decision table of rotation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RotationWindows {
    /// A refresh this soon after a rotation does not rotate again. 30 s, 0 to 300.
    pub min_rotation_interval: Seconds,
    /// The previous token still gives its successor this long after that was confirmed. 10 s, 0 to
    /// 60.
    pub concurrent_refresh: Seconds,
    /// How long a request may be under way; a token that was closed this recently is a straggler.
    /// 60 s or twice the leeway, 10 to 600, and never less than twice the leeway.
    pub in_flight: Seconds,
    /// Where confirmation is not fed: the previous token gives its successor this long after the
    /// rotation. 120 s, 10 to 3600.
    pub lost_response: Seconds,
    /// Whether the host writes down the first use of every generation (`confirm`). Then a client
    /// that lost an answer may come back at any time before the idle timeout.
    pub confirmations_recorded: bool,
}

/// Name, default, least, most. The table is the documentation of the ranges.
type SettingRange = (&'static str, u32, u32, u32);
const ACCESS_TTL: SettingRange = ("accessTtlSeconds", 300, 60, 3600);
const IDLE_TIMEOUT: SettingRange = ("idleTimeoutSeconds", 604_800, 60, 31_536_000);
const ABSOLUTE_TIMEOUT: SettingRange = ("absoluteTimeoutSeconds", 2_592_000, 60, 34_560_000);
const MIN_ROTATION_INTERVAL: SettingRange = ("minRotationIntervalSeconds", 30, 0, 300);
const CONCURRENT_REFRESH: SettingRange = ("concurrentRefreshSeconds", 10, 0, 60);
const IN_FLIGHT: SettingRange = ("inFlightSeconds", 60, 10, 600);
const LOST_RESPONSE: SettingRange = ("lostResponseSeconds", 120, 10, 3600);
const LEEWAY: SettingRange = ("leewaySeconds", 30, 0, 120);
const MAX_LIFETIME: SettingRange = ("maxLifetimeSeconds", 31_536_000, 1, 315_360_000);
const MAX_AGE: SettingRange = ("maxTokenAgeSeconds", 31_536_000, 1, 315_360_000);
const MAX_SESSIONS: SettingRange = ("maxSessionsPerSubject", 32, 1, 256);

impl Policy {
    /// Checks what the host handed over.
    ///
    /// # Errors
    /// [`ErrorCode::Config`], naming the field and its range.
    pub fn new(input: &PolicyInput) -> Result<Self> {
        let mut windows = windows(input)?;
        let leeway = leeway(input.leeway_seconds)?;
        let least = leeway.0.saturating_mul(2);
        if input.in_flight_seconds.is_none() {
            windows.in_flight = Seconds(windows.in_flight.0.max(least));
        }
        if windows.in_flight.0 < least {
            return Err(Error::with_message(
                ErrorCode::Config,
                "inFlightSeconds must be at least twice leewaySeconds.",
            ));
        }
        let (idle, absolute) = timeouts(input.preset.as_deref())?;
        Ok(Self {
            windows,
            access_ttl: Seconds(checked_range(&ACCESS_TTL, input.access_ttl_seconds)?),
            idle_timeout: Seconds(checked_range(&idle, input.idle_timeout_seconds)?),
            absolute_timeout: Seconds(checked_range(&absolute, input.absolute_timeout_seconds)?),
            leeway,
            max_sessions: usize::try_from(checked_range(
                &MAX_SESSIONS,
                input.max_sessions_per_subject,
            )?)
            .map_err(|_| Error::from(ErrorCode::Internal))?,
            cookies: cookie_config(input)?,
            transport: parse_choice("transport", input.transport.as_deref(), TRANSPORTS)?,
            origin_policy: OriginPolicy::new(&input.trusted_origins, &input.exempt_paths)?,
            requires_csrf_token: parse_choice(
                "csrf",
                input.csrf.as_deref(),
                [("origin", false), ("origin-and-token", true)],
            )?,
            sets_csrf_cookie: input.csrf_cookie.unwrap_or(false),
            clear_site_data: clear_site_data(&input.clear_site_data)?,
            risk: RiskPolicy::new(&input.risk)?,
        })
    }
}

/// The windows alone, for a decision without a site.
///
/// # Errors
/// [`ErrorCode::Config`].
pub fn windows(input: &PolicyInput) -> Result<RotationWindows> {
    Ok(RotationWindows {
        min_rotation_interval: Seconds(checked_range(
            &MIN_ROTATION_INTERVAL,
            input.min_rotation_interval_seconds,
        )?),
        concurrent_refresh: Seconds(checked_range(
            &CONCURRENT_REFRESH,
            input.concurrent_refresh_seconds,
        )?),
        in_flight: Seconds(checked_range(&IN_FLIGHT, input.in_flight_seconds)?),
        lost_response: Seconds(checked_range(&LOST_RESPONSE, input.lost_response_seconds)?),
        confirmations_recorded: input.confirmations_recorded.unwrap_or(false),
    })
}

/// The leeway alone, for a token without a site.
///
/// # Errors
/// [`ErrorCode::Config`].
pub fn leeway(value: Option<f64>) -> Result<Seconds> {
    checked_range(&LEEWAY, value).map(Seconds)
}

/// The longest lifetime of another issuer's token.
///
/// # Errors
/// [`ErrorCode::Config`].
pub fn max_lifetime(value: Option<f64>) -> Result<Seconds> {
    checked_range(&MAX_LIFETIME, value).map(Seconds)
}

/// The longest age of a token.
///
/// # Errors
/// [`ErrorCode::Config`].
pub fn max_token_age(value: Option<f64>) -> Result<Seconds> {
    checked_range(&MAX_AGE, value).map(Seconds)
}

/// The rows of the idle and the absolute timeout, with the defaults of a preset. AAL1 has no idle
/// timeout: the absolute one stands for it.
fn timeouts(preset: Option<&str>) -> Result<(SettingRange, SettingRange)> {
    let (idle, absolute) = match preset {
        None => return Ok((IDLE_TIMEOUT, ABSOLUTE_TIMEOUT)),
        Some("nist-aal1") => (2_592_000, 2_592_000),
        Some("nist-aal2") => (3600, 86_400),
        Some("nist-aal3") => (900, 43_200),
        Some(_) => {
            return Err(Error::with_message(
                ErrorCode::Config,
                "preset must be 'nist-aal1', 'nist-aal2' or 'nist-aal3'.",
            ));
        }
    };
    let with = |(name, _, least, most): SettingRange, default| (name, default, least, most);
    Ok((with(IDLE_TIMEOUT, idle), with(ABSOLUTE_TIMEOUT, absolute)))
}

fn checked_range((name, default, least, most): &SettingRange, value: Option<f64>) -> Result<u32> {
    let Some(value) = value else { return Ok(*default) };
    if value.fract() == 0.0 && value >= f64::from(*least) && value <= f64::from(*most) {
        return Ok(value as u32);
    }
    Err(Error::with_message(
        ErrorCode::Config,
        format!("{name} must be a whole number from {least} to {most}."),
    ))
}

fn cookie_config(input: &PolicyInput) -> Result<CookieConfig> {
    CookieConfig::new(&CookieConfigInput {
        name: input.cookie_name.as_deref().unwrap_or(DEFAULT_NAME),
        refresh_path: input.refresh_path.as_deref(),
        persistence: parse_choice(
            "cookiePersistence",
            input.cookie_persistence.as_deref(),
            PERSISTENCES,
        )?,
        // 'none' would send sessions to every site.
        same_site: parse_choice("sameSite", input.same_site.as_deref(), SAME_SITES)?,
        development: input.development.unwrap_or(false),
    })
}

const SAME_SITES: [(&str, SameSite); 2] = [("lax", SameSite::Lax), ("strict", SameSite::Strict)];
const PERSISTENCES: [(&str, Persistence); 2] =
    [("persistent", Persistence::Persistent), ("browser-session", Persistence::BrowserSession)];
const TRANSPORTS: [(&str, Transport); 2] =
    [("cookie", Transport::Cookie), ("bearer", Transport::Bearer)];

/// One of two words; the first where there is none.
fn parse_choice<T>(name: &str, value: Option<&str>, [first, second]: [(&str, T); 2]) -> Result<T> {
    match value {
        None => Ok(first.1),
        Some(word) if word == first.0 => Ok(first.1),
        Some(word) if word == second.0 => Ok(second.1),
        Some(_) => Err(Error::with_message(
            ErrorCode::Config,
            format!("{name} must be '{}' or '{}'.", first.0, second.0),
        )),
    }
}

/// The header's value: its directives are strings in quotes.
fn clear_site_data(directives: &[String]) -> Result<String> {
    const CLEAR_SITE_DATA_TYPES: [&str; 4] = ["cache", "cookies", "storage", "executionContexts"];
    if directives.iter().any(|one| !CLEAR_SITE_DATA_TYPES.contains(&one.as_str())) {
        return Err(Error::with_message(
            ErrorCode::Config,
            "clearSiteData must hold 'cache', 'cookies', 'storage' or 'executionContexts'.",
        ));
    }
    Ok(directives.iter().map(|one| format!("\"{one}\"")).collect::<Vec<_>>().join(", "))
}
