//! Text tables with aligned columns.

/// Formats rows with columns as wide as their widest cell, two spaces apart. The columns in
/// `numeric` are aligned to the right.
pub fn align(rows: &[Vec<String>], numeric: &[usize]) -> String {
    let column_count = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column));
        cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..column_count).map(width).collect();
    let mut text = String::new();
    for row in rows {
        let cells =
            row.iter().zip(&widths).enumerate().map(|(column, (cell, width))| {
                match numeric.contains(&column) {
                    true => format!("{cell:>width$}"),
                    false => format!("{cell:<width$}"),
                }
            });
        text += cells.collect::<Vec<_>>().join("  ").trim_end();
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    #[test]
    fn words_are_aligned_left_and_numbers_right() {
        let row = |cells: [&str; 2]| cells.map(str::to_owned).to_vec();
        let rows = [row(["suite", "passed"]), row(["lint", "7"])];
        assert_eq!(super::align(&rows, &[1]), "suite  passed\nlint        7\n");
    }
}
