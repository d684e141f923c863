//! The address: asking for another, and confirming it by the letter's link or code.
//!
//! Programs of mail servers open links in letters. So opening the link only shows a button; pressing it confirms.

use axum::http::StatusCode;
use axum::response::Response;
use ofd_storage::accounts::{Account, AccountId, AuditAction, AuditField, AuditSubject, PendingEmail};

use super::person::{self, tell_companies};
use super::rules::{self, EmailProof, EmailRefused};
use super::view::{ConfirmPage, EmailPage, frame, tell};
use super::whose::{named, signed};
use crate::cabinet::{Ask, At, Failure, Form, see_other};
use crate::mail::Email;
use crate::people::current::{is_by_certificate, try_current};
use crate::people::proof::{self, Checked, EMAIL_FOR_MS};
use crate::people::{claim_email, letters};
use crate::site::Site;
use crate::words::Words;

pub(super) async fn show(site: At, ask: Ask) -> Result<Response, Failure> {
    let account = &signed(&ask)?.account.state;
    Ok(page(&site, &ask, account, Form::default()))
}

fn page(site: &Site, ask: &Ask, account: &Account, form: Form) -> Response {
    let mut shell = frame(site, ask, "account-email-title", "/account/email");
    shell.is_typed = true;
    let form = ask.again(form);
    let status = form.status();
    let current = account.email.as_ref().map(|email| email.address.clone());
    let asks_current = !ask.signed().is_some_and(is_by_certificate);
    site.show(ask, status, &EmailPage { shell, current, asks_current, form })
}

/// Why no letter went.
enum NoLetter {
    Refused(EmailRefused),
    NotSent(letters::NotSent),
}

impl NoLetter {
    fn text(&self, words: &Words<'_>) -> String {
        match self {
            Self::Refused(EmailRefused::Same) => words.say("account-email-same"),
            Self::Refused(EmailRefused::Wait { seconds }) => words.say_count("account-letter-wait", *seconds),
            Self::NotSent(why) => why.text(words),
        }
    }
}

/// Keeps an address as waiting and writes to it.
async fn write_to(site: &At, ask: &Ask, to: &Email) -> Result<Result<(), NoLetter>, Failure> {
    if !letters::is_on(site) {
        return Ok(Err(NoLetter::NotSent(letters::NotSent::Off)));
    }
    let before = &signed(ask)?.account.state;
    let (proof, link, code) = proof::make(site.office.drawn(), ask.now(), EMAIL_FOR_MS);
    let (kept, refused) = site
        .office
        .change_account(before.id, |account| {
            Ok(match rules::ask_email(account, to.as_str(), proof.clone()) {
                Ok(after) => {
                    let change = AuditField::PendingEmail.change("", to.as_str()).into_iter().collect();
                    (
                        Some((
                            after,
                            vec![ask.by().entry(AuditAction::PersonChanged, AuditSubject::Account, change)],
                        )),
                        None,
                    )
                }
                Err(refused) => (None, Some(refused)),
            })
        })
        .await?;
    if let Some(refused) = refused {
        return Ok(Err(NoLetter::Refused(refused)));
    }
    if !waits(before, to) {
        letters::email_changing(site, &kept.state, site.moment(ask, ask.now()));
    }
    Ok(letters::confirm_email(site, to, &kept.state, &link, &code).await.map_err(NoLetter::NotSent))
}

/// Writes a letter to the new address, which counts once it is confirmed.
pub(super) async fn change(site: At, ask: Ask) -> Result<Response, Failure> {
    let signed = signed(&ask)?;
    let account = &signed.account.state;
    let (words, mut form) = (site.texts(&ask), Form::sent(ask.fields()));
    let to = match Email::parse(ask.fields().text("email")) {
        Ok(to) => to,
        Err(error) => {
            form.wrong("email", letters::email_trouble(&words, error));
            return Ok(page(&site, &ask, account, form));
        }
    };
    // Whoever has the address recovers the password by it.
    if !is_by_certificate(signed) {
        try_current(&site, &ask, &mut form).await?;
    }
    if !form.is_right() {
        return Ok(page(&site, &ask, account, form));
    }
    match write_to(&site, &ask, &to).await? {
        Ok(()) => Ok(see_other("/account?done=letter")),
        // The same form came twice: its letter went.
        Err(NoLetter::Refused(EmailRefused::Wait { .. })) if waits(account, &to) => {
            Ok(see_other("/account?done=letter"))
        }
        Err(why) => {
            form.wrong("email", why.text(&words));
            Ok(page(&site, &ask, account, form))
        }
    }
}

