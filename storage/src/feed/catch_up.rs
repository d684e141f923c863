//! One step of a reader in one register: the documents behind its position, and the append that moves it.

use ofd_protocol::register::Phase;
use ofd_protocol::ticket_number::DocumentRef;
use ofd_protocol::types::RegisterId;

use super::position::{Position, Reading};
use super::reader::{Reader, Stamps};
use crate::registers::{self, Document};
use crate::settle::settle;
use crate::store::{Append, Row, Store, StoreError, StreamId, Version};

/// Documents are read so many at a time: with the longest frames that is 32 MiB.
const PAGE: usize = 32;

/// So many documents go into one append: what a failed one has to do again takes a moment.
const DOCUMENTS_PER_APPEND: usize = 512;

/// Rows are walked in pages.
const ROWS_PAGE: usize = 512;

/// What came of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Caught {
    /// So many documents were taken, and there are no more.
    Up(usize),
    /// So many were taken, and there may be more; or another process was faster.
    More(usize),
}

/// Takes what a register has behind the reader's position, up to what one append may hold.
///
/// # Errors
/// Those of the store. After [`StoreError::Unknown`] the step may have been made, or may yet be: the next one learns it.
pub async fn catch_up<R: Reader>(
    store: &impl Store,
    reader: &R,
    register: RegisterId,
    stamps: &impl Stamps,
) -> Result<Caught, StoreError> {
    let stream = reader.stream(register);
    let (expected, reading) = match store.head(stream).await? {
        Some(head) => (Some(head.version), Reading::decode(stream, &head)?),
        None => (None, Reading::NOTHING),
    };
    let mut step = Step {
        store,
        reader,
        register,
        work: reader.begin(register, &reading)?,
        position: reading.position,
        taken: 0,
    };
    let end = step.run().await?;
    let (taken, position, work) = (step.taken, step.position, step.work);
    let (caught, next, rows) = match end {
        End::Behind => {
            // Documents that were counted are gone: the store lost its end. Nothing that was made of them stays.
            let emptied = emptied(store, stream).await?;
            let next = Reading { appends: reading.appends, ..Reading::NOTHING };
            (Caught::More(0), next, emptied)
        }
        End::UpToDate if taken == 0 => return Ok(Caught::Up(0)),
        End::UpToDate | End::More => {
            let (state, rows) = reader.finish(register, work)?;
            let next = Reading { position, appends: reading.appends, state: state.to_vec() };
            (if end == End::More { Caught::More(taken) } else { Caught::Up(taken) }, next, rows)
        }
    };
    let next = Reading { appends: next.appends.saturating_add(1), ..next };
    write(store, stream, expected, &next, rows, stamps).await.map(|is_written| {
        // Who was faster may have taken less.
        if is_written { caught } else { Caught::More(0) }
    })
}

/// Writes position and rows; false when another process was faster.
async fn write(
    store: &impl Store,
    stream: StreamId,
    expected: Option<Version>,
    reading: &Reading,
    rows: Vec<Row>,
    stamps: &impl Stamps,
) -> Result<bool, StoreError> {
    let head = reading.encode(stream)?;
    let append = Append { stream, expected, stamp: stamps(), head, rows, notes: Vec::new() };
    match settle(store, append).await {
        Ok(_) => Ok(true),
        Err(StoreError::Conflict { .. }) => Ok(false),
        Err(error) => Err(error),
    }
}

/// All rows of a stream, with nothing in them: rows cannot be taken away.
async fn emptied(store: &impl Store, stream: StreamId) -> Result<Vec<Row>, StoreError> {
    let mut rows: Vec<Row> = Vec::new();
    loop {
        let after = rows.last().map(|row| row.key.clone());
        let page = store.rows(stream, b"", after.as_deref(), ROWS_PAGE).await?;
        let is_last = page.len() < ROWS_PAGE;
        rows.extend(page.into_iter().map(|row| Row { key: row.key, value: bytes::Bytes::new() }));
        if is_last {
            return Ok(rows);
        }
    }
}

/// Where a step ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    /// There are no more documents.
    UpToDate,
    /// There may be more.
    More,
    /// The register has fewer documents than were taken.
    Behind,
}

struct Step<'a, S, R: Reader> {
    store: &'a S,
    reader: &'a R,
    register: RegisterId,
    work: R::Work,
    position: Position,
    taken: usize,
}

impl<S: Store, R: Reader> Step<'_, S, R> {
    async fn run(&mut self) -> Result<End, StoreError> {
        loop {
            // The head first: what it counts is there, and when it is closed nothing comes behind that.
            let Some(shift) = registers::shift(self.store, self.register, self.position.shift).await? else {
                let is_new = self.position == Reading::NOTHING.position;
                return Ok(if is_new { End::UpToDate } else { End::Behind });
            };
            let documents = shift.register.documents;
            if documents < self.position.number {
                return Ok(End::Behind);
            }
            while self.position.number < documents {
                if self.taken >= DOCUMENTS_PER_APPEND {
                    return Ok(End::More);
                }
                self.page(documents).await?;
            }
            let next = DocumentRef { shift: self.position.shift.saturating_add(1), number: 0 };
            let is_over = matches!(shift.register.phase, Phase::Closed(_))
                && registers::shift(self.store, self.register, next.shift).await?.is_some();
            if !is_over {
                return Ok(End::UpToDate);
            }
            self.position = next;
        }
    }

    /// Takes the next documents of the shift, whose head counts `documents`.
    async fn page(&mut self, documents: u32) -> Result<(), StoreError> {
        let Position { shift, number } = self.position;
        let page = registers::documents(self.store, self.register, shift, number, PAGE).await?;
        for document in page {
            // A list may lack what was written a moment ago through another data centre.
            let is_next = document.number == self.position.number.saturating_add(1);
            if !is_next || document.number > documents {
                break;
            }
            self.take(&document).await?;
        }
        if self.position.number > number {
            return Ok(());
        }
        let place = DocumentRef { shift, number: number.saturating_add(1) };
        match registers::document(self.store, self.register, place).await? {
            Some(document) => self.take(&document).await,
            None => Err(StoreError::Corrupt {
                place: format!("register {} shift {shift}", self.register),
                reason: format!("document {} is missing", place.number),
            }),
        }
    }

    async fn take(&mut self, document: &Document) -> Result<(), StoreError> {
        let shift = self.position.shift;
        self.reader.take(self.store, self.register, &mut self.work, shift, document).await?;
        self.position.number = document.number;
        self.taken = self.taken.saturating_add(1);
        Ok(())
    }
}
