//! A gateway's way to the store: calm, stormy or cut off.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use bytes::Bytes;
use ofd_storage::faulty::{FaultJournal, FaultRates, Faulty, Sharing};
use ofd_storage::store::{
    Append, Claim, Head, Health, Record, RecordKind, Row, Store, StoreError, StreamId, StreamKind, Version,
};

/// How the store treats a gateway.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weather {
    /// Every call is done as it came.
    Calm = 0,
    /// Calls are lost, delayed and refused by the rates of the run.
    Storm = 1,
    /// Every call is refused.
    Outage = 2,
}

impl Weather {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Calm, Self::Storm, Self::Outage];

    fn rates(self, storm: FaultRates) -> FaultRates {
        match self {
            Self::Calm => FaultRates::default(),
            Self::Storm => storm,
            Self::Outage => FaultRates { refused: 1000, read_refused: 1000, ..FaultRates::default() },
        }
    }
}

/// A store whose faults can be switched on and off while it is used.
pub struct SimStore<S> {
    faces: [Faulty<Arc<S>>; 3],
    weather: AtomicU8,
}

impl<S: Store> SimStore<S> {
    /// A way to `inner` for the gateway `name`, calm at first.
    pub fn new(
        inner: &Arc<S>,
        name: &'static str,
        seed: u64,
        storm: FaultRates,
        sharing: Sharing,
        journal: &FaultJournal,
    ) -> Self {
        let faces = Weather::ALL.map(|weather| {
            let seed = seed.wrapping_add(weather as u64);
            Faulty::new(Arc::clone(inner), name, seed, weather.rates(storm), journal.clone()).sharing(sharing)
        });
        Self { faces, weather: AtomicU8::new(Weather::Calm as u8) }
    }

    /// The weather now.
    pub fn weather(&self) -> Weather {
        Weather::ALL[usize::from(self.weather.load(Ordering::Relaxed))]
    }

    /// Lets the weather change; calls that are under way keep theirs.
    pub fn set_weather(&self, weather: Weather) {
        self.weather.store(weather as u8, Ordering::Relaxed);
    }

    /// Whether writes are under way of which nobody knows when they land.
    pub fn is_owed(&self) -> bool {
        self.faces.iter().any(|face| face.under_way() > 0)
    }

    /// Time enough passes: what is under way lands or vanishes, by seed.
    pub fn settle(&self) {
        self.faces.iter().for_each(Faulty::crash);
    }

    /// What is under way lands.
    pub fn land_all(&self) {
        self.faces.iter().for_each(Faulty::land_all);
    }

    fn face(&self) -> &Faulty<Arc<S>> {
        &self.faces[self.weather() as usize]
    }
}

impl<S: Store> Store for SimStore<S> {
    async fn append(&self, append: Append) -> Result<Version, StoreError> {
        self.face().append(append).await
    }

    async fn head(&self, stream: StreamId) -> Result<Option<Head>, StoreError> {
        self.face().head(stream).await
    }

    async fn row(&self, stream: StreamId, key: &[u8]) -> Result<Option<Bytes>, StoreError> {
        self.face().row(stream, key).await
    }

    async fn rows(
        &self,
        stream: StreamId,
        prefix: &[u8],
        after: Option<&[u8]>,
        limit: usize,
    ) -> Result<Vec<Row>, StoreError> {
        self.face().rows(stream, prefix, after, limit).await
    }

    async fn streams(
        &self,
        kind: StreamKind,
        after: Option<StreamId>,
        limit: usize,
    ) -> Result<Vec<StreamId>, StoreError> {
        self.face().streams(kind, after, limit).await
    }

    async fn record(&self, kind: RecordKind, key: &[u8]) -> Result<Option<Record>, StoreError> {
        self.face().record(kind, key).await
    }

    async fn put_record(
        &self,
        kind: RecordKind,
        key: &[u8],
        expected: Option<Version>,
        bytes: Bytes,
    ) -> Result<Version, StoreError> {
        self.face().put_record(kind, key, expected, bytes).await
    }

    async fn records(
        &self,
        kind: RecordKind,
        prefix: &[u8],
        after: Option<&[u8]>,
        limit: usize,
    ) -> Result<Vec<Record>, StoreError> {
        self.face().records(kind, prefix, after, limit).await
    }

    async fn claim(
        &self,
        family: &str,
        name: &str,
        owner: &[u8],
        now_ms: u64,
        take_over_from: Option<&[u8]>,
    ) -> Result<Claim, StoreError> {
        self.face().claim(family, name, owner, now_ms, take_over_from).await
    }

    async fn health(&self) -> Health {
        self.face().health().await
    }

    async fn close(&self) -> Result<(), StoreError> {
        self.face().close().await
    }

    fn is_shared(&self) -> bool {
        self.face().is_shared()
    }
}