fn waits(account: &Account, to: &Email) -> bool {
    account.pending_email.as_ref().is_some_and(|pending| pending.address == to.as_str())
}

/// Sends the letter once more; else what to say.
pub(crate) async fn letter_again(site: &At, ask: &Ask) -> Result<Result<(), String>, Failure> {
    let account = &signed(ask)?.account.state;
    let pending = account.pending_email.as_ref().and_then(|pending| Email::parse(&pending.address).ok());
    // It was confirmed in another window.
    let Some(to) = pending else { return Ok(Ok(())) };
    Ok(write_to(site, ask, &to).await?.map_err(|why| why.text(&site.texts(ask))))
}

/// The same from the person's own page.
pub(super) async fn again(site: At, ask: Ask) -> Result<Response, Failure> {
    let account = &signed(&ask)?.account.state;
    if account.pending_email.is_none() {
        return Ok(see_other("/account"));
    }
    match letter_again(&site, &ask).await? {
        Ok(()) => Ok(see_other("/account?done=letter")),
        Err(why) => {
            let mut code = Form::default();
            code.error = Some(why);
            Ok(person::page(&site, &ask, account, person::filled(account), code))
        }
    }
}

/// What came of a letter's code.
enum ByCode {
    /// The address is confirmed.
    Confirmed,
    /// Nothing waits to be confirmed: it was, by the link or by the same form before.
    Nothing,
    /// What is wrong with the code, with the account as it is.
    Wrong(String, Box<Account>),
}

async fn by_code(site: &At, ask: &Ask) -> Result<ByCode, Failure> {
    let account = &signed(ask)?.account.state;
    let typed = ask.fields().text("code");
    let (kept, proof) = site
        .office
        .change_account(account.id, |account| {
            let (after, proof) = rules::email_by_code(account, typed, ask.now());
            Ok((after.map(|after| (after, Vec::new())), proof))
        })
        .await?;
    let words = site.texts(ask);
    let wrong = match proof {
        EmailProof::Nothing => return Ok(ByCode::Nothing),
        EmailProof::Good(proven) => match finish(site, ask, account.id, &proven).await? {
            Finished::Confirmed => return Ok(ByCode::Confirmed),
            Finished::Taken => words.say("account-email-taken"),
            Finished::Other => words.say("account-code-wrong"),
        },
        EmailProof::Bad(checked) => code_trouble(&words, checked),
    };
    Ok(ByCode::Wrong(wrong, Box::new(kept.state)))
}

/// Confirms the address by the letter's code that a form of another page brought; else what to say beside the field.
pub(crate) async fn code_by_form(site: &At, ask: &Ask) -> Result<Result<(), String>, Failure> {
    Ok(match by_code(site, ask).await? {
        ByCode::Confirmed | ByCode::Nothing => Ok(()),
        ByCode::Wrong(wrong, _) => Err(wrong),
    })
}

/// Confirms the address by the letter's code, typed by whoever is signed in.
pub(super) async fn code(site: At, ask: Ask) -> Result<Response, Failure> {
    match by_code(&site, &ask).await? {
        ByCode::Nothing => Ok(see_other("/account")),
        ByCode::Confirmed => Ok(see_other("/account?done=confirmed")),
        ByCode::Wrong(wrong, account) => {
            let mut form = Form::sent(ask.fields());
            form.wrong("code", wrong);
            Ok(person::page(&site, &ask, &account, person::filled(&account), form))
        }
    }
}

fn code_trouble(words: &Words<'_>, checked: Checked) -> String {
    words.say(match checked {
        Checked::Good | Checked::Wrong => "account-code-wrong",
        Checked::Expired => "account-code-expired",
        Checked::Spent => "account-code-spent",
    })
}

/// What came of confirming.
enum Finished {
    Confirmed,
    /// Another account has the address.
    Taken,
    /// Another letter counts by now.
    Other,
}

