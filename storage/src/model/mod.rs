//! Records: organisations, trade points, registers, and facts of the store itself.
//!
//! Records are JSON, so that they can be read without this program and grow new fields.

mod bin;
mod copy_mark;
mod holding;
mod organisation;
mod register;
mod register_model;
mod serial;
mod store_facts;
mod trade_point;

pub use bin::{BinError, check_bin};
pub use copy_mark::{
    COPY_MARK_KEY, CopyMark, CopyProgress, NotWhole, check_whole, key_digest, ticket_number_key_digest,
};
pub use holding::{Holding, list_entry, list_prefix, listed_by_key};
pub use organisation::Organisation;
pub use register::{
    Connection, RegisterRecord, fns_kkm_id_history_key, register_key, registers_of_fns_kkm_id,
};
pub use register_model::RegisterModel;
pub use serial::{register_of_serial_key, serial_prefix};
pub use store_facts::{
    CLOCK_KEY, LastScrub, PROFILE_NEWS_KEY, SCRUB_KEY, SECRET_FACTS, TICKET_NUMBER_KEY, last_scrub, site_key,
    stored_ticket_number_key, ticket_number_key,
};
pub use trade_point::{TradePoint, TradePointId, TradePointKind, TradePointPlace};

use bytes::Bytes;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::entries::{self, Entry};
use crate::store::{Record, RecordKind, Store, StoreError, Version};
use crate::titles::{self, Titled};

/// A value that is kept as a record.
pub trait Model: Serialize + DeserializeOwned + Send + Sync {
    /// The family of records.
    const KIND: RecordKind;

    /// The key within the family.
    fn key(&self) -> Vec<u8>;

    /// The title by which people find it, if it has one. What leads there is written before the record.
    fn titled(&self) -> Option<Titled<'_>> {
        None
    }

    /// The entry by which its organisation's list leads to it, if one does. It is written before the record.
    fn listed(&self) -> Option<Entry> {
        None
    }

    /// The entry by which it is found among those of all organisations, if one leads there. It is written before the record.
    fn found_by(&self) -> Option<Entry> {
        None
    }
}

/// Reads a record.
///
/// # Errors
/// Those of the store, and [`StoreError::Corrupt`] when the record is not what it should be.
pub async fn load<M: Model>(store: &impl Store, key: &[u8]) -> Result<Option<(Version, M)>, StoreError> {
    store.record(M::KIND, key).await?.map(|record| decode(&record)).transpose()
}

/// Decodes a record.
///
/// # Errors
/// [`StoreError::Corrupt`] when it is not what it should be.
pub fn decode<M: Model>(record: &Record) -> Result<(Version, M), StoreError> {
    let model = serde_json::from_slice(&record.bytes).map_err(|error| StoreError::Corrupt {
        place: format!("{:?} record {}", M::KIND, record.key.escape_ascii()),
        reason: error.to_string(),
    })?;
    Ok((record.version, model))
}

/// Writes a record that must not exist yet; `false` when one does.
///
/// # Errors
/// Those of the store.
pub async fn create<M: Model>(store: &impl Store, model: &M) -> Result<bool, StoreError> {
    lead(store, model).await?;
    match store.put_record(M::KIND, &model.key(), None, encode(model)?).await {
        Ok(_) => Ok(true),
        Err(StoreError::Conflict { .. }) => Ok(false),
        Err(error) => Err(error),
    }
}

fn encode<M: Model>(model: &M) -> Result<Bytes, StoreError> {
    serde_json::to_vec(model).map(Bytes::from).map_err(|error| StoreError::Corrupt {
        place: format!("{:?} record to write", M::KIND),
        reason: error.to_string(),
    })
}

/// Writes a record in place of the one that was read.
///
/// # Errors
/// Those of the store; [`StoreError::Conflict`] when it is not at that version any more.
pub async fn replace<M: Model>(store: &impl Store, read: Version, model: &M) -> Result<Version, StoreError> {
    lead(store, model).await?;
    store.put_record(M::KIND, &model.key(), Some(read), encode(model)?).await
}

async fn lead<M: Model>(store: &impl Store, model: &M) -> Result<(), StoreError> {
    if let Some(titled) = model.titled() {
        titles::lead(store, titled).await?;
    }
    entries::lead(store, model.listed().into_iter().chain(model.found_by())).await.map(drop)
}
