//! Documents of all registers over a period as a list, and cash in and out as another.

use ofd_office::documents::{
    Bounds, Cursor, DAYS_MAX, DocumentKindFilter, DocumentLine, DocumentQuery, Found, QueryFault, TotalName,
    Totals, TotalsOf, Typed, documents,
};
use ofd_protocol::message::PlacementOperation;
use ofd_protocol::register::Day;
use ofd_protocol::version::PaymentType;

use super::tabs::{CASH, DOCUMENTS, tabs};
use super::view::{accepted_apart, day_text, kind_text, payment_text, placement_key};
use crate::cabinet::list::{Cell, FilterField, List, ListPaths, Piece, Tab, query_is_request};
use crate::cabinet::{Ask, Choice, Failure};
use crate::format;
use crate::receipts::{operation_key, payment_key};
use crate::shops::register_path;
use crate::site::Site;
use crate::words::Words;

/// Rows that are read for a file at a time: each piece finds its registers anew.
const FILE_PIECE: usize = 2_000;

/// Which of the lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Of {
    /// Documents of every kind.
    All,
    /// Cash in and out alone.
    Cash,
    /// Shifts, which are narrowed by period, shop and register alone.
    Shifts,
}

/// The text for a kind of document in the choice of kinds; none of kinds that the list does not offer.
fn kind_key(filter: DocumentKindFilter) -> &'static str {
    match filter {
        DocumentKindFilter::Any => "shops-document-any",
        DocumentKindFilter::Receipt(operation) => operation_key(operation),
        DocumentKindFilter::Cash => "shops-document-placement",
        DocumentKindFilter::Placement(way) => placement_key(way),
        DocumentKindFilter::Cancellation => "shops-document-cancel",
        DocumentKindFilter::Close => "shops-document-close",
    }
}

/// What a person reads of a field that is wrong.
fn fault_text(words: &Words<'_>, fault: QueryFault) -> String {
    match fault {
        QueryFault::NoDay => words.say("documents-no-day"),
        QueryFault::EndsBefore => words.say("documents-ends-before"),
        QueryFault::TooLong => words.say_with("documents-period-long", &DAYS_MAX.to_string()),
        QueryFault::NoSum => words.say("documents-no-sum"),
        QueryFault::SumsCrossed => words.say("documents-sums-crossed"),
        QueryFault::Unknown => words.say("documents-no-choice"),
        QueryFault::TooManyCharacters => words.say("documents-too-long"),
    }
}

/// What an address asks for, as it was typed. A list of cash shows cash alone, whatever else is asked for.
fn typed(ask: &Ask, of: Of) -> Typed<'_> {
    let typed = Typed::read(|name| ask.parameter(name));
    let is_cash = ["cash_in", "cash_out"].contains(&typed.operation);
    match of {
        Of::All => typed,
        Of::Cash => Typed { operation: if is_cash { typed.operation } else { "cash" }, payment: "", ..typed },
        Of::Shifts => {
            let Typed { from, to, shop, register, .. } = typed;
            Typed { from, to, shop, register, ..Typed::default() }
        }
    }
}

pub(super) fn query(
    site: &Site,
    ask: &Ask,
    of: Of,
) -> Result<DocumentQuery, Vec<(&'static str, QueryFault)>> {
    let today = Day::of(site.office.now().wall(site.config.zone_offset_seconds));
    DocumentQuery::read(typed(ask, of), today)
}

pub(super) fn wrong(site: &Site, ask: &Ask, of: Of) -> Vec<(&'static str, String)> {
    let words = site.texts(ask);
    let faults = query(site, ask, of).err().unwrap_or_default();
    faults.into_iter().map(|(field, fault)| (field, fault_text(&words, fault))).collect()
}

