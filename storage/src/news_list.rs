//! Which organisations may have announced something to their registers.
//!
//! Whoever announces tells the registers as well. Should its process end between, a job finds here where to look; so this
//! list only saves it a walk over all companies. An organisation is entered before it announces, so it may be here for
//! nothing.

use std::collections::BTreeMap;

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use crate::model::PROFILE_NEWS_KEY;
use crate::store::{RecordKind, Store, StoreError, Version};

/// So many organisations are in the list at most; beyond them those that came first are dropped. What registers are not
/// told they find out when their profile is read anew for its age.
pub const ORGANISATIONS_MAX: usize = 256;

/// Others who change the list in the same moment are met this often.
const TRIES_MAX: usize = 5;

/// The list as it is kept: under each BIN the number of its entry, which is another one each time it is entered.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct List {
    #[serde(default)]
    next: u64,
    #[serde(default)]
    organisations: BTreeMap<String, u64>,
}

/// An organisation in the list.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Listed {
    /// Its BIN or IIN.
    pub bin: String,
    /// Tells this entry of it from a later one.
    pub number: u64,
}

/// Enters an organisation that is about to announce something.
///
/// # Errors
/// Those of the store.
pub async fn enter(store: &impl Store, bin: &str) -> Result<(), StoreError> {
    change(store, |list| {
        list.organisations.insert(bin.to_owned(), list.next);
        list.next = list.next.wrapping_add(1);
        while list.organisations.len() > ORGANISATIONS_MAX {
            let first = list.organisations.iter().min_by_key(|(_, number)| **number);
            let Some(first) = first.map(|(bin, _)| bin.clone()) else { break };
            list.organisations.remove(&first);
        }
    })
    .await
}

/// The organisations in the list.
///
/// # Errors
/// Those of the store.
pub async fn listed(store: &impl Store) -> Result<Vec<Listed>, StoreError> {
    let (_, list) = load(store).await?;
    Ok(list.organisations.into_iter().map(|(bin, number)| Listed { bin, number }).collect())
}

/// Takes organisations out of the list, unless they were entered anew.
///
/// # Errors
/// Those of the store.
pub async fn take_out(store: &impl Store, settled: &[Listed]) -> Result<(), StoreError> {
    if settled.is_empty() {
        return Ok(());
    }
    let is_settled = |bin: &str, number| settled.iter().any(|one| one.bin == bin && one.number == number);
    change(store, |list| list.organisations.retain(|bin, number| !is_settled(bin, *number))).await
}

async fn change(store: &impl Store, change: impl Fn(&mut List) + Send + Sync) -> Result<(), StoreError> {
    for _ in 0..TRIES_MAX {
        let (version, found) = load(store).await?;
        let mut list = found.clone();
        change(&mut list);
        if list == found {
            return Ok(());
        }
        let bytes = serde_json::to_vec(&list).map(Bytes::from).map_err(|error| StoreError::Corrupt {
            place: "the list of profile news".to_owned(),
            reason: error.to_string(),
        })?;
        match store.put_record(RecordKind::Store, PROFILE_NEWS_KEY, version, bytes).await {
            Ok(_) => return Ok(()),
            Err(StoreError::Conflict { .. } | StoreError::Unknown { .. }) => {}
            Err(error) => return Err(error),
        }
    }
    // It is for the next one who comes to tell.
    Ok(())
}

/// A list that cannot be read begins anew.
async fn load(store: &impl Store) -> Result<(Option<Version>, List), StoreError> {
    let found = store.record(RecordKind::Store, PROFILE_NEWS_KEY).await?;
    Ok(found.map_or((None, List::default()), |record| {
        (Some(record.version), serde_json::from_slice(&record.bytes).unwrap_or_default())
    }))
}
