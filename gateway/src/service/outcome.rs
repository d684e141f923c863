//! What came of a request: an answer of the rules, or why there is none.

use bytes::Bytes;
use ofd_protocol::message::answer::Answer;
use ofd_protocol::refusal::{Refusal, Unavailable};
use ofd_protocol::register::{Context, Incoming, Register, refusal_answer};
use ofd_protocol::types::Token;
use ofd_storage::store::StoreError;

use super::reply::Standing;

/// A decision that was carried out.
pub(super) struct Outcome {
    pub(super) payload: Bytes,
    pub(super) token: Token,
    pub(super) result: u32,
}

/// Why a request got no answer of the rules.
#[derive(Debug)]
pub(super) enum Failure {
    /// We cannot serve it now.
    Unavailable(Unavailable),
    /// The store did not do what it was asked.
    Store(StoreError),
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

/// Whoever is over the budget of his address has shown nothing; where the store failed, nothing could be shown.
pub(super) fn standing_after(failure: &Failure) -> Standing {
    match failure {
        Failure::Unavailable(Unavailable::Overloaded) => Standing::Stranger,
        Failure::Unavailable(_) | Failure::Store(_) => Standing::Unjudged,
    }
}

pub(super) fn refused(
    incoming: &Incoming<'_>,
    known: Option<(&Context<'_>, &Register)>,
    refusal: &Refusal,
) -> Outcome {
    let answer = refusal_answer(known, Some(incoming.request), incoming.version, refusal);
    outcome(incoming, &answer, incoming.header.token)
}

pub(super) fn outcome(incoming: &Incoming<'_>, answer: &Answer, token: Token) -> Outcome {
    Outcome { payload: answer.payload(incoming.version).freeze(), token, result: answer.result }
}
