//! Tariffs: the operator's billing people make plans and their versions, and an organisation chooses one for a register.
//!
//! A plan is a record, and what the audit of the operator says of it is written behind it; whoever does the same again adds the row that
//! a process that ended left out. What is chosen for a register stands in its registration, in one append with its row of the audit.

use std::collections::BTreeMap;

use ofd_billing::Day;
use ofd_billing::tariffs::{
    ChoiceError, Chooser, Choosers, ConnectionKind, KindPrice, Per, Plan, PlanData, PlanError, PlanId,
    PlanVersion, Price, Signing, VatPeriod, VatRates,
};
use ofd_protocol::types::{RegisterId, UnixMillis};
use ofd_storage::accounts::{
    AuditAction, AuditEntry, AuditField, AuditRow, AuditSubject, ChosenPlan, OPERATOR,
};
use ofd_storage::store::StoreError;
use ofd_storage::tariffs::{self, TariffsError, kind_of};

use super::set;
use crate::banks::applications::{note_once, note_unless};
use crate::by::By;
use crate::change::ChangeError;
pub use crate::money_day::money_now;
use crate::office::Office;
use crate::registrations::{Next, change_registration, note_plan, on_plan, plan_row, without_met_wish};
use crate::revision::Revision;

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

/// What a version would come to among the others of its plan, by the rules alone: nothing is written.
///
/// # Errors
/// Those of the store.
pub async fn try_version(
    office: &Office,
    zone_offset_seconds: i32,
    (id, version): (&PlanId, &PlanVersion),
) -> Result<Result<Plan, TariffRefusal>, StoreError> {
    let now = money_now(office, zone_offset_seconds).await?;
    let Some((_, mut plan)) = tariffs::plan(&office.store, id).await? else {
        return Ok(Err(TariffRefusal::Unknown(id.clone())));
    };
    if plan.data().versions.last() == Some(version) {
        return Ok(Ok(plan));
    }
    Ok(plan.add_version(version.clone(), now).map(|()| plan).map_err(TariffRefusal::Plan))
}

/// Takes back the version of this number, which must be the last one and not have begun. The same form once more does nothing.
///
/// # Errors
/// [`ChangeError`].
pub async fn take_back(
    office: &Office,
    by: &By,
    zone_offset_seconds: i32,
    (id, number): (&PlanId, usize),
) -> Result<Result<Plan, TariffRefusal>, ChangeError> {
    let now = money_now(office, zone_offset_seconds).await?;
    let rule = |plan: &mut Plan| {
        // Another one is not meant by this form.
        if plan.data().versions.len() == number { plan.take_back(now).map(drop) } else { Ok(()) }
    };
    let (before, after) = match tariffs::change_plan(&office.store, id, rule).await {
        Ok(plans) => plans,
        Err(error) => return refused(error).map(Err),
    };
    if after.data().versions.len().saturating_add(1) != number {
        return Ok(Ok(after));
    }
    let name = format!("{id}/{number}");
    let taken = before.data().versions.get(number.saturating_sub(1));
    let changes = taken.map(|version| set(AuditField::FirstDay, version.from.to_string()));
    let subject = AuditSubject::Plan(name.clone()).called(name);
    let row = by.entry(AuditAction::PlanVersionTakenBack, subject, changes.into_iter().collect());
    note_newest(office, row, |_, _| true).await?;
    Ok(Ok(after))
}

/// Says who may choose a plan from now on. Whoever is on it stays. The same once more does nothing.
///
/// # Errors
/// [`ChangeError`].
pub async fn set_choosers(
    office: &Office,
    by: &By,
    (id, choosers): (&PlanId, &Choosers),
) -> Result<Result<Plan, TariffRefusal>, ChangeError> {
    let rule = |plan: &mut Plan| plan.set_choosers(choosers.clone());
    let (before, after) = match tariffs::change_plan(&office.store, id, rule).await {
        Ok(plans) => plans,
        Err(error) => return refused(error).map(Err),
    };
    let told = told_choosers(choosers);
    let mut change = set(AuditField::PlanChoosers, told);
    change.before = (before != after).then(|| told_choosers(&before.data().choosers));
    let subject = AuditSubject::Plan(id.to_string()).called(id.to_string());
    let row = by.entry(AuditAction::PlanChoosersChanged, subject, vec![change]);
    if before == after && after.data().choosers == Choosers::All {
        // It was so from the beginning.
        return Ok(Ok(after));
    }
    note_newest(office, row, |known, row| {
        let said = |entry: &AuditEntry| entry.changes.first().and_then(|change| change.after.clone());
        said(known) == said(row)
    })
    .await?;
    Ok(Ok(after))
}

