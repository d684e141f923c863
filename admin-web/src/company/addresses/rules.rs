//! Addresses of a company: how one is read from a form, and what may be done with it.

use ofd_storage::accounts::{Address, AddressKind, Company};

use crate::cabinet::Fields;
use crate::company::typed::{Errors, Reader, Wrong, email, full_line, phone};
use crate::directories::{countries, settlement};
use crate::language::Language;

/// Addresses of one company: registered, actual, postal and a few offices.
pub(crate) const ADDRESSES_MAX: usize = 20;

/// Characters of street, house and premises, or of a place abroad.
pub(crate) const LINE_LEN_MAX: usize = 250;

/// The country whose settlements the directory has.
pub(crate) const HOME: &str = "KZ";

/// What the fields of an address are called in a form: a page may have several addresses.
#[derive(Clone, Copy, Debug)]
pub(crate) struct AddressNames {
    /// The country.
    pub(crate) country: &'static str,
    /// The code of the chosen settlement.
    pub(crate) settlement: &'static str,
    /// What settlements are searched by.
    pub(crate) query: &'static str,
    /// What the shown settlements were searched by.
    pub(crate) asked: &'static str,
    /// The button that searches.
    pub(crate) find: &'static str,
    /// The place abroad.
    pub(crate) place: &'static str,
    /// Street, house, premises.
    pub(crate) street: &'static str,
    /// E-mail there; empty where the form has none.
    pub(crate) email: &'static str,
    /// Phone there; empty where the form has none.
    pub(crate) phone: &'static str,
}

/// The only address of a form.
pub(crate) const ADDRESS: AddressNames = AddressNames {
    country: "country",
    settlement: "settlement",
    query: "settlement_query",
    asked: "settlement_asked",
    find: "find",
    place: "place",
    street: "street",
    email: "email",
    phone: "phone",
};

/// The legal address among others.
pub(crate) const LEGAL_ADDRESS: AddressNames = AddressNames {
    country: "legal_country",
    settlement: "legal_settlement",
    query: "legal_settlement_query",
    asked: "legal_settlement_asked",
    find: "legal_find",
    place: "legal_place",
    street: "legal_street",
    email: "",
    phone: "",
};

/// The actual address among others.
pub(crate) const ACTUAL_ADDRESS: AddressNames = AddressNames {
    country: "actual_country",
    settlement: "actual_settlement",
    query: "actual_settlement_query",
    asked: "actual_settlement_asked",
    find: "actual_find",
    place: "actual_place",
    street: "actual_street",
    email: "",
    phone: "",
};

/// An address as it was typed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct AddressInput {
    /// The country's two letters.
    pub(crate) country: String,
    /// The settlement's code; empty abroad.
    pub(crate) settlement: String,
    /// The settlement with all it lies in; abroad what was typed.
    pub(crate) place: String,
    /// Street, house, premises.
    pub(crate) street: String,
    /// E-mail there.
    pub(crate) email: String,
    /// Phone there.
    pub(crate) phone: String,
}

/// What a form says of an address.
#[derive(Clone, Debug)]
pub(crate) struct AddressRead {
    /// The address, as far as it is right.
    pub(crate) input: AddressInput,
    /// What is wrong with it.
    pub(crate) errors: Errors,
    /// A settlement is searched for: the page is shown again with what was found, and nothing is wrong yet. Whoever types
    /// one and presses Enter, or saves, wants it found first.
    pub(crate) is_search: bool,
}

