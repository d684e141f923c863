//! What the last proof of the ledger came to, as operators are told of it.

use ofd_billing::Month;
use serde::{Deserialize, Serialize};

use super::books;
use crate::store::{RecordKind, Store, StoreError, Version};

/// Where it is kept what the last proof of the ledger came to, among the facts of the store.
pub const CHECKED_KEY: &[u8] = b"ledger-checked";

/// So many breaks are kept with their words.
pub const BREAKS_KEPT_MAX: usize = 20;

/// What the last proof of the ledger came to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LastCheck {
    /// When it ended, in milliseconds of the Unix epoch.
    pub at_ms: u64,
    /// How many entries it looked at.
    pub entries: u64,
    /// How many postings it carried into other accounts, left by processes that ended half way.
    #[serde(default)]
    pub carried: u64,
    /// How many breaks it found.
    pub breaks: u64,
    /// The first of them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub told: Vec<String>,
    /// The last month that was closed when a proof found nothing wrong: it is not proven again each night.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proven: Option<Month>,
}

/// The last proof of the ledger; `None` before the first.
///
/// # Errors
/// Those of the store.
pub async fn last_check(store: &impl Store) -> Result<Option<(Version, LastCheck)>, StoreError> {
    let Some(record) = store.record(RecordKind::Store, CHECKED_KEY).await? else { return Ok(None) };
    // One that cannot be read is as none: the next proof takes its place.
    let last = serde_json::from_slice(&record.bytes).unwrap_or_default();
    Ok(Some((record.version, last)))
}

/// Keeps what a proof came to, unless somebody else was faster.
///
/// # Errors
/// Those of the store.
pub async fn keep_check(
    store: &impl Store,
    expected: Option<Version>,
    last: &LastCheck,
) -> Result<(), StoreError> {
    let bytes = serde_json::to_vec(last).map_err(|error| StoreError::Corrupt {
        place: "the last proof of the ledger".to_owned(),
        reason: error.to_string(),
    })?;
    match store.put_record(RecordKind::Store, CHECKED_KEY, expected, bytes.into()).await {
        Ok(_) | Err(StoreError::Conflict { .. }) => Ok(()),
        Err(error) => Err(error),
    }
}

/// The first month that the next proof looks at; `None` where nothing was ever posted.
///
/// # Errors
/// Those of the store.
pub async fn unproven_from(store: &impl Store) -> Result<Option<Month>, StoreError> {
    let Some(books) = books::kept(store).await? else { return Ok(None) };
    let proven = last_check(store).await?.and_then(|(_, last)| last.proven);
    Ok(Some(proven.and_then(Month::next).unwrap_or(books.opened).max(books.opened)))
}
