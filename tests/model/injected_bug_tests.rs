//! The model finds each injected bug, and finds nothing without a bug.

use super::bounds::Bounds;
use super::injected_bugs::InjectedBug;
use super::run::check;
use super::state::{Budget, Slots};

const STILL: Bounds = Bounds::without_faults();
const NOTHING: Budget = STILL.budget;
const SERVED: &str = "an honest browser that asks in peace is served";

/// Checks that the bug breaks this property, and that nothing breaks without it.
fn is_found(plant: InjectedBug, property: &str, limits: Bounds) {
    let planted = check(&format!("{plant:?}"), Bounds { injected_bug: Some(plant), ..limits });
    assert!(planted.breaks(property), "{plant:?} is not found: {planted:?}");
    let without = check(&format!("without {plant:?}"), limits);
    assert!(
        without.has_no_counterexample(),
        "there is a counterexample without {plant:?}: its story stands above"
    );
}

#[test]
fn no_swap() {
    let budget = Budget { sends: 1, revokes: 1, ..NOTHING };
    is_found(
        InjectedBug::NoSwap,
        "an acknowledged revocation is never undone",
        Bounds { budget, ..STILL },
    );
}

#[test]
fn sliding_window() {
    let budget = Budget { sends: 3, uses: 1, ..NOTHING };
    let limits = Bounds { budget, skew: 0, concurrent_refresh: 2, tabs: 3, ticks: 4, ..STILL };
    is_found(InjectedBug::SlidingWindow, "the window never slides", limits);
}

#[test]
fn ordering_by_iat() {
    let budget = Budget { sends: 2, step_ups: 1, uses: 1, ..NOTHING };
    // The browser must keep more than one token.
    let slots = Slots::Parity;
    is_found(
        InjectedBug::OrderingByIat,
        SERVED,
        Bounds { budget, slots, life: 0, ticks: 5, ..STILL },
    );
}

#[test]
fn loser_clears_cookie() {
    let budget = Budget { sends: 2, ..NOTHING };
    is_found(InjectedBug::LoserClearsCookie, "a 409 clears no cookie", Bounds { budget, ..STILL });
}

#[test]
fn refresh_re_creates_a_removed_session() {
    let budget = Budget { sends: 1, revokes: 1, ..NOTHING };
    is_found(
        InjectedBug::RefreshReCreates,
        "an acknowledged revocation is never undone",
        Bounds { budget, ..STILL },
    );
}

#[test]
fn two_writes() {
    let budget = Budget { sends: 1, crashes: 1, ..NOTHING };
    is_found(InjectedBug::TwoWrites, SERVED, Bounds { budget, ..STILL });
}

#[test]
fn race_anchored_on_rotated_at() {
    let budget = Budget { sends: 3, uses: 1, ..NOTHING };
    let limits = Bounds { budget, skew: 0, in_flight: 3, ..STILL };
    is_found(InjectedBug::RaceAnchoredOnRotatedAt, "no theft alarm without a thief", limits);
}

#[test]
fn superseded_anchored_on_the_last_rotation() {
    let budget = Budget { sends: 2, thefts: 1, thief_moves: 4, ..NOTHING };
    let limits = Bounds {
        budget,
        skew: 0,
        min_rotation_interval: 1,
        concurrent_refresh: 0,
        in_flight: 2,
        life: 0,
        tabs: 1,
        ticks: 4,
        ..STILL
    };
    is_found(
        InjectedBug::SupersededAnchoredOnTheLastRotation,
        "nobody is put off for ever",
        limits,
    );
}

#[test]
fn sender_compared_with_the_first() {
    let budget = Budget { sends: 2, thefts: 1, thief_moves: 2, ..NOTHING };
    let limits = Bounds { budget, skew: 0, life: 0, ..STILL };
    is_found(InjectedBug::SenderComparedWithTheFirst, "thief and victim do not both live", limits);
}

/// A backup undoes a step-up, and a thief rotates the old chain up to the generation of the
/// victim's step-up.
#[test]
fn secret_not_compared() {
    let budget =
        Budget { sends: 2, step_ups: 1, thefts: 1, thief_moves: 3, restores: 1, ..NOTHING };
    let limits = Bounds {
        confirmations_recorded: false,
        budget,
        skew: 0,
        min_rotation_interval: 1,
        life: 0,
        tabs: 1,
        ticks: 3,
        ..STILL
    };
    is_found(InjectedBug::SecretNotCompared, "one chain, never two", limits);
}
