//! The TypeScript sources are layers: an import points to an earlier layer, for types as well, and
//! no two files form a circle. architecture.md describes the layers; this test holds them.
#![cfg(not(target_arch = "wasm32"))]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

/// The folders of `pkg/src` in order. A folder imports from lines before its own; folders of one
/// line are siblings, and import nothing from each other.
const LAYERS: &[&[&str]] = &[
    &["core"],
    &["context"],
    &["tokens", "risk", "stores"],
    &["web"],
    &["sessions"],
    &["adapters"],
    &["entry"],
];

/// Folders outside the order, and every folder or file that each may import from.
const OUTSIDE: &[(&str, &[&str])] = &[
    ("client", &[]),
    ("testing", &["core/"]),
    ("testing/stores", &["core/errors.ts", "stores/types.ts"]),
];

/// The one file that may import the generated bindings. The entries import the module itself.
const BINDINGS: (&str, &str) = ("core/wasm.ts", "wasm/portcullis.js");

/// Words that belong to one runtime, and what may use them. `Buffer` and `Deno.` in stores are the
/// clients' own types.
const RUNTIME_WORDS: &[&str] = &["'node:", "'bun:", "process.", "Deno.", "Bun."];
const RUNTIME_PACKAGES: &[&str] = &["cloudflare:workers"];

/// Databases, which only `stores` may name in code.
const DATABASE_WORDS: &[&str] =
    &["sqlite", "postgres", "redis", "upstash", "dynamodb", "denokv", "d1database", "unstorage"];

/// Frameworks, which only `adapters` may name in code. (`express` alone is part of `expression`.)
const FRAMEWORK_WORDS: &[&str] = &["hono", "expressre", "fastify", "svelte", "astro", "remix"];

/// A source file: its path below `pkg/src` and its text.
type Files = BTreeMap<String, String>;

#[test]
fn every_import_points_to_an_earlier_layer() {
    assert_eq!(wrong_arrows(&sources()), Vec::<String>::new());
}

#[test]
fn no_two_files_form_a_circle() {
    assert_eq!(circles(&sources()), Vec::<String>::new());
}

#[test]
fn every_file_is_in_a_layer() {
    for file in sources().keys() {
        let folder = folder(file);
        assert!(
            layer(folder).is_some() || OUTSIDE.iter().any(|(name, _)| *name == folder),
            "pkg/src/{file} is in no layer: move it, or add its folder to LAYERS"
        );
    }
}

#[test]
fn only_the_loader_imports_the_generated_bindings() {
    let (loader, bindings) = BINDINGS;
    for (file, text) in sources() {
        for import in imports(&text) {
            let generated = import.contains("/wasm/");
            let allowed =
                if import.ends_with(bindings) { file == loader } else { folder(&file) == "entry" };
            assert!(!generated || allowed, "{file} imports {import}");
        }
    }
}

#[test]
fn only_entries_depend_on_a_runtime() {
    for (file, text) in sources() {
        if folder(&file) == "entry" || file.ends_with(".d.ts") {
            continue;
        }
        for import in imports(&text) {
            let is_ours = import.starts_with('.');
            let is_object =
                file == "stores/durable-object.ts" && RUNTIME_PACKAGES.contains(&import.as_str());
            assert!(is_ours || is_object, "{file} imports the package {import}");
        }
        let code = without_comments_and_texts(&text);
        for word in RUNTIME_WORDS {
            assert!(!code.contains(word), "{file} uses {word}: only entries may");
        }
    }
}

#[test]
fn only_stores_name_a_database() {
    let allowed = ["stores", "testing/stores"];
    assert_eq!(naming(&sources(), DATABASE_WORDS, &allowed), Vec::<String>::new());
}

#[test]
fn only_adapters_name_a_framework() {
    assert_eq!(naming(&sources(), FRAMEWORK_WORDS, &["adapters"]), Vec::<String>::new());
}

#[test]
fn a_planted_import_is_found() {
    let mut files = sources();
    let planted = [
        ("core/host.ts", "import {\n  protect,\n  type Route,\n} from '../web/protect.js'\n"),
        ("core/types.ts", "export type { Store } from '../stores/types.js'\n"),
        ("tokens/types.ts", "export type T = import('../risk/types.js').Risk\n"),
        ("client/retry.ts", "import '../core/errors.js'\n"),
        ("testing/index.ts", "import type { Sessions } from '../sessions/types.js'\n"),
    ];
    for (file, import) in planted {
        let text = files.get_mut(file).expect(file);
        text.insert_str(0, import);
        let found = wrong_arrows(&files);
        assert!(found.iter().any(|arrow| arrow.starts_with(&format!("{file} "))), "{found:?}");
    }
    assert_eq!(wrong_arrows(&files).len(), planted.len());
}

