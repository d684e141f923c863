//! What programs of an organisation read of its money: balance, entries, invoices, statements.

use std::sync::Arc;

use axum::extract::State;
use axum::http::HeaderMap;
use ofd_billing::invoices::{InvoiceSort, Sides, TurnoverRow};
use ofd_billing::ledger::Entry;
use ofd_billing::{Month, Tiyn};
use ofd_office::billing::invoices::of_organisation;
use ofd_office::billing::reconciling::{MONTHS_MAX, ReconcileError, purpose_name, turnovers};
use ofd_office::billing::{MoneyPage, entries_of, this_month};
use ofd_office::day::kept;
use ofd_protocol::types::UnixMillis;
use ofd_storage::accounts::TokenScope;
use ofd_storage::invoices::{Document, InvoiceKind, Issued, Place};
use ofd_storage::ledger::{LedgerError, PersonalAccountRecord, of_bin};
use ofd_storage::store::StoreError;
use serde::Serialize;

use super::documents::{ApiAnswer, Bin, Faults, LIMIT_MAX, Reads, after_of};
use crate::budget::ClientAddress;
use crate::decimal::utc;
use crate::json::json;
use crate::page::Visitor;
use crate::problem::Problem;
use crate::site::Site;
use crate::typed::plain_number;

/// What the balance takes.
pub(crate) const BALANCE_TAKES: [&str; 0] = [];

/// What entries take.
pub(crate) const ENTRIES_TAKE: [&str; 3] = ["month", "after", "limit"];

/// What invoices take.
pub(crate) const INVOICES_TAKE: [&str; 4] = ["month", "kind", "after", "limit"];

/// What statements take.
pub(crate) const STATEMENTS_TAKE: [&str; 2] = ["from", "to"];

/// Entries of one page.
const ENTRIES_MAX: usize = 1000;

const fn reads(takes: &'static [&'static str], limit_max: usize) -> Reads {
    Reads { scope: TokenScope::BillingRead, takes, limit_max }
}

const BALANCE: Reads = reads(&BALANCE_TAKES, LIMIT_MAX);
const ENTRIES: Reads = reads(&ENTRIES_TAKE, ENTRIES_MAX);
const INVOICES: Reads = reads(&INVOICES_TAKE, LIMIT_MAX);
const STATEMENTS: Reads = reads(&STATEMENTS_TAKE, LIMIT_MAX);

fn failed(error: LedgerError) -> Problem {
    match error {
        LedgerError::Store(error) => error.into(),
        other => StoreError::Corrupt { place: "the ledger".to_owned(), reason: other.to_string() }.into(),
    }
}

fn now(site: &Site) -> Result<Month, Problem> {
    this_month(&site.office, site.config.zone_offset_seconds).map_err(failed)
}

/// A month, `2026-02`.
fn month_of(visitor: &Visitor, name: &'static str, faults: &mut Faults) -> Option<Month> {
    let text = visitor.parameter(name).filter(|text| !text.is_empty())?;
    let month = text.parse().ok();
    if month.is_none() {
        faults.tell(name, "it must be a month such as 2026-01");
    }
    month
}

/// What `GET /api/v1/organisations/{bin}/balance` answers.
#[derive(Serialize)]
struct Balance {
    account: Option<String>,
    balance: String,
    currency: &'static str,
    at: String,
}

/// Answers what all entries of the personal account come to, as of this moment.
pub(super) async fn balance(
    State(site): State<Arc<Site>>,
    bin: Bin,
    ClientAddress(address): ClientAddress,
    headers: HeaderMap,
    visitor: Visitor,
) -> ApiAnswer {
    let asked = BALANCE.admit(&site, bin, (&headers, address), &visitor).await?;
    asked.faults.none()?;
    let account = of_bin(&site.office.store, &asked.bin).await?;
    let sum = match &account {
        Some(account) => shown(&site, account.clone(), now(&site)?, (None, 1)).await?.balance,
        None => Tiyn::ZERO,
    };
    let told = Balance {
        account: account.map(|account| account.number.to_string()),
        balance: sum.to_string(),
        currency: "KZT",
        at: utc(site.office.now()),
    };
    Ok(json("no-store", &told))
}

