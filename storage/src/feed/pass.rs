//! A pass over what was announced: minute by minute, from where the reader is in a shard up to now.

use std::time::Duration;

use bytes::Bytes;
use ofd_protocol::types::{RegisterId, UnixMillis};
use serde::{Deserialize, Serialize};

use super::catch_up::{Caught, catch_up};
use super::reader::{Reader, Stamps, fact_key};
use super::seen::Seen;
use crate::note::{CHANGE_LIFE_MS, change_group};
use crate::registers::{Minute, announced_register};
use crate::store::{Note, NoteKind, Record, RecordKind, Store, StoreError, Version};

/// A minute is read again for so long after its end. An announcement of its last moment is followed by an append that
/// takes up to 12 s with its repeats (3 of 3.8 s), and by those of a device that got 254 and repeats within a minute;
/// gateways' clocks are taken to be within 15 s of each other, and one that is not is refused writes or warned of. What
/// lands later still is found when the register is announced again, and by the sweep.
pub const READ_AGAIN_FOR: Duration = Duration::from_secs(120);

/// A reader that has no place in a shard yet begins so far back: its first pass may have failed for a while, and what was
/// sold meanwhile would wait for the next sweep.
const BEGINS_BEFORE: Duration = Duration::from_secs(600);

/// So long after a minute's end nearly all that it announces has landed: a look at that time is seldom in vain.
const SOON: Duration = Duration::from_secs(10);

/// A register is looked at so long after it was announced: its append takes a moment.
const FIRST_LOOK_AFTER: Duration = Duration::from_secs(2);

/// So many minutes are looked at in a pass: a reader that was away comes up to date in bounded steps.
const MINUTES_MAX: u32 = 60;

/// So many appends are made, or registers looked at, in a pass.
const LOOKS_MAX: usize = 1024;

/// Announcements are read in pages.
const NOTES_PAGE: usize = 512;

/// A shard of registers: one of [`SHARDS`](crate::registers::SHARDS).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shard(pub u8);

/// What came of a pass.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pass {
    /// How many documents were taken.
    pub documents: usize,
    /// How many registers could not be read; `ofd verify` names what is broken in them.
    pub broken: usize,
    /// The oldest minute that has announcements which are not read; `None` when all are.
    pub unread: Option<Minute>,
    /// Whether the pass ended before its end, since it had done enough.
    pub has_more: bool,
}

/// How far a reader is in the announcements of a shard: all minutes before this one are read for good.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Cursor {
    minute: u32,
}

impl Shard {
    /// All shards, one after the other.
    pub fn all() -> impl Iterator<Item = Self> {
        (0..crate::registers::SHARDS).map(Self)
    }

    /// Looks at the registers of this shard that were announced and not looked at since.
    ///
    /// # Errors
    /// Those of the store. What was done until then stays done.
    pub async fn pass(
        self,
        store: &impl Store,
        reader: &impl Reader,
        seen: &mut Seen,
        now: UnixMillis,
        stamps: &impl Stamps,
    ) -> Result<Pass, StoreError> {
        let key = fact_key(reader.name(), &format!("{:02}", self.0));
        let stored = store.record(RecordKind::Store, &key).await?;
        let known = stored.as_ref().and_then(read_cursor);
        // A cursor that is further was written by a clock that ran ahead: what is announced now it has not read.
        let newest = Minute::of(earlier(now, READ_AGAIN_FOR));
        // Older announcements are gone.
        let oldest = Minute::of(UnixMillis(now.0.saturating_sub(CHANGE_LIFE_MS)));
        let first = || Minute::of(earlier(now, BEGINS_BEFORE));
        let from = known.map_or_else(first, |known| known.min(newest)).max(oldest);
        let mut walk =
            Walk { shard: self, reader, seen, now, looks: 0, reached: from, done: Pass::default() };
        let walked = walk.minutes(store, from, stamps).await;
        walk.seen.forget_before(earlier(now, READ_AGAIN_FOR.saturating_mul(2)));
        let (reached, done) = (walk.reached, walk.done);
        // What was read before a failure is not read again: else a store that fails now and then would hold up for ever a
        // reader that was away.
        if known != Some(reached) {
            let saved = save(store, &key, stored.map(|record| record.version), reached).await;
            walked.and(saved)?;
        } else {
            walked?;
        }
        Ok(done)
    }

    /// How long the reader is behind what it should have read for good by now; for whoever does not read itself.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn behind(
        self,
        store: &impl Store,
        reader: &impl Reader,
        now: UnixMillis,
    ) -> Result<Duration, StoreError> {
        let key = fact_key(reader.name(), &format!("{:02}", self.0));
        let stored = store.record(RecordKind::Store, &key).await?;
        let Some(minute) = stored.as_ref().and_then(read_cursor) else { return Ok(Duration::ZERO) };
        let ended = minute.next().begins_at();
        Ok(Duration::from_millis(now.since(ended)).saturating_sub(READ_AGAIN_FOR))
    }
}

