//! What words of the domain are called for people. The key of a word's text is made of its stored name, so that a new
//! word needs its declaration and its texts, and nothing else; the test below names a text that is missing.

use ofd_protocol::warning::Warning;
use ofd_storage::accounts::{
    AddressKind, AuditAction, AuditField, AuditPage, AuditValue, Capacity, ContactPurpose, Delivery,
    DeregistrationReason, PaperFault, PaperKind, RegistrationOrder, Role, SessionMethod, TicketTextKind,
    TokenScope,
};
use ofd_storage::model::{Connection, TradePointKind};

use crate::rights::Right;
use crate::words::Words;

/// A word of a family that is declared once.
pub(crate) trait Word: Copy + 'static {
    /// What the keys of the family's texts begin with.
    const TEXTS: &'static str;

    /// The word's own name.
    fn word(self) -> &'static str;

    /// The key of its text.
    fn key(self) -> String {
        format!("{}-{}", Self::TEXTS, self.word().replace('_', "-"))
    }

    /// What people call it.
    fn text(self, words: &Words<'_>) -> String {
        words.say(&self.key())
    }
}

/// Says where the texts of families are, and which values of the audit are their words.
macro_rules! words {
    ($($family:ty: $texts:literal $(told as $value:ident)?,)+) => {
        $(impl Word for $family {
            const TEXTS: &'static str = $texts;

            fn word(self) -> &'static str {
                self.name()
            }
        })+

        /// A value in the audit that is a word, as people know it. None of what is none, and of one that this program does
        /// not know.
        pub(crate) fn told(words: &Words<'_>, value: AuditValue, kept: &str) -> Option<String> {
            match value {
                $($(AuditValue::$value => <$family>::from_name(kept).map(|word| word.text(words)),)?)+
                _ => None,
            }
        }

        /// The keys of the texts of all words.
        #[cfg(test)]
        pub(crate) fn keys() -> Vec<String> {
            let mut keys: Vec<String> = Vec::new();
            $(keys.extend(<$family>::ALL.into_iter().map(Word::key));)+
            keys.extend(Role::ALL.into_iter().map(hint_key));
            keys.extend(Warning::ALL.iter().copied().map(Word::key));
            keys
        }
    };
}

words! {
    AuditAction: "audit",
    AuditField: "audit-field",
    AuditPage: "audit-page",
    AddressKind: "audit-address" told as AddressKind,
    Capacity: "application-as",
    ContactPurpose: "contact-purpose" told as ContactPurpose,
    Connection: "registration-connection" told as Connection,
    RegistrationOrder: "registration-order" told as RegistrationOrder,
    Delivery: "registration-delivery" told as Delivery,
    DeregistrationReason: "deregistration-reason" told as DeregistrationReason,
    PaperFault: "paper-fault" told as PaperFault,
    PaperKind: "paper-kind",
    Role: "staff-role",
    Right: "staff-right",
    SessionMethod: "account-by" told as Method,
    TokenScope: "programs-scope",
    TicketTextKind: "ticket-text-kind" told as TicketTextKind,
    TradePointKind: "trade-point-kind" told as TradePointKind,
}

/// What a register does against the rules: every warning has a text, so that nobody reads its name alone.
impl Word for Warning {
    const TEXTS: &'static str = "warning";

    fn word(self) -> &'static str {
        self.name()
    }
}

/// Roles by their names, one after the other.
pub(crate) fn roles_text(words: &Words<'_>, roles: &[Role]) -> String {
    roles.iter().map(|role| role.text(words)).collect::<Vec<_>>().join(", ")
}

fn hint_key(role: Role) -> String {
    format!("{}-hint", role.key())
}

/// What a role is for.
pub(crate) fn role_hint(words: &Words<'_>, role: Role) -> String {
    words.say(&hint_key(role))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::Language;
    use crate::texts::dictionary;

    #[test]
    fn every_word_has_a_text_in_every_language() {
        let dictionary = dictionary().unwrap();
        for language in Language::ALL {
            for key in keys() {
                let text = dictionary.words(language).say(&key);
                assert!(!text.is_empty(), "there is no text {key} in {}", language.code());
            }
        }
    }
}
