//! Texts that registers print on receipts, as this process knows them: read beside the service, and looked at by day.
//!
//! Days are judged when a request comes, so a text begins and ends at its midnight at every gateway at once, whatever the
//! store does; what is changed of one is known to each when it reads the next time.

use std::sync::{Arc, PoisonError, RwLock};

use ofd_protocol::message::answer::{TicketAd, TicketAdKind};
use ofd_protocol::register::Day;
use ofd_protocol::types::UnixMillis;
use ofd_storage::accounts::{Company, OPERATOR, TicketText, TicketTextKind, load};
use ofd_storage::model::RegisterRecord;
use ofd_storage::store::{Store, StoreError};

/// The texts that were read last.
#[derive(Debug, Default)]
pub(crate) struct TicketTexts(RwLock<Arc<[TicketText]>>);

fn kind(kind: TicketTextKind) -> TicketAdKind {
    match kind {
        TicketTextKind::Ofd => TicketAdKind::Ofd,
        TicketTextKind::Org => TicketAdKind::Org,
        TicketTextKind::Pos => TicketAdKind::Pos,
        TicketTextKind::Kkm => TicketAdKind::Kkm,
    }
}

fn is_for(text: &TicketText, record: &RegisterRecord) -> bool {
    match text.kind {
        TicketTextKind::Ofd => true,
        TicketTextKind::Org => text.whose == record.bin,
        TicketTextKind::Pos => text.whose == record.trade_point.0,
        TicketTextKind::Kkm => text.whose == record.id.to_string(),
    }
}

impl TicketTexts {
    /// Reads them anew. Where that fails those of before stay.
    ///
    /// # Errors
    /// Those of the store.
    pub(crate) async fn read(&self, store: &impl Store) -> Result<(), StoreError> {
        let Some(stream) = Company::stream_of(OPERATOR) else { return Ok(()) };
        let operator = load::<Company>(store, stream).await?;
        let texts = operator.map(|operator| operator.state.ticket_texts).unwrap_or_default();
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = texts.into();
        Ok(())
    }

    /// Those that hold for a register now, at most one of each kind.
    pub(crate) fn of(
        &self,
        record: &RegisterRecord,
        now: UnixMillis,
        zone_offset_seconds: i32,
    ) -> Vec<TicketAd> {
        let texts = Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner));
        if texts.is_empty() {
            return Vec::new();
        }
        let today = Day::of(now.wall(zone_offset_seconds)).to_string();
        let hold = texts.iter().filter(|text| text.holds_on(&today) && is_for(text, record));
        let mut ads: Vec<TicketAd> = Vec::new();
        for text in hold {
            let ad = TicketAd { kind: kind(text.kind), version: text.version, text: text.text.clone() };
            match ads.iter_mut().find(|known| known.kind == ad.kind) {
                Some(known) if known.version < ad.version => *known = ad,
                Some(_) => {}
                None => ads.push(ad),
            }
        }
        ads
    }
}
