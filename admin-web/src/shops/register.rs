//! The page of one register.

use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;
use ofd_office::shops::{address_in, register_line};
use ofd_protocol::message::Operation;
use ofd_protocol::refusal::reason_in_languages;
use ofd_protocol::register::{Register, Status, WarningCount};
use ofd_protocol::warning::Warning;
use ofd_storage::accounts::AuditPage;
use ofd_storage::model::{Connection, RegisterRecord, TradePoint, load};

use super::here::{Whose, id_of, may_read, telling};
use super::view::{RegisterView, register_view, title_of};
use crate::cabinet::{Ask, At, Failure, Form, Right};
use crate::format;
use crate::language::Language;
use crate::page::Shell;
use crate::registrations::registration_path;
use crate::site::Site;
use crate::vocabulary::Word;
use crate::words::Words;

struct Sum {
    label: String,
    sum: String,
}

struct WarningRow {
    text: String,
    name: &'static str,
    count: String,
    last_seen: String,
}

#[derive(Template)]
#[template(path = "shop_register.html")]
struct RegisterPage<'a> {
    shell: Shell<'a>,
    back: (String, String),
    operator: Option<ForOperator>,
    is_blocked: bool,
    register: RegisterView,
    shop: String,
    address: String,
    record: RegisterRecord,
    connection: String,
    reason: Option<String>,
    last_document: Option<String>,
    sums: Vec<Sum>,
    warnings: Vec<WarningRow>,
    shifts: Option<String>,
    /// Where its registration is, for who may do something about it.
    registration: Option<String>,
}

/// Sums since registration, which a till cannot set back.
fn lifetime_sums(words: &Words<'_>, register: &Register) -> Vec<Sum> {
    let sum =
        |label: &str, tiyn: i64| Sum { label: words.say(label), sum: format::sum(words.language, tiyn) };
    let operations = [
        (Operation::Sell, "shops-ever-sold"),
        (Operation::SellReturn, "shops-ever-sold-returned"),
        (Operation::Buy, "shops-ever-bought"),
        (Operation::BuyReturn, "shops-ever-bought-returned"),
    ];
    let sums = &register.lifetime.non_nullable;
    let ever = operations
        .into_iter()
        .map(|(operation, label)| (label, sums.get(operation.index()).copied().unwrap_or(0)))
        .filter(|(_, tiyn)| *tiyn != 0);
    [("shops-cash", register.lifetime.cash)]
        .into_iter()
        .chain(ever)
        .map(|(label, tiyn)| sum(label, tiyn))
        .collect()
}

/// Why the register is not served: as whoever stopped it wrote, or in the language of the page where it is known in each.
fn reason(status: &Status, language: Language) -> Option<String> {
    let stops = [&status.deregistered, &status.blocked, &status.unpaid, &status.disconnected];
    let reason = stops.into_iter().flatten().map(|stop| &stop.reason).find(|reason| !reason.is_empty())?;
    let Some([ru, kk, en]) = reason_in_languages(reason) else { return Some(reason.clone()) };
    let own = match language {
        Language::Russian => ru,
        Language::Kazakh => kk,
        Language::English => en,
    };
    Some(own.to_owned())
}

fn warning_rows(site: &Site, ask: &Ask, register: &Register) -> Vec<WarningRow> {
    let words = site.texts(ask);
    let row = |(warning, seen): (&Warning, &WarningCount)| WarningRow {
        text: warning.text(&words),
        name: warning.name(),
        count: seen.count.to_string(),
        last_seen: site.moment(ask, seen.last_seen),
    };
    register.warnings.iter().map(row).collect()
}

/// What the operator's people see and do on the page of a register.
pub(crate) struct ForOperator {
    /// What was done before.
    pub(crate) notice: Option<String>,
    /// The organisation, with its BIN.
    pub(crate) organisation: String,
    /// Where the organisation is looked at.
    pub(crate) organisation_href: String,
    /// The id of the trade point, by which texts on receipts are made for it.
    pub(crate) trade_point: String,
    /// Blocking it and taking the block off, for who may.
    pub(crate) block: Option<Blocking>,
}

/// The form that blocks a register, or takes the block off.
pub(crate) struct Blocking {
    pub(crate) action: String,
    pub(crate) form: Form,
    pub(crate) reason_more: String,
}

/// Shows a register.
pub(super) async fn show(site: At, ask: Ask) -> Result<Response, Failure> {
    let record = Whose::of(&ask).register(&site, id_of(&ask)?, AuditPage::Register).await?;
    page(&site, &ask, record, None).await
}

/// The page of a register, on which the operator's people see and do more.
pub(crate) async fn page(
    site: &At,
    ask: &Ask,
    record: RegisterRecord,
    mut operator: Option<ForOperator>,
) -> Result<Response, Failure> {
    let (words, store) = (site.texts(ask), &site.office.store);
    let shop = load::<TradePoint>(store, record.trade_point.0.as_bytes()).await?.map(|(_, shop)| shop);
    let line = register_line(store, record.clone(), telling(site)).await?;
    let newest = &line.state;
    let view = register_view(site, ask, &line);
    // What was taken off the books is served no more, blocked or not.
    if newest.as_ref().is_some_and(|register| register.status.deregistered.is_some())
        && let Some(operator) = &mut operator
    {
        operator.block = None;
    }
    let mut shell = match &operator {
        Some(_) => site.frame(ask, "operator-register-title", &view.href),
        None => site.page(ask),
    };
    shell.title.clone_from(&view.name);
    let blocking = operator.as_ref().and_then(|operator| operator.block.as_ref());
    let status = blocking.map_or(StatusCode::OK, |blocking| blocking.form.status());
    let is_blocked = newest.as_ref().is_some_and(|register| register.status.blocked.is_some());
    shell.is_typed = blocking.is_some();
    let page = RegisterPage {
        shell,
        back: match &operator {
            Some(_) => ("/operator/find".to_owned(), words.say("operator-find-title")),
            None => (format!("/c/{}/registers", ask.bin()), words.say("shops-title")),
        },
        is_blocked,
        shop: shop.as_ref().map_or_else(|| words.say("shops-nameless"), |shop| title_of(&words, shop)),
        address: shop.as_ref().map_or_else(String::new, |shop| address_in(shop, words.language).to_owned()),
        connection: words.say(match record.connection {
            Connection::Wired => "shops-connection-wired",
            Connection::Sim => "shops-connection-sim",
        }),
        reason: newest.as_ref().and_then(|register| reason(&register.status, words.language)),
        last_document: line.last_document_at.map(|at| site.moment(ask, at)),
        sums: newest.as_ref().map_or_else(Vec::new, |register| lifetime_sums(&words, register)),
        warnings: newest.as_ref().map_or_else(Vec::new, |register| warning_rows(site, ask, register)),
        shifts: may_read(ask).then(|| format!("{}/shifts", view.href)),
        registration: (operator.is_none() && ask.may(Right::ManageRegisters))
            .then(|| registration_path(ask.bin(), record.id)),
        register: view,
        record,
        operator,
    };
    Ok(site.show(ask, status, &page))
}
