//! Registers, shifts and documents as JSON. Sums are decimal texts in tenge.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ofd_protocol::message::Operation;
use ofd_protocol::register::{Register, Telling};
use ofd_protocol::types::SignedTenge;
use ofd_protocol::version::Version;
use ofd_storage::model::{Organisation, RegisterRecord};
use ofd_storage::registers::Document;
use serde::Serialize;

use super::zreport::ZReportView;
use crate::decimal::{utc, zoned};

/// What `GET /api/v1/registers/{id}` answers.
#[derive(Serialize)]
pub(super) struct RegisterView {
    id: u32,
    status: &'static str,
    unpaid_since: Option<String>,
    fns_kkm_id: String,
    organisation: OrganisationView,
    shift: Option<ShiftState>,
    cash: String,
    non_nullable: NonNullable,
    last_document: Option<LastDocumentView>,
    protocol_version: Option<u16>,
    warnings: Vec<WarningView>,
}

#[derive(Serialize)]
struct OrganisationView {
    bin: String,
    title: String,
    oked: String,
}

/// The newest shift that had a document.
#[derive(Serialize)]
pub(super) struct ShiftState {
    number: u32,
    open: bool,
    opened_at: String,
    documents: u32,
}

#[derive(Serialize)]
struct NonNullable {
    buy: String,
    buy_return: String,
    sell: String,
    sell_return: String,
}

#[derive(Serialize)]
struct LastDocumentView {
    number: u32,
    kind: &'static str,
    accepted_at: String,
}

#[derive(Serialize)]
struct WarningView {
    code: &'static str,
    count: u32,
    last_seen: String,
    /// The other document, of warnings that compare two.
    #[serde(skip_serializing_if = "Option::is_none")]
    what: Option<String>,
}

impl ShiftState {
    /// `None` when the shift has no document yet.
    pub(super) fn of(register: &Register, telling: Telling) -> Option<Self> {
        let opened_at = register.told_opening(telling)?;
        Some(Self {
            number: register.shift_number,
            open: register.open_shift().is_some(),
            opened_at: zoned(opened_at, telling.zone_offset_seconds),
            documents: register.documents,
        })
    }
}

impl RegisterView {
    /// The view of a register whose newest shift with a document is `shift`.
    pub(super) fn of(
        record: &RegisterRecord,
        organisation: &Organisation,
        register: &Register,
        shift: Option<ShiftState>,
    ) -> Self {
        let sums = &register.lifetime.non_nullable;
        let sum =
            |operation: Operation| SignedTenge(sums.get(operation.index()).copied().unwrap_or(0)).to_string();
        let warnings = register.warnings.iter().map(|(warning, seen)| WarningView {
            code: warning.name(),
            count: seen.count,
            last_seen: utc(seen.last_seen),
            what: seen.what.map(|other| format!("shift {}, document {}", other.shift, other.number)),
        });
        Self {
            id: record.id.0,
            status: register.status.name().name(),
            unpaid_since: register.status.unpaid.as_ref().map(|stop| utc(stop.at)),
            fns_kkm_id: record.fns_kkm_id.clone(),
            organisation: OrganisationView {
                bin: organisation.bin.clone(),
                title: organisation.title.clone(),
                oked: organisation.okved.clone(),
            },
            shift,
            cash: SignedTenge(register.lifetime.cash).to_string(),
            non_nullable: NonNullable {
                buy: sum(Operation::Buy),
                buy_return: sum(Operation::BuyReturn),
                sell: sum(Operation::Sell),
                sell_return: sum(Operation::SellReturn),
            },
            last_document: register.last_document.map(|last| LastDocumentView {
                number: last.place.number,
                kind: last.kind.name(),
                accepted_at: utc(last.accepted_at),
            }),
            protocol_version: register.protocol_version,
            warnings: warnings.collect(),
        }
    }
}

/// One of `GET /api/v1/registers/{id}/shifts`.
#[derive(Serialize)]
pub(crate) struct ShiftView {
    /// Counts from 1.
    pub(super) number: u32,
    opened_at: String,
    closed_at: Option<String>,
    documents: u32,
    z: Option<ZReportView>,
}

impl ShiftView {
    /// `None` when the shift has no document yet.
    pub(crate) fn of(register: &Register, telling: Telling) -> Option<Self> {
        let (opened_at, closed_at) = (register.told_opening(telling)?, register.told_closing(telling));
        let zone_offset_seconds = telling.zone_offset_seconds;
        // The Z is written in the version of the closing.
        let version = register.protocol_version.and_then(Version::from_code).unwrap_or(Version::V203);
        Some(Self {
            number: register.shift_number,
            opened_at: zoned(opened_at, zone_offset_seconds),
            closed_at: closed_at.map(|at| zoned(at, zone_offset_seconds)),
            documents: register.documents,
            z: register.z_report(telling).map(|report| ZReportView::of(&report, version)),
        })
    }

    /// About how much memory it takes: reports grow with sections and tax rates.
    pub(super) fn weight(&self) -> usize {
        self.z.as_ref().map_or(0, ZReportView::weight)
    }
}

/// What `GET /api/v1/registers/{id}/shifts` answers.
#[derive(Serialize)]
pub(super) struct ShiftsView {
    pub(super) shifts: Vec<ShiftView>,
    pub(super) next: Option<u32>,
}

/// One of `GET /api/v1/registers/{id}/shifts/{n}/documents`.
#[derive(Serialize)]
pub(super) struct DocumentView {
    /// Counts from 1 in each shift.
    pub(super) number: u32,
    kind: &'static str,
    ticket_number: Option<String>,
    offline_number: Option<u32>,
    date_time: Option<String>,
    accepted_at: String,
    total: Option<String>,
    crc: String,
    chain: String,
    raw: String,
}

impl DocumentView {
    /// The view of a document.
    pub(super) fn of(document: &Document) -> Self {
        Self {
            number: document.number,
            kind: document.kind.name(),
            ticket_number: document.ticket_number.map(|number| number.to_string()),
            offline_number: document.offline_number,
            date_time: document.date_time.map(|at| at.to_string()),
            accepted_at: utc(document.accepted_at),
            total: document.total.map(|total| total.to_string()),
            crc: format!("{:08X}", document.crc),
            chain: hex::encode(document.chain),
            raw: STANDARD.encode(&document.raw),
        }
    }

    /// About how much memory it takes.
    pub(super) fn weight(&self) -> usize {
        self.raw.len()
    }
}

/// What `GET /api/v1/registers/{id}/shifts/{n}/documents` answers.
#[derive(Serialize)]
pub(super) struct DocumentsView {
    pub(super) documents: Vec<DocumentView>,
    pub(super) next: Option<u32>,
}

/// What `POST …/reset-token` answers.
#[derive(Serialize)]
pub(super) struct TokenView {
    pub(super) token: u32,
}
