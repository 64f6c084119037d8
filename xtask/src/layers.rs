//! Tests the imports of this crate: files form layers, and none import each other in a circle.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// The folders in the order of their layers: a folder imports from those before it.
const FOLDERS: [&str; 4] = ["support", "build", "suite", "commands"];

#[test]
fn a_folder_imports_only_from_the_folders_before_it() {
    let rank = |module: &str| {
        let folder = module.split("::").next().unwrap_or_default();
        FOLDERS.iter().position(|name| *name == folder).expect("a module of a known folder")
    };
    for (module, imports) in imports() {
        for import in imports {
            assert!(rank(&import) <= rank(&module), "{module} imports {import}");
        }
    }
}

#[test]
fn no_modules_import_each_other_in_a_circle() {
    let mut remaining = imports();
    // Modules whose imports are all removed are removed in turn; a circle is what remains.
    loop {
        let names: Vec<String> = remaining.keys().cloned().collect();
        remaining.retain(|_, imports| imports.iter().any(|import| names.contains(import)));
        if remaining.len() == names.len() {
            break;
        }
    }
    assert!(remaining.is_empty(), "in a circle, or above one: {remaining:#?}");
}

/// The imports of each module, both as paths such as "support::npm".
fn imports() -> BTreeMap<String, Vec<String>> {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut texts = BTreeMap::new();
    for folder in FOLDERS {
        for file in fs::read_dir(source.join(folder)).expect("a folder of src") {
            let path = file.expect("an entry").path();
            let name = path.file_stem().expect("a file name").to_string_lossy().into_owned();
            let module = if name == "mod" { folder.into() } else { format!("{folder}::{name}") };
            texts.insert(module, fs::read_to_string(path).expect("a source file"));
        }
    }
    let longest_prefix = |path: &str| {
        let is_prefix = |name: &&String| format!("{path}::").starts_with(&format!("{name}::"));
        texts.keys().filter(is_prefix).max_by_key(|name| name.len()).cloned()
    };
    let find = |module: &str, text: &str| -> Vec<String> {
        let is_child = |path: &str| longest_prefix(path).is_some_and(|name| name.contains("::"));
        let paths = used_paths(text).into_iter().map(|path| absolute_path(module, &path, is_child));
        paths.filter_map(|path| longest_prefix(&path)).filter(|name| name != module).collect()
    };
    texts.iter().map(|(module, text)| (module.clone(), find(module, text))).collect()
}

/// The paths of the `use` statements in front of the tests, without braces.
fn used_paths(text: &str) -> Vec<String> {
    let code = text.split("#[cfg(test)]").next().unwrap_or_default();
    let lines: Vec<&str> = code.lines().filter(|line| !line.trim().starts_with("//")).collect();
    let statements = lines.join(" ");
    let statements = statements.split(';').map(|statement| statement.trim());
    let statements = statements.map(|statement| statement.trim_start_matches("pub "));
    let trees = statements.filter_map(|statement| statement.strip_prefix("use "));
    trees.flat_map(|tree| expand(&tree.replace(' ', ""))).collect()
}

/// Expands "a::{b,c::{d}}" to "a::b" and "a::c::d".
fn expand(tree: &str) -> Vec<String> {
    let Some((prefix, rest)) = tree.split_once('{') else { return vec![tree.to_owned()] };
    let inside = rest.strip_suffix('}').expect("a closing brace at the end");
    let (mut depth, mut start, mut parts) = (0, 0, Vec::new());
    for (index, character) in inside.char_indices() {
        match character {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                parts.push(&inside[start..index]);
                start = index + 1;
            }
            _ => {}
        }
    }
    parts.push(&inside[start..]);
    parts.iter().flat_map(|part| expand(part)).map(|part| format!("{prefix}{part}")).collect()
}

/// Resolves `crate` and `super`, and the children of a folder's `mod.rs`, which has the name of the
/// folder. The result is empty for a path into another crate.
fn absolute_path(module: &str, path: &str, is_child: impl Fn(&str) -> bool) -> String {
    let folder = module.split("::").next().unwrap_or_default();
    let in_folder = format!("{folder}::{}", path.trim_start_matches("super::"));
    match path.strip_prefix("crate::") {
        Some(path) => path.to_owned(),
        None if path.starts_with("super::") || is_child(&in_folder) => in_folder,
        None => String::new(),
    }
}

#[test]
fn braces_are_expanded() {
    assert_eq!(expand("a::{b,c::{d,e}}"), ["a::b", "a::c::d", "a::c::e"]);
    assert_eq!(used_paths("use a::b;\n// use c;\npub use d::{e};"), ["a::b", "d::e"]);
}
