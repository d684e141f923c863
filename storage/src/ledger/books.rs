//! What all accounts of an operator have in common, and why a posting does not land.

use ofd_billing::ledger::{MonthRefused, PostingRefused, Source};
use ofd_billing::{Month, NoMonth, TiynError};
use serde::{Deserialize, Serialize};

use crate::store::{RecordKind, Store, StoreError};

/// Where the beginning of the books is among the facts of the store.
pub const BOOKS_KEY: &[u8] = b"ledger";

/// The books of an operator.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Books {
    /// The first month of the operator's own accounts.
    pub opened: Month,
}

/// The books, which `month` opens where there are none yet.
///
/// # Errors
/// Those of the store.
pub async fn books(store: &impl Store, month: Month) -> Result<Books, StoreError> {
    if let Some(books) = kept(store).await? {
        return Ok(books);
    }
    let books = Books { opened: month };
    let bytes = serde_json::to_vec(&books).map_err(|error| unreadable(&error))?;
    match store.put_record(RecordKind::Store, BOOKS_KEY, None, bytes.into()).await {
        Ok(_) => Ok(books),
        Err(StoreError::Conflict { .. } | StoreError::Unknown { .. }) => {
            let missing = || StoreError::Unavailable { reason: "the books are just being opened".to_owned() };
            kept(store).await?.ok_or_else(missing)
        }
        Err(error) => Err(error),
    }
}

/// The books; `None` where nothing was ever posted.
///
/// # Errors
/// Those of the store.
pub async fn kept(store: &impl Store) -> Result<Option<Books>, StoreError> {
    let record = store.record(RecordKind::Store, BOOKS_KEY).await?;
    record.map(|record| serde_json::from_slice(&record.bytes).map_err(|error| unreadable(&error))).transpose()
}

fn unreadable(error: &serde_json::Error) -> StoreError {
    StoreError::Corrupt { place: "the beginning of the books".to_owned(), reason: error.to_string() }
}

/// Why a posting did not land, or a month was not closed.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    /// The posting is none.
    #[error(transparent)]
    Posting(#[from] PostingRefused),
    /// The month takes it not.
    #[error(transparent)]
    Month(#[from] MonthRefused),
    /// Another posting of this source landed before.
    #[error(
        "{source_id} was posted before, with other sums or for another day: what was posted never changes; take it back and post anew"
    )]
    Another {
        /// The source of both.
        source_id: Source,
    },
    /// Postings that are written together are of one account and one month, each of its own source, few enough.
    #[error("postings that are written together: {0}")]
    Together(&'static str),
    /// All months up to the present one are closed.
    #[error("{0} is closed, and no later month has begun")]
    NoOpenMonth(Month),
    /// A month before this one is still open.
    #[error("{0} is to be closed first")]
    NotYet(Month),
    /// A sum beyond all sums.
    #[error(transparent)]
    TooMuch(#[from] TiynError),
    /// A day in no month that accounts are kept in.
    #[error(transparent)]
    NoMonth(#[from] NoMonth),
    /// Others were faster each time.
    #[error("others posted to this account at the same time, each time; try again")]
    Busy,
    /// What the store says.
    #[error(transparent)]
    Store(#[from] StoreError),
}
