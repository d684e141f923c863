//! Tariffs: the operator's billing people make plans and their versions, and an organisation chooses one for a register.
//!
//! A plan is a record, and what the audit of the operator says of it is written behind it; whoever does the same again adds the row that
//! a process that ended left out. What is chosen for a register stands in its registration, in one append with its row of the audit.

use std::collections::BTreeMap;

use ofd_billing::tariffs::{
    ChoiceError, Chooser, ConnectionKind, KindPrice, Now, Per, Plan, PlanData, PlanError, PlanId,
    PlanVersion, Price, Quote, QuoteError, Signing, quote,
};
use ofd_billing::{Day, Month};
use ofd_protocol::types::{RegisterId, UnixMillis};
use ofd_storage::accounts::{AuditAction, AuditField, AuditSubject, FieldChange, OPERATOR};
use ofd_storage::charging::{Clock, charged_until};
use ofd_storage::holdings::registers_of;
use ofd_storage::ledger::first_open;
use ofd_storage::store::{Store, StoreError};
use ofd_storage::tariffs::{self, TariffsError, kind_of};

use super::set;
use crate::banks::applications::note_unless_newest;
use crate::by::By;
use crate::change::ChangeError;
use crate::office::Office;
use crate::registrations::{Next, change_registration};
use crate::revision::Revision;

/// Registers are counted in pages.
const PAGE: usize = 256;

/// Why tariffs stay as they are: something that whoever asked can mend.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TariffRefusal {
    /// The rules of plans say no, and name the two versions where they meet.
    #[error(transparent)]
    Plan(PlanError),
    /// There is another plan of this id.
    #[error("there is a plan {0} already")]
    Taken(PlanId),
    /// There is no such plan.
    #[error("there is no plan {0}")]
    Unknown(PlanId),
    /// No more plans are kept.
    #[error("no more plans are kept")]
    TooMany,
}

fn refused(error: TariffsError) -> Result<TariffRefusal, ChangeError> {
    match error {
        TariffsError::Plan(error) => Ok(TariffRefusal::Plan(error)),
        TariffsError::VatRates(error) => Ok(TariffRefusal::Plan(PlanError::Versions(error))),
        TariffsError::Taken(id) => Ok(TariffRefusal::Taken(id)),
        TariffsError::Unknown(id) => Ok(TariffRefusal::Unknown(id)),
        TariffsError::TooMany => Ok(TariffRefusal::TooMany),
        TariffsError::Busy => Err(ChangeError::Busy),
        TariffsError::Store(error) => Err(error.into()),
    }
}

/// What is over and what is open, where money is counted: a clock that was set back opens nothing.
///
/// # Errors
/// Those of the store.
pub async fn money_now(office: &Office, zone_offset_seconds: i32) -> Result<Now, StoreError> {
    let today = Clock { now: office.now(), zone_offset_seconds }.today()?;
    let open = first_open(&office.store, today.month()).await?;
    Ok(Now::new(today, charged_until(&office.store).await?, open))
}

/// All plans with their versions, by their ids.
///
/// # Errors
/// Those of the store.
pub async fn plans(office: &Office) -> Result<BTreeMap<PlanId, Plan>, StoreError> {
    tariffs::plans(&office.store).await
}

/// Makes a plan. The same form once more does nothing.
///
/// # Errors
/// [`ChangeError`].
pub async fn add_plan(
    office: &Office,
    by: &By,
    zone_offset_seconds: i32,
    data: PlanData,
) -> Result<Result<Plan, TariffRefusal>, ChangeError> {
    let now = money_now(office, zone_offset_seconds).await?;
    let made = match tariffs::add_plan(&office.store, data, now).await {
        Ok(made) => made,
        Err(error) => return refused(error).map(Err),
    };
    for (version, number) in made.data().versions.iter().zip(1..) {
        tell(office, by, AuditAction::PlanAdded, (made.id(), number, version)).await?;
    }
    Ok(Ok(made))
}

/// Adds a version to a plan. The same form once more does nothing.
///
/// # Errors
/// [`ChangeError`].
pub async fn add_version(
    office: &Office,
    by: &By,
    zone_offset_seconds: i32,
    (id, version): (&PlanId, &PlanVersion),
) -> Result<Result<Plan, TariffRefusal>, ChangeError> {
    let now = money_now(office, zone_offset_seconds).await?;
    let plan = match tariffs::add_version(&office.store, id, version, now).await {
        Ok((_, plan)) => plan,
        Err(error) => return refused(error).map(Err),
    };
    tell(office, by, AuditAction::PlanVersionAdded, (id, plan.data().versions.len(), version)).await?;
    Ok(Ok(plan))
}

/// Adds what was done to the operator's audit, unless it is there.
async fn tell(
    office: &Office,
    by: &By,
    action: AuditAction,
    (id, number, version): (&PlanId, usize, &PlanVersion),
) -> Result<(), ChangeError> {
    let mut changes = vec![set(AuditField::FirstDay, version.from.to_string())];
    changes.extend(version.last.map(|last| set(AuditField::LastDay, last.to_string())));
    changes.extend(version.prices.iter().map(|price| set(AuditField::PlanPrices, told_price(price))));
    let name = format!("{id}/{number}");
    let subject = AuditSubject::Plan(name.clone()).called(name);
    note_unless_newest(office, OPERATOR, by.entry(action, subject, changes)).await
}

