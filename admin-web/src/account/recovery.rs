//! The way back to a forgotten password.
//!
//! Whether there is an account is never told: the answer to a login is the same for all, and comes before anything is
//! looked up, so that not even its time tells.

use axum::http::StatusCode;
use axum::response::Response;
use ofd_storage::accounts::{AuditAction, AuditSubject};

use super::password::check_new;
use super::rules::{self, RecoveryKey};
use super::view::{ForgotPage, RecoverPage, frame, tell};
use super::whose::named;
use crate::cabinet::{Ask, At, Failure, Form, known_as, see_other};
use crate::mail::Email;
use crate::people::password::logins_of;
use crate::people::proof::{self, Checked, RECOVERY_FOR_MS};
use crate::people::{by_login, letters, password};
use crate::site::Site;

pub(super) async fn forgot(site: At, ask: Ask) -> Result<Response, Failure> {
    let form = Form::filled([("login", ask.parameter("login").to_owned())]);
    Ok(forgot_page(&site, &ask, form))
}

fn forgot_page(site: &Site, ask: &Ask, form: Form) -> Response {
    let mut form = ask.again(form);
    if !letters::is_on(site) {
        form.error = Some(letters::NotSent::Off.text(&site.texts(ask)));
    }
    let status = if ask.fields().text("csrf").is_empty() { StatusCode::OK } else { form.status() };
    let mut shell = frame(site, ask, "account-forgot-title", "/forgot");
    shell.is_typed = true;
    let page = ForgotPage { shell, form };
    site.show(ask, status, &page)
}

/// Writes the letter behind the answer, which is the same whether or not there is such an account.
pub(super) async fn ask(site: At, ask: Ask) -> Result<Response, Failure> {
    let login = ask.fields().text("login");
    let mut form = Form::sent(ask.fields());
    if login.is_empty() {
        form.wrong("login", site.texts(&ask).say("account-forgot-empty"));
    }
    if !form.is_right() || !letters::is_on(&site) {
        return Ok(forgot_page(&site, &ask, form));
    }
    let (behind_site, behind_ask) = (At::clone(&site), ask.clone());
    let is_begun = letters::behind(async move {
        if let Err(failure) = write(&behind_site, &behind_ask).await {
            tracing::error!(?failure, "a letter to recover a password was not written");
        }
    });
    if !is_begun {
        return Err(Failure::Busy);
    }
    let text = site.texts(&ask).say("account-forgot-sent");
    Ok(recover_page(&site, &ask, Form::filled([("login", login.to_owned())]), Some(text)))
}

/// Looks an account up and writes to its address, if it has one and was not written to just now.
async fn write(site: &Site, ask: &Ask) -> Result<(), Failure> {
    let Some(account) = by_login(&site.office, ask.fields().text("login")).await? else { return Ok(()) };
    let id = account.state.id;
    let (proof, link, code) = proof::make(site.office.drawn(), ask.now(), RECOVERY_FOR_MS);
    let (kept, is_asked) = site
        .office
        .change_account(id, |account| {
            Ok(match rules::ask_recovery(account, proof.clone()) {
                // Who asks is not known: anybody may type a login.
                Some(after) => {
                    let row = ask.by().entry(AuditAction::RecoveryAsked, AuditSubject::Account, Vec::new());
                    (Some((after, vec![row])), true)
                }
                None => (None, false),
            })
        })
        .await?;
    let to = kept.state.email.as_ref().and_then(|email| Email::parse(&email.address).ok());
    if let (true, Some(to)) = (is_asked, to) {
        // Why it was not sent is in the log already.
        let _ = letters::recover_password(site, &to, &kept.state, &link, &code).await;
    }
    Ok(())
}

/// Where the letter's link leads, and where its code is typed.
pub(super) async fn show(site: At, ask: Ask) -> Result<Response, Failure> {
    let (account, secret) = (ask.parameter("a"), ask.parameter("k"));
    if account.is_empty() {
        return Ok(recover_page(&site, &ask, Form::default(), None));
    }
    // An old link is told before a password is thought up for it.
    let checked = match named(&site, account).await? {
        Some(account) => rules::check_recovery(&account.state, RecoveryKey::Link(secret), ask.now()).1,
        None => None,
    };
    match checked {
        Some(Checked::Good) => {
            let form = Form::filled([("a", account.to_owned()), ("k", secret.to_owned())]);
            Ok(recover_page(&site, &ask, form, None))
        }
        other => Ok(no_link(&site, &ask, other)),
    }
}

