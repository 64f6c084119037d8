//! The protocol of decide and swap, for each row of the rotation table. Runs natively and on
//! wasm32.

mod support;

use portcullis::decide::{Operation, Outcome, Plan, SessionEventKind, session_to_replace};
use portcullis::formats::id::SessionId;
use portcullis::formats::token::refresh_token::RefreshToken;
use portcullis::foundation::error::ErrorCode;
use portcullis::foundation::secret::Entropy;
use portcullis::model::policy::PolicyInput;
use support::*;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

fn session_of(world: &TestSite, token: &str) -> SessionId {
    RefreshToken::parse(token, &world.site.key_ring).expect("our token").session
}

#[test]
fn row_1_malformed_wrong_version_bad_mac_is_rejected_without_a_read() {
    let mut world = TestSite::new(site());
    let token = world.signed_in("user-1", 1);
    let foreign =
        TestSite::new(site_with(&[("k1", 7)], PolicyInput::default())).signed_in("user-1", 1);
    for bad in [
        "",
        "x",
        "pcr1_",
        &token[1..],
        &token[..token.len() - 1],
        &format!("{token}A"),
        &token.replacen("pcr1_", "pcr2_", 1),
        &foreign,
    ] {
        match world.plan(&refresh(bad)) {
            Plan::Done(outcome) => {
                assert_eq!(rejection_summary(&outcome), ("ERR_REFRESH_MALFORMED", 401, 0), "{bad}")
            }
            Plan::Read(_) => panic!("{bad} was read for"),
        }
    }
}

#[test]
fn row_2_a_deadline_that_has_passed_is_expired_and_writes_nothing() {
    let mut world = TestSite::new(site_with(
        &[("k1", 1)],
        PolicyInput {
            idle_timeout_seconds: Some(600.0),
            absolute_timeout_seconds: Some(1000.0),
            ..PolicyInput::default()
        },
    ));
    let token = world.signed_in("user-1", 1);
    for (seconds, expected) in [
        (599, None),
        (600, Some(0)),
        (999, Some(0)),
        (1000, Some(0)),
        (1030, Some(0)),
        (1031, Some(2)),
    ] {
        world.now = NOW + seconds * SECOND;
        let decision = world.decide(&refresh(&token)).expect("a decision");
        match expected {
            None => {
                assert!(matches!(decision.outcome, Outcome::Refreshed { .. }), "at {seconds} s")
            }
            Some(cleared) => {
                assert_eq!(
                    rejection_summary(&decision.outcome),
                    ("ERR_SESSION_EXPIRED", 401, cleared),
                    "at {seconds} s"
                );
                assert!(decision.write.is_none(), "at {seconds} s");
            }
        }
    }
}

#[test]
fn row_3_a_session_that_is_gone_is_refused_by_its_kept_cause() {
    let mut world = TestSite::new(site_with(
        &[("k1", 1)],
        PolicyInput { max_sessions_per_subject: Some(2.0), ..PolicyInput::default() },
    ));
    let first = world.signed_in("user-1", 1);
    world.advance_seconds(60);
    let second = world.signed_in("user-1", 2);
    world.advance_seconds(60);
    world.signed_in("user-1", 3);
    assert_eq!(
        rejection_summary(&world.decide_and_write(&refresh(&first))),
        ("ERR_SESSION_EVICTED", 401, 2)
    );
    let session_id = session_of(&world, &second).encode();
    assert!(matches!(
        world.decide_and_write(&Operation::Revoke { session_id }),
        Outcome::Revoked { count: 1 }
    ));
    assert_eq!(
        rejection_summary(&world.decide_and_write(&refresh(&second))),
        ("ERR_SESSION_REVOKED", 401, 2)
    );
    world.record = None;
    assert_eq!(
        rejection_summary(&world.decide_and_write(&refresh(&second))),
        ("ERR_SESSION_UNKNOWN", 401, 0)
    );
}

#[test]
fn row_5_within_the_throttle_only_the_access_token_is_new() {
    let mut world = TestSite::new(site());
    let token = world.signed_in("user-1", 1);
    for ms in [0, 1, 29_999] {
        world.now = NOW + ms;
        let decision = world.decide(&refresh(&token)).expect("a decision");
        assert!(decision.write.is_none());
        assert!(cookie(&decision.outcome, "__Host-portcullis-access").is_some());
        assert!(refresh_cookie(&decision.outcome).is_none());
    }
}

