//! Lost responses, requests that are delivered repeatedly, and instances that stop.

use super::rng::Rng;
use super::scenario::{
    ApplicationAction, HOUR, Kill, Owner, SECOND, Scenario, Setup, Step, StepKind, UserAction,
};
use super::world::{Report, run};

/// The refreshes that one run attempts. Some of them get only an access token.
const REFRESHES: u64 = 250;

/// One in ten responses is lost, and every request is delivered 2 to 10 times.
pub fn script(seed: u64) -> Scenario {
    let mut rng = Rng::new(seed.wrapping_add(0x10_55));
    let farthest = 5 * SECOND;
    let setup = Setup {
        lost: 100,
        twice: 1000,
        copies: (2, 10),
        skews: (0..rng.between(1, 4))
            .map(|_| rng.below(2 * farthest + 1) as i64 - farthest as i64)
            .collect(),
        ..Setup::calm(rng.between(1, 4) as u8)
    };
    let gaps = [(3, (0, 2 * SECOND)), (5, (31 * SECOND, 320 * SECOND)), (1, (HOUR, 9 * HOUR))];
    let steps = (0..REFRESHES).map(|_| {
        let (least, most) = rng.weighted(&gaps);
        step(
            rng.between(least, most),
            StepKind::Tab(rng.below(4) as u8, UserAction::Refresh),
            rng.next_u64(),
            false,
        )
    });
    Scenario { seed, steps: steps.collect(), setup }
}

/// Lost responses where first uses are not recorded. A copy that arrives after the minimum rotation
/// interval rotates once more and its response is dropped. A client that returns after the
/// lost-response window is then signed out, as docs/rotation.md says.
pub fn script_not_fed(seed: u64) -> Scenario {
    let mut script = script(seed);
    script.setup.confirmations_recorded = false;
    script
}

impl Setup {
    /// A site that records first uses, with one browser and without faults.
    pub fn calm(tabs: u8) -> Self {
        Self {
            browsers: vec![Owner { subject: 0, tabs, thief: None }],
            skews: vec![0, 0],
            confirmations_recorded: true,
            access_ttl: 300 * SECOND,
            idle: 7 * 24 * HOUR,
            absolute: 30 * 24 * HOUR,
            max_sessions: 32,
            lost: 0,
            store_faults: 0,
            twice: 0,
            copies: (2, 4),
            jumps: false,
            restores: false,
            kill: None,
        }
    }
}

const fn step(gap: u64, what: StepKind, luck: u64, calm: bool) -> Step {
    Step { delay: gap, browser: 0, kind: what, random: luck, is_faultless: calm }
}

/// Performs every operation in turn, by one browser.
fn every_operation(kill: Option<Kill>) -> Scenario {
    let whats = [
        StepKind::Tab(0, UserAction::SignInAnonymous),
        StepKind::Tab(0, UserAction::Use),
        StepKind::Tab(0, UserAction::Refresh),
        StepKind::Tab(0, UserAction::SignIn),
        StepKind::Tab(0, UserAction::Use),
        StepKind::Tab(0, UserAction::Check),
        StepKind::App(ApplicationAction::Update),
        StepKind::Tab(0, UserAction::StepUp),
        StepKind::Tab(0, UserAction::Check),
        StepKind::Tab(0, UserAction::Refresh),
        StepKind::Tab(0, UserAction::SignIn),
        StepKind::App(ApplicationAction::List),
        StepKind::App(ApplicationAction::RevokeOthers),
        StepKind::Tab(0, UserAction::Refresh),
        StepKind::Tab(0, UserAction::SignOut),
        StepKind::Tab(0, UserAction::SignIn),
        StepKind::App(ApplicationAction::Revoke),
        StepKind::Tab(0, UserAction::Refresh),
        StepKind::Tab(0, UserAction::SignIn),
        StepKind::App(ApplicationAction::RevokeAll),
        StepKind::Tab(0, UserAction::Refresh),
        StepKind::Tab(0, UserAction::SignIn),
        StepKind::Tab(0, UserAction::Refresh),
    ];
    let steps = whats
        .into_iter()
        .zip(1..)
        .map(|(what, luck)| step(70 * SECOND, what, luck, true))
        .collect();
    Scenario { seed: 0, steps, setup: Setup { kill, ..Setup::calm(1) } }
}

/// Stops the instance at every store call of every operation, before and after the call takes
/// effect. Gives the number of points, and the runs in which a user was signed out.
pub fn killed_everywhere() -> (u64, Vec<(Kill, Report)>) {
    let calls = run(&every_operation(None), None, false).store_calls;
    let points = (1..=calls).flat_map(|call| [false, true].map(|done| Kill { call, done }));
    let harmed = |kill: Kill| {
        let report = run(&every_operation(Some(kill)), None, true);
        (report.violation.is_some() || report.signed_in_at_the_end != 1).then_some((kill, report))
    };
    (2 * calls, points.filter_map(harmed).collect())
}
