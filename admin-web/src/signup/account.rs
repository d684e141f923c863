//! The first two steps: the signature, and the account.

use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;
use ofd_protocol::types::UnixMillis;
use ofd_storage::accounts::{Account, AuditAction, AuditSubject, Password, PendingEmail, SessionMethod};

use super::rules::{AccountInput, AccountWrong, read_account};
use super::steps::{Step, StepView, steps};
use super::{company_path, way_on};
use crate::cabinet::{Ask, At, Failure, Form, SessionCookie, begin_session, see_other};
use crate::page::Shell;
use crate::people::passwords::broken_text;
use crate::people::sealed::{SealKind, open, seal, session_binding};
use crate::people::{
    Created, NewPerson, appoint_first_administrator, create_account, letters, password, proof,
};
use crate::sign_in::{
    self, LANDING, Proven, Signing, Standing, Use, go_on, next_path, signed_in_row, signing, use_challenge,
};
use crate::site::Site;

/// What a certificate proved is believed for so long: time to fill in the form.
const PROVEN_FOR_MS: u64 = 15 * 60 * 1000;

/// How the address of an invitation begins: who is on the way there needs not be told to ask for one.
const INVITATION: &str = "/invitation?";

#[derive(Template)]
#[template(path = "signup.html")]
struct StartPage<'a> {
    shell: Shell<'a>,
    steps: Vec<StepView>,
    notice: Option<String>,
    signing: Signing,
    signed: Form,
}

pub(super) async fn show(site: At, ask: Ask) -> Result<Response, Failure> {
    if ask.signed().is_some() {
        return Ok(see_other("/cabinet/add"));
    }
    // The way from a certificate that nobody has an account by leads here, with what it proved.
    let sealed = ask.parameter("proof");
    if !sealed.is_empty() {
        let proven: Result<Proven, _> =
            open(&site.office.key().await?, SealKind::Proven, &ask.binding(), ask.now(), sealed);
        let Ok(proven) = proven else { return Ok(see_other("/sign-up?done=late")) };
        let carried = (sealed.to_owned(), next_path(ask.parameter("next")).to_owned());
        return Ok(account_page(&site, &ask, proven, carried, (None, Form::default())));
    }
    let notice = match ask.parameter("done") {
        "late" => Some(site.texts(&ask).say("signup-late")),
        _ => None,
    };
    let mut shell = site.frame(&ask, "signup-title", "/sign-up");
    shell.has_script = true;
    let mut signing = signing(&site, &ask, "/login/certificate", next_path(ask.parameter("next"))).await?;
    signing.hidden.push(("sign_up", "yes".to_owned()));
    let steps = steps(&shell, Step::Signature);
    let page = StartPage { shell, steps, notice, signing, signed: Form::default() };
    Ok(site.show_signing(&ask, StatusCode::OK, &page))
}

#[derive(Template)]
#[template(path = "signup_account.html")]
struct AccountPage<'a> {
    shell: Shell<'a>,
    steps: Vec<StepView>,
    /// Said to somebody who wanted to sign in.
    notice: Option<String>,
    /// Who presented what.
    banner: String,
    proven: Proven,
    bin: String,
    organisation: String,
    sealed: String,
    next: String,
    /// The person may sign up as an individual entrepreneur.
    may_trade: bool,
    form: Form,
}

fn account_page(
    site: &At,
    ask: &Ask,
    proven: Proven,
    (sealed, next): (String, String),
    (notice, form): (Option<String>, Form),
) -> Response {
    let (form, sealed) = (ask.again(form), ask.again_value("proof", sealed));
    let next = ask.again_value("next", next);
    let notice = Some(ask.again_value("notice", notice.unwrap_or_default())).filter(|text| !text.is_empty());
    let shell = site.form_frame(ask, "signup-title", "/sign-up");
    let steps = steps(&shell, Step::Account);
    let banner = match proven.standing {
        Standing::Person => shell.say("signup-banner-person"),
        Standing::Head => shell.say("signup-banner-head"),
        Standing::Signatory => shell.say("signup-banner-signatory"),
        Standing::Employee if next.starts_with(INVITATION) => shell.say("signup-banner-invited"),
        Standing::Employee => shell.say("signup-banner-employee"),
    };
    let may_trade = proven.standing == Standing::Person;
    let (bin, organisation) = proven.organisation.clone().unwrap_or_default();
    let status = form.status();
    let page = AccountPage {
        shell,
        steps,
        notice,
        banner,
        proven,
        bin,
        organisation,
        sealed,
        next,
        may_trade,
        form,
    };
    site.show(ask, status, &page)
}

