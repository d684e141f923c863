//! The table of two programs side by side.

use std::fmt::Write as _;

use super::bounds::{Measured, Row, megabytes};

/// What came of an attack on one program, or that nothing is known of it.
fn cells(row: Option<&Row>) -> [String; 5] {
    let Some(row) = row else { return std::array::from_fn(|_| "–".to_owned()) };
    let all = row.sold + row.refused();
    [
        format!("{:.0} → {:.0} / {:.0} / {:.0}", row.quiet_p99_ms, row.p50_ms, row.p99_ms, row.max_ms),
        format!("{} of {all}", row.refused()),
        megabytes(row.peak_bytes).to_string(),
        format!(
            "{}/{}, {}/{}",
            row.sign_in.answered, row.sign_in.asked, row.health.answered, row.health.asked
        ),
        row.end.clone().unwrap_or_else(|| "alive".to_owned()),
    ]
}

/// How to read the table.
pub const LEGEND: &str = "ms: the p99 of honest sales right before an attack → their p50 / p99 / longest during it. \
    refused: honest sales that were not accepted. MB: the most that was resident. site: how often others saw the page of \
    signing in, and /healthz.";

/// The table in Markdown: a line for each attack, before and now.
pub fn table(before: Option<&Measured>, now: &Measured) -> String {
    let titles = ["ms", "refused", "MB", "site", "process"];
    let mut lines = vec![vec!["attack".to_owned()]];
    for title in titles {
        lines[0].extend(["before", "now"].map(|which| format!("{title} {which}")));
    }
    for row in &now.rows {
        let old = before.and_then(|before| before.rows.iter().find(|old| old.name == row.name));
        let mut line = vec![row.what.clone()];
        for (old, new) in cells(old).into_iter().zip(cells(Some(row))) {
            line.extend([old, new]);
        }
        lines.push(line);
    }
    aligned(&lines)
}

fn aligned(lines: &[Vec<String>]) -> String {
    let columns = lines.first().map_or(0, Vec::len);
    let width = |column: usize| lines.iter().map(|line| line[column].chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let mut text = String::new();
    for (index, line) in lines.iter().enumerate() {
        for (cell, width) in line.iter().zip(&widths) {
            // A text that is written into memory is always written.
            let _ = write!(text, "| {cell:width$} ");
        }
        text.push_str("|\n");
        if index == 0 {
            for width in &widths {
                let _ = write!(text, "|{}", "-".repeat(width + 2));
            }
            text.push_str("|\n");
        }
    }
    text
}

/// What the attackers counted, a line for each attack.
pub fn notes(now: &Measured) -> String {
    let told = now.rows.iter().filter(|row| !row.tally.is_empty());
    told.map(|row| format!("{}: {}\n", row.name, row.tally)).collect()
}

#[cfg(test)]
mod tests {
    use super::super::bounds::tests::{measured, row};
    use super::*;

    #[test]
    fn an_attack_has_a_line_with_both_programs() {
        let killed = Row { end: Some("killed".into()), peak_bytes: 512_000_000, ..row("storm") };
        let text = table(Some(&measured(vec![killed])), &measured(vec![row("quiet"), row("storm")]));
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines.len(), 4);
        assert!(lines.iter().all(|line| line.chars().count() == lines[0].chars().count()), "{text}");
        assert!(lines[2].starts_with("| quiet ") && lines[2].contains("| – "), "{text}");
        for part in ["10 → 4 / 12 / 30", "0 of 1800", "| 512", "| 90", "20/20, 20/20", "| killed", "| alive"]
        {
            assert!(lines[3].contains(part), "{part}: {text}");
        }
    }
}
