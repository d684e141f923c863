//! The list of all shops and registers, and the page of one register.

use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;
use ofd_office::shops::{ShopQuery, StatusFilter, register_line, shops as find_shops};
use ofd_protocol::message::Operation;
use ofd_protocol::register::{Register, Status, WarningCount};
use ofd_protocol::warning::Warning;
use ofd_storage::model::{Connection, RegisterRecord, TradePoint, load};
use ofd_storage::registers;

use super::here::{id_of, own, telling};
use super::trade_points::{done_key, settle};
use super::view::{RegisterView, STATUSES, ShopView, address_of, register_view, shop_view, title_of};
use crate::cabinet::list::address;
use crate::cabinet::{Ask, At, Choice, Failure, Form, Right};
use crate::format;
use crate::page::Shell;
use crate::site::Site;
use crate::words::Words;

/// The parameters that narrow the list.
const NARROWED_BY: [&str; 2] = ["q", "status"];

/// The parameter of where the list goes on.
const AFTER: &str = "after";

#[derive(Template)]
#[template(path = "shops.html")]
struct ShopsPage<'a> {
    shell: Shell<'a>,
    form: Form,
    statuses: Vec<Choice>,
    action: &'a str,
    is_narrowed: bool,
    counts: String,
    is_complete: bool,
    shops: Vec<ShopView>,
    next: Option<String>,
    first: Option<String>,
    notice: Option<String>,
    /// Where a shop is made, for who may.
    new: Option<String>,
}

/// Which registers the address asks for.
fn query(ask: &Ask) -> ShopQuery {
    let status = STATUSES.into_iter().find(|(status, _)| status.name() == ask.parameter("status"));
    let status = status.map_or(StatusFilter::Any, |(status, _)| StatusFilter::Of(status));
    ShopQuery::new(ask.parameter("q"), status)
}

fn status_choices(words: &Words<'_>) -> Vec<Choice> {
    let all = Choice::new("", words.say("shops-status-any"));
    let each = STATUSES.into_iter().map(|(status, key)| Choice::new(status.name(), words.say(key)));
    [all].into_iter().chain(each).collect()
}

/// Shows all shops and registers.
pub(super) async fn shops(site: At, ask: Ask) -> Result<Response, Failure> {
    let (words, query) = (site.texts(&ask), query(&ask));
    settle(&site, &ask).await?;
    let after = Some(ask.parameter(AFTER)).filter(|after| !after.is_empty());
    let found = find_shops(&site.office.store, ask.bin(), &query, after, telling(&site)).await?;
    let count = |count: usize| u64::try_from(count).unwrap_or(u64::MAX);
    let counts = [
        words.say_count("shops-count", count(found.shops_count)),
        words.say_count("shops-registers-count", count(found.registers_count)),
    ];
    let path = ask.path();
    let page = ShopsPage {
        shell: site.page(&ask),
        form: Form::filled(NARROWED_BY.map(|name| (name, ask.parameter(name).to_owned()))),
        statuses: status_choices(&words),
        action: path,
        is_narrowed: !query.is_everything(),
        counts: counts.join(", "),
        is_complete: found.is_complete,
        notice: done_key(ask.parameter("done")).map(|key| words.say(key)),
        new: ask.may(Right::ManageRegisters).then(|| format!("/c/{}/shops/new", ask.bin())),
        next: found.next.map(|next| address(&ask, path, NARROWED_BY, Some((AFTER, &next)))),
        first: after.map(|_| address(&ask, path, NARROWED_BY, None)),
        shops: found.shops.into_iter().map(|shop| shop_view(&site, &ask, shop)).collect(),
    };
    Ok(site.show(&ask, StatusCode::OK, &page))
}

struct Sum {
    label: String,
    sum: String,
}

struct WarningRow {
    name: &'static str,
    count: String,
    last_seen: String,
}

#[derive(Template)]
#[template(path = "shop_register.html")]
struct RegisterPage<'a> {
    shell: Shell<'a>,
    back: String,
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

/// Why the register is not served, as whoever stopped it wrote.
fn reason(status: &Status) -> Option<String> {
    let stops = [&status.deregistered, &status.blocked, &status.unpaid, &status.disconnected];
    stops.into_iter().flatten().map(|stop| stop.reason.clone()).find(|reason| !reason.is_empty())
}

fn warning_rows(site: &Site, ask: &Ask, register: &Register) -> Vec<WarningRow> {
    let row = |(warning, seen): (&Warning, &WarningCount)| WarningRow {
        name: warning.name(),
        count: seen.count.to_string(),
        last_seen: site.moment(ask, seen.last_seen),
    };
    register.warnings.iter().map(row).collect()
}

/// Shows a register.
pub(super) async fn register(site: At, ask: Ask) -> Result<Response, Failure> {
    let (words, store) = (site.texts(&ask), &site.office.store);
    let record = own(&site, ask.bin(), id_of(&ask)?).await?;
    let shop = load::<TradePoint>(store, record.trade_point.0.as_bytes()).await?.map(|(_, shop)| shop);
    let line = register_line(store, record.clone(), telling(&site)).await?;
    let newest = registers::newest(store, record.id).await?.map(|newest| newest.register);
    let view = register_view(&site, &ask, &line);
    let mut shell = site.page(&ask);
    shell.title.clone_from(&view.name);
    let page = RegisterPage {
        shell,
        back: format!("/c/{}/registers", ask.bin()),
        shop: shop.as_ref().map_or_else(|| words.say("shops-nameless"), |shop| title_of(&words, shop)),
        address: shop.as_ref().map_or_else(String::new, |shop| address_of(words.language, shop)),
        connection: words.say(match record.connection {
            Connection::Wired => "shops-connection-wired",
            Connection::Sim => "shops-connection-sim",
        }),
        reason: newest.as_ref().and_then(|register| reason(&register.status)),
        last_document: line.last_document_at.map(|at| site.moment(&ask, at)),
        sums: newest.as_ref().map_or_else(Vec::new, |register| lifetime_sums(&words, register)),
        warnings: newest.as_ref().map_or_else(Vec::new, |register| warning_rows(&site, &ask, register)),
        shifts: ask.may(Right::SeeDocuments).then(|| format!("{}/shifts", view.href)),
        register: view,
        record,
    };
    Ok(site.show(&ask, StatusCode::OK, &page))
}
