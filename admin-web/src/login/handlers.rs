//! The pages of signing in and out.

use askama::Template;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use ofd_storage::accounts::{Account, AccountId, AuditAction, AuditSubject, PASSWORD_WRONG_MAX};
use serde::{Deserialize, Serialize};

use crate::cabinet::{Ask, At, Failure, Form, end_sessions, see_other, without_session};
use crate::page::Shell;
use crate::people::password::Tried;
use crate::people::sealed::{SealKind, open, seal, session_binding};
use crate::people::{appoint_first_administrator, by_login_alike, email_key, opened_by, password, totp};
use crate::sign_in::{
    Challenge, LANDING, Refused, RightPassword, Signing, Try, Who, by_certificate, by_password, check, go_on,
    landing, next_path, note_wrong, sign_in_refusal_text, signing,
};
use crate::signup::{self, way_on};
use crate::site::Site;

/// From the password to the one-time code: time to find the phone.
const CODE_WITHIN_MS: u64 = 5 * 60 * 1000;

#[derive(Template)]
#[template(path = "login.html")]
struct LoginPage<'a> {
    shell: Shell<'a>,
    notice: Option<String>,
    /// It tells of a success.
    is_good: bool,
    /// Where to go on afterwards.
    next: String,
    signing: Signing,
    /// What is wrong with the signature.
    signed: Form,
    form: Form,
}

/// What was tried on the page, where it was in vain.
#[derive(Default)]
struct Tries {
    signed: Form,
    form: Form,
    notice: Option<String>,
}

async fn page(site: &At, ask: &Ask, next: &str, tries: Tries) -> Result<Response, Failure> {
    let mut shell = site.form_frame(ask, "login-title", "/login");
    shell.has_script = true;
    let Tries { signed, form, notice } = tries;
    let (signed, form) = (ask.again_in("signed", signed), ask.again(form));
    let next = ask.again_value("next", next.to_owned());
    let status = if signed.is_right() { form.status() } else { signed.status() };
    let signing = signing(site, ask, "/login/certificate", &next).await?;
    let is_good = matches!(ask.parameter("done"), "signed-out" | "recovered");
    let page = LoginPage { shell, notice, is_good, next, signing, signed, form };
    Ok(site.show_signing(ask, status, &page))
}

pub(crate) async fn show(site: At, ask: Ask) -> Result<Response, Failure> {
    let next = next_path(ask.parameter("next"));
    if ask.signed().is_some() {
        return Ok(see_other(next));
    }
    let words = site.texts(&ask);
    let notice = match ask.parameter("done") {
        "signed-out" => Some(words.say("login-done-signed-out")),
        "known" => Some(words.say("login-done-known")),
        "recovered" => Some(words.say("login-done-recovered")),
        "ended" => Some(words.say("login-done-ended")),
        "kept" => Some(words.say("login-done-kept")),
        "lost" => Some(words.say("login-done-lost")),
        _ => None,
    };
    page(&site, &ask, next, Tries { notice, ..Tries::default() }).await
}

/// Signs in whose certificate it is; somebody who has no account yet is led to making one.
pub(crate) async fn certificate(site: At, ask: Ask) -> Result<Response, Failure> {
    let next = next_path(ask.fields().text("next")).to_owned();
    let refused = |key: &str| Form::refused(site.texts(&ask).say(key));
    let proven = match check(&site, &ask).await? {
        Ok(proven) => proven,
        Err(refusal) => {
            let signed = refused(sign_in_refusal_text(refusal));
            return page(&site, &ask, &next, Tries { signed, ..Tries::default() }).await;
        }
    };
    let Some(account) = opened_by(&site.office, &proven.iin).await? else {
        return signup::begin(&site, &ask, &proven, &next).await;
    };
    let (account, cookie) =
        match by_certificate(&site.office, (ask.by(), ask.agent()), account.state.id, &proven).await? {
            Ok(begun) => begun,
            Err(refusal) => {
                let signed = refused(sign_in_refusal_text(refusal));
                return page(&site, &ask, &next, Tries { signed, ..Tries::default() }).await;
            }
        };
    site.office.tries.forgive(account.state.id);
    appoint_first_administrator(&site.office, ask.by(), &account.state).await?;
    let path = way_on(&site, &ask, &account.state, &proven, &session_binding(&cookie.id)).await?;
    let path = match path.filter(|_| next == LANDING) {
        Some(path) => path,
        None => landing(&site.office.store, account.state.id, &next).await?,
    };
    Ok(go_on(&site, &cookie, &path))
}

