//! Shops and registers as their organisation sees them: the list of all, a register with its shifts and reports, and what
//! it sold, document by document.

mod document;
mod documents;
mod handlers;
mod here;
mod report;
mod shifts;
mod trade_points;
mod view;

use crate::cabinet::list::list;
use crate::cabinet::{Access, Pages, Right};
use crate::routes::Menu;

/// The addresses of this family.
pub(crate) fn pages(pages: Pages) -> Pages {
    let (see, read) = (Access::Member(Right::SeeRegisters), Access::Member(Right::SeeDocuments));
    let pages = pages
        .get("/c/{bin}/registers", "shops", see, handlers::shops)
        .title("shops-title")
        .menu(Menu::Member, 15, "menu-registers")
        .get("/c/{bin}/registers/{register}", "shop_register", see, handlers::register)
        .get("/c/{bin}/registers/{register}/x", "shop_x", read, report::x)
        .get("/c/{bin}/registers/{register}/shifts/{shift}/z", "shop_z", read, report::z);
    let pages = trade_points::pages(pages);
    let pages = list::<shifts::Shifts>(pages, ["shop_shifts", "shop_shifts_file"], read);
    let pages = list::<documents::Documents>(pages, ["shop_documents", "shop_documents_file"], read);
    let one = "/c/{bin}/registers/{register}/shifts/{shift}/documents/{number}";
    pages.get(one, "shop_document", read, document::show)
}
