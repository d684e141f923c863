//! What an organisation owed and paid over a period: by months, and as an act that both sides sign.

use std::collections::BTreeMap;

use ofd_billing::invoices::{Party, Reconciliation, StatementEntry, StatementError, Turnovers};
use ofd_billing::ledger::{Entry, EntryOf, LedgerAccount, Purpose};
use ofd_billing::{Day, Month, NoMonth, Tiyn, TiynError};
use ofd_storage::erased::DynStore;
use ofd_storage::invoices::{InvoicingError, recipient};
use ofd_storage::ledger::{self, LedgerError, PersonalAccountRecord};
use ofd_storage::store::StoreError;

/// Entries are walked in pages.
const PAGE: usize = 256;

/// The longest period, in months: what is older is asked for apart.
pub const MONTHS_MAX: i32 = 60;

/// Why there is no statement.
#[derive(Debug, thiserror::Error)]
pub enum ReconcileError {
    /// It ends before it begins.
    #[error("the period ends before it begins")]
    Period,
    /// It is longer than is told at once.
    #[error("a period of more than {MONTHS_MAX} months")]
    TooLong,
    /// What the ledger says.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// Who the organisation is cannot be told.
    #[error(transparent)]
    Party(#[from] InvoicingError),
}

impl From<StatementError> for ReconcileError {
    fn from(error: StatementError) -> Self {
        match error {
            StatementError::Period => Self::Period,
            StatementError::Sum(error) => Self::Ledger(error.into()),
        }
    }
}

impl From<StoreError> for ReconcileError {
    fn from(error: StoreError) -> Self {
        Self::Ledger(error.into())
    }
}

impl From<TiynError> for ReconcileError {
    fn from(error: TiynError) -> Self {
        Self::Ledger(error.into())
    }
}

/// What an entry of a statement stands on, in the words of the ledger: people are told it in their language.
#[must_use]
pub fn purpose_of(document: &str) -> (Option<Purpose>, &str) {
    let (purpose, number) = document.split_once(':').unwrap_or((document, ""));
    let purpose = Purpose::ALL.into_iter().find(|known| purpose_name(*known) == purpose);
    (purpose, number)
}

/// The name of a purpose.
#[must_use]
pub fn purpose_name(purpose: Purpose) -> &'static str {
    match purpose {
        Purpose::Charge => "charge",
        Purpose::Fee => "fee",
        Purpose::Payment => "payment",
        Purpose::Unmatched => "unmatched",
        Purpose::Matched => "matched",
        Purpose::Refund => "refund",
        Purpose::Correction => "correction",
        Purpose::WriteOff => "write-off",
        Purpose::Reversal => "reversal",
    }
}

/// The statement of turnover and balance of an account for some months, `now` being the present one.
///
/// # Errors
/// [`ReconcileError`].
pub async fn turnovers(
    store: &DynStore,
    account: &PersonalAccountRecord,
    (from, to): (Month, Month),
) -> Result<Turnovers, ReconcileError> {
    period(from, to)?;
    let entries = entries(store, account, (Day::first_of(from), Day::last_of(to))).await?;
    Ok(ofd_billing::invoices::turnovers(&entries, from, to)?)
}

/// The act of reconciliation of an account for some days.
///
/// # Errors
/// [`ReconcileError`].
pub async fn reconciliation(
    store: &DynStore,
    supplier: &Party,
    account: &PersonalAccountRecord,
    (from, to): (Day, Day),
) -> Result<Reconciliation, ReconcileError> {
    period(from.month(), to.month())?;
    let entries = entries(store, account, (from, to)).await?;
    let customer = recipient(store, &account.bin).await?;
    Ok(ofd_billing::invoices::reconciliation(supplier.clone(), customer, &entries, from, to)?)
}

fn period(from: Month, to: Month) -> Result<(), ReconcileError> {
    match to.since(from) {
        months if months < 0 => Err(ReconcileError::Period),
        months if months >= MONTHS_MAX => Err(ReconcileError::TooLong),
        _ => Ok(()),
    }
}

