//! The codes of errors and rejections are the same in the core, the package's types and the
//! documentation.
#![cfg(not(target_arch = "wasm32"))]

use portcullis::foundation::error::{ErrorCode, RejectionReason};
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

fn read(name: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(name))
        .expect("a file of the repository")
}

/// Every code, which begins with `ERR_`, in a text.
fn codes(text: &str) -> BTreeSet<String> {
    let words = text.split(|c: char| !(c.is_ascii_uppercase() || c == '_'));
    words.filter(|word| word.starts_with("ERR_")).map(str::to_owned).collect()
}

fn between<'a>(text: &'a str, from: &str, to: &str) -> &'a str {
    let rest = text.split_once(from).expect(from).1;
    rest.split_once(to).expect(to).0
}

/// The cells of a row of a Markdown table, without the spaces that align its columns.
fn cells(row: &str) -> Vec<String> {
    row.split('|').skip(1).map(|cell| cell.trim().to_owned()).collect()
}

#[test]
fn the_types_name_every_refusal_of_the_core_and_no_other() {
    let core: BTreeSet<_> =
        RejectionReason::ALL.iter().map(|reason| reason.code().to_owned()).collect();
    assert_eq!(
        codes(between(&read("pkg/src/core/errors.ts"), "export type RejectionCode =", "\n\n")),
        core
    );
}

#[test]
fn the_types_name_every_error_of_the_core() {
    let types = codes(between(&read("pkg/src/core/errors.ts"), "export type ErrorCode =", "\n\n"));
    for code in ErrorCode::ALL {
        assert!(types.contains(code.code()), "{}", code.code());
    }
}

#[test]
fn the_table_of_errors_is_complete() {
    let page = read("docs/errors.md");
    let table = codes(&page);
    let documented: Vec<_> = page.lines().map(cells).collect();
    let rows: Vec<_> =
        ErrorCode::ALL.iter().map(|code| (code.code(), code.status(), code.message())).collect();
    let reason_list = RejectionReason::ALL
        .iter()
        .map(|reason| (reason.code(), reason.status(), reason.message()));
    for (code, status, message) in rows.into_iter().chain(reason_list) {
        let row = [format!("`{code}`"), status.to_string(), message.to_owned()];
        assert!(
            documented.iter().any(|cells| cells.starts_with(&row)),
            "docs/errors.md lacks the row {row:?}"
        );
    }
    for code in codes(&read("pkg/src/core/errors.ts")) {
        assert!(table.contains(&code), "docs/errors.md lacks {code}");
    }
}

/// The names and paths that a text shows as code.
fn code_spans(text: &str) -> impl Iterator<Item = &str> {
    text.split('`').skip(1).step_by(2)
}

#[test]
fn the_walk_of_one_request_names_what_its_files_define() {
    let guide = read("CONTRIBUTING.md");
    let walk = between(&guide, "## One request", "\n## ");
    let stops: Vec<_> = walk
        .split(". ")
        .skip(1)
        .filter(|stop| stop.contains(".ts`") || stop.contains(".rs`"))
        .collect();
    assert!((10..=12).contains(&stops.len()), "{} stops", stops.len());
    for stop in stops {
        let path = code_spans(stop).find(|span| span.contains('/')).expect(stop);
        let folder =
            if path.starts_with("src/") || path.starts_with("pkg/") { "" } else { "pkg/src/" };
        let file = read(&format!("{folder}{path}"));
        let span = code_spans(stop).next().expect(stop);
        let name = span.rsplit([':', '.']).next().expect(stop);
        assert!(file.contains(name), "{path} does not contain {name}");
    }
}

/// Collects the source files below a folder.
fn source_files(folder: &Path, found: &mut Vec<String>) {
    for entry in fs::read_dir(folder).expect("a folder of the repository") {
        let path = entry.expect("an entry of the folder").path();
        if path.is_dir() {
            source_files(&path, found);
        } else if path.extension().is_some_and(|end| end == "rs" || end == "ts") {
            found.push(fs::read_to_string(path).expect("a source file"));
        }
    }
}

#[test]
fn every_measurement_that_a_comment_names_is_on_the_page_about_performance() {
    const MARK: &str = "performance.md, ";
    let page = read("docs/performance.md");
    let headings: Vec<_> = page.lines().filter_map(|line| line.strip_prefix("## ")).collect();
    let mut files = Vec::new();
    for folder in ["src", "pkg/src"] {
        source_files(&Path::new(env!("CARGO_MANIFEST_DIR")).join(folder), &mut files);
    }
    let named: Vec<_> = files
        .iter()
        .flat_map(|file| file.lines())
        .filter_map(|line| line.split_once(MARK))
        .map(|(_, name)| name.split(['.', ',', ')', ';', '*']).next().unwrap_or(name).trim())
        .collect();
    assert!(named.len() > 20, "only {} comments name a measurement", named.len());
    for name in named {
        // A comment may break the line within a heading.
        assert!(headings.iter().any(|heading| heading.starts_with(name)), "no heading: {name}");
    }
}
