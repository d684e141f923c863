//! Postings: what moves between accounts, and when one is refused.

use std::fmt;

use serde::{Deserialize, Serialize};
use time::Date;

use super::LedgerAccount;
use crate::tiyn::{Tiyn, TiynError};

/// More legs no posting has: a charge has three.
pub const LEGS_MAX: usize = 8;

/// The longest id of a source.
pub const SOURCE_LEN_MAX: usize = 96;

/// No account's name with its stroke is longer.
const HOME_LEN_MAX: usize = 24;

/// The longest explanation of a posting, as JSON.
pub const WHY_LEN_MAX: usize = 64 * 1024;

/// Where a posting comes from: its id, by which it lands once however often it is tried.
///
/// Letters from a to z, digits and `-/.`; unique in the account that is the posting's home.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Source(String);

/// A text that is no id of a source.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no id of a source: 1 to {SOURCE_LEN_MAX} letters from a to z, digits and -/. are expected")]
pub struct SourceRefused(String);

impl Source {
    /// The source of this id.
    ///
    /// # Errors
    /// [`SourceRefused`] for other characters, an empty text and one that is too long.
    pub fn new(id: impl Into<String>) -> Result<Self, SourceRefused> {
        Self::checked(id.into(), SOURCE_LEN_MAX)
    }

    fn checked(id: String, len_max: usize) -> Result<Self, SourceRefused> {
        let is_plain =
            |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-/.".contains(&byte);
        let is_one = (1..=len_max).contains(&id.len()) && id.bytes().all(is_plain);
        if is_one { Ok(Self(id)) } else { Err(SourceRefused(id.chars().take(SOURCE_LEN_MAX).collect())) }
    }

    /// The source of a leg of this posting in an account that is not its home: there postings of many homes meet.
    #[must_use]
    pub fn in_home(&self, home: LedgerAccount) -> Self {
        Self(format!("{home}/{}", self.0))
    }

    /// The id itself.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<Source> for String {
    fn from(source: Source) -> Self {
        source.0
    }
}

impl TryFrom<String> for Source {
    type Error = SourceRefused;

    /// Reads what is kept, where a leg's source bears its home before it.
    fn try_from(id: String) -> Result<Self, SourceRefused> {
        Self::checked(id, SOURCE_LEN_MAX.saturating_add(HOME_LEN_MAX))
    }
}

/// What a posting is. The words are stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// What a day of a service costs.
    Charge,
    /// What is paid once, at the connection of a register.
    Fee,
    /// Money that came from an organisation.
    Payment,
    /// Money that came, and nobody knows yet from whom.
    Unmatched,
    /// Money that had nobody, and has its organisation now.
    Matched,
    /// Money that went back.
    Refund,
    /// What people posted by hand, with their reason.
    Correction,
    /// A debt that is given up, or money that nobody claims.
    WriteOff,
    /// What takes an earlier posting back.
    Reversal,
}

impl Purpose {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::Charge,
        Self::Fee,
        Self::Payment,
        Self::Unmatched,
        Self::Matched,
        Self::Refund,
        Self::Correction,
        Self::WriteOff,
        Self::Reversal,
    ];
}

/// What a posting moves in one account. Credit is plus.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Leg {
    /// Of which account.
    pub account: LedgerAccount,
    /// By how much.
    pub sum: Tiyn,
}

/// Money that moves between accounts, all legs together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Posting {
    /// By what it lands once.
    pub source: Source,
    /// The day that it counts for.
    pub on: Date,
    /// What it is.
    pub purpose: Purpose,
    /// What it moves; the account of the first leg is its home.
    pub legs: Vec<Leg>,
    /// The source of the posting that it takes back, in the same home.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reverses: Option<Source>,
    /// Who posted it, where a person did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// Why the sum is what it is: lines with registers, days and prices, a payment's particulars, a person's reason.
    #[serde(default, skip_serializing_if = "serde_json::Value::is_null")]
    pub why: serde_json::Value,
}

