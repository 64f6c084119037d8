//! What no row of rotation mends, shown once each, so that docs/rotation.md can say it and a change that mends it is
//! noticed. Found by the simulation.
#![cfg(not(target_arch = "wasm32"))]

mod world;

use portcullis::decide::{MintedInput, Operation, Outcome, StepUp};
use portcullis::policy::PolicyInput;
use portcullis::token::refresh::RefreshToken;
use world::*;

const EVEN: &str = "__Host-portcullis-refresh";
const ODD: &str = "__Host-portcullis-refresh-1";

fn world(policy: PolicyInput) -> World {
    World::new(site_with(&[("k1", 1)], policy))
}

fn fed() -> World {
    world(PolicyInput { confirmation_fed: Some(true), ..PolicyInput::default() })
}

fn at_second(world: &mut World, second: u64) -> &mut World {
    world.now = NOW + second * SECOND;
    world
}

fn rotated(world: &mut World, token: &str) -> String {
    refresh_cookie(&world.run(&refresh(token))).expect("a rotation")
}

fn stepped_up(world: &mut World, token: &str, seed: u8) -> String {
    let operation = Operation::StepUp(StepUp {
        request: request(&[(EVEN, token)]),
        acr: Some("aal2".to_owned()),
        amr: Vec::new(),
        minted: MintedInput::new(bytes(seed, 48)),
    });
    refresh_cookie(&world.run(&operation)).expect("stepped up")
}

fn confirm(world: &mut World, token: &str) {
    let token = RefreshToken::parse(token, &world.site.ring).expect("ours");
    world.run(&Operation::Confirm { session_id: token.session.text(), generation: token.generation });
}

/// Every answer here takes less than flight, and every client presents what it was given last.
#[test]
fn a_late_answer_from_before_a_step_up_displaces_the_token_after_it() {
    let mut world = fed();
    let first = world.signed_in("user-1", 1);
    at_second(&mut world, 31);
    let late = rotated(&mut world, &first); // generation 1, into the odd slot; under way for 45 s
    at_second(&mut world, 33);
    let stepped = stepped_up(&mut world, &first, 7); // generation 4, into the even slot
    at_second(&mut world, 64);
    let newest = rotated(&mut world, &stepped); // generation 5, into the odd slot
    confirm(&mut world, &newest);
    // At 76 s the late answer arrives: generation 1 stands where generation 5 stood.
    at_second(&mut world, 364);
    let jar = Operation::Refresh { request: request(&[(EVEN, &stepped), (ODD, &late)]) };
    assert_eq!(refusal(&world.run(&jar)), ("ERR_SESSION_REUSED", 401, 3));
}

#[test]
fn a_step_up_delivered_twice_leaves_the_client_with_the_first_of_two_answers() {
    let mut world = fed();
    let first = world.signed_in("user-1", 1);
    at_second(&mut world, 31);
    let given = stepped_up(&mut world, &first, 7);
    stepped_up(&mut world, &first, 8); // the same request once more; its answer is dropped
    at_second(&mut world, 364);
    assert_eq!(refusal(&world.run(&refresh(&given))), ("ERR_STEP_UP_UNFINISHED", 409, 0), "until it steps up again");
    stepped_up(&mut world, &given, 9);

    let mut unfed = self::world(PolicyInput::default());
    let first = unfed.signed_in("user-1", 1);
    at_second(&mut unfed, 31);
    let given = stepped_up(&mut unfed, &first, 7);
    stepped_up(&mut unfed, &first, 8);
    at_second(&mut unfed, 364);
    assert_eq!(refusal(&unfed.run(&refresh(&given))), ("ERR_SESSION_REUSED", 401, 3), "after retry");
}

#[test]
fn a_refresh_that_a_sign_in_overtakes_clears_the_new_sessions_cookies_if_its_answer_comes_last() {
    let mut world = fed();
    let old = world.signed_in("user-1", 1);
    at_second(&mut world, 31);
    let mut again = sign_in("user-1", 2);
    if let Operation::SignIn(sign_in) = &mut again {
        sign_in.request = request(&[(EVEN, &old)]);
    }
    assert!(matches!(world.run(&again), Outcome::SignedIn { .. }));
    // Sent before the sign-in, processed after it: whatever order the answers arrive in, this one clears.
    assert_eq!(refusal(&world.run(&refresh(&old))), ("ERR_SESSION_REVOKED", 401, 3));
}

/// The record remembers four closings: enough while flight is at most four times the throttle.
#[test]
fn a_flight_of_more_than_four_times_the_throttle_is_not_covered() {
    let mut world =
        world(PolicyInput { confirmation_fed: Some(true), leeway_seconds: Some(120.0), ..PolicyInput::default() });
    let windows = world.site.policy.windows;
    assert_eq!((windows.flight.0, windows.throttle.0), (240, 30));
    let first = world.signed_in("user-1", 1);
    let mut token = first.clone();
    for n in 1..=5 {
        at_second(&mut world, n * 31);
        token = rotated(&mut world, &token);
    }
    assert_eq!(refusal(&world.decide(&refresh(&first)).expect("a decision").outcome), ("ERR_SUPERSEDED", 409, 0));
    at_second(&mut world, 6 * 31);
    rotated(&mut world, &token);
    // Sent at 31 s, before the first rotation was answered; 156 s under way.
    at_second(&mut world, 187);
    assert_eq!(refusal(&world.run(&refresh(&first))), ("ERR_SESSION_REUSED", 401, 3));
}