impl AddressInput {
    /// Reads an address from a form.
    pub(crate) fn read(fields: &Fields, names: &AddressNames) -> AddressRead {
        let mut reader = Reader::default();
        let optional = |name: &'static str| if name.is_empty() { "" } else { fields.text(name) };
        let country = match fields.text(names.country) {
            "" => Ok(HOME.to_owned()),
            code if countries().find(code).is_some() => Ok(code.to_owned()),
            _ => Err(Wrong::Choice),
        };
        let country = reader.take(names.country, country);
        let is_search = fields.is_ticked(names.find) || (country == HOME && is_unsearched(fields, names));
        let (settlement, place) = if country == HOME {
            let place = reader.take(names.settlement, home_place(fields, names));
            (place.0, place.1)
        } else {
            let place = full_line(fields.text(names.place), LINE_LEN_MAX);
            (String::new(), reader.take(names.place, place))
        };
        let street = reader.take(names.street, full_line(fields.text(names.street), LINE_LEN_MAX));
        let email = reader.take(names.email, email(optional(names.email)));
        let phone = reader.take(names.phone, phone(optional(names.phone)));
        let input = Self { country, settlement, place, street, email, phone };
        AddressRead { input, errors: reader.errors, is_search }
    }

    /// The address as it is kept.
    pub(crate) fn address(self, id: u32, revision: u32, kind: AddressKind) -> Address {
        let Self { country, settlement, place, street, email, phone } = self;
        Address { id, revision, kind, country, settlement, place, street, email, phone }
    }
}

/// Whether something was typed to search by that was not searched by yet.
fn is_unsearched(fields: &Fields, names: &AddressNames) -> bool {
    let query = fields.text(names.query);
    !query.is_empty() && query != fields.text(names.asked)
}

/// The settlement that was chosen. What was typed to search but not searched yet comes first: else a person who typed
/// another town and pressed Enter would keep the former one.
fn home_place(fields: &Fields, names: &AddressNames) -> Result<(String, String), Wrong> {
    if is_unsearched(fields, names) {
        return Err(Wrong::Settlement);
    }
    let found = settlement(fields.text(names.settlement)).ok_or(Wrong::Settlement)?;
    Ok((found.code().to_string(), found.chain(Language::Russian)))
}

/// Why addresses stay as they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    /// There are as many as may be.
    TooMany,
    /// There is one of this kind at this place already.
    Repeated,
    /// It is the only legal one.
    OnlyLegal,
    /// Somebody changed it since the form was opened.
    Stale,
    /// It is not there any more.
    Gone,
}

/// The address that documents name.
pub(crate) fn legal_address(company: &Company) -> Option<&Address> {
    company.addresses.iter().find(|address| address.kind == AddressKind::Legal)
}

/// Whether it is the only legal address.
pub(in crate::company) fn is_only_legal(company: &Company, id: u32) -> bool {
    let mut legal = company.addresses.iter().filter(|address| address.kind == AddressKind::Legal);
    legal.next().is_some_and(|address| address.id == id) && legal.next().is_none()
}

/// The same address, whatever its number and how often it was changed.
fn is_same(a: &Address, b: &Address) -> bool {
    let b = Address { id: a.id, revision: a.revision, ..b.clone() };
    *a == b
}

fn is_at_same_place(a: &Address, b: &Address) -> bool {
    a.kind == b.kind && a.country == b.country && a.place == b.place && a.street == b.street
}

/// Adds an address. `None`: it is there already, as after a form that was sent twice.
pub(super) fn add(
    company: &Company,
    kind: AddressKind,
    input: &AddressInput,
) -> Result<Option<Company>, Refusal> {
    let mut changed = company.clone();
    let address = input.clone().address(changed.take_id(), 1, kind);
    if company.addresses.iter().any(|known| is_same(known, &address)) {
        return Ok(None);
    }
    if company.addresses.iter().any(|known| is_at_same_place(known, &address)) {
        return Err(Refusal::Repeated);
    }
    if company.addresses.len() >= ADDRESSES_MAX {
        return Err(Refusal::TooMany);
    }
    changed.addresses.push(address);
    Ok(Some(changed))
}

