//! The rotation table: one test for each row, and the exact boundaries of every window. Runs
//! natively and on wasm32.

mod support;

use portcullis::decide::{
    InitialEntropyInput, Operation, Outcome, Plan, PresentedTokenFacts, RequestFacts,
    SessionEventKind, SessionFacts, SignIn, StepUp, decide_rotation,
};
use portcullis::decide::{RotationDecision, RotationFacts, RotationVerdict};
use portcullis::formats::client_family::{ClientFamily, ClientRelation};
use portcullis::formats::key_schedule::KeyScheduleInput;
use portcullis::formats::token::access_token::AccessTokenClaims;
use portcullis::formats::token::refresh_token::RefreshToken;
use portcullis::model::policy::PolicyInput;
use portcullis::model::record::{RemovalReason, StepUpRecord, SubjectRecord};
use support::*;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

const S: u64 = SECOND;

fn fed(fed: bool) -> TestSite {
    TestSite::new(site_with(
        &[("k1", 1)],
        PolicyInput { confirmations_recorded: Some(fed), ..PolicyInput::default() },
    ))
}

/// A test site with one session, and short functions for its events.
trait Tale {
    fn rotate(&mut self, token: &str) -> String;
    fn confirm(&mut self, token: &str);
    fn parse(&self, token: &str) -> RefreshToken;
    fn row(&mut self, operation: &Operation) -> (&'static str, &'static str, bool);
    fn at(&mut self, ms_after_start: u64) -> &mut Self;
    fn step_up(&mut self, token: &str, seed: u8) -> Outcome;
}

impl Tale for TestSite {
    /// Rotates the token, and gives the new one.
    fn rotate(&mut self, token: &str) -> String {
        refresh_cookie(&self.decide_and_write(&refresh(token))).expect("a rotation")
    }

    /// Records the first use of the generation of this token.
    fn confirm(&mut self, token: &str) {
        let token = self.parse(token);
        let operation =
            Operation::Confirm { session_id: token.session.encode(), generation: token.generation };
        assert!(matches!(
            self.decide_and_write(&operation),
            Outcome::Confirmed { confirmed: true }
        ));
    }

    fn parse(&self, token: &str) -> RefreshToken {
        RefreshToken::parse(token, &self.site.key_ring).expect("our token")
    }

    /// The row, the code of a rejection, whether the record is written, and the numbers of cookies
    /// that are set and cleared.
    fn row(&mut self, operation: &Operation) -> (&'static str, &'static str, bool) {
        let decision = self.decide(operation).expect("a decision");
        let (row, code) = match &decision.outcome {
            Outcome::Rejected(rejection) => {
                (rejection.rotation.expect("details").row, rejection.code)
            }
            Outcome::Refreshed { .. } => (
                decision.events.first().and_then(|event| event.rotation).expect("an event").row,
                "ok",
            ),
            other => panic!("{other:?}"),
        };
        (row, code, decision.write.is_some())
    }

    fn at(&mut self, ms_after_start: u64) -> &mut Self {
        self.now = NOW + ms_after_start;
        self
    }

    fn step_up(&mut self, token: &str, seed: u8) -> Outcome {
        self.decide_and_write(&step_up(token, seed, FIREFOX))
    }
}

fn step_up(token: &str, seed: u8, user_agent: &str) -> Operation {
    let request = request(&[("__Host-portcullis-refresh-0", token)]);
    Operation::StepUp(StepUp {
        subject: None,
        request_context: None,
        request: RequestFacts { user_agent: Some(user_agent.to_owned()), ..request },
        acr: Some("aal2".to_owned()),
        amr: vec!["pwd".to_owned(), "otp".to_owned()],
        initial_entropy: InitialEntropyInput::new(bytes(seed, 48)),
    })
}

#[test]
fn row_4_generation_ahead_of_the_record_goes_on_with_the_records_assurance() {
    let mut world = fed(true);
    let first = world.signed_in("user-1", 1);
    let backup = world.record.clone();
    world.at(31 * S);
    let second = world.rotate(&first);
    world.at(62 * S);
    let third = world.rotate(&second);
    world.record = backup;
    world.at(70 * S);
    assert_eq!(world.row(&refresh(&third)), ("4", "ok", true));
    let decision = world.decide(&refresh(&third)).expect("a decision");
    assert_eq!(
        decision.events.iter().map(|event| event.kind).collect::<Vec<_>>(),
        [SessionEventKind::AheadOfRecord]
    );
    assert!(refresh_cookie(&decision.outcome).is_none(), "as row 5: the refresh cookie is not set");
    world.decide_and_write(&refresh(&third));
    assert_eq!(
        world.row(&refresh(&third)).0,
        "5",
        "generation, hash and key are those of the token"
    );
    assert_eq!(world.at(100 * S).row(&refresh(&third)).0, "6");
    // A token that was superseded before the restore stays superseded. The record has lost the
    // time of its closing, so that no in-flight window applies.
    assert_eq!(world.row(&refresh(&first)), ("10", "ERR_SESSION_REUSE_DETECTED", true));
}

