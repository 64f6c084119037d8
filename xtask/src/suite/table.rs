//! The table at the end.

use super::outcome::Outcome;

/// A reason longer than this is told in full where the suite ran.
const WIDEST_REASON: usize = 200;

pub fn report(results: &[(&str, Outcome)]) -> String {
    let mut rows = vec![["suite", "engine", "passed", "failed", "skipped"].map(str::to_owned).to_vec()];
    for (name, outcome) in results {
        let engine = if outcome.engine.is_empty() { "-" } else { &outcome.engine };
        let (passed, failed) = (outcome.passed.to_string(), outcome.failed.to_string());
        rows.push(vec![(*name).to_owned(), engine.to_owned(), passed, failed, skips(&outcome.skipped)]);
    }
    let sum = |count: fn(&Outcome) -> u64| results.iter().map(|(_, outcome)| count(outcome)).sum::<u64>();
    let (passed, failed) = (sum(|outcome| outcome.passed), sum(|outcome| outcome.failed));
    let skipped = sum(|outcome| outcome.skipped.len() as u64);
    format!("{}\n{passed} passed, {failed} failed, {skipped} skipped\n", align(&rows, &[2, 3]))
}

/// Columns as wide as their widest cell, two spaces apart; those in `right` are numbers.
pub fn align(rows: &[Vec<String>], right: &[usize]) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| rows.iter().filter_map(|row| row.get(column)).map(|c| c.chars().count()).max();
    let widths: Vec<usize> = (0..columns).map(|column| width(column).unwrap_or(0)).collect();
    let mut text = String::new();
    for row in rows {
        let cells = row.iter().zip(&widths).enumerate().map(|(column, (cell, width))| match right.contains(&column) {
            true => format!("{cell:>width$}"),
            false => format!("{cell:<width$}"),
        });
        text += cells.collect::<Vec<_>>().join("  ").trim_end();
        text.push('\n');
    }
    text
}

/// "2 (sqlite: only from Node 22.13; kv: ...)"
fn skips(skipped: &[(String, String)]) -> String {
    if skipped.is_empty() {
        return "0".to_owned();
    }
    let reasons: Vec<String> = skipped.iter().map(|(name, why)| format!("{name}: {why}")).collect();
    let mut text = reasons.join("; ");
    if text.chars().count() > WIDEST_REASON {
        text = text.chars().take(WIDEST_REASON - 3).chain("...".chars()).collect();
    }
    format!("{} ({text})", skipped.len())
}

#[cfg(test)]
mod tests {
    use super::{Outcome, report};

    #[test]
    fn the_table_is_aligned_and_ends_with_one_plain_line() {
        let good = Outcome { engine: "node 24.21.0".to_owned(), passed: 12, ..Outcome::default() };
        let skipped = vec![("kv".to_owned(), "no binding".to_owned())];
        let bad = Outcome { engine: "bun 1".to_owned(), failed: 1, skipped, ..Outcome::default() };
        let expected = "\
suite   engine        passed  failed  skipped
node24  node 24.21.0      12       0  0
bun     bun 1              0       1  1 (kv: no binding)

12 passed, 1 failed, 1 skipped
";
        assert_eq!(report(&[("node24", good), ("bun", bad)]), expected);
    }
}
