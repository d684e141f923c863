//! A store that opens while the process already answers.
//!
//! A cluster may be away when a gateway starts. Until it is there every request is told so, by the same ways by
//! which it is told that a store takes no writes: registers get 254, pages 503, `/readyz` gives the reason.

use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use bytes::Bytes;
use ofd_edge::World;
use ofd_storage::any::AnyStore;
use ofd_storage::every_call;
use ofd_storage::store::{
    Append, Claim, Head, HeadFormat, Health, Note, NoteKind, Record, RecordKind, Row, Store, StoreError,
    StreamId, StreamKind, Version,
};
use tracing::warn;

use crate::clock::ClockGuard;

/// The store of a process that serves; of a cluster that is away at the start it opens later.
pub type ServedStore = OpeningStore<AnyStore>;

/// A store, or why there is none yet.
///
/// While the clock is wrong it takes no writes.
pub struct OpeningStore<S> {
    opened: OnceLock<Arc<S>>,
    reason: Mutex<String>,
    clock: Option<Arc<ClockGuard>>,
}

impl<S> Default for OpeningStore<S> {
    fn default() -> Self {
        Self::guarded(None)
    }
}

impl<S> From<Arc<S>> for OpeningStore<S> {
    fn from(store: Arc<S>) -> Self {
        Self { opened: OnceLock::from(store), ..Self::default() }
    }
}

impl<S> OpeningStore<S> {
    /// A store that is not open yet, under a guard of the clock.
    pub fn guarded(clock: Option<Arc<ClockGuard>>) -> Self {
        Self { opened: OnceLock::new(), reason: Mutex::new("it is being opened".to_owned()), clock }
    }

    /// The store, once it is open.
    pub fn opened(&self) -> Option<&Arc<S>> {
        self.opened.get()
    }

    /// From now on this store answers; of several the first.
    pub fn open(&self, store: Arc<S>) {
        // Whoever comes second finds a store that serves: nothing is lost with the other handle.
        let _ = self.opened.set(store);
    }

    /// Says why the store is not open yet.
    pub fn wait_for(&self, reason: String) {
        *self.reason.lock().unwrap_or_else(PoisonError::into_inner) = reason;
    }

    fn reason(&self) -> String {
        let reason = self.reason.lock().unwrap_or_else(PoisonError::into_inner);
        format!("it is not open yet: {reason}")
    }

    fn store(&self) -> Result<&S, StoreError> {
        match self.opened.get() {
            Some(store) => Ok(store),
            None => Err(StoreError::Unavailable { reason: self.reason() }),
        }
    }

    /// The store, if something may be written to it now.
    fn writable(&self) -> Result<&S, StoreError> {
        let store = self.store()?;
        match self.clock.as_ref().map_or(Ok(()), |clock| clock.check()) {
            Ok(()) => Ok(store),
            Err(reason) => Err(StoreError::Unavailable { reason }),
        }
    }
}

/// A call of the store, once it is open; what writes waits for a right clock besides. A document that was stored is a
/// moment that the clock may not fall behind.
macro_rules! once_open {
    (
        reads { $($read:ident($($asked:ident: $of:ty),*) -> $found:ty;)+ }
        appends { $($append:ident($what:ident: $appended:ty) -> $version:ty;)+ }
        writes { $($write:ident($($told:ident: $to:ty),*) -> $result:ty;)+ }
    ) => {
        $(
            async fn $read(&self, $($asked: $of),*) -> Result<$found, StoreError> {
                self.store()?.$read($($asked),*).await
            }
        )+

        $(
            async fn $append(&self, $what: $appended) -> Result<$version, StoreError> {
                let is_document = $what.stream.kind == StreamKind::Shift;
                let version = self.writable()?.$append($what).await?;
                if let Some(clock) = self.clock.as_ref().filter(|_| is_document) {
                    clock.wrote();
                }
                Ok(version)
            }
        )+

        $(
            async fn $write(&self, $($told: $to),*) -> Result<$result, StoreError> {
                self.writable()?.$write($($told),*).await
            }
        )+
    };
}

impl<S: Store> Store for OpeningStore<S> {
    every_call!(once_open);

    async fn health(&self) -> Health {
        match self.opened.get() {
            Some(store) => match (store.health().await, self.clock.as_ref().map(|clock| clock.check())) {
                (Health::Ready, Some(Err(reason))) => Health::ReadOnly(reason),
                (health, _) => health,
            },
            None => Health::ReadOnly(self.reason()),
        }
    }

