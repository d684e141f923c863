//! What must hold whatever strangers do.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::watch::Visits;

/// The most memory that may be resident.
pub const PEAK_BYTES_MAX: u64 = 300_000_000;

/// Under attack the slowest of a hundred sales may take so many times what it takes when all is quiet.
pub const P99_TIMES: f64 = 2.0;

/// The name of the scenario without an attack.
pub const QUIET: &str = "quiet";

/// Below this nothing is told from noise: with server, registers and attackers on two processors a thread that is ready
/// waits a few slices of the scheduler for its turn, and the same disk's sync takes now 1 ms, now 10.
pub const P99_NOISE_MS: f64 = 25.0;

/// What came of one attack on one program.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Row {
    /// The name of the attack.
    pub name: String,
    /// What it does.
    pub what: String,
    /// 99 of 100 sales right before it were answered within so many milliseconds.
    pub quiet_p99_ms: f64,
    /// Half of the sales during it.
    pub p50_ms: f64,
    /// 99 of 100.
    pub p99_ms: f64,
    /// The longest wait of all.
    pub max_ms: f64,
    /// How many receipts were sold.
    pub sold: u64,
    /// Sales that were not accepted, by reason.
    pub refused: BTreeMap<String, u64>,
    /// The most memory that was resident.
    pub peak_bytes: u64,
    /// Whether others saw the page of signing in.
    pub sign_in: Visits,
    /// Whether the site said that it is well.
    pub health: Visits,
    /// How the process came to its end; `None` while it runs.
    pub end: Option<String>,
    /// What the attackers counted.
    pub tally: String,
    /// What is wrong beside the bounds of all.
    pub wrong: Vec<String>,
    /// Whether the site must answer others meanwhile.
    pub spares_site: bool,
}

impl Row {
    /// How many sales were not accepted.
    pub fn refused(&self) -> u64 {
        self.refused.values().sum()
    }
}

/// What came of all attacks on one program.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Measured {
    /// The program that is told of.
    pub program: String,
    /// In what it ran.
    pub caged: String,
    /// One for each attack.
    pub rows: Vec<Row>,
}

impl Measured {
    /// The longest p99 that is still called as good as quiet, for an attack: twice what the same run showed right before
    /// it, in the middle of all quiet stretches, or in the long one, whichever is most; and nothing that cannot be told
    /// from noise.
    pub fn p99_max_ms(&self, row: &Row) -> f64 {
        let mut quiet: Vec<f64> = self.rows.iter().map(|row| row.quiet_p99_ms).collect();
        quiet.sort_by(f64::total_cmp);
        let middle = quiet.get(quiet.len() / 2).copied().unwrap_or(0.0);
        let long = self.rows.iter().find(|row| row.name == QUIET).map_or(0.0, |row| row.p99_ms);
        (P99_TIMES * row.quiet_p99_ms.max(middle).max(long)).max(P99_NOISE_MS)
    }

    /// Every bound that is broken, with the attack that broke it.
    pub fn broken(&self) -> Vec<String> {
        self.rows
            .iter()
            .flat_map(|row| self.broken_by(row).into_iter().map(|what| format!("{}: {what}", row.name)))
            .collect()
    }

    fn broken_by(&self, row: &Row) -> Vec<String> {
        let mut broken = Vec::new();
        let most = self.p99_max_ms(row);
        if row.p99_ms > most {
            broken.push(format!("p99 of honest sales {:.0} ms, over {most:.0} ms", row.p99_ms));
        }
        if row.refused() > 0 {
            let why = row.refused.iter().map(|(why, count)| format!("{why}: {count}"));
            let why = why.collect::<Vec<_>>().join(", ");
            broken.push(format!(
                "{} of {} honest sales refused ({why})",
                row.refused(),
                row.refused() + row.sold
            ));
        }
        if row.sold == 0 {
            broken.push("no honest sale at all".to_owned());
        }
        if row.peak_bytes > PEAK_BYTES_MAX {
            broken.push(format!(
                "{} MB resident, over {} MB",
                megabytes(row.peak_bytes),
                megabytes(PEAK_BYTES_MAX)
            ));
        }
        if let Some(end) = &row.end {
            broken.push(format!("the process was not alive at the end: {end}"));
        }
        for (what, visits) in
            [("the page of signing in", &row.sign_in), ("/healthz of the site", &row.health)]
        {
            // One in ten may be late on a machine that does all of this at once.
            if row.spares_site && visits.answered * 10 < visits.asked * 9 {
                let Visits { asked, answered, instead } = visits;
                let instead = instead.as_deref().unwrap_or("nothing");
                broken
                    .push(format!("{what} was shown to others {answered} times of {asked} (else {instead})"));
            }
        }
        broken.extend(row.wrong.iter().cloned());
        broken
    }
}

