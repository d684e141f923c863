//! Refusals: why a request is not served, the result code it gets, and what the till shows (WIRE 4, 13.13).
//!
//! Every text is one line in Russian, Kazakh and English, separated by " / ", of at most 500 bytes. Some tills
//! decide by the text: see [`FORBIDDEN_WORDS`].

mod examples;
mod texts;
mod wording;

use std::fmt;

pub use texts::debt_reason;
pub use wording::{FORBIDDEN_WORDS, RETRY_WORD, TEXT_LEN_MAX, has_forbidden_word, reason_in_languages};

use crate::message::Command;
use crate::types::{LocalDateTime, RegisterId, Tiyn};
use crate::version::{Code18, Version};
use crate::warning::Warning;
use wording::one_line;

/// Why a request is refused: their request, our rules. Nothing was changed and nothing is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The frame or its payload cannot be read.
    Unreadable,
    /// A version we do not speak.
    VersionUnsupported {
        /// VERSION of the header.
        version: u16,
    },
    /// An id that was never given.
    RegisterAbsent {
        /// ID of the header.
        register: RegisterId,
    },
    /// The register's tariff excludes TLS and it came over TLS.
    TlsExcluded,
    /// A token that is neither the current nor the kept one.
    TokenWrong,
    /// A command that no version has.
    CommandAbsent {
        /// The code that came in the envelope.
        code: u32,
    },
    /// A command that this version has no longer, or that no service stands behind.
    CommandUnsupported {
        /// The command that this version lacks.
        command: Command,
    },
    /// The part that the command names is not there.
    PartMissing {
        /// Its name in the schema.
        part: &'static str,
    },
    /// The document that was answered comes again as a new request under its old number.
    RequestNumberReused {
        /// REQNUM of the header.
        request: u16,
    },
    /// A retry that carries another document than the request it repeats.
    RetryDiffers {
        /// REQNUM of the header.
        request: u16,
    },
    /// The operator blocked the register.
    Blocked {
        /// What a person gave as the reason.
        reason: String,
    },
    /// The service is not paid for.
    Unpaid {
        /// The debt, as [`debt_reason`] writes it; empty where none is told.
        reason: String,
    },
    /// The register was taken off the books.
    Deregistered {
        /// What a person gave as the reason.
        reason: String,
    },
    /// The organisation disconnected the register.
    Disconnected,
    /// A required field is not there.
    Missing {
        /// Its path in the schema.
        field: String,
        /// The code the operator chose for it: 13, or 15 by the letter of the protocol.
        code: MalformedReceipt,
    },
    /// A value that cannot be right.
    Wrong {
        /// The field's path in the schema.
        field: String,
        /// The value as it came.
        value: String,
    },
    /// The payments do not add up to the total.
    PaymentsDiffer {
        /// What they add up to.
        payments: Tiyn,
        /// What amounts.total says is to be paid.
        total: Tiyn,
    },
    /// A sum of money that is greater than any can be.
    SumTooLarge {
        /// The field's path in the schema.
        field: String,
        /// The sum as it came, however large.
        sum: String,
    },
    /// A version was made strict and the document departs from it.
    Strict {
        /// The version of the header.
        version: u16,
        /// By what it departs from the written rules.
        warning: Warning,
        /// The field's path in the schema.
        field: String,
        /// What came; `None` when the field is not there.
        value: Option<String>,
    },
    /// The buyer is the seller.
    SameTaxpayer,
    /// The shift is open for over 24 hours.
    ShiftTooLong {
        /// When it was opened.
        opened_at: LocalDateTime,
    },
    /// The shift holds as many documents as it can.
    ShiftFull {
        /// How many documents the shift holds.
        documents: u32,
    },
    /// More cash would leave the drawer than is in it.
    CashShort {
        /// What is in it, in tiyn.
        cash: i64,
        /// What would leave it.
        wanted: Tiyn,
    },
    /// There is no receipt that could be cancelled.
    CannotCancel,
}