/// The entries of an account in a period, what came before as one: what was charged for days of a month is one row, the others each its
/// own. An entry counts for its own day, whatever month of the ledger it was posted into.
async fn entries(
    store: &DynStore,
    account: &PersonalAccountRecord,
    (from, to): (Day, Day),
) -> Result<Vec<StatementEntry>, ReconcileError> {
    let home = LedgerAccount::Personal(account.number);
    let mut before = before(store, account, from.month()).await?;
    let mut rows: Vec<StatementEntry> = Vec::new();
    let mut charged: BTreeMap<(Month, Purpose), (Day, Tiyn)> = BTreeMap::new();
    let mut month = Some(from.month().max(account.opened));
    while let Some(at) = month {
        if ledger::head(store, home, at).await?.is_none() {
            break;
        }
        let mut last = None;
        loop {
            let page = ledger::entries(store, home, at, last, PAGE).await?;
            for entry in &page {
                let day = Day::new(entry.on()).map_err(|error: NoMonth| LedgerError::from(error))?;
                if day < from {
                    before = before.plus(entry.sum())?;
                } else if day <= to {
                    match entry.purpose() {
                        Purpose::Charge => {
                            let of =
                                charged.entry((day.month(), Purpose::Charge)).or_insert((day, Tiyn::ZERO));
                            *of = (of.0.max(day), of.1.plus(entry.sum())?);
                        }
                        purpose => rows.push(row(day, purpose, &number_of(entry), entry.sum())),
                    }
                }
            }
            match page.last() {
                Some(oldest) if page.len() == PAGE => last = Some(oldest.number),
                Some(_) | None => break,
            }
        }
        month = at.next();
    }
    let charges =
        charged.into_iter().map(|((month, purpose), (day, sum))| row(day, purpose, &month.to_string(), sum));
    rows.extend(charges);
    if let Some(day) = from.previous().filter(|_| before != Tiyn::ZERO) {
        rows.push(row(day, Purpose::Correction, "", before));
    }
    rows.sort_by(|one, other| (one.day, &one.document).cmp(&(other.day, &other.document)));
    Ok(rows)
}

/// What an account came to when a month of the ledger began.
async fn before(
    store: &DynStore,
    account: &PersonalAccountRecord,
    month: Month,
) -> Result<Tiyn, ReconcileError> {
    let home = LedgerAccount::Personal(account.number);
    let (mut sum, mut at) = (Tiyn::ZERO, month.previous());
    while let Some(earlier) = at.filter(|earlier| *earlier >= account.opened) {
        if let Some((_, head)) = ledger::head(store, home, earlier).await? {
            if let Some(closed) = head.closed {
                return Ok(sum.plus(closed.balance)?);
            }
            sum = sum.plus(head.turnover()?)?;
        }
        at = earlier.previous();
    }
    Ok(sum)
}

/// The number of a payer's document, where one is told.
fn number_of(entry: &Entry) -> String {
    let EntryOf::Posting(posting) = &entry.of else { return String::new() };
    posting.why.get("number").and_then(|number| number.as_str()).unwrap_or_default().to_owned()
}

fn row(day: Day, purpose: Purpose, number: &str, sum: Tiyn) -> StatementEntry {
    let (debit, credit) = if sum < Tiyn::ZERO { (sum.negated(), Tiyn::ZERO) } else { (Tiyn::ZERO, sum) };
    StatementEntry { day, document: format!("{}:{number}", purpose_name(purpose)), debit, credit }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_entry_stands_on_is_read_back() {
        for purpose in Purpose::ALL {
            let document = format!("{}:15", purpose_name(purpose));
            assert_eq!(purpose_of(&document), (Some(purpose), "15"));
        }
        assert_eq!(purpose_of("nothing"), (None, ""));
    }

    #[test]
    fn a_period_ends_after_it_begins_and_is_no_longer_than_is_told_at_once() {
        let month = |text: &str| text.parse::<Month>().unwrap();
        assert!(period(month("2026-01"), month("2026-01")).is_ok());
        assert!(matches!(period(month("2026-02"), month("2026-01")), Err(ReconcileError::Period)));
        assert!(matches!(period(month("2020-01"), month("2026-01")), Err(ReconcileError::TooLong)));
    }
}
