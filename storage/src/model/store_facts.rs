//! Facts of the store itself.

use bytes::Bytes;
use ofd_protocol::ticket_number::TicketNumberKey;

use crate::store::{RecordKind, Store, StoreError};

pub(super) const TICKET_NUMBER_KEY: &[u8] = b"ticket-number-key";

/// The key of ticket numbers: the one in the store, or `drawn` if there is none yet. It never changes.
///
/// # Errors
/// Those of the store, and [`StoreError::Corrupt`] when the kept key has another length.
pub async fn ticket_number_key(store: &impl Store, drawn: [u8; 32]) -> Result<TicketNumberKey, StoreError> {
    let kept = match store.record(RecordKind::Store, TICKET_NUMBER_KEY).await? {
        Some(kept) => kept,
        None => {
            let bytes = Bytes::copy_from_slice(&drawn);
            // Whoever comes first draws it; the loser of a race reads the winner's.
            match store.put_record(RecordKind::Store, TICKET_NUMBER_KEY, None, bytes).await {
                Ok(_) => return Ok(TicketNumberKey(drawn)),
                Err(StoreError::Conflict { .. }) => {}
                Err(error) => return Err(error),
            }
            store.record(RecordKind::Store, TICKET_NUMBER_KEY).await?.ok_or_else(|| corrupt("it vanished"))?
        }
    };
    <[u8; 32]>::try_from(kept.bytes.as_ref())
        .map(TicketNumberKey)
        .map_err(|_| corrupt("it is not 32 bytes long"))
}

fn corrupt(reason: &str) -> StoreError {
    StoreError::Corrupt { place: "the key of ticket numbers".into(), reason: reason.into() }
}
