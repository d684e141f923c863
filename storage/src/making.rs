//! Making a register that can sell, whoever asks for it. Safe to repeat, to interrupt and to run twice at once.

use ofd_protocol::types::{Token, UnixMillis};

use crate::claims::{RNM_FAMILY, SERIAL_FAMILY, serial_name};
use crate::model::{self, Model as _, RegisterRecord, fns_kkm_id_history_key};
use crate::registers;
use crate::store::{RecordKind, Stamp, Store, StoreError};

/// What came of making a register.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MadeRegister {
    /// It was not there before.
    New,
    /// It was there, with this record.
    Kept(Box<RegisterRecord>),
}

/// Makes a register where there is none of its id.
///
/// The history of the tax authority's number comes first, so that no receipt is ever stored to which that number (`f`
/// in QR texts) does not lead; the stream comes last, so that a register that can sell is whole.
///
/// # Errors
/// Those of the store.
pub async fn make_register(
    store: &impl Store,
    record: RegisterRecord,
    (token, now): (Token, UnixMillis),
    stamp: Stamp,
) -> Result<MadeRegister, StoreError> {
    let id = record.id;
    if let Some((_, kept)) = model::load::<RegisterRecord>(store, &record.key()).await? {
        registers::create_register(store, id, token, now, stamp).await?;
        return Ok(MadeRegister::Kept(Box::new(kept)));
    }
    let key = fns_kkm_id_history_key(&record.fns_kkm_id, id);
    match store.put_record(RecordKind::FnsKkmIdHistory, &key, None, bytes::Bytes::new()).await {
        Ok(_) | Err(StoreError::Conflict { .. }) => {}
        Err(error) => return Err(error),
    }
    // Whoever registers another one later is told that these are taken.
    let owner = id.to_string();
    let serial = serial_name(&record.model, &record.serial_number);
    for (family, name) in [(SERIAL_FAMILY, serial.as_str()), (RNM_FAMILY, &record.fns_kkm_id)] {
        store.claim(family, name, owner.as_bytes(), now.0, None).await?;
    }
    let is_new = model::create(store, &record).await?;
    registers::create_register(store, id, token, now, stamp).await?;
    match model::load::<RegisterRecord>(store, &record.key()).await? {
        Some((_, kept)) if !is_new => Ok(MadeRegister::Kept(Box::new(kept))),
        Some(_) | None => Ok(MadeRegister::New),
    }
}
