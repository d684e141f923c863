//! What pages of money have in common: months as people write them, words for entries, and the pages that stand beside each other.

use ofd_billing::Month;
use ofd_billing::ledger::Purpose;

use crate::cabinet::Ask;
use crate::cabinet::list::Tab;
pub(super) use crate::plan_words::month_text;
use crate::site::Site;

/// The key of what an entry is.
pub(super) fn purpose_key(purpose: Purpose) -> &'static str {
    match purpose {
        Purpose::Charge => "money-purpose-charge",
        Purpose::Fee => "money-purpose-fee",
        Purpose::Payment => "money-purpose-payment",
        Purpose::Unmatched => "money-purpose-unmatched",
        Purpose::Matched => "money-purpose-matched",
        Purpose::Refund => "money-purpose-refund",
        Purpose::Correction => "money-purpose-correction",
        Purpose::WriteOff => "money-purpose-write-off",
        Purpose::Reversal => "money-purpose-reversal",
    }
}

/// A month as people type it: `11.2026`, or `2026-11` as programs do.
pub(super) fn month(text: &str) -> Option<Month> {
    let text = text.trim();
    if let Ok(month) = text.parse() {
        return Some(month);
    }
    let (month, year) = text.split_once(['.', '/', ' '])?;
    format!("{year}-{month:0>2}").parse().ok()
}

/// What is wrong with the month that narrows a list.
pub(super) fn month_wrong(site: &Site, ask: &Ask) -> Vec<(&'static str, String)> {
    let typed = ask.parameter("month");
    let is_wrong = !typed.is_empty() && month(typed).is_none();
    if is_wrong { vec![("month", site.texts(ask).say("money-month-wrong"))] } else { Vec::new() }
}

/// The organisation that an address is of.
pub(super) fn bin_of<const OPERATORS: bool>(ask: &Ask) -> &str {
    ask.part(if OPERATORS { "company" } else { "bin" })
}

/// Where the money of an organisation is.
pub(super) fn home<const OPERATORS: bool>(bin: &str) -> String {
    if OPERATORS { format!("/operator/companies/{bin}/money") } else { format!("/c/{bin}/money") }
}

/// The lists of money of an organisation, beside each other.
pub(super) fn tabs<const OPERATORS: bool>(site: &Site, ask: &Ask, current: &str) -> Vec<Tab> {
    let (words, home) = (site.texts(ask), home::<OPERATORS>(bin_of::<OPERATORS>(ask)));
    let tab = |path: &str, label| Tab {
        href: format!("{home}{path}"),
        label: words.say(label),
        is_current: path == current,
    };
    vec![tab("", "money-title"), tab("/invoices", "invoices-title"), tab("/settlement", "settle-title")]
}
