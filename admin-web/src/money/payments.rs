//! Payments as they came: those of a month, and which of them have nobody.

use ofd_billing::Month;
use ofd_office::billing::payments::{Wanted, list as list_of};
use ofd_office::billing::this_month;
use ofd_office::day::written;
use ofd_storage::accounts::{AuditPage, OPERATOR};
use ofd_storage::payments::Payment;

use super::payment::path_of;
use super::told::{month, month_wrong};
use crate::cabinet::list::{Cell, FilterField, List, ListPaths, Piece, list_paths, query_is_request};
use crate::cabinet::{Ask, Choice, Failure, Right};
use crate::site::Site;
use crate::words::Words;

/// Which are asked for, by the word for it in the address.
const WANTED: [(&str, &str, Wanted); 3] = [
    ("", "payments-all", Wanted::All),
    ("unmatched", "payments-unmatched", Wanted::Unmatched),
    ("matched", "payments-matched", Wanted::Matched),
];

/// Characters of what is looked for.
const TYPED_LEN_MAX: usize = 200;

pub(super) struct Payments;

fn asked_month(site: &Site, ask: &Ask) -> Result<Month, Failure> {
    match month(ask.parameter("month")) {
        Some(month) => Ok(month),
        None => this_month(&site.office, site.config.zone_offset_seconds).map_err(super::reasons::failed),
    }
}

impl List for Payments {
    query_is_request!();
    type Row = Payment;

    const PATHS: ListPaths = list_paths!("/operator/payments");
    const TITLE: (&'static str, &'static str) = ("payments-title", "payments");
    const COLUMNS: &'static [&'static str] =
        &["money-day", "money-sum", "payment-payer", "payment-purpose", "payment-account"];
    const NONE: &'static str = "payments-none";
    const NOTE: Option<&'static str> = Some("payments-note");

    fn adds(site: &Site, ask: &Ask) -> Option<(String, String)> {
        let may = ask.may(Right::ManagePayments);
        may.then(|| (super::statement::PATH.to_owned(), site.texts(ask).say("statement-take")))
    }

    fn done(word: &str) -> Option<&'static str> {
        (word == "matched").then_some("payment-done-matched")
    }

    async fn look(site: &Site, ask: &Ask) -> Result<(), Failure> {
        super::reasons::looked(site, ask, OPERATOR, AuditPage::Payments).await
    }

    fn wrong(site: &Site, ask: &Ask) -> Vec<(&'static str, String)> {
        month_wrong(site, ask)
    }

    fn fields(words: &Words<'_>) -> Vec<FilterField> {
        let wanted = WANTED.map(|(name, text, _)| Choice::new(name, words.say(text)));
        vec![
            FilterField::typed("month", "money-month", "money-month-hint"),
            FilterField::choice("which", "payments-which", wanted.into()),
            FilterField::typed("q", "payments-search", "payments-search-hint"),
        ]
    }

    async fn rows(
        site: &Site,
        ask: &Ask,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Piece<Payment>, Failure> {
        let wanted = WANTED.into_iter().find(|(name, ..)| *name == ask.parameter("which"));
        let wanted = wanted.map_or(Wanted::All, |(.., wanted)| wanted);
        let sought: String = ask.parameter("q").trim().chars().take(TYPED_LEN_MAX).collect();
        let asked = (asked_month(site, ask)?, wanted);
        let after = after.map(str::as_bytes);
        let (rows, next) = list_of(&site.office.store, asked, &sought, after, limit).await?;
        Ok(Piece { rows, next: next.and_then(|next| String::from_utf8(next).ok()) })
    }

    fn cells(site: &Site, ask: &Ask, payment: &Payment) -> Vec<Cell> {
        let words = site.texts(ask);
        let account = match &payment.matched {
            Some(matched) => matched.number.to_string(),
            None => words.say("payment-nobody"),
        };
        let payer = &payment.payer;
        let name = if payer.name.is_empty() { payer.bin.clone() } else { payer.name.clone() };
        let bin = (!payer.bin.is_empty() && !payer.name.is_empty()).then(|| payer.bin.clone());
        vec![
            Cell::link(path_of(&payment.id), written(payment.on.date())).whole(),
            Cell::sum(ask.language(), payment.sum.get()),
            Cell::text(name).noted(bin),
            Cell::text(payment.purpose.as_str()),
            Cell::text(account).whole(),
        ]
    }
}
