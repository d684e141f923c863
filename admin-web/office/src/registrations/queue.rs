//! The queues of the operator's people, one like the other: who waits longest comes first.
//!
//! Notes say who waits and since when, so the order costs no registration; those are read in steps, for as many as are shown.

use futures::{StreamExt, TryStreamExt, stream};
use ofd_protocol::types::RegisterId;
use ofd_storage::accounts::{Registration, RegistrationOrder, RegistrationState};
use time::Date;

use super::change::{AT_ONCE, find};
use super::waiting::{Queued, Wait, by_age};
use crate::change::ChangeError;
use crate::day::day;
use crate::office::Office;
use crate::typed::{Errors, Wrong};

/// So many wait in one queue before it says that it does not know them all: a year of registrations of the largest operator.
const QUEUE_MAX: usize = 20_000;

/// Registrations that are read for one page at most before it says how far it got.
const LOOKED_AT_MAX: usize = 1_000;

/// Characters of what is looked for; no title is longer.
const SOUGHT_LEN_MAX: usize = 200;

/// Between the parts of a place.
const BETWEEN: char = '-';

/// What is waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Queue {
    /// The tax authority's answer.
    Authority,
    /// The visit of a technician.
    Visits,
}

impl Queue {
    fn wait(self) -> Wait {
        match self {
            Self::Authority => Wait::Authority,
            Self::Visits => Wait::Visit,
        }
    }

    /// Whether a registration waits in it: a note may lead to what was done meanwhile, or was never asked.
    fn has(self, registration: &Registration) -> bool {
        match self {
            Self::Authority => matches!(registration.state, RegistrationState::InProcess { .. }),
            Self::Visits => registration.has_open_visit(),
        }
    }
}

/// To what a queue is narrowed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct QueueQuery {
    sought: String,
    order: Option<RegistrationOrder>,
    from: Option<Date>,
    to: Option<Date>,
}

impl QueueQuery {
    /// What was typed: the beginning of a BIN or part of a title, what is asked for, and between which days a visit is awaited.
    pub fn read(sought: &str, order: &str, [from, to]: [&str; 2]) -> (Self, Errors) {
        let mut errors = Errors::new();
        let mut date = |field: &'static str, text: &str| match (text, day(text)) {
            ("", _) => None,
            (_, None) => {
                errors.push((field, Wrong::Date));
                None
            }
            (_, read) => read,
        };
        let (from, to) = (date("from", from), date("to", to));
        let sought: String = sought.trim().chars().take(SOUGHT_LEN_MAX).collect();
        (Self { sought: sought.to_lowercase(), order: RegistrationOrder::from_name(order), from, to }, errors)
    }

    fn has(&self, title: &str, registration: &Registration) -> bool {
        let is_sought =
            registration.bin.starts_with(&self.sought) || title.to_lowercase().contains(&self.sought);
        let awaited = registration.visit.as_ref().and_then(|visit| day(&visit.date));
        is_sought
            && self.order.is_none_or(|order| registration.order() == order)
            && self.from.is_none_or(|from| awaited.is_some_and(|day| day >= from))
            && self.to.is_none_or(|to| awaited.is_some_and(|day| day <= to))
    }
}

/// A page of a queue.
#[derive(Clone, Debug, Default)]
pub struct QueueFound {
    /// Titles of organisations with the registrations that wait.
    pub rows: Vec<(String, Registration)>,
    /// Where the queue goes on, if it does.
    pub next: Option<String>,
    /// Whether all that waits is known.
    pub is_whole: bool,
}

fn text(waiting: &Queued) -> String {
    let (since, bin, id) = waiting.place();
    format!("{since}{BETWEEN}{bin}{BETWEEN}{id}")
}

/// A place of an address; `None` for what is none.
fn read(text: &str) -> Option<(u64, &str, u32)> {
    let mut parts = text.splitn(3, BETWEEN);
    let (since, bin, id) = (parts.next()?, parts.next()?, parts.next()?);
    Some((since.parse().ok()?, bin, id.parse().ok()?))
}

