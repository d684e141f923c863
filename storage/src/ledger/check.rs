//! The proof of the ledger: entries add up to what heads say, months follow each other, each posting sums to zero and each of its
//! legs is where it belongs, once.

use std::time::Duration;

use ofd_billing::ledger::{Entry, EntryOf, LedgerAccount, MonthHead, Source};
use ofd_billing::{Month, Tiyn};
use time::Date;

use super::accounts::{Fault, Place, accounts};
use super::books::kept;
use super::checked::unproven_from;
use super::keys::{corrupt, read_head, stream};
use super::month::{self, MonthOf, Sought, head, sought};
use super::post::{legs, month_of};
use crate::store::{Store, StoreError, StreamId, StreamKind};

/// Entries and streams are walked in pages.
const PAGE: usize = 256;

/// What does not fit in a store that others write to is looked at again after this long, which is more than a write takes to reach the
/// copies that missed it.
const LOOKED_AGAIN_AFTER: Duration = Duration::from_secs(1);

/// What was looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Checked {
    /// Accounts of the ledger.
    pub accounts: u64,
    /// Months of accounts.
    pub months: u64,
    /// Entries in them.
    pub entries: u64,
    /// The sum of all entries in tiyn, and of the legs that are still to be carried: of each posting with its legs wherever they are, and
    /// of legs without one. So it is zero in balanced books also while others post.
    pub sum: i128,
    /// Postings whose legs are still to be carried.
    pub to_carry: u64,
}

impl Checked {
    /// What two looks at different accounts come to.
    #[must_use]
    pub fn with(self, other: Self) -> Self {
        Self {
            accounts: self.accounts.saturating_add(other.accounts),
            months: self.months.saturating_add(other.months),
            entries: self.entries.saturating_add(other.entries),
            sum: self.sum.saturating_add(other.sum),
            to_carry: self.to_carry.saturating_add(other.to_carry),
        }
    }
}

/// Walks every month ever kept, telling each fault.
///
/// # Errors
/// Those of the store that are not damage of one place.
pub async fn check(store: &impl Store, on_fault: &mut impl FnMut(Fault)) -> Result<Checked, StoreError> {
    let mut checked = Checked::default();
    let (mut after, mut before): (Option<StreamId>, Option<MonthHead>) = (None, None);
    loop {
        let page = store.streams(StreamKind::LedgerMonth, after, PAGE).await?;
        let Some(last) = page.last() else { break };
        after = Some(*last);
        for stream in page {
            before = judged_month(store, stream, before.as_ref(), &mut checked, on_fault).await?;
        }
    }
    tell_sum(checked, on_fault);
    Ok(checked)
}

/// Walks the months of all accounts that are open, and those that were closed since the last check that found nothing wrong.
///
/// # Errors
/// Those of the store that are not damage of one place.
pub async fn check_open(
    store: &impl Store,
    now: Month,
    on_fault: &mut impl FnMut(Fault),
) -> Result<Checked, StoreError> {
    let mut checked = Checked::default();
    let Some(books) = kept(store).await? else { return Ok(checked) };
    let from = unproven_from(store).await?.unwrap_or(books.opened);
    let mut place = Some(Place::default());
    while let Some(at) = place {
        let page = accounts(store, books, at, PAGE).await?;
        page.unreadable.into_iter().for_each(&mut *on_fault);
        check_accounts(store, &page.found, (from, now), &mut checked, on_fault).await?;
        place = page.next;
    }
    tell_sum(checked, on_fault);
    Ok(checked)
}

/// Walks the months of these accounts from one on, at least to the other; the sum is for the caller to tell.
///
/// # Errors
/// Those of the store that are not damage of one place.
pub async fn check_accounts(
    store: &impl Store,
    of: &[MonthOf],
    (from, now): (Month, Month),
    checked: &mut Checked,
    on_fault: &mut impl FnMut(Fault),
) -> Result<(), StoreError> {
    for of in of {
        let (mut month, mut before, mut missing) = (Some(from.max(of.opened)), None, None);
        while let Some(at) = month {
            let stream = stream(of.account, at);
            let is_there = match store.head(stream).await {
                Ok(head) => head.is_some(),
                Err(StoreError::Corrupt { .. }) => true,
                Err(error) => return Err(error),
            };
            if is_there {
                if let Some(missing) = missing.take() {
                    on_fault(Fault {
                        place: place(of.account, missing),
                        reason: "it is missing, and a later month is there".to_owned(),
                    });
                }
                before = judged_month(store, stream, before.as_ref(), checked, on_fault).await?;
            } else if now <= at {
                break;
            } else {
                // Accounts to which nothing was ever posted have no months.
                missing = missing.or(Some(at));
            }
            month = at.next();
        }
    }
    Ok(())
}

