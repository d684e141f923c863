//! What registers sold, document by document: over a period and of one shift, as lists and files, and each document by
//! itself.

pub(crate) mod document;
mod fields;
mod of_shift;
mod over_period;
mod shifts;
mod tabs;
mod view;

pub(crate) use of_shift::Documents;

use crate::cabinet::list::list;
use crate::cabinet::{Access, Pages, Right};
use crate::routes::Menu;

/// The addresses of this family.
pub(crate) fn pages(pages: Pages) -> Pages {
    let read = Access::Member(Right::SeeDocuments);
    let pages = list::<over_period::Documents>(pages, ["documents_all", "documents_all_file"], read)
        .menu(Menu::Member, 17, "menu-documents")
        .and_under(&["/c/{bin}/shifts", "/c/{bin}/cash"]);
    let pages = list::<over_period::Cash>(pages, ["documents_cash", "documents_cash_file"], read);
    let pages = list::<shifts::Shifts>(pages, ["documents_shifts", "documents_shifts_file"], read);
    let pages = list::<of_shift::Documents<false>>(pages, ["shop_documents", "shop_documents_file"], read);
    let one = "/c/{bin}/registers/{register}/shifts/{shift}/documents/{number}";
    pages.get(one, "shop_document", read, document::show)
}
