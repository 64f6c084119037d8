//! Finds lines of more than 100 columns, which rustfmt does not report in comments and strings.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Result;

use crate::support::workspace::{GENERATED_FOLDERS, root};

const MAX_COLUMNS: usize = 100;

/// Text without a space that is at least this long cannot be wrapped.
const MIN_UNBREAKABLE_CHARS: usize = 80;

const EXTENSIONS: [&str; 7] = ["rs", "ts", "mjs", "js", "css", "md", "toml"];

/// Data and generated files, beside the folders that the commands make.
const EXCLUDED: [&str; 7] = [
    ".git",
    "docs/risk",
    "docs/risk-simulation.md",
    "pkg/CHANGELOG.md",
    "pkg/README.md",
    "tests/fixtures",
    "tests/keys",
];

/// Returns `file:line: columns` for each line that is too long, in the order of the paths.
pub fn find_long_lines() -> Result<Vec<String>> {
    let mut files = Vec::new();
    collect_files(root(), &mut files)?;
    files.sort();
    let mut found = Vec::new();
    for file in files {
        let text = String::from_utf8_lossy(&fs::read(&file)?).into_owned();
        let name = file.strip_prefix(root()).unwrap_or(&file).display().to_string();
        for (index, line) in text.lines().enumerate() {
            if is_too_long(line) {
                let columns = line.chars().count();
                found.push(format!("{name}:{}: {columns} columns", index + 1));
            }
        }
    }
    Ok(found)
}

fn collect_files(folder: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.strip_prefix(root()).unwrap_or(&path);
        let mut excluded = EXCLUDED.iter().chain(&GENERATED_FOLDERS);
        let is_made_by_tools = path.file_name().is_some_and(|name| name == "node_modules");
        if path.is_symlink()
            || is_made_by_tools
            || excluded.any(|excluded| name == Path::new(excluded))
        {
            continue;
        }
        if path.is_dir() {
            collect_files(&path, files)?;
        } else if path.extension().is_some_and(|end| EXTENSIONS.iter().any(|known| end == *known)) {
            files.push(path);
        }
    }
    Ok(())
}

/// A long line is accepted if it is a row of a table, in Markdown or in a comment, a regular
/// expression, or if it contains an address, a string literal or another text that cannot be
/// wrapped.
fn is_too_long(line: &str) -> bool {
    let text = line.trim_start().trim_start_matches(['/', '!', '*', ' ']);
    line.chars().count() > MAX_COLUMNS
        && !text.starts_with('|')
        && !line.trim_start().starts_with("/^")
        && !line.contains("://")
        && !line.split_whitespace().any(is_unbreakable)
        && !has_long_literal(line)
}

fn is_unbreakable(text: &str) -> bool {
    text.chars().count() >= MIN_UNBREAKABLE_CHARS
}

/// Whether the line contains a quoted text that cannot be wrapped. A quote after a letter is an
/// apostrophe, and one after a backslash does not end the text.
fn has_long_literal(line: &str) -> bool {
    ['"', '\'', '`'].iter().any(|quote| {
        line.match_indices(*quote).any(|(start, _)| {
            let is_apostrophe = line[..start].ends_with(char::is_alphanumeric);
            let rest = &line[start + 1..];
            let mut ends = rest.match_indices(*quote).map(|(end, _)| &rest[..end]);
            let literal = ends.find(|literal| !literal.ends_with('\\'));
            !is_apostrophe && literal.is_some_and(is_unbreakable)
        })
    })
}

#[cfg(test)]
mod tests {
    use super::is_too_long;

    #[test]
    fn prose_is_limited_to_100_columns() {
        assert!(!is_too_long(&"word ".repeat(20)));
        assert!(is_too_long(&"word ".repeat(21)));
        assert!(is_too_long(&format!("// A site's {}", "word, ".repeat(17))));
    }

    #[test]
    fn addresses_tables_and_long_literals_are_accepted() {
        assert!(!is_too_long(&format!("See https://example.org {}", "word ".repeat(20))));
        assert!(!is_too_long(&format!("| {} |", "cell ".repeat(20))));
        assert!(!is_too_long(&format!("    //! | {} |", "cell ".repeat(20))));
        assert!(!is_too_long(&format!("const TEXT = '{}'", "word ".repeat(20))));
        assert!(!is_too_long(&format!("write(\"{}\")", "\\\"word ".repeat(20))));
        assert!(!is_too_long(&format!("    0x{} and more words", "0".repeat(80))));
    }
}
