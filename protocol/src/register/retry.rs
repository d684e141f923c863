//! Which requests repeat an earlier one (WIRE 13.2 to 13.4 and 13.6).

use super::asked::{Facts, Incoming};
use super::identity::Identity;
use super::known::{Amendment, Known};
use super::state::{Memory, Register};
use super::unconfirmed::{Likeness, Unconfirmed};
use crate::frame::Header;
use crate::message::Command;
use crate::refusal::Refusal;
use crate::ticket_number::DocumentRef;
use crate::types::{LocalDateTime, UnixMillis};
use crate::warning::Warning;

impl Identity {
    fn has_content_of(&self, memory: &Memory) -> bool {
        self.command == memory.command && self.fingerprint == memory.fingerprint
    }

    /// Whether its time says nothing of a repeat: a closing has a new one at every try, a cancellation has none.
    fn is_timeless(&self) -> bool {
        matches!(self.command, Command::CloseShift | Command::CancelTicket)
    }

    /// Whether it has another offline number than the document in the memory has by now.
    fn has_other_number(&self, memory: &Memory) -> bool {
        self.offline_number != 0 && memory.offline_number != 0 && self.offline_number != memory.offline_number
    }
}

/// What the retry rules say of a fiscal command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// A document not seen before, though it may equal this one, which was never confirmed.
    New {
        /// The other document.
        double: Option<DocumentRef>,
    },
    /// A repeat of a document.
    Replay {
        /// The stored document that it repeats.
        document: DocumentRef,
        /// Over ten minutes apart from it.
        is_far: bool,
    },
    /// An unconfirmed document comes again.
    Confirm {
        /// The stored document that it repeats.
        again: Unconfirmed,
        /// Over ten minutes apart from it.
        is_far: bool,
    },
}

/// A replay of a document over so many seconds apart may be another document.
const FAR_SECONDS: u64 = 10 * 60;

/// Whether a time lies far from a document's own.
fn is_far(own: Option<LocalDateTime>, again: Option<LocalDateTime>) -> bool {
    own.zip(again).is_some_and(|(own, again)| own.wall_seconds().abs_diff(again.wall_seconds()) > FAR_SECONDS)
}

/// The remembered document, if this request cannot be judged without the numbers and times that it is known by.
///
/// The usual receipt can: its content is not that of the one before, or it comes under a new token and REQNUM.
pub(super) fn needs_known(
    register: &Register,
    header: Header,
    identity: Option<&Identity>,
) -> Option<DocumentRef> {
    let (memory, identity) = (register.memory?, identity?);
    let may_be_untaken = register.is_untaken_by(header.token);
    let is_of_list = matches!(memory.command, Command::Ticket | Command::MoneyPlacement);
    if may_be_untaken && register.unconfirmed.is_amended && is_of_list {
        return Some(memory.document);
    }
    let is_other = identity.date_time != memory.date_time || identity.has_other_number(&memory);
    let tells_nothing = if register.is_without_rotation() {
        identity.offline_number == 0 && memory.offline_number == 0
    } else {
        !may_be_untaken && (identity.printed_number == 0 || identity.printed_number != memory.printed_number)
    };
    let is_asked = identity.has_content_of(&memory)
        && !identity.is_timeless()
        && is_other
        && (header.request == memory.request || !tells_nothing);
    is_asked.then_some(memory.document)
}

/// A fiscal command beside the document in the retry memory.
struct Beside<'a> {
    memory: &'a Memory,
    known: Option<&'a Known>,
    identity: &'a Identity,
    is_same_request: bool,
}

impl Beside<'_> {
    /// Whether the times are equal: that of any try counts.
    fn is_same_time(&self) -> bool {
        let came = self.identity.date_time;
        let is_of_a_try =
            || self.known.is_some_and(|known| came.is_some_and(|came| known.date_times.contains(&came)));
        came == self.memory.date_time || is_of_a_try()
    }

    /// The document's own time, whatever time it came with last.
    fn own_time(&self) -> Option<LocalDateTime> {
        self.known.and_then(|known| known.date_times.first().copied()).or(self.memory.date_time)
    }

    /// Whether each came with an offline number of its own from the start: then they are two receipts.
    fn are_two_from_the_start(&self) -> bool {
        let born = self.known.map_or(self.memory.offline_number, |known| known.born);
        let came = self.identity.offline_number;
        born != 0 && came != 0 && born != came
    }

    fn is_same_content(&self) -> bool {
        self.identity.has_content_of(self.memory)
    }

    /// A repeat under the kept token: all is equal, the time too where it tells anything.
    fn is_again(&self, is_without_rotation: bool) -> bool {
        if !self.is_same_content() || !(self.identity.is_timeless() || self.is_same_time()) {
            return false;
        }
        if self.is_same_request {
            return true;
        }
        let has_number = self.identity.offline_number != 0 || self.memory.offline_number != 0;
        match is_without_rotation {
            // Without rotation every request comes under the kept token, so the token tells nothing. But of equal
            // receipts in a till's queue each has a number of its own.
            true => has_number && !self.identity.has_other_number(self.memory),
            // It came under the kept token, so our answer was not taken: it is the same document, even when it has got
            // an offline number since.
            false => !self.are_two_from_the_start(),
        }
    }

    /// A repeat under the kept token with the time of sending, or of a clock that was set right.
    fn is_again_at_another_time(&self, is_without_rotation: bool) -> bool {
        self.is_same_content()
            && self.identity.date_time.is_some()
            && self.identity.offline_number == 0
            && self.memory.offline_number == 0
            && (self.is_same_request || !is_without_rotation)
    }

    /// The very same document, its time included.
    fn is_very_same(&self) -> bool {
        self.is_same_content() && self.is_same_time() && !self.identity.has_other_number(self.memory)
    }
}