/// Up to `limit` of those who wait and are asked for, behind a place.
///
/// # Errors
/// Those of the store.
pub async fn queue(
    office: &Office,
    queue: Queue,
    query: &QueueQuery,
    after: Option<&str>,
    limit: usize,
) -> Result<QueueFound, ChangeError> {
    let (mut waiting, is_whole) = by_age(office, queue.wait(), QUEUE_MAX).await?;
    if let Some(after) = after.and_then(read) {
        waiting.retain(|one| one.place() > after);
    }
    let mut found = QueueFound { is_whole, ..QueueFound::default() };
    let (mut looked_at, mut last) = (0_usize, None);
    for chunk in waiting.chunks(AT_ONCE) {
        let places: Vec<(String, RegisterId)> = chunk.iter().map(|one| (one.bin.clone(), one.id)).collect();
        let reads = stream::iter(places).map(|(bin, id)| async move { find(&office.store, &bin, id).await });
        let read: Vec<_> = reads.buffered(AT_ONCE).try_collect().await?;
        for (one, read) in chunk.iter().zip(read) {
            if found.rows.len() >= limit || looked_at >= LOOKED_AT_MAX {
                found.next = last.map(text);
                return Ok(found);
            }
            (looked_at, last) = (looked_at.saturating_add(1), Some(one));
            if let Some((company, registration)) = read
                && queue.has(&registration)
                && query.has(&company.title, &registration)
            {
                found.rows.push((company.title, registration));
            }
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use ofd_protocol::types::UnixMillis;
    use ofd_storage::accounts::{Delivery, Visit};
    use ofd_storage::samples;

    use super::*;

    const BIN: &str = "151140001234";

    fn query(sought: &str, order: &str, days: [&str; 2]) -> QueueQuery {
        let (query, errors) = QueueQuery::read(sought, order, days);
        assert_eq!(errors, []);
        query
    }

    #[test]
    fn a_queue_is_narrowed_by_organisation_by_what_is_asked_for_and_by_the_day_of_a_visit() {
        let text = String::new;
        let visit = Visit {
            date: "2026-01-22".into(),
            time: "09:30".into(),
            person: text(),
            phone: text(),
            comment: text(),
            asked_at: UnixMillis(5),
            done: None,
        };
        let order = RegistrationOrder::Change;
        let one = Registration {
            state: RegistrationState::InProcess { order, delivery: Delivery::Waiting },
            visit: Some(visit),
            ..samples::registration(RegisterId(7), BIN)
        };
        for (sought, order, days, is_found) in [
            ("", "", ["", ""], true),
            ("1511", "", ["", ""], true),
            ("1234", "", ["", ""], false),
            (" КӨКТЕМ ", "", ["", ""], true),
            ("басқа", "", ["", ""], false),
            ("", "change", ["", ""], true),
            ("", "register", ["", ""], false),
            ("", "none such", ["", ""], true),
            ("", "", ["22.01.2026", "22.01.2026"], true),
            ("", "", ["23.01.2026", ""], false),
            ("", "", ["", "21.01.2026"], false),
        ] {
            let query = query(sought, order, days);
            assert_eq!(query.has("ТОО «Көктем»", &one), is_found, "{sought} {order} {days:?}");
        }
        let unvisited = Registration { visit: None, ..one };
        assert!(!query("", "", ["22.01.2026", ""]).has("", &unvisited), "it is awaited on no day");
        assert_eq!(QueueQuery::read("", "", ["x", "32.01.2026"]).1.len(), 2);
    }

    #[test]
    fn a_place_leads_back_to_where_it_was() {
        let one =
            Queued { bin: BIN.into(), id: RegisterId(7), since: UnixMillis(5), noted_at: UnixMillis(9) };
        assert_eq!(read(&text(&one)), Some(one.place()));
        for strange in ["", "5", "5-151140001234", "x-151140001234-7", "5-151140001234-x"] {
            assert_eq!(read(strange), None, "{strange}");
        }
    }
}
