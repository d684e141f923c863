//! The list of all shops and registers.

use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;
use ofd_office::shops::{
    LineFilter, SHOP_CHOICES_MAX, ShopQuery, ShopsFound, Stage, StatusFilter, place_behind,
    registrations_under_way, shops as find_shops,
};
use ofd_storage::accounts::ShopGroup;
use ofd_storage::model::{TradePoint, TradePointId};

use super::here::{groups_of, register_path, telling};
use super::receipts::{Receipts, at_address, by_number};
use super::trade_points::{done_key, settle};
use super::view::{STAGES, STATUSES, ShopView, shop_view, title_of};
use crate::cabinet::list::{address, choices_len};
use crate::cabinet::{Ask, At, Choice, Failure, Form, Right, see_other};
use crate::page::Shell;
use crate::page_len::{LIST_BYTES, fitting_in, len_on_page};
use crate::registrations::{UnderWay, under_way};
use crate::site::Site;
use crate::words::Words;

/// The parameters that narrow the list.
const NARROWED_BY: [&str; 5] = ["q", "status", "line", "group", "shop"];

/// Registrations under way of a page of their own: what a person reads before finishing some.
const UNDER_WAY_SHOWN: usize = 100;

/// Of those that stand above the shops, fewer, and so many bytes of the page at most: the shops are why it is opened.
const UNDER_WAY_BESIDE: usize = 20;
const UNDER_WAY_BYTES: usize = 20 * 1024;

/// The word by which all registrations under way are asked for.
const UNDER_WAY: &str = "under_way";

/// What narrows the registrations under way that stand above the shops.
const UNDER_WAY_NARROWED_BY: [&str; 3] = ["q", "group", "shop"];

/// Characters of a shop's title among choices: its whole title stands on the page.
const SHOP_CHOICE_CHARS: usize = 60;

/// Links that say how the list is narrowed: where it goes on, its file, the same in other languages.
const NARROWED_LINKS: usize = 8;

/// What a link to a receipt that was found comes to on the page.
const RECEIPT_LEN: usize = 400;

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
    /// Shops to choose from, with what is said where they are not all; none where there is one at most.
    shop_choices: Vec<Choice>,
    shop_hint: &'static str,
    receipts: Receipts,
    /// The list as a file.
    file: String,
    action: &'a str,
    is_narrowed: bool,
    counts: String,
    is_complete: bool,
    /// Where a register is registered, for who may.
    register_new: Option<String>,
    /// Registrations that are not through: on the first page, or page by page where these alone are asked for.
    under_way: Vec<UnderWay>,
    /// Where all of these are, where those above the shops are not.
    under_way_all: Option<String>,
    shops: Vec<ShopView>,
    next: Option<String>,
    first: Option<String>,
    notice: Option<String>,
    /// Where a shop is made, for who may.
    new: Option<String>,
}

/// The status of a word in an address.
fn status_of(word: &str) -> StatusFilter {
    let stage = Stage::ALL.into_iter().find(|(known, _)| *known == word);
    let status = STATUSES.into_iter().find(|(status, _)| status.name() == word);
    match (stage, status) {
        (Some((_, stage)), _) => StatusFilter::UnderWay(Some(stage)),
        (None, Some((status, _))) => StatusFilter::Of(status),
        (None, None) if word == UNDER_WAY => StatusFilter::UnderWay(None),
        (None, None) => StatusFilter::Any,
    }
}

/// Which registers the address asks for.
pub(super) fn query(ask: &Ask) -> ShopQuery {
    let line = LINES.into_iter().find(|(_, word, _)| *word == ask.parameter("line"));
    let group =
        groups_of(ask).iter().map(|group| group.id).find(|id| id.to_string() == ask.parameter("group"));
    let (status, line) =
        (status_of(ask.parameter("status")), line.map_or(LineFilter::Any, |(line, ..)| line));
    let shop = TradePointId::read(ask.parameter("shop"));
    ShopQuery::new(ask.parameter("q"), status, line).in_group(group).in_shop(shop)
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
    let under_way = Stage::ALL.into_iter().zip(STAGES).map(|((word, _), (_, key))| (word, key));
    let under_way = [(UNDER_WAY, "registration-under-way")].into_iter().chain(under_way);
    let under_way = under_way.map(|(word, key)| Choice::new(word, words.say(key)));
    [all].into_iter().chain(each).chain(under_way).collect()
}

/// A shop to choose, by the beginning of its title.
pub(crate) fn shop_choice(words: &Words<'_>, point: &TradePoint) -> Choice {
    let title = title_of(words, point);
    let short: String = title.chars().take(SHOP_CHOICE_CHARS).collect();
    let more = if short.len() < title.len() { "…" } else { "" };
    Choice::new(point.id.0.clone(), format!("{short}{more}"))
}

/// Shops to choose from, where there are several. One that is asked for and is not there is a choice too, which says so.
fn shop_choices(words: &Words<'_>, query: &ShopQuery, found: &ShopsFound) -> Vec<Choice> {
    if found.shops_count < 2 && query.shop().is_none() {
        return Vec::new();
    }
    let mut choices = vec![Choice::new("", words.say("shops-shop-any"))];
    choices.extend(found.choices.iter().map(|point| shop_choice(words, point)));
    let is_known = |id: &TradePointId| found.choices.iter().any(|point| point.id == *id);
    let gone = query.shop().filter(|id| !is_known(id));
    choices.extend(gone.map(|id| Choice::new(id.0.clone(), words.say("shops-shop-unknown"))));
    choices
}

