//! The layers of `src`: an import points to a lower layer, decisions do not import each other, and
//! no two files import each other, directly or through others.
//!
//! The layers of the TypeScript package are checked in `layers_typescript.rs`.
#![cfg(not(target_arch = "wasm32"))]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

/// The folders of `src`, lowest layer first. Folders in one row are siblings: they do not import
/// each other.
const LAYERS: &[&[&str]] =
    &[&["foundation"], &["formats", "risk"], &["model"], &["decide"], &["wasm"], &["lib"]];

/// Modules of one layer that must not import each other: each can be read by itself.
const SIBLINGS: &[&[&str]] = &[
    &[
        "decide::first_use",
        "decide::list",
        "decide::refresh",
        "decide::revoke",
        "decide::risk_profile",
        "decide::session_check",
        "decide::sign_in",
        "decide::sign_out",
        "decide::step_up",
    ],
    &["risk::behaviour_evidence", "risk::device_evidence", "risk::network_evidence"],
    &["formats::cookie", "formats::origin_check", "formats::seal", "formats::client_family"],
];

/// Crates that only the JavaScript interface may name.
const JAVASCRIPT_CRATES: &[&str] = &["wasm_bindgen", "js_sys", "serde_wasm_bindgen", "getrandom"];

/// Names of clocks, random sources, unordered collections and waiting.
const IMPURE_NAMES: &[&str] =
    &["SystemTime", "Instant::now", "thread_rng", "OsRng", "HashMap", "async fn"];

const MAX_FILE_LINES: usize = 320;

type Modules = BTreeMap<String, String>;

#[test]
fn every_file_belongs_to_a_layer() {
    for module in modules().keys() {
        assert!(layer(module).is_some(), "src/{module} is in no layer: name its folder in LAYERS");
    }
}

#[test]
fn an_import_points_to_a_lower_layer() {
    assert_eq!(wrong_arrows(&modules()), Vec::<String>::new());
}

#[test]
fn sibling_modules_do_not_import_each_other() {
    let modules = modules();
    for siblings in SIBLINGS {
        for module in *siblings {
            let source = modules.get(*module).expect("a sibling that exists");
            let used = imports(module, source, &modules);
            let other = used.iter().find(|used| siblings.contains(&used.as_str()));
            assert_eq!(other, None, "{module} imports its sibling");
        }
    }
}

#[test]
fn no_files_import_each_other_in_a_circle() {
    assert_eq!(circle(&modules()), None);
}

#[test]
fn a_planted_arrow_and_a_planted_circle_are_found() {
    let planted = |module: &str, code: &str| {
        let mut modules = modules();
        modules.entry(module.to_owned()).or_default().push_str(code);
        modules
    };
    let upward = planted("foundation::time", "\nuse crate::formats::seal::unseal;\n");
    assert_eq!(wrong_arrows(&upward), ["foundation::time imports formats::seal"]);
    let sideways = planted("risk::geo", "\nuse crate::formats::{cookie, id::SessionId};\n");
    assert_eq!(
        wrong_arrows(&sideways),
        ["risk::geo imports formats::cookie", "risk::geo imports formats::id"]
    );
    let around = planted("decide::outcome", "\nuse super::refresh;\n");
    assert!(circle(&around).is_some_and(|path| path.contains(&"decide::refresh".to_owned())));
    let to_parent = planted("formats::token::json::scan", "\nfn f() { super::parse_object(); }\n");
    assert!(circle(&to_parent).is_some());
}

#[test]
fn only_the_wasm_layer_names_javascript() {
    for (module, source) in modules() {
        for name in JAVASCRIPT_CRATES {
            let is_named = code(&source).any(|line| line.contains(&format!("{name}::")));
            assert!(!is_named || module.starts_with("wasm"), "{module} names {name}");
        }
    }
}

