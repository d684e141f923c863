//! What happened to the account: the newest rows of its audit.

use axum::http::StatusCode;
use axum::response::Response;
use ofd_storage::accounts::{AuditAction, AuditEntry, FieldChange, audit_rows};

use super::signed;
use super::view::{HistoryPage, HistoryRow, frame};
use crate::cabinet::{Ask, At, Failure};
use crate::language::Language;
use crate::site::Site;
use crate::words::Words;

/// Rows of one page: some weeks of most people's doings.
const ROWS_PER_PAGE: usize = 50;

/// GET /account/history
pub(super) async fn show(site: At, ask: Ask) -> Result<Response, Failure> {
    let stream = signed(&ask)?.account.state.id.stream();
    let before: Option<u64> = ask.parameter("before").parse().ok();
    let rows = audit_rows(&site.store, stream, before, ROWS_PER_PAGE).await?;
    // The first row of all has the number 0.
    let older = rows.last().map(|row| row.number).filter(|number| *number > 0);
    let page = HistoryPage {
        shell: frame(&site, &ask, "account-history-title", "/account/history"),
        rows: rows.iter().map(|row| view(&site, &ask, &row.entry)).collect(),
        older,
        is_continued: before.is_some(),
    };
    Ok(site.show(&ask, StatusCode::OK, &page))
}

fn view(site: &Site, ask: &Ask, entry: &AuditEntry) -> HistoryRow {
    let words = site.texts(ask);
    let actor = entry.actor.name.as_str();
    let mut changes: Vec<String> = entry.changes.iter().map(|change| change_text(&words, change)).collect();
    if !entry.subject.is_empty() {
        changes.insert(0, entry.subject.clone());
    }
    HistoryRow {
        at: site.moment(ask, entry.at),
        action: words.say(&action_key(entry.action)),
        address: entry.address.clone(),
        // Whoever only typed a login or a password is not known.
        actor: if actor.is_empty() { words.say("account-history-nobody") } else { actor.to_owned() },
        changes,
    }
}

/// The text of an action is that of companies' audits, which name every action.
fn action_key(action: AuditAction) -> String {
    format!("audit-{}", action.name().replace('_', "-"))
}

fn change_text(words: &Words<'_>, change: &FieldChange) -> String {
    let field = match change.field.as_str() {
        "name" => words.say("account-name"),
        "phone" => words.say("account-phone"),
        "email" => words.say("account-email"),
        "language" => words.say("account-language"),
        "pending_email" => words.say("account-field-pending"),
        "recovery_codes" => words.say("account-field-recovery"),
        "method" => words.say("account-session-method"),
        other => other.to_owned(),
    };
    let value = |kept: &Option<String>| kept.as_ref().map(|text| value_text(words, &change.field, text));
    match (value(&change.before), value(&change.after)) {
        (Some(before), Some(after)) => format!("{field}: {before} → {after}"),
        (Some(before), None) => format!("{field}: {before} → —"),
        (None, Some(after)) => format!("{field}: {after}"),
        (None, None) => field,
    }
}

fn value_text(words: &Words<'_>, field: &str, text: &str) -> String {
    match (field, text, Language::from_code(text)) {
        ("language", _, Some(language)) => language.own_name().to_owned(),
        ("method", "certificate", _) => words.say("account-by-certificate"),
        ("method", "password", _) => words.say("account-by-password"),
        _ => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::texts::dictionary;

    #[test]
    fn every_action_has_a_text_in_every_language() {
        let dictionary = dictionary().unwrap();
        for language in Language::ALL {
            for action in AuditAction::ALL {
                let text = dictionary.words(language).say(&action_key(action));
                assert!(!text.is_empty(), "{} in {}", action.name(), language.code());
            }
        }
    }

    #[test]
    fn a_change_says_what_was_before_and_after() {
        let dictionary = dictionary().unwrap();
        let words = dictionary.words(Language::English);
        let change = |field: &str, before: Option<&str>, after: Option<&str>| {
            let [before, after] = [before, after].map(|text| text.map(str::to_owned));
            change_text(&words, &FieldChange { field: field.into(), before, after })
        };
        assert_eq!(change("phone", Some("1"), Some("2")), "Phone: 1 → 2");
        assert_eq!(change("phone", Some("1"), None), "Phone: 1 → —");
        assert_eq!(change("language", Some("ru"), Some("kk")), "Language: Русский → Қазақша");
        assert_eq!(change("method", None, Some("certificate")), "Signed in by: Certificate");
        assert_eq!(change("something_else", None, Some("x")), "something_else: x");
    }
}
