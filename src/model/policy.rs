//! Floor 2. What the site wants: every number with its default and range.

use crate::formats::cookie::{DEFAULT_NAME, Jar, JarInput, Persistence, SameSite};
use crate::formats::csrf::Rules;
use crate::foundation::error::{Code, Error, Result};
use crate::risk::{RiskPolicy, RiskPolicyInput};
use crate::foundation::time::Seconds;

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
    pub throttle_seconds: Option<f64>,
    /// See [`Windows::race`].
    pub race_seconds: Option<f64>,
    /// See [`Windows::flight`].
    pub flight_seconds: Option<f64>,
    /// See [`Windows::retry`].
    pub retry_seconds: Option<f64>,
    /// See [`Windows::fed`].
    pub confirmation_fed: Option<bool>,
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
    pub windows: Windows,
    /// How far another machine's clock may be off. 30 s, 0 to 120.
    pub leeway: Seconds,
    /// Sessions a subject may have at once. 32, 1 to 256.
    pub max_sessions: usize,
    /// How cookies are written.
    pub jar: Jar,
    /// How tokens travel. Cookies.
    pub transport: Transport,
    /// From where else requests may come, and which paths do not care. Nowhere, none.
    pub provenance: Rules,
    /// Whether every unsafe request that is authenticated needs a CSRF token besides. No: one that
    /// says where it comes from does not.
    pub csrf_token: bool,
    /// Whether a sign-in and a step-up set a cookie with a CSRF token that scripts can read. No.
    pub csrf_cookie: bool,
    /// The `Clear-Site-Data` header of a sign-out, or nothing.
    pub clear_site_data: String,
    /// What is done about a request that is strange. Asked only where the host tells where a
    /// request comes from.
    pub risk: RiskPolicy,
}

/// The windows of the decision table of rotation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Windows {
    /// A refresh this soon after a rotation does not rotate again. 30 s, 0 to 300.
    pub throttle: Seconds,
    /// The previous token still gives its successor this long after that was confirmed. 10 s, 0 to
    /// 60.
    pub race: Seconds,
    /// How long a request may be under way; a token that was closed this recently is a straggler.
    /// 60 s or twice the leeway, 10 to 600, and never less than twice the leeway.
    pub flight: Seconds,
    /// Where confirmation is not fed: the previous token gives its successor this long after the
    /// rotation. 120 s, 10 to 3600.
    pub retry: Seconds,
    /// Whether the host writes down the first use of every generation (`confirm`). Then a client
    /// that lost an answer may come back at any time before the idle timeout.
    pub fed: bool,
}

