//! How an address is shown in a form.

use ofd_office::company::addresses::{AddressNames, HOME, HOUSE_LEN_MAX, LINE_LEN_MAX};
use ofd_storage::accounts::{Address, AddressKind};

use crate::cabinet::{Choice, Form};
use crate::directories::{countries, settlement, settlements};
use crate::language::Language;
use crate::words::Words;

/// Settlements shown at once: a screen of a phone or two. Whoever does not find his types another letter.
const SETTLEMENTS_SHOWN: usize = 12;

/// A settlement to choose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SettlementChoice {
    pub(crate) code: String,
    /// Its name with all it lies in.
    pub(crate) label: String,
    /// Whether it is chosen.
    pub(crate) is_chosen: bool,
}

/// The parts of a form that make an address.
pub(crate) struct AddressView {
    /// The names of its fields.
    pub(crate) names: AddressNames,
    /// The chosen settlement, then those that were found.
    pub(crate) settlements: Vec<SettlementChoice>,
    /// What they were searched by.
    pub(crate) asked: String,
    /// Nothing was found.
    pub(crate) is_nothing: bool,
    /// There are more than shown.
    pub(crate) is_more: bool,
    pub(crate) countries: Vec<Choice>,
    /// The address is abroad.
    pub(crate) is_abroad: bool,
    /// Attributes of the fields of one line.
    pub(crate) line: String,
    /// Those of house and flat.
    pub(crate) short_line: String,
}

/// An address in one line, in a language where the directory has it.
pub(crate) fn address_line(address: &Address, language: Language) -> String {
    let place = settlement(&address.settlement).map(|found| found.chain(language));
    address.line_at(place.as_deref().unwrap_or(&address.place))
}

impl AddressView {
    /// The parts of a form with the values it has now.
    pub(crate) fn of(words: &Words<'_>, form: &Form, names: AddressNames) -> Self {
        let language = words.language;
        let asked = form.value(names.query).trim().to_owned();
        let mut found = settlements(&asked, SETTLEMENTS_SHOWN.saturating_add(1));
        let (is_more, is_nothing) = (found.len() > SETTLEMENTS_SHOWN, !asked.is_empty() && found.is_empty());
        found.truncate(SETTLEMENTS_SHOWN);
        let chosen = settlement(form.value(names.settlement));
        let chosen_code = match (&chosen, found.as_slice()) {
            (Some(chosen), _) => Some(chosen.code()),
            // What is found alone is meant.
            (None, [only]) => Some(only.code()),
            (None, _) => None,
        };
        let others = found
            .into_iter()
            .filter(|found| chosen.as_ref().map(|chosen| chosen.code()) != Some(found.code()));
        let shown: Vec<_> = chosen.iter().cloned().chain(others).collect();
        let settlements = shown
            .iter()
            .map(|found| SettlementChoice {
                code: found.code().to_string(),
                label: found.chain(language),
                is_chosen: Some(found.code()) == chosen_code,
            })
            .collect();
        let countries = countries().entries();
        let mut countries: Vec<Choice> =
            countries.iter().map(|entry| Choice::new(&entry.code, entry.names.of(language))).collect();
        countries.sort_by_key(|choice| (choice.value != HOME, choice.label.to_lowercase()));
        let country = form.value(names.country);
        let is_abroad = !country.is_empty() && country != HOME;
        let line = format!("maxlength=\"{LINE_LEN_MAX}\"");
        let short_line = format!("autocomplete=\"off\" maxlength=\"{HOUSE_LEN_MAX}\"");
        Self { names, settlements, asked, is_nothing, is_more, countries, is_abroad, line, short_line }
    }
}

/// What an address is for.
pub(super) fn kind_text(words: &Words<'_>, kind: AddressKind) -> String {
    words.say(match kind {
        AddressKind::Legal => "company-address-legal",
        AddressKind::Actual => "company-address-actual",
        AddressKind::Postal => "company-address-postal",
    })
}
