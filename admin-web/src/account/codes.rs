//! One-time codes: switching them on and off, and codes for a lost device.

use axum::http::StatusCode;
use axum::response::Response;
use ofd_storage::accounts::{Account, AuditAction, AuditField, AuditSubject};

use super::security;
use super::view::{CodesPage, SetUpPage, SurePage, frame};
use super::whose::signed;
use crate::cabinet::{Ask, At, Failure, Form, see_other, show_lack};
use crate::people::current::{is_by_certificate, is_proven, try_current};
use crate::people::password::Tried;
use crate::people::totp::{self, RecoveryCodes};
use crate::qr::QrPicture;
use crate::site::Site;

const SECURITY: &str = "/account/security";

/// Where the person goes on who is done with codes, or cannot begin.
fn after(ask: &Ask) -> &'static str {
    if ask.lacks().is_some() { "/account/totp" } else { SECURITY }
}

pub(super) async fn show(site: At, ask: Ask) -> Result<Response, Failure> {
    set_up(&site, &ask, Form::default())
}

/// The page that shows the secret; there is none before it was begun, and it is not shown again once it is used.
fn set_up(site: &Site, ask: &Ask, form: Form) -> Result<Response, Failure> {
    let account = &signed(ask)?.account.state;
    let pending = account.totp.as_ref().filter(|totp| totp.since.is_none());
    let Some(totp) = pending else {
        return Ok(match ask.lacks() {
            Some(lack) => show_lack(lack, site, ask, form),
            None => see_other(SECURITY),
        });
    };
    let host = site.config.public_url.split("://").nth(1).unwrap_or_default();
    let email = account.email.as_ref().map(|email| email.address.as_str());
    let login = email.or(account.iin.as_deref()).unwrap_or(&account.name);
    let uri = totp::uri(totp, host, login).unwrap_or_default();
    let form = ask.again(form);
    let status = form.status();
    let page = SetUpPage {
        shell: frame(site, ask, "account-totp-title", "/account/totp"),
        qr: QrPicture::of(&uri),
        secret: totp::secret_text(totp).unwrap_or_default(),
        uri,
        form,
    };
    Ok(site.show(ask, status, &page))
}

/// Draws a secret. It counts for nothing until a code of it was typed.
pub(super) async fn begin(site: At, ask: Ask) -> Result<Response, Failure> {
    let signed = signed(&ask)?;
    let account = &signed.account.state;
    if account.password.is_none() {
        return Ok(see_other("/account/security?done=password-first"));
    }
    if totp::is_on(account) {
        return Ok(see_other(after(&ask)));
    }
    let mut form = Form::default();
    if !is_proven(signed) {
        // Else somebody at a borrowed session would lock its person out of the password.
        try_current(&site, &ask, &mut form).await?;
    }
    if !form.is_right() {
        return match ask.lacks() {
            Some(lack) => Ok(show_lack(lack, &site, &ask, form)),
            None => security::page(&site, &ask, form),
        };
    }
    // Drawn anew each time: a secret that somebody else began and saw must not become the person's.
    let drawn = totp::begin(site.office.drawn());
    site.office
        .change_account(account.id, |account| {
            let may = account.password.is_some() && !totp::is_on(account);
            let after = || Account { totp: Some(drawn.clone()), ..account.clone() };
            Ok((may.then(|| (after(), Vec::new())), ()))
        })
        .await?;
    Ok(see_other("/account/totp"))
}

/// Asks for codes from now on, once the first right one was typed; shows the codes for a lost device, this once.
pub(super) async fn turn_on(site: At, ask: Ask) -> Result<Response, Failure> {
    let signed = signed(&ask)?;
    let account = &signed.account.state;
    if account.totp.as_ref().is_none_or(|totp| totp.since.is_some()) {
        return Ok(see_other(after(&ask)));
    }
    let (typed, drawn) = (ask.fields().text("code"), site.office.drawn());
    let (_, codes) = site
        .office
        .change_account(account.id, |account| {
            let pending = account.totp.as_ref().filter(|totp| totp.since.is_none());
            Ok(match pending.and_then(|pending| totp::turn_on(pending, typed, drawn, ask.now())) {
                Some((totp, codes)) => {
                    let mut after = Account { totp: Some(totp), ..account.clone() };
                    let here = after.sessions.iter_mut().filter(|session| session.id == signed.session);
                    here.for_each(|session| session.is_code_shown = true);
                    (
                        Some((
                            after,
                            vec![ask.by().entry(AuditAction::TotpOn, AuditSubject::Account, Vec::new())],
                        )),
                        Some(codes),
                    )
                }
                None => (None, None),
            })
        })
        .await?;
    match codes {
        Some(codes) => Ok(shown(&site, &ask, "account-totp-is-on", codes)),
        None => {
            let mut form = Form::default();
            form.wrong("code", site.texts(&ask).say("account-totp-wrong"));
            set_up(&site, &ask, form)
        }
    }
}

