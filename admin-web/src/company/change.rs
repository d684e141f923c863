//! How the pages of this family change a company, and what they say when somebody else was faster.

use axum::response::Response;
use ofd_protocol::types::UnixMillis;
use ofd_storage::accounts::{
    AUDIT_PAGE_MAX, AccountId, AuditAction, AuditActor, Company, ToldSubject, audit_rows,
};

use super::differences::differences;
use crate::cabinet::{Ask, Failure, Form, change_company, entry, see_other};
use crate::site::Site;
use crate::words::Words;

/// Changes the company by a rule that says what it becomes, with the audit of whatever differs. A refusal comes back
/// with the company that it was made on.
pub(super) async fn apply<E>(
    site: &Site,
    ask: &Ask,
    rule: impl Fn(&Company) -> Result<Option<Company>, E>,
) -> Result<(Company, Result<(), E>), Failure> {
    let (kept, outcome) = change_company(site, ask.bin(), |company| {
        Ok(match rule(company) {
            Ok(None) => (None, Ok(())),
            Ok(Some(changed)) => {
                let rows = differences(company, &changed)
                    .into_iter()
                    .map(|difference| entry(ask, difference.action, difference.subject, difference.changes))
                    .collect();
                (Some((changed, rows)), Ok(()))
            }
            Err(refusal) => (None, Err(refusal)),
        })
    })
    .await?;
    Ok((kept.state, outcome))
}

/// Where the company's page is.
pub(super) fn home(ask: &Ask) -> String {
    format!("/c/{}", ask.bin())
}

/// Back to the company's page, which says what was done.
pub(super) fn done(ask: &Ask, what: &str) -> Response {
    see_other(&format!("{}?done={what}", home(ask)))
}

/// The company of the page.
pub(super) fn company(ask: &Ask) -> Result<&Company, Failure> {
    Ok(&ask.acting().ok_or(Failure::NotFound)?.company.state)
}

/// The number of a part of the company, from the path.
pub(super) fn id_of(ask: &Ask) -> Result<u32, Failure> {
    ask.part("id").parse().map_err(|_| Failure::NotFound)
}

/// A field as it is kept now: its name in the form, its value, and the value as people read it.
pub(super) type Stored = (&'static str, String, String);

/// Joins values of fields with what people read of them.
pub(super) fn stored<const N: usize>(
    values: [(&'static str, String); N],
    labels: [(&'static str, String); N],
) -> Vec<Stored> {
    values.into_iter().zip(labels).map(|((name, value), (_, label))| (name, value, label)).collect()
}

/// Says on a form that somebody else changed the same meanwhile: who, when, and beside each field that differs what is
/// kept now. What was typed stays.
pub(super) async fn tell_stale(
    site: &Site,
    ask: &Ask,
    form: &mut Form,
    (action, subject): (AuditAction, ToldSubject),
    stored: &[Stored],
) -> Result<(), Failure> {
    let words = site.texts(ask);
    let stream = Company::stream_of(ask.bin()).ok_or(Failure::NotFound)?;
    let rows = audit_rows(&site.store, stream, None, AUDIT_PAGE_MAX).await?;
    let last = rows.into_iter().find(|row| row.entry.action == action && row.entry.subject.is_same(&subject));
    let text = match last {
        Some(row) => stale_text(&words, ask.account_id(), &row.entry.actor, &site.moment(ask, row.entry.at)),
        None => words.say("company-stale"),
    };
    form.error = Some(text);
    tell_stored(&words, form, stored);
    Ok(())
}

/// Who was faster: somebody else, or the same person in another window.
fn stale_text(words: &Words<'_>, me: Option<AccountId>, actor: &AuditActor, when: &str) -> String {
    if actor.account.is_some() && actor.account == me {
        return words.say_values("company-stale-self", &[("when", when)]);
    }
    words.say_values("company-stale-by", &[("who", &actor.name), ("when", when)])
}

/// Beside each field that differs from what is kept: what is kept.
fn tell_stored(words: &Words<'_>, form: &mut Form, stored: &[Stored]) {
    for (field, value, label) in stored {
        if form.value(field).trim() != value {
            let text = if label.is_empty() {
                words.say("company-now-empty")
            } else {
                words.say_with("company-now", label)
            };
            form.wrong(field, text);
        }
    }
}

/// The revision that a form was opened at; 0, which is never one, where it is damaged.
pub(super) fn revision_of(ask: &Ask) -> u32 {
    ask.fields().text("revision").parse().unwrap_or(0)
}

/// The day it is where the operator works.
pub(super) fn today(now: UnixMillis, offset_seconds: i32) -> time::Date {
    let wall = time::OffsetDateTime::from_unix_timestamp(now.wall_seconds(offset_seconds));
    wall.map_or(time::Date::MAX, time::OffsetDateTime::date)
}
