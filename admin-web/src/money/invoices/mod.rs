//! Invoices, acts and bills: lists of an organisation and of all, one with its lines and files, bills that people make, invoices that
//! people issue beside a first one.

mod all;
mod bill;
mod document;
mod files;
mod list;
mod settle;

use crate::cabinet::list::list;
use crate::cabinet::{Access, Pages, Right};
use crate::routes::Menu;

/// The addresses of invoices.
pub(super) fn pages(pages: Pages) -> Pages {
    let (own, any) = (Access::Member(Right::SeeMoney), Access::Operator(Right::SeeAnyMoney));
    let manage = Access::Operator(Right::ManageInvoices);
    let pages = list::<list::Invoices<false>>(pages, ["invoices", "invoices_file"], own).menu(
        Menu::Member,
        29,
        "menu-invoices",
    );
    let pages =
        list::<list::Invoices<true>>(pages, ["operator_invoices_of", "operator_invoices_of_file"], any);
    let pages = list::<all::AllInvoices>(pages, ["operator_invoices", "operator_invoices_file"], any).menu(
        Menu::Operator,
        25,
        "menu-invoices",
    );
    pages
        .get(document::OWN, "invoice", own, document::show::<false>)
        .title("invoice-title")
        .get(document::ANY, "operator_invoice", any, document::show::<true>)
        .title("invoice-title")
        .post(document::BESIDE, "operator_invoice_beside", manage, document::issue)
        .shown_at(document::ANY)
        .title("invoice-title")
        .get(files::OWN, "invoice_file", own, files::one::<false>)
        .get(files::ANY, "operator_invoice_file", any, files::one::<true>)
        .get(bill::OWN, "bill", own, bill::show::<false>)
        .title("bill-title")
        .post(bill::OWN, "bill_make", own, bill::make::<false>)
        .get(bill::ANY, "operator_bill", manage, bill::show::<true>)
        .title("bill-title")
        .post(bill::ANY, "operator_bill_make", manage, bill::make::<true>)
        .get(settle::OWN, "settlement", own, settle::show::<false>)
        .title("settle-title")
        .get(settle::ANY, "operator_settlement", any, settle::show::<true>)
        .title("settle-title")
        .get(settle::OWN_FILE, "settlement_file", own, settle::file::<false>)
        .get(settle::ANY_FILE, "operator_settlement_file", any, settle::file::<true>)
}
