//! Up to which month the books are closed, for all accounts.
//!
//! The record is written before the first account is closed. A posting does not read it as long as the month that it goes into has
//! begun: whoever closes an account's month and whoever posts into it meet at its head, and one of both goes first. Only a month that
//! is to begin asks: an account that is new since the record was written begins with closed months, and one that is older is seen by
//! whoever closes.

use ofd_billing::Month;
use serde::{Deserialize, Serialize};

use super::books;
use crate::store::{RecordKind, Store, StoreError, Version};

/// Where it is kept up to which month the books are closed, among the facts of the store.
pub const CLOSED_KEY: &[u8] = b"ledger-closed";

/// Up to which month the books are closed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClosedBooks {
    /// The last month that is closed on every account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closed: Option<Month>,
    /// The month behind it, while its accounts are being closed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closing: Option<Month>,
    /// When that was last said, in milliseconds of the Unix epoch.
    #[serde(default)]
    pub at_ms: u64,
    /// Who said it.
    #[serde(default)]
    pub by: String,
}

impl ClosedBooks {
    /// The last month into which nothing new is posted.
    #[must_use]
    pub fn up_to(&self) -> Option<Month> {
        self.closed.max(self.closing)
    }
}

/// Up to which month the books are closed, with the version of the record.
///
/// # Errors
/// Those of the store.
pub async fn closed_books(store: &impl Store) -> Result<(Option<Version>, ClosedBooks), StoreError> {
    let Some(record) = store.record(RecordKind::Store, CLOSED_KEY).await? else {
        return Ok((None, ClosedBooks::default()));
    };
    let closed = serde_json::from_slice(&record.bytes).map_err(|error| unreadable(&error))?;
    Ok((Some(record.version), closed))
}

/// Says up to which month the books are closed, where nobody said anything since.
///
/// # Errors
/// Those of the store; [`StoreError::Conflict`] where somebody did.
pub async fn say_closed(
    store: &impl Store,
    expected: Option<Version>,
    closed: &ClosedBooks,
) -> Result<Version, StoreError> {
    let bytes = serde_json::to_vec(closed).map_err(|error| unreadable(&error))?;
    store.put_record(RecordKind::Store, CLOSED_KEY, expected, bytes.into()).await
}

fn unreadable(error: &serde_json::Error) -> StoreError {
    StoreError::Corrupt { place: "the close of the books".to_owned(), reason: error.to_string() }
}

/// The first month that takes postings; `now` is the present one.
///
/// # Errors
/// Those of the store.
pub async fn first_open(store: &impl Store, now: Month) -> Result<Month, StoreError> {
    if let Some(closed) = closed_books(store).await?.1.up_to() {
        return Ok(closed.next().unwrap_or(closed));
    }
    Ok(books::kept(store).await?.map_or(now, |books| books.opened.min(now)))
}
