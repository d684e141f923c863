//! What programs of organisations are answered, as JSON. Sums are decimal texts in tenge, times as in the API of registers.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ofd_office::documents::{DocumentLine, Paid, ShiftOfRegister, Total, TotalName, Totals, TotalsOf};
use ofd_office::shops::{OwnedRegister, ShiftLine};
use ofd_protocol::message::answer::CountSum;
use ofd_protocol::message::{Operation, PlacementOperation};
use ofd_protocol::register::{DocumentKind, Telling};
use ofd_protocol::ticket_number::DocumentRef;
use ofd_protocol::types::SignedTenge;
use ofd_storage::registers::Document;
use serde::Serialize;

use crate::decimal::{utc, zoned};
use crate::registers::ShiftView;

#[derive(Serialize)]
struct CountedSum {
    count: u32,
    sum: String,
}

impl CountedSum {
    fn of(counted: CountSum) -> Self {
        Self { count: counted.count, sum: counted.sum.to_string() }
    }
}

#[derive(Serialize)]
struct LatestShift {
    number: u32,
    open: bool,
    opened_at: String,
    closed_at: Option<String>,
    documents: u32,
    sales: CountedSum,
    returns: CountedSum,
}

impl LatestShift {
    fn of(line: &ShiftLine, zone: i32) -> Self {
        Self {
            number: line.number,
            open: line.is_open,
            opened_at: zoned(line.opened_at, zone),
            closed_at: line.closed_at.map(|at| zoned(at, zone)),
            documents: line.documents,
            sales: CountedSum::of(line.sales),
            returns: CountedSum::of(line.returns),
        }
    }
}

#[derive(Serialize)]
struct ShopView {
    id: String,
    title: String,
    address: String,
}

/// One of `GET /api/v1/organisations/{bin}/registers`.
#[derive(Serialize)]
pub(super) struct OwnRegister {
    id: u32,
    fns_kkm_id: String,
    serial_number: String,
    model: String,
    year: u16,
    connection: &'static str,
    alias: String,
    on_line: bool,
    heard_at: Option<String>,
    status: Option<&'static str>,
    status_since: Option<String>,
    trade_point: Option<ShopView>,
    shift: Option<LatestShift>,
    last_document_at: Option<String>,
}

impl OwnRegister {
    pub(super) fn of(register: &OwnedRegister, zone: i32) -> Self {
        let OwnedRegister { line, point, is_on_line } = register;
        let record = &line.record;
        Self {
            id: record.id.0,
            fns_kkm_id: record.fns_kkm_id.clone(),
            serial_number: record.serial_number.clone(),
            model: record.model.clone(),
            year: record.year,
            connection: record.connection.name(),
            alias: record.alias.clone(),
            on_line: *is_on_line,
            heard_at: line.heard_at.map(utc),
            status: line.status.map(|status| status.name()),
            status_since: line.since.map(utc),
            trade_point: point.as_ref().map(|point| ShopView {
                id: point.id.0.clone(),
                title: point.title.clone(),
                address: point.address.clone(),
            }),
            shift: line.shift.as_ref().map(|shift| LatestShift::of(shift, zone)),
            last_document_at: line.last_document_at.map(utc),
        }
    }
}

/// What `GET /api/v1/organisations/{bin}/registers` answers.
#[derive(Serialize)]
pub(super) struct OwnRegisters {
    pub(super) registers: Vec<OwnRegister>,
    pub(super) complete: bool,
    pub(super) next: Option<String>,
}

/// One of `GET /api/v1/organisations/{bin}/shifts`.
#[derive(Serialize)]
pub(super) struct OwnShift {
    register: u32,
    #[serde(flatten)]
    shift: ShiftView,
}

impl OwnShift {
    /// `None` when the shift has no document yet.
    pub(super) fn of(found: &ShiftOfRegister, telling: Telling) -> Option<Self> {
        let shift = ShiftView::of(&found.loaded.register, telling)?;
        Some(Self { register: found.register.0, shift })
    }
}

/// What `GET /api/v1/organisations/{bin}/shifts` answers.
#[derive(Serialize)]
pub(super) struct OwnShifts {
    pub(super) shifts: Vec<OwnShift>,
    pub(super) complete: bool,
    pub(super) next: Option<String>,
}

#[derive(Serialize)]
struct Place {
    shift: u32,
    number: u32,
}

