//! How requests are authenticated, and how responses carry tokens. Runs natively and on wasm32.

mod support;

use portcullis::decide::{
    self, InitialEntropyInput, Operation, Outcome, RequestFacts, StepUp, authenticate,
};
use portcullis::formats::token::csrf_token::CsrfBinding;
use portcullis::foundation::error::{ErrorCode, RejectionReason};
use portcullis::foundation::secret::{Entropy, SecretText};
use portcullis::model::policy::{Policy, PolicyInput};
use support::*;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

const ACCESS: &str = "__Host-portcullis-access";

fn world(policy: PolicyInput) -> TestSite {
    TestSite::new(site_with(&[("k1", 1), ("k2", 2)], policy))
}

fn words(list: &[&str]) -> Vec<String> {
    list.iter().map(|word| (*word).to_owned()).collect()
}

fn headers(outcome: &Outcome) -> Vec<(&'static str, String)> {
    let headers = match outcome {
        Outcome::SignedIn { headers, .. }
        | Outcome::Refreshed { headers, .. }
        | Outcome::SignedOut { headers, .. } => headers,
        Outcome::Rejected(rejection) => &rejection.headers,
        other => panic!("{other:?} has no headers"),
    };
    headers.iter().map(|(name, value)| (*name, value.expose().to_owned())).collect()
}

/// The reason for which a request is rejected, or `None`.
fn refusal_of(world: &TestSite, request: &RequestFacts) -> Option<RejectionReason> {
    authenticate(&world.site, request, at(world.now), &mut Vec::new()).expect("an answer").err()
}

fn from(request: RequestFacts, sec_fetch_site: Option<&str>, origin: Option<&str>) -> RequestFacts {
    RequestFacts {
        sec_fetch_site: sec_fetch_site.map(str::to_owned),
        origin: origin.map(str::to_owned),
        ..request
    }
}

struct SignedInUser {
    access: String,
    session: String,
    refresh: String,
    bound_at: u64,
}

impl SignedInUser {
    fn new(world: &mut TestSite) -> Self {
        let outcome = world.decide_and_write(&sign_in("user-1", 7));
        let access = cookie(&outcome, ACCESS).expect("an access cookie");
        let request = RequestFacts { method: "GET".to_owned(), ..request(&[(ACCESS, &access)]) };
        let mut buffer = Vec::new();
        let authenticated =
            authenticate(&world.site, &request, at(world.now), &mut buffer).expect("an answer");
        let claims = authenticated.expect("believed").claims;
        let (session, bound_at) = (claims.sid.to_string(), claims.auth_time);
        Self {
            refresh: refresh_cookie(&outcome).expect("a refresh cookie"),
            access,
            session,
            bound_at,
        }
    }

    fn csrf(&self, world: &TestSite) -> String {
        let mut entropy = Entropy::new(bytes(3, 16));
        let at_ms = at(self.bound_at * 1000);
        let acr = Some("aal1");
        decide::create_csrf_token(
            &world.site,
            &self.session,
            at_ms,
            acr,
            at(world.now),
            &mut entropy,
        )
        .expect("a token")
    }

    fn request(&self, csrf: Option<&str>) -> RequestFacts {
        RequestFacts { csrf_token: csrf.map(str::to_owned), ..request(&[(ACCESS, &self.access)]) }
    }
}

