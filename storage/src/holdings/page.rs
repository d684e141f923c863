//! Pages of what an organisation has.

use futures::{StreamExt, TryStreamExt, stream};
use ofd_protocol::types::RegisterId;

use super::stage::Stage;
use crate::model::{self, Holding, RegisterRecord, TradePoint, TradePointId, list_prefix, listed_by_key};
use crate::store::{Record, Store, StoreError};
use crate::walk;

/// So many records are read at once.
const AT_ONCE: usize = 16;

/// How far a list is to be trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Listing {
    /// What is not in it is not there.
    Whole,
    /// It is still being made: there may be more than it shows.
    BeingMade,
}

/// A page of what an organisation has.
#[derive(Clone, Debug)]
pub struct Holdings<M: Holding> {
    /// What belongs to the organisation now, in the order of keys. It may be less than was asked for where entries were
    /// passed over, also when more comes behind it.
    pub found: Vec<M>,
    /// What is listed and cannot be read.
    pub unreadable: Vec<M::Id>,
    /// Behind which the next page begins; `None`: that was the last one.
    pub next: Option<M::Id>,
    /// Whether that is all.
    pub listing: Listing,
}

/// The registers of an organisation behind `after`, by id; at most `limit`.
///
/// # Errors
/// Those of the store.
pub async fn registers_of(
    store: &impl Store,
    bin: &str,
    after: Option<RegisterId>,
    limit: usize,
) -> Result<Holdings<RegisterRecord>, StoreError> {
    page(store, bin, after, limit).await
}

/// The trade points of an organisation behind `after`, by id; at most `limit`.
///
/// # Errors
/// Those of the store.
pub async fn trade_points_of(
    store: &impl Store,
    bin: &str,
    after: Option<TradePointId>,
    limit: usize,
) -> Result<Holdings<TradePoint>, StoreError> {
    page(store, bin, after, limit).await
}

async fn page<M: Holding>(
    store: &impl Store,
    bin: &str,
    after: Option<M::Id>,
    limit: usize,
) -> Result<Holdings<M>, StoreError> {
    // Before the list: one that is whole by now may not have been when it was read.
    let listing = if walk::is_complete::<Stage>(store).await? { Listing::Whole } else { Listing::BeingMade };
    let prefix = list_prefix(bin);
    let after = after.map(|id| [prefix.clone(), M::key_of_id(&id)].concat());
    let entries = store.records(M::LISTED_AS, &prefix, after.as_deref(), limit).await?;
    let id_of = |entry: &Record| listed_by_key::<M>(&entry.key).map(|(_, id)| id);
    let ids: Vec<M::Id> = entries.iter().filter_map(id_of).collect();
    let next = ids.last().filter(|_| entries.len() >= limit).cloned();
    let read = |id: M::Id| async move {
        match model::load::<M>(store, &M::key_of_id(&id)).await {
            Ok(Some((_, found))) => Ok(Some(Ok(found))),
            Ok(None) => Ok(None),
            Err(StoreError::Corrupt { .. }) => Ok(Some(Err(id))),
            Err(error) => Err(error),
        }
    };
    let read: Vec<Option<Result<M, M::Id>>> =
        stream::iter(ids.into_iter().map(read)).buffered(AT_ONCE).try_collect().await?;
    let mut page = Holdings { found: Vec::new(), unreadable: Vec::new(), next, listing };
    for one in read.into_iter().flatten() {
        match one {
            Ok(found) if found.bin() == bin => page.found.push(found),
            // It went to another organisation.
            Ok(_) => {}
            Err(id) => page.unreadable.push(id),
        }
    }
    Ok(page)
}

/// Whether an organisation has registers, as far as its list tells: one that is still being made may.
///
/// # Errors
/// Those of the store.
pub async fn may_have_registers(store: &impl Store, bin: &str) -> Result<bool, StoreError> {
    let is_whole = walk::is_complete::<Stage>(store).await?;
    let first = store.records(RegisterRecord::LISTED_AS, &list_prefix(bin), None, 1).await?;
    Ok(!is_whole || !first.is_empty())
}
