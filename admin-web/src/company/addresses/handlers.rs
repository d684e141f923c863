//! Pages of addresses.

use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;
use ofd_storage::accounts::{Address, AddressKind, AuditAction, Company};

use super::rules::{ADDRESS, AddressInput, HOME, Refusal, add, change, delete, is_only_legal};
use super::view::{AddressView, kind_text, kinds, labels, values};
use crate::cabinet::{Access, Ask, At, Choice, Failure, Form, Pages, Right};
use crate::company::change::{apply, company, done, home, id_of, revision_of, stored, tell_stale};
use crate::company::differences::Part;
use crate::company::organisation::{address_line, keep_organisation};
use crate::company::typed::tell;
use crate::page::Shell;

const NEW: &str = "/c/{bin}/addresses/new";
const ONE: &str = "/c/{bin}/addresses/{id}";
const DELETE: &str = "/c/{bin}/addresses/{id}/delete";

/// The addresses of these pages.
pub(in crate::company) fn pages(pages: Pages) -> Pages {
    let edit = Access::Company(Right::EditCompany);
    pages
        .get(NEW, "address_new", edit, show_new)
        .post(NEW, "address_new", edit, take_new)
        .get(ONE, "address", edit, show)
        .post(ONE, "address", edit, take)
        .get(DELETE, "address_delete", edit, ask_delete)
        .post(DELETE, "address_delete", edit, take_delete)
}

#[derive(Template)]
#[template(path = "address.html")]
struct AddressPage<'a> {
    shell: Shell<'a>,
    form: Form,
    action: String,
    back: String,
    /// 0 for a new one.
    revision: u32,
    kinds: Vec<Choice>,
    view: AddressView,
    delete: Option<String>,
}

#[derive(Template)]
#[template(path = "address_delete.html")]
struct DeletePage<'a> {
    shell: Shell<'a>,
    form: Form,
    action: String,
    back: String,
    revision: u32,
    kind: String,
    address: String,
    /// Why it cannot be deleted: there is no button then.
    is_only_legal: bool,
}

/// The address that the path names.
fn one(ask: &Ask) -> Result<&Address, Failure> {
    let id = id_of(ask)?;
    company(ask)?.addresses.iter().find(|address| address.id == id).ok_or(Failure::NotFound)
}

fn page(site: &At, ask: &Ask, form: Form, known: Option<(u32, u32)>, status: StatusCode) -> Response {
    let (words, form) = (site.texts(ask), ask.again(form));
    let (title, action) = match known {
        Some((id, _)) => ("company-address-title", format!("{}/addresses/{id}", home(ask))),
        None => ("company-address-new", format!("{}/addresses/new", home(ask))),
    };
    let mut shell = site.form_frame(ask, title, &action);
    shell.has_search = true;
    let page = AddressPage {
        shell,
        kinds: kinds(&words),
        view: AddressView::of(&words, &form, ADDRESS),
        delete: known.map(|_| format!("{action}/delete")),
        form,
        revision: ask.again_revision(known.map_or(0, |(_, revision)| revision)),
        back: home(ask),
        action,
    };
    site.show(ask, status, &page)
}

async fn show_new(site: At, ask: Ask) -> Result<Response, Failure> {
    let has_legal = ask.acting().is_some_and(|acting| super::legal_address(&acting.company.state).is_some());
    let kind = if has_legal { AddressKind::Actual } else { AddressKind::Legal };
    let form = Form::filled([("kind", kind.name().to_owned()), ("country", HOME.to_owned())]);
    Ok(page(&site, &ask, form, None, StatusCode::OK))
}

async fn show(site: At, ask: Ask) -> Result<Response, Failure> {
    let address = one(&ask)?;
    let form = Form::filled(values(address));
    Ok(page(&site, &ask, form, Some((address.id, address.revision)), StatusCode::OK))
}

/// What a form says, or the page that shows it again.
fn read(
    site: &At,
    ask: &Ask,
    known: Option<(u32, u32)>,
) -> Result<(AddressKind, AddressInput), Box<Response>> {
    let mut form = Form::sent(ask.fields());
    let read = AddressInput::read(ask.fields(), &ADDRESS);
    let kind = AddressKind::ALL.into_iter().find(|kind| kind.name() == ask.fields().text("kind"));
    if read.is_search {
        ask.shown_part(ADDRESS.settlement);
        return Err(Box::new(page(site, ask, form, known, StatusCode::OK)));
    }
    let words = site.texts(ask);
    tell(&mut form, &words, &read.errors);
    let Some(kind) = kind.filter(|_| read.errors.is_empty()) else {
        if kind.is_none() {
            form.wrong("kind", words.say("company-wrong-choice"));
        }
        let status = form.status();
        return Err(Box::new(page(site, ask, form, known, status)));
    };
    Ok((kind, read.input))
}

