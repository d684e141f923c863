//! The registering of a register (KKM): what its organisation says of it, and how far that is with the tax authority.
//!
//! An organisation may have thousands, so each is a row of its own in the stream of the company, beside the audit: one append
//! changes it and tells the audit of it. It is called by the id that the register gets, which is claimed for it when it is
//! begun.

use std::fmt;

use bytes::{BufMut, Bytes, BytesMut};
use ofd_billing::tariffs::{ConnectionKind, Plan, PlanId, PlanVersion, TakesEffect, TariffHistory, Titles};
use ofd_protocol::types::{RegisterId, UnixMillis};
use serde::{Deserialize, Serialize};

use super::company::Company;
use super::paper::Paper;
use crate::claims::{RNM_FAMILY, SERIAL_FAMILY, serial_name};
use crate::kinds::names;
use crate::model::{Connection, TradePointId};
use crate::store::{Row, Store, StoreError, StreamId};

/// Registrations that one page of a list may have.
pub const REGISTRATION_PAGE_MAX: usize = 200;

/// Registrations of one organisation that are under way at once. Their ids stand in the head of the company, which every
/// change of it writes anew; a chain that equips a hundred shops in a day has room.
pub const REGISTRATIONS_UNDER_WAY_MAX: usize = 300;

/// The kind byte of registrations among the rows of a company's stream.
const ROW_KIND: u8 = 3;

names! {
    /// What the tax authority is asked for.
    pub enum RegistrationOrder {
        /// To register it.
        Register = "register",
        /// To register it anew, with other data or at another place.
        Change = "change",
        /// To take it off the books.
        Deregister = "deregister",
    }
}

names! {
    /// What is known of the message by which the tax authority is asked.
    pub enum Delivery {
        /// It was not sent, or whoever asks is a person.
        Waiting = "waiting",
        /// It arrived; the answer comes later.
        Delivered = "delivered",
        /// It was sent, and whether it arrived, or what was answered to it, is not known.
        Unknown = "unknown",
    }
}

impl Delivery {
    fn at_first() -> Self {
        Self::Waiting
    }
}

names! {
    /// Why a register is taken off the books: what form 10 of the tax authority offers, and what the Tax Code names in place of
    /// its last case.
    pub enum DeregistrationReason {
        ActivityStopped = "activity_stopped",
        /// It cannot be used because of a defect.
        Defect = "defect",
        /// Its model was taken out of the state's list.
        ModelExcluded = "model_excluded",
        /// Another model stands in its place.
        Replaced = "replaced",
        TheftOrLoss = "theft_or_loss",
        /// The organisation is liquidated, or becomes another one.
        Liquidation = "liquidation",
        /// Another case that the law allows.
        Other = "other",
    }
}

/// The shop in which a register is to stand.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChosenShop {
    /// The id by which the register names it. That of a new one follows from name and address.
    pub id: TradePointId,
    /// What it is called, on receipts too.
    pub title: String,
    /// The same in Kazakh, where it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title_kz: Option<String>,
    /// Where it is.
    pub address: String,
    /// The same in Kazakh, where it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address_kz: Option<String>,
    /// The shop comes with the register.
    pub is_new: bool,
    /// The settlement's code in the directory; empty where the address came as a text.
    #[serde(default)]
    pub settlement: String,
    /// The street, and what of house and premises was not told apart.
    #[serde(default)]
    pub street: String,
    /// The number of the house, where it was told apart.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub house: String,
    /// Flat, office or other premises in it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub flat: String,
}

impl fmt::Debug for ChosenShop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ChosenShop")
            .field("id", &self.id)
            .field("is_new", &self.is_new)
            .finish_non_exhaustive()
    }
}

/// A tariff plan as it was when it was chosen for a register: papers say it, whatever becomes of the plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChosenPlan {
    /// What people call it.
    pub titles: Titles,
    /// When the choice of it takes effect.
    pub takes_effect: TakesEffect,
    /// The prices of the day from which it is, for the register's kind of connection alone.
    pub version: PlanVersion,
}

impl ChosenPlan {
    /// What a plan says of a register that is connected so, by one of its versions.
    #[must_use]
    pub fn of(plan: &Plan, kind: ConnectionKind, version: &PlanVersion) -> Self {
        let mut version = version.clone();
        version.prices.retain(|price| price.kind == kind);
        Self { titles: plan.data().titles.clone(), takes_effect: plan.data().takes_effect, version }
    }
}

/// What an organisation says of a register.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RegisterData {
    /// The model's id in the directory of the tax authority.
    pub model: String,
    /// Its name there.
    pub model_name: String,
    /// The factory's number.
    pub serial_number: String,
    /// When it was made.
    pub year: u16,
    /// The number that the tax authority gave (RNM), 12 digits; empty while it gave none.
    pub rnm: String,
    /// How it reaches us.
    pub connection: Connection,
    /// What the organisation calls it; may be empty.
    pub alias: String,
    /// The tariff plan that was chosen for it last: it may not have taken effect yet.
    pub tariff: PlanId,
    /// That plan as it was then. One for which none was ever chosen has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plan: Option<ChosenPlan>,
    /// Where it stands.
    pub shop: ChosenShop,
}

