//! The three lists over a period, which stand beside each other: documents, shifts, cash.

use crate::cabinet::Ask;
use crate::cabinet::list::{ListPaths, Tab, address, list_paths};
use crate::site::Site;

/// What narrows each of the lists, and so stays in the address from one to the other.
const SHARED: [&str; 4] = ["from", "to", "shop", "register"];

/// Where a list is and what it is called.
pub(super) struct Place {
    pub(super) paths: ListPaths,
    pub(super) title: (&'static str, &'static str),
}

pub(super) const DOCUMENTS: Place =
    Place { paths: list_paths!("/c/{bin}/documents"), title: ("documents-title", "documents") };

pub(super) const SHIFTS: Place =
    Place { paths: list_paths!("/c/{bin}/shifts"), title: ("documents-shifts-title", "shifts") };

pub(super) const CASH: Place =
    Place { paths: list_paths!("/c/{bin}/cash"), title: ("documents-cash-title", "cash") };

/// The tabs above one of the lists.
pub(super) fn tabs(site: &Site, ask: &Ask, current: ListPaths) -> Vec<Tab> {
    let words = site.texts(ask);
    let tab = |Place { paths, title }: Place| Tab {
        href: address(ask, &paths.page.replace("{bin}", ask.bin()), SHARED, None),
        label: words.say(title.0),
        is_current: paths.page == current.page,
    };
    [DOCUMENTS, SHIFTS, CASH].map(tab).into()
}
