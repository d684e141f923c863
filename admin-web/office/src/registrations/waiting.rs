//! For what registrations wait: as notes, which lead whoever goes on to them.

use bytes::Bytes;
use ofd_protocol::types::{RegisterId, UnixMillis};
use ofd_storage::accounts::Registration;
use ofd_storage::erased::DynStore;
use ofd_storage::note::{
    NOTE_LIFE_MAX_MS, Note, NoteKind, REGISTRATION_GROUPS, registration_waiting_key,
    registration_waiting_of_key,
};
use ofd_storage::store::{Store as _, StoreError};
use ofd_storage::waits::{note_again, of_registration};

use crate::office::Office;

/// The notes of one organisation are read in pages of so many.
const NOTES_PAGE: usize = 256;

/// For what a registration waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wait {
    /// For the check of a signature.
    Check,
    /// For its register to be made, changed or stopped.
    Making,
    /// For the tax authority.
    Authority,
    /// For the visit of a technician.
    Visit,
    /// For the first day of a tariff plan.
    Plan,
}

impl Wait {
    pub(super) const ALL: [Self; 5] = [Self::Check, Self::Making, Self::Authority, Self::Visit, Self::Plan];

    fn group(self) -> u8 {
        let [check, making, authority, visit, plan] = REGISTRATION_GROUPS;
        match self {
            Self::Check => check,
            Self::Making => making,
            Self::Authority => authority,
            Self::Visit => visit,
            Self::Plan => plan,
        }
    }
}

/// A registration that waits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Queued {
    /// Whose it is.
    pub(super) bin: String,
    /// Which it is.
    pub(super) id: RegisterId,
    /// Since when it waits.
    pub(super) since: UnixMillis,
    /// When that was noted: later, where it was noted anew.
    pub(super) noted_at: UnixMillis,
}

impl Queued {
    /// Where it stands in its queue.
    pub(super) fn place(&self) -> (u64, &str, u32) {
        (self.since.0, &self.bin, self.id.0)
    }
}

fn key(wait: Wait, bin: &str, id: RegisterId) -> Bytes {
    registration_waiting_key(wait.group(), bin, id.0)
}

fn of_key(key: &[u8]) -> Option<(&str, RegisterId)> {
    registration_waiting_of_key(key).map(|(bin, id)| (bin, RegisterId(id)))
}

async fn put(
    office: &Office,
    key: Bytes,
    bytes: Bytes,
    at: UnixMillis,
    for_ms: u64,
) -> Result<(), StoreError> {
    let (kind, expires_ms) = (NoteKind::RegistrationWaiting, at.0.saturating_add(for_ms));
    office.store.note(Note { kind, key, bytes, at_ms: at.0, expires_ms }).await
}

/// The registration that a note leads to. One that was noted anew says since when it waits.
fn of_note(note: &Note) -> Option<Queued> {
    let (bin, id) = of_key(&note.key)?;
    let since = <[u8; size_of::<u64>()]>::try_from(&*note.bytes).map_or(note.at_ms, u64::from_be_bytes);
    let (since, noted_at) = (UnixMillis(since), UnixMillis(note.at_ms));
    Some(Queued { bin: bin.to_owned(), id, since, noted_at })
}

/// Notes that a registration waits from now on. Comes before the append that says so.
pub(super) async fn note(
    office: &Office,
    wait: Wait,
    (bin, id): (&str, RegisterId),
) -> Result<(), StoreError> {
    put(office, key(wait, bin, id), Bytes::new(), office.now(), NOTE_LIFE_MAX_MS).await
}

/// Notes what waits for long once more, as waiting since then: notes run out.
pub(super) async fn note_anew(office: &Office, wait: Wait, waiting: &Queued) -> Result<(), StoreError> {
    let since = Bytes::copy_from_slice(&waiting.since.0.to_be_bytes());
    put(office, key(wait, &waiting.bin, waiting.id), since, office.now(), NOTE_LIFE_MAX_MS).await
}

/// Notes anew what a registration waits for, where the note is gone: whoever looks at it has it gone on with, and whoever
/// answers finds it in the queue again.
///
/// # Errors
/// Those of the store.
pub async fn go_on_again(office: &Office, registration: &Registration) -> Result<(), StoreError> {
    // Whether its register is there the walk looks at.
    let waits = of_registration(registration, true, office.now());
    note_again(&office.store, waits, office.now()).await.map(drop)
}