/// The codes for a lost device: this page shows them, no other ever does.
fn shown(site: &Site, ask: &Ask, title: &str, codes: RecoveryCodes) -> Response {
    let page = CodesPage {
        shell: frame(site, ask, title, SECURITY),
        title: site.texts(ask).say(title),
        site: &site.config.public_url,
        codes: codes.0,
    };
    site.show(ask, StatusCode::OK, &page)
}

/// What the person is about to do, and is asked a code for.
#[derive(Clone, Copy)]
enum Step {
    Off,
    Renew,
}

fn sure(site: &Site, ask: &Ask, step: Step, form: Form) -> Result<Response, Failure> {
    let signed = signed(ask)?;
    if !totp::is_on(&signed.account.state) {
        return Ok(see_other(SECURITY));
    }
    let (title, text, button, action) = match step {
        Step::Off => {
            ("account-totp-off-title", "account-totp-off-text", "account-totp-off", "/account/totp/off")
        }
        Step::Renew => {
            ("account-codes-new-title", "account-codes-new-text", "account-codes-new", "/account/totp/codes")
        }
    };
    let words = site.texts(ask);
    let form = ask.again(form);
    let status = form.status();
    let page = SurePage {
        shell: frame(site, ask, title, action),
        title: words.say(title),
        text: words.say(text),
        button: words.say(button),
        action,
        asks_code: !is_by_certificate(signed),
        form,
    };
    Ok(site.show(ask, status, &page))
}

/// What is wrong with the code that was asked for; nothing where the session itself proves the person.
async fn asked(site: &Site, ask: &Ask) -> Result<Option<Form>, Failure> {
    let signed = signed(ask)?;
    if is_by_certificate(signed) {
        return Ok(None);
    }
    let (words, mut form) = (site.texts(ask), Form::default());
    match totp::attempt(&site.office, ask.by(), signed.account.state.id, ask.fields().text("code"), false)
        .await?
    {
        Tried::Right => return Ok(None),
        Tried::Wrong { left } => form.wrong("code", words.say_count("account-totp-wrong-left", left.into())),
        Tried::Locked { until } => {
            let until = site.moment(ask, until);
            form.wrong("code", words.say_with("account-password-locked", &until));
        }
    }
    Ok(Some(form))
}

pub(super) async fn off(site: At, ask: Ask) -> Result<Response, Failure> {
    sure(&site, &ask, Step::Off, Form::default())
}

/// Asks for codes no more.
pub(super) async fn turn_off(site: At, ask: Ask) -> Result<Response, Failure> {
    let account = &signed(&ask)?.account.state;
    if !totp::is_on(account) {
        return Ok(see_other(SECURITY));
    }
    if let Some(form) = asked(&site, &ask).await? {
        return sure(&site, &ask, Step::Off, form);
    }
    site.office
        .change_account(account.id, |account| {
            let after = || Account { totp: None, ..account.clone() };
            let rows = || vec![ask.by().entry(AuditAction::TotpOff, AuditSubject::Account, Vec::new())];
            Ok((totp::is_on(account).then(|| (after(), rows())), ()))
        })
        .await?;
    Ok(see_other("/account/security?done=totp-off"))
}

pub(super) async fn renewal(site: At, ask: Ask) -> Result<Response, Failure> {
    sure(&site, &ask, Step::Renew, Form::default())
}

/// Gives new codes for a lost device; those of before end.
pub(super) async fn renew(site: At, ask: Ask) -> Result<Response, Failure> {
    let account = &signed(&ask)?.account.state;
    if !totp::is_on(account) {
        return Ok(see_other(SECURITY));
    }
    if let Some(form) = asked(&site, &ask).await? {
        return sure(&site, &ask, Step::Renew, form);
    }
    let drawn = site.office.drawn();
    let (_, codes) = site
        .office
        .change_account(account.id, |account| {
            let Some(totp) = account.totp.as_ref().filter(|totp| totp.since.is_some()) else {
                return Ok((None, None));
            };
            let (totp, codes) = totp::with_new_codes(totp, drawn);
            let after = Account { totp: Some(totp), ..account.clone() };
            let change = AuditField::RecoveryCodes.change("", &codes.0.len().to_string());
            let row = ask.by().entry(
                AuditAction::PersonChanged,
                AuditSubject::Account,
                change.into_iter().collect(),
            );
            Ok((Some((after, vec![row])), Some(codes)))
        })
        .await?;
    match codes {
        Some(codes) => Ok(shown(&site, &ask, "account-codes-title", codes)),
        None => Ok(see_other(SECURITY)),
    }
}
