//! Standing: registers are stopped for a debt and go on after it, and the operator's people take down promises to pay.

use ofd_billing::Day;
use ofd_billing::ledger::LedgerAccount;
use ofd_billing::standing::{Notice, Promise, PromiseRefused, promised};
use ofd_protocol::refusal::debt_reason;
use ofd_protocol::register::Change;
use ofd_protocol::types::{RegisterId, UnixMillis};
use ofd_storage::accounts::{AuditAction, AuditField, AuditSubject};
use ofd_storage::charging::Clock;
use ofd_storage::holdings::{Listing, registers_of};
use ofd_storage::ledger::{self, LedgerError, MonthOf};
use ofd_storage::standing::{self, Looked, StandingRecord, of_ledger};
use ofd_storage::store::{StoreError, Version};

use super::set;
use crate::banks::applications::note_once;
use crate::by::By;
use crate::change::ChangeError;
use crate::office::Office;
use crate::registers::{RegisterError, change_register};

/// How often a standing is looked at again because somebody else changed it.
const TRIES: usize = 8;

/// Registers are told in pages.
const PAGE: usize = 64;

/// The longest reason of a promise.
pub const PROMISE_REASON_CHARS_MAX: usize = 500;

/// How the audit names whoever stops registers and lets them go on by the rule.
const RULE: &str = "billing";

/// How the program itself acts.
pub fn by_rule(office: &Office) -> By {
    By::program(RULE, office.now(), std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST))
}

/// The clock that money is counted by.
pub fn clock(office: &Office, zone_offset_seconds: i32) -> Clock {
    Clock { now: office.now(), zone_offset_seconds }
}

/// Brings an organisation's registers to what its account says now: stops them, tells them another debt, or lets them go on. Who
/// never was looked at stays as it is. To do it twice is harmless.
///
/// # Errors
/// Those of the store. Whoever comes next goes on.
pub async fn carry_out(office: &Office, bin: &str, zone_offset_seconds: i32) -> Result<(), StoreError> {
    for _ in 0..TRIES {
        let clock = clock(office, zone_offset_seconds);
        let Some(looked) = standing::looked(&office.store, bin, clock).await.map_err(of_ledger)? else {
            return Ok(());
        };
        let (version, record) = if looked.is_news() {
            match standing::keep(&office.store, looked.version, &looked.record).await? {
                Some(version) => (version, looked.record),
                None => continue,
            }
        } else {
            match looked.version {
                Some(version) => (version, looked.record),
                None => continue,
            }
        };
        if record.is_carried_out || carried_out(office, version, &record).await? {
            return Ok(());
        }
    }
    Err(StoreError::Unavailable { reason: format!("how organisation {bin} stands is changed by others") })
}

/// Tells all registers of an organisation what a record says, and keeps that they were told; false where it was changed meanwhile.
async fn carried_out(office: &Office, version: Version, record: &StandingRecord) -> Result<bool, StoreError> {
    let change = match record.stop() {
        Some(debt) => Change::Unpaid { reason: debt_reason(&record.number.to_string(), &debt.to_string()) },
        None => Change::Paid,
    };
    let mut after = None;
    loop {
        let page = registers_of(&office.store, &record.bin, after, PAGE).await?;
        if page.listing == Listing::BeingMade {
            return Err(StoreError::Unavailable { reason: "the list of registers is being made".to_owned() });
        }
        for register in &page.found {
            tell(office, register.id, &change).await?;
        }
        match page.next {
            Some(next) => after = Some(next),
            None => break,
        }
    }
    let done = StandingRecord { told: record.stop(), is_carried_out: true, ..record.clone() };
    Ok(standing::keep(&office.store, Some(version), &done).await?.is_some())
}

/// Tells one register. One that nothing can be told any more does not keep the others from it.
async fn tell(office: &Office, id: RegisterId, change: &Change) -> Result<(), StoreError> {
    let by = by_rule(office);
    match change_register((&office.store, &*office.world), &office.turns, id, change, &by).await {
        Ok(_) | Err(RegisterError::Final(_) | RegisterError::BeingCreated) => Ok(()),
        Err(RegisterError::Store(StoreError::Corrupt { place, reason })) => {
            tracing::error!(register.id = %id, "register {id} is not told of its standing: {place}: {reason}");
            Ok(())
        }
        Err(RegisterError::Store(error)) => Err(error),
        Err(error) => Err(StoreError::Unavailable { reason: error.to_string() }),
    }
}