fn earlier(at: UnixMillis, by: Duration) -> UnixMillis {
    UnixMillis(at.0.saturating_sub(millis(by)))
}

fn later(at: UnixMillis, by: Duration) -> UnixMillis {
    UnixMillis(at.0.saturating_add(millis(by)))
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

/// A cursor that cannot be read begins anew: the sweep brings what it passed over.
fn read_cursor(record: &Record) -> Option<Minute> {
    serde_json::from_slice::<Cursor>(&record.bytes).ok().map(|cursor| Minute(cursor.minute))
}

async fn save(
    store: &impl Store,
    key: &[u8],
    expected: Option<Version>,
    minute: Minute,
) -> Result<(), StoreError> {
    let bytes = serde_json::to_vec(&Cursor { minute: minute.0 }).map(Bytes::from).unwrap_or_default();
    match store.put_record(RecordKind::Store, key, expected, bytes).await {
        // Another process is further, or did the same.
        Ok(_) | Err(StoreError::Conflict { .. }) => Ok(()),
        Err(error) => Err(error),
    }
}

struct Walk<'a, R> {
    shard: Shard,
    reader: &'a R,
    seen: &'a mut Seen,
    now: UnixMillis,
    looks: usize,
    /// The first minute that is not read for good.
    reached: Minute,
    done: Pass,
}

impl<R: Reader> Walk<'_, R> {
    /// Walks the minutes from `from` up to now.
    async fn minutes(
        &mut self,
        store: &impl Store,
        from: Minute,
        stamps: &impl Stamps,
    ) -> Result<(), StoreError> {
        let mut minute = from;
        while minute <= Minute::of(self.now) && !self.done.has_more {
            if minute.0.saturating_sub(from.0) >= MINUTES_MAX {
                self.done.has_more = true;
                break;
            }
            self.minute(store, minute, stamps).await?;
            let is_settled = self.now >= later(minute.next().begins_at(), READ_AGAIN_FOR);
            if is_settled && !self.done.has_more {
                self.reached = minute.next();
            }
            minute = minute.next();
        }
        if self.done.has_more {
            self.done.unread = self.done.unread.or(Some(minute));
        }
        Ok(())
    }

    async fn minute(
        &mut self,
        store: &impl Store,
        minute: Minute,
        stamps: &impl Stamps,
    ) -> Result<(), StoreError> {
        let group = change_group(minute.0, self.shard.0);
        let mut after: Option<Bytes> = None;
        loop {
            let page =
                store.notes(NoteKind::Change, &group, after.as_deref(), NOTES_PAGE, self.now.0).await?;
            for note in &page {
                if let Some(register) = announced_register(&note.key) {
                    self.announced(store, register, (minute, note), stamps).await?;
                }
                if self.done.has_more {
                    return Ok(());
                }
            }
            match page.last() {
                Some(last) if page.len() == NOTES_PAGE => after = Some(last.key.clone()),
                Some(_) | None => return Ok(()),
            }
        }
    }

    /// Looks at a register unless it was looked at late enough for this announcement.
    async fn announced(
        &mut self,
        store: &impl Store,
        register: RegisterId,
        (minute, note): (Minute, &Note),
        stamps: &impl Stamps,
    ) -> Result<(), StoreError> {
        let ended = minute.next().begins_at();
        let looks = [
            later(ended, READ_AGAIN_FOR),
            later(ended, SOON),
            later(UnixMillis(note.at_ms), FIRST_LOOK_AFTER),
        ];
        // The latest look that is due; an earlier one is of no use any more.
        let Some(due) = looks.into_iter().find(|look| *look <= self.now) else {
            self.done.unread = self.done.unread.or(Some(minute));
            return Ok(());
        };
        if self.seen.is_seen_since(register, due) {
            return Ok(());
        }
        loop {
            if self.looks >= LOOKS_MAX {
                self.done.has_more = true;
                return Ok(());
            }
            self.looks = self.looks.saturating_add(1);
            match catch_up(store, self.reader, register, stamps).await {
                Ok(Caught::More(taken)) => self.done.documents = self.done.documents.saturating_add(taken),
                Ok(Caught::Up(taken)) => {
                    self.done.documents = self.done.documents.saturating_add(taken);
                    break;
                }
                Err(StoreError::Corrupt { .. }) => {
                    self.done.broken = self.done.broken.saturating_add(1);
                    break;
                }
                Err(error) => return Err(error),
            }
        }
        self.seen.saw(register, self.now);
        Ok(())
    }
}
