//! The operator's people see every company: a password alone, which can be guessed, overheard or used elsewhere, is not
//! enough for them. A certificate is; a password is with a one-time code. Whoever has not switched codes on gets to the
//! page that does, and to nothing else.

use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;
use ofd_storage::accounts::{Account, OPERATOR, Session, SessionMethod, joined};

use super::ask::Ask;
use super::failure::Failure;
use super::form::Form;
use super::known::Known;
use crate::page::{PersonView, Shell, Switch, Visitor};
use crate::people::totp;
use crate::site::Site;

/// What a session of the operator's people lacks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lack {
    /// The account has no one-time codes.
    Codes,
    /// It has, and none was shown in this session: it began before they were switched on.
    Shown,
}

/// What keeps a session from all but the way to one-time codes. Blocked people of the operator may nothing for it, so
/// that for their own companies they are as all others.
pub(super) async fn lack(site: &Site, account: &Account, session: &Session) -> Result<Option<Lack>, Failure> {
    let suffices = match session.method {
        SessionMethod::Certificate => true,
        SessionMethod::Password => session.is_code_shown && totp::is_on(account),
    };
    if suffices || !site.config.people.staff_second_factor {
        return Ok(None);
    }
    let operator = joined(&site.store, OPERATOR).await?;
    let member = operator.as_ref().and_then(|operator| operator.state.member(account.id));
    if !member.is_some_and(|member| member.block.is_none() && !member.roles.is_empty()) {
        return Ok(None);
    }
    Ok(Some(if totp::is_on(account) { Lack::Shown } else { Lack::Codes }))
}

#[derive(Template)]
#[template(path = "second_factor.html")]
struct SecondFactorPage<'a> {
    shell: Shell<'a>,
    may_enrol: bool,
    form: Form,
}

impl Lack {
    fn page(
        self,
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
        let may_enrol = self == Self::Codes;
        site.respond(visitor, status, &SecondFactorPage { shell, may_enrol, form })
    }

    /// The page instead of the one that was asked for.
    pub(super) fn answer(self, site: &Site, visitor: &Visitor, known: Option<&Known>) -> Response {
        let nobody = Known::new(String::new(), String::new());
        self.page(site, visitor, known.unwrap_or(&nobody), (StatusCode::FORBIDDEN, Form::default()))
    }

    /// The same page at its own address, with what is wrong with its form.
    pub(crate) fn show(self, site: &Site, ask: &Ask, form: Form) -> Response {
        let name = ask.account().map_or_else(String::new, |account| account.name.clone());
        let known = Known::new(name, ask.csrf().to_owned());
        ask.shown_at("/account/totp");
        let form = ask.again(form);
        self.page(site, ask.visitor(), &known, (form.status(), form))
    }
}
