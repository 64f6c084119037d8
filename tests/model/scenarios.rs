//! What is looked at, in three sizes. Every scenario is finite, and every state of it is visited.

use super::limits::Limits;
use super::run::Size;
use super::state::Budget;

/// The scenarios of a size, by name.
pub fn all(size: Size) -> Vec<(&'static str, Limits)> {
    // Where it is not fed, windows end by the clock alone: that takes longer.
    let not_fed =
        |limits: Limits, longer| Limits { fed: false, ticks: limits.ticks + longer, ..limits };
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

/// Fewer states than this would not be what is promised.
pub const fn promised(size: Size) -> usize {
    match size {
        Size::Small => 5_000,
        Size::Ci => 500_000,
        Size::Long => 10_000_000,
    }
}

/// Each thing that can happen, happens once, in every order.
fn everything(size: Size) -> Limits {
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
        Size::Small => Limits { ticks: 2, budget: once, ..Limits::still() },
        Size::Ci => Limits {
            ticks: 3,
            budget: Budget { losses: 1, crashes: 1, unseen: 1, ..once },
            ..Limits::still()
        },
        Size::Long => Limits {
            ticks: 4,
            budget: Budget { sends: 2, losses: 1, unseen: 1, ..once },
            ..Limits::still()
        },
    }
}

/// Tabs that ask again and again over a network that delays, reorders and loses.
fn honest(size: Size) -> Limits {
    let budget = Budget { sends: 2, uses: 1, losses: 1, unseen: 1, ..Limits::still().budget };
    match size {
        Size::Small => Limits { ticks: 3, budget, ..Limits::still() },
        Size::Ci => {
            Limits { budget: Budget { sends: 3, step_ups: 1, ..budget }, ..Limits::still() }
        }
        Size::Long => Limits {
            tabs: 3,
            ticks: 8,
            budget: Budget { sends: 3, step_ups: 1, uses: 2, crashes: 1, ..budget },
            ..Limits::still()
        },
    }
}

/// Many generations within the time that a request may be under way.
fn often(size: Size) -> Limits {
    let budget = |sends| Budget { sends, uses: 1, ..Limits::still().budget };
    match size {
        Size::Small => Limits { ticks: 3, budget: budget(2), ..Limits::still() },
        Size::Ci => Limits { budget: budget(4), ..Limits::still() },
        Size::Long => Limits { tabs: 3, budget: budget(5), ..Limits::still() },
    }
}

/// A thief who takes its time and comes again.
fn thief(size: Size) -> Limits {
    let budget = Budget { sends: 1, uses: 1, thefts: 1, thief_moves: 2, ..Limits::still().budget };
    match size {
        Size::Small => Limits { ticks: 3, budget, ..Limits::still() },
        Size::Ci => Limits { ticks: 8, budget: Budget { sends: 2, ..budget }, ..Limits::still() },
        Size::Long => Limits { ticks: 7, budget: Budget { sends: 3, ..budget }, ..Limits::still() },
    }
}

/// The shortest windows, so that many of them pass.
fn again(size: Size) -> Limits {
    let short = Limits { skew: 0, throttle: 1, race: 1, flight: 2, life: 1, ..Limits::still() };
    let budget =
        |sends, thief_moves| Budget { sends, uses: 1, thefts: 1, thief_moves, ..short.budget };
    match size {
        Size::Small => Limits { ticks: 3, budget: budget(1, 2), ..short },
        Size::Ci => Limits { ticks: 6, budget: budget(2, 3), ..short },
        Size::Long => Limits { ticks: 7, budget: budget(3, 3), ..short },
    }
}