#[test]
fn row_5_ends_and_row_6_begins_at_the_throttle() {
    let mut world = fed(true);
    let token = world.signed_in("user-1", 1);
    for (ms, row) in [(0, "5"), (29_000, "5"), (29_999, "5"), (30_000, "6"), (31_000, "6")] {
        assert_eq!(world.at(ms).row(&refresh(&token)), (row, "ok", row == "6"), "at {ms} ms");
    }
}

#[test]
fn row_6a_the_same_generation_with_another_secret_is_reused_forked() {
    let mut world = fed(true);
    let first = world.signed_in("user-1", 1);
    world.at(31 * S);
    world.rotate(&first);
    // Only another record of the same session gives a different secret: a restored record whose
    // chain continued differently.
    let stepped = refresh_cookie(&world.step_up(&first, 7)).expect("stepped up");
    let fork = {
        let mut other = fed(true);
        let first = other.signed_in("user-1", 1);
        other.at(31 * S);
        other.rotate(&first);
        refresh_cookie(&other.step_up(&first, 8)).expect("stepped up elsewhere")
    };
    assert_eq!(world.parse(&stepped).generation, world.parse(&fork).generation);
    world.at(40 * S);
    assert_eq!(world.row(&refresh(&fork)), ("6a", "ERR_SESSION_REUSE_DETECTED", true));
    let decision = world.decide(&refresh(&fork)).expect("a decision");
    assert_eq!(
        decision.events.first().and_then(|event| event.rotation).expect("details").verdict,
        "secret_mismatch"
    );
    assert_eq!(rejection_summary(&decision.outcome), ("ERR_SESSION_REUSE_DETECTED", 401, 2));
    world.decide_and_write(&refresh(&fork));
    assert_eq!(
        world.row(&refresh(&stepped)),
        ("3", "ERR_SESSION_REUSE_DETECTED", false),
        "the session is over"
    );
    let decision = world.decide(&refresh(&stepped)).expect("a decision");
    assert_eq!(
        decision.events.iter().map(|event| event.kind).collect::<Vec<_>>(),
        [SessionEventKind::RefreshRejected]
    );
}

#[test]
fn row_7_the_previous_generation_of_the_same_sender_gets_the_current_successor_again() {
    let mut world = fed(true);
    let first = world.signed_in("user-1", 1);
    world.at(31 * S);
    let second = world.rotate(&first);
    for ms in [31_000, 61_000, 86_400_000, 604_800_000 + 30_999] {
        let decision = world.at(ms).decide(&refresh(&first)).expect("a decision");
        assert_eq!(
            refresh_cookie(&decision.outcome).as_deref(),
            Some(second.as_str()),
            "the same bytes at {ms} ms"
        );
        assert!(decision.write.is_none(), "the anchor never moves");
        assert_eq!(
            decision.events.first().map(|event| event.kind),
            Some(SessionEventKind::SuccessorReissued)
        );
    }
    assert_eq!(
        world.at(604_800_000 + 31_000).row(&refresh(&first)),
        ("2", "ERR_SESSION_EXPIRED", false),
        "idle"
    );
}

#[test]
fn row_7_closes_a_race_after_the_confirmation() {
    let mut world = fed(true);
    let first = world.signed_in("user-1", 1);
    world.at(31 * S);
    let second = world.rotate(&first);
    world.at(200 * S).confirm(&second);
    for (ms, row) in
        [(200_000, "7"), (209_000, "7"), (209_999, "7"), (210_000, "7a"), (211_000, "7a")]
    {
        assert_eq!(world.at(ms).row(&refresh(&first)).0, row, "at {ms} ms");
    }
}

#[test]
fn row_7_without_feeding_is_open_for_retry_after_the_rotation() {
    let mut world = fed(false);
    let first = world.signed_in("user-1", 1);
    world.at(31 * S);
    world.rotate(&first);
    for (ms, row) in [(31_000, "7"), (150_000, "7"), (150_999, "7"), (151_000, "8"), (152_000, "8")]
    {
        assert_eq!(world.at(ms).row(&refresh(&first)).0, row, "at {ms} ms");
    }
}

