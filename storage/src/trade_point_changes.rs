//! Writing into the records of trade points what their companies' heads say is decided.
//!
//! Whoever decides such a change makes it so at once. What a process left that ended between, whoever changes the company
//! or looks at its trade points next does, and the job that tells registers what their answers name.

use crate::accounts::{Company, TradePointChange, load, save};
use crate::model;
use crate::store::{Stamp, Store, StoreError, Version};

/// So often a record is written whose outcome is unknown: the same write again does no harm.
const TRIES_MAX: usize = 3;

/// Others who change the company in the same moment are met this often.
const MEETINGS_MAX: usize = 10;

/// Writes what is decided of an organisation's trade points, and has its head forget it.
///
/// # Errors
/// Those of the store. Whoever comes next goes on.
pub async fn settle(
    store: &impl Store,
    bin: &str,
    stamp: &(impl Fn() -> Stamp + Sync),
) -> Result<(), StoreError> {
    let Some(stream) = Company::stream_of(bin) else { return Ok(()) };
    for _ in 0..MEETINGS_MAX {
        let Some(company) = load::<Company>(store, stream).await? else { return Ok(()) };
        if company.state.trade_point_changes.is_empty() {
            return Ok(());
        }
        for change in &company.state.trade_point_changes {
            write(store, change).await?;
        }
        let settled = Company { trade_point_changes: Vec::new(), ..company.state.clone() };
        match save(store, &company, settled, Vec::new(), stamp()).await {
            Ok(_) => return Ok(()),
            Err(StoreError::Conflict { .. }) => {}
            Err(error) => return Err(error),
        }
    }
    // All that was decided is written; who is so busy with the company forgets it.
    Ok(())
}

/// Writes the record, unless it has the change already: nobody but changes of trade points writes it after it was made, and
/// each is decided when those before it are written.
async fn write(
    store: &impl Store,
    TradePointChange { on, point }: &TradePointChange,
) -> Result<(), StoreError> {
    let mut outcome = Ok(());
    for _ in 0..TRIES_MAX {
        let written = match on {
            None => model::create(store, point).await.map(drop),
            Some(version) => model::replace(store, Version(*version), point).await.map(drop),
        };
        outcome = match written {
            Ok(()) | Err(StoreError::Conflict { .. }) => return Ok(()),
            Err(unknown @ StoreError::Unknown { .. }) => Err(unknown),
            Err(error) => return Err(error),
        };
    }
    outcome
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

    use bytes::Bytes;
    use futures::executor::block_on;
    use ofd_protocol::types::UnixMillis;

    use super::*;
    use crate::accounts::{CompanyKind, create};
    use crate::memory::MemoryStore;
    use crate::model::TradePoint;
    use crate::store::RecordKind;
    use crate::{samples, through};

    const BIN: &str = "151140001234";

    static STAMPS: AtomicU64 = AtomicU64::new(1);

    fn stamp() -> Stamp {
        Stamp(u128::from(STAMPS.fetch_add(1, Ordering::Relaxed)).to_be_bytes())
    }

    /// A store that fails before its next writes, whatever they are, as if the process ended there.
    #[derive(Default)]
    struct Failing {
        store: MemoryStore,
        writes_left: AtomicUsize,
    }

    impl Failing {
        fn spends(&self) -> Result<(), StoreError> {
            let spent = self
                .writes_left
                .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1));
            spent.map(drop).map_err(|_| StoreError::Unavailable { reason: "the process ended".into() })
        }
    }

    impl through::Through for Failing {
        type Inner = MemoryStore;

        fn inner(&self) -> &MemoryStore {
            &self.store
        }

        async fn put_record(
            &self,
            kind: RecordKind,
            key: &[u8],
            expected: Option<Version>,
            bytes: Bytes,
        ) -> Result<Version, StoreError> {
            self.spends()?;
            Store::put_record(&self.store, kind, key, expected, bytes).await
        }

        async fn append(&self, append: crate::store::Append) -> Result<Version, StoreError> {
            self.spends()?;
            Store::append(&self.store, append).await
        }
    }

    async fn decided(store: &impl Store, changes: Vec<TradePointChange>) {
        let company = Company::new(BIN.into(), "ТОО".into(), CompanyKind::LegalEntity, UnixMillis(1));
        let company = Company { trade_point_changes: changes, ..company };
        create(store, company, Vec::new(), stamp()).await.unwrap();
    }

    async fn kept(store: &impl Store, point: &TradePoint) -> Option<(Version, TradePoint)> {
        model::load(store, point.id.0.as_bytes()).await.unwrap()
    }

    #[test]
    fn what_is_decided_is_written_once_wherever_the_process_ends() {
        block_on(async {
            let (new, old) = (samples::trade_point(BIN, "Новый"), samples::trade_point(BIN, "Старый"));
            let renamed = TradePoint { title: "Другой".into(), revision: 1, ..old.clone() };
            let mut is_done = false;
            for writes in 0..10 {
                let store = Failing { writes_left: AtomicUsize::new(usize::MAX), ..Failing::default() };
                model::create(&store, &old).await.unwrap();
                let changes = vec![
                    TradePointChange::of(None, new.clone()),
                    TradePointChange::of(Some(Version::FIRST), renamed.clone()),
                ];
                decided(&store, changes).await;
                store.writes_left.store(writes, Ordering::Relaxed);
                is_done = settle(&store, BIN, &stamp).await.is_ok();
                store.writes_left.store(usize::MAX, Ordering::Relaxed);
                settle(&store, BIN, &stamp).await.unwrap();
                let company: Company =
                    load(&store, Company::stream_of(BIN).unwrap()).await.unwrap().unwrap().state;
                assert_eq!(company.trade_point_changes, []);
                assert_eq!(
                    kept(&store, &new).await,
                    Some((Version(1), new.clone())),
                    "after {writes} writes"
                );
                assert_eq!(
                    kept(&store, &renamed).await,
                    Some((Version(2), renamed.clone())),
                    "after {writes} writes"
                );
            }
            assert!(is_done, "the last one was not cut off");
        });
    }

    #[test]
    fn what_is_told_again_undoes_no_later_change() {
        block_on(async {
            let store = MemoryStore::new();
            let old = samples::trade_point(BIN, "Старый");
            model::create(&store, &old).await.unwrap();
            let second = TradePoint { title: "Второй".into(), revision: 1, ..old.clone() };
            let third = TradePoint { title: "Третий".into(), revision: 2, ..old.clone() };
            model::replace(&store, Version(1), &second).await.unwrap();
            model::replace(&store, Version(2), &third).await.unwrap();
            decided(&store, vec![TradePointChange::of(Some(Version(1)), second)]).await;
            settle(&store, BIN, &stamp).await.unwrap();
            assert_eq!(kept(&store, &third).await, Some((Version(3), third.clone())));
        });
    }
}
