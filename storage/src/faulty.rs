//! A store that loses, delays and repeats by seed, for simulations.
//!
//! Every call yields once, does its work at one go, and yields once more. So whoever polls the tasks, and in which
//! order, decides the interleaving alone, and the same order gives the same run on every backend.

mod gate;
mod random;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;

use self::gate::{gate, now};
use self::random::Random;
use crate::store::{
    Append, Claim, Head, HeadFormat, Health, Note, NoteKind, Record, RecordKind, Row, Store, StoreError,
    StreamId, StreamKind, Version,
};

/// The wait told in [`StoreError::Unknown`]: no clock runs here.
const WAITED: Duration = Duration::from_secs(2);

/// Yields of a delayed write, at most.
const DELAY_YIELDS_MAX: u64 = 8;

/// How often faults happen, in thousandths of the calls they can happen to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FaultRates {
    /// Writes that are refused as unavailable.
    pub refused: u16,
    /// Writes that never arrive; the outcome is unknown.
    pub lost_before: u16,
    /// Writes that land while their answer is lost; the outcome is unknown.
    pub lost_after: u16,
    /// Writes that stay under way and land later, perhaps after a read showed what was before; the outcome is
    /// unknown.
    pub late: u16,
    /// Writes that others overtake.
    pub delayed: u16,
    /// Reads that are refused as unavailable.
    pub read_refused: u16,
    /// The chance of each write under way to land at a call; ten times that once its stream's head was read.
    pub landing: u16,
}

/// Whether the wrapped store is to seem shared with other processes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sharing {
    /// One gateway uses it.
    Alone,
    /// Several do, each through its own [`Faulty`] over one `Arc`.
    Shared,
}

/// What happened, line by line; its clones are one list, so that several [`Faulty`] write into one.
#[derive(Clone, Debug, Default)]
pub struct FaultJournal(Arc<Mutex<Vec<String>>>);

impl FaultJournal {
    /// The lines so far.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The lines after the first `count`.
    #[must_use]
    pub fn lines_after(&self, count: usize) -> Vec<String> {
        let lines = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        lines.get(count..).unwrap_or_default().to_vec()
    }

    fn write(&self, line: String) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(line);
    }
}

/// A store with faults.
pub struct Faulty<S> {
    inner: S,
    name: &'static str,
    rates: FaultRates,
    sharing: Sharing,
    journal: FaultJournal,
    state: Mutex<State<S>>,
}

struct State<S> {
    random: Random,
    under_way: Vec<UnderWay<S>>,
}

/// A write that was sent and not heard of again.
struct UnderWay<S> {
    what: String,
    stream: Option<StreamId>,
    head_was_read: bool,
    land: Box<dyn FnOnce(&S) -> String + Send>,
}

enum Fate {
    Done,
    Refused,
    LostBefore,
    LostAfter,
    Late,
    Delayed(u64),
}

impl<S: Store> Faulty<S> {
    /// Wraps `inner`; `name` tells the journal's lines of one gateway from those of another.
    pub fn new(inner: S, name: &'static str, seed: u64, rates: FaultRates, journal: FaultJournal) -> Self {
        let state = Mutex::new(State { random: Random(seed), under_way: Vec::new() });
        Self { inner, name, rates, sharing: Sharing::Alone, journal, state }
    }

    /// Makes it seem shared or not.
    #[must_use]
    pub fn sharing(mut self, sharing: Sharing) -> Self {
        self.sharing = sharing;
        self
    }

    /// The store inside, for looking at what is true.
    pub fn inner(&self) -> &S {
        &self.inner
    }

    /// How many writes are under way.
    pub fn under_way(&self) -> usize {
        self.state().under_way.len()
    }

    /// Lets everything under way land now.
    pub fn land_all(&self) {
        let landing = std::mem::take(&mut self.state().under_way);
        landing.into_iter().for_each(|write| self.land(write));
    }

    /// The gateway behind this handle dies: what is under way lands or vanishes, by seed.
    pub fn crash(&self) {
        let (landing, vanishing) = {
            let mut state = self.state();
            let under_way = std::mem::take(&mut state.under_way);
            under_way.into_iter().partition::<Vec<_>, _>(|_| state.random.below(2) == 0)
        };
        for write in vanishing {
            self.tell(&write.what, "vanishes in a crash");
        }
        landing.into_iter().for_each(|write| self.land(write));
    }

