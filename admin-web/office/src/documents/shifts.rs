//! Shifts of an organisation's registers over a period: those whose last document, most often their closing, was accepted
//! within it. That time never runs back, whatever tills' clocks do.

use futures::{StreamExt, TryStreamExt, stream};
use ofd_protocol::register::{LastDocument, Telling};
use ofd_protocol::ticket_number::DocumentRef;
use ofd_protocol::types::{RegisterId, UnixMillis};
use ofd_storage::figures;
use ofd_storage::registers::{self, Loaded};
use ofd_storage::store::{Store, StoreError};

use super::find::{Chosen, Cursor, READ_MAX, chosen};
use super::merge::{Merge, Rank, Source, TOGETHER};
use super::query::DocumentQuery;
use super::reach::days_within;
use crate::shops::{ShiftLine, shift_line};

/// Shifts of a register that are read at a time; its newest ones are asked for most.
const CHUNK: u32 = 2;

/// A shift with whose it is.
#[derive(Clone, Debug)]
pub struct ShiftOfRegister {
    /// The register that it is of.
    pub register: RegisterId,
    /// What it holds.
    pub line: ShiftLine,
    /// The state at its end, or now.
    pub loaded: Loaded,
    rank: Rank,
}

/// A page of shifts.
#[derive(Clone, Debug)]
pub struct ShiftsFound {
    /// The one with the newest document first.
    pub shifts: Vec<ShiftOfRegister>,
    /// Where the list goes on, if it does.
    pub next: Option<Cursor>,
    /// Whether all registers are known.
    pub is_complete: bool,
}

/// The shifts of one register, on the way back through them.
struct Shifts {
    register: RegisterId,
    /// Those that were not read yet: from the first to the last.
    left: Option<(u32, u32)>,
    accepted_until: UnixMillis,
    /// Nothing that ends later is asked for.
    ceiling: UnixMillis,
    floor: UnixMillis,
    telling: Telling,
    buffer: Vec<ShiftOfRegister>,
    read: usize,
}

impl Shifts {
    /// Of a register whose newest document lies in `last`.
    fn new(
        (register, last): (RegisterId, LastDocument),
        (floor, ceiling): (UnixMillis, UnixMillis),
        behind: Option<Rank>,
        telling: Telling,
    ) -> Self {
        let (mut left, mut top) = (Some((1, last.place.shift)), ceiling);
        if let Some(behind) = behind {
            let is_before = register.0 > behind.register;
            top = top.min(UnixMillis(behind.accepted_at.0.saturating_sub(u64::from(is_before))));
            if register.0 == behind.register {
                let end = behind.place.shift.saturating_sub(1);
                left = left.map(|(first, last)| (first, last.min(end))).filter(|(first, last)| first <= last);
            }
        }
        let (accepted_until, buffer) = (last.accepted_at, Vec::new());
        Self { register, left, accepted_until, ceiling: top, floor, telling, buffer, read: 0 }
    }

    /// A shift that has documents, with when the last of them was accepted.
    async fn shift(&self, store: &impl Store, number: u32) -> Result<Option<ShiftOfRegister>, StoreError> {
        let Some(loaded) = registers::shift(store, self.register, number).await? else { return Ok(None) };
        let last = loaded.register.last_document.filter(|last| last.place.shift == number);
        let line = shift_line(&loaded.register, self.telling);
        Ok(last.zip(line).map(|(last, line)| ShiftOfRegister {
            register: self.register,
            line,
            rank: Rank {
                accepted_at: last.accepted_at,
                register: self.register.0,
                place: DocumentRef { shift: number, number: u32::MAX },
            },
            loaded,
        }))
    }

    /// Leaves out shifts that end after the ceiling, by halves.
    async fn seek(&mut self, store: &impl Store) -> Result<(), StoreError> {
        let Some((first, last)) = self.left.filter(|_| self.accepted_until > self.ceiling) else {
            return Ok(());
        };
        let (mut low, mut beyond) = (first, last.saturating_add(1));
        while low < beyond {
            let probe = low.midpoint(beyond);
            let shift = self.shift(store, probe).await?;
            if shift.is_some_and(|shift| shift.rank.accepted_at <= self.ceiling) {
                low = probe.saturating_add(1);
            } else {
                beyond = probe;
            }
        }
        self.left = low.checked_sub(1).filter(|end| *end >= first).map(|end| (first, end));
        self.accepted_until = self.ceiling;
        Ok(())
    }
}

impl Source for Shifts {
    type Item = ShiftOfRegister;

    fn rank(shift: &ShiftOfRegister) -> Rank {
        shift.rank
    }

    fn bound(&self) -> Option<UnixMillis> {
        self.left.map(|_| self.accepted_until.min(self.ceiling))
    }

    async fn fill(mut self, store: &impl Store) -> Result<Self, StoreError> {
        self.seek(store).await?;
        while self.buffer.is_empty() {
            let Some((first, last)) = self.left else { break };
            let from = last.saturating_sub(CHUNK.saturating_sub(1)).max(first);
            for number in from..=last {
                let shift = self.shift(store, number).await?;
                self.read = self.read.saturating_add(1);
                let Some(shift) = shift.filter(|shift| shift.rank.accepted_at >= self.floor) else {
                    continue;
                };
                self.buffer.push(shift);
            }
            // What lies before a shift that ended too early ended earlier still.
            let is_over = self.buffer.is_empty();
            let end = from.checked_sub(1).filter(|end| *end >= first && !is_over);
            self.left = end.map(|end| (first, end));
        }
        Ok(self)
    }

    fn buffer(&mut self) -> &mut Vec<ShiftOfRegister> {
        &mut self.buffer
    }

    fn read(&self) -> usize {
        self.read
    }
}

/// The newest document of a register; where figures are leads near to it.
async fn last_document(
    store: &impl Store,
    register: RegisterId,
) -> Result<Option<(RegisterId, LastDocument)>, StoreError> {
    let counted = figures::counted_until(store, register).await?;
    let known = counted.map_or(1, |(position, _)| position.shift);
    let newest = registers::newest_from(store, register, known).await?;
    Ok(newest.and_then(|newest| newest.register.last_document).map(|last| (register, last)))
}

/// Up to `limit` shifts whose last document was accepted within the period, of the registers that are asked for, behind
/// `after`.
///
/// # Errors
/// Those of the store.
pub async fn shifts(
    store: &impl Store,
    bin: &str,
    query: &DocumentQuery,
    after: Option<Cursor>,
    limit: usize,
    telling: Telling,
) -> Result<ShiftsFound, StoreError> {
    let zone = telling.zone_offset_seconds;
    let Chosen { registers, is_complete } = chosen(store, bin, query).await?;
    let each: Vec<_> = registers.iter().map(|record| last_document(store, record.id)).collect();
    let last: Vec<Option<_>> = stream::iter(each).buffered(TOGETHER).try_collect().await?;
    let within = days_within(query.period, zone);
    let behind = after.map(|Cursor(rank)| rank);
    let sources = last.into_iter().flatten().map(|last| Shifts::new(last, within, behind, telling));
    let mut merge = Merge::new(store, sources);
    let (mut found, mut next) = (Vec::<ShiftOfRegister>::new(), None);
    let mut last = None;
    while let Some(shift) = merge.next().await? {
        if found.len() >= limit || (last.is_some() && merge.read() >= READ_MAX) {
            next = last.map(Cursor);
            break;
        }
        last = Some(shift.rank);
        found.push(shift);
    }
    Ok(ShiftsFound { shifts: found, next, is_complete })
}
