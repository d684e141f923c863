//! Setting and changing the password.

use axum::response::Response;
use ofd_storage::accounts::{Account, AuditAction, AuditSubject};

use super::rules::set_password;
use super::view::{PasswordPage, frame};
use super::whose::signed;
use crate::cabinet::{Ask, At, Failure, Form, see_other};
use crate::people::current::{is_by_certificate, try_current};
use crate::people::letters;
use crate::people::password::{self, logins_of};
use crate::people::passwords;
use crate::site::Site;
use crate::words::Words;

pub(super) async fn show(site: At, ask: Ask) -> Result<Response, Failure> {
    page(&site, &ask, Form::default())
}

fn page(site: &Site, ask: &Ask, form: Form) -> Result<Response, Failure> {
    let signed = signed(ask)?;
    let account = &signed.account.state;
    let has_password = account.password.is_some();
    let title = if has_password { "account-password-change" } else { "account-password-set" };
    let form = ask.again(form);
    let status = form.status();
    let page = PasswordPage {
        shell: frame(site, ask, title, "/account/password"),
        title: site.texts(ask).say(title),
        asks_current: !is_by_certificate(signed),
        logins: login_text(account),
        form,
    };
    Ok(site.show(ask, status, &page))
}

/// What the person types as login with this password.
fn login_text(account: &Account) -> String {
    let email = account.email.as_ref().map(|email| email.address.clone());
    let logins: Vec<String> = account.iin.clone().into_iter().chain(email).collect();
    logins.join(", ")
}

/// What is wrong with a new password and its repetition, beside the fields.
pub(super) fn check_new(form: &mut Form, words: &Words<'_>, (new, repeat): (&str, &str), logins: &[&str]) {
    if let Some(text) = passwords::trouble(words, new, logins) {
        form.wrong("password", text);
    } else if new != repeat {
        form.wrong("repeat", words.say("account-password-differs"));
    }
}

/// Sets a password or changes it; whoever signed in without a certificate types the current one as well.
pub(super) async fn change(site: At, ask: Ask) -> Result<Response, Failure> {
    let signed = signed(&ask)?;
    let account = &signed.account.state;
    let (fields, words, mut form) = (ask.fields(), site.texts(&ask), Form::default());
    let new = fields.raw("password");
    check_new(&mut form, &words, (new, fields.raw("repeat")), &logins_of(account));
    // A try at the current one is only spent on a form that is right otherwise.
    if form.is_right() && !is_by_certificate(signed) {
        try_current(&site, &ask, &mut form).await?;
    }
    if !form.is_right() {
        return page(&site, &ask, form);
    }
    let hash = password::hash(&site.office, ask.ip(), new).await?;
    let (kept, ()) = site
        .office
        .change_account(account.id, |account| {
            let after = set_password(account, hash.clone(), Some(&signed.session), ask.now());
            Ok((
                Some((
                    after,
                    vec![ask.by().entry(AuditAction::PasswordSet, AuditSubject::Account, Vec::new())],
                )),
                (),
            ))
        })
        .await?;
    letters::password_changed(&site, &kept.state, site.moment(&ask, ask.now()));
    Ok(see_other("/account/security?done=password"))
}
