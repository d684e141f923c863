//! What a register can ask for, and a request that is under way.

use ofd_protocol::types::{LocalDateTime, RequestNumber};
use serde::{Deserialize, Serialize};

use super::kinds::{Command, Placement, ReportKind};
use super::receipt::Receipt;
use super::totals::OfflineMark;

/// One request, fiscal or not, before it has a number.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(
    clippy::large_enum_variant,
    reason = "nearly all documents are receipts; a box would be one more allocation each"
)]
pub enum Document {
    /// A sale, a purchase, or a return of one.
    Receipt(Receipt),
    /// Cash put in or taken out.
    Placement {
        /// Whether cash comes in or goes out.
        operation: Placement,
        /// How much, in tiyn.
        sum: i64,
    },
    /// The end of the shift.
    Close {
        /// Whether all cash is withdrawn first.
        withdraw: bool,
    },
    /// The last receipt undone.
    Cancel,
    /// An X or Z report.
    Report(ReportKind),
    /// What a till asks when it is set up.
    Info,
    /// A ping that asks for nothing.
    System,
    /// A question to the catalogue of goods.
    Nomenclature {
        /// Asked for one article.
        barcode: Option<String>,
    },
    /// A cashier signs in.
    Auth {
        /// By which the cashier is known.
        login: String,
        /// Password; simulated, so no secret.
        password: String,
    },
}

impl Document {
    /// The command it is sent by.
    pub fn command(&self) -> Command {
        match self {
            Self::Receipt(_) => Command::Ticket,
            Self::Placement { .. } => Command::MoneyPlacement,
            Self::Close { .. } => Command::CloseShift,
            Self::Cancel => Command::CancelTicket,
            Self::Report(_) => Command::Report,
            Self::Info => Command::Info,
            Self::System => Command::System,
            Self::Nomenclature { .. } => Command::Nomenclature,
            Self::Auth { .. } => Command::Auth,
        }
    }

    /// Whether it can carry an offline mark that says it happened without the server.
    pub fn can_be_offline(&self) -> bool {
        match self {
            Self::Receipt(_) | Self::Placement { .. } => true,
            Self::Close { .. }
            | Self::Cancel
            | Self::Report(_)
            | Self::Info
            | Self::System
            | Self::Nomenclature { .. }
            | Self::Auth { .. } => false,
        }
    }
}

/// A request that is under way, or waits in the offline queue: all that a repeat of it needs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Flight {
    /// What is asked.
    pub document: Document,
    /// When it was made; never changes.
    pub date_time: LocalDateTime,
    /// Its REQNUM; an offline re-send may get another.
    pub request: RequestNumber,
    /// The register's own label of the shift.
    pub label: u32,
    /// The number on the paper: printed_document_number.
    pub number: u64,
    /// Number within the shift.
    pub number_in_shift: u32,
    /// Since when it carries an offline mark.
    pub mark: OfflineMark,
    /// The offline number of a receipt with an offline mark.
    pub offline_number: Option<u32>,
    /// How often it was sent without an answer.
    pub losses: u32,
    /// How often it was answered 254 or 255.
    pub delays: u32,
}