/// When a registration was noted to wait, where it was.
pub(super) async fn noted_at(
    office: &Office,
    wait: Wait,
    (bin, id): (&str, RegisterId),
) -> Result<Option<UnixMillis>, StoreError> {
    let kind = NoteKind::RegistrationWaiting;
    let noted = office.store.noted(kind, &key(wait, bin, id), office.now().0).await?;
    Ok(noted.map(|note| UnixMillis(note.at_ms)))
}

/// Ends the note of a moment, and leaves one that is newer: what was done answers what was noted before it was begun.
pub(super) async fn forget_of(
    office: &Office,
    wait: Wait,
    (bin, id): (&str, RegisterId),
    noted_at: Option<UnixMillis>,
) -> Result<(), StoreError> {
    match noted_at {
        Some(at) => {
            let at = UnixMillis(at.0.saturating_add(1));
            put(office, key(wait, bin, id), Bytes::new(), at, 1).await
        }
        None => Ok(()),
    }
}

/// Ends a note, and leaves one that is newer.
pub(super) async fn forget(office: &Office, wait: Wait, place: (&str, RegisterId)) -> Result<(), StoreError> {
    let at = noted_at(office, wait, place).await?;
    forget_of(office, wait, place, at).await
}

/// Up to `limit` registrations that wait, behind the key `after`, with the key to go on from; `None`: these are the last.
pub(super) async fn page(
    office: &Office,
    wait: Wait,
    after: Option<&[u8]>,
    limit: usize,
) -> Result<(Vec<Queued>, Option<Bytes>), StoreError> {
    let (kind, now) = (NoteKind::RegistrationWaiting, office.now().0);
    let notes = office.store.notes(kind, &[wait.group()], after, limit, now).await?;
    let last = notes.last().filter(|_| notes.len() >= limit).map(|note| note.key.clone());
    Ok((notes.iter().filter_map(of_note).collect(), last))
}

/// All registrations that wait, who waits longest first, and whether these are all: there are `max` and some at most.
pub(super) async fn by_age(
    office: &Office,
    wait: Wait,
    max: usize,
) -> Result<(Vec<Queued>, bool), StoreError> {
    let (mut found, mut after, mut is_whole) = (Vec::new(), None, true);
    loop {
        let (some, last) = page(office, wait, after.as_deref(), NOTES_PAGE).await?;
        found.extend(some);
        match last {
            Some(_) if found.len() >= max => is_whole = false,
            Some(last) => {
                after = Some(last);
                continue;
            }
            None => {}
        }
        found.sort_by(|one: &Queued, other| one.place().cmp(&other.place()));
        return Ok((found, is_whole));
    }
}

/// The registrations of one organisation that wait for something.
pub(super) async fn of_organisation(
    store: &DynStore,
    wait: Wait,
    bin: &str,
    now: UnixMillis,
) -> Result<Vec<RegisterId>, StoreError> {
    let prefix = [&[wait.group()], bin.as_bytes()].concat();
    let (mut found, mut after) = (Vec::new(), None::<Bytes>);
    loop {
        let kind = NoteKind::RegistrationWaiting;
        let notes = store.notes(kind, &prefix, after.as_deref(), NOTES_PAGE, now.0).await?;
        found.extend(notes.iter().filter_map(|note| of_key(&note.key)).map(|(_, id)| id));
        match notes.last().filter(|_| notes.len() >= NOTES_PAGE) {
            Some(last) => after = Some(last.key.clone()),
            None => return Ok(found),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_leads_to_its_registration_and_says_since_when_it_waits() {
        for wait in Wait::ALL {
            let key = key(wait, "151140001234", RegisterId(7));
            let kind = NoteKind::RegistrationWaiting;
            assert!(kind.is_key(&key));
            let first = Note { kind, key, bytes: Bytes::new(), at_ms: 5, expires_ms: 9 };
            let anew =
                Note { bytes: Bytes::copy_from_slice(&5_u64.to_be_bytes()), at_ms: 8, ..first.clone() };
            for (note, noted_at) in [(first, 5), (anew, 8)] {
                let queued = of_note(&note).unwrap();
                assert_eq!(queued.place(), (5, "151140001234", 7));
                assert_eq!(queued.noted_at, UnixMillis(noted_at));
            }
        }
    }
}
