//! The visit by which a wired register is connected: the form, and the operator's queue that closes it.

use askama::Template;
use axum::response::Response;
use ofd_office::day::{day, today, written};
use ofd_office::registrations::{
    COMMENT_LEN_MAX, PERSON_LEN_MAX, Queue, VisitOutcome, ask_visit, close_visit, find, no_visit, read_visit,
};
use ofd_protocol::types::UnixMillis;
use ofd_storage::accounts::{AuditPage, Company, Registration, Visit};

use super::queue::Waited;
use super::view::{details, id_of, own, path};
use crate::cabinet::list::{Cell, FilterField, ListPaths, list_paths};
use crate::cabinet::{Ask, At, Failure, Form, see_other};
use crate::page::Shell;
use crate::site::Site;
use crate::typed::line;
use crate::words::Words;

#[derive(Template)]
#[template(path = "registration_visit.html")]
struct VisitPage<'a> {
    shell: Shell<'a>,
    form: Form,
    action: String,
    back: String,
    details: Vec<(String, String)>,
    person_more: String,
    comment_more: String,
}

fn page(site: &At, ask: &Ask, registration: &Registration, form: Form) -> Response {
    let (form, back) = (ask.again(form), path(ask.bin(), registration.id));
    let action = format!("{back}/visit");
    let mut shell = site.form_frame(ask, "visit-title", &action);
    let name = match registration.data.alias.as_str() {
        "" => registration.id.to_string(),
        alias => format!("{alias}, {}", registration.id),
    };
    shell.title = site.texts(ask).say_with("visit-title-of", &name);
    let status = form.status();
    let page = VisitPage {
        details: details(site, ask, registration),
        person_more: format!("required autocomplete=\"name\" maxlength=\"{PERSON_LEN_MAX}\""),
        comment_more: format!("maxlength=\"{COMMENT_LEN_MAX}\""),
        shell,
        form,
        action,
        back,
    };
    site.show(ask, status, &page)
}

fn done(outcome: VisitOutcome) -> &'static str {
    match outcome {
        VisitOutcome::Asked => "visit-asked",
        VisitOutcome::AlreadyAsked => "visit-already",
        VisitOutcome::NotWired | VisitOutcome::NotRegistered => "closed",
    }
}

pub(super) async fn show(site: At, ask: Ask) -> Result<Response, Failure> {
    let (_, registration) = own(&site, &ask).await?;
    if let Some(outcome) = no_visit(&registration) {
        return Ok(see_other(&format!("{}?done={}", path(ask.bin(), registration.id), done(outcome))));
    }
    let day = written(today(ask.now(), site.config.zone_offset_seconds));
    Ok(page(&site, &ask, &registration, Form::filled([("date", day)])))
}

pub(super) async fn take(site: At, ask: Ask) -> Result<Response, Failure> {
    let (_, registration) = own(&site, &ask).await?;
    let day = today(ask.now(), site.config.zone_offset_seconds);
    let (visit, errors) = read_visit(ask.fields(), day, ask.by());
    if !errors.is_empty() && no_visit(&registration).is_none() {
        let mut form = Form::sent(ask.fields());
        form.tell(&site.texts(&ask), &errors);
        return Ok(page(&site, &ask, &registration, form));
    }
    let place = (ask.bin(), registration.id);
    let outcome = ask_visit(&site.office, ask.by(), place, &visit).await?;
    Ok(see_other(&format!("{}?done={}", path(ask.bin(), registration.id), done(outcome))))
}

/// Visits that are still to be made.
pub(super) struct ForVisit;

impl Waited for ForVisit {
    const QUEUE: Queue = Queue::Visits;
    const PATHS: ListPaths = list_paths!("/operator/visits");
    const TITLE: (&'static str, &'static str) = ("visit-queue-title", "visits");
    const COLUMNS: &'static [&'static str] = &[
        "registration-system-id",
        "registration-organisation",
        "bin",
        "visit-asked-at",
        "visit-date",
        "visit-time",
    ];
    const NONE: &'static str = "visit-queue-none";

    fn done(word: &str) -> Option<&'static str> {
        (word == "closed").then_some("visit-queue-closed")
    }

    fn fields(_: &Words<'_>) -> Vec<FilterField> {
        vec![FilterField::day("from", "visit-from", ""), FilterField::day("to", "visit-to", "")]
    }

    fn since(one: &Registration) -> UnixMillis {
        one.visit.as_ref().map_or(one.since, |visit| visit.asked_at)
    }

    fn cells(_: &Words<'_>, one: &Registration) -> Vec<Cell> {
        let (date, time) =
            one.visit.as_ref().map(|visit| (day_said(visit), visit.time.clone())).unwrap_or_default();
        vec![Cell::text(date), Cell::text(time)]
    }
}