#[test]
fn a_planted_circle_of_types_is_found() {
    let mut files = sources();
    files.insert("core/a.ts".into(), "import type { B } from './b.js'\n".into());
    files.insert("core/b.ts".into(), "export type { C } from './c.js'\n".into());
    files.insert("core/c.ts".into(), "export type C = import('./a.js').A\n".into());
    assert_eq!(circles(&files), ["core/a.ts > core/b.ts > core/c.ts > core/a.ts"]);
}

#[test]
fn an_import_in_a_comment_or_a_text_is_none() {
    let text = "// import a from './a.js'\n/* export * from './b.js' */\n\
                const c = \"import './c.js'\"\n\
                const d = `import './d.js'`\nimport e from './e.js' // from './f.js'\n";
    assert_eq!(imports(text), ["./e.js"]);
}

#[test]
fn a_planted_word_is_found() {
    let mut files = sources();
    files.insert("web/cache.ts".into(), "const client = new RedisClient()\n// express\n".into());
    assert_eq!(naming(&files, DATABASE_WORDS, &["stores"]), ["web/cache.ts names redis"]);
    assert_eq!(naming(&files, FRAMEWORK_WORDS, &["adapters"]), Vec::<String>::new());
}

/// The imports that no layer allows, as `file imports file`.
fn wrong_arrows(files: &Files) -> Vec<String> {
    let mut wrong = Vec::new();
    for (file, text) in files {
        for used in used_files(file, text) {
            assert!(files.contains_key(&used), "{file} imports {used}, which is not there");
            if !may_import(file, &used) {
                wrong.push(format!("{file} imports {used}"));
            }
        }
    }
    wrong
}

fn may_import(file: &str, used: &str) -> bool {
    let (from, to) = (folder(file), folder(used));
    if from == to || (from == "testing" && used == "testing/stores/index.ts") {
        return true;
    }
    if let Some((_, allowed)) = OUTSIDE.iter().find(|(name, _)| *name == from) {
        return allowed.iter().any(|start| used.starts_with(start));
    }
    match (layer(from), layer(to)) {
        (Some(from), Some(to)) => to < from,
        _ => false,
    }
}

/// Every circle of imports, each once: from its first file in the order of the alphabet.
fn circles(files: &Files) -> Vec<String> {
    let uses: BTreeMap<&str, BTreeSet<String>> =
        files.iter().map(|(file, text)| (file.as_str(), used_files(file, text))).collect();
    let mut found = BTreeSet::new();
    for file in files.keys() {
        search(file, &mut vec![file.clone()], &mut BTreeSet::new(), &uses, &mut found);
    }
    found.into_iter().collect()
}

/// Adds the circles through the first file of `path`, which no earlier file is part of.
fn search(
    file: &str,
    path: &mut Vec<String>,
    seen: &mut BTreeSet<String>,
    uses: &BTreeMap<&str, BTreeSet<String>>,
    found: &mut BTreeSet<String>,
) {
    for used in uses.get(file).into_iter().flatten() {
        if *used == path[0] {
            found.insert(format!("{} > {used}", path.join(" > ")));
        } else if *used > path[0] && seen.insert(used.clone()) {
            path.push(used.clone());
            search(used, path, seen, uses, found);
            path.pop();
        }
    }
}

/// The files whose code contains one of the words, outside the folders that may.
fn naming(files: &Files, words: &[&str], allowed: &[&str]) -> Vec<String> {
    let mut found = Vec::new();
    for (file, text) in files.iter().filter(|(file, _)| !allowed.contains(&folder(file))) {
        let code = without_comments_and_texts(text).to_lowercase();
        for word in words.iter().filter(|word| code.contains(**word)) {
            found.push(format!("{file} names {word}"));
        }
    }
    found
}

fn folder(file: &str) -> &str {
    file.rsplit_once('/').map_or("", |(folder, _)| folder)
}

