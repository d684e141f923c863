//! Unconfirmed documents: stored and answered, but the answer was never taken (WIRE 13.3).
//!
//! Tills queue a sale whose answer was lost, let others pass, and send it at the end. So what was not taken is
//! remembered beyond the retry memory: as rows beside the documents, found by content, counted in the head. Where
//! tokens do not rotate nothing tells a lost answer from one that was taken; there the head itself holds the last few.

use serde::{Deserialize, Serialize};

use super::fingerprint::Fingerprint;
use super::known::Known;
use super::retry::Identity;
use super::state::Register;
use crate::message::Command;
use crate::ticket_number::DocumentRef;
use crate::types::{LocalDateTime, Token, UnixMillis};

/// So many documents of a register are unconfirmed at once; then the oldest is dropped. A till that gives up after 5 s
/// needs over five hours without any answer for so many.
pub const UNCONFIRMED_MAX: u32 = 4096;

/// A document stays unconfirmed for so long.
pub const UNCONFIRMED_FOR_MS: u64 = 72 * 60 * 60 * 1000;

/// Beyond that it is kept for so long in all, so that an equal one can name it in a warning.
pub const UNCONFIRMED_KEPT_FOR_MS: u64 = 7 * 24 * 60 * 60 * 1000;

/// With another time it may come again for so long after it was accepted.
const RETIMED_FOR_MS: u64 = 30 * 60 * 1000;

/// Where tokens do not rotate, the last documents of a register are compared, the one in the retry memory included.
const LAST_DOCUMENTS: u8 = 16;

/// Of so many last documents the head keeps what is needed to name one in a warning.
const LAST_DOCUMENTS_KEPT: u8 = 32;

/// Of the times of a document so many are compared.
const DATE_TIMES_MAX: usize = 17;

/// A stored ticket or placement whose answer was not taken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unconfirmed {
    /// Its place in the list: who came first is dropped first.
    pub sequence: u32,
    /// Where it lies.
    pub document: DocumentRef,
    /// Its command.
    pub command: Command,
    /// Its content.
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
    /// A token reset told it.
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
    /// Of this content.
    pub fingerprint: Fingerprint,
    /// Of this time.
    pub date_time: LocalDateTime,
    /// Or of any.
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

impl Register {
    /// Whether nothing tells a lost answer from one that was taken: requests come under one token.
    pub(super) fn is_without_rotation(&self) -> bool {
        self.tokens.kept == Some(self.tokens.current)
    }

    /// Whether a fiscal command under this token would show that the answer before it was not taken.
    pub(super) fn is_untaken_by(&self, token: Token) -> bool {
        self.tokens.kept.is_none_or(|kept| kept == token)
    }

    /// With which unconfirmed documents a request under this token is compared; `None`: with none that has a row.
    pub(super) fn seeks(&self, identity: &Identity) -> Option<Sought> {
        let is_compared = matches!(identity.command, Command::Ticket | Command::MoneyPlacement)
            && (!self.is_without_rotation() || identity.offline_number != 0);
        let date_time = identity.date_time.filter(|_| is_compared && self.unconfirmed.count > 0)?;
        let is_of_any_time = identity.offline_number == 0;
        Some(Sought { fingerprint: identity.fingerprint, date_time, is_of_any_time })
    }

    /// Takes note of what a fiscal command under `token` tells of the answer before it, while the retry memory is still
    /// that one's. What comes back gets a row.
    ///
    /// `known` tells of the document in the memory when a replay amended it; `undone` is what the command cancels.
    pub(super) fn note_untaken(
        &mut self,
        token: Token,
        now: UnixMillis,
        known: Option<&Known>,
        undone: Option<DocumentRef>,
    ) -> Option<Unconfirmed> {
        let is_without_rotation = self.is_without_rotation();
        let is_untaken = self.is_untaken_by(token);
        let list = &mut self.unconfirmed;
        if list.count > 0 && now.since(list.newest_at) > UNCONFIRMED_KEPT_FOR_MS {
            (list.count, list.first) = (0, list.next);
        }
        let reset_at = list.reset_at.take();
        let (confirmed, is_amended) = (list.confirmed.take(), std::mem::take(&mut list.is_amended));
        let memory = self.memory.filter(|memory| is_untaken && undone != Some(memory.document))?;
        if !matches!(memory.command, Command::Ticket | Command::MoneyPlacement) {
            return None;
        }
        let last = self.last_document.filter(|last| last.place == memory.document);
        let known = known.filter(|_| is_amended);
        let mut date_times =
            known.map_or_else(|| memory.date_time.into_iter().collect(), |known| known.date_times.clone());
        if date_times.len() > DATE_TIMES_MAX {
            // Its own, and the latest.
            date_times.drain(1..date_times.len().saturating_sub(DATE_TIMES_MAX.saturating_sub(1)));
        }
        let unconfirmed = Unconfirmed {
            sequence: list.next,
            document: memory.document,
            command: memory.command,
            fingerprint: memory.fingerprint,
            date_times,
            born: known.map_or(memory.offline_number, |known| known.born),
            number: memory.offline_number,
            accepted_at: confirmed.or(last.map(|last| last.accepted_at)).unwrap_or(now),
            since: reset_at.unwrap_or(now),
            is_by_reset: self.tokens.kept.is_none(),
            documents_after: 0,
        };
        if is_without_rotation {
            // One with a number is found by it (WIRE 13.4), and a placement has none.
            if memory.command == Command::Ticket && unconfirmed.number == 0 {
                list.last.push(unconfirmed);
            }
            return None;
        }
        list.next = list.next.saturating_add(1);
        list.count = list.count.saturating_add(1);
        list.newest_at = list.newest_at.max(unconfirmed.since);
        Some(unconfirmed)
    }

    /// One more document came after those of a register whose tokens do not rotate.
    pub(super) fn count_after_last(&mut self) {
        let last = &mut self.unconfirmed.last;
        last.iter_mut()
            .for_each(|document| document.documents_after = document.documents_after.saturating_add(1));
        last.retain(|document| document.documents_after < LAST_DOCUMENTS_KEPT);
    }

    /// The document was given its answer again: it leaves the list. What comes back has a row, which goes.
    pub(super) fn confirm(&mut self, again: Unconfirmed) -> Option<Unconfirmed> {
        let list = &mut self.unconfirmed;
        list.confirmed = Some(again.accepted_at);
        list.is_amended = true;
        if let Some(at) = list.last.iter().position(|last| last.document == again.document) {
            list.last.remove(at);
            return None;
        }
        list.count = list.count.saturating_sub(1);
        Some(again)
    }
}
