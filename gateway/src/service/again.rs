//! Documents that come again: their stored answer, and what they add (WIRE 13.2 to 13.4).

use bytes::Bytes;
use ofd_edge::World;
use ofd_protocol::frame;
use ofd_protocol::message::Request;
use ofd_protocol::register::{Amendment, Confirmed, Drawn, Incoming, Known, amendment, replayed};
use ofd_protocol::ticket_number::DocumentRef;
use ofd_protocol::types::{RegisterId, Token, UnixMillis};
use ofd_storage::registers::{self, Amending, Bearing, Loaded};
use ofd_storage::store::{Stamp, Store, StoreError};

use super::Service;
use super::outcome::{Failure, Outcome};
use crate::metrics;

/// A stored answer that is given again.
pub(super) struct Replay {
    pub(super) document: DocumentRef,
    pub(super) token: Token,
    pub(super) is_far: bool,
    pub(super) now: UnixMillis,
}

impl<S: Store, W: World> Service<S, W> {
    /// Gives the stored answer again, after storing what the replay adds to the document.
    pub(super) async fn replay(
        &self,
        incoming: &Incoming<'_>,
        loaded: &mut Loaded,
        replay: Replay,
        bearing: Bearing,
    ) -> Result<Outcome, Failure> {
        let (id, place) = (incoming.header.register, replay.document);
        let (stored, known) = self.stored(id, place).await?;
        metrics::replay();
        let added = added(incoming, &stored, &known);
        let changed = replayed(&loaded.register, place, added.as_ref(), replay.is_far, replay.now);
        if added.is_some() || changed.is_some() {
            let amending = Amending { place, stored: &stored, amendment: added.as_ref(), raw: incoming.raw };
            let bearings = (bearing, Stamp(self.world.bytes()));
            let newest =
                registers::append_amended(&*self.store, id, loaded, amending, changed, bearings).await?;
            if let Some(newest) = newest {
                *loaded = newest;
            }
        }
        Ok(Outcome { payload: Bytes::from(stored.answer), token: replay.token, result: 0 })
    }

    /// An unconfirmed document came again: its answer is given under a new token, and nothing is counted.
    pub(super) async fn confirm(
        &self,
        incoming: &Incoming<'_>,
        loaded: &mut Loaded,
        confirmed: Confirmed,
        drawn: Drawn,
        bearing: Bearing,
    ) -> Result<Outcome, Failure> {
        let (id, place, token) = (incoming.header.register, confirmed.document, confirmed.token);
        let (stored, known) = self.stored(id, place).await?;
        metrics::replay();
        let added = added(incoming, &stored, &known);
        let register = replayed(&confirmed.register, place, added.as_ref(), false, drawn.now)
            .unwrap_or_else(|| confirmed.register.clone());
        let confirmed = Confirmed { register, ..confirmed };
        let amending = Amending { place, stored: &stored, amendment: added.as_ref(), raw: incoming.raw };
        let bearings = (bearing, Stamp(self.world.bytes()));
        *loaded =
            registers::append_confirmed(&*self.store, id, loaded, amending, confirmed, bearings).await?;
        Ok(Outcome { payload: Bytes::from(stored.answer), token, result: 0 })
    }

    /// A stored document that the head leads to, and by what it is known.
    pub(super) async fn stored(
        &self,
        id: RegisterId,
        place: DocumentRef,
    ) -> Result<(registers::Document, Known), StoreError> {
        let stored = registers::document(&*self.store, id, place).await?;
        let stored = stored.ok_or_else(|| StoreError::Corrupt {
            place: format!("register {id} shift {}", place.shift),
            reason: format!("document {} is remembered but not stored", place.number),
        })?;
        let known = registers::known(&*self.store, id, place, &stored).await?;
        Ok((stored, known))
    }
}

/// What a replay adds to the stored document.
fn added(incoming: &Incoming<'_>, stored: &registers::Document, known: &Known) -> Option<Amendment> {
    let frame = frame::whole(&stored.raw).ok()?;
    amendment(&Request::read(frame.payload).ok()?, known, incoming.request)
}

#[cfg(test)]
mod tests;