/// What is known once the password was right.
#[derive(Serialize, Deserialize)]
struct PasswordRight {
    account: AccountId,
    judged: RightPassword,
    next: String,
}

/// As whom a browser tries a password, by the login that was typed.
async fn who(site: &Site, ask: &Ask, login: &str, account: Option<&Account>) -> Result<Who, Failure> {
    let known = account.and_then(|account| Some((account.id, ask.device_of(account.id)?)));
    if let Some((account, name)) = known {
        return Ok(Who::Device { account, name: name.to_owned() });
    }
    let login = site.office.key().await?.mark("login", &[&email_key(login)]);
    Ok(Who::Stranger { login, address: ask.ip() })
}

pub(crate) async fn password(site: At, ask: Ask) -> Result<Response, Failure> {
    let fields = ask.fields();
    let (login, next) = (fields.text("login"), next_path(fields.text("next")).to_owned());
    let account = by_login_alike(&site.office, login).await?;
    let account = account.as_ref().map(|account| &account.state);
    let who = who(&site, &ask, login, account).await?;
    let trying = match site.office.tries.begin(who, ask.now()) {
        Ok(trying) => trying,
        Err(refused) => return not_judged(&site, &ask, &next, refused).await,
    };
    let kept = account.and_then(|account| account.password.as_ref()).map(|password| password.hash.as_str());
    let is_right = password::verify(site.office.work(), ask.ip(), kept, fields.raw("password")).await?;
    let (Some(account), Some(kept), true) = (account, kept, is_right) else {
        let whose = account.filter(|_| kept.is_some());
        return wrong(&site, &ask, &next, (whose, trying)).await;
    };
    let judged = RightPassword::new(kept);
    if totp::is_on(account) {
        // A right password alone sets nothing back: else each would buy more guesses at the code.
        drop(trying);
        let right = PasswordRight { account: account.id, judged, next };
        let until = ofd_protocol::types::UnixMillis(ask.now().0.saturating_add(CODE_WITHIN_MS));
        let sealed = seal(&site.office.key().await?, SealKind::PasswordRight, &ask.binding(), until, &right);
        let query = form_urlencoded::Serializer::new(String::new()).append_pair("s", &sealed).finish();
        return Ok(see_other(&format!("/login/code?{query}")));
    }
    match by_password(&site.office, (ask.by(), ask.agent()), account.id, &judged).await? {
        Some(cookie) => {
            trying.right();
            let path = landing(&site.office.store, account.id, &next).await?;
            Ok(go_on(&site, &cookie, &path))
        }
        None => wrong(&site, &ask, &next, (Some(account), trying)).await,
    }
}

/// The page after a password that is wrong: the same for a login that nobody has.
async fn wrong(
    site: &At,
    ask: &Ask,
    next: &str,
    (whose, trying): (Option<&Account>, Try),
) -> Result<Response, Failure> {
    let locked = trying.wrong();
    if let Some(account) = whose {
        note_wrong(site, ask, account.id, locked.is_some());
    }
    if let Some(until) = locked {
        return not_judged(site, ask, next, Refused::Locked { until }).await;
    }
    let mut form = Form::sent(ask.fields());
    form.error = Some(site.texts(ask).say_count("login-password-wrong", PASSWORD_WRONG_MAX.into()));
    page(site, ask, next, Tries { form, ..Tries::default() }).await
}

/// What is said instead of judging a password, right ones included: until when, and what helps.
fn refusal_text(site: &Site, ask: &Ask, refused: Refused) -> Result<String, Failure> {
    let (key, until) = match refused {
        Refused::Locked { until } => ("login-password-locked", until),
        Refused::Address { until } => ("login-address-locked", until),
        Refused::Busy => return Err(Failure::Busy),
    };
    Ok(site.texts(ask).say_with(key, &site.moment(ask, until)))
}

async fn not_judged(site: &At, ask: &Ask, next: &str, refused: Refused) -> Result<Response, Failure> {
    let mut form = Form::sent(ask.fields());
    form.error = Some(refusal_text(site, ask, refused)?);
    let mut response = page(site, ask, next, Tries { form, ..Tries::default() }).await?;
    if let Refused::Address { until } = refused {
        let seconds = until.since(ask.now()).div_ceil(1000);
        *response.status_mut() = StatusCode::TOO_MANY_REQUESTS;
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    Ok(response)
}

#[derive(Template)]
#[template(path = "login_code.html")]
struct CodePage<'a> {
    shell: Shell<'a>,
    sealed: String,
    form: Form,
}