#[derive(Serialize)]
struct Payment {
    kind: &'static str,
    count: i64,
    sum: String,
}

/// One of `GET /api/v1/organisations/{bin}/documents`.
#[derive(Serialize)]
pub(super) struct OwnDocument {
    register: u32,
    shift: u32,
    number: u32,
    kind: &'static str,
    operation: Option<&'static str>,
    date_time: Option<String>,
    accepted_at: String,
    ticket_number: Option<String>,
    offline_number: Option<u32>,
    offline: bool,
    total: Option<String>,
    payments: Vec<Payment>,
    cashier: Option<String>,
    cancelled: bool,
    cancels: Option<Place>,
    #[serde(flatten)]
    raw: Option<Raw>,
}

/// The frame of a document, and what proves it.
#[derive(Serialize)]
struct Raw {
    crc: String,
    chain: String,
    raw: String,
}

fn operation_name(operation: Operation) -> &'static str {
    match operation {
        Operation::Buy => "buy",
        Operation::BuyReturn => "buy_return",
        Operation::Sell => "sell",
        Operation::SellReturn => "sell_return",
    }
}

fn placement_name(operation: PlacementOperation) -> &'static str {
    match operation {
        PlacementOperation::Deposit => "cash_in",
        PlacementOperation::Withdrawal => "cash_out",
    }
}

impl OwnDocument {
    pub(super) fn of(line: &DocumentLine, document: Option<&Document>) -> Self {
        let told = &line.told;
        let DocumentRef { shift, number } = line.place;
        let operation = match line.kind {
            DocumentKind::Ticket => told.operation.map(operation_name),
            DocumentKind::MoneyPlacement => told.placement.map(|(way, _)| placement_name(way)),
            DocumentKind::CloseShift | DocumentKind::CancelTicket => None,
        };
        let payment = |paid: &Paid| Payment {
            kind: paid.way.name(),
            count: paid.count,
            sum: SignedTenge(paid.sum).to_string(),
        };
        Self {
            register: line.register.0,
            shift,
            number,
            kind: line.kind.name(),
            operation,
            date_time: line.date_time.map(|at| at.to_string()),
            accepted_at: utc(line.accepted_at),
            ticket_number: line.ticket_number.map(|number| number.to_string()),
            offline_number: line.offline_number,
            offline: told.is_offline,
            total: line.sum.map(|sum| sum.to_string()),
            payments: told.paid_by.iter().map(payment).collect(),
            cashier: Some(told.cashier.clone()).filter(|cashier| !cashier.is_empty()),
            cancelled: line.is_cancelled,
            cancels: line.cancels.map(|DocumentRef { shift, number }| Place { shift, number }),
            raw: document.map(|document| Raw {
                crc: format!("{:08X}", document.crc),
                chain: hex::encode(document.chain),
                raw: STANDARD.encode(&document.raw),
            }),
        }
    }

    /// About how much memory it takes.
    pub(super) fn weight(&self) -> usize {
        self.raw.as_ref().map_or(0, |raw| raw.raw.len()).saturating_add(512)
    }
}

#[derive(Serialize)]
struct TotalView {
    operation: &'static str,
    count: i64,
    sum: String,
}

/// What documents come to.
#[derive(Serialize)]
pub(super) struct TotalsView {
    of: &'static str,
    up_to_date: bool,
    lines: Vec<TotalView>,
}

impl TotalsView {
    pub(super) fn of(totals: &Totals) -> Self {
        let (of, up_to_date) = match totals.of {
            TotalsOf::Days { has_uncounted } => ("period", !has_uncounted),
            TotalsOf::Page => ("page", true),
        };
        let line = |total: &Total| TotalView {
            operation: match total.name {
                TotalName::Receipts(operation) => operation_name(operation),
                TotalName::Cash(way) => placement_name(way),
            },
            count: total.count,
            sum: SignedTenge(total.sum).to_string(),
        };
        Self { of, up_to_date, lines: totals.lines.iter().map(line).collect() }
    }
}

/// What `GET /api/v1/organisations/{bin}/documents` answers.
#[derive(Serialize)]
pub(super) struct OwnDocuments {
    pub(super) documents: Vec<OwnDocument>,
    pub(super) totals: TotalsView,
    pub(super) complete: bool,
    pub(super) next: Option<String>,
}
