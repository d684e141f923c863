//! Posting: into the home, and from there into the accounts of the other legs; and the close of months.

use std::collections::BTreeMap;

use ofd_billing::ledger::{Entry, EntryOf, LedgerAccount, MonthHead, MonthRefused, OUTBOX_MAX, Posting};
use ofd_billing::{Month, Tiyn};
use time::Date;

use super::accounts::{Place, accounts};
use super::books::{Books, LedgerError, kept};
use super::closed::closed_books;
use super::keys::{corrupt, rows, stream, write_head};
use super::month::{MonthOf, entry, head, newest, of_source};
use crate::feed::Stamps;
use crate::settle::settle;
use crate::store::{Append, Row, Store, StoreError, StreamId, Version};

/// How often a posting is decided again because somebody else posted to the same account.
const TRIES: usize = 16;

/// So many months after that of its day a posting is looked for and posted to: far more than are ever closed behind a day.
const MONTHS_MAX: usize = 240;

/// Streams are walked in pages.
const PAGE: usize = 256;

/// What came of a posting that landed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Landed {
    /// The month that it is in.
    pub month: Month,
    /// Its number there.
    pub number: u32,
    /// Whether it had landed before.
    pub before: bool,
}

/// An open month, and the closed ones that were passed on the way to it.
struct Open {
    version: Version,
    head: MonthHead,
    passed: Vec<MonthHead>,
}

/// Posts what has one home and one month, all or nothing, and carries the other legs into their accounts.
///
/// A posting that landed before is told so, and nothing is written again. Where the other legs cannot be carried now the
/// postings have landed all the same: whoever posts here next carries them, or [`carry_all`].
///
/// # Errors
/// [`LedgerError`] says why none of them landed. After [`StoreError::Unknown`] they may have: post them again.
pub async fn post(
    store: &impl Store,
    books: Books,
    opened: Month,
    postings: Vec<Posting>,
    (today, now_ms): (Date, u64),
    stamps: &impl Stamps,
) -> Result<Vec<Landed>, LedgerError> {
    let (account, from) = together(&postings, today)?;
    let of = MonthOf { account, opened };
    let postings = postings.into_iter().map(EntryOf::Posting).collect();
    let landed = land(store, (books, of), from, postings, now_ms, stamps).await?;
    if let Some(month) = landed.iter().map(|landed| landed.month).max() {
        // Of the month before as well: a process may have ended on its last day.
        for month in month.previous().into_iter().chain([month]) {
            if let Err(error) = carry(store, books, (account, month), now_ms, stamps).await {
                tracing::warn!(%account, %error, "legs of postings wait to be carried into their accounts");
            }
        }
    }
    Ok(landed)
}

/// The account and the month that postings share.
fn together(postings: &[Posting], today: Date) -> Result<(LedgerAccount, Month), LedgerError> {
    let first = postings.first().ok_or(LedgerError::Together("there is none"))?;
    if postings.len() > OUTBOX_MAX {
        return Err(LedgerError::Together("there are too many"));
    }
    let month = Month::of(first.on)?;
    for (place, posting) in postings.iter().enumerate() {
        posting.check(today)?;
        if posting.home() != first.home() || Month::of(posting.on)? != month {
            return Err(LedgerError::Together("they are of several accounts or months"));
        }
        if postings.iter().take(place).any(|before| before.source == posting.source) {
            return Err(LedgerError::Together("two have the same source"));
        }
    }
    let account = first.home().ok_or(LedgerError::Together("there is none"))?;
    Ok((account, month))
}

/// Writes entries into the first open month from `from` on, each once.
async fn land(
    store: &impl Store,
    (books, of): (Books, MonthOf),
    from: Month,
    entries: Vec<EntryOf>,
    now_ms: u64,
    stamps: &impl Stamps,
) -> Result<Vec<Landed>, LedgerError> {
    for _ in 0..TRIES {
        let open = open_month(store, of, from, now_ms, stamps).await?;
        let before = landed_before(store, &open, &entries).await?;
        let new = entries.iter().zip(&before).filter(|(_, before)| before.is_none());
        let new: Vec<EntryOf> = new.map(|(entry, _)| entry.clone()).collect();
        if new.is_empty() {
            return Ok(before.into_iter().flatten().collect());
        }
        let taken = match open.head.take(new, now_ms) {
            Ok(taken) => taken,
            Err(MonthRefused::OutboxFull(account)) => {
                Box::pin(carry(store, books, (account, open.head.month), now_ms, stamps)).await?;
                continue;
            }
            Err(refused) => return Err(refused.into()),
        };
        let stream = stream(of.account, open.head.month);
        let written = taken.entries.iter().map(|entry| rows(stream, entry)).collect::<Result<Vec<_>, _>>()?;
        let written = written.into_iter().flatten().collect();
        if write(store, Some(open.version), &taken.head, written, stamps).await? {
            let month = open.head.month;
            let mut new =
                taken.entries.iter().map(|entry| Landed { month, number: entry.number, before: false });
            let landed = before.into_iter().map(|before| before.or_else(|| new.next()));
            return Ok(landed.flatten().collect());
        }
    }
    Err(LedgerError::Busy)
}

