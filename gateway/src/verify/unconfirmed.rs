//! The unconfirmed documents of a shift: each must lead to a document of which it is true, and the head must count
//! them (WIRE 13.3).

use ofd_protocol::frame;
use ofd_protocol::message::Request;
use ofd_protocol::register::{DocumentKind, Fingerprint, Unconfirmed};
use ofd_protocol::types::RegisterId;
use ofd_storage::registers::{self, Document, Loaded};
use ofd_storage::store::{Store, StoreError};

/// What does not fit, if anything.
pub(super) async fn judge(
    store: &impl Store,
    register: RegisterId,
    loaded: &Loaded,
) -> Result<Option<String>, StoreError> {
    let (list, shift) = (&loaded.register.unconfirmed, loaded.register.shift_number);
    let rows = registers::unconfirmed(store, register, shift).await?;
    let counted = rows.iter().filter(|row| list.counts(row.sequence)).count();
    if usize::try_from(list.count).ok() != Some(counted) {
        let count = list.count;
        return Ok(Some(format!("its head counts {count} unconfirmed documents, {counted} are stored")));
    }
    for row in rows.iter().chain(&list.last) {
        let place = row.document;
        let named = |reason: &str| {
            Some(format!("unconfirmed document {} of shift {}: {reason}", place.number, place.shift))
        };
        if place.shift > shift {
            return Ok(named("it lies in a later shift"));
        }
        let Some(document) = registers::document(store, register, place).await? else {
            return Ok(named("it is missing"));
        };
        if !is_of(row, &document) {
            return Ok(named("it is not the document that is stored there"));
        }
        if registers::is_cancelled(store, register, place).await? {
            return Ok(named("it was cancelled"));
        }
    }
    Ok(None)
}

/// Whether a row tells of this document.
fn is_of(row: &Unconfirmed, document: &Document) -> bool {
    let Ok(frame) = frame::whole(&document.raw) else { return false };
    let Ok(request) = Request::read(frame.payload) else { return false };
    let fingerprint = match document.kind {
        DocumentKind::Ticket => request.ticket.as_ref().map(Fingerprint::of_ticket),
        DocumentKind::MoneyPlacement => request.money_placement.as_ref().map(Fingerprint::of_placement),
        DocumentKind::CloseShift | DocumentKind::CancelTicket => None,
    };
    fingerprint == Some(row.fingerprint)
        && row.accepted_at == document.accepted_at
        && document.date_time.is_none_or(|date_time| row.date_times.contains(&date_time))
}
