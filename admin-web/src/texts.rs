//! The texts of all pages, as they lie in `i18n/`: a file for each family of pages and language.

use ofd_desk::words::{Dictionary, WordsError};
use ofd_office::language::Language;

/// The files of a language: one for each family of pages.
macro_rules! files {
    ($language:literal) => {
        [
            include_str!(concat!("../i18n/", $language, "/site.ftl")),
            include_str!(concat!("../i18n/", $language, "/receipts.ftl")),
            include_str!(concat!("../i18n/", $language, "/signature.ftl")),
            include_str!(concat!("../i18n/", $language, "/login.ftl")),
            include_str!(concat!("../i18n/", $language, "/phone.ftl")),
            include_str!(concat!("../i18n/", $language, "/account.ftl")),
            include_str!(concat!("../i18n/", $language, "/company.ftl")),
            include_str!(concat!("../i18n/", $language, "/agreement.ftl")),
            include_str!(concat!("../i18n/", $language, "/papers.ftl")),
            include_str!(concat!("../i18n/", $language, "/start.ftl")),
            include_str!(concat!("../i18n/", $language, "/shops.ftl")),
            include_str!(concat!("../i18n/", $language, "/warnings.ftl")),
            include_str!(concat!("../i18n/", $language, "/registration.ftl")),
            include_str!(concat!("../i18n/", $language, "/documents.ftl")),
            include_str!(concat!("../i18n/", $language, "/programs.ftl")),
            include_str!(concat!("../i18n/", $language, "/staff.ftl")),
            include_str!(concat!("../i18n/", $language, "/audit.ftl")),
            include_str!(concat!("../i18n/", $language, "/operator.ftl")),
            include_str!(concat!("../i18n/", $language, "/money.ftl")),
            include_str!(concat!("../i18n/", $language, "/tariffs.ftl")),
            include_str!(concat!("../i18n/", $language, "/invoices.ftl")),
            include_str!(concat!("../i18n/", $language, "/standing.ftl")),
            include_str!(concat!("../i18n/", $language, "/help.ftl")),
        ]
    };
}

/// The texts of a language, as they lie in the repository.
pub(crate) fn source(language: Language) -> String {
    let files = match language {
        Language::Kazakh => files!("kk"),
        Language::Russian => files!("ru"),
        Language::English => files!("en"),
    };
    files.join("\n")
}

/// All texts, ready to be said.
pub(crate) fn dictionary() -> Result<Dictionary, WordsError> {
    Dictionary::new(source)
}
