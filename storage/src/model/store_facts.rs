//! Facts of the store itself.

use bytes::Bytes;
use ofd_protocol::ticket_number::TicketNumberKey;

use crate::store::{Record, RecordKind, Store, StoreError};

/// Where the key of ticket numbers is among the facts of the store.
pub const TICKET_NUMBER_KEY: &[u8] = b"ticket-number-key";

/// What is known of the clock of the machines that write. It belongs to them and is never copied.
pub const CLOCK_KEY: &[u8] = b"clock";

/// When the store was last walked, and what was found. It belongs to the store and is never copied.
pub const SCRUB_KEY: &[u8] = b"scrub";

/// The key with which the site marks what it hands out.
const SITE_KEY: &[u8] = b"site-key";

/// The facts of a store that are keys of 32 bytes, by the keys of their records.
pub const SECRET_FACTS: [&[u8]; 2] = [TICKET_NUMBER_KEY, SITE_KEY];

/// The key of ticket numbers that is in the store, if there is one.
///
/// # Errors
/// As [`ticket_number_key`].
pub async fn stored_ticket_number_key(store: &impl Store) -> Result<Option<TicketNumberKey>, StoreError> {
    let kept = store.record(RecordKind::Store, TICKET_NUMBER_KEY).await?;
    let key = |kept: Record| {
        let corrupt = |_| StoreError::Corrupt {
            place: "the key of ticket numbers".into(),
            reason: "it is not 32 bytes long".into(),
        };
        <[u8; 32]>::try_from(kept.bytes.as_ref()).map(TicketNumberKey).map_err(corrupt)
    };
    kept.map(key).transpose()
}

/// The key of ticket numbers: the one in the store, or `drawn` if there is none yet. It never changes.
///
/// # Errors
/// Those of the store, and [`StoreError::Corrupt`] when the kept key has another length.
pub async fn ticket_number_key(store: &impl Store, drawn: [u8; 32]) -> Result<TicketNumberKey, StoreError> {
    key(store, TICKET_NUMBER_KEY, "the key of ticket numbers", drawn).await.map(TicketNumberKey)
}

/// The site's secret key, which all processes over one store share: the one in the store, or `drawn` if there is none
/// yet.
///
/// # Errors
/// As [`ticket_number_key`].
pub async fn site_key(store: &impl Store, drawn: [u8; 32]) -> Result<[u8; 32], StoreError> {
    key(store, SITE_KEY, "the key of the site", drawn).await
}

async fn key(
    store: &impl Store,
    name: &[u8],
    place: &'static str,
    drawn: [u8; 32],
) -> Result<[u8; 32], StoreError> {
    let corrupt = |reason: &str| StoreError::Corrupt { place: place.into(), reason: reason.into() };
    let kept = match store.record(RecordKind::Store, name).await? {
        Some(kept) => kept,
        None => {
            let bytes = Bytes::copy_from_slice(&drawn);
            // Whoever comes first draws it; the loser of a race reads the winner's.
            match store.put_record(RecordKind::Store, name, None, bytes).await {
                Ok(_) => return Ok(drawn),
                Err(StoreError::Conflict { .. }) => {}
                Err(error) => return Err(error),
            }
            store.record(RecordKind::Store, name).await?.ok_or_else(|| corrupt("it vanished"))?
        }
    };
    <[u8; 32]>::try_from(kept.bytes.as_ref()).map_err(|_| corrupt("it is not 32 bytes long"))
}