#[test]
fn an_unsafe_request_that_says_nothing_of_its_origin_passes_with_a_token_only() {
    let mut world = world(PolicyInput::default());
    let user = SignedInUser::new(&mut world);
    let token = user.csrf(&world);
    let silent = |csrf| from(user.request(csrf), None, None);
    assert_eq!(refusal_of(&world, &silent(None)), Some(RejectionReason::CrossOrigin));
    assert_eq!(refusal_of(&world, &silent(Some(&token))), None);
    assert_eq!(refusal_of(&world, &silent(Some("x"))), Some(RejectionReason::CsrfToken));
    // A CSRF token never permits a request that the browser calls cross-site.
    for request in [
        from(user.request(Some(&token)), Some("cross-site"), None),
        from(user.request(Some(&token)), Some("same-site"), None),
        from(user.request(Some(&token)), None, Some("https://evil.example")),
        from(user.request(Some(&token)), None, Some("null")),
    ] {
        assert_eq!(refusal_of(&world, &request), Some(RejectionReason::CrossOrigin));
    }
    assert_eq!(refusal_of(&world, &user.request(None)), None, "same-origin needs none");
    // A request that changes a session may not use a CSRF token instead of an origin.
    let silent = from(request(&[("__Host-portcullis-refresh-0", &user.refresh)]), None, None);
    let silent = RequestFacts { csrf_token: Some(token), ..silent };
    assert_eq!(
        rejection_summary(
            &world.decide_and_write(&Operation::Refresh { request_context: None, request: silent })
        )
        .0,
        "ERR_CROSS_ORIGIN"
    );
}

#[test]
fn where_the_policy_asks_for_tokens_every_unsafe_request_needs_one() {
    let mut world =
        world(PolicyInput { csrf: Some("origin-and-token".to_owned()), ..PolicyInput::default() });
    let user = SignedInUser::new(&mut world);
    let token = user.csrf(&world);
    assert_eq!(refusal_of(&world, &user.request(None)), Some(RejectionReason::CsrfToken));
    assert_eq!(refusal_of(&world, &user.request(Some(&token))), None);
    for method in ["GET", "HEAD", "OPTIONS"] {
        let safe = RequestFacts { method: method.to_owned(), ..user.request(None) };
        assert_eq!(refusal_of(&world, &safe), None, "{method}");
    }
    let fresh = |csrf| Operation::Check {
        is_inner: false,
        request_context: None,
        request: user.request(csrf),
    };
    assert_eq!(rejection_summary(&world.decide_and_write(&fresh(None))).0, "ERR_CSRF_TOKEN");
    assert!(matches!(world.decide_and_write(&fresh(Some(&token))), Outcome::Checked { .. }));
    // An expired access token is reported before a missing CSRF token, because the client may
    // refresh and then send the CSRF token.
    world.advance_seconds(400);
    assert_eq!(refusal_of(&world, &user.request(None)), Some(RejectionReason::TokenExpired));
    assert!(matches!(world.decide_and_write(&refresh(&user.refresh)), Outcome::Refreshed { .. }));
}

#[test]
fn a_csrf_token_is_of_one_session_and_dies_with_the_next_proof() {
    let world = world(PolicyInput::default());
    let ring = &world.site.key_ring;
    let tag = ring.current_key(at(world.now)).tag;
    let bond = CsrfBinding { session_id: &"s".repeat(43), auth_time: 1_000, acr: Some("aal1") };
    let token = bond.issue(ring, &tag, &[9; 16]).expect("a token");
    assert_eq!(token.len(), 75);
    assert!(bond.verify(ring, &token));
    assert_ne!(bond.issue(ring, &tag, &[8; 16]), Some(token.clone()), "no two are alike");
    for other in [
        CsrfBinding { session_id: &"t".repeat(43), ..bond },
        CsrfBinding { auth_time: 1_001, ..bond },
        CsrfBinding { acr: Some("aal2"), ..bond },
        CsrfBinding { acr: None, ..bond },
    ] {
        assert!(!other.verify(ring, &token), "{other:?}");
    }
    for place in 0..token.len() {
        let mut bytes = token.clone().into_bytes();
        bytes[place] = if bytes[place] == b'A' { b'B' } else { b'A' };
        assert!(!bond.verify(ring, &String::from_utf8(bytes).expect("ASCII")), "{place}");
    }
    for bad in ["", " ", &token[1..], &format!("{token}A"), &format!("{token}="), &"A".repeat(75)] {
        assert!(!bond.verify(ring, bad), "{bad:?}");
    }
    let older = site_with(&[("k2", 2)], PolicyInput::default());
    assert!(!bond.verify(&older.key_ring, &token), "its key is gone");
}

