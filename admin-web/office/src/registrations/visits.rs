//! The visit by which a wired register is connected: asked for by its organisation, one after the other, and closed by the
//! operator's people.

use std::cmp::Reverse;

use ofd_protocol::types::{RegisterId, UnixMillis};
use ofd_storage::accounts::{
    AuditAction, AuditEntry, AuditField, AuditSubject, Company, REGISTRATION_PAGE_MAX, Registration, Visit,
    VisitDone, registrations,
};
use ofd_storage::erased::DynStore;
use ofd_storage::model::Connection;
use ofd_storage::store::StoreError;
use time::Date;

use super::change::{Next, change_registration, find};
use super::waiting::{self, Wait};
use crate::by::By;
use crate::change::ChangeError;
use crate::day::{day, kept};
use crate::fields::Fields;
use crate::office::Office;
use crate::typed::{Errors, Reader, Wrong, full_line, line, phone};

/// Characters of the name of who is there.
pub const PERSON_LEN_MAX: usize = 150;

/// Characters of a comment.
pub const COMMENT_LEN_MAX: usize = 500;

/// Nobody knows now who will be there later than that.
const AHEAD_DAYS_MAX: i64 = 90;

/// What came of asking for a visit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VisitOutcome {
    /// It is asked for.
    Asked,
    /// One was asked for before.
    AlreadyAsked,
    /// The register needs none: it comes by a SIM card.
    NotWired,
    /// The register is not on the books.
    NotRegistered,
}

/// Why no visit can be asked for; `None`: one can.
#[must_use]
pub fn no_visit(registration: &Registration) -> Option<VisitOutcome> {
    match registration {
        registration if !registration.is_registered() => Some(VisitOutcome::NotRegistered),
        registration if registration.data.connection != Connection::Wired => Some(VisitOutcome::NotWired),
        // One that was closed may have found nobody there: another one can be asked for.
        registration if registration.visit.as_ref().is_some_and(|visit| visit.done.is_none()) => {
            Some(VisitOutcome::AlreadyAsked)
        }
        _ => None,
    }
}

fn visit_day(text: &str, today: Date) -> Result<String, Wrong> {
    if text.is_empty() {
        return Err(Wrong::Empty);
    }
    let day = day(text).ok_or(Wrong::Date)?;
    match (day - today).whole_days() {
        ..0 => Err(Wrong::DatePast),
        0..=AHEAD_DAYS_MAX => Ok(kept(day)),
        _ => Err(Wrong::DateFar),
    }
}

/// A time of day as it is kept, `09:30`; typed with a point or a colon, or as an hour.
fn time_of_day(text: &str) -> Result<String, Wrong> {
    if text.is_empty() {
        return Err(Wrong::Empty);
    }
    let (hour, minute) = text.split_once([':', '.']).unwrap_or((text, "00"));
    let number = |text: &str, len: std::ops::RangeInclusive<usize>, max: u8| {
        let is_number = len.contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
        text.parse::<u8>().ok().filter(|number| is_number && *number <= max)
    };
    match (number(hour, 1..=2, 23), number(minute, 2..=2, 59)) {
        (Some(hour), Some(minute)) => Ok(format!("{hour:02}:{minute:02}")),
        _ => Err(Wrong::Time),
    }
}

/// Reads the form of a visit.
pub fn read_visit(fields: &Fields, today: Date, by: &By) -> (Visit, Errors) {
    let mut reader = Reader::default();
    let date = reader.take("date", visit_day(fields.text("date"), today));
    let time = reader.take("time", time_of_day(fields.text("time")));
    let person = reader.take("person", full_line(fields.text("person"), PERSON_LEN_MAX));
    let phone = match fields.text("phone") {
        "" => Err(Wrong::Empty),
        typed => phone(typed),
    };
    let phone = reader.take("phone", phone);
    let comment = reader.take("comment", line(fields.text("comment"), COMMENT_LEN_MAX));
    (Visit { date, time, person, phone, comment, asked_at: by.at, done: None }, reader.errors)
}

fn row(by: &By, action: AuditAction, id: RegisterId, visit: &Visit, comment: &str) -> AuditEntry {
    let subject = AuditSubject::Register(id).called(id.to_string());
    let changes = [
        AuditField::VisitAt.change("", &format!("{} {}", visit.date, visit.time)),
        AuditField::Name.change("", &visit.person),
        AuditField::Phone.change("", &visit.phone),
        AuditField::Comment.change("", comment),
    ];
    by.entry(action, subject, changes.into_iter().flatten().collect())
}