impl RegisterData {
    /// Whether both say the same of a register, whether its shop came with it or was chosen from the list.
    #[must_use]
    pub fn says_same(&self, other: &Self) -> bool {
        let (one, two) = (&self.shop, &other.shop);
        let is_same_shop = (&one.id, &one.title, &one.address) == (&two.id, &two.title, &two.address);
        is_same_shop && *self == Self { shop: one.clone(), plan: self.plan.clone(), ..other.clone() }
    }

    /// Whether all that differs is the tariff plan, which no tax authority is asked about.
    #[must_use]
    pub fn differs_by_tariff_alone(&self, other: &Self) -> bool {
        self.tariff != other.tariff && self.says_same(&Self { tariff: self.tariff.clone(), ..other.clone() })
    }
}

/// How far a registration is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "state")]
pub enum RegistrationState {
    /// Saved, and nothing was asked for.
    Draft,
    /// It is asked for by a signature of which something cannot be found out yet.
    Checking {
        /// What is asked for.
        order: RegistrationOrder,
    },
    /// The tax authority was asked and has not answered.
    InProcess {
        /// What is asked for.
        order: RegistrationOrder,
        /// What is known of the message that asks.
        #[serde(default = "Delivery::at_first")]
        delivery: Delivery,
    },
    /// The tax authority refused. Whatever was before goes on.
    Refused {
        /// What was asked for.
        order: RegistrationOrder,
        /// Why it was refused.
        reason: String,
    },
    /// It is on the books.
    Registered,
    /// It was taken off them, for good.
    Deregistered,
    /// Its organisation gave it up before anything was asked for.
    Dropped,
}

/// What a register's organisation asks the tax authority to change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Wanted {
    /// These data in place of those that are known.
    Change(Box<RegisterData>),
    /// That it is taken off the books.
    Deregister(DeregistrationReason),
}

/// That a visit was made.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VisitDone {
    /// When that was entered.
    pub at: UnixMillis,
    /// Who of the operator entered it.
    pub by: String,
    /// What is said of it; may be empty.
    pub comment: String,
}

/// A visit by which a wired register is connected.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Visit {
    /// The day on which somebody is awaited, `YYYY-MM-DD`.
    pub date: String,
    /// The time of that day, `HH:MM`.
    pub time: String,
    /// Who is there.
    pub person: String,
    /// The telephone of that person.
    pub phone: String,
    /// What else is to be known; may be empty.
    pub comment: String,
    /// When it was asked for.
    pub asked_at: UnixMillis,
    /// That it was made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub done: Option<VisitDone>,
}

impl fmt::Debug for Visit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let is_done = self.done.is_some();
        f.debug_struct("Visit").field("date", &self.date).field("is_done", &is_done).finish_non_exhaustive()
    }
}

/// The registering of a register.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Registration {
    /// The id of the register, and of this.
    pub id: RegisterId,
    /// Whose register it is.
    pub bin: String,
    /// When it was begun.
    pub created_at: UnixMillis,
    /// Grows with every change of the data.
    pub revision: u32,
    /// What is said of the register.
    pub data: RegisterData,
    /// How far it is.
    #[serde(flatten)]
    pub state: RegistrationState,
    /// Since when it is so.
    pub since: UnixMillis,
    /// When it came on the books.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub registered_at: Option<UnixMillis>,
    /// What it is asked to become.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wanted: Option<Wanted>,
    /// The paper by which something is asked for: the one that waits, else the last one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub paper: Option<Paper>,
    /// Its first token was shown: it is not shown again.
    #[serde(default)]
    pub is_token_shown: bool,
    /// So many tokens were issued in place of the first one: a page that was opened before the last of them issues none.
    #[serde(default)]
    pub reissued: u32,
    /// The visit by which it is connected, where one was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub visit: Option<Visit>,
    /// The plans that its organisation chose for it. One for which none was ever chosen is on the free one.
    #[serde(default, skip_serializing_if = "TariffHistory::is_empty")]
    pub plans: TariffHistory,
}

