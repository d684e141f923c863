//! The list of all shops and registers.

use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;
use ofd_office::shops::{LineFilter, ShopQuery, ShopsFound, StatusFilter, shops as find_shops};
use ofd_storage::accounts::ShopGroup;

use super::here::{groups_of, register_path, telling};
use super::receipts::{Receipts, at_address, by_number};
use super::trade_points::{done_key, settle};
use super::view::{STATUSES, ShopView, shop_view};
use crate::cabinet::list::address;
use crate::cabinet::{Ask, At, Choice, Failure, Form, Right, see_other};
use crate::page::Shell;
use crate::registrations::{UnderWay, under_way, under_way_by};
use crate::words::Words;

/// The parameters that narrow the list.
const NARROWED_BY: [&str; 4] = ["q", "status", "line", "group"];

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
    /// Groups to choose from; none where the organisation has none.
    groups: Vec<Choice>,
    receipts: Receipts,
    /// The list as a file.
    file: String,
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
pub(super) fn query(ask: &Ask) -> ShopQuery {
    let status = STATUSES.into_iter().find(|(status, _)| status.name() == ask.parameter("status"));
    let status = status.map_or(StatusFilter::Any, |(status, _)| StatusFilter::Of(status));
    let line = LINES.into_iter().find(|(_, word, _)| *word == ask.parameter("line"));
    let group =
        groups_of(ask).iter().map(|group| group.id).find(|id| id.to_string() == ask.parameter("group"));
    ShopQuery::new(ask.parameter("q"), status, line.map_or(LineFilter::Any, |(line, ..)| line))
        .in_group(group)
}

fn group_choices(words: &Words<'_>, groups: &[ShopGroup]) -> Vec<Choice> {
    if groups.is_empty() {
        return Vec::new();
    }
    let mut each: Vec<Choice> =
        groups.iter().map(|group| Choice::new(group.id.to_string(), group.name.as_str())).collect();
    each.sort_by_key(|choice| choice.label.to_lowercase());
    each.insert(0, Choice::new("", words.say("shops-group-any")));
    each
}

fn status_choices(words: &Words<'_>) -> Vec<Choice> {
    let all = Choice::new("", words.say("shops-status-any"));
    let each = STATUSES.into_iter().map(|(status, key)| Choice::new(status.name(), words.say(key)));
    [all].into_iter().chain(each).collect()
}

/// Where a register is that is all that was found, by something of its own.
fn only_register(ask: &Ask, query: &ShopQuery, found: &ShopsFound) -> Option<String> {
    let [shop] = found.shops.as_slice() else { return None };
    let [line] = shop.registers.as_slice() else { return None };
    let is_only = found.next.is_none() && found.is_complete && !query.is_shop(&shop.point);
    is_only.then(|| register_path(ask.bin(), line.record.id))
}

/// Where the one thing is that was found, of whatever kind.
fn only_thing(ask: &Ask, query: &ShopQuery, found: &ShopsFound, receipts: &Receipts) -> Option<String> {
    match receipts.found.as_slice() {
        [] => only_register(ask, query, found),
        [(href, _)] if found.shops.is_empty() && found.next.is_none() => Some(href.clone()),
        _ => None,
    }
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
    let receipts = if is_first { by_number(&site, &ask).await? } else { Receipts::default() };
    let under_way = match after {
        None if query.is_everything() => under_way(&site, &ask).await?,
        None if is_first => under_way_by(&site, &ask, ask.parameter("q")).await?,
        _ => Vec::new(),
    };
    let is_else = is_first && under_way.is_empty();
    if is_else && let Some(href) = only_thing(&ask, &query, &found, &receipts) {
        return Ok(see_other(&href));
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
        groups: group_choices(&words, groups_of(&ask)),
        receipts,
        action: path,
        file: address(&ask, &format!("{path}.csv"), NARROWED_BY, None),
        is_narrowed: !query.is_everything(),
        counts: counts.join(", "),
        is_complete: found.is_complete,
        notice: done_key(ask.parameter("done")).map(|key| words.say(key)),
        new: ask.may(Right::ManageRegisters).then(|| format!("/c/{}/shops/new", ask.bin())),
        register_new: ask.may(Right::ManageRegisters).then(|| format!("/c/{}/registrations/new", ask.bin())),
        under_way,
        next: found.next.map(|next| address(&ask, path, NARROWED_BY, Some((AFTER, &next)))),
        first: after.map(|_| address(&ask, path, NARROWED_BY, None)),
        shops: found.shops.into_iter().map(|shop| shop_view(&site, &ask, shop)).collect(),
    };
    Ok(site.show(&ask, StatusCode::OK, &page))
}
