//! How the fields of an audit's row and their values are told to people.

use ofd_storage::accounts::{AuditAction, AuditField, AuditValue, CompanyKind, FieldChange, Role};

use crate::directories::{account_types, countries, legal_forms, ownership_forms, sectors, told_place};
use crate::language::Language;
use crate::vocabulary::{Word, told};
use crate::words::Words;

/// A changed field in words; nothing is an empty text.
pub(crate) struct ChangeView {
    pub(crate) field: String,
    pub(crate) before: String,
    pub(crate) after: String,
}

impl ChangeView {
    /// A change that a row of this action tells of. A field that this program does not know is shown as it is kept.
    pub(crate) fn of(words: &Words<'_>, action: AuditAction, change: &FieldChange) -> Self {
        let known = AuditField::from_name(&change.field);
        let value = |kept: &Option<String>| match (kept, known) {
            (Some(kept), Some(field)) => value_text(words, field.value(), kept),
            (Some(kept), None) => kept.clone(),
            (None, _) => String::new(),
        };
        Self {
            field: known.map_or_else(|| change.field.clone(), |field| field_text(words, action, field)),
            before: value(&change.before),
            after: value(&change.after),
        }
    }
}

/// The name of a field. Rows about a bank tell of its name where all others tell of a person's.
fn field_text(words: &Words<'_>, action: AuditAction, field: AuditField) -> String {
    let is_bank =
        matches!(action, AuditAction::BankApplied | AuditAction::BankApproved | AuditAction::BankRejected);
    if is_bank && field == AuditField::Name { words.say("audit-field-bank-name") } else { field.text(words) }
}

/// A value as people know it. Names of directories are kept in Russian; they and words of ours are told in theirs.
fn value_text(words: &Words<'_>, value: AuditValue, kept: &str) -> String {
    let word = match value {
        AuditValue::Yes => (kept == "yes").then(|| words.say("audit-yes")),
        AuditValue::Roles => {
            let role =
                |name: &str| Role::from_name(name).map_or_else(|| name.to_owned(), |role| role.text(words));
            Some(kept.split(", ").map(role).collect::<Vec<_>>().join(", "))
        }
        AuditValue::Place => Some(told_place(kept, words.language)),
        AuditValue::CompanyKind => match CompanyKind::from_name(kept) {
            Some(CompanyKind::LegalEntity) => Some(words.say("company-kind-legal-entity")),
            Some(CompanyKind::Entrepreneur) => Some(words.say("company-kind-entrepreneur")),
            Some(CompanyKind::Operator) | None => None,
        },
        AuditValue::Size => match kept {
            "small" => Some(words.say("audit-size-small")),
            "medium" => Some(words.say("audit-size-medium")),
            "large" => Some(words.say("audit-size-large")),
            _ => None,
        },
        AuditValue::Language => Language::from_code(kept).map(|language| language.own_name().to_owned()),
        AuditValue::Country => Some(countries().told(kept, words.language)),
        AuditValue::LegalForm => Some(legal_forms().told(kept, words.language)),
        AuditValue::Sector => Some(sectors().told(kept, words.language)),
        AuditValue::Ownership => Some(ownership_forms().told(kept, words.language)),
        AuditValue::AccountKind => Some(account_types().told(kept, words.language)),
        word => told(words, word, kept),
    };
    word.unwrap_or_else(|| kept.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::texts::dictionary;

    #[test]
    fn values_that_are_words_of_ours_are_told_in_every_language() {
        let dictionary = dictionary().unwrap();
        let tell = |field: AuditField, kept: &str| {
            Language::ALL.map(|language| value_text(&dictionary.words(language), field.value(), kept))
        };
        let kept = [
            (AuditField::Roles, "reader"),
            (AuditField::Default, "yes"),
            (AuditField::AddressKind, "legal"),
            (AuditField::Size, "small"),
        ];
        for (field, kept) in kept {
            let told = tell(field, kept);
            let [a, b, c] = &told;
            assert!(a != b && b != c && a != c && !told.contains(&String::new()), "{told:?}");
        }
        let kept = [
            (AuditField::Place, "г. Астана"),
            (AuditField::Country, "Казахстан"),
            (AuditField::LegalForm, "Товарищество с ограниченной ответственностью"),
            (AuditField::Sector, "Негосударственные нефинансовые организации"),
            (AuditField::AccountKind, "Текущий счёт"),
        ];
        for (field, kept) in kept {
            let told = tell(field, kept);
            let [kazakh, russian, english] = &told;
            assert!(russian == kept && kazakh != russian && english != russian, "{told:?}");
        }
        assert_eq!(tell(AuditField::Street, "yes")[1], "yes");
        let both = value_text(&dictionary.words(Language::English), AuditValue::Roles, "accountant, reader");
        assert_eq!(both, "Accountant, Read only");
    }

    #[test]
    fn what_a_newer_version_wrote_is_shown_as_it_is_kept() {
        let dictionary = dictionary().unwrap();
        let change = FieldChange { field: "something_else".into(), before: None, after: Some("yes".into()) };
        let told = ChangeView::of(&dictionary.words(Language::English), AuditAction::ProfileChanged, &change);
        assert_eq!([told.field, told.before, told.after], ["something_else", "", "yes"]);
    }
}
