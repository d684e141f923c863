//! The exchange with the tax authority's system.

use ofd_storage::accounts::{Registration, RegistrationOrder};

/// What the tax authority answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It is done.
    Accepted,
    /// It is not done, for this reason.
    Refused(String),
}

/// Whoever asks the tax authority's system for us.
///
/// What has no answer at once waits in the queue of registrations until somebody brings one, whoever it is that asks
/// meanwhile.
pub trait TaxAuthority: Send + Sync + 'static {
    /// The answer to what is asked for, where there is one without asking. Called again for the same, it says the same.
    fn at_once(&self, registration: &Registration, order: RegistrationOrder) -> Option<Answer>;
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
}
