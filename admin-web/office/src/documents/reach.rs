//! Where the documents of a period lie in one register.

use ofd_protocol::register::{APART_MAX_SECONDS, Figures};
use ofd_protocol::ticket_number::DocumentRef;
use ofd_protocol::types::{RegisterId, UnixMillis};
use ofd_storage::figures::{self, DayPlaces};
use ofd_storage::registers;
use ofd_storage::store::{Store, StoreError};

use super::query::Period;

/// Before the first document of a register.
const NOTHING: DocumentRef = DocumentRef { shift: 1, number: 0 };

/// Documents from one to another, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) first: DocumentRef,
    pub(super) last: DocumentRef,
    /// No document in it was accepted later.
    pub(super) accepted_until: UnixMillis,
}

/// What is known of a register before its documents are read.
#[derive(Clone, Debug)]
pub(super) struct Reach {
    pub(super) register: RegisterId,
    /// By which wall clock its documents count, in seconds ahead of UTC.
    pub(super) zone: i32,
    /// Where documents of the period may lie, the oldest first.
    pub(super) spans: Vec<Span>,
    /// What the days of the period come to, as far as they are counted.
    pub(super) figures: Figures,
    /// Documents were accepted that are not counted yet.
    pub(super) has_uncounted: bool,
}

/// The first and the last moment of the days of a period, so many seconds wider.
fn moments(period: Period, zone: i32, wider: i64) -> (UnixMillis, UnixMillis) {
    const DAY_SECONDS: i64 = 24 * 3600;
    let moment = |days: i64, seconds: i64| {
        let utc = days.saturating_mul(DAY_SECONDS).saturating_add(seconds).saturating_sub(i64::from(zone));
        u64::try_from(utc).unwrap_or(0).saturating_mul(1000)
    };
    let from = moment(period.from.number(), wider.saturating_neg());
    let end = moment(period.to.number().saturating_add(1), wider);
    (UnixMillis(from), UnixMillis(end.saturating_sub(1)))
}

/// The days of a period on the server's clock.
pub(super) fn days_within(period: Period, zone: i32) -> (UnixMillis, UnixMillis) {
    moments(period, zone, 0)
}

/// The moments within which a document of the period was accepted: it counts by its own time only where that is near. A
/// second more, since milliseconds are cut off where both are compared.
pub(super) fn accepted_within(period: Period, zone: i32) -> (UnixMillis, UnixMillis) {
    moments(period, zone, APART_MAX_SECONDS.saturating_add(1))
}

fn after(place: DocumentRef) -> DocumentRef {
    DocumentRef { number: place.number.saturating_add(1), ..place }
}

/// Finds out where the documents of a period lie, without reading one. `zone` is the wall clock of registers whose figures
/// have none yet.
pub(super) async fn reach(
    store: &impl Store,
    register: RegisterId,
    period: Period,
    zone: i32,
) -> Result<Reach, StoreError> {
    // The position first, then days, then the head: what is counted meanwhile is in what is read later.
    let counted = figures::counted_until(store, register).await?;
    let (position, zone) = counted.unwrap_or((NOTHING, zone));
    let days = match counted {
        Some(_) => figures::kept_days(store, register, period.from, period.to).await?,
        None => Vec::new(),
    };
    let (mut span, mut figures) = (None::<Span>, Figures::default());
    for day in &days {
        figures.add_all(&day.figures);
        let here = match day.places {
            DayPlaces::None => continue,
            DayPlaces::Known(places) => {
                Span { first: places.first, last: places.last, accepted_until: places.last_accepted_at }
            }
            // Figures of before do not say it: any document that is counted may be one.
            DayPlaces::Unknown => {
                Span { first: after(NOTHING), last: position, accepted_until: UnixMillis(u64::MAX) }
            }
        };
        span = Some(span.map_or(here, |span| Span {
            first: span.first.min(here.first),
            last: span.last.max(here.last),
            accepted_until: span.accepted_until.max(here.accepted_until),
        }));
    }
    let known_until = span.map_or(position, |span| span.last.max(position));
    let newest = registers::newest_from(store, register, position.shift).await?;
    let last = newest.and_then(|newest| newest.register.last_document);
    let rest = last.filter(|last| last.place > known_until).map(|last| Span {
        first: after(known_until),
        last: last.place,
        accepted_until: last.accepted_at,
    });
    let spans = [span, rest].into_iter().flatten().collect();
    Ok(Reach { register, zone, spans, figures, has_uncounted: rest.is_some() })
}
