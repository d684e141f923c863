//! The list of an organisation's shops with their registers.
//!
//! Which registers and shops an organisation has an index says; what is told of each is read for those that are shown. The
//! order is that of titles, so all titles are read before the first page: an organisation has some thousand shops at most.

use std::collections::BTreeMap;

use futures::future::try_join;
use futures::{StreamExt, TryStreamExt, stream};
use ofd_protocol::register::Telling;
use ofd_protocol::types::{RegisterId, UnixMillis};
use ofd_storage::holdings::{registers_of, trade_points_of};
use ofd_storage::model::{RegisterRecord, TradePoint};
use ofd_storage::registers::last_heard;
use ofd_storage::store::{Store, StoreError};

use super::holdings::{HOLDINGS_PAGE, REGISTERS_MAX, SHOPS_MAX, all};
use super::line::{RegisterLine, is_on_line, register_line};
use super::query::ShopQuery;

/// Registers of one page: what a person reads, and what the store is asked for at once.
const PAGE_REGISTERS: usize = 100;

/// Shops of one page, with registers or without.
const PAGE_SHOPS: usize = 50;

/// Of so many shops one is chosen from a list; of more by its title on the page.
pub const SHOP_CHOICES_MAX: usize = 50;

/// A page that is narrowed to a status looks at so many registers at most before it says how far it got.
const LOOKED_AT_MAX: usize = 1_000;

/// Of so many registers a page tells how many are on line, shop by shop; beyond them it tells no number.
const HEARD_LOOKED_AT_MAX: usize = 2_000;

/// Heads are read so many at a time.
const TOGETHER: usize = 32;

/// A shop with those of its registers that were asked for.
#[derive(Clone, Debug)]
pub struct Shop {
    /// What is known of the shop itself.
    pub point: TradePoint,
    /// Its registers, by id. A shop with very many goes on on the next page.
    pub registers: Vec<RegisterLine>,
    /// How many registers it has, asked for or not.
    pub all: usize,
    /// How many of them all are on line; none where the page had looked at too many by then.
    pub on_line: Option<usize>,
}

/// A page of the list.
#[derive(Clone, Debug, Default)]
pub struct ShopsFound {
    /// Shops in the order of their titles.
    pub shops: Vec<Shop>,
    /// Where the list goes on, if it does.
    pub next: Option<String>,
    /// How many shops the organisation has.
    pub shops_count: usize,
    /// How many registers it has.
    pub registers_count: usize,
    /// Whether all of them are known: the index of a store of before is still being made, or there are too many.
    pub is_complete: bool,
    /// The shops of which one can be chosen, in their order: all that have a title, or, of too many to choose from, the one
    /// that is chosen.
    pub choices: Vec<TradePoint>,
}

impl ShopsFound {
    /// Leaves the first rows of the page, where each shop and each of its registers is one, and goes on with what stood behind
    /// them. A shop of which no register would be left goes with them; the first row stays with its register.
    pub fn cut(&mut self, rows: usize) {
        let mut left = rows;
        for at in 0..self.shops.len() {
            let Some(shop) = self.shops.get_mut(at) else { return };
            let of_shop = shop.registers.len();
            if left > of_shop {
                left = left.saturating_sub(of_shop).saturating_sub(1);
                continue;
            }
            let keeps = if at == 0 { left.saturating_sub(1).max(1) } else { left.saturating_sub(1) };
            let keeps = keeps.min(of_shop);
            let place = place_of(&shop.point);
            if keeps == 0 {
                self.shops.truncate(at);
                self.next = Some(Place { at: place, register: 0 }.text());
                return;
            }
            if keeps < of_shop {
                shop.registers.truncate(keeps);
                let last = shop.registers.last().map_or(0, |line| line.record.id.0);
                self.shops.truncate(at.saturating_add(1));
                self.next = Some(Place { at: place, register: last }.text());
                return;
            }
            left = 0;
        }
    }
}

/// Where a shop stands in the list: by its title as it is compared, then by its id.
type At = (String, String);

