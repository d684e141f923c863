//! The decision: sure, suggested, or no payment to us.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::iban::Iban;
use crate::personal_account::PersonalAccount;
use crate::statements::{Direction, Entry, Party};
use crate::tiyn::Tiyn;

use super::book::Book;
use super::clues::Clues;

/// The most accounts that are suggested for an entry.
pub const SUGGESTIONS_MAX: usize = 20;

/// Whose an entry is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Match {
    /// Nothing speaks against this account, and something strong for it.
    Sure {
        /// Whose the payment is.
        account: PersonalAccount,
        /// All that speaks for it, the strongest first.
        why: Vec<Why>,
    },
    /// It may be one of these, the likeliest first; none when nothing is known.
    Suggestions(Vec<Suggestion>),
    /// It is no payment to us.
    Foreign(NotOurs),
}

/// An account that a payment may be for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Suggestion {
    /// Whose the payment may be.
    pub account: PersonalAccount,
    /// What speaks for it, the strongest first.
    pub why: Vec<Why>,
    /// What speaks against it.
    pub doubts: Vec<Doubt>,
}

/// What speaks for an account. The order is that of strength.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    /// Its number stands in the purpose.
    AccountInPurpose {
        /// Whether the words before it say that it is one.
        is_labelled: bool,
    },
    /// The number of one of its open invoices stands in the purpose.
    InvoiceInPurpose {
        /// As it stands on the invoice.
        number: String,
        /// Whether the sum pays it.
        fit: Fit,
    },
    /// The BIN of its organisation stands in the purpose.
    BinInPurpose {
        /// The BIN or IIN.
        bin: String,
    },
    /// Its organisation is the payer.
    PayerBin {
        /// The BIN or IIN.
        bin: String,
    },
    /// It was paid from the same account of a bank before.
    KnownPayer {
        /// The payer's account.
        iban: Iban,
    },
    /// One of its open invoices has the very sum left.
    ExactSum {
        /// The number of the invoice.
        number: String,
    },
}

/// How a sum stands to what is left of an invoice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fit {
    /// It pays it to the tiyn.
    Exact,
    /// It leaves a rest of the invoice.
    Part {
        /// What stays to be paid.
        left: Tiyn,
    },
    /// It is more than the invoice.
    Over {
        /// What is too much.
        rest: Tiyn,
    },
}

/// What speaks against an account.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Doubt {
    /// It is closed.
    Closed,
    /// The BIN of another stands in the purpose.
    OtherBinInPurpose {
        /// That BIN or IIN.
        bin: String,
    },
    /// The payer is another organisation that has an account here.
    OtherPayer {
        /// Its BIN or IIN.
        bin: String,
    },
    /// The number of another account stands in the purpose.
    OtherAccountInPurpose {
        /// The account whose number that is.
        account: PersonalAccount,
    },
    /// The number of another's invoice stands in the purpose.
    OtherInvoiceInPurpose {
        /// The number of that invoice.
        number: String,
    },
    /// The digits of its number in the purpose may as well be a day.
    MayBeADay,
    /// Its organisation has other accounts too, and nothing says which is meant.
    OneOfSeveral,
}

/// What an entry is that is no payment to us.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NotOurs {
    /// We paid somebody.
    Outgoing,
    /// The bank took its fee.
    BankFee,
    /// We gave money back to an organisation that has an account here: to be posted against it.
    Refund {
        /// Its BIN or IIN.
        bin: String,
    },
    /// The bank took back an entry of before, which has to be found.
    Reversal,
    /// We moved money between accounts of our own.
    OwnTransfer,
}

/// Beginnings of words by which a bank calls its fee.
const FEE_WORDS: [&str; 5] = ["комисс", "komiss", "comiss", "commiss", "fee"];

/// Says whose an entry is, by what its clues lead to in the book.
#[must_use]
pub fn decide(entry: &Entry, book: &Book) -> Match {
    if let Some(not_ours) = not_ours(entry, book) {
        return Match::Foreign(not_ours);
    }
    let found = Found::of(&Clues::of(entry), book);
    match found.sure() {
        Some(account) => Match::Sure { account, why: found.why(account) },
        None => Match::Suggestions(found.suggestions()),
    }
}

