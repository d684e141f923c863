//! What is asked for of a register that is on the books: the form by which it is taken off, and taking back what was wanted.

use askama::Template;
use axum::response::Response;
use ofd_office::registrations::{DraftOutcome, drop_draft, want};
use ofd_storage::accounts::{DeregistrationReason, Registration, Wanted};

use super::form::{go_on, refused};
use super::view::{details, may_want, own, path};
use crate::cabinet::{Ask, At, Choice, Failure, Form, see_other};
use crate::page::Shell;
use crate::revision::Revision;
use crate::typed::Wrong;
use crate::vocabulary::Word;

#[derive(Template)]
#[template(path = "registration_deregister.html")]
struct DeregisterPage<'a> {
    shell: Shell<'a>,
    form: Form,
    action: String,
    back: String,
    revision: Revision,
    details: Vec<(String, String)>,
    reasons: Vec<Choice>,
}

fn page(site: &At, ask: &Ask, registration: &Registration, form: Form) -> Response {
    let (form, back) = (ask.again(form), path(ask.bin(), registration.id));
    let revision = ask.again_revision(registration.revision);
    let (words, action) = (site.texts(ask), format!("{back}/deregister"));
    let reason = |reason: DeregistrationReason| Choice::new(reason.name(), reason.text(&words));
    let mut reasons: Vec<Choice> = DeregistrationReason::ALL.into_iter().map(reason).collect();
    reasons.insert(0, Choice::new("", words.say("registration-choose")));
    let status = form.status();
    let page = DeregisterPage {
        shell: site.form_frame(ask, "registration-deregister-title", &action),
        form,
        action,
        back,
        revision,
        details: details(site, ask, registration),
        reasons,
    };
    site.show(ask, status, &page)
}

fn closed(ask: &Ask, registration: &Registration) -> Response {
    see_other(&format!("{}?done=closed", path(ask.bin(), registration.id)))
}

pub(super) async fn show_deregister(site: At, ask: Ask) -> Result<Response, Failure> {
    let (_, registration) = own(&site, &ask).await?;
    if !may_want(&registration) {
        return Ok(closed(&ask, &registration));
    }
    Ok(page(&site, &ask, &registration, Form::default()))
}

pub(super) async fn take_deregister(site: At, ask: Ask) -> Result<Response, Failure> {
    let (_, registration) = own(&site, &ask).await?;
    let (fields, mut form) = (ask.fields(), Form::sent(ask.fields()));
    let Some(reason) = DeregistrationReason::from_name(fields.text("reason")) else {
        form.tell(&site.texts(&ask), &[("reason", Wrong::Choice)]);
        return Ok(page(&site, &ask, &registration, form));
    };
    let (place, wanted) = ((ask.bin(), registration.id), Some(Wanted::Deregister(reason)));
    let revision = Revision::read(fields.text("revision"));
    match want(&site.office, ask.by(), place, (wanted, revision)).await? {
        DraftOutcome::Saved(()) => go_on(&site, &ask, registration.id).await,
        outcome => {
            let form = refused(&site, &ask, &outcome, form);
            Ok(page(&site, &ask, &registration, form))
        }
    }
}

/// Gives up what was not signed, or was refused.
pub(super) async fn drop(site: At, ask: Ask) -> Result<Response, Failure> {
    let (_, registration) = own(&site, &ask).await?;
    let (place, revision) = ((ask.bin(), registration.id), Revision::read(ask.fields().text("revision")));
    let done = match drop_draft(&site.office, ask.by(), place, revision).await? {
        DraftOutcome::Saved(()) => "dropped",
        DraftOutcome::Stale => "stale",
        _ => "closed",
    };
    Ok(see_other(&format!("{}?done={done}", path(ask.bin(), registration.id))))
}

/// Takes back what was wanted and not asked for yet.
pub(super) async fn withdraw(site: At, ask: Ask) -> Result<Response, Failure> {
    let (_, registration) = own(&site, &ask).await?;
    let (place, revision) = ((ask.bin(), registration.id), Revision::read(ask.fields().text("revision")));
    let done = match want(&site.office, ask.by(), place, (None, revision)).await? {
        DraftOutcome::Saved(()) => "withdrawn",
        DraftOutcome::Stale => "stale",
        _ => "closed",
    };
    Ok(see_other(&format!("{}?done={done}", path(ask.bin(), registration.id))))
}