/// Compares a fiscal command with what was accepted before.
pub(super) fn judge(
    register: &Register,
    incoming: &Incoming<'_>,
    identity: &Identity,
    facts: &Facts<'_>,
    now: UnixMillis,
) -> Result<Verdict, Refusal> {
    // Before the refusals 8 and 9: however late it comes again, a stored offline receipt is never a new one and never
    // refused.
    if let Some(document) = facts.offline {
        return Ok(Verdict::Replay { document, is_far: false });
    }
    let Some(memory) = &register.memory else { return Ok(Verdict::New { double: None }) };
    let (token, request) = (incoming.header.token, incoming.header.request);
    let is_same_request = request == memory.request;
    let beside = Beside { memory, known: facts.known, identity, is_same_request };
    let is_without_rotation = register.is_without_rotation();
    let is_kept = register.tokens.kept == Some(token);
    let is_after_reset = register.tokens.kept.is_none();
    let listed = Listed::find(register, identity, facts, !is_kept, now);

    let is_again = if is_after_reset {
        beside.is_same_content() && beside.is_same_time() && !beside.are_two_from_the_start()
    } else {
        is_kept && beside.is_again(is_without_rotation)
    };
    if is_again {
        return Ok(Verdict::Replay { document: memory.document, is_far: false });
    }
    if let Some(again) = listed.same_time {
        return Ok(Verdict::Confirm { again: again.clone(), is_far: false });
    }
    if is_kept && beside.is_again_at_another_time(is_without_rotation) {
        let is_far = is_far(beside.own_time(), identity.date_time);
        return Ok(Verdict::Replay { document: memory.document, is_far });
    }
    if let Some(again) = listed.other_time {
        let is_far = is_far(again.date_time(), identity.date_time);
        return Ok(Verdict::Confirm { again: again.clone(), is_far });
    }
    if is_kept && is_same_request {
        return Err(Refusal::RetryDiffers { request: request.0 });
    }
    if !is_kept && !is_after_reset && beside.is_very_same() {
        // After an unconfirmed document came again, an equal one is another document, which counts as well.
        if is_same_request && register.unconfirmed.confirmed.is_none() {
            return Err(Refusal::RequestNumberReused { request: request.0 });
        }
        if identity.printed_number != 0 && identity.printed_number == memory.printed_number {
            return Ok(Verdict::Replay { document: memory.document, is_far: false });
        }
    }
    // After a token reset the remembered document is unconfirmed, and only with an equal time is it surely the same
    // one; with another time it is named in a warning.
    let is_beyond = is_after_reset && beside.is_again_at_another_time(false);
    let double = listed.beyond.map(|other| other.document).or(is_beyond.then_some(memory.document));
    Ok(Verdict::New { double })
}

/// What a request finds among the unconfirmed documents; of several the one that was unconfirmed first.
#[derive(Default)]
struct Listed<'a> {
    same_time: Option<&'a Unconfirmed>,
    other_time: Option<&'a Unconfirmed>,
    beyond: Option<&'a Unconfirmed>,
}

impl<'a> Listed<'a> {
    fn find(
        register: &'a Register,
        identity: &Identity,
        facts: &Facts<'a>,
        is_current_alone: bool,
        now: UnixMillis,
    ) -> Self {
        let mut found = Self::default();
        let list = &register.unconfirmed;
        // Where tokens do not rotate, a request without an offline number is compared with nothing, and one that has
        // such a number also with the last documents of the head.
        let (rows, last) = match identity.offline_number {
            0 if register.is_without_rotation() => (&[][..], &[][..]),
            0 => (facts.unconfirmed, &[][..]),
            _ => (facts.unconfirmed, &list.last[..]),
        };
        for other in rows.iter().chain(last) {
            let place = match other.compare(identity, list, is_current_alone, now) {
                Likeness::SameTime => &mut found.same_time,
                Likeness::OtherTime => &mut found.other_time,
                Likeness::Beyond => &mut found.beyond,
                Likeness::Other => continue,
            };
            if place.is_none_or(|first| other.sequence < first.sequence) {
                *place = Some(other);
            }
        }
        found
    }
}

/// The register after a replay of `document`; `None` when nothing changes in it.
pub fn replayed(
    register: &Register,
    document: DocumentRef,
    amendment: Option<&Amendment>,
    is_far: bool,
    now: UnixMillis,
) -> Option<Register> {
    let mut next = register.clone();
    if let Some(amendment) = amendment {
        amendment.offline.iter().for_each(|key| next.extend_offline_range(key.date_time));
        if let Some(memory) = next.memory.as_mut().filter(|memory| memory.document == document) {
            memory.offline_number = amendment.number.unwrap_or(memory.offline_number);
            next.unconfirmed.is_amended = true;
        }
    }
    if is_far {
        let at = next.clock.max(now);
        next.count_warning(Warning::PossibleLoss, at, Some(document));
    }
    (next != *register).then_some(next)
}
