//! Announcements: a note, written with an append, that a register has something new. Whoever follows the registers
//! behind the service reads these notes instead of all registers.

use bytes::Bytes;
use ofd_protocol::types::{RegisterId, UnixMillis};

use crate::note::{CHANGE_LIFE_MS, NOTE_SHARDS, change_key, change_of_key, note_shard};
use crate::store::{Note, NoteKind, Stamp};

/// Registers are announced in so many shards, by which readers share the work.
pub const SHARDS: u8 = NOTE_SHARDS as u8; // 32

const MINUTE_MS: u64 = 60_000;

/// A minute of the Unix epoch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Minute(pub u32);

impl Minute {
    /// The minute of a moment; the last one that can be told, of a moment after the year 10000.
    pub fn of(at: UnixMillis) -> Self {
        Self(u32::try_from(at.0 / MINUTE_MS).unwrap_or(u32::MAX))
    }

    /// When it begins.
    pub fn begins_at(self) -> UnixMillis {
        UnixMillis(u64::from(self.0).saturating_mul(MINUTE_MS))
    }

    /// The minute after it.
    #[must_use]
    pub fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }
}

/// The shard of a register.
pub fn shard_of(register: RegisterId) -> u8 {
    note_shard(register.0)
}

/// The note that announces a register.
pub fn announcement(register: RegisterId, now: UnixMillis) -> Note {
    Note {
        kind: NoteKind::Change,
        key: change_key(Minute::of(now).0, register.0),
        bytes: Bytes::new(),
        at_ms: now.0,
        expires_ms: now.0.saturating_add(CHANGE_LIFE_MS),
    }
}

/// Which register an announcement is of; `None` when the key is none of one.
pub fn announced_register(key: &[u8]) -> Option<RegisterId> {
    change_of_key(key).map(|(_, register)| RegisterId(register))
}

/// What an append bears beside what it changes: the stamp that tells it from others, and what it announces.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bearing {
    /// Unique to the append.
    pub stamp: Stamp,
    /// The note that announces the register, unless it was announced lately.
    pub announcement: Option<Note>,
}

impl Bearing {
    /// Of an append that announces its register.
    pub fn announcing(stamp: Stamp, register: RegisterId, now: UnixMillis) -> Self {
        Self { stamp, announcement: Some(announcement(register, now)) }
    }
}

/// When a process last announced a register. It does so once a minute, whatever the register appends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LastAnnounced(Option<Minute>);

impl LastAnnounced {
    /// What the register's next append bears.
    pub fn bearing(self, stamp: Stamp, register: RegisterId, now: UnixMillis) -> Bearing {
        let is_announced = self.0 == Some(Minute::of(now));
        Bearing { stamp, announcement: (!is_announced).then(|| announcement(register, now)) }
    }

    /// An append of that moment landed, and with it its announcement.
    pub fn landed(&mut self, now: UnixMillis) {
        self.0 = Some(Minute::of(now));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::note::change_group;

    const NOW: UnixMillis = UnixMillis(1_795_158_059_999);

    #[test]
    fn an_announcement_tells_minute_shard_and_register_and_is_kept_for_eight_days() {
        let note = announcement(RegisterId(0x0102_0304), NOW);
        assert_eq!(note.kind, NoteKind::Change);
        assert_eq!(note.key[..], [0x01, 0xC8, 0x88, 0x44, 0x04, 0x01, 0x02, 0x03, 0x04]);
        assert_eq!((note.at_ms, note.expires_ms - note.at_ms), (NOW.0, 8 * 24 * 3_600_000));
        assert!(note.bytes.is_empty());
        assert_eq!(announced_register(&note.key), Some(RegisterId(0x0102_0304)));
        assert!(note.key.starts_with(&change_group(Minute::of(NOW).0, shard_of(RegisterId(0x0102_0304)))));
        for wrong in [&note.key[..8], &[&note.key[..], &[0]].concat(), &[0, 0, 0, 0, 9, 1, 2, 3, 4], b""] {
            assert_eq!(announced_register(wrong), None, "{wrong:?}");
        }
    }

    #[test]
    fn a_register_is_announced_once_a_minute_and_only_when_its_append_landed() {
        let (mut last, stamp) = (LastAnnounced::default(), Stamp([1; 16]));
        let announces = |last: LastAnnounced, at: u64| {
            last.bearing(stamp, RegisterId(7), UnixMillis(NOW.0 + at)).announcement.is_some()
        };
        assert!(announces(last, 0));
        assert!(announces(last, 0), "the first append was not written");
        last.landed(NOW);
        assert!(!announces(last, 0));
        assert!(announces(last, 1), "the next minute began");
        last.landed(UnixMillis(NOW.0 + 1));
        assert!(!announces(last, 60_000));
        assert!(announces(last, 60_001));
    }
}