impl Registration {
    /// Its row in the stream of its company.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn row(&self) -> Result<Row, StoreError> {
        let value = serde_json::to_vec(self).map_err(|error| StoreError::Corrupt {
            place: format!("registration {} to write", self.id),
            reason: error.to_string(),
        })?;
        Ok(Row { key: key(self.id), value: value.into() })
    }

    /// Whether a row of a company's stream is one of registrations.
    #[must_use]
    pub fn is_row(row: &Row) -> bool {
        row.key.first() == Some(&ROW_KIND)
    }

    /// Reads a row of a company's stream.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] when it is none of a registration.
    pub fn decode(stream: StreamId, row: &Row) -> Result<Self, StoreError> {
        let corrupt = |reason: String| StoreError::Corrupt {
            place: format!("registration {} of {stream}", row.key.escape_ascii()),
            reason,
        };
        let found: Self = serde_json::from_slice(&row.value).map_err(|error| corrupt(error.to_string()))?;
        if key(found.id) == row.key && Company::stream_of(&found.bin) == Some(stream) {
            Ok(found)
        } else {
            Err(corrupt("its key is that of another".to_owned()))
        }
    }

    /// What the tax authority is, or is to be, asked for.
    #[must_use]
    pub fn order(&self) -> RegistrationOrder {
        match (&self.state, &self.wanted) {
            (RegistrationState::Checking { order } | RegistrationState::InProcess { order, .. }, _) => *order,
            (_, None) => RegistrationOrder::Register,
            (_, Some(Wanted::Change(_))) => RegistrationOrder::Change,
            (_, Some(Wanted::Deregister(_))) => RegistrationOrder::Deregister,
        }
    }

    /// The data that are asked for: others than those that are known where a change is wanted.
    #[must_use]
    pub fn asked_data(&self) -> &RegisterData {
        match &self.wanted {
            Some(Wanted::Change(data)) => data,
            Some(Wanted::Deregister(_)) | None => &self.data,
        }
    }

    /// Whether a visit was asked for and is still to be made.
    #[must_use]
    pub fn has_open_visit(&self) -> bool {
        self.visit.as_ref().is_some_and(|visit| visit.done.is_none())
    }

    /// Whether a plan that was chosen for it may still be waiting for its first day: where the operator works no day comes later than in
    /// Greenwich.
    #[must_use]
    pub fn has_plan_ahead(&self, now: UnixMillis) -> bool {
        let (year, month, day) = now.wall(0).date();
        let today = format!("{year:04}-{month:02}-{day:02}");
        self.plans.changes().last().is_some_and(|last| today <= last.from.to_string())
    }

    /// Whether something is still to be done about it, by its organisation, by us or by the tax authority.
    #[must_use]
    pub fn is_under_way(&self) -> bool {
        match self.state {
            RegistrationState::Draft
            | RegistrationState::Checking { .. }
            | RegistrationState::InProcess { .. }
            | RegistrationState::Refused { .. } => true,
            // Until its token was fetched, its organisation is not done with it.
            RegistrationState::Registered => self.wanted.is_some() || !self.is_token_shown,
            RegistrationState::Deregistered | RegistrationState::Dropped => false,
        }
    }

    /// Whether the register is on the books, whatever else is asked for.
    #[must_use]
    pub fn is_registered(&self) -> bool {
        match &self.state {
            RegistrationState::Registered => true,
            RegistrationState::Draft | RegistrationState::Deregistered | RegistrationState::Dropped => false,
            RegistrationState::Checking { order }
            | RegistrationState::InProcess { order, .. }
            | RegistrationState::Refused { order, .. } => *order != RegistrationOrder::Register,
        }
    }

    /// Whether a name that only one register may have is this one's. A draft has none: whoever signs first gets it.
    #[must_use]
    pub fn holds(&self, family: &str, name: &str) -> bool {
        let is_asked_for = match &self.state {
            RegistrationState::Draft
            | RegistrationState::Refused { order: RegistrationOrder::Register, .. }
            | RegistrationState::Deregistered
            | RegistrationState::Dropped => false,
            RegistrationState::Checking { .. }
            | RegistrationState::InProcess { .. }
            | RegistrationState::Refused { .. }
            | RegistrationState::Registered => true,
        };
        let wanted = match &self.wanted {
            Some(Wanted::Change(data)) => Some(&**data),
            Some(Wanted::Deregister(_)) | None => None,
        };
        let is_of = |data: &RegisterData| match family {
            SERIAL_FAMILY => serial_name(&data.model_name, &data.serial_number) == name,
            RNM_FAMILY => data.rnm == name,
            _ => false,
        };
        is_asked_for && [Some(&self.data), wanted].into_iter().flatten().any(is_of)
    }
}

fn key(id: RegisterId) -> Bytes {
    let mut key = BytesMut::with_capacity(5);
    key.put_u8(ROW_KIND);
    key.put_u32(id.0);
    key.freeze()
}

/// Up to `limit` registrations of a company (at most [`REGISTRATION_PAGE_MAX`]) behind `after`, by id.
///
/// # Errors
/// Those of the store.
pub async fn registrations(
    store: &impl Store,
    stream: StreamId,
    after: Option<RegisterId>,
    limit: usize,
) -> Result<Vec<Registration>, StoreError> {
    let after = after.map(key);
    let limit = limit.min(REGISTRATION_PAGE_MAX);
    let rows = store.rows(stream, &[ROW_KIND], after.as_deref(), limit).await?;
    rows.iter().map(|row| Registration::decode(stream, row)).collect()
}

/// One registration of a company; `None` when there is none of this id.
///
/// # Errors
/// Those of the store.
pub async fn registration(
    store: &impl Store,
    stream: StreamId,
    id: RegisterId,
) -> Result<Option<Registration>, StoreError> {
    let key = key(id);
    let value = store.row(stream, &key).await?;
    value.map(|value| Registration::decode(stream, &Row { key, value })).transpose()
}
