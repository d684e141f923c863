//! Accounts of the ledger: personal ones, and the operator's own.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::personal_account::PersonalAccount;

/// So many parts each of the operator's own accounts has, so that postings of all organisations do not wait for one stream.
/// Never fewer: what was posted to a part stays there.
pub const SHARDS: u8 = 64;

/// Which of its own accounts the operator keeps. The number is stored: never reuse one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
pub enum OwnAccount {
    /// What services were sold for, without VAT.
    Revenue = 1,
    /// The VAT of what was sold, owed to the state.
    Vat = 2,
    /// Money in the bank.
    Bank = 3,
    /// Money that came, and nobody knows yet from whom.
    Unmatched = 4,
    /// What was given up: debts that nobody pays, money that nobody claims.
    WriteOffs = 5,
}

impl OwnAccount {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Revenue, Self::Vat, Self::Bank, Self::Unmatched, Self::WriteOffs];

    /// The word that it is stored and told by.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Revenue => "revenue",
            Self::Vat => "vat",
            Self::Bank => "bank",
            Self::Unmatched => "unmatched",
            Self::WriteOffs => "write-offs",
        }
    }

    fn number(self) -> u8 {
        match self {
            Self::Revenue => 1,
            Self::Vat => 2,
            Self::Bank => 3,
            Self::Unmatched => 4,
            Self::WriteOffs => 5,
        }
    }
}

/// An account of the ledger.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum LedgerAccount {
    /// What an organisation has paid to the operator and owes it, by its number.
    Personal(PersonalAccount),
    /// One part of an account of the operator's own.
    Own(OwnAccount, u8),
}

/// Above all numbers of personal accounts.
const OWN: u64 = 1 << 40;

impl LedgerAccount {
    /// The number under which its months are stored.
    #[must_use]
    pub fn id(self) -> u64 {
        match self {
            Self::Personal(account) => u64::from(account.get()),
            Self::Own(own, shard) => OWN | u64::from(own.number()) << 8 | u64::from(shard),
        }
    }

    /// The account of a stored number; `None` where this program knows none.
    #[must_use]
    pub fn of_id(id: u64) -> Option<Self> {
        if let Ok(number) = u32::try_from(id) {
            return PersonalAccount::of_number(number).map(Self::Personal);
        }
        let [high @ .., own, shard] = id.to_be_bytes();
        let is_own =
            u64::from_be_bytes([0, 0, high[0], high[1], high[2], high[3], high[4], high[5]]) == OWN >> 16;
        let own = OwnAccount::ALL.into_iter().find(|one| one.number() == own);
        own.filter(|_| is_own && shard < SHARDS).map(|own| Self::Own(own, shard))
    }
}

/// The part of the operator's accounts that postings of a personal account go to.
#[must_use]
pub fn shard_of(account: PersonalAccount) -> u8 {
    // The last digit of a number is a check digit, and numbers may be given out one after the other: all are mixed.
    let mixed = account.get().wrapping_mul(0x9e37_79b1) >> 24;
    u8::try_from(mixed % u32::from(SHARDS)).unwrap_or(0)
}

impl fmt::Display for LedgerAccount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Personal(account) => write!(f, "personal/{account}"),
            Self::Own(own, shard) => write!(f, "{}/{shard}", own.name()),
        }
    }
}

impl From<LedgerAccount> for String {
    fn from(account: LedgerAccount) -> Self {
        account.to_string()
    }
}

/// A text that names no account of the ledger.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} names no account of the ledger")]
pub struct NoAccount(String);

impl TryFrom<String> for LedgerAccount {
    type Error = NoAccount;

    fn try_from(text: String) -> Result<Self, NoAccount> {
        let found = text.split_once('/').and_then(|(kind, number)| {
            if kind == "personal" {
                return number.parse().ok().map(Self::Personal);
            }
            let own = OwnAccount::ALL.into_iter().find(|own| own.name() == kind)?;
            let shard = number.parse::<u8>().ok().filter(|shard| *shard < SHARDS)?;
            Some(Self::Own(own, shard))
        });
        // One account has one name: `personal/1` is not that of 00000001.
        found.filter(|account| account.to_string() == text).ok_or(NoAccount(text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_account_is_found_by_its_number_and_by_its_name() {
        let own = OwnAccount::ALL
            .into_iter()
            .flat_map(|own| (0..SHARDS).map(move |shard| LedgerAccount::Own(own, shard)));
        let serials = [0, 1, 12_345, PersonalAccount::COUNT - 1];
        let personal =
            serials.map(|serial| LedgerAccount::Personal(PersonalAccount::of_serial(serial).unwrap()));
        for account in own.chain(personal) {
            assert_eq!(LedgerAccount::of_id(account.id()), Some(account));
            assert_eq!(LedgerAccount::try_from(account.to_string()), Ok(account));
        }
    }

    #[test]
    fn numbers_and_names_of_nothing_are_none() {
        for id in [0, 10_000_005, 1 << 32, OWN, OWN | 1 << 8 | 64, OWN | 6 << 8, OWN << 1 | 1 << 8, u64::MAX]
        {
            assert_eq!(LedgerAccount::of_id(id), None, "{id:x}");
        }
        for text in [
            "",
            "personal",
            "personal/1",
            "personal/-1",
            "personal/10000005",
            "personal/1000 0004",
            "bank/64",
            "bank/",
            "bank/+1",
            "cash/1",
            "bank/01",
        ] {
            assert!(LedgerAccount::try_from(text.to_owned()).is_err(), "{text}");
        }
    }

    #[test]
    fn personal_accounts_are_spread_over_all_parts() {
        let mut of = [0u32; SHARDS as usize];
        for serial in 0..64_000 {
            of[usize::from(shard_of(PersonalAccount::of_serial(serial).unwrap()))] += 1;
        }
        assert!(of.iter().all(|count| (500..1_500).contains(count)), "{of:?}");
    }
}
