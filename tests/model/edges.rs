//! The limits are exact: one tick beyond each, the model finds a counterexample.

use super::bounds::Bounds;
use super::run::check;
use super::state::Budget;

const TABS: Bounds = Bounds {
    budget: Budget { sends: 3, uses: 1, ..Bounds::without_faults().budget },
    ..Bounds::without_faults()
};

/// Whether honest tabs raise a theft alarm.
fn raises_a_false_alarm(name: &str, limits: Bounds) -> bool {
    check(name, limits).breaks("no theft alarm without a thief")
}

/// The window of row 7a begins by one clock and ends by another, so that the in-flight window is
/// shortened by their difference.
#[test]
fn a_request_may_be_under_way_for_flight_less_the_difference_of_the_clocks() {
    let limits = |flight, skew| Bounds { in_flight: flight, skew, life: 2, ..TABS };
    for skew in [0, 2] {
        assert!(!raises_a_false_alarm(
            "flight as long as it must be",
            limits(TABS.life + skew + 1, skew)
        ));
        assert!(raises_a_false_alarm("flight too short", limits(TABS.life + skew, skew)));
    }
}

/// Where first uses are not recorded, the client notices a lost response after one in-flight
/// window, and its second request takes another.
#[test]
fn where_confirmation_is_not_fed_retry_holds_two_flights_and_the_difference_of_the_clocks() {
    let limits = |retry, skew| Bounds {
        confirmations_recorded: false,
        lost_response: retry,
        skew,
        ticks: 8,
        ..TABS
    };
    for skew in [0, 2] {
        assert!(!raises_a_false_alarm(
            "retry as long as it must be",
            limits(2 * TABS.life + skew + 1, skew)
        ));
        assert!(raises_a_false_alarm("retry too short", limits(2 * TABS.life + skew, skew)));
    }
}
