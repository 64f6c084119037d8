//! The bounds of a run of the model.

use super::injected_bugs::InjectedBug;
use super::state::{Budget, Slots};
use crate::support;
use portcullis::decide::Site;
use portcullis::foundation::time::Seconds;
use portcullis::model::policy::PolicyInput;

/// One run of the model. Times are in ticks.
#[derive(Debug, Clone, Copy)]
pub struct Bounds {
    /// Whether the site records first uses.
    pub confirmations_recorded: bool,
    /// How long the run is.
    pub ticks: u8,
    /// The lead of the second instance's clock, in ticks.
    pub skew: u8,
    pub min_rotation_interval: u8,
    pub concurrent_refresh: u8,
    pub in_flight: u8,
    pub lost_response: u8,
    /// The longest time of a request with its response. A slower one is lost.
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
    /// Bounds with scaled-down windows, in which only time passes. With ticks of 15 seconds, the
    /// minimum rotation interval, the leeway and the lost-response window are about the defaults.
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
