//! What is looked for among an organisation's shops and registers.

use ofd_protocol::register::StatusName;
use ofd_storage::accounts::{RegisterData, Registration, RegistrationState};
use ofd_storage::model::{RegisterRecord, TradePoint, TradePointId};

/// Characters of what is looked for; no title of a shop is longer.
const SOUGHT_LEN_MAX: usize = 200;

/// How far what is to become of a register is: the statuses of registrations that are under way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// It is saved, or wanted of a register that is on the books, and not signed.
    Saved,
    /// Its signature is being checked.
    Checking,
    /// The tax authority was asked.
    InProcess,
    /// The tax authority refused it, or its signature was no good.
    Refused,
}

impl Stage {
    /// Every one, by the word for it in addresses.
    pub const ALL: [(&'static str, Self); 4] = [
        ("saved", Self::Saved),
        ("checking", Self::Checking),
        ("in_process", Self::InProcess),
        ("refused", Self::Refused),
    ];

    /// That of a registration; `None` where nothing is asked for.
    #[must_use]
    pub fn of(registration: &Registration) -> Option<Self> {
        match &registration.state {
            RegistrationState::Draft => Some(Self::Saved),
            RegistrationState::Registered => registration.wanted.as_ref().map(|_| Self::Saved),
            RegistrationState::Checking { .. } => Some(Self::Checking),
            RegistrationState::InProcess { .. } => Some(Self::InProcess),
            RegistrationState::Refused { .. } => Some(Self::Refused),
            RegistrationState::Deregistered | RegistrationState::Dropped => None,
        }
    }
}

/// By which status a list of registers is narrowed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum StatusFilter {
    /// Registers of every status, and shops without registers.
    #[default]
    Any,
    /// Registers of this status alone.
    Of(StatusName),
    /// No registers, but the registrations that are under way: those that are so far, or all.
    UnderWay(Option<Stage>),
}

/// Whether registers are asked for that are on line, or those that are not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LineFilter {
    /// All of them, and shops without registers.
    #[default]
    Any,
    /// Those that were heard a moment ago.
    OnLine,
    /// Those that were not, whether they were ever heard or not.
    Silent,
}

impl StatusFilter {
    /// The filter of a word in addresses and in the API; `None`: there is no such status.
    pub fn of_name(name: &str) -> Option<Self> {
        if name.is_empty() { Some(Self::Any) } else { StatusName::from_name(name).map(Self::Of) }
    }
}

impl LineFilter {
    /// Every filter by the word for it in addresses and in the API.
    pub const ALL: [(&'static str, Self); 3] =
        [("", Self::Any), ("on", Self::OnLine), ("silent", Self::Silent)];

    /// The filter of a word; `None`: there is none of this name.
    pub fn of_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|(known, _)| *known == name).map(|(_, filter)| filter)
    }
}

/// What is looked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ShopQuery {
    sought: String,
    status: StatusFilter,
    line: LineFilter,
    group: Option<u32>,
    shop: Option<TradePointId>,
}

impl ShopQuery {
    /// What a person typed, and the status that was chosen.
    pub fn new(sought: &str, status: StatusFilter, line: LineFilter) -> Self {
        let sought: String = sought.trim().chars().take(SOUGHT_LEN_MAX).collect();
        Self { sought: sought.to_lowercase(), status, line, group: None, shop: None }
    }

    /// The same among the shops of a group alone.
    #[must_use]
    pub fn in_group(self, group: Option<u32>) -> Self {
        Self { group, ..self }
    }

    /// The same in one shop alone.
    #[must_use]
    pub fn in_shop(self, shop: Option<TradePointId>) -> Self {
        Self { shop, ..self }
    }

    /// Whether some shops are left out, whatever they are called.
    fn is_of_place(&self) -> bool {
        self.group.is_some() || self.shop.is_some()
    }

    /// Whether nothing is left out.
    pub fn is_everything(&self) -> bool {
        self.sought.is_empty() && !self.is_of_registers() && !self.is_of_place()
    }

    /// Whether something was typed, and nothing else narrows the list.
    pub fn is_by_text_alone(&self) -> bool {
        !self.sought.is_empty() && !self.is_of_registers() && !self.is_of_place()
    }

    /// Whether registrations that are under way are asked for, in place of registers.
    pub fn is_of_registrations(&self) -> bool {
        matches!(self.status, StatusFilter::UnderWay(_))
    }

    /// Whether only registers of some kind are asked for, so that shops without any are not.
    pub fn is_of_registers(&self) -> bool {
        self.status != StatusFilter::Any || self.line != LineFilter::Any
    }

    /// Whether a register of this status is asked for; of one without a state it is not known.
    pub fn has_status(&self, status: Option<StatusName>) -> bool {
        match self.status {
            StatusFilter::Any => true,
            StatusFilter::Of(wanted) => status == Some(wanted),
            StatusFilter::UnderWay(_) => false,
        }
    }

    /// Whether it must be known what is on line.
    pub(super) fn is_of_line(&self) -> bool {
        self.line != LineFilter::Any
    }

    /// Whether a register is asked for that is on line, or is not.
    pub fn has_line(&self, is_on_line: bool) -> bool {
        match self.line {
            LineFilter::Any => true,
            LineFilter::OnLine => is_on_line,
            LineFilter::Silent => !is_on_line,
        }
    }

