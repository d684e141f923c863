//! The tariff that a register had on which day.

use serde::{Deserialize, Serialize};

use super::periods::Now;
use super::plan::{Plan, PlanId, TakesEffect};
use super::price::ConnectionKind;
use crate::day::Day;

/// From when a register is on a plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TariffChange {
    /// The first day of the plan.
    pub from: Day,
    /// The plan from then on.
    pub plan: PlanId,
}

/// The plans of a register, from day to day.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Vec<TariffChange>", into = "Vec<TariffChange>")]
pub struct TariffHistory(Vec<TariffChange>);

/// Why a history or a choice is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ChoiceError {
    /// Its days do not ascend.
    #[error("the change of {0} does not come after the one before it")]
    Order(Day),
    /// The organisation is none of those that may choose the plan.
    #[error("this organisation cannot choose the plan {0}")]
    NotForOrganisation(PlanId),
    /// The plan is for registers of another kind.
    #[error("the plan {0} is not for registers that are connected so")]
    NotForKind(PlanId),
    /// The plan has no price on the day from which it would be.
    #[error("the plan {plan} has no price on {day}")]
    NoVersion {
        /// The plan that was chosen.
        plan: PlanId,
        /// The first day that it would be for.
        day: Day,
    },
    /// There is nothing to change.
    #[error("the register is on the plan {0} already")]
    Same(PlanId),
    /// No account is kept so far ahead.
    #[error("no account is kept so far ahead")]
    TooFar,
}

/// Who chooses, for which register.
#[derive(Clone, Copy, Debug)]
pub struct Chooser<'a> {
    /// The BIN of the organisation.
    pub bin: &'a str,
    /// How the register is connected.
    pub kind: ConnectionKind,
}

impl TariffHistory {
    /// A history of these changes.
    ///
    /// # Errors
    /// [`ChoiceError::Order`] where the days do not ascend.
    pub fn new(changes: Vec<TariffChange>) -> Result<Self, ChoiceError> {
        for (one, next) in changes.iter().zip(changes.iter().skip(1)) {
            if next.from <= one.from {
                return Err(ChoiceError::Order(next.from));
            }
        }
        Ok(Self(changes))
    }

    /// The plan of a day; `None` before the first.
    #[must_use]
    pub fn on(&self, day: Day) -> Option<&PlanId> {
        self.0.iter().rfind(|change| change.from <= day).map(|change| &change.plan)
    }

    /// Whether no plan was ever chosen.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Every change, the first first.
    #[must_use]
    pub fn changes(&self) -> &[TariffChange] {
        &self.0
    }

    /// Puts the register on a plan and says from which day. The first plan of all is for today, since charging waits for the first
    /// receipt anyway; a change waits for the next day or month, as the plan that is chosen says. A choice that has not taken
    /// effect is replaced by a later one, which may be to stay.
    ///
    /// # Errors
    /// [`ChoiceError`] says why not; then the history is as it was.
    pub fn choose(&mut self, plan: &Plan, chooser: Chooser<'_>, now: Now) -> Result<Day, ChoiceError> {
        let id = plan.id().clone();
        let today = now.today();
        let begun = self.begun(today);
        let waits = self.0.len() > begun;
        if !plan.is_for(chooser.kind) {
            return Err(ChoiceError::NotForKind(id));
        }
        let stays = self.on(today) == Some(&id);
        if stays && !waits {
            return Err(ChoiceError::Same(id));
        }
        if !stays && !plan.may_be_chosen_by(chooser.bin) {
            return Err(ChoiceError::NotForOrganisation(id));
        }
        let takes_effect = plan.data().takes_effect;
        let from = self.first_day(takes_effect, today).ok_or(ChoiceError::TooFar)?;
        if !stays && plan.version_on(from).is_none() {
            return Err(ChoiceError::NoVersion { plan: id, day: from });
        }
        self.put(id, takes_effect, now)
    }

    /// Puts the register on a plan that was agreed on, whoever may choose it by now, and says from which day. What had not taken effect
    /// is replaced.
    ///
    /// # Errors
    /// [`ChoiceError::TooFar`] at the end of all days.
    pub fn put(&mut self, plan: PlanId, takes_effect: TakesEffect, now: Now) -> Result<Day, ChoiceError> {
        let today = now.today();
        let stays = self.on(today) == Some(&plan);
        let from = if stays { Some(today) } else { self.first_day(takes_effect, today) };
        let from = from.ok_or(ChoiceError::TooFar)?;
        self.0.truncate(self.begun(today));
        if !stays {
            self.0.push(TariffChange { from, plan });
        }
        Ok(from)
    }

    /// The change that has not taken effect yet, where there is one.
    #[must_use]
    pub fn waiting(&self, today: Day) -> Option<&TariffChange> {
        self.0.last().filter(|last| today < last.from)
    }

    fn begun(&self, today: Day) -> usize {
        self.0.iter().filter(|change| change.from <= today).count()
    }

    /// The first day of a plan that is chosen today: the first plan of all is for today.
    fn first_day(&self, takes_effect: TakesEffect, today: Day) -> Option<Day> {
        if self.begun(today) == 0 { Some(today) } else { takes_effect.first_day(today) }
    }
}

impl TryFrom<Vec<TariffChange>> for TariffHistory {
    type Error = ChoiceError;

    fn try_from(changes: Vec<TariffChange>) -> Result<Self, ChoiceError> {
        Self::new(changes)
    }
}

impl From<TariffHistory> for Vec<TariffChange> {
    fn from(history: TariffHistory) -> Self {
        history.0
    }
}
