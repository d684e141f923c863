//! Contact persons of a company: whom the operator turns to about what.

use askama::Template;
use ofd_storage::accounts::{
    AuditAction, AuditField, AuditSubject, Company, ContactPerson, ContactPurpose, ToldSubject,
};

use super::parts::{InCompany, PartPages, PartTexts};
use crate::cabinet::editor::{Edit, Item, PartPaths, Read, Stored, part_paths, same};
use crate::cabinet::{Ask, Choice, Failure, Fields};
use crate::page::Shell;
use crate::part::Part;
use crate::site::Site;
use crate::typed::{Errors, Reader, Wrong, email, full_line, line, phone};
use crate::vocabulary::Word;
use crate::words::Words;

/// Characters of a person's name: the longest in certificates is shorter.
const NAME_LEN_MAX: usize = 150;

/// Characters of a position.
const POSITION_LEN_MAX: usize = 100;

/// Reads a contact person from a form. Phone or e-mail must be there: else nobody could turn to the person.
fn read(fields: &Fields) -> (ContactPerson, Errors) {
    let mut reader = Reader::default();
    let purpose = ContactPurpose::from_name(fields.text("purpose")).ok_or(Wrong::Choice);
    let purpose = reader.take("purpose", purpose.map(Some)).unwrap_or(ContactPurpose::General);
    let name = reader.take("name", full_line(fields.text("name"), NAME_LEN_MAX));
    let position = reader.take("position", line(fields.text("position"), POSITION_LEN_MAX));
    let is_reachable = ["phone", "email"].iter().any(|way| !fields.text(way).is_empty());
    let phone = phone(fields.text("phone"));
    let phone = reader.take("phone", if is_reachable { phone } else { Err(Wrong::Empty) });
    let email = reader.take("email", email(fields.text("email")));
    (ContactPerson { id: 0, revision: 0, purpose, name, position, phone, email }, reader.errors)
}

impl Part for ContactPerson {
    kept_in!(contact_persons);

    /// One or two for each purpose, in several offices.
    const MAX: usize = 20;

    const ACTIONS: [AuditAction; 3] = [
        AuditAction::ContactPersonAdded,
        AuditAction::ContactPersonChanged,
        AuditAction::ContactPersonDeleted,
    ];

    fn subject(&self) -> ToldSubject {
        AuditSubject::ContactPerson(self.id).called(self.name.as_str())
    }

    fn told(&self) -> Vec<(AuditField, String)> {
        vec![
            (AuditField::ContactPurpose, self.purpose.name().to_owned()),
            (AuditField::Name, self.name.clone()),
            (AuditField::Position, self.position.clone()),
            (AuditField::Phone, self.phone.clone()),
            (AuditField::Email, self.email.clone()),
        ]
    }
}

#[derive(Template)]
#[template(path = "contact_person.html")]
pub(super) struct ContactPersonPage<'a> {
    shell: Shell<'a>,
    edit: Edit,
    purposes: Vec<Choice>,
}

/// Contact persons as pages.
pub(super) struct ContactPersonPages;

impl PartPages for ContactPersonPages {
    type Part = ContactPerson;
    type Known = ();
    type Page<'a> = ContactPersonPage<'a>;

    const NAME: &'static str = "contact-person";
    const PATHS: PartPaths = part_paths!("/c/{bin}/contact-persons", "contact_person");
    const TEXTS: PartTexts = PartTexts {
        list: ["contact-persons", "contact-persons-empty"],
        form: ["contact-person-add", "contact-person-new", "contact-person-title"],
        many: "contact-person-many",
        delete: ["contact-person-delete", "contact-person-delete-text"],
        stays: None,
        done: ["contact-person-added", "contact-person-changed", "contact-person-deleted"],
    };

    async fn known(_: &Site, _: &Ask) -> Result<(), Failure> {
        Ok(())
    }

    fn blank(_: &InCompany<'_, ()>) -> Vec<Stored> {
        vec![same("purpose", ContactPurpose::General.name())]
    }

    fn stored(person: &ContactPerson, here: &InCompany<'_, ()>) -> Vec<Stored> {
        vec![
            Stored::new("purpose", person.purpose.name(), person.purpose.text(&here.words)),
            same("name", &person.name),
            same("position", &person.position),
            same("phone", &person.phone),
            same("email", &person.email),
        ]
    }

    fn read(fields: &Fields, _: &InCompany<'_, ()>) -> Read<ContactPerson> {
        Read::of(read(fields))
    }

    fn page<'a>(shell: Shell<'a>, edit: Edit, here: &InCompany<'_, ()>) -> ContactPersonPage<'a> {
        let purpose = |purpose: ContactPurpose| Choice::new(purpose.name(), purpose.text(&here.words));
        ContactPersonPage { shell, edit, purposes: ContactPurpose::ALL.into_iter().map(purpose).collect() }
    }

    fn item(words: &Words<'_>, person: &ContactPerson) -> Item {
        let notes = [&person.position, &person.phone, &person.email].into_iter();
        Item {
            heading: person.name.clone(),
            badges: Vec::new(),
            text: person.purpose.text(words),
            notes: notes.filter(|text| !text.is_empty()).cloned().collect(),
        }
    }
}
