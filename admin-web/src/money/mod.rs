//! Money: the personal account of an organisation, as its people and the operator's see it; payments as they came, statements of
//! banks, and whose a payment is that has nobody; tariff plans.

mod account;
mod calls;
mod invoices;
mod keys;
mod payment;
mod payments;
mod perhaps;
mod promise;
mod reasons;
mod runs;
mod standing;
mod standing_run;
mod statement;
mod tariff_choice;
mod tariff_form;
mod tariff_page;
mod tariff_words;
mod tariffs;
mod told;
pub(crate) mod warning;
mod why;

use axum::routing::MethodFilter;

use crate::cabinet::list::list;
use crate::cabinet::{Access, Pages, Right};
use crate::limits::BODY_LEN_MAX;
use crate::routes::{Budget, Menu};

pub(crate) use reasons::failed;
pub(crate) use standing_run::keep_standing;
pub use standing_run::{step as standing_step, sweep as standing_sweep};

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
    let pages = invoices::pages(pages);
    let tariffs = Access::Operator(Right::ManageTariffs);
    let pages = list::<tariffs::Tariffs>(pages, ["tariffs", "tariffs_file"], tariffs).menu(
        Menu::Operator,
        26,
        "menu-tariffs",
    );
    let pages = run_pages(tariff_pages(pages, tariffs), tariffs)
        .get(why::PATH, "money_why", own, why::show)
        .title("why-title")
        .get(why::OPERATORS, "operator_money_why", any, why::show_to_operators)
        .title("why-title");
    let (see, choose) = (Access::Member(Right::SeeRegisters), Access::Member(Right::ManageRegisters));
    let pages = list::<standing::Standings>(pages, ["standing", "standing_file"], any).menu(
        Menu::Operator,
        25,
        "menu-standing",
    );
    let (promises, bank_keys) =
        (Access::Operator(Right::TakePromises), Access::Operator(Right::ManagePaymentKeys));
    let pages = pages
        .get(keys::PATH, "payment_keys", bank_keys, keys::show)
        .title("keys-title")
        .menu(Menu::Operator, 27, "keys-title")
        .post(keys::PATH, "payment_key_make", bank_keys, keys::make)
        .title("keys-title")
        .get(keys::REVOKE, "payment_key_revoke", bank_keys, keys::ask_revoke)
        .title("keys-revoke-title")
        .post(keys::REVOKE, "payment_key_revoke_now", bank_keys, keys::revoke)
        .title("keys-revoke-title")
        .get(promise::PATH, "promise", promises, promise::show)
        .title("promise-title")
        .post(promise::PATH, "promise_take", promises, promise::take)
        .title("promise-title");
    let pages = pages
        .api(MethodFilter::POST, ("/api/v1/payments/check", "payments_check"), Access::Signed, calls::check)
        .json(BODY_LEN_MAX)
        .paid_by(Budget::Own)
        .api(MethodFilter::POST, ("/api/v1/payments/pay", "payments_pay"), Access::Signed, calls::take)
        .json(BODY_LEN_MAX)
        .paid_by(Budget::Own);
    pages
        .get(tariff_choice::PATH, "register_tariff", see, tariff_choice::show)
        .title("tariff-choice-title")
        .post(tariff_choice::PATH, "register_tariff", choose, tariff_choice::take)
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

/// Runs of charging that people make.
fn run_pages(pages: Pages, access: Access) -> Pages {
    list::<runs::Runs>(pages, ["charging", "charging_file"], access)
        .menu(Menu::Operator, 25, "menu-charging")
        .get(runs::NEW, "charging_new", access, runs::show_new)
        .title("charging-new-title")
        .post(runs::NEW, "charging_new", access, runs::take_new)
        .get(runs::PATH, "charging_run", access, runs::show)
        .title("charging-run-title")
        .post(runs::BRING, "charging_bring", access, runs::bring)
        .shown_at(runs::PATH)
        .title("charging-run-title")
}

/// Plans, their versions, and rates of VAT.
fn tariff_pages(pages: Pages, access: Access) -> Pages {
    pages
        .get(tariff_form::NEW, "tariff_new", access, tariff_form::show_new)
        .title("tariff-new-title")
        .post(tariff_form::NEW, "tariff_new", access, tariff_form::take_new)
        .get(tariff_page::PATH, "tariff_plan", access, tariff_page::show)
        .title("tariff-plan-title")
        .post(tariff_page::TAKE_BACK, "tariff_take_back", access, tariff_page::back)
        .shown_at(tariff_page::PATH)
        .title("tariff-plan-title")
        .post(tariff_page::CHOOSERS, "tariff_choosers", access, tariff_page::choosers)
        .shown_at(tariff_page::PATH)
        .title("tariff-plan-title")
        .get(tariff_form::VERSION, "tariff_version", access, tariff_form::show_version)
        .title("tariff-version-title")
        .post(tariff_form::VERSION, "tariff_version", access, tariff_form::take_version)
        .get(tariff_page::VAT, "vat_rates", access, tariff_page::show_vat)
        .title("vat-title")
        .menu(Menu::Operator, 27, "menu-vat")
        .post(tariff_page::VAT, "vat_rates", access, tariff_page::take_vat)
}
