//! The invoices, acts and bills of an organisation.

use ofd_billing::invoices::InvoiceSort;
use ofd_office::billing::invoices::of_organisation;
use ofd_office::day::written;
use ofd_storage::accounts::AuditPage;
use ofd_storage::invoices::{Document, InvoiceKind, Issued, Place};

use super::super::reasons::looked;
use super::super::told::{bin_of, home, month, month_text, month_wrong, tabs};
use crate::cabinet::list::{Cell, FilterField, List, ListPaths, Piece, Tab, list_paths, query_is_request};
use crate::cabinet::{Ask, Choice, Failure, Right};
use crate::site::Site;
use crate::words::Words;

/// Those of the organisation in the address; to the operator's people, of whichever they look at.
pub(super) struct Invoices<const OPERATORS: bool>;

/// The key of what a document is called.
pub(super) fn kind_key(kind: InvoiceKind) -> &'static str {
    match kind {
        InvoiceKind::Invoice => "invoices-kind-invoice",
        InvoiceKind::Act => "invoices-kind-act",
        InvoiceKind::Bill => "invoices-kind-bill",
    }
}

/// What a document is: what it is called, and of an invoice what it is to others.
pub(super) fn sign(words: &Words<'_>, issued: &Issued) -> String {
    let called = words.say(kind_key(issued.document.kind()));
    let Document::Invoice(kept) = &issued.document else { return called };
    let beside = match kept.invoice.sort {
        InvoiceSort::First => return called,
        InvoiceSort::Corrected(_) => "invoices-corrected",
        InvoiceSort::Additional(_) => "invoices-additional",
    };
    format!("{called}, {}", words.say(beside))
}

/// The field by which a list is narrowed to one kind.
pub(super) fn kinds(words: &Words<'_>) -> FilterField {
    let all = Choice::new("", words.say("invoices-kind-all"));
    let kinds = InvoiceKind::ALL.into_iter().map(|kind| Choice::new(kind.name(), words.say(kind_key(kind))));
    FilterField::choice("kind", "invoices-kind", [all].into_iter().chain(kinds).collect())
}

/// The month that a document is about.
fn period(issued: &Issued) -> String {
    match &issued.document {
        Document::Invoice(kept) => month_text(kept.invoice.content.month),
        Document::Act(_) | Document::Bill(_) => month_text(issued.day().month()),
    }
}

/// What stands in a row of any list of documents, behind its number.
pub(super) fn cells(site: &Site, ask: &Ask, href: String, issued: &Issued) -> Vec<Cell> {
    let (words, language) = (site.texts(ask), ask.language());
    vec![
        Cell::link(href, issued.number().to_string()).whole(),
        Cell::text(written(issued.day().date())).whole(),
        Cell::text(period(issued)).whole(),
        Cell::text(sign(&words, issued)),
        Cell::sum(language, issued.document.total().get()),
        Cell::sum(language, issued.document.vat().get()),
    ]
}

impl<const OPERATORS: bool> List for Invoices<OPERATORS> {
    query_is_request!();
    type Row = Issued;

    const PATHS: ListPaths = if OPERATORS {
        list_paths!("/operator/companies/{company}/money/invoices")
    } else {
        list_paths!("/c/{bin}/money/invoices")
    };
    const TITLE: (&'static str, &'static str) = ("invoices-title", "invoices");
    const COLUMNS: &'static [&'static str] = &[
        "invoices-number",
        "invoices-day",
        "invoices-period",
        "invoices-sign",
        "invoices-sum",
        "invoices-vat",
    ];
    const NONE: &'static str = "invoices-none";
    const NOTE: Option<&'static str> = Some("invoices-note");

    fn back(site: &Site, ask: &Ask) -> Option<(String, String)> {
        let bin = bin_of::<OPERATORS>(ask);
        OPERATORS.then(|| (format!("/operator/companies/{bin}"), site.texts(ask).say_with("money-of", bin)))
    }

    fn adds(site: &Site, ask: &Ask) -> Option<(String, String)> {
        let home = home::<OPERATORS>(bin_of::<OPERATORS>(ask));
        let may = !OPERATORS || ask.may(Right::ManageInvoices);
        may.then(|| (format!("{home}/bill"), site.texts(ask).say("bill-title")))
    }

    fn tabs(site: &Site, ask: &Ask) -> Vec<Tab> {
        tabs::<OPERATORS>(site, ask, "/invoices")
    }

    fn wrong(site: &Site, ask: &Ask) -> Vec<(&'static str, String)> {
        month_wrong(site, ask)
    }

    fn fields(words: &Words<'_>) -> Vec<FilterField> {
        vec![FilterField::typed("month", "invoices-month", "invoices-month-hint"), kinds(words)]
    }

    async fn look(site: &Site, ask: &Ask) -> Result<(), Failure> {
        if OPERATORS {
            looked(site, ask, bin_of::<OPERATORS>(ask), AuditPage::Invoices).await?;
        }
        Ok(())
    }

    async fn rows(
        site: &Site,
        ask: &Ask,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Piece<Issued>, Failure> {
        let place = Place {
            month: month(ask.parameter("month")),
            kind: InvoiceKind::from_name(ask.parameter("kind")),
        };
        let bin = bin_of::<OPERATORS>(ask);
        let (rows, next) = of_organisation(&site.office.store, bin, place, after, limit).await?;
        Ok(Piece { rows, next })
    }

    fn cells(site: &Site, ask: &Ask, issued: &Issued) -> Vec<Cell> {
        let home = home::<OPERATORS>(issued.bin());
        cells(site, ask, format!("{home}/invoices/{}", issued.number()), issued)
    }
}
