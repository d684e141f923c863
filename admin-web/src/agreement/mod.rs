//! Joining the contract: its text, and the application that is signed. The last steps of signing up, and what a company that
//! is here already comes back to: for a later version, or because the fleet file brought it.

mod application;
mod around;
mod contract;
mod telling;
mod text;

use crate::cabinet::{Access, Pages, Right};
use crate::papers::signed_by_phone;
use crate::routes::Menu;
use crate::sign_in::SIGNED_FORM_LEN_MAX;

pub(crate) use around::around;
pub(crate) use telling::{banner, waiting};
pub(crate) use text::{ChangeView, ClauseView, change_views, text_views};

/// The addresses of this family.
pub(crate) fn pages(pages: Pages) -> Pages {
    let (see, join) = (Access::Member(Right::SeeCompany), Access::Member(Right::JoinContract));
    let pages = pages
        .get("/c/{bin}/contract", "contract", see, contract::show)
        .title("contract-title")
        .menu(Menu::Member, 40, "menu-contract")
        .and_under(&["/c/{bin}/application"])
        .post("/c/{bin}/contract", "contract_read", join, contract::read)
        .post("/c/{bin}/contract/code", "contract_code", join, contract::code)
        .shown_at("/c/{bin}/contract")
        .post("/c/{bin}/contract/letter", "contract_letter", join, contract::letter)
        .shown_at("/c/{bin}/contract")
        .get("/c/{bin}/application", "application", see, application::show)
        .title("application-title")
        .post("/c/{bin}/application", "application_sign", join, application::sign)
        .files(SIGNED_FORM_LEN_MAX)
        .post("/c/{bin}/application/new", "application_draw", join, application::draw)
        .shown_at("/c/{bin}/application");
    signed_by_phone(pages, ("/c/{bin}/application/phone", "application_phone"), join)
}
