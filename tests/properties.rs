//! Properties that hold for generated inputs. Properties that hold for all bytes are in
//! tests/fuzz_properties.
#![cfg(not(target_arch = "wasm32"))]

#[path = "fuzz_properties/mod.rs"]
mod fuzz_properties;

use fuzz_properties::support::*;
use fuzz_properties::{corpus, mutator, oracle};
use portcullis::formats::client_family::ClientFamily;
use portcullis::formats::id::LocalSessionId;
use portcullis::formats::key_ring::KeyRing;
use portcullis::formats::seal::{self, SealPurpose, UnsealError};
use portcullis::formats::secret_input::SecretInput;
use portcullis::formats::token::algorithm::Algorithm;
use portcullis::formats::token::claims::ExpectedClaims;
use portcullis::formats::token::der;
use portcullis::formats::token::json;
use portcullis::formats::token::jwk::KeyUse;
use portcullis::formats::token::jws::Verifier;
use portcullis::formats::token::key_import::{KeyFormat, TokenKeyInput};
use portcullis::formats::token::refresh_token::RefreshToken;
use portcullis::formats::token::signer::{MAX_CLAIMS_BYTES, Signer, TokenSettings};
use portcullis::foundation::base64url;
use portcullis::foundation::error::ErrorCode;
use portcullis::foundation::time::{Seconds, Timestamp};
use portcullis::model::record::{
    ClosedGeneration, MAX_CLOSED_GENERATIONS, SecretHash, SessionRecord, SessionSummary,
    StepUpRecord, SubjectRecord,
};
use proptest::collection::{btree_map, vec};
use proptest::option;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use serde_json::{Map, Value};

/// The number of cases. No regression files are written; a failure becomes a test.
fn cases(cases: u32) -> ProptestConfig {
    ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() }
}

// Generators of inputs.

/// Any characters, and often those that encoders and parsers treat differently.
fn texts() -> impl Strategy<Value = String> {
    let special = select(vec![
        '"',
        '\\',
        '/',
        '\0',
        '\n',
        '\u{1f}',
        '\u{7f}',
        '\u{2028}',
        '\u{feff}',
        '\u{1f600}',
        'u',
    ]);
    vec(prop_oneof![3 => any::<char>(), 2 => special, 3 => proptest::char::range(' ', '~')], 0..24)
        .prop_map(String::from_iter)
}

/// JSON values up to 58 levels deep, without numbers that the parser rejects.
fn values() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>()
            .prop_filter("below 10^308", |number| number.abs() < 1e308)
            .prop_map(Value::from),
        texts().prop_map(Value::from),
    ];
    let tree = leaf.prop_recursive(8, 40, 6, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..6).prop_map(Value::from),
            btree_map(texts(), inner, 0..6).prop_map(|members| members.into_iter().collect()),
        ]
    });
    (tree, prop_oneof![4 => Just(0), 1 => 0..50usize], any::<u64>()).prop_map(
        |(tree, levels, shape)| {
            (0..levels).fold(tree, |inner, level| match shape >> level & 1 {
                0 => Value::from(vec![inner]),
                _ => Value::Object(Map::from_iter([("n".to_owned(), inner)])),
            })
        },
    )
}

