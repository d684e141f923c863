//! Registers: what is known of one apart from its documents.

use ofd_protocol::types::{RegisterId, UnixMillis};
use serde::{Deserialize, Serialize};

use super::holding::{Holding, list_entry};
use super::serial::serial_entry;
use super::{Model, TradePointId};
use crate::entries::Entry;
use crate::kinds::names;
use crate::store::{RecordKind, Store, StoreError};

names! {
    /// How a register reaches us.
    pub enum Connection {
        /// The register connects by cable or Wi-Fi.
        Wired = "wired",
        /// The register connects by a SIM card; its fleet shares one address.
        Sim = "sim",
    }
}

/// A register's record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RegisterRecord {
    /// Its id, never 0.
    pub id: RegisterId,
    /// The BIN of the organisation that it belongs to.
    pub bin: String,
    /// Where it stands.
    pub trade_point: TradePointId,
    /// The number the tax authority gave, 12 digits.
    pub fns_kkm_id: String,
    /// The factory's number.
    pub serial_number: String,
    /// Its model, as the register of models calls it.
    pub model: String,
    /// When it was made.
    pub year: u16,
    /// How it reaches us.
    pub connection: Connection,
    /// Whether its tariff includes TLS.
    pub is_tls_allowed: bool,
    /// What its organisation calls it, beside its id; empty where it calls it nothing.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub alias: String,
    /// Its number at the point of payment, where it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub point_of_payment_number: Option<String>,
    /// Its terminal number, where it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub terminal_number: Option<String>,
    /// When it was created here.
    pub created_at: UnixMillis,
    /// When it became that of its organisation, where it was another's before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub moved_at: Option<UnixMillis>,
}

impl RegisterRecord {
    /// The register once it is another organisation's, at a trade point of that one. What it sent before stays the former one's.
    #[must_use]
    pub fn moved(self, bin: impl Into<String>, trade_point: TradePointId, at: UnixMillis) -> Self {
        Self { bin: bin.into(), trade_point, moved_at: Some(at), ..self }
    }
}

impl Model for RegisterRecord {
    const KIND: RecordKind = RecordKind::Register;

    fn key(&self) -> Vec<u8> {
        register_key(self.id).to_vec()
    }

    fn listed(&self) -> Option<Entry> {
        Some(list_entry(self))
    }

    fn found_by(&self) -> Option<Entry> {
        serial_entry(&self.serial_number, self.id)
    }
}

impl Holding for RegisterRecord {
    const LISTED_AS: RecordKind = RecordKind::RegisterOfOrganisation;

    type Id = RegisterId;

    fn bin(&self) -> &str {
        &self.bin
    }

    fn id_of_key(key: &[u8]) -> Option<RegisterId> {
        key.try_into().ok().map(|key| RegisterId(u32::from_be_bytes(key)))
    }

    fn key_of_id(id: &RegisterId) -> Vec<u8> {
        register_key(*id).to_vec()
    }
}

/// The record key of a register.
pub fn register_key(id: RegisterId) -> [u8; 4] {
    id.0.to_be_bytes()
}

/// The record key that says that a register had an fns_kkm_id once.
pub fn fns_kkm_id_history_key(fns_kkm_id: &str, id: RegisterId) -> Vec<u8> {
    format!("{fns_kkm_id}/{id:0>10}", id = id.0).into_bytes()
}

/// A register changes its fns_kkm_id once in years and shares it with none; more rows than this are not walked.
const HISTORY_MAX: usize = 100;

/// The registers that have or had an fns_kkm_id, the latest id first.
///
/// # Errors
/// Those of the store.
pub async fn registers_of_fns_kkm_id(
    store: &impl Store,
    fns_kkm_id: &str,
) -> Result<Vec<RegisterId>, StoreError> {
    let prefix = format!("{fns_kkm_id}/");
    let rows = store.records(RecordKind::FnsKkmIdHistory, prefix.as_bytes(), None, HISTORY_MAX).await?;
    let ids = rows.iter().filter_map(|row| {
        let digits = row.key.get(prefix.len()..)?;
        std::str::from_utf8(digits).ok()?.parse().ok().map(RegisterId)
    });
    let mut ids: Vec<RegisterId> = ids.collect();
    ids.reverse();
    Ok(ids)
}
