//! A register in one line: its status, and what its latest shift holds so far.

use ofd_protocol::message::Operation;
use ofd_protocol::message::answer::{CountSum, TicketLine};
use ofd_protocol::register::{Register, StatusName, Telling};
use ofd_protocol::types::{LocalDateTime, UnixMillis};
use ofd_storage::model::RegisterRecord;
use ofd_storage::registers::{self, Loaded};
use ofd_storage::store::{Store, StoreError};

/// The latest shift of a register that had a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShiftLine {
    /// Its number, from 1.
    pub number: u32,
    /// Whether it is still open; a closed one has its Z.
    pub is_open: bool,
    /// When it was opened, as devices are told.
    pub opened_at: LocalDateTime,
    /// When it was closed, as devices are told.
    pub closed_at: Option<LocalDateTime>,
    /// How many documents it holds.
    pub documents: u32,
    /// Sales: how many, and what they come to.
    pub sales: CountSum,
    /// Returns of sales.
    pub returns: CountSum,
}

/// A register with what is told of it in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RegisterLine {
    /// What is known of it apart from its documents.
    pub record: RegisterRecord,
    /// Its status; `None` in the moment between its record and its first stream.
    pub status: Option<StatusName>,
    /// Since when the status is what it is; `None` where it never was another.
    pub since: Option<UnixMillis>,
    /// When its last document was accepted.
    pub last_document_at: Option<UnixMillis>,
    /// Its latest shift; `None` before its first document.
    pub shift: Option<ShiftLine>,
}

fn count_sum(lines: &[TicketLine; 4], operation: Operation) -> CountSum {
    let line = lines.get(operation.index()).copied().unwrap_or_default();
    CountSum { count: line.count, sum: line.sum }
}

/// What a shift holds so far; `None` before its first document.
pub fn shift_line(register: &Register, telling: Telling) -> Option<ShiftLine> {
    let opened_at = register.told_opening(telling)?;
    let report = match register.z_report(telling) {
        Some(report) => report,
        None => register.x_report(opened_at, telling),
    };
    Some(ShiftLine {
        number: register.shift_number,
        is_open: register.open_shift().is_some(),
        opened_at,
        closed_at: register.told_closing(telling),
        documents: register.documents,
        sales: count_sum(&report.ticket_operations, Operation::Sell),
        returns: count_sum(&report.ticket_operations, Operation::SellReturn),
    })
}

/// Since when a register's status is what it is.
fn since(register: &Register) -> Option<UnixMillis> {
    let status = &register.status;
    let stop = [&status.deregistered, &status.blocked, &status.unpaid, &status.disconnected];
    match stop.into_iter().flatten().next() {
        Some(stop) => Some(stop.at),
        None => Some(status.changed_at).filter(|at| at.0 > 0),
    }
}

/// A register in one line, read from the store.
///
/// # Errors
/// Those of the store.
pub async fn register_line(
    store: &impl Store,
    record: RegisterRecord,
    telling: Telling,
) -> Result<RegisterLine, StoreError> {
    let newest = registers::newest(store, record.id).await?;
    let shift = match &newest {
        Some(newest) => latest_shift(store, &record, newest, telling).await?,
        None => None,
    };
    let register = newest.map(|newest| newest.register);
    Ok(RegisterLine {
        status: register.as_ref().map(|register| register.status.name()),
        since: register.as_ref().and_then(since).or(Some(record.created_at).filter(|at| at.0 > 0)),
        last_document_at: register.as_ref().and_then(|register| Some(register.last_document?.accepted_at)),
        shift,
        record,
    })
}

/// The newest shift that had a document. A change after a close begins the next stream without opening its shift.
async fn latest_shift(
    store: &impl Store,
    record: &RegisterRecord,
    newest: &Loaded,
    telling: Telling,
) -> Result<Option<ShiftLine>, StoreError> {
    if let Some(line) = shift_line(&newest.register, telling) {
        return Ok(Some(line));
    }
    let last = registers::shift(store, record.id, newest.register.last_closed_number()).await?;
    Ok(last.and_then(|last| shift_line(&last.register, telling)))
}
