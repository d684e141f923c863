//! Help pages for the steps that people fail at. A page is a text in each language and a line in `topics.rs`.
//!
//! Texts are in `admin-web/help/`: the first line is the title, `## ` begins a heading, `- ` and `1. ` items of lists,
//! `[label](/path)` is a link, and `{refusals}` stands for the table of all refusals of tills.

mod text;
mod topics;
mod view;

use crate::cabinet::{Access, Pages};
use crate::routes::Menu;

#[cfg(test)]
pub(crate) use topics::PAGES;

/// The addresses of this family.
pub(crate) fn pages(pages: Pages) -> Pages {
    pages
        .get("/help", "help", Access::Anyone, view::index)
        .title("help-title")
        .menu(Menu::Front, 30, "door-help")
        .get("/help/{topic}", "help_page", Access::Anyone, view::page)
}
