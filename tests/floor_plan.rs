//! The house has floors, and an import points down: never up, never sideways between decisions.
#![cfg(not(target_arch = "wasm32"))]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// The files of `src`, from the ground up. A file may use what stands in a line above its own, and
/// nothing of its own line, except where the line says so.
const FLOORS: &[(&str, &[&str])] = &[
    ("floor 0, ground", &["error", "base64url"]),
    ("floor 0", &["time", "secret", "token::json::scan"]),
    ("floor 0, pieces that things are stored in", &["bytes"]),
    ("floor 0, hashes", &["hash"]),
    ("floor 1, names", &["id", "sender", "schedule", "token::json::reader"]),
    ("floor 1, keys", &["keys", "token::json"]),
    (
        "floor 1, formats",
        &[
            "seal",
            "cookie",
            "csrf",
            "token::provider",
            "token::refresh",
            "token::claims",
            "token::csrf",
            "token::device",
        ],
    ),
    ("floor 1, algorithms", &["token::algorithm"]),
    ("floor 1, what keys are made of", &["token::material"]),
    ("floor 1, how keys are spelled", &["token::jwk", "token::der"]),
    ("floor 1, keys of hosts", &["token::import"]),
    ("floor 1, signing", &["token::signer", "token::published"]),
    ("floor 1, verifying", &["token::jws", "token::access"]),
    ("floor 1, the token map", &["token"]),
    (
        "floor 1, user agents as texts",
        &["risk::agent::said", "risk::agent::says", "risk::agent::text"],
    ),
    (
        "floor 1, their words",
        &[
            "risk::agent::names",
            "risk::agent::products",
            "risk::agent::rare",
            "risk::agent::systems",
        ],
    ),
    ("floor 1, the tables of them", &["risk::agent::tables"]),
    ("floor 1, robots among them, and hints", &["risk::agent::robots", "risk::agent::hints"]),
    ("floor 1, the walk over them", &["risk::agent::words"]),
    ("floor 1, user agents", &["risk::agent"]),
    (
        "floor 2, what an event tells",
        &["risk::context", "risk::tags", "risk::place", "risk::heat", "risk::reason"],
    ),
    ("floor 2, what a site does about scores", &["risk::policy"]),
    ("floor 2, what an event shows", &["risk::signals"]),
    ("floor 2, what is remembered", &["risk::profile", "risk::companion"]),
    ("floor 2, how that is stored and brought together", &["risk::codec", "risk::merge"]),
    ("floor 2, evidence of the device", &["risk::device"]),
    ("floor 2, how that is learned", &["risk::learning"]),
    ("floor 2, other evidence", &["risk::network", "risk::behaviour"]),
    ("floor 2, what it comes to", &["risk::assessment"]),
    ("floor 2, the map of scoring", &["risk"]),
    ("floor 2, pieces of a record", &["record::session"]),
    ("floor 2, how they are stored", &["record::stored"]),
    ("floor 2, the sessions of a record", &["record::sessions"]),
    ("floor 2", &["record", "policy"]),
    // The protocol and its decisions: mod names its children, and they name what mod defines.
    (
        "floor 3, protocol",
        &["decide", "decide::operation", "decide::outcome", "decide::request", "decide::event"],
    ),
    ("floor 3, the table, and verify", &["decide::rotation", "decide::verify"]),
    ("floor 3, what answers carry", &["decide::headers"]),
    ("floor 3, rows", &["decide::rows", "decide::given", "decide::risk"]),
    (
        "floor 3, decisions",
        &[
            "decide::check",
            "decide::confirm",
            "decide::list",
            "decide::profile",
            "decide::refresh",
            "decide::revoke",
            "decide::sign_in",
            "decide::sign_out",
            "decide::step_up",
        ],
    ),
    ("floor 4, answers to vectors", &["known_answer"]),
    // The door's files name each other; nothing else names them.
    (
        "floor 4, the door",
        &[
            "wasm",
            "wasm::desk",
            "wasm::given",
            "wasm::inputs",
            "wasm::tokens",
            "wasm::keys",
            "wasm::rotation",
            "wasm::risk",
            "wasm::examine",
        ],
    ),
    ("the map", &["lib"]),
];

/// The protocol's files name each other and its decisions; nothing else may.
const PROTOCOL: &[&str] =
    &["decide", "decide::operation", "decide::outcome", "decide::request", "decide::event"];

/// What only the door to JavaScript may name.
const JS_WORLD: &[&str] = &["wasm_bindgen", "js_sys", "serde_wasm_bindgen", "getrandom"];

#[test]
fn every_file_has_a_floor() {
    let floors = floors();
    for module in modules().keys() {
        assert!(
            floors.contains_key(module.as_str()),
            "src/{module} stands on no floor: give it one in FLOORS"
        );
    }
    assert_eq!(floors.len(), modules().len(), "FLOORS names a file that is gone");
}

