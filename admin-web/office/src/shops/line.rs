//! A register in one line: its status, and what its latest shift holds so far.

use std::borrow::Cow;

use futures::future::try_join;
use ofd_protocol::message::Operation;
use ofd_protocol::message::answer::{CountSum, TicketLine};
use ofd_protocol::register::{Register, StatusName, Telling};
use ofd_protocol::types::{LocalDateTime, RegisterId, UnixMillis};
use ofd_storage::model::RegisterRecord;
use ofd_storage::store::{Store, StoreError};
use ofd_storage::{figures, registers};

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
    /// When it was last heard, as far as that is known: up to five minutes later than told.
    pub heard_at: Option<UnixMillis>,
    /// Its newest state, of which all of this was made.
    pub state: Option<Register>,
}

/// A register is on line whose last frame is no older: its gateway notes it every five minutes.
const ON_LINE_FOR_MS: u64 = 15 * 60 * 1000;

/// Whether a register that was last heard then is on line.
pub fn is_on_line(heard_at: Option<UnixMillis>, now: UnixMillis) -> bool {
    heard_at.is_some_and(|at| now.0.saturating_sub(at.0) < ON_LINE_FOR_MS)
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

/// The newest state of a register, and when it was last heard as far as that is known.
///
/// # Errors
/// Those of the store.
pub async fn state_and_heard(
    store: &impl Store,
    id: RegisterId,
    now: UnixMillis,
) -> Result<(Option<Register>, Option<UnixMillis>), StoreError> {
    let (newest, noted) = try_join(figures::newest(store, id), registers::last_heard(store, id, now)).await?;
    let state = newest.map(|newest| newest.register);
    // A document was heard, whatever became of the note.
    let last = state.as_ref().and_then(|state| Some(state.last_document?.accepted_at));
    Ok((state, noted.max(last)))
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
    let (state, heard_at) = state_and_heard(store, record.id, telling.now).await?;
    let latest = match &state {
        Some(state) => latest_opened(store, record.id, state, telling).await?,
        None => None,
    };
    let last_document_at = state.as_ref().and_then(|state| Some(state.last_document?.accepted_at));
    Ok(RegisterLine {
        status: state.as_ref().map(|state| state.status.name()),
        since: state.as_ref().and_then(since).or(Some(record.created_at).filter(|at| at.0 > 0)),
        last_document_at,
        shift: latest.and_then(|latest| shift_line(&latest, telling)),
        heard_at,
        state,
        record,
    })
}

/// The newest state of a register whose shift had a document; `None` before its first one. A change after a close begins
/// the next stream without opening its shift.
///
/// # Errors
/// Those of the store.
pub async fn latest_opened<'a>(
    store: &impl Store,
    id: RegisterId,
    newest: &'a Register,
    telling: Telling,
) -> Result<Option<Cow<'a, Register>>, StoreError> {
    if newest.told_opening(telling).is_some() {
        return Ok(Some(Cow::Borrowed(newest)));
    }
    let last = registers::shift(store, id, newest.last_closed_number()).await?;
    Ok(last.map(|last| Cow::Owned(last.register)))
}
