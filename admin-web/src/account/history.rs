//! What happened to the account: the newest rows of its audit.

use axum::http::StatusCode;
use axum::response::Response;
use ofd_storage::accounts::{AuditAction, AuditEntry, FieldChange, audit_rows};

use super::view::{HistoryPage, HistoryRow, frame};
use super::whose::signed;
use crate::audit::ChangeView;
use crate::cabinet::{Ask, At, Failure};
use crate::long_page::fitting;
use crate::site::Site;
use crate::vocabulary::Word;
use crate::words::Words;

/// Rows of one page: some weeks of most people's doings.
const ROWS_PER_PAGE: usize = 50;

pub(super) async fn show(site: At, ask: Ask) -> Result<Response, Failure> {
    let stream = signed(&ask)?.account.state.id.stream();
    let before: Option<u64> = ask.parameter("before").parse().ok();
    let rows = audit_rows(&site.office.store, stream, before, ROWS_PER_PAGE).await?;
    let mut shown: Vec<HistoryRow> = rows.iter().map(|row| view(&site, &ask, &row.entry)).collect();
    shown.truncate(fitting(shown.iter().map(HistoryRow::len)));
    // The first row of all has the number 0.
    let last = shown.len().checked_sub(1).and_then(|last| rows.get(last));
    let older = last.map(|row| row.number).filter(|number| *number > 0);
    let page = HistoryPage {
        shell: frame(&site, &ask, "account-history-title", "/account/history"),
        rows: shown,
        older,
        is_continued: before.is_some(),
    };
    Ok(site.show(&ask, StatusCode::OK, &page))
}

fn view(site: &Site, ask: &Ask, entry: &AuditEntry) -> HistoryRow {
    let words = site.texts(ask);
    let actor = entry.actor.name.as_str();
    let mut changes: Vec<String> =
        entry.changes.iter().map(|change| change_text(&words, entry.action, change)).collect();
    if !entry.subject.text.is_empty() {
        changes.insert(0, entry.subject.text.clone());
    }
    HistoryRow {
        at: site.moment(ask, entry.at),
        action: entry.action.text(&words),
        address: entry.address.clone(),
        // Whoever only typed a login or a password is not known.
        actor: if actor.is_empty() { words.say("account-history-nobody") } else { actor.to_owned() },
        changes,
    }
}

fn change_text(words: &Words<'_>, action: AuditAction, change: &FieldChange) -> String {
    let ChangeView { field, before, after } = ChangeView::of(words, action, change);
    match (before.as_str(), after.as_str()) {
        ("", "") => field,
        ("", after) => format!("{field}: {after}"),
        (before, "") => format!("{field}: {before} → —"),
        (before, after) => format!("{field}: {before} → {after}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::Language;
    use crate::texts::dictionary;

    #[test]
    fn a_change_says_what_was_before_and_after() {
        let dictionary = dictionary().unwrap();
        let words = dictionary.words(Language::English);
        let change = |field: &str, before: Option<&str>, after: Option<&str>| {
            let [before, after] = [before, after].map(|text| text.map(str::to_owned));
            change_text(
                &words,
                AuditAction::PersonChanged,
                &FieldChange { field: field.into(), before, after },
            )
        };
        assert_eq!(change("phone", Some("1"), Some("2")), "Phone: 1 → 2");
        assert_eq!(change("phone", Some("1"), None), "Phone: 1 → —");
        assert_eq!(change("language", Some("ru"), Some("kk")), "Language: Русский → Қазақша");
        assert_eq!(change("method", None, Some("certificate")), "Signed in by: Certificate");
        assert_eq!(change("something_else", None, Some("x")), "something_else: x");
    }
}
