//! What the rows of an audit say to people.

use ofd_storage::accounts::{AuditAction, AuditEntry, AuditRow, FieldChange, Role};

use super::rules::{self, is_same_look};
use crate::cabinet::Ask;
use crate::directories::{account_types, countries, legal_forms, ownership_forms, sectors, told_place};
use crate::site::Site;
use crate::staff::role_text;
use crate::words::Words;

/// What companies' audits can hold: the choice of the filter.
pub(super) const ACTIONS: [AuditAction; 18] = [
    AuditAction::CompanyCreated,
    AuditAction::ProfileChanged,
    AuditAction::AddressAdded,
    AuditAction::AddressChanged,
    AuditAction::AddressDeleted,
    AuditAction::BankAccountAdded,
    AuditAction::BankAccountChanged,
    AuditAction::BankAccountDeleted,
    AuditAction::Invited,
    AuditAction::InvitationCancelled,
    AuditAction::Joined,
    AuditAction::RolesChanged,
    AuditAction::Blocked,
    AuditAction::Unblocked,
    AuditAction::BankApplied,
    AuditAction::BankApproved,
    AuditAction::BankRejected,
    AuditAction::Looked,
];

/// What was done.
pub(crate) fn action_text(words: &Words<'_>, action: AuditAction) -> String {
    words.say(match action {
        AuditAction::AccountCreated => "audit-account-created",
        AuditAction::SignedIn => "audit-signed-in",
        AuditAction::PasswordWrong => "audit-password-wrong",
        AuditAction::PasswordLocked => "audit-password-locked",
        AuditAction::SignedOut => "audit-signed-out",
        AuditAction::SessionEnded => "audit-session-ended",
        AuditAction::PasswordSet => "audit-password-set",
        AuditAction::RecoveryAsked => "audit-recovery-asked",
        AuditAction::EmailConfirmed => "audit-email-confirmed",
        AuditAction::TotpOn => "audit-totp-on",
        AuditAction::TotpOff => "audit-totp-off",
        AuditAction::PersonChanged => "audit-person-changed",
        AuditAction::CompanyCreated => "audit-company-created",
        AuditAction::ProfileChanged => "audit-profile-changed",
        AuditAction::AddressAdded => "audit-address-added",
        AuditAction::AddressChanged => "audit-address-changed",
        AuditAction::AddressDeleted => "audit-address-deleted",
        AuditAction::BankAccountAdded => "audit-bank-account-added",
        AuditAction::BankAccountChanged => "audit-bank-account-changed",
        AuditAction::BankAccountDeleted => "audit-bank-account-deleted",
        AuditAction::Invited => "audit-invited",
        AuditAction::InvitationCancelled => "audit-invitation-cancelled",
        AuditAction::Joined => "audit-joined",
        AuditAction::RolesChanged => "audit-roles-changed",
        AuditAction::Blocked => "audit-blocked",
        AuditAction::Unblocked => "audit-unblocked",
        AuditAction::BankApplied => "audit-bank-applied",
        AuditAction::BankApproved => "audit-bank-approved",
        AuditAction::BankRejected => "audit-bank-rejected",
        AuditAction::Looked => "audit-looked",
    })
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
}

/// A changed field in words; nothing is an empty text.
pub(super) struct ChangeView {
    pub(super) field: String,
    pub(super) before: String,
    pub(super) after: String,
}

impl RowView {
    /// Rows with the operator's looks of a day as one.
    pub(super) fn all(site: &Site, ask: &Ask, rows: &[AuditRow]) -> Vec<Self> {
        let zone = site.config.zone_offset_seconds;
        let groups = rows.chunk_by(|newer, older| is_same_look(&newer.entry, &older.entry, zone));
        groups.filter_map(|group| Self::of_group(site, ask, group)).collect()
    }

