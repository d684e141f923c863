//! Factory numbers as they lead to registers.

use ofd_protocol::types::RegisterId;

use crate::entries::Entry;
use crate::store::RecordKind;

/// Bytes of a number as it is compared: a longer one goes by its beginning.
const FOLDED_LEN_MAX: usize = 120;

/// A factory number as it is compared: letters and digits alone, capitals and marks between them do not count.
fn folded(serial_number: &str) -> String {
    let mut folded = String::new();
    let small = serial_number.chars().flat_map(char::to_lowercase);
    for char in small.filter(|char| char.is_alphanumeric()) {
        if folded.len().saturating_add(char.len_utf8()) > FOLDED_LEN_MAX {
            break;
        }
        folded.push(char);
    }
    folded
}

/// What the keys of the entries of a number begin with; `None`: there is no letter and no digit in it.
#[must_use]
pub fn serial_prefix(serial_number: &str) -> Option<Vec<u8>> {
    let folded = folded(serial_number);
    (!folded.is_empty()).then(|| [folded.as_bytes(), b"/"].concat())
}

/// The entry that leads from a factory number to its register.
pub(super) fn serial_entry(serial_number: &str, id: RegisterId) -> Option<Entry> {
    let mut key = serial_prefix(serial_number)?;
    key.extend_from_slice(&id.0.to_be_bytes());
    Some(Entry { kind: RecordKind::RegisterOfSerial, key })
}

/// Where the entry of a key leads; `None` when no entry has it.
#[must_use]
pub fn register_of_serial_key(key: &[u8]) -> Option<RegisterId> {
    let (number, id) = key.split_at_checked(key.len().checked_sub(size_of::<u32>())?)?;
    let number = std::str::from_utf8(number.strip_suffix(b"/")?).ok()?;
    let is_folded = !number.is_empty() && folded(number) == number;
    is_folded.then_some(RegisterId(u32::from_be_bytes(id.try_into().ok()?)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::RECORD_KEY_LEN_MAX;

    #[test]
    fn numbers_are_compared_without_marks_and_capitals_and_lead_to_their_register() {
        for (one, other) in [("SWK-000 326/85", "swk00032685"), ("№ 12", "12"), ("Ә1", "ә1")] {
            assert_eq!(serial_prefix(one), serial_prefix(other), "{one}");
        }
        assert_eq!(serial_prefix(" - "), None);
        let entry = serial_entry(&"Ж".repeat(200), RegisterId(7)).unwrap();
        assert!(entry.key.len() <= RECORD_KEY_LEN_MAX);
        assert_eq!(register_of_serial_key(&entry.key), Some(RegisterId(7)));
        for wrong in [&b"x"[..], b"/\0\0\0\x07", b"AB/\0\0\0\x07", b"ab\0\0\0\x07"] {
            assert_eq!(register_of_serial_key(wrong), None, "{}", wrong.escape_ascii());
        }
    }
}