/// Bytes as whole megabytes.
pub fn megabytes(bytes: u64) -> u64 {
    bytes / 1_000_000
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub(in crate::hostile) fn row(name: &str) -> Row {
        let visits = Visits { asked: 20, answered: 20, instead: None };
        Row {
            name: name.to_owned(),
            what: name.to_owned(),
            quiet_p99_ms: 10.0,
            p50_ms: 4.0,
            p99_ms: 12.0,
            max_ms: 30.0,
            sold: 1_800,
            refused: BTreeMap::new(),
            peak_bytes: 90_000_000,
            sign_in: visits.clone(),
            health: visits,
            end: None,
            tally: String::new(),
            wrong: Vec::new(),
            spares_site: true,
        }
    }

    pub(in crate::hostile) fn measured(rows: Vec<Row>) -> Measured {
        Measured { program: "ofd 0".to_owned(), caged: "a cage".to_owned(), rows }
    }

    #[test]
    fn nothing_is_broken_while_all_bounds_hold() {
        let noisy = Row { p99_ms: P99_NOISE_MS, ..row("noisy") };
        assert_eq!(measured(vec![row("quiet"), noisy]).broken(), [""; 0]);
    }

    #[test]
    fn each_broken_bound_is_named_with_its_attack() {
        let instead = Some("503".to_owned());
        for (changed, named) in [
            (Row { p99_ms: 26.0, ..row("a") }, "a: p99 of honest sales 26 ms, over 25 ms"),
            (
                Row { refused: [("254".to_owned(), 3)].into(), ..row("a") },
                "a: 3 of 1803 honest sales refused (254: 3)",
            ),
            (Row { sold: 0, ..row("a") }, "a: no honest sale at all"),
            (Row { peak_bytes: 301_000_000, ..row("a") }, "a: 301 MB resident, over 300 MB"),
            (Row { end: Some("ended".into()), ..row("a") }, "a: the process was not alive at the end: ended"),
            (
                Row { sign_in: Visits { asked: 20, answered: 17, instead }, ..row("a") },
                "a: the page of signing in was shown to others 17 times of 20 (else 503)",
            ),
            (Row { wrong: vec!["the owner: 0 of 1".into()], ..row("a") }, "a: the owner: 0 of 1"),
        ] {
            assert_eq!(measured(vec![row("quiet"), changed]).broken(), [named]);
        }
        let shut = Row { sign_in: Visits { asked: 9, ..Visits::default() }, spares_site: false, ..row("a") };
        assert_eq!(measured(vec![shut]).broken(), [""; 0], "where the site may be shut");
    }

    #[test]
    fn twice_the_quiet_p99_is_the_bound_that_of_the_attack_or_of_the_run() {
        let slow = |quiet_p99_ms| Row { quiet_p99_ms, ..row("a") };
        let long = Row { quiet_p99_ms: 20.0, p99_ms: 25.0, ..row(QUIET) };
        let one = measured(vec![long, slow(10.0), slow(5.0)]);
        assert_eq!([0, 1].map(|index| one.p99_max_ms(&one.rows[index])), [50.0, 50.0]);
        let all = measured(vec![slow(20.0), slow(30.0), slow(90.0)]);
        assert_eq!([0, 1, 2].map(|index| all.p99_max_ms(&all.rows[index])), [60.0, 60.0, 180.0]);
        let calm = measured(vec![slow(2.0), slow(3.0), slow(4.0)]);
        assert_eq!(calm.p99_max_ms(&calm.rows[2]), P99_NOISE_MS);
    }
}
