//! Where an invitation's link leads: who invites whom as what, and the way in.
//!
//! The link alone lets in whoever holds it, once: that is what the letter is. Opening it changes nothing, since mail
//! programs open links by themselves.

use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;
use ofd_office::staff::ends::{self, End};
use ofd_office::staff::enter;
use ofd_office::staff::rules::{StaffRefusal, opened};
use ofd_storage::accounts::{
    Account, AccountId, AuditAction, AuditField, AuditSubject, Company, Invitation, OPERATOR, Password,
    SessionMethod, joined,
};

use super::view::{StaffPaths, refusal_text};
use crate::cabinet::{Ask, At, Failure, Form, SessionCookie, begin_session, see_other, with_session};
use crate::page::Shell;
use crate::people::{Created, NewPerson, create_account, list_company, password, passwords};
use crate::sign_in;
use crate::site::Site;
use crate::vocabulary::roles_text;

/// A full name in characters.
const NAME_LEN_MAX: usize = 200;

/// What a link says.
struct Link {
    bin: String,
    id: u32,
    secret: String,
}

impl Link {
    /// From the address, or from the form that carries it on.
    fn of(read: impl Fn(&str) -> String) -> Option<Self> {
        Some(Self { bin: read("c"), id: read("i").parse().ok()?, secret: read("k") })
    }

    fn query(&self) -> String {
        form_urlencoded::Serializer::new(String::new())
            .append_pair("c", &self.bin)
            .append_pair("i", &self.id.to_string())
            .append_pair("k", &self.secret)
            .finish()
    }

    /// The address that shows it.
    fn at(&self) -> String {
        format!("/invitation?{}", self.query())
    }
}

/// What a link leads to.
enum Found {
    /// To an invitation that holds.
    Open(Box<Company>, Box<Invitation>),
    /// To a company where who asks belongs already.
    Member(String),
    /// To one whose time is over.
    Expired,
    /// To one that ended.
    Ended(End),
    Nothing,
}

async fn follow(site: &Site, ask: &Ask, link: &Link) -> Result<Found, Failure> {
    let Some(company) = joined(&site.office.store, &link.bin).await? else { return Ok(Found::Nothing) };
    let company = company.state;
    let is_known = |id: AccountId| company.member(id).is_some();
    if ask.account_id().is_some_and(is_known) {
        return Ok(Found::Member(company.title.clone()));
    }
    match opened(&company, link.id, &link.secret, ask.now()).cloned() {
        Ok(invitation) => Ok(Found::Open(Box::new(company), Box::new(invitation))),
        Err(StaffRefusal::InvitationExpired) => Ok(Found::Expired),
        Err(_) => Ok(ends::of_link(&site.office, &link.secret).await?.map_or(Found::Nothing, Found::Ended)),
    }
}

#[derive(Template)]
#[template(path = "invitation.html")]
struct InvitationPage<'a> {
    shell: Shell<'a>,
    form: Form,
    company: String,
    bin: String,
    by: String,
    roles: String,
    until: String,
    email: String,
    signed: Option<String>,
    login: String,
    link: Link,
}

/// Shows the invitation.
pub(crate) async fn show(site: At, ask: Ask) -> Result<Response, Failure> {
    let Some(link) = Link::of(|name| ask.parameter(name).to_owned()) else {
        return Ok(show_dead(&site, &ask, &Found::Nothing));
    };
    match follow(&site, &ask, &link).await? {
        Found::Open(company, invitation) => {
            Ok(show_open(&site, &ask, (link, *company, *invitation), Form::default()))
        }
        Found::Member(_) => Ok(see_other(&StaffPaths::of(&link.bin).home)),
        dead @ (Found::Expired | Found::Ended(_) | Found::Nothing) => Ok(show_dead(&site, &ask, &dead)),
    }
}

fn show_open(
    site: &Site,
    ask: &Ask,
    (link, company, invitation): (Link, Company, Invitation),
    form: Form,
) -> Response {
    let (words, form) = (site.texts(ask), ask.again(form));
    let next = form_urlencoded::Serializer::new(String::new()).append_pair("next", &link.at()).finish();
    // The language switch keeps what is in the address; after a form was sent the address is put together anew.
    let mut shell = site.frame(ask, "staff-invitation-title", "/invitation");
    shell.is_typed = ask.account().is_none();
    for language in &mut shell.languages {
        language.href = format!("{}&lang={}", link.at(), language.code);
    }
    let page = InvitationPage {
        shell,
        company: words.organisation(&company.title),
        bin: if company.bin == OPERATOR { String::new() } else { company.bin },
        by: invitation.by,
        roles: roles_text(&words, &invitation.roles),
        until: site.moment(ask, invitation.proof.expires_at),
        email: invitation.email,
        signed: ask.account().map(|account| account.name.clone()),
        login: format!("/login?{next}"),
        link,
        form,
    };
    site.show(ask, page.form.status(), &page)
}