/// The code for a receipt that lacks what makes a receipt.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MalformedReceipt {
    /// 13: the till says it and goes on.
    #[default]
    IncorrectData,
    /// 15, by the letter of the protocol: stops the till until a person acts.
    Blocked,
}

impl Refusal {
    /// The result code that `version` has for this refusal.
    pub fn code(&self, version: Version) -> u32 {
        let features = version.features();
        match self {
            Self::RegisterAbsent { .. } => 1,
            Self::TokenWrong => 2,
            Self::Unreadable | Self::VersionUnsupported { .. } => 3,
            Self::CommandAbsent { .. } => 4,
            Self::CommandUnsupported { .. } => 5,
            Self::TlsExcluded => 7,
            Self::RequestNumberReused { .. } => 8,
            Self::RetryDiffers { .. } => 9,
            Self::CannotCancel => 10,
            Self::ShiftTooLong { .. } | Self::ShiftFull { .. } => 11,
            Self::PartMissing { .. }
            | Self::Missing { code: MalformedReceipt::IncorrectData, .. }
            | Self::Wrong { .. }
            | Self::PaymentsDiffer { .. }
            | Self::SumTooLarge { .. }
            | Self::Strict { .. } => 13,
            Self::CashShort { .. } => 14,
            Self::Blocked { .. }
            | Self::Unpaid { .. }
            | Self::Missing { code: MalformedReceipt::Blocked, .. } => 15,
            Self::SameTaxpayer if features.has_same_taxpayer_code => 17,
            Self::SameTaxpayer => 13,
            Self::Deregistered { .. } => match features.code_18 {
                Code18::Deregistered => 18,
                Code18::Unused | Code18::ElementNotFoundByBarcode => 15,
            },
            Self::Disconnected if features.has_disconnected_code => 19,
            Self::Disconnected => 15,
        }
    }

    /// Whether the refusal is the register's status; its text is then sent as an ad too, which tills show.
    pub fn is_status(&self) -> bool {
        matches!(
            self,
            Self::Blocked { .. } | Self::Unpaid { .. } | Self::Deregistered { .. } | Self::Disconnected
        )
    }

    /// Whether the answer tells nothing of the register: refusals that a stranger may get.
    pub fn is_before_identity(&self) -> bool {
        matches!(
            self,
            Self::Unreadable
                | Self::VersionUnsupported { .. }
                | Self::RegisterAbsent { .. }
                | Self::TokenWrong
        )
    }

    /// What the till shows.
    pub fn text(&self) -> String {
        let [ru, kk, en] = self.texts();
        one_line(&[ru, kk, en])
    }
}

/// Why we cannot serve a request now: our trouble, the same request may succeed later.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Unavailable {
    /// Too many requests, of all or of this register.
    Overloaded,
    /// The store takes no writes, or did not answer in time.
    Store,
    /// The server is going down.
    Stopping,
    /// A fault of ours.
    Internal,
}

impl Unavailable {
    /// Every reason, for tests that go through them.
    pub const ALL: [Self; 4] = [Self::Overloaded, Self::Store, Self::Stopping, Self::Internal];

    /// 254 or 255.
    pub fn code(self) -> u32 {
        match self {
            Self::Overloaded | Self::Store | Self::Stopping => 254,
            Self::Internal => 255,
        }
    }

    /// What the till shows.
    pub fn text(self) -> String {
        one_line(&self.texts())
    }