    /// What is not open needs no closing.
    async fn close(&self) -> Result<(), StoreError> {
        match self.opened.get() {
            Some(store) => store.close().await,
            None => Ok(()),
        }
    }

    fn is_shared(&self) -> bool {
        // Only a shared store is waited for.
        self.opened.get().is_none_or(|store| store.is_shared())
    }

    fn head_format(&self) -> HeadFormat {
        // Before it is open nothing is written.
        self.opened.get().map_or(HeadFormat::First, |store| store.head_format())
    }
}

/// The first pause between two tries.
const PAUSE_MIN: Duration = Duration::from_secs(1);

/// The longest one: a cluster that came back is served after this long at most.
const PAUSE_MAX: Duration = Duration::from_secs(10);

/// Pauses that grow, each shortened by chance so that gateways that start together do not try together.
#[derive(Clone, Copy, Debug)]
pub struct Backoff(Duration);

impl Default for Backoff {
    fn default() -> Self {
        Self(PAUSE_MIN)
    }
}

impl Backoff {
    /// The next pause: between half of the full one and all of it.
    pub fn next(&mut self, world: &impl World) -> Duration {
        let full = self.0;
        self.0 = full.saturating_mul(2).min(PAUSE_MAX);
        let [chance, ..] = world.draw();
        full / 2 + (full / 2) * u32::from(chance) / 255
    }
}

/// Two reasons are logged at least this far apart, however often they change.
const TOLD_EVERY: Duration = Duration::from_secs(10);

/// A reason that stays is told again after this long: whoever looks at the log later must find it.
const TOLD_AGAIN_AFTER: Duration = Duration::from_secs(60);

/// Tells the log why the store is not open, without flooding it.
#[derive(Debug, Default)]
pub struct Telling(Option<(Instant, String)>);

impl Telling {
    /// A try failed.
    pub fn failed(&mut self, reason: &str) {
        if self.is_worth_telling(reason, Instant::now()) {
            warn!("the store is not open yet: {reason}; it is tried again until it opens");
        }
    }

    fn is_worth_telling(&mut self, reason: &str, now: Instant) -> bool {
        let is_worth = self.0.as_ref().is_none_or(|(at, told)| {
            let apart = if told == reason { TOLD_AGAIN_AFTER } else { TOLD_EVERY };
            now.saturating_duration_since(*at) >= apart
        });
        if is_worth {
            self.0 = Some((now, reason.to_owned()));
        }
        is_worth
    }
}

#[cfg(test)]
mod tests {
    use ofd_protocol::types::UnixMillis;
    use ofd_storage::memory::MemoryStore;

    use super::*;

    struct Chance(u8);

    impl World for Chance {
        fn now(&self) -> UnixMillis {
            UnixMillis(0)
        }

        fn draw(&self) -> [u8; 20] {
            [self.0; 20]
        }
    }

    #[test]
    fn pauses_grow_to_a_bound_and_vary_by_half() {
        let pauses = |chance: u8| {
            let mut backoff = Backoff::default();
            std::array::from_fn::<u128, 6, _>(|_| backoff.next(&Chance(chance)).as_millis())
        };
        assert_eq!(pauses(0), [500, 1000, 2000, 4000, 5000, 5000]);
        assert_eq!(pauses(255), [1000, 2000, 4000, 8000, 10_000, 10_000]);
    }

    #[test]
    fn a_reason_is_told_once_and_again_when_it_changes_or_stays_long() {
        let (mut telling, begin) = (Telling::default(), Instant::now());
        let mut told =
            |reason, seconds| telling.is_worth_telling(reason, begin + Duration::from_secs(seconds));
        assert!(told("a", 0));
        assert!(!told("a", 5) && !told("b", 9));
        assert!(told("b", 10));
        assert!(!told("b", 69));
        assert!(told("b", 70));
    }

    #[tokio::test]
    async fn a_store_that_is_not_open_says_why_and_serves_once_it_is() {
        let store = OpeningStore::default();
        store.wait_for("no node answers".to_owned());
        let refused = store.record(RecordKind::Store, b"x").await;
        assert!(
            matches!(refused, Err(StoreError::Unavailable { reason }) if reason.contains("no node answers"))
        );
        assert!(
            matches!(store.health().await, Health::ReadOnly(reason) if reason.contains("no node answers"))
        );
        assert!(store.is_shared());
        store.close().await.unwrap();
        store.open(Arc::new(MemoryStore::new()));
        assert_eq!(store.record(RecordKind::Store, b"x").await.unwrap(), None);
        assert_eq!(store.health().await, Health::Ready);
    }
}
