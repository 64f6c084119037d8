//! Stored records outlive releases: every format that was ever written stays readable, a newer
//! format is rejected and kept, and no record exceeds its size limit. Runs natively and on wasm32.

mod fixtures;
mod support;

use fixtures::{FIXTURES, described, fixtures, made, restored};
use portcullis::decide::{InitialEntropyInput, Operation, Outcome, SignIn, StepUp};
use portcullis::formats::id::LocalSessionId;
use portcullis::formats::seal::{self, SealPurpose};
use portcullis::formats::token::refresh_token::RefreshToken;
use portcullis::foundation::error::{Error, ErrorCode};
use portcullis::foundation::time::{Seconds, Timestamp};
use portcullis::model::policy::PolicyInput;
use portcullis::model::record::{ClosedGeneration, RemovalReason, SessionRecord, SubjectRecord};
use serde_json::Value;
use support::*;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

const SUBJECT: &str = "3f2504e0-4f89-41d3-9a0c-0305e82c3301";
const ACCESS: &str = "__Host-portcullis-access";

fn world() -> TestSite {
    TestSite::new(site_with(&[("k1", 1)], fed()))
}

fn fed() -> PolicyInput {
    PolicyInput { confirmations_recorded: Some(true), ..PolicyInput::default() }
}

fn opened(world: &TestSite) -> SubjectRecord {
    reopened(world, world.record.as_deref().expect("a record"))
}

#[test]
fn every_format_has_a_fixture() {
    let versions: Vec<u8> = FIXTURES.iter().map(|(version, _)| *version).collect();
    assert_eq!(versions, (1..=seal::FORMAT).collect::<Vec<_>>());
    for (version, fixture) in fixtures() {
        assert_eq!(restored(&fixture).record.expect("a record").first(), Some(&version));
    }
}

/// To print the record: `cargo test --test records can_be_made -- --nocapture`
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
        assert_eq!(
            tokens.len(),
            fixture["content"]["sessions"].as_array().expect("sessions").len()
        );
        for token in tokens.iter().filter_map(Value::as_str) {
            let mut world = restored(&fixture);
            world.advance_seconds(31);
            let next =
                refresh_cookie(&world.decide_and_write(&refresh(token))).expect("a successor");
            assert_eq!(
                world.record.as_ref().and_then(|sealed| sealed.first()),
                Some(&seal::FORMAT)
            );
            world.advance_seconds(31);
            assert!(
                refresh_cookie(&world.decide_and_write(&refresh(&next))).is_some(),
                "format {version}: the one after it"
            );
        }
        for (token, code) in fixture["refused"].as_object().expect("tokens of sessions that ended")
        {
            let code = code.as_str().expect("a code");
            assert_eq!(
                rejection_summary(&restored(&fixture).decide_and_write(&refresh(token))),
                (code, 401, 2)
            );
        }
    }
}

/// A new operation needs a line here, because the match is exhaustive.
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
        Operation::Profile { .. } => 11,
    }
}