#[test]
fn row_6_the_same_generation_and_secret_rotate_once_the_throttle_is_over() {
    let mut world = TestSite::new(site());
    let token = world.signed_in("user-1", 1);
    world.advance_seconds(30);
    let outcome = world.decide_and_write(&refresh(&token));
    let next = refresh_cookie(&outcome).expect("a new refresh token");
    let next = RefreshToken::parse(&next, &world.site.key_ring).expect("our token");
    assert_eq!(
        (next.generation, next.issued_at, next.absolute_deadline),
        (1, at(world.now), at(NOW + 2_592_000 * SECOND))
    );
}

#[test]
fn every_retry_derives_the_same_successor() {
    let mut world = TestSite::new(site());
    let token = world.signed_in("user-1", 1);
    world.advance_seconds(31);
    let successor = |world: &mut TestSite| {
        refresh_cookie(&world.decide(&refresh(&token)).expect("a decision").outcome)
    };
    let first = successor(&mut world);
    assert!(first.is_some());
    assert_eq!(first, successor(&mut world));
}

#[test]
fn a_refresh_never_raises_the_assurance_or_the_deadlines_it_may_not() {
    let mut world = TestSite::new(site());
    let mut token = world.signed_in("user-1", 1);
    let before =
        format!("{:?}", world.decide_and_write(&Operation::List { subject: "user-1".to_owned() }));
    for _ in 0..5 {
        world.advance_seconds(3600);
        token = refresh_cookie(&world.decide_and_write(&refresh(&token))).expect("a successor");
    }
    let after =
        format!("{:?}", world.decide_and_write(&Operation::List { subject: "user-1".to_owned() }));
    let field = |text: &str, name: &str| {
        text.split(name).nth(1).and_then(|rest| rest.split(", ").next()).map(str::to_owned)
    };
    for name in [
        "created_at_ms: ",
        "authenticated_at_ms: ",
        "absolute_deadline_ms: ",
        "acr: ",
        "amr: ",
        "id: ",
    ] {
        assert_eq!(field(&before, name), field(&after, name), "{name}");
    }
    assert_ne!(field(&before, "idle_deadline_ms: "), field(&after, "idle_deadline_ms: "));
}

#[test]
fn a_sign_in_that_finds_its_own_sid_knows_that_its_write_landed() {
    let mut world = TestSite::new(site());
    world.decide_and_write(&sign_in("user-1", 1));
    let again = world.decide(&sign_in("user-1", 1)).expect("a decision");
    assert!(again.write.is_none());
    assert!(matches!(again.outcome, Outcome::SignedIn { .. }));
    assert_eq!(
        again.events.iter().map(|event| event.kind).collect::<Vec<_>>(),
        [SessionEventKind::SignIn]
    );
}

#[test]
fn a_sign_in_ends_the_session_of_the_same_subject_that_it_came_with() {
    let mut world = TestSite::new(site());
    let token = world.signed_in("user-1", 1);
    let Operation::SignIn(mut again) = sign_in("user-1", 2) else { unreachable!() };
    again.request = request(&[("__Host-portcullis-refresh-0", &token)]);
    assert_eq!(session_to_replace(&world.site, &again).expect("an answer"), None);
    again.subject = "user-2".to_owned();
    assert_eq!(
        session_to_replace(&world.site, &again).expect("an answer"),
        Some(session_of(&world, &token).encode())
    );
    again.subject = "user-1".to_owned();
    world.decide_and_write(&Operation::SignIn(again));
    assert_eq!(
        rejection_summary(&world.decide_and_write(&refresh(&token))),
        ("ERR_SESSION_REVOKED", 401, 2)
    );
}

#[test]
fn revoke_all_spares_the_one_it_is_told_to() {
    let mut world = TestSite::new(site());
    let tokens: Vec<_> = (1..=4).map(|seed| world.signed_in("user-1", seed)).collect();
    let except = Some(session_of(&world, &tokens[2]).encode());
    let subject = "user-1".to_owned();
    assert!(matches!(
        world.decide_and_write(&Operation::RevokeAll { subject: subject.clone(), except }),
        Outcome::Revoked { count: 3 }
    ));
    let rejected: Vec<_> = tokens
        .iter()
        .map(|token| matches!(world.decide_and_write(&refresh(token)), Outcome::Rejected(_)))
        .collect();
    assert_eq!(rejected, [true, true, false, true]);
    let foreign = SessionId {
        subject: world.site.key_ring.subject_index_key("user-2"),
        ..session_of(&world, &tokens[2])
    };
    assert!(matches!(
        world.decide_and_write(&Operation::RevokeAll { subject, except: Some(foreign.encode()) }),
        Outcome::Revoked { count: 1 }
    ));
}