/// The page again, with what stands against it.
async fn refuse(
    site: &At,
    ask: &Ask,
    refusal: Refusal,
    company: &Company,
    known: Option<(u32, u32)>,
) -> Result<Response, Failure> {
    let mut form = Form::sent(ask.fields());
    let words = site.texts(ask);
    match refusal {
        Refusal::TooMany => form.error = Some(words.say("company-address-many")),
        Refusal::Repeated => form.wrong("street", words.say("company-address-repeated")),
        Refusal::OnlyLegal => form.wrong("kind", words.say("company-address-only-legal-kind")),
        Refusal::Gone => return Ok(done(ask, "gone")),
        Refusal::Stale => {
            let id = known.map_or(0, |(id, _)| id);
            let now = company.addresses.iter().find(|address| address.id == id).ok_or(Failure::NotFound)?;
            let fields = stored(values(now), labels(&words, now));
            tell_stale(site, ask, &mut form, (AuditAction::AddressChanged, now.subject()), &fields).await?;
            return Ok(page(site, ask, form, Some((id, now.revision)), StatusCode::CONFLICT));
        }
    }
    let status = form.status();
    Ok(page(site, ask, form, known, status))
}

async fn take_new(site: At, ask: Ask) -> Result<Response, Failure> {
    let (kind, input) = match read(&site, &ask, None) {
        Ok(read) => read,
        Err(page) => return Ok(*page),
    };
    let (company, outcome) = apply(&site, &ask, |company| add(company, kind, &input)).await?;
    match outcome {
        Ok(()) => {
            keep_organisation(&site, ask.bin()).await?;
            Ok(done(&ask, "address-added"))
        }
        Err(refusal) => refuse(&site, &ask, refusal, &company, None).await,
    }
}

async fn take(site: At, ask: Ask) -> Result<Response, Failure> {
    let id = id_of(&ask)?;
    let known = (id, revision_of(&ask));
    let (kind, input) = match read(&site, &ask, Some(known)) {
        Ok(read) => read,
        Err(page) => return Ok(*page),
    };
    let (company, outcome) = apply(&site, &ask, |company| change(company, id, known.1, kind, &input)).await?;
    match outcome {
        Ok(()) => {
            keep_organisation(&site, ask.bin()).await?;
            Ok(done(&ask, "address-changed"))
        }
        Err(refusal) => refuse(&site, &ask, refusal, &company, Some(known)).await,
    }
}

fn delete_page(
    site: &At,
    ask: &Ask,
    company: &Company,
    address: &Address,
    form: Form,
    status: StatusCode,
) -> Response {
    let action = format!("{}/addresses/{}/delete", home(ask), address.id);
    let page = DeletePage {
        shell: site.frame(ask, "company-address-delete", &action),
        form: ask.again(form),
        back: home(ask),
        revision: address.revision,
        kind: kind_text(&site.texts(ask), address.kind),
        address: address_line(address, ask.language()),
        is_only_legal: is_only_legal(company, address.id),
        action,
    };
    site.show(ask, status, &page)
}

async fn ask_delete(site: At, ask: Ask) -> Result<Response, Failure> {
    let address = one(&ask)?;
    let company = &ask.acting().ok_or(Failure::NotFound)?.company.state;
    Ok(delete_page(&site, &ask, company, address, Form::default(), StatusCode::OK))
}

async fn take_delete(site: At, ask: Ask) -> Result<Response, Failure> {
    let id = id_of(&ask)?;
    let revision = revision_of(&ask);
    let (company, outcome) = apply(&site, &ask, |company| delete(company, id, revision)).await?;
    let Err(refusal) = outcome else {
        keep_organisation(&site, ask.bin()).await?;
        return Ok(done(&ask, "address-deleted"));
    };
    let now = company.addresses.iter().find(|address| address.id == id);
    let Some(now) = now else { return Ok(done(&ask, "gone")) };
    let mut form = Form::sent(ask.fields());
    form.error = (refusal == Refusal::Stale).then(|| site.texts(&ask).say("company-stale-delete"));
    Ok(delete_page(&site, &ask, &company, now, form, StatusCode::CONFLICT))
}
