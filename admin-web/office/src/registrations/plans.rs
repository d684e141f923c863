//! The tariff plan of a register: what is asked for, what a paper says of it, and from which day it is so.

use ofd_billing::Day;
use ofd_billing::tariffs::{Now, Per, PlanId, Price, TakesEffect, TariffHistory, Titles};
use ofd_protocol::types::RegisterId;
use ofd_storage::accounts::{
    AuditAction, AuditEntry, AuditField, AuditSubject, ChosenPlan, FieldChange, RegisterData, Registration,
    RegistrationOrder, RegistrationState, Wanted,
};
use ofd_storage::store::StoreError;
use ofd_storage::tariffs::{self, kind_of};

use super::waiting::{Wait, note};
use crate::by::By;
use crate::language::Language;
use crate::money_day::money_now;
use crate::office::Office;
use crate::typed::Wrong;

/// What people call the plan of a register; of one of which that was never kept, its id says as much.
#[must_use]
pub fn plan_titles(data: &RegisterData) -> Titles {
    match &data.plan {
        Some(plan) => plan.titles.clone(),
        None if data.tariff.as_str() == tariffs::FREE => tariffs::free_titles(),
        None => {
            let id = || data.tariff.to_string();
            Titles { ru: id(), kk: id(), en: id() }
        }
    }
}

fn in_language(titles: Titles, language: Language) -> String {
    match language {
        Language::Russian => titles.ru,
        Language::Kazakh => titles.kk,
        Language::English => titles.en,
    }
}

/// The plan of a register as a paper says it: its title, and what it costs.
#[must_use]
pub fn plan_on_paper(data: &RegisterData, language: Language) -> String {
    let title = in_language(plan_titles(data), language);
    let Some(version) = data.plan.as_ref().map(|plan| &plan.version) else { return title };
    let own = |[ru, kk, en]: [&str; 3]| match language {
        Language::Russian => ru.to_owned(),
        Language::Kazakh => kk.to_owned(),
        Language::English => en.to_owned(),
    };
    let tenge = |tiyn: ofd_billing::Tiyn| format!("{} ₸", tiyn.to_string().replace('.', ","));
    let mut said = Vec::new();
    for price in &version.prices {
        let per = match price.per {
            Per::Month => own(["в месяц", "айына", "a month"]),
            Per::Day => own(["в день", "күніне", "a day"]),
        };
        for step in &price.steps {
            let from = match step.registers {
                0 | 1 => String::new(),
                many => match language {
                    Language::Russian => format!("от {many} ККМ "),
                    Language::Kazakh => format!("{many} БКМ-ден бастап "),
                    Language::English => format!("from {many} registers "),
                },
            };
            match step.price {
                Price::Free if step.registers <= 1 && price.steps.len() == 1 => {}
                Price::Free => said.push(format!("{from}{}", own(["бесплатно", "тегін", "free"]))),
                Price::Tiyn(sum) => said.push(format!("{from}{} {per}", tenge(sum))),
            }
        }
    }
    if version.free_months > 0 {
        let months = own(["бесплатных месяцев", "тегін айлар", "free months"]);
        said.push(format!("{months}: {}", version.free_months));
    }
    if let Some(fee) = version.connection_fee {
        said.push(format!("{} {}", own(["подключение", "қосу", "connection"]), tenge(fee)));
    }
    if let Some(limit) = version.receipts {
        let receipts = own(["чеков в месяц", "айына чектер", "receipts a month"]);
        let over = own(["сверх того за чек", "одан артық әр чек", "each above that"]);
        said.push(format!("{receipts}: {}, {over} {}", limit.receipts, tenge(limit.over.tiyn())));
    }
    if said.is_empty() { title } else { format!("{title}: {}", said.join("; ")) }
}

/// The first day of what is signed today, as far as it is known before it is answered.
fn first_day(registration: &Registration, takes_effect: TakesEffect, now: Now) -> Day {
    let first = if registration.is_registered() { takes_effect.first_day(now.today()) } else { None };
    first.unwrap_or(now.today())
}

