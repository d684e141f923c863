//! A page of documents over a period.

use futures::future::try_join;
use futures::{StreamExt, TryStreamExt, stream};
use ofd_protocol::register::DocumentKind;
use ofd_protocol::ticket_number::DocumentRef;
use ofd_protocol::types::{RegisterId, UnixMillis};
use ofd_storage::holdings::{Holdings, Listing, registers_of, trade_points_of};
use ofd_storage::model::{Holding, RegisterRecord, TradePoint, TradePointId, load, register_key};
use ofd_storage::registers;
use ofd_storage::store::{Store, StoreError};

use super::backwards::Documents;
use super::line::DocumentLine;
use super::merge::{Merge, Rank, Source, TOGETHER};
use super::query::DocumentQuery;
use super::reach::{Reach, accepted_within, reach};
use super::totals::{Totals, TotalsOf};

/// A page reads so many documents before it says how far it got: with usual ones a few megabytes, and a tenth of a second.
pub const READ_MAX: usize = 5_000;

/// How much one page is.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// So many documents at most.
    pub rows: usize,
    /// So many are read for it; of each register that has to be opened the first ones are read all the same.
    pub read: usize,
}

impl Bounds {
    /// A page of so many rows.
    pub fn rows(rows: usize) -> Self {
        Self { rows, read: READ_MAX }
    }
}

/// Registers of one organisation that are looked at; the largest chain of the country has some thousand.
const REGISTERS_MAX: usize = 10_000;

/// What an organisation has is read in pages of so many.
const HOLDINGS_PAGE: usize = 500;

/// Where a list stopped: at the last document that was looked at. People may change it; what is none begins anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cursor(pub(super) Rank);

impl Cursor {
    /// Behind a document.
    pub fn behind(line: &DocumentLine) -> Self {
        Self(Documents::rank(line))
    }

    /// As it stands in an address.
    pub fn text(&self) -> String {
        let Rank { accepted_at, register, place: DocumentRef { shift, number } } = self.0;
        format!("{}-{register}-{shift}-{number}", accepted_at.0)
    }

    /// Reads what stands in an address; `None`: it is no cursor.
    pub fn read(text: &str) -> Option<Self> {
        let mut parts = text.splitn(4, '-');
        let mut next = || parts.next().filter(|part| part.bytes().all(|byte| byte.is_ascii_digit()));
        let accepted_at = UnixMillis(next()?.parse().ok()?);
        let (register, shift) = (next()?.parse().ok()?, next()?.parse().ok()?);
        let place = DocumentRef { shift, number: next()?.parse().ok()? };
        Some(Self(Rank { accepted_at, register, place }))
    }
}

/// A page of documents.
#[derive(Clone, Debug)]
pub struct Found {
    /// The documents that are asked for, the newest first.
    pub lines: Vec<DocumentLine>,
    /// Where the list goes on, if it does.
    pub next: Option<Cursor>,
    /// How many documents were read.
    pub read: usize,
    /// When the last one that was looked at was accepted, where there may be more behind it.
    pub reached: Option<UnixMillis>,
    /// What all that is asked for comes to, or what the page does.
    pub totals: Totals,
    /// Whether all registers are known: the index of a store of before is still being made, or there are too many.
    pub is_complete: bool,
}

impl Found {
    /// Leaves out all lines behind the first so many: the list goes on with them.
    pub fn cut(&mut self, query: &DocumentQuery, rows: usize) {
        if rows >= self.lines.len() {
            return;
        }
        self.lines.truncate(rows);
        self.next = self.lines.last().map(Cursor::behind);
        self.reached = self.lines.last().map(|line| line.accepted_at);
        if self.totals.of == TotalsOf::Page {
            self.totals = Totals::of_page(query, &self.lines);
        }
    }
}

/// The registers that are asked for.
pub(super) struct Chosen {
    pub(super) registers: Vec<RegisterRecord>,
    pub(super) is_complete: bool,
}

/// Reads the pages of a list until its end, or until there are `max`.
async fn all<M, F>(max: usize, page: impl Fn(Option<M::Id>) -> F) -> Result<(Vec<M>, bool), StoreError>
where
    M: Holding,
    F: Future<Output = Result<Holdings<M>, StoreError>>,
{
    let (mut found, mut after, mut is_complete) = (Vec::new(), None, true);
    loop {
        let Holdings { found: some, unreadable, next, listing } = page(after).await?;
        found.extend(some);
        is_complete &= unreadable.is_empty() && listing == Listing::Whole;
        match next {
            Some(_) if found.len() >= max => return Ok((found, false)),
            Some(next) => after = Some(next),
            None => return Ok((found, is_complete)),
        }
    }
}