/// Sessions with arbitrary fields, and with every time that a record can hold.
fn sessions() -> impl Strategy<Value = SessionRecord> {
    let times = any::<[u64; 5]>().prop_map(|times| times.map(Timestamp::from_ms));
    let closed = vec((any::<u32>(), any::<u64>()), 0..=MAX_CLOSED_GENERATIONS);
    let step_up =
        option::of((any::<u32>(), any::<u64>(), any::<[u8; 2]>(), option::of(any::<u64>())));
    let own = [texts(), texts(), texts(), texts(), texts()].map(option::of);
    let kind = (any::<[u8; 8]>(), vec(texts(), 0..4), any::<[u8; 2]>());
    let names = (any::<[u8; 16]>(), any::<[u8; 32]>(), any::<u32>(), option::of(any::<u64>()));
    (names, times, closed, step_up, own, kind).prop_map(
        |(names, times, closed, step_up, own, kind)| {
            let (sid, hash, generation, confirmed) = names;
            let [created_at, authenticated_at, rotated_at, idle_deadline, absolute_deadline] =
                times;
            let [acr, label, data, claims, jkt] = own;
            let (key_tag, amr, written_by) = kind;
            SessionRecord {
                local_id: LocalSessionId(sid),
                created_at,
                authenticated_at,
                acr,
                amr,
                generation,
                secret_hash: SecretHash::from(hash),
                key_tag,
                rotated_at,
                rotated_by: ClientFamily::from_codes(written_by),
                confirmed_at: confirmed.map(Timestamp::from_ms),
                closed_generations: closed
                    .into_iter()
                    .map(|(generation, ms)| ClosedGeneration { generation, at: at(ms) })
                    .collect(),
                step_up: step_up.map(|(generation, ms, by, closed)| StepUpRecord {
                    generation,
                    at: at(ms),
                    rotated_by: ClientFamily::from_codes(by),
                    closed_at: closed.map(Timestamp::from_ms),
                }),
                idle_deadline,
                absolute_deadline,
                label,
                data,
                claims,
                jkt,
                session_profile: None,
            }
        },
    )
}

/// Every field of a session as text, including the hash that `Debug` hides.
fn told(session: &SessionRecord) -> String {
    format!("{session:?} {:?}", <[u8; 32]>::from(session.secret_hash.clone()))
}

/// Application claims: arbitrary values under unreserved names, and registered claims with their
/// types.
fn claims() -> impl Strategy<Value = Map<String, Value>> {
    let registered = (proptest::option::of(texts()), proptest::option::of(texts()), any::<bool>());
    (btree_map(texts(), values(), 0..5), registered).prop_map(|(members, (sub, jti, has_cnf))| {
        let mut claims = Map::from_iter(members);
        ["iss", "aud", "iat", "exp", "nbf"].iter().for_each(|name| drop(claims.remove(*name)));
        claims.extend(sub.map(|sub| ("sub".to_owned(), sub.into())));
        claims.extend(jti.map(|jti| ("jti".to_owned(), jti.into())));
        claims.extend(has_cnf.then(|| ("cnf".to_owned(), Value::Object(Map::new()))));
        claims
    })
}

/// One JSON value in three encodings: compact, with spaces, and with every character outside ASCII
/// escaped.
fn spellings() -> impl Strategy<Value = fn(&Value) -> String> {
    fn airy(value: &Value) -> String {
        serde_json::to_string_pretty(value).expect("JSON")
    }
    fn escaped(value: &Value) -> String {
        let escape = |unit: u16| {
            if unit < 128 { char::from(unit as u8).to_string() } else { format!("\\u{unit:04X}") }
        };
        value.to_string().encode_utf16().map(escape).collect()
    }
    select(vec![Value::to_string as fn(&Value) -> String, airy, escaped])
}

/// Decimal numbers of the JSON grammar, up to and beyond the accepted range.
fn number_list() -> impl Strategy<Value = String> {
    let whole = prop_oneof![Just("0".to_owned()), "[1-9][0-9]{0,20}", "[1-9][0-9]{0,330}"];
    let fraction =
        prop_oneof![2 => Just(String::new()), 2 => "\\.[0-9]{1,30}", 1 => "\\.0{1,330}[0-9]{1,5}"];
    let near = (-340i32..340).prop_map(|exponent| format!("e{exponent}"));
    let far = "[eE][+-]?[0-9]{1,30}";
    let exponent = prop_oneof![
        2 => Just(String::new()),
        3 => near,
        1 => far,
        1 => "[eE][+-]?0{0,30}[0-9]{1,2}",
    ];
    ("-?", whole, fraction, exponent)
        .prop_map(|(sign, whole, fraction, exponent)| sign + &whole + &fraction + &exponent)
}

// Signed tokens.