fn recover_page(site: &Site, ask: &Ask, form: Form, notice: Option<String>) -> Response {
    let form = ask.again(form);
    let notice = Some(ask.again_value("notice", notice.unwrap_or_default())).filter(|text| !text.is_empty());
    let status = form.status();
    let by_link = !form.value("a").is_empty();
    let mut shell = frame(site, ask, "account-recover-title", "/recover");
    shell.is_typed = true;
    let page = RecoverPage { shell, notice, by_link, form };
    site.show(ask, status, &page)
}

fn no_link(site: &Site, ask: &Ask, checked: Option<Checked>) -> Response {
    let words = site.texts(ask);
    let text = words.say(match checked {
        Some(Checked::Expired) => "account-recover-expired",
        Some(Checked::Good | Checked::Wrong | Checked::Spent) | None => "account-recover-wrong",
    });
    tell(site, ask, StatusCode::GONE, "account-link-title", text, ("/forgot", "account-forgot-again"))
}

/// Sets a new password by the letter's link or code.
pub(super) async fn recover(site: At, ask: Ask) -> Result<Response, Failure> {
    let (fields, words) = (ask.fields(), site.texts(&ask));
    let mut form = Form::sent(fields);
    let new = fields.raw("password");
    let (id, login) = (fields.text("a"), fields.text("login"));
    let key = if id.is_empty() {
        RecoveryKey::Code(fields.text("code"))
    } else {
        RecoveryKey::Link(fields.text("k"))
    };
    check_new(&mut form, &words, (new, fields.raw("repeat")), &[login]);
    if !form.is_right() {
        return Ok(recover_page(&site, &ask, form, None));
    }
    let account = if id.is_empty() { by_login(&site.office, login).await? } else { named(&site, id).await? };
    let (account, checked) = match account {
        Some(account) => {
            let (kept, checked) = site
                .office
                .change_account(account.state.id, |account| {
                    let (after, checked) = rules::check_recovery(account, key, ask.now());
                    Ok((after.map(|after| (after, Vec::new())), checked))
                })
                .await?;
            (Some(kept.state), checked)
        }
        None => (None, None),
    };
    let (Some(account), Some(Checked::Good)) = (account, checked) else {
        return Ok(refused(&site, &ask, form, key, checked));
    };
    check_new(&mut form, &words, (new, new), &logins_of(&account));
    if !form.is_right() {
        return Ok(recover_page(&site, &ask, form, None));
    }
    let hash = password::hash(&site.office, ask.ip(), new).await?;
    let (kept, is_set) = site
        .office
        .change_account(account.id, |account| {
            // The same form came twice, or a newer letter was asked for meanwhile.
            if rules::check_recovery(account, key, ask.now()).1 != Some(Checked::Good) {
                return Ok((None, false));
            }
            let after = rules::set_password(account, hash.clone(), None, ask.now());
            Ok((
                Some((
                    after,
                    vec![ask.by().entry_of(
                        account,
                        AuditAction::PasswordSet,
                        AuditSubject::Account,
                        Vec::new(),
                    )],
                )),
                true,
            ))
        })
        .await?;
    if !is_set {
        return Ok(refused(&site, &ask, form, key, None));
    }
    letters::password_changed(&site, &kept.state, site.moment(&ask, ask.now()));
    // Who read the letter is the person, also where strangers have used up what tries they have.
    site.office.tries.forgive(account.id);
    Ok(known_as(see_other("/login?done=recovered"), account.id))
}

/// One answer to every wrong code: no account, no letter, an old one, another code.
fn refused(
    site: &Site,
    ask: &Ask,
    mut form: Form,
    key: RecoveryKey<'_>,
    checked: Option<Checked>,
) -> Response {
    match key {
        RecoveryKey::Link(_) => no_link(site, ask, checked),
        RecoveryKey::Code(_) => {
            form.wrong("code", site.texts(ask).say("account-recover-code-wrong"));
            recover_page(site, ask, form, None)
        }
    }
}