async fn shown(
    site: &Site,
    account: PersonalAccountRecord,
    month: Month,
    (before, limit): (Option<u32>, usize),
) -> Result<MoneyPage, Problem> {
    let now = now(site)?;
    entries_of(&site.office.store, account, (now, month), before, limit).await.map_err(failed)
}

/// One of `GET /api/v1/organisations/{bin}/entries`.
#[derive(Serialize)]
struct OwnEntry {
    number: u32,
    source: String,
    day: String,
    purpose: &'static str,
    sum: String,
    posted_at: String,
}

impl OwnEntry {
    fn of(entry: &Entry) -> Self {
        Self {
            number: entry.number,
            source: entry.source().to_string(),
            day: kept(entry.on()),
            purpose: purpose_name(entry.purpose()),
            sum: entry.sum().to_string(),
            posted_at: utc(UnixMillis(entry.at_ms)),
        }
    }
}

/// What `GET /api/v1/organisations/{bin}/entries` answers.
#[derive(Serialize)]
struct OwnEntries {
    month: String,
    closed: bool,
    credit: String,
    debit: String,
    entries: Vec<OwnEntry>,
    next: Option<String>,
}

/// Answers the entries of a month, the newest first.
pub(super) async fn entries(
    State(site): State<Arc<Site>>,
    bin: Bin,
    ClientAddress(address): ClientAddress,
    headers: HeaderMap,
    visitor: Visitor,
) -> ApiAnswer {
    let asked = ENTRIES.admit(&site, bin, (&headers, address), &visitor).await?;
    let (limit, mut faults) = (asked.limit, asked.faults);
    let month = month_of(&visitor, "month", &mut faults);
    let after = after_of(&visitor, plain_number, &mut faults);
    faults.none()?;
    let month = month.map_or_else(|| now(&site), Ok)?;
    let Some(account) = of_bin(&site.office.store, &asked.bin).await? else {
        let zero = || Tiyn::ZERO.to_string();
        let (month, entries) = (month.to_string(), Vec::new());
        let none = OwnEntries { month, closed: false, credit: zero(), debit: zero(), entries, next: None };
        return Ok(json("no-store", &none));
    };
    let shown = shown(&site, account, month, (after, limit)).await?;
    let told = OwnEntries {
        month: month.to_string(),
        closed: shown.is_closed,
        credit: shown.credit.to_string(),
        debit: shown.debit.to_string(),
        entries: shown.entries.iter().map(OwnEntry::of).collect(),
        next: shown.next.map(|next| next.to_string()),
    };
    Ok(json("no-store", &told))
}

/// One of `GET /api/v1/organisations/{bin}/invoices`.
#[derive(Serialize)]
struct OwnInvoice {
    number: String,
    kind: &'static str,
    /// What an invoice is to others, and which one it names.
    sort: Option<&'static str>,
    names: Option<String>,
    day: String,
    period: Option<String>,
    sum: String,
    vat: String,
    issued_at: String,
}

impl OwnInvoice {
    fn of(issued: &Issued) -> Self {
        let (mut sort, mut names, mut period) = (None, None, None);
        match &issued.document {
            Document::Invoice(kept) => {
                let (told, first) = match &kept.invoice.sort {
                    InvoiceSort::First => ("first", None),
                    InvoiceSort::Corrected(first) => ("corrected", Some(first)),
                    InvoiceSort::Additional(first) => ("additional", Some(first)),
                };
                (sort, names) = (Some(told), first.map(|first| first.number.to_string()));
                period = Some(kept.invoice.content.month.to_string());
            }
            Document::Act(act) => {
                (names, period) =
                    (Some(act.invoice.number.to_string()), Some(issued.day().month().to_string()));
            }
            Document::Bill(_) => {}
        }
        Self {
            number: issued.number().to_string(),
            kind: issued.document.kind().name(),
            sort,
            names,
            day: kept(issued.day().date()),
            period,
            sum: issued.document.total().to_string(),
            vat: issued.document.vat().to_string(),
            issued_at: utc(UnixMillis(issued.at_ms)),
        }
    }
}

