//! Shops and registers as their organisation sees them: the list of all, a register with its shifts and reports.

mod file;
mod groups;
mod handlers;
mod here;
mod receipts;
pub(crate) mod register;
pub(crate) mod report;
mod shifts;
mod trade_points;
mod view;

pub(crate) use here::{Whose, id_of, register_path, telling};
pub(crate) use receipts::looked_text;
pub(crate) use shifts::{OfRegister, Shifts};
pub(crate) use view::register_name;

use crate::cabinet::list::{list, list_file};
use crate::cabinet::{Access, Pages, Right};
use crate::routes::Menu;

/// The addresses of this family.
pub(crate) fn pages(pages: Pages) -> Pages {
    let (see, read) = (Access::Member(Right::SeeRegisters), Access::Member(Right::SeeDocuments));
    let pages = pages
        .get("/c/{bin}/registers", "shops", see, handlers::shops)
        .title("shops-title")
        .menu(Menu::Member, 15, "menu-registers")
        .and_under(&["/c/{bin}/registrations", "/c/{bin}/shops"])
        .get("/c/{bin}/registers/{register}", "shop_register", see, register::show)
        .get("/c/{bin}/registers/{register}/x", "shop_x", read, report::x)
        .get("/c/{bin}/registers/{register}/shifts/{shift}/z", "shop_z", read, report::z);
    let pages = groups::pages(trade_points::pages(pages));
    let pages = list_file::<file::Registers>(pages, "shops_file", see);
    list::<shifts::Shifts<false>>(pages, ["shop_shifts", "shop_shifts_file"], read)
}