/// Keeps a look at an organisation, with a notice that was sent; false where somebody else was faster.
///
/// # Errors
/// Those of the store.
pub async fn keep_look(
    office: &Office,
    mut looked: Looked,
    notice: Option<Notice>,
) -> Result<bool, StoreError> {
    looked.record.standing.notices.extend(notice);
    if !looked.is_news() {
        return Ok(true);
    }
    Ok(standing::keep(&office.store, looked.version, &looked.record).await?.is_some())
}

/// Writes into an organisation's audit that it was told of its debt.
///
/// # Errors
/// Those of the change.
pub async fn tell_of_notice(
    office: &Office,
    record: &StandingRecord,
    notice: Notice,
) -> Result<(), ChangeError> {
    let changes = vec![
        set(AuditField::PersonalAccount, record.number.to_string()),
        set(AuditField::MoneyEnds, record.ends.map(|ends| ends.to_string()).unwrap_or_default()),
        set(AuditField::MoneyBalance, record.balance.to_string()),
    ];
    let subject = AuditSubject::Company.called(notice.on.to_string());
    let row = by_rule(office).entry(AuditAction::DebtNoticeSent, subject, changes);
    match note_once(office, &record.bin, row, UnixMillis(0)).await {
        // Whose people never came to the site has no audit yet.
        Err(ChangeError::NotFound) => Ok(()),
        other => other.map(drop),
    }
}

/// Why a promise is not taken down.
#[derive(Debug, thiserror::Error)]
pub enum PromiseError {
    /// The rule says no.
    #[error(transparent)]
    Refused(#[from] PromiseRefused),
    /// Nobody looked at the organisation yet: nothing is known of a debt.
    #[error("nothing is owed")]
    NotLooked,
    /// Others were faster each time.
    #[error("others changed the same at the same time, each time; try again")]
    Busy,
    /// What the ledger says.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// What the store says.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// What the audit says.
    #[error(transparent)]
    Change(#[from] ChangeError),
}

/// Takes down a promise to pay, for which registers go on.
///
/// # Errors
/// [`PromiseError`].
pub async fn promise(
    office: &Office,
    by: &By,
    bin: &str,
    (until, reason): (Day, &str),
    zone_offset_seconds: i32,
) -> Result<(), PromiseError> {
    let reason: String = reason.chars().take(PROMISE_REASON_CHARS_MAX).collect();
    let promise = Promise { until, by: by.actor.name.clone(), reason: reason.clone() };
    for _ in 0..TRIES {
        let clock = clock(office, zone_offset_seconds);
        let Some(looked) = standing::looked(&office.store, bin, clock).await? else {
            return Err(PromiseError::NotLooked);
        };
        let today = standing::judged_on(&looked.record.costs);
        let balance = looked.record.balance;
        if looked.record.standing.promise.as_ref() == Some(&promise) {
            return Ok(carry_out(office, bin, zone_offset_seconds).await?);
        }
        let standing = promised(&looked.record.standing, (balance, today), promise.clone())?;
        let record = StandingRecord { standing, is_carried_out: false, ..looked.record };
        if standing::keep(&office.store, looked.version, &record).await?.is_some() {
            let changes = vec![
                set(AuditField::PromiseUntil, until.to_string()),
                set(AuditField::Reason, reason),
                set(AuditField::MoneyBalance, balance.to_string()),
            ];
            let row = by.entry(AuditAction::PromiseTaken, AuditSubject::Company.called(bin), changes);
            match note_once(office, bin, row, by.at).await {
                Ok(_) | Err(ChangeError::NotFound) => {}
                Err(error) => return Err(error.into()),
            }
            return Ok(carry_out(office, bin, zone_offset_seconds).await?);
        }
    }
    Err(PromiseError::Busy)
}

/// How an organisation stands by what its account comes to now; `None` where nobody looked at it yet.
///
/// # Errors
/// Those of the ledger.
pub async fn present(
    office: &Office,
    bin: &str,
    zone_offset_seconds: i32,
) -> Result<Option<StandingRecord>, LedgerError> {
    let looked = standing::looked(&office.store, bin, clock(office, zone_offset_seconds)).await?;
    Ok(looked.map(|looked| looked.record))
}

/// What an account comes to at this moment.
///
/// # Errors
/// Those of the ledger.
pub async fn balance_now(
    office: &Office,
    account: &ledger::PersonalAccountRecord,
    zone_offset_seconds: i32,
) -> Result<ofd_billing::Tiyn, LedgerError> {
    let of = MonthOf { account: LedgerAccount::Personal(account.number), opened: account.opened };
    let month = super::this_month(office, zone_offset_seconds)?;
    Ok(ledger::balance(&office.store, of, month).await?.sum)
}