/// The plan that is asked for as it is now; `None` where none is: the register is taken off, or stays on the one that it has.
pub(super) async fn asked_plan(
    office: &Office,
    registration: &Registration,
) -> Result<Result<Option<ChosenPlan>, Wrong>, StoreError> {
    let (asked, known) = (registration.asked_data(), &registration.data);
    let stays = registration.is_registered() && asked.tariff == known.tariff;
    if registration.order() == RegistrationOrder::Deregister
        || (stays && asked.connection == known.connection)
    {
        return Ok(Ok(None));
    }
    let Some((_, plan)) = tariffs::plan(&office.store, &asked.tariff).await? else {
        return Ok(Err(Wrong::PlanGone));
    };
    let kind = kind_of(asked.connection);
    if !plan.is_for(kind) {
        return Ok(Err(Wrong::PlanKind));
    }
    if !stays && !plan.may_be_chosen_by(&registration.bin) {
        return Ok(Err(Wrong::PlanGone));
    }
    let now = money_now(office, office.zone_offset_seconds).await?;
    let day = first_day(registration, plan.data().takes_effect, now);
    let version = plan.version_on(day).map(|(_, version)| version);
    Ok(version.map(|version| Some(ChosenPlan::of(&plan, kind, version))).ok_or(Wrong::PlanGone))
}

/// Puts a register on the plan that its registration names, where that became so just now: from today on where it comes on the books, else
/// from the next day or month on.
pub(super) fn put_on_plan(
    before: &Registration,
    mut after: Registration,
    now: Now,
) -> Result<Registration, StoreError> {
    let comes = !before.is_registered() && after.is_registered();
    let changes = before.is_registered() && before.data.tariff != after.data.tariff;
    if comes && after.data.tariff.as_str() == tariffs::FREE {
        return Ok(after);
    }
    if comes || changes {
        let mut plans = if changes { tariffs::history(&before.plans)? } else { before.plans.clone() };
        let takes_effect = after.data.plan.as_ref().map(|plan| plan.takes_effect);
        let takes_effect = takes_effect.unwrap_or(TakesEffect::NextDay);
        plans.put(after.data.tariff.clone(), takes_effect, now).map_err(|error| StoreError::Corrupt {
            place: format!("the plans of register {}", after.id),
            reason: error.to_string(),
        })?;
        after.plans = plans;
    }
    Ok(after)
}

/// What the audit tells of a plan that was chosen; nothing where none was.
pub(crate) fn plan_row(by: &By, before: &Registration, after: &Registration) -> Option<AuditEntry> {
    if before.plans == after.plans {
        return None;
    }
    let last = after.plans.changes().last()?;
    let was = before.plans.changes().iter().rfind(|change| change.from < last.from);
    let changes = vec![
        FieldChange {
            field: AuditField::Plan.name().to_owned(),
            before: was.map(|was| was.plan.to_string()),
            after: Some(last.plan.to_string()),
        },
        FieldChange {
            field: AuditField::FirstDay.name().to_owned(),
            before: None,
            after: Some(last.from.to_string()),
        },
    ];
    let subject = AuditSubject::Register(after.id).called(after.id.to_string());
    Some(by.entry(AuditAction::PlanChosen, subject, changes))
}

/// Notes that a plan may wait for its first day, before the append that says so.
pub(crate) async fn note_plan(office: &Office, place: (&str, RegisterId)) -> Result<(), StoreError> {
    note(office, Wait::Plan, place).await
}

/// The same where the plan is asked for by a signature, before that is answered.
pub(super) async fn note_asked_plan(
    office: &Office,
    place: (&str, RegisterId),
    registration: &Registration,
) -> Result<(), StoreError> {
    let is_other = registration.asked_data().tariff != registration.data.tariff;
    if is_other { note_plan(office, place).await } else { Ok(()) }
}

/// A registration whose plan its organisation chose by itself. What else is wanted of the register is wanted by that plan, unless it is
/// asked for already by another one.
pub(crate) fn on_plan(
    before: &Registration,
    (id, chosen): (&PlanId, Option<ChosenPlan>),
    plans: TariffHistory,
) -> Registration {
    let mut after = before.clone();
    let is_asked =
        matches!(before.state, RegistrationState::Checking { .. } | RegistrationState::InProcess { .. });
    if let Some(Wanted::Change(data)) = &mut after.wanted
        && (!is_asked || data.tariff == before.data.tariff)
    {
        data.tariff = id.clone();
        data.plan.clone_from(&chosen);
    }
    after.data.tariff = id.clone();
    after.data.plan = chosen;
    after.plans = plans;
    after.revision = before.revision.saturating_add(1);
    after
}

/// Whether a register may come over TLS, as its plan of today says.
pub(super) async fn is_tls_included(
    office: &Office,
    registration: &Registration,
) -> Result<bool, StoreError> {
    let now = money_now(office, office.zone_offset_seconds).await?;
    let plans = tariffs::history(&registration.plans)?;
    let Some(id) = plans.on(now.today()) else { return Ok(true) };
    // A plan that is not there refuses nobody: its bill is told to be without a price.
    let plan = tariffs::plan(&office.store, id).await?;
    Ok(plan.is_none_or(|(_, plan)| plan.is_tls_included()))
}
