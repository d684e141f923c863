//! The documents of one register, read backwards.

use ofd_protocol::ticket_number::DocumentRef;
use ofd_protocol::types::{RegisterId, UnixMillis};
use ofd_storage::registers;
use ofd_storage::store::{Store, StoreError};

use super::line::DocumentLine;
use super::merge::{Rank, Source};
use super::reach::{Reach, Span};

/// So many documents of a register are read first. Of a thousand registers a page shows fifty documents.
const CHUNK_FIRST: u32 = 2;

/// So many are read at a time at most: with the longest frames that is 64 MiB, with usual ones some 50 KB.
const CHUNK_MAX: u32 = 64;

/// The documents of one register, on the way back through them.
pub(super) struct Documents {
    register: RegisterId,
    zone: i32,
    /// What was not read yet, the oldest first.
    spans: Vec<Span>,
    /// Nothing that was accepted later is asked for.
    ceiling: UnixMillis,
    /// Nor what was accepted before.
    floor: UnixMillis,
    is_sought: bool,
    chunk: u32,
    /// What was read and not taken, the newest last.
    buffer: Vec<DocumentLine>,
    read: usize,
}

impl Documents {
    /// What comes after `behind` in the order and was accepted within these moments.
    pub(super) fn new(
        reach: Reach,
        (floor, ceiling): (UnixMillis, UnixMillis),
        behind: Option<Rank>,
    ) -> Self {
        let Reach { register, zone, mut spans, .. } = reach;
        let mut top = ceiling;
        if let Some(behind) = behind {
            let limit = if register.0 > behind.register {
                UnixMillis(behind.accepted_at.0.saturating_sub(1))
            } else {
                behind.accepted_at
            };
            top = top.min(limit);
            if register.0 == behind.register {
                let last = DocumentRef { number: behind.place.number.saturating_sub(1), ..behind.place };
                spans.retain(|span| span.first < behind.place);
                for span in spans.iter_mut().filter(|span| span.last >= behind.place) {
                    (span.last, span.accepted_until) = (last, span.accepted_until.min(limit));
                }
            }
        }
        let (buffer, read) = (Vec::new(), 0);
        Self {
            register,
            zone,
            spans,
            ceiling: top,
            floor,
            is_sought: false,
            chunk: CHUNK_FIRST,
            buffer,
            read,
        }
    }

    /// Whether a document was accepted no later than the ceiling; one that is not there was not.
    async fn is_within(&self, store: &impl Store, place: DocumentRef) -> Result<bool, StoreError> {
        let document = registers::document(store, self.register, place).await?;
        Ok(document.is_some_and(|document| document.accepted_at <= self.ceiling))
    }

    /// How many documents a shift has.
    async fn documents_in(&self, store: &impl Store, shift: u32) -> Result<u32, StoreError> {
        let loaded = registers::shift(store, self.register, shift).await?;
        Ok(loaded.map_or(0, |loaded| loaded.register.documents))
    }

    /// Leaves out what was accepted after the ceiling.
    async fn seek(&mut self, store: &impl Store) -> Result<(), StoreError> {
        while let Some(span) = self.spans.last().copied().filter(|span| span.accepted_until > self.ceiling) {
            match self.last_within(store, span).await? {
                Some(last) => {
                    if let Some(span) = self.spans.last_mut() {
                        (span.last, span.accepted_until) = (last, self.ceiling);
                    }
                }
                None => {
                    self.spans.pop();
                }
            }
        }
        Ok(())
    }

    /// The last document of a span that was accepted no later than the ceiling: by halves, first shifts, then documents.
    async fn last_within(&self, store: &impl Store, span: Span) -> Result<Option<DocumentRef>, StoreError> {
        let first_of = |shift: u32| {
            let number = if shift == span.first.shift { span.first.number } else { 1 };
            DocumentRef { shift, number }
        };
        if !self.is_within(store, first_of(span.first.shift)).await? {
            return Ok(None);
        }
        let (mut shift, mut beyond) = (span.first.shift, span.last.shift.saturating_add(1));
        while beyond.saturating_sub(shift) > 1 {
            let probe = shift.midpoint(beyond);
            if self.is_within(store, first_of(probe)).await? { shift = probe } else { beyond = probe }
        }
        let end =
            if shift == span.last.shift { span.last.number } else { self.documents_in(store, shift).await? };
        let (mut number, mut beyond) = (first_of(shift).number, end.saturating_add(1));
        while beyond.saturating_sub(number) > 1 {
            let probe = number.midpoint(beyond);
            let place = DocumentRef { shift, number: probe };
            if self.is_within(store, place).await? { number = probe } else { beyond = probe }
        }
        Ok(Some(DocumentRef { shift, number }))
    }

    /// Goes on with the shift before, or with what lies before the span.
    async fn leave_shift(
        &mut self,
        store: &impl Store,
        first: DocumentRef,
        last: DocumentRef,
    ) -> Result<(), StoreError> {
        if last.shift <= first.shift {
            self.spans.pop();
            return Ok(());
        }
        let shift = last.shift.saturating_sub(1);
        let number = self.documents_in(store, shift).await?;
        if let Some(span) = self.spans.last_mut() {
            span.last = DocumentRef { shift, number };
        }
        Ok(())
    }
}

impl Source for Documents {
    type Item = DocumentLine;

    fn rank(line: &DocumentLine) -> Rank {
        Rank { accepted_at: line.accepted_at, register: line.register.0, place: line.place }
    }

    fn bound(&self) -> Option<UnixMillis> {
        self.spans.last().map(|span| span.accepted_until.min(self.ceiling))
    }

    async fn fill(mut self, store: &impl Store) -> Result<Self, StoreError> {
        if !self.is_sought {
            self.seek(store).await?;
            self.is_sought = true;
        }
        while self.buffer.is_empty() {
            let Some(Span { first, last, .. }) = self.spans.last().copied() else { break };
            let least = if last.shift == first.shift { first.number.max(1) } else { 1 };
            if last.number < least {
                self.leave_shift(store, first, last).await?;
                continue;
            }
            let count = self.chunk.min(last.number.saturating_sub(least).saturating_add(1));
            let behind = last.number.saturating_sub(count);
            let limit = usize::try_from(count).unwrap_or(usize::MAX);
            let documents = registers::documents(store, self.register, last.shift, behind, limit).await?;
            self.chunk = self.chunk.saturating_mul(4).min(CHUNK_MAX);
            self.read = self.read.saturating_add(documents.len());
            if let Some(span) = self.spans.last_mut() {
                span.last.number = behind;
            }
            // Whatever lies before one that was accepted too early was accepted earlier still.
            if documents.iter().any(|document| document.accepted_at < self.floor) {
                self.spans.clear();
            }
            let wanted = documents.iter().filter(|document| {
                document.number <= last.number
                    && document.accepted_at >= self.floor
                    && document.accepted_at <= self.ceiling
            });
            let lines =
                wanted.map(|document| DocumentLine::of(self.register, last.shift, document, self.zone));
            self.buffer.extend(lines);
        }
        Ok(self)
    }

    fn buffer(&mut self) -> &mut Vec<DocumentLine> {
        &mut self.buffer
    }

    fn read(&self) -> usize {
        self.read
    }
}
