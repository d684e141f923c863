//! The store in a cluster: ScyllaDB, or Apache Cassandra 5.
//!
//! A stream is a partition whose head lies in static columns; an append is one conditional batch in it. Reads of heads
//! are SERIAL, writes are conditional at QUORUM. A write whose outcome is unknown is repeated as it is, and when it is
//! not applied the stamp of the head tells whose write came first. Lists are index entries that are written before what
//! they lead to. The tables are in `schema/`, why they are so in docs/storage.md.

mod connect;
mod failure;
mod key;
mod lanes;
mod list;
mod note;
mod options;
mod read;
mod schema;
mod server;
mod session;
mod statements;
mod stats;
mod write;

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use bytes::Bytes;
use tokio::sync::Mutex;
use tokio::time::Instant;

pub use options::{
    CqlError, CqlOptions, Credentials, Deadlines, KEYSPACE_LEN_MAX, ReadConsistency, Replication, Tls,
    check_keyspace,
};
pub use schema::{Extent, Migrated, migrate};
pub use stats::CqlStats;

use crate::store::{
    Append, Claim, Head, HeadFormat, Health, Note, NoteKind, Record, RecordKind, Row, Store, StoreError,
    StreamId, StreamKind, Version,
};
use session::Connected;
use statements::Statements;

/// Health is asked of the cluster at most this often, however many ask here.
const HEALTH_FOR: Duration = Duration::from_secs(1);

/// The record that is read to see whether a quorum answers; nobody writes it.
const HEALTH_KEY: &[u8] = b"health";

/// A store in a keyspace of a cluster.
#[derive(Debug)]
pub struct CqlStore {
    connected: Connected,
    keyspace: String,
    closed: AtomicBool,
    /// No program of before may serve from the keyspace: heads may hold tagged parts.
    is_finished: AtomicBool,
    health: Mutex<Option<(Instant, Health)>>,
}

impl CqlStore {
    /// Connects to the cluster and checks the keyspace. One try: whether to come again is the caller's to decide.
    ///
    /// # Errors
    /// [`CqlError`]: what, where, and what to do.
    pub async fn open(options: CqlOptions) -> Result<Self, CqlError> {
        if let Some(problem) = check_keyspace(&options.keyspace) {
            return Err(CqlError::Keyspace { keyspace: options.keyspace, problem });
        }
        let session = connect::connect(&options).await?;
        let head_format = schema::check(&session, &options.keyspace).await?;
        let prepared = Statements::prepare(&session, &options.keyspace, options.read_consistency()).await;
        let statements = prepared.map_err(|error| CqlError::Statement {
            action: "preparing the statements".into(),
            reason: error.to_string(),
        })?;
        Ok(Self {
            connected: Connected::new(session, statements, options.deadlines),
            keyspace: options.keyspace,
            closed: AtomicBool::new(false),
            is_finished: AtomicBool::new(head_format == HeadFormat::Tagged),
            health: Mutex::default(),
        })
    }

    /// How often what happened.
    #[must_use]
    pub fn stats(&self) -> CqlStats {
        self.connected.counters.read()
    }

    fn open_connection(&self) -> Result<&Connected, StoreError> {
        if self.closed.load(Ordering::Acquire) {
            return Err(StoreError::Unavailable { reason: "it is closed".to_owned() });
        }
        Ok(&self.connected)
    }

    /// The migration may be finished while this process serves; it needs no restart for it.
    async fn learn_head_format(&self, connected: &Connected) {
        if self.is_finished.load(Ordering::Acquire) {
            return;
        }
        // Whatever is wrong with the schema is told at the next start; until then heads stay as they are.
        if let Ok(HeadFormat::Tagged) = schema::check(&connected.session, &self.keyspace).await {
            self.is_finished.store(true, Ordering::Release);
        }
    }

