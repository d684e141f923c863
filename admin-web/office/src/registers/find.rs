//! A register that somebody asks for.

use ofd_protocol::types::RegisterId;
use ofd_storage::model::{RegisterRecord, load, register_key};
use ofd_storage::registers::{self, Loaded};
use ofd_storage::store::Store;

use super::error::RegisterError;

/// The record of a register.
pub async fn record(store: &impl Store, id: RegisterId) -> Result<RegisterRecord, RegisterError> {
    let record = load::<RegisterRecord>(store, &register_key(id)).await?;
    record.map(|(_, record)| record).ok_or(RegisterError::NoSuchRegister(id))
}

/// The newest state of a register that has a record.
pub async fn newest(store: &impl Store, id: RegisterId) -> Result<Loaded, RegisterError> {
    registers::newest(store, id).await?.ok_or(RegisterError::BeingCreated)
}
