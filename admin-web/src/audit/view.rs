//! What the rows of an audit say to people.

use ofd_storage::accounts::{AuditAction, AuditEntry, AuditGroup, AuditPage, AuditRow};

use super::rules::is_same_look;
use super::told::ChangeView;
use crate::cabinet::Ask;
use crate::directories::told_place;
use crate::page_len::len_of;
use crate::sheet::Sheet;
use crate::site::Site;
use crate::vocabulary::Word;
use crate::words::Words;

/// What the audit of a company, or of the operator, can hold: the choice of the filter.
pub(super) fn actions(is_operators: bool) -> impl Iterator<Item = AuditAction> {
    let is_operators_own = |group| matches!(group, AuditGroup::TicketTexts | AuditGroup::Money);
    let is_told = move |group| group != AuditGroup::Account && (is_operators || !is_operators_own(group));
    AuditAction::ALL.into_iter().filter(move |action| is_told(action.group()))
}

/// A row in words.
pub(super) struct RowView {
    pub(super) at: String,
    /// How often, where looks are shown as one.
    pub(super) times: String,
    pub(super) who: String,
    pub(super) is_operator: bool,
    pub(super) address: String,
    pub(super) action: String,
    pub(super) subject: String,
    pub(super) changes: Vec<ChangeView>,
    /// The number of the row; of looks that are shown as one, that of the oldest.
    pub(super) number: u64,
}

/// Letters of a row, and of a change in it, on the page beside what is in them.
const ROW_LEN: usize = 500;
const CHANGE_LEN: usize = 80;

impl RowView {
    /// What it comes to on the page.
    pub(super) fn len(&self) -> usize {
        let texts = [&self.at, &self.times, &self.who, &self.address, &self.action, &self.subject];
        let row = len_of(ROW_LEN, texts.map(String::as_str));
        let change =
            |change: &ChangeView| len_of(CHANGE_LEN, [change.field.as_str(), &change.before, &change.after]);
        self.changes.iter().map(change).fold(row, usize::saturating_add)
    }

    /// Rows with the operator's looks of a day as one.
    pub(super) fn all(site: &Site, ask: &Ask, rows: &[AuditRow]) -> Vec<Self> {
        let zone = site.config.zone_offset_seconds;
        let groups = rows.chunk_by(|newer, older| is_same_look(&newer.entry, &older.entry, zone));
        groups.filter_map(|group| Self::of_group(site, ask, group)).collect()
    }

    /// Looks of one person, the newest first: what was looked at, from when until when, how often.
    fn of_group(site: &Site, ask: &Ask, group: &[AuditRow]) -> Option<Self> {
        let (newest, oldest) = (group.first()?, group.last()?);
        let mut row = Self::of(site, ask, newest);
        row.number = oldest.number;
        if group.len() > 1 {
            let words = site.texts(ask);
            let mut subjects: Vec<String> =
                group.iter().rev().map(|look| subject_text(&words, &look.entry)).collect();
            subjects.sort();
            subjects.dedup();
            row.subject = subjects.join(", ");
            // They are of one day, so that of the later the time suffices.
            let until = row.at.rsplit_once(", ").map_or(row.at.as_str(), |(_, time)| time);
            row.at = format!("{} – {until}", site.moment(ask, oldest.entry.at));
            row.times = words.say_count("audit-times", u64::try_from(group.len()).unwrap_or(u64::MAX));
        }
        Some(row)
    }

    pub(super) fn of(site: &Site, ask: &Ask, AuditRow { number, entry }: &AuditRow) -> Self {
        let words = site.texts(ask);
        let who = entry.actor.name.as_str();
        Self {
            at: site.moment(ask, entry.at),
            times: String::new(),
            who: if who.is_empty() { words.say("audit-nobody") } else { who.to_owned() },
            is_operator: entry.actor.is_operator,
            address: entry.address.clone(),
            action: entry.action.text(&words),
            subject: subject_text(&words, entry),
            changes: entry
                .changes
                .iter()
                .map(|change| ChangeView::of(&words, entry.action, change))
                .collect(),
            number: *number,
        }
    }

    /// Its lines in a file: one for each changed field, one where there is none.
    pub(super) fn push(&self, file: &mut Sheet, operator: &str) {
        let (number, by) = (self.number.to_string(), if self.is_operator { operator } else { "" });
        let common: [&str; 7] =
            [&number, &self.at, &self.who, by, &self.address, &self.action, &self.subject];
        let mut line = |rest: [&str; 3]| file.line(common.into_iter().chain(rest));
        if self.changes.is_empty() {
            line(["", "", ""]);
        }
        for change in &self.changes {
            line([&change.field, &change.before, &change.after]);
        }
    }
}

/// To what it was done. An address is told in the page's language, as the company's own page tells it. The pages that
/// people of the operator look at are named in the audit, not described.
fn subject_text(words: &Words<'_>, entry: &AuditEntry) -> String {
    let text = entry.subject.text.as_str();
    match entry.action {
        AuditAction::Looked => AuditPage::from_name(text).map(|page| page.text(words)),
        AuditAction::AddressAdded | AuditAction::AddressChanged | AuditAction::AddressDeleted => {
            Some(told_place(text, words.language))
        }
        AuditAction::CompanyCreated => Some(words.organisation(text)),
        _ => None,
    }
    .unwrap_or_else(|| text.to_owned())
}
