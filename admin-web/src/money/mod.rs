//! Money: the personal account of an organisation, as its people and the operator's see it; payments as they came, statements of
//! banks, and whose a payment is that has nobody; tariff plans.

mod account;
mod payment;
mod payments;
mod perhaps;
mod reasons;
mod statement;
mod tariffs;

use crate::cabinet::list::list;
use crate::cabinet::{Access, Pages, Right};
use crate::routes::Menu;

/// The addresses of this family.
pub(crate) fn pages(pages: Pages) -> Pages {
    let (own, any) = (Access::Member(Right::SeeMoney), Access::Operator(Right::SeeAnyMoney));
    let manage = Access::Operator(Right::ManagePayments);
    let pages = list::<account::Money<false>>(pages, ["money", "money_file"], own).menu(
        Menu::Member,
        28,
        "menu-money",
    );
    let pages = list::<account::Money<true>>(pages, ["operator_money", "operator_money_file"], any);
    let pages = list::<payments::Payments>(pages, ["payments", "payments_file"], any).menu(
        Menu::Operator,
        24,
        "menu-payments",
    );
    let tariffs = Access::Operator(Right::ManageTariffs);
    let pages = list::<tariffs::Tariffs>(pages, ["tariffs", "tariffs_file"], tariffs).menu(
        Menu::Operator,
        26,
        "menu-tariffs",
    );
    pages
        .get(payment::PATH, "payment", any, payment::show)
        .title("payment-title")
        .post(payment::MATCH, "payment_match", manage, payment::set)
        .shown_at(payment::PATH)
        .title("payment-title")
        .get(perhaps::PATH, "payments_perhaps", any, perhaps::show)
        .title("perhaps-title")
        .post(perhaps::SAY, "payments_perhaps_say", manage, perhaps::say)
        .shown_at(perhaps::PATH)
        .title("perhaps-title")
        .get(statement::PATH, "statement", manage, statement::show)
        .title("statement-title")
        .post(statement::PATH, "statement_take", manage, statement::take)
        .files(statement::FORM_BYTES_MAX)
        .title("statement-title")
}
