//! The conversation with registers: frame, lane, decision, append, answer.
//!
//! The only place where [`ofd_protocol::register`] meets storage on the device side. No sockets here: a request is
//! bytes, and so is its answer.

use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use bytes::Bytes;
use ofd_edge::{Imprint, World};
use ofd_protocol::frame::{self, Header};
use ofd_protocol::message::Request;
use ofd_protocol::message::answer::{Answer, service_part};
use ofd_protocol::refusal::{Refusal, Unavailable};
use ofd_protocol::register::{Incoming, Policy, refusal_answer, unavailable_answer};
use ofd_protocol::ticket_number::TicketNumberKey;
use ofd_protocol::types::{RegisterId, RequestNumber, Token};
use ofd_protocol::version::Version;
use ofd_storage::store::{Store, StoreError};
use tracing::{debug, error, warn};

use crate::budget::StrangerLimits;
use crate::heard::Heard;
use crate::lane::{LaneLimits, Lanes};
use crate::metrics;
use crate::sampled::Sampled;
use crate::ticket_texts::TicketTexts;

mod again;
mod attempt;
mod judge;
mod outcome;
mod reply;
mod serve;
mod strangers;
#[cfg(test)]
mod tests;

use outcome::{Failure, Outcome, outcome};
use reply::reply;
use strangers::Strangers;

pub use judge::Welcome;
pub use reply::{Origin, Reply, Standing, unavailable, unreadable};

/// What the service is made of.
#[derive(Clone, Debug)]
pub struct ServiceOptions {
    /// What the operator set for all registers.
    pub policy: Policy,
    /// Who runs this, as registers are told.
    pub imprint: Imprint,
    /// What bounds lanes.
    pub lanes: LaneLimits,
    /// What addresses may spend that have shown no good token.
    pub strangers: StrangerLimits,
    /// A request is answered within this time, with 254 if need be; devices wait 5 seconds.
    pub answer_within: Duration,
}

/// The key of ticket numbers, there before the store is open.
pub type LateKey = Arc<OnceLock<TicketNumberKey>>;

/// Serves registers over a store.
pub struct Service<S, W> {
    store: Arc<S>,
    world: W,
    key: LateKey,
    options: ServiceOptions,
    lanes: Lanes,
    strangers: Strangers,
    too_much: Sampled,
    heard: Heard,
    ticket_texts: TicketTexts,
}

impl<S: Store, W: World> Service<S, W> {
    /// A service with nothing in memory.
    pub fn new(store: Arc<S>, world: W, key: TicketNumberKey, options: ServiceOptions) -> Self {
        Self::over_opening(store, world, Arc::new(OnceLock::from(key)), options)
    }

    /// A service over a store that may open later, with its key.
    pub fn over_opening(store: Arc<S>, world: W, key: LateKey, options: ServiceOptions) -> Self {
        let (lanes, strangers) = (Lanes::new(options.lanes), Strangers::new(options.strangers));
        let (too_much, heard) = (Sampled::default(), Heard::default());
        let ticket_texts = TicketTexts::default();
        Self { store, world, key, options, lanes, strangers, too_much, heard, ticket_texts }
    }

    /// How many registers have a lane in memory.
    pub fn lanes(&self) -> usize {
        self.lanes.len()
    }

    /// Forgets addresses that were not seen lately.
    pub fn purge(&self) {
        self.strangers.sweep();
    }

    /// Notes which registers were heard since it was done last.
    pub async fn note_heard(&self) {
        self.heard.note(&self.store).await;
    }

    /// Reads the texts that registers print, as they are now.
    ///
    /// # Errors
    /// Those of the store; the texts of before stay.
    pub async fn read_ticket_texts(&self) -> Result<(), StoreError> {
        self.ticket_texts.read(&*self.store).await
    }

    /// Forgets what is in memory of a register, as an eviction does.
    pub fn forget(&self, id: RegisterId) {
        self.lanes.forget(id);
    }

