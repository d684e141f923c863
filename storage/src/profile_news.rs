//! Telling an organisation's registers that what their answers name of it was changed.

use std::collections::HashMap;

use futures::future::try_join_all;
use ofd_protocol::types::UnixMillis;

use crate::accounts::{Company, ProfileNews, load, save};
use crate::holdings::{Listing, registers_of};
use crate::news_list::{self, Listed};
use crate::registers::raise_profile_version;
use crate::store::{Stamp, Store, StoreError};
use crate::trade_point_changes;
use crate::walks::Walk;

#[cfg(test)]
mod tests;

/// So many registers are told at once.
const AT_ONCE: usize = 16;

/// What is left to do of an organisation's announcement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Told {
    /// Nothing: all of its registers know.
    All,
    /// More registers are to be told; the next call goes on.
    Some,
    /// What is announced may be under way until then.
    UnderWay(UnixMillis),
    /// All that are listed know; the list is still being made, so the announcement stays.
    Listed,
}

/// Tells the registers of an organisation what is announced to them, at most `registers_max` of them, and takes the
/// announcement back when all know.
///
/// # Errors
/// Those of the store. Whoever comes next goes on.
pub async fn tell_registers(
    store: &impl Store,
    bin: &str,
    now: UnixMillis,
    registers_max: usize,
    stamp: &(impl Fn() -> Stamp + Sync),
) -> Result<Told, StoreError> {
    let Some(stream) = Company::stream_of(bin) else { return Ok(Told::All) };
    let mut left = registers_max;
    loop {
        let Some(company) = load::<Company>(store, stream).await? else { return Ok(Told::All) };
        let Some(news) = company.state.profile_news else { return Ok(Told::All) };
        if now < news.under_way_until {
            return Ok(Told::UnderWay(news.under_way_until));
        }
        if left == 0 {
            return Ok(Told::Some);
        }
        if !company.state.trade_point_changes.is_empty() {
            // What registers are told of is to be in its record before.
            trade_point_changes::settle(store, bin, stamp).await?;
            left = left.saturating_sub(1);
            continue;
        }
        let page = registers_of(store, bin, news.told_up_to, left.min(AT_ONCE)).await?;
        left = left.saturating_sub(AT_ONCE);
        // What cannot be read is told as well: its head may be whole.
        let ids = page.found.iter().map(|register| register.id).chain(page.unreadable);
        try_join_all(ids.map(|id| raise_profile_version(store, id, stamp))).await?;
        let next = match (page.next, page.listing) {
            (Some(last), _) => {
                let under_way_until = UnixMillis(0);
                Some(ProfileNews { told_up_to: Some(last), under_way_until, ..news })
            }
            (None, Listing::Whole) => None,
            (None, Listing::BeingMade) => return Ok(Told::Listed),
        };
        let told = Company { profile_news: next, ..company.state.clone() };
        match save(store, &company, told, Vec::new(), stamp()).await {
            // Who was faster may have announced anew.
            Ok(_) | Err(StoreError::Conflict { .. }) => {}
            Err(error) => return Err(error),
        }
    }
}

/// For so long an organisation stays in the list that has announced nothing: it is entered before it announces.
const QUIET_FOR_MS: u64 = 10_000;

/// So many registers of one organisation are told in a step.
const STEP: usize = 256;

/// The job that tells registers what a process announced that ended before it had told them all.
#[derive(Debug, Default)]
pub struct Telling {
    /// Since when an organisation of the list is seen here.
    seen: HashMap<Listed, UnixMillis>,
}

impl Telling {
    /// Goes through the list once. The step may be repeated, at once or by another process.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn step(
        &mut self,
        store: &impl Store,
        now: UnixMillis,
        stamp: &(impl Fn() -> Stamp + Sync),
    ) -> Result<(), StoreError> {
        let listed = news_list::listed(store).await?;
        self.seen.retain(|known, _| listed.contains(known));
        if listed.is_empty() || !Walk::Holdings.is_complete(store).await? {
            return Ok(());
        }
        let mut settled = Vec::new();
        for one in listed {
            let since = *self.seen.entry(one.clone()).or_insert(now);
            let told = match tell_registers(store, &one.bin, now, STEP, stamp).await {
                Ok(told) => told,
                // The others need not wait for it.
                Err(StoreError::Corrupt { .. } | StoreError::Conflict { .. }) => Told::Some,
                Err(error) => return Err(error),
            };
            if told == Told::All && now.since(since) >= QUIET_FOR_MS {
                settled.push(one);
            }
        }
        news_list::take_out(store, &settled).await
    }
}
