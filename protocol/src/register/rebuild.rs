//! An open shift made anew from its stored documents: the state of a register at an earlier moment.
//!
//! A shift that was closed by then needs no making: nothing comes after its close.

use super::accept::chain;
use super::identity::Identity;
use super::recount::{Recount, Uncountable, read};
use super::state::{DocumentKind, LastDocument, OpenShift, Phase, Register};
use crate::message::Command;
use crate::ticket_number::DocumentRef;
use crate::types::{LocalDateTime, UnixMillis};

/// A stored document, as far as a state is made from it.
#[derive(Clone, Copy, Debug)]
pub struct StoredDocument<'a> {
    /// When it was accepted.
    pub accepted_at: UnixMillis,
    /// The device's time; a cancellation has none.
    pub date_time: Option<LocalDateTime>,
    /// The whole frame.
    pub raw: &'a [u8],
}

/// An open shift on its way through its documents.
#[derive(Clone, Debug)]
pub struct Rebuild {
    register: Register,
    recount: Recount,
}

impl Rebuild {
    /// Begins with the state in which the shift began: not opened.
    ///
    /// What no document tells stays as it is in it: tokens, status, counts of warnings. It remembers no command that
    /// could be retried.
    #[must_use]
    pub fn begin(beginning: Register) -> Self {
        let recount = Recount::begin_shift(beginning.lifetime.clone());
        Self { register: Register { memory: None, ..beginning }, recount }
    }

    /// Counts the shift's next document.
    ///
    /// # Errors
    /// [`Uncountable`] when it is no document that could have been accepted.
    pub fn add(&mut self, document: StoredDocument<'_>) -> Result<(), Uncountable> {
        let (version, request) = read(document.raw)?;
        let command = request.command.and_then(Command::from_code).ok_or(Uncountable("it has no command"))?;
        let identity = Identity::of(command, &request).ok_or(Uncountable("its command is not fiscal"))?;
        let kind = DocumentKind::of(command).ok_or(Uncountable("its command is not fiscal"))?;
        self.recount.add(document.raw)?;
        let register = &mut self.register;
        register.clock = register.clock.max(document.accepted_at);
        if register.phase == Phase::NotOpened {
            let opened_at = document.date_time.unwrap_or(LocalDateTime::YEAR_2000);
            let accepted_at = register.clock;
            let open = OpenShift { opened_at, accepted_at, printed_number: 0, first_online_at: None };
            register.phase = Phase::Open(open);
        }
        if let Phase::Open(open) = &mut register.phase
            && !identity.is_offline
        {
            open.first_online_at = open.first_online_at.or(document.date_time);
        }
        register.note_numbers(&identity, &mut Vec::new());
        register.documents = register.documents.saturating_add(1);
        register.last_document = Some(LastDocument {
            place: DocumentRef { shift: register.shift_number, number: register.documents },
            kind,
            accepted_at: register.clock,
            fr_shift_number: identity.fr_shift_number,
            printed_number: identity.printed_number,
        });
        register.chain = chain(&register.chain, document.raw);
        register.protocol_version = Some(version.code());
        Ok(())
    }

    /// A receipt of this shift has, or got, an offline number of this time.
    pub fn note_offline(&mut self, date_time: LocalDateTime) {
        self.register.extend_offline_range(date_time);
    }

    /// The state after the documents.
    #[must_use]
    pub fn finish(self) -> Register {
        Register { lifetime: self.recount.lifetime, totals: self.recount.totals, ..self.register }
    }
}
