//! Trade points: the places where registers stand.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::Model;
use super::holding::{Holding, list_entry};
use crate::entries::Entry;
use crate::store::RecordKind;

/// The id of a trade point: 32 hex digits.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct TradePointId(pub String);

/// Digits of an id.
const ID_LEN: usize = 32;

impl TradePointId {
    /// The id that follows from organisation, title and address, so that two who create the same trade point at
    /// once create one.
    pub fn derive(bin: &str, title: &str, address: &str) -> Self {
        let mut hash = Sha256::new();
        for part in [bin, title, address] {
            // With its length before it no two lists of parts hash alike.
            hash.update(u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
            hash.update(part.as_bytes());
        }
        let mut id = hex::encode(hash.finalize());
        id.truncate(ID_LEN);
        Self(id)
    }
}

/// A place where registers stand.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TradePoint {
    /// The id by which registers name it.
    pub id: TradePointId,
    /// Whose it is.
    pub bin: String,
    /// Its name, as people call it.
    pub title: String,
    /// Where it is.
    pub address: String,
    /// The same in Kazakh, where it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address_kz: Option<String>,
    /// Millionths of a degree, where known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub latitude: Option<i32>,
    /// Millionths of a degree, where known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub longitude: Option<i32>,
}

impl Model for TradePoint {
    const KIND: RecordKind = RecordKind::TradePoint;

    fn key(&self) -> Vec<u8> {
        self.id.0.as_bytes().to_vec()
    }

    fn listed(&self) -> Option<Entry> {
        Some(list_entry(self))
    }
}

impl Holding for TradePoint {
    const LISTED_AS: RecordKind = RecordKind::TradePointOfOrganisation;

    type Id = TradePointId;

    fn bin(&self) -> &str {
        &self.bin
    }

    fn id_of_key(key: &[u8]) -> Option<TradePointId> {
        let id = std::str::from_utf8(key).ok()?;
        let is_one = id.len() == ID_LEN && id.bytes().all(|byte| byte.is_ascii_hexdigit());
        is_one.then(|| TradePointId(id.to_owned()))
    }

    fn key_of_id(id: &TradePointId) -> Vec<u8> {
        id.0.as_bytes().to_vec()
    }
}
