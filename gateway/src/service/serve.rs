//! The way of one request: whose it is, its turn in the register's lane, and as many tries as it takes.

use std::sync::Arc;
use std::time::Duration;

use ofd_edge::World;
use ofd_protocol::message::Command;
use ofd_protocol::refusal::{Refusal, Unavailable};
use ofd_protocol::register::Incoming;
use ofd_protocol::types::RegisterId;
use ofd_storage::registers::Loaded;
use ofd_storage::store::{Store, StoreError};
use tracing::warn;

use super::Service;
use super::judge::Verdict;
use super::outcome::{Failure, Outcome, refused, standing_after};
use super::reply::{Origin, Standing};
use crate::budget::Charge;
use crate::lane::Lane;
use crate::metrics::{self, TurnedAway};
use crate::profile::Profile;

/// Another gateway, or a person, may be faster this often before a device is asked to repeat.
const CONFLICTS_MAX: u32 = 3;

/// Before the first new try the store is left alone for at most so long, before the next twice as long: about as long
/// as a cluster takes for a conditional write, so that of two gateways with one register one gets through.
const CONFLICT_PAUSE_MAX: Duration = Duration::from_millis(4);

impl<S: Store, W: World> Service<S, W> {
    /// Serves a request; `standing` tells who asked as soon as it is known.
    pub(super) async fn serve(
        &self,
        incoming: &Incoming<'_>,
        origin: Origin,
        standing: &mut Standing,
    ) -> Result<Outcome, Failure> {
        let id = incoming.header.register;
        let (lane, judged) = match self.known(&incoming.header) {
            Some(lane) => (Some(lane), None),
            None => match self.judge(&incoming.header, origin).await {
                Ok(Verdict::Good { lane, head }) => (Some(lane), Some(*head)),
                Ok(Verdict::Refused(refusal)) => {
                    *standing = Standing::Stranger;
                    return Ok(refused(incoming, None, &refusal));
                }
                Err(failure) => {
                    *standing = standing_after(&failure);
                    return Err(failure);
                }
            },
        };
        *standing = Standing::Register;
        let Some(lane) = lane else {
            return Ok(refused(incoming, None, &Refusal::RegisterAbsent { register: id }));
        };
        self.lanes.touch(&lane);
        let outcome = self.serve_register(incoming, &lane, judged).await?;
        if outcome.result == Refusal::TokenWrong.code(incoming.version) {
            // Another gateway, or a person, has changed it since it was seen here.
            *standing = Standing::Stranger;
            self.strangers.pay(origin, Charge::WrongToken)?;
        } else {
            let now = self.world.now();
            if lane.purse.is_to_be_noted(now) {
                self.heard.at(id, now);
            }
        }
        Ok(outcome)
    }

    /// Serves a request that the register pays for, in its turn.
    async fn serve_register(
        &self,
        incoming: &Incoming<'_>,
        lane: &Lane,
        mut judged: Option<Loaded>,
    ) -> Result<Outcome, Failure> {
        let turned_away = |why: TurnedAway| {
            metrics::turned_away(why);
            Err(Failure::Unavailable(Unavailable::Overloaded))
        };
        if !lane.purse.pays_request() {
            return turned_away(TurnedAway::RegisterRate);
        }
        let Some(_place) = lane.purse.place() else { return turned_away(TurnedAway::RegisterQueue) };
        let mut turn = lane.turn.lock().await;
        // Only in a cluster do others need the gap: within one process the store decides at once who is first.
        if let Some(gap) = turn.streak.gap(tokio::time::Instant::now()).filter(|_| self.store.is_shared()) {
            tokio::time::sleep(gap).await;
        }
        let command = incoming.request.command.and_then(Command::from_code);
        let is_stored = command.is_some_and(Command::is_fiscal);
        if is_stored && !lane.purse.has_room_for(incoming.raw.len()) {
            self.too_much(incoming.header.register);
            return turned_away(TurnedAway::RegisterBytes);
        }
        for tries in 0..=CONFLICTS_MAX {
            if tries > 0 && self.store.is_shared() {
                tokio::time::sleep(self.conflict_pause(tries)).await;
            }
            match self.attempt(incoming, lane, &mut turn, judged.take()).await {
                Err(Failure::Store(StoreError::Conflict { .. })) => {
                    metrics::conflict();
                    turn.cached = None;
                }
                Ok(outcome) => {
                    if is_stored && outcome.result == 0 {
                        lane.purse.pays_stored(incoming.raw.len());
                    }
                    return Ok(outcome);
                }
                failed @ Err(_) => return failed,
            }
        }
        Err(Failure::Unavailable(Unavailable::Store))
    }

    /// Says which register stores more than it may, now and then: it repeats what is turned away.
    fn too_much(&self, id: RegisterId) {
        if let Some(left_out) = self.too_much.turn() {
            warn!(
                register.id = id.0,
                left_out,
                "register {id} has stored what register_mib_per_hour allows and gets 254; {left_out} such lines were left out"
            );
        }
    }

    /// How long another gateway is given way before a new try; by chance, or both would come back together.
    fn conflict_pause(&self, tries: u32) -> Duration {
        let [chance, ..] = self.world.draw();
        CONFLICT_PAUSE_MAX.saturating_mul(1 << (tries - 1)) * u32::from(chance) / 255
    }

    /// The register's lane, made anew if there is none; `None`: the id was never given.
    pub(super) async fn lane(&self, id: RegisterId) -> Result<Option<Arc<Lane>>, StoreError> {
        if let Some(lane) = self.lanes.find(id) {
            return Ok(Some(lane));
        }
        let profile = Profile::load(&*self.store, &self.options.imprint, id, 0).await?;
        Ok(profile.map(|profile| self.lanes.enter(profile)))
    }

    /// The register's profile as it was when this head was read, or later.
    pub(super) async fn profile(&self, lane: &Lane, head: &Loaded) -> Result<Arc<Profile>, StoreError> {
        let kept = lane.profile();
        if kept.holds_for(head) {
            return Ok(kept);
        }
        let (id, version) = (kept.record.id, head.register.profile_version);
        match Profile::load(&*self.store, &self.options.imprint, id, version).await {
            Ok(Some(profile)) => Ok(lane.keep(profile)),
            // An old profile serves better than none; whether the register may sell is for its head to say.
            Ok(None) | Err(StoreError::Unavailable { .. }) => Ok(kept),
            Err(error) => Err(error),
        }
    }
}
