//! The proof of the ledger: entries add up to what heads say, months follow each other, each posting sums to zero and each of its
//! legs is where it belongs, once.

use ofd_billing::ledger::{Entry, EntryOf, LedgerAccount, MonthHead};
use ofd_billing::{Month, Tiyn};
use time::Date;

use super::keys::{corrupt, read_head};
use super::month::{self, head, of_source};
use super::post::{legs, month_of};
use crate::store::{Store, StoreError, StreamId, StreamKind};

/// Entries and streams are walked in pages.
const PAGE: usize = 256;

/// Something that does not fit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Where: an account and a month.
    pub place: String,
    /// What does not fit.
    pub reason: String,
}

/// What was looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Checked {
    /// Accounts of the ledger.
    pub accounts: u64,
    /// Months of accounts.
    pub months: u64,
    /// Entries in them.
    pub entries: u64,
    /// The sum of all entries in tiyn, and of the legs that are still to be carried. Zero, unless something was posted meanwhile.
    pub sum: i128,
    /// Postings whose legs are still to be carried.
    pub to_carry: u64,
}

/// Walks all accounts, telling each fault.
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
            match checked_month(store, stream, before.as_ref(), &mut checked, on_fault).await {
                Ok(head) => before = head,
                Err(StoreError::Corrupt { place, reason }) => {
                    on_fault(Fault { place, reason });
                    before = None;
                }
                Err(error) => return Err(error),
            }
        }
    }
    Ok(checked)
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
    let turnover = walked.credit.saturating_add(walked.debit);
    checked.sum = checked.sum.saturating_add(turnover);
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
    let mut before = head.entries.checked_add(1);
    let mut expected = head.entries;
    loop {
        let page = month::entries(store, head.account, head.month, before, PAGE).await?;
        let Some(last) = page.last() else { break };
        before = Some(last.number);
        for entry in page {
            if entry.number != expected {
                tell(format!("entry {expected} is missing, {} is there", entry.number));
            }
            expected = entry.number.saturating_sub(1);
            walked.entries = walked.entries.saturating_add(1);
            let sum = i128::from(entry.sum().get());
            let side = if sum < 0 { &mut walked.debit } else { &mut walked.credit };
            *side = side.saturating_add(sum);
            judge(store, head, &entry, checked, tell).await?;
        }
    }
    if expected != 0 {
        tell(format!("entries up to {expected} are missing"));
    }
    Ok(walked)
}

/// Whether an entry is what it should be: found by its source, of a posting that sums to zero, whose legs are where they belong.
async fn judge(
    store: &impl Store,
    head: &MonthHead,
    entry: &Entry,
    checked: &mut Checked,
    tell: &mut impl FnMut(String),
) -> Result<(), StoreError> {
    let found = of_source(store, head, entry.source()).await?;
    if found.as_ref().map(|found| found.number) != Some(entry.number) {
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
            for (to, leg) in legs(head.account, entry) {
                let sum = leg.sum();
                match behind(store, to, head.month, &leg).await? {
                    Some(kept) if kept.of == leg => {}
                    // Of what waits some legs may be where they belong already.
                    None if waits => checked.sum = checked.sum.saturating_add(i128::from(sum.get())),
                    _ => tell(format!("entry {} moves {sum} in {to}, where it is not found", entry.number)),
                }
            }
        }
        EntryOf::Leg { source, home, .. } => {
            if !is_at_home(store, *home, head, entry).await? {
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
        if let Some(found) = of_source(store, &head, source).await? {
            return Ok(Some(found));
        }
        month = of.next();
    }
    Ok(None)
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
        let Ok(source) = ofd_billing::ledger::Source::new(source) else { return Ok(false) };
        if let Some(posting) = of_source(store, &head, &source).await? {
            return Ok(legs(home, &posting).into_iter().any(|(to, leg)| to == at.account && leg == entry.of));
        }
        month = of.previous();
    }
    Ok(false)
}
