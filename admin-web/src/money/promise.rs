//! A promise to pay, which the operator's people take down.

use askama::Template;
use axum::response::Response;
use ofd_billing::Day;
use ofd_billing::standing::{PROMISE_DAYS_MAX, PromiseRefused};
use ofd_office::billing::standing::{PROMISE_REASON_CHARS_MAX, PromiseError, present, promise};
use ofd_office::day::{day, written};
use ofd_storage::accounts::{AuditPage, organisation};

use super::reasons::{failed, looked};
use super::warning::told;
use crate::cabinet::{Ask, At, Failure, Form, see_other};
use crate::page::Shell;
use crate::site::Site;

/// Where it is.
pub(super) const PATH: &str = "/operator/companies/{company}/promise";

#[derive(Template)]
#[template(path = "promise.html")]
struct PromisePage<'a> {
    shell: Shell<'a>,
    form: Form,
    at: String,
    back: String,
    back_text: String,
    /// How the organisation stands.
    standing: Option<String>,
    /// The promise that holds, with who took it down and why.
    holds: Option<String>,
    reason_more: String,
}

async fn page(site: &Site, ask: &Ask, form: Form) -> Result<Response, Failure> {
    let bin = ask.part("company");
    let words = site.texts(ask);
    let zone = site.config.zone_offset_seconds;
    let record = present(&site.office, bin, zone).await.map_err(failed)?;
    let holds = record.as_ref().and_then(|record| record.standing.promise.as_ref()).map(|promise| {
        let until = written(promise.until.date());
        words.say_values(
            "promise-holds",
            &[("until", &until), ("by", &promise.by), ("reason", &promise.reason)],
        )
    });
    let at = format!("/operator/companies/{bin}/promise");
    let status = form.status();
    let page = PromisePage {
        shell: site.form_frame(ask, "promise-title", &at),
        form: ask.again(form),
        back: format!("/operator/companies/{bin}/money"),
        back_text: words.say_with("money-of", bin),
        standing: record.as_ref().map(|record| told(&words, ask.language(), record).text),
        holds,
        reason_more: format!("maxlength=\"{PROMISE_REASON_CHARS_MAX}\""),
        at,
    };
    Ok(site.show(ask, status, &page))
}

/// Shows the form.
pub(super) async fn show(site: At, ask: Ask) -> Result<Response, Failure> {
    if organisation(&site.office.store, ask.part("company")).await?.is_none() {
        return Err(Failure::NotFound);
    }
    looked(&site, &ask, ask.part("company"), AuditPage::Money).await?;
    page(&site, &ask, Form::default()).await
}

/// Takes a promise down. A later one replaces it.
pub(super) async fn take(site: At, ask: Ask) -> Result<Response, Failure> {
    let (words, bin) = (site.texts(&ask), ask.part("company").to_owned());
    if organisation(&site.office.store, &bin).await?.is_none() {
        return Err(Failure::NotFound);
    }
    let (typed, reason) = (ask.fields().text("until"), ask.fields().text("reason").trim());
    let mut form = Form::filled([("until", typed.to_owned()), ("reason", reason.to_owned())]);
    let until = day(typed).and_then(|day| Day::new(day).ok());
    if until.is_none() {
        form.wrong("until", words.say("promise-day-wrong"));
    }
    if reason.is_empty() {
        form.wrong("reason", words.say("promise-reason-missing"));
    }
    if let (Some(until), true) = (until, form.is_right()) {
        let zone = site.config.zone_offset_seconds;
        match promise(&site.office, ask.by(), &bin, (until, reason), zone).await {
            Ok(()) => return Ok(see_other(&format!("/operator/companies/{bin}/money?done=promised"))),
            Err(PromiseError::Refused(PromiseRefused::Nothing) | PromiseError::NotLooked) => {
                form.error = Some(words.say("promise-nothing-owed"));
            }
            Err(PromiseError::Refused(PromiseRefused::Past)) => {
                form.wrong("until", words.say("promise-day-past"));
            }
            Err(PromiseError::Refused(PromiseRefused::TooFar)) => {
                form.wrong("until", words.say_with("promise-day-far", &PROMISE_DAYS_MAX.to_string()));
            }
            Err(PromiseError::Busy) => return Err(ofd_office::change::ChangeError::Busy.into()),
            Err(PromiseError::Ledger(error)) => return Err(failed(error)),
            Err(PromiseError::Store(error)) => return Err(error.into()),
            Err(PromiseError::Change(error)) => return Err(error.into()),
        }
    }
    page(&site, &ask, form).await
}
