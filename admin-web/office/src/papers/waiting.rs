//! Which signatures wait to be asked about again: as notes, which run out by themselves.

use bytes::{BufMut, Bytes, BytesMut};
use ofd_protocol::types::UnixMillis;
use ofd_storage::note::{Note, NoteKind};
use ofd_storage::store::{Store as _, StoreError};

use super::rules::CHECKED_FOR_MS;
use crate::office::Office;

/// A note outlives the day in which is asked, so that the last question is asked however late a gateway is.
const KEPT_LONGER_MS: u64 = 24 * 60 * 60 * 1000;

/// All waiting papers lie together: there are few, and a day without the national CA makes some thousands.
const GROUP: u8 = 0;

/// Digits of a BIN.
const BIN_LEN: usize = 12;

/// A paper that waits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Waiting {
    pub(super) bin: String,
    pub(super) number: u32,
    /// Since when, by the clock of whoever noted it.
    pub(super) since: UnixMillis,
}

fn key(bin: &str, number: u32) -> Bytes {
    let mut key = BytesMut::with_capacity(1 + BIN_LEN + size_of::<u32>());
    key.put_u8(GROUP);
    key.put_slice(bin.as_bytes());
    key.put_u32(number);
    key.freeze()
}

fn of_key(key: &[u8]) -> Option<(&str, u32)> {
    let (_, rest) = key.split_first()?;
    let (bin, number) = rest.split_at_checked(BIN_LEN)?;
    Some((std::str::from_utf8(bin).ok()?, u32::from_be_bytes(number.try_into().ok()?)))
}

async fn put(
    office: &Office,
    (bin, number): (&str, u32),
    at: UnixMillis,
    for_ms: u64,
) -> Result<(), StoreError> {
    let expires_ms = at.0.saturating_add(for_ms);
    let (kind, key, bytes) = (NoteKind::PaperWaiting, key(bin, number), Bytes::new());
    office.store.note(Note { kind, key, bytes, at_ms: at.0, expires_ms }).await
}

/// Notes that a signature is being checked from now on.
pub(super) async fn note(office: &Office, paper: (&str, u32), at: UnixMillis) -> Result<(), StoreError> {
    put(office, paper, at, CHECKED_FOR_MS.saturating_add(KEPT_LONGER_MS)).await
}

/// Ends a note. One that is newer stays.
pub(super) async fn forget(office: &Office, paper: (&str, u32), now: UnixMillis) -> Result<(), StoreError> {
    put(office, paper, now, 1).await
}

/// Up to `limit` papers that wait, behind the key `after`, with the key to go on from; `None`: these are the last.
pub(super) async fn page(
    office: &Office,
    after: Option<&[u8]>,
    limit: usize,
) -> Result<(Vec<Waiting>, Option<Bytes>), StoreError> {
    let kind = NoteKind::PaperWaiting;
    let notes = office.store.notes(kind, &[GROUP], after, limit, office.now().0).await?;
    let last = notes.last().map(|note| note.key.clone());
    let found = notes.iter().filter_map(|note| {
        let (bin, number) = of_key(&note.key)?;
        Some(Waiting { bin: bin.to_owned(), number, since: UnixMillis(note.at_ms) })
    });
    Ok((found.collect(), last))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_leads_to_its_paper() {
        assert_eq!(of_key(&key("151140001234", 7)), Some(("151140001234", 7)));
        for strange in [&b""[..], &[0], b"\x001511400012340000x"] {
            assert_eq!(of_key(strange), None, "{strange:?}");
        }
    }
}