/// Asks for the visit by which a register is connected.
///
/// # Errors
/// [`ChangeError::NotFound`]: the organisation has no registration of this id.
pub async fn ask_visit(
    office: &Office,
    by: &By,
    (bin, id): (&str, RegisterId),
    visit: &Visit,
) -> Result<VisitOutcome, ChangeError> {
    let (_, registration) = find(&office.store, bin, id).await?.ok_or(ChangeError::NotFound)?;
    if no_visit(&registration).is_none() {
        waiting::note(office, Wait::Visit, (bin, id)).await?;
    }
    let (_, outcome) = change_registration(office, (bin, id), |found| {
        let before = found.registration.as_ref().ok_or(ChangeError::NotFound)?;
        if let Some(known) = &before.visit {
            let is_same =
                Visit { asked_at: known.asked_at, done: known.done.clone(), ..visit.clone() } == *known;
            if known.done.is_none() {
                return Ok((None, if is_same { VisitOutcome::Asked } else { VisitOutcome::AlreadyAsked }));
            }
        }
        if let Some(outcome) = no_visit(before) {
            return Ok((None, outcome));
        }
        let registration = Registration { visit: Some(visit.clone()), ..before.clone() };
        let audit = vec![row(by, AuditAction::VisitAsked, id, visit, &visit.comment)];
        Ok((Some(Next { registration, papers: Vec::new(), audit }), VisitOutcome::Asked))
    })
    .await?;
    Ok(outcome)
}

/// Closes the visit that was asked for at a moment; `false`: it was closed before, whoever asked for another one since.
///
/// # Errors
/// [`ChangeError::NotFound`]: the organisation has no registration of this id.
pub async fn close_visit(
    office: &Office,
    by: &By,
    (bin, id): (&str, RegisterId),
    (asked_at, comment): (UnixMillis, &str),
) -> Result<bool, ChangeError> {
    let noted = waiting::noted_at(office, Wait::Visit, (bin, id)).await?;
    let (_, is_closed) = change_registration(office, (bin, id), |found| {
        let before = found.registration.as_ref().ok_or(ChangeError::NotFound)?;
        let is_it = |visit: &&Visit| visit.done.is_none() && visit.asked_at == asked_at;
        let Some(visit) = before.visit.as_ref().filter(is_it) else { return Ok((None, false)) };
        let done = VisitDone { at: by.at, by: by.actor.name.clone(), comment: comment.to_owned() };
        let closed = Visit { done: Some(done), ..visit.clone() };
        let audit = vec![row(by, AuditAction::VisitClosed, id, visit, comment)];
        let registration = Registration { visit: Some(closed), ..before.clone() };
        Ok((Some(Next { registration, papers: Vec::new(), audit }), true))
    })
    .await?;
    if is_closed {
        waiting::forget_of(office, Wait::Visit, (bin, id), noted).await?;
    }
    Ok(is_closed)
}

/// Registrations that are read for the visits of one organisation: the largest chain has some thousand registers.
const REGISTRATIONS_MAX: usize = 10_000;

/// The registrations of an organisation for which a visit was asked, the latest asked first.
///
/// # Errors
/// Those of the store.
pub async fn visits_of(store: &DynStore, bin: &str) -> Result<Vec<Registration>, StoreError> {
    let Some(stream) = Company::stream_of(bin) else { return Ok(Vec::new()) };
    let (mut found, mut after, mut read) = (Vec::new(), None, 0_usize);
    while read < REGISTRATIONS_MAX {
        let page = registrations(store, stream, after, REGISTRATION_PAGE_MAX).await?;
        read = read.saturating_add(page.len());
        let is_last = page.len() < REGISTRATION_PAGE_MAX;
        after = page.last().map(|one| one.id);
        found.extend(page.into_iter().filter(|one| one.visit.is_some()));
        if is_last {
            break;
        }
    }
    found.sort_by_key(|one| (Reverse(one.visit.as_ref().map(|visit| visit.asked_at.0)), one.id.0));
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_visit_is_today_or_soon_at_a_time_of_day() {
        let today = day("22.01.2026").unwrap();
        assert_eq!(visit_day("22.01.2026", today).unwrap(), "2026-01-22");
        assert_eq!(visit_day("22.04.2026", today).unwrap(), "2026-04-22");
        assert_eq!(visit_day("21.01.2026", today), Err(Wrong::DatePast));
        assert_eq!(visit_day("23.04.2026", today), Err(Wrong::DateFar));
        assert_eq!(visit_day("32.01.2026", today), Err(Wrong::Date));
        for (typed, kept) in [("9", "09:00"), ("9:30", "09:30"), ("09.30", "09:30"), ("23:59", "23:59")] {
            assert_eq!(time_of_day(typed).unwrap(), kept, "{typed}");
        }
        for wrong in ["24:00", "9:60", "9:3", "soon", "009:00", "+9"] {
            assert_eq!(time_of_day(wrong), Err(Wrong::Time), "{wrong}");
        }
        assert_eq!(time_of_day(""), Err(Wrong::Empty));
    }
}
