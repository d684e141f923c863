//! The personal account: its number and balance above, the entries of a month below.

use ofd_billing::ledger::{Entry, Purpose};
use ofd_office::billing::standing::present;
use ofd_office::billing::{MoneyPage, money, open, this_month};
use ofd_office::day::written;
use ofd_protocol::types::UnixMillis;
use ofd_storage::accounts::{AuditPage, organisation};

use super::told::{bin_of, month, month_text, month_wrong, purpose_key, tabs};
use super::warning::told;
use crate::cabinet::list::{Cell, FilterField, List, ListPaths, Piece, Tab, list_paths, query_is_request};
use crate::cabinet::{Ask, Failure, Right};
use crate::format;
use crate::site::Site;
use crate::words::Words;

/// The personal account of the organisation in the address; to the operator's people, of whichever they look at.
pub(super) struct Money<const OPERATORS: bool>;

/// What a page shows, with the account opened where the organisation has none yet.
async fn shown<const OPERATORS: bool>(
    site: &Site,
    ask: &Ask,
    before: Option<u32>,
) -> Result<MoneyPage, Failure> {
    let bin = bin_of::<OPERATORS>(ask);
    if organisation(&site.office.store, bin).await?.is_none() {
        return Err(Failure::NotFound);
    }
    let now = this_month(&site.office, site.config.zone_offset_seconds).map_err(super::reasons::failed)?;
    let account = open(&site.office, bin, now).await.map_err(super::reasons::failed)?;
    let month = month(ask.parameter("month")).unwrap_or(now);
    money(&site.office.store, account, (now, month), before).await.map_err(super::reasons::failed)
}

impl<const OPERATORS: bool> List for Money<OPERATORS> {
    query_is_request!();
    type Row = Entry;

    const PATHS: ListPaths = if OPERATORS {
        list_paths!("/operator/companies/{company}/money")
    } else {
        list_paths!("/c/{bin}/money")
    };
    const TITLE: (&'static str, &'static str) = ("money-title", "money");
    const COLUMNS: &'static [&'static str] = &["money-day", "money-what", "money-sum", "money-posted"];
    const NONE: &'static str = "money-none";
    const NOTE: Option<&'static str> = Some("money-note");

    fn back(site: &Site, ask: &Ask) -> Option<(String, String)> {
        let bin = bin_of::<OPERATORS>(ask);
        OPERATORS.then(|| (format!("/operator/companies/{bin}"), site.texts(ask).say_with("money-of", bin)))
    }

    fn tabs(site: &Site, ask: &Ask) -> Vec<Tab> {
        tabs::<OPERATORS>(site, ask, "")
    }

    fn adds(site: &Site, ask: &Ask) -> Option<(String, String)> {
        let may = OPERATORS && ask.may(Right::TakePromises);
        let bin = bin_of::<OPERATORS>(ask);
        may.then(|| (format!("/operator/companies/{bin}/promise"), site.texts(ask).say("promise-take")))
    }

    fn done(word: &str) -> Option<&'static str> {
        (word == "promised").then_some("promise-done")
    }

    fn wrong(site: &Site, ask: &Ask) -> Vec<(&'static str, String)> {
        month_wrong(site, ask)
    }

    fn fields(_: &Words<'_>) -> Vec<FilterField> {
        vec![FilterField::typed("month", "money-month", "money-month-hint")]
    }

    async fn look(site: &Site, ask: &Ask) -> Result<(), Failure> {
        if OPERATORS {
            super::reasons::looked(site, ask, bin_of::<OPERATORS>(ask), AuditPage::Money).await?;
        }
        Ok(())
    }

    async fn rows(site: &Site, ask: &Ask, after: Option<&str>, _: usize) -> Result<Piece<Entry>, Failure> {
        let before = after.and_then(|after| after.parse().ok());
        let shown = shown::<OPERATORS>(site, ask, before).await?;
        Ok(Piece { rows: shown.entries, next: shown.next.map(|next| next.to_string()) })
    }

    async fn page(
        site: &Site,
        ask: &Ask,
        _: &Ask,
        after: Option<&str>,
        _: usize,
    ) -> Result<(Piece<Entry>, Vec<String>), Failure> {
        let before = after.and_then(|after| after.parse().ok());
        let shown = shown::<OPERATORS>(site, ask, before).await?;
        let (words, language) = (site.texts(ask), ask.language());
        let sum = |sum: ofd_billing::Tiyn| format::sum(language, sum.get());
        let number = shown.account.number.to_string();
        let balance = [("number", number.as_str()), ("balance", &sum(shown.balance))];
        let month = month_text(shown.month);
        let turnover =
            [("month", month.as_str()), ("credit", &sum(shown.credit)), ("debit", &sum(shown.debit))];
        let mut said =
            vec![words.say_values("money-balance", &balance), words.say_values("money-turnover", &turnover)];
        if shown.is_closed {
            said.push(words.say("money-closed"));
        }
        let zone = site.config.zone_offset_seconds;
        let standing =
            present(&site.office, &shown.account.bin, zone).await.map_err(super::reasons::failed)?;
        if let Some(record) = standing {
            let told = told(&words, language, &record);
            said.push(told.text);
            said.extend(told.todo);
        }
        Ok((Piece { rows: shown.entries, next: shown.next.map(|next| next.to_string()) }, said))
    }

    fn cells(site: &Site, ask: &Ask, entry: &Entry) -> Vec<Cell> {
        let words = site.texts(ask);
        vec![
            Cell::text(written(entry.on())).whole(),
            what::<OPERATORS>((site, ask), entry, words.say(purpose_key(entry.purpose())))
                .noted(explained(entry)),
            Cell::sum(ask.language(), entry.sum().get()),
            Cell::text(site.moment(ask, UnixMillis(entry.at_ms))).whole(),
        ]
    }
}

/// What an entry is; of a charge it leads to why it is that sum.
fn what<const OPERATORS: bool>((site, ask): (&Site, &Ask), entry: &Entry, text: String) -> Cell {
    // Numbers are those of the month that is shown: what is posted late stands in a later one than its day.
    let present = || this_month(&site.office, site.config.zone_offset_seconds).ok();
    let shown = month(ask.parameter("month")).or_else(present);
    let Some(month) = shown.filter(|_| entry.purpose() == Purpose::Charge) else { return Cell::text(text) };
    let bin = bin_of::<OPERATORS>(ask);
    let base = if OPERATORS { format!("/operator/companies/{bin}/money") } else { format!("/c/{bin}/money") };
    Cell::link(format!("{base}/{month}/{}", entry.number), text)
}

/// What the payer or a person said of an entry.
fn explained(entry: &Entry) -> Option<String> {
    let ofd_billing::ledger::EntryOf::Posting(posting) = &entry.of else { return None };
    let text = |key: &str| posting.why.get(key).and_then(|value| value.as_str()).unwrap_or_default();
    let said = if text("purpose").is_empty() { text("reason") } else { text("purpose") };
    (!said.is_empty()).then(|| said.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_month_is_read_however_it_is_typed() {
        for text in ["11.2026", " 11/2026", "2026-11", "11 2026"] {
            assert_eq!(month(text).map(month_text).as_deref(), Some("11.2026"), "{text}");
        }
        for text in ["", "13.2026", "2026", "11.26", "ноябрь"] {
            assert_eq!(month(text), None, "{text}");
        }
    }
}
