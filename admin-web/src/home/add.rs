//! How another organisation is added by a certificate.

use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;

use super::number::{self, NotAdded};
use crate::cabinet::{Ask, At, Failure, Form, see_other};
use crate::page::Shell;
use crate::people::current::try_current;
use crate::people::sealed::{SealKind, open};
use crate::sign_in::{LANDING, Proven, SignInRefusal, Signing, check, sign_in_refusal_text, signing};
use crate::signup::{company_path, way_on};

#[derive(Template)]
#[template(path = "cabinet_add.html")]
struct AddPage<'a> {
    shell: Shell<'a>,
    signing: Signing,
    signed: Form,
}

async fn add_page(site: &At, ask: &Ask, (status, signed): (StatusCode, Form)) -> Result<Response, Failure> {
    let mut shell = site.frame(ask, "cabinet-add-title", "/cabinet/add");
    shell.has_script = true;
    let signed = ask.again(signed);
    let signing = signing(site, ask, "/cabinet/add", "").await?;
    Ok(site.show_signing(ask, status, &AddPage { shell, signing, signed }))
}

pub(super) async fn show(site: At, ask: Ask) -> Result<Response, Failure> {
    let is_late = ask.parameter("done") == "late";
    let signed =
        if is_late { Form::refused(site.texts(&ask).say("cabinet-add-late")) } else { Form::default() };
    add_page(&site, &ask, (StatusCode::OK, signed)).await
}

/// Adds the organisation of a signature's certificate. An account without a number gets that of the certificate; for
/// that its password is asked first.
pub(super) async fn take(site: At, ask: Ask) -> Result<Response, Failure> {
    let refused = |key: &str| (StatusCode::UNPROCESSABLE_ENTITY, Form::refused(site.texts(&ask).say(key)));
    let proven = match check(&site, &ask).await? {
        Ok(proven) => proven,
        Err(refusal) => return add_page(&site, &ask, refused(sign_in_refusal_text(refusal))).await,
    };
    let account = ask.account().ok_or(Failure::SignIn)?;
    if account.iin.is_none() {
        return number::ask_password(&site, &ask, &proven).await;
    }
    match number::note(&site, &ask, &proven).await? {
        Ok(()) => add_on(&site, &ask, &proven).await,
        Err(not_added) => not_added_page(&site, &ask, not_added).await,
    }
}

/// The page of adding an organisation, with why the signature adds nothing.
async fn not_added_page(site: &At, ask: &Ask, why: NotAdded) -> Result<Response, Failure> {
    let key = match why {
        NotAdded::OtherPerson => "cabinet-add-other-person",
        NotAdded::Used => sign_in_refusal_text(SignInRefusal::ChallengeUsed),
    };
    add_page(site, ask, (StatusCode::UNPROCESSABLE_ENTITY, Form::refused(site.texts(ask).say(key)))).await
}

/// Where a certificate leads whose person is known.
async fn add_on(site: &At, ask: &Ask, proven: &Proven) -> Result<Response, Failure> {
    let account = ask.account().ok_or(Failure::SignIn)?;
    let path = match &proven.organisation {
        Some(_) => way_on(site, ask, account, proven, &ask.binding()).await?,
        // A certificate without organisation is also that of an entrepreneur.
        None => Some(company_path(site, ask, proven, &ask.binding()).await?),
    };
    Ok(see_other(&path.unwrap_or_else(|| LANDING.to_owned())))
}

/// The password that lets the account have the certificate's number; then the organisation is added.
pub(super) async fn confirm(site: At, ask: Ask) -> Result<Response, Failure> {
    let sealed = ask.fields().text("proof").to_owned();
    let proven: Result<Proven, _> =
        open(&site.office.key().await?, SealKind::Number, &ask.binding(), ask.now(), &sealed);
    let Ok(proven) = proven else { return Ok(see_other("/cabinet/add?done=late")) };
    if ask.account().is_some_and(|account| account.iin.as_ref() == Some(&proven.iin)) {
        // The same form came twice.
        return add_on(&site, &ask, &proven).await;
    }
    let mut form = Form::default();
    try_current(&site, &ask, &mut form).await?;
    if !form.is_right() {
        return Ok(number::page(&site, &ask, proven, sealed, form));
    }
    match number::note(&site, &ask, &proven).await? {
        Ok(()) => add_on(&site, &ask, &proven).await,
        Err(not_added) => not_added_page(&site, &ask, not_added).await,
    }
}
