//! Entries: what a posting is in one month of one account.

use serde::{Deserialize, Serialize};
use time::Date;

use super::{LedgerAccount, Posting, Purpose, Source};
use crate::tiyn::Tiyn;

/// A line of an account's month. It never changes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Its number in the month, from 1, without holes.
    pub number: u32,
    /// When it was written, in milliseconds of the Unix epoch; never before that of the entry before it.
    pub at_ms: u64,
    /// What it is of.
    #[serde(flatten)]
    pub of: EntryOf,
}

/// What an entry is of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EntryOf {
    /// A posting whose home this account is, whole.
    Posting(Posting),
    /// A leg that came from its posting's home.
    Leg {
        /// The source of the posting.
        source: Source,
        /// The account in which it stands whole.
        home: LedgerAccount,
        /// The day that it counts for.
        on: Date,
        /// What the posting is.
        purpose: Purpose,
        /// What it moves here.
        sum: Tiyn,
    },
}

impl Entry {
    /// By what it landed once.
    #[must_use]
    pub fn source(&self) -> &Source {
        self.of.source()
    }

    /// The day that it counts for.
    #[must_use]
    pub fn on(&self) -> Date {
        match &self.of {
            EntryOf::Posting(posting) => posting.on,
            EntryOf::Leg { on, .. } => *on,
        }
    }

    /// What it is.
    #[must_use]
    pub fn purpose(&self) -> Purpose {
        match &self.of {
            EntryOf::Posting(posting) => posting.purpose,
            EntryOf::Leg { purpose, .. } => *purpose,
        }
    }

    /// What it moves in its account; a posting without legs moves nothing.
    #[must_use]
    pub fn sum(&self) -> Tiyn {
        self.of.sum()
    }

    /// The account that its posting stands whole in, when `account` is the one that this entry is of.
    #[must_use]
    pub fn home(&self, account: LedgerAccount) -> LedgerAccount {
        match &self.of {
            EntryOf::Posting(_) => account,
            EntryOf::Leg { home, .. } => *home,
        }
    }
}

impl EntryOf {
    /// By what it lands once.
    #[must_use]
    pub fn source(&self) -> &Source {
        match self {
            Self::Posting(posting) => &posting.source,
            Self::Leg { source, .. } => source,
        }
    }

    /// What it moves in its account; a posting without legs moves nothing.
    #[must_use]
    pub fn sum(&self) -> Tiyn {
        match self {
            Self::Posting(posting) => posting.legs.first().map_or(Tiyn::ZERO, |leg| leg.sum),
            Self::Leg { sum, .. } => *sum,
        }
    }
}