pub(super) fn fields(words: &Words<'_>, of: Of) -> Vec<FilterField> {
    let is_offered = |filter: DocumentKindFilter| match of {
        Of::All => true,
        Of::Shifts => false,
        Of::Cash => matches!(filter, DocumentKindFilter::Any | DocumentKindFilter::Placement(_)),
    };
    let kinds = DocumentKindFilter::ALL.into_iter().filter(|(_, filter)| is_offered(*filter));
    let kinds = kinds.map(|(name, filter)| Choice::new(name, words.say(kind_key(filter)))).collect();
    let any = Choice::new("", words.say("documents-payment-any"));
    let ways = PaymentType::ALL.map(|way| Choice::new(way.name(), words.say(payment_key(way))));
    let payment = FilterField::choice("payment", "shops-payment", std::iter::once(any).chain(ways).collect());
    let mut fields = vec![
        FilterField::day("from", "documents-from", "documents-from-hint"),
        FilterField::day("to", "documents-to", "documents-to-hint"),
        FilterField::typed("shop", "shops-shop", "documents-shop-hint"),
        FilterField::typed("register", "documents-register", "documents-register-hint"),
    ];
    if of == Of::Shifts {
        return fields;
    }
    fields.push(FilterField::choice("operation", "shops-document", kinds));
    fields.extend(Some(payment).filter(|_| of == Of::All));
    fields.extend([
        FilterField::typed("cashier", "shops-cashier", "documents-cashier-hint"),
        FilterField::typed("sum_from", "documents-sum-from", ""),
        FilterField::typed("sum_to", "documents-sum-to", ""),
        FilterField::tick("offline", "documents-offline-only"),
    ]);
    fields
}

async fn found(
    site: &Site,
    ask: &Ask,
    of: Of,
    after: Option<&str>,
    limit: usize,
) -> Result<(DocumentQuery, Found), Failure> {
    // What is wrong was told before.
    let query = query(site, ask, of).map_err(|_| Failure::Unreadable)?;
    let (store, zone) = (&site.office.store, site.config.zone_offset_seconds);
    let found =
        documents(store, ask.bin(), &query, after.and_then(Cursor::read), Bounds::rows(limit), zone).await?;
    Ok((query, found))
}

fn piece(found: Found) -> Piece<DocumentLine> {
    Piece { rows: found.lines, next: found.next.map(|next| next.text()) }
}

/// What documents come to, in one line.
fn totals_text(words: &Words<'_>, query: &DocumentQuery, totals: &Totals) -> Option<String> {
    if totals.lines.is_empty() {
        return None;
    }
    let each = totals.lines.iter().map(|total| {
        let name = words.say(match total.name {
            TotalName::Receipts(operation) => operation_key(operation),
            TotalName::Cash(PlacementOperation::Deposit) => "shops-document-deposit",
            TotalName::Cash(PlacementOperation::Withdrawal) => "documents-cash-out-with-closings",
        });
        let name = match (total.name, query.payment) {
            (TotalName::Receipts(_), Some(way)) => format!("{name}, {}", words.say(payment_key(way))),
            (TotalName::Receipts(_) | TotalName::Cash(_), _) => name,
        };
        let (count, sum) = (total.count.to_string(), format::sum(words.language, total.sum));
        words.say_values("documents-total", &[("name", &name), ("count", &count), ("sum", &sum)])
    });
    let each = each.collect::<Vec<_>>().join(" · ");
    let key = match totals.of {
        TotalsOf::Days { .. } => "documents-totals-days",
        TotalsOf::Page => "documents-totals-page",
    };
    Some(words.say_with(key, &each))
}

/// What is said above the rows of a page.
fn said(site: &Site, ask: &Ask, query: &DocumentQuery, found: &Found) -> Vec<String> {
    let words = site.texts(ask);
    let period = [("from", day_text(query.period.from)), ("to", day_text(query.period.to))];
    let period = period.each_ref().map(|(name, value)| (*name, value.as_str()));
    let mut said = vec![words.say_values("documents-period", &period)];
    said.extend(totals_text(&words, query, &found.totals));
    if found.totals.of == (TotalsOf::Days { has_uncounted: true }) {
        said.push(words.say("documents-uncounted"));
    }
    if let Some(reached) = found.reached {
        let (read, at) = (found.read.to_string(), site.moment(ask, reached));
        said.push(words.say_values("documents-reached", &[("read", &read), ("at", &at)]));
    }
    said.extend(missing(found.is_complete).map(|key| words.say(key)));
    said
}

