//! What the head of an account's month says, and how entries move it.

use serde::{Deserialize, Serialize};

use super::{Entry, EntryOf, LedgerAccount, Source};
use crate::month::Month;
use crate::tiyn::{Tiyn, TiynError};

/// So many postings of a home may wait for their other legs to be carried. Whoever posts carries what waits first.
pub const OUTBOX_MAX: usize = 64;

/// So many sources the head remembers by name. A store of several data centres may show the row of an entry a moment after the
/// head that counts it: who does not find a row that the head names knows that it is there.
pub const RECENT_MAX: usize = 32;

/// What the head of an account's month says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MonthHead {
    /// Whose month it is.
    pub account: LedgerAccount,
    /// Which month it is.
    pub month: Month,
    /// How many entries it has.
    pub entries: u32,
    /// What the entries with a plus come to.
    pub credit: Tiyn,
    /// What the entries with a minus come to; never above zero.
    pub debit: Tiyn,
    /// When the newest entry was written, in milliseconds of the Unix epoch; 0 before the first.
    pub last_at_ms: u64,
    /// Numbers of the entries whose other legs are not carried yet.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub outbox: Vec<u32>,
    /// The sources of the newest entries, the newest last.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub recent: Vec<Source>,
    /// What became of the month once nothing is posted into it any more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closed: Option<Closed>,
}

/// A month that nothing is posted into any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Closed {
    /// The balance at its end.
    pub balance: Tiyn,
    /// When it was closed, in milliseconds of the Unix epoch.
    pub at_ms: u64,
}

/// Why a month cannot take an entry, or cannot be closed. Nothing is changed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MonthRefused {
    /// Nothing is posted into it any more.
    #[error("month {month} of {account} is closed")]
    Closed {
        /// Whose month it is.
        account: LedgerAccount,
        /// Which month it is.
        month: Month,
    },
    /// Too many postings wait for their other legs.
    #[error("{OUTBOX_MAX} postings of {0} are to be carried into other accounts first")]
    OutboxFull(LedgerAccount),
    /// It cannot be closed before all legs of its postings are where they belong.
    #[error("{1} postings of {0} are to be carried into other accounts before its month can be closed")]
    NotCarried(LedgerAccount, usize),
    /// The sum would be beyond all sums.
    #[error("{account}: {error}")]
    TooMuch {
        /// Whose month it is.
        account: LedgerAccount,
        /// What is wrong.
        error: TiynError,
    },
    /// More entries than are counted.
    #[error("month {month} of {account} has as many entries as a month may have")]
    Full {
        /// Whose month it is.
        account: LedgerAccount,
        /// Which month it is.
        month: Month,
    },
}

/// A month that took entries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Taken {
    /// The head after them.
    pub head: MonthHead,
    /// The entries with their numbers.
    pub entries: Vec<Entry>,
}

impl MonthHead {
    /// A month before its first entry.
    #[must_use]
    pub fn new(account: LedgerAccount, month: Month) -> Self {
        let (credit, debit) = (Tiyn::ZERO, Tiyn::ZERO);
        Self {
            account,
            month,
            entries: 0,
            credit,
            debit,
            last_at_ms: 0,
            outbox: Vec::new(),
            recent: Vec::new(),
            closed: None,
        }
    }

    /// What its entries come to.
    ///
    /// # Errors
    /// [`TiynError`] beyond all sums.
    pub fn turnover(&self) -> Result<Tiyn, TiynError> {
        self.credit.plus(self.debit)
    }

    /// The month with further entries, written at `now_ms`. Time never runs back in a month, whatever the clock does.
    ///
    /// # Errors
    /// [`MonthRefused`] says why it takes none of them.
    pub fn take(&self, of: Vec<EntryOf>, now_ms: u64) -> Result<Taken, MonthRefused> {
        let (account, month) = (self.account, self.month);
        if self.closed.is_some() {
            return Err(MonthRefused::Closed { account, month });
        }
        let too_much = |error| MonthRefused::TooMuch { account, error };
        let mut head = self.clone();
        head.last_at_ms = self.last_at_ms.max(now_ms);
        let mut entries = Vec::with_capacity(of.len());
        for of in of {
            head.entries = head.entries.checked_add(1).ok_or(MonthRefused::Full { account, month })?;
            let sum = of.sum();
            let side = if sum < Tiyn::ZERO { &mut head.debit } else { &mut head.credit };
            *side = side.plus(sum).map_err(too_much)?;
            if matches!(of, EntryOf::Posting(_)) {
                head.outbox.push(head.entries);
            }
            let entry = Entry { number: head.entries, at_ms: head.last_at_ms, of };
            head.recent.push(entry.source().clone());
            entries.push(entry);
        }
        let old = head.recent.len().saturating_sub(RECENT_MAX);
        head.recent.drain(..old);
        if head.outbox.len() > OUTBOX_MAX {
            return Err(MonthRefused::OutboxFull(account));
        }
        Ok(Taken { head, entries })
    }

    /// Whether one of the newest entries is of this source.
    #[must_use]
    pub fn remembers(&self, source: &Source) -> bool {
        self.recent.contains(source)
    }

    /// The month once the other legs of these entries were carried.
    #[must_use]
    pub fn carried(&self, numbers: &[u32]) -> Self {
        let mut head = self.clone();
        head.outbox.retain(|number| !numbers.contains(number));
        head
    }

