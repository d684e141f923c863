//! The page by which the address of a company is confirmed: a letter goes there, and its code is typed here.

use askama::Template;
use axum::response::Response;
use ofd_office::company::email::{LetterRefused, ask as ask_letter, by_code, pending, unconfirmed};
use ofd_storage::accounts::{AuditAction, AuditField, AuditSubject, Company};

use crate::cabinet::editor::Owner;
use crate::cabinet::{Ask, At, Failure, Form, see_other};
use crate::company::owner::OfCompany;
use crate::mail::Email;
use crate::page::Shell;
use crate::people::letters::{self, NotSent};
use crate::people::proof::{self, Checked, EMAIL_FOR_MS};

#[derive(Template)]
#[template(path = "company_email.html")]
struct EmailPage<'a> {
    shell: Shell<'a>,
    back: String,
    path: String,
    notice: Option<String>,
    address: String,
    /// A letter went, and its code is waited for.
    is_waited: bool,
    /// The code as it was typed.
    form: Form,
}

/// Where the page is.
pub(super) const EMAIL: &str = "/c/{bin}/contacts/email";

fn path(ask: &Ask) -> String {
    format!("/c/{}/contacts/email", ask.bin())
}

fn home(ask: &Ask) -> Response {
    see_other(&OfCompany::home(ask))
}

fn page(site: &At, ask: &Ask, company: &Company, form: Form) -> Response {
    // It was confirmed in another window, or is another one.
    let Some(address) = unconfirmed(company) else { return home(ask) };
    let (words, at) = (site.texts(ask), path(ask));
    let is_waited = pending(company).is_some();
    let mut shell = site.frame(ask, "company-email-title", &at);
    shell.is_typed = is_waited;
    let form = ask.again(form);
    let notice = (ask.parameter("done") == "letter").then(|| words.say("company-email-done-letter"));
    let status = form.status();
    let (address, back) = (address.to_owned(), OfCompany::home(ask));
    site.show(ask, status, &EmailPage { shell, back, path: at, notice, address, is_waited, form })
}

pub(super) async fn show(site: At, ask: Ask) -> Result<Response, Failure> {
    Ok(page(&site, &ask, OfCompany::of(&ask)?, Form::default()))
}

/// Writes the letter with the code. What went wrong is said, and the address stays as it is.
pub(super) async fn letter(site: At, ask: Ask) -> Result<Response, Failure> {
    let company = OfCompany::of(&ask)?;
    let words = site.texts(&ask);
    let refused = |company: &Company, why: String| {
        let mut form = Form::default();
        form.error = Some(why);
        Ok(page(&site, &ask, company, form))
    };
    if !letters::is_on(&site) {
        return refused(company, NotSent::Off.text(&words));
    }
    let (proof, _, code) = proof::make(site.office.drawn(), ask.now(), EMAIL_FOR_MS);
    let (kept, asked) = site
        .office
        .change_company(ask.bin(), |company| {
            Ok(match ask_letter(company, proof.clone()) {
                Ok(after) => {
                    let change = AuditField::PendingEmail.change("", &company.profile.email);
                    let changes = change.into_iter().collect();
                    let row = ask.by().entry(AuditAction::ProfileChanged, AuditSubject::Company, changes);
                    (Some((after, vec![row])), Ok(()))
                }
                Err(refused) => (None, Err(refused)),
            })
        })
        .await?;
    let done = || Ok(see_other(&format!("{}?done=letter", path(&ask))));
    match asked {
        Ok(()) => {}
        Err(LetterRefused::Nothing) => return Ok(home(&ask)),
        // The same form came twice: its letter went.
        Err(LetterRefused::Wait(_)) if pending(&kept.state).is_some() && pending(company).is_none() => {
            return done();
        }
        Err(LetterRefused::Wait(seconds)) => {
            return refused(&kept.state, words.say_count("account-letter-wait", seconds));
        }
    }
    let Ok(to) = Email::parse(&kept.state.profile.email) else {
        return refused(&kept.state, NotSent::Address.text(&words));
    };
    let title = words.organisation(&kept.state.title);
    match letters::confirm_company_email(&site, &to, (&words, &title), &code).await {
        Ok(()) => done(),
        Err(why) => refused(&kept.state, why.text(&words)),
    }
}

/// Confirms the address by the letter's code.
pub(super) async fn code(site: At, ask: Ask) -> Result<Response, Failure> {
    let typed = ask.fields().text("code");
    let (kept, checked) = site
        .office
        .change_company(ask.bin(), |company| {
            let Some((after, checked)) = by_code(company, typed, ask.now()) else { return Ok((None, None)) };
            let change = AuditField::Email.change("", &company.profile.email);
            let confirmed = (checked == Checked::Good).then(|| {
                let changes = change.into_iter().collect();
                ask.by().entry(AuditAction::CompanyEmailConfirmed, AuditSubject::Company, changes)
            });
            Ok((after.map(|after| (after, confirmed.into_iter().collect())), Some(checked)))
        })
        .await?;
    let wrong = match checked {
        None => return Ok(home(&ask)),
        Some(Checked::Good) => {
            return Ok(see_other(&format!("{}?done=email-confirmed", OfCompany::home(&ask))));
        }
        Some(Checked::Wrong) => "account-code-wrong",
        Some(Checked::Expired) => "account-code-expired",
        Some(Checked::Spent) => "account-code-spent",
    };
    let mut form = Form::sent(ask.fields());
    form.wrong("code", site.texts(&ask).say(wrong));
    Ok(page(&site, &ask, &kept.state, form))
}