    /// Looks of one person, the newest first: what was looked at, from when until when, how often.
    fn of_group(site: &Site, ask: &Ask, group: &[AuditRow]) -> Option<Self> {
        let (newest, oldest) = (group.first()?, group.last()?);
        let mut row = Self::of(site, ask, &newest.entry);
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

    pub(super) fn of(site: &Site, ask: &Ask, entry: &AuditEntry) -> Self {
        let words = site.texts(ask);
        let who = entry.actor.name.as_str();
        Self {
            at: site.moment(ask, entry.at),
            times: String::new(),
            who: if who.is_empty() { words.say("audit-nobody") } else { who.to_owned() },
            is_operator: entry.actor.is_operator,
            address: entry.address.clone(),
            action: action_text(&words, entry.action),
            subject: subject_text(&words, entry),
            changes: entry
                .changes
                .iter()
                .map(|change| ChangeView::of(&words, entry.action, change))
                .collect(),
        }
    }

    /// Its lines in a file: one for each changed field, one where there is none.
    pub(super) fn push(&self, file: &mut String, number: u64, operator: &str) {
        let (number, by) = (number.to_string(), if self.is_operator { operator } else { "" });
        let common = [&number, &self.at, &self.who, by, &self.address, &self.action, &self.subject];
        let line = |file: &mut String, rest: [&str; 3]| {
            let cells: Vec<&str> = common.iter().map(|cell| &**cell).chain(rest).collect();
            rules::push_line(file, &cells);
        };
        if self.changes.is_empty() {
            line(file, ["", "", ""]);
        }
        for change in &self.changes {
            line(file, [&change.field, &change.before, &change.after]);
        }
    }
}

impl ChangeView {
    fn of(words: &Words<'_>, action: AuditAction, change: &FieldChange) -> Self {
        let value = |kept: &Option<String>| {
            kept.as_ref().map(|text| value_text(words, &change.field, text)).unwrap_or_default()
        };
        Self {
            field: field_text(words, action, &change.field),
            before: value(&change.before),
            after: value(&change.after),
        }
    }
}

/// To what it was done. An address is told in the page's language, as the company's own page tells it. The pages that people of the operator look at are named in the audit, not described.
fn subject_text(words: &Words<'_>, entry: &AuditEntry) -> String {
    match (entry.action, entry.subject.as_str()) {
        (AuditAction::Looked, "card") => words.say("audit-page-card"),
        (AuditAction::Looked, "audit") => words.say("audit-page-audit"),
        (AuditAction::Looked, "application") => words.say("audit-page-application"),
        (AuditAction::AddressAdded | AuditAction::AddressChanged | AuditAction::AddressDeleted, address) => {
            told_place(address, words.language)
        }
        (AuditAction::CompanyCreated, title) => words.organisation(title),
        (_, subject) => subject.to_owned(),
    }
}

/// A value as people know it. Names of directories are kept in Russian; they and words of ours are told in theirs.
fn value_text(words: &Words<'_>, field: &str, text: &str) -> String {
    let role =
        |name: &str| Role::from_name(name).map_or_else(|| name.to_owned(), |role| role_text(words, role));
    match (field, text) {
        ("roles", roles) => roles.split(", ").map(role).collect::<Vec<_>>().join(", "),
        ("resident" | "default" | "guarantee", "yes") => words.say("audit-yes"),
        ("address_kind", "legal") => words.say("audit-address-legal"),
        ("address_kind", "actual") => words.say("audit-address-actual"),
        ("address_kind", "postal") => words.say("audit-address-postal"),
        ("size", "small") => words.say("audit-size-small"),
        ("size", "medium") => words.say("audit-size-medium"),
        ("size", "large") => words.say("audit-size-large"),
        ("place" | "legal_address" | "actual_address" | "postal_address", text) => {
            told_place(text, words.language)
        }
        ("company_kind", "legal_entity") => words.say("company-kind-legal-entity"),
        ("company_kind", "entrepreneur") => words.say("company-kind-entrepreneur"),
        ("country", text) => countries().told(text, words.language),
        ("legal_form", text) => legal_forms().told(text, words.language),
        ("sector", text) => sectors().told(text, words.language),
        ("ownership", text) => ownership_forms().told(text, words.language),
        ("account_kind", text) => account_types().told(text, words.language),
        (_, text) => text.to_owned(),
    }
}

/// The fields that companies' audits tell of, with the keys of their names.
const FIELDS: [(&str, &str); 37] = [
    ("bin", "bin"),
    ("company_kind", "company-kind"),
    ("legal_address", "company-address-legal"),
    ("actual_address", "company-address-actual"),
    ("postal_address", "company-address-postal"),
    ("bank_account", "company-account-title"),
    ("roles", "audit-field-roles"),
    ("block_reason", "audit-field-block-reason"),
    ("name", "audit-field-name"),
    ("email", "audit-field-email"),
    ("phone", "audit-field-phone"),
    ("phones", "audit-field-phones"),
    ("site", "audit-field-site"),
    ("registered_on", "audit-field-registered-on"),
    ("document_number", "audit-field-document-number"),
    ("registered_by", "audit-field-registered-by"),
    ("legal_form", "audit-field-legal-form"),
    ("sector", "audit-field-sector"),
    ("ownership", "audit-field-ownership"),
    ("resident", "audit-field-resident"),
    ("size", "audit-field-size"),
    ("head_name", "audit-field-head-name"),
    ("head_iin", "audit-field-head-iin"),
    ("head_position", "audit-field-head-position"),
    ("address_kind", "audit-field-address-kind"),
    ("country", "audit-field-country"),
    ("place", "audit-field-place"),
    ("street", "audit-field-street"),
    ("iik", "audit-field-iik"),
    ("bank", "audit-field-bank"),
    ("kbe", "audit-field-kbe"),
    ("account_kind", "audit-field-account-kind"),
    ("default", "audit-field-default"),
    ("guarantee", "audit-field-guarantee"),
    ("bic", "audit-field-bic"),
    ("comment", "audit-field-comment"),
    ("reason", "audit-field-reason"),
];

/// The name of a field; one that the list lacks is shown as it is kept.
fn field_text(words: &Words<'_>, action: AuditAction, field: &str) -> String {
    let is_bank =
        matches!(action, AuditAction::BankApplied | AuditAction::BankApproved | AuditAction::BankRejected);
    if is_bank && field == "name" {
        return words.say("audit-field-bank-name");
    }
    let key = FIELDS.iter().find(|(known, _)| *known == field).map(|(_, key)| *key);
    key.map_or_else(|| field.to_owned(), |key| words.say(key))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::language::Language;
    use crate::texts::dictionary;

    fn source(path: &str) -> String {
        std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("src").join(path)).unwrap()
    }

