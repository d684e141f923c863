//! A document in one line of a list.

use ofd_protocol::register::{DocumentKind, counts_at};
use ofd_protocol::ticket_number::DocumentRef;
use ofd_protocol::types::{LocalDateTime, RegisterId, Tiyn, UnixMillis};
use ofd_storage::registers::Document;

use super::told::Told;

/// A document without its frame.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DocumentLine {
    /// Whose it is.
    pub register: RegisterId,
    /// Where it lies among the register's documents.
    pub place: DocumentRef,
    /// What it is.
    pub kind: DocumentKind,
    /// The time by which it counts: that of the till, unless that lies far from its acceptance.
    pub at: LocalDateTime,
    /// When it was accepted.
    pub accepted_at: UnixMillis,
    /// The till's time; a cancellation has none.
    pub date_time: Option<LocalDateTime>,
    /// The fiscal sign, of a receipt.
    pub ticket_number: Option<u64>,
    /// The number it got without a link.
    pub offline_number: Option<u32>,
    /// What it comes to, where it comes to anything.
    pub sum: Option<Tiyn>,
    /// The receipt it cancels.
    pub cancels: Option<DocumentRef>,
    /// A receipt that was cancelled since counts nowhere.
    pub is_cancelled: bool,
    /// What its frame tells.
    pub told: Told,
}

impl DocumentLine {
    /// Of a document that counts on a wall clock so far ahead of UTC. Whether it was cancelled is not looked up here.
    pub fn of(register: RegisterId, shift: u32, document: &Document, zone: i32) -> Self {
        let told = Told::of(document);
        Self {
            register,
            place: DocumentRef { shift, number: document.number },
            kind: document.kind,
            at: counts_at(document.date_time, document.accepted_at, zone),
            accepted_at: document.accepted_at,
            date_time: document.date_time,
            ticket_number: document.ticket_number,
            offline_number: document.offline_number.filter(|number| *number != 0),
            sum: told.sum(document),
            cancels: document.cancels,
            is_cancelled: false,
            told,
        }
    }
}
