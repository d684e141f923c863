//! A device: a simulated register and what is between it and the gateways.

use bytes::Bytes;
use ofd_loadtest::register::document::Flight;
use ofd_loadtest::register::totals::OfflineMark;
use ofd_loadtest::{Identity, Register, clock};
use ofd_protocol::types::{LocalDateTime, RegisterId, RequestNumber, Token};

use super::gateways::ZONE_SECONDS;
use crate::random::Random;

/// Versions that devices speak.
const VERSIONS: [u16; 7] = [124, 125, 200, 201, 202, 203, 204];

/// The requests whose answer a device waits for.
#[derive(Clone, Debug)]
pub(super) struct Waiting {
    pub(super) tasks: Vec<u64>,
    pub(super) until_ms: u64,
}

/// A simulated register with its link and its clock.
pub(super) struct Device {
    pub(super) register: Register,
    pub(super) waiting: Option<Waiting>,
    /// It does nothing until then.
    pub(super) pause_until_ms: u64,
    /// It has no link until then.
    pub(super) offline_until_ms: u64,
    /// How far its clock is ahead, in milliseconds.
    pub(super) skew_ms: i64,
    /// What its clock shows for ever.
    pub(super) stopped_clock_ms: Option<u64>,
    pub(super) gateway: usize,
    /// A token that a person got for it and did not type in yet.
    pub(super) token_given: Option<Token>,
    pub(super) reset_is_under_way: bool,
    /// The last frame it sent.
    pub(super) last_frame: Option<Bytes>,
    /// The request that was refused: a register drops it, a person may have it sent again.
    pub(super) refused: Option<Flight>,
    /// Others that passed a sale which was set aside, since its answer did not come.
    pub(super) passed: Option<u32>,
    /// Hours passed since something was sent without an answer.
    pub(super) has_waited: bool,
}

impl Device {
    pub(super) fn new(identity: Identity, random: &mut Random, seed: u64) -> Self {
        let version = *random.pick(&VERSIONS);
        Self {
            register: Register::new(identity, version, seed),
            waiting: None,
            pause_until_ms: 0,
            offline_until_ms: 0,
            skew_ms: random.below(1_200_000) as i64 - 600_000,
            stopped_clock_ms: random.chance(1, 16).then_some(1_769_050_800_000),
            gateway: random.below(2),
            token_given: None,
            reset_is_under_way: false,
            last_frame: None,
            refused: None,
            passed: None,
            has_waited: false,
        }
    }

    pub(super) fn id(&self) -> RegisterId {
        self.register.identity().id
    }

    pub(super) fn time(&self, now_ms: u64) -> LocalDateTime {
        let now = self.stopped_clock_ms.unwrap_or(now_ms).saturating_add_signed(self.skew_ms);
        clock::at((now / 1000) as i64 + i64::from(ZONE_SECONDS))
    }

    /// A person sees to a device that stopped: it goes on, with what it was about to send.
    pub(super) fn wake(&mut self) {
        let mut state = self.register.state().clone();
        state.stop = None;
        state.flight = state.flight.or(self.refused.take());
        self.register = Register::with_state(self.register.identity().clone(), state);
    }

    /// A person sees to a device that stopped: it forgets what was refused.
    pub(super) fn forget(&mut self) {
        self.register.resume();
        self.refused = None;
    }

    /// The number of the fiscal document that was refused.
    pub(super) fn refused_document(&self) -> Option<u64> {
        let refused = self.refused.as_ref().filter(|flight| flight.document.command().is_fiscal());
        refused.map(|flight| flight.number)
    }

    /// Takes back a new REQNUM: where tokens do not rotate only an equal one tells a retry.
    pub(super) fn keep_request(&mut self, request: Option<RequestNumber>) {
        let mut state = self.register.state().clone();
        if let (Some(flight), Some(request)) = (&mut state.flight, request) {
            flight.request = request;
            self.register = Register::with_state(self.register.identity().clone(), state);
        }
    }

    /// Whether something is still to be sent that was sent without an answer.
    pub(super) fn has_unanswered(&self) -> bool {
        let is_under_way = self.register.flight().is_some_and(|flight| flight.mark == OfflineMark::AfterLoss);
        is_under_way || self.register.has_set_aside()
    }

    /// The number of the fiscal document under way.
    pub(super) fn document(&self) -> Option<u64> {
        self.register.flight().filter(|it| it.document.command().is_fiscal()).map(|flight| flight.number)
    }
}