/// Why a posting is refused. Nothing was posted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PostingRefused {
    /// Money would come from nowhere.
    #[error("the legs of {posting} sum to {sum} and not to zero")]
    Unbalanced {
        /// The posting that is refused.
        posting: Source,
        /// What its legs sum to.
        sum: Tiyn,
    },
    /// One leg is no movement.
    #[error("posting {0} has {1} legs; 2 to {LEGS_MAX} are expected")]
    Legs(Source, usize),
    /// An account twice.
    #[error("posting {0} has two legs of {1}")]
    Twice(Source, LedgerAccount),
    /// A personal account that is not the home: its organisation is told by what stands there whole.
    #[error("posting {0} has a leg of {1}, which must be the first, and the only one of a personal account")]
    NotAtHome(Source, LedgerAccount),
    /// A leg that moves nothing.
    #[error("posting {0} moves nothing in {1}")]
    Nothing(Source, LedgerAccount),
    /// A sum beyond all sums.
    #[error("posting {0}: {1}")]
    TooMuch(Source, TiynError),
    /// More explanation than a row holds.
    #[error("what explains posting {0} is {1} bytes long, at most {WHY_LEN_MAX} are allowed")]
    WhyTooLong(Source, usize),
    /// A reversal that does not say of what, or another posting that does.
    #[error("posting {0} is a reversal if and only if it names what it takes back")]
    Reverses(Source),
    /// A day that is yet to come.
    #[error("posting {posting} is for {on}, which is after today, {today}")]
    InTheFuture {
        /// The posting that is refused.
        posting: Source,
        /// The day that it is for.
        on: Date,
        /// The day on which it is posted.
        today: Date,
    },
}

impl Posting {
    /// The account that it is written whole into.
    #[must_use]
    pub fn home(&self) -> Option<LedgerAccount> {
        self.legs.first().map(|leg| leg.account)
    }

    /// Whether it may be posted on `today`.
    ///
    /// # Errors
    /// [`PostingRefused`] says what is wrong with it.
    pub fn check(&self, today: Date) -> Result<(), PostingRefused> {
        let refused = |refused: fn(Source, LedgerAccount) -> PostingRefused, account| {
            Err(refused(self.source.clone(), account))
        };
        if !(2..=LEGS_MAX).contains(&self.legs.len()) {
            return Err(PostingRefused::Legs(self.source.clone(), self.legs.len()));
        }
        for (place, leg) in self.legs.iter().enumerate() {
            if self.legs.iter().take(place).any(|before| before.account == leg.account) {
                return refused(PostingRefused::Twice, leg.account);
            }
            if place > 0 && matches!(leg.account, LedgerAccount::Personal(_)) {
                return refused(PostingRefused::NotAtHome, leg.account);
            }
            if leg.sum == Tiyn::ZERO {
                return refused(PostingRefused::Nothing, leg.account);
            }
        }
        let too_much = |error| PostingRefused::TooMuch(self.source.clone(), error);
        let sum = Tiyn::sum(self.legs.iter().map(|leg| leg.sum)).map_err(too_much)?;
        if sum != Tiyn::ZERO {
            return Err(PostingRefused::Unbalanced { posting: self.source.clone(), sum });
        }
        let why = self.why.to_string().len();
        if why > WHY_LEN_MAX {
            return Err(PostingRefused::WhyTooLong(self.source.clone(), why));
        }
        if (self.purpose == Purpose::Reversal) != self.reverses.is_some() {
            return Err(PostingRefused::Reverses(self.source.clone()));
        }
        if self.on > today {
            return Err(PostingRefused::InTheFuture { posting: self.source.clone(), on: self.on, today });
        }
        Ok(())
    }
}