/// Where a list stopped: in which shop, and behind which register of it; no register is 0. People may change it; what is
/// none begins anew.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Place {
    at: At,
    register: u32,
}

/// Which registers lie in which shop, in the order of the list.
type ByShop = BTreeMap<At, (TradePoint, Vec<RegisterRecord>)>;

fn place_of(point: &TradePoint) -> At {
    (point.title.to_lowercase(), point.id.0.clone())
}

/// A page of an organisation's shops with the registers that are asked for.
///
/// # Errors
/// Those of the store.
pub async fn shops(
    store: &impl Store,
    bin: &str,
    query: &ShopQuery,
    after: Option<&str>,
    telling: Telling,
) -> Result<ShopsFound, StoreError> {
    let (points, registers) = try_join(
        all(SHOPS_MAX, |after| trade_points_of(store, bin, after, HOLDINGS_PAGE)),
        all(REGISTERS_MAX, |after| registers_of(store, bin, after, HOLDINGS_PAGE)),
    )
    .await?;
    let (registers_count, is_complete) = (registers.found.len(), points.is_complete && registers.is_complete);
    let mut by_shop = by_shop(points.found, registers.found);
    let shops_count = by_shop.len();
    let choices = choices(&by_shop, query);
    by_shop.retain(|_, (point, _)| query.has_group(point) && query.has_shop(&point.id));
    let mut found =
        ShopsFound { shops_count, registers_count, is_complete, choices, ..ShopsFound::default() };
    if query.is_of_registrations() {
        // No register is asked for.
        return Ok(found);
    }
    fill(store, by_shop, query, after.and_then(Place::read), telling, &mut found).await?;
    Ok(found)
}

/// The shops of which one can be chosen.
fn choices(by_shop: &ByShop, query: &ShopQuery) -> Vec<TradePoint> {
    let points = by_shop.values().map(|(point, _)| point).filter(|point| !point.title.is_empty());
    let is_few = by_shop.len() <= SHOP_CHOICES_MAX;
    points.filter(|point| is_few || query.shop() == Some(&point.id)).cloned().collect()
}

/// Registers by their shops, in the order of the list. A register whose shop is not known stands in none that has a title.
fn by_shop(points: Vec<TradePoint>, registers: Vec<RegisterRecord>) -> ByShop {
    let mut keys = BTreeMap::new();
    let mut by_shop = ByShop::new();
    for point in points {
        keys.insert(point.id.0.clone(), place_of(&point));
        by_shop.insert(place_of(&point), (point, Vec::new()));
    }
    for register in registers {
        let id = &register.trade_point.0;
        let at = keys.get(id).cloned().unwrap_or_else(|| (String::new(), id.clone()));
        let nameless = || (nameless(&register), Vec::new());
        by_shop.entry(at).or_insert_with(nameless).1.push(register);
    }
    // One that was deleted is shown only where a register was put into it since, by the file of the fleet.
    by_shop.retain(|_, (point, registers)| point.deleted_at.is_none() || !registers.is_empty());
    for (_, registers) in by_shop.values_mut() {
        registers.sort_by_key(|register| register.id.0);
    }
    by_shop
}

/// Stands for a shop that has no record.
fn nameless(register: &RegisterRecord) -> TradePoint {
    TradePoint::at(register.trade_point.clone(), &register.bin, "", "")
}

