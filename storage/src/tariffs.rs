//! Tariffs as they are kept: plans, each a record with all its versions, and the rates of VAT, a fact of the store.
//!
//! What a plan may be and what may be changed of it are the rules of [`ofd_billing::tariffs`]. A change is written where nobody changed
//! the plan since it was read. Until an operator makes plans there is one, by which everything costs nothing.

use std::collections::BTreeMap;

use bytes::Bytes;
use ofd_billing::Day;
use ofd_billing::tariffs::{
    Choosers, ConnectionKind, KindPrice, Now, Per, PeriodsError, Plan, PlanData, PlanError, PlanId,
    PlanVersion, Price, Signing, Step, TakesEffect, TariffChange, TariffHistory, Titles, Tls, VatPeriod,
    VatRates,
};

use crate::model::{self, Connection, Model};
use crate::store::{Record, RecordKind, Store, StoreError, Version};

/// Where the rates of VAT are among the facts of the store.
pub const VAT_RATES_KEY: &[u8] = b"vat-rates";

/// The id of the plan that is there when no other was made.
pub const FREE: &str = PlanId::FREE;

/// The first day of the plan that costs nothing, before any receipt.
const FREE_FROM: &str = "2009-01-01";

/// More plans than people can choose from: all of them are read when a month is charged.
pub const PLANS_MAX: usize = 500;

/// How often a change is decided again because somebody else was faster.
const TRIES: usize = 8;