/// What an entry is when it is no payment to us.
fn not_ours(entry: &Entry, book: &Book) -> Option<NotOurs> {
    if entry.is_reversal {
        return Some(NotOurs::Reversal);
    }
    let is_own = |party: &Party| {
        let by_iban = party.iban.as_ref().is_some_and(|iban| book.is_own_iban(iban));
        by_iban || party.iban.is_none() && party.bin.as_ref().is_some_and(|bin| book.is_own_bin(bin))
    };
    match entry.direction {
        Direction::In => (is_own(&entry.payer)).then_some(NotOurs::OwnTransfer),
        Direction::Out if is_own(&entry.payee) => Some(NotOurs::OwnTransfer),
        Direction::Out => {
            let known = entry.payee.bin.as_ref().filter(|bin| !book.accounts_of(bin).is_empty());
            let purpose = entry.purpose.to_lowercase();
            let mut words = purpose.split(|char: char| !char.is_alphanumeric());
            let is_fee = words.any(|word| FEE_WORDS.iter().any(|fee| word.starts_with(fee)));
            Some(match known {
                // The bank itself may have registers, and an account here.
                Some(bin) if !is_fee => NotOurs::Refund { bin: bin.clone() },
                _ if is_fee => NotOurs::BankFee,
                _ => NotOurs::Outgoing,
            })
        }
    }
}

/// What clues lead to in a book.
#[derive(Debug)]
struct Found<'book> {
    book: &'book Book,
    /// Reasons for each account that anything speaks for.
    reasons: BTreeMap<PersonalAccount, BTreeSet<Why>>,
    /// Accounts whose number stands in the purpose and is no day.
    named: BTreeSet<PersonalAccount>,
    /// Accounts whose number may as well be a day.
    days: BTreeSet<PersonalAccount>,
    /// Accounts of invoices in the purpose, with the invoices' numbers.
    invoiced: BTreeMap<PersonalAccount, String>,
    /// Those of them that more than bare digits lead to, or the very sum too: a payer's other invoices are of bare digits as well.
    invoiced_well: BTreeSet<PersonalAccount>,
    /// BINs in the purpose that are not our own, nor only what the payer says of itself.
    bins: BTreeSet<String>,
    /// The BIN of a payer that has an account here and pays for itself.
    payer: Option<String>,
    /// Accounts that were paid from the same account of a bank.
    paid_from: BTreeSet<PersonalAccount>,
    /// Accounts of which an open invoice has the very sum.
    exact: BTreeSet<PersonalAccount>,
}

impl<'book> Found<'book> {
    fn of(clues: &Clues, book: &'book Book) -> Self {
        let mut found = Self {
            book,
            reasons: BTreeMap::new(),
            named: BTreeSet::new(),
            days: BTreeSet::new(),
            invoiced: BTreeMap::new(),
            invoiced_well: BTreeSet::new(),
            bins: BTreeSet::new(),
            payer: None,
            paid_from: BTreeSet::new(),
            exact: BTreeSet::new(),
        };
        for clue in clues.accounts.iter().filter(|clue| book.holder(clue.account).is_some()) {
            let is_day = clue.is_day && !clue.is_labelled;
            if is_day { &mut found.days } else { &mut found.named }.insert(clue.account);
            found.add(clue.account, Why::AccountInPurpose { is_labelled: clue.is_labelled });
        }
        for key in &clues.invoices {
            for invoice in book.invoices_by_key(key) {
                found.invoiced.insert(invoice.account, invoice.number.clone());
                let fit = fit(clues.sum, invoice.left);
                if fit == Fit::Exact || !key.bytes().all(|byte| byte.is_ascii_digit()) {
                    found.invoiced_well.insert(invoice.account);
                }
                found.add(invoice.account, Why::InvoiceInPurpose { number: invoice.number.clone(), fit });
            }
        }
        found.take_organisations(clues);
        if let Some(iban) = &clues.payer_iban {
            let is_collector = clues.payer_bin.as_ref().is_some_and(|bin| book.is_collector(bin));
            if !is_collector {
                found.paid_from = book.paid_from(iban);
            }
            for account in found.paid_from.clone() {
                found.add(account, Why::KnownPayer { iban: iban.clone() });
            }
        }
        for invoice in book.invoices_by_sum(clues.sum) {
            found.exact.insert(invoice.account);
            found.add(invoice.account, Why::ExactSum { number: invoice.number.clone() });
        }
        found
    }

    /// Takes the organisations that the purpose and the payer name.
    fn take_organisations(&mut self, clues: &Clues) {
        for bin in clues.bins.iter().filter(|bin| !self.book.is_own_bin(bin)) {
            let accounts = self.book.accounts_of(bin);
            // Whoever pays for another often says who pays.
            if accounts.is_empty() && clues.payer_bin.as_ref() == Some(bin) {
                continue;
            }
            self.bins.insert(bin.clone());
            for account in accounts {
                self.add(account, Why::BinInPurpose { bin: bin.clone() });
            }
        }
        let payer = clues.payer_bin.as_ref().filter(|bin| !self.book.is_collector(bin));
        let Some(bin) = payer else { return };
        let accounts = self.book.accounts_of(bin);
        if !accounts.is_empty() {
            self.payer = Some(bin.clone());
        }
        for account in accounts {
            self.add(account, Why::PayerBin { bin: bin.clone() });
        }
    }

