//! Where things lie: partitions of records, shards of lists, and owners in the order of CQL's signed integers.

use xxhash_rust::xxh3::xxh3_64;

use crate::store::{RecordKind, StreamId};

/// Lists of everything are spread over so many partitions: with 1.2 million registers each holds 19 thousand entries.
pub(super) const SHARDS: i32 = 64;

/// The part of a record's key that names its partition: its group. No group is the beginning of another one, save that
/// of a key that is shorter than all keys of its kind. So a walk by groups, and by keys in each, is a walk by keys.
pub(super) fn group_of(kind: RecordKind, key: &[u8]) -> &[u8] {
    let whole_group = whole_group_len(kind, key);
    whole_group.and_then(|len| key.get(..len)).unwrap_or(key)
}

/// The group in which all keys with this prefix lie; `None` when they lie in several.
pub(super) fn group_of_prefix(kind: RecordKind, prefix: &[u8]) -> Option<&[u8]> {
    prefix.get(..whole_group_len(kind, prefix)?)
}

/// Register ids, which begin the keys of shift summaries.
const REGISTER_KEY_LEN: usize = 4;

fn whole_group_len(kind: RecordKind, key: &[u8]) -> Option<usize> {
    match kind {
        RecordKind::ShiftSummary => (key.len() >= REGISTER_KEY_LEN).then_some(REGISTER_KEY_LEN),
        RecordKind::FnsKkmIdHistory
        | RecordKind::BankApplication
        | RecordKind::TitleWord
        | RecordKind::RegisterOfOrganisation
        | RecordKind::TradePointOfOrganisation
        | RecordKind::RegisterOfSerial
        | RecordKind::ServiceOfOrganisation
        | RecordKind::PaymentOfMonth
        | RecordKind::InvoiceOfOrganisation
        | RecordKind::InvoiceOfMonth => Some(key.iter().position(|byte| *byte == b'/')?.saturating_add(1)),
        RecordKind::Store
        | RecordKind::Organisation
        | RecordKind::TradePoint
        | RecordKind::Register
        | RecordKind::Name
        | RecordKind::Bank
        | RecordKind::RegisterModel
        | RecordKind::PersonalAccount
        | RecordKind::Payment
        | RecordKind::Plan
        | RecordKind::ChargeOwed
        | RecordKind::PerhapsKnown
        | RecordKind::ChargingRun
        | RecordKind::Standing
        | RecordKind::StoppedOrganisation
        | RecordKind::PaymentKey
        | RecordKind::CallAnswer
        | RecordKind::Lease => None,
    }
}

/// Whether records of this kind lie in groups of more than one.
pub(super) fn has_groups(kind: RecordKind) -> bool {
    match kind {
        RecordKind::ShiftSummary
        | RecordKind::FnsKkmIdHistory
        | RecordKind::BankApplication
        | RecordKind::TitleWord
        | RecordKind::RegisterOfOrganisation
        | RecordKind::TradePointOfOrganisation
        | RecordKind::RegisterOfSerial
        | RecordKind::ServiceOfOrganisation
        | RecordKind::PaymentOfMonth
        | RecordKind::InvoiceOfOrganisation
        | RecordKind::InvoiceOfMonth => true,
        RecordKind::Store
        | RecordKind::Organisation
        | RecordKind::TradePoint
        | RecordKind::Register
        | RecordKind::Name
        | RecordKind::Bank
        | RecordKind::RegisterModel
        | RecordKind::PersonalAccount
        | RecordKind::Payment
        | RecordKind::Plan
        | RecordKind::ChargeOwed
        | RecordKind::PerhapsKnown
        | RecordKind::ChargingRun
        | RecordKind::Standing
        | RecordKind::StoppedOrganisation
        | RecordKind::PaymentKey
        | RecordKind::CallAnswer
        | RecordKind::Lease => false,
    }
}

/// The columns of a stream's partition: kind, owner, ordinal.
pub(super) fn partition(stream: StreamId) -> (i32, i64, i64) {
    (i32::from(stream.kind.number()), to_bigint(stream.owner), i64::from(stream.ordinal))
}

/// The shard of a group in the list of groups.
pub(super) fn shard_of_group(group: &[u8]) -> i32 {
    shard_of(xxh3_64(group))
}

/// The shard of an owner in the list of owners.
pub(super) fn shard_of_owner(owner: u64) -> i32 {
    shard_of(owner)
}

fn shard_of(number: u64) -> i32 {
    i32::try_from(number % u64::from(SHARDS.unsigned_abs())).unwrap_or(0) // below SHARDS
}

/// Owners are u64, CQL's bigint is signed: the bits stay, those above `i64::MAX` come out negative.
pub(super) fn to_bigint(owner: u64) -> i64 {
    owner.cast_signed()
}

/// The inverse of [`to_bigint`].
pub(super) fn from_bigint(owner: i64) -> u64 {
    owner.cast_unsigned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn summaries_of_a_register_share_a_partition() {
        let key = [0, 0, 1, 2, 0, 0, 0, 9];
        assert_eq!(group_of(RecordKind::ShiftSummary, &key), [0, 0, 1, 2]);
        assert_eq!(group_of_prefix(RecordKind::ShiftSummary, &key[..4]), Some(&key[..4]));
        assert_eq!(group_of_prefix(RecordKind::ShiftSummary, &key[..3]), None);
    }

    #[test]
    fn the_history_of_an_fns_kkm_id_shares_a_partition() {
        let key = b"010100000001/\0\0\0\x07";
        assert_eq!(group_of(RecordKind::FnsKkmIdHistory, key), b"010100000001/");
        assert_eq!(group_of_prefix(RecordKind::FnsKkmIdHistory, b"0101"), None);
        assert_eq!(group_of_prefix(RecordKind::FnsKkmIdHistory, b"0101/"), Some(&b"0101/"[..]));
    }

    #[test]
    fn organisations_with_one_word_share_a_partition_and_partitions_have_the_order_of_keys() {
        let key = "кок/151140001234".as_bytes();
        assert_eq!(group_of(RecordKind::TitleWord, key), "кок/".as_bytes());
        assert_eq!(group_of_prefix(RecordKind::TitleWord, "кок".as_bytes()), None);
        assert!("кок/" < "коктем/" && "1/" < "15/", "letters and digits come behind /");
    }

    #[test]
    fn what_an_organisation_has_shares_a_partition_whatever_the_bytes_of_ids() {
        let key = b"151140001234/\0/\0\x07";
        let group = b"151140001234/";
        for kind in [RecordKind::RegisterOfOrganisation, RecordKind::TradePointOfOrganisation] {
            assert_eq!(group_of(kind, key), group);
            assert_eq!(group_of_prefix(kind, group), Some(&group[..]));
            assert!(has_groups(kind));
        }
    }

    #[test]
    fn other_records_have_partitions_of_their_own() {
        assert_eq!(group_of(RecordKind::Organisation, b"a/b"), b"a/b");
        assert_eq!(group_of_prefix(RecordKind::Organisation, b"a/b"), None);
    }

    #[test]
    fn shards_are_within_their_number() {
        for number in [0, 1, 63, 64, u64::MAX] {
            assert!((0..SHARDS).contains(&shard_of_owner(number)), "{number}");
            assert_eq!(from_bigint(to_bigint(number)), number);
        }
    }
}
