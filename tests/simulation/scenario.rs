//! The scenario of a seed: the users, and a list of steps. The scenario is fixed before the run,
//! and every step has its own random numbers, so that removing a step does not change the others.

use super::rng::Rng;
use std::fmt;

pub const SECOND: u64 = 1000;
pub const MINUTE: u64 = 60 * SECOND;
pub const HOUR: u64 = 60 * MINUTE;
/// The number of steps, at least 200 of which are of clients.
const STEPS: usize = 240;
const CLIENT_STEPS: usize = 200;

#[derive(Debug, Clone)]
pub struct Scenario {
    pub seed: u64,
    pub setup: Setup,
    pub steps: Vec<Step>,
}

/// The settings of a whole run.
#[derive(Debug, Clone)]
pub struct Setup {
    pub browsers: Vec<Owner>,
    /// The error of each isolate's clock, in milliseconds.
    pub skews: Vec<i64>,
    /// Whether first uses are recorded.
    pub confirmations_recorded: bool,
    pub access_ttl: u64,
    pub idle: u64,
    pub absolute: u64,
    pub max_sessions: u64,
    /// The chances of faults, in a thousand.
    pub lost: u64,
    pub store_faults: u64,
    pub twice: u64,
    /// The number of deliveries of such a request.
    pub copies: (u64, u64),
    /// Whether clocks jump by an hour, and whether records are restored from a backup.
    pub jumps: bool,
    pub restores: bool,
    pub kill: Option<Kill>,
}

/// The store call at which an instance stops, before or after the call takes effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kill {
    pub call: u64,
    pub done: bool,
}

