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
