//! What the operator's people should know first: what waits for them, and what is ill.

use std::time::Duration;

use futures::future::try_join_all;
use ofd_protocol::types::UnixMillis;
use ofd_storage::accounts::ApplicationState;
use ofd_storage::charging::owed;
use ofd_storage::feed::Shard;
use ofd_storage::figures::FiguresReader;
use ofd_storage::ledger::last_check;
use ofd_storage::model::{LastScrub, last_scrub};
use ofd_storage::registers::SHARDS;
use ofd_storage::store::{Store, StoreError};
use ofd_storage::walks::Walk;

use crate::banks::applications::of_all;
use crate::change::ChangeError;
use crate::office::Office;
use crate::papers::being_checked;
use crate::registrations::{Queue, QueueQuery, queue};

/// Of a queue so many are counted: whoever has more to do needs no number.
pub const COUNTED_MAX: usize = 50;

/// Figures that lag by more are told of, as by the alert of the same name.
const LAG_MAX: Duration = Duration::from_secs(600);

/// How many wait in a queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// As many as were counted.
    pub count: usize,
    /// Whether there may be more.
    pub is_more: bool,
}

impl Waiting {
    /// Of those that were read of a queue, and whether it goes on behind them.
    fn of(read: usize, goes_on: bool) -> Self {
        Self { count: read.min(COUNTED_MAX), is_more: goes_on || read > COUNTED_MAX }
    }
}

async fn waiting_in(office: &Office, of: Queue) -> Result<Waiting, ChangeError> {
    let found = queue(office, of, &QueueQuery::default(), None, COUNTED_MAX.saturating_add(1)).await?;
    Ok(Waiting::of(found.rows.len(), found.next.is_some()))
}

/// How many registrations wait for the tax authority's answer.
///
/// # Errors
/// Those of the store.
pub async fn registrations_waiting(office: &Office) -> Result<Waiting, ChangeError> {
    waiting_in(office, Queue::Authority).await
}

/// How many visits are still to be made.
///
/// # Errors
/// Those of the store.
pub async fn visits_waiting(office: &Office) -> Result<Waiting, ChangeError> {
    waiting_in(office, Queue::Visits).await
}

/// How many banks that were applied for wait for a decision.
///
/// # Errors
/// Those of the store.
pub async fn banks_waiting(store: &impl Store) -> Result<Waiting, StoreError> {
    let found = of_all(store, None, |one| one.state == ApplicationState::Waiting).await?;
    Ok(Waiting::of(found.applications.len(), found.is_cut))
}

/// How many signatures are being checked: nobody has to do anything, unless they grow.
///
/// # Errors
/// Those of the store.
pub async fn signatures_waiting(office: &Office) -> Result<Waiting, StoreError> {
    let read = being_checked(office, COUNTED_MAX.saturating_add(1)).await?;
    Ok(Waiting::of(read, false))
}

/// What is ill with what is stored. What is ill with a process it says for itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ill {
    /// Figures of days lag behind by so long.
    Lag(Duration),
    /// An index is still being made, so that lists may lack something.
    IndexBeingMade(Walk),
    /// The last walk over all documents found damage.
    Damage(LastScrub),
    /// The last proof of the ledger found so many places that do not fit.
    Ledger {
        /// When it ended.
        at: UnixMillis,
        /// How many places do not fit.
        breaks: u64,
    },
    /// So many organisations could not be charged.
    NotCharged(usize),
}

