//! The list of all shops and registers.

use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;
use ofd_office::shops::{
    LineFilter, ShopQuery, ShopsFound, StatusFilter, by_offline_number, by_ticket_number, shops as find_shops,
};
use ofd_protocol::ticket_number::DocumentRef;
use ofd_protocol::types::RegisterId;

use super::here::{register_path, telling};
use super::trade_points::{done_key, settle};
use super::view::{STATUSES, ShopView, shop_view};
use crate::cabinet::list::address;
use crate::cabinet::{Ask, At, Choice, Failure, Form, Right, see_other};
use crate::page::Shell;
use crate::receipts::sought::{self, Sought};
use crate::registrations::{UnderWay, under_way};
use crate::site::Site;
use crate::words::Words;

/// The parameters that narrow the list.
const NARROWED_BY: [&str; 3] = ["q", "status", "line"];

/// Whether registers are on line, by the word for it in the address, with the key of its text.
const LINES: [(LineFilter, &str, &str); 3] = [
    (LineFilter::Any, "", "shops-line-any"),
    (LineFilter::OnLine, "on", "shops-line-on"),
    (LineFilter::Silent, "silent", "shops-line-silent"),
];

/// The parameter of where the list goes on.
const AFTER: &str = "after";

#[derive(Template)]
#[template(path = "shops.html")]
struct ShopsPage<'a> {
    shell: Shell<'a>,
    form: Form,
    statuses: Vec<Choice>,
    lines: Vec<Choice>,
    /// Receipts that were looked for, where there are several.
    receipts: Vec<(String, String)>,
    action: &'a str,
    is_narrowed: bool,
    counts: String,
    is_complete: bool,
    /// Where a register is registered, for who may.
    register_new: Option<String>,
    /// Registrations that are not through; on the first page alone.
    under_way: Vec<UnderWay>,
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
    let line = LINES.into_iter().find(|(_, word, _)| *word == ask.parameter("line"));
    ShopQuery::new(ask.parameter("q"), status, line.map_or(LineFilter::Any, |(line, ..)| line))
}

fn status_choices(words: &Words<'_>) -> Vec<Choice> {
    let all = Choice::new("", words.say("shops-status-any"));
    let each = STATUSES.into_iter().map(|(status, key)| Choice::new(status.name(), words.say(key)));
    [all].into_iter().chain(each).collect()
}

/// Where a document is shown.
fn document_path(bin: &str, (id, place): (RegisterId, DocumentRef)) -> String {
    format!("{}/shifts/{}/documents/{}", register_path(bin, id), place.shift, place.number)
}

/// Where the receipt is whose QR address was typed, for who may see receipts; another organisation's is as if there were
/// none.
async fn at_address(site: &Site, ask: &Ask) -> Result<Option<String>, Failure> {
    let Some(Sought::Address(Some(check))) = sought::read(ask.parameter("q")) else { return Ok(None) };
    if !ask.may(Right::SeeDocuments) {
        return Ok(None);
    }
    let found = sought::at_address(site, &check).await?;
    let own = found.filter(|(register, _)| register.bin == ask.bin());
    Ok(own.map(|(register, place)| document_path(ask.bin(), (register.id, place))))
}

/// Where a register is that is all that was found, by something of its own.
fn only_register(ask: &Ask, query: &ShopQuery, found: &ShopsFound) -> Option<String> {
    let [shop] = found.shops.as_slice() else { return None };
    let [line] = shop.registers.as_slice() else { return None };
    let is_only = found.next.is_none() && found.is_complete && !query.is_shop(&shop.point);
    is_only.then(|| register_path(ask.bin(), line.record.id))
}

/// The receipts of the organisation that a typed number leads to, each with where it is shown.
async fn by_number(site: &Site, ask: &Ask) -> Result<Vec<(String, String)>, Failure> {
    if !ask.may(Right::SeeDocuments) {
        return Ok(Vec::new());
    }
    let store = &site.office.store;
    let found = match sought::read(ask.parameter("q")) {
        Some(Sought::TicketNumber(number)) => {
            by_ticket_number(store, site.ticket_number_key()?, ask.bin(), number).await?.into_iter().collect()
        }
        Some(Sought::OfflineNumber(number)) => by_offline_number(store, ask.bin(), number).await?,
        Some(Sought::Address(_)) | None => Vec::new(),
    };
    let words = site.texts(ask);
    let link = |(id, place): (RegisterId, DocumentRef)| {
        let values = [id.to_string(), place.shift.to_string(), place.number.to_string()];
        let [register, shift, number] = values.each_ref().map(String::as_str);
        let values = [("register", register), ("shift", shift), ("number", number)];
        (document_path(ask.bin(), (id, place)), words.say_values("shops-receipt-at", &values))
    };
    Ok(found.into_iter().map(link).collect())
}

/// Shows all shops and registers.
pub(super) async fn shops(site: At, ask: Ask) -> Result<Response, Failure> {
    let (words, query) = (site.texts(&ask), query(&ask));
    settle(&site, &ask).await?;
    let after = Some(ask.parameter(AFTER)).filter(|after| !after.is_empty());
    let is_first = after.is_none() && query.is_by_text_alone();
    if is_first && let Some(href) = at_address(&site, &ask).await? {
        return Ok(see_other(&href));
    }
    let found = find_shops(&site.office.store, ask.bin(), &query, after, telling(&site)).await?;
    if is_first && let Some(href) = only_register(&ask, &query, &found) {
        return Ok(see_other(&href));
    }
    let mut receipts = Vec::new();
    if is_first && found.shops.is_empty() && found.next.is_none() {
        receipts = by_number(&site, &ask).await?;
        if let [(href, _)] = receipts.as_slice() {
            return Ok(see_other(href));
        }
    }
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
        lines: LINES.map(|(_, word, key)| Choice::new(word, words.say(key))).into(),
        receipts,
        action: path,
        is_narrowed: !query.is_everything(),
        counts: counts.join(", "),
        is_complete: found.is_complete,
        notice: done_key(ask.parameter("done")).map(|key| words.say(key)),
        new: ask.may(Right::ManageRegisters).then(|| format!("/c/{}/shops/new", ask.bin())),
        register_new: ask.may(Right::ManageRegisters).then(|| format!("/c/{}/registrations/new", ask.bin())),
        under_way: if after.is_none() && query.is_everything() {
            under_way(&site, &ask).await?
        } else {
            Vec::new()
        },
        next: found.next.map(|next| address(&ask, path, NARROWED_BY, Some((AFTER, &next)))),
        first: after.map(|_| address(&ask, path, NARROWED_BY, None)),
        shops: found.shops.into_iter().map(|shop| shop_view(&site, &ask, shop)).collect(),
    };
    Ok(site.show(&ask, StatusCode::OK, &page))
}
