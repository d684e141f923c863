//! Proves the ledger each night: what processes left half done is carried into its accounts, and what does not fit is named.

use std::time::Duration;

use ofd_billing::Month;
use ofd_edge::World;
use ofd_protocol::types::UnixMillis;
use ofd_storage::charging::Clock;
use ofd_storage::ledger::{
    self, BREAKS_KEPT_MAX, Books, Checked, Fault, LastCheck, LedgerError, Place, accounts, closed_books,
};
use ofd_storage::store::{Stamp, Store, StoreError};
use tracing::{error, info};

use crate::job::{Job, Next};
use crate::metrics;

/// The ledger is proven this often.
const AGAIN_AFTER: Duration = Duration::from_secs(24 * 3600);

/// It is asked for this often at least, so that a clock that was set does not put it off for long.
const WAIT_MAX: Duration = Duration::from_secs(600);

/// Between two steps: registers come first.
const STEP_EVERY: Duration = Duration::from_millis(100);

/// So many accounts are looked at in a step.
const ACCOUNTS: usize = 64;

/// The proof of every night.
#[derive(Debug)]
pub struct LedgerWatch<W> {
    world: W,
    zone_offset_seconds: i32,
    under_way: Option<Proof>,
}

/// A proof under way. A process that ends begins it anew elsewhere: it changes nothing but what was left half done.
#[derive(Debug)]
struct Proof {
    books: Books,
    from: Month,
    closed: Option<Month>,
    /// Where it carries what waits; none: all was carried.
    carrying: Option<Place>,
    /// Where it looks.
    looking: Place,
    checked: Checked,
    carried: u64,
    faults: Vec<Fault>,
    breaks: u64,
}

impl<W: World> LedgerWatch<W> {
    /// Months are those of a wall clock that is so many seconds ahead of UTC.
    pub fn new(world: W, zone_offset_seconds: i32) -> Self {
        Self { world, zone_offset_seconds, under_way: None }
    }

    /// A proof that is due, or after how long one will be.
    async fn due(store: &impl Store, now: UnixMillis) -> Result<Result<Proof, Duration>, StoreError> {
        let since = ledger::last_check(store).await?.map(|(_, last)| UnixMillis(last.at_ms));
        let rest = since.map_or(Duration::ZERO, |since| {
            AGAIN_AFTER.saturating_sub(Duration::from_millis(now.since(since)))
        });
        let Some(books) = ledger::kept_books(store).await?.filter(|_| rest.is_zero()) else {
            // An operator without books may open them any moment.
            return Ok(Err(if rest.is_zero() { WAIT_MAX } else { rest.min(WAIT_MAX) }));
        };
        Ok(Ok(Proof {
            books,
            from: ledger::unproven_from(store).await?.unwrap_or(books.opened),
            closed: closed_books(store).await?.1.closed,
            carrying: Some(Place::default()),
            looking: Place::default(),
            checked: Checked::default(),
            carried: 0,
            faults: Vec::new(),
            breaks: 0,
        }))
    }
}

impl Proof {
    fn tell(&mut self, faults: Vec<Fault>) {
        for fault in faults {
            let Fault { place, reason } = &fault;
            error!(place, reason, "the ledger does not fit: {place}: {reason}");
            self.breaks = self.breaks.saturating_add(1);
            if self.faults.len() < BREAKS_KEPT_MAX {
                self.faults.push(fault);
            }
        }
    }

    /// Looks at some accounts; whether they were the last.
    async fn look(&mut self, store: &impl Store, now: Month) -> Result<bool, StoreError> {
        let page = accounts(store, self.books, self.looking.clone(), ACCOUNTS).await?;
        let (mut faults, mut checked) = (page.unreadable, Checked::default());
        let mut tell = |fault| faults.push(fault);
        ledger::check_accounts(store, &page.found, (self.from, now), &mut checked, &mut tell).await?;
        self.checked = self.checked.with(checked);
        self.tell(faults);
        match page.next {
            Some(next) => self.looking = next,
            None => return Ok(true),
        }
        Ok(false)
    }

    /// Keeps what it came to.
    async fn end(mut self, store: &impl Store, now: UnixMillis) -> Result<(), StoreError> {
        if self.checked.sum != 0 {
            let reason = format!("all entries sum to {} tiyn and not to zero", self.checked.sum);
            self.tell(vec![Fault { place: "the ledger".to_owned(), reason }]);
        }
        let known = ledger::last_check(store).await?;
        let (version, before) = known.map_or((None, None), |(version, last)| (Some(version), last.proven));
        let last = LastCheck {
            at_ms: now.0,
            entries: self.checked.entries,
            carried: self.carried,
            breaks: self.breaks,
            told: self.faults.iter().map(|Fault { place, reason }| format!("{place}: {reason}")).collect(),
            proven: if self.breaks == 0 { self.closed } else { before },
        };
        ledger::keep_check(store, version, &last).await?;
        metrics::ledger_checked(self.breaks, now);
        metrics::ledger_carried(self.carried);
        let (entries, breaks, carried) = (self.checked.entries, self.breaks, self.carried);
        info!(
            entries,
            breaks,
            carried,
            "the ledger: {entries} entries looked at, {breaks} breaks, {carried} postings carried"
        );
        Ok(())
    }
}

