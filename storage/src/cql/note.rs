//! Notes: rows that run out, written without a condition.

use bytes::{BufMut, Bytes, BytesMut};
use futures::future::try_join_all;
use tokio::time::Instant;

use super::failure::Failure;
use super::read::{lower_bound, successor, upper_bound};
use super::session::Connected;
use crate::conditions;
use crate::note::{NOTE_GRACE_MS, NOTE_LIFE_MAX_MS, those_not_over};
use crate::store::{NOTE_KEY_LEN_MAX, Note, NoteKind, StoreError};

/// Notes are fetched so many at a time; those that are large are alone in their partition.
const PAGE: usize = 128;

/// How many notes of one append are under way at a time.
const TOGETHER: usize = 16;

impl Connected {
    pub(super) async fn note(&self, note: Note) -> Result<(), StoreError> {
        conditions::check_note(&note)?;
        let (begun, deadline) = self.clock();
        self.add_note(deadline, &note).await.map_err(|failure| self.failed_write(failure, begun))
    }

    /// Writes the notes of an append before it. Of the append itself nothing was written yet.
    pub(super) async fn note_all(&self, deadline: Instant, notes: &[Note]) -> Result<(), StoreError> {
        for some in notes.chunks(TOGETHER) {
            let adding: Vec<_> = some.iter().map(|note| self.add_note(deadline, note)).collect();
            try_join_all(adding).await.map_err(|failure| self.unavailable(failure))?;
        }
        Ok(())
    }

    async fn add_note(&self, deadline: Instant, note: &Note) -> Result<(), Failure> {
        if note.is_void() {
            return Ok(());
        }
        let (content, group) = (encode(note), group_of(note.kind, &note.key));
        let (written_at, ttl) = (written_at(note), ttl(note));
        let bound = (i32::from(note.kind.number()), group, &note.key[..], &content[..], written_at, ttl);
        self.run(deadline, || self.send(&self.statements.write_note, bound)).await.map(|_| ())
    }

    pub(super) async fn noted(
        &self,
        kind: NoteKind,
        key: &[u8],
        now_ms: u64,
    ) -> Result<Option<Note>, StoreError> {
        conditions::check_note_key("the key of a note", kind, key)?;
        if key.len() > NOTE_KEY_LEN_MAX {
            return Ok(None);
        }
        let (_, deadline) = self.clock();
        let at = (i32::from(kind.number()), group_of(kind, key), key);
        let found = self.select::<(Option<Bytes>,)>(deadline, &self.statements.note, at).await;
        let content = found.map_err(|failure| self.unavailable(failure))?.into_iter().next();
        let note = content.and_then(|(content,)| content).map(|content| decode(kind, key, &content));
        Ok(note.transpose()?.filter(|note| !note.is_over(now_ms)))
    }

    pub(super) async fn notes(
        &self,
        kind: NoteKind,
        prefix: &[u8],
        after: Option<&[u8]>,
        limit: usize,
        now_ms: u64,
    ) -> Result<Vec<Note>, StoreError> {
        conditions::check_note_key("the prefix of notes", kind, prefix)?;
        let (first, to) = (lower_bound(prefix, after), upper_bound(prefix, NOTE_KEY_LEN_MAX));
        let to = to.as_slice();
        those_not_over((limit, now_ms), first, |from, wanted| async move {
            self.note_page((kind, prefix), (&from, to), PAGE.min(wanted)).await
        })
        .await
    }

