//! How organisations stand with what they owe, as it is kept: what was judged last, what they were told, whether their registers are
//! stopped.
//!
//! The rules are those of [`ofd_billing::standing`]. A record is written before registers are told of what follows from it, and says
//! whether they were told wholly: whoever finds that they were not goes on. Whether a stop still holds is asked of the ledger
//! itself at the moment in which it matters ([`is_paid_since`]), so that a payment ends it wherever and however it was posted.

use ofd_billing::ledger::LedgerAccount;
use ofd_billing::standing::{Aged, Costs, Judged, Known, Standing, State, aged, judge};
use ofd_billing::{Day, Month, PersonalAccount, Tiyn};
use serde::{Deserialize, Serialize};

use crate::charging::{Clock, costs};
use crate::entries::Entry;
use crate::ledger::{self, LedgerError, MonthOf, PersonalAccountRecord};
use crate::model::{self, Model};
use crate::store::{RecordKind, Store, StoreError, Version};

/// How an organisation stands, and what was done about it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StandingRecord {
    /// BIN or IIN.
    pub bin: String,
    /// Its personal account.
    pub number: PersonalAccount,
    /// The first month of that.
    pub opened: Month,
    /// What is remembered between two looks.
    pub standing: Standing,
    /// How it stood at the last one.
    pub state: State,
    /// What its account came to then.
    pub balance: Tiyn,
    /// How old the debt was then.
    pub aged: Aged,
    /// The day on which the money ends or ended, as far as it was foreseen then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ends: Option<Day>,
    /// What the days ahead cost.
    pub costs: Costs,
    /// The debt that its registers were told, while they are stopped.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub told: Option<Tiyn>,
    /// Whether all its registers are as this says.
    pub is_carried_out: bool,
    /// When it was looked at, in milliseconds of the Unix epoch.
    pub at_ms: u64,
}

impl Model for StandingRecord {
    const KIND: RecordKind = RecordKind::Standing;

    fn key(&self) -> Vec<u8> {
        self.bin.as_bytes().to_vec()
    }

    fn found_by(&self) -> Option<Entry> {
        let is_to_be_found = self.standing.stopped.is_some() || !self.is_carried_out;
        let entry = || Entry { kind: RecordKind::StoppedOrganisation, key: self.key() };
        is_to_be_found.then(entry)
    }
}

impl StandingRecord {
    /// What its registers are to be told: the debt where they are stopped.
    #[must_use]
    pub fn stop(&self) -> Option<Tiyn> {
        self.standing.stopped.map(|_| self.balance.negated().max(Tiyn::ZERO))
    }
}

/// How an organisation stands; `None` where nobody looked yet.
///
/// # Errors
/// Those of the store.
pub async fn of(store: &impl Store, bin: &str) -> Result<Option<(Version, StandingRecord)>, StoreError> {
    model::load(store, bin.as_bytes()).await
}

/// The day that standings are judged on: the one behind the last that was charged, since what is not charged yet is not owed.
#[must_use]
pub fn judged_on(costs: &Costs) -> Day {
    costs.charged.next().unwrap_or(costs.charged)
}

/// Whether the stop of an organisation's registers is over by what is in its account now, whatever its record and its registers say.
///
/// # Errors
/// Those of the store.
pub async fn is_paid_since(store: &impl Store, bin: &str, clock: Clock) -> Result<bool, StoreError> {
    let Some((_, record)) = of(store, bin).await? else { return Ok(false) };
    if record.standing.stopped.is_none() {
        return Ok(true);
    }
    let judged = look(store, &record, clock).await.map_err(of_ledger)?.1;
    Ok(judged.standing.stopped.is_none())
}

/// What is judged of a record by the balance of this moment.
async fn look(
    store: &impl Store,
    record: &StandingRecord,
    clock: Clock,
) -> Result<(Tiyn, Judged), LedgerError> {
    let account = LedgerAccount::Personal(record.number);
    let of = MonthOf { account, opened: record.opened };
    let balance = ledger::balance(store, of, clock.today()?.month()).await?.sum;
    let known = Known { today: judged_on(&record.costs), balance, costs: &record.costs };
    Ok((balance, judge(&record.standing, known)?))
}

