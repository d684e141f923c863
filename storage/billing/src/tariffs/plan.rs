//! Plans: who may choose them, and their versions.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::periods::{self, Now, PeriodName, PeriodsError};
use super::price::{ConnectionKind, PlanVersion, PriceError};
use crate::day::Day;

/// What a plan is called in records: small letters, digits and hyphens.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PlanId(String);

/// A text that no plan is called by.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no id of a plan: 1 to {max} small letters, digits and hyphens are", max = PlanId::MAX)]
pub struct NoPlanId(String);

impl PlanId {
    const MAX: usize = 40;

    /// The plan that is there without anybody having made it, by which everything costs nothing.
    pub const FREE: &'static str = "free";

    /// The id of that plan.
    #[must_use]
    pub fn free() -> Self {
        Self(Self::FREE.to_owned())
    }

    /// It as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for PlanId {
    type Err = NoPlanId;

    fn from_str(text: &str) -> Result<Self, NoPlanId> {
        let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        if (1..=Self::MAX).contains(&text.len()) && text.bytes().all(fits) {
            Ok(Self(text.to_owned()))
        } else {
            Err(NoPlanId(text.chars().take(Self::MAX).collect()))
        }
    }
}

impl TryFrom<String> for PlanId {
    type Error = NoPlanId;

    fn try_from(text: String) -> Result<Self, NoPlanId> {
        text.parse()
    }
}

impl From<PlanId> for String {
    fn from(id: PlanId) -> Self {
        id.0
    }
}

impl fmt::Display for PlanId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What people call a plan, in three languages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Titles {
    /// The Russian title.
    pub ru: String,
    /// The Kazakh title.
    pub kk: String,
    /// The English title.
    pub en: String,
}

/// The organisations that may choose a plan. Who has it keeps it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Choosers {
    /// All of them.
    All,
    /// Those with these BINs.
    Listed(BTreeSet<String>),
    /// None any more.
    Nobody,
}

/// Whether registers may come over TLS (WIRE 13.11).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tls {
    /// They may do so.
    Included,
    /// One that does all the same is refused.
    Excluded,
}

/// Whether the choice of a plan is signed, as its contract says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Signing {
    /// Whoever chooses it signs that.
    Signed,
    /// A click is enough.
    Unsigned,
}

/// When the choice of a plan takes effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TakesEffect {
    /// From the day after it was chosen.
    NextDay,
    /// From the first day of the month after that.
    NextMonth,
}

impl TakesEffect {
    /// The first day of a plan that is chosen on this day; `None` at the end of all days that accounts are kept in.
    #[must_use]
    pub fn first_day(self, chosen: Day) -> Option<Day> {
        match self {
            Self::NextDay => chosen.next(),
            Self::NextMonth => chosen.month().next().map(Day::first_of),
        }
    }
}

/// A plan as it is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanData {
    /// What records call it.
    pub id: PlanId,
    /// What people call it.
    pub titles: Titles,
    /// The organisations that may choose it.
    pub choosers: Choosers,
    /// Whether its registers may come over TLS.
    pub tls: Tls,
    /// The kinds of connection that it is for: each version has a price for each.
    pub kinds: Vec<ConnectionKind>,
    /// When the choice of it takes effect.
    pub takes_effect: TakesEffect,
    /// Whether the choice of it is signed.
    pub signing: Signing,
    /// What it costs, from day to day without holes.
    pub versions: Vec<PlanVersion>,
}

/// A plan that was checked: whoever has one can charge by it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "PlanData", into = "PlanData")]
pub struct Plan(PlanData);

/// Why a plan or a change of it is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PlanError {
    /// A title is empty or too long, or has what cannot be printed.
    #[error("a title in each language has 1 to {TITLE_MAX} printable characters")]
    Title,
    /// It is for no kind of connection, or for one twice.
    #[error("a plan is for one kind of connection or several, each named once")]
    Kinds,
    /// A BIN in the list is none.
    #[error("{0:?} is no BIN: 12 digits are")]
    Bin(String),
    /// A version's prices may not be.
    #[error("version {version}: {error}")]
    Price {
        /// The number of the version, from 1.
        version: u32,
        /// What is wrong with it.
        error: PriceError,
    },
    /// Its versions do not follow each other.
    #[error("versions: {0}")]
    Versions(#[from] PeriodsError),
    /// The last version has begun: who was promised its prices keeps them.
    #[error("version {0} has begun and stays")]
    Begun(PeriodName),
}

/// Longer titles do not fit a line of an invoice.
const TITLE_MAX: usize = 100;

