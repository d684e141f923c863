//! What narrows an audit, and which of its rows are shown as one.

use ofd_protocol::types::UnixMillis;
use ofd_storage::accounts::{AuditAction, AuditEntry};

use crate::day::day;

/// Clocks of several gateways differ: rows stand in the order in which they were written, and a row may be so much
/// older than the one after it.
const CLOCKS_DIFFER_MS: u64 = 60 * 60 * 1000;

/// What an audit is narrowed by.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Filter {
    /// What was done.
    pub(super) action: Option<AuditAction>,
    /// A part of the name of who did it, or of whom or what it was done to.
    pub(super) person: String,
    pub(super) from: Option<UnixMillis>,
    pub(super) until: Option<UnixMillis>,
    /// What the operator's people only looked at is left out.
    pub(super) without_looks: bool,
}

impl Filter {
    /// Whether a row belongs to the narrowed audit.
    pub(super) fn admits(&self, entry: &AuditEntry) -> bool {
        let person = self.person.to_lowercase();
        let names = |text: &str| text.to_lowercase().contains(&person);
        self.action.is_none_or(|action| entry.action == action)
            && !(self.without_looks && entry.action == AuditAction::Looked)
            && (names(&entry.actor.name) || names(&entry.subject.text))
            && self.from.is_none_or(|from| entry.at >= from)
            && self.until.is_none_or(|until| entry.at < until)
    }

    /// Whether neither this row nor an older one can belong to it.
    pub(super) fn ends_at(&self, entry: &AuditEntry) -> bool {
        self.from.is_some_and(|from| entry.at.0.saturating_add(CLOCKS_DIFFER_MS) < from.0)
    }
}

/// Whether an older look belongs to a newer one: the same person of the operator looked from the same place on the same
/// day, and nothing that is shown happened between. A company wants to know who looked and when, not page by page.
pub(super) fn is_same_look(newer: &AuditEntry, older: &AuditEntry, offset_seconds: i32) -> bool {
    const DAY_SECONDS: i64 = 24 * 60 * 60;
    let day = |entry: &AuditEntry| entry.at.wall_seconds(offset_seconds).div_euclid(DAY_SECONDS);
    let are_looks = newer.action == AuditAction::Looked && older.action == AuditAction::Looked;
    let is_same_person = newer.actor.account == older.actor.account && newer.actor.name == older.actor.name;
    are_looks && is_same_person && newer.address == older.address && day(newer) == day(older)
}

/// When a typed day begins, in wall time that is so far ahead of UTC.
pub(super) fn day_begin(text: &str, offset_seconds: i32) -> Option<UnixMillis> {
    let seconds =
        day(text)?.midnight().assume_utc().unix_timestamp().checked_sub(i64::from(offset_seconds))?;
    u64::try_from(seconds).ok()?.checked_mul(1000).map(UnixMillis)
}

/// When it ends.
pub(super) fn day_end(text: &str, offset_seconds: i32) -> Option<UnixMillis> {
    const DAY_MS: u64 = 24 * 60 * 60 * 1000;
    Some(UnixMillis(day_begin(text, offset_seconds)?.0.saturating_add(DAY_MS)))
}

#[cfg(test)]
mod tests {
    use ofd_storage::accounts::{AuditActor, AuditSubject};

    use super::*;

    const NOW: UnixMillis = UnixMillis(1_800_000_000_000);

    fn entry() -> AuditEntry {
        AuditEntry {
            at: NOW,
            actor: AuditActor { account: None, name: "ТЕСТОВА АЙГҮЛ".into(), is_operator: false },
            address: "10.0.0.1".into(),
            action: AuditAction::Blocked,
            subject: AuditSubject::Account.called("СЕРІКОВ БОЛАТ"),
            changes: Vec::new(),
        }
    }

    fn later(ms: u64) -> UnixMillis {
        UnixMillis(NOW.0 + ms)
    }

    #[test]
    fn an_empty_filter_admits_everything() {
        assert!(Filter::default().admits(&entry()));
        assert!(!Filter::default().ends_at(&entry()));
    }

    #[test]
    fn rows_are_narrowed_by_action_and_person() {
        let by = |action| Filter { action: Some(action), ..Filter::default() };
        assert!(by(AuditAction::Blocked).admits(&entry()));
        assert!(!by(AuditAction::Unblocked).admits(&entry()));
        let of = |person: &str| Filter { person: person.into(), ..Filter::default() };
        assert!(of("айгүл").admits(&entry()), "who did it");
        assert!(of("болат").admits(&entry()), "to whom");
        assert!(!of("оператор").admits(&entry()));
    }

    #[test]
    fn looks_of_the_operator_can_be_left_out() {
        let without = Filter { without_looks: true, ..Filter::default() };
        assert!(without.admits(&entry()));
        assert!(!without.admits(&AuditEntry { action: AuditAction::Looked, ..entry() }));
    }

    #[test]
    fn looks_of_one_person_on_one_day_are_one() {
        let zone = 5 * 3600;
        let look = |at| AuditEntry { at, action: AuditAction::Looked, ..entry() };
        // 13:00 in Astana.
        let (newer, morning, yesterday) =
            (look(NOW), look(later(0)), look(UnixMillis(NOW.0 - 14 * 3_600_000)));
        assert!(is_same_look(&newer, &morning, zone));
        assert!(!is_same_look(&newer, &yesterday, zone), "before midnight where the operator works");
        assert!(is_same_look(&newer, &yesterday, 12 * 3600), "but not elsewhere");
        let other = AuditActor { name: "ДРУГОЙ".into(), ..entry().actor };
        assert!(!is_same_look(&newer, &AuditEntry { actor: other, ..look(NOW) }, zone));
        assert!(!is_same_look(&newer, &AuditEntry { address: "10.0.0.2".into(), ..look(NOW) }, zone));
        assert!(!is_same_look(&entry(), &entry(), zone), "what was done is told each time");
    }

    #[test]
    fn a_period_has_its_first_moment_and_not_the_one_after_its_last() {
        let period = |from, until| Filter { from: Some(from), until: Some(until), ..Filter::default() };
        assert!(period(NOW, later(1)).admits(&entry()));
        assert!(!period(later(1), later(2)).admits(&entry()));
        assert!(!period(UnixMillis(0), NOW).admits(&entry()));
    }

    #[test]
    fn reading_ends_where_clocks_cannot_explain_the_difference() {
        let from = |from| Filter { from: Some(from), ..Filter::default() };
        assert!(!from(later(CLOCKS_DIFFER_MS)).ends_at(&entry()));
        assert!(from(later(CLOCKS_DIFFER_MS + 1)).ends_at(&entry()));
    }

    #[test]
    fn a_day_begins_and_ends_in_wall_time() {
        let zone = 5 * 3600;
        // 2026-01-21 19:00 UTC is midnight five hours further east.
        assert_eq!(day_begin("22.01.2026", zone), Some(UnixMillis(1_769_022_000_000)));
        assert_eq!(day_begin("2026-01-22", zone), day_begin("22.01.2026", zone), "as older links have it");
        assert_eq!(day_end("2026-01-22", zone), day_begin("2026-01-23", zone));
        assert_eq!(day_begin("1970-01-01", -zone), Some(UnixMillis(5 * 3600 * 1000)));
        for wrong in ["", "2026", "2026-13-01", "30.02.2026", "1960-01-01", "+026-01-01"] {
            assert_eq!(day_begin(wrong, zone), None, "{wrong}");
        }
    }
}
