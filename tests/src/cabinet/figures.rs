//! What was measured, and what must hold.

use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::Path;
use std::time::Duration;

use serde::Serialize;

/// 99 of 100 times a page is there within so many milliseconds.
pub const P99_MAX_MS: f64 = 300.0;

/// How long somebody waited for a page, each time.
#[derive(Clone, Debug, Default)]
pub struct Waits {
    took: Vec<Duration>,
    bytes: usize,
}

/// How long a page takes.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Page {
    /// What it is.
    pub page: String,
    /// How often it was asked for.
    pub asked: usize,
    /// Its size, as it was last.
    pub bytes: usize,
    /// Half of the times it was there within so many milliseconds.
    pub p50_ms: f64,
    /// 99 of 100 times.
    pub p99_ms: f64,
    /// How long somebody waited at the longest.
    pub max_ms: f64,
}

/// What was measured.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Measured {
    /// Registers of the organisation.
    pub registers: u32,
    /// Documents of its day.
    pub documents: u64,
    /// How long it took to sell them.
    pub sold_seconds: f64,
    /// How long it took then until they were in the figures of the day.
    pub counted_seconds: f64,
    /// The store on disk.
    pub store_bytes: u64,
    /// Documents a second beside the pages.
    pub rate: f64,
    /// 99 of 100 of them were answered within so many milliseconds.
    pub sale_p99_ms: f64,
    /// How long each page takes.
    pub pages: Vec<Page>,
}

impl Waits {
    /// One more time.
    pub fn add(&mut self, took: Duration, bytes: usize) {
        self.took.push(took);
        self.bytes = bytes;
    }

    fn within_ms(&self, share: f64) -> f64 {
        let rank = (share * self.took.len() as f64).ceil() as usize;
        let took = self.took.get(rank.clamp(1, self.took.len().max(1)) - 1);
        took.map_or(0.0, |took| took.as_secs_f64() * 1_000.0)
    }

    /// What the times come to.
    #[must_use]
    pub fn page(mut self, what: &str) -> Page {
        self.took.sort_unstable();
        Page {
            page: what.to_owned(),
            asked: self.took.len(),
            bytes: self.bytes,
            p50_ms: self.within_ms(0.5),
            p99_ms: self.within_ms(0.99),
            max_ms: self.within_ms(1.0),
        }
    }
}

impl Measured {
    /// The pages that are too slow.
    pub fn slow(&self) -> Vec<String> {
        let slow = self.pages.iter().filter(|page| page.p99_ms > P99_MAX_MS);
        slow.map(|page| format!("{}: p99 {:.0} ms, over {P99_MAX_MS:.0} ms", page.page, page.p99_ms))
            .collect()
    }

    /// As a table in Markdown, below a line about the place.
    pub fn table(&self) -> String {
        let mut text = format!(
            "{} registers, {} documents (sold in {:.0} s, counted {:.0} s later, {} MB on disk); beside the pages {:.0} \
             documents a second, p99 {:.0} ms\n\n| page | KB | p50 ms | p99 ms | longest ms |\n| --- | --- | --- | --- | --- |\n",
            self.registers,
            self.documents,
            self.sold_seconds,
            self.counted_seconds,
            self.store_bytes / 1_000_000,
            self.rate,
            self.sale_p99_ms,
        );
        for page in &self.pages {
            // A text that is written into memory is always written.
            let _ = writeln!(
                text,
                "| {} | {} | {:.0} | {:.0} | {:.0} |",
                page.page,
                page.bytes / 1_000,
                page.p50_ms,
                page.p99_ms,
                page.max_ms
            );
        }
        text
    }
}

/// Bytes of all files below a folder.
///
/// # Errors
/// When it cannot be read.
pub fn bytes_in(folder: &Path) -> io::Result<u64> {
    let mut all = 0;
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let about = entry.metadata()?;
        all += if about.is_dir() { bytes_in(&entry.path())? } else { about.len() };
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn measured(slowest_ms: u64) -> Measured {
        let mut waits = Waits::default();
        for ms in (1..100).rev().chain([slowest_ms]) {
            waits.add(Duration::from_millis(ms), 2_500);
        }
        // The last two of a hundred decide.
        waits.took[0] = Duration::from_millis(slowest_ms);
        Measured {
            registers: 1_000,
            documents: 100_000,
            sold_seconds: 20.0,
            counted_seconds: 5.0,
            store_bytes: 60_000_000,
            rate: 100.0,
            sale_p99_ms: 9.0,
            pages: vec![waits.page("start page")],
        }
    }

    #[test]
    fn a_page_is_too_slow_by_its_p99() {
        assert_eq!(measured(300).slow(), [""; 0]);
        assert_eq!(measured(301).slow(), ["start page: p99 301 ms, over 300 ms"]);
    }

    #[test]
    fn the_table_has_a_line_for_each_page() {
        let table = measured(120).table();
        assert!(table.starts_with("1000 registers, 100000 documents"), "{table}");
        assert!(table.ends_with("| start page | 2 | 50 | 120 | 120 |\n"), "{table}");
    }
}
