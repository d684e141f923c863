//! Which signatures wait to be asked about again: as notes, which run out by themselves.

use bytes::Bytes;
use ofd_protocol::types::UnixMillis;
use ofd_storage::accounts::Company;
use ofd_storage::note::{Note, NoteKind, PAPERS_WAITING, paper_waiting_key, paper_waiting_of_key};
use ofd_storage::store::{Store as _, StoreError};
use ofd_storage::waits::{note_again, of_paper};

use crate::office::Office;

/// A paper that waits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Waiting {
    pub(super) bin: String,
    pub(super) number: u32,
    /// Since when, by the clock of whoever noted it.
    pub(super) since: UnixMillis,
}

/// Notes that a signature is being checked from now on.
pub(super) async fn note(
    office: &Office,
    (bin, number): (&str, u32),
    at: UnixMillis,
) -> Result<(), StoreError> {
    let key = paper_waiting_key(bin, number);
    office.store.note(Note::of_waiting(NoteKind::PaperWaiting, key, at.0)).await
}

/// Ends a note. One that is newer stays.
pub(super) async fn forget(
    office: &Office,
    (bin, number): (&str, u32),
    now: UnixMillis,
) -> Result<(), StoreError> {
    let key = paper_waiting_key(bin, number);
    let ended = Note::of_waiting(NoteKind::PaperWaiting, key, now.0);
    office.store.note(Note { expires_ms: now.0.saturating_add(1), ..ended }).await
}

/// Notes anew which signatures of a company are being checked, where the note is gone: whoever looks at such a paper has it
/// asked about again within a minute.
///
/// # Errors
/// Those of the store.
pub async fn ask_again(office: &Office, company: &Company) -> Result<(), StoreError> {
    let waits = company.papers.iter().filter_map(|paper| of_paper(&company.bin, paper));
    note_again(&office.store, waits, office.now()).await.map(drop)
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
