//! The personal account of an organisation: its number, its balance, and what moved it.

use ofd_billing::ledger::{Entry, LedgerAccount};
use ofd_billing::{Month, PersonalAccount, Tiyn};
use ofd_storage::erased::DynStore;
use ofd_storage::ledger::{self, LedgerError, MonthOf, PersonalAccountRecord};

use crate::day::today;
use crate::office::Office;

/// Entries of a page.
const ENTRIES_MAX: usize = 50;

/// What is shown of a personal account.
#[derive(Clone, Debug)]
pub struct MoneyPage {
    /// Which one it is.
    pub account: PersonalAccountRecord,
    /// What all its entries come to, as of this moment: nothing is kept back.
    pub balance: Tiyn,
    /// The month that is shown.
    pub month: Month,
    /// What came in it.
    pub credit: Tiyn,
    /// What went in it.
    pub debit: Tiyn,
    /// Whether nothing is posted into it any more.
    pub is_closed: bool,
    /// Entries of the month, the newest first.
    pub entries: Vec<Entry>,
    /// The number of the entry to go on behind, where there are more.
    pub next: Option<u32>,
}

/// The present month, where the operator works.
///
/// # Errors
/// [`LedgerError::NoMonth`] for a clock beyond the years that accounts are kept in.
pub fn this_month(office: &Office, zone_offset_seconds: i32) -> Result<Month, LedgerError> {
    Ok(Month::of(today(office.now(), zone_offset_seconds))?)
}

/// The personal account of an organisation, opened where it has none yet.
///
/// # Errors
/// Those of the store.
pub async fn open(office: &Office, bin: &str, month: Month) -> Result<PersonalAccountRecord, LedgerError> {
    let draw = || PersonalAccount::of_drawn(office.drawn());
    Ok(ledger::open_personal(&office.store, bin, (month, office.now().0), draw).await?)
}

/// What a page shows of the money of an organisation in a month; `before` is the number of the entry to go on behind.
///
/// # Errors
/// Those of the store.
pub async fn money(
    store: &DynStore,
    account: PersonalAccountRecord,
    (now, month): (Month, Month),
    before: Option<u32>,
) -> Result<MoneyPage, LedgerError> {
    entries_of(store, account, (now, month), before, ENTRIES_MAX).await
}

/// The same with so many entries at most.
///
/// # Errors
/// Those of the store.
pub async fn entries_of(
    store: &DynStore,
    account: PersonalAccountRecord,
    (now, month): (Month, Month),
    before: Option<u32>,
    limit: usize,
) -> Result<MoneyPage, LedgerError> {
    let of = LedgerAccount::Personal(account.number);
    let balance = ledger::balance(store, MonthOf { account: of, opened: account.opened }, now).await?.sum;
    let head = ledger::head(store, of, month).await?.map(|(_, head)| head);
    let mut entries = match &head {
        Some(_) => ledger::entries(store, of, month, before, limit.saturating_add(1)).await?,
        None => Vec::new(),
    };
    let has_more = entries.len() > limit;
    entries.truncate(limit);
    let next = entries.last().map(|entry| entry.number).filter(|_| has_more);
    let (credit, debit) = head.as_ref().map_or((Tiyn::ZERO, Tiyn::ZERO), |head| (head.credit, head.debit));
    let is_closed = head.is_some_and(|head| head.closed.is_some());
    Ok(MoneyPage { account, balance, month, credit, debit, is_closed, entries, next })
}