/// Changes an address that was at `revision` when the form was opened. `None`: it is so already.
pub(super) fn change(
    company: &Company,
    id: u32,
    revision: u32,
    kind: AddressKind,
    input: &AddressInput,
) -> Result<Option<Company>, Refusal> {
    let known = company.addresses.iter().find(|known| known.id == id).ok_or(Refusal::Gone)?;
    let address = input.clone().address(id, known.revision.saturating_add(1), kind);
    if is_same(known, &address) {
        return Ok(None);
    }
    if known.revision != revision {
        return Err(Refusal::Stale);
    }
    if kind != AddressKind::Legal && is_only_legal(company, id) {
        return Err(Refusal::OnlyLegal);
    }
    if company.addresses.iter().any(|other| other.id != id && is_at_same_place(other, &address)) {
        return Err(Refusal::Repeated);
    }
    let mut changed = company.clone();
    changed.addresses.iter_mut().filter(|known| known.id == id).for_each(|known| address.clone_into(known));
    Ok(Some(changed))
}

/// Deletes an address that was at `revision` when the question was asked.
pub(super) fn delete(company: &Company, id: u32, revision: u32) -> Result<Option<Company>, Refusal> {
    let known = company.addresses.iter().find(|known| known.id == id).ok_or(Refusal::Gone)?;
    if is_only_legal(company, id) {
        return Err(Refusal::OnlyLegal);
    }
    if known.revision != revision {
        return Err(Refusal::Stale);
    }
    let mut changed = company.clone();
    changed.addresses.retain(|known| known.id != id);
    Ok(Some(changed))
}

#[cfg(test)]
mod tests {
    use ofd_protocol::types::UnixMillis;
    use ofd_storage::accounts::CompanyKind;

    use super::*;

    fn fields(values: &[(&str, &str)]) -> Fields {
        Fields::new(values.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect())
    }

    fn input(street: &str) -> AddressInput {
        let read = AddressInput::read(&fields(&[("settlement", "710000000"), ("street", street)]), &ADDRESS);
        assert!(read.errors.is_empty(), "{:?}", read.errors);
        read.input
    }

    fn company() -> Company {
        let company =
            Company::new("151140001234".into(), "ТОО".into(), CompanyKind::LegalEntity, UnixMillis(1));
        add(&company, AddressKind::Legal, &input("Legal 1")).unwrap().unwrap()
    }

    #[test]
    fn an_address_at_home_has_a_settlement_of_the_directory() {
        let read = input(" ул. Абая,  1 ");
        assert_eq!((read.country.as_str(), read.settlement.as_str()), ("KZ", "710000000"));
        assert_eq!((read.place.as_str(), read.street.as_str()), ("г. Астана", "ул. Абая, 1"));
        for settlement in ["", "1", "999999999", "190000000"] {
            let read = AddressInput::read(&fields(&[("settlement", settlement), ("street", "1")]), &ADDRESS);
            assert_eq!(read.errors, [("settlement", Wrong::Settlement)], "{settlement}");
        }
    }

    #[test]
    fn an_address_abroad_is_typed_whole() {
        let abroad = [
            ("country", "DE"),
            ("place", "Berlin"),
            ("street", "Unter den Linden 1"),
            ("settlement", "710000000"),
        ];
        let read = AddressInput::read(&fields(&abroad), &ADDRESS);
        assert!(read.errors.is_empty(), "{:?}", read.errors);
        assert_eq!((read.input.settlement.as_str(), read.input.place.as_str()), ("", "Berlin"));
        let read = AddressInput::read(&fields(&[("country", "DE")]), &ADDRESS);
        assert_eq!(read.errors, [("place", Wrong::Empty), ("street", Wrong::Empty)]);
        let read =
            AddressInput::read(&fields(&[("country", "XX"), ("place", "A"), ("street", "B")]), &ADDRESS);
        assert_eq!(read.errors, [("country", Wrong::Choice)]);
    }