#[test]
fn row_7a_an_older_generation_within_flight_of_its_closing_is_superseded() {
    let mut world = fed(true);
    let first = world.signed_in("user-1", 1);
    world.at(31 * S);
    let second = world.rotate(&first);
    world.at(100 * S).confirm(&second);
    world.at(140 * S);
    let third = world.rotate(&second);
    // Generation 0 was closed at 100 s, when generation 1 was confirmed. The rotation at 140 s does
    // not change that time.
    for (ms, row) in
        [(140_000, "7a"), (219_000, "7a"), (219_999, "7a"), (220_000, "10"), (221_000, "10")]
    {
        assert_eq!(world.at(ms).row(&refresh(&first)).0, row, "at {ms} ms");
    }
    let rejected = world.at(150 * S).decide(&refresh(&first)).expect("a decision");
    assert_eq!(rejection_summary(&rejected.outcome), ("ERR_SUPERSEDED", 409, 0));
    assert!(rejected.write.is_none());
    // An in-flight request of another client family is no proof of reuse either.
    assert_eq!(world.row(&refresh_elsewhere(&first)).0, "7a");
    world.at(190 * S).confirm(&third);
    assert_eq!(world.row(&refresh(&second)).0, "7", "within race");
    assert_eq!(world.at(201 * S).row(&refresh(&second)).0, "7a");
    assert_eq!(world.at(309 * S).row(&refresh(&second)).0, "7a");
    assert_eq!(world.at(310 * S).row(&refresh(&second)), ("8", "ERR_SESSION_REUSE_DETECTED", true));
}

#[test]
fn row_8_the_previous_generation_otherwise_is_reused_late() {
    let mut world = fed(true);
    let first = world.signed_in("user-1", 1);
    world.at(31 * S);
    let second = world.rotate(&first);
    world.at(100 * S).confirm(&second);
    for (ms, row) in [(219_000, "7a"), (219_999, "7a"), (220_000, "8"), (221_000, "8")] {
        assert_eq!(world.at(ms).row(&refresh(&first)).0, row, "at {ms} ms");
    }
    let outcome = world.at(221 * S).decide_and_write(&refresh(&first));
    let Outcome::Rejected(rejection) = &outcome else { panic!("{outcome:?}") };
    let details = rejection.rotation.expect("details");
    assert_eq!(
        (details.row, details.verdict, details.client_changed),
        ("8", "reused_late", Some(false))
    );
    assert_eq!(
        (details.ms_since_rotation, details.generation_distance),
        (Some(190_000.0), Some(1.0))
    );
    assert_eq!(rejection_summary(&outcome), ("ERR_SESSION_REUSE_DETECTED", 401, 2));
    assert_eq!(world.row(&refresh(&second)), ("3", "ERR_SESSION_REUSE_DETECTED", false));
}

#[test]
fn row_7b_the_previous_generation_of_another_client_is_superseded_within_flight() {
    let mut world = fed(true);
    let first = world.signed_in("user-1", 1);
    world.at(31 * S);
    world.rotate(&first);
    for (ms, row) in [(31_000, "7b"), (150_999, "7b"), (151_000, "8")] {
        assert_eq!(world.at(ms).row(&refresh_elsewhere(&first)).0, row, "at {ms} ms");
    }
    let rejected = world.at(40 * S).decide(&refresh_elsewhere(&first)).expect("a decision");
    assert_eq!(rejection_summary(&rejected.outcome), ("ERR_SUPERSEDED", 409, 0));
    assert!(rejected.write.is_none());
    let details = rejected.events.first().and_then(|event| event.rotation).expect("details");
    assert_eq!(details.client_changed, Some(true));
}

#[test]
fn a_request_that_names_no_browser_is_not_another_client() {
    let media = "AppleCoreMedia/1.0.0.22F76 (iPhone; U; CPU OS 18_5 like Mac OS X; en_us)";
    for user_agent in [None, Some("node"), Some("okhttp/4.12.0"), Some(media)] {
        let mut world = fed(true);
        let first = world.signed_in("user-1", 1);
        let from = |token: &str| match refresh(token) {
            Operation::Refresh { request, request_context } => Operation::Refresh {
                request: RequestFacts { user_agent: user_agent.map(str::to_owned), ..request },
                request_context,
            },
            other => other,
        };
        world.at(31 * S);
        let second = world.rotate(&first);
        assert_eq!(world.at(300 * S).row(&from(&first)).0, "7", "{user_agent:?}");
        let decision = world.decide(&from(&first)).expect("a decision");
        let details = decision.events.first().and_then(|event| event.rotation).expect("details");
        assert_eq!(details.client_changed, None, "{user_agent:?}");
        // The browser that rotated last is compared, also after a rotation without a name.
        let third = refresh_cookie(&world.decide_and_write(&from(&second))).expect("a rotation");
        assert_eq!(world.at(310 * S).row(&refresh(&second)).0, "7", "{user_agent:?}");
        assert_eq!(world.row(&refresh_elsewhere(&second)).0, "7b", "{user_agent:?}");
        assert_eq!(world.row(&refresh(&third)).0, "5", "{user_agent:?}");
    }
}