#[test]
fn the_core_reads_no_clock_and_draws_no_randomness() {
    for (module, source) in modules() {
        for name in IMPURE_NAMES {
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
        let comparison = code(&source)
            .find(|line| line.contains("expose()") && (line.contains("==") || line.contains("!=")));
        assert_eq!(comparison, None, "{module} compares an exposed secret: use Secret::matches");
    }
}

#[test]
fn files_stay_short() {
    for (module, source) in modules() {
        let lines = source.lines().count();
        assert!(lines <= MAX_FILE_LINES, "{module} has {lines} lines: split it");
    }
}

/// The row of `LAYERS` that holds the folder of a module.
fn layer(module: &str) -> Option<usize> {
    let folder = module.split("::").next().unwrap_or_default();
    LAYERS.iter().position(|row| row.contains(&folder))
}

/// Every import from one folder to another that does not point to a lower layer.
fn wrong_arrows(modules: &Modules) -> Vec<String> {
    let folder = |module: &str| module.split("::").next().unwrap_or_default().to_owned();
    let mut wrong = Vec::new();
    for (module, source) in modules {
        for used in imports(module, source, modules) {
            if folder(&used) != folder(module) && layer(&used) >= layer(module) {
                wrong.push(format!("{module} imports {used}"));
            }
        }
    }
    wrong
}

/// A path of imports that leads back to its start, or `None`.
fn circle(modules: &Modules) -> Option<Vec<String>> {
    let arrows: BTreeMap<&str, BTreeSet<String>> = modules
        .iter()
        .map(|(module, source)| (module.as_str(), imports(module, source, modules)))
        .collect();
    let mut done = BTreeSet::new();
    modules.keys().find_map(|module| search(module, &arrows, &mut Vec::new(), &mut done))
}

fn search(
    module: &str,
    arrows: &BTreeMap<&str, BTreeSet<String>>,
    path: &mut Vec<String>,
    done: &mut BTreeSet<String>,
) -> Option<Vec<String>> {
    if let Some(start) = path.iter().position(|step| step == module) {
        return Some(path[start..].to_vec());
    }
    if !done.insert(module.to_owned()) {
        return None;
    }
    path.push(module.to_owned());
    let found = arrows[module].iter().find_map(|used| search(used, arrows, path, done));
    path.pop();
    found
}

/// The module name of each source file, with its text.
fn modules() -> Modules {
    let mut found = BTreeMap::new();
    collect(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), "", &mut found);
    found
}

fn collect(folder: &Path, prefix: &str, found: &mut Modules) {
    for entry in fs::read_dir(folder).expect("a folder that can be listed") {
        let path = entry.expect("an entry").path();
        let name = path.file_stem().and_then(|stem| stem.to_str()).expect("a name").to_owned();
        if path.is_dir() {
            collect(&path, &format!("{prefix}{name}::"), found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let module = match name.as_str() {
                "mod" => prefix.trim_end_matches("::").to_owned(),
                _ => format!("{prefix}{name}"),
            };
            found.insert(module, fs::read_to_string(&path).expect("a source file"));
        }
    }
}

/// The lines of a file without comments.
fn code(source: &str) -> impl Iterator<Item = &str> {
    source.lines().map(|line| line.split("//").next().unwrap_or_default())
}

/// The modules that a file names: by `crate::`, by `super::`, and its own children by their names.
fn imports(module: &str, source: &str, modules: &Modules) -> BTreeSet<String> {
    let text: String = code(source).collect::<Vec<_>>().join("\n");
    let parent = module.rsplit_once("::").map_or("", |(parent, _)| parent);
    let mut used = BTreeSet::new();
    for (marker, base) in [("crate::", ""), ("super::", parent)] {
        for (at, _) in text.match_indices(marker) {
            used.extend(named(base, &text[at + marker.len()..], modules));
        }
    }
    let child = format!("{module}::");
    for name in modules.keys().filter_map(|name| name.strip_prefix(&child)) {
        let call = format!("{name}::");
        let is_named = text.match_indices(&call).any(|(at, _)| {
            !text[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == ':')
        });
        if !name.contains("::") && is_named {
            used.insert(format!("{child}{name}"));
        }
    }
    used.remove(module);
    used
}

/// The longest known module that a path leads to, and every known module in its braces. A name that
/// is no module is an item of the last one.
fn named(base: &str, path: &str, modules: &Modules) -> Vec<String> {
    if let Some(list) = path.strip_prefix('{') {
        return parts(list).into_iter().flat_map(|part| named(base, part, modules)).collect();
    }
    let word: String = path.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
    let here = if base.is_empty() { word.clone() } else { format!("{base}::{word}") };
    if !modules.contains_key(&here) {
        return if base.is_empty() { Vec::new() } else { vec![base.to_owned()] };
    }
    match path[word.len()..].strip_prefix("::") {
        Some(rest) => named(&here, rest, modules),
        None => vec![here],
    }
}

/// The parts between commas of a list in braces, whose opening brace was removed.
fn parts(list: &str) -> Vec<&str> {
    let (mut depth, mut start, mut found) = (0, 0, Vec::new());
    for (at, byte) in list.bytes().enumerate() {
        match byte {
            b'{' => depth += 1,
            b'}' if depth > 0 => depth -= 1,
            b',' | b'}' if depth == 0 => {
                found.push(list[start..at].trim());
                start = at + 1;
                if byte == b'}' {
                    break;
                }
            }
            _ => {}
        }
    }
    found.retain(|part| !part.is_empty());
    found
}
