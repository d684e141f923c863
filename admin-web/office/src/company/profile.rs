//! Contacts, attributes and head of a company: how they are read from a form and kept.

use ofd_storage::accounts::{AccountId, Attributes, Company, HeadOfCompany, Member, Profile};

use super::bank_accounts::with_kbe;
use crate::directories::{Directory, legal_forms, ownership_forms, sectors};
use crate::fields::Fields;
use crate::part::{Changed, PartRefusal};
use crate::revision::Revision;
use crate::typed::{Errors, Reader, Wrong, email, full_line, iin, line, oked, past_day, phones, site};

/// Characters of a document's number.
pub const NUMBER_LEN_MAX: usize = 50;

/// Characters of the name of an office.
pub const OFFICE_LEN_MAX: usize = 200;

/// Characters of a person's name: the longest in certificates is shorter.
pub const NAME_LEN_MAX: usize = 150;

/// Characters of a position.
pub const POSITION_LEN_MAX: usize = 100;

/// Sizes of a business, as they are kept.
pub const SIZES: [&str; 3] = ["small", "medium", "large"];

/// Contacts as they were typed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Contacts {
    /// The address of letters; may be empty.
    pub email: String,
    /// Telephone numbers, divided by commas.
    pub phones: String,
    /// The company's own site, as a web address.
    pub site: String,
}

impl Contacts {
    /// Reads them from a form, with what is wrong with its fields.
    pub fn read(fields: &Fields) -> (Self, Errors) {
        let mut reader = Reader::default();
        let contacts = Self {
            email: reader.take("email", email(fields.text("email"))),
            phones: reader.take("phones", phones(fields.raw("phones"))),
            site: reader.take("site", site(fields.text("site"))),
        };
        (contacts, reader.errors)
    }
}

/// Reads attributes from a form.
pub fn read_attributes(fields: &Fields, today: time::Date) -> (Attributes, Errors) {
    let mut reader = Reader::default();
    let listed = |directory: &Directory, name: &str| {
        let code = fields.text(name);
        let is_listed = code.is_empty() || directory.find(code).is_some();
        if is_listed { Ok(code.to_owned()) } else { Err(Wrong::Choice) }
    };
    let size = match fields.text("size") {
        "" => Ok(String::new()),
        size if SIZES.contains(&size) => Ok(size.to_owned()),
        _ => Err(Wrong::Choice),
    };
    let number = line(fields.text("document_number"), NUMBER_LEN_MAX);
    let attributes = Attributes {
        registered_on: reader.take("registered_on", past_day(fields.text("registered_on"), today)),
        document_number: reader.take("document_number", number),
        registered_by: reader.take("registered_by", line(fields.text("registered_by"), OFFICE_LEN_MAX)),
        legal_form: reader.take("legal_form", listed(legal_forms(), "legal_form")),
        sector: reader.take("sector", listed(sectors(), "sector")),
        ownership: reader.take("ownership", listed(ownership_forms(), "ownership")),
        is_resident: fields.is_ticked("is_resident"),
        size: reader.take("size", size),
        oked: reader.take("oked", oked(fields.text("oked"))),
    };
    (attributes, reader.errors)
}

/// Reads the head from a form: one of the company's people, or a name that was typed.
pub fn read_head(fields: &Fields, members: &[Member]) -> (HeadOfCompany, Errors) {
    let mut reader = Reader::default();
    let position = reader.take("position", full_line(fields.text("position"), POSITION_LEN_MAX));
    let (chosen, typed) = (fields.text("employee"), fields.text("name"));
    let mut head = HeadOfCompany { position, ..HeadOfCompany::default() };
    if chosen.is_empty() {
        head.name = reader.take("name", full_line(typed, NAME_LEN_MAX));
        head.iin = reader.take("iin", iin(fields.text("iin")));
        return (head, reader.errors);
    }
    let member = chosen.parse::<AccountId>().ok();
    let member = member.and_then(|id| members.iter().find(|member| member.account == id));
    match member {
        None => reader.errors.push(("employee", Wrong::Choice)),
        Some(_) if !typed.is_empty() || !fields.text("iin").is_empty() => {
            reader.errors.push(("name", Wrong::TwoHeads));
        }
        Some(member) => {
            head.account = Some(member.account);
            head.name.clone_from(&member.name);
            head.iin = member.iin.clone().unwrap_or_default();
        }
    }
    (head, reader.errors)
}

/// Changes the profile, which was at `revision` when the form was opened. `None`: it is so already.
pub fn change(company: &Company, revision: Revision, set: impl Fn(&mut Profile)) -> Changed<Company> {
    let mut changed = company.clone();
    set(&mut changed.profile);
    if changed.profile == company.profile {
        return Ok(None);
    }
    if !revision.is(company.profile.revision) {
        return Err(PartRefusal::Stale);
    }
    changed.profile.revision = company.profile.revision.saturating_add(1);
    Ok(Some(with_kbe(changed)))
}