/// Tells a sum that is not zero.
fn tell_sum(checked: Checked, on_fault: &mut impl FnMut(Fault)) {
    if checked.sum != 0 {
        let reason = format!("all entries sum to {} tiyn and not to zero", checked.sum);
        on_fault(Fault { place: "the ledger".to_owned(), reason });
    }
}

/// Looks at the month of a stream, which comes behind `before` in a walk over all.
///
/// # Errors
/// Those of the store; [`StoreError::Corrupt`] for what cannot be read.
pub async fn check_month(
    store: &impl Store,
    stream: StreamId,
    checked: &mut Checked,
    on_fault: &mut impl FnMut(Fault),
) -> Result<Option<MonthHead>, StoreError> {
    checked_month(store, stream, None, checked, on_fault).await
}

/// Looks at a month, a second time where others write to the store and something does not fit: what is wrong both times is.
async fn judged_month(
    store: &impl Store,
    at: StreamId,
    before: Option<&MonthHead>,
    checked: &mut Checked,
    on_fault: &mut impl FnMut(Fault),
) -> Result<Option<MonthHead>, StoreError> {
    let (mut head, mut seen, mut faults) = look(store, at, before).await?;
    if !faults.is_empty() && store.is_shared() {
        tokio::time::sleep(LOOKED_AGAIN_AFTER).await;
        (head, seen, faults) = look(store, at, before).await?;
    }
    *checked = checked.with(seen);
    faults.into_iter().for_each(on_fault);
    Ok(head)
}

async fn look(
    store: &impl Store,
    at: StreamId,
    before: Option<&MonthHead>,
) -> Result<(Option<MonthHead>, Checked, Vec<Fault>), StoreError> {
    let (mut seen, mut faults) = (Checked::default(), Vec::new());
    let looked = checked_month(store, at, before, &mut seen, &mut |fault| faults.push(fault)).await;
    let head = match looked {
        Ok(head) => head,
        Err(StoreError::Corrupt { place, reason }) => {
            faults.push(Fault { place, reason });
            None
        }
        Err(error) => return Err(error),
    };
    Ok((head, seen, faults))
}

async fn checked_month(
    store: &impl Store,
    at: StreamId,
    before: Option<&MonthHead>,
    checked: &mut Checked,
    on_fault: &mut impl FnMut(Fault),
) -> Result<Option<MonthHead>, StoreError> {
    if month_of(at).is_none() {
        return Err(corrupt(at, "this program knows no such account"));
    }
    let Some(kept) = store.head(at).await? else {
        // In a cluster a list may name a stream that never came to be.
        return if store.is_shared() { Ok(None) } else { Err(corrupt(at, "its head is missing")) };
    };
    let head = read_head(at, &kept.bytes)?;
    let mut tell = |reason: String| on_fault(Fault { place: place(head.account, head.month), reason });
    let before = match before.filter(|before| before.account == head.account) {
        Some(before) => Some(before.clone()),
        None => {
            checked.accounts = checked.accounts.saturating_add(1);
            None
        }
    };
    follows(store, &head, before.as_ref(), &mut tell).await?;
    let walked = walk(store, &head, checked, &mut tell).await?;
    if (walked.entries, walked.credit, walked.debit)
        != (head.entries, i128::from(head.credit.get()), i128::from(head.debit.get()))
    {
        tell(format!(
            "its head counts {} entries with {} and {}, its rows are {} with {} and {} tiyn",
            head.entries, head.credit, head.debit, walked.entries, walked.credit, walked.debit
        ));
    }
    checked.months = checked.months.saturating_add(1);
    checked.entries = checked.entries.saturating_add(u64::from(walked.entries));
    Ok(Some(head))
}

fn place(account: LedgerAccount, month: Month) -> String {
    format!("{account} in {month}")
}

