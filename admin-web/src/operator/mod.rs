//! The operator's people: where they land, what they find and look at, what they keep for all. Every look at an organisation
//! or its registers is written into the audit of the organisation before it is shown.

mod companies;
mod contracts;
mod find;
mod handlers;
mod models;
mod register;
mod registers_of;
mod start;
mod ticket_texts;

use crate::cabinet::list::list;
use crate::cabinet::{Access, Pages, Right};
use crate::documents::{self, Documents};
use crate::routes::Menu;
use crate::shops::{Shifts, report};
use crate::sign_in::OPERATORS_LANDING;

const REGISTER: &str = "/operator/registers/{company}/{register}";

/// The addresses of this family.
pub(crate) fn pages(pages: Pages) -> Pages {
    let (company, audit) = (Access::Operator(Right::SeeAnyCompany), Access::Operator(Right::SeeAnyAudit));
    let pages = pages
        .get(OPERATORS_LANDING, "operator_start", company, start::show)
        .title("operator-start-title")
        .menu(Menu::Operator, 5, "menu-operator-start")
        .get("/operator/find", "operator_find", company, find::show)
        .title("operator-find-title")
        .menu(Menu::Operator, 8, "menu-operator-find")
        .and_under(&["/operator/registers"]);
    let pages =
        list::<companies::Companies>(pages, ["operator_companies", "operator_companies_file"], company)
            .menu(Menu::Operator, 10, "menu-companies")
            .get("/operator/companies/{company}", "operator_company", company, handlers::card)
            .get("/operator/companies/{company}/audit", "operator_company_audit", audit, handlers::audit);
    kept_pages(register_pages(pages), company)
}

/// A register of any organisation, with what it sold.
fn register_pages(pages: Pages) -> Pages {
    let (see, block) = (Access::Operator(Right::SeeAnyRegister), Access::Operator(Right::BlockRegisters));
    let pages = pages
        .get(REGISTER, "operator_register", see, register::look)
        .post("/operator/registers/{company}/{register}/block", "register_block", block, register::block)
        .shown_at(REGISTER)
        .post(
            "/operator/registers/{company}/{register}/unblock",
            "register_unblock",
            block,
            register::unblock,
        )
        .shown_at(REGISTER)
        .get("/operator/registers/{company}/{register}/x", "operator_x", see, report::x)
        .get("/operator/registers/{company}/{register}/shifts/{shift}/z", "operator_z", see, report::z);
    let of = ["operator_company_registers", "operator_company_registers_file"];
    let pages = list::<registers_of::Registers>(pages, of, see);
    let pages = list::<Shifts<true>>(pages, ["operator_shifts", "operator_shifts_file"], see);
    let pages = list::<Documents<true>>(pages, ["operator_documents", "operator_documents_file"], see);
    let one = "/operator/registers/{company}/{register}/shifts/{shift}/documents/{number}";
    pages.get(one, "operator_document", see, documents::document::show)
}

/// What the operator keeps for all: models of registers, versions of the contract, texts on receipts.
fn kept_pages(pages: Pages, see: Access) -> Pages {
    let texts = Access::Operator(Right::ManageTicketTexts);
    let pages = list::<models::Directory>(pages, ["operator_models", "operator_models_file"], see).menu(
        Menu::Operator,
        22,
        "menu-models",
    );
    let pages = list::<contracts::Versions>(pages, ["operator_contracts", "operator_contracts_file"], see)
        .menu(Menu::Operator, 23, "menu-contracts")
        .get("/operator/contracts/{number}", "operator_contract", see, contracts::show)
        .get("/operator/contracts/{number}/contract.pdf", "operator_contract_pdf", see, contracts::pdf);
    let pages = list::<ticket_texts::Texts>(pages, ["ticket_texts", "ticket_texts_file"], texts).menu(
        Menu::Operator,
        25,
        "menu-ticket-texts",
    );
    ticket_texts::pages(pages, texts)
}