    fn add(&mut self, account: PersonalAccount, why: Why) {
        self.reasons.entry(account).or_default().insert(why);
    }

    /// The one account that something strong speaks for and nothing against.
    fn sure(&self) -> Option<PersonalAccount> {
        let of_bins = || self.bins.iter().flat_map(|bin| self.book.accounts_of(bin)).collect();
        let of_payer = || self.payer.iter().flat_map(|bin| self.book.accounts_of(bin)).collect();
        // A payer that paid for it before, and the very sum of an invoice: each alone says too little.
        let of_habit = || self.paid_from.intersection(&self.exact).copied().collect();
        let candidates: [BTreeSet<PersonalAccount>; 5] = [
            self.named.clone(),
            self.invoiced_well.clone(),
            of_bins(),
            of_payer(),
            if self.paid_from.len() == 1 { of_habit() } else { BTreeSet::new() },
        ];
        let strongest = candidates.into_iter().find(|accounts| !accounts.is_empty())?;
        let account = *strongest.first().filter(|_| strongest.len() == 1)?;
        self.doubts(account).is_empty().then_some(account)
    }

    fn why(&self, account: PersonalAccount) -> Vec<Why> {
        self.reasons.get(&account).into_iter().flatten().cloned().collect()
    }

    /// What speaks against an account.
    fn doubts(&self, account: PersonalAccount) -> Vec<Doubt> {
        let mut doubts = BTreeSet::new();
        let holder = self.book.holder(account);
        if holder.is_none_or(|holder| holder.is_closed) {
            doubts.insert(Doubt::Closed);
        }
        let own = holder.map(|holder| holder.bin.as_str());
        doubts.extend(
            self.bins
                .iter()
                .filter(|bin| Some(bin.as_str()) != own)
                .map(|bin| Doubt::OtherBinInPurpose { bin: bin.clone() }),
        );
        if let Some(bin) = self.payer.as_ref().filter(|bin| Some(bin.as_str()) != own) {
            doubts.insert(Doubt::OtherPayer { bin: bin.clone() });
        }
        let others = self.named.iter().filter(|other| **other != account);
        doubts.extend(others.map(|other| Doubt::OtherAccountInPurpose { account: *other }));
        let others = self.invoiced.iter().filter(|(other, _)| **other != account);
        doubts.extend(others.map(|(_, number)| Doubt::OtherInvoiceInPurpose { number: number.clone() }));
        if self.days.contains(&account) && !self.named.contains(&account) {
            doubts.insert(Doubt::MayBeADay);
        }
        let is_named = self.named.contains(&account) || self.invoiced.contains_key(&account);
        if !is_named && own.is_some_and(|bin| self.book.accounts_of(bin).len() > 1) {
            doubts.insert(Doubt::OneOfSeveral);
        }
        doubts.into_iter().collect()
    }

    /// All that anything speaks for, the likeliest first.
    fn suggestions(&self) -> Vec<Suggestion> {
        let all = self.reasons.keys().map(|account| {
            let (why, doubts) = (self.why(*account), self.doubts(*account));
            let weight: i32 = why.iter().map(weight).sum();
            let against =
                doubts.iter().map(|doubt| if *doubt == Doubt::Closed { 60 } else { 15 }).sum::<i32>();
            (against.saturating_sub(weight), Suggestion { account: *account, why, doubts })
        });
        let mut all: Vec<_> = all.collect();
        all.sort_by(|(one, a), (other, b)| one.cmp(other).then(a.account.cmp(&b.account)));
        all.into_iter().take(SUGGESTIONS_MAX).map(|(_, suggestion)| suggestion).collect()
    }
}

/// How a sum stands to what is left.
fn fit(sum: Tiyn, left: Tiyn) -> Fit {
    match left.minus(sum) {
        Ok(rest) if rest == Tiyn::ZERO => Fit::Exact,
        Ok(rest) if rest > Tiyn::ZERO => Fit::Part { left: rest },
        Ok(rest) => Fit::Over { rest: rest.negated() },
        Err(_) => Fit::Over { rest: sum },
    }
}

/// How much a reason weighs beside others.
fn weight(why: &Why) -> i32 {
    match why {
        Why::AccountInPurpose { is_labelled: true } => 100,
        Why::InvoiceInPurpose { fit: Fit::Exact, .. } => 90,
        Why::InvoiceInPurpose { .. } => 80,
        Why::BinInPurpose { .. } => 70,
        Why::AccountInPurpose { is_labelled: false } => 60,
        Why::PayerBin { .. } => 50,
        Why::KnownPayer { .. } => 40,
        Why::ExactSum { .. } => 30,
    }
}