#[test]
fn row_5_moves_the_idle_deadline_by_more_than_a_tenth_of_the_timeout() {
    let policy = PolicyInput {
        idle_timeout_seconds: Some(400.0),
        access_ttl_seconds: Some(60.0),
        min_rotation_interval_seconds: Some(300.0),
        ..PolicyInput::default()
    };
    let mut world = TestSite::new(site_with(&[("k1", 1)], policy));
    let token = world.signed_in("user-1", 1);
    for (ms, writes) in [(40_000, false), (40_001, true)] {
        assert_eq!(world.at(ms).row(&refresh(&token)), ("5", "ok", writes), "at {ms} ms");
    }
    for seconds in (60..300).step_by(60) {
        world.at(seconds * S).decide_and_write(&refresh(&token));
    }
    let token = world.at(639 * S).rotate(&token);
    assert_eq!(world.at(640 * S).row(&refresh(&token)).0, "5");
}

#[test]
fn row_8_the_previous_generation_of_another_client_is_reused_by_another_client() {
    let mut world = fed(true);
    let first = world.signed_in("user-1", 1);
    world.at(31 * S);
    world.rotate(&first);
    world.at(151 * S);
    let decision = world.decide(&refresh_elsewhere(&first)).expect("a decision");
    let details = decision.events.first().and_then(|event| event.rotation).expect("details");
    assert_eq!(
        (details.row, details.verdict, details.client_changed),
        ("8", "reused_by_other_client", Some(true))
    );
    assert!(decision.write.is_some());
}

#[test]
fn a_thief_who_rotates_first_is_found_when_the_victim_comes() {
    let mut world = fed(true);
    let token = world.signed_in("user-1", 1);
    world.at(31 * S);
    let stolen = refresh_cookie(&world.decide_and_write(&refresh_elsewhere(&token)))
        .expect("the thief's successor");
    assert_eq!(world.at(40 * S).row(&refresh(&token)), ("7b", "ERR_SUPERSEDED", false));
    assert_eq!(world.at(151 * S).row(&refresh(&token)), ("8", "ERR_SESSION_REUSE_DETECTED", true));
    world.decide_and_write(&refresh(&token));
    assert_eq!(world.row(&refresh_elsewhere(&stolen)), ("3", "ERR_SESSION_REUSE_DETECTED", false));
}

#[test]
fn row_9_from_before_the_last_step_up_is_unfinished_until_it_is_closed() {
    let mut world = fed(true);
    let first = world.signed_in("user-1", 1);
    world.at(31 * S);
    let stepped = refresh_cookie(&world.step_up(&first, 7)).expect("stepped up");
    assert_eq!(world.parse(&stepped).generation, 3);
    for ms in [31_000, 86_400_000] {
        assert_eq!(
            world.at(ms).row(&refresh(&first)),
            ("9", "ERR_STEP_UP_UNFINISHED", false),
            "at {ms} ms"
        );
    }
    assert_eq!(
        world.row(&refresh_elsewhere(&first)),
        ("10", "ERR_SESSION_REUSE_DETECTED", true),
        "somebody else"
    );
    world.at(90_000_000).confirm(&stepped);
    for (ms, row) in [
        (90_000_000, "9"),
        (90_119_000, "9"),
        (90_119_999, "9"),
        (90_120_000, "10"),
        (90_121_000, "10"),
    ] {
        assert_eq!(world.at(ms).row(&refresh(&first)).0, row, "at {ms} ms");
    }
}

#[test]
fn row_9_without_feeding_is_open_for_retry_after_the_step_up() {
    let mut world = fed(false);
    let first = world.signed_in("user-1", 1);
    world.at(31 * S);
    world.step_up(&first, 7);
    for (ms, row) in [(150_999, "9"), (151_000, "10")] {
        assert_eq!(world.at(ms).row(&refresh(&first)).0, row, "at {ms} ms");
    }
}

#[test]
fn row_9_a_repeated_step_up_is_performed_again() {
    let mut world = fed(true);
    let first = world.signed_in("user-1", 1);
    world.at(31 * S);
    let lost = refresh_cookie(&world.step_up(&first, 7)).expect("stepped up");
    world.at(35 * S);
    let again = world.step_up(&first, 8);
    let token = refresh_cookie(&again).expect("stepped up again");
    assert_eq!((world.parse(&lost).generation, world.parse(&token).generation), (3, 6));
    assert_eq!(world.row(&refresh(&token)).0, "5");
    let Outcome::Refreshed { session, .. } = again else { panic!("{again:?}") };
    assert!(format!("{session:?}").contains("aal2"));
}