fn printed_claims_are_read_back(
    algorithm: Algorithm,
    own: &Map<String, Value>,
    spelling: fn(&Value) -> String,
) -> Result<(), TestCaseError> {
    let (signer, verifier) = signer_and_verifier(algorithm);
    let text = spelling(&Value::Object(own.clone()));
    let token = match signer.sign(&text, at(NOW)) {
        Ok(token) => token,
        Err(error) => {
            prop_assert!(
                error.code() == ErrorCode::Argument && text.len() > MAX_CLAIMS_BYTES,
                "{}",
                error.message()
            );
            return Ok(());
        }
    };
    let mut buffer = Vec::new();
    let verified = verifier.verify(&token, at(NOW), &mut buffer);
    let verified = verified.map_err(|reason| TestCaseError::fail(format!("{reason:?}: {text}")))?;
    // serde_json's doubles may change in the last digit when they are printed and read: both sides
    // are read.
    let mut expected: Value = serde_json::from_str(&text).expect("what serde_json wrote");
    expected["iss"] = "i".into();
    expected["aud"] = "a".into();
    expected["iat"] = (NOW / 1000).into();
    expected["exp"] = (NOW / 1000 + 60).into();
    prop_assert_eq!(serde_json::from_str::<Value>(verified.text()).ok(), Some(expected));
    Ok(())
}

fn signer_and_verifier(algorithm: Algorithm) -> (Signer, Verifier) {
    let (signing, checking) = match algorithm {
        Algorithm::Hs256 => (hmac_key("k1", 1), hmac_key("k1", 1)),
        other => corpus::pair(other, "k1"),
    };
    let names = TokenSettings { issuer: "i", audiences: &["a".to_owned()], typ: "JWT" };
    let signer = Signer::new(&[signing], &names, Seconds(60)).expect("a signer");
    (signer, Verifier::new(&[checking], expected()).expect("a verifier"))
}

proptest! {
    #![proptest_config(cases(2000))]

    #[test]
    fn claims_signed_with_hs256_are_read_back(own in claims(), spelling in spellings()) {
        printed_claims_are_read_back(Algorithm::Hs256, &own, spelling)?;
    }

    /// A verifier caches the first whole hash blocks of the site's tokens. Names of every length
    /// move the end of those blocks.
    #[test]
    fn names_of_any_length_are_signed_and_believed_and_no_bit_of_them_may_change(
        issuer in texts(),
        audiences in vec(texts(), 1..4),
        typ in texts(),
        kid in "[!-~]{1,128}",
        place in any::<Index>(),
        bit in 0..7u8,
    ) {
        let names = TokenSettings { issuer: &issuer, audiences: &audiences, typ: &typ };
        let signer = Signer::new(&[hmac_key(&kid, 1)], &names, Seconds(60)).expect("a signer");
        let token = signer.sign("{}", at(NOW)).expect("a token");
        let (last, types) = (audiences.last().expect("one").clone(), vec![Some(typ)]);
        for audiences in [audiences, vec![last]] {
            let expected = ExpectedClaims {
                issuer: issuer.clone(),
                audiences,
                token_types: types.clone(),
                ..expected()
            };
            let verifier = Verifier::new(&[hmac_key(&kid, 1)], expected).expect("a verifier");
            prop_assert!(verifier.verify(&token, at(NOW), &mut Vec::new()).is_ok(), "{}", &token);
            let mut flipped = token.clone().into_bytes();
            flipped[place.index(token.len())] ^= 1 << bit;
            let flipped = String::from_utf8(flipped).expect("ASCII");
            prop_assert!(
                verifier.verify(&flipped, at(NOW), &mut Vec::new()).is_err(),
                "{}",
                flipped
            );
        }
    }
}

proptest! {
    #![proptest_config(cases(200))]

    #[test]
    fn claims_signed_with_eddsa_are_read_back(own in claims(), spelling in spellings()) {
        printed_claims_are_read_back(Algorithm::EdDsa, &own, spelling)?;
    }

    #[test]
    fn claims_signed_with_es256_are_read_back(own in claims(), spelling in spellings()) {
        printed_claims_are_read_back(Algorithm::Es256, &own, spelling)?;
    }
}