    /// The same in Russian, Kazakh and English.
    pub fn texts(self) -> [String; 3] {
        let texts = match self {
            Self::Overloaded => [
                "Сервер перегружен (timeout). Повторите позже",
                "Сервер шамадан тыс жүктелген (timeout). Кейінірек қайталаңыз",
                "The server is overloaded (timeout). Repeat later",
            ],
            Self::Store => [
                "Сервер временно не принимает документы (timeout). Повторите позже",
                "Сервер құжаттарды уақытша қабылдамайды (timeout). Кейінірек қайталаңыз",
                "The server takes no documents for now (timeout). Repeat later",
            ],
            Self::Stopping => [
                "Сервер перезапускается (timeout). Повторите через минуту",
                "Сервер қайта іске қосылуда (timeout). Бір минуттан соң қайталаңыз",
                "The server restarts (timeout). Repeat in a minute",
            ],
            Self::Internal => [
                "Сбой сервера (timeout). Повторите позже",
                "Сервер ақауы (timeout). Кейінірек қайталаңыз",
                "The server failed (timeout). Repeat later",
            ],
        };
        texts.map(str::to_owned)
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [_, _, en] = self.texts();
        f.write_str(&en)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LONG: &str = "ticket.items[32767].storno_commodity.taxes[32767].sum";

    fn every_refusal() -> Vec<Refusal> {
        let tiyn = |tiyn| Tiyn::new(tiyn).unwrap();
        let at = LocalDateTime::new(2026, 1, 22, 17, 9, 16).unwrap();
        let reason = || "долг по договору № 15 — оплатите счёт в кабинете. ".repeat(9);
        let mut all = vec![
            Refusal::Unreadable,
            Refusal::VersionUnsupported { version: u16::MAX },
            Refusal::RegisterAbsent { register: RegisterId(u32::MAX) },
            Refusal::TlsExcluded,
            Refusal::TokenWrong,
            Refusal::CommandAbsent { code: u32::MAX },
            Refusal::PartMissing { part: "money_placement" },
            Refusal::RequestNumberReused { request: u16::MAX },
            Refusal::RetryDiffers { request: u16::MAX },
            Refusal::Blocked { reason: reason() },
            Refusal::Blocked { reason: String::new() },
            Refusal::Unpaid { reason: String::new() },
            Refusal::Unpaid { reason: debt_reason("99999996", "10000000000000.00") },
            Refusal::Deregistered { reason: reason() },
            Refusal::Deregistered {
                reason: ["причина ", "себеп ", "reason "].map(|text| text.repeat(30)).join("/ "),
            },
            Refusal::Disconnected,
            Refusal::Missing { field: LONG.into(), code: MalformedReceipt::IncorrectData },
            Refusal::Missing { field: LONG.into(), code: MalformedReceipt::Blocked },
            Refusal::Wrong { field: LONG.into(), value: "1".repeat(100) },
            Refusal::PaymentsDiffer { payments: tiyn(i64::MAX), total: tiyn(1) },
            Refusal::SumTooLarge { field: LONG.into(), sum: format!("{}.99", u64::MAX) },
            Refusal::SameTaxpayer,
            Refusal::ShiftTooLong { opened_at: at },
            Refusal::ShiftFull { documents: 100_000 },
            Refusal::CashShort { cash: i64::MIN, wanted: tiyn(i64::MAX) },
            Refusal::CannotCancel,
        ];
        all.extend(Command::ALL.map(|command| Refusal::CommandUnsupported { command }));
        let values = [None, Some("0.00 ≠ 68.97".to_owned()), Some("unknown ".repeat(9))];
        for (warning, value) in
            Warning::ALL.iter().flat_map(|warning| values.iter().map(move |it| (warning, it)))
        {
            let (field, value) = ("ticket.items[12].commodity.taxes[3].sum".to_owned(), value.clone());
            all.push(Refusal::Strict { version: 203, warning: *warning, field, value });
        }
        all
    }

    #[test]
    fn no_text_of_a_refusal_holds_a_word_that_tills_take_for_a_broken_link() {
        for refusal in every_refusal() {
            let text = refusal.text();
            for word in FORBIDDEN_WORDS {
                assert!(!text.to_lowercase().contains(word), "{refusal:?} says «{word}»: {text}");
            }
        }
    }

    #[test]
    fn every_text_is_one_line_in_three_languages_of_at_most_500_bytes() {
        let texts = every_refusal().into_iter().map(|refusal| refusal.text());
        for text in texts.chain(Unavailable::ALL.map(Unavailable::text)) {
            assert!(text.len() <= TEXT_LEN_MAX, "{} bytes: {text}", text.len());
            assert_eq!(text.split(" / ").filter(|part| !part.trim().is_empty()).count(), 3, "{text}");
            assert!(!text.contains(char::is_control), "{text}");
        }
    }

    #[test]
    fn a_strict_refusal_names_version_warning_field_and_values_in_every_language() {
        for warning in Warning::ALL.iter().copied().filter(|warning| warning.is_refused_when_strict()) {
            let field = "ticket.items[12].commodity.taxes[3].sum".to_owned();
            let value = Some("1.00 ≠ 68.97".to_owned());
            let text = Refusal::Strict { version: 203, warning, field: field.clone(), value }.text();
            for named in ["203", &field, "1.00 ≠ 68.97"] {
                assert_eq!(text.matches(named).count(), 3, "{named}: {text}");
            }
            assert!(text.contains(warning.name()), "{text}");
        }
    }

    #[test]
    fn the_text_for_a_version_we_do_not_speak_recommends_the_newest_one() {
        let text = Refusal::VersionUnsupported { version: 210 }.text();
        assert_eq!(text.matches("2.0.4").count(), 3, "{text}");
    }

    #[test]
    fn the_usual_texts_are_not_cut() {
        for refusal in every_refusal() {
            if matches!(
                refusal,
                Refusal::Wrong { .. }
                    | Refusal::Missing { .. }
                    | Refusal::SumTooLarge { .. }
                    | Refusal::Strict { value: Some(_), .. }
            ) {
                continue;
            }
            let text = refusal.text();
            let english = refusal.to_string();
            assert!(text.ends_with(&english), "{} bytes: {text}", text.len());
        }
        let missing = Refusal::Missing {
            field: "ticket.items[12].commodity.sum".into(),
            code: MalformedReceipt::default(),
        };
        assert!(missing.text().ends_with("send it again"), "{}", missing.text());
    }

    #[test]
    fn texts_of_254_and_255_always_say_timeout() {
        for unavailable in Unavailable::ALL {
            assert!(unavailable.text().split(" / ").all(|text| text.contains(RETRY_WORD)));
            assert!([254, 255].contains(&unavailable.code()));
        }
    }

    #[test]
    fn a_reason_or_value_that_a_till_could_misread_is_left_out() {
        let blocked = |reason: &str| Refusal::Blocked { reason: reason.into() }.text();
        assert!(blocked("нет оплаты\nс мая").contains(": нет оплаты с мая. Обратитесь"));
        assert_eq!(blocked("UNKNOWN owner"), blocked(""));
        assert_eq!(blocked("Связь потеряна"), blocked(""));
        let wrong = Refusal::Wrong { field: "ticket.operation".into(), value: "Network / 7".into() };
        assert!(wrong.text().contains("«…»"));
    }

    #[test]
    fn a_reason_in_three_languages_is_told_in_each_by_its_own_part() {
        let gone = |reason: &str| Refusal::Deregistered { reason: reason.into() }.text();
        assert_eq!(
            gone("кража / ұрлық / theft"),
            "Касса снята с учёта: кража. Зарегистрируйте кассу заново в кабинете / \
             Касса есептен шығарылған: ұрлық. Кабинетте кассаны қайта тіркеңіз / \
             The register was deregistered: theft. Register it anew in the cabinet"
        );
        assert!(
            gone("продана / ТОО «А»").contains("учёта: продана ТОО «А». "),
            "two parts are one text of a person"
        );
        assert!(
            gone("кража / белгісіз / theft").contains("шығарылған. Кабинетте"),
            "a part alone is left out"
        );
    }

    #[test]
    fn a_refusal_has_the_code_of_its_version() {
        let gone = Refusal::Deregistered { reason: String::new() };
        assert_eq!((gone.code(Version::V203), gone.code(Version::V204)), (15, 18));
        assert_eq!(
            (Refusal::Disconnected.code(Version::V203), Refusal::Disconnected.code(Version::V204)),
            (15, 19)
        );
        assert_eq!(
            (Refusal::SameTaxpayer.code(Version::V201), Refusal::SameTaxpayer.code(Version::V202)),
            (13, 17)
        );
        for refusal in every_refusal() {
            for version in Version::ALL {
                assert!((1..=19).contains(&refusal.code(version)), "{refusal:?}");
            }
        }
    }
}
