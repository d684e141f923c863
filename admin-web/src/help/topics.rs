//! The pages of help, each with its texts.

/// A page: its name in the address, and its texts.
pub(crate) struct HelpPage {
    pub(crate) name: &'static str,
    pub(super) kazakh: &'static str,
    pub(super) russian: &'static str,
    pub(super) english: &'static str,
}

macro_rules! page {
    ($name:literal) => {
        HelpPage {
            name: $name,
            kazakh: include_str!(concat!("../../help/kk/", $name, ".txt")),
            russian: include_str!(concat!("../../help/ru/", $name, ".txt")),
            english: include_str!(concat!("../../help/en/", $name, ".txt")),
        }
    };
}

/// All pages, in the order in which they are listed.
pub(crate) const PAGES: &[HelpPage] =
    &[page!("ncalayer"), page!("phone"), page!("keys"), page!("till"), page!("refusals"), page!("offline")];