/// Name, default, least, most. The table is the documentation of the ranges.
type Row = (&'static str, u32, u32, u32);
const ACCESS_TTL: Row = ("accessTtlSeconds", 300, 60, 3600);
const IDLE: Row = ("idleTimeoutSeconds", 604_800, 60, 31_536_000);
const ABSOLUTE: Row = ("absoluteTimeoutSeconds", 2_592_000, 60, 34_560_000);
const THROTTLE: Row = ("throttleSeconds", 30, 0, 300);
const RACE: Row = ("raceSeconds", 10, 0, 60);
const FLIGHT: Row = ("flightSeconds", 60, 10, 600);
const RETRY: Row = ("retrySeconds", 120, 10, 3600);
const LEEWAY: Row = ("leewaySeconds", 30, 0, 120);
const MAX_LIFETIME: Row = ("maxLifetimeSeconds", 31_536_000, 1, 315_360_000);
const MAX_AGE: Row = ("maxTokenAgeSeconds", 31_536_000, 1, 315_360_000);
const MAX_SESSIONS: Row = ("maxSessionsPerSubject", 32, 1, 256);

impl Policy {
    /// Checks what the host handed over.
    ///
    /// # Errors
    /// [`Code::Config`], naming the field and its range.
    pub fn new(input: &PolicyInput) -> Result<Self> {
        let mut windows = windows(input)?;
        let leeway = leeway(input.leeway_seconds)?;
        let least = leeway.0.saturating_mul(2);
        if input.flight_seconds.is_none() {
            windows.flight = Seconds(windows.flight.0.max(least));
        }
        if windows.flight.0 < least {
            return Err(Error::because(
                Code::Config,
                "flightSeconds must be at least twice leewaySeconds.",
            ));
        }
        let (idle, absolute) = timeouts(input.preset.as_deref())?;
        Ok(Self {
            windows,
            access_ttl: Seconds(within(&ACCESS_TTL, input.access_ttl_seconds)?),
            idle_timeout: Seconds(within(&idle, input.idle_timeout_seconds)?),
            absolute_timeout: Seconds(within(&absolute, input.absolute_timeout_seconds)?),
            leeway,
            max_sessions: usize::try_from(within(&MAX_SESSIONS, input.max_sessions_per_subject)?)
                .map_err(|_| Error::from(Code::Internal))?,
            jar: jar(input)?,
            transport: choice("transport", input.transport.as_deref(), TRANSPORTS)?,
            provenance: Rules::new(&input.trusted_origins, &input.exempt_paths)?,
            csrf_token: choice(
                "csrf",
                input.csrf.as_deref(),
                [("origin", false), ("token", true)],
            )?,
            csrf_cookie: input.csrf_cookie.unwrap_or(false),
            clear_site_data: clear_site_data(&input.clear_site_data)?,
            risk: RiskPolicy::new(&input.risk)?,
        })
    }
}

/// The windows alone, for a decision without a site.
///
/// # Errors
/// [`Code::Config`].
pub fn windows(input: &PolicyInput) -> Result<Windows> {
    Ok(Windows {
        throttle: Seconds(within(&THROTTLE, input.throttle_seconds)?),
        race: Seconds(within(&RACE, input.race_seconds)?),
        flight: Seconds(within(&FLIGHT, input.flight_seconds)?),
        retry: Seconds(within(&RETRY, input.retry_seconds)?),
        fed: input.confirmation_fed.unwrap_or(false),
    })
}

/// The leeway alone, for a token without a site.
///
/// # Errors
/// [`Code::Config`].
pub fn leeway(value: Option<f64>) -> Result<Seconds> {
    within(&LEEWAY, value).map(Seconds)
}

/// The longest lifetime of another issuer's token.
///
/// # Errors
/// [`Code::Config`].
pub fn max_lifetime(value: Option<f64>) -> Result<Seconds> {
    within(&MAX_LIFETIME, value).map(Seconds)
}

/// The longest age of a token.
///
/// # Errors
/// [`Code::Config`].
pub fn max_token_age(value: Option<f64>) -> Result<Seconds> {
    within(&MAX_AGE, value).map(Seconds)
}

/// The rows of the idle and the absolute timeout, with the defaults of a preset. AAL1 has no idle
/// timeout: the absolute one stands for it.
fn timeouts(preset: Option<&str>) -> Result<(Row, Row)> {
    let (idle, absolute) = match preset {
        None => return Ok((IDLE, ABSOLUTE)),
        Some("nist-aal1") => (2_592_000, 2_592_000),
        Some("nist-aal2") => (3600, 86_400),
        Some("nist-aal3") => (900, 43_200),
        Some(_) => {
            return Err(Error::because(
                Code::Config,
                "preset must be 'nist-aal1', 'nist-aal2' or 'nist-aal3'.",
            ));
        }
    };
    let with = |(name, _, least, most): Row, default| (name, default, least, most);
    Ok((with(IDLE, idle), with(ABSOLUTE, absolute)))
}

fn within((name, default, least, most): &Row, value: Option<f64>) -> Result<u32> {
    let Some(value) = value else { return Ok(*default) };
    if value.fract() == 0.0 && value >= f64::from(*least) && value <= f64::from(*most) {
        return Ok(value as u32);
    }
    Err(Error::because(
        Code::Config,
        format!("{name} must be a whole number from {least} to {most}."),
    ))
}

fn jar(input: &PolicyInput) -> Result<Jar> {
    Jar::new(&JarInput {
        name: input.cookie_name.as_deref().unwrap_or(DEFAULT_NAME),
        refresh_path: input.refresh_path.as_deref(),
        persistence: choice(
            "cookiePersistence",
            input.cookie_persistence.as_deref(),
            PERSISTENCES,
        )?,
        // 'none' would send sessions to every site.
        same_site: choice("sameSite", input.same_site.as_deref(), SAME_SITES)?,
        development: input.development.unwrap_or(false),
    })
}

const SAME_SITES: [(&str, SameSite); 2] = [("lax", SameSite::Lax), ("strict", SameSite::Strict)];
const PERSISTENCES: [(&str, Persistence); 2] =
    [("deadline", Persistence::Deadline), ("browser-session", Persistence::BrowserSession)];
const TRANSPORTS: [(&str, Transport); 2] =
    [("cookie", Transport::Cookie), ("bearer", Transport::Bearer)];

/// One of two words; the first where there is none.
fn choice<T>(name: &str, value: Option<&str>, [first, second]: [(&str, T); 2]) -> Result<T> {
    match value {
        None => Ok(first.1),
        Some(word) if word == first.0 => Ok(first.1),
        Some(word) if word == second.0 => Ok(second.1),
        Some(_) => Err(Error::because(
            Code::Config,
            format!("{name} must be '{}' or '{}'.", first.0, second.0),
        )),
    }
}

/// The header's value: its directives are strings in quotes.
fn clear_site_data(directives: &[String]) -> Result<String> {
    const KNOWN: [&str; 4] = ["cache", "cookies", "storage", "executionContexts"];
    if directives.iter().any(|one| !KNOWN.contains(&one.as_str())) {
        return Err(Error::because(
            Code::Config,
            "clearSiteData must hold 'cache', 'cookies', 'storage' or 'executionContexts'.",
        ));
    }
    Ok(directives.iter().map(|one| format!("\"{one}\"")).collect::<Vec<_>>().join(", "))
}
