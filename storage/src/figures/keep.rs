//! The reader that keeps figures: each document moves those of its day.

use std::collections::BTreeMap;

use bytes::Bytes;
use ofd_protocol::register::{APART_MAX_SECONDS, Day, DocumentKind, Figures, counts_at};
use ofd_protocol::ticket_number::DocumentRef;
use ofd_protocol::types::{LocalDateTime, RegisterId};

use super::row::{DayPlaces, FiguresState, StoredDay, day_key, decode_day, encode_day};
use super::stream;
use crate::feed::{Reader, ReaderName, Reading};
use crate::registers::{self, Document};
use crate::store::{Row, Store, StoreError, StreamId};

/// A day so far before a document's acceptance is counted in no more: time of acceptance never runs back in a register,
/// and what lies further apart counts by it. One more, since days are not cut where the span begins.
const OPEN_DAYS: i64 = APART_MAX_SECONDS / (24 * 3600) + 1;

/// Keeps the figures of days.
#[derive(Clone, Copy, Debug)]
pub struct FiguresReader {
    /// How far the wall clock is ahead of UTC by which registers count that have no figures yet, in seconds.
    pub zone_offset_seconds: i32,
}

/// Figures on their way through documents.
#[derive(Debug)]
pub struct FiguresWork {
    /// The number of the append that this becomes.
    append: u64,
    pub(super) state: FiguresState,
    pub(super) days: BTreeMap<Day, Counted>,
    /// Where the figures of a day come from that was not counted in so far.
    from: Source,
    newest: Option<Day>,
}

/// What a day came to so far, and whether that moved.
#[derive(Clone, Debug, Default)]
pub(super) struct Counted {
    pub(super) figures: Figures,
    pub(super) places: DayPlaces,
    is_moved: bool,
}

/// Where figures begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Source {
    /// What is stored.
    Rows,
    /// Nothing: all documents are counted anew.
    Nothing,
}

impl FiguresWork {
    /// Begins before the first document.
    pub(super) fn anew(zone_offset_seconds: i32) -> Self {
        let state = FiguresState { zone_offset_seconds, ..FiguresState::default() };
        Self { append: 0, state, days: BTreeMap::new(), from: Source::Nothing, newest: None }
    }

    /// The figures of a day so far.
    async fn day(
        &mut self,
        store: &impl Store,
        register: RegisterId,
        day: Day,
    ) -> Result<&mut Counted, StoreError> {
        if self.from == Source::Rows && !self.days.contains_key(&day) {
            let StoredDay { figures, places, .. } = self.stored(store, register, day).await?;
            self.days.insert(day, Counted { figures, places, is_moved: false });
        }
        Ok(self.days.entry(day).or_default())
    }

    /// The figures of a day as they are stored.
    async fn stored(
        &self,
        store: &impl Store,
        register: RegisterId,
        day: Day,
    ) -> Result<StoredDay, StoreError> {
        let stream = stream(register);
        let written =
            self.state.recent.iter().find(|(recent, _)| *recent == day).map(|(_, written)| *written);
        let row = store.row(stream, &day_key(day)).await?;
        let stored = row.map(|value| decode_day(stream, &value)).transpose()?;
        let found = stored.as_ref().map_or(0, |stored| stored.written_by);
        if found < written.unwrap_or(0) {
            // What was changed a moment ago through another data centre may be read as it was before. The head is newer.
            return Err(StoreError::Unavailable {
                reason: format!(
                    "the figures of {day} of register {register} are not read as they were written"
                ),
            });
        }
        Ok(stored.unwrap_or_default())
    }

    /// Counts a document, or takes one back.
    async fn count(
        &mut self,
        store: &impl Store,
        register: RegisterId,
        document: &Document,
        way: Way,
    ) -> Result<(), StoreError> {
        let at = self.counts_at(document);
        let mut cash = self.state.cash;
        let before = cash;
        let counted = self.day(store, register, Day::of(at)).await?;
        let outcome = match way {
            Way::Count => counted.figures.count(&document.raw, at, &mut cash),
            Way::TakeBack => counted.figures.take_back(&document.raw, at, &mut cash),
        };
        // What cannot be counted counts nothing, as in the recount of `ofd verify`, which names the document.
        if outcome.is_ok() {
            counted.is_moved |= document.kind != DocumentKind::CloseShift || cash != before;
            self.state.cash = cash;
        }
        Ok(())
    }