/// Adds shops from a place on until the page is full.
async fn fill(
    store: &impl Store,
    by_shop: ByShop,
    query: &ShopQuery,
    after: Option<Place>,
    telling: Telling,
    found: &mut ShopsFound,
) -> Result<(), StoreError> {
    let (mut shown, mut looked_at, mut heard_left) = (0_usize, 0_usize, HEARD_LOOKED_AT_MAX);
    let by_shop =
        by_shop.into_iter().skip_while(|(at, _)| after.as_ref().is_some_and(|after| *at < after.at));
    for (at, (point, registers)) in by_shop {
        let behind = after.as_ref().filter(|after| after.at == at).map_or(0, |after| after.register);
        let (all, is_shop) = (registers.len(), query.is_shop(&point));
        let ids: Vec<RegisterId> = registers.iter().map(|register| register.id).collect();
        let wanted = registers.into_iter().filter(|register| is_shop || query.is_register(register));
        let wanted: Vec<_> = wanted.filter(|register| register.id.0 > behind).collect();
        // A shop without registers is listed too, but not by a status, and not once more where its registers went on.
        let is_listed_bare = is_shop && !query.is_of_registers() && behind == 0;
        if wanted.is_empty() && !is_listed_bare {
            continue;
        }
        if found.shops.len() >= PAGE_SHOPS || shown >= PAGE_REGISTERS || looked_at >= LOOKED_AT_MAX {
            found.next = Some(Place { at, register: 0 }.text());
            return Ok(());
        }
        let room = PAGE_REGISTERS.saturating_sub(shown);
        let (lines, stopped_behind, looked) = lines(store, wanted, query, telling, room).await?;
        looked_at = looked_at.saturating_add(looked);
        shown = shown.saturating_add(lines.len());
        if !lines.is_empty() || is_listed_bare {
            let on_line = if heard_left >= ids.len() {
                heard_left = heard_left.saturating_sub(ids.len());
                Some(on_line(store, &ids, &lines, telling.now).await?)
            } else {
                None
            };
            found.shops.push(Shop { point, registers: lines, all, on_line });
        }
        if let Some(RegisterId(register)) = stopped_behind {
            found.next = Some(Place { at, register }.text());
            return Ok(());
        }
    }
    Ok(())
}

/// Lines of registers until there is no room for more; with the last one that was looked at where more follow, and how
/// many were looked at.
async fn lines(
    store: &impl Store,
    registers: Vec<RegisterRecord>,
    query: &ShopQuery,
    telling: Telling,
    room: usize,
) -> Result<(Vec<RegisterLine>, Option<RegisterId>, usize), StoreError> {
    let (mut lines, mut looked) = (Vec::new(), 0_usize);
    let mut registers = registers.into_iter().peekable();
    while registers.peek().is_some() {
        let piece: Vec<_> = registers.by_ref().take(TOGETHER.min(room.saturating_sub(lines.len()))).collect();
        let last = piece.last().map(|register| register.id);
        looked = looked.saturating_add(piece.len());
        let read = stream::iter(piece).map(|record| register_line(store, record, telling)).buffered(TOGETHER);
        let read: Vec<RegisterLine> = read.try_collect().await?;
        let is_wanted = |line: &RegisterLine| {
            query.has_status(line.status) && query.has_line(is_on_line(line.heard_at, telling.now))
        };
        lines.extend(read.into_iter().filter(is_wanted));
        let is_enough = lines.len() >= room || looked >= LOOKED_AT_MAX;
        if is_enough && registers.peek().is_some() {
            return Ok((lines, last, looked));
        }
    }
    Ok((lines, None, looked))
}

/// How many of a shop's registers are on line; of those that have a line here it is known.
async fn on_line(
    store: &impl Store,
    ids: &[RegisterId],
    lines: &[RegisterLine],
    now: UnixMillis,
) -> Result<usize, StoreError> {
    let heard = |id: RegisterId| async move {
        match lines.iter().find(|line| line.record.id == id) {
            Some(line) => Ok(line.heard_at),
            None => last_heard(store, id, now).await,
        }
    };
    let heard: Vec<Option<UnixMillis>> =
        stream::iter(ids.iter().copied().map(heard)).buffered(TOGETHER).try_collect().await?;
    Ok(heard.into_iter().filter(|at| is_on_line(*at, now)).count())
}

/// Between the parts of a place: no id holds it, and a title comes last.
const BETWEEN: char = '~';

impl Place {
    fn text(&self) -> String {
        let (title, id) = &self.at;
        format!("{}{BETWEEN}{id}{BETWEEN}{title}", self.register)
    }

    fn read(text: &str) -> Option<Self> {
        let mut parts = text.splitn(3, BETWEEN);
        let register = parts.next()?.parse().ok()?;
        let (id, title) = (parts.next()?.to_owned(), parts.next()?.to_owned());
        Some(Self { at: (title, id), register })
    }
}