/// The posting that takes another back, for the day that people say.
///
/// Its source follows from that of the other: nothing is taken back twice.
///
/// # Errors
/// [`SourceRefused`] where the source of the other leaves no room for its own.
pub fn reversal(
    of: &Posting,
    on: Date,
    by: Option<String>,
    why: serde_json::Value,
) -> Result<Posting, SourceRefused> {
    let legs = of.legs.iter().map(|leg| Leg { account: leg.account, sum: leg.sum.negated() });
    Ok(Posting {
        source: Source::new(format!("reversal/{}", of.source))?,
        on,
        purpose: Purpose::Reversal,
        legs: legs.collect(),
        reverses: Some(of.source.clone()),
        by,
        why,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::Value;
    use time::macros::date;

    use super::super::OwnAccount;
    use super::*;
    use crate::PersonalAccount;

    const PERSONAL: LedgerAccount = LedgerAccount::Personal(PersonalAccount::FIRST);
    const REVENUE: LedgerAccount = LedgerAccount::Own(OwnAccount::Revenue, 3);
    const VAT: LedgerAccount = LedgerAccount::Own(OwnAccount::Vat, 3);
    const TODAY: Date = date!(2026 - 11 - 30);

    fn posting(legs: &[(LedgerAccount, i64)]) -> Posting {
        let leg =
            |(account, sum): &(LedgerAccount, i64)| Leg { account: *account, sum: Tiyn::new(*sum).unwrap() };
        Posting {
            source: Source::new("charge/2026-11-30").unwrap(),
            on: TODAY,
            purpose: Purpose::Charge,
            legs: legs.iter().map(leg).collect(),
            reverses: None,
            by: None,
            why: Value::Null,
        }
    }

    fn charge() -> Posting {
        posting(&[(PERSONAL, -116), (REVENUE, 100), (VAT, 16)])
    }

    #[test]
    fn money_that_moves_between_accounts_may_be_posted() {
        assert_eq!(charge().check(TODAY), Ok(()));
        assert_eq!(charge().home(), Some(PERSONAL));
    }

    #[test]
    fn money_from_nowhere_is_refused() {
        let refused = posting(&[(PERSONAL, -116), (REVENUE, 100)]).check(TODAY).unwrap_err();
        assert_eq!(refused.to_string(), "the legs of charge/2026-11-30 sum to -0.16 and not to zero");
    }

    #[test]
    fn what_is_no_movement_is_refused() {
        let other = LedgerAccount::Personal(PersonalAccount::of_serial(1).unwrap());
        for (legs, told) in [
            (vec![], "0 legs"),
            (vec![(PERSONAL, 0)], "1 legs"),
            (vec![(PERSONAL, 5), (PERSONAL, -5)], "two legs of personal/10000004"),
            (vec![(PERSONAL, 5), (REVENUE, 0), (VAT, -5)], "moves nothing in revenue/3"),
            (vec![(REVENUE, 5), (PERSONAL, -5)], "must be the first"),
            (vec![(PERSONAL, 5), (other, -5)], "must be the first"),
        ] {
            let refused = posting(&legs).check(TODAY).unwrap_err().to_string();
            assert!(refused.contains(told), "{refused}");
        }
        let max = Tiyn::MAX.get();
        let refused = posting(&[(PERSONAL, max), (REVENUE, max), (VAT, -max)]).check(TODAY).unwrap_err();
        assert!(matches!(refused, PostingRefused::TooMuch(..)), "{refused}");
    }

    #[test]
    fn a_day_that_is_yet_to_come_is_refused() {
        let refused = charge().check(date!(2026 - 11 - 29)).unwrap_err();
        assert!(matches!(refused, PostingRefused::InTheFuture { .. }), "{refused}");
    }

    #[test]
    fn a_posting_is_taken_back_by_its_opposite_which_names_it() {
        let back = reversal(&charge(), TODAY, Some("a clerk".to_owned()), Value::Null).unwrap();
        assert_eq!(back.source.as_str(), "reversal/charge/2026-11-30");
        assert_eq!(back.reverses, Some(charge().source));
        assert_eq!(back.legs, posting(&[(PERSONAL, 116), (REVENUE, -100), (VAT, -16)]).legs);
        assert_eq!(back.check(TODAY), Ok(()));
        let nameless = Posting { reverses: None, ..back };
        assert!(matches!(nameless.check(TODAY), Err(PostingRefused::Reverses(_))));
    }

    #[test]
    fn a_posting_reads_back_as_it_was_kept() {
        let kept = serde_json::to_string(&charge()).unwrap();
        assert_eq!(serde_json::from_str::<Posting>(&kept).unwrap(), charge(), "{kept}");
    }

    #[test]
    fn ids_of_sources_are_plain() {
        for id in ["", "Charge", "charge 1", "оплата", "a\n", &"a".repeat(SOURCE_LEN_MAX + 1)] {
            assert!(Source::new(id).is_err(), "{id}");
        }
        assert!(Source::new("a".repeat(SOURCE_LEN_MAX)).is_ok());
    }
}
