//! How much of the world a run looks at.

use super::plants::Plant;
use super::state::{Budget, Slots};
use crate::world;
use portcullis::decide::Site;
use portcullis::model::policy::PolicyInput;
use portcullis::foundation::time::Seconds;

/// One run of the model. Times are in ticks.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Whether the site feeds confirmations.
    pub fed: bool,
    /// How long the run is.
    pub ticks: u8,
    /// By how much the second instance's clock is fast.
    pub skew: u8,
    pub throttle: u8,
    pub race: u8,
    pub flight: u8,
    pub retry: u8,
    /// How long a request may be under way, with its answer. What takes longer is lost.
    pub life: u8,
    /// Requests of the browser at once.
    pub tabs: usize,
    pub slots: Slots,
    pub budget: Budget,
    pub plant: Option<Plant>,
}

/// Seconds in a tick.
pub const TICK: u32 = 15;

impl Limits {
    /// The windows scaled down, and nothing happens but the passing of time. In ticks of 15 seconds
    /// throttle, skew and retry are about those of the product's defaults.
    pub const fn still() -> Self {
        Self {
            fed: true,
            ticks: 6,
            skew: 2,
            throttle: 2,
            race: 1,
            flight: 5,
            retry: 7,
            life: 2,
            tabs: 2,
            slots: Slots::Generation,
            budget: Budget {
                sends: 0,
                step_ups: 0,
                uses: 0,
                thefts: 0,
                thief_moves: 0,
                losses: 0,
                crashes: 0,
                unseen: 0,
                revokes: 0,
                restores: 0,
            },
            plant: None,
        }
    }

    /// The site with its windows scaled down.
    pub fn site(&self) -> Site {
        let mut site = world::site_with(&[("k1", 1)], PolicyInput::default());
        let seconds = |ticks: u8| Seconds(u32::from(ticks) * TICK);
        let windows = &mut site.policy.windows;
        windows.fed = self.fed;
        windows.throttle = seconds(self.throttle);
        windows.race = seconds(self.race);
        windows.flight = seconds(self.flight);
        windows.retry = seconds(self.retry);
        site
    }
}