/// What the ledger says, as the store's own trouble.
#[must_use]
pub fn of_ledger(error: LedgerError) -> StoreError {
    match error {
        LedgerError::Store(error) => error,
        other => StoreError::Unavailable { reason: other.to_string() },
    }
}

/// A standing as it would be after a look, beside what is kept of it.
#[derive(Clone, Debug)]
pub struct Looked {
    /// The version of what is kept; `None` where nothing is.
    pub version: Option<Version>,
    /// What is kept.
    pub before: Option<StandingRecord>,
    /// What is to be kept.
    pub record: StandingRecord,
    /// What was judged.
    pub judged: Judged,
}

impl Looked {
    fn new(
        (version, before): (Option<Version>, Option<StandingRecord>),
        known: StandingRecord,
        (balance, judged): (Tiyn, Judged),
        now_ms: u64,
    ) -> Self {
        let mut record = known;
        record.balance = balance;
        record.ends = judged.ends;
        record.state = judged.state;
        record.standing = judged.standing.clone();
        record.at_ms = now_ms;
        record.is_carried_out = record.is_carried_out && record.stop() == record.told;
        Self { version, before, record, judged }
    }

    /// Whether anything but the moment is other than what is kept.
    #[must_use]
    pub fn is_news(&self) -> bool {
        self.before
            .as_ref()
            .is_none_or(|before| *before != StandingRecord { at_ms: before.at_ms, ..self.record.clone() })
    }
}

/// Looks at an organisation by what its account comes to now, and by the costs that are kept; `None` where nobody looked before.
///
/// # Errors
/// Those of the ledger.
pub async fn looked(store: &impl Store, bin: &str, clock: Clock) -> Result<Option<Looked>, LedgerError> {
    let Some((version, record)) = of(store, bin).await? else { return Ok(None) };
    let seen = look(store, &record, clock).await?;
    let kept = (Some(version), Some(record.clone()));
    Ok(Some(Looked::new(kept, record, seen, clock.now.0)))
}

/// Looks at an organisation anew once it is charged up to `charged`: what the days ahead cost, and how old its debt is.
///
/// # Errors
/// Those of charging and of the ledger.
pub async fn looked_anew(
    store: &impl Store,
    account: &PersonalAccountRecord,
    (charged, clock): (Day, Clock),
) -> Result<Looked, crate::charging::ChargingError> {
    let kept = of(store, &account.bin).await?;
    let (version, before) = kept.map_or((None, None), |(version, record)| (Some(version), Some(record)));
    let costs = costs(store, &account.bin, charged, clock).await?;
    let of = MonthOf { account: LedgerAccount::Personal(account.number), opened: account.opened };
    let balance = ledger::balance(store, of, clock.today()?.month()).await?.sum;
    let known = before.as_ref().map(|before| before.standing.clone()).unwrap_or_default();
    let judged = judge(&known, Known { today: judged_on(&costs), balance, costs: &costs })
        .map_err(LedgerError::from)?;
    let record = StandingRecord {
        bin: account.bin.clone(),
        number: account.number,
        opened: account.opened,
        standing: known,
        state: judged.state,
        balance,
        aged: age(store, of, balance, charged.month()).await?,
        ends: judged.ends,
        costs,
        told: before.as_ref().and_then(|before| before.told),
        is_carried_out: before.as_ref().is_none_or(|before| before.is_carried_out),
        at_ms: clock.now.0,
    };
    Ok(Looked::new((version, before), record, (balance, judged), clock.now.0))
}

/// How old a debt is, by what was charged in the last months.
async fn age(store: &impl Store, of: MonthOf, balance: Tiyn, month: Month) -> Result<Aged, LedgerError> {
    if balance >= Tiyn::ZERO {
        return Ok(Aged::default());
    }
    let mut charged = [Tiyn::ZERO; 3];
    let mut at = Some(month);
    for sum in &mut charged {
        let Some(month) = at.filter(|month| *month >= of.opened) else { break };
        if let Some((_, head)) = ledger::head(store, of.account, month).await? {
            *sum = head.debit.negated();
        }
        at = month.previous();
    }
    Ok(aged(balance, charged)?)
}