/// The registers that a query asks for, of this organisation alone.
pub(super) async fn chosen(
    store: &impl Store,
    bin: &str,
    query: &DocumentQuery,
) -> Result<Chosen, StoreError> {
    if let Some(id) = query.register_id.filter(|_| query.shop.is_none()) {
        let record = load::<RegisterRecord>(store, &register_key(RegisterId(id))).await?;
        if let Some((_, record)) = record.filter(|(_, record)| record.bin == bin) {
            return Ok(Chosen { registers: vec![record], is_complete: true });
        }
    }
    let registers = all(REGISTERS_MAX, |after| registers_of(store, bin, after, HOLDINGS_PAGE));
    let ((mut registers, mut is_complete), shops) = match &query.shop {
        Some(shop) => {
            let points = all(REGISTERS_MAX, |after| trade_points_of(store, bin, after, HOLDINGS_PAGE));
            let (registers, (points, is_whole)) = try_join(registers, points).await?;
            let wanted = points.into_iter().filter(|point: &TradePoint| shop.is_shop(point));
            (registers, Some((wanted.map(|point| point.id).collect::<Vec<TradePointId>>(), is_whole)))
        }
        None => (registers.await?, None),
    };
    if let Some((shops, is_whole)) = shops {
        let shops: std::collections::HashSet<String> = shops.into_iter().map(|id| id.0).collect();
        registers.retain(|register| shops.contains(&register.trade_point.0));
        is_complete &= is_whole;
    }
    if let Some(register) = &query.register {
        registers.retain(|record| register.is_register(record));
    }
    Ok(Chosen { registers, is_complete })
}

/// Where the documents of the period lie in each of the registers.
pub(super) async fn reaches(
    store: &impl Store,
    registers: &[RegisterRecord],
    query: &DocumentQuery,
    zone: i32,
) -> Result<Vec<Reach>, StoreError> {
    let each: Vec<_> = registers.iter().map(|record| reach(store, record.id, query.period, zone)).collect();
    stream::iter(each).buffered(TOGETHER).try_collect().await
}

async fn cancelled(store: &impl Store, line: &mut DocumentLine) -> Result<(), StoreError> {
    line.is_cancelled = registers::is_cancelled(store, line.register, line.place).await?;
    Ok(())
}

/// Says which receipts were cancelled.
async fn tell_cancelled(store: &impl Store, lines: &mut [DocumentLine]) -> Result<(), StoreError> {
    let receipts = lines.iter_mut().filter(|line| line.kind == DocumentKind::Ticket);
    let asked: Vec<_> = receipts.map(|line| cancelled(store, line)).collect();
    stream::iter(asked).buffered(TOGETHER).try_collect().await
}

/// Documents of an organisation that are asked for, behind `after`. `zone` is how far the wall clock is ahead
/// of UTC by which registers count that have no figures yet.
///
/// # Errors
/// Those of the store.
pub async fn documents(
    store: &impl Store,
    bin: &str,
    query: &DocumentQuery,
    after: Option<Cursor>,
    bounds: Bounds,
    zone: i32,
) -> Result<Found, StoreError> {
    let Chosen { registers, is_complete } = chosen(store, bin, query).await?;
    let reaches = reaches(store, &registers, query, zone).await?;
    let of_days = query.is_of_figures().then(|| Totals::of_days(query, &reaches));
    // Zones of registers differ by a day at most.
    let (floor, until) = accepted_within(query.period, zone);
    let day_ms = 24 * 3600 * 1000;
    let within = (UnixMillis(floor.0.saturating_sub(day_ms)), UnixMillis(until.0.saturating_add(day_ms)));
    let behind = after.map(|Cursor(rank)| rank);
    let sources = reaches.into_iter().map(|reach| Documents::new(reach, within, behind));
    let mut merge = Merge::new(store, sources);
    let (mut lines, mut last, mut is_over) = (Vec::new(), None, false);
    while lines.len() < bounds.rows && (last.is_none() || merge.read() < bounds.read) {
        let Some(line) = merge.next().await? else {
            is_over = true;
            break;
        };
        last = Some(Documents::rank(&line));
        lines.extend(Some(line).filter(|line| query.takes(line)));
    }
    // A page that is just full may be the last one.
    let is_over = is_over || merge.next().await?.is_none();
    tell_cancelled(store, &mut lines).await?;
    Ok(Found {
        totals: of_days.unwrap_or_else(|| Totals::of_page(query, &lines)),
        lines,
        next: last.filter(|_| !is_over).map(Cursor),
        reached: last.filter(|_| !is_over).map(|rank| rank.accepted_at),
        read: merge.read(),
        is_complete,
    })
}
