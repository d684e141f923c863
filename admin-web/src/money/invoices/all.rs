//! The invoices, acts and bills of all organisations in a month, and one that is looked for.

use ofd_billing::Month;
use ofd_office::billing::invoices::{number_of, of_month, of_organisation};
use ofd_office::billing::this_month;
use ofd_storage::invoices::{InvoiceKind, Issued, Place, by_number};

use super::super::reasons::failed;
use super::super::told::{home, month, month_wrong};
use super::list::{cells, kinds};
use crate::cabinet::list::{Cell, FilterField, List, ListPaths, Piece, list_paths, query_is_request};
use crate::cabinet::{Ask, Failure};
use crate::site::Site;
use crate::words::Words;

/// Those of all organisations.
pub(super) struct AllInvoices;

/// Digits of a BIN.
const BIN_LEN: usize = 12;

fn asked_month(site: &Site, ask: &Ask) -> Result<Month, Failure> {
    match month(ask.parameter("month")) {
        Some(month) => Ok(month),
        None => this_month(&site.office, site.config.zone_offset_seconds).map_err(failed),
    }
}

impl List for AllInvoices {
    query_is_request!();
    type Row = Issued;

    const PATHS: ListPaths = list_paths!("/operator/invoices");
    const TITLE: (&'static str, &'static str) = ("invoices-title", "invoices");
    const COLUMNS: &'static [&'static str] = &[
        "invoices-number",
        "invoices-day",
        "invoices-period",
        "invoices-sign",
        "invoices-sum",
        "invoices-vat",
        "operator-organisation",
    ];
    const NONE: &'static str = "invoices-none";
    const NOTE: Option<&'static str> = Some("invoices-all-note");

    fn wrong(site: &Site, ask: &Ask) -> Vec<(&'static str, String)> {
        month_wrong(site, ask)
    }

    fn fields(words: &Words<'_>) -> Vec<FilterField> {
        vec![
            FilterField::typed("month", "money-month", "money-month-hint"),
            kinds(words),
            FilterField::typed("q", "invoices-search", "invoices-search-hint"),
        ]
    }

    async fn rows(
        site: &Site,
        ask: &Ask,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Piece<Issued>, Failure> {
        let (store, sought) = (&site.office.store, ask.parameter("q").trim());
        if let Some(number) = number_of(sought) {
            let rows = by_number(store, &number).await?.into_iter().collect();
            return Ok(Piece { rows, next: None });
        }
        let kind = InvoiceKind::from_name(ask.parameter("kind"));
        let month = asked_month(site, ask)?;
        if sought.is_empty() {
            let (rows, next) = of_month(store, (month, kind), after, limit).await?;
            return Ok(Piece { rows, next });
        }
        // Anything else is the number of an organisation; what is none has nothing.
        if sought.len() != BIN_LEN || !sought.bytes().all(|byte| byte.is_ascii_digit()) {
            return Ok(Piece { rows: Vec::new(), next: None });
        }
        let typed = !ask.parameter("month").is_empty();
        let place = Place { month: Some(month).filter(|_| typed), kind };
        let (rows, next) = of_organisation(store, sought, place, after, limit).await?;
        Ok(Piece { rows, next })
    }

    fn cells(site: &Site, ask: &Ask, issued: &Issued) -> Vec<Cell> {
        let home = home::<true>(issued.bin());
        let mut cells = cells(site, ask, format!("{home}/invoices/{}", issued.number()), issued);
        let title = site.texts(ask).organisation(&issued.document.head().recipient.title);
        cells.push(Cell::text(title).noted(Some(issued.bin().to_owned())));
        cells
    }
}