/// Keeps what a look came to; `None` where somebody else was faster: look again.
///
/// # Errors
/// Those of the store; after [`StoreError::Unknown`] look again.
pub async fn keep(
    store: &impl Store,
    version: Option<Version>,
    record: &StandingRecord,
) -> Result<Option<Version>, StoreError> {
    match version {
        Some(version) => match model::replace(store, version, record).await {
            Ok(version) => Ok(Some(version)),
            Err(StoreError::Conflict { .. }) => Ok(None),
            Err(error) => Err(error),
        },
        None => {
            if !model::create(store, record).await? {
                return Ok(None);
            }
            Ok(of(store, &record.bin).await?.map(|(version, _)| version))
        }
    }
}

/// Up to `limit` standings by BIN, those behind `after`.
///
/// # Errors
/// Those of the store.
pub async fn page(
    store: &impl Store,
    after: Option<&str>,
    limit: usize,
) -> Result<Vec<StandingRecord>, StoreError> {
    let page = store.records(StandingRecord::KIND, b"", after.map(str::as_bytes), limit).await?;
    page.iter().map(|record| Ok(model::decode::<StandingRecord>(record)?.1)).collect()
}

/// Up to `limit` organisations whose registers were ever stopped, by BIN, those behind `after`.
///
/// # Errors
/// Those of the store.
pub async fn stopped(
    store: &impl Store,
    after: Option<&str>,
    limit: usize,
) -> Result<Vec<String>, StoreError> {
    let page = store.records(RecordKind::StoppedOrganisation, b"", after.map(str::as_bytes), limit).await?;
    Ok(page.into_iter().filter_map(|record| String::from_utf8(record.key.to_vec()).ok()).collect())
}

/// Where it is kept how far organisations were looked at, among the facts of the store.
pub const STANDING_KEY: &[u8] = b"standing";

/// How far organisations were looked at.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Run {
    /// The last charged day by which all were looked at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub done: Option<Day>,
    /// The charged day by which they are being looked at, with the last one that was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub under_way: Option<(Day, String)>,
    /// How many of this run have a notice that could not be sent.
    #[serde(default)]
    pub unsent: u32,
    /// When they are looked at again for that, in milliseconds of the Unix epoch.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub again_at_ms: Option<u64>,
}

fn unreadable(error: &serde_json::Error) -> StoreError {
    StoreError::Corrupt {
        place: "how far organisations were looked at".to_owned(),
        reason: error.to_string(),
    }
}

/// How far organisations were looked at.
///
/// # Errors
/// Those of the store.
pub async fn run(store: &impl Store) -> Result<(Option<Version>, Run), StoreError> {
    let Some(record) = store.record(RecordKind::Store, STANDING_KEY).await? else {
        return Ok((None, Run::default()));
    };
    let run = serde_json::from_slice(&record.bytes).map_err(|error| unreadable(&error))?;
    Ok((Some(record.version), run))
}

/// Keeps how far organisations were looked at; who was faster is as far.
///
/// # Errors
/// Those of the store.
pub async fn keep_run(store: &impl Store, read: Option<Version>, run: &Run) -> Result<(), StoreError> {
    let bytes = serde_json::to_vec(run).map_err(|error| unreadable(&error))?;
    match store.put_record(RecordKind::Store, STANDING_KEY, read, bytes.into()).await {
        Ok(_) | Err(StoreError::Conflict { .. }) => Ok(()),
        Err(error) => Err(error),
    }
}

/// Up to `limit` personal accounts by BIN, those behind `after`, and the last BIN that was looked at.
///
/// # Errors
/// Those of the store.
pub async fn accounts(
    store: &impl Store,
    after: Option<&str>,
    limit: usize,
) -> Result<(Vec<PersonalAccountRecord>, Option<String>), StoreError> {
    let page = store.records(RecordKind::PersonalAccount, b"", after.map(str::as_bytes), limit).await?;
    let last = page.last().and_then(|record| String::from_utf8(record.key.to_vec()).ok());
    let bins = page.iter().filter_map(|record| std::str::from_utf8(&record.key).ok());
    let mut found = Vec::with_capacity(page.len());
    for bin in bins {
        found.extend(ledger::of_bin(store, bin).await?);
    }
    Ok((found, last))
}