/// Who may choose a plan as the audit has it, in no language: a long list is counted.
fn told_choosers(choosers: &Choosers) -> String {
    match choosers {
        Choosers::All => "all".to_owned(),
        Choosers::Nobody => "nobody".to_owned(),
        Choosers::Listed(bins) => {
            let first: Vec<&str> = bins.iter().take(TOLD_BINS).map(String::as_str).collect();
            let more = bins.len().saturating_sub(first.len());
            if more > 0 { format!("{} + {more}", first.join(", ")) } else { first.join(", ") }
        }
    }
}

/// So many BINs of a list the audit tells.
const TOLD_BINS: usize = 10;

/// The rates of VAT by date.
///
/// # Errors
/// Those of the store.
pub async fn vat_rates(office: &Office) -> Result<VatRates, StoreError> {
    tariffs::vat_rates(&office.store).await
}

/// Adds a rate of VAT behind the others. The same form once more does nothing.
///
/// # Errors
/// [`ChangeError`].
pub async fn add_vat_rate(
    office: &Office,
    by: &By,
    zone_offset_seconds: i32,
    period: VatPeriod,
) -> Result<Result<VatRates, TariffRefusal>, ChangeError> {
    let now = money_now(office, zone_offset_seconds).await?;
    let rates = match tariffs::add_vat_rate(&office.store, period, now).await {
        Ok(rates) => rates,
        Err(error) => return refused(error).map(Err),
    };
    let name = format!("vat/{}", period.from);
    let changes = vec![
        set(AuditField::FirstDay, period.from.to_string()),
        set(AuditField::VatRate, period.rate.percent().to_string()),
    ];
    let subject = AuditSubject::Plan(name.clone()).called(name);
    note_once(office, OPERATOR, by.entry(AuditAction::VatRateAdded, subject, changes), UnixMillis(0)).await?;
    Ok(Ok(rates))
}

/// Adds a row to the operator's audit unless the newest row about the same subject is of the same action and `says_same`: a version that
/// was taken back and added again is told again.
async fn note_newest(
    office: &Office,
    row: AuditEntry,
    says_same: impl Fn(&AuditEntry, &AuditEntry) -> bool,
) -> Result<(), ChangeError> {
    let about = row.clone();
    let is_there = |rows: &[AuditRow]| {
        let newest =
            rows.iter().map(|known| &known.entry).find(|known| known.subject.is_same(&about.subject));
        newest.is_some_and(|known| known.action == about.action && says_same(known, &about))
    };
    note_unless(office, OPERATOR, row, is_there).await
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
    note_newest(office, by.entry(action, subject, changes), |known, row| known.changes == row.changes).await
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

/// The plans that an organisation may choose for its registers.
///
/// # Errors
/// Those of the store.
pub async fn may_be_chosen(office: &Office, bin: &str) -> Result<Vec<Plan>, StoreError> {
    let plans = tariffs::plans(&office.store).await?;
    Ok(tariffs::may_be_chosen(&plans, bin).into_iter().cloned().collect())
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
    // The port follows on the first day, even where this process ends before.
    note_plan(office, (bin, id)).await?;
    let (_, choice) = change_registration(office, (bin, id), |found| {
        let before = found.registration.as_ref().ok_or(ChangeError::NotFound)?;
        if !before.is_registered() {
            return Ok((None, Choice::NotRegistered));
        }
        let mut plans = tariffs::history(&before.plans)?;
        let chooser = Chooser { bin, kind: kind_of(before.data.connection) };
        // As after a second click: what was chosen is so.
        if let Some(last) = plans.waiting(now.today()).filter(|last| last.plan == *plan.id()) {
            return Ok((None, Choice::From(last.from)));
        }
        if !revision.is(before.revision) {
            return Ok((None, Choice::Stale));
        }
        let from = match plans.choose(&plan, chooser, now) {
            Ok(from) => from,
            Err(refused) => return Ok((None, Choice::Refused(refused))),
        };
        let version = plan.version_on(from).map(|(_, version)| version);
        let chosen = version.map(|version| ChosenPlan::of(&plan, chooser.kind, version));
        let registration = on_plan(before, (plan.id(), chosen), plans);
        let audit = plan_row(by, before, &registration).into_iter().collect();
        let (registration, papers) = without_met_wish(by, registration);
        Ok((Some(Next { registration, papers, audit }), Choice::From(from)))
    })
    .await?;
    Ok(choice)
}

#[cfg(test)]
mod tests;