/// The second step, for somebody whose certificate was good and who has no account.
pub(crate) async fn begin(site: &At, ask: &Ask, proven: &Proven, next: &str) -> Result<Response, Failure> {
    let until = UnixMillis(ask.now().0.saturating_add(PROVEN_FOR_MS));
    let sealed = seal(&site.office.key().await?, SealKind::Proven, &ask.binding(), until, proven);
    let form = Form::filled([("email", proven.email.clone())]);
    // Whoever came to sign in is told that there is nothing to sign in to, and may have another account.
    let notice = (!ask.fields().is_ticked("sign_up")).then(|| site.texts(ask).say("signup-unknown"));
    Ok(account_page(site, ask, proven.clone(), (sealed, next.to_owned()), (notice, form)))
}

fn text_of(site: &Site, ask: &Ask, wrong: AccountWrong) -> String {
    let words = site.texts(ask);
    match wrong {
        AccountWrong::Email => words.say("signup-email-wrong"),
        AccountWrong::PasswordRules(broken) => {
            broken.into_iter().map(|rule| broken_text(&words, rule)).collect::<Vec<_>>().join(" ")
        }
        AccountWrong::Repeat => words.say("signup-repeat-wrong"),
        AccountWrong::Agreement => words.say("signup-agree-wrong"),
    }
}

/// Makes the account of the person whom the certificate named.
pub(super) async fn take(site: At, ask: Ask) -> Result<Response, Failure> {
    let fields = ask.fields();
    let (sealed, next) = (fields.text("proof").to_owned(), next_path(fields.text("next")).to_owned());
    let proven: Result<Proven, _> =
        open(&site.office.key().await?, SealKind::Proven, &ask.binding(), ask.now(), &sealed);
    let Ok(proven) = proven else { return Ok(see_other("/sign-up?done=late")) };
    let input = match read_account(fields, &proven) {
        Ok(input) => input,
        Err(wrongs) => {
            let mut form = Form::sent(fields);
            for (field, wrong) in wrongs {
                form.wrong(field, text_of(&site, &ask, wrong));
            }
            return Ok(account_page(&site, &ask, proven, (sealed, next), (None, form)));
        }
    };
    let Some((account, cookie, letter)) = create(&site, &ask, &proven, &input).await? else {
        return Ok(see_other("/login?done=known"));
    };
    appoint_first_administrator(&site.office, ask.by(), &account).await?;
    let path = if next != LANDING {
        Some(next)
    } else if input.is_entrepreneur {
        Some(company_path(&site, &ask, &proven, &session_binding(&cookie.id)).await?)
    } else {
        way_on(&site, &ask, &account, &proven, &session_binding(&cookie.id)).await?
    };
    let path = path.unwrap_or_else(|| {
        let done = if letter { "welcome" } else { "welcome-no-letter" };
        format!("{LANDING}?done={done}")
    });
    Ok(go_on(&site, &cookie, &path))
}

/// Makes the account, signed in, and sends the letter that confirms the address. `None`: there is one already. The last
/// part says whether the letter went.
async fn create(
    site: &At,
    ask: &Ask,
    proven: &Proven,
    input: &AccountInput,
) -> Result<Option<(Account, SessionCookie, bool)>, Failure> {
    let hash = password::hash(&site.office, ask.ip(), &input.password).await?;
    let (kept, link, code) = proof::make(site.office.drawn(), ask.now(), proof::EMAIL_FOR_MS);
    let session = sign_in::begin(&site.office, ask.by(), ask.agent(), SessionMethod::Certificate);
    let person = NewPerson { iin: Some(proven.iin.clone()), email: None, name: proven.name.clone() };
    let mut cookie = None;
    let made = create_account(&site.office, ask.by(), person, |account| {
        // It is the account's first challenge, so it is taken.
        let first = use_challenge(account, proven.challenge.used(), ask.now());
        debug_assert_eq!(first, Use::First);
        account.password = Some(Password { hash, since: ask.now(), wrong_in_a_row: 0, locked_until: None });
        let address = input.email.as_str().to_owned();
        account.pending_email = Some(PendingEmail { address, proof: kept });
        account.address_letters = vec![ask.now()];
        cookie = Some(begin_session(account, session, ask.now()));
        vec![
            ask.by().entry_of(account, AuditAction::PasswordSet, AuditSubject::Account, Vec::new()),
            signed_in_row(ask.by(), account, SessionMethod::Certificate),
        ]
    })
    .await?;
    let (account, cookie) = match (made, cookie) {
        (Created::New(account), Some(cookie)) => (account, cookie),
        (Created::Known(known), _) => {
            tracing::debug!(account = %known.state.id, "somebody signs up who has an account");
            return Ok(None);
        }
        // An address is claimed only once it is confirmed.
        (Created::New(_) | Created::EmailTaken, _) => return Ok(None),
    };
    let sent = letters::confirm_email(site, &input.email, &account.state, &link, &code).await;
    Ok(Some((account.state, cookie, sent.is_ok())))
}