    /// The first text in each call or pair that begins so, where it is a name.
    fn names(source: &str, begin: &str) -> Vec<String> {
        let texts = source.split(begin).skip(1).filter_map(|rest| rest.split('"').next());
        let is_name = |text: &&str| text.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
        texts.filter(is_name).map(str::to_owned).collect()
    }

    #[test]
    fn every_field_that_is_written_down_has_a_name() {
        let product = source("company/differences.rs").split("#[cfg(test)]").next().unwrap().to_owned();
        let mut fields = names(&product, "(\"");
        assert!(fields.len() > 20, "{fields:?}");
        for path in ["staff/people.rs", "staff/blocks.rs", "staff/inviting.rs", "staff/joining.rs"] {
            fields.extend(names(&source(path), "field_change(\""));
        }
        fields.extend(names(&source("company/banks/applications.rs"), "field_change(\""));
        for field in fields {
            assert!(FIELDS.iter().any(|(known, _)| *known == field), "{field} has no name in the audit");
        }
    }

    #[test]
    fn values_that_are_words_of_ours_are_told_in_every_language() {
        let dictionary = dictionary().unwrap();
        let kept = [("roles", "reader"), ("default", "yes"), ("address_kind", "legal"), ("size", "small")];
        for (field, kept) in kept {
            let told = Language::ALL.map(|language| value_text(&dictionary.words(language), field, kept));
            let [a, b, c] = &told;
            assert!(a != b && b != c && a != c && !told.contains(&String::new()), "{told:?}");
        }
        let kept = [
            ("place", "г. Астана"),
            ("country", "Казахстан"),
            ("legal_form", "Товарищество с ограниченной ответственностью"),
            ("sector", "Негосударственные нефинансовые организации"),
            ("account_kind", "Текущий счёт"),
        ];
        for (field, kept) in kept {
            let told = Language::ALL.map(|language| value_text(&dictionary.words(language), field, kept));
            let [kazakh, russian, english] = &told;
            assert!(russian == kept && kazakh != russian && english != russian, "{told:?}");
        }
        assert_eq!(value_text(&dictionary.words(Language::Russian), "street", "yes"), "yes");
        let both = value_text(&dictionary.words(Language::English), "roles", "accountant, reader");
        assert_eq!(both, "Accountant, Read only");
    }

    #[test]
    fn the_filter_offers_what_companies_audits_can_hold() {
        let of_accounts = AuditAction::ALL.len() - ACTIONS.len();
        assert_eq!(of_accounts, 12, "the first twelve are of accounts");
        assert_eq!(AuditAction::ALL[12..], ACTIONS);
    }
}