/// What is ill with what is stored, the worst first.
///
/// # Errors
/// Those of the store.
pub async fn ills(store: &impl Store, now: UnixMillis) -> Result<Vec<Ill>, StoreError> {
    let mut ills = Vec::new();
    ills.extend(last_scrub(store).await?.filter(|last| last.breaks > 0).map(Ill::Damage));
    let books = last_check(store).await?.map(|(_, last)| last).filter(|last| last.breaks > 0);
    ills.extend(books.map(|last| Ill::Ledger { at: UnixMillis(last.at_ms), breaks: last.breaks }));
    ills.extend(Some(owed(store).await?.len()).filter(|count| *count > 0).map(Ill::NotCharged));
    // What the zone is matters to who counts, not to who asks how far that is.
    let reader = FiguresReader { zone_offset_seconds: 0 };
    let behind = try_join_all((0..SHARDS).map(|shard| Shard(shard).behind(store, &reader, now))).await?;
    ills.extend(behind.into_iter().max().filter(|lag| *lag > LAG_MAX).map(Ill::Lag));
    for walk in Walk::ALL {
        if !walk.is_complete(store).await? {
            ills.push(Ill::IndexBeingMade(walk));
        }
    }
    Ok(ills)
}

#[cfg(test)]
mod tests {
    use ofd_storage::ledger::{LastCheck, keep_check};
    use ofd_storage::memory::MemoryStore;
    use ofd_storage::model::SCRUB_KEY;
    use ofd_storage::store::{RecordKind, Store as _};
    use ofd_storage::walks::Step;

    use super::*;

    const NOW: UnixMillis = UnixMillis(1_790_000_000_000);

    #[test]
    fn a_queue_is_counted_up_to_fifty() {
        assert_eq!(Waiting::of(0, false), Waiting { count: 0, is_more: false });
        assert_eq!(Waiting::of(50, false), Waiting { count: 50, is_more: false });
        assert_eq!(Waiting::of(51, true), Waiting { count: 50, is_more: true });
        assert_eq!(
            Waiting::of(3, true),
            Waiting { count: 3, is_more: true },
            "a page may have few of what waits"
        );
    }

    #[tokio::test]
    async fn indexes_that_are_being_made_and_damage_that_was_found_are_told() {
        let store = MemoryStore::new();
        let being_made: Vec<Ill> = Walk::ALL.into_iter().map(Ill::IndexBeingMade).collect();
        assert_eq!(ills(&store, NOW).await.unwrap(), being_made);
        for walk in Walk::ALL {
            while !matches!(walk.step(&store, NOW).await.unwrap(), Step::Completed { .. }) {}
        }
        assert_eq!(ills(&store, NOW).await.unwrap(), []);
        let last = LastScrub { finished_at: NOW, breaks: 2 };
        let bytes = serde_json::to_vec(&last).unwrap().into();
        store.put_record(RecordKind::Store, SCRUB_KEY, None, bytes).await.unwrap();
        assert_eq!(ills(&store, NOW).await.unwrap(), [Ill::Damage(last)]);
        let check = LastCheck { at_ms: NOW.0, breaks: 3, ..LastCheck::default() };
        keep_check(&store, None, &check).await.unwrap();
        let owed = br#"{"bin":"010101500123","from":202611,"failures":1}"#;
        let key = b"010101500123";
        store.put_record(RecordKind::ChargeOwed, key, None, owed.as_slice().into()).await.unwrap();
        let all = [Ill::Damage(last), Ill::Ledger { at: NOW, breaks: 3 }, Ill::NotCharged(1)];
        assert_eq!(ills(&store, NOW).await.unwrap(), all);
    }

    #[tokio::test]
    async fn figures_that_lag_by_more_than_ten_minutes_are_told() {
        let store = MemoryStore::new();
        for walk in Walk::ALL {
            while !matches!(walk.step(&store, NOW).await.unwrap(), Step::Completed { .. }) {}
        }
        let (reader, stamp) =
            (FiguresReader { zone_offset_seconds: 0 }, || ofd_storage::store::Stamp([7; 16]));
        Shard(3).pass(&store, &reader, &mut ofd_storage::feed::Seen::default(), NOW, &stamp).await.unwrap();
        let later = |minutes: u64| UnixMillis(NOW.0 + minutes * 60_000);
        assert_eq!(ills(&store, later(9)).await.unwrap(), []);
        let lag = ills(&store, later(30)).await.unwrap();
        assert!(matches!(lag[..], [Ill::Lag(lag)] if lag > Duration::from_secs(25 * 60)), "{lag:?}");
    }
}