#[test]
fn nothing_is_written_where_there_is_nothing_to_end() {
    let mut world = TestSite::new(site());
    world.signed_in("user-1", 1);
    let nobody = SessionId {
        subject: world.site.key_ring.subject_index_key("user-1"),
        local_id: portcullis::formats::id::LocalSessionId([7; 16]),
    };
    let operations = [
        Operation::Revoke { session_id: nobody.encode() },
        Operation::List { subject: "user-1".to_owned() },
        Operation::SignOut { request: request(&[]) },
    ];
    for operation in operations {
        assert!(world.decide(&operation).expect("a decision").write.is_none(), "{operation:?}");
    }
}

#[test]
fn what_is_long_over_is_dropped_by_the_next_writer_and_not_before() {
    let mut world = TestSite::new(site_with(
        &[("k1", 1)],
        PolicyInput { absolute_timeout_seconds: Some(600.0), ..PolicyInput::default() },
    ));
    let first = world.signed_in("user-1", 1);
    world.advance_seconds(600 + 86_399);
    world.signed_in("user-1", 2);
    assert_eq!(
        rejection_summary(&world.decide_and_write(&refresh(&first))).0,
        "ERR_SESSION_EXPIRED"
    );
    let kept = world.record.as_ref().map(Vec::len);
    world.advance_seconds(1);
    world.signed_in("user-1", 3);
    assert_eq!(world.record.as_ref().map(Vec::len), kept, "one came, one went");
}

#[test]
fn a_record_that_would_outgrow_64_kib_is_refused_at_sign_in_and_never_on_refresh() {
    let mut world = TestSite::new(site_with(
        &[("k1", 1)],
        PolicyInput { max_sessions_per_subject: Some(256.0), ..PolicyInput::default() },
    ));
    let token = world.signed_in("user-1", 0);
    let grow = |seed: u8| {
        let Operation::SignIn(mut large) = sign_in("user-1", seed) else { unreachable!() };
        large.data = Some(format!("\"{}\"", "x".repeat(1022)));
        Operation::SignIn(large)
    };
    let full = (1..=80).find_map(|seed| match world.decide(&grow(seed)) {
        Ok(_) => {
            world.decide_and_write(&grow(seed));
            None
        }
        Err(error) => Some(error.code()),
    });
    assert_eq!(full, Some(ErrorCode::RecordFull));
    world.advance_seconds(31);
    assert!(matches!(
        world.decide_and_write(&refresh(&token)),
        Outcome::Refreshed { rotated: true, .. }
    ));
}

#[test]
fn without_entropy_nothing_is_issued() {
    let world = TestSite::new(site());
    for entropy in [Vec::new(), bytes(1, 43), vec![0; 44]] {
        let decision = portcullis::decide::decide(
            &world.site,
            &sign_in("user-1", 1),
            None,
            at(NOW),
            &mut Entropy::new(entropy),
        );
        assert_eq!(decision.expect_err("no entropy").code(), ErrorCode::Entropy);
    }
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    let live = || {
        let mut world = TestSite::new(site());
        let token = world.signed_in("user-1", 1);
        world.advance_seconds(40);
        (refresh_cookie(&world.decide_and_write(&refresh(&token))), world.record)
    };
    assert_eq!(live(), live());
}

#[test]
fn a_sealed_record_is_small() {
    let mut world = TestSite::new(site());
    for seed in 1..=8 {
        let Operation::SignIn(mut plain) = sign_in("0f8fad5b-d9cb-469f-a165-70867728950e", seed)
        else {
            unreachable!()
        };
        plain.data = None;
        world.decide_and_write(&Operation::SignIn(plain));
    }
    let size = world.record.map(|record| record.len()).unwrap_or_default();
    assert!(size <= 200 + 8 * 160, "{size} bytes for 8 sessions");
}

#[test]
fn nothing_secret_is_printed() {
    let mut world = TestSite::new(site());
    let operation = sign_in("user-1", 1);
    let outcome = world.decide_and_write(&operation);
    let token = refresh_cookie(&outcome).expect("a token");
    let printed = format!("{outcome:?} {operation:?} {:?} {:?}", world.site, refresh(&token));
    let access = cookie(&outcome, "__Host-portcullis-access").expect("a token");
    let (_, claims_and_signature) = access.split_once('.').expect("segments");
    for secret in [&token[100..140], &claims_and_signature[..40], &access[access.len() - 40..]] {
        assert!(!printed.contains(secret), "{printed}");
    }
}
