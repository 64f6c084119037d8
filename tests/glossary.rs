//! The language of the public names: every part of a public name is a term of `docs/glossary.md` or
//! an ordinary word of `tests/ordinary_words.txt`.
//!
//! The test reads the names of Rust's public items, of the package's exported types, functions and
//! options, and of the error codes. A name that fails gets a better word; a new term gets a
//! sentence in the glossary; an ordinary word goes into the list.
#![cfg(not(target_arch = "wasm32"))]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

#[test]
fn every_part_of_a_public_name_is_a_term_or_an_ordinary_word() {
    let known = known_words();
    let unknown = unknown_parts(&public_names(), &known);
    assert!(
        unknown.is_empty(),
        "These name parts are neither in docs/glossary.md nor in tests/ordinary_words.txt: {unknown:#?}"
    );
}

#[test]
fn the_list_of_ordinary_words_is_sorted_and_holds_only_words_in_use() {
    let list = ordinary_words();
    assert!(list.is_sorted(), "tests/ordinary_words.txt is not in alphabetical order");
    let parts: BTreeSet<String> = public_names().keys().flat_map(|name| name_parts(name)).collect();
    let unused: Vec<&String> = list.iter().filter(|word| !parts.contains(*word)).collect();
    assert!(unused.is_empty(), "no public name uses these words: {unused:?}");
}

#[test]
fn a_planted_metaphor_is_found() {
    let names = [("openFrontDoor".to_owned(), "planted".to_owned())].into_iter().collect();
    let unknown = unknown_parts(&names, &known_words());
    assert_eq!(unknown.keys().collect::<Vec<_>>(), ["door", "front"]);
}

#[test]
fn the_scanners_find_names_of_every_kind() {
    let names = public_names();
    for name in ["SessionRecord", "decide_rotation", "local_id", "createSessions", "RequestHead"] {
        assert!(names.contains_key(name), "{name} is not among the public names");
    }
    for name in ["ERR_CONFIG", "ERR_TRAP", "accessTtlSeconds", "maxAgeSeconds", "sqliteStore"] {
        assert!(names.contains_key(name), "{name} is not among the public names");
    }
    assert_eq!(name_parts("parseHTTPHeaderV2"), ["parse", "http", "header", "v"]);
    assert_eq!(name_parts("ERR_TOKEN_MALFORMED"), ["err", "token", "malformed"]);
}

/// Each part that is unknown, with a name that holds it and the file of that name.
fn unknown_parts(
    names: &BTreeMap<String, String>,
    known: &BTreeSet<String>,
) -> BTreeMap<String, String> {
    let mut unknown = BTreeMap::new();
    for (name, file) in names {
        for part in name_parts(name) {
            let singular = part.strip_suffix('s').unwrap_or(&part);
            if !known.contains(&part) && !known.contains(singular) {
                unknown.entry(part).or_insert_with(|| format!("{name} in {file}"));
            }
        }
    }
    unknown
}

/// The lower-case words of a name in any of the usual spellings. Digits separate words.
fn name_parts(name: &str) -> Vec<String> {
    let letters: Vec<char> = name.chars().collect();
    let mut parts = vec![String::new()];
    for (at, letter) in letters.iter().enumerate() {
        let follows_lower = at > 0 && letters[at - 1].is_ascii_lowercase();
        let begins_word = at > 0
            && letters[at - 1].is_ascii_uppercase()
            && letters.get(at + 1).is_some_and(char::is_ascii_lowercase);
        if !letter.is_ascii_alphabetic() {
            parts.push(String::new());
        } else if letter.is_ascii_uppercase() && (follows_lower || begins_word) {
            parts.push(letter.to_ascii_lowercase().to_string());
        } else {
            parts.last_mut().expect("a part").push(letter.to_ascii_lowercase());
        }
    }
    parts.retain(|part| !part.is_empty());
    parts
}

/// The words of the glossary's terms, which are in bold, and the ordinary words.
fn known_words() -> BTreeSet<String> {
    let glossary = read("docs/glossary.md");
    let terms = glossary.split("**").skip(1).step_by(2);
    let words = terms.flat_map(|term| term.split(|c: char| !c.is_ascii_alphabetic()));
    words.filter(|word| !word.is_empty()).map(str::to_lowercase).chain(ordinary_words()).collect()
}

fn ordinary_words() -> Vec<String> {
    let text = read("tests/ordinary_words.txt");
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    lines.flat_map(str::split_whitespace).map(str::to_owned).collect()
}

/// Every public name, with the file that declares it.
fn public_names() -> BTreeMap<String, String> {
    let mut names = BTreeMap::new();
    for (folder, extension, scan) in
        [("src", "rs", rust_names as fn(&str) -> Vec<String>), ("pkg/src", "ts", typescript_names)]
    {
        for file in files(&root().join(folder), extension) {
            let text = fs::read_to_string(&file).expect("a source file");
            let shown = file.strip_prefix(root()).expect("a file of ours").display().to_string();
            for name in scan(&text).into_iter().chain(error_codes(&text)) {
                names.entry(name).or_insert_with(|| shown.clone());
            }
        }
    }
    names
}

/// The names of public items and public fields.
fn rust_names(text: &str) -> Vec<String> {
    let mut names = Vec::new();
    for line in text.lines() {
        let Some(rest) = line.trim_start().strip_prefix("pub ") else { continue };
        let rest = rest.trim_start_matches("const fn ").trim_start_matches("fn ");
        let words: Vec<&str> = rest.split(|c: char| !(c.is_alphanumeric() || c == '_')).collect();
        let name = match words.as_slice() {
            ["struct" | "enum" | "trait" | "type" | "const" | "static" | "mod", name, ..] => name,
            ["use" | "crate" | "super", ..] | [] => continue,
            [name, ..] => name,
        };
        names.push((*name).to_owned());
    }
    names
}

/// The names of exported declarations, and of the members of exported interfaces and types.
fn typescript_names(text: &str) -> Vec<String> {
    let mut names = Vec::new();
    let mut is_inside_type = false;
    for line in text.lines() {
        let declared = ["type ", "interface ", "function ", "async function ", "const ", "class "];
        if let Some(rest) = line.strip_prefix("export ") {
            let rest = rest.trim_start_matches("declare ").trim_start_matches("abstract ");
            if let Some(name) = declared.iter().find_map(|kind| rest.strip_prefix(kind)) {
                names.extend(identifier(name));
            }
            is_inside_type = rest.starts_with("interface ") || rest.starts_with("type ");
        } else if !line.starts_with(' ') && !line.starts_with('}') {
            is_inside_type = false;
        } else if is_inside_type && let Some(name) = identifier(line.trim_start()) {
            let after = line.trim_start()[name.len()..].trim_start_matches('?');
            if after.starts_with(':') || after.starts_with('(') || after.starts_with('<') {
                names.push(name);
            }
        }
    }
    names
}

fn identifier(text: &str) -> Option<String> {
    let text = text.strip_prefix("readonly ").unwrap_or(text);
    let name: String = text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
    (!name.is_empty()).then_some(name)
}

fn error_codes(text: &str) -> Vec<String> {
    let words = text.split(|c: char| !(c.is_ascii_uppercase() || c == '_'));
    words.filter(|word| word.len() > 4 && word.starts_with("ERR_")).map(str::to_owned).collect()
}

fn files(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder that can be listed") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            found.extend(files(&path, extension));
        } else if path.extension().is_some_and(|end| end == extension) {
            found.push(path);
        }
    }
    found
}

fn read(file: &str) -> String {
    fs::read_to_string(root().join(file)).expect("a file of the repository")
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}