    async fn ask_health(&self) -> Health {
        let connected = match self.open_connection() {
            Ok(connected) => connected,
            Err(closed) => return Health::ReadOnly(closed.to_string()),
        };
        self.learn_head_format(connected).await;
        let (_, deadline) = connected.clock();
        match connected.stored_record(deadline, RecordKind::Store, HEALTH_KEY).await {
            Ok(_) => Health::Ready,
            Err(failure) => Health::ReadOnly(format!("no quorum of the cluster answers: {}", failure.reason)),
        }
    }
}

impl Store for CqlStore {
    async fn append(&self, append: Append) -> Result<Version, StoreError> {
        self.open_connection()?.append(append).await
    }

    async fn head(&self, stream: StreamId) -> Result<Option<Head>, StoreError> {
        self.open_connection()?.head(stream).await
    }

    async fn row(&self, stream: StreamId, key: &[u8]) -> Result<Option<Bytes>, StoreError> {
        self.open_connection()?.row(stream, key).await
    }

    async fn rows(
        &self,
        stream: StreamId,
        prefix: &[u8],
        after: Option<&[u8]>,
        limit: usize,
    ) -> Result<Vec<Row>, StoreError> {
        self.open_connection()?.rows(stream, prefix, after, limit).await
    }

    async fn streams(
        &self,
        kind: StreamKind,
        after: Option<StreamId>,
        limit: usize,
    ) -> Result<Vec<StreamId>, StoreError> {
        self.open_connection()?.streams(kind, after, limit).await
    }

    async fn record(&self, kind: RecordKind, key: &[u8]) -> Result<Option<Record>, StoreError> {
        self.open_connection()?.record(kind, key).await
    }

    async fn put_record(
        &self,
        kind: RecordKind,
        key: &[u8],
        expected: Option<Version>,
        bytes: Bytes,
    ) -> Result<Version, StoreError> {
        self.open_connection()?.put_record(kind, key, expected, bytes).await
    }

    async fn records(
        &self,
        kind: RecordKind,
        prefix: &[u8],
        after: Option<&[u8]>,
        limit: usize,
    ) -> Result<Vec<Record>, StoreError> {
        self.open_connection()?.records(kind, prefix, after, limit).await
    }

    async fn claim(
        &self,
        family: &str,
        name: &str,
        owner: &[u8],
        now_ms: u64,
        take_over_from: Option<&[u8]>,
    ) -> Result<Claim, StoreError> {
        self.open_connection()?.claim(family, name, owner, now_ms, take_over_from).await
    }

    async fn note(&self, note: Note) -> Result<(), StoreError> {
        self.open_connection()?.note(note).await
    }

    async fn noted(&self, kind: NoteKind, key: &[u8], now_ms: u64) -> Result<Option<Note>, StoreError> {
        self.open_connection()?.noted(kind, key, now_ms).await
    }

    async fn notes(
        &self,
        kind: NoteKind,
        prefix: &[u8],
        after: Option<&[u8]>,
        limit: usize,
        now_ms: u64,
    ) -> Result<Vec<Note>, StoreError> {
        self.open_connection()?.notes(kind, prefix, after, limit, now_ms).await
    }

    async fn health(&self) -> Health {
        if let Err(closed) = self.open_connection() {
            return Health::ReadOnly(closed.to_string());
        }
        let mut kept = self.health.lock().await;
        if let Some((_, health)) = kept.as_ref().filter(|(asked, _)| asked.elapsed() < HEALTH_FOR) {
            return health.clone();
        }
        let health = self.ask_health().await;
        *kept = Some((Instant::now(), health.clone()));
        health
    }

    async fn close(&self) -> Result<(), StoreError> {
        // Whoever asks for health this moment is not waited for: that may take as long as a call does.
        self.closed.store(true, Ordering::Release);
        Ok(())
    }

    fn is_shared(&self) -> bool {
        true
    }

    fn head_format(&self) -> HeadFormat {
        if self.is_finished.load(Ordering::Acquire) { HeadFormat::Tagged } else { HeadFormat::First }
    }
}
