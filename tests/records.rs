//! Records in the store outlive releases: every format ever written stays readable, a newer one is refused and never lost,
//! and none grows beyond what is promised. Runs natively and on wasm32.

mod fixtures;
mod world;

use fixtures::{FIXTURES, described, fixtures, made, restored};
use portcullis::decide::{MintedInput, Operation, Outcome, SignIn, StepUp};
use portcullis::error::Code;
use portcullis::policy::PolicyInput;
use portcullis::record::{CLOSED_KEPT, Cause, Closed, SessionRecord, SubjectRecord};
use portcullis::seal;
use portcullis::time::{Seconds, Timestamp};
use portcullis::token::refresh::RefreshToken;
use serde_json::Value;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;
use world::*;

const SUBJECT: &str = "3f2504e0-4f89-41d3-9a0c-0305e82c3301";
const ACCESS: &str = "__Host-portcullis-access";

fn world() -> World {
    World::new(site_with(&[("k1", 1)], fed()))
}

fn fed() -> PolicyInput {
    PolicyInput { confirmation_fed: Some(true), ..PolicyInput::default() }
}

fn opened(world: &World) -> SubjectRecord {
    let sealed = world.record.as_deref().expect("a record");
    SubjectRecord::open(&world.site.ring, &world.site.ring.subject_key(SUBJECT), sealed).expect("a readable record")
}

#[test]
fn every_format_has_a_fixture() {
    let versions: Vec<u8> = FIXTURES.iter().map(|(version, _)| *version).collect();
    assert_eq!(versions, (1..=seal::FORMAT).collect::<Vec<_>>());
    for (version, fixture) in fixtures() {
        assert_eq!(restored(&fixture).record.expect("a record").first(), Some(&version));
    }
}

/// Prints it as well: `cargo test --test records can_be_made -- --nocapture`
#[test]
fn a_fixture_of_the_format_of_today_can_be_made() {
    let fixture = made();
    assert_eq!(described(&opened(&restored(&fixture))), fixture["content"]);
    println!("{}", serde_json::to_string_pretty(&fixture).expect("JSON"));
}

#[test]
fn a_record_of_every_format_opens_and_holds_what_was_put_into_it() {
    for (version, fixture) in fixtures() {
        assert_eq!(described(&opened(&restored(&fixture))), fixture["content"], "format {version}");
    }
}

#[test]
fn every_session_of_an_old_record_goes_on_and_is_written_in_the_format_of_today() {
    for (version, fixture) in fixtures() {
        let tokens = fixture["refreshTokens"].as_array().expect("tokens");
        assert_eq!(tokens.len(), fixture["content"]["sessions"].as_array().expect("sessions").len());
        for token in tokens.iter().filter_map(Value::as_str) {
            let mut world = restored(&fixture);
            world.later(31);
            let next = refresh_cookie(&world.run(&refresh(token))).expect("a successor");
            assert_eq!(world.record.as_ref().and_then(|sealed| sealed.first()), Some(&seal::FORMAT));
            world.later(31);
            assert!(refresh_cookie(&world.run(&refresh(&next))).is_some(), "format {version}: the one after it");
        }
        for (token, code) in fixture["refused"].as_object().expect("tokens of sessions that ended") {
            let code = code.as_str().expect("a code");
            assert_eq!(refusal(&restored(&fixture).run(&refresh(token))), (code, 401, 2));
        }
    }
}

/// Whoever adds an operation has to think of it here.
fn place(operation: &Operation) -> usize {
    match operation {
        Operation::SignIn(_) => 0,
        Operation::Refresh { .. } => 1,
        Operation::SignOut { .. } => 2,
        Operation::StepUp(_) => 3,
        Operation::Check { .. } => 4,
        Operation::Find { .. } => 5,
        Operation::Update { .. } => 6,
        Operation::Confirm { .. } => 7,
        Operation::Revoke { .. } => 8,
        Operation::RevokeAll { .. } => 9,
        Operation::List { .. } => 10,
    }
}

