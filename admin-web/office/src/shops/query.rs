//! What is looked for among an organisation's shops and registers.

use ofd_protocol::register::StatusName;
use ofd_storage::model::{RegisterRecord, TradePoint};

/// Characters of what is looked for; no title of a shop is longer.
const SOUGHT_LEN_MAX: usize = 200;

/// By which status a list of registers is narrowed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum StatusFilter {
    /// Registers of every status, and shops without registers.
    #[default]
    Any,
    /// Registers of this status alone.
    Of(StatusName),
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
}

impl ShopQuery {
    /// What a person typed, and the status that was chosen.
    pub fn new(sought: &str, status: StatusFilter, line: LineFilter) -> Self {
        let sought: String = sought.trim().chars().take(SOUGHT_LEN_MAX).collect();
        Self { sought: sought.to_lowercase(), status, line, group: None }
    }

    /// The same among the shops of a group alone.
    #[must_use]
    pub fn in_group(self, group: Option<u32>) -> Self {
        Self { group, ..self }
    }

    /// Whether nothing is left out.
    pub fn is_everything(&self) -> bool {
        self.sought.is_empty() && !self.is_of_registers() && self.group.is_none()
    }

    /// Whether something was typed, and nothing else narrows the list.
    pub fn is_by_text_alone(&self) -> bool {
        !self.sought.is_empty() && !self.is_of_registers() && self.group.is_none()
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
        }
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
}