#[test]
fn row_10_older_than_that_is_reused_stale() {
    let mut world = fed(true);
    let first = world.signed_in("user-1", 1);
    let mut token = first.clone();
    for n in 1..=4 {
        world.at(n * 31 * S);
        token = world.rotate(&token);
    }
    // Generation 0 was closed at 62 s, so that its in-flight window has ended at 182 s.
    assert_eq!(world.at(181_999).row(&refresh(&first)).0, "7a");
    world.at(182 * S);
    assert_eq!(world.row(&refresh(&first)), ("10", "ERR_SESSION_REUSE_DETECTED", true));
    let outcome = world.decide_and_write(&refresh(&first));
    let Outcome::Rejected(rejection) = &outcome else { panic!("{outcome:?}") };
    assert_eq!(rejection.rotation.expect("details").verdict, "reused_stale");
    assert_eq!(world.row(&refresh(&token)), ("3", "ERR_SESSION_REUSE_DETECTED", false));
}

#[test]
fn a_straggler_that_any_number_of_rotations_has_overtaken_within_flight_is_no_thief() {
    // The record keeps 64 closings; beyond that, the oldest one stands for those before.
    for (interval, rotations) in [(15, 4), (5, 22), (1, 110)] {
        let policy = PolicyInput {
            confirmations_recorded: Some(true),
            min_rotation_interval_seconds: Some(0.0),
            ..PolicyInput::default()
        };
        let mut world = TestSite::new(site_with(&[("k1", 1)], policy));
        let first = world.signed_in("user-1", 1);
        let mut token = first.clone();
        for n in 1..=rotations {
            world.at(n * interval * S);
            token = world.rotate(&token);
        }
        // Generation 0 was closed by the second rotation.
        let end = 2 * interval + 120;
        assert_eq!(
            world.at(end * S - 1).row(&refresh(&first)),
            ("7a", "ERR_SUPERSEDED", false),
            "{rotations} rotations"
        );
        world.at(end * S + 300 * S);
        assert_eq!(world.row(&refresh(&first)).0, "10", "{rotations} rotations");
    }
}

#[test]
fn the_window_never_slides_whoever_knocks() {
    let mut world = fed(true);
    let first = world.signed_in("user-1", 1);
    world.at(31 * S);
    let second = world.rotate(&first);
    world.at(40 * S).confirm(&second);
    for ms in (40..160).map(|seconds| seconds * S) {
        let decision = world.at(ms).decide(&refresh(&first)).expect("a decision");
        assert!(decision.write.is_none(), "at {ms} ms");
    }
    assert_eq!(world.at(160 * S).row(&refresh(&first)).0, "8");
}

#[test]
fn of_several_cookies_the_highest_generation_counts_and_the_next_answer_takes_the_others() {
    let mut world = fed(true);
    let first = world.signed_in("user-1", 1);
    world.at(31 * S);
    let second = world.rotate(&first);
    world.at(70 * S);
    let both = |one: &str, other: &str| Operation::Refresh {
        request_context: None,
        request: request(&[
            ("__Host-portcullis-refresh-0", one),
            ("__Host-portcullis-refresh-1", other),
        ]),
    };
    for (one, other) in [(&first, &second), (&second, &first)] {
        assert_eq!(world.row(&both(one, other)).0, "6", "the newer one, in whichever cookie");
    }
    assert_eq!(world.row(&both(&second, "garbage")).0, "6", "what is no token is passed over");
    match world.plan(&both("x", "y")) {
        Plan::Done(outcome) => {
            assert_eq!(rejection_summary(&outcome), ("ERR_REFRESH_MALFORMED", 401, 0))
        }
        Plan::Read(_) => panic!("read"),
    }
    let decision = world.decide(&both(&first, &second)).expect("a decision");
    assert!(
        cookie(&decision.outcome, "__Host-portcullis-refresh-2")
            .is_some_and(|token| !token.is_empty())
    );
    assert_eq!(cleared_refresh_cookies(&decision.outcome), ["0", "1"]);
    world.at(71 * S);
    let other_session = world.signed_in("user-1", 9);
    let decision = world.decide(&both(&other_session, &second)).expect("a decision");
    assert_eq!(
        decision.events[0].rotation.expect("details").row,
        "5",
        "of two sessions the later one"
    );
    assert_eq!(
        cleared_refresh_cookies(&decision.outcome),
        [""; 0],
        "nothing is set, so nothing is taken"
    );
}

/// All clocks agree, and every request arrives within the in-flight window.
#[test]
fn an_answer_that_two_newer_ones_have_overtaken_displaces_nothing() {
    let mut world = fed(true);
    let first = world.signed_in("user-1", 1);
    world.at(31 * S);
    // The response takes 28.5 s. Until then the other tab sends the first token.
    let second = world.rotate(&first);
    world.at(60_900);
    let retry = world.decide_and_write(&refresh(&first)); // Sent at 59 s, answered at 93 s.
    assert_eq!(refresh_cookie(&retry).as_ref(), Some(&second));
    assert!(cookie(&retry, "__Host-portcullis-refresh-1").is_some(), "in a cookie of its own");
    world.at(61 * S);
    let third = world.rotate(&second);
    world.at(92 * S);
    let fourth = world.rotate(&third);
    world.at(93 * S).confirm(&fourth);
    let jar = Operation::Refresh {
        request_context: None,
        request: request(&[
            ("__Host-portcullis-refresh-1", &second),
            ("__Host-portcullis-refresh-3", &fourth),
        ]),
    };
    assert_eq!(world.at(153 * S).row(&jar), ("6", "ok", true));
}