fn layer(folder: &str) -> Option<usize> {
    LAYERS.iter().position(|names| names.contains(&folder))
}

/// The source files that a file imports or exports from.
fn used_files(file: &str, text: &str) -> BTreeSet<String> {
    imports(text)
        .iter()
        .filter(|import| import.starts_with('.') && !import.contains("/wasm/"))
        .map(|import| resolve(folder(file), import))
        .collect()
}

/// A relative import as a path below `pkg/src`.
fn resolve(folder: &str, import: &str) -> String {
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in import.split('/') {
        match part {
            "." => {}
            ".." => assert!(parts.pop().is_some(), "{folder} imports {import}, outside pkg/src"),
            name => parts.push(name),
        }
    }
    let path = parts.join("/");
    path.strip_suffix(".js").map_or(path.clone(), |stem| format!("{stem}.ts"))
}

/// What a file imports: the text after `from`, after a bare `import`, and in `import(...)`.
fn imports(text: &str) -> Vec<String> {
    let tokens = tokens(text);
    let is =
        |n: usize, word: &str| matches!(tokens.get(n), Some(Token::Code(code)) if code == word);
    let mut found = Vec::new();
    for (n, token) in tokens.iter().enumerate() {
        let Token::Text(path) = token else { continue };
        let before = n.checked_sub(1).is_some_and(|at| is(at, "from") || is(at, "import"));
        let called = n.checked_sub(2).is_some_and(|at| is(at, "import") && is(at + 1, "("));
        if before || called {
            found.push(path.clone());
        }
    }
    found
}

/// The code of a file, its comments and texts replaced by blanks.
fn without_comments_and_texts(text: &str) -> String {
    let code = tokens(text).into_iter().map(|token| match token {
        Token::Code(code) => code,
        Token::Text(text) if text.starts_with("node:") || text.starts_with("bun:") => {
            format!("'{text}'")
        }
        Token::Text(_) => String::new(),
    });
    code.collect::<Vec<_>>().join("")
}

#[derive(Debug)]
enum Token {
    /// A word, or one character that is part of none.
    Code(String),
    /// What is between quotes.
    Text(String),
}

/// Enough of a lexer to find imports: words, single characters and quoted texts, without comments.
/// A template is one text, its placeholders included; a regular expression is taken for code.
fn tokens(text: &str) -> Vec<Token> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let length = if let Some(comment) = rest.strip_prefix("//") {
            2 + comment.find('\n').unwrap_or(comment.len())
        } else if let Some(comment) = rest.strip_prefix("/*") {
            comment.find("*/").map_or(rest.len(), |end| end + 4)
        } else if matches!(first, '\'' | '"' | '`') {
            let length = quoted(rest, first);
            found.push(Token::Text(rest[1..length].trim_end_matches(first).to_owned()));
            length
        } else {
            let is_word = |c: char| c.is_alphanumeric() || c == '_' || c == '$';
            let end = rest.find(|c| !is_word(c)).unwrap_or(rest.len());
            let length = if end == 0 { first.len_utf8() } else { end };
            if !first.is_whitespace() {
                found.push(Token::Code(rest[..length].to_owned()));
            }
            length
        };
        rest = &rest[length..];
    }
    found
}

/// The length of the quoted text that `text` begins with, both quotes included. A quote of one line
/// that is not closed in it is part of a regular expression, and ends at once.
fn quoted(text: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, character) in text.char_indices().skip(1) {
        match character {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '\n' if quote != '`' => return 1,
            _ if character == quote => return at + 1,
            _ => {}
        }
    }
    text.len()
}

fn sources() -> Files {
    let mut files = Files::new();
    collect(&Path::new(env!("CARGO_MANIFEST_DIR")).join("pkg/src"), "", &mut files);
    assert!(files.len() > 50, "pkg/src has {} files: is the path right?", files.len());
    files
}

fn collect(folder: &Path, prefix: &str, files: &mut Files) {
    for entry in fs::read_dir(folder).expect("a folder that can be listed") {
        let path = entry.expect("an entry").path();
        let name = path.file_name().and_then(|name| name.to_str()).expect("a name").to_owned();
        if path.is_dir() {
            collect(&path, &format!("{prefix}{name}/"), files);
        } else if name.ends_with(".ts") {
            files.insert(format!("{prefix}{name}"), fs::read_to_string(&path).expect("a file"));
        }
    }
}
