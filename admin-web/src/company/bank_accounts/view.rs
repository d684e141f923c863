//! How bank accounts are shown.

use ofd_office::banks::KnownBank;
use ofd_storage::accounts::BankAccount;

use crate::cabinet::Choice;
use crate::directories::{Kbe, account_types, bank};
use crate::language::Language;
use crate::words::Words;

/// The parts of a form that make a bank account.
pub(crate) struct BankView {
    /// Banks to choose from; first that the account number tells it.
    pub(crate) banks: Vec<Choice>,
    /// Kinds of accounts.
    pub(crate) kinds: Vec<Choice>,
    /// The KBe, where it is known; the form asks for it where not.
    pub(crate) kbe: Option<String>,
}

impl BankView {
    /// The parts of a form.
    pub(crate) fn of(words: &Words<'_>, banks: &[KnownBank], derived: Option<Kbe>) -> Self {
        let by_number = Choice::new("", words.say("company-bank-by-number"));
        let banks = banks.iter().map(|bank| Choice::new(&bank.bic, format!("{} ({})", bank.name, bank.bic)));
        let kinds = account_types().entries().iter();
        Self {
            banks: std::iter::once(by_number).chain(banks).collect(),
            kinds: kinds.map(|entry| Choice::new(&entry.code, entry.names.of(words.language))).collect(),
            kbe: derived.map(|kbe| kbe.to_string()),
        }
    }
}

/// The bank's name, as the directory has it now, else as it was when it was chosen.
pub(crate) fn bank_name(account: &BankAccount, language: Language) -> String {
    bank(&account.bic).map_or_else(|| account.bank.clone(), |bank| bank.names.of(language).to_owned())
}

/// The kind of an account.
pub(super) fn kind_name(account: &BankAccount, language: Language) -> String {
    account_types()
        .find(&account.kind)
        .map_or_else(|| account.kind.clone(), |entry| entry.names.of(language).to_owned())
}