#[cfg(test)]
mod tests {
    use ofd_protocol::types::UnixMillis;
    use ofd_storage::accounts::{CompanyKind, Role};

    use super::*;

    fn fields(values: &[(&str, &str)]) -> Fields {
        Fields::new(values.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect())
    }

    fn member() -> Member {
        Member {
            account: AccountId(7),
            name: "ИВАНОВА АЙГУЛЬ".into(),
            iin: Some("900101350125".into()),
            email: String::new(),
            roles: vec![Role::Reader],
            block: None,
            since: UnixMillis(1),
            revision: 1,
        }
    }

    fn company() -> Company {
        Company::new("151140001234".into(), "ТОО".into(), CompanyKind::LegalEntity, UnixMillis(1))
    }

    fn today() -> time::Date {
        time::Date::from_calendar_date(2026, time::Month::November, 22).unwrap()
    }

    #[test]
    fn contacts_are_kept_as_they_are_compared() {
        let (contacts, errors) = Contacts::read(&fields(&[
            ("email", " Info@Example.KZ "),
            ("phones", "+77172123456\n+77012345678"),
            ("site", "example.kz"),
        ]));
        assert!(errors.is_empty(), "{errors:?}");
        assert_eq!(contacts.email, "Info@example.kz");
        assert_eq!(contacts.phones, "+77172123456, +77012345678");
        assert_eq!(contacts.site, "https://example.kz");
        let (_, errors) = Contacts::read(&fields(&[("email", "no"), ("phones", "no"), ("site", "no")]));
        assert_eq!(errors, [("email", Wrong::Email), ("phones", Wrong::Phone), ("site", Wrong::Site)]);
        assert!(Contacts::read(&fields(&[])).1.is_empty(), "a company may say nothing");
    }

    #[test]
    fn attributes_come_from_directories() {
        let right = [
            ("registered_on", "2015-11-02"),
            ("legal_form", "20"),
            ("sector", "7"),
            ("ownership", "private"),
            ("size", "small"),
            ("is_resident", "yes"),
            ("oked", "47.11.1"),
        ];
        let (attributes, errors) = read_attributes(&fields(&right), today());
        assert!(errors.is_empty() && attributes.is_resident && attributes.oked == "47111", "{errors:?}");
        let wrong = [
            ("registered_on", "2027-01-01"),
            ("legal_form", "x"),
            ("sector", "0"),
            ("ownership", "x"),
            ("size", "huge"),
            ("oked", "34111"),
        ];
        let (_, errors) = read_attributes(&fields(&wrong), today());
        let names: Vec<&str> = errors.iter().map(|(name, _)| *name).collect();
        assert_eq!(names, ["registered_on", "legal_form", "sector", "ownership", "size", "oked"]);
    }

    #[test]
    fn the_head_is_an_employee_or_somebody_typed_never_both() {
        let members = [member()];
        let chosen = member().account.to_string();
        let (head, errors) = read_head(&fields(&[("employee", &chosen), ("position", "Директор")]), &members);
        assert!(errors.is_empty(), "{errors:?}");
        assert_eq!(
            (head.account, head.name.as_str(), head.iin.as_str()),
            (Some(AccountId(7)), "ИВАНОВА АЙГУЛЬ", "900101350125")
        );
        let both = [("employee", chosen.as_str()), ("name", "ПЕТРОВ"), ("position", "Директор")];
        assert_eq!(read_head(&fields(&both), &members).1, [("name", Wrong::TwoHeads)]);
        let stranger = AccountId(8).to_string();
        let strange = [("employee", stranger.as_str()), ("position", "Директор")];
        assert_eq!(
            read_head(&fields(&strange), &members).1,
            [("employee", Wrong::Choice)],
            "of another company"
        );
        assert_eq!(read_head(&fields(&[]), &members).1, [("position", Wrong::Empty), ("name", Wrong::Empty)]);
        let typed = [("name", "ПЕТРОВ"), ("iin", "123"), ("position", "Директор")];
        assert_eq!(read_head(&fields(&typed), &members).1, [("iin", Wrong::Iin)]);
    }

    #[test]
    fn the_second_of_two_editors_is_told() {
        let company = company();
        let first =
            change(&company, 0.into(), |profile| profile.email = "a@example.kz".into()).unwrap().unwrap();
        assert_eq!(first.profile.revision, 1);
        assert_eq!(
            change(&first, 0.into(), |profile| profile.email = "b@example.kz".into()),
            Err(PartRefusal::Stale)
        );
        let same = change(&first, 0.into(), |profile| profile.email = "a@example.kz".into());
        assert_eq!(same, Ok(None), "a form that comes twice is no conflict");
        assert!(change(&first, 1.into(), |profile| profile.email = "b@example.kz".into()).unwrap().is_some());
    }

    #[test]
    fn a_damaged_revision_overwrites_nothing_not_even_what_nobody_changed_yet() {
        let set = |profile: &mut Profile| profile.email = "a@example.kz".into();
        assert_eq!(change(&company(), Revision::read("x"), set), Err(PartRefusal::Stale));
    }
}
