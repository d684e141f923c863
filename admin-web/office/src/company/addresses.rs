//! Addresses of a company: how one is read from a form, and what may be done with it.

use ofd_storage::accounts::{
    Address, AddressKind, AuditAction, AuditField, AuditSubject, Company, ToldSubject,
};

use crate::directories::{countries, settlement};
use crate::fields::Fields;
use crate::language::Language;
use crate::part::Part;
use crate::typed::{Errors, Reader, Wrong, email, full_line, line, phone};

/// Characters of street, house and premises, or of a place abroad.
pub const LINE_LEN_MAX: usize = 250;

/// Characters of a house, and of a flat or office: as many as the exchange with the tax authority takes.
pub const HOUSE_LEN_MAX: usize = 255;

/// The country whose settlements the directory has.
pub const HOME: &str = "KZ";

/// What the fields of an address are called in a form: a page may have several addresses.
#[derive(Clone, Copy, Debug)]
pub struct AddressNames {
    /// The country, by its code.
    pub country: &'static str,
    /// The code of the chosen settlement.
    pub settlement: &'static str,
    /// What settlements are searched by.
    pub query: &'static str,
    /// What the shown settlements were searched by.
    pub asked: &'static str,
    /// The button that searches.
    pub find: &'static str,
    /// The place abroad.
    pub place: &'static str,
    /// Street, house, premises.
    pub street: &'static str,
    /// The house apart; empty where the form has it in one line with the street.
    pub house: &'static str,
    /// Flat or office apart; empty where the form has it in one line with the street.
    pub flat: &'static str,
    /// E-mail there; empty where the form has none.
    pub email: &'static str,
    /// Phone there; empty where the form has none.
    pub phone: &'static str,
}

/// The only address of a form.
pub const ADDRESS: AddressNames = AddressNames {
    country: "country",
    settlement: "settlement",
    query: "settlement_query",
    asked: "settlement_asked",
    find: "find",
    place: "place",
    street: "street",
    house: "",
    flat: "",
    email: "email",
    phone: "phone",
};

/// The place of a shop, as the only one of a form: the tax authority takes house and flat apart.
pub const PLACE: AddressNames = AddressNames { house: "house", flat: "flat", ..ADDRESS };

/// The legal address among others.
pub const LEGAL_ADDRESS: AddressNames = AddressNames {
    country: "legal_country",
    settlement: "legal_settlement",
    query: "legal_settlement_query",
    asked: "legal_settlement_asked",
    find: "legal_find",
    place: "legal_place",
    street: "legal_street",
    house: "",
    flat: "",
    email: "",
    phone: "",
};

/// The actual address among others.
pub const ACTUAL_ADDRESS: AddressNames = AddressNames {
    country: "actual_country",
    settlement: "actual_settlement",
    query: "actual_settlement_query",
    asked: "actual_settlement_asked",
    find: "actual_find",
    place: "actual_place",
    street: "actual_street",
    house: "",
    flat: "",
    email: "",
    phone: "",
};

/// What a form says of an address.
#[derive(Clone, Debug)]
pub struct AddressRead {
    /// The address, as far as it is right; as a legal one, since not every form says what it is for.
    pub address: Address,
    /// The house, where the form has it apart.
    pub house: String,
    /// Flat or office, where the form has it apart.
    pub flat: String,
    /// What is wrong with it.
    pub errors: Errors,
    /// A settlement is searched for: the page is shown again with what was found, and nothing is wrong yet. Whoever types
    /// one and presses Enter, or saves, wants it found first.
    pub is_search: bool,
}

