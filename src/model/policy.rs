//! The site's policy: every setting with its default and its range.

use crate::formats::clear_site_data;
use crate::formats::cookie::{
    CookieConfig, CookieConfigInput, DEFAULT_NAME, Persistence, SameSite,
};
use crate::formats::origin_check::OriginPolicy;
use crate::foundation::error::{Error, ErrorCode, Result};
use crate::foundation::time::Seconds;
use crate::risk::{RiskPolicy, RiskPolicyInput};

/// The settings as the host gives them. A missing setting gets its default.
#[derive(Debug, Clone, Default)]
pub struct PolicyInput {
    /// `nist-aal1`, `nist-aal2` or `nist-aal3`: the timeouts of NIST SP 800-63B-4 section 5.2
    /// instead of the defaults.
    pub preset: Option<String>,
    /// The value of [`Policy::access_ttl`]; a missing value selects its default.
    pub access_ttl_seconds: Option<f64>,
    /// The value of [`Policy::idle_timeout`]; a missing value selects its default.
    pub idle_timeout_seconds: Option<f64>,
    /// The value of [`Policy::absolute_timeout`]; a missing value selects its default.
    pub absolute_timeout_seconds: Option<f64>,
    /// The value of [`RotationWindows::min_rotation_interval`]; a missing value selects the
    /// default.
    pub min_rotation_interval_seconds: Option<f64>,
    /// The value of [`RotationWindows::concurrent_refresh`]; a missing value selects its default.
    pub concurrent_refresh_seconds: Option<f64>,
    /// The value of [`RotationWindows::in_flight`]; a missing value selects its default.
    pub in_flight_seconds: Option<f64>,
    /// The value of [`RotationWindows::lost_response`]; a missing value selects its default.
    pub lost_response_seconds: Option<f64>,
    /// The value of [`RotationWindows::confirmations_recorded`]; a missing value selects the
    /// default.
    pub confirmations_recorded: Option<bool>,
    /// The value of [`Policy::leeway`]; a missing value selects its default.
    pub leeway_seconds: Option<f64>,
    /// The value of [`Policy::max_sessions`]; a missing value selects its default.
    pub max_sessions_per_subject: Option<f64>,
    /// The `SameSite` attribute of the cookies: `lax` (the default) or `strict`.
    pub same_site: Option<String>,
    /// The value of [`CookieConfigInput::development`]; a missing value selects its default.
    pub development: Option<bool>,
    /// The value of [`CookieConfigInput::name`]; a missing value selects its default.
    pub cookie_name: Option<String>,
    /// `deadline` (the default) or `browser-session`: see [`Persistence`].
    pub cookie_persistence: Option<String>,
    /// The value of [`CookieConfigInput::refresh_path`]; a missing value selects its default.
    pub refresh_path: Option<String>,
    /// `cookie` (the default) or `bearer`: see [`Transport`].
    pub transport: Option<String>,
    /// The value of [`Policy::requires_csrf_token`]; a missing value selects its default.
    pub csrf: Option<String>,
    /// The value of [`Policy::sets_csrf_cookie`]; a missing value selects its default.
    pub csrf_cookie: Option<bool>,
    /// Further origins for [`Policy::origin_policy`].
    pub trusted_origins: Vec<String>,
    /// Exempt paths for [`Policy::origin_policy`].
    pub exempt_paths: Vec<String>,
    /// The value of [`Policy::clear_site_data`]; a missing value selects its default.
    pub clear_site_data: Vec<String>,
    /// The value of [`Policy::risk`]; a missing value selects its default.
    pub risk: RiskPolicyInput,
}

/// How tokens travel between client and site.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Transport {
    /// In cookies that scripts cannot read. Browsers send cookies by themselves, so that requests
    /// of other sites must be rejected.
    Cookie,
    /// The access token in `Authorization: Bearer` (RFC 6750), and the refresh token where the host
    /// finds it. This is for native apps.
    Bearer,
}

/// The validated settings of a site.
#[derive(Debug, Clone)]
pub struct Policy {
    /// The lifetime of an access token, and so the longest time until a revocation takes effect at
    /// a verifier without a store. Default 300 s, range 60 to 3600.
    pub access_ttl: Seconds,
    /// A session that is not refreshed for this long expires. Default 7 days, range 60 s to 365
    /// days, and at least one and a half times the lifetime of an access token and the leeway
    /// together.
    pub idle_timeout: Seconds,
    /// A session expires this long after its sign-in. Default 30 days, range 60 s to 400 days,
    /// which is the longest that browsers keep a cookie.
    pub absolute_timeout: Seconds,
    /// The time windows of the rotation table.
    pub windows: RotationWindows,
    /// The tolerated clock difference (RFC 7519 section 4.1.4). Default 30 s, range 0 to 120.
    pub leeway: Seconds,
    /// The most sessions that a subject may have at once. Default 32, range 1 to 256.
    pub max_sessions: usize,
    /// The names and attributes of the cookies.
    pub cookies: CookieConfig,
    /// How tokens travel. The default is cookies.
    pub transport: Transport,
    /// The further origins that requests may come from, and the paths without an origin check. The
    /// default has neither.
    pub origin_policy: OriginPolicy,
    /// Whether an authenticated request with an unsafe method needs a CSRF token beside a permitted
    /// origin. Default no.
    pub requires_csrf_token: bool,
    /// Whether sign-in and step-up set a CSRF cookie that scripts can read. Default no.
    pub sets_csrf_cookie: bool,
    /// The value of the `Clear-Site-Data` header of a sign-out. Empty means no header.
    pub clear_site_data: String,
    /// The responses to unusual requests. A request is scored only where the host gives a request
    /// context.
    pub risk: RiskPolicy,
}