fn code_page(site: &At, ask: &Ask, sealed: &str, form: Form) -> Response {
    let (form, sealed) = (ask.again(form), &ask.again_value("s", sealed.to_owned()));
    let status = form.status();
    let shell = site.frame(ask, "login-code-title", "/login/code");
    site.show(ask, status, &CodePage { shell, sealed: sealed.to_owned(), form })
}

pub(crate) async fn show_code(site: At, ask: Ask) -> Result<Response, Failure> {
    let sealed = ask.parameter("s");
    let right = open::<PasswordRight>(
        &site.office.key().await?,
        SealKind::PasswordRight,
        &ask.binding(),
        ask.now(),
        sealed,
    );
    match right {
        Ok(_) => Ok(code_page(&site, &ask, sealed, Form::default())),
        Err(_) => Ok(see_other("/login")),
    }
}

/// The second step after a right password: a one-time code, or one for a lost device.
pub(crate) async fn code(site: At, ask: Ask) -> Result<Response, Failure> {
    let sealed = ask.fields().text("s");
    let right: Result<PasswordRight, _> =
        open(&site.office.key().await?, SealKind::PasswordRight, &ask.binding(), ask.now(), sealed);
    let Ok(right) = right else { return Ok(see_other("/login")) };
    let mut form = Form::default();
    // In a browser that is known here, whoever else has the password uses up none of the tries.
    let device = ask.device_of(right.account).map(str::to_owned);
    let trying = match device {
        Some(name) => {
            match site.office.tries.begin(Who::Device { account: right.account, name }, ask.now()) {
                Ok(trying) => Some(trying),
                Err(refused) => {
                    form.error = Some(refusal_text(&site, &ask, refused)?);
                    return Ok(code_page(&site, &ask, sealed, form));
                }
            }
        }
        None => None,
    };
    let code = ask.fields().text("code");
    let locked = match totp::attempt(&site.office, ask.by(), right.account, code, trying.is_some()).await? {
        Tried::Right => {
            let judged = right.judged.with_code();
            let Some(cookie) =
                by_password(&site.office, (ask.by(), ask.agent()), right.account, &judged).await?
            else {
                return Ok(see_other("/login"));
            };
            trying.into_iter().for_each(Try::right);
            let path = landing(&site.office.store, right.account, next_path(&right.next)).await?;
            return Ok(go_on(&site, &cookie, &path));
        }
        Tried::Wrong { .. } => trying.and_then(Try::wrong),
        Tried::Locked { until } => Some(until),
    };
    match locked {
        Some(until) => form.error = Some(refusal_text(&site, &ask, Refused::Locked { until })?),
        None => form.wrong("code", site.texts(&ask).say("login-code-wrong")),
    }
    Ok(code_page(&site, &ask, sealed, form))
}

pub(crate) async fn sign_out(site: At, ask: Ask) -> Result<Response, Failure> {
    if let Some(signed) = ask.signed() {
        site.office
            .change_account(signed.account.state.id, |account| {
                let mut changed = account.clone();
                end_sessions(&mut changed, |session| session.id == signed.session);
                let audit = vec![ask.by().entry(AuditAction::SignedOut, AuditSubject::Account, Vec::new())];
                Ok(((changed != *account).then_some((changed, audit)), ()))
            })
            .await?;
    }
    Ok(without_session(see_other("/login?done=signed-out"), site.is_tls()))
}

/// `GET /login/challenge`: the text to sign, for whoever signs with another program.
pub(crate) async fn challenge(site: At, ask: Ask) -> Result<Response, Failure> {
    let sealed = ask.parameter("c");
    let challenge =
        open::<Challenge>(&site.office.key().await?, SealKind::Challenge, &ask.binding(), ask.now(), sealed);
    let challenge = challenge.map_err(|_| Failure::NotFound)?;
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8")),
        (header::CONTENT_DISPOSITION, HeaderValue::from_static("attachment; filename=\"ofd-sign-in.txt\"")),
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        // Long enough for a visit, short enough that a new version of the site soon speaks to its own script.
        (header::CACHE_CONTROL, HeaderValue::from_static("private, max-age=300")),
    ];
    Ok((StatusCode::OK, headers, challenge.text(&site.config.public_url)).into_response())
}