fn at(one: &Registration) -> String {
    format!("/operator/visits/{}/{}", one.bin, one.id)
}

#[derive(Template)]
#[template(path = "registration_visit_close.html")]
struct ClosePage<'a> {
    shell: Shell<'a>,
    form: Form,
    action: String,
    organisation: String,
    bin: String,
    details: Vec<(String, String)>,
    is_open: bool,
    /// When the visit was asked for: another one may be by the time that the form is sent.
    asked: u64,
    comment_more: String,
}

/// The day of a visit as people write it.
fn day_said(visit: &Visit) -> String {
    day(&visit.date).map_or_else(|| visit.date.clone(), written)
}

/// What is said of a visit.
fn visit_details(words: &Words<'_>, registration: &Registration) -> Vec<(String, String)> {
    let Some(visit) = &registration.visit else { return Vec::new() };
    let date = day_said(visit);
    [
        ("visit-date", &date),
        ("visit-time", &visit.time),
        ("visit-person", &visit.person),
        ("visit-phone", &visit.phone),
        ("visit-comment", &visit.comment),
    ]
    .into_iter()
    .filter(|(_, value)| !value.is_empty())
    .map(|(label, value)| (words.say(label), value.clone()))
    .collect()
}

/// What an organisation is shown of the visit that it asked for: what was said, and what came of it.
pub(super) fn visit_said(site: &Site, ask: &Ask, registration: &Registration) -> Vec<(String, String)> {
    let words = site.texts(ask);
    let mut said = visit_details(&words, registration);
    let Some(visit) = &registration.visit else { return said };
    let state = match &visit.done {
        None => words.say("visit-state-awaited"),
        Some(done) => words.say_with("visit-state-closed", &site.moment(ask, done.at)),
    };
    said.insert(0, (words.say("visit-state"), state));
    let comment = visit.done.as_ref().map(|done| done.comment.as_str()).filter(|text| !text.is_empty());
    said.extend(comment.map(|text| (words.say("visit-state-comment"), text.to_owned())));
    said
}

fn closing(site: &At, ask: &Ask, (company, registration): (&Company, &Registration), form: Form) -> Response {
    let (words, form, action) = (site.texts(ask), ask.again(form), at(registration));
    let is_open = registration.has_open_visit();
    let mut shell = site.frame(ask, "visit-title", &action);
    shell.is_typed = is_open;
    let mut all = visit_details(&words, registration);
    all.extend(details(site, ask, registration));
    let status = form.status();
    let page = ClosePage {
        shell,
        form,
        action,
        organisation: words.organisation(&company.title),
        bin: company.bin.clone(),
        details: all,
        is_open,
        asked: registration.visit.as_ref().map_or(0, |visit| visit.asked_at.0),
        comment_more: format!("maxlength=\"{COMMENT_LEN_MAX}\""),
    };
    site.show(ask, status, &page)
}

async fn named(site: &At, ask: &Ask) -> Result<(Company, Registration), Failure> {
    find(&site.office.store, ask.part("company"), id_of(ask)?).await?.ok_or(Failure::NotFound)
}

/// Shows a visit to be made. The look is in the organisation's audit before it is shown.
pub(super) async fn look(site: At, ask: Ask) -> Result<Response, Failure> {
    let (_, registration) = named(&site, &ask).await?;
    let company = site.office.look_at(ask.by(), &registration.bin, AuditPage::Registration).await?;
    Ok(closing(&site, &ask, (&company, &registration), Form::default()))
}

/// Says that a visit was made.
pub(super) async fn close(site: At, ask: Ask) -> Result<Response, Failure> {
    let (company, registration) = named(&site, &ask).await?;
    match line(ask.fields().text("comment"), COMMENT_LEN_MAX) {
        Ok(comment) => {
            let asked_at = UnixMillis(ask.fields().text("asked").parse().unwrap_or_default());
            let place = (company.bin.as_str(), registration.id);
            if close_visit(&site.office, ask.by(), place, (asked_at, &comment)).await? {
                return Ok(see_other("/operator/visits?done=closed"));
            }
            let (company, registration) = named(&site, &ask).await?;
            let mut form = Form::sent(ask.fields());
            form.error = Some(site.texts(&ask).say("visit-is-closed"));
            Ok(closing(&site, &ask, (&company, &registration), form))
        }
        Err(wrong) => {
            let mut form = Form::sent(ask.fields());
            form.tell(&site.texts(&ask), &[("comment", wrong)]);
            Ok(closing(&site, &ask, (&company, &registration), form))
        }
    }
}