#[test]
fn a_record_of_a_newer_format_is_refused_by_every_operation_and_nothing_is_written() {
    let mut world = world();
    let first = world.decide_and_write(&rich_sign_in(1));
    let [access, token] =
        [cookie(&first, ACCESS), refresh_cookie(&first)].map(|value| value.expect("a cookie"));
    let id = RefreshToken::parse(&token, &world.site.key_ring).expect("our token").session.encode();
    let request = || request(&[(ACCESS, &access), ("__Host-portcullis-refresh-0", &token)]);
    let session_id = || id.clone();
    let all = [
        rich_sign_in(2),
        Operation::Refresh { request_context: None, request: request() },
        Operation::SignOut { request: request() },
        step_up(&token, 3),
        Operation::Check { is_inner: false, request_context: None, request: request() },
        Operation::Find { session_id: session_id() },
        Operation::Update { session_id: session_id(), data: None },
        Operation::Confirm { session_id: session_id(), generation: 0 },
        Operation::Revoke { session_id: session_id() },
        Operation::RevokeAll { subject: SUBJECT.to_owned(), except: None },
        Operation::List { subject: SUBJECT.to_owned() },
        Operation::Profile { subject: SUBJECT.to_owned(), erase: true },
    ];
    assert_eq!(all.each_ref().map(place), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
    world.advance_seconds(31);
    let good = world.record.clone();
    for operation in &all {
        assert!(world.decide(operation).is_ok(), "today's format: {operation:?}");
        for version in [seal::FORMAT + 1, u8::MAX] {
            world.record = good.clone().map(|sealed| [&[version], &sealed[1..]].concat());
            let rejected = world.decide(operation).expect_err("no decision, and so no write");
            assert_eq!(
                (rejected.code(), rejected.code().code()),
                (ErrorCode::RecordVersion, "ERR_RECORD_VERSION")
            );
        }
        world.record.clone_from(&good);
    }
    assert!(
        refresh_cookie(&world.decide_and_write(&refresh(&token))).is_some(),
        "once this release is updated"
    );
}

#[test]
fn a_session_that_nobody_used_is_written_as_it_was_and_one_that_was_used_the_same_way() {
    let (world, record) = several();
    let before = sealed(&world, &record);
    let sids: Vec<LocalSessionId> =
        record.session_summaries().map(|session| session.local_id).collect();
    assert_eq!(sids.len(), 3);
    for used in 0..=sids.len() {
        let mut record = reopened(&world, &before);
        for sid in &sids[..used] {
            record.session_mut(*sid).expect("readable").expect("there");
        }
        assert_eq!(sealed(&world, &record), before, "{used} of them opened, and nothing changed");
    }
}

#[test]
fn a_change_of_one_session_leaves_the_others_as_they_were() {
    let (world, record) = several();
    let described = described(&record);
    for (place, head) in record.session_summaries().enumerate() {
        let mut record = reopened(&world, &sealed(&world, &record));
        record.session_mut(head.local_id).expect("readable").expect("there").label =
            Some("another".to_owned());
        let mut expected = described.clone();
        expected["sessions"][place]["label"] = "another".into();
        assert_eq!(fixtures::described(&reopened(&world, &sealed(&world, &record))), expected);
    }
}

/// A sign-in sets the defaults of the record. The other sessions keep their values.
#[test]
fn a_sign_in_that_differs_from_all_others_leaves_them_as_they_were() {
    let (world, record) = several();
    let mut reopened_once = reopened(&world, &sealed(&world, &record));
    let newest = unusual(record.sessions().expect("sessions")[0]);
    admit(&mut reopened_once, newest.clone());
    let now = described(&reopened(&world, &sealed(&world, &reopened_once)));
    let sessions = now["sessions"].as_array().expect("sessions");
    assert_eq!(sessions[..3], *described(&record)["sessions"].as_array().expect("sessions"));
    assert_eq!(
        (&sessions[3]["acr"], &sessions[3]["keyTag"]),
        (&Value::Null, &"0707070707070707".into())
    );
}

/// Only a holder of the key can write such a record. The core rejects it nevertheless.
#[test]
fn content_that_is_cut_lengthened_or_no_record_is_corrupt() {
    let (world, record) = several();
    let plain = plaintext(&world, &sealed(&world, &record));
    let read = |plain: &[u8]| {
        let record = open(&world, &sealed_plain(&world, plain))?;
        record.sessions().map(|sessions| sessions.len())
    };
    assert_eq!(read(&plain).ok(), Some(3));
    let mut whole = Vec::new();
    for length in 0..plain.len() {
        match read(&plain[..length]) {
            Ok(sessions) => whole.push(sessions),
            Err(error) => assert_eq!(error.code(), ErrorCode::RecordCorrupt, "cut to {length}"),
        }
    }
    assert_eq!(whole, [0, 1, 2], "cut between two sessions it is the record of fewer");
    for more in [&[0][..], &[1, 0], &[0xff; 20]] {
        assert_eq!(
            read(&[&plain, more].concat()).map_err(|error| error.code()),
            Err(ErrorCode::RecordCorrupt)
        );
    }
    for place in 0..plain.len() {
        let mut changed = plain.clone();
        changed[place] ^= 0xff;
        if let Err(error) = read(&changed) {
            assert_eq!(error.code(), ErrorCode::RecordCorrupt, "byte {place}");
        }
    }
}

/// An invalid session fails the operation that needs it, and no other operation.
#[test]
fn a_session_that_cannot_be_read_is_corrupt_to_whoever_uses_it_and_nothing_is_written() {
    let mut world = world();
    let (first, second) = (world.signed_in(SUBJECT, 1), world.signed_in(SUBJECT, 2));
    let mut plain = plaintext(&world, world.record.as_deref().expect("a record"));
    // The last byte says whether optional fields follow. The value 2 is invalid.
    assert_eq!(plain.pop(), Some(0));
    plain.push(2);
    world.record = Some(sealed_plain(&world, &plain));
    world.advance_seconds(31);
    let list = Operation::List { subject: SUBJECT.to_owned() };
    for operation in [refresh(&second), list, rich_sign_in(3)] {
        assert_eq!(
            world.decide(&operation).expect_err("no decision").code(),
            ErrorCode::RecordCorrupt
        );
    }
    let next = refresh_cookie(&world.decide_and_write(&refresh(&first))).expect("a successor");
    world.advance_seconds(31);
    assert!(refresh_cookie(&world.decide_and_write(&refresh(&next))).is_some());
    assert_eq!(
        world.decide(&refresh(&second)).expect_err("no decision").code(),
        ErrorCode::RecordCorrupt
    );
    let all = Operation::RevokeAll { subject: SUBJECT.to_owned(), except: None };
    assert!(matches!(world.decide_and_write(&all), Outcome::Revoked { count: 2 }), "the way out");
}

/// A test site with a record of three different sessions.
fn several() -> (TestSite, SubjectRecord) {
    let (_, fixture) = fixtures().last().expect("the format of today");
    let world = restored(&fixture);
    let record = opened(&world);
    (world, record)
}

fn open(world: &TestSite, sealed: &[u8]) -> Result<SubjectRecord, Error> {
    SubjectRecord::unseal(
        &world.site.key_ring,
        &world.site.key_ring.subject_index_key(SUBJECT),
        sealed,
    )
}

fn reopened(world: &TestSite, sealed: &[u8]) -> SubjectRecord {
    open(world, sealed).expect("a readable record")
}

fn plaintext(world: &TestSite, sealed: &[u8]) -> Vec<u8> {
    let (ring, store_key) =
        (&world.site.key_ring, world.site.key_ring.subject_index_key(SUBJECT).store_key());
    seal::unseal(|tag| ring.find_by_tag(tag), SealPurpose::Record(&store_key), sealed)
        .expect("opened")
        .to_vec()
}

fn sealed_plain(world: &TestSite, plain: &[u8]) -> Vec<u8> {
    let (ring, store_key) =
        (&world.site.key_ring, world.site.key_ring.subject_index_key(SUBJECT).store_key());
    let key = ring.current_key(at(world.now));
    seal::seal_with_nonce(key, SealPurpose::Record(&store_key), &[7; 24], plain).expect("sealed")
}

/// A record whose subject is a UUID. Everything that can happen to a session has happened; the
/// application added no data, label or claims.
#[test]
fn a_sealed_record_has_at_most_200_bytes_and_160_more_for_each_session() {
    let mut world = world();
    let session = old_session(&mut world);
    for count in [1, 8, 32, 64] {
        let mut record = SubjectRecord::new(SUBJECT);
        (0..count).for_each(|_| admit(&mut record, session.clone()));
        let (size, most) = (sealed(&world, &record).len(), 200 + 160 * count);
        println!("{count} sessions: {size} bytes of {most}");
        assert!(size <= most, "{size} bytes for {count} sessions, and {most} are the most");
        // Each session differs from the defaults in every field that it can.
        admit(&mut record, unusual(&session));
        let (size, most) = (sealed(&world, &record).len(), most + 160);
        assert!(
            size <= most,
            "{size} bytes for {count} unusual sessions and one, and {most} are the most"
        );
    }
}

/// A session with another key, another assurance and other timeouts.
fn unusual(session: &SessionRecord) -> SessionRecord {
    let mut unusual = session.clone();
    unusual.key_tag = [7; 8];
    unusual.acr = None;
    unusual.amr.clear();
    unusual.idle_deadline = session.idle_deadline.saturating_add(Seconds(7));
    unusual.absolute_deadline = session.absolute_deadline.saturating_add(Seconds(7));
    unusual
}

#[test]
fn a_session_that_ended_and_is_remembered_takes_23_bytes_until_the_17th_displaces_it() {
    let mut world = world();
    let session = old_session(&mut world);
    let mut record = SubjectRecord::new(SUBJECT);
    admit(&mut record, session.clone());
    record.remove_sessions(RemovalReason::Reused, at(world.now), |_| true);
    record.removals.clear();
    let alone = sealed(&world, &record).len();
    for count in 1..=17 {
        admit(&mut record, session.clone());
        record.remove_sessions(RemovalReason::Reused, at(world.now), |_| true);
        assert_eq!(sealed(&world, &record).len(), alone + 23 * count.min(16));
    }
}

/// A session that stepped up, rotated every 30 seconds for 30 days, and was used.
fn old_session(world: &mut TestSite) -> SessionRecord {
    let Operation::SignIn(sign_in) = rich_sign_in(1) else { unreachable!() };
    let operation =
        Operation::SignIn(SignIn { data: None, label: None, claims: None, jkt: None, ..sign_in });
    let mut token = refresh_cookie(&world.decide_and_write(&operation)).expect("a refresh cookie");
    token = refresh_cookie(&world.decide_and_write(&step_up(&token, 1))).expect("a step-up");
    for _ in 0..6 {
        world.advance_seconds(31);
        token = refresh_cookie(&world.decide_and_write(&refresh(&token))).expect("a rotation");
    }
    confirm(world, &token);
    let mut session = opened(world).sessions().expect("sessions")[0].clone();
    assert_eq!(
        (session.closed_generations.len(), session.confirmed_at.is_some()),
        (4, true),
        "the closings of the last 120 seconds"
    );
    // Only the counters and the times are set directly.
    let rotations = 30 * 24 * 3600 / 30;
    session.generation += rotations;
    let month = |time: Timestamp| time.saturating_add(Seconds(29 * 24 * 3600));
    session.closed_generations.iter_mut().for_each(|closed| {
        *closed =
            ClosedGeneration { generation: closed.generation + rotations, at: month(closed.at) };
    });
    session.rotated_at = month(session.rotated_at);
    session.confirmed_at = session.confirmed_at.map(month);
    session.idle_deadline = month(session.idle_deadline).min(session.absolute_deadline);
    session.step_up.as_mut().expect("a step-up").generation += rotations;
    session
}

fn admit(record: &mut SubjectRecord, session: SessionRecord) {
    let now = session.rotated_at;
    record.insert_session(session, now, usize::MAX).expect("admitted");
}

fn sealed(world: &TestSite, record: &SubjectRecord) -> Vec<u8> {
    let ring = &world.site.key_ring;
    record
        .seal_with_nonce(
            ring.current_key(at(world.now)),
            &ring.subject_index_key(SUBJECT),
            &[7; 24],
        )
        .expect("sealed")
}

fn confirm(world: &mut TestSite, token: &str) {
    let token = RefreshToken::parse(token, &world.site.key_ring).expect("our token");
    let confirm =
        Operation::Confirm { session_id: token.session.encode(), generation: token.generation };
    assert!(matches!(world.decide_and_write(&confirm), Outcome::Confirmed { confirmed: true }));
}

fn rich_sign_in(seed: u8) -> Operation {
    Operation::SignIn(SignIn {
        request_context: None,
        step_up_verified: false,
        request: request(&[]),
        subject: SUBJECT.to_owned(),
        data: Some(r#"{"cart":[1,2]}"#.to_owned()),
        claims: Some(r#"{"role":"editor"}"#.to_owned()),
        jkt: Some("0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I".to_owned()),
        acr: Some("aal1".to_owned()),
        amr: vec!["pwd".to_owned()],
        label: Some("Firefox on Linux".to_owned()),
        initial_entropy: InitialEntropyInput::new(bytes(seed, 48)),
    })
}

fn step_up(token: &str, seed: u8) -> Operation {
    Operation::StepUp(StepUp {
        subject: None,
        request_context: None,
        request: request(&[("__Host-portcullis-refresh-0", token)]),
        acr: Some("aal2".to_owned()),
        amr: vec!["pwd".to_owned(), "otp".to_owned()],
        initial_entropy: InitialEntropyInput::new(bytes(seed.wrapping_add(100), 48)),
    })
}
