//! How far a copy is: counters for the line that people see, and lists that stay short.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use ofd_storage::registers::RowKind;
use ofd_storage::store::{RecordKind, Row, StoreError, StreamId, StreamKind};

use super::names::SideName;

/// How much of a list is told; the rest is counted.
const TOLD_MAX: usize = 20;

/// Texts of which the first ones are kept and all are counted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sample {
    count: u64,
    first: Vec<String>,
}

impl Sample {
    /// Adds one text: it is kept or counted.
    pub fn add(&mut self, text: impl Into<String>) {
        self.count = self.count.saturating_add(1);
        if self.first.len() < TOLD_MAX {
            self.first.push(text.into());
        }
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// How many there are.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.count
    }
}

impl fmt::Display for Sample {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.first.join("; "))?;
        let told = u64::try_from(self.first.len()).unwrap_or(u64::MAX);
        match self.count.saturating_sub(told) {
            0 => Ok(()),
            more => write!(f, "; and {more} more"),
        }
    }
}

/// What a store, or a part of it, holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Records of organisations.
    pub organisations: u64,
    /// Records of trade points.
    pub trade_points: u64,
    /// Records of registers.
    pub registers: u64,
    /// All other records.
    pub other_records: u64,
    /// Streams of shifts.
    pub shifts: u64,
    /// Streams of accounts and companies, and of the papers that companies sign.
    pub people: u64,
    /// Streams of figures.
    pub figures: u64,
    /// Months of accounts of the ledger.
    pub ledger_months: u64,
    /// Series of invoices, acts and bills, each of a year.
    pub invoice_series: u64,
    /// Rows that are documents.
    pub documents: u64,
    /// All other rows.
    pub other_rows: u64,
    /// Bytes of keys, heads, rows and records.
    pub bytes: u64,
}

fn count(bytes: usize) -> u64 {
    u64::try_from(bytes).unwrap_or(u64::MAX)
}

impl Tally {
    /// Counts a record.
    pub(super) fn record(&mut self, kind: RecordKind, key: &[u8], bytes: &[u8]) {
        let counter = match kind {
            RecordKind::Organisation => &mut self.organisations,
            RecordKind::TradePoint => &mut self.trade_points,
            RecordKind::Register => &mut self.registers,
            RecordKind::Store
            | RecordKind::FnsKkmIdHistory
            | RecordKind::ShiftSummary
            | RecordKind::Name
            | RecordKind::BankApplication
            | RecordKind::Bank
            | RecordKind::RegisterModel
            | RecordKind::TitleWord
            | RecordKind::Lease
            | RecordKind::RegisterOfOrganisation
            | RecordKind::TradePointOfOrganisation
            | RecordKind::RegisterOfSerial
            | RecordKind::PersonalAccount
            | RecordKind::Payment
            | RecordKind::Plan
            | RecordKind::ChargingRun
            | RecordKind::ServiceOfOrganisation
            | RecordKind::ChargeOwed
            | RecordKind::PerhapsKnown
            | RecordKind::InvoiceOfOrganisation
            | RecordKind::InvoiceOfMonth
            | RecordKind::Standing
            | RecordKind::StoppedOrganisation
            | RecordKind::PaymentKey
            | RecordKind::CallAnswer
            | RecordKind::PaymentOfMonth => &mut self.other_records,
        };
        *counter = counter.saturating_add(1);
        self.bytes = self.bytes.saturating_add(count(key.len())).saturating_add(count(bytes.len()));
    }

    /// Counts a stream without its rows.
    pub(super) fn head(&mut self, stream: StreamId, bytes: &[u8]) {
        let counter = match stream.kind {
            StreamKind::Shift => &mut self.shifts,
            StreamKind::Account | StreamKind::Company | StreamKind::Paper => &mut self.people,
            StreamKind::Figures => &mut self.figures,
            StreamKind::LedgerMonth => &mut self.ledger_months,
            StreamKind::InvoiceSeries => &mut self.invoice_series,
        };
        *counter = counter.saturating_add(1);
        self.bytes = self.bytes.saturating_add(count(bytes.len()));
    }

