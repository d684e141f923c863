//! Counters and latencies of a run.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use hdrhistogram::{CreationError, Histogram};
use serde::Serialize;

/// Latencies are kept up to two minutes: an exchange is given up long before.
const LATENCY_MICROS_MAX: u64 = 120_000_000;

/// Digits of latencies that are kept.
const LATENCY_DIGITS: u8 = 3;

/// Workers share so many sets of latencies: few, as each takes a quarter of a megabyte.
const SHARDS: usize = 4;

/// More differences than these are counted, not kept.
const DIFFERENCES_MAX: usize = 1_000;

/// How a run goes, once a second.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Progress {
    /// Since the start.
    pub seconds: f64,
    /// Exchanges answered in the last second.
    pub rate: u64,
    /// Exchanges answered since the start.
    pub answered: u64,
    /// Requests that wait for their answer.
    pub in_flight: i64,
    /// 99 of 100 answers of the last second came within these microseconds.
    pub p99_micros: u64,
    /// Requests sent again.
    pub retries: u64,
    /// Answers with another code than 0.
    pub refusals: u64,
    /// Whether shifts are being closed.
    pub closing: bool,
}

struct Shard {
    all: Histogram<u64>,
    recent: Histogram<u64>,
    codes: BTreeMap<u32, u64>,
}

/// What the workers count.
pub(crate) struct Stats {
    shards: Vec<Mutex<Shard>>,
    pub(crate) answered: AtomicU64,
    pub(crate) in_flight: AtomicI64,
    pub(crate) retries: AtomicU64,
    pub(crate) lost_on_purpose: AtomicU64,
    pub(crate) refusals: AtomicU64,
    pub(crate) receipts: AtomicU64,
    pub(crate) offline: AtomicU64,
    pub(crate) shifts: AtomicU64,
    /// Microseconds from the start to the last answer before shifts were closed, and the answers until then.
    pub(crate) measured: Mutex<(Duration, u64)>,
    differences: Mutex<(Vec<String>, u64)>,
    shown: AtomicU64,
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn histogram() -> Result<Histogram<u64>, CreationError> {
    Histogram::new_with_bounds(1, LATENCY_MICROS_MAX, LATENCY_DIGITS)
}

impl Stats {
    pub(crate) fn new() -> Result<Self, CreationError> {
        let shards = (0..SHARDS).map(|_| {
            Ok(Mutex::new(Shard { all: histogram()?, recent: histogram()?, codes: BTreeMap::new() }))
        });
        Ok(Self {
            shards: shards.collect::<Result<_, CreationError>>()?,
            answered: AtomicU64::new(0),
            in_flight: AtomicI64::new(0),
            retries: AtomicU64::new(0),
            lost_on_purpose: AtomicU64::new(0),
            refusals: AtomicU64::new(0),
            receipts: AtomicU64::new(0),
            offline: AtomicU64::new(0),
            shifts: AtomicU64::new(0),
            measured: Mutex::new((Duration::ZERO, 0)),
            differences: Mutex::new((Vec::new(), 0)),
            shown: AtomicU64::new(0),
        })
    }

    /// Counts an answer.
    pub(crate) fn answer(&self, worker: usize, code: u32, took: Option<Duration>) {
        self.answered.fetch_add(1, Ordering::Relaxed);
        if code != 0 {
            self.refusals.fetch_add(1, Ordering::Relaxed);
        }
        let Some(shard) = self.shards.get(worker % SHARDS) else { return };
        let mut shard = locked(shard);
        let count = shard.codes.entry(code).or_default();
        *count = count.saturating_add(1);
        if let Some(took) = took {
            let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX).max(1);
            shard.all.saturating_record(micros);
            shard.recent.saturating_record(micros);
        }
    }

    /// Keeps what differs.
    pub(crate) fn difference(&self, what: String) {
        let mut differences = locked(&self.differences);
        differences.1 = differences.1.saturating_add(1);
        if differences.0.len() < DIFFERENCES_MAX {
            differences.0.push(what);
        }
    }

    /// What differs, and how much more that was not kept.
    pub(crate) fn differences(&self) -> (Vec<String>, u64) {
        let differences = locked(&self.differences);
        let kept = u64::try_from(differences.0.len()).unwrap_or(u64::MAX);
        (differences.0.clone(), differences.1.saturating_sub(kept))
    }

    /// Notes the end of the measured part.
    pub(crate) fn measured_until_now(&self, started: Instant) {
        let mut measured = locked(&self.measured);
        if measured.1 == 0 {
            *measured = (started.elapsed(), self.answered.load(Ordering::Relaxed));
        }
    }

    pub(crate) fn measured(&self, started: Instant) -> (Duration, u64) {
        self.measured_until_now(started);
        *locked(&self.measured)
    }

    /// All latencies and codes.
    pub(crate) fn merged(&self) -> Option<(Histogram<u64>, BTreeMap<u32, u64>)> {
        let mut all = histogram().ok()?;
        let mut codes = BTreeMap::new();
        for shard in &self.shards {
            let shard = locked(shard);
            // Both have the same bounds, so that adding cannot fail.
            let _ = all.add(&shard.all);
            for (code, count) in &shard.codes {
                let sum: &mut u64 = codes.entry(*code).or_default();
                *sum = sum.saturating_add(*count);
            }
        }
        Some((all, codes))
    }

    /// How it went since the last call.
    pub(crate) fn progress(&self, started: Instant, closing: bool) -> Progress {
        let mut p99_micros = 0;
        if let Ok(mut recent) = histogram() {
            for shard in &self.shards {
                let mut shard = locked(shard);
                let _ = recent.add(&shard.recent);
                shard.recent.reset();
            }
            p99_micros = recent.value_at_quantile(0.99);
        }
        let answered = self.answered.load(Ordering::Relaxed);
        let shown = self.shown.swap(answered, Ordering::Relaxed);
        Progress {
            seconds: started.elapsed().as_secs_f64(),
            rate: answered.saturating_sub(shown),
            answered,
            in_flight: self.in_flight.load(Ordering::Relaxed),
            p99_micros,
            retries: self.retries.load(Ordering::Relaxed),
            refusals: self.refusals.load(Ordering::Relaxed),
            closing,
        }
    }
}