    /// Whether what stands in a shop, or nowhere, is in the group that is asked for.
    pub fn has_group_of(&self, shop: Option<&TradePoint>) -> bool {
        shop.map_or(self.group.is_none(), |shop| self.has_group(shop))
    }

    /// Whether groups are looked at: of each shop it must be known in which it is.
    pub(super) fn is_of_group(&self) -> bool {
        self.group.is_some()
    }

    /// Whether the shop of an id is the one that is asked for.
    pub fn has_shop(&self, id: &TradePointId) -> bool {
        self.shop.as_ref().is_none_or(|shop| shop == id)
    }

    /// The one shop that is asked for.
    pub fn shop(&self) -> Option<&TradePointId> {
        self.shop.as_ref()
    }

    /// Whether a shop is in the group that is asked for.
    pub fn has_group(&self, shop: &TradePoint) -> bool {
        self.group.is_none_or(|group| shop.groups.contains(&group))
    }

    /// Whether a shop is what is looked for, with all its registers: by any part of its title or address.
    pub fn is_shop(&self, shop: &TradePoint) -> bool {
        let kazakh = [shop.title_kz.as_ref(), shop.address_kz.as_ref()];
        let texts = [Some(&shop.title), Some(&shop.address)].into_iter().chain(kazakh);
        texts.flatten().any(|text| text.to_lowercase().contains(&self.sought))
    }

    /// Whether a register is: by its id, the beginning of its KGD number, or any part of its alias, factory number or model.
    pub fn is_register(&self, register: &RegisterRecord) -> bool {
        let parts = [&register.alias, &register.serial_number, &register.model];
        register.id.to_string() == self.sought
            || register.fns_kkm_id.starts_with(&self.sought)
            || parts.into_iter().any(|text| text.to_lowercase().contains(&self.sought))
    }

    /// Whether a registration is asked for, as far as it tells by itself: by what its register would be found by, and by its
    /// shop. A register that is there is found as one, unless it is asked how far something is.
    pub fn is_registration(&self, registration: &Registration) -> bool {
        let RegisterData { alias, serial_number, model_name, rnm, .. } = &registration.data;
        let shops = [&registration.data.shop, &registration.asked_data().shop];
        let of_shops = shops.into_iter().flat_map(|shop| {
            [Some(&shop.title), Some(&shop.address), shop.title_kz.as_ref(), shop.address_kz.as_ref()]
        });
        let mut texts = [Some(alias), Some(serial_number), Some(model_name)].into_iter().chain(of_shops);
        let is_found = texts.any(|text| text.is_some_and(|text| text.to_lowercase().contains(&self.sought)))
            || rnm.starts_with(&self.sought)
            || (registration.is_registered() && registration.id.to_string() == self.sought);
        let is_asked = match self.status {
            StatusFilter::UnderWay(Some(stage)) => Stage::of(registration) == Some(stage),
            StatusFilter::UnderWay(None) => registration.is_under_way(),
            StatusFilter::Any => self.sought.is_empty() || !registration.is_registered(),
            StatusFilter::Of(_) => false,
        };
        is_found && is_asked && shops.into_iter().any(|shop| self.has_shop(&shop.id))
    }
}

#[cfg(test)]
mod tests {
    use ofd_protocol::types::RegisterId;
    use ofd_storage::accounts::{Delivery, DeregistrationReason, RegistrationOrder, Wanted};
    use ofd_storage::samples;

    use super::*;

    #[test]
    fn every_registration_under_way_is_found_by_one_status_and_what_ended_by_none() {
        use RegistrationState::{Checking, Deregistered, Draft, Dropped, InProcess, Refused, Registered};
        let wanted = || Some(Wanted::Deregister(DeregistrationReason::Other));
        for order in [RegistrationOrder::Register, RegistrationOrder::Change, RegistrationOrder::Deregister] {
            for (state, wanted, stage) in [
                (Draft, None, Some(Stage::Saved)),
                (Registered, wanted(), Some(Stage::Saved)),
                (Registered, None, None),
                (Checking { order }, wanted(), Some(Stage::Checking)),
                (InProcess { order, delivery: Delivery::Waiting }, wanted(), Some(Stage::InProcess)),
                (Refused { order, reason: "no".into() }, wanted(), Some(Stage::Refused)),
                (Deregistered, None, None),
                (Dropped, None, None),
            ] {
                let one = Registration {
                    state,
                    wanted,
                    is_token_shown: true,
                    ..samples::registration(RegisterId(7), "151140001234")
                };
                assert_eq!(Stage::of(&one), stage, "{:?}", one.state);
                assert_eq!(stage.is_some(), one.is_under_way(), "{:?}", one.state);
                for asked in Stage::ALL.map(|(_, stage)| Some(stage)).into_iter().chain([None]) {
                    let query = ShopQuery::new("", StatusFilter::UnderWay(asked), LineFilter::Any);
                    let is_asked = stage.is_some() && (asked.is_none() || asked == stage);
                    assert_eq!(query.is_registration(&one), is_asked, "{asked:?} {:?}", one.state);
                    assert!(!query.has_status(Some(StatusName::Active)), "no register is asked for");
                }
            }
        }
    }
}
