//! The conversation with registers: frame, lane, decision, append, answer.
//!
//! The only place where [`ofd_protocol::register`] meets storage on the device side. No sockets here: a request is
//! bytes, and so is its answer.

use std::net::IpAddr;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use bytes::Bytes;
use ofd_edge::{Imprint, World};
use ofd_protocol::frame::{self, Header};
use ofd_protocol::message::answer::{Answer, service_part};
use ofd_protocol::message::{Command, Request};
use ofd_protocol::refusal::{Refusal, Unavailable};
use ofd_protocol::register::{
    Accepted, Context, Decision, Drawn, Facts, Incoming, Phase, Policy, Register, decide, needs,
    refusal_answer, unavailable_answer,
};
use ofd_protocol::ticket_number::TicketNumberKey;
use ofd_protocol::types::{RegisterId, Token};
use ofd_protocol::version::Version;
use ofd_storage::registers::{self, Loaded};
use ofd_storage::store::{Stamp, Store, StoreError};
use tracing::{debug, error, warn};

use crate::budget::StrangerLimits;
use crate::codec::Outgoing;
use crate::lane::{Lane, LaneLimits, Lanes, Turn};
use crate::metrics;
use crate::sampled::Sampled;

mod again;
mod judge;
mod serve;
#[cfg(test)]
pub(crate) mod tests;

use judge::Strangers;

pub use judge::Welcome;

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

/// Where a request came from.
#[derive(Clone, Copy, Debug)]
pub struct Origin {
    /// The peer's address.
    pub address: IpAddr,
    /// Whether over TLS.
    pub is_tls: bool,
}

/// What goes back, and whether the connection goes on.
#[derive(Clone, Debug)]
pub struct Reply {
    /// What is sent back to the device.
    pub answer: Outgoing,
    /// The connection is closed after it.
    pub closes: bool,
    /// Who asked, as far as it became known.
    pub standing: Standing,
}

/// Who asked, as far as it is known when the answer leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// A register: its token was good.
    Register,
    /// Nobody that is known: the token was wrong, or nothing that could be read was said.
    Stranger,
    /// The store could not be asked.
    Unjudged,
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
}

/// Why a request got no answer of the rules.
#[derive(Debug)]
enum Failure {
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

/// A decision that was carried out.
struct Outcome {
    payload: Bytes,
    token: Token,
    result: u32,
}

impl<S: Store, W: World> Service<S, W> {
    /// A service with nothing in memory.
    pub fn new(store: Arc<S>, world: W, key: TicketNumberKey, options: ServiceOptions) -> Self {
        Self::over_opening(store, world, Arc::new(OnceLock::from(key)), options)
    }

    /// A service over a store that may open later, with its key.
    pub fn over_opening(store: Arc<S>, world: W, key: LateKey, options: ServiceOptions) -> Self {
        let (lanes, strangers) = (Lanes::new(options.lanes), Strangers::new(options.strangers));
        Self { store, world, key, options, lanes, strangers, too_much: Sampled::default() }
    }

    /// How many registers have a lane in memory.
    pub fn lanes(&self) -> usize {
        self.lanes.len()
    }