/// Whether a month comes right behind the one before it, and closes with the balance that follows.
async fn follows(
    store: &impl Store,
    at: &MonthHead,
    before: Option<&MonthHead>,
    tell: &mut impl FnMut(String),
) -> Result<(), StoreError> {
    let previous = match (before, at.month.previous()) {
        (Some(before), Some(previous)) if before.month == previous => Some(before.clone()),
        (Some(before), _) => {
            tell(format!("the month before it that is kept is {}: months between are missing", before.month));
            Some(before.clone())
        }
        (None, Some(previous)) => head(store, at.account, previous).await?.map(|(_, head)| head),
        (None, None) => None,
    };
    let Some(closed) = at.closed else { return Ok(()) };
    if !at.outbox.is_empty() {
        tell(format!("it is closed, and {} postings are still to be carried", at.outbox.len()));
    }
    let opening = match previous.map(|previous| previous.closed.map(|closed| closed.balance)) {
        None => Some(Tiyn::ZERO),
        Some(opening) => opening,
    };
    let Some(opening) = opening else {
        tell("it is closed, and the month before it is not".to_owned());
        return Ok(());
    };
    let balance = at.turnover().and_then(|turnover| opening.plus(turnover));
    if balance != Ok(closed.balance) {
        let (credit, debit) = (at.credit, at.debit);
        let told = closed.balance;
        tell(format!("it is closed with {told}, which is not {opening} with {credit} and {debit}"));
    }
    Ok(())
}

/// What the rows of a month come to.
#[derive(Default)]
struct Walked {
    entries: u32,
    credit: i128,
    debit: i128,
}

async fn walk(
    store: &impl Store,
    head: &MonthHead,
    checked: &mut Checked,
    tell: &mut impl FnMut(String),
) -> Result<Walked, StoreError> {
    let mut walked = Walked::default();
    // What was written since the head was read is not counted by it.
    let mut before = Some(head.entries.saturating_add(1));
    let mut expected = head.entries;
    while let Some(at) = before {
        let (page, next) = page_of(store, head, at, tell).await?;
        before = next;
        for entry in page {
            if entry.number != expected {
                tell(format!("entry {expected} is missing, {} is there", entry.number));
            }
            expected = entry.number.saturating_sub(1);
            walked.entries = walked.entries.saturating_add(1);
            let sum = i128::from(entry.sum().get());
            let side = if sum < 0 { &mut walked.debit } else { &mut walked.credit };
            *side = side.saturating_add(sum);
            match judge(store, head, &entry, checked, tell).await {
                // The others are looked at all the same.
                Err(StoreError::Corrupt { place, reason }) => {
                    tell(format!("entry {}: {place} is damaged: {reason}", entry.number));
                }
                judged => judged?,
            }
        }
    }
    if expected != 0 {
        tell(format!("entries up to {expected} are missing"));
    }
    Ok(walked)
}

/// Entries before a number, and before which one the next page begins. Where one cannot be read, each is read by itself.
async fn page_of(
    store: &impl Store,
    head: &MonthHead,
    before: u32,
    tell: &mut impl FnMut(String),
) -> Result<(Vec<Entry>, Option<u32>), StoreError> {
    match month::entries(store, head.account, head.month, Some(before), PAGE).await {
        Ok(page) => {
            let next = page.last().map(|last| last.number).filter(|_| page.len() == PAGE);
            return Ok((page, next));
        }
        Err(StoreError::Corrupt { .. }) => {}
        Err(error) => return Err(error),
    }
    let (mut page, mut lowest) = (Vec::new(), before);
    for number in (1..before).rev().take(PAGE) {
        lowest = number;
        match month::entry(store, head.account, head.month, number).await {
            Ok(entry) => page.extend(entry),
            Err(StoreError::Corrupt { reason, .. }) => {
                tell(format!("entry {number} cannot be read: {reason}"));
            }
            Err(error) => return Err(error),
        }
    }
    Ok((page, Some(lowest).filter(|lowest| *lowest > 1)))
}

/// The entry of a source that can be read.
async fn found(store: &impl Store, head: &MonthHead, source: &Source) -> Result<Option<Entry>, StoreError> {
    Ok(match sought(store, head, source).await? {
        Sought::Found(entry) => Some(*entry),
        Sought::Nothing | Sought::Lost => None,
    })
}

