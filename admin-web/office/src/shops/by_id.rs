//! The registers of an organisation by id, each with its shop: for programs, and for files.
//!
//! Unlike the list of shops it is read piece by piece, so that a long one costs no more memory than a short one.

use std::collections::HashMap;

use futures::{StreamExt, TryStreamExt, stream};
use ofd_protocol::register::Telling;
use ofd_protocol::types::RegisterId;
use ofd_storage::holdings::{Listing, registers_of};
use ofd_storage::model::{RegisterRecord, TradePoint, load};
use ofd_storage::store::{Store, StoreError};

use super::line::{RegisterLine, is_on_line, register_line};
use super::query::ShopQuery;

/// Registers that are looked at for one page, however few of them are asked for.
const LOOKED_AT_MAX: usize = 2_000;

/// Registers of one step.
const CHUNK: usize = 100;

/// What is told of registers is read of so many at a time.
const TOGETHER: usize = 32;

/// Which registers are asked for: those that fit everything.
#[derive(Clone, Debug, Default)]
pub struct RegisterQuery {
    /// As in the list of shops: by any text of the register or of its shop, by status, by whether it is on line.
    pub narrowed: ShopQuery,
    /// Of which shops; `None`: of all.
    pub shop: Option<ShopQuery>,
    /// Which registers, by what is their own; `None`: all.
    pub register: Option<ShopQuery>,
}

impl RegisterQuery {
    /// Whether a register is asked for, as far as its records tell it.
    fn has(&self, record: &RegisterRecord, point: Option<&TradePoint>) -> bool {
        let is_in = |shop: &ShopQuery| point.is_some_and(|point| shop.is_shop(point));
        (self.narrowed.is_register(record) || is_in(&self.narrowed))
            && self.narrowed.has_shop(&record.trade_point)
            && self.narrowed.has_group_of(point)
            && self.shop.as_ref().is_none_or(is_in)
            && self.register.as_ref().is_none_or(|register| register.is_register(record))
    }
}

/// A register with all that is told of it.
#[derive(Clone, Debug)]
pub struct OwnedRegister {
    /// Its status, and what its latest shift holds.
    pub line: RegisterLine,
    /// Where it stands; `None` where the place has no record.
    pub point: Option<TradePoint>,
    /// Whether it was heard a moment ago.
    pub is_on_line: bool,
}

/// A page of registers.
#[derive(Clone, Debug)]
pub struct RegistersFound {
    /// Those that are asked for, by id.
    pub registers: Vec<OwnedRegister>,
    /// Behind which the list goes on, if it does.
    pub next: Option<RegisterId>,
    /// Whether that is all, as far as was looked: the index of a store of before is still being made, or a record cannot be read.
    pub is_complete: bool,
}

async fn owned(
    store: &impl Store,
    (record, point): (RegisterRecord, Option<TradePoint>),
    telling: Telling,
) -> Result<OwnedRegister, StoreError> {
    let line = register_line(store, record, telling).await?;
    let is_on_line = is_on_line(line.heard_at, telling.now);
    Ok(OwnedRegister { line, point, is_on_line })
}

/// Up to `limit` registers that are asked for, behind `after`.
///
/// # Errors
/// Those of the store.
pub async fn registers_by_id(
    store: &impl Store,
    bin: &str,
    query: &RegisterQuery,
    mut after: Option<RegisterId>,
    limit: usize,
    telling: Telling,
) -> Result<RegistersFound, StoreError> {
    let mut points: HashMap<String, Option<TradePoint>> = HashMap::new();
    let mut found = RegistersFound { registers: Vec::new(), next: None, is_complete: true };
    let mut looked_at = 0_usize;
    loop {
        let holdings = registers_of(store, bin, after, CHUNK).await?;
        found.is_complete &= holdings.unreadable.is_empty() && holdings.listing == Listing::Whole;
        looked_at = looked_at.saturating_add(holdings.found.len());
        let mut wanted = Vec::new();
        for record in holdings.found {
            let key = &record.trade_point.0;
            let point = match points.get(key) {
                Some(known) => known.clone(),
                None => {
                    let point = load::<TradePoint>(store, key.as_bytes()).await?.map(|(_, point)| point);
                    points.insert(key.clone(), point.clone());
                    point
                }
            };
            if query.has(&record, point.as_ref()) {
                wanted.push((record, point));
            }
        }
        let read = stream::iter(wanted).map(|one| owned(store, one, telling)).buffered(TOGETHER);
        let read: Vec<OwnedRegister> = read.try_collect().await?;
        for register in read {
            if found.registers.len() >= limit {
                found.next = after;
                return Ok(found);
            }
            after = Some(register.line.record.id);
            let narrowed = &query.narrowed;
            if narrowed.has_status(register.line.status) && narrowed.has_line(register.is_on_line) {
                found.registers.push(register);
            }
        }
        match holdings.next {
            Some(more) if found.registers.len() >= limit || looked_at >= LOOKED_AT_MAX => {
                found.next = Some(more);
                return Ok(found);
            }
            Some(more) => after = Some(more),
            None => return Ok(found),
        }
    }
}
