//! How a register notes whose answer was not taken, and what becomes of such a document (WIRE 13.3).

use super::identity::Identity;
use super::known::Known;
use super::state::Register;
use super::unconfirmed::{Sought, Unconfirmed};
use crate::message::Command;
use crate::ticket_number::DocumentRef;
use crate::types::{Token, UnixMillis};

/// Beyond [`UNCONFIRMED_FOR_MS`](super::UNCONFIRMED_FOR_MS) a document is kept for so long in all, so that an equal one can name it in a warning.
pub const UNCONFIRMED_KEPT_FOR_MS: u64 = 7 * 24 * 60 * 60 * 1000;

/// Of so many last documents the head keeps what is needed to name one in a warning.
const LAST_DOCUMENTS_KEPT: u8 = 32;

/// How many of a document's times are compared.
const DATE_TIMES_MAX: usize = 17;

impl Register {
    /// Whether tokens do not rotate: all requests come under one token, so a lost answer looks like one that was taken.
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

    /// Notes whether the answer before was taken, which the token of this fiscal command tells. The retry memory must
    /// still be that of the command before. What is returned became unconfirmed and gets a row.
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
            // A receipt that has an offline number is found by that (WIRE 13.4); a placement never gets one.
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

    /// The document was given its answer again: it leaves the list. What is returned had a row, which is to be emptied.
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
