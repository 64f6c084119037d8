//! The scenarios, in three sizes. Every scenario is finite, and each of its states is visited.

use super::bounds::Bounds;
use super::run::Size;
use super::state::Budget;

/// The scenarios of a size, by name.
pub fn all(size: Size) -> Vec<(&'static str, Bounds)> {
    // Where first uses are not recorded, only time ends a window, which takes more ticks.
    let not_fed = |limits: Bounds, longer| Bounds {
        confirmations_recorded: false,
        ticks: limits.ticks + longer,
        ..limits
    };
    let longer = if size == Size::Small { 0 } else { 4 };
    vec![
        ("everything at once", everything(size)),
        ("everything at once, confirmation not fed", not_fed(everything(size), longer / 4)),
        ("nobody but honest tabs", honest(size)),
        ("nobody but honest tabs, confirmation not fed", not_fed(honest(size), longer)),
        ("tabs that rotate as often as they may", often(size)),
        ("a thief", thief(size)),
        ("a thief, confirmation not fed", not_fed(thief(size), longer)),
        ("a thief again and again, windows short", again(size)),
    ]
}

/// The least number of states that a run must visit.
pub const fn promised(size: Size) -> usize {
    match size {
        Size::Small => 5_000,
        Size::Ci => 500_000,
        Size::Long => 10_000_000,
    }
}

/// Each thing that can happen, happens once, in every order.
fn everything(size: Size) -> Bounds {
    let once = Budget {
        sends: 1,
        step_ups: 1,
        uses: 1,
        thefts: 1,
        thief_moves: 1,
        losses: 0,
        crashes: 0,
        unseen: 0,
        revokes: 1,
        restores: 1,
    };
    match size {
        Size::Small => Bounds { ticks: 2, budget: once, ..Bounds::without_faults() },
        Size::Ci => Bounds {
            ticks: 3,
            budget: Budget { losses: 1, crashes: 1, unseen: 1, ..once },
            ..Bounds::without_faults()
        },
        Size::Long => Bounds {
            ticks: 4,
            budget: Budget { sends: 2, losses: 1, unseen: 1, ..once },
            ..Bounds::without_faults()
        },
    }
}

/// Tabs that refresh repeatedly over a network that delays, reorders and loses messages.
fn honest(size: Size) -> Bounds {
    let budget =
        Budget { sends: 2, uses: 1, losses: 1, unseen: 1, ..Bounds::without_faults().budget };
    match size {
        Size::Small => Bounds { ticks: 3, budget, ..Bounds::without_faults() },
        Size::Ci => Bounds {
            budget: Budget { sends: 3, step_ups: 1, ..budget },
            ..Bounds::without_faults()
        },
        Size::Long => Bounds {
            tabs: 3,
            ticks: 8,
            budget: Budget { sends: 3, step_ups: 1, uses: 2, crashes: 1, ..budget },
            ..Bounds::without_faults()
        },
    }
}

/// Many generations within the time that a request may be under way.
fn often(size: Size) -> Bounds {
    let budget = |sends| Budget { sends, uses: 1, ..Bounds::without_faults().budget };
    match size {
        Size::Small => Bounds { ticks: 3, budget: budget(2), ..Bounds::without_faults() },
        Size::Ci => Bounds { budget: budget(4), ..Bounds::without_faults() },
        Size::Long => Bounds { tabs: 3, budget: budget(5), ..Bounds::without_faults() },
    }
}

/// A thief who takes its time and comes again.
fn thief(size: Size) -> Bounds {
    let budget =
        Budget { sends: 1, uses: 1, thefts: 1, thief_moves: 2, ..Bounds::without_faults().budget };
    match size {
        Size::Small => Bounds { ticks: 3, budget, ..Bounds::without_faults() },
        Size::Ci => {
            Bounds { ticks: 8, budget: Budget { sends: 2, ..budget }, ..Bounds::without_faults() }
        }
        Size::Long => {
            Bounds { ticks: 7, budget: Budget { sends: 3, ..budget }, ..Bounds::without_faults() }
        }
    }
}

/// A scenario with the shortest windows, so that many of them pass.
fn again(size: Size) -> Bounds {
    let short = Bounds {
        skew: 0,
        min_rotation_interval: 1,
        concurrent_refresh: 1,
        in_flight: 2,
        life: 1,
        ..Bounds::without_faults()
    };
    let budget =
        |sends, thief_moves| Budget { sends, uses: 1, thefts: 1, thief_moves, ..short.budget };
    match size {
        Size::Small => Bounds { ticks: 3, budget: budget(1, 2), ..short },
        Size::Ci => Bounds { ticks: 6, budget: budget(2, 3), ..short },
        Size::Long => Bounds { ticks: 7, budget: budget(3, 3), ..short },
    }
}
