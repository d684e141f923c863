//! Unconfirmed documents: stored and answered, but the answer was never taken (WIRE 13.3).
//!
//! Tills queue a sale whose answer was lost, let others pass, and send it at the end. So what was not taken is
//! remembered beyond the retry memory: as rows beside the documents, found by content, counted in the head. Where
//! tokens do not rotate nothing tells a lost answer from one that was taken; there the head itself holds the last few.

use serde::{Deserialize, Serialize};

use super::fingerprint::Fingerprint;
use super::identity::Identity;
use crate::message::Command;
use crate::ticket_number::DocumentRef;
use crate::types::{LocalDateTime, UnixMillis};

/// So many documents of a register are unconfirmed at once; then the oldest is dropped. A till that gives up after 5 s
/// needs over five hours without any answer for so many.
pub const UNCONFIRMED_MAX: u32 = 4096;

/// A document stays unconfirmed for so long.
pub const UNCONFIRMED_FOR_MS: u64 = 72 * 60 * 60 * 1000;

/// With another time it may come again for so long after it was accepted.
const RETIMED_FOR_MS: u64 = 30 * 60 * 1000;

/// Where tokens do not rotate, the last documents of a register are compared, the one in the retry memory included.
const LAST_DOCUMENTS: u8 = 16;

/// A stored ticket or placement whose answer was not taken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unconfirmed {
    /// Its place in the list: who came first is dropped first.
    pub sequence: u32,
    /// Where it lies.
    pub document: DocumentRef,
    /// The command it came with.
    pub command: Command,
    /// A digest of what it said.
    pub fingerprint: Fingerprint,
    /// The date_time of every try, its own first.
    pub date_times: Vec<LocalDateTime>,
    /// The offline number it came with; 0: none.
    pub born: u32,
    /// The offline number it has by now; 0: none.
    pub number: u32,
    /// When it was accepted.
    pub accepted_at: UnixMillis,
    /// Since when it is unconfirmed.
    pub since: UnixMillis,
    /// Whether it became so by a token reset, and not by the token of the next command.
    pub is_by_reset: bool,
    /// How many documents came after it; counted only where tokens do not rotate.
    pub documents_after: u8,
}

/// What the head says of the unconfirmed documents of its register.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnconfirmedList {
    /// How many rows of them the stream holds.
    pub count: u32,
    /// Rows with a smaller sequence were dropped.
    pub first: u32,
    /// The sequence of the next one.
    pub next: u32,
    /// Since when the newest of them is unconfirmed.
    pub newest_at: UnixMillis,
    /// The last documents, where tokens do not rotate.
    pub last: Vec<Unconfirmed>,
    /// When the token was reset last, until the next fiscal command.
    pub reset_at: Option<UnixMillis>,
    /// The retry memory is the answer to a document that was in the list, which was accepted then.
    pub confirmed: Option<UnixMillis>,
    /// A replay brought the document in the retry memory a number or a time.
    pub is_amended: bool,
}

impl UnconfirmedList {
    /// Whether one must be dropped, see [`Self::drop_oldest`].
    pub fn is_over(&self) -> bool {
        self.count > UNCONFIRMED_MAX
    }

    /// Drops the oldest, whose sequence is this.
    pub fn drop_oldest(&mut self, sequence: u32) {
        self.first = sequence.saturating_add(1);
        self.count = self.count.saturating_sub(1);
    }

    /// Whether a row with this sequence is counted.
    pub fn counts(&self, sequence: u32) -> bool {
        sequence >= self.first
    }
}

/// Which unconfirmed documents a request is compared with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sought {
    /// They have this content.
    pub fingerprint: Fingerprint,
    /// They have this time.
    pub date_time: LocalDateTime,
    /// Or any time at all.
    pub is_of_any_time: bool,
}

/// How a request stands to an unconfirmed document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Likeness {
    /// It is that document again, with the date_time of a try.
    SameTime,
    /// It may be that document again, with another date_time.
    OtherTime,
    /// It is equal, but beyond the bounds.
    Beyond,
    /// It is another document.
    Other,
}

impl Unconfirmed {
    /// Compares a request, which came under the current token alone or under the kept one.
    pub(super) fn compare(
        &self,
        identity: &Identity,
        list: &UnconfirmedList,
        is_current_alone: bool,
        now: UnixMillis,
    ) -> Likeness {
        let is_same_content = self.command == identity.command && self.fingerprint == identity.fingerprint;
        let are_two = self.born != 0 && identity.offline_number != 0 && self.born != identity.offline_number;
        let Some(date_time) = identity.date_time.filter(|_| is_same_content && !are_two) else {
            return Likeness::Other;
        };
        let is_within = now.since(self.since) <= UNCONFIRMED_FOR_MS
            && list.counts(self.sequence)
            && self.documents_after < LAST_DOCUMENTS;
        if self.date_times.contains(&date_time) {
            return if is_within { Likeness::SameTime } else { Likeness::Beyond };
        }
        if identity.offline_number != 0 || self.number != 0 {
            return Likeness::Other;
        }
        let is_fresh = now.since(self.accepted_at) <= RETIMED_FOR_MS;
        if is_within && is_current_alone && is_fresh && !self.is_by_reset {
            Likeness::OtherTime
        } else {
            Likeness::Beyond
        }
    }

    /// Its own time.
    pub(super) fn date_time(&self) -> Option<LocalDateTime> {
        self.date_times.first().copied()
    }
}