/// Claims a proven address and writes it into the account.
async fn finish(site: &At, ask: &Ask, id: AccountId, proven: &PendingEmail) -> Result<Finished, Failure> {
    if !claim_email(&site.office, ask.by(), &proven.address, id).await? {
        return Ok(Finished::Taken);
    }
    let (kept, former) = site
        .office
        .change_account(id, |account| {
            Ok(match rules::confirm_email(account, proven, ask.now()) {
                Some(after) => {
                    let before = account.email.as_ref().map_or("", |email| &email.address);
                    let now = after.email.as_ref().map_or("", |email| &email.address);
                    let changes = AuditField::Email.change(before, now).into_iter().collect();
                    let row = ask.by().entry_of(
                        account,
                        AuditAction::EmailConfirmed,
                        AuditSubject::Account,
                        changes,
                    );
                    (Some((after, vec![row])), Some(account.clone()))
                }
                None => (None, None),
            })
        })
        .await?;
    let Some(former) = former else { return Ok(Finished::Other) };
    letters::email_changed(site, &former, site.moment(ask, ask.now()));
    tell_companies(site, ask, &kept.state).await?;
    Ok(Finished::Confirmed)
}

/// How the link in a letter stands.
async fn by_link(
    site: &Site,
    ask: &Ask,
    account: &str,
    secret: &str,
) -> Result<(Option<AccountId>, EmailProof), Failure> {
    // Whether there is such an account must not be seen from outside.
    let Some(account) = named(site, account).await? else {
        return Ok((None, EmailProof::Bad(Checked::Wrong)));
    };
    Ok((Some(account.state.id), rules::email_by_link(&account.state, secret, ask.now())))
}

/// Where the letter's link leads: only the button there confirms.
pub(super) async fn confirmation(site: At, ask: Ask) -> Result<Response, Failure> {
    let words = site.texts(&ask);
    if ask.parameter("done") == "yes" {
        let text = words.say("account-confirmed-text");
        let to = ("/login", "door-login");
        return Ok(tell(&site, &ask, StatusCode::OK, "account-confirmed-title", text, to));
    }
    let (account, secret) = (ask.parameter("a"), ask.parameter("k"));
    match by_link(&site, &ask, account, secret).await? {
        (_, EmailProof::Good(pending)) => {
            let page = ConfirmPage {
                shell: frame(&site, &ask, "account-confirm-title", "/confirm-email"),
                address: pending.address,
                account: account.to_owned(),
                secret: secret.to_owned(),
            };
            Ok(site.show(&ask, StatusCode::OK, &page))
        }
        (_, EmailProof::Bad(checked)) => Ok(no_link(&site, &ask, checked == Checked::Expired)),
        (_, EmailProof::Nothing) => Ok(no_link(&site, &ask, false)),
    }
}

/// Confirms the address by the secret of the letter's link, signed in or not.
pub(super) async fn confirm(site: At, ask: Ask) -> Result<Response, Failure> {
    let fields = ask.fields();
    let (id, proof) = by_link(&site, &ask, fields.text("a"), fields.text("k")).await?;
    let (id, proven) = match (id, proof) {
        (Some(id), EmailProof::Good(proven)) => (id, proven),
        (_, EmailProof::Bad(Checked::Expired)) => return Ok(no_link(&site, &ask, true)),
        (_, EmailProof::Good(_) | EmailProof::Bad(_) | EmailProof::Nothing) => {
            return Ok(no_link(&site, &ask, false));
        }
    };
    match finish(&site, &ask, id, &proven).await? {
        Finished::Confirmed if ask.account_id() == Some(id) => Ok(see_other("/account?done=confirmed")),
        Finished::Confirmed => Ok(see_other("/confirm-email?done=yes")),
        Finished::Taken => {
            let text = site.texts(&ask).say("account-email-taken");
            let to = ("/account", "account-title");
            Ok(tell(&site, &ask, StatusCode::CONFLICT, "account-link-title", text, to))
        }
        Finished::Other => Ok(no_link(&site, &ask, false)),
    }
}

fn no_link(site: &Site, ask: &Ask, is_old: bool) -> Response {
    let words = site.texts(ask);
    let text = words.say(if is_old { "account-link-expired" } else { "account-link-wrong" });
    tell(site, ask, StatusCode::GONE, "account-link-title", text, ("/account", "account-title"))
}