/// One browser of a user.
#[derive(Debug, Clone, Copy)]
pub struct Owner {
    pub subject: u8,
    pub tabs: u8,
    pub thief: Option<Thief>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Thief {
    /// A thief with another client family.
    Foreign,
    /// A thief whose client equals the victim's.
    Clone,
}

#[derive(Debug, Clone, Copy)]
pub struct Step {
    /// The pause after the previous step.
    pub delay: u64,
    pub browser: u8,
    pub kind: StepKind,
    pub random: u64,
    /// Whether faults and delays are off, which shrinking tries.
    pub is_faultless: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StepKind {
    /// A tab of the browser.
    Tab(u8, UserAction),
    Thief(UserAction),
    Steal,
    App(ApplicationAction),
    Restart(u8),
    /// An isolate's clock is wrong by this many minutes for a while.
    Jump(u8, i64),
    NewKey,
    Restore,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum UserAction {
    Use,
    Check,
    Refresh,
    StepUp,
    SignOut,
    SignIn,
    SignInAnonymous,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ApplicationAction {
    Revoke,
    RevokeAll,
    RevokeOthers,
    List,
    Update,
}

impl Scenario {
    pub fn new(seed: u64) -> Self {
        let mut rng = Rng::new(seed.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(1));
        let setup = Setup::new(&mut rng);
        let mut steps = Vec::with_capacity(STEPS);
        while steps.len() < STEPS
            || steps.iter().filter(|step: &&Step| step.is_client()).count() < CLIENT_STEPS
        {
            steps.push(Step::new(&setup, &mut rng));
        }
        Self { seed, setup, steps }
    }
}

impl Setup {
    fn new(rng: &mut Rng) -> Self {
        let owner = |rng: &mut Rng| Owner {
            subject: rng.below(2) as u8,
            tabs: rng.between(1, 4) as u8,
            thief: rng.per_mille(200).then(|| rng.pick(&[Thief::Foreign, Thief::Clone])),
        };
        let browsers = (0..rng.between(1, 3)).map(|_| owner(rng)).collect();
        let farthest = rng.pick(&[0, 3, 12, 28]) * SECOND as i64;
        let skew = |rng: &mut Rng| rng.below(2 * farthest as u64 + 1) as i64 - farthest;
        let (idle, absolute) = rng.pick(&[
            (7 * 24 * HOUR, 30 * 24 * HOUR),
            (HOUR, 24 * HOUR),
            (15 * MINUTE, 12 * HOUR),
            (24 * HOUR, 48 * HOUR),
        ]);
        Self {
            browsers,
            skews: (0..rng.between(1, 4)).map(|_| skew(rng)).collect(),
            confirmations_recorded: rng.per_mille(750),
            // A longer lifetime is rejected, because it would sign active users out.
            access_ttl: (rng.pick(&[60, 300, 300, 900]) * SECOND).min(idle * 2 / 3 - 30 * SECOND),
            idle,
            absolute,
            max_sessions: rng.pick(&[1, 2, 32, 32]),
            lost: rng.pick(&[20, 100, 100]),
            store_faults: rng.pick(&[5, 25, 60]),
            twice: rng.pick(&[30, 150]),
            copies: (2, 4),
            jumps: rng.per_mille(150),
            restores: rng.per_mille(100),
            kill: None,
        }
    }

    /// The most by which two isolates' clocks differ.
    pub fn spread(&self) -> u64 {
        let [least, most] =
            [self.skews.iter().min(), self.skews.iter().max()].map(|one| one.copied().unwrap_or(0));
        most.abs_diff(least)
    }
}

impl Step {
    fn new(setup: &Setup, rng: &mut Rng) -> Self {
        let browser = rng.index(setup.browsers.len());
        let owner = setup.browsers[browser];
        let what = match rng.below(100) {
            0..=3 if owner.thief.is_some() => StepKind::Steal,
            4..=11 if owner.thief.is_some() => StepKind::Thief(rng.weighted(&THIEVES)),
            12..=15 => StepKind::App(rng.weighted(&APPS)),
            16..=18 => StepKind::Restart(rng.index(setup.skews.len()) as u8),
            19 if setup.jumps => StepKind::Jump(
                rng.index(setup.skews.len()) as u8,
                rng.pick(&[-60, -60, -7, 7, 60, 60]),
            ),
            20 => StepKind::NewKey,
            21 if setup.restores => StepKind::Restore,
            _ => StepKind::Tab(rng.below(u64::from(owner.tabs)) as u8, rng.weighted(&TABS)),
        };
        let (least, most) = rng.weighted(&GAPS);
        Self {
            delay: rng.between(least, most),
            browser: browser as u8,
            kind: what,
            random: rng.next_u64(),
            is_faultless: false,
        }
    }

    pub const fn is_client(&self) -> bool {
        matches!(self.kind, StepKind::Tab(..) | StepKind::Thief(_) | StepKind::Steal)
    }
}

const TABS: [(u64, UserAction); 7] = [
    (34, UserAction::Use),
    (6, UserAction::Check),
    (48, UserAction::Refresh),
    (5, UserAction::StepUp),
    (2, UserAction::SignOut),
    (2, UserAction::SignIn),
    (3, UserAction::SignInAnonymous),
];
const THIEVES: [(u64, UserAction); 5] = [
    (30, UserAction::Use),
    (4, UserAction::Check),
    (60, UserAction::Refresh),
    (4, UserAction::StepUp),
    (2, UserAction::SignOut),
];
const APPS: [(u64, ApplicationAction); 5] = [
    (3, ApplicationAction::Revoke),
    (1, ApplicationAction::RevokeAll),
    (2, ApplicationAction::RevokeOthers),
    (3, ApplicationAction::List),
    (5, ApplicationAction::Update),
];
/// A pause: none, a short one, the minimum rotation interval, an access-token lifetime, or hours.
const GAPS: [(u64, (u64, u64)); 6] = [
    (38, (0, 400)),
    (20, (400, 8 * SECOND)),
    (24, (8 * SECOND, 70 * SECOND)),
    (14, (70 * SECOND, 15 * MINUTE)),
    (3, (15 * MINUTE, 3 * HOUR)),
    (1, (3 * HOUR, 60 * HOUR)),
];

impl fmt::Display for StepKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tab(tab, act) => write!(f, "tab {}: {}", tab + 1, act.as_str()),
            Self::Thief(act) => write!(f, "the thief: {}", act.as_str()),
            Self::Steal => f.write_str("a thief copies the cookie jar"),
            Self::App(act) => write!(f, "the application: {}", act.as_str()),
            Self::Restart(isolate) => write!(f, "isolate {} restarts", isolate + 1),
            Self::Jump(isolate, minutes) => {
                write!(f, "the clock of isolate {} jumps by {minutes} min", isolate + 1)
            }
            Self::NewKey => f.write_str("a new key is published"),
            Self::Restore => f.write_str("the record is restored from a backup"),
        }
    }
}

impl UserAction {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Use => "authenticate",
            Self::Check => "authenticate fresh",
            Self::Refresh => "refresh",
            Self::StepUp => "step up",
            Self::SignOut => "sign out",
            Self::SignIn => "sign in",
            Self::SignInAnonymous => "sign in anonymously",
        }
    }
}

impl ApplicationAction {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Revoke => "revoke the session",
            Self::RevokeAll => "revoke all sessions",
            Self::RevokeOthers => "revoke all other sessions",
            Self::List => "list the sessions",
            Self::Update => "update the session's data",
        }
    }
}
