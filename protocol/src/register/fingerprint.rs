//! Fingerprints: what makes two requests the same document (WIRE 13.2).

use sha2::{Digest, Sha256};

use crate::message::{CloseShiftRequest, MoneyPlacementRequest, TicketRequest};
use crate::wire::Fields;

/// The fiscal part of a document, hashed; without its date_time, which is compared apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
pub struct Fingerprint(pub [u8; 16]);

/// Of a receipt: without date_time, the offline number and what was printed, which a device that lost the answer
/// changes or adds when it sends the same receipt again.
const TICKET_LEFT_OUT: &[u32] = &[2, 10, 11, 12, 13];

/// The fields of a placement that its fingerprint leaves out: date_time and the offline mark.
const PLACEMENT_LEFT_OUT: &[u32] = &[1, 4];

impl Fingerprint {
    /// The fingerprint of a receipt.
    pub fn of_ticket(ticket: &TicketRequest<'_>) -> Self {
        Self::of_fields(ticket.raw, TICKET_LEFT_OUT)
    }

    /// The fingerprint of a placement.
    pub fn of_placement(placement: &MoneyPlacementRequest<'_>) -> Self {
        Self::of_fields(placement.raw, PLACEMENT_LEFT_OUT)
    }

    /// Of a closing: only the shift it names and whether the cash is taken out; times and the device's own report
    /// are written anew at every try.
    pub fn of_close(close: &CloseShiftRequest<'_>) -> Self {
        let mut hash = Sha256::new();
        hash.update(close.fr_shift_number.unwrap_or(0).to_be_bytes());
        hash.update([u8::from(close.withdraw_money.unwrap_or(false))]);
        Self::from_hash(hash)
    }

    /// The fingerprint of a cancellation, which has no content.
    pub fn of_cancel() -> Self {
        Self::from_hash(Sha256::new())
    }

    /// Hashes the fields as they are encoded, in the order of their numbers: a device that writes fields in
    /// another order at a retry still sends the same document.
    fn of_fields(message: &[u8], left_out: &[u32]) -> Self {
        let mut fields = Fields::new(message);
        let mut kept = Vec::with_capacity(16);
        loop {
            let before = fields.rest();
            let Some(Ok(field)) = fields.next() else { break };
            let len = before.len().saturating_sub(fields.rest().len());
            if !left_out.contains(&field.number) {
                kept.push((field.number, before.get(..len).unwrap_or_default()));
            }
        }
        kept.sort_by_key(|(number, _)| *number);
        let mut hash = Sha256::new();
        kept.iter().for_each(|(_, bytes)| hash.update(bytes));
        Self::from_hash(hash)
    }

    fn from_hash(hash: Sha256) -> Self {
        let hash = <[u8; 32]>::from(hash.finalize());
        let mut short = [0; 16];
        short.iter_mut().zip(hash).for_each(|(to, from)| *to = from);
        Self(short)
    }
}
