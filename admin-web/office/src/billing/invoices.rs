//! Invoices, acts and bills: found, and issued by people.

use std::collections::BTreeMap;

use ofd_billing::invoices::{ContentError, DocumentError, Number};
use ofd_billing::tariffs::{PlanId, Titles};
use ofd_billing::{Month, Tiyn};
use ofd_protocol::types::UnixMillis;
use ofd_storage::accounts::{AuditAction, AuditField, AuditSubject, OPERATOR};
use ofd_storage::charging::Clock;
use ofd_storage::erased::DynStore;
use ofd_storage::invoices::{self, ByHand, InvoiceKind, InvoicingError, Issued, Issuing, Place};
use ofd_storage::ledger::LedgerError;
use ofd_storage::store::{Stamp, StoreError};
use ofd_storage::tariffs;

use super::issuer::Issuer;
use super::personal::{open, this_month};
use super::set;
use crate::banks::applications::note_once;
use crate::by::By;
use crate::change::ChangeError;
use crate::office::Office;

/// The greatest sum of a bill, in tiyn: a hundred million tenge.
pub const BILL_MAX: i64 = 10_000_000_000;

/// Digits that tell one sending of a form from every other.
const ONCE_LEN: usize = 16;

/// Pages that are read for one page of a list that is narrowed to a kind.
const LOOKED_MAX: usize = 20;

