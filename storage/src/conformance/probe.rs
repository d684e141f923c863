//! A reader of the feed that tells what it saw: how often each document, and in which order.

use std::collections::BTreeMap;

use bytes::Bytes;
use ofd_protocol::register::chain;
use ofd_protocol::ticket_number::DocumentRef;
use ofd_protocol::types::RegisterId;

use crate::feed::{Reader, ReaderName, Reading, position};
use crate::registers::Document;
use crate::store::{Row, Store, StoreError, StreamId, StreamKind};

/// More rows than any register of a test has.
const ROWS_MAX: usize = 100_000;

/// A reader that keeps, beside its position, a hash over all documents in the order in which it saw them, and for each
/// document a row that says how often it was seen.
#[derive(Clone, Copy, Debug)]
pub struct Probe {
    /// Under which name it reads.
    pub name: ReaderName,
    /// Its streams are those of figures with this ordinal, which figures do not use.
    pub ordinal: u32,
}

/// What a probe has in memory between two appends.
#[derive(Debug)]
pub struct Seeing {
    hash: [u8; 32],
    times: BTreeMap<DocumentRef, u32>,
}

fn key(place: DocumentRef) -> Bytes {
    [place.shift.to_be_bytes(), place.number.to_be_bytes()].concat().into()
}

fn times(value: &[u8]) -> u32 {
    value.try_into().map_or(0, u32::from_be_bytes)
}

impl Reader for Probe {
    type Work = Seeing;

    fn name(&self) -> ReaderName {
        self.name
    }

    fn stream(&self, register: RegisterId) -> StreamId {
        StreamId { kind: StreamKind::Figures, owner: u64::from(register.0), ordinal: self.ordinal }
    }

    fn begin(&self, _: RegisterId, reading: &Reading) -> Result<Seeing, StoreError> {
        let hash = reading.state.as_slice().try_into().unwrap_or([0; 32]);
        Ok(Seeing { hash, times: BTreeMap::new() })
    }

    async fn take(
        &self,
        store: &impl Store,
        register: RegisterId,
        work: &mut Seeing,
        shift: u32,
        document: &Document,
    ) -> Result<(), StoreError> {
        let place = DocumentRef { shift, number: document.number };
        let before = store.row(self.stream(register), &key(place)).await?;
        let seen = work.times.entry(place).or_insert_with(|| before.as_deref().map_or(0, times));
        *seen = seen.saturating_add(1);
        work.hash = chain(&work.hash, &document.raw);
        Ok(())
    }

    fn finish(&self, _: RegisterId, work: Seeing) -> Result<(Bytes, Vec<Row>), StoreError> {
        let row = |(place, times): (DocumentRef, u32)| Row {
            key: key(place),
            value: Bytes::copy_from_slice(&times.to_be_bytes()),
        };
        let rows = work.times.into_iter().map(row).collect();
        Ok((Bytes::copy_from_slice(&work.hash), rows))
    }
}

impl Probe {
    /// What is wrong, if the probe did not see exactly these documents of a register, each once and in this order.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn judge(
        &self,
        store: &impl Store,
        register: RegisterId,
        documents: &[(DocumentRef, Bytes)],
    ) -> Result<Option<String>, StoreError> {
        let reading = position(store, self, register).await?;
        let Some((last, _)) = documents.last() else {
            return Ok(reading.map(|_| format!("register {register} has no documents and was read")));
        };
        let Some(reading) = reading else {
            return Ok(Some(format!("register {register} was not read")));
        };
        let rows = store.rows(self.stream(register), b"", None, ROWS_MAX).await?;
        let seen: Vec<(Bytes, u32)> = rows
            .into_iter()
            .map(|row| (row.key, times(&row.value)))
            .filter(|(_, times)| *times > 0)
            .collect();
        let expected: Vec<(Bytes, u32)> = documents.iter().map(|(place, _)| (key(*place), 1)).collect();
        let hash = documents.iter().fold([0; 32], |hash, (_, raw)| chain(&hash, raw));
        Ok(if seen != expected {
            Some(format!("of register {register} was seen {seen:?}, stored are {expected:?}"))
        } else if reading.state != hash {
            Some(format!("register {register} was read in another order, or other bytes were read"))
        } else if reading.position < *last {
            Some(format!(
                "register {register} is read up to {:?}, its last document is {last:?}",
                reading.position
            ))
        } else {
            None
        })
    }
}