#[test]
fn a_late_answer_from_before_a_step_up_displaces_nothing() {
    let mut world = fed(true);
    let first = world.signed_in("user-1", 1);
    // The request has generation 1 and is under way for 45 s.
    let late = world.at(31 * S).decide_and_write(&refresh(&first));
    // Generation 4.
    let stepped = refresh_cookie(&world.at(33 * S).step_up(&first, 7)).expect("stepped up");
    let newest = world.at(64 * S).decide_and_write(&refresh(&stepped)); // Generation 5.
    assert!(cookie(&late, "__Host-portcullis-refresh-1").is_some());
    let (late, newest) =
        (refresh_cookie(&late).expect("a token"), refresh_cookie(&newest).expect("a token"));
    world.confirm(&newest);
    let jar = Operation::Refresh {
        request_context: None,
        request: request(&[
            ("__Host-portcullis-refresh-1", &late),
            ("__Host-portcullis-refresh-5", &newest),
        ]),
    };
    assert_eq!(world.at(364 * S).row(&jar), ("6", "ok", true));
}

#[test]
fn a_refresh_that_a_sign_in_overtakes_takes_no_cookie_of_the_new_session() {
    let mut world = fed(true);
    let first = world.signed_in("user-1", 1);
    let old = world.at(31 * S).rotate(&first);
    let request_with = |token: &str| request(&[("__Host-portcullis-refresh-1", token)]);
    let Operation::SignIn(again) = sign_in("user-1", 2) else { unreachable!() };
    let signed_in =
        world.decide_and_write(&Operation::SignIn(SignIn { request: request_with(&old), ..again }));
    let name = "__Host-portcullis-refresh-17";
    assert!(
        cookie(&signed_in, name).is_some_and(|token| !token.is_empty()),
        "beyond what may be on its way"
    );
    assert_eq!(cleared_refresh_cookies(&signed_in), ["1"]);
    // The request was sent before the sign-in and is processed after it.
    let late = world.decide_and_write(&Operation::Refresh {
        request_context: None,
        request: request_with(&old),
    });
    assert_eq!(
        (rejection_summary(&late), cleared_refresh_cookies(&late)),
        (("ERR_SESSION_REVOKED", 401, 2), vec!["1".to_owned()])
    );
}

#[test]
fn a_step_up_changes_the_assurance_and_a_refresh_never_does() {
    let mut world = fed(true);
    let first = world.signed_in("user-1", 1);
    fn claims<'a>(
        outcome: &Outcome,
        world: &TestSite,
        buffer: &'a mut Vec<u8>,
    ) -> AccessTokenClaims<'a> {
        let token = cookie(outcome, "__Host-portcullis-access").expect("an access token");
        let verified = world.site.verifier.verify(&token, at(world.now), buffer).expect("good");
        AccessTokenClaims::parse(verified.claims()).expect("ours")
    }
    let [mut one, mut two, mut three] = [const { Vec::new() }; 3];
    world.at(31 * S);
    let after_refresh = world.decide_and_write(&refresh(&first));
    let before = claims(&after_refresh, &world, &mut one);
    assert_eq!((before.acr.as_deref(), before.auth_time), (Some("aal1"), NOW / 1000));
    world.at(40 * S);
    let second = refresh_cookie(&after_refresh).expect("a token");
    let stepped = world.step_up(&second, 7);
    let after = claims(&stepped, &world, &mut two);
    assert_eq!(
        (after.acr.as_deref(), after.auth_time, after.generation),
        (Some("aal2"), NOW / 1000 + 40, 4)
    );
    world.at(80 * S);
    let third = world.decide_and_write(&refresh(&refresh_cookie(&stepped).expect("a token")));
    let later = claims(&third, &world, &mut three);
    assert_eq!(
        (later.acr.as_deref(), later.auth_time, later.generation),
        (Some("aal2"), NOW / 1000 + 40, 5)
    );
    assert_eq!(
        world.parse(&refresh_cookie(&third).expect("a token")).absolute_deadline,
        world.parse(&first).absolute_deadline
    );
}

#[test]
fn a_step_up_whose_write_landed_is_found_again() {
    let mut world = fed(true);
    let first = world.signed_in("user-1", 1);
    world.at(31 * S);
    let stepped = refresh_cookie(&world.step_up(&first, 7));
    let decision = world.decide(&step_up(&first, 7, FIREFOX)).expect("a decision");
    assert!(decision.write.is_none());
    assert_eq!(refresh_cookie(&decision.outcome), stepped);
    assert_eq!(
        decision.events.iter().map(|event| event.kind).collect::<Vec<_>>(),
        [SessionEventKind::SteppedUp]
    );
}