/// Which of the entries landed before, in the order of the entries.
async fn landed_before(
    store: &impl Store,
    open: &Open,
    entries: &[EntryOf],
) -> Result<Vec<Option<Landed>>, LedgerError> {
    let mut landed = Vec::with_capacity(entries.len());
    for of in entries {
        let mut found = None;
        for head in open.passed.iter().chain([&open.head]) {
            let source = of.source();
            if let Some(entry) = of_source(store, head, source).await? {
                if !is_same(&entry.of, of) {
                    return Err(LedgerError::Another { source_id: source.clone() });
                }
                found = Some(Landed { month: head.month, number: entry.number, before: true });
                break;
            }
        }
        landed.push(found);
    }
    Ok(landed)
}

/// Whether two entries of one source move the same. Who tried first, and how it was explained, may differ.
fn is_same(one: &EntryOf, other: &EntryOf) -> bool {
    match (one, other) {
        (EntryOf::Posting(one), EntryOf::Posting(other)) => {
            (one.on, one.purpose, &one.legs, &one.reverses)
                == (other.on, other.purpose, &other.legs, &other.reverses)
        }
        _ => one == other,
    }
}

/// The first month from `from` on that is not closed; it and those before it are begun where they were not.
async fn open_month(
    store: &impl Store,
    of: MonthOf,
    from: Month,
    now_ms: u64,
    stamps: &impl Stamps,
) -> Result<Open, LedgerError> {
    let mut month = from.max(of.opened);
    let mut passed = Vec::new();
    while passed.len() < MONTHS_MAX {
        let (version, head) = begun(store, of, month, now_ms, stamps).await?;
        if head.closed.is_none() {
            return Ok(Open { version, head, passed });
        }
        passed.push(head);
        month = month.next().ok_or(LedgerError::NoOpenMonth(month))?;
    }
    Err(LedgerError::NoOpenMonth(from))
}

/// A month, begun where it was not, after all those before it: there are no holes. What is closed for all accounts begins closed.
async fn begun(
    store: &impl Store,
    of: MonthOf,
    month: Month,
    now_ms: u64,
    stamps: &impl Stamps,
) -> Result<(Version, MonthHead), LedgerError> {
    if let Some(found) = head(store, of.account, month).await? {
        return Ok(found);
    }
    let closed = closed_books(store).await?.1.up_to();
    let (mut at, mut before) = match newest(store, of, month).await? {
        Some((_, newest)) => (newest.month.next(), newest.closed.map(|closed| closed.balance)),
        None => (Some(of.opened), Some(Tiyn::ZERO)),
    };
    while let Some(next) = at.filter(|next| *next <= month) {
        let open = MonthHead::new(of.account, next);
        let begins = match before.filter(|_| closed.is_some_and(|closed| next <= closed)) {
            Some(balance) => open.close(balance, now_ms)?,
            None => open,
        };
        before = begins.closed.map(|closed| closed.balance);
        // Who was faster began the same, or closed it since.
        write(store, None, &begins, Vec::new(), stamps).await?;
        at = next.next();
    }
    let missing = || corrupt(stream(of.account, month), "it was begun and is missing");
    Ok(head(store, of.account, month).await?.ok_or_else(missing)?)
}

/// Writes a month; false where somebody else was faster.
async fn write(
    store: &impl Store,
    expected: Option<Version>,
    head: &MonthHead,
    rows: Vec<Row>,
    stamps: &impl Stamps,
) -> Result<bool, StoreError> {
    let stream = stream(head.account, head.month);
    let head = write_head(head)?;
    let append = Append { stream, expected, stamp: stamps(), head, rows, notes: Vec::new() };
    match settle(store, append).await {
        Ok(_) => Ok(true),
        Err(StoreError::Conflict { .. }) => Ok(false),
        Err(error) => Err(error),
    }
}

/// Carries the other legs of what waits in a month into their accounts; how many postings that were.
async fn carry(
    store: &impl Store,
    books: Books,
    (account, month): (LedgerAccount, Month),
    now_ms: u64,
    stamps: &impl Stamps,
) -> Result<usize, LedgerError> {
    for _ in 0..TRIES {
        let Some((version, at)) = head(store, account, month).await? else { return Ok(0) };
        if at.outbox.is_empty() {
            return Ok(0);
        }
        for (to, legs) in legs_of(store, &at).await? {
            let of = MonthOf { account: to, opened: books.opened };
            // Legs carry nothing on: this goes one step deep.
            Box::pin(land(store, (books, of), month, legs, now_ms, stamps)).await?;
        }
        if write(store, Some(version), &at.carried(&at.outbox), Vec::new(), stamps).await? {
            return Ok(at.outbox.len());
        }
    }
    Err(LedgerError::Busy)
}

