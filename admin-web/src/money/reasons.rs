//! Why a payment is somebody's, as people read it; and what an error of the ledger is to a page.

use ofd_office::registers::look_at_register;
use ofd_storage::accounts::AuditPage;
use ofd_storage::ledger::LedgerError;
use ofd_storage::payments::PaymentError;

use crate::cabinet::{Ask, Failure};
use crate::site::Site;
use crate::words::Words;

/// The reasons that are told by a text of their own, by the word that is kept.
const TOLD: [(&str, &str); 14] = [
    ("account-in-purpose", "payment-why-account-in-purpose"),
    ("invoice-in-purpose", "payment-why-invoice-in-purpose"),
    ("bin-in-purpose", "payment-why-bin-in-purpose"),
    ("payer-bin", "payment-why-payer-bin"),
    ("known-payer", "payment-why-known-payer"),
    ("exact-sum", "payment-why-exact-sum"),
    ("named-by-caller", "payment-why-named-by-caller"),
    ("closed", "payment-doubt-closed"),
    ("other-bin-in-purpose", "payment-doubt-other-bin-in-purpose"),
    ("other-payer", "payment-doubt-other-payer"),
    ("other-account-in-purpose", "payment-doubt-other-account-in-purpose"),
    ("other-invoice-in-purpose", "payment-doubt-other-invoice-in-purpose"),
    ("may-be-a-day", "payment-doubt-may-be-a-day"),
    ("one-of-several", "payment-doubt-one-of-several"),
];

/// A kept reason as people read it; what is no word of a rule is what a person said.
pub(super) fn reason(words: &Words<'_>, kept: &str) -> String {
    let (word, about) = kept.split_once(':').unwrap_or((kept, ""));
    match TOLD.into_iter().find(|(told, _)| *told == word) {
        Some((_, key)) => words.say_with(key, about),
        None => kept.to_owned(),
    }
}

/// What an error of the ledger is to a page.
pub(crate) fn failed(error: LedgerError) -> Failure {
    match error {
        LedgerError::Store(error) => error.into(),
        LedgerError::Busy => Failure::from(ofd_office::change::ChangeError::Busy),
        other => Failure::from(corrupt(other.to_string())),
    }
}

/// The same of an error of payments.
pub(super) fn payment_failed(error: PaymentError) -> Failure {
    match error {
        PaymentError::Store(error) => error.into(),
        PaymentError::Ledger(error) => failed(error),
        other => Failure::from(corrupt(other.to_string())),
    }
}

/// The books say what they never should: it is told as damage, and people look.
fn corrupt(reason: String) -> ofd_storage::store::StoreError {
    ofd_storage::store::StoreError::Corrupt { place: "the ledger".to_owned(), reason }
}

/// Writes a look of the operator's people into the audit of an organisation, whether or not its people have come to the site.
pub(super) async fn looked(site: &Site, ask: &Ask, bin: &str, page: AuditPage) -> Result<(), Failure> {
    let with = (&site.office.store, &*site.office.world);
    Ok(look_at_register(with, ask.by(), bin, page).await?)
}
