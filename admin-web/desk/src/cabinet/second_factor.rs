//! The operator's people see every company: a password alone, which can be guessed, overheard or used elsewhere, is not
//! enough for them. A certificate is; a password is with a one-time code. Whoever has not switched codes on gets to the
//! page that does, and to nothing else.

use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;
use ofd_office::people::second_factor::Lack;

use super::ask::Ask;
use super::form::Form;
use super::known::Known;
use crate::page::{PersonView, Shell, Switch, Visitor};
use crate::site::Site;

#[derive(Template)]
#[template(path = "second_factor.html")]
struct SecondFactorPage<'a> {
    shell: Shell<'a>,
    may_enrol: bool,
    form: Form,
}

fn page(
    lack: Lack,
    site: &Site,
    visitor: &Visitor,
    known: &Known,
    (status, form): (StatusCode, Form),
) -> Response {
    let title = site.words(visitor).say("second-factor-title");
    let mut shell = site.shell(visitor, title, Switch::To("/account/totp"));
    shell.csrf.clone_from(&known.csrf);
    let (name, company) = (known.name.clone(), String::new());
    shell.person = Some(PersonView { name, company, links: Vec::new() });
    let may_enrol = lack == Lack::Codes;
    site.respond(visitor, status, &SecondFactorPage { shell, may_enrol, form })
}

/// The page instead of the one that was asked for.
pub(super) fn answer(lack: Lack, site: &Site, visitor: &Visitor, known: Option<&Known>) -> Response {
    let nobody = Known::new(String::new(), String::new());
    page(lack, site, visitor, known.unwrap_or(&nobody), (StatusCode::FORBIDDEN, Form::default()))
}

/// The same page at its own address, with what is wrong with its form.
pub fn show_lack(lack: Lack, site: &Site, ask: &Ask, form: Form) -> Response {
    let name = ask.account().map_or_else(String::new, |account| account.name.clone());
    let known = Known::new(name, ask.csrf().to_owned());
    ask.shown_at("/account/totp");
    let form = ask.again(form);
    page(lack, site, ask.visitor(), &known, (form.status(), form))
}
