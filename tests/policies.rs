//! Policies that would sign active users out are rejected, and accepted ones keep them signed in.
#![cfg(not(target_arch = "wasm32"))]

mod support;

use portcullis::decide::Outcome;
use portcullis::model::policy::{Policy, PolicyInput};
use support::*;

/// The seconds between two requests of an active user.
const CLICK: u64 = 5;

fn policies() -> Vec<PolicyInput> {
    let mut all = Vec::new();
    for access_ttl in [60.0, 120.0, 300.0] {
        for idle in [60.0, 120.0, 180.0, 240.0, 420.0, 660.0, 900.0] {
            for interval in [0.0, 30.0, 120.0, 300.0] {
                for leeway in [0.0, 30.0, 120.0] {
                    for in_flight in [10.0, 60.0, 600.0] {
                        all.push(PolicyInput {
                            access_ttl_seconds: Some(access_ttl),
                            idle_timeout_seconds: Some(idle),
                            min_rotation_interval_seconds: Some(interval),
                            leeway_seconds: Some(leeway),
                            in_flight_seconds: Some(in_flight),
                            confirmations_recorded: Some(true),
                            ..PolicyInput::default()
                        });
                    }
                }
            }
        }
    }
    all
}

/// A browser with an access token that was issued at `issued`, and its newest refresh token.
struct ActiveUser {
    site: TestSite,
    token: String,
    issued: u64,
    lifetime: u64,
}

impl ActiveUser {
    fn signed_in(input: PolicyInput) -> Self {
        let mut site = TestSite::new(site_with(&[("k1", 1)], input));
        let policy = &site.site.policy;
        // The access token is accepted for the leeway after its end.
        let lifetime = u64::from(policy.access_ttl.0 + policy.leeway.0);
        let token = site.signed_in("user-1", 1);
        Self { site, token, issued: 0, lifetime }
    }

    /// Makes a request at a second after the sign-in. Says whether the user is still signed in.
    fn click(&mut self, second: u64) -> bool {
        if second < self.issued + self.lifetime {
            return true;
        }
        self.site.now = NOW + second * SECOND;
        let outcome = self.site.decide_and_write(&refresh(&self.token));
        let Outcome::Refreshed { .. } = &outcome else { return false };
        self.issued = second;
        if let Some(next) = refresh_cookie(&outcome) {
            self.token = next;
        }
        true
    }
}

#[test]
fn an_active_user_stays_signed_in_under_every_accepted_policy() {
    let accepted: Vec<_> =
        policies().into_iter().filter(|input| Policy::new(input).is_ok()).collect();
    assert!(accepted.len() > 200, "{} policies", accepted.len());
    for input in accepted {
        let mut user = ActiveUser::signed_in(input.clone());
        let end = 3 * u64::from(user.site.site.policy.idle_timeout.0);
        for second in (0..end).step_by(usize::try_from(CLICK).expect("a small number")) {
            assert!(user.click(second), "signed out after {second} s: {input:?}");
        }
    }
}

#[test]
fn a_request_that_was_under_way_within_the_window_ends_no_session() {
    for input in policies().into_iter().filter(|input| Policy::new(input).is_ok()) {
        let mut user = ActiveUser::signed_in(input.clone());
        let slow = user.token.clone();
        let policy = &user.site.site.policy;
        let in_flight = input.in_flight_seconds.expect("a setting") as u64;
        let start = u64::from(policy.access_ttl.0);
        for second in (start..start + in_flight).step_by(5) {
            user.site.now = NOW + second * SECOND;
            if let Some(next) = refresh_cookie(&user.site.decide_and_write(&refresh(&user.token))) {
                user.token = next;
            }
        }
        user.site.now = NOW + (start + in_flight) * SECOND - 1;
        user.site.decide_and_write(&refresh(&slow));
        let outcome = user.site.decide_and_write(&refresh(&user.token));
        assert!(matches!(outcome, Outcome::Refreshed { .. }), "{input:?}: {outcome:?}");
    }
}

#[test]
fn an_idle_timeout_that_is_too_short_names_both_options() {
    let input = PolicyInput {
        idle_timeout_seconds: Some(240.0),
        access_ttl_seconds: Some(300.0),
        ..PolicyInput::default()
    };
    let error = Policy::new(&input).expect_err("a contradiction");
    assert_eq!(error.code().code(), "ERR_CONFIG");
    for part in ["idleTimeoutSeconds (240)", "accessTtlSeconds (300)", "495"] {
        assert!(error.to_string().contains(part), "{error}");
    }
    let preset = |name: &str, ttl: Option<f64>| {
        let preset = Some(name.to_owned());
        Policy::new(&PolicyInput { preset, access_ttl_seconds: ttl, ..PolicyInput::default() })
    };
    for name in ["nist-aal1", "nist-aal2", "nist-aal3"] {
        assert!(preset(name, None).is_ok(), "{name}");
    }
    assert!(preset("nist-aal3", Some(3600.0)).is_err());
}