    #[test]
    fn a_town_that_was_typed_but_not_searched_is_never_passed_over() {
        let mut typed = vec![("settlement", "710000000"), ("street", "1"), ("settlement_query", "Алм")];
        let read = AddressInput::read(&fields(&typed), &ADDRESS);
        assert_eq!(read.errors, [("settlement", Wrong::Settlement)]);
        typed.push(("settlement_asked", "Алм"));
        assert!(AddressInput::read(&fields(&typed), &ADDRESS).errors.is_empty());
    }

    #[test]
    fn a_form_of_several_addresses_keeps_them_apart() {
        let typed = fields(&[
            ("legal_settlement", "710000000"),
            ("legal_street", "L"),
            ("actual_settlement", "750000000"),
            ("actual_street", "A"),
            ("actual_find", "yes"),
        ]);
        let (legal, actual) =
            (AddressInput::read(&typed, &LEGAL_ADDRESS), AddressInput::read(&typed, &ACTUAL_ADDRESS));
        assert_eq!((legal.input.street.as_str(), actual.input.street.as_str()), ("L", "A"));
        assert!(!legal.is_search && actual.is_search);
    }

    #[test]
    fn the_only_legal_address_stays_one() {
        let company = company();
        let id = company.addresses[0].id;
        assert_eq!(delete(&company, id, 1), Err(Refusal::OnlyLegal));
        assert_eq!(change(&company, id, 1, AddressKind::Postal, &input("Legal 1")), Err(Refusal::OnlyLegal));
        let two = add(&company, AddressKind::Legal, &input("Legal 2")).unwrap().unwrap();
        let one = delete(&two, id, 1).unwrap().unwrap();
        assert_eq!(legal_address(&one).unwrap().street, "Legal 2");
        assert_eq!(delete(&one, one.addresses[0].id, 1), Err(Refusal::OnlyLegal));
        let other = add(&company, AddressKind::Postal, &input("Post 1")).unwrap().unwrap();
        assert!(delete(&other, other.addresses[1].id, 1).unwrap().is_some(), "others may go");
    }

    #[test]
    fn a_form_that_comes_twice_changes_nothing_the_second_time() {
        let company = company();
        assert_eq!(add(&company, AddressKind::Legal, &input("Legal 1")), Ok(None));
        let id = company.addresses[0].id;
        let changed = change(&company, id, 1, AddressKind::Legal, &input("Legal 9")).unwrap().unwrap();
        assert_eq!(changed.addresses[0].revision, 2);
        assert_eq!(change(&changed, id, 1, AddressKind::Legal, &input("Legal 9")), Ok(None));
        assert_eq!(delete(&company, 99, 1), Err(Refusal::Gone));
    }

    #[test]
    fn a_form_older_than_the_address_is_refused() {
        let company = company();
        let id = company.addresses[0].id;
        let changed = change(&company, id, 1, AddressKind::Legal, &input("Legal 9")).unwrap().unwrap();
        assert_eq!(change(&changed, id, 1, AddressKind::Legal, &input("Legal 7")), Err(Refusal::Stale));
        assert!(change(&changed, id, 2, AddressKind::Legal, &input("Legal 7")).unwrap().is_some());
        let two = add(&changed, AddressKind::Legal, &input("Legal 2")).unwrap().unwrap();
        assert_eq!(delete(&two, id, 1), Err(Refusal::Stale));
    }

    #[test]
    fn addresses_are_not_repeated_and_not_without_end() {
        let mut company = company();
        let mut other_phone = input("Legal 1");
        other_phone.phone = "+77172123456".into();
        assert_eq!(add(&company, AddressKind::Legal, &other_phone), Err(Refusal::Repeated));
        for number in 1..ADDRESSES_MAX {
            company = add(&company, AddressKind::Postal, &input(&number.to_string())).unwrap().unwrap();
        }
        assert_eq!(add(&company, AddressKind::Postal, &input("one more")), Err(Refusal::TooMany));
        let id = company.addresses[2].id;
        assert_eq!(change(&company, id, 1, AddressKind::Postal, &input("1")), Err(Refusal::Repeated));
    }
}