#[test]
fn a_record_of_a_newer_format_is_refused_by_every_operation_and_nothing_is_written() {
    let mut world = world();
    let first = world.run(&rich_sign_in(1));
    let [access, token] = [cookie(&first, ACCESS), refresh_cookie(&first)].map(|value| value.expect("a cookie"));
    let id = RefreshToken::parse(&token, &world.site.ring).expect("our token").session.text();
    let request = || request(&[(ACCESS, &access), ("__Host-portcullis-refresh-0", &token)]);
    let session_id = || id.clone();
    let all = [
        rich_sign_in(2),
        Operation::Refresh { request: request() },
        Operation::SignOut { request: request() },
        step_up(&token, 3),
        Operation::Check { request: request() },
        Operation::Find { session_id: session_id() },
        Operation::Update { session_id: session_id(), data: None },
        Operation::Confirm { session_id: session_id(), generation: 0 },
        Operation::Revoke { session_id: session_id() },
        Operation::RevokeAll { subject: SUBJECT.to_owned(), except: None },
        Operation::List { subject: SUBJECT.to_owned() },
    ];
    assert_eq!(all.each_ref().map(place), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    world.later(31);
    let good = world.record.clone();
    for operation in &all {
        assert!(world.decide(operation).is_ok(), "today's format: {operation:?}");
        for version in [seal::FORMAT + 1, u8::MAX] {
            world.record = good.clone().map(|sealed| [&[version], &sealed[1..]].concat());
            let refused = world.decide(operation).expect_err("no decision, and so no write");
            assert_eq!((refused.code(), refused.code().code()), (Code::RecordNewer, "ERR_RECORD_NEWER"));
        }
        world.record.clone_from(&good);
    }
    assert!(refresh_cookie(&world.run(&refresh(&token))).is_some(), "once this release is updated");
}

/// A UUID as the subject, everything that can happen to a session, and no data, label or claims of the application's.
#[test]
fn a_sealed_record_has_at_most_200_bytes_and_160_more_for_each_session() {
    let mut world = world();
    let session = old_session(&mut world);
    for count in [1, 8, 32, 64] {
        let mut record = SubjectRecord::new(SUBJECT);
        record.sessions = vec![session.clone(); count];
        let (size, most) = (sealed(&world, &record).len(), 200 + 160 * count);
        println!("{count} sessions: {size} bytes of {most}");
        assert!(size <= most, "{size} bytes for {count} sessions, and {most} are the most");
    }
}

#[test]
fn a_session_that_ended_and_is_remembered_takes_23_bytes_until_the_17th_displaces_it() {
    let mut world = world();
    let session = old_session(&mut world);
    let mut record = SubjectRecord::new(SUBJECT);
    let alone = sealed(&world, &record).len();
    for count in 1..=17 {
        record.sessions.push(session.clone());
        record.end_sessions(Cause::Reused, at(world.now), |_| true);
        assert_eq!(sealed(&world, &record).len(), alone + 23 * count.min(16));
    }
}

/// Stepped up, rotated every 30 seconds for 30 days, and used.
fn old_session(world: &mut World) -> SessionRecord {
    let Operation::SignIn(sign_in) = rich_sign_in(1) else { unreachable!() };
    let operation = Operation::SignIn(SignIn { data: None, label: None, claims: None, jkt: None, ..sign_in });
    let mut token = refresh_cookie(&world.run(&operation)).expect("a refresh cookie");
    token = refresh_cookie(&world.run(&step_up(&token, 1))).expect("a step-up");
    for _ in 0..=CLOSED_KEPT {
        world.later(31);
        token = refresh_cookie(&world.run(&refresh(&token))).expect("a rotation");
    }
    confirm(world, &token);
    let mut session = opened(world).sessions.remove(0);
    assert_eq!((session.closed.len(), session.confirmed_at.is_some()), (CLOSED_KEPT, true));
    // Only the counters and the month are not lived through.
    let rotations = 30 * 24 * 3600 / 30;
    session.generation += rotations;
    let month = |time: Timestamp| time.plus(Seconds(29 * 24 * 3600));
    session.closed.iter_mut().for_each(|closed| {
        *closed = Closed { generation: closed.generation + rotations, at: month(closed.at) };
    });
    session.rotated_at = month(session.rotated_at);
    session.confirmed_at = session.confirmed_at.map(month);
    session.idle_deadline = month(session.idle_deadline).min(session.absolute_deadline);
    session.step_up.as_mut().expect("a step-up").generation += rotations;
    session
}

fn sealed(world: &World, record: &SubjectRecord) -> Vec<u8> {
    let ring = &world.site.ring;
    record.seal_with_nonce(ring.current(at(world.now)), &ring.subject_key(SUBJECT), &[7; 24]).expect("sealed")
}

fn confirm(world: &mut World, token: &str) {
    let token = RefreshToken::parse(token, &world.site.ring).expect("our token");
    let confirm = Operation::Confirm { session_id: token.session.text(), generation: token.generation };
    assert!(matches!(world.run(&confirm), Outcome::Confirmed { confirmed: true }));
}

fn rich_sign_in(seed: u8) -> Operation {
    Operation::SignIn(SignIn {
        request: request(&[]),
        subject: SUBJECT.to_owned(),
        data: Some(r#"{"cart":[1,2]}"#.to_owned()),
        claims: Some(r#"{"role":"editor"}"#.to_owned()),
        jkt: Some("0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I".to_owned()),
        acr: Some("aal1".to_owned()),
        amr: vec!["pwd".to_owned()],
        label: Some("Firefox on Linux".to_owned()),
        minted: MintedInput::new(bytes(seed, 48)),
    })
}

fn step_up(token: &str, seed: u8) -> Operation {
    Operation::StepUp(StepUp {
        request: request(&[("__Host-portcullis-refresh-0", token)]),
        acr: Some("aal2".to_owned()),
        amr: vec!["pwd".to_owned(), "otp".to_owned()],
        minted: MintedInput::new(bytes(seed.wrapping_add(100), 48)),
    })
}