/// What `GET /api/v1/organisations/{bin}/invoices` answers.
#[derive(Serialize)]
struct OwnInvoices {
    invoices: Vec<OwnInvoice>,
    next: Option<String>,
}

/// Answers invoices, acts and bills, those of the newest month first.
pub(super) async fn invoices(
    State(site): State<Arc<Site>>,
    bin: Bin,
    ClientAddress(address): ClientAddress,
    headers: HeaderMap,
    visitor: Visitor,
) -> ApiAnswer {
    let asked = INVOICES.admit(&site, bin, (&headers, address), &visitor).await?;
    let (limit, mut faults) = (asked.limit, asked.faults);
    let month = month_of(&visitor, "month", &mut faults);
    let typed = visitor.parameter("kind").unwrap_or_default();
    let kind = InvoiceKind::from_name(typed);
    if !typed.is_empty() && kind.is_none() {
        faults.tell("kind", "it must be invoice, act or bill");
    }
    let after = after_of(&visitor, |text| Some(text.to_owned()), &mut faults);
    faults.none()?;
    let (store, place) = (&site.office.store, Place { month, kind });
    let (found, next) = of_organisation(store, &asked.bin, place, after.as_deref(), limit).await?;
    Ok(json("no-store", &OwnInvoices { invoices: found.iter().map(OwnInvoice::of).collect(), next }))
}

#[derive(Serialize)]
struct SidesView {
    debit: String,
    credit: String,
}

impl SidesView {
    fn of(sides: Sides) -> Self {
        Self { debit: sides.debit.to_string(), credit: sides.credit.to_string() }
    }
}

#[derive(Serialize)]
struct Turnover {
    opening: SidesView,
    turnover: SidesView,
    closing: SidesView,
}

impl Turnover {
    fn of(row: &TurnoverRow) -> Self {
        let [opening, turnover, closing] = [row.opening, row.turnover, row.closing].map(SidesView::of);
        Self { opening, turnover, closing }
    }
}

#[derive(Serialize)]
struct MonthView {
    month: String,
    #[serde(flatten)]
    turnover: Turnover,
}

/// What `GET /api/v1/organisations/{bin}/statements` answers.
#[derive(Serialize)]
struct OwnStatement {
    account: Option<String>,
    months: Vec<MonthView>,
    whole: Option<Turnover>,
}

/// Answers the statement of turnover and balance over some months.
pub(super) async fn statements(
    State(site): State<Arc<Site>>,
    bin: Bin,
    ClientAddress(address): ClientAddress,
    headers: HeaderMap,
    visitor: Visitor,
) -> ApiAnswer {
    let asked = STATEMENTS.admit(&site, bin, (&headers, address), &visitor).await?;
    let mut faults = asked.faults;
    let (from, to) = (month_of(&visitor, "from", &mut faults), month_of(&visitor, "to", &mut faults));
    let to = to.map_or_else(|| now(&site), Ok)?;
    let from = from.unwrap_or(to);
    match to.since(from) {
        months if months < 0 => faults.tell("to", "the period ends before it begins"),
        months if months >= MONTHS_MAX => {
            faults
                .tell("to", format!("a period has at most {MONTHS_MAX} months; ask for the rest separately"));
        }
        _ => {}
    }
    faults.none()?;
    let Some(account) = of_bin(&site.office.store, &asked.bin).await? else {
        return Ok(json("no-store", &OwnStatement { account: None, months: Vec::new(), whole: None }));
    };
    let found = turnovers(&site.office.store, &account, (from, to)).await.map_err(|error| match error {
        ReconcileError::Ledger(error) => failed(error),
        other => StoreError::Corrupt { place: "a statement".to_owned(), reason: other.to_string() }.into(),
    })?;
    let month = |row: &TurnoverRow| MonthView { month: row.month.to_string(), turnover: Turnover::of(row) };
    let told = OwnStatement {
        account: Some(account.number.to_string()),
        months: found.rows.iter().map(month).collect(),
        whole: Some(Turnover::of(&found.whole)),
    };
    Ok(json("no-store", &told))
}