#[test]
fn a_theft_that_a_step_up_meets_ends_the_session() {
    let mut world = fed(true);
    let first = world.signed_in("user-1", 1);
    world.at(31 * S);
    world.rotate(&first);
    let outcome = world.decide_and_write(&step_up(&first, 7, CHROME));
    assert_eq!(rejection_summary(&outcome), ("ERR_SUPERSEDED", 409, 0));
    world.at(151 * S);
    let outcome = world.decide_and_write(&step_up(&first, 7, CHROME));
    assert_eq!(rejection_summary(&outcome), ("ERR_SESSION_REUSE_DETECTED", 401, 2));
}

#[test]
fn a_successor_keeps_its_parents_key_until_that_retires() {
    let t = |seconds: u64| NOW + seconds * S;
    let ring = |old: KeyScheduleInput| {
        let key = |id: &str, seed: u8, times: KeyScheduleInput| {
            portcullis::formats::key_ring::RingKeyInput::new(
                id,
                portcullis::formats::secret_input::SecretInput::from_bytes(bytes(seed, 32)),
            )
            .with_schedule(times)
        };
        let keys = vec![
            key(
                "new",
                2,
                KeyScheduleInput {
                    active_at_ms: Some(t(60) as f64),
                    ..KeyScheduleInput::default()
                },
            ),
            key("old", 1, old),
        ];
        portcullis::formats::key_ring::KeyRingInput::new(
            keys,
            portcullis::formats::secret_input::SecretInput::from_bytes(bytes(99, 32)),
        )
    };
    let site = |old: KeyScheduleInput| {
        portcullis::decide::Site::new(portcullis::decide::SiteInput {
            issuer: "https://app.example".to_owned(),
            audience: None,
            keys: ring(old),
            token_keys: Vec::new(),
            policy: PolicyInput { confirmations_recorded: Some(true), ..PolicyInput::default() },
        })
        .expect("a site")
    };
    let mut world = TestSite::new(site(KeyScheduleInput {
        retiring_at_ms: Some(t(200) as f64),
        ..KeyScheduleInput::default()
    }));
    let old_key = world.site.key_ring.iter().find(|key| key.id == "old").expect("a key").tag;
    let first = world.signed_in("user-1", 1);
    assert_eq!(world.parse(&first).key_tag, old_key, "the upcoming key does not sign");
    world.at(100 * S);
    let second = world.rotate(&first);
    assert_eq!(
        world.parse(&second).key_tag,
        old_key,
        "the new key is active, the old one not yet retiring"
    );
    world.at(200 * S);
    let third = world.rotate(&second);
    assert_ne!(world.parse(&third).key_tag, old_key);
    assert_eq!(
        refresh_cookie(&world.decide(&refresh(&second)).expect("a decision").outcome),
        Some(third),
        "row 7 across the keys"
    );
}

#[test]
fn windows_have_ranges_and_flight_is_widened_by_twice_the_leeway() {
    let policy = |input: PolicyInput| {
        portcullis::model::policy::Policy::new(&input).map(|policy| policy.windows)
    };
    let windows = policy(PolicyInput::default()).expect("defaults");
    let seconds = [
        windows.min_rotation_interval,
        windows.concurrent_refresh,
        windows.in_flight,
        windows.lost_response,
    ]
    .map(|window| window.0);
    assert_eq!((seconds, windows.confirmations_recorded), ([30, 10, 120, 120], false));
    let bad = |input: PolicyInput| policy(input).is_err();
    let far = policy(PolicyInput { leeway_seconds: Some(120.0), ..PolicyInput::default() })
        .expect("a wider window");
    assert_eq!(far.in_flight.0, 300);
    assert!(bad(PolicyInput { concurrent_refresh_seconds: Some(61.0), ..PolicyInput::default() }));
    assert!(bad(PolicyInput { in_flight_seconds: Some(9.0), ..PolicyInput::default() }));
    assert!(bad(PolicyInput { lost_response_seconds: Some(9.0), ..PolicyInput::default() }));
}