    /// Notes where a document lies, in the day that it counts on.
    async fn place(
        &mut self,
        store: &impl Store,
        register: RegisterId,
        shift: u32,
        document: &Document,
    ) -> Result<(), StoreError> {
        let day = Day::of(self.counts_at(document));
        let counted = self.day(store, register, day).await?;
        counted.places.take(DocumentRef { shift, number: document.number }, document.accepted_at);
        counted.is_moved = true;
        Ok(())
    }

    fn counts_at(&self, document: &Document) -> LocalDateTime {
        counts_at(document.date_time, document.accepted_at, self.state.zone_offset_seconds)
    }

    /// Counts the next document.
    pub(super) async fn take(
        &mut self,
        store: &impl Store,
        register: RegisterId,
        shift: u32,
        document: &Document,
    ) -> Result<(), StoreError> {
        self.newest = Some(Day::of(document.accepted_at.wall(self.state.zone_offset_seconds)));
        self.place(store, register, shift, document).await?;
        match document.kind {
            DocumentKind::Ticket | DocumentKind::MoneyPlacement | DocumentKind::CloseShift => {
                self.count(store, register, document, Way::Count).await
            }
            DocumentKind::CancelTicket => {
                let missing = || StoreError::Corrupt {
                    place: format!("register {register} shift {shift}"),
                    reason: format!("the receipt that document {} cancels is missing", document.number),
                };
                let place = document.cancels.ok_or_else(missing)?;
                let cancelled = registers::document(store, register, place).await?.ok_or_else(missing)?;
                self.count(store, register, &cancelled, Way::TakeBack).await
            }
        }
    }
}

#[derive(Clone, Copy, Debug)]
enum Way {
    Count,
    TakeBack,
}

impl Reader for FiguresReader {
    type Work = FiguresWork;

    fn name(&self) -> ReaderName {
        ReaderName::Figures
    }

    fn stream(&self, register: RegisterId) -> StreamId {
        stream(register)
    }

    fn begin(&self, register: RegisterId, reading: &Reading) -> Result<FiguresWork, StoreError> {
        let append = reading.appends.saturating_add(1);
        let state = if reading.state.is_empty() {
            FiguresState { zone_offset_seconds: self.zone_offset_seconds, ..FiguresState::default() }
        } else {
            FiguresState::decode(stream(register), &reading.state)?
        };
        Ok(FiguresWork { append, state, days: BTreeMap::new(), from: Source::Rows, newest: None })
    }

    async fn take(
        &self,
        store: &impl Store,
        register: RegisterId,
        work: &mut FiguresWork,
        shift: u32,
        document: &Document,
    ) -> Result<(), StoreError> {
        work.take(store, register, shift, document).await
    }

    fn finish(&self, register: RegisterId, work: FiguresWork) -> Result<(Bytes, Vec<Row>), StoreError> {
        let FiguresWork { append, mut state, days, newest, .. } = work;
        let (stream, mut rows) = (stream(register), Vec::new());
        let mut recent: BTreeMap<Day, u64> = state.recent.into_iter().collect();
        for (day, counted) in days.into_iter().filter(|(_, counted)| counted.is_moved) {
            recent.insert(day, append);
            let Counted { figures, places, .. } = counted;
            rows.push(encode_day(stream, day, StoredDay { written_by: append, figures, places })?);
        }
        if let Some(newest) = newest {
            let open = newest.number().saturating_sub(OPEN_DAYS);
            recent.retain(|day, _| day.number() >= open);
        }
        state.recent = recent.into_iter().collect();
        Ok((state.encode(stream)?, rows))
    }
}
