//! The ticket number (fiscal sign): a keyed permutation of shift and document number.
//!
//! It has 15 digits, so that it fits what tills keep and never collides with an offline number (10 digits at
//! most). Without the key neither the next number nor the number of sales can be told from one; with it the
//! number leads to its document without an index.

use sha2::{Digest, Sha256};

use crate::types::RegisterId;

/// The key of all ticket numbers of a store: drawn once, kept in the store, never changed.
#[derive(Clone, PartialEq, Eq)]
pub struct TicketNumberKey(pub [u8; 32]);

impl std::fmt::Debug for TicketNumberKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("TicketNumberKey(redacted)")
    }
}

/// The place of a document: its shift and its number in the shift, both from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
pub struct DocumentRef {
    /// The register's shift, from 1.
    pub shift: u32,
    /// The number of the document in it.
    pub number: u32,
}

/// Ticket numbers begin here: the least number of 15 digits.
const BASE: u64 = 100_000_000_000_000;

/// Half of the permuted value: 24 bits of shift, 24 bits of document number.
const HALF_BITS: u32 = 24;
const HALF_MASK: u32 = (1 << HALF_BITS) - 1;

/// The greatest shift and document number that a ticket number can hold: 45 thousand years of daily shifts.
pub const PART_MAX: u32 = HALF_MASK;

/// Rounds of the Feistel network; four are proven enough for few samples, ten are usual for small halves.
const ROUNDS: u8 = 10;

impl TicketNumberKey {
    fn round(&self, register: RegisterId, round: u8, half: u32) -> u32 {
        let mut hash = Sha256::new();
        hash.update(self.0);
        hash.update(register.0.to_be_bytes());
        hash.update([round]);
        hash.update(half.to_be_bytes());
        let [first, second, third, ..] = <[u8; 32]>::from(hash.finalize());
        u32::from_be_bytes([0, first, second, third])
    }

    /// The ticket number of a document; `None` when shift or number are beyond [`PART_MAX`].
    pub fn ticket_number(&self, register: RegisterId, document: DocumentRef) -> Option<u64> {
        if document.shift > PART_MAX || document.number > PART_MAX {
            return None;
        }
        let (mut left, mut right) = (document.shift, document.number);
        for round in 0..ROUNDS {
            (left, right) = (right, left ^ self.round(register, round, right));
        }
        BASE.checked_add((u64::from(left) << HALF_BITS) | u64::from(right))
    }

    /// The document that a ticket number leads to, if one of this register can have it. Whether there is such a
    /// document, the store knows.
    pub fn document(&self, register: RegisterId, ticket_number: u64) -> Option<DocumentRef> {
        let value = ticket_number.checked_sub(BASE).filter(|value| value >> (2 * HALF_BITS) == 0)?;
        let mut left = u32::try_from(value >> HALF_BITS).ok()?;
        let mut right = u32::try_from(value & u64::from(HALF_MASK)).ok()?;
        for round in (0..ROUNDS).rev() {
            (left, right) = (right ^ self.round(register, round, left), left);
        }
        (left > 0 && right > 0).then_some(DocumentRef { shift: left, number: right })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const REGISTER: RegisterId = RegisterId(203_539);

    #[test]
    fn a_ticket_number_leads_back_to_its_document() {
        let key = TicketNumberKey([7; 32]);
        for (shift, number) in [(1, 1), (1, 2), (365, 999), (1, PART_MAX), (PART_MAX, PART_MAX)] {
            let document = DocumentRef { shift, number };
            let ticket_number = key.ticket_number(REGISTER, document).unwrap();
            assert_eq!(ticket_number.to_string().len(), 15);
            assert_eq!(key.document(REGISTER, ticket_number), Some(document));
        }
    }

    #[test]
    fn consecutive_documents_have_unrelated_numbers_that_differ_by_register_and_key() {
        let key = TicketNumberKey([7; 32]);
        let of = |key: &TicketNumberKey, register, number| {
            key.ticket_number(RegisterId(register), DocumentRef { shift: 1, number }).unwrap()
        };
        let numbers: std::collections::BTreeSet<u64> =
            (1..=10_000).map(|number| of(&key, 1, number)).collect();
        assert_eq!(numbers.len(), 10_000);
        let near =
            (1..10_000).filter(|number| of(&key, 1, *number).abs_diff(of(&key, 1, number + 1)) < 1 << 30);
        // Two random 48-bit values lie that near once in 130 thousand pairs.
        assert!(near.count() < 5);
        assert_ne!(of(&key, 1, 1), of(&key, 2, 1));
        assert_ne!(of(&key, 1, 1), of(&TicketNumberKey([8; 32]), 1, 1));
    }

    #[test]
    fn a_number_that_no_document_can_have_leads_nowhere() {
        let key = TicketNumberKey([7; 32]);
        for number in [0, 4_228_143_549, BASE - 1, BASE + (1 << 48), u64::MAX] {
            assert_eq!(key.document(REGISTER, number), None);
        }
        assert_eq!(key.ticket_number(REGISTER, DocumentRef { shift: PART_MAX + 1, number: 1 }), None);
    }

    #[test]
    fn ticket_numbers_never_change() {
        let key = TicketNumberKey(std::array::from_fn(|index| index as u8));
        let number = key.ticket_number(REGISTER, DocumentRef { shift: 12, number: 345 });
        assert_eq!(number, Some(GOLDEN), "a stored receipt would no longer be found");
    }

    const GOLDEN: u64 = 370_454_329_472_674;
}