impl<W: World> Job for LedgerWatch<W> {
    fn name(&self) -> &'static str {
        "ledger"
    }

    async fn step(&mut self, store: &impl Store, now: UnixMillis) -> Result<Next, StoreError> {
        let mut proof = match self.under_way.take() {
            Some(proof) => proof,
            None => match Self::due(store, now).await? {
                Ok(proof) => proof,
                Err(rest) => {
                    // Said also by a process that has proven nothing yet; never is the year 1970, as with the walk of the store.
                    let last = ledger::last_check(store).await?.map(|(_, last)| last).unwrap_or_default();
                    metrics::ledger_checked(last.breaks, UnixMillis(last.at_ms));
                    metrics::ledger_carried(0);
                    return Ok(Next::Rest(rest));
                }
            },
        };
        if let Some(at) = proof.carrying.take() {
            let page = accounts(store, proof.books, at, ACCOUNTS).await?;
            let world = &self.world;
            let stamps = || Stamp(world.bytes());
            match ledger::carry_accounts(store, proof.books, &page.found, now.0, &stamps).await {
                Ok(carried) => proof.carried = proof.carried.saturating_add(carried),
                Err(LedgerError::Store(error)) if !matches!(error, StoreError::Corrupt { .. }) => {
                    return Err(error);
                }
                // The look behind it says what is wrong there.
                Err(error) => error!(%error, "postings wait to be carried into their accounts: {error}"),
            }
            proof.carrying = page.next;
        } else {
            let month = Clock { now, zone_offset_seconds: self.zone_offset_seconds }.today()?.month();
            if proof.look(store, month).await? {
                proof.end(store, now).await?;
                return Ok(Next::Rest(WAIT_MAX));
            }
        }
        self.under_way = Some(proof);
        Ok(Next::In(STEP_EVERY))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use ofd_billing::ledger::{LedgerAccount, Leg, OwnAccount, Posting, Purpose, Source, shard_of};
    use ofd_billing::{PersonalAccount, Tiyn};
    use ofd_storage::ending::{Ending, stamp};
    use ofd_storage::ledger::{open_personal, post};
    use ofd_storage::memory::MemoryStore;
    use tokio_util::sync::CancellationToken;

    use super::*;
    use crate::job::keep;
    use crate::testing::Passing;

    /// A payment of one tenge.
    fn payment(number: PersonalAccount, on: time::Date) -> Posting {
        let leg = |account, sum| Leg { account, sum: Tiyn::new(sum).unwrap() };
        let bank = LedgerAccount::Own(OwnAccount::Bank, shard_of(number));
        Posting {
            source: Source::new("payment/1").unwrap(),
            on,
            purpose: Purpose::Payment,
            legs: vec![leg(LedgerAccount::Personal(number), 100), leg(bank, -100)],
            reverses: None,
            by: None,
            why: serde_json::Value::Null,
        }
    }

    #[tokio::test(start_paused = true)]
    async fn each_night_what_was_left_is_carried_and_what_does_not_fit_is_kept_for_people() {
        let store = Arc::new(MemoryStore::new());
        let world = Passing(tokio::time::Instant::now());
        let today = Clock { now: world.now(), zone_offset_seconds: 0 }.today().unwrap();
        let draw = || PersonalAccount::FIRST;
        let opened = (today.month(), world.now().0);
        let account = open_personal(&*store, "010101500123", opened, draw).await.unwrap();
        let books = ledger::kept_books(&*store).await.unwrap().unwrap();
        // It ends behind the posting's own account.
        let dying = Ending::after(&store, 2);
        let one = payment(account.number, today.date());
        post(&dying, books, account.opened, vec![one], (today.date(), world.now().0), &stamp).await.unwrap();
        let looks = async {
            tokio::time::sleep(Duration::from_secs(3600)).await;
            let (_, first) = ledger::last_check(&*store).await.unwrap().unwrap();
            assert_eq!((first.carried, first.breaks, first.entries), (1, 0, 2));
            // Somebody damages the account.
            let key = b"010101500123";
            let kind = ofd_storage::store::RecordKind::PersonalAccount;
            let record = store.record(kind, key).await.unwrap().unwrap();
            store.put_record(kind, key, Some(record.version), "{".into()).await.unwrap();
            tokio::time::sleep(Duration::from_secs(25 * 3600)).await;
            let (_, second) = ledger::last_check(&*store).await.unwrap().unwrap();
            assert!(first.at_ms < second.at_ms && second.breaks > 0, "{second:?}");
            assert!(second.told.join("; ").contains("the personal account of 010101500123"), "{second:?}");
        };
        tokio::select! {
            () = keep(LedgerWatch::new(world, 0), Arc::clone(&store), world, CancellationToken::new()) => {}
            () = looks => {}
        }
    }
}
