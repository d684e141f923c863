//! What a register makes of an answer: checks, the token, and what comes next.

use super::answer::{Answer, CODE_OK, CODE_SHIFT_EXPIRED, CODES_LATER};
use super::document::Flight;
use super::kinds::Command;
use super::state::Stop;
use super::totals::OfflineMark;
use super::{Outcome, Register};

/// After so many answers of 254 or 255 a register goes offline with the document.
const DELAYS_MAX: u32 = 2;

impl Register {
    /// Takes the answer to the request under way: checks it, adopts its token, counts what was accepted.
    pub fn take(&mut self, frame: &[u8]) -> Outcome {
        let Some(flight) = self.state.flight.take() else {
            return self.unreadable("an answer came though nothing was asked".to_owned());
        };
        let outcome = match Answer::read(frame, &mut self.memory) {
            Err(error) => {
                let command = flight.document.command();
                self.state.stop = Some(Stop::unreadable(command));
                self.unreadable(format!("answer to {command}: {error}"))
            }
            Ok(answer) => self.judge(&flight, answer),
        };
        let keep = match &outcome {
            Outcome::Accepted(_) | Outcome::CloseFirst(_) => None,
            Outcome::Later(_) | Outcome::Refused(_) | Outcome::Unreadable(_) => Some(flight),
        };
        self.state.flight = keep;
        if let (Outcome::Later(_), Some(flight)) = (&outcome, self.state.flight.take()) {
            self.state.flight = Some(self.delay(flight));
        }
        outcome
    }

    fn unreadable(&mut self, what: String) -> Outcome {
        self.finding(what.clone());
        Outcome::Unreadable(what)
    }

    pub(super) fn finding(&mut self, what: String) {
        self.findings.push(format!("register {}: {what}", self.identity.id));
    }

    fn judge(&mut self, flight: &Flight, answer: Answer) -> Outcome {
        let command = flight.document.command();
        if let Some(fault) = self.header_fault(flight, &answer) {
            self.state.stop = Some(Stop::unreadable(command));
            return self.unreadable(format!("answer to {command}: {fault}"));
        }
        self.judge_token(command, &answer);
        for fault in answer.faults(command, self.asked) {
            self.finding(fault);
        }
        self.state.token = answer.header.token;
        match answer.code {
            CODE_OK => {
                self.apply(flight, &answer);
                Outcome::Accepted(answer)
            }
            code if CODES_LATER.contains(&code) => Outcome::Later(answer),
            CODE_SHIFT_EXPIRED if command.is_fiscal() && command != Command::CloseShift => {
                self.state.close_due = true;
                Outcome::CloseFirst(answer)
            }
            code => {
                let text = answer.text.clone().unwrap_or_default();
                self.state.stop = Some(Stop { command, code: Some(code), text });
                Outcome::Refused(answer)
            }
        }
    }

    fn header_fault(&self, flight: &Flight, answer: &Answer) -> Option<String> {
        let (header, id) = (answer.header, self.identity.id);
        if header.version != self.state.version {
            return Some(format!("VERSION is {}, the request had {}", header.version, self.state.version));
        }
        if header.register != id {
            return Some(format!("ID is {}, the request had {id}", header.register));
        }
        (header.request != flight.request)
            .then(|| format!("REQNUM is {}, the request had {}", header.request.0, flight.request.0))
    }

    fn judge_token(&mut self, command: Command, answer: &Answer) {
        let (given, sent) = (answer.header.token, self.state.token);
        let may_change = command.is_fiscal() && answer.code == CODE_OK;
        if !may_change && given != sent {
            let code = answer.code;
            self.finding(format!("answer to {command} with result {code} changed the token, it must not"));
        }
        if given != sent && (given.0 == 0 || given.0 > ofd_protocol::types::TOKEN_MAX) {
            self.finding(format!("answer to {command} carries a token beyond 1 to 2^31-1"));
        }
    }

    fn delay(&mut self, mut flight: Flight) -> Flight {
        flight.delays = flight.delays.saturating_add(1);
        let online = flight.mark == OfflineMark::Absent && flight.document.can_be_offline();
        if flight.delays >= DELAYS_MAX && online {
            // 254 does not say that nothing was stored.
            self.mark_offline(&mut flight, OfflineMark::AfterLoss);
        }
        flight
    }
}