/// The legs that wait in a month, by the accounts that they belong to.
async fn legs_of(
    store: &impl Store,
    at: &MonthHead,
) -> Result<BTreeMap<LedgerAccount, Vec<EntryOf>>, StoreError> {
    let mut by_account: BTreeMap<LedgerAccount, Vec<EntryOf>> = BTreeMap::new();
    for number in &at.outbox {
        let stream = stream(at.account, at.month);
        let missing =
            || StoreError::Unavailable { reason: format!("entry {number} of {stream} cannot be read yet") };
        let entry = entry(store, at.account, at.month, *number).await?.ok_or_else(missing)?;
        for (to, leg) in legs(at.account, &entry) {
            by_account.entry(to).or_default().push(leg);
        }
    }
    Ok(by_account)
}

/// What an entry that is a whole posting moves in other accounts.
pub(super) fn legs(home: LedgerAccount, entry: &Entry) -> Vec<(LedgerAccount, EntryOf)> {
    let EntryOf::Posting(posting) = &entry.of else { return Vec::new() };
    let others = posting.legs.iter().skip(1);
    let leg = |leg: &ofd_billing::ledger::Leg| {
        // In its home alone the source of a posting is unique.
        let (source, on, purpose) = (posting.source.in_home(home), posting.on, posting.purpose);
        (leg.account, EntryOf::Leg { source, home, on, purpose, sum: leg.sum })
    };
    others.map(leg).collect()
}

/// Carries what waits in the open months of all accounts: for a walk by night, after processes that ended half way. How many postings
/// that were.
///
/// # Errors
/// Those of the store.
pub async fn carry_all(store: &impl Store, now_ms: u64, stamps: &impl Stamps) -> Result<u64, LedgerError> {
    let Some(books) = kept(store).await? else { return Ok(0) };
    let (mut carried, mut place) = (0_u64, Some(Place::default()));
    while let Some(at) = place {
        let page = accounts(store, books, at, PAGE).await?;
        let now = carry_accounts(store, books, &page.found, now_ms, stamps).await?;
        (carried, place) = (carried.saturating_add(now), page.next);
    }
    Ok(carried)
}

/// Carries what waits in the open months of these accounts.
///
/// # Errors
/// Those of the store.
pub async fn carry_accounts(
    store: &impl Store,
    books: Books,
    of: &[MonthOf],
    now_ms: u64,
    stamps: &impl Stamps,
) -> Result<u64, LedgerError> {
    let closed = closed_books(store).await?.1.closed;
    let from = closed.and_then(Month::next).unwrap_or(books.opened);
    let mut carried = 0_u64;
    for of in of {
        let mut month = Some(from.max(of.opened));
        while let Some(at) = month {
            let Some((_, found)) = head(store, of.account, at).await? else { break };
            if !found.outbox.is_empty() {
                let now = carry(store, books, (of.account, at), now_ms, stamps).await?;
                carried = carried.saturating_add(u64::try_from(now).unwrap_or(u64::MAX));
            }
            month = at.next();
        }
    }
    Ok(carried)
}

/// The account and the month of a stream; `None` for what is neither.
pub(super) fn month_of(stream: StreamId) -> Option<(LedgerAccount, Month)> {
    Some((LedgerAccount::of_id(stream.owner)?, Month::try_from(stream.ordinal).ok()?))
}

/// Closes an account's month, which `this_month` is after: its balance stands from then on, and nothing is posted into it.
///
/// Personal accounts are closed before the operator's own, so that no leg comes too late for its month.
///
/// # Errors
/// [`LedgerError::NotYet`] where the month before it is open, or it is not over. Closing what is closed is `Ok`.
pub async fn close_month(
    store: &impl Store,
    books: Books,
    of: MonthOf,
    month: Month,
    (this_month, now_ms): (Month, u64),
    stamps: &impl Stamps,
) -> Result<Tiyn, LedgerError> {
    if month >= this_month {
        return Err(LedgerError::NotYet(month));
    }
    if month < of.opened {
        return Ok(Tiyn::ZERO);
    }
    for _ in 0..TRIES {
        let (version, at) = begun(store, of, month, now_ms, stamps).await?;
        if let Some(closed) = at.closed {
            return Ok(closed.balance);
        }
        let before = match month.previous().filter(|before| *before >= of.opened) {
            None => Tiyn::ZERO,
            Some(before) => {
                let (_, at) = head(store, of.account, before).await?.ok_or(LedgerError::NotYet(before))?;
                at.closed.ok_or(LedgerError::NotYet(before))?.balance
            }
        };
        if !at.outbox.is_empty() {
            carry(store, books, (of.account, month), now_ms, stamps).await?;
            continue;
        }
        let closed = at.close(before, now_ms)?;
        if write(store, Some(version), &closed, Vec::new(), stamps).await? {
            return Ok(closed.closed.map_or(Tiyn::ZERO, |closed| closed.balance));
        }
    }
    Err(LedgerError::Busy)
}
