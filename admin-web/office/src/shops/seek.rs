//! Finding a receipt among all registers of an organisation by a number on its paper alone; and a register among those of all.

use futures::{StreamExt, TryStreamExt, stream};
use ofd_protocol::register::DocumentKind;
use ofd_protocol::ticket_number::{DocumentRef, TicketNumberKey};
use ofd_protocol::types::RegisterId;
use ofd_storage::model::{self, RegisterRecord, register_key, registers_of_fns_kkm_id};
use ofd_storage::serials::registers_of_serial;
use ofd_storage::store::{Store, StoreError};
use ofd_storage::{figures, registers};

use super::holdings::{REGISTERS_MAX, registers_up_to};
use crate::typed::plain_number;

/// A fiscal sign says which document of a register it is of, if it is of that register: of any other it says some place by
/// chance. No register closes more shifts: a hundred years, eleven a day.
const SHIFTS_MAX: u32 = 400_000;

/// Registers are asked so many at a time.
const TOGETHER: usize = 32;

/// An offline number alone is looked for in the last shifts of each register: no index leads there without the time.
const SHIFTS_BACK: u32 = 31;

/// In so many registers at most, since each costs a read for every shift.
const OFFLINE_REGISTERS_MAX: usize = 200;

/// Receipts that one offline number leads to: a till counts from 1 again after some years.
const FOUND_MAX: usize = 20;

/// Where a document lies.
type Found = (RegisterId, DocumentRef);

/// The receipt of the organisation with a fiscal sign.
///
/// # Errors
/// Those of the store.
pub async fn by_ticket_number(
    store: &impl Store,
    key: &TicketNumberKey,
    bin: &str,
    number: u64,
) -> Result<Option<Found>, StoreError> {
    let (records, _) = registers_up_to(store, bin, REGISTERS_MAX).await?;
    by_ticket_number_in(store, key, ids_of(records), number).await
}

fn ids_of(records: Vec<RegisterRecord>) -> Vec<RegisterId> {
    records.into_iter().map(|record| record.id).collect()
}

/// The receipt of one of these registers with a fiscal sign.
///
/// # Errors
/// Those of the store.
pub async fn by_ticket_number_in(
    store: &impl Store,
    key: &TicketNumberKey,
    ids: Vec<RegisterId>,
    number: u64,
) -> Result<Option<Found>, StoreError> {
    let place_in =
        |id| key.document(id, number).filter(|place| place.shift <= SHIFTS_MAX).map(|place| (id, place));
    let look = |(id, place): Found| async move {
        let document = registers::document(store, id, place).await?;
        let is_it = document.is_some_and(|document| {
            document.kind == DocumentKind::Ticket && document.ticket_number == Some(number)
        });
        Ok::<_, StoreError>(is_it.then_some((id, place)))
    };
    let looks = stream::iter(ids.into_iter().filter_map(place_in).map(look)).buffered(TOGETHER);
    let found: Vec<Option<Found>> = looks.try_collect().await?;
    Ok(found.into_iter().flatten().next())
}

/// What an offline number leads to, and how far it was looked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OfflineFound {
    /// The receipts, those of the latest shifts first.
    pub receipts: Vec<Found>,
    /// In so many registers it was looked for.
    pub registers: usize,
    /// Whether these are all in which it was to be looked for.
    pub is_all: bool,
    /// In so many of the last shifts of each.
    pub shifts: u32,
}

/// The receipts of the organisation with an offline number, of the last shifts of each of its registers.
///
/// # Errors
/// Those of the store.
pub async fn by_offline_number(
    store: &impl Store,
    bin: &str,
    number: u32,
) -> Result<OfflineFound, StoreError> {
    let (records, is_all) = registers_up_to(store, bin, OFFLINE_REGISTERS_MAX).await?;
    let found = by_offline_number_in(store, ids_of(records), number).await?;
    Ok(OfflineFound { is_all, ..found })
}

/// The receipts of these registers with an offline number, of the last shifts of each.
///
/// # Errors
/// Those of the store.
pub async fn by_offline_number_in(
    store: &impl Store,
    ids: Vec<RegisterId>,
    number: u32,
) -> Result<OfflineFound, StoreError> {
    let registers = ids.len();
    let look = |id: RegisterId| async move {
        let Some(newest) = figures::newest(store, id).await? else { return Ok(Vec::new()) };
        let last = newest.register.shift_number;
        let places = registers::find_offline_lately(store, id, last, number, SHIFTS_BACK).await?;
        Ok::<_, StoreError>(places.into_iter().map(|place| (id, place)).collect())
    };
    let found: Vec<Vec<Found>> =
        stream::iter(ids.into_iter().map(look)).buffered(TOGETHER).try_collect().await?;
    let mut found: Vec<Found> = found.into_iter().flatten().collect();
    // The latest first.
    found.sort_by_key(|(id, place)| (std::cmp::Reverse(place.shift), id.0));
    found.truncate(FOUND_MAX);
    Ok(OfflineFound { receipts: found, registers, is_all: true, shifts: SHIFTS_BACK })
}

/// Digits of a register's number at the tax authority.
const RNM_LEN: usize = 12;

/// The registers of whatever organisation that a typed text may mean: by id, by a number of the tax authority that they have
/// or had, by factory number.
///
/// # Errors
/// Those of the store.
pub async fn registers_anywhere(store: &impl Store, typed: &str) -> Result<Vec<RegisterRecord>, StoreError> {
    let digits: String = typed.chars().filter(|char| !char.is_whitespace()).collect();
    let mut ids = Vec::new();
    if digits.len() == RNM_LEN {
        ids = registers_of_fns_kkm_id(store, &digits).await?;
    } else if let Some(id) = plain_number(&digits) {
        ids.push(RegisterId(id));
    }
    let mut found: Vec<RegisterRecord> = Vec::new();
    for id in ids {
        let record = model::load::<RegisterRecord>(store, &register_key(id)).await?;
        found.extend(record.map(|(_, record)| record));
    }
    for record in registers_of_serial(store, typed).await? {
        if !found.iter().any(|known| known.id == record.id) {
            found.push(record);
        }
    }
    Ok(found)
}