/// The key of what is said where not all registers are known: then some documents may be missing.
pub(super) fn missing(is_complete: bool) -> Option<&'static str> {
    (!is_complete).then_some("shops-incomplete")
}

fn cells(site: &Site, ask: &Ask, of: Of, line: &DocumentLine) -> Vec<Cell> {
    let (words, language) = (site.texts(ask), ask.language());
    let register = register_path(ask.bin(), line.register);
    let at = format!("{register}/shifts/{}/documents/{}", line.place.shift, line.place.number);
    let mut kind = kind_text(&words, line.kind, &line.told);
    if line.is_cancelled {
        kind = words.say_with("documents-cancelled", &kind);
    }
    let number = |number: Option<String>| Cell::text(number.unwrap_or_default());
    let sum = line.sum.map(|sum| Cell::sum(language, sum.get())).unwrap_or_else(|| Cell::text(""));
    let paid = payment_text(&words, &line.told);
    let mut cells = vec![
        Cell::link(at, format::moment(language, line.at)).whole().noted(accepted_apart(
            site,
            ask,
            line.at,
            line.accepted_at,
        )),
        Cell::text(kind),
        Cell::link(register, line.register.to_string()),
        Cell::text(line.place.shift.to_string()),
        sum,
    ];
    if of == Of::All {
        cells.push(Cell::text(paid));
    }
    cells.push(Cell::text(line.told.cashier.as_str()));
    if of == Of::All {
        cells.push(number(line.ticket_number.map(|number| number.to_string())));
        cells.push(number(line.offline_number.map(|number| number.to_string())));
    }
    cells
}

/// Declares a list over a period.
macro_rules! over_period {
    ($(#[$about:meta])* $name:ident, $of:expr, $place:expr, $columns:expr) => {
        $(#[$about])*
        pub(crate) struct $name;

        impl List for $name {
            query_is_request!();

            type Row = DocumentLine;

            const PATHS: ListPaths = $place.paths;
            const TITLE: (&'static str, &'static str) = $place.title;
            const COLUMNS: &'static [&'static str] = $columns;
            const NONE: &'static str = "documents-none";
            const NOTE: Option<&'static str> = None;
            const FILE_PIECE: usize = FILE_PIECE;

            fn tabs(site: &Site, ask: &Ask) -> Vec<Tab> {
                tabs(site, ask, Self::PATHS)
            }

            fn wrong(site: &Site, ask: &Ask) -> Vec<(&'static str, String)> {
                wrong(site, ask, $of)
            }

            fn fields(words: &Words<'_>) -> Vec<FilterField> {
                fields(words, $of)
            }

            async fn page(
                site: &Site,
                ask: &Ask,
                _: &Ask,
                after: Option<&str>,
                limit: usize,
            ) -> Result<(Piece<DocumentLine>, Vec<String>), Failure> {
                let (query, found) = found(site, ask, $of, after, limit).await?;
                let said = said(site, ask, &query, &found);
                Ok((piece(found), said))
            }

            async fn filed(
                site: &Site,
                ask: &Ask,
                after: Option<&str>,
                limit: usize,
            ) -> Result<(Piece<DocumentLine>, Option<&'static str>), Failure> {
                let found = found(site, ask, $of, after, limit).await?.1;
                let said = missing(found.is_complete);
                Ok((piece(found), said))
            }

            fn cells(site: &Site, ask: &Ask, line: &DocumentLine) -> Vec<Cell> {
                cells(site, ask, $of, line)
            }
        }
    };
}

over_period!(
    /// Documents of every kind.
    Documents,
    Of::All,
    DOCUMENTS,
    &[
        "shops-when",
        "shops-document",
        "documents-register",
        "shops-shift",
        "shops-sum",
        "shops-payment",
        "shops-cashier",
        "shops-fiscal-sign",
        "shops-offline-number",
    ]
);

over_period!(
    /// Cash in and out.
    Cash,
    Of::Cash,
    CASH,
    &[
        "shops-when",
        "shops-document",
        "documents-register",
        "shops-shift",
        "shops-sum",
        "shops-cashier",
    ]
);
