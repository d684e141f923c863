//! One try of a request in its turn: decided on the newest head, carried out, or in conflict with somebody faster.

use std::sync::Arc;

use bytes::Bytes;
use ofd_edge::World;
use ofd_protocol::message::Command;
use ofd_protocol::message::answer::TicketAd;
use ofd_protocol::refusal::{Refusal, Unavailable};
use ofd_protocol::register::{Accepted, Context, Decision, Drawn, Facts, Incoming, Phase, decide, needs};
use ofd_protocol::ticket_number::TicketNumberKey;
use ofd_protocol::types::{RegisterId, UnixMillis};
use ofd_storage::charging::Clock;
use ofd_storage::registers::{self, Bearing, Loaded};
use ofd_storage::standing;
use ofd_storage::store::{Stamp, Store, StoreError};

use super::Service;
use super::again::Replay;
use super::outcome::{Failure, Outcome, outcome, refused};
use crate::lane::{Lane, Turn};
use crate::profile::Profile;

/// What is known of a register beside its head, and what is told of it in the version of a request.
struct Described {
    profile: Arc<Profile>,
    reg_info: Bytes,
    ads: Vec<TicketAd>,
    is_paid_since: bool,
}

impl<S: Store, W: World> Service<S, W> {
    /// Decides once on the newest head and carries the decision out.
    pub(super) async fn attempt(
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
        let (token, stamp) = self.world.token_and_stamp();
        let (drawn, stamp) = (Drawn { now: self.world.now(), token }, Stamp(stamp));
        let mut described = self.described(incoming, lane, &loaded).await?;
        let mut decision = self.decide(&self.context(&described, key), incoming, &loaded, drawn).await?;
        // Only an append finds out by itself that its head is not the newest. Any other answer needs a head that was
        // read after the request came: a device may have been at another gateway a moment ago, or in an office.
        if is_remembered && !matches!(decision, Decision::Accept(_) | Decision::Confirm(_)) {
            let newest = self.load(id, turn.shift).await?;
            if place(&newest) != place(&loaded) {
                loaded = newest;
                described = self.described(incoming, lane, &loaded).await?;
                decision = self.decide(&self.context(&described, key), incoming, &loaded, drawn).await?;
            }
        }
        if matches!(decision, Decision::Refuse(Refusal::Unpaid { .. }))
            && self.is_paid_since(&described.profile.record.bin, drawn.now).await?
        {
            described.is_paid_since = true;
            decision = self.decide(&self.context(&described, key), incoming, &loaded, drawn).await?;
        }
        let context = self.context(&described, key);
        let bearing = turn.announced.bearing(stamp, id, drawn.now);
        let carried_out = match decision {
            Decision::Refuse(refusal) => self.fence(incoming, &mut loaded, &refusal, stamp).await.map(|()| {
                let register = &loaded.register;
                let is_known = register.tokens.are_good(incoming.header.token);
                refused(incoming, is_known.then_some((&context, register)), &refusal)
            }),
            Decision::Answer(answer) => Ok(outcome(incoming, &answer, incoming.header.token)),
            Decision::Replay { document, token, is_far } => {
                let replay = Replay { document, token, is_far, now: drawn.now };
                self.replay(incoming, &mut loaded, replay, bearing).await
            }
            Decision::Confirm(confirmed) => {
                self.confirm(incoming, &mut loaded, *confirmed, drawn, bearing).await
            }
            Decision::Accept(accepted) => {
                let begun = tokio::time::Instant::now();
                let accepted = self.accept(incoming, &mut loaded, *accepted, bearing).await;
                if accepted.is_ok() {
                    turn.streak.appended(tokio::time::Instant::now(), begun.elapsed());
                    turn.announced.landed(drawn.now);
                }
                accepted
            }
        };
        match carried_out {
            Ok(outcome) => {
                keep(lane, turn, loaded);
                Ok(outcome)
            }
            Err(conflict @ Failure::Store(StoreError::Conflict { .. })) => Err(conflict),
            Err(failure) => Ok(self.failed(incoming, &failure)),
        }
    }

    /// Whether a payment ended the stop of an organisation's registers that their state still tells. The ledger itself is asked: so a
    /// payment is felt here at once, whichever process took it and whatever became of that one.
    async fn is_paid_since(&self, bin: &str, now: UnixMillis) -> Result<bool, StoreError> {
        let zone_offset_seconds = self.options.policy.zone_offset_seconds;
        standing::is_paid_since(&*self.store, bin, Clock { now, zone_offset_seconds }).await
    }

    /// What is known of the register beside its head.
    async fn described(
        &self,
        incoming: &Incoming<'_>,
        lane: &Lane,
        head: &Loaded,
    ) -> Result<Described, StoreError> {
        let profile = self.profile(lane, head).await?;
        let zone_offset_seconds = self.options.policy.zone_offset_seconds;
        let ads = self.ticket_texts.of(&profile.record, self.world.now(), zone_offset_seconds);
        let reg_info = profile.reg_info(incoming.version);
        Ok(Described { profile, reg_info, ads, is_paid_since: false })
    }

    fn context<'a>(&'a self, described: &'a Described, key: &'a TicketNumberKey) -> Context<'a> {
        let record = &described.profile.record;
        Context {
            register: record.id,
            organisation_bin: &record.bin,
            fns_kkm_id: &record.fns_kkm_id,
            serial_number: &record.serial_number,
            is_tls_allowed: record.is_tls_allowed,
            is_paid_since: described.is_paid_since,
            reg_info: &described.reg_info,
            ads: &described.ads,
            ticket_number_key: key,
            policy: &self.options.policy,
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
        if matches!(refusal, Refusal::ShiftTooLong { .. })
            || (matches!(refusal, Refusal::Unpaid { .. }) && is_document)
        {
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
    pub(super) async fn load(&self, id: RegisterId, before: Option<u32>) -> Result<Loaded, Failure> {
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
        bearing: Bearing,
    ) -> Result<Outcome, Failure> {
        let token = accepted.token;
        let payload = accepted.answer.payload(incoming.version).freeze();
        let id = incoming.header.register;
        *loaded =
            registers::append_accepted(&*self.store, id, loaded, accepted, incoming.raw, &payload, bearing)
                .await?;
        Ok(Outcome { payload, token, result: 0 })
    }
}

/// Keeps the newest state for the next request.
fn keep(lane: &Lane, turn: &mut Turn, loaded: Loaded) {
    lane.purse.remember(loaded.register.tokens, loaded.register.shift_number);
    turn.shift = Some(loaded.register.shift_number);
    turn.cached = Some(loaded);
}
