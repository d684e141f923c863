//! The run over all organisations once they are charged for a day: who is to be told that its money ends, and whose registers stop; and
//! the sweep that lets registers go on whose organisation paid, whoever took the payment.

use std::sync::Arc;
use std::time::Duration;

use ofd_billing::Day;
use ofd_billing::standing::{Notice, NoticeKind, NoticeWay, Standing, stop_day};
use ofd_office::billing::standing::{carry_out, clock, keep_look, tell_of_notice};
use ofd_office::rights::may;
use ofd_storage::accounts::{Account, Company, joined, load};
use ofd_storage::charging::{ChargingError, all_charged_until};
use ofd_storage::leases::{Holder, JobLease, Turn};
use ofd_storage::ledger::PersonalAccountRecord;
use ofd_storage::standing::{self, Looked, Run, accounts, judged_on, keep_run, looked_anew, run};
use ofd_storage::store::StoreError;

use crate::cabinet::Right;
use crate::mail::Email;
use crate::people::letters::{MoneyEnds, NotSent, money_ends};
use crate::site::Site;

/// The lease under which one process does it.
const LEASE: &str = "standing";

/// Between two steps: what a payment ended is in the state of registers within it. At their port it is felt at once.
const STEP_EVERY: Duration = Duration::from_secs(5);

/// While there is more to do.
const NEXT_STEP_AFTER: Duration = Duration::from_millis(100);

/// Organisations of one step.
const PAGE: usize = 8;

/// Stopped organisations are looked through in pages.
const STOPPED_PAGE: usize = 64;

/// Notices that could not be sent are tried again after so long.
const AGAIN_AFTER_MS: u64 = 60 * 60 * 1000;

/// Looks at organisations, as long as it runs.
pub(crate) async fn keep_standing(site: Arc<Site>) {
    let mut lease = JobLease::new(LEASE, Holder::from_drawn(site.office.drawn()));
    loop {
        let pause = match lease.turn(&site.office.store, site.office.now()).await {
            Ok(Turn::Others { left }) => left,
            Ok(Turn::Ours) => match one_step(&site).await {
                Ok(true) => NEXT_STEP_AFTER,
                Ok(false) => STEP_EVERY,
                Err(error) => {
                    tracing::debug!(%error, "who owes what is looked at later: {error}");
                    STEP_EVERY
                }
            },
            Err(_) => STEP_EVERY,
        };
        tokio::time::sleep(pause).await;
    }
}

async fn one_step(site: &Site) -> Result<bool, StoreError> {
    sweep(site).await?;
    step(site).await
}

/// Brings the registers of all organisations that were ever stopped to what their accounts say now.
///
/// # Errors
/// Those of the store.
pub async fn sweep(site: &Site) -> Result<(), StoreError> {
    let mut after = None::<String>;
    loop {
        let page = standing::stopped(&site.office.store, after.as_deref(), STOPPED_PAGE).await?;
        for bin in &page {
            match carry_out(&site.office, bin, site.config.zone_offset_seconds).await {
                Ok(()) => {}
                Err(error @ StoreError::Corrupt { .. }) => {
                    tracing::error!(bin, %error, "how organisation {bin} stands cannot be carried out");
                }
                Err(error) => return Err(error),
            }
        }
        match page.last().filter(|_| page.len() == STOPPED_PAGE) {
            Some(last) => after = Some(last.clone()),
            None => return Ok(()),
        }
    }
}

/// Makes one step of the run that is due; whether there is more. To make it twice sends a letter twice at worst.
///
/// # Errors
/// Those of the store; the step may be repeated.
pub async fn step(site: &Site) -> Result<bool, StoreError> {
    let store = &site.office.store;
    let Some(charged) = all_charged_until(store).await? else { return Ok(false) };
    let (version, kept) = run(store).await?;
    let now = site.office.now().0;
    let is_again = kept.again_at_ms.is_some_and(|at| at <= now);
    let is_due = kept.under_way.is_some() || is_again || kept.done.is_none_or(|done| done < charged);
    if !is_due {
        return Ok(false);
    }
    let (day, after, unsent) = match &kept.under_way {
        Some((day, after)) => (*day, Some(after.clone()), kept.unsent),
        None => (charged, None, 0),
    };
    let (page, last) = accounts(store, after.as_deref(), PAGE).await?;
    let mut unsent = unsent;
    for account in &page {
        match look_at(site, account, day).await {
            Ok(true) => {}
            Ok(false) => unsent = unsent.saturating_add(1),
            Err(error) if error.is_of_store() => {
                return Err(StoreError::Unavailable { reason: error.to_string() });
            }
            // The others need not wait for it.
            Err(error) => {
                let bin = &account.bin;
                tracing::warn!(bin, %error, "how organisation {bin} stands is not known: {error}");
            }
        }
    }
    let next = match last {
        Some(last) if page.len() == PAGE => {
            Run { under_way: Some((day, last)), unsent, again_at_ms: None, ..kept }
        }
        _ => {
            let again_at_ms = (unsent > 0).then(|| now.saturating_add(AGAIN_AFTER_MS));
            Run { done: Some(day), under_way: None, unsent: 0, again_at_ms }
        }
    };
    let has_more = next.under_way.is_some();
    keep_run(store, version, &next).await?;
    Ok(has_more)
}

