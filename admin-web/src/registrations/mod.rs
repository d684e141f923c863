//! Registering a register: the form about it, the application that is looked at and signed, what came of it, and the token,
//! which is shown once. And the operator's queue, where the tax authority's answers are entered by hand.

mod form;
mod operator;
mod orders;
mod page;
mod queue;
mod settings;
mod sign;
mod token;
mod view;
mod visit;

use crate::cabinet::list::list;
use crate::cabinet::{Access, Pages, Right};
use crate::papers::signed_by_phone;
use crate::routes::Menu;
use crate::sign_in::SIGNED_FORM_LEN_MAX;

pub(crate) use form::{go_on, refused};
pub(crate) use view::{UnderWay, path as registration_path, shop_in, state_text, under_way};

const ONE: &str = "/c/{bin}/registrations/{register}";

const SETTINGS: &str = "/c/{bin}/registers/{register}/settings";

/// The addresses of this family.
pub(crate) fn pages(pages: Pages) -> Pages {
    operators_pages(later_pages(first_pages(pages)))
}

/// From the form to the token.
fn first_pages(pages: Pages) -> Pages {
    let (see, manage) = (Access::Member(Right::SeeRegisters), Access::Member(Right::ManageRegisters));
    let join = Access::Member(Right::JoinContract);
    let pages = pages
        .get("/c/{bin}/registrations/new", "registration_new", manage, form::show_new)
        .title("registration-new-title")
        .post("/c/{bin}/registrations/new", "registration_new", manage, form::take_new)
        .get(ONE, "registration", see, page::show)
        .post(ONE, "registration_sign", join, sign::sign)
        .files(SIGNED_FORM_LEN_MAX)
        .get("/c/{bin}/registrations/{register}/edit", "registration_edit", manage, form::show_edit)
        .post("/c/{bin}/registrations/{register}/edit", "registration_edit", manage, form::take_edit)
        .post("/c/{bin}/registrations/{register}/application", "registration_draw", join, sign::draw)
        .shown_at(ONE)
        .post("/c/{bin}/registrations/{register}/token", "registration_token", manage, token::show)
        .shown_at(ONE)
        .post("/c/{bin}/registrations/{register}/token/new", "registration_reissue", manage, token::reissue)
        .shown_at(ONE);
    signed_by_phone(pages, ("/c/{bin}/registrations/{register}/phone", "registration_phone"), join)
}

/// What an organisation's people do with a register that is on the books.
fn later_pages(pages: Pages) -> Pages {
    let manage = Access::Member(Right::ManageRegisters);
    let (change, off) =
        ("/c/{bin}/registrations/{register}/change", "/c/{bin}/registrations/{register}/deregister");
    pages
        .get("/c/{bin}/registrations/{register}/visit", "registration_visit", manage, visit::show)
        .post("/c/{bin}/registrations/{register}/visit", "registration_visit", manage, visit::take)
        .get(change, "registration_change", manage, form::show_change)
        .post(change, "registration_change", manage, form::take_change)
        .get(off, "registration_deregister", manage, orders::show_deregister)
        .post(off, "registration_deregister", manage, orders::take_deregister)
        .post("/c/{bin}/registrations/{register}/withdraw", "registration_withdraw", manage, orders::withdraw)
        .shown_at(ONE)
        .post("/c/{bin}/registrations/{register}/drop", "registration_drop", manage, orders::drop)
        .shown_at(ONE)
        .get(SETTINGS, "register_settings", manage, settings::show)
        .post(SETTINGS, "register_settings", manage, settings::take)
        .post(
            "/c/{bin}/registers/{register}/settings/disconnect",
            "register_disconnect",
            manage,
            settings::disconnect,
        )
        .shown_at(SETTINGS)
        .post("/c/{bin}/registers/{register}/settings/connect", "register_connect", manage, settings::connect)
        .shown_at(SETTINGS)
        .post("/c/{bin}/registers/{register}/settings/token", "register_token", manage, settings::token)
        .shown_at(SETTINGS)
}

/// What the operator's people do.
fn operators_pages(pages: Pages) -> Pages {
    let decide = Access::Operator(Right::DecideRegistrations);
    let visits = Access::Operator(Right::CloseVisits);
    let pages =
        list::<queue::Waiting<visit::ForVisit>>(pages, ["operator_visits", "operator_visits_file"], visits)
            .menu(Menu::Operator, 16, "menu-visits")
            .get("/operator/visits/{company}/{register}", "operator_visit", visits, visit::look)
            .post("/operator/visits/{company}/{register}", "operator_visit_close", visits, visit::close);
    let of = ["operator_registrations", "operator_registrations_file"];
    list::<queue::Waiting<operator::ForAuthority>>(pages, of, decide)
        .menu(Menu::Operator, 15, "menu-registrations")
        .get("/operator/registrations/{company}/{register}", "operator_registration", decide, operator::look)
        .post("/operator/registrations/{company}/{register}", "registration_decide", decide, operator::decide)
}