/// Bit 7 makes invalid UTF-8, which the interface rejects before the token is parsed.
#[test]
fn a_token_with_any_bit_flipped_any_character_left_out_or_any_end_cut_off_is_refused() {
    let issuer = corpus::issuer();
    for token in issuer.tokens.iter().step_by(2) {
        assert!(issuer.accepts(token).is_ok());
        for position in 0..token.len() {
            let (before, after) = (&token[..position], &token[position + 1..]);
            let flips = (0..7).map(|bit| char::from(token.as_bytes()[position] ^ 1 << bit));
            let flipped = flips.map(|other| format!("{before}{other}{after}"));
            for bad in flipped.chain([
                [before, after].concat(),
                before.to_owned(),
                token[position + 1..].to_owned(),
            ]) {
                assert!(issuer.accepts(&bad).is_err(), "{bad}");
            }
        }
    }
}

proptest! {
    #![proptest_config(cases(10_000))]

    #[test]
    fn a_token_with_any_text_put_into_it_is_refused(
        which in any::<Index>(),
        place in any::<Index>(),
        more in prop_oneof!["[A-Za-z0-9_.=-]{1,5}", "\\PC", "."],
    ) {
        let mut token = which.get(&corpus::issuer().tokens).clone();
        token.insert_str(place.index(token.len() + 1), &more);
        prop_assert!(corpus::issuer().accepts(&token).is_err(), "{}", token);
    }

    // JSON.

    #[test]
    fn json_is_read_as_serde_json_reads_it_unless_there_is_a_reason(
        value in values(),
        spelling in spellings(),
        number in any::<u64>(),
    ) {
        let text = spelling(&value).into_bytes();
        fuzz_properties::json(&text);
        fuzz_properties::json(&mutator::mutate(number, &[text]));
    }

    #[test]
    fn json_that_is_hardly_json_is_read_as_serde_json_reads_it(
        text in prop_oneof![
            "\\PC{0,40}",
            "[\\[\\]{}:,\"\\\\ue0-9+.a-]{0,24}",
            "(\"[a-b\\\\u0061]{0,7}\"[:,]|[\\[\\]{}]|1){0,12}",
            "\"(\\\\u[dDeE][789abcdefABCDEF](00|fF|0|8g)){1,3}\"",
        ],
    ) {
        fuzz_properties::json(text.as_bytes());
    }

    #[test]
    fn json_is_read_64_levels_deep(
        value in values(),
        levels in 50..140usize,
        is_array in any::<bool>(),
    ) {
        let (open, close) = if is_array { ("[", "]") } else { ("{\"a\":", "}") };
        fuzz_properties::json(
            format!("{}{value}{}", open.repeat(levels), close.repeat(levels)).as_bytes(),
        );
    }

    #[test]
    fn numbers_are_read_by_whole_arithmetic(number in number_list()) {
        fuzz_properties::json(number.as_bytes());
        let text = format!("{{\"v\":{number}}}");
        let is_number = serde_json::from_str::<Value>(&number).is_ok();
        let rejected = oracle::rejection_cause(&number) == Some(oracle::RejectionCause::TooLarge)
            || !is_number;
        match json::parse_object(&text) {
            Some(object) => {
                let value = object.get("v").expect("a member");
                prop_assert_eq!(value.thousandths(), oracle::thousandths(&number), "{}", &number);
                prop_assert!(!rejected, "{}", number);
            }
            None => prop_assert!(rejected, "{}", number),
        }
    }

    #[test]
    fn a_quoted_text_is_that_text(text in texts()) {
        let mut quoted = "[".to_owned();
        json::quote(&text, &mut quoted);
        quoted.push(']');
        prop_assert_eq!(
            serde_json::from_str::<Vec<String>>(&quoted).ok(),
            Some(vec![text.clone()])
        );
        let object = format!("{{\"v\":{quoted}}}");
        let texts = json::parse_object(&object).and_then(|object| object.get("v")?.text_list());
        prop_assert_eq!(texts, Some(vec![text.into()]));
    }

    // base64url.

    #[test]
    fn base64url_decoders_agree_on_any_text_and_never_panic(
        text in prop_oneof![
            "\\PC{0,90}",
            "[A-Za-z0-9_=+/ -]{0,90}",
            "[A-Za-z0-9_-]{0,180}",
            "[A-Za-z0-9_-]{20,60}\\PC[A-Za-z0-9_-]{0,20}",
        ],
    ) {
        fuzz_properties::base64url(text.as_bytes());
    }
}