    /// Forgets addresses that were not seen lately.
    pub fn purge(&self) {
        self.strangers.sweep();
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
            Failure::Store(StoreError::Corrupt { .. } | StoreError::TooLarge { .. }) => Unavailable::Internal,
            Failure::Store(_) => Unavailable::Store,
        };
        match failure {
            Failure::Unavailable(_) => {}
            Failure::Store(cause @ (StoreError::Corrupt { .. } | StoreError::TooLarge { .. })) => {
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
        let reg_info = lane.map(|lane| lane.profile.reg_info(incoming.version));
        let service = reg_info.as_ref().map(|reg_info| service_part(reg_info, None, None));
        let answer = Answer { service, ..unavailable_answer(incoming.request.command, reason) };
        outcome(incoming, &answer, incoming.header.token)
    }

    /// Decides once on the newest head and carries the decision out.
    async fn attempt(
        &self,
        incoming: &Incoming<'_>,
        lane: &Lane,
        turn: &mut Turn,
        judged: Option<Loaded>,
    ) -> Result<Outcome, Failure> {
        let id = incoming.header.register;
        let place = |loaded: &Loaded| (loaded.register.shift_number, loaded.version);
        let (mut loaded, is_remembered) = match (turn.cached.take(), judged) {
            // By the time of its turn others may have been served.
            (Some(remembered), Some(judged)) if place(&remembered) > place(&judged) => (remembered, true),
            (_, Some(judged)) => (judged, false),
            (Some(remembered), None) => (remembered, true),
            (None, None) => (self.load(id, turn.shift.or(lane.purse.shift())).await?, false),
        };
        self.check_at_first_sight(id, turn, &loaded).await?;
        turn.shift = Some(loaded.register.shift_number);
        lane.purse.remember(loaded.register.tokens, loaded.register.shift_number);
        let Some(key) = self.key.get() else {
            // The key is read before the store serves.
            return Err(Failure::Unavailable(Unavailable::Store));
        };
        let reg_info = lane.profile.reg_info(incoming.version);
        let context = Context {
            register: id,
            organisation_bin: &lane.profile.record.bin,
            fns_kkm_id: &lane.profile.record.fns_kkm_id,
            serial_number: &lane.profile.record.serial_number,
            is_tls_allowed: lane.profile.record.is_tls_allowed,
            reg_info: &reg_info,
            ticket_number_key: key,
            policy: &self.options.policy,
        };
        let (token, stamp) = self.world.token_and_stamp();
        let (drawn, stamp) = (Drawn { now: self.world.now(), token }, Stamp(stamp));
        let mut decision = self.decide(&context, incoming, &loaded, drawn).await?;
        // Only an append finds out by itself that its head is not the newest. Any other answer needs a head that was
        // read after the request came: a device may have been at another gateway a moment ago, or in an office.
        if is_remembered && !matches!(decision, Decision::Accept(_) | Decision::Confirm(_)) {
            let newest = self.load(id, turn.shift).await?;
            if place(&newest) != place(&loaded) {
                loaded = newest;
                decision = self.decide(&context, incoming, &loaded, drawn).await?;
            }
        }
        let carried_out = match decision {
            Decision::Refuse(refusal) => self.fence(incoming, &mut loaded, &refusal, stamp).await.map(|()| {
                let register = &loaded.register;
                let is_known = register.tokens.are_good(incoming.header.token);
                refused(incoming, is_known.then_some((&context, register)), &refusal)
            }),
            Decision::Answer(answer) => Ok(outcome(incoming, &answer, incoming.header.token)),
            Decision::Replay { document, token, is_far } => {
                let replay = again::Replay { document, token, is_far, now: drawn.now };
                self.replay(incoming, &mut loaded, replay, stamp).await
            }
            Decision::Confirm(confirmed) => {
                self.confirm(incoming, &mut loaded, *confirmed, drawn, stamp).await
            }
            Decision::Accept(accepted) => {
                let begun = tokio::time::Instant::now();
                let accepted = self.accept(incoming, &mut loaded, *accepted, stamp).await;
                if accepted.is_ok() {
                    turn.streak.appended(tokio::time::Instant::now(), begun.elapsed());
                }
                accepted
            }
        };
        match carried_out {
            Ok(outcome) => {
                lane.purse.remember(loaded.register.tokens, loaded.register.shift_number);
                turn.shift = Some(loaded.register.shift_number);
                turn.cached = Some(loaded);
                Ok(outcome)
            }
            Err(conflict @ Failure::Store(StoreError::Conflict { .. })) => Err(conflict),
            Err(failure) => Ok(self.failed(incoming, &failure)),
        }
    }

    /// A refusal that only the clock brought about must not be followed by an earlier try of the same document, whose
    /// append is still under way: devices drop what is refused so. Any other refusal follows from the head, and an
    /// append that was decided on an earlier head cannot land.
    async fn fence(
        &self,
        incoming: &Incoming<'_>,
        loaded: &mut Loaded,
        refusal: &Refusal,
        stamp: Stamp,
    ) -> Result<(), Failure> {
        // An unpaid register's shift ends by the clock, too.
        let command = incoming.request.command.and_then(Command::from_code);
        let is_document = command.is_some_and(Command::is_fiscal) && loaded.register.open_shift().is_some();
        if matches!(refusal, Refusal::ShiftTooLong { .. }) || (*refusal == Refusal::Unpaid && is_document) {
            *loaded = registers::fence(&*self.store, incoming.header.register, loaded, stamp).await?;
        }
        Ok(())
    }

    /// At the first sight of a register its head is held against its last document.
    async fn check_at_first_sight(
        &self,
        id: RegisterId,
        turn: &mut Turn,
        loaded: &Loaded,
    ) -> Result<(), StoreError> {
        if !turn.is_checked {
            registers::check_last_document(&*self.store, id, loaded).await?;
            turn.is_checked = true;
        }
        Ok(())
    }

    /// The newest head. From the shift that was the newest before, it is one read away, seldom two; from nothing it
    /// takes two reads for every doubling of the number of shifts.
    async fn load(&self, id: RegisterId, before: Option<u32>) -> Result<Loaded, Failure> {
        if let Some(shift) = before
            && let Some(near) = self.near(id, shift).await?
        {
            return Ok(near);
        }
        // Its record is there, its first stream not yet: it is being created this moment.
        registers::newest(&*self.store, id).await?.ok_or(Failure::Unavailable(Unavailable::Store))
    }

    /// The newest head, when it is that of this shift or the next. A shift begins only when the one before is closed.
    async fn near(&self, id: RegisterId, shift: u32) -> Result<Option<Loaded>, StoreError> {
        let is_closed = |loaded: &Loaded| matches!(loaded.register.phase, Phase::Closed(_));
        let found = registers::shift(&*self.store, id, shift).await?;
        let Some(closed) = found.as_ref().filter(|found| is_closed(found)) else { return Ok(found) };
        match registers::shift(&*self.store, id, shift.saturating_add(1)).await? {
            Some(next) => Ok(Some(next).filter(|next| !is_closed(next))),
            None => Ok(Some(closed.clone())),
        }
    }

    async fn decide(
        &self,
        context: &Context<'_>,
        incoming: &Incoming<'_>,
        loaded: &Loaded,
        drawn: Drawn,
    ) -> Result<Decision, StoreError> {
        let (id, register) = (context.register, &loaded.register);
        let needs = needs(register, incoming.header, incoming.request);
        let offline = match &needs.offline {
            Some(key) => registers::find_offline(&*self.store, id, loaded, key).await?,
            None => None,
        };
        let previous = match needs.previous {
            Some(shift) => registers::shift(&*self.store, id, shift).await?,
            None => None,
        };
        let cancelled = match needs.cancelled {
            Some(place) => registers::document(&*self.store, id, place).await?,
            None => None,
        };
        let known = match needs.known {
            Some(place) => Some(self.stored(id, place).await?.1),
            None => None,
        };
        let unconfirmed = match &needs.unconfirmed {
            Some(sought) => registers::find_unconfirmed(&*self.store, id, loaded, sought, drawn.now).await?,
            None => Vec::new(),
        };
        let facts = Facts {
            offline,
            known: known.as_ref(),
            unconfirmed: &unconfirmed,
            previous: previous.as_ref().map(|loaded| &loaded.register),
            cancelled: cancelled.as_ref().map(|document| document.raw.as_slice()),
        };
        Ok(decide(context, register, incoming, &facts, drawn))
    }

    async fn accept(
        &self,
        incoming: &Incoming<'_>,
        loaded: &mut Loaded,
        accepted: Accepted,
        stamp: Stamp,
    ) -> Result<Outcome, Failure> {
        let token = accepted.token;
        let payload = accepted.answer.payload(incoming.version).freeze();
        let id = incoming.header.register;
        *loaded =
            registers::append_accepted(&*self.store, id, loaded, accepted, incoming.raw, &payload, stamp)
                .await?;
        Ok(Outcome { payload, token, result: 0 })
    }
}

/// Stands for a header of which nothing was read.
const EMPTY_HEADER: Header = Header {
    version: 203,
    size: 0,
    register: RegisterId(0),
    token: Token(0),
    request: ofd_protocol::types::RequestNumber(0),
};

/// The answer to bytes that are no frame or no message: 3 with command 0, and the connection ends.
pub fn unreadable(header: Header) -> Reply {
    let answer = refusal_answer(None, None, Version::V203, &Refusal::Unreadable);
    let answer = reply(header, header.token, answer.payload(Version::V203).freeze()).answer;
    Reply { answer, closes: true, standing: Standing::Stranger }
}

/// The answer to a request that is not even looked at.
pub fn unavailable(header: Header, reason: Unavailable) -> Reply {
    let answer = unavailable_answer(None, reason);
    Reply { closes: true, ..reply(header, header.token, answer.payload(Version::V203).freeze()) }
}

fn reply(header: Header, token: Token, payload: Bytes) -> Reply {
    let answer = Outgoing { header: Header { token, ..header }, payload };
    Reply { answer, closes: false, standing: Standing::Stranger }
}

fn refused(incoming: &Incoming<'_>, known: Option<(&Context<'_>, &Register)>, refusal: &Refusal) -> Outcome {
    let answer = refusal_answer(known, Some(incoming.request), incoming.version, refusal);
    outcome(incoming, &answer, incoming.header.token)
}

fn outcome(incoming: &Incoming<'_>, answer: &Answer, token: Token) -> Outcome {
    Outcome { payload: answer.payload(incoming.version).freeze(), token, result: answer.result }
}