/// Why tariffs stay as they are.
#[derive(Debug, thiserror::Error)]
pub enum TariffsError {
    /// The plan says no.
    #[error(transparent)]
    Plan(#[from] PlanError),
    /// The rates say no.
    #[error("rates of VAT: {0}")]
    VatRates(#[from] PeriodsError),
    /// There is another plan of this id.
    #[error("there is a plan {0} already")]
    Taken(PlanId),
    /// There is no such plan.
    #[error("there is no plan {0}")]
    Unknown(PlanId),
    /// No more plans are kept.
    #[error("there are {PLANS_MAX} plans, and no more are kept")]
    TooMany,
    /// Others were faster each time.
    #[error("others changed the same at the same time, each time; try again")]
    Busy,
    /// What the store says.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Model for Plan {
    const KIND: RecordKind = RecordKind::Plan;

    fn key(&self) -> Vec<u8> {
        self.id().as_str().as_bytes().to_vec()
    }
}

/// How a register is connected, as prices go by.
#[must_use]
pub fn kind_of(connection: Connection) -> ConnectionKind {
    match connection {
        Connection::Wired => ConnectionKind::Wired,
        Connection::Sim => ConnectionKind::Sim,
    }
}

fn builtin(error: impl std::fmt::Display) -> StoreError {
    StoreError::Corrupt { place: "a tariff of the program itself".to_owned(), reason: error.to_string() }
}

/// The first day of the plan that is there without any choice, before any receipt.
///
/// # Errors
/// Never: it is a constant that a test reads.
pub fn ever() -> Result<Day, StoreError> {
    FREE_FROM.parse().map_err(builtin)
}

/// What people call the plan by which everything costs nothing.
#[must_use]
pub fn free_titles() -> Titles {
    Titles { ru: "Бесплатный".into(), kk: "Тегін".into(), en: "Free of charge".into() }
}

/// The plan by which everything costs nothing.
///
/// # Errors
/// Never: it is made of constants that a test reads.
pub fn free() -> Result<Plan, StoreError> {
    let kinds = vec![ConnectionKind::Wired, ConnectionKind::Sim];
    let price = |kind: &ConnectionKind| KindPrice {
        kind: *kind,
        per: Per::Month,
        steps: vec![Step { registers: 1, price: Price::Free }],
    };
    let version = PlanVersion {
        from: ever()?,
        last: None,
        prices: kinds.iter().map(price).collect(),
        free_months: 0,
        connection_fee: None,
        receipts: None,
    };
    Plan::new(PlanData {
        id: PlanId::free(),
        titles: free_titles(),
        choosers: Choosers::All,
        tls: Tls::Included,
        kinds,
        takes_effect: TakesEffect::NextDay,
        signing: Signing::Unsigned,
        versions: vec![version],
    })
    .map_err(builtin)
}

/// The plans of a register as it is charged by them: whoever never chose is on the one that is there without any choice, and stays
/// on it until the first choice takes effect.
///
/// # Errors
/// Never, as [`free`].
pub fn history(chosen: &TariffHistory) -> Result<TariffHistory, StoreError> {
    let first = TariffChange { from: ever()?, plan: PlanId::free() };
    let mut changes = chosen.changes().to_vec();
    if changes.first().is_none_or(|change| first.from < change.from) {
        changes.insert(0, first);
    }
    TariffHistory::new(changes).map_err(builtin)
}

/// A plan, and the version of its record; the one that costs nothing is there without any.
///
/// # Errors
/// Those of the store.
pub async fn plan(store: &impl Store, id: &PlanId) -> Result<Option<(Option<Version>, Plan)>, StoreError> {
    let kept = model::load::<Plan>(store, id.as_str().as_bytes()).await?;
    if let Some((version, plan)) = kept {
        return Ok(Some((Some(version), plan)));
    }
    Ok(if id.as_str() == FREE { Some((None, free()?)) } else { None })
}

/// All plans, by their ids.
///
/// # Errors
/// Those of the store; [`StoreError::Corrupt`] where one cannot be read: nobody is charged by less than all.
pub async fn plans(store: &impl Store) -> Result<BTreeMap<PlanId, Plan>, StoreError> {
    let records = store.records(RecordKind::Plan, b"", None, PLANS_MAX.saturating_add(1)).await?;
    let mut plans = BTreeMap::new();
    for record in &records {
        let (_, plan) = model::decode::<Plan>(record)?;
        plans.insert(plan.id().clone(), plan);
    }
    let free = free()?;
    plans.entry(free.id().clone()).or_insert(free);
    Ok(plans)
}

/// Makes a plan. The same once more is `Ok`.
///
/// # Errors
/// [`TariffsError`] says why there is none.
pub async fn add_plan(store: &impl Store, data: PlanData, now: Now) -> Result<Plan, TariffsError> {
    let data_of = data.clone();
    if let Some((_, known)) = plan(store, &data.id).await? {
        return same_or_taken(known, &data);
    }
    let made = Plan::first(data, now)?;
    if plans(store).await?.len() >= PLANS_MAX {
        return Err(TariffsError::TooMany);
    }
    match model::create(store, &made).await {
        Ok(true) => Ok(made),
        Ok(false) | Err(StoreError::Unknown { .. }) => match plan(store, &data_of.id).await? {
            Some((_, known)) => same_or_taken(known, &data_of),
            None => Err(TariffsError::Busy),
        },
        Err(error) => Err(error.into()),
    }
}

fn same_or_taken(known: Plan, data: &PlanData) -> Result<Plan, TariffsError> {
    if known.data() == data { Ok(known) } else { Err(TariffsError::Taken(data.id.clone())) }
}

/// Changes a plan by a rule, which is asked again with what somebody else made of it meanwhile. A rule that leaves it as it is writes
/// nothing. The plan before and after.
///
/// # Errors
/// [`TariffsError`], also that of the rule.
pub async fn change_plan(
    store: &impl Store,
    id: &PlanId,
    rule: impl Fn(&mut Plan) -> Result<(), PlanError> + Send + Sync,
) -> Result<(Plan, Plan), TariffsError> {
    for _ in 0..TRIES {
        let found = plan(store, id).await?;
        let (version, before) = found.ok_or_else(|| TariffsError::Unknown(id.clone()))?;
        let mut after = before.clone();
        rule(&mut after)?;
        if after == before {
            return Ok((before, after));
        }
        let written = match version {
            Some(version) => model::replace(store, version, &after).await.map(|_| true),
            None => model::create(store, &after).await,
        };
        match written {
            Ok(true) => return Ok((before, after)),
            Ok(false) | Err(StoreError::Conflict { .. }) => {}
            Err(StoreError::Unknown { .. }) => {
                // It may have landed: what is there then is what was wanted.
                if plan(store, id).await?.is_some_and(|(_, kept)| kept == after) {
                    return Ok((before, after));
                }
            }
            Err(error) => return Err(error.into()),
        }
    }
    Err(TariffsError::Busy)
}

/// Adds a version behind the others. The same version once more, as a second click sends it, is `Ok`.
///
/// # Errors
/// [`TariffsError`] names the versions that do not follow each other.
pub async fn add_version(
    store: &impl Store,
    id: &PlanId,
    version: &PlanVersion,
    now: Now,
) -> Result<(Plan, Plan), TariffsError> {
    change_plan(store, id, |plan| {
        if plan.data().versions.last() == Some(version) {
            return Ok(());
        }
        plan.add_version(version.clone(), now)
    })
    .await
}

/// The rates of VAT: those that are kept, or Kazakhstan's.
///
/// # Errors
/// Those of the store.
pub async fn vat_rates(store: &impl Store) -> Result<VatRates, StoreError> {
    Ok(kept_vat_rates(store).await?.1)
}

async fn kept_vat_rates(store: &impl Store) -> Result<(Option<Version>, VatRates), StoreError> {
    match store.record(RecordKind::Store, VAT_RATES_KEY).await? {
        Some(record) => Ok((Some(record.version), read_vat_rates(&record)?)),
        None => Ok((None, VatRates::kazakhstan().map_err(builtin)?)),
    }
}

/// The rates of VAT in their record.
///
/// # Errors
/// [`StoreError::Corrupt`].
pub fn read_vat_rates(record: &Record) -> Result<VatRates, StoreError> {
    let corrupt = |error: serde_json::Error| StoreError::Corrupt {
        place: "the rates of VAT".to_owned(),
        reason: error.to_string(),
    };
    serde_json::from_slice(&record.bytes).map_err(corrupt)
}

/// Adds a rate of VAT behind the others. The same once more is `Ok`.
///
/// # Errors
/// [`TariffsError`] names the rates that do not follow each other.
pub async fn add_vat_rate(store: &impl Store, period: VatPeriod, now: Now) -> Result<VatRates, TariffsError> {
    for _ in 0..TRIES {
        let (version, mut rates) = kept_vat_rates(store).await?;
        if Vec::from(rates.clone()).last() == Some(&period) {
            return Ok(rates);
        }
        rates.add(period, now)?;
        let bytes = serde_json::to_vec(&rates).map(Bytes::from).map_err(builtin)?;
        match store.put_record(RecordKind::Store, VAT_RATES_KEY, version, bytes).await {
            Ok(_) => return Ok(rates),
            Err(StoreError::Conflict { .. } | StoreError::Unknown { .. }) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(TariffsError::Busy)
}

/// The plans that registers of an organisation may choose, of whatever connection.
#[must_use]
pub fn may_be_chosen<'a>(plans: &'a BTreeMap<PlanId, Plan>, bin: &str) -> Vec<&'a Plan> {
    plans.values().filter(|plan| plan.may_be_chosen_by(bin)).collect()
}

#[cfg(test)]
mod tests;
