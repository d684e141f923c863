//! Pages of addresses.

use askama::Template;
use ofd_office::company::addresses::{ADDRESS, HOME, read_address};
use ofd_storage::accounts::{Address, AddressKind};

use super::view::{AddressView, address_line, kind_text};
use crate::cabinet::editor::{Edit, Item, PartPaths, Read, Stored, part_paths, same};
use crate::cabinet::{Ask, Choice, Failure, Fields};
use crate::company::parts::{InCompany, PartPages, PartTexts};
use crate::directories::{countries, settlement};
use crate::page::Shell;
use crate::site::Site;
use crate::typed::Wrong;
use crate::words::Words;

#[derive(Template)]
#[template(path = "address.html")]
pub(in crate::company) struct AddressPage<'a> {
    shell: Shell<'a>,
    edit: Edit,
    kinds: Vec<Choice>,
    view: AddressView,
}

/// Addresses as pages.
pub(in crate::company) struct AddressPages;

impl PartPages for AddressPages {
    type Part = Address;
    type Known = ();
    type Page<'a> = AddressPage<'a>;

    const NAME: &'static str = "address";
    const PATHS: PartPaths = part_paths!("/c/{bin}/addresses", "address");
    const TEXTS: PartTexts = PartTexts {
        list: ["company-addresses", "company-addresses-empty"],
        form: ["company-address-add", "company-address-new", "company-address-title"],
        many: "company-address-many",
        delete: ["company-address-delete", "company-address-delete-text"],
        stays: Some("company-address-only-legal"),
        done: ["company-done-address-added", "company-done-address-changed", "company-done-address-deleted"],
    };

    async fn known(_: &Site, _: &Ask) -> Result<(), Failure> {
        Ok(())
    }

    fn blank(here: &InCompany<'_, ()>) -> Vec<Stored> {
        let has_legal = here.owner.legal_address().is_some();
        let kind = if has_legal { AddressKind::Actual } else { AddressKind::Legal };
        vec![same("kind", kind.name()), same("country", HOME)]
    }

    fn stored(address: &Address, here: &InCompany<'_, ()>) -> Vec<Stored> {
        let (words, language) = (&here.words, here.words.language);
        let Address { country, settlement: code, place, street, email, phone, .. } = address;
        let country_text = countries().find(country).map(|entry| entry.names.of(language).to_owned());
        let settlement_text = settlement(code).map(|found| found.chain(language));
        vec![
            Stored::new("kind", address.kind.name(), kind_text(words, address.kind)),
            Stored::new("country", country, country_text.unwrap_or_else(|| country.clone())),
            Stored::new("settlement", code, settlement_text.unwrap_or_else(|| code.clone())),
            same("place", if code.is_empty() { place } else { "" }),
            same("street", street),
            same("email", email),
            same("phone", phone),
        ]
    }

    fn read(fields: &Fields, _: &InCompany<'_, ()>) -> Read<Address> {
        let mut read = read_address(fields, &ADDRESS);
        if read.is_search {
            return Read::Search(ADDRESS.settlement);
        }
        match AddressKind::ALL.into_iter().find(|kind| kind.name() == fields.text("kind")) {
            Some(kind) => read.address.kind = kind,
            None => read.errors.push(("kind", Wrong::Choice)),
        }
        Read::of((read.address, read.errors))
    }

    fn page<'a>(mut shell: Shell<'a>, edit: Edit, here: &InCompany<'_, ()>) -> AddressPage<'a> {
        shell.has_search = true;
        let kind = |kind: AddressKind| Choice::new(kind.name(), kind_text(&here.words, kind));
        let view = AddressView::of(&here.words, &edit.form, ADDRESS);
        AddressPage { shell, edit, kinds: AddressKind::ALL.into_iter().map(kind).collect(), view }
    }

    fn item(words: &Words<'_>, address: &Address) -> Item {
        let notes = [&address.email, &address.phone].into_iter().filter(|text| !text.is_empty());
        Item {
            heading: kind_text(words, address.kind),
            badges: Vec::new(),
            text: address_line(address, words.language),
            notes: notes.cloned().collect(),
        }
    }
}