/// Whether an entry is what it should be: found by its source, of a posting that sums to zero, whose legs are where they belong.
async fn judge(
    store: &impl Store,
    head: &MonthHead,
    entry: &Entry,
    checked: &mut Checked,
    tell: &mut impl FnMut(String),
) -> Result<(), StoreError> {
    let by_source = found(store, head, entry.source()).await?;
    if by_source.as_ref().map(|found| found.number) != Some(entry.number) {
        tell(format!("entry {} is not found by its source, {}", entry.number, entry.source()));
    }
    match &entry.of {
        EntryOf::Posting(posting) => {
            if let Err(refused) = posting.check(Date::MAX) {
                tell(format!("entry {}: {refused}", entry.number));
            }
            if posting.home() != Some(head.account) {
                tell(format!("entry {} is a posting of another account", entry.number));
            }
            let waits = head.outbox.contains(&entry.number);
            checked.to_carry = checked.to_carry.saturating_add(u64::from(waits));
            let mut add = |sum: Tiyn| checked.sum = checked.sum.saturating_add(i128::from(sum.get()));
            add(entry.sum());
            for (to, leg) in legs(head.account, entry) {
                let sum = leg.sum();
                let kept = behind(store, to, head.month, &leg).await?;
                // Of what waits some legs may be where they belong already.
                add(kept.as_ref().map_or(if waits { sum } else { Tiyn::ZERO }, Entry::sum));
                match kept {
                    Some(kept) if kept.of == leg => {}
                    None if waits => {}
                    _ => tell(format!("entry {} moves {sum} in {to}, where it is not found", entry.number)),
                }
            }
        }
        EntryOf::Leg { source, home, .. } => {
            if !is_at_home(store, *home, head, entry).await? {
                // Its sum is counted with its posting where there is one.
                let is_counted = has_posting(store, *home, head.month, source).await?;
                let sum = if is_counted { Tiyn::ZERO } else { entry.sum() };
                checked.sum = checked.sum.saturating_add(i128::from(sum.get()));
                tell(format!("entry {} is a leg of {source}, which {home} does not have", entry.number));
            }
        }
    }
    Ok(())
}

/// A leg in its account, in the month of its posting or in one behind it.
async fn behind(
    store: &impl Store,
    account: LedgerAccount,
    from: Month,
    leg: &EntryOf,
) -> Result<Option<Entry>, StoreError> {
    let EntryOf::Leg { source, .. } = leg else { return Ok(None) };
    let mut month = Some(from);
    while let Some(of) = month {
        let Some((_, head)) = head(store, account, of).await? else { return Ok(None) };
        if let Some(found) = found(store, &head, source).await? {
            return Ok(Some(found));
        }
        month = of.next();
    }
    Ok(None)
}

/// Whether the home of a leg has its posting, whatever that moves.
async fn has_posting(
    store: &impl Store,
    home: LedgerAccount,
    at: Month,
    leg: &Source,
) -> Result<bool, StoreError> {
    let Some(source) = leg.as_str().strip_prefix(&format!("{home}/")) else { return Ok(false) };
    let Ok(source) = Source::new(source) else { return Ok(false) };
    let mut month = Some(at);
    while let Some(of) = month {
        let Some((_, head)) = head(store, home, of).await? else { return Ok(false) };
        if !matches!(sought(store, &head, &source).await?, Sought::Nothing) {
            return Ok(true);
        }
        month = of.previous();
    }
    Ok(false)
}

/// Whether a leg's posting stands in its home, in the leg's month or one before it, and moves there what the leg says.
async fn is_at_home(
    store: &impl Store,
    home: LedgerAccount,
    at: &MonthHead,
    entry: &Entry,
) -> Result<bool, StoreError> {
    let mut month = Some(at.month);
    while let Some(of) = month {
        let Some((_, head)) = head(store, home, of).await? else { return Ok(false) };
        let prefix = format!("{home}/");
        let Some(source) = entry.source().as_str().strip_prefix(&prefix) else { return Ok(false) };
        let Ok(source) = Source::new(source) else { return Ok(false) };
        if let Some(posting) = found(store, &head, &source).await? {
            return Ok(legs(home, &posting).into_iter().any(|(to, leg)| to == at.account && leg == entry.of));
        }
        month = of.previous();
    }
    Ok(false)
}
