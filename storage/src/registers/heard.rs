//! When a register was last heard: a note that gateways write now and then while it talks to them, and that others read
//! who tell people which registers are on line.

use bytes::Bytes;
use ofd_protocol::types::{RegisterId, UnixMillis};

use crate::note::{HEARD_LIFE_MS, heard_key};
use crate::store::{Note, NoteKind, Store, StoreError};

/// A register that was heard is noted again after so long. So a note may be so much older than what it tells of.
pub const HEARD_EVERY_MS: u64 = 5 * 60 * 1000;

/// The note that a register was heard at a moment.
pub fn heard_note(id: RegisterId, at: UnixMillis) -> Note {
    Note {
        kind: NoteKind::Heard,
        key: heard_key(id.0),
        bytes: Bytes::new(),
        at_ms: at.0,
        expires_ms: at.0.saturating_add(HEARD_LIFE_MS),
    }
}

/// When a register was last heard, as far as that was noted; `None`: not lately.
///
/// # Errors
/// Those of the store.
pub async fn last_heard(
    store: &impl Store,
    id: RegisterId,
    now: UnixMillis,
) -> Result<Option<UnixMillis>, StoreError> {
    let note = store.noted(NoteKind::Heard, &heard_key(id.0), now.0).await?;
    Ok(note.map(|note| UnixMillis(note.at_ms)))
}
