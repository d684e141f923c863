//! Why a payment is somebody's, as words that are kept with it: the name of a reason, and after a colon what it is about.

use ofd_billing::matching::{Doubt, Why};

/// The reasons of a rule, as they are kept.
#[must_use]
pub fn why_words(why: &[Why]) -> Vec<String> {
    let word = |why: &Why| match why {
        Why::AccountInPurpose { .. } => "account-in-purpose".to_owned(),
        Why::InvoiceInPurpose { number, .. } => format!("invoice-in-purpose:{number}"),
        Why::BinInPurpose { bin } => format!("bin-in-purpose:{bin}"),
        Why::PayerBin { bin } => format!("payer-bin:{bin}"),
        Why::KnownPayer { iban } => format!("known-payer:{iban}"),
        Why::ExactSum { number } => format!("exact-sum:{number}"),
    };
    why.iter().map(word).collect()
}

/// What speaks against an account, in the same form.
#[must_use]
pub fn doubt_words(doubts: &[Doubt]) -> Vec<String> {
    let word = |doubt: &Doubt| match doubt {
        Doubt::Closed => "closed".to_owned(),
        Doubt::OtherBinInPurpose { bin } => format!("other-bin-in-purpose:{bin}"),
        Doubt::OtherPayer { bin } => format!("other-payer:{bin}"),
        Doubt::OtherAccountInPurpose { account } => format!("other-account-in-purpose:{account}"),
        Doubt::OtherInvoiceInPurpose { number } => format!("other-invoice-in-purpose:{number}"),
        Doubt::MayBeADay => "may-be-a-day".to_owned(),
        Doubt::OneOfSeveral => "one-of-several".to_owned(),
    };
    doubts.iter().map(word).collect()
}