#[test]
fn base64url_of_every_length_is_read_back_by_every_decoder() {
    for length in 0..=400 {
        for fill in [bytes(3, length), vec![0; length], vec![0xff; length]] {
            fuzz_properties::base64url(&fill);
            let text = base64url::encode(&fill);
            assert_eq!(base64url::decode(&text).as_deref(), Some(fill.as_slice()));
            fuzz_properties::base64url(text.as_bytes());
        }
    }
}

/// The text determines the size of the output, and a buffer that is too small causes a panic. No
/// text may cause that.
#[test]
fn arrays_of_a_fixed_size_take_texts_of_every_length() {
    for length in 0..=200 {
        for fill in ["A", "_", "=", "."] {
            fuzz_properties::base64url(fill.repeat(length).as_bytes());
        }
        fuzz_properties::base64url("é".repeat(length / 2).as_bytes());
    }
}

// Sealed bytes and refresh tokens.

fn ring() -> KeyRing {
    KeyRing::new(&keys(&[("k2", 2), ("k1", 1)])).expect("a good ring")
}

#[test]
fn what_is_sealed_opens_at_every_size() {
    let ring = ring();
    for length in (0..=4096).step_by(7).chain([4096]) {
        let plain = bytes(4, length);
        let sealed = seal::seal_with_nonce(
            ring.current_key(at(NOW)),
            SealPurpose::Data(b"c"),
            &[9; 24],
            &plain,
        )
        .expect("sealed");
        assert_eq!(sealed.len(), length + seal::OVERHEAD_BYTES);
        let opened = seal::unseal(|tag| ring.find_by_tag(tag), SealPurpose::Data(b"c"), &sealed)
            .expect("opened");
        assert_eq!(opened.as_slice(), plain);
    }
}

