//! What somebody reads who was slower than somebody else.

use ofd_storage::accounts::{AUDIT_PAGE_MAX, AccountId, AuditActor, AuditEntry, audit_rows};
use ofd_storage::store::StreamId;

use crate::cabinet::{Ask, Failure, Form};
use crate::site::Site;
use crate::words::Words;

/// A field as it is kept now.
pub struct Stored {
    /// Its name in the form.
    pub field: &'static str,
    /// Its value in the form.
    pub value: String,
    /// Its value as people read it.
    pub label: String,
}

impl Stored {
    /// A field whose value people read otherwise than the form has it.
    pub fn new(field: &'static str, value: impl Into<String>, label: impl Into<String>) -> Self {
        Self { field, value: value.into(), label: label.into() }
    }
}

/// A field whose value people read as it is.
pub fn same(field: &'static str, value: &str) -> Stored {
    Stored::new(field, value, value)
}

/// Who changed it meanwhile, and when: by the newest row of the audit that tells of it.
pub async fn stale_text(
    site: &Site,
    ask: &Ask,
    stream: StreamId,
    is_it: impl Fn(&AuditEntry) -> bool,
) -> Result<String, Failure> {
    let rows = audit_rows(&site.office.store, stream, None, AUDIT_PAGE_MAX).await?;
    let words = site.texts(ask);
    Ok(match rows.into_iter().find(|row| is_it(&row.entry)) {
        Some(row) => text(&words, ask.account_id(), &row.entry.actor, &site.moment(ask, row.entry.at)),
        None => words.say("stale"),
    })
}

/// Somebody else, or the same person in another window.
fn text(words: &Words<'_>, me: Option<AccountId>, actor: &AuditActor, when: &str) -> String {
    if actor.account.is_some() && actor.account == me {
        return words.say_values("stale-self", &[("when", when)]);
    }
    words.say_values("stale-by", &[("who", &actor.name), ("when", when)])
}

/// Beside each field that differs from what is kept: what is kept. What was typed stays.
pub fn tell_stored(words: &Words<'_>, form: &mut Form, stored: &[Stored]) {
    for Stored { field, value, label } in stored {
        if form.value(field).trim() != value {
            let text = if label.is_empty() {
                words.say("stored-now-empty")
            } else {
                words.say_with("stored-now", label)
            };
            form.wrong(field, text);
        }
    }
}
