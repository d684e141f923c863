//! Double entry: postings, the entries that they make in months of accounts, and what a month's head says.
//!
//! An account's month is a stream: its entries never change, its head says what they come to. A *posting* moves money
//! between accounts; its legs sum to zero. It is written whole into the month of its *home*, the account of its first leg, and from
//! there each other leg is carried into the account it is of, under the same source. What is not carried yet stands in the home's
//! head. Credit is plus: a personal account with a plus has money left, one with a minus owes; the money in the bank is what
//! the operator owes to its accounts, and stands with a minus.

mod account;
mod entry;
mod head;
mod posting;

pub use account::{LedgerAccount, NoAccount, OwnAccount, SHARDS, shard_of};
pub use entry::{Entry, EntryOf};
pub use head::{Closed, MonthHead, MonthRefused, OUTBOX_MAX, RECENT_MAX, Taken};
pub use posting::{
    LEGS_MAX, Leg, Posting, PostingRefused, Purpose, SOURCE_LEN_MAX, Source, SourceRefused, WHY_LEN_MAX,
    reversal,
};