    /// Notes of a group within bounds as they lie there, and from where the next page goes on.
    async fn note_page(
        &self,
        (kind, prefix): (NoteKind, &[u8]),
        (from, to): (&[u8], &[u8]),
        wanted: usize,
    ) -> Result<(Vec<Note>, Option<Vec<u8>>), StoreError> {
        if from >= to {
            return Ok((Vec::new(), None));
        }
        let (_, deadline) = self.clock();
        let number = i32::try_from(wanted).unwrap_or(i32::MAX);
        let at = (i32::from(kind.number()), group_of(kind, prefix), from, to, number);
        let found = self.select::<(Bytes, Option<Bytes>)>(deadline, &self.statements.notes, at).await;
        let found = found.map_err(|failure| self.unavailable(failure))?;
        let last = found.last().filter(|_| found.len() >= wanted);
        let next = last.map(|(last, _)| successor(last));
        // A row that is running out has lost its cell already.
        let notes = found.iter().filter_map(|(key, content)| Some(decode(kind, key, content.as_ref()?)));
        Ok((notes.collect::<Result<_, _>>()?, next))
    }
}

/// What of a key names the partition.
fn group_of(kind: NoteKind, key: &[u8]) -> &[u8] {
    key.get(..kind.group_len()).unwrap_or(key)
}

/// The time of the write, in microseconds: of two notes with one key that with the later time stays.
fn written_at(note: &Note) -> i64 {
    i64::try_from(note.at_ms.saturating_mul(1000)).unwrap_or(i64::MAX)
}

/// For how long the row stays, in seconds: a little longer than the note is shown, since clocks differ.
fn ttl(note: &Note) -> i32 {
    let shown_ms = note.expires_ms.saturating_sub(note.at_ms).min(NOTE_LIFE_MAX_MS);
    let seconds = shown_ms.saturating_add(NOTE_GRACE_MS).div_ceil(1000).max(1);
    i32::try_from(seconds).unwrap_or(i32::MAX)
}

fn encode(note: &Note) -> Bytes {
    let mut content = BytesMut::with_capacity(note.bytes.len().saturating_add(16));
    content.put_u64(note.at_ms);
    content.put_u64(note.expires_ms);
    content.put_slice(&note.bytes);
    content.freeze()
}

fn decode(kind: NoteKind, key: &[u8], content: &Bytes) -> Result<Note, StoreError> {
    let parts = content.split_first_chunk::<8>().and_then(|(at_ms, rest)| {
        let (expires_ms, bytes) = rest.split_first_chunk::<8>()?;
        Some((u64::from_be_bytes(*at_ms), u64::from_be_bytes(*expires_ms), content.slice_ref(bytes)))
    });
    let (at_ms, expires_ms, bytes) = parts.ok_or_else(|| StoreError::Corrupt {
        place: format!("note {kind:?} {}", conditions::readable(key)),
        reason: "its content is too short".into(),
    })?;
    Ok(Note { kind, key: Bytes::copy_from_slice(key), bytes, at_ms, expires_ms })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::note::change_key;

    fn note(at_ms: u64, expires_ms: u64) -> Note {
        Note {
            kind: NoteKind::Change,
            key: change_key(1, 2),
            bytes: Bytes::from_static(b"n"),
            at_ms,
            expires_ms,
        }
    }

    #[test]
    fn a_row_stays_a_little_longer_than_its_note_is_shown_and_never_for_ever() {
        assert_eq!(ttl(&note(1000, 1001)), 601);
        assert_eq!(ttl(&note(1000, 61_000)), 660);
        assert_eq!(ttl(&note(0, u64::MAX)), 365 * 86_400 + 600);
    }

    #[test]
    fn a_write_has_the_time_of_its_note() {
        assert_eq!(written_at(&note(1_769_040_000_123, 0)), 1_769_040_000_123_000);
        assert_eq!(written_at(&note(u64::MAX, 0)), i64::MAX);
    }

    #[test]
    fn what_is_written_is_read() {
        let note = note(5, 9);
        assert_eq!(decode(note.kind, &note.key, &encode(&note)).unwrap(), note);
        assert!(decode(note.kind, &note.key, &Bytes::from_static(b"too short")).is_err());
        assert_eq!(group_of(note.kind, &note.key), [0, 0, 0, 1, 2]);
    }
}