#[test]
fn a_step_up_and_a_sign_in_make_another_csrf_token_and_set_its_cookie() {
    let mut world = world(PolicyInput { csrf_cookie: Some(true), ..PolicyInput::default() });
    let outcome = world.decide_and_write(&sign_in("user-1", 7));
    let first = cookie(&outcome, "__Host-portcullis-csrf").expect("a cookie");
    let line = headers(&outcome)
        .into_iter()
        .find(|(_, line)| line.starts_with("__Host-portcullis-csrf="))
        .expect("it");
    assert!(line.1.ends_with("; Path=/; Max-Age=2592000; Secure; SameSite=Lax"), "{}", line.1);
    let token = refresh_cookie(&outcome).expect("a refresh cookie");
    world.advance_seconds(31);
    let after_refresh = world.decide_and_write(&refresh(&token));
    assert_eq!(
        cookie(&after_refresh, "__Host-portcullis-csrf"),
        None,
        "a refresh changes nothing of it"
    );
    let token = refresh_cookie(&after_refresh).expect("a refresh cookie");
    let stepped = world.decide_and_write(&step_up(&token, 1));
    let second = cookie(&stepped, "__Host-portcullis-csrf").expect("a cookie");
    let access = cookie(&stepped, ACCESS).expect("an access cookie");
    let silent = |csrf: &str| RequestFacts {
        csrf_token: Some(csrf.to_owned()),
        sec_fetch_site: None,
        ..request(&[(ACCESS, &access)])
    };
    assert_eq!(refusal_of(&world, &silent(&second)), None);
    assert_eq!(refusal_of(&world, &silent(&first)), Some(RejectionReason::CsrfToken));
    let out =
        world.decide_and_write(&Operation::SignOut { request: request(&[(ACCESS, &access)]) });
    assert!(
        headers(&out)
            .iter()
            .any(|(_, line)| line.starts_with("__Host-portcullis-csrf=; Path=/; Max-Age=0"))
    );
}

fn step_up(token: &str, generation: u32) -> Operation {
    let name = format!("__Host-portcullis-refresh-{generation}");
    Operation::StepUp(StepUp {
        subject: None,
        request_context: None,
        request: request(&[(&name, token)]),
        acr: Some("aal2".to_owned()),
        amr: Vec::new(),
        initial_entropy: InitialEntropyInput::new(bytes(9, 48)),
    })
}

#[test]
fn what_a_browser_fetches_ahead_changes_nothing() {
    let mut world = world(PolicyInput::default());
    let user = SignedInUser::new(&mut world);
    world.advance_seconds(60);
    let ahead = |request: RequestFacts| RequestFacts { prefetch: true, ..request };
    let prefetch_request = || {
        ahead(request(&[(ACCESS, &user.access), ("__Host-portcullis-refresh-0", &user.refresh)]))
    };
    let Operation::SignIn(sign_in) = sign_in("user-2", 8) else { panic!("a sign-in") };
    for operation in [
        Operation::Refresh { request_context: None, request: prefetch_request() },
        Operation::SignOut { request: prefetch_request() },
        Operation::StepUp(StepUp {
            subject: None,
            request_context: None,
            request: prefetch_request(),
            acr: None,
            amr: Vec::new(),
            initial_entropy: InitialEntropyInput::new(bytes(9, 48)),
        }),
        Operation::SignIn(decide::SignIn { request: prefetch_request(), ..sign_in }),
    ] {
        let before = world.record.clone();
        assert_eq!(
            rejection_summary(&world.decide_and_write(&operation)),
            ("ERR_PREFETCH", 409, 0)
        );
        assert_eq!(world.record, before);
    }
    assert_eq!(refusal_of(&world, &prefetch_request()), None, "an access token is still accepted");
}