    /// Counts a row.
    pub(super) fn row(&mut self, stream: StreamId, row: &Row) {
        let is_document =
            stream.kind == StreamKind::Shift && row.key.first() == Some(&RowKind::Document.number());
        let counter = if is_document { &mut self.documents } else { &mut self.other_rows };
        *counter = counter.saturating_add(1);
        let len = row.key.len().saturating_add(row.value.len());
        self.bytes = self.bytes.saturating_add(count(len));
    }

    /// Adds what another part holds.
    pub(super) fn add(&mut self, other: &Self) {
        let parts = [
            (&mut self.organisations, other.organisations),
            (&mut self.trade_points, other.trade_points),
            (&mut self.registers, other.registers),
            (&mut self.other_records, other.other_records),
            (&mut self.shifts, other.shifts),
            (&mut self.people, other.people),
            (&mut self.figures, other.figures),
            (&mut self.ledger_months, other.ledger_months),
            (&mut self.invoice_series, other.invoice_series),
            (&mut self.documents, other.documents),
            (&mut self.other_rows, other.other_rows),
            (&mut self.bytes, other.bytes),
        ];
        for (sum, part) in parts {
            *sum = sum.saturating_add(part);
        }
    }

    /// Bytes as people read them.
    #[must_use]
    pub fn mib(&self) -> String {
        let tenths = self.bytes.saturating_mul(10) / (1024 * 1024);
        format!("{}.{} MiB", tenths / 10, tenths % 10)
    }
}

type Say = Box<dyn Fn(&str) + Send + Sync>;

/// Counts while the work goes on, and says what people should know.
pub struct Progress {
    records: AtomicU64,
    streams: AtomicU64,
    documents: AtomicU64,
    stage: Mutex<Stage>,
    say: Say,
}

struct Stage {
    name: &'static str,
    /// The documents and the time of the last line.
    last: (u64, Instant),
    trouble: Option<String>,
}

impl fmt::Debug for Progress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Progress").finish_non_exhaustive()
    }
}

impl Progress {
    /// Counters at zero; `say` gets every line.
    pub fn new(say: impl Fn(&str) + Send + Sync + 'static) -> Self {
        let stage = Stage { name: "opening", last: (0, Instant::now()), trouble: None };
        Self {
            records: AtomicU64::new(0),
            streams: AtomicU64::new(0),
            documents: AtomicU64::new(0),
            stage: Mutex::new(stage),
            say: Box::new(say),
        }
    }

    fn stage(&self) -> MutexGuard<'_, Stage> {
        self.stage.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Says a line.
    pub(super) fn say(&self, line: &str) {
        (self.say)(line);
    }

    /// A stage begins: counters begin anew.
    pub(super) fn begin(&self, name: &'static str) {
        for counter in [&self.records, &self.streams, &self.documents] {
            counter.store(0, Ordering::Relaxed);
        }
        *self.stage() = Stage { name, last: (0, Instant::now()), trouble: None };
        self.say(name);
    }

    /// A record is done.
    pub(super) fn record(&self) {
        self.records.fetch_add(1, Ordering::Relaxed);
    }

    /// A stream is done.
    pub(super) fn stream(&self) {
        self.streams.fetch_add(1, Ordering::Relaxed);
    }

    /// Documents are done.
    pub(super) fn documents(&self, more: u64) {
        self.documents.fetch_add(more, Ordering::Relaxed);
    }

    /// A store fails in passing; the next line says so.
    pub(super) fn trouble(&self, side: SideName, error: &StoreError) {
        self.stage().trouble = Some(format!("; the {side} is tried again: {error}"));
    }

    /// Says how far the work is.
    pub fn tell(&self) {
        let documents = self.documents.load(Ordering::Relaxed);
        let (records, streams) = (self.records.load(Ordering::Relaxed), self.streams.load(Ordering::Relaxed));
        let mut stage = self.stage();
        let (before, since) = std::mem::replace(&mut stage.last, (documents, Instant::now()));
        let milliseconds = since.elapsed().as_millis().max(1);
        let rate = u128::from(documents.saturating_sub(before)).saturating_mul(1000) / milliseconds;
        let trouble = stage.trouble.take().unwrap_or_default();
        let line = format!(
            "{}: {records} records, {streams} shifts, {documents} documents, {rate} documents/s{trouble}",
            stage.name
        );
        drop(stage);
        self.say(&line);
    }
}
