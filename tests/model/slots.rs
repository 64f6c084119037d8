//! The number of cookies for refresh tokens, and which late responses cannot replace a newer one.

use super::bounds::Bounds;
use super::run::{Size, check, size};
use super::state::{Budget, Slots};

/// A scenario of tabs that refresh, a slow network, and the use of an access token. No late
/// response is lost.
const TABS: Bounds = Bounds {
    min_rotation_interval: 1,
    skew: 0,
    ticks: 4,
    budget: Budget { sends: 4, uses: 1, ..Bounds::without_faults().budget },
    ..Bounds::without_faults()
};

/// At most one rotation fits into the time that a response may take. A step-up may happen at any
/// time.
const WITH_A_STEP_UP: Bounds = Bounds {
    min_rotation_interval: 2,
    in_flight: 2,
    life: 1,
    ticks: 6,
    budget: Budget { step_ups: 1, ..TABS.budget },
    ..TABS
};

/// Tabs that rotate more than once in the time that a response may take. The longer runs have a
/// clock difference too.
fn often() -> Vec<Bounds> {
    match size() {
        Size::Small => vec![TABS],
        Size::Ci | Size::Long => {
            vec![TABS, Bounds { min_rotation_interval: 2, skew: 2, ticks: 6, ..TABS }]
        }
    }
}

/// The scenario in which at most one rotation fits into that time.
fn seldom(limits: &Bounds) -> Bounds {
    let min_interval = limits.life + limits.skew + 1;
    Bounds { min_rotation_interval: min_interval, ticks: min_interval + 4, ..*limits }
}

fn signs_honest_people_out(name: &str, limits: Bounds) -> bool {
    check(name, limits).breaks("an honest browser that asks in peace is served")
}

const fn two(limits: Bounds) -> Bounds {
    Bounds { slots: Slots::Parity, ..limits }
}

#[test]
fn with_one_cookie_a_late_answer_signs_honest_people_out() {
    let one = |limits: Bounds| Bounds { slots: Slots::One, ..limits };
    for limits in often() {
        assert!(signs_honest_people_out("one cookie", one(limits)));
        assert!(signs_honest_people_out("one cookie, rare rotations", one(seldom(&limits))));
    }
}

#[test]
fn two_cookies_hold_back_an_answer_that_one_newer_has_overtaken() {
    for limits in often() {
        assert!(!signs_honest_people_out("two cookies, rare rotations", two(seldom(&limits))));
    }
}

#[test]
fn two_cookies_do_not_hold_back_an_answer_that_two_newer_have_overtaken() {
    for limits in often() {
        assert!(signs_honest_people_out("two cookies", two(limits)));
    }
    assert!(signs_honest_people_out("two cookies, a step-up", two(WITH_A_STEP_UP)));
}

#[test]
fn a_cookie_for_each_generation_holds_back_every_late_answer() {
    for limits in often() {
        assert!(!signs_honest_people_out("a cookie for each generation", limits));
    }
    assert!(!signs_honest_people_out("a cookie for each generation, a step-up", WITH_A_STEP_UP));
}