/// Reads an address from a form.
pub fn read_address(fields: &Fields, names: &AddressNames) -> AddressRead {
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
    let house = reader.take(names.house, line(optional(names.house), HOUSE_LEN_MAX));
    let flat = reader.take(names.flat, line(optional(names.flat), HOUSE_LEN_MAX));
    let email = reader.take(names.email, email(optional(names.email)));
    let phone = reader.take(names.phone, phone(optional(names.phone)));
    let (id, revision, kind) = (0, 0, AddressKind::Legal);
    let place_kz = crate::directories::settlement(&settlement).map(|found| found.chain(Language::Kazakh));
    let address = Address { id, revision, kind, country, settlement, place, place_kz, street, email, phone };
    AddressRead { address, house, flat, errors: reader.errors, is_search }
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

fn is_at_same_place(a: &Address, b: &Address) -> bool {
    a.kind == b.kind && a.country == b.country && a.place == b.place && a.street == b.street
}

impl Part for Address {
    kept_in!(addresses);

    /// Registered, actual, postal and a few offices.
    const MAX: usize = 20;

    const ACTIONS: [AuditAction; 3] =
        [AuditAction::AddressAdded, AuditAction::AddressChanged, AuditAction::AddressDeleted];

    fn subject(&self) -> ToldSubject {
        AuditSubject::Address(self.id).called([self.place.as_str(), &self.street].join(", "))
    }

    fn told(&self) -> Vec<(AuditField, String)> {
        vec![
            (AuditField::AddressKind, self.kind.name().to_owned()),
            (AuditField::Country, countries().kept(&self.country)),
            (AuditField::Place, self.place.clone()),
            (AuditField::Street, self.street.clone()),
            (AuditField::Email, self.email.clone()),
            (AuditField::Phone, self.phone.clone()),
        ]
    }

    fn check(&self, company: &Company) -> Result<(), (&'static str, Wrong)> {
        let mut others = company.addresses.iter().filter(|other| other.id != self.id);
        let was_only_legal =
            company.addresses.iter().any(|known| known.id == self.id && known.stays(company));
        if self.kind != AddressKind::Legal && was_only_legal {
            return Err(("kind", Wrong::OnlyLegal));
        }
        if others.any(|other| is_at_same_place(other, self)) {
            return Err(("street", Wrong::SameAddress));
        }
        Ok(())
    }

    /// What the directory says of its place beside the name that everybody sees makes no other one of it.
    fn is_same(&self, other: &Self) -> bool {
        let other = Self { place_kz: self.place_kz.clone(), ..other.clone() };
        *self == other.numbered(self.id, self.revision)
    }

    /// The only legal one does.
    fn stays(&self, company: &Company) -> bool {
        let mut legal = company.addresses.iter().filter(|address| address.kind == AddressKind::Legal);
        legal.next().is_some_and(|address| address.id == self.id) && legal.next().is_none()
    }
}

#[cfg(test)]
mod tests {
    use ofd_protocol::types::UnixMillis;
    use ofd_storage::accounts::CompanyKind;

    use super::*;
    use crate::part::{Changed, PartRefusal, add, change, delete};

    fn fields(values: &[(&str, &str)]) -> Fields {
        Fields::new(values.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect())
    }

    fn address(kind: AddressKind, street: &str) -> Address {
        let read = read_address(&fields(&[("settlement", "710000000"), ("street", street)]), &ADDRESS);
        assert!(read.errors.is_empty(), "{:?}", read.errors);
        Address { kind, ..read.address }
    }

    fn changed(company: &Company, id: u32, revision: u32, draft: &Address) -> Changed<Company> {
        change(company, (id, revision.into()), draft)
    }

    fn deleted(company: &Company, id: u32, revision: u32) -> Changed<Company> {
        delete::<Address>(company, (id, revision.into()))
    }

    fn company() -> Company {
        let company =
            Company::new("151140001234".into(), "ТОО".into(), CompanyKind::LegalEntity, UnixMillis(1));
        add(&company, &address(AddressKind::Legal, "Legal 1")).unwrap().unwrap()
    }

    #[test]
    fn an_address_at_home_has_a_settlement_of_the_directory() {
        let read = address(AddressKind::Legal, " ул. Абая,  1 ");
        assert_eq!((read.country.as_str(), read.settlement.as_str()), ("KZ", "710000000"));
        assert_eq!((read.place.as_str(), read.street.as_str()), ("г. Астана", "ул. Абая, 1"));
        for settlement in ["", "1", "999999999", "190000000"] {
            let read = read_address(&fields(&[("settlement", settlement), ("street", "1")]), &ADDRESS);
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
        let read = read_address(&fields(&abroad), &ADDRESS);
        assert!(read.errors.is_empty(), "{:?}", read.errors);
        assert_eq!((read.address.settlement.as_str(), read.address.place.as_str()), ("", "Berlin"));
        let read = read_address(&fields(&[("country", "DE")]), &ADDRESS);
        assert_eq!(read.errors, [("place", Wrong::Empty), ("street", Wrong::Empty)]);
        let read = read_address(&fields(&[("country", "XX"), ("place", "A"), ("street", "B")]), &ADDRESS);
        assert_eq!(read.errors, [("country", Wrong::Choice)]);
    }

    #[test]
    fn a_town_that_was_typed_but_not_searched_is_never_passed_over() {
        let mut typed = vec![("settlement", "710000000"), ("street", "1"), ("settlement_query", "Алм")];
        let read = read_address(&fields(&typed), &ADDRESS);
        assert_eq!(read.errors, [("settlement", Wrong::Settlement)]);
        typed.push(("settlement_asked", "Алм"));
        assert!(read_address(&fields(&typed), &ADDRESS).errors.is_empty());
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
        let (legal, actual) = (read_address(&typed, &LEGAL_ADDRESS), read_address(&typed, &ACTUAL_ADDRESS));
        assert_eq!((legal.address.street.as_str(), actual.address.street.as_str()), ("L", "A"));
        assert!(!legal.is_search && actual.is_search);
    }

    #[test]
    fn the_only_legal_address_stays_one() {
        let company = company();
        let id = company.addresses[0].id;
        assert_eq!(deleted(&company, id, 1), Err(PartRefusal::Stays));
        let postal = changed(&company, id, 1, &address(AddressKind::Postal, "Legal 1"));
        assert_eq!(postal, Err(PartRefusal::Wrong("kind", Wrong::OnlyLegal)));
        let two = add(&company, &address(AddressKind::Legal, "Legal 2")).unwrap().unwrap();
        let one = deleted(&two, id, 1).unwrap().unwrap();
        assert_eq!(one.legal_address().unwrap().street, "Legal 2");
        assert_eq!(deleted(&one, one.addresses[0].id, 1), Err(PartRefusal::Stays));
        let other = add(&company, &address(AddressKind::Postal, "Post 1")).unwrap().unwrap();
        assert!(deleted(&other, other.addresses[1].id, 1).unwrap().is_some(), "others may go");
    }

    #[test]
    fn a_form_that_comes_twice_changes_nothing_the_second_time() {
        let company = company();
        assert_eq!(add(&company, &address(AddressKind::Legal, "Legal 1")), Ok(None));
        let id = company.addresses[0].id;
        let other = changed(&company, id, 1, &address(AddressKind::Legal, "Legal 9")).unwrap().unwrap();
        assert_eq!(other.addresses[0].revision, 2);
        assert_eq!(changed(&other, id, 1, &address(AddressKind::Legal, "Legal 9")), Ok(None));
        assert_eq!(deleted(&company, 99, 1), Err(PartRefusal::Gone));
    }

    #[test]
    fn a_form_older_than_the_address_is_refused() {
        let company = company();
        let id = company.addresses[0].id;
        let other = changed(&company, id, 1, &address(AddressKind::Legal, "Legal 9")).unwrap().unwrap();
        assert_eq!(changed(&other, id, 1, &address(AddressKind::Legal, "Legal 7")), Err(PartRefusal::Stale));
        assert!(changed(&other, id, 2, &address(AddressKind::Legal, "Legal 7")).unwrap().is_some());
        let two = add(&other, &address(AddressKind::Legal, "Legal 2")).unwrap().unwrap();
        assert_eq!(deleted(&two, id, 1), Err(PartRefusal::Stale));
    }

    #[test]
    fn addresses_are_not_repeated_and_not_without_end() {
        let mut company = company();
        let same = Err(PartRefusal::Wrong("street", Wrong::SameAddress));
        let legal = address(AddressKind::Legal, "Legal 1");
        assert_eq!(add(&company, &Address { phone: "+77172123456".into(), ..legal }), same);
        for number in 1..Address::MAX {
            company = add(&company, &address(AddressKind::Postal, &number.to_string())).unwrap().unwrap();
        }
        assert_eq!(add(&company, &address(AddressKind::Postal, "one more")), Err(PartRefusal::TooMany));
        let id = company.addresses[2].id;
        assert_eq!(changed(&company, id, 1, &address(AddressKind::Postal, "1")), same);
    }
}
