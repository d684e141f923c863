//! Contact persons of a company as pages.

use askama::Template;
use ofd_office::company::contact_persons::{NAME_LEN_MAX, POSITION_LEN_MAX, read_contact_person};
use ofd_storage::accounts::{ContactPerson, ContactPurpose};

use super::parts::{InCompany, PartPages, PartTexts};
use crate::cabinet::editor::{Edit, Item, PartPaths, Read, Stored, part_paths, same};
use crate::cabinet::{Ask, Choice, Failure, Fields};
use crate::page::Shell;
use crate::site::Site;
use crate::vocabulary::Word;
use crate::words::Words;

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
        Read::of(read_contact_person(fields))
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
