//! Finding a receipt: from the numbers on paper to a stored document.

use ofd_protocol::frame;
use ofd_protocol::message::Request;
use ofd_protocol::ticket_number::{DocumentRef, TicketNumberKey};
use ofd_protocol::types::{LocalDateTime, RegisterId};
use ofd_storage::accounts;
use ofd_storage::model::{
    Organisation, RegisterRecord, TradePoint, load, register_key, registers_of_fns_kkm_id,
};
use ofd_storage::registers::{self, Document};
use ofd_storage::store::{Store, StoreError};

use super::rules::{Check, Number};

/// A stored receipt and whose it is.
#[derive(Clone, Debug)]
pub(super) struct FoundReceipt {
    pub(super) place: DocumentRef,
    pub(super) document: Document,
    pub(super) register: RegisterRecord,
    /// The register's organisation.
    pub(super) organisation: Organisation,
    /// Where the register stands.
    pub(super) trade_point: TradePoint,
    /// The register's number as it was asked for: it may have another one by now.
    pub(super) fns_kkm_id: String,
    /// The offline numbers it is known by here: its own, and the one it was asked for by.
    pub(super) offline_numbers: Vec<u32>,
}

/// The receipt that matches in everything; a cancelled one is none.
pub(super) async fn find(
    store: &impl Store,
    key: &TicketNumberKey,
    check: &Check,
) -> Result<Option<FoundReceipt>, StoreError> {
    for id in registers_of_fns_kkm_id(store, &check.fns_kkm_id).await? {
        for place in candidates(store, key, check, id).await? {
            let Some(document) = registers::document(store, id, place).await? else { continue };
            let is_it = check.matches(&document) && is_of_time(store, check, id, place, &document).await?;
            if is_it && !registers::is_cancelled(store, id, place).await? {
                return with_owner(store, check, id, place, document).await.map(Some);
            }
        }
    }
    Ok(None)
}

/// Whether a receipt is of the time that was asked for: its own, or one that a replay added to it (WIRE 13.4).
async fn is_of_time(
    store: &impl Store,
    check: &Check,
    id: RegisterId,
    place: DocumentRef,
    document: &Document,
) -> Result<bool, StoreError> {
    let is_at = |at: LocalDateTime| check.moment.is(at);
    match check.number {
        // The index has the time as well, each time that came with the number.
        Number::Offline(_) => Ok(true),
        Number::Ticket(_) if document.date_time.is_some_and(is_at) => Ok(true),
        Number::Ticket(_) => {
            let added = registers::amendments(store, id, place).await?;
            Ok(added.iter().filter_map(|raw| time_of(raw)).any(is_at))
        }
    }
}

/// The time of a receipt in a frame.
fn time_of(raw: &[u8]) -> Option<LocalDateTime> {
    let frame = frame::whole(raw).ok()?;
    Request::read(frame.payload).ok()?.ticket?.date_time?.moment()
}

async fn candidates(
    store: &impl Store,
    key: &TicketNumberKey,
    check: &Check,
    id: RegisterId,
) -> Result<Vec<DocumentRef>, StoreError> {
    match check.number {
        Number::Ticket(number) => Ok(key.document(id, number).into_iter().collect()),
        Number::Offline(number) => {
            let Some(newest) = registers::newest(store, id).await? else { return Ok(Vec::new()) };
            let at = check.moment.at;
            if check.moment.has_seconds {
                registers::find_by_offline_number(store, id, &newest, number, at).await
            } else {
                registers::find_by_offline_number_in_minute(store, id, &newest, number, at).await
            }
        }
    }
}

async fn with_owner(
    store: &impl Store,
    check: &Check,
    id: RegisterId,
    place: DocumentRef,
    document: Document,
) -> Result<FoundReceipt, StoreError> {
    let missing = |what: &str| StoreError::Corrupt {
        place: format!("register {id}"),
        reason: format!("its {what} is not in the store"),
    };
    let register = load::<RegisterRecord>(store, &register_key(id)).await?;
    let (_, register) = register.ok_or_else(|| missing("record"))?;
    let organisation = accounts::organisation(store, &register.bin).await?;
    let organisation = organisation.ok_or_else(|| missing("organisation"))?;
    let trade_point = load::<TradePoint>(store, register.trade_point.0.as_bytes()).await?;
    let (_, trade_point) = trade_point.ok_or_else(|| missing("trade point"))?;
    let fns_kkm_id = check.fns_kkm_id.clone();
    let asked = match check.number {
        Number::Offline(number) => Some(number),
        Number::Ticket(_) => None,
    };
    let mut offline_numbers: Vec<u32> = document.offline_number.into_iter().collect();
    offline_numbers.extend(asked.filter(|number| document.offline_number != Some(*number)));
    Ok(FoundReceipt { place, document, register, organisation, trade_point, fns_kkm_id, offline_numbers })
}