/// Says why a link opens nothing, and what to do.
fn show_dead(site: &Site, ask: &Ask, found: &Found) -> Response {
    let words = site.texts(ask);
    let (status, heading, text) = match found {
        Found::Expired => {
            (StatusCode::GONE, "staff-invitation-expired", words.say("staff-invitation-expired-text"))
        }
        Found::Ended(End::Taken) => {
            (StatusCode::GONE, "staff-invitation-taken", words.say("staff-invitation-taken-text"))
        }
        Found::Ended(End::Cancelled) => {
            (StatusCode::GONE, "staff-invitation-cancelled", words.say("staff-invitation-cancelled-text"))
        }
        Found::Open(..) | Found::Member(_) | Found::Nothing => {
            (StatusCode::NOT_FOUND, "staff-invitation-gone", words.say("staff-invitation-gone-text"))
        }
    };
    let on = if ask.account().is_some() { ("/cabinet", "menu-mine") } else { ("/login", "door-login") };
    site.say(ask, status, heading, text, on)
}

/// Takes the invitation: as who is signed in, or with a new account.
pub(crate) async fn join(site: At, ask: Ask) -> Result<Response, Failure> {
    let Some(link) = Link::of(|name| ask.fields().text(name).to_owned()) else {
        return Ok(show_dead(&site, &ask, &Found::Nothing));
    };
    let (company, invitation) = match follow(&site, &ask, &link).await? {
        Found::Open(company, invitation) => (*company, *invitation),
        Found::Member(title) => {
            // An earlier try may have died before the account knew of its company.
            if let Some(account) = ask.account_id() {
                list_company(&site.office, account, (&link.bin, &title)).await?;
            }
            return Ok(see_other(&StaffPaths::of(&link.bin).home));
        }
        dead @ (Found::Expired | Found::Ended(_) | Found::Nothing) => {
            return Ok(show_dead(&site, &ask, &dead));
        }
    };
    let (account, cookie) = match ask.account() {
        Some(account) => (account.clone(), None),
        None => match new_account(&site, &ask, &company, &invitation).await? {
            Ok((account, cookie)) => (account, Some(cookie)),
            Err(form) => return Ok(show_open(&site, &ask, (link, company, invitation), form)),
        },
    };
    match enter(&site.office, ask.by(), (&company, &account), (link.id, &link.secret)).await? {
        Ok(()) => {
            let response = see_other(&format!("{}?done=joined", StaffPaths::of(&link.bin).home));
            Ok(match cookie {
                Some(cookie) => with_session(response, &cookie, site.is_tls()),
                None => response,
            })
        }
        Err(refusal) => {
            let text = refusal_text(&site.texts(&ask), &refusal);
            let on = ("/cabinet", "menu-mine");
            let response = site.say(&ask, StatusCode::CONFLICT, "staff-invitation-gone", text, on);
            Ok(match cookie {
                Some(cookie) => with_session(response, &cookie, site.is_tls()),
                None => response,
            })
        }
    }
}

/// Makes an account for who has no certificate. That the letter was read proves the address.
async fn new_account(
    site: &Site,
    ask: &Ask,
    company: &Company,
    invitation: &Invitation,
) -> Result<Result<(Account, SessionCookie), Form>, Failure> {
    let (words, mut form, fields) = (site.texts(ask), Form::sent(ask.fields()), ask.fields());
    let name = fields.text("name").split_whitespace().collect::<Vec<_>>().join(" ");
    let letters = name.chars().filter(|char| char.is_alphabetic()).count();
    if letters < 2 || name.chars().count() > NAME_LEN_MAX || name.chars().any(char::is_control) {
        form.wrong("name", words.say_count("staff-no-name", u64::try_from(NAME_LEN_MAX).unwrap_or(u64::MAX)));
    }
    let typed = fields.raw("password");
    if let Some(text) = passwords::trouble(&words, typed, &[&invitation.email, &company.bin]) {
        form.wrong("password", text);
    } else if fields.raw("repeat") != typed {
        form.wrong("repeat", words.say("staff-not-the-same"));
    }
    if !fields.is_ticked("agree") {
        form.wrong("agree", words.say("signup-agree-wrong"));
    }
    if !form.is_right() {
        return Ok(Err(form));
    }
    let hash = password::hash(&site.office, ask.ip(), typed).await?;
    let begin = sign_in::begin(&site.office, ask.by(), ask.agent(), SessionMethod::Password);
    let (person, mut cookie) = (NewPerson { iin: None, email: Some(invitation.email.clone()), name }, None);
    let created = create_account(&site.office, ask.by(), person, |account| {
        account.password = Some(Password { hash, since: ask.now(), wrong_in_a_row: 0, locked_until: None });
        cookie = Some(begin_session(account, begin, ask.now()));
        let email = AuditField::Email.change("", &invitation.email).into_iter().collect();
        vec![
            ask.by().entry_of(account, AuditAction::EmailConfirmed, AuditSubject::Account, email),
            ask.by().entry_of(account, AuditAction::PasswordSet, AuditSubject::Account, Vec::new()),
            sign_in::signed_in_row(ask.by(), account, SessionMethod::Password),
        ]
    });
    match (created.await?, cookie) {
        (Created::New(account), Some(cookie)) => Ok(Ok((account.state, cookie))),
        (Created::EmailTaken, _) => {
            form.error = Some(words.say("staff-address-has-account"));
            Ok(Err(form))
        }
        (Created::New(_) | Created::Known(_), _) => Err(Failure::Busy),
    }
}