/// Registrations under way as a page shows them.
#[derive(Default)]
struct OfUnderWay {
    shown: Vec<UnderWay>,
    /// Where the list of them goes on.
    next: Option<String>,
    /// Where all of them are, where those above the shops are not.
    all: Option<String>,
}

/// The registrations under way that are shown, as many as fit into so many bytes: those that are asked for, else those that
/// stand above the shops of the first page.
async fn under_way_of(
    site: &Site,
    ask: &Ask,
    query: &ShopQuery,
    (after, bytes): (Option<&str>, usize),
) -> Result<OfUnderWay, Failure> {
    let is_asked = query.is_of_registrations();
    let is_beside = after.is_none() && !query.is_of_registers();
    let Some(acting) = ask.acting().filter(|_| is_asked || is_beside) else {
        return Ok(OfUnderWay::default());
    };
    let (office, company) = (&site.office, &acting.company.state);
    let (limit, bytes) =
        if is_asked { (UNDER_WAY_SHOWN, bytes) } else { (UNDER_WAY_BESIDE, bytes.min(UNDER_WAY_BYTES)) };
    let (found, mut next) = registrations_under_way(office, company, query, after, limit).await?;
    let mut shown: Vec<UnderWay> = found.iter().map(|one| under_way(site, ask, one)).collect();
    let fitting = fitting_in(bytes, shown.iter().map(UnderWay::len));
    if fitting < shown.len() {
        shown.truncate(fitting);
        next = found.get(fitting.saturating_sub(1)).map(place_behind);
    }
    let all = || address(ask, ask.path(), UNDER_WAY_NARROWED_BY, Some(("status", UNDER_WAY)));
    let all = next.as_ref().filter(|_| !is_asked).map(|_| all());
    Ok(OfUnderWay { shown, next: next.filter(|_| is_asked), all })
}

/// The shops that were found as the page shows them, as many as fit into so many bytes. What does not fit comes next.
fn fitting_shops(site: &Site, ask: &Ask, found: &mut ShopsFound, bytes: usize) -> Vec<ShopView> {
    let views = |found: &ShopsFound| -> Vec<ShopView> {
        found.shops.iter().map(|shop| shop_view(site, ask, shop)).collect()
    };
    let shown = views(found);
    let lens: Vec<usize> = shown.iter().flat_map(ShopView::lens).collect();
    let fitting = fitting_in(bytes, lens.iter().copied());
    if fitting >= lens.len() {
        return shown;
    }
    found.cut(fitting);
    views(found)
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

/// What the page comes to in bytes beside shops and registrations, as far as that differs from page to page.
fn taken(ask: &Ask, receipts: &Receipts, choices: [&[Choice]; 3]) -> usize {
    let narrowed = address(ask, ask.path(), NARROWED_BY, None);
    let links = len_on_page(&narrowed).saturating_mul(NARROWED_LINKS);
    let receipts = receipts.found.len().saturating_mul(RECEIPT_LEN);
    choices.into_iter().map(choices_len).fold(links.saturating_add(receipts), usize::saturating_add)
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
    let mut found = find_shops(&site.office.store, ask.bin(), &query, after, telling(&site)).await?;
    let receipts = if is_first { by_number(&site, &ask).await? } else { Receipts::default() };
    let statuses = status_choices(&words);
    let (groups, shop_choices) =
        (group_choices(&words, groups_of(&ask)), shop_choices(&words, &query, &found));
    let taken = taken(&ask, &receipts, [&statuses, &groups, &shop_choices]);
    let mut left = LIST_BYTES.saturating_sub(taken);
    let under_way = under_way_of(&site, &ask, &query, (after, left)).await?;
    left = under_way.shown.iter().map(UnderWay::len).fold(left, usize::saturating_sub);
    let is_else = is_first && under_way.shown.is_empty();
    if is_else && let Some(href) = only_thing(&ask, &query, &found, &receipts) {
        return Ok(see_other(&href));
    }
    let count = |count: usize| u64::try_from(count).unwrap_or(u64::MAX);
    let counts = [
        words.say_count("shops-count", count(found.shops_count)),
        words.say_count("shops-registers-count", count(found.registers_count)),
    ];
    let (path, shops) = (ask.path(), fitting_shops(&site, &ask, &mut found, left));
    let page = ShopsPage {
        shell: site.page(&ask),
        form: Form::filled(NARROWED_BY.map(|name| (name, ask.parameter(name).to_owned()))),
        statuses,
        lines: LINES.map(|(_, word, key)| Choice::new(word, words.say(key))).into(),
        groups,
        shop_choices,
        shop_hint: if found.shops_count > SHOP_CHOICES_MAX { "shops-shop-hint" } else { "" },
        receipts,
        action: path,
        file: address(&ask, &format!("{path}.csv"), NARROWED_BY, None),
        is_narrowed: !query.is_everything(),
        counts: counts.join(", "),
        is_complete: found.is_complete,
        notice: done_key(ask.parameter("done")).map(|key| words.say(key)),
        new: ask.may(Right::ManageRegisters).then(|| format!("/c/{}/shops/new", ask.bin())),
        register_new: ask.may(Right::ManageRegisters).then(|| format!("/c/{}/registrations/new", ask.bin())),
        next: found
            .next
            .or(under_way.next)
            .map(|next| address(&ask, path, NARROWED_BY, Some((AFTER, &next)))),
        first: after.map(|_| address(&ask, path, NARROWED_BY, None)),
        under_way: under_way.shown,
        under_way_all: under_way.all,
        shops,
    };
    Ok(site.show(&ask, StatusCode::OK, &page))
}