proptest! {
    #![proptest_config(cases(3000))]

    #[test]
    fn sealed_bytes_that_were_changed_or_belong_elsewhere_do_not_open(
        plain in vec(any::<u8>(), 0..300),
        context in vec(any::<u8>(), 0..20),
        nonce in any::<[u8; 24]>(),
        place in any::<Index>(),
        bit in 0..8u8,
        other in vec(any::<u8>(), 0..20),
    ) {
        let ring = ring();
        let open = |purpose: SealPurpose<'_>, bytes: &[u8]| {
            seal::unseal(|tag| ring.find_by_tag(tag), purpose, bytes)
        };
        let key = ring.current_key(at(NOW));
        let sealed = seal::seal_with_nonce(key, SealPurpose::Data(&context), &nonce, &plain)
            .expect("sealed");
        let opened = open(SealPurpose::Data(&context), &sealed).expect("opened");
        prop_assert_eq!(opened.as_slice(), plain);
        let mut flipped = sealed.clone();
        flipped[place.index(sealed.len())] ^= 1 << bit;
        prop_assert!(open(SealPurpose::Data(&context), &flipped).is_err());
        let cut = &sealed[..place.index(sealed.len())];
        prop_assert_eq!(open(SealPurpose::Data(&context), cut).err(), Some(UnsealError::Corrupt));
        prop_assert!(open(SealPurpose::Data(&context), &[&sealed[..], &[0]].concat()).is_err());
        prop_assume!(other != context);
        prop_assert_eq!(open(SealPurpose::Data(&other), &sealed).err(), Some(UnsealError::Corrupt));
        if let Ok(store_key) = std::str::from_utf8(&context) {
            prop_assert_eq!(
                open(SealPurpose::Record(store_key), &sealed).err(),
                Some(UnsealError::Corrupt)
            );
        }
    }

    /// Holds for any other sessions, and whichever of them are decoded and encoded again.
    #[test]
    fn any_sessions_survive_being_stored(
        sessions in vec(sessions(), 0..5),
        used in any::<u8>(),
        now in any::<u64>(),
    ) {
        let ring = ring();
        let key = ring.subject_index_key("somebody");
        let sealed = |record: &SubjectRecord| {
            record.seal_with_nonce(ring.current_key(at(NOW)), &key, &[7; 24]).expect("sealed")
        };
        let mut record = SubjectRecord::new("somebody");
        for session in &sessions {
            record.insert_session(session.clone(), at(now), usize::MAX).expect("admitted");
        }
        let once = sealed(&record);
        let mut record = SubjectRecord::unseal(&ring, &key, &once).expect("opened");
        for (place, session) in
            sessions.iter().enumerate().filter(|(place, _)| used >> place & 1 == 1)
        {
            let same = record.session_mut(session.local_id).expect("readable").expect("there");
            prop_assert_eq!(told(same), told(session), "{}", place);
        }
        let heads: Vec<SessionSummary> = sessions.iter().map(SessionRecord::summary).collect();
        prop_assert_eq!(record.session_summaries().collect::<Vec<_>>(), heads);
        let twice = sealed(&record);
        prop_assert_eq!(&once, &twice);
        let record = SubjectRecord::unseal(&ring, &key, &twice).expect("opened");
        let all = record.sessions().expect("readable").into_iter().map(told).collect::<Vec<_>>();
        prop_assert_eq!(all, sessions.iter().map(told).collect::<Vec<_>>());
    }

    #[test]
    fn a_refresh_token_that_was_changed_is_refused(
        seed in 0..3u8,
        place in any::<Index>(),
        bit in 0..7u8,
        more in "\\PC",
    ) {
        let ring = KeyRing::new(&keys(&[("k1", 1)])).expect("a ring");
        let text = TestSite::new(site()).signed_in("user-1", seed);
        prop_assert!(RefreshToken::parse(&text, &ring).is_some());
        let mut flipped = text.clone().into_bytes();
        flipped[place.index(text.len())] ^= 1 << bit;
        let flipped = String::from_utf8(flipped).expect("ASCII");
        prop_assert!(RefreshToken::parse(&flipped, &ring).is_none(), "{}", flipped);
        let (before, after) = text.split_at(place.index(text.len()));
        prop_assert!(RefreshToken::parse(&[before, &more, after].concat(), &ring).is_none());
        prop_assert!(RefreshToken::parse(before, &ring).is_none());
        prop_assert!(RefreshToken::parse(&[before, &after[1..]].concat(), &ring).is_none());
    }

    // Keys.

    #[test]
    fn nothing_that_pretends_to_be_a_key_breaks_the_import(
        bytes in vec(any::<u8>(), 0..200),
        number in any::<u64>(),
    ) {
        let good = [corpus::jwks(), corpus::pems(), corpus::ders()].concat();
        for bytes in [bytes, mutator::mutate(number, &good)] {
            for form in
                [KeyFormat::Ring, KeyFormat::Hmac, KeyFormat::Jwk, KeyFormat::Pem, KeyFormat::Der]
            {
                for wanted in [KeyUse::Sign, KeyUse::Verify] {
                    let input = TokenKeyInput::new(
                        Some("k1"),
                        form,
                        SecretInput::from_bytes(bytes.clone()),
                    );
                    if let Err(error) = input.parse(wanted) {
                        prop_assert!(
                            matches!(error.code(), ErrorCode::Config | ErrorCode::WeakKey),
                            "{}",
                            error.message()
                        );
                    }
                }
            }
        }
    }

    #[test]
    fn a_changed_key_is_refused_or_a_key_that_works(number in any::<u64>()) {
        fuzz_properties::jwk(&mutator::mutate(number, &corpus::jwks()));
        fuzz_properties::pem(&mutator::mutate(number, &corpus::pems()));
        fuzz_properties::der(&mutator::mutate(number, &corpus::ders()));
    }
}

/// Most changed bytes of a private key give another valid private key, with another public half.
#[test]
fn a_private_key_with_any_bit_flipped_is_refused_or_has_the_half_of_itself() {
    let (mut refused, mut accepted) = (0, 0);
    for key in [0, 2].map(|which| corpus::ders().swap_remove(which)) {
        for position in 0..key.len() {
            for bit in 0..8 {
                let mut flipped = key.clone();
                flipped[position] ^= 1 << bit;
                *if der::read_der(&flipped).is_ok() { &mut accepted } else { &mut refused } += 1;
                fuzz_properties::der(&flipped);
            }
        }
    }
    // The exceptions are the seed of Ed25519, which has no second copy, and the PKCS#8 version.
    assert_eq!((accepted, refused), (32 * 8 + 2, 1230));
}
