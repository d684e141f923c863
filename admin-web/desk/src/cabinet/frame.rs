//! The frame of a page behind the front door: who is signed in, for whom, and where that person may go.

use std::sync::Arc;

use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;
use ofd_office::people::acting::Acting;
use ofd_office::rights::Right;
use ofd_protocol::types::UnixMillis;
use ofd_storage::accounts::OPERATOR;

use super::ask::Ask;
use super::known::Known;
use super::moment::{day_text, moment_text};
use crate::page::{NavLink, PersonView, Shell, Switch, Visitor};
use crate::routes::{Listed, Menu};
use crate::site::Site;
use crate::words::Words;

impl Site {
    /// The texts in the language of who asks.
    pub fn texts(&self, ask: &Ask) -> Words<'_> {
        self.words(ask.visitor())
    }

    /// The frame of a page that is shown at its own address. Where a POST shows a page again, `at` names the address
    /// whose GET shows it.
    pub fn frame<'a>(&'a self, ask: &Ask, title: &str, at: &str) -> Shell<'a> {
        let words = self.texts(ask);
        let switch = if at == ask.path() { Switch::Here(at) } else { Switch::To(at) };
        // A page that is called by what it shows has no title in its declaration.
        let title = if title.is_empty() { String::new() } else { words.say(title) };
        let mut shell = self.shell(ask.visitor(), title, switch);
        ask.csrf().clone_into(&mut shell.csrf);
        ask.shown_at(at);
        ask.path().clone_into(&mut shell.at);
        shell.banner = ask.acting().and_then(|acting| self.banner(ask.by(), acting, ask.path()));
        shell.returned = ask.is_after_end().then(|| words.say("form-returned"));
        shell.person = ask.account().map(|account| {
            let acting = ask.acting();
            let company = acting.map_or_else(String::new, |acting| self.title_of(ask.visitor(), acting));
            let links = self.menu(&words, (ask.bin(), ask.path()), |right| ask.may(right));
            PersonView { name: account.name.clone(), company, links }
        });
        shell
    }

    /// The frame of the page that is asked for, as its declaration has its title.
    pub fn page<'a>(&'a self, ask: &Ask) -> Shell<'a> {
        self.frame(ask, ask.route().title, &ask.page())
    }

    /// The frame of a page with a form that people type into: its language switch keeps what was typed. The form's id is
    /// `typed`.
    pub fn form_frame<'a>(&'a self, ask: &Ask, title: &str, at: &str) -> Shell<'a> {
        let mut shell = self.frame(ask, title, at);
        shell.is_typed = true;
        shell
    }

    /// What the company is called in the frame for which a person acts.
    pub fn title_of(&self, visitor: &Visitor, acting: &Acting) -> String {
        if acting.is_of_operator() {
            self.operator_title(visitor.language).to_owned()
        } else {
            self.words(visitor).organisation(acting.title())
        }
    }

    /// The menu of the pages of a company, or of the operator, for who may what there.
    pub fn menu(
        &self,
        words: &Words<'_>,
        (bin, path): (&str, &str),
        allowed: impl Fn(Right) -> bool,
    ) -> Vec<NavLink> {
        let (menus, menu) = match bin {
            "" => return Vec::new(),
            OPERATOR => (self.menus(), Menu::Operator),
            _ => (self.menus(), Menu::Member),
        };
        let link = |page: &Listed<Right>| NavLink::to(page.href(bin), words.say(page.text()));
        let mut links: Vec<NavLink> = menus.open(menu, allowed).map(link).collect();
        NavLink::mark(&mut links, &menus.place_of(menu, path, bin));
        links
    }

    /// A page as an answer.
    pub fn show(&self, ask: &Ask, status: StatusCode, page: &impl Template) -> Response {
        self.respond(ask.visitor(), status, page)
    }

    /// A page on which something is signed, as an answer.
    pub fn show_signing(&self, ask: &Ask, status: StatusCode, page: &impl Template) -> Response {
        self.respond_signing(ask.visitor(), status, page)
    }

    /// A page that shows a paper, as an answer; `signs` where it is signed there.
    pub fn show_paper(&self, ask: &Ask, status: StatusCode, page: &impl Template, signs: bool) -> Response {
        self.respond_paper(ask.visitor(), status, page, signs)
    }

    /// A page that says one thing and leads on.
    pub fn say(
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
    pub fn say_to(
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
            shell.person = Some(known.view());
        }
        let (heading, label) = (words.say(heading), words.say(label));
        let page = SayPage { shell, heading, text, href: href.to_owned(), label };
        self.respond(visitor, status, &page)
    }

    /// A moment in the operator's wall time and the language of who asks.
    pub fn moment(&self, ask: &Ask, at: UnixMillis) -> String {
        moment_text(ask.language(), at, self.config.zone_offset_seconds)
    }

    /// The day of a moment.
    pub fn day(&self, ask: &Ask, at: UnixMillis) -> String {
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

/// Keeps a site's type out of handlers' signatures.
pub type At = Arc<Site>;
