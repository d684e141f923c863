//! The close of a month, for all accounts: what must hold before it, and the close itself.

use std::fmt;

use futures::{StreamExt, TryStreamExt, stream};
use ofd_billing::{Day, Month};

use crate::charging::{all_charged_until, owed};
use crate::feed::Stamps;
use crate::ledger::{
    Books, ClosedBooks, Fault, LedgerError, MonthOf, Place, accounts, carry_all, check_open, close_month,
    closed_books, kept_books, say_closed,
};
use crate::store::{Store, StoreError};

/// Accounts are closed in pages.
const PAGE: usize = 256;

/// So many accounts are closed beside each other.
const AT_ONCE: usize = 32;

/// So many of a kind are named where a close is refused.
const NAMED_MAX: usize = 20;

/// Why a month is not closed yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Obstacle {
    /// Nothing was ever posted, or nothing in it.
    NoBooks,
    /// It is not over.
    NotOver,
    /// This month comes first.
    Before(Month),
    /// Its days are not all charged; the last that is.
    NotCharged(Option<Day>),
    /// Organisations that could not be charged for it: their BINs, some of them, and how many there are.
    Owed(Vec<String>, usize),
    /// The books do not balance: some of what does not fit, and how much that is.
    Broken(Vec<Fault>, usize),
}

impl fmt::Display for Obstacle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoBooks => write!(f, "nothing was posted up to then"),
            Self::NotOver => write!(f, "it is not over"),
            Self::Before(month) => write!(f, "{month} is to be closed first"),
            Self::NotCharged(Some(day)) => write!(f, "its days are charged up to {day} only"),
            Self::NotCharged(None) => write!(f, "its days are not charged yet"),
            Self::Owed(bins, count) => {
                write!(f, "{count} organisations could not be charged for it: {}", bins.join(", "))
            }
            Self::Broken(faults, count) => {
                write!(f, "the books do not balance in {count} places:")?;
                faults.iter().try_for_each(|Fault { place, reason }| write!(f, " {place}: {reason};"))
            }
        }
    }
}

/// What is asked for.
#[derive(Clone, Debug)]
pub struct Closing {
    /// The month that is closed.
    pub month: Month,
    /// The present month, where money is counted.
    pub this_month: Month,
    /// The present moment, in milliseconds of the Unix epoch.
    pub now_ms: u64,
    /// Who closes it.
    pub by: String,
    /// Whether organisations that could not be charged hold it up. What they owe goes into the open month then, with its own days.
    pub leaves_owed: bool,
}

/// Why a month was not closed.
#[derive(Debug, thiserror::Error)]
pub enum ClosingError {
    /// Something is to be done before.
    #[error("{month} is not closed: {}", told(.obstacles))]
    Refused {
        /// Which month stays open.
        month: Month,
        /// What holds it up.
        obstacles: Vec<Obstacle>,
    },
    /// What the ledger says. What is closed stays closed; the same close once more goes on.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// What the store says, as above.
    #[error(transparent)]
    Store(#[from] StoreError),
}

fn told(obstacles: &[Obstacle]) -> String {
    obstacles.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}

/// What holds the close of a month up; nothing where it may be closed. What waits to be carried is carried.
///
/// # Errors
/// Those of the store and the ledger.
pub async fn obstacles(
    store: &impl Store,
    closing: &Closing,
    stamps: &impl Stamps,
) -> Result<Vec<Obstacle>, ClosingError> {
    let month = closing.month;
    let Some(books) = kept_books(store).await?.filter(|books| books.opened <= month) else {
        return Ok(vec![Obstacle::NoBooks]);
    };
    let mut found = Vec::new();
    if closing.this_month <= month {
        found.push(Obstacle::NotOver);
    }
    let next = closed_books(store).await?.1.closed.map_or(Some(books.opened), Month::next);
    if let Some(next) = next.filter(|next| *next < month) {
        found.push(Obstacle::Before(next));
    }
    let charged = all_charged_until(store).await?;
    if charged < Some(Day::last_of(month)) {
        found.push(Obstacle::NotCharged(charged));
    }
    if !closing.leaves_owed {
        let owed = owed(store).await?.into_iter().filter(|owed| owed.from.is_some_and(|from| from <= month));
        let bins: Vec<String> = owed.map(|owed| owed.bin).collect();
        if !bins.is_empty() {
            found.push(Obstacle::Owed(bins.iter().take(NAMED_MAX).cloned().collect(), bins.len()));
        }
    }
    if !found.is_empty() {
        // What takes long is not looked at in vain.
        return Ok(found);
    }
    carry_all(store, closing.now_ms, stamps).await?;
    let mut faults = Vec::new();
    check_open(store, closing.this_month, &mut |fault| faults.push(fault)).await?;
    if !faults.is_empty() {
        let count = faults.len();
        faults.truncate(NAMED_MAX);
        found.push(Obstacle::Broken(faults, count));
    }
    Ok(found)
}

/// Closes a month on all accounts: from then on nothing is posted into it, by whomever. Done again it goes on; one that is closed stays so.
///
/// # Errors
/// [`ClosingError`] names what is to be done before.
pub async fn close(
    store: &impl Store,
    closing: &Closing,
    stamps: &impl Stamps,
) -> Result<ClosedBooks, ClosingError> {
    let month = closing.month;
    let (version, known) = closed_books(store).await?;
    if known.closed >= Some(month) {
        return Ok(known);
    }
    let obstacles = obstacles(store, closing, stamps).await?;
    let Some(books) = kept_books(store).await?.filter(|_| obstacles.is_empty()) else {
        return Err(ClosingError::Refused { month, obstacles });
    };
    let (at_ms, by) = (closing.now_ms, closing.by.clone());
    let under_way = ClosedBooks { closing: Some(month), at_ms, by, ..known };
    let version = say_closed(store, version, &under_way).await?;
    let mut place = Some(Place::default());
    while let Some(at) = place {
        let is_own = matches!(at, Place::Own(_));
        let page = accounts(store, books, at, PAGE).await?;
        if let Some(Fault { place, reason }) = page.unreadable.into_iter().next() {
            return Err(StoreError::Corrupt { place, reason }.into());
        }
        // Of the operator's own one kind is closed after the other.
        let at_once = if is_own { 1 } else { AT_ONCE };
        close_accounts(store, (books, closing), page.found, at_once, stamps).await?;
        place = page.next;
    }
    let closed = ClosedBooks { closed: Some(month), closing: None, ..under_way };
    say_closed(store, Some(version), &closed).await?;
    Ok(closed)
}

async fn close_accounts(
    store: &impl Store,
    (books, closing): (Books, &Closing),
    of: Vec<MonthOf>,
    at_once: usize,
    stamps: &impl Stamps,
) -> Result<(), LedgerError> {
    let now = (closing.this_month, closing.now_ms);
    let month = closing.month;
    let close =
        |of: MonthOf| async move { close_month(store, books, of, month, now, stamps).await.map(drop) };
    stream::iter(of.into_iter().map(close)).buffer_unordered(at_once).try_collect::<Vec<()>>().await.map(drop)
}

#[cfg(test)]
mod tests;