    /// Answers one frame.
    pub async fn handle(&self, raw: &Bytes, origin: Origin) -> Reply {
        let started = Instant::now();
        let Ok(frame) = frame::whole(raw) else {
            let header = frame::header_of_unreadable(raw).unwrap_or(EMPTY_HEADER);
            return unreadable(header);
        };
        let header = frame.header;
        let Some(version) = Version::from_code(header.version) else {
            let refusal = Refusal::VersionUnsupported { version: header.version };
            let code = Request::read(frame.payload).ok().and_then(|request| request.command);
            let answer =
                Answer { command: code.unwrap_or(0), ..refusal_answer(None, None, Version::V203, &refusal) };
            metrics::frame_answered(None, answer.result, started);
            // The store is not asked whose token it is: nothing will be done for it.
            let standing = self.known(&header).map_or(Standing::Unjudged, |_| Standing::Register);
            return Reply { standing, ..reply(header, header.token, answer.payload(Version::V203).freeze()) };
        };
        let request = match Request::read(frame.payload) {
            Ok(request) if request.command.is_some() => request,
            Ok(_) | Err(_) => {
                metrics::frame_answered(None, 3, started);
                return unreadable(header);
            }
        };
        let incoming = Incoming { header, version, raw, request: &request, is_tls: origin.is_tls };
        let mut standing = Standing::Unjudged;
        let serving = self.serve(&incoming, origin, &mut standing);
        let served = tokio::time::timeout(self.options.answer_within, serving).await;
        let outcome = match served {
            Ok(Ok(outcome)) => outcome,
            Ok(Err(failure)) => self.failed(&incoming, &failure),
            Err(_) => {
                warn!(register.id = header.register.0, "register {}: no answer in time", header.register);
                self.failed(&incoming, &Failure::Unavailable(Unavailable::Store))
            }
        };
        metrics::frame_answered(request.command, outcome.result, started);
        Reply { standing, ..reply(header, outcome.token, outcome.payload) }
    }

    /// The answer to a request that could not be served.
    fn failed(&self, incoming: &Incoming<'_>, failure: &Failure) -> Outcome {
        let id = incoming.header.register;
        let reason = match failure {
            Failure::Unavailable(reason) => *reason,
            Failure::Store(
                StoreError::Corrupt { .. } | StoreError::TooLarge { .. } | StoreError::TooShort { .. },
            ) => Unavailable::Internal,
            Failure::Store(_) => Unavailable::Store,
        };
        match failure {
            Failure::Unavailable(_) => {}
            Failure::Store(
                cause @ (StoreError::Corrupt { .. }
                | StoreError::TooLarge { .. }
                | StoreError::TooShort { .. }),
            ) => {
                error!(register.id = id.0, error = %cause, "register {id}: {cause}");
            }
            // Said once for all by whoever watches the store's health: a full disk must not fill with logs.
            Failure::Store(cause @ StoreError::Unavailable { .. }) => {
                debug!(register.id = id.0, error = %cause, "register {id}: {cause}");
            }
            Failure::Store(cause) => warn!(register.id = id.0, error = %cause, "register {id}: {cause}"),
        }
        let asks =
            incoming.request.service.as_ref().and_then(|service| service.get_reg_info).unwrap_or(false);
        // What belongs to the register goes only to whom it belongs, as far as that is known without the store.
        let lane = if asks { self.known(&incoming.header) } else { None };
        let reg_info = lane.map(|lane| lane.profile().reg_info(incoming.version));
        let service = reg_info.as_ref().map(|reg_info| service_part(reg_info, &[], None));
        let answer = Answer { service, ..unavailable_answer(incoming.request.command, reason) };
        outcome(incoming, &answer, incoming.header.token)
    }
}

/// Stands for a header of which nothing was read.
const EMPTY_HEADER: Header =
    Header { version: 203, size: 0, register: RegisterId(0), token: Token(0), request: RequestNumber(0) };
