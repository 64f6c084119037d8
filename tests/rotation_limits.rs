//! The known limitations of rotation, one test for each, so that a change which removes one is
//! noticed. docs/rotation.md lists them. The simulation found them.
#![cfg(not(target_arch = "wasm32"))]

mod support;

use portcullis::decide::{InitialEntropyInput, Operation, StepUp};
use portcullis::model::policy::PolicyInput;
use support::*;

const REFRESH_COOKIE: &str = "__Host-portcullis-refresh-0";

fn world(policy: PolicyInput) -> TestSite {
    TestSite::new(site_with(&[("k1", 1)], policy))
}

fn fed() -> TestSite {
    world(PolicyInput { confirmations_recorded: Some(true), ..PolicyInput::default() })
}

fn at_second(world: &mut TestSite, second: u64) -> &mut TestSite {
    world.now = NOW + second * SECOND;
    world
}

fn stepped_up(world: &mut TestSite, token: &str, seed: u8) -> String {
    let operation = Operation::StepUp(StepUp {
        subject: None,
        request_context: None,
        request: request(&[(REFRESH_COOKIE, token)]),
        acr: Some("aal2".to_owned()),
        amr: Vec::new(),
        initial_entropy: InitialEntropyInput::new(bytes(seed, 48)),
    });
    refresh_cookie(&world.decide_and_write(&operation)).expect("stepped up")
}

#[test]
fn a_step_up_delivered_twice_leaves_the_client_with_the_first_of_two_answers() {
    let mut world = fed();
    let first = world.signed_in("user-1", 1);
    at_second(&mut world, 31);
    let given = stepped_up(&mut world, &first, 7);
    stepped_up(&mut world, &first, 8); // the same request once more; its answer is dropped
    at_second(&mut world, 364);
    assert_eq!(
        rejection_summary(&world.decide_and_write(&refresh(&given))),
        ("ERR_STEP_UP_UNFINISHED", 409, 0),
        "until it steps up again"
    );
    stepped_up(&mut world, &given, 9);

    let mut unfed = self::world(PolicyInput::default());
    let first = unfed.signed_in("user-1", 1);
    at_second(&mut unfed, 31);
    let given = stepped_up(&mut unfed, &first, 7);
    stepped_up(&mut unfed, &first, 8);
    at_second(&mut unfed, 364);
    assert_eq!(
        rejection_summary(&unfed.decide_and_write(&refresh(&given))),
        ("ERR_SESSION_REUSE_DETECTED", 401, 2),
        "after retry"
    );
}
