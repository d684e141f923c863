//! What a register remembers between runs.

use std::collections::VecDeque;
use std::fmt;

use ofd_protocol::types::Token;
use serde::{Deserialize, Serialize};

use super::document::Flight;
use super::draw::{Profile, Situation};
use super::kinds::{Command, Operation};
use super::receipt::{Parent, Receipt};
use super::totals::{OfflineMark, Totals};
use crate::identity::Identity;
use crate::random::Random;

/// The first version without CANCEL_TICKET.
const CANCEL_GONE_SINCE: u16 = 204;

/// How much of its own counters a register can vouch for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Known {
    /// Nothing: it never asked INFO.
    Nothing,
    /// Less than the server: it was killed between two writes of its memory.
    Stale,
    /// All of them: its own count is the truth.
    Exact,
}

/// What the counters were counted from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Basis {
    /// From the first document on.
    Registration,
    /// From what the server's report said when INFO was asked.
    Adopted,
}

/// Why a register waits for a person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stop {
    /// What it asked.
    pub command: Command,
    /// The refusal; `None` when the answer could not be read.
    pub code: Option<u32>,
    /// The refusal's text.
    pub text: String,
}

impl Stop {
    pub(crate) fn unreadable(command: Command) -> Self {
        Self { command, code: None, text: String::new() }
    }
}

impl fmt::Display for Stop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.code {
            Some(code) => write!(f, "{} was refused with {code}: {}", self.command, self.text),
            None => write!(f, "the answer to {} could not be read", self.command),
        }
    }
}

/// The last receipt, while nothing fiscal came after it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LastReceipt {
    /// The receipt itself.
    pub receipt: Receipt,
    /// Whether it was made offline.
    pub mark: OfflineMark,
}

/// All that a register remembers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct State {
    /// The protocol version it speaks.
    pub version: u16,
    /// The token that the fleet file had: when it changes there, the new one was given by a person.
    pub token_given: Token,
    /// The token that is good now.
    pub token: Token,
    /// The last REQNUM.
    pub request: u16,
    /// Its own label of the open or next shift.
    pub label: u32,
    /// The last printed_document_number.
    pub number: u64,
    /// The last number within the shift.
    pub number_in_shift: u32,
    /// Fiscal documents whose acceptance it knows of.
    pub accepted: u64,
    /// What it has counted by itself.
    pub totals: Totals,
    /// The counters of the last closed shift, which a Z must show.
    pub closed: Option<Box<Totals>>,
    /// What the counters are worth.
    pub known: Known,
    /// What they were counted from.
    pub basis: Basis,
    /// The request that waits for its answer.
    pub flight: Option<Flight>,
    /// Documents made offline, oldest first.
    pub queue: VecDeque<Flight>,
    /// The last receipt, if it can still be cancelled.
    pub last_receipt: Option<Box<LastReceipt>>,
    /// The last sale, to be returned.
    pub last_sale: Option<Parent>,
    /// The last purchase, to be returned.
    pub last_purchase: Option<Parent>,
    /// Whether the server wants the shift closed.
    pub close_due: bool,
    /// Why it waits for a person.
    pub stop: Option<Stop>,
    /// How it is wont to sell.
    pub profile: Profile,
    /// Where its chance comes from.
    pub random: Random,
}

impl State {
    /// The memory of a register that has never spoken.
    pub fn new(identity: &Identity, version: u16, seed: u64) -> Self {
        let mut random = Random::new(seed ^ u64::from(identity.id.0).wrapping_mul(0x9E37_79B9_7F4A_7C15));
        let profile = Profile::draw(&mut random);
        Self {
            version,
            token_given: identity.token,
            token: identity.token,
            request: 0,
            label: 1,
            number: 0,
            number_in_shift: 0,
            accepted: 0,
            totals: Totals::default(),
            closed: None,
            known: Known::Nothing,
            basis: Basis::Registration,
            flight: None,
            queue: VecDeque::new(),
            last_receipt: None,
            last_sale: None,
            last_purchase: None,
            close_due: false,
            stop: None,
            profile,
            random,
        }
    }

    pub(crate) fn situation(&self) -> Situation<'_> {
        let cancellable = self.version < CANCEL_GONE_SINCE
            && self.last_receipt.as_ref().is_some_and(|last| last.mark == OfflineMark::Absent);
        Situation {
            profile: &self.profile,
            version: self.version,
            cash: self.totals.cash,
            last_sale: self.last_sale.as_ref(),
            last_purchase: self.last_purchase.as_ref(),
            cancellable,
        }
    }

    /// Keeps an accepted receipt for a later return or cancellation.
    pub(crate) fn remember(&mut self, receipt: &Receipt, mark: OfflineMark, parent: Parent) {
        match receipt.operation {
            Operation::Sell => self.last_sale = Some(parent),
            Operation::Buy => self.last_purchase = Some(parent),
            Operation::BuyReturn | Operation::SellReturn => {}
        }
        self.last_receipt = Some(Box::new(LastReceipt { receipt: receipt.clone(), mark }));
    }

    /// The memory is older than its documents: what may have been accepted since is not repeated as new.
    ///
    /// Documents with an offline mark stay: the server knows them again however late they come (WIRE 13.4).
    pub fn distrust(&mut self) {
        self.known = Known::Stale;
        self.last_receipt = None;
        if self.flight.as_ref().is_some_and(|flight| flight.offline_number.is_none()) {
            self.flight = None;
        }
        self.queue.retain(|flight| flight.offline_number.is_some());
    }
}