#[test]
fn clients_are_different_only_where_both_name_a_browser_and_a_system() {
    use ClientRelation::{Different, Same, Unclear};
    const ANDROID: &str =
        "Mozilla/5.0 (Linux; Android 10; K) Chrome/142.0.0.0 Mobile Safari/537.36";
    const ANDROID_DESKTOP: &str = "Mozilla/5.0 (X11; Linux x86_64) Chrome/142.0.0.0 Safari/537.36";
    const IPHONE: &str = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) Safari/604.1";
    const IPAD_DESKTOP: &str = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Safari/605.1.15";
    const CRIOS: &str =
        "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) CriOS/142 Safari/604.1";
    const MAC_CHROME: &str =
        "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Chrome/142 Safari/537.36";
    let pairs = [
        (ANDROID, ANDROID_DESKTOP, Same),
        (IPHONE, IPAD_DESKTOP, Same),
        (CRIOS, MAC_CHROME, Same),
        (CHROME, CHROME, Same),
        (CHROME, FIREFOX, Different),
        (CHROME, ANDROID, Different),
        (IPHONE, CRIOS, Different),
        (IPHONE, ANDROID, Different),
        (CHROME, "", Unclear),
        (CHROME, "node", Unclear),
        (CHROME, "Dart/3.5 (dart:io)", Unclear),
        (CHROME, "Mozilla/5.0 (Windows NT 10.0; Win64; x64)", Unclear),
        (CHROME, "Chrome/142", Unclear),
        ("node", "curl/8.9.1", Unclear),
        ("", "", Unclear),
    ];
    for (one, other, relation) in pairs {
        let [one_family, other_family] =
            [one, other].map(|text| ClientFamily::from_user_agent(Some(text)));
        assert_eq!(one_family.relation_to(other_family), relation, "{one} | {other}");
        assert_eq!(other_family.relation_to(one_family), relation, "{other} | {one}");
    }
}

#[test]
fn the_sender_is_the_family_of_browser_and_system() {
    let of = |text: &str| ClientFamily::from_user_agent(Some(text));
    assert_eq!(
        of(FIREFOX),
        of("Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:151.0) Gecko/20100101 Firefox/151.0")
    );
    assert_ne!(of(FIREFOX), of(CHROME));
    assert_ne!(of(CHROME), of(&CHROME.replace("Windows NT 10.0; Win64; x64", "X11; Linux x86_64")));
    assert_ne!(of(CHROME), of(&format!("{CHROME} Edg/140.0.0.0")));
    assert_eq!(
        of("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Safari/604.1"),
        of("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Version/18.0 Safari/605.1.15"),
        "the page for desktops"
    );
    assert_eq!(of(""), ClientFamily::from_user_agent(None));
    assert_eq!(of(&"x".repeat(1_000_000)), ClientFamily::default());
    assert_eq!(
        of(&format!("{}Firefox/1", "é".repeat(256))),
        ClientFamily::default(),
        "only the first 512 bytes are looked at"
    );
}

#[test]
fn the_table_answers_facts_alone() {
    let step_up = StepUpRecord {
        generation: 9,
        at: at(NOW),
        rotated_by: ClientFamily::default(),
        closed_at: None,
    };
    let session = SessionFacts {
        generation: 9,
        secret_matches: false,
        successor_is_current: false,
        rotated_at: at(NOW),
        rotated_by: ClientFamily::default(),
        confirmed_at: None,
        closed_at: None,
        step_up: None,
        expires_at: at(NOW + 1_000_000),
    };
    let windows = fed(true).site.policy.windows;
    let facts = |generation, session| RotationFacts {
        now: at(NOW + 70_000),
        presented_token: PresentedTokenFacts {
            generation,
            absolute_deadline: at(u64::MAX),
            client_family: ClientFamily::default(),
        },
        session,
        removal_reason: None,
        windows,
    };
    let row = |generation, session| {
        let RotationDecision { row, verdict: answer } =
            decide_rotation(&facts(generation, session));
        (row, answer)
    };
    assert_eq!(row(9, Some(session)), ("6a", RotationVerdict::SecretMismatch));
    assert_eq!(row(10, Some(session)), ("4", RotationVerdict::AheadOfRecord));
    assert_eq!(
        row(8, Some(session)),
        ("8", RotationVerdict::ReusedLate),
        "a successor that is not the current one"
    );
    assert_eq!(
        row(8, Some(SessionFacts { step_up: Some(step_up), ..session })),
        ("9", RotationVerdict::StepUpUnfinished)
    );
    assert_eq!(row(0, Some(session)), ("10", RotationVerdict::ReusedStale));
    let removed = RotationFacts { removal_reason: Some(RemovalReason::Reused), ..facts(9, None) };
    assert_eq!(
        decide_rotation(&removed),
        RotationDecision { row: "3", verdict: RotationVerdict::Reused }
    );
}

#[test]
fn only_the_last_four_closings_are_remembered() {
    let mut world = fed(true);
    let mut token = world.signed_in("user-1", 1);
    for n in 1..=10 {
        world.at(n * 31 * S);
        token = world.rotate(&token);
    }
    let key = world.parse(&token).session.subject;
    let record = SubjectRecord::unseal(
        &world.site.key_ring,
        &key,
        world.record.as_deref().expect("a record"),
    )
    .expect("opens");
    assert_eq!(
        record.sessions().expect("sessions")[0]
            .closed_generations
            .iter()
            .map(|closed| closed.generation)
            .collect::<Vec<_>>(),
        [5, 6, 7, 8]
    );
}