    async fn write<T>(
        &self,
        what: String,
        stream: Option<StreamId>,
        perform: impl FnOnce(&S) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        gate().await;
        self.land_some();
        let fate = self.fate_of_write();
        let result = match fate {
            Fate::Done => perform(&self.inner),
            Fate::Refused => {
                self.tell(&what, "is refused");
                Err(StoreError::Unavailable { reason: "the simulation refuses it".to_owned() })
            }
            Fate::LostBefore => {
                self.tell(&what, "never arrives");
                Err(StoreError::Unknown { waited: WAITED })
            }
            Fate::LostAfter => {
                let landed = outcome(&perform(&self.inner));
                self.tell(&what, &format!("lands ({landed}), its answer is lost"));
                Err(StoreError::Unknown { waited: WAITED })
            }
            Fate::Late => {
                self.tell(&what, "stays under way");
                let land = Box::new(move |inner: &S| outcome(&perform(inner)));
                self.state().under_way.push(UnderWay { what, stream, head_was_read: false, land });
                Err(StoreError::Unknown { waited: WAITED })
            }
            Fate::Delayed(yields) => {
                self.tell(&what, &format!("waits for {yields} yields"));
                for _ in 0..yields {
                    gate().await;
                }
                perform(&self.inner)
            }
        };
        gate().await;
        result
    }

    /// Half of the time the notes of an append come a while before it, as in a cluster: whatever becomes of the append,
    /// and however much later it lands, they are there.
    async fn note_first(&self, what: &str, append: &Append) -> Result<(), StoreError> {
        if self.rates == FaultRates::default() || self.state().random.below(2) == 0 {
            return Ok(());
        }
        self.tell(what, "is noted first");
        gate().await;
        let noted = append.notes.iter().try_for_each(|note| now(self.inner.note(note.clone())));
        gate().await;
        noted
    }

    async fn read<T>(
        &self,
        what: &str,
        perform: impl FnOnce(&S) -> Result<T, StoreError> + Send,
    ) -> Result<T, StoreError> {
        gate().await;
        self.land_some();
        let refused = self.state().random.below(1000) < u64::from(self.rates.read_refused);
        let result = if refused {
            self.tell(what, "is refused");
            Err(StoreError::Unavailable { reason: "the simulation refuses it".to_owned() })
        } else {
            perform(&self.inner)
        };
        gate().await;
        result
    }

    fn fate_of_write(&self) -> Fate {
        let mut state = self.state();
        let mut drawn = state.random.below(1000);
        let mut hits = |rate: u16| {
            let hit = drawn < u64::from(rate);
            drawn = drawn.saturating_sub(u64::from(rate));
            hit
        };
        match () {
            () if hits(self.rates.refused) => Fate::Refused,
            () if hits(self.rates.lost_before) => Fate::LostBefore,
            () if hits(self.rates.lost_after) => Fate::LostAfter,
            () if hits(self.rates.late) => Fate::Late,
            () if hits(self.rates.delayed) => Fate::Delayed(state.random.below(DELAY_YIELDS_MAX) + 1),
            () => Fate::Done,
        }
    }

    /// Lets what is under way land, each by its own throw.
    fn land_some(&self) {
        let landing = {
            let mut state = self.state();
            let under_way = std::mem::take(&mut state.under_way);
            let (landing, staying) = under_way.into_iter().partition::<Vec<_>, _>(|write| {
                let times = if write.head_was_read { 10 } else { 1 };
                state.random.below(1000) < u64::from(self.rates.landing).saturating_mul(times)
            });
            state.under_way = staying;
            landing
        };
        landing.into_iter().for_each(|write| self.land(write));
    }

    fn land(&self, write: UnderWay<S>) {
        let landed = (write.land)(&self.inner);
        let before = if write.head_was_read { "after a read showed the old head" } else { "late" };
        self.tell(&write.what, &format!("lands {before} ({landed})"));
    }

    fn tell(&self, what: &str, happens: &str) {
        self.journal.write(format!("{}: {what} {happens}", self.name));
    }

    fn state(&self) -> MutexGuard<'_, State<S>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<S: Store> Store for Faulty<S> {
    async fn append(&self, append: Append) -> Result<Version, StoreError> {
        let stream = append.stream;
        let what = format!("append to {stream} after {:?}", append.expected.map(|version| version.0));
        if !append.notes.is_empty() {
            self.note_first(&what, &append).await?;
        }
        self.write(what, Some(stream), move |inner| now(inner.append(append))).await
    }