/// Looks at one organisation; false where it has a notice that could not be sent.
async fn look_at(site: &Site, account: &PersonalAccountRecord, charged: Day) -> Result<bool, ChargingError> {
    let (office, zone) = (&site.office, site.config.zone_offset_seconds);
    let looked = looked_anew(&office.store, account, (charged, clock(office, zone))).await?;
    let mut is_sent = true;
    let mut notice = None;
    if let Some(kind) = looked.judged.notice {
        match send(site, &looked, kind).await? {
            Some(way) => notice = Some(Notice { kind, on: judged_on(&looked.record.costs), way }),
            None => is_sent = false,
        }
    }
    let record = looked.record.clone();
    if keep_look(office, looked, notice).await? {
        if let Some(notice) = notice
            && let Err(error) = tell_of_notice(office, &record, notice).await
        {
            let bin = &account.bin;
            tracing::warn!(bin, %error, "the audit of organisation {bin} lacks a notice: {error}");
        }
        if !record.is_carried_out || record.stop().is_some() {
            carry_out(office, &account.bin, zone).await?;
        }
    }
    Ok(is_sent)
}

/// Sends a notice to all people of an organisation who see its money; how it was sent, or `None` where it was not.
async fn send(site: &Site, looked: &Looked, kind: NoticeKind) -> Result<Option<NoticeWay>, StoreError> {
    let record = &looked.record;
    let Some(company) = joined(&site.office.store, &record.bin).await? else {
        // Nobody of it ever came here: there is neither an address nor a cabinet. Whoever comes sees it there.
        return Ok(Some(NoticeWay::Cabinet));
    };
    let (mut is_taken, mut is_late) = (false, false);
    for (to, account) in addresses(site, &company.state).await? {
        let ends = MoneyEnds {
            bin: &record.bin,
            company: &company.state.title,
            number: record.number,
            balance: record.balance,
            day: looked.judged.ends,
            stops: stops_on(looked, kind),
            has_ended: kind == NoticeKind::Day,
        };
        match money_ends(site, &to, &account, ends).await {
            Ok(()) => is_taken = true,
            Err(NotSent::Server) => is_late = true,
            Err(NotSent::Off | NotSent::Address) => {}
        }
    }
    Ok(match (is_taken, is_late) {
        (true, _) => Some(NoticeWay::Letter),
        (false, true) => None,
        (false, false) => Some(NoticeWay::Cabinet),
    })
}

/// The day on which registers would stop when the notice is sent now and nobody pays.
fn stops_on(looked: &Looked, kind: NoticeKind) -> Option<Day> {
    let (record, today) = (&looked.record, judged_on(&looked.record.costs));
    let mut standing: Standing = record.standing.clone();
    standing.notices.push(Notice { kind, on: today, way: NoticeWay::Letter });
    stop_day(&standing, looked.judged.ends?)
}

/// Confirmed addresses of the people of a company who see its money.
async fn addresses(site: &Site, company: &Company) -> Result<Vec<(Email, Account)>, StoreError> {
    let mut found = Vec::new();
    for member in company.members.iter().filter(|member| may(member, Right::SeeMoney)) {
        let Some(account) = load::<Account>(&site.office.store, member.account.stream()).await? else {
            continue;
        };
        let account = account.state;
        let email = account.email.as_ref().and_then(|email| Email::parse(&email.address).ok());
        found.extend(email.map(|email| (email, account)));
    }
    Ok(found)
}