/// Prices as the audit has them, in no language: `wired/month 1: 1500.00, 10: 1200.00`.
fn told_price(price: &KindPrice) -> String {
    let kind = match price.kind {
        ConnectionKind::Wired => "wired",
        ConnectionKind::Sim => "sim",
    };
    let per = match price.per {
        Per::Month => "month",
        Per::Day => "day",
    };
    let steps = price.steps.iter().map(|step| match step.price {
        Price::Free => format!("{}: 0", step.registers),
        Price::Tiyn(tiyn) => format!("{}: {tiyn}", step.registers),
    });
    format!("{kind}/{per} {}", steps.collect::<Vec<_>>().join(", "))
}

/// The plans that an organisation may choose for a register that is connected so.
///
/// # Errors
/// Those of the store.
pub async fn may_be_chosen(
    office: &Office,
    bin: &str,
    kind: ConnectionKind,
) -> Result<Vec<Plan>, StoreError> {
    let plans = tariffs::plans(&office.store).await?;
    let chosen = tariffs::may_be_chosen(&plans, bin).into_iter();
    Ok(chosen.filter(|plan| plan.is_for(kind)).cloned().collect())
}

/// How many registers an organisation has of each kind of connection.
///
/// # Errors
/// Those of the store.
pub async fn registers_by_kind(
    store: &impl Store,
    bin: &str,
) -> Result<BTreeMap<ConnectionKind, u32>, StoreError> {
    let (mut counts, mut after) = (BTreeMap::new(), None);
    loop {
        let page = registers_of(store, bin, after, PAGE).await?;
        for register in &page.found {
            let count: &mut u32 = counts.entry(kind_of(register.connection)).or_default();
            *count = count.saturating_add(1);
        }
        match page.next {
            Some(next) => after = Some(next),
            None => return Ok(counts),
        }
    }
}

/// What a plan would cost an organisation in a whole month with all of its registers that the plan is for on it, and with at least one
/// of the kind that it is asked for.
///
/// # Errors
/// Those of the store.
pub async fn would_cost(
    office: &Office,
    bin: &str,
    (plan, kind): (&Plan, ConnectionKind),
    month: Month,
) -> Result<Result<Quote, QuoteError>, StoreError> {
    let mut counts = registers_by_kind(&office.store, bin).await?;
    counts.retain(|kind, _| plan.is_for(*kind));
    let asked = counts.entry(kind).or_default();
    *asked = (*asked).max(1);
    let vat = tariffs::vat_rates(&office.store).await?;
    Ok(quote(plan, &counts, month, &vat))
}

/// What came of a choice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Choice {
    /// The register is on the plan from this day on.
    From(Day),
    /// The rules say no.
    Refused(ChoiceError),
    /// There is no such plan.
    NoPlan,
    /// The contract wants this choice signed.
    ToBeSigned,
    /// Somebody else changed the register meanwhile.
    Stale,
    /// The register is not on the books.
    NotRegistered,
}

/// Puts a register of an organisation on a plan, from the next day or month on as the plan says.
///
/// # Errors
/// [`ChangeError::NotFound`]: the organisation has no registration of this id.
pub async fn choose(
    office: &Office,
    by: &By,
    zone_offset_seconds: i32,
    (bin, id): (&str, RegisterId),
    (plan, revision): (&PlanId, Revision),
) -> Result<Choice, ChangeError> {
    let now = money_now(office, zone_offset_seconds).await?;
    let Some((_, plan)) = tariffs::plan(&office.store, plan).await? else { return Ok(Choice::NoPlan) };
    if plan.data().signing == Signing::Signed {
        return Ok(Choice::ToBeSigned);
    }
    let (_, choice) = change_registration(office, (bin, id), |found| {
        let before = found.registration.as_ref().ok_or(ChangeError::NotFound)?;
        if !before.is_registered() {
            return Ok((None, Choice::NotRegistered));
        }
        let mut plans = tariffs::history(&before.plans)?;
        let chooser = Chooser { bin, kind: kind_of(before.data.connection) };
        // As after a second click: what was chosen is so.
        if let Some(last) =
            plans.changes().last().filter(|last| last.plan == *plan.id() && now.today() < last.from)
        {
            return Ok((None, Choice::From(last.from)));
        }
        if !revision.is(before.revision) {
            return Ok((None, Choice::Stale));
        }
        let was = plans.on(now.today()).map(ToString::to_string);
        let from = match plans.choose(&plan, chooser, now) {
            Ok(from) => from,
            Err(refused) => return Ok((None, Choice::Refused(refused))),
        };
        let mut registration = before.clone();
        registration.plans = plans;
        registration.revision = before.revision.saturating_add(1);
        let changes = vec![
            FieldChange {
                field: AuditField::Plan.name().to_owned(),
                before: was,
                after: Some(plan.id().to_string()),
            },
            FieldChange {
                field: AuditField::FirstDay.name().to_owned(),
                before: None,
                after: Some(from.to_string()),
            },
        ];
        let subject = AuditSubject::Register(id).called(id.to_string());
        let audit = vec![by.entry(AuditAction::PlanChosen, subject, changes)];
        Ok((Some(Next { registration, papers: Vec::new(), audit }), Choice::From(from)))
    })
    .await?;
    Ok(choice)
}

#[cfg(test)]
mod tests;