#[test]
fn trusted_origins_and_exempt_paths_let_through_what_they_name() {
    let mut world = world(PolicyInput {
        trusted_origins: words(&["https://admin.example"]),
        exempt_paths: words(&["POST /hooks/{name}"]),
        ..PolicyInput::default()
    });
    let user = SignedInUser::new(&mut world);
    let cross = |origin, path: &str| RequestFacts {
        path: path.to_owned(),
        ..from(user.request(None), Some("cross-site"), Some(origin))
    };
    assert_eq!(refusal_of(&world, &cross("https://admin.example", "/")), None);
    assert_eq!(
        refusal_of(&world, &cross("https://admin.example.evil", "/")),
        Some(RejectionReason::CrossOrigin)
    );
    assert_eq!(refusal_of(&world, &cross("https://evil.example", "/hooks/a")), None);
    assert_eq!(
        refusal_of(&world, &cross("https://evil.example", "/hooks/a/b")),
        Some(RejectionReason::CrossOrigin)
    );
    let put =
        RequestFacts { method: "PUT".to_owned(), ..cross("https://evil.example", "/hooks/a") };
    assert_eq!(refusal_of(&world, &put), Some(RejectionReason::CrossOrigin));
}

#[test]
fn a_bearer_token_travels_in_headers_and_sets_no_cookie() {
    let mut world =
        world(PolicyInput { transport: Some("bearer".to_owned()), ..PolicyInput::default() });
    let bare =
        |request: RequestFacts| from(request, Some("cross-site"), Some("https://evil.example"));
    let Operation::SignIn(start) = sign_in("user-1", 7) else { panic!("a sign-in") };
    let signed_in = world.decide_and_write(&Operation::SignIn(decide::SignIn {
        request: bare(request(&[("theme", "dark")])),
        ..start
    }));
    assert_eq!(
        headers(&signed_in),
        [("cache-control", "no-store".to_owned()), ("vary", "Cookie".to_owned())]
    );
    let Outcome::SignedIn { access_token, refresh_token: Some(refresh_token), .. } = signed_in
    else {
        panic!("a refresh token");
    };
    let with = |header: String| RequestFacts {
        authorization: Some(SecretText::new(header)),
        ..bare(request(&[("theme", "dark")]))
    };
    let token = access_token.expose();
    for header in
        [format!("Bearer {token}"), format!("bearer {token}"), format!("BEARER  {token} ")]
    {
        assert_eq!(refusal_of(&world, &with(header)), None);
    }
    for header in [String::new(), "Bearer".to_owned(), format!("Basic {token}"), token.to_owned()] {
        assert_eq!(
            refusal_of(&world, &with(header.clone())),
            Some(RejectionReason::TokenMissing),
            "{header:?}"
        );
    }
    assert_eq!(
        refusal_of(&world, &with("Bearer x".to_owned())),
        Some(RejectionReason::TokenMalformed)
    );
    let both = RequestFacts {
        cookie: Some(SecretText::new(format!("{ACCESS}={token}"))),
        ..with("Bearer x".to_owned())
    };
    assert_eq!(refusal_of(&world, &both), Some(RejectionReason::CredentialsConflict));

    world.advance_seconds(31);
    let spend = |text: &str| RequestFacts {
        refresh_token: Some(SecretText::new(text.to_owned())),
        ..bare(request(&[]))
    };
    let first = refresh_token.expose();
    let mixed = RequestFacts {
        cookie: Some(SecretText::new(format!("__Host-portcullis-refresh-0={first}"))),
        ..spend(first)
    };
    assert_eq!(
        rejection_summary(
            &world.decide_and_write(&Operation::Refresh { request_context: None, request: mixed })
        ),
        ("ERR_CREDENTIALS_CONFLICT", 400, 0)
    );
    assert_eq!(
        rejection_summary(&world.decide_and_write(&Operation::Refresh {
            request_context: None,
            request: bare(request(&[]))
        }))
        .0,
        "ERR_REFRESH_MISSING"
    );
    let after_refresh = world
        .decide_and_write(&Operation::Refresh { request_context: None, request: spend(first) });
    assert_eq!(headers(&after_refresh).len(), 2);
    let Outcome::Refreshed { refresh_token: Some(second), rotated: true, .. } = after_refresh
    else {
        panic!("{after_refresh:?}")
    };
    assert_ne!(second.expose(), first);
    let out = world.decide_and_write(&Operation::SignOut { request: spend(second.expose()) });
    assert!(matches!(out, Outcome::SignedOut { revoked: true, .. }));
    assert_eq!(headers(&out).iter().filter(|(name, _)| *name == "set-cookie").count(), 0);
    let gone = rejection_summary(&world.decide_and_write(&Operation::Refresh {
        request_context: None,
        request: spend(second.expose()),
    }));
    assert_eq!(gone, ("ERR_SESSION_REVOKED", 401, 0));
}

