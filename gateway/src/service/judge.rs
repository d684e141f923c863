//! Who asks: a register that is known, or somebody whose token the store must judge first.
//!
//! Strangers never reach a register's lane.

use std::sync::Arc;

use ofd_edge::World;
use ofd_protocol::frame::Header;
use ofd_protocol::message::answer::Answer;
use ofd_protocol::refusal::{Refusal, Unavailable};
use ofd_protocol::register::{refusal_answer, unavailable_answer};
use ofd_protocol::version::Version;
use ofd_storage::registers::{self, Loaded};
use ofd_storage::store::Store;

use super::Service;
use super::outcome::{Failure, standing_after};
use super::reply::{Origin, Reply, Standing, reply};
use crate::budget::{Charge, Payer};
use crate::lane::Lane;
use crate::metrics;

/// What the newest head says of a token.
pub(super) enum Verdict {
    /// It is good. The head was read after the request came.
    Good { lane: Arc<Lane>, head: Box<Loaded> },
    /// It is not, or the request fails before its token counts (WIRE 13.14).
    Refused(Refusal),
}

/// Whether a long frame is worth its memory.
#[derive(Debug)]
pub enum Welcome {
    /// Its token is good: it is read, and paid for by the register.
    Register(Arc<Lane>),
    /// It is answered now, unread.
    TurnedAway(Reply),
}

impl<S: Store, W: World> Service<S, W> {
    /// The lane of a register whose token is known to be good, as far as memory goes. What a request costs is then
    /// paid from the register's own purse.
    pub fn known(&self, header: &Header) -> Option<Arc<Lane>> {
        self.lanes
            .find(header.register)
            .filter(|lane| lane.purse.knows(header.token).payer() == Payer::Register)
    }

    /// Judges a token that is not known by the newest head, at the cost of the address it came from.
    pub(super) async fn judge(&self, header: &Header, origin: Origin) -> Result<Verdict, Failure> {
        let id = header.register;
        self.strangers.pay(origin, Charge::Judging)?;
        // Never closed, so whoever waits gets his place.
        let _place = self.strangers.places.acquire().await;
        let Some(lane) = self.lane(id).await? else {
            self.strangers.pay(origin, Charge::UnknownId)?;
            return Ok(Verdict::Refused(Refusal::RegisterAbsent { register: id }));
        };
        let head = self.load(id, lane.purse.shift()).await?;
        if !head.register.tokens.are_good(header.token) {
            self.strangers.pay(origin, Charge::WrongToken)?;
            // A head that lost its end knows the tokens of before: no till is told that its own is wrong for that.
            registers::check_last_document(&*self.store, id, &head).await?;
            let profile = self.profile(&lane, &head).await?;
            let is_tls_excluded = origin.is_tls && !profile.record.is_tls_allowed;
            // In the order of WIRE 13.14.
            let refusal = if is_tls_excluded { Refusal::TlsExcluded } else { Refusal::TokenWrong };
            return Ok(Verdict::Refused(refusal));
        }
        lane.purse.remember(head.register.tokens, head.register.shift_number);
        Ok(Verdict::Good { lane, head: Box::new(head) })
    }

    /// Whether a frame that is too long to be buffered for a stranger comes under a good token; asked when its header
    /// is there and its payload is not.
    pub async fn welcome(&self, header: &Header, origin: Origin) -> Welcome {
        let judged = tokio::time::timeout(self.options.answer_within, self.judge(header, origin)).await;
        match judged {
            Ok(Ok(Verdict::Good { lane, .. })) => Welcome::Register(lane),
            Ok(Ok(Verdict::Refused(refusal))) => {
                let answer = refusal_answer(None, None, version_of(header), &refusal);
                Welcome::TurnedAway(early(header, &answer, Standing::Stranger))
            }
            Ok(Err(failure)) => {
                let reason = match failure {
                    Failure::Unavailable(reason) => reason,
                    Failure::Store(_) => Unavailable::Store,
                };
                let answer = unavailable_answer(None, reason);
                Welcome::TurnedAway(early(header, &answer, standing_after(&failure)))
            }
            Err(_) => {
                let answer = unavailable_answer(None, Unavailable::Store);
                Welcome::TurnedAway(early(header, &answer, Standing::Unjudged))
            }
        }
    }
}

fn version_of(header: &Header) -> Version {
    Version::from_code(header.version).unwrap_or(Version::V203)
}

/// The answer to a frame whose payload nobody waits for: command 0, and the connection ends.
fn early(header: &Header, answer: &Answer, standing: Standing) -> Reply {
    metrics::frame_answered(None, answer.result, std::time::Instant::now());
    let payload = answer.payload(version_of(header)).freeze();
    Reply { closes: true, standing, ..reply(*header, header.token, payload) }
}
