//! All accounts of the ledger, one page after the other.

use bytes::Bytes;
use ofd_billing::ledger::{LedgerAccount, OwnAccount, SHARDS};

use super::books::Books;
use super::month::MonthOf;
use super::personal;
use crate::store::{RecordKind, Store, StoreError};

/// The operator's own accounts in the order in which their months are closed: those that are the home of postings first, so that no leg
/// of theirs comes too late for its month.
const OWN: [OwnAccount; 5] =
    [OwnAccount::Unmatched, OwnAccount::WriteOffs, OwnAccount::Bank, OwnAccount::Revenue, OwnAccount::Vat];

/// Something that does not fit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Where: an account and a month.
    pub place: String,
    /// What does not fit.
    pub reason: String,
}

/// Where a walk over all accounts is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// Behind the personal account of this BIN.
    Personal(Option<Bytes>),
    /// At one of the operator's own.
    Own(u16),
}

impl Default for Place {
    fn default() -> Self {
        Self::Personal(None)
    }
}

/// A page of a walk over all accounts.
#[derive(Debug, Default)]
pub struct Accounts {
    /// Which, and where their months begin.
    pub found: Vec<MonthOf>,
    /// Personal accounts that cannot be read.
    pub unreadable: Vec<Fault>,
    /// Where the walk goes on; none: these are the last.
    pub next: Option<Place>,
}

/// Some accounts from `place` on: personal ones first, then the operator's own.
///
/// # Errors
/// Those of the store.
pub async fn accounts(
    store: &impl Store,
    books: Books,
    place: Place,
    limit: usize,
) -> Result<Accounts, StoreError> {
    let after = match place {
        Place::Personal(after) => after,
        Place::Own(at) => return Ok(own(books, at, limit)),
    };
    let mut page = Accounts::default();
    let records = store.records(RecordKind::PersonalAccount, b"", after.as_deref(), limit).await?;
    for record in &records {
        match personal::read(&String::from_utf8_lossy(&record.key), &record.bytes) {
            Ok(account) => {
                let of = LedgerAccount::Personal(account.number);
                page.found.push(MonthOf { account: of, opened: account.opened });
            }
            Err(StoreError::Corrupt { place, reason }) => page.unreadable.push(Fault { place, reason }),
            Err(error) => return Err(error),
        }
    }
    let last = records.last().filter(|_| records.len() == limit).map(|last| last.key.clone());
    page.next = Some(last.map_or(Place::Own(0), |last| Place::Personal(Some(last))));
    Ok(page)
}

fn own(books: Books, at: u16, limit: usize) -> Accounts {
    let all = OWN.into_iter().flat_map(|own| (0..SHARDS).map(move |shard| LedgerAccount::Own(own, shard)));
    let found: Vec<MonthOf> = all
        .skip(usize::from(at))
        .take(limit)
        .map(|account| MonthOf { account, opened: books.opened })
        .collect();
    let next = at.saturating_add(u16::try_from(found.len()).unwrap_or(u16::MAX));
    let is_last = usize::from(next) >= OWN.len().saturating_mul(usize::from(SHARDS)) || found.is_empty();
    Accounts { found, unreadable: Vec::new(), next: (!is_last).then_some(Place::Own(next)) }
}