#[test]
fn an_import_points_down() {
    let floors = floors();
    for (module, source) in modules() {
        if module == "lib" {
            continue;
        }
        for used in imports(&module, &source, &floors) {
            let allowed = floors[used.as_str()] < floors[module.as_str()]
                || (PROTOCOL.contains(&module.as_str()) && used.starts_with("decide"))
                || (module == "token" && used.starts_with("token"))
                || (module.starts_with("wasm") && used.starts_with("wasm"))
                || module == "token::json" && used == "token::json::reader";
            assert!(allowed, "{module} uses {used}, which does not stand below it");
        }
    }
}

#[test]
fn the_reader_of_imports_sees_what_it_must() {
    let floors = floors();
    let source = "use crate::decide::{self, Facts};\nuse super::refresh;\nuse crate::formats::keys::Key;\nfn f() { crate::formats::seal::open(); }";
    let seen = imports("decide::revoke", source, &floors);
    for module in ["decide", "decide::refresh", "keys", "seal"] {
        assert!(seen.contains(&module.to_owned()), "{module} in {seen:?}");
    }
}

#[test]
fn only_the_door_names_the_javascript_world() {
    for (module, source) in modules() {
        if module.starts_with("wasm") {
            continue;
        }
        for name in JS_WORLD {
            let named = code(&source).any(|line| line.contains(&format!("{name}::")));
            assert!(!named, "{module} names {name}: only src/wasm.rs may");
        }
    }
}

#[test]
fn the_core_reads_no_clock_and_draws_no_randomness() {
    for (module, source) in modules() {
        for name in ["SystemTime", "Instant::now", "thread_rng", "OsRng", "HashMap", "async fn"] {
            assert!(
                !code(&source).any(|line| line.contains(name)),
                "{module} names {name}: the host brings time, entropy and waiting"
            );
        }
    }
}

#[test]
fn secrets_are_compared_in_constant_time() {
    for (module, source) in modules() {
        let compared = code(&source)
            .find(|line| line.contains("expose()") && (line.contains("==") || line.contains("!=")));
        assert_eq!(compared, None, "{module} compares what a secret exposes: use Secret::matches");
    }
}

#[test]
fn files_stay_short() {
    for (module, source) in modules() {
        let lines = source.lines().count();
        assert!(lines <= 320, "{module} has {lines} lines: split it");
    }
}

/// Module name to the number of its floor.
fn floors() -> BTreeMap<&'static str, usize> {
    FLOORS
        .iter()
        .enumerate()
        .flat_map(|(floor, (_, names))| names.iter().map(move |name| (*name, floor)))
        .collect()
}

/// Module name to source text.
fn modules() -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    collect(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), "", &mut found);
    found
}

fn collect(folder: &Path, prefix: &str, found: &mut BTreeMap<String, String>) {
    for entry in fs::read_dir(folder).expect("src can be listed") {
        let path = entry.expect("an entry").path();
        let name = path.file_stem().and_then(|stem| stem.to_str()).expect("a name").to_owned();
        if path.is_dir() {
            collect(&path, &format!("{prefix}{name}::"), found);
        } else {
            let module = if name == "mod" {
                prefix.trim_end_matches("::").to_owned()
            } else {
                format!("{prefix}{name}")
            };
            found.insert(module, fs::read_to_string(&path).expect("a source file"));
        }
    }
}

/// Lines without comments.
fn code(source: &str) -> impl Iterator<Item = &str> {
    source.lines().map(|line| line.split("//").next().unwrap_or_default())
}

/// The modules of ours that a file names, by `crate::`, `super::` or `self::`.
fn imports(module: &str, source: &str, floors: &BTreeMap<&'static str, usize>) -> Vec<String> {
    let text: String = code(source).collect::<Vec<_>>().join("\n");
    let parent = module.rsplit_once("::").map_or("", |(parent, _)| parent);
    let mut used = Vec::new();
    for (marker, base) in [("crate::", ""), ("super::", parent)] {
        for (at, _) in text.match_indices(marker) {
            used.extend(named(base, &text[at + marker.len()..], floors));
        }
    }
    used.retain(|name| name != module);
    used
}

/// The longest known module that a path leads to, and every known module in its braces.
fn named(base: &str, path: &str, floors: &BTreeMap<&'static str, usize>) -> Vec<String> {
    let join = |base: &str, name: &str| {
        if base.is_empty() { name.to_owned() } else { format!("{base}::{name}") }
    };
    let word: String = path.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
    if let Some(inside) = path.strip_prefix('{') {
        let list = inside.split('}').next().unwrap_or_default();
        let children: Vec<_> = list
            .split(',')
            .map(|name| join(base, name.split("::").next().unwrap_or_default().trim()))
            .collect();
        // What is no module is an item of the folder's own file.
        let items = children.iter().any(|name| !floors.contains_key(name.as_str()));
        let known = children.into_iter().filter(|name| floors.contains_key(name.as_str()));
        return known.chain((items && !base.is_empty()).then(|| base.to_owned())).collect();
    }
    let here = join(base, &word);
    if !floors.contains_key(here.as_str()) {
        return if base.is_empty() { Vec::new() } else { vec![base.to_owned()] };
    }
    match path[word.len()..].strip_prefix("::") {
        Some(rest) => named(&here, rest, floors),
        None => vec![here],
    }
}