/// The time windows of the rotation table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RotationWindows {
    /// A refresh this soon after a rotation issues only an access token. Default 30 s, range 0 to
    /// 300.
    pub min_rotation_interval: Seconds,
    /// The previous token still gets its successor this long after the successor was confirmed.
    /// Default 10 s, range 0 to 60.
    pub concurrent_refresh: Seconds,
    /// The longest time that a request may be under way, and twice the leeway, because two clocks
    /// may differ by that. A token that was closed this recently is superseded and no reuse. The
    /// setting without the leeway has the default 60 s and the range 10 to 600.
    pub in_flight: Seconds,
    /// Where first uses are not recorded, the previous token gets its successor this long after the
    /// rotation. Default 120 s, range 10 to 3600.
    pub lost_response: Seconds,
    /// Whether the host records the first use of every generation. A client that lost a response
    /// may then come back at any time before the idle timeout.
    pub confirmations_recorded: bool,
}

/// The name of a setting, its default, its least and its greatest value. This table documents the
/// ranges.
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
    /// Validates the settings that the host gave.
    ///
    /// # Errors
    /// [`ErrorCode::Config`], naming the field and its range.
    pub fn new(input: &PolicyInput) -> Result<Self> {
        let windows = windows(input)?;
        let leeway = leeway(input.leeway_seconds)?;
        let (idle, absolute) = timeouts(input.preset.as_deref())?;
        let access_ttl = checked_range(&ACCESS_TTL, input.access_ttl_seconds)?;
        let idle_timeout = checked_range(&idle, input.idle_timeout_seconds)?;
        check_idle_timeout(idle_timeout, access_ttl, leeway)?;
        Ok(Self {
            windows,
            access_ttl: Seconds(access_ttl),
            idle_timeout: Seconds(idle_timeout),
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
            clear_site_data: clear_site_data::header_value(&input.clear_site_data)?,
            risk: RiskPolicy::new(&input.risk)?,
        })
    }
}

/// Validates the rotation windows alone, for a decision without a site.
///
/// # Errors
/// [`ErrorCode::Config`].
pub fn windows(input: &PolicyInput) -> Result<RotationWindows> {
    let in_flight = checked_range(&IN_FLIGHT, input.in_flight_seconds)?;
    let clock_difference = leeway(input.leeway_seconds)?.0.saturating_mul(2);
    Ok(RotationWindows {
        min_rotation_interval: Seconds(checked_range(
            &MIN_ROTATION_INTERVAL,
            input.min_rotation_interval_seconds,
        )?),
        concurrent_refresh: Seconds(checked_range(
            &CONCURRENT_REFRESH,
            input.concurrent_refresh_seconds,
        )?),
        in_flight: Seconds(in_flight.saturating_add(clock_difference)),
        lost_response: Seconds(checked_range(&LOST_RESPONSE, input.lost_response_seconds)?),
        confirmations_recorded: input.confirmations_recorded.unwrap_or(false),
    })
}

/// Validates the leeway alone, for a token without a site.
///
/// # Errors
/// [`ErrorCode::Config`].
pub fn leeway(value: Option<f64>) -> Result<Seconds> {
    checked_range(&LEEWAY, value).map(Seconds)
}

/// Validates the longest accepted lifetime of another issuer's token.
///
/// # Errors
/// [`ErrorCode::Config`].
pub fn max_lifetime(value: Option<f64>) -> Result<Seconds> {
    checked_range(&MAX_LIFETIME, value).map(Seconds)
}

/// Validates the greatest accepted age of a token.
///
/// # Errors
/// [`ErrorCode::Config`].
pub fn max_token_age(value: Option<f64>) -> Result<Seconds> {
    checked_range(&MAX_AGE, value).map(Seconds)
}

/// The ranges of the idle and the absolute timeout, with the defaults of a preset. AAL1 has no idle
/// timeout, so that the absolute timeout takes its place.
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

/// An active user refreshes when the access token has expired, at the latest after its lifetime and
/// the leeway. The idle deadline moves only then, and by row 5 of the rotation table not always.
fn check_idle_timeout(idle_timeout: u32, access_ttl: u32, leeway: Seconds) -> Result<()> {
    let least = access_ttl.saturating_add(leeway.0).saturating_mul(3).div_ceil(2);
    if idle_timeout >= least {
        return Ok(());
    }
    Err(Error::with_message(
        ErrorCode::Config,
        format!(
            "idleTimeoutSeconds ({idle_timeout}) is too short for accessTtlSeconds ({access_ttl}), \
             so that active users would be signed out: set it to {least} or more, or lower \
             accessTtlSeconds."
        ),
    ))
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
        // 'none' would send the session cookies to every site.
        same_site: parse_choice("sameSite", input.same_site.as_deref(), SAME_SITES)?,
        development: input.development.unwrap_or(false),
    })
}

const SAME_SITES: [(&str, SameSite); 2] = [("lax", SameSite::Lax), ("strict", SameSite::Strict)];
const PERSISTENCES: [(&str, Persistence); 2] =
    [("persistent", Persistence::Persistent), ("browser-session", Persistence::BrowserSession)];
const TRANSPORTS: [(&str, Transport); 2] =
    [("cookie", Transport::Cookie), ("bearer", Transport::Bearer)];

/// Parses one of two texts. A missing text means the first.
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