    /// The month once nothing is posted into it any more, where `before` is the balance at the end of the month before it.
    ///
    /// # Errors
    /// [`MonthRefused`] where it is closed or legs of its postings are still to be carried.
    pub fn close(&self, before: Tiyn, now_ms: u64) -> Result<Self, MonthRefused> {
        let (account, month) = (self.account, self.month);
        if self.closed.is_some() {
            return Err(MonthRefused::Closed { account, month });
        }
        if !self.outbox.is_empty() {
            return Err(MonthRefused::NotCarried(account, self.outbox.len()));
        }
        let balance = self.turnover().and_then(|turnover| before.plus(turnover));
        let balance = balance.map_err(|error| MonthRefused::TooMuch { account, error })?;
        let at_ms = self.last_at_ms.max(now_ms);
        Ok(Self { closed: Some(Closed { balance, at_ms }), ..self.clone() })
    }
}

#[cfg(test)]
mod tests {
    use time::macros::date;

    use super::super::{Leg, OwnAccount, Posting, Purpose, Source};
    use super::*;
    use crate::PersonalAccount;

    const PERSONAL: LedgerAccount = LedgerAccount::Personal(PersonalAccount::FIRST);
    const BANK: LedgerAccount = LedgerAccount::Own(OwnAccount::Bank, 1);

    fn tiyn(sum: i64) -> Tiyn {
        Tiyn::new(sum).unwrap()
    }

    fn november() -> MonthHead {
        MonthHead::new(PERSONAL, Month::try_from(202_611).unwrap())
    }

    fn moved(number: u32, sum: i64) -> EntryOf {
        let leg = |account, sum| Leg { account, sum: tiyn(sum) };
        EntryOf::Posting(Posting {
            source: Source::new(format!("payment/{number}")).unwrap(),
            on: date!(2026 - 11 - 30),
            purpose: Purpose::Payment,
            legs: vec![leg(PERSONAL, sum), leg(BANK, -sum)],
            reverses: None,
            by: None,
            why: serde_json::Value::Null,
        })
    }

    #[test]
    fn entries_are_numbered_and_added_up_by_side() {
        let taken = november().take(vec![moved(1, 500), moved(2, -200)], 10).unwrap();
        let taken = taken.head.take(vec![moved(3, -50)], 20).unwrap();
        assert_eq!((taken.head.credit, taken.head.debit), (tiyn(500), tiyn(-250)));
        assert_eq!(taken.head.turnover(), Ok(tiyn(250)));
        assert_eq!(taken.head.entries, 3);
        assert_eq!(taken.entries[0].number, 3);
        assert_eq!(taken.head.outbox, [1, 2, 3]);
    }

    #[test]
    fn time_never_runs_back_in_a_month() {
        let taken = november().take(vec![moved(1, 500)], 10).unwrap();
        let taken = taken.head.take(vec![moved(2, 500)], 3).unwrap();
        assert_eq!(taken.entries[0].at_ms, 10);
        assert_eq!(taken.head.last_at_ms, 10);
    }

    #[test]
    fn nothing_is_posted_into_a_closed_month() {
        let taken = november().take(vec![moved(1, 500)], 10).unwrap();
        let refused = taken.head.close(tiyn(7), 20).unwrap_err();
        assert_eq!(refused, MonthRefused::NotCarried(PERSONAL, 1));
        let closed = taken.head.carried(&[1]).close(tiyn(7), 20).unwrap();
        assert_eq!(closed.closed, Some(Closed { balance: tiyn(507), at_ms: 20 }));
        assert!(matches!(closed.take(vec![moved(2, 1)], 30), Err(MonthRefused::Closed { .. })));
        assert!(matches!(closed.close(tiyn(7), 30), Err(MonthRefused::Closed { .. })));
    }

    #[test]
    fn the_newest_sources_are_remembered_by_name() {
        let taken = november().take((0..40).map(|number| moved(number, 1)).collect(), 1).unwrap();
        let of = |number: u32| Source::new(format!("payment/{number}")).unwrap();
        assert_eq!(taken.head.recent.len(), RECENT_MAX);
        assert!(taken.head.remembers(&of(39)) && taken.head.remembers(&of(8)));
        assert!(!taken.head.remembers(&of(7)));
    }

    #[test]
    fn what_waits_to_be_carried_is_bounded() {
        let many = (0..64).map(|number| moved(number, 1)).collect();
        let full = november().take(many, 1).unwrap().head;
        assert_eq!(full.take(vec![moved(64, 1)], 2).unwrap_err(), MonthRefused::OutboxFull(PERSONAL));
        // A leg has nothing to carry.
        let leg = EntryOf::Leg {
            source: Source::new("charge/1").unwrap(),
            home: BANK,
            on: date!(2026 - 11 - 30),
            purpose: Purpose::Charge,
            sum: tiyn(1),
        };
        assert!(full.take(vec![leg], 2).is_ok());
    }

    #[test]
    fn a_sum_beyond_all_sums_is_refused_and_nothing_changes() {
        let full = november().take(vec![moved(1, Tiyn::MAX.get())], 1).unwrap().head;
        assert!(matches!(full.take(vec![moved(2, 1)], 2), Err(MonthRefused::TooMuch { .. })));
        // The other side has its own.
        assert!(full.take(vec![moved(2, -1)], 2).is_ok());
    }
}
