//! Which signatures wait to be asked about again: as notes, which run out by themselves.

use bytes::Bytes;
use ofd_protocol::types::UnixMillis;
use ofd_storage::note::{Note, NoteKind, PAPERS_WAITING, paper_waiting_key, paper_waiting_of_key};
use ofd_storage::store::{Store as _, StoreError};

use super::rules::CHECKED_FOR_MS;
use crate::office::Office;

/// A note outlives the day in which is asked, so that the last question is asked however late a gateway is.
const KEPT_LONGER_MS: u64 = 24 * 60 * 60 * 1000;

/// A paper that waits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Waiting {
    pub(super) bin: String,
    pub(super) number: u32,
    /// Since when, by the clock of whoever noted it.
    pub(super) since: UnixMillis,
}

async fn put(
    office: &Office,
    (bin, number): (&str, u32),
    at: UnixMillis,
    for_ms: u64,
) -> Result<(), StoreError> {
    let expires_ms = at.0.saturating_add(for_ms);
    let (kind, key, bytes) = (NoteKind::PaperWaiting, paper_waiting_key(bin, number), Bytes::new());
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
    let notes = office.store.notes(kind, &PAPERS_WAITING, after, limit, office.now().0).await?;
    let last = notes.last().map(|note| note.key.clone());
    let found = notes.iter().filter_map(|note| {
        let (bin, number) = paper_waiting_of_key(&note.key)?;
        Some(Waiting { bin: bin.to_owned(), number, since: UnixMillis(note.at_ms) })
    });
    Ok((found.collect(), last))
}

/// How many signatures are being checked, as far as `max`.
///
/// # Errors
/// Those of the store.
pub async fn being_checked(office: &Office, max: usize) -> Result<usize, StoreError> {
    Ok(page(office, None, max).await?.0.len())
}
