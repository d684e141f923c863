//! The receipt page and the receipt check.

use std::net::IpAddr;
use std::sync::Arc;

use askama::Template;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use ofd_protocol::frame;
use ofd_protocol::message::{ParentTicket, Request};
use ofd_protocol::register::Receipt;
use ofd_protocol::ticket_number::DocumentRef;
use ofd_protocol::version::Version;
use ofd_storage::model::RegisterRecord;
use ofd_storage::store::StoreError;

use super::check::{CheckAnswer, text};
use super::lookup::{FoundReceipt, find};
use super::rules::{Check, PARAMETERS, Unreadable, form_moment};
use super::view::{Composer, ParentView, ReceiptView};
use crate::budget::{ClientAddress, OverBudget};
use crate::cabinet::Form;
use crate::json::json;
use crate::page::{SWITCH, Shell, Switch, Visitor, say_busy, say_failed};
use crate::problem::{FieldError, Kind, Problem};
use crate::qr::QrPicture;
use crate::site::Site;

#[derive(Template)]
#[template(path = "receipt.html")]
struct ReceiptPage<'a> {
    shell: Shell<'a>,
    receipt: ReceiptView,
    parent: Option<ParentView>,
    qr: Option<QrPicture>,
    check_url: String,
    check_site: &'a str,
    operator_href: Option<&'a str>,
}

#[derive(Template)]
#[template(path = "form.html")]
struct FormPage<'a> {
    shell: Shell<'a>,
    /// Nothing matched what was asked for. Which part of it did not is not told: the page is the same for every mismatch.
    is_not_found: bool,
    /// What was asked for, and what of it cannot be read.
    form: Form,
}

/// Where papers of this country lead beside the start page: several operators have each of these.
pub(crate) const ELSEWHERE: [&str; 4] = ["/t", "/t/", "/consumer", "/consumer/"];

/// Characters of a value that come back to the form; nothing on paper is longer.
const SHOWN_LEN_MAX: usize = 64;

/// What was asked for, as the form shows it again: without blanks around it, and a time as browsers have it.
fn typed(visitor: &Visitor) -> Form {
    Form::filled(PARAMETERS.map(|name| {
        let text = visitor.parameter(name).unwrap_or_default().trim();
        let text: String = text.chars().take(SHOWN_LEN_MAX).collect();
        (name, if name == "t" { form_moment(&text).unwrap_or(text) } else { text })
    }))
}

