//! Who reads the feed, and what each reader says of itself.

use std::future::Future;

use bytes::Bytes;
use ofd_protocol::types::RegisterId;

use super::position::Reading;
use crate::kinds::names;
use crate::registers::Document;
use crate::store::{Row, Stamp, Store, StoreError, StreamId};

names! {
    /// Who reads the feed.
    pub enum ReaderName {
        /// Figures of days, see [`crate::figures`].
        Figures = "figures",
        /// What tests read with, beside a reader of the program.
        Probe = "probe",
    }
}

/// What a reader makes of documents.
pub trait Reader: Send + Sync {
    /// What is in memory between the first and the last document of an append.
    type Work: Send;

    /// Its name, in the records that say how far it is and in metrics.
    fn name(&self) -> ReaderName;

    /// Its stream for a register: the head is its position with what it needs beside, the rows are what it makes.
    fn stream(&self, register: RegisterId) -> StreamId;

    /// Begins where the last append ended.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] when its state cannot be read.
    fn begin(&self, register: RegisterId, reading: &Reading) -> Result<Self::Work, StoreError>;

    /// Takes the next document.
    ///
    /// # Errors
    /// Those of the store. Nothing of the work is written then.
    fn take(
        &self,
        store: &impl Store,
        register: RegisterId,
        work: &mut Self::Work,
        shift: u32,
        document: &Document,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// The state after the documents, and the rows to write.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] when they cannot be encoded.
    fn finish(&self, register: RegisterId, work: Self::Work) -> Result<(Bytes, Vec<Row>), StoreError>;
}

/// Where stamps of a reader's appends come from: each is drawn.
pub trait Stamps: Fn() -> Stamp + Send + Sync {}

impl<T: Fn() -> Stamp + Send + Sync> Stamps for T {}

/// The key of what a reader keeps among the facts of the store. It belongs to the store and is never copied.
pub(super) fn fact_key(reader: ReaderName, what: &str) -> Vec<u8> {
    format!("{FACTS_PREFIX}{}/{what}", reader.name()).into_bytes()
}

/// What the keys of all facts of readers begin with.
const FACTS_PREFIX: &str = "feed/";

/// Whether a fact of the store is one of the feed: how far a reader's announcements, or its sweep, are read.
pub fn is_fact(key: &[u8]) -> bool {
    key.starts_with(FACTS_PREFIX.as_bytes())
}

/// How far a reader is in a register; `None` before it took anything.
///
/// # Errors
/// Those of the store.
pub async fn position(
    store: &impl Store,
    reader: &impl Reader,
    register: RegisterId,
) -> Result<Option<Reading>, StoreError> {
    let stream = reader.stream(register);
    let head = store.head(stream).await?;
    head.map(|head| Reading::decode(stream, &head)).transpose()
}
