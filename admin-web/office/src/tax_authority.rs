//! The exchange with the tax authority's system.

use futures::future::BoxFuture;
use ofd_storage::accounts::{Registration, RegistrationOrder, RegistrationState};

/// What the tax authority answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It is done.
    Accepted,
    /// It is not done, for this reason.
    Refused(String),
}

/// What is known of a message once it was sent, or was asked about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply {
    /// Nothing that was not known before: it was not sent, or there is no answer yet.
    Nothing,
    /// It arrived, as the notice of delivery says, and the answer comes later.
    Delivered,
    /// It was sent, and what came of it got lost. That is no refusal.
    Lost,
    /// The exchange ends with this.
    Answered {
        /// The number that the tax authority gave; empty where it gave none.
        rnm: String,
        /// What it answers.
        answer: Answer,
    },
}

/// By what the tax authority is asked for something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// Its own: however often it is sent, it is this message, and what it asks for is done once.
    pub id: String,
    /// What is asked for.
    pub order: RegistrationOrder,
    /// Of which register: the data that are asked for, the reason, and the paper whose signature asks.
    pub registration: Registration,
}

impl Message {
    /// The message by which a registration asks; `None`: it asks for nothing now. One signature asks by one message.
    #[must_use]
    pub fn of(registration: &Registration) -> Option<Self> {
        let RegistrationState::InProcess { order, .. } = registration.state else { return None };
        let number = registration.paper.as_ref()?.number;
        let id = format!("{}-{number}", registration.bin);
        Some(Self { id, order, registration: registration.clone() })
    }

    /// The paper whose signature asks.
    #[must_use]
    pub fn paper(&self) -> Option<u32> {
        Some(self.registration.paper.as_ref()?.number)
    }
}

/// Whoever asks the tax authority's system for us.
///
/// The exchange is asynchronous: a message is sent until its delivery is known, and asked about until there is an answer.
/// Both happen behind everybody's back, again and again, by one gateway at a time; whatever is lost on the way is found out
/// by sending the same message again. What nobody asks by a program waits in the queue of registrations until somebody
/// enters an answer, and an answer may be entered there whoever it is that asks meanwhile: the first one counts.
pub trait TaxAuthority: Send + Sync + 'static {
    /// The answer to what is asked for, where there is one without asking. Called again for the same, it says the same.
    fn at_once(&self, registration: &Registration, order: RegistrationOrder) -> Option<Answer>;

    /// Sends a message, which may have been sent before.
    fn send<'a>(&'a self, message: &'a Message) -> BoxFuture<'a, Reply>;

    /// Asks what came of a message that arrived.
    fn ask<'a>(&'a self, message: &'a Message) -> BoxFuture<'a, Reply>;
}

/// The operator's people ask, by the ways that the tax authority has for people, and enter what it answered. A register
/// that has its number already was registered by its owner.
#[derive(Clone, Copy, Debug, Default)]
pub struct ByHand;

impl TaxAuthority for ByHand {
    fn at_once(&self, registration: &Registration, order: RegistrationOrder) -> Option<Answer> {
        match order {
            RegistrationOrder::Register if !registration.data.rnm.is_empty() => Some(Answer::Accepted),
            RegistrationOrder::Register | RegistrationOrder::Change | RegistrationOrder::Deregister => None,
        }
    }

    fn send<'a>(&'a self, _: &'a Message) -> BoxFuture<'a, Reply> {
        Box::pin(async { Reply::Nothing })
    }

    fn ask<'a>(&'a self, _: &'a Message) -> BoxFuture<'a, Reply> {
        Box::pin(async { Reply::Nothing })
    }
}
