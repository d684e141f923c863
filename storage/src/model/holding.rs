//! What belongs to an organisation and is listed by its BIN.

use super::Model;
use crate::entries::Entry;
use crate::store::RecordKind;

/// Digits of a BIN or IIN.
const BIN_LEN: usize = 12;

/// A record that belongs to an organisation. An entry of the organisation's list leads to it, and is written before it.
pub trait Holding: Model {
    /// The kind of the entries: BIN, `/`, the key of the record.
    const LISTED_AS: RecordKind;

    /// By what it is called.
    type Id: Clone + Send + Sync;

    /// Whose it is.
    fn bin(&self) -> &str;

    /// The id of a record's key; `None` when no record has such a key.
    fn id_of_key(key: &[u8]) -> Option<Self::Id>;

    /// The record's key of an id.
    fn key_of_id(id: &Self::Id) -> Vec<u8>;
}

/// What the entries of an organisation's list begin with.
pub fn list_prefix(bin: &str) -> Vec<u8> {
    [bin.as_bytes(), b"/"].concat()
}

/// The entry that leads from an organisation to what belongs to it.
pub fn list_entry<M: Holding>(of: &M) -> Entry {
    let mut key = list_prefix(of.bin());
    key.extend_from_slice(&of.key());
    Entry { kind: M::LISTED_AS, key }
}

/// Whose entry a key is, and where it leads; `None` when no entry has it.
pub fn listed_by_key<M: Holding>(key: &[u8]) -> Option<(&str, M::Id)> {
    let (bin, key) = key.split_at_checked(BIN_LEN)?;
    let bin = std::str::from_utf8(bin).ok().filter(|bin| bin.bytes().all(|byte| byte.is_ascii_digit()))?;
    Some((bin, M::id_of_key(key.strip_prefix(b"/")?)?))
}
