//! The frame of a page behind the front door: who is signed in, for whom, and where that person may go.

use std::sync::Arc;

use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;
use ofd_protocol::types::UnixMillis;
use ofd_storage::accounts::OPERATOR;
use ofd_storage::store::Store;

use super::access::Right;
use super::ask::Ask;
use super::failure::Known;
use super::moment::{day_text, moment_text};
use crate::page::{NavLink, PersonView, Shell, Switch, Visitor};
use crate::site::Site;
use crate::words::Words;

/// The menu of a company's pages: path behind the BIN, text, right.
const COMPANY_MENU: [(&str, &str, Right); 4] = [
    ("", "menu-company", Right::SeeCompany),
    ("/employees", "menu-employees", Right::SeeEmployees),
    ("/banks", "menu-banks", Right::ApplyForBank),
    ("/audit", "menu-audit", Right::SeeAudit),
];

/// The menu of the operator's pages.
const OPERATOR_MENU: [(&str, &str, Right); 4] = [
    ("/operator/companies", "menu-companies", Right::SeeAnyCompany),
    ("/operator/banks", "menu-bank-applications", Right::DecideBanks),
    ("/operator/staff", "menu-staff", Right::ManageStaff),
    ("/operator/audit", "menu-operator-audit", Right::ManageStaff),
];

impl<S: Store> Site<S> {
    /// The texts in the language of who asks.
    pub(crate) fn texts(&self, ask: &Ask) -> Words<'_> {
        self.words(ask.visitor())
    }

    /// The frame of a page that is shown at its own address. Where a POST shows a page again, `at` names the address
    /// whose GET shows it.
    pub(crate) fn frame<'a>(&'a self, ask: &Ask, title: &str, at: &str) -> Shell<'a> {
        let words = self.texts(ask);
        let switch = if at == ask.path() { Switch::Here(at) } else { Switch::To(at) };
        let mut shell = self.shell(ask.visitor(), words.say(title), switch);
        ask.csrf().clone_into(&mut shell.csrf);
        shell.is_landing = ask.path() == "/cabinet";
        shell.person = ask.account().map(|account| {
            let company = ask.acting().map_or(String::new(), |acting| {
                let company = &acting.company.state;
                if company.bin == OPERATOR {
                    self.operator_title(ask.language()).to_owned()
                } else {
                    company.title.clone()
                }
            });
            PersonView { name: account.name.clone(), company, links: menu(ask, &words) }
        });
        shell
    }

    /// A page as an answer.
    pub(crate) fn show(&self, ask: &Ask, status: StatusCode, page: &impl Template) -> Response {
        self.respond(ask.visitor(), status, page)
    }

    /// A page on which something is signed, as an answer.
    pub(crate) fn show_signing(&self, ask: &Ask, status: StatusCode, page: &impl Template) -> Response {
        self.respond_signing(ask.visitor(), status, page)
    }

    /// A page that says one thing and leads on.
    pub(crate) fn say(
        &self,
        ask: &Ask,
        status: StatusCode,
        heading: &str,
        text: String,
        (href, label): (&str, &str),
    ) -> Response {
        let words = self.texts(ask);
        let page = SayPage {
            shell: self.frame(ask, heading, "/cabinet"),
            heading: words.say(heading),
            text,
            href: href.to_owned(),
            label: words.say(label),
        };
        self.show(ask, status, &page)
    }

    /// A page that says why there is no other, to somebody who may be known already.
    pub(super) fn say_to(
        &self,
        visitor: &Visitor,
        known: Option<&Known>,
        status: StatusCode,
        heading: &str,
        text: String,
    ) -> Response {
        let words = self.words(visitor);
        let (href, label) =
            if known.is_some() { ("/cabinet", "menu-mine") } else { ("/login", "door-login") };
        let mut shell = self.shell(visitor, words.say(heading), Switch::To(href));
        if let Some(known) = known {
            shell.csrf.clone_from(&known.csrf);
            let (name, company) = (known.name.clone(), String::new());
            shell.person = Some(PersonView { name, company, links: Vec::new() });
        }
        let (heading, label) = (words.say(heading), words.say(label));
        let page = SayPage { shell, heading, text, href: href.to_owned(), label };
        self.respond(visitor, status, &page)
    }

    /// A moment in the operator's wall time and the language of who asks.
    pub(crate) fn moment(&self, ask: &Ask, at: UnixMillis) -> String {
        moment_text(ask.language(), at, self.config.zone_offset_seconds)
    }

    /// The day of a moment.
    pub(crate) fn day(&self, ask: &Ask, at: UnixMillis) -> String {
        day_text(ask.language(), at, self.config.zone_offset_seconds)
    }
}

#[derive(Template)]
#[template(path = "say.html")]
struct SayPage<'a> {
    shell: Shell<'a>,
    heading: String,
    text: String,
    href: String,
    label: String,
}

fn menu(ask: &Ask, words: &Words<'_>) -> Vec<NavLink> {
    let bin = ask.bin();
    let link = |href: String, label: &str| {
        let is_current = ask.path() == href;
        NavLink { href, label: words.say(label), is_current }
    };
    let allowed = |right: Right| ask.may(right);
    match bin {
        "" => Vec::new(),
        OPERATOR => OPERATOR_MENU
            .iter()
            .filter(|(_, _, right)| allowed(*right))
            .map(|(path, label, _)| link((*path).to_owned(), label))
            .collect(),
        bin => COMPANY_MENU
            .iter()
            .filter(|(_, _, right)| allowed(*right))
            .map(|(path, label, _)| link(format!("/c/{bin}{path}"), label))
            .collect(),
    }
}

/// Keeps a site's type out of handlers' signatures.
pub(crate) type At<S> = Arc<Site<S>>;
