//! Months of an account as they are read.

use ofd_billing::Month;
use ofd_billing::Tiyn;
use ofd_billing::ledger::{Entry, LedgerAccount, MonthHead, Source};

use super::books::LedgerError;
use super::keys::{
    ENTRY, corrupt, entry_key, number_of, read_entry, read_head, read_number, source_key, stream,
};
use crate::store::{Store, StoreError, Version};

/// Where the months of an account begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MonthOf {
    /// Whose months they are.
    pub account: LedgerAccount,
    /// Its first month.
    pub opened: Month,
}

/// What an account comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Balance {
    /// The sum of all its entries.
    pub sum: Tiyn,
    /// The newest month that it has; `None` before its first posting.
    pub month: Option<Month>,
}

/// The head of a month; `None` where it has not begun.
///
/// # Errors
/// Those of the store.
pub async fn head(
    store: &impl Store,
    account: LedgerAccount,
    month: Month,
) -> Result<Option<(Version, MonthHead)>, StoreError> {
    let stream = stream(account, month);
    let head = store.head(stream).await?;
    head.map(|head| Ok((head.version, read_head(stream, &head.bytes)?))).transpose()
}

/// The newest month that has begun, looked for from `about` on: later ones where there are, since the clock may have been
/// set back, else earlier ones.
pub(super) async fn newest(
    store: &impl Store,
    of: MonthOf,
    about: Month,
) -> Result<Option<(Version, MonthHead)>, StoreError> {
    let mut month = Some(about.max(of.opened));
    while let Some(at) = month.filter(|at| *at >= of.opened) {
        if let Some(mut found) = head(store, of.account, at).await? {
            while let Some(later) = found.1.month.next() {
                let Some(next) = head(store, of.account, later).await? else { break };
                found = next;
            }
            return Ok(Some(found));
        }
        month = at.previous();
    }
    Ok(None)
}

/// The sum of all entries of an account; `now` is the present month.
///
/// Reads the months back to the newest that is closed, so two as a rule.
///
/// # Errors
/// Those of the store; a sum beyond all sums.
pub async fn balance(store: &impl Store, of: MonthOf, now: Month) -> Result<Balance, LedgerError> {
    let Some((_, newest)) = newest(store, of, now).await? else {
        return Ok(Balance { sum: Tiyn::ZERO, month: None });
    };
    let (month, mut sum, mut at) = (Some(newest.month), Tiyn::ZERO, newest);
    loop {
        if let Some(closed) = at.closed {
            return Ok(Balance { sum: sum.plus(closed.balance)?, month });
        }
        sum = sum.plus(at.turnover()?)?;
        let Some(before) = at.month.previous().filter(|before| *before >= of.opened) else {
            return Ok(Balance { sum, month });
        };
        let missing = || corrupt(stream(of.account, before), "it is missing, and a later month is there");
        at = head(store, of.account, before).await?.ok_or_else(missing)?.1;
    }
}

/// Up to `limit` entries of a month, the newest first, those before the one with the number `before`.
///
/// # Errors
/// Those of the store.
pub async fn entries(
    store: &impl Store,
    account: LedgerAccount,
    month: Month,
    before: Option<u32>,
    limit: usize,
) -> Result<Vec<Entry>, StoreError> {
    let stream = stream(account, month);
    let after = before.map(entry_key);
    let rows = store.rows(stream, &[ENTRY], after.as_deref(), limit).await?;
    let read = rows.into_iter().map(|row| {
        let entry = read_entry(stream, &row.value)?;
        if number_of(&row.key) == Some(entry.number) {
            Ok(entry)
        } else {
            Err(corrupt(stream, format!("entry {} lies under another number", entry.number)))
        }
    });
    read.collect()
}

/// One entry of a month.
pub(super) async fn entry(
    store: &impl Store,
    account: LedgerAccount,
    month: Month,
    number: u32,
) -> Result<Option<Entry>, StoreError> {
    let stream = stream(account, month);
    let row = store.row(stream, &entry_key(number)).await?;
    row.map(|value| read_entry(stream, &value)).transpose()
}

/// What came of looking for the entry of a source.
pub(super) enum Sought {
    /// There it is.
    Found(Box<Entry>),
    /// The month has none.
    Nothing,
    /// The month has one, and it cannot be read, or not yet.
    Lost,
}

/// Looks for the entry of a source in a month, whose head was read before.
pub(super) async fn sought(
    store: &impl Store,
    head: &MonthHead,
    source: &Source,
) -> Result<Sought, StoreError> {
    let stream = stream(head.account, head.month);
    let Some(value) = store.row(stream, &source_key(source)).await? else {
        return Ok(if head.remembers(source) { Sought::Lost } else { Sought::Nothing });
    };
    let number = read_number(stream, &value)?;
    let found = entry(store, head.account, head.month, number).await?;
    Ok(found.map_or(Sought::Lost, |found| Sought::Found(Box::new(found))))
}

/// The entry of a source in a month, whose head was read before.
pub(super) async fn of_source(
    store: &impl Store,
    head: &MonthHead,
    source: &Source,
) -> Result<Option<Entry>, StoreError> {
    match sought(store, head, source).await? {
        Sought::Found(entry) => Ok(Some(*entry)),
        Sought::Nothing => Ok(None),
        Sought::Lost => Err(StoreError::Unavailable {
            reason: format!(
                "an entry of {} cannot be read yet, though its head counts it",
                stream(head.account, head.month)
            ),
        }),
    }
}

/// The entry of a source, whatever month it is in, and that month; the newest months are looked at first.
///
/// # Errors
/// Those of the store.
pub async fn find(
    store: &impl Store,
    of: MonthOf,
    now: Month,
    source: &Source,
) -> Result<Option<(Month, Entry)>, StoreError> {
    let Some((_, mut at)) = newest(store, of, now).await? else { return Ok(None) };
    loop {
        if let Some(entry) = of_source(store, &at, source).await? {
            return Ok(Some((at.month, entry)));
        }
        let Some(before) = at.month.previous().filter(|before| *before >= of.opened) else { return Ok(None) };
        let missing = || corrupt(stream(of.account, before), "it is missing, and a later month is there");
        at = head(store, of.account, before).await?.ok_or_else(missing)?.1;
    }
}
