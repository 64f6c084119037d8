//! How much of the world a run looks at.

use super::injected_bugs::InjectedBug;
use super::state::{Budget, Slots};
use crate::support;
use portcullis::decide::Site;
use portcullis::foundation::time::Seconds;
use portcullis::model::policy::PolicyInput;

/// One run of the model. Times are in ticks.
#[derive(Debug, Clone, Copy)]
pub struct Bounds {
    /// Whether the site feeds confirmations.
    pub confirmations_recorded: bool,
    /// How long the run is.
    pub ticks: u8,
    /// By how much the second instance's clock is fast.
    pub skew: u8,
    pub min_rotation_interval: u8,
    pub concurrent_refresh: u8,
    pub in_flight: u8,
    pub lost_response: u8,
    /// How long a request may be under way, with its answer. What takes longer is lost.
    pub life: u8,
    /// Requests of the browser at once.
    pub tabs: usize,
    pub slots: Slots,
    pub budget: Budget,
    pub injected_bug: Option<InjectedBug>,
}

/// Seconds in a tick.
pub const TICK: u32 = 15;

impl Bounds {
    /// The windows scaled down, and nothing happens but the passing of time. In ticks of 15 seconds
    /// throttle, skew and retry are about those of the product's defaults.
    pub const fn without_faults() -> Self {
        Self {
            confirmations_recorded: true,
            ticks: 6,
            skew: 2,
            min_rotation_interval: 2,
            concurrent_refresh: 1,
            in_flight: 5,
            lost_response: 7,
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
            injected_bug: None,
        }
    }

    /// The site with its windows scaled down.
    pub fn site(&self) -> Site {
        let mut site = support::site_with(&[("k1", 1)], PolicyInput::default());
        let seconds = |ticks: u8| Seconds(u32::from(ticks) * TICK);
        let windows = &mut site.policy.windows;
        windows.confirmations_recorded = self.confirmations_recorded;
        windows.min_rotation_interval = seconds(self.min_rotation_interval);
        windows.concurrent_refresh = seconds(self.concurrent_refresh);
        windows.in_flight = seconds(self.in_flight);
        windows.lost_response = seconds(self.lost_response);
        site
    }
}
