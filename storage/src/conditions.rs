//! The conditions of writes as pure functions, shared by the backends that judge them themselves.

use crate::store::{
    APPEND_LEN_MAX, Append, NOTE_KEY_LEN_MAX, Note, NoteKind, RECORD_KEY_LEN_MAX, RECORD_LEN_MAX,
    ROW_KEY_LEN_MAX, RecordKind, Stamp, StoreError, Version,
};

/// What an append leads to when its condition holds.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Write it; the head gets this version.
    Write(Version),
    /// It is there already, at this version.
    Already(Version),
}

/// The bytes of an append that count against [`APPEND_LEN_MAX`].
pub(crate) fn append_len(append: &Append) -> usize {
    let rows = append.rows.iter().map(|row| row.key.len().saturating_add(row.value.len()));
    rows.chain(append.notes.iter().map(note_len)).fold(append.head.len(), usize::saturating_add)
}

/// The bytes of a note.
pub(crate) fn note_len(note: &Note) -> usize {
    note.key.len().saturating_add(note.bytes.len())
}

/// Refuses an append that breaks a limit.
pub(crate) fn check_append(append: &Append) -> Result<(), StoreError> {
    if let Some(row) = append.rows.iter().find(|row| row.key.len() > ROW_KEY_LEN_MAX) {
        return Err(StoreError::TooLarge {
            what: "the key of a row",
            len: row.key.len(),
            max: ROW_KEY_LEN_MAX,
        });
    }
    append.notes.iter().try_for_each(check_note)?;
    let len = append_len(append);
    if len > APPEND_LEN_MAX {
        let what = "head, rows and notes of an append";
        return Err(StoreError::TooLarge { what, len, max: APPEND_LEN_MAX });
    }
    Ok(())
}

/// Refuses a note that breaks a limit.
pub(crate) fn check_note(note: &Note) -> Result<(), StoreError> {
    if note.key.len() > NOTE_KEY_LEN_MAX {
        let (len, max) = (note.key.len(), NOTE_KEY_LEN_MAX);
        return Err(StoreError::TooLarge { what: "the key of a note", len, max });
    }
    check_note_key("the key of a note", note.kind, &note.key)?;
    let (len, max) = (note.bytes.len(), note.kind.len_max());
    if len > max {
        return Err(StoreError::TooLarge { what: "a note", len, max });
    }
    Ok(())
}

/// Refuses a key, or what keys begin with, that does not tell the group it belongs to.
pub(crate) fn check_note_key(what: &'static str, kind: NoteKind, key: &[u8]) -> Result<(), StoreError> {
    let min = kind.group_len();
    if key.len() < min {
        return Err(StoreError::TooShort { what, len: key.len(), min });
    }
    Ok(())
}

/// Refuses a record that breaks a limit.
pub(crate) fn check_record(key: &[u8], bytes: &[u8]) -> Result<(), StoreError> {
    if key.len() > RECORD_KEY_LEN_MAX {
        return Err(StoreError::TooLarge {
            what: "the key of a record",
            len: key.len(),
            max: RECORD_KEY_LEN_MAX,
        });
    }
    if bytes.len() > RECORD_LEN_MAX {
        return Err(StoreError::TooLarge { what: "a record", len: bytes.len(), max: RECORD_LEN_MAX });
    }
    Ok(())
}

/// Judges an append against the head that is there.
pub(crate) fn judge_append(found: Option<(Version, Stamp)>, append: &Append) -> Result<Verdict, StoreError> {
    match found {
        Some((version, stamp)) if stamp == append.stamp => return Ok(Verdict::Already(version)),
        Some((version, _)) if append.expected == Some(version) => return Ok(Verdict::Write(version.next())),
        None if append.expected.is_none() => return Ok(Verdict::Write(Version::FIRST)),
        Some(_) | None => {}
    }
    let found = found.map(|(version, _)| version);
    Err(StoreError::Conflict { what: format!("stream {}", append.stream), expected: append.expected, found })
}

/// Judges the write of a record against the version that is there, and returns the new one.
pub(crate) fn judge_record(
    found: Option<Version>,
    expected: Option<Version>,
    kind: RecordKind,
    key: &[u8],
) -> Result<Version, StoreError> {
    if found == expected {
        return Ok(found.map_or(Version::FIRST, Version::next));
    }
    let what = format!("record {kind:?} {}", readable(key));
    Err(StoreError::Conflict { what, expected, found })
}

/// A key as an operator can read it: as text when it is text, else in hex.
pub(crate) fn readable(key: &[u8]) -> String {
    match std::str::from_utf8(key) {
        Ok(text) if !text.is_empty() && !text.chars().any(char::is_control) => format!("{text:?}"),
        Ok(_) | Err(_) => format!("0x{}", hex::encode(key)),
    }
}
