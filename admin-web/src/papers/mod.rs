//! Papers of organisations: how a page that shows one has it signed, the list of all, papers as files, and the check of what
//! was signed.
//!
//! A page that takes signatures under papers (`agreement/application.rs` is one)
//!
//! 1. shows what [`signing_paper`] returns by the macro `ways` of `templates/login_sign.html`: NCALayer, a phone, a file,
//! 2. takes what comes to its own address by [`sent_paper`], and gives it to the office: whichever way it came,
//! 3. is declared with [`signed_by_phone`], which adds the page that waits for a phone.

mod check;
mod files;
mod list;
mod naming;
mod phone;
mod reports;
mod signing;

use crate::cabinet::list::list;
use crate::cabinet::{Access, Pages, Right};
use crate::routes::Menu;

pub(crate) use files::contract_file;
pub(crate) use phone::signed_by_phone;
pub(crate) use signing::{sent_paper, signing_paper};

/// The addresses of this family.
pub(crate) fn pages(pages: Pages) -> Pages {
    let see = Access::Member(Right::SeeCompany);
    list::<list::Papers>(pages, ["papers", "papers_file"], see)
        .menu(Menu::Member, 45, "menu-papers")
        .get("/c/{bin}/papers/{number}/application.pdf", "paper_pdf", see, files::pdf)
        .get("/c/{bin}/papers/{number}/signature.cms", "paper_cms", see, files::cms)
        .get("/c/{bin}/papers/{number}/contract.pdf", "paper_contract", see, files::contract)
        .get("/c/{bin}/papers/{number}/check", "paper_check", see, check::check)
        .title("signature-title")
}
