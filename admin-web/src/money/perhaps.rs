//! Entries of statements that may be payments which are known: beside each the one that it may be, and a person says which is so.

use askama::Template;
use axum::response::Response;
use ofd_billing::ledger::Source;
use ofd_office::billing::payments::{MatchError, say_perhaps};
use ofd_office::day::{today, written};
use ofd_storage::accounts::{AuditPage, OPERATOR};
use ofd_storage::payments::{Payment, payment};
use ofd_storage::perhaps::{Said, waiting};

use super::payment::path_of;
use super::reasons::{looked, payment_failed};
use crate::cabinet::{Ask, At, Failure, Form, Right, see_other};
use crate::format;
use crate::page::Shell;
use crate::site::Site;

/// Where they wait.
pub(super) const PATH: &str = "/operator/payments-perhaps";

/// Where a person says which of both one is.
pub(super) const SAY: &str = "/operator/payments-perhaps/{payment}";

/// Entries of a page.
const ROWS: usize = 25;

/// A payment in words.
struct PaymentView {
    day: String,
    sum: String,
    number: String,
    payer: String,
    purpose: String,
    at: String,
}

/// An entry and the payment that it may be.
struct BothView {
    say: String,
    entry: PaymentView,
    known: Option<PaymentView>,
}

#[derive(Template)]
#[template(path = "payments_perhaps.html")]
struct PerhapsPage<'a> {
    shell: Shell<'a>,
    form: Form,
    both: Vec<BothView>,
    may_say: bool,
    /// Where the next page is.
    next: Option<String>,
}

fn view(ask: &Ask, payment: &Payment) -> PaymentView {
    PaymentView {
        day: written(payment.on.date()),
        sum: format::sum(ask.language(), payment.sum.get()),
        number: payment.number.clone(),
        payer: payment.payer.name.clone(),
        purpose: payment.purpose.clone(),
        at: path_of(&payment.id),
    }
}

async fn page(site: &Site, ask: &Ask, form: Form) -> Result<Response, Failure> {
    let after = Some(ask.parameter("after")).filter(|after| !after.is_empty());
    let (found, next) = waiting(&site.office.store, after.map(str::as_bytes), ROWS).await?;
    let mut both = Vec::with_capacity(found.len());
    for one in &found {
        let known = payment(&site.office.store, &one.rival).await?;
        both.push(BothView {
            say: format!("{PATH}/{}", one.payment.id),
            entry: view(ask, &one.payment),
            known: known.map(|(_, known)| view(ask, &known)),
        });
    }
    let next = next.and_then(|next| String::from_utf8(next.to_vec()).ok());
    let status = form.status();
    let page = PerhapsPage {
        shell: site.frame(ask, "perhaps-title", PATH),
        form: ask.again(form),
        both,
        may_say: ask.may(Right::ManagePayments),
        next: next.map(|next| format!("{PATH}?after={next}")),
    };
    Ok(site.show(ask, status, &page))
}

/// Shows those that wait.
pub(super) async fn show(site: At, ask: Ask) -> Result<Response, Failure> {
    looked(&site, &ask, OPERATOR, AuditPage::Payments).await?;
    page(&site, &ask, Form::default()).await
}

fn wrong(text: String) -> Form {
    let mut form = Form::default();
    form.error = Some(text);
    form
}

/// Takes what a person says of one. Who says the same twice has said it once.
pub(super) async fn say(site: At, ask: Ask) -> Result<Response, Failure> {
    let id = Source::new(ask.part("payment")).map_err(|_| Failure::NotFound)?;
    let words = site.texts(&ask);
    let said = match ask.fields().text("said") {
        "another" => Said::Another,
        "same" => Said::Same,
        _ => return page(&site, &ask, wrong(words.say("perhaps-say"))).await,
    };
    let day = today(ask.now(), site.config.zone_offset_seconds);
    match say_perhaps(&site.office, ask.by(), &id, said, day).await {
        Ok(()) => Ok(see_other(PATH)),
        Err(MatchError::Matched) => page(&site, &ask, wrong(words.say("perhaps-said-before"))).await,
        Err(MatchError::Unknown | MatchError::NoAccount) => Err(Failure::NotFound),
        Err(MatchError::Payment(error)) => Err(payment_failed(error)),
        Err(MatchError::Change(error)) => Err(error.into()),
    }
}