/// The form again, where what was asked for can be no receipt's.
fn say_unreadable(site: &Arc<Site>, visitor: &Visitor, wrong: &[(&'static str, Unreadable)]) -> Response {
    let (words, mut form) = (site.words(visitor), typed(visitor));
    for (name, unreadable) in wrong {
        form.wrong(
            name,
            words.say(match unreadable {
                Unreadable::Empty => "form-empty",
                Unreadable::NoDigits => "form-no-digits",
                Unreadable::NumberLength => "form-number-length",
                Unreadable::RegisterLength => "form-register-length",
                Unreadable::Sum => "form-no-sum",
                Unreadable::Time => "form-no-time",
            }),
        );
    }
    show_form(site, visitor, StatusCode::UNPROCESSABLE_ENTITY, (false, form))
}

fn show_form(
    site: &Arc<Site>,
    visitor: &Visitor,
    status: StatusCode,
    (is_not_found, form): (bool, Form),
) -> Response {
    let title = if is_not_found { "not-found-title" } else { "form-title" };
    let mut shell = site.shell(visitor, site.words(visitor).say(title), Switch::To("/"));
    shell.is_typed = true;
    site.respond(visitor, status, &FormPage { shell, is_not_found, form })
}

/// The page at `/?i=&f=&s=&t=`, and at the other addresses that papers of this country have: a receipt, or the form
/// that asks for one.
pub(crate) async fn page(
    State(site): State<Arc<Site>>,
    address: ClientAddress,
    visitor: Visitor,
) -> Response {
    let asked = |name: &str| visitor.parameter(name).filter(|value| !value.trim().is_empty());
    // The language switch brings what was typed so far, which nobody asks for yet.
    let is_switch = visitor.parameter(SWITCH).is_some();
    if !is_switch && PARAMETERS.into_iter().any(|name| asked(name).is_some()) {
        return look_up(&site, address.0, &visitor).await;
    }
    match site.budget.take(address.0) {
        Ok(()) => show_form(&site, &visitor, StatusCode::OK, (false, typed(&visitor))),
        Err(spent) => say_busy(&site, &visitor, spent),
    }
}

/// `GET /ticket/{i}?f=&s=&t=`: the same page, with the number in the path.
pub(crate) async fn page_of_ticket(
    State(site): State<Arc<Site>>,
    address: ClientAddress,
    number: Result<Path<String>, PathRejection>,
    visitor: Visitor,
) -> Response {
    look_up(&site, address.0, &with_number(visitor, number)).await
}

/// A visitor who asks for the number of the path; one that cannot be read is no receipt's.
fn with_number(mut visitor: Visitor, number: Result<Path<String>, PathRejection>) -> Visitor {
    let number = number.map(|Path(number)| number).unwrap_or_default();
    visitor.parameters.retain(|(name, _)| name != "i");
    visitor.parameters.insert(0, ("i".to_owned(), number));
    visitor
}

async fn look_up(site: &Arc<Site>, address: IpAddr, visitor: &Visitor) -> Response {
    let check = match Check::judged(|name| visitor.parameter(name)) {
        Ok(check) => check,
        // Nothing is looked up, so that it counts as any page does.
        Err(wrong) => {
            return match site.budget.take(address) {
                Ok(()) => say_unreadable(site, visitor, &wrong),
                Err(spent) => say_busy(site, visitor, spent),
            };
        }
    };
    if let Err(spent) = site.lookups.begin(address, &site.budget) {
        return say_busy(site, visitor, spent);
    }
    let shown = match find_in(site, &check).await {
        Ok(Some(found)) => show(site, visitor, &found).await,
        Ok(None) => Ok(match site.lookups.missed(address) {
            Ok(()) => say_no_receipt(site, visitor),
            Err(spent) => say_busy(site, visitor, spent),
        }),
        Err(error) => Err(error),
    };
    shown.unwrap_or_else(|error| say_failed(site, visitor, &error))
}

async fn find_in(site: &Site, check: &Check) -> Result<Option<FoundReceipt>, StoreError> {
    find(&site.office.store, site.ticket_number_key()?, check).await
}

fn say_no_receipt(site: &Arc<Site>, visitor: &Visitor) -> Response {
    show_form(site, visitor, StatusCode::NOT_FOUND, (true, typed(visitor)))
}

/// A stored receipt, read again.
struct Read<'a> {
    receipt: Receipt<'a>,
    ticket_number: u64,
}

fn unreadable(found: &FoundReceipt) -> StoreError {
    StoreError::Corrupt {
        place: format!("register {} shift {}", found.register.id, found.place.shift),
        reason: format!("document {} is no receipt", found.place.number),
    }
}

/// The version and the message of a stored receipt.
fn request(found: &FoundReceipt) -> Option<(Version, Request<'_>)> {
    let frame = frame::whole(&found.document.raw).ok()?;
    Some((Version::from_code(frame.header.version)?, Request::read(frame.payload).ok()?))
}

fn read<'a>(found: &FoundReceipt, (version, request): &'a (Version, Request<'a>)) -> Option<Read<'a>> {
    let receipt = Receipt::read_accepted(request.ticket.as_ref()?, *version)?;
    Some(Read { receipt, ticket_number: found.document.ticket_number? })
}

async fn show(site: &Arc<Site>, visitor: &Visitor, found: &FoundReceipt) -> Result<Response, StoreError> {
    let request = request(found).ok_or_else(|| unreadable(found))?;
    let Read { receipt, ticket_number } = read(found, &request).ok_or_else(|| unreadable(found))?;
    let parent = receipt.ticket.parent_ticket;
    let parent_href = match &parent {
        Some(parent) => parent_href(site, parent).await?,
        None => None,
    };
    let composer = Composer {
        words: site.words(visitor),
        found,
        receipt: &receipt,
        ticket_number,
        zone_offset_seconds: site.config.zone_offset_seconds,
    };
    let view = composer.compose();
    let (base, id, at) = (&site.config.public_url, &found.fns_kkm_id, receipt.date_time.compact());
    let check_url = format!("{base}/?i={ticket_number}&f={id}&s={}&t={at}", receipt.total);
    let title = site.words(visitor).say_with("receipt-title", &view.date_time);
    let page = ReceiptPage {
        shell: site.shell(visitor, title, Switch::Same),
        parent: parent.map(|parent| composer.parent(&parent, parent_href)),
        receipt: view,
        qr: QrPicture::of(&check_url),
        check_url,
        check_site: base,
        operator_href: web_address(&site.config.imprint.url),
    };
    Ok(site.respond(visitor, StatusCode::OK, &page))
}

/// An address that a link may lead to.
fn web_address(url: &str) -> Option<&str> {
    (url.starts_with("https://") || url.starts_with("http://")).then_some(url)
}

/// The page of the receipt that a return undoes, when it is here and all that the return says of it is right.
async fn parent_href(site: &Site, parent: &ParentTicket<'_>) -> Result<Option<String>, StoreError> {
    Ok(parent_receipt(site, parent).await?.map(|(_, query)| format!("/?{query}")))
}

/// The receipt that a return undoes and where it lies, when it is here and all that the return says of it is right.
pub(crate) async fn parent_of(
    site: &Site,
    parent: &ParentTicket<'_>,
) -> Result<Option<(RegisterRecord, DocumentRef)>, StoreError> {
    Ok(parent_receipt(site, parent).await?.map(|(found, _)| (found.register, found.place)))
}

/// The same, with what its page is asked by.
async fn parent_receipt(
    site: &Site,
    parent: &ParentTicket<'_>,
) -> Result<Option<(FoundReceipt, String)>, StoreError> {
    let (number, id) = (text(parent.parent_ticket_number), text(parent.kgd_kkm_id));
    let at = parent.date_time.and_then(|at| at.moment()).map(|at| at.compact().to_string());
    let total = parent.total.and_then(|total| total.tiyn()).map(|total| total.to_string());
    let (Some(i), Some(f), Some(s), Some(t)) = (number, id, total, at) else { return Ok(None) };
    let pairs = [("i", i.as_str()), ("f", &f), ("s", &s), ("t", &t)];
    let value = |name: &str| pairs.iter().find(|(known, _)| *known == name).map(|(_, value)| *value);
    let Some(check) = Check::read(value) else { return Ok(None) };
    let found = find_in(site, &check).await?;
    let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
    Ok(found.map(|found| (found, query)))
}

/// The check for apps, with number, register, time and sum in the query.
pub(crate) async fn check(
    State(site): State<Arc<Site>>,
    address: ClientAddress,
    visitor: Visitor,
) -> Result<Response, Problem> {
    answer(&site, address.0, &visitor).await
}

/// `GET /api/tickets/ticket/{i}?t=&f=&s=`: the same answer, with the number in the path.
pub(crate) async fn check_ticket(
    State(site): State<Arc<Site>>,
    address: ClientAddress,
    number: Result<Path<String>, PathRejection>,
    visitor: Visitor,
) -> Result<Response, Problem> {
    answer(&site, address.0, &with_number(visitor, number)).await
}

async fn answer(site: &Site, address: IpAddr, visitor: &Visitor) -> Result<Response, Problem> {
    let missing = PARAMETERS.into_iter().filter(|name| visitor.parameter(name).is_none());
    let missing: Vec<FieldError> = missing.map(missing_parameter).collect();
    if !missing.is_empty() {
        // Nothing is looked up, so that it counts as any page does.
        site.budget.take(address).map_err(over_budget)?;
        return Err(Problem::fields(missing));
    }
    site.lookups.begin(address, &site.budget).map_err(over_budget)?;
    let found = match Check::read(|name| visitor.parameter(name)) {
        Some(check) => find_in(site, &check).await?,
        None => None,
    };
    let Some(found) = found else {
        site.lookups.missed(address).map_err(over_budget)?;
        return Err(no_such_receipt());
    };
    let request = request(&found).ok_or_else(|| unreadable(&found))?;
    let Read { receipt, ticket_number } = read(&found, &request).ok_or_else(|| unreadable(&found))?;
    Ok(json("private, no-store", &CheckAnswer::of(&found, &receipt, ticket_number)))
}

/// Says what of a budget is spent.
fn over_budget(spent: OverBudget) -> Problem {
    match spent {
        OverBudget::Address { wait_seconds } => {
            let detail = "too many receipts were checked from this address; wait as Retry-After says";
            Problem::new(Kind::TooManyRequests, detail).retry_after(wait_seconds)
        }
        OverBudget::All { wait_seconds } => {
            let detail = "too many receipts are checked at once; repeat the request as Retry-After says";
            Problem::new(Kind::Unavailable, detail).retry_after(wait_seconds)
        }
    }
}

fn missing_parameter(name: &str) -> FieldError {
    let detail = "it is missing; take i, f, s and t from the text of the receipt's QR code";
    FieldError { field: name.to_owned(), detail: detail.to_owned() }
}

/// The same whatever does not match.
fn no_such_receipt() -> Problem {
    Problem::new(Kind::NotFound, "no receipt has this number, register, sum and time")
}
