//! What a run came to.

use std::collections::BTreeMap;
use std::error::Error;
use std::fmt;
use std::sync::PoisonError;
use std::sync::atomic::Ordering;

use serde::Serialize;

use super::shared::Shared;
use crate::fleet::memory::Resumed;
use crate::register::state::{Basis, Known};

/// Differences that are printed; the rest is counted.
const SHOWN_MAX: usize = 50;

/// An error with its causes in one line.
pub(crate) fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}

/// Microseconds within which parts of the answers came.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Latency {
    /// Half of the answers came within it.
    pub p50_micros: u64,
    /// 90 of 100.
    pub p90_micros: u64,
    /// 99 of 100.
    pub p99_micros: u64,
    /// 999 of 1000.
    pub p999_micros: u64,
    /// All answers came within it.
    pub max_micros: u64,
}

/// What a run came to.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Report {
    /// Length of the measured part, before shifts were closed.
    pub seconds: f64,
    /// Exchanges answered a second in the measured part.
    pub rate: f64,
    /// Exchanges answered, all of them.
    pub answered: u64,
    /// Receipts that the server accepted.
    pub receipts: u64,
    /// Receipts made offline.
    pub offline: u64,
    /// Requests sent again.
    pub retries: u64,
    /// Answers lost on purpose.
    pub lost_on_purpose: u64,
    /// Latency in the measured part.
    pub latency: Latency,
    /// Answers by result code.
    pub codes: BTreeMap<u32, u64>,
    /// Connections used at once.
    pub connections: usize,
    /// Connections asked for.
    pub connections_asked: usize,
    /// Registers in the fleet.
    pub registers: usize,
    /// Registers that ended with nothing open, nothing under way and nothing queued.
    pub settled: usize,
    /// Shifts closed, each with its Z compared.
    pub shifts_closed: u64,
    /// How the registers began.
    pub resumed: Resumed,
    /// Registers whose counts go on from what the server showed, not from their first document.
    pub adopted: usize,
    /// What differs between server and registers, or should not have been answered.
    pub differences: Vec<String>,
    /// Differences beyond those that are kept.
    pub differences_more: u64,
    /// Why the run gave up on the server.
    pub dead: Option<String>,
}

impl Report {
    /// 0 when all is well, 1 when something differs, 2 when the run gave up.
    pub fn exit_code(&self) -> u8 {
        if self.dead.is_some() { 2 } else { u8::from(!self.differences.is_empty()) }
    }
}

pub(super) fn report(shared: &Shared, workers: usize, resumed: Resumed, unsaved: Option<String>) -> Report {
    let stats = &shared.stats;
    let (measured, answered) = stats.measured(shared.started);
    let seconds = measured.as_secs_f64();
    let (histogram, codes) = match stats.merged() {
        Some((histogram, codes)) => (Some(histogram), codes),
        None => (None, BTreeMap::new()),
    };
    let latency = histogram.map_or(Latency::default(), |all| Latency {
        p50_micros: all.value_at_quantile(0.5),
        p90_micros: all.value_at_quantile(0.9),
        p99_micros: all.value_at_quantile(0.99),
        p999_micros: all.value_at_quantile(0.999),
        max_micros: all.max(),
    });
    let (mut settled, mut adopted) = (0_usize, 0_usize);
    for register in &shared.registers {
        let register = register.lock().unwrap_or_else(PoisonError::into_inner);
        let state = register.state();
        let idle = state.totals.opened.is_none() && state.flight.is_none() && state.queue.is_empty();
        settled = settled.saturating_add(usize::from(idle && state.known == Known::Exact));
        adopted = adopted.saturating_add(usize::from(state.basis == Basis::Adopted));
    }
    let (mut differences, differences_more) = stats.differences();
    differences.extend(unsaved);
    Report {
        seconds,
        rate: if seconds > 0.0 { answered as f64 / seconds } else { 0.0 },
        answered: stats.answered.load(Ordering::Relaxed),
        receipts: stats.receipts.load(Ordering::Relaxed),
        offline: stats.offline.load(Ordering::Relaxed),
        retries: stats.retries.load(Ordering::Relaxed),
        lost_on_purpose: stats.lost_on_purpose.load(Ordering::Relaxed),
        latency,
        codes,
        connections: workers,
        connections_asked: shared.options.connections,
        registers: shared.registers.len(),
        settled,
        shifts_closed: stats.shifts.load(Ordering::Relaxed),
        resumed,
        adopted,
        differences,
        differences_more,
        dead: shared.dead.get().cloned(),
    }
}

struct Micros(u64);

impl fmt::Display for Micros {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.2} ms", self.0 as f64 / 1_000.0)
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Latency { p50_micros, p90_micros, p99_micros, p999_micros, max_micros } = self.latency;
        writeln!(f, "{:.0} requests/s over {:.1} s, {} answered", self.rate, self.seconds, self.answered)?;
        writeln!(
            f,
            "latency: p50 {}, p90 {}, p99 {}, p99.9 {}, max {}",
            Micros(p50_micros),
            Micros(p90_micros),
            Micros(p99_micros),
            Micros(p999_micros),
            Micros(max_micros)
        )?;
        writeln!(
            f,
            "{} receipts ({} made offline), {} requests sent again, {} answers lost on purpose",
            self.receipts, self.offline, self.retries, self.lost_on_purpose
        )?;
        if self.connections < self.connections_asked {
            writeln!(
                f,
                "{} connections instead of {}: the fleet has no more registers",
                self.connections, self.connections_asked
            )?;
        }
        let Resumed { fresh, exact, stale } = self.resumed;
        writeln!(
            f,
            "registers: {} ({fresh} new, {exact} going on, {stale} with an outdated memory), {} at rest",
            self.registers, self.settled
        )?;
        if self.adopted > 0 {
            writeln!(
                f,
                "{} registers count from what the server showed at INFO, not from their first document: what was \
                 accepted before that is not checked",
                self.adopted
            )?;
        }
        writeln!(f, "result codes:")?;
        for (code, count) in &self.codes {
            writeln!(f, "  {code:>3}  {count}")?;
        }
        writeln!(f, "{} shifts closed, every Z compared with the register's own count", self.shifts_closed)?;
        if let Some(dead) = &self.dead {
            writeln!(f, "STOPPED: {dead}")?;
        }
        if self.differences.is_empty() {
            return write!(f, "no differences");
        }
        let count = u64::try_from(self.differences.len()).unwrap_or(u64::MAX);
        writeln!(f, "{} DIFFERENCES:", count.saturating_add(self.differences_more))?;
        for difference in self.differences.iter().take(SHOWN_MAX) {
            writeln!(f, "  {difference}")?;
        }
        if self.differences.len() > SHOWN_MAX || self.differences_more > 0 {
            writeln!(f, "  and more")?;
        }
        Ok(())
    }
}