/// Why a document is not issued by a person.
#[derive(Debug, thiserror::Error)]
pub enum IssueError {
    /// The config does not say who issues documents.
    #[error("the config does not say who issues documents")]
    NoIssuer,
    /// The sum is nothing, or more than a bill is made for.
    #[error("a bill is for more than nothing and no more than {BILL_MAX} tiyn")]
    Sum,
    /// There is nothing that is in no invoice.
    #[error("nothing was charged for its month since")]
    Nothing,
    /// It is not the first of its turnover.
    #[error("it is no first invoice")]
    NotFirst,
    /// The organisation has no name or no address.
    #[error("the organisation has no name or no address")]
    NoAddress,
    /// There is no such document.
    #[error("there is no such document")]
    Unknown,
    /// The form was not made by this site.
    #[error("the form is not known")]
    Form,
    /// What issuing says.
    #[error(transparent)]
    Issuing(InvoicingError),
    /// What the audit says.
    #[error(transparent)]
    Change(#[from] ChangeError),
}

impl From<InvoicingError> for IssueError {
    fn from(error: InvoicingError) -> Self {
        match error {
            InvoicingError::Unknown(_) => Self::Unknown,
            InvoicingError::Content(ContentError::Empty) => Self::Nothing,
            InvoicingError::Document(DocumentError::NotFirst(_)) => Self::NotFirst,
            InvoicingError::Document(DocumentError::Party(_)) => Self::NoAddress,
            InvoicingError::Document(DocumentError::Bill) => Self::Sum,
            InvoicingError::Busy => Self::Change(ChangeError::Busy),
            InvoicingError::Store(error) | InvoicingError::Ledger(LedgerError::Store(error)) => {
                Self::Change(error.into())
            }
            other => Self::Issuing(other),
        }
    }
}

/// What tells one form from every other.
#[must_use]
pub fn once(office: &Office) -> String {
    office.drawn::<8>().iter().map(|byte| format!("{byte:02x}")).collect()
}

fn is_once(text: &str) -> bool {
    text.len() == ONCE_LEN && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// Makes a bill for a sum; the same form twice is one bill. The row of the audit goes where `told` says.
///
/// # Errors
/// [`IssueError`].
pub async fn make_bill(
    office: &Office,
    by: &By,
    (bin, told): (&str, &str),
    (sum, once): (Tiyn, &str),
    (issuer, zone_offset_seconds): (&Issuer, i32),
) -> Result<Issued, IssueError> {
    let supplier = issuer.supplier.as_ref().ok_or(IssueError::NoIssuer)?;
    if !(1..=BILL_MAX).contains(&sum.get()) {
        return Err(IssueError::Sum);
    }
    if !is_once(once) {
        return Err(IssueError::Form);
    }
    let month = this_month(office, zone_offset_seconds).map_err(InvoicingError::from)?;
    open(office, bin, month).await.map_err(InvoicingError::from)?;
    let issuing = Issuing { supplier, clock: Clock { now: office.now(), zone_offset_seconds } };
    let (stamps, about) = (|| Stamp(office.drawn()), (by.actor.name.as_str(), once));
    let issued = invoices::bill(&office.store, bin, sum, issuing, about, &stamps).await?;
    tell(office, by, told, AuditAction::BillMade, &issued).await?;
    Ok(issued)
}

/// What a person issues beside a first invoice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Beside {
    /// One in its place, with the parties as they are called now.
    Corrected,
    /// One of what was charged for its month since.
    Additional,
}

/// Issues an invoice beside a first one, with the reason; the same form twice is one invoice.
///
/// # Errors
/// [`IssueError`].
pub async fn issue_beside(
    office: &Office,
    by: &By,
    (first, beside): (&Number, Beside),
    (reason, once): (&str, &str),
    (issuer, zone_offset_seconds): (&Issuer, i32),
) -> Result<Issued, IssueError> {
    let supplier = issuer.supplier.as_ref().ok_or(IssueError::NoIssuer)?;
    if !is_once(once) {
        return Err(IssueError::Form);
    }
    let issuing = Issuing { supplier, clock: Clock { now: office.now(), zone_offset_seconds } };
    let (stamps, store) = (|| Stamp(office.drawn()), &office.store);
    let by_hand = ByHand { by: &by.actor.name, reason, once };
    let (issued, action) = match beside {
        Beside::Corrected => {
            let issued = invoices::correct(store, first, issuing, by_hand, &stamps).await?;
            (issued, AuditAction::InvoiceCorrected)
        }
        Beside::Additional => {
            let issued = invoices::additional(store, first, issuing, by_hand, &stamps).await?;
            (issued, AuditAction::InvoiceAdded)
        }
    };
    tell(office, by, OPERATOR, action, &issued).await?;
    Ok(issued)
}

/// Writes the row of the audit, unless it is there: whoever sends the form again, since the first time was cut off, writes what is missing.
async fn tell(
    office: &Office,
    by: &By,
    bin: &str,
    action: AuditAction,
    issued: &Issued,
) -> Result<(), ChangeError> {
    let mut changes = vec![set(AuditField::InvoiceSum, issued.document.total().to_string())];
    changes.extend(issued.reason.as_ref().map(|reason| set(AuditField::Reason, reason.clone())));
    let subject = AuditSubject::Company.called(issued.number().to_string());
    note_once(office, bin, by.entry(action, subject, changes), UnixMillis(0)).await
}

/// Documents of an organisation, and where the list goes on; it may have found nothing and go on all the same.
///
/// # Errors
/// Those of the store.
pub async fn of_organisation(
    store: &DynStore,
    bin: &str,
    place: Place,
    after: Option<&str>,
    limit: usize,
) -> Result<(Vec<Issued>, Option<String>), StoreError> {
    let (mut found, mut after) = (Vec::new(), after.map(str::to_owned));
    for _ in 0..LOOKED_MAX {
        let key = after.as_deref().map(str::as_bytes);
        let left = limit.saturating_sub(found.len());
        let (page, next) = invoices::of_organisation(store, bin, place, key, left).await?;
        found.extend(page);
        after = next.and_then(|next| String::from_utf8(next.to_vec()).ok());
        if after.is_none() || found.len() >= limit {
            break;
        }
    }
    Ok((found, after))
}

/// The same of all organisations in a month.
///
/// # Errors
/// Those of the store.
pub async fn of_month(
    store: &DynStore,
    (month, kind): (Month, Option<InvoiceKind>),
    after: Option<&str>,
    limit: usize,
) -> Result<(Vec<Issued>, Option<String>), StoreError> {
    let (found, next) = invoices::of_month(store, month, kind, after.map(str::as_bytes), limit).await?;
    Ok((found, next.and_then(|next| String::from_utf8(next.to_vec()).ok())))
}

/// A number as it is typed: letters that look alike in both alphabets are the same.
#[must_use]
pub fn number_of(text: &str) -> Option<Number> {
    let mut parts = text.trim().split('-');
    let (series, year, number) = (parts.next()?, parts.next()?, parts.next()?);
    let latin = |letter: char| match letter {
        'А' | 'а' => 'A',
        'В' | 'в' => 'B',
        other => other.to_ascii_uppercase(),
    };
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if parts.next().is_some() || !is_number(year) || !is_number(number) {
        return None;
    }
    let series = series.chars().map(latin).collect::<String>().parse().ok()?;
    Some(Number { series, year: year.parse().ok()?, number: number.parse().ok()? })
}

/// A sum as it is typed, `1 500,50`: in tiyn, with at most two digits behind the point.
#[must_use]
pub fn sum_of(text: &str) -> Option<Tiyn> {
    let plain: String = text.chars().filter(|letter| !letter.is_whitespace() && *letter != '₸').collect();
    let (tenge, tiyn) = plain.split_once([',', '.']).unwrap_or((&plain, "0"));
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if !is_number(tenge) || !is_number(tiyn) || tiyn.len() > 2 {
        return None;
    }
    let tiyn: i64 = format!("{tiyn:0<2}").parse().ok()?;
    Tiyn::new(tenge.parse::<i64>().ok()?.checked_mul(100)?.checked_add(tiyn)?).ok()
}

/// What plans are called, by their ids.
///
/// # Errors
/// Those of the store.
pub async fn plan_titles(store: &DynStore) -> Result<BTreeMap<PlanId, Titles>, StoreError> {
    let plans = tariffs::plans(store).await?;
    Ok(plans.into_iter().map(|(id, plan)| (id, plan.data().titles.clone())).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sum_is_read_as_people_type_it() {
        for (text, tiyn) in [("1 500,50", 150_050), ("1500.5", 150_050), ("₸ 7", 700), ("0", 0)] {
            assert_eq!(sum_of(text).map(Tiyn::get), Some(tiyn), "{text}");
        }
        for text in ["", "-5", "1,505", "1,5,5", "x", ",5", "99999999999999999999"] {
            assert_eq!(sum_of(text), None, "{text}");
        }
    }

    #[test]
    fn a_number_is_read_in_either_alphabet() {
        for text in ["A-2026-000007", " а-2026-7", "А-2026-000007"] {
            assert_eq!(
                number_of(text).map(|number| number.to_string()).as_deref(),
                Some("A-2026-000007"),
                "{text}"
            );
        }
        for text in ["", "A-2026", "A-2026-7-1", "A-20x6-7", "ab*-2026-7", "A-2026--7"] {
            assert_eq!(number_of(text), None, "{text}");
        }
    }
}
