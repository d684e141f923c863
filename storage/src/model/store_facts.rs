//! Facts of the store itself.

use bytes::Bytes;
use ofd_protocol::ticket_number::TicketNumberKey;
use ofd_protocol::types::UnixMillis;
use serde::{Deserialize, Serialize};

use crate::store::{Record, RecordKind, Store, StoreError, StreamKind};

/// Streams are walked in pages.
const PAGE: usize = 512;

/// Where the key of ticket numbers is among the facts of the store.
pub const TICKET_NUMBER_KEY: &[u8] = b"ticket-number-key";

/// What is known of the clock of the machines that write. It belongs to them and is never copied.
pub const CLOCK_KEY: &[u8] = b"clock";

/// When the store was last walked, and what was found. It belongs to the store and is never copied.
pub const SCRUB_KEY: &[u8] = b"scrub";

/// What is known of the last walk of the store: a record of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LastScrub {
    /// When it came to its end.
    pub finished_at: UnixMillis,
    /// How many breaks it found.
    pub breaks: u64,
}

/// The last walk of the store; `None` when it was never walked.
///
/// # Errors
/// Those of the store.
pub async fn last_scrub(store: &impl Store) -> Result<Option<LastScrub>, StoreError> {
    let record = store.record(RecordKind::Store, SCRUB_KEY).await?;
    Ok(record.map(|record| serde_json::from_slice(&record.bytes).unwrap_or_default()))
}

/// Which organisations may have announced something to their registers. It belongs to the store and is never copied.
pub const PROFILE_NEWS_KEY: &[u8] = b"profile-news";

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

/// The key of ticket numbers: the one in the store, or `drawn` if nothing was ever sold there. It never changes.
///
/// # Errors
/// Those of the store, and [`StoreError::Corrupt`] when the kept key has another length, or is lost: under another one
/// no receipt that was given out is found by its ticket number.
pub async fn ticket_number_key(store: &impl Store, drawn: [u8; 32]) -> Result<TicketNumberKey, StoreError> {
    let place = "the key of ticket numbers";
    if store.record(RecordKind::Store, TICKET_NUMBER_KEY).await?.is_none() && has_documents(store).await? {
        let reason = "it is missing, and documents are there whose ticket numbers were made with it: restore it from \
                      a backup";
        return Err(StoreError::Corrupt { place: place.into(), reason: reason.into() });
    }
    key(store, TICKET_NUMBER_KEY, place, drawn).await.map(TicketNumberKey)
}

/// Whether a register ever sold. Registers are created with an empty shift each, so most often the first one tells.
async fn has_documents(store: &impl Store) -> Result<bool, StoreError> {
    let mut after = None;
    loop {
        let page = store.streams(StreamKind::Shift, after, PAGE).await?;
        let Some(last) = page.last() else { return Ok(false) };
        after = Some(*last);
        for stream in &page {
            if stream.ordinal > 1 || !store.rows(*stream, &[], None, 1).await?.is_empty() {
                return Ok(true);
            }
        }
    }
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

#[cfg(test)]
mod tests {
    use futures::executor::block_on;

    use super::*;
    use crate::memory::MemoryStore;
    use crate::store::{Append, Row, Stamp, StreamId};

    #[test]
    fn the_key_of_ticket_numbers_is_drawn_before_the_first_sale_and_never_after_it() {
        block_on(async {
            let store = MemoryStore::new();
            let stream = StreamId { kind: StreamKind::Shift, owner: 1, ordinal: 1 };
            let (head, stamp) = (Bytes::from_static(b"head"), Stamp([1; 16]));
            let begun = Append {
                stream,
                expected: None,
                stamp,
                head: head.clone(),
                rows: Vec::new(),
                notes: Vec::new(),
            };
            let version = store.append(begun).await.unwrap();
            let sold = |ordinal| async move {
                let store = MemoryStore::new();
                let stream = StreamId { ordinal, ..stream };
                let row = Row { key: Bytes::from_static(&[1, 0, 0, 0, 1]), value: Bytes::from_static(b"x") };
                let (head, rows) = (Bytes::from_static(b"head"), vec![row]);
                store
                    .append(Append { stream, expected: None, stamp, head, rows, notes: Vec::new() })
                    .await
                    .unwrap();
                ticket_number_key(&store, [1; 32]).await
            };
            assert!(matches!(sold(1).await, Err(StoreError::Corrupt { .. })));
            assert!(matches!(sold(2).await, Err(StoreError::Corrupt { .. })));
            assert_eq!(ticket_number_key(&store, [2; 32]).await.unwrap().0, [2; 32], "nothing was sold");
            let row = Row { key: Bytes::from_static(&[1, 0, 0, 0, 1]), value: Bytes::from_static(b"x") };
            let (expected, stamp) = (Some(version), Stamp([2; 16]));
            store
                .append(Append { stream, expected, stamp, head, rows: vec![row], notes: Vec::new() })
                .await
                .unwrap();
            assert_eq!(ticket_number_key(&store, [3; 32]).await.unwrap().0, [2; 32]);
        });
    }
}