impl Plan {
    /// A plan of this data.
    ///
    /// # Errors
    /// [`PlanError`] says what is wrong with it. Its days are not looked at: it may be one that is kept.
    pub fn new(data: PlanData) -> Result<Self, PlanError> {
        let fits = |title: &str| {
            (1..=TITLE_MAX).contains(&title.chars().count())
                && !title.trim().is_empty()
                && !title.chars().any(char::is_control)
        };
        if ![&data.titles.ru, &data.titles.kk, &data.titles.en].iter().all(|title| fits(title)) {
            return Err(PlanError::Title);
        }
        let kinds: BTreeSet<ConnectionKind> = data.kinds.iter().copied().collect();
        if kinds.is_empty() || kinds.len() != data.kinds.len() {
            return Err(PlanError::Kinds);
        }
        if let Choosers::Listed(bins) = &data.choosers {
            let is_bin = |bin: &&String| bin.len() == 12 && bin.bytes().all(|byte| byte.is_ascii_digit());
            if let Some(bin) = bins.iter().find(|bin| !is_bin(bin)) {
                return Err(PlanError::Bin(bin.chars().take(16).collect()));
            }
        }
        periods::check(&data.versions)?;
        for (version, number) in data.versions.iter().zip(1..) {
            version.check(&data.kinds).map_err(|error| PlanError::Price { version: number, error })?;
        }
        Ok(Self(data))
    }

    /// A plan with its first version.
    ///
    /// # Errors
    /// [`PlanError`]; a first version may begin today, and no earlier.
    pub fn first(data: PlanData, now: Now) -> Result<Self, PlanError> {
        let mut added = Vec::new();
        for version in &data.versions {
            periods::add(&mut added, version.clone(), now)?;
        }
        Self::new(data)
    }

    /// What it is made of.
    #[must_use]
    pub fn data(&self) -> &PlanData {
        &self.0
    }

    /// What records call it.
    #[must_use]
    pub fn id(&self) -> &PlanId {
        &self.0.id
    }

    /// Adds a version behind the others. The past never changes: it begins after today and in no closed month.
    ///
    /// # Errors
    /// [`PlanError`] names what is wrong; then the plan is as it was.
    pub fn add_version(&mut self, version: PlanVersion, now: Now) -> Result<(), PlanError> {
        let number = u32::try_from(self.0.versions.len()).unwrap_or(u32::MAX).saturating_add(1);
        version.check(&self.0.kinds).map_err(|error| PlanError::Price { version: number, error })?;
        Ok(periods::add(&mut self.0.versions, version, now)?)
    }

    /// Takes the last version back that has not begun: a slip of the hand that nobody was charged by.
    ///
    /// # Errors
    /// [`PlanError::Begun`] where it has, or is the only one.
    pub fn take_back(&mut self, now: Now) -> Result<PlanVersion, PlanError> {
        let last = self.0.versions.last().ok_or(PeriodsError::Empty)?;
        if last.from <= now.today() || self.0.versions.len() < 2 {
            let number = u32::try_from(self.0.versions.len()).unwrap_or(u32::MAX);
            return Err(PlanError::Begun(PeriodName { number, from: last.from, last: last.last }));
        }
        Ok(self.0.versions.pop().ok_or(PeriodsError::Empty)?)
    }

    /// Who may choose it from now on.
    ///
    /// # Errors
    /// [`PlanError::Bin`] for a list with what is no BIN.
    pub fn set_choosers(&mut self, choosers: Choosers) -> Result<(), PlanError> {
        *self = Self::new(PlanData { choosers, ..self.0.clone() })?;
        Ok(())
    }

    /// The version of a day with its number from 1; `None` before the first and behind the last.
    #[must_use]
    pub fn version_on(&self, day: Day) -> Option<(u32, &PlanVersion)> {
        periods::on(&self.0.versions, day)
    }

    /// Whether the organisation with this BIN may choose it.
    #[must_use]
    pub fn may_be_chosen_by(&self, bin: &str) -> bool {
        match &self.0.choosers {
            Choosers::All => true,
            Choosers::Listed(bins) => bins.contains(bin),
            Choosers::Nobody => false,
        }
    }

    /// Whether its registers may come over TLS.
    #[must_use]
    pub fn is_tls_included(&self) -> bool {
        self.0.tls == Tls::Included
    }

    /// Whether it is for registers of this kind.
    #[must_use]
    pub fn is_for(&self, kind: ConnectionKind) -> bool {
        self.0.kinds.contains(&kind)
    }
}

impl TryFrom<PlanData> for Plan {
    type Error = PlanError;

    fn try_from(data: PlanData) -> Result<Self, PlanError> {
        Self::new(data)
    }
}

impl From<Plan> for PlanData {
    fn from(plan: Plan) -> Self {
        plan.0
    }
}