    async fn head(&self, stream: StreamId) -> Result<Option<Head>, StoreError> {
        let what = format!("head of {stream}");
        let read = |inner: &S| {
            let head = now(inner.head(stream));
            for write in &mut self.state().under_way {
                write.head_was_read |= write.stream == Some(stream);
            }
            head
        };
        self.read(&what, read).await
    }

    async fn row(&self, stream: StreamId, key: &[u8]) -> Result<Option<Bytes>, StoreError> {
        self.read(&format!("row of {stream}"), |inner| now(inner.row(stream, key))).await
    }

    async fn rows(
        &self,
        stream: StreamId,
        prefix: &[u8],
        after: Option<&[u8]>,
        limit: usize,
    ) -> Result<Vec<Row>, StoreError> {
        let what = format!("rows of {stream}");
        self.read(&what, |inner| now(inner.rows(stream, prefix, after, limit))).await
    }

    async fn streams(
        &self,
        kind: StreamKind,
        after: Option<StreamId>,
        limit: usize,
    ) -> Result<Vec<StreamId>, StoreError> {
        self.read("streams", |inner| now(inner.streams(kind, after, limit))).await
    }

    async fn record(&self, kind: RecordKind, key: &[u8]) -> Result<Option<Record>, StoreError> {
        self.read(&format!("record {kind:?}"), |inner| now(inner.record(kind, key))).await
    }

    async fn put_record(
        &self,
        kind: RecordKind,
        key: &[u8],
        expected: Option<Version>,
        bytes: Bytes,
    ) -> Result<Version, StoreError> {
        let what = format!("record {kind:?} after {:?}", expected.map(|version| version.0));
        let key = Bytes::copy_from_slice(key);
        self.write(what, None, move |inner| now(inner.put_record(kind, &key, expected, bytes))).await
    }

    async fn records(
        &self,
        kind: RecordKind,
        prefix: &[u8],
        after: Option<&[u8]>,
        limit: usize,
    ) -> Result<Vec<Record>, StoreError> {
        self.read(&format!("records {kind:?}"), |inner| now(inner.records(kind, prefix, after, limit))).await
    }

    async fn claim(
        &self,
        family: &str,
        name: &str,
        owner: &[u8],
        now_ms: u64,
        take_over_from: Option<&[u8]>,
    ) -> Result<Claim, StoreError> {
        let what = format!("claim of {family}/{name}");
        let (family, name, owner) = (family.to_owned(), name.to_owned(), owner.to_vec());
        let from = take_over_from.map(<[u8]>::to_vec);
        let perform = move |inner: &S| now(inner.claim(&family, &name, &owner, now_ms, from.as_deref()));
        self.write(what, None, perform).await
    }

    async fn note(&self, note: Note) -> Result<(), StoreError> {
        let what = format!("note {:?} of {}", note.kind, note.at_ms);
        self.write(what, None, move |inner| now(inner.note(note))).await
    }

    async fn noted(&self, kind: NoteKind, key: &[u8], now_ms: u64) -> Result<Option<Note>, StoreError> {
        self.read(&format!("note {kind:?}"), |inner| now(inner.noted(kind, key, now_ms))).await
    }

    async fn notes(
        &self,
        kind: NoteKind,
        prefix: &[u8],
        after: Option<&[u8]>,
        limit: usize,
        now_ms: u64,
    ) -> Result<Vec<Note>, StoreError> {
        let perform = |inner: &S| now(inner.notes(kind, prefix, after, limit, now_ms));
        self.read(&format!("notes {kind:?}"), perform).await
    }

    async fn health(&self) -> Health {
        gate().await;
        let health = now(self.inner.health());
        gate().await;
        health
    }

    async fn close(&self) -> Result<(), StoreError> {
        gate().await;
        let closed = now(self.inner.close());
        gate().await;
        closed
    }

    fn is_shared(&self) -> bool {
        match self.sharing {
            Sharing::Alone => self.inner.is_shared(),
            Sharing::Shared => true,
        }
    }

    fn head_format(&self) -> HeadFormat {
        self.inner.head_format()
    }
}

fn outcome<T>(result: &Result<T, StoreError>) -> String {
    match result {
        Ok(_) => "ok".to_owned(),
        Err(StoreError::Conflict { found, .. }) => {
            format!("conflict at {:?}", found.map(|version| version.0))
        }
        Err(error) => error.to_string(),
    }
}

#[cfg(test)]
mod tests;