#[test]
fn a_sign_out_tells_the_browser_to_forget_more_where_the_policy_says_so() {
    let mut world = world(PolicyInput {
        clear_site_data: words(&["cache", "storage"]),
        ..PolicyInput::default()
    });
    let token = world.signed_in("user-1", 7);
    let out = world.decide_and_write(&Operation::SignOut {
        request: request(&[("__Host-portcullis-refresh-0", &token)]),
    });
    assert!(headers(&out).contains(&("clear-site-data", "\"cache\", \"storage\"".to_owned())));
}

#[test]
fn cookies_go_by_the_names_and_times_that_the_policy_gives() {
    let mut world = world(PolicyInput {
        cookie_name: Some("site".to_owned()),
        cookie_persistence: Some("browser-session".to_owned()),
        refresh_path: Some("/session".to_owned()),
        ..PolicyInput::default()
    });
    let outcome = world.decide_and_write(&sign_in("user-1", 7));
    let lines: Vec<String> = headers(&outcome).into_iter().map(|(_, line)| line).collect();
    let token = cookie(&outcome, "__Secure-site-refresh-0").expect("a refresh cookie");
    assert!(
        lines[0].starts_with("__Host-site-access=")
            && lines[0].ends_with("; Path=/; Secure; HttpOnly; SameSite=Lax")
    );
    assert_eq!(
        lines[1],
        format!("__Secure-site-refresh-0={token}; Path=/session; Secure; HttpOnly; SameSite=Lax")
    );
    world.advance_seconds(31);
    let next = world.decide_and_write(&Operation::Refresh {
        request_context: None,
        request: request(&[("__Secure-site-refresh-0", &token)]),
    });
    assert!(cookie(&next, "__Secure-site-refresh-1").is_some());
    assert!(headers(&next).iter().any(|(_, line)| {
        line.starts_with("__Secure-site-refresh-0=; Path=/session; Max-Age=0")
    }));
}

#[test]
fn a_policy_that_says_something_else_is_refused_with_what_it_may_say() {
    let said = |input: PolicyInput| Policy::new(&input).expect_err("a refusal");
    let word = || Some("none".to_owned());
    for (input, name) in [
        (PolicyInput { same_site: word(), ..PolicyInput::default() }, "sameSite"),
        (PolicyInput { transport: word(), ..PolicyInput::default() }, "transport"),
        (PolicyInput { csrf: word(), ..PolicyInput::default() }, "csrf"),
        (PolicyInput { cookie_persistence: word(), ..PolicyInput::default() }, "cookiePersistence"),
        (
            PolicyInput { cookie_name: Some("a b".to_owned()), ..PolicyInput::default() },
            "cookieName",
        ),
        (
            PolicyInput { refresh_path: Some("session".to_owned()), ..PolicyInput::default() },
            "refreshPath",
        ),
        (
            PolicyInput { trusted_origins: words(&["admin.example"]), ..PolicyInput::default() },
            "trustedOrigins",
        ),
        (
            PolicyInput { exempt_paths: words(&["hooks"]), ..PolicyInput::default() },
            "dangerousCsrfExemptPaths",
        ),
        (PolicyInput { exempt_paths: vec!["/a".to_owned(); 65], ..PolicyInput::default() }, "64"),
        (
            PolicyInput { clear_site_data: words(&["everything"]), ..PolicyInput::default() },
            "clearSiteData",
        ),
    ] {
        let error = said(input);
        assert_eq!(error.code(), ErrorCode::Config);
        assert!(error.message().contains(name), "{}", error.message());
    }
}
