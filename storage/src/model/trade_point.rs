//! Trade points: the places where registers stand.

use ofd_protocol::types::UnixMillis;
use serde::{Deserialize, Deserializer, Serialize};
use sha2::{Digest, Sha256};

use super::Model;
use super::holding::{Holding, list_entry};
use crate::entries::Entry;
use crate::kinds::names;
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

    /// An id from drawn bytes: that of one which people make.
    #[must_use]
    pub fn from_drawn(drawn: [u8; ID_LEN / 2]) -> Self {
        Self(hex::encode(drawn))
    }

    /// An id as addresses and forms bring it; `None` when it is none.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let is_one = text.len() == ID_LEN && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        is_one.then(|| Self(text.to_owned()))
    }
}

names! {
    /// What a trade point is.
    pub enum TradePointKind {
        Shop = "shop",
        Supermarket = "supermarket",
        Kiosk = "kiosk",
        /// A place on a market or in a row of stalls.
        MarketPlace = "market_place",
        Pharmacy = "pharmacy",
        Cafe = "cafe",
        /// Hairdressers, repairs, cleaners, and whoever else does something for people.
        Services = "services",
        Hotel = "hotel",
        PetrolStation = "petrol_station",
        Warehouse = "warehouse",
        VendingMachine = "vending_machine",
        OnlineShop = "online_shop",
        /// Where sales go along: a van, a courier, a fair.
        Mobile = "mobile",
        /// A taxi or a bus.
        Transport = "transport",
        Office = "office",
        Other = "other",
    }
}

/// Where a trade point is, as people chose and typed it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TradePointPlace {
    /// The settlement's code in the directory.
    pub settlement: String,
    /// The street, and what of house and premises was not told apart.
    pub street: String,
    /// The number of the house, where it was told apart.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub house: String,
    /// Flat, office or other premises in it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub flat: String,
    /// The same in Kazakh; empty where people typed none, and the other one stands in its place.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub street_kz: String,
}

/// A place where registers stand. What came later than the first programs may be missing.
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
    /// What it is, where people said so.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "known_kind")]
    pub kind: Option<TradePointKind>,
    /// Its name in Kazakh, where it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title_kz: Option<String>,
    /// Of what the address was made; none where it came as a text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<TradePointPlace>,
    /// The groups of its organisation that it is in, by their numbers; one that was deleted since is none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<u32>,
    /// Grows with every change by people.
    #[serde(default, skip_serializing_if = "is_first")]
    pub revision: u32,
    /// Since when it is none any more. Its record stays, since documents of before lead to it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deleted_at: Option<UnixMillis>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for it")]
fn is_first(revision: &u32) -> bool {
    *revision == 0
}

/// A kind that only a newer program knows is none here: the rest of the record is told all the same.
fn known_kind<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<TradePointKind>, D::Error> {
    let name = Option::<String>::deserialize(deserializer)?;
    Ok(name.and_then(|name| TradePointKind::from_name(&name)))
}

impl TradePoint {
    /// One of which no more is known than where it is and what it is called.
    #[must_use]
    pub fn at(id: TradePointId, bin: &str, title: &str, address: &str) -> Self {
        Self {
            id,
            bin: bin.to_owned(),
            title: title.to_owned(),
            address: address.to_owned(),
            address_kz: None,
            latitude: None,
            longitude: None,
            kind: None,
            title_kz: None,
            place: None,
            groups: Vec::new(),
            revision: 0,
            deleted_at: None,
        }
    }

    /// Whether answers, receipts and pages of buyers name it alike before and after a change.
    #[must_use]
    pub fn is_named_as(&self, other: &Self) -> bool {
        let named = |point: &Self| {
            let (title, address, address_kz) = (&point.title, &point.address, &point.address_kz);
            (title.clone(), address.clone(), address_kz.clone(), point.latitude, point.longitude)
        };
        named(self) == named(other)
    }
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
        TradePointId::read(std::str::from_utf8(key).ok()?)
    }

    fn key_of_id(id: &TradePointId) -> Vec<u8> {
        id.0.as_bytes().to_vec()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_of_before_is_read_and_written_as_it_was() {
        let before = r#"{"id":"0123456789abcdef0123456789abcdef","bin":"151140001234","title":"Магазин","address":"Астана"}"#;
        let point: TradePoint = serde_json::from_str(before).unwrap();
        let id = TradePointId::read("0123456789abcdef0123456789abcdef").unwrap();
        assert_eq!(point, TradePoint::at(id, "151140001234", "Магазин", "Астана"));
        assert_eq!(serde_json::to_string(&point).unwrap(), before);
    }

    #[test]
    fn a_kind_that_only_a_newer_program_knows_hides_nothing_else() {
        let newer = r#"{"id":"0123456789abcdef0123456789abcdef","bin":"151140001234","title":"Магазин","address":"Астана","kind":"spaceport","revision":3}"#;
        let point: TradePoint = serde_json::from_str(newer).unwrap();
        assert_eq!((point.kind, point.revision, point.title.as_str()), (None, 3, "Магазин"));
    }

    #[test]
    fn only_32_hex_digits_are_an_id() {
        assert!(TradePointId::read(&"0f".repeat(16)).is_some());
        assert_eq!(TradePointId::from_drawn([0xab; 16]).0, "ab".repeat(16));
        for wrong in ["", "0f", &"0f".repeat(17), &"0g".repeat(16), &"ы".repeat(16)] {
            assert_eq!(TradePointId::read(wrong), None, "{wrong}");
        }
    }
}
