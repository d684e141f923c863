//! The forms of a company's contacts, attributes and head. They are pieces of one profile and share its revision.

use askama::Template;
use ofd_office::company::profile::{
    Contacts, NAME_LEN_MAX, NUMBER_LEN_MAX, OFFICE_LEN_MAX, POSITION_LEN_MAX, change, read_attributes,
    read_head,
};
use ofd_storage::accounts::{
    Attributes, AuditAction, AuditEntry, Company, CompanyKind, HeadOfCompany, Profile,
};

use super::view::{attributes_stored, choices, employees, head_stored, sizes};
use crate::cabinet::editor::{Edit, EditorForm, Opened, Owner, Read, Stored, same, single_page};
use crate::cabinet::{Access, Ask, Choice, Failure, Fields, Pages, Right};
use crate::company::owner::OfCompany;
use crate::company::parts::InCompany;
use crate::day::today;
use crate::directories::{legal_forms, ownership_forms, sectors};
use crate::page::Shell;
use crate::part::Changed;
use crate::site::Site;

/// The addresses of these pages.
pub(super) fn pages(pages: Pages) -> Pages {
    let edit = Access::Member(Right::EditCompany);
    let pages = single_page::<ContactsForm>(pages, ("/c/{bin}/contacts", "company_contacts"), edit);
    let pages = single_page::<AttributesForm>(pages, ("/c/{bin}/attributes", "company_attributes"), edit);
    single_page::<HeadForm>(pages, ("/c/{bin}/head", "company_head"), edit)
}

#[derive(Template)]
#[template(path = "company_contacts.html")]
struct ContactsPage<'a> {
    shell: Shell<'a>,
    edit: Edit,
}

struct ContactsForm;

impl EditorForm for ContactsForm {
    type Owner = OfCompany;
    type Known = ();
    type Draft = Contacts;
    type Page<'a> = ContactsPage<'a>;

    fn title(_: Option<u32>) -> &'static str {
        "company-contacts"
    }

    fn done(_: Option<u32>) -> String {
        "contacts".to_owned()
    }

    async fn known(_: &Site, _: &Ask) -> Result<(), Failure> {
        Ok(())
    }

    fn stored(here: &InCompany<'_, ()>, _: Option<u32>) -> Option<(u32, Vec<Stored>)> {
        let Profile { revision, email, phones, site, .. } = &here.owner.profile;
        Some((*revision, vec![same("email", email), same("phones", phones), same("site", site)]))
    }

    fn read(fields: &Fields, _: &InCompany<'_, ()>) -> Read<Contacts> {
        Read::of(Contacts::read(fields))
    }

    fn apply(
        company: &Company,
        opened: Opened,
        Contacts { email, phones, site }: &Contacts,
    ) -> Changed<Company> {
        change(company, opened.revision, |profile| {
            profile.email.clone_from(email);
            profile.phones.clone_from(phones);
            profile.site.clone_from(site);
        })
    }

    fn is_told_by(row: &AuditEntry, _: &Company, _: Option<u32>) -> bool {
        row.action == AuditAction::ProfileChanged
    }

    fn page<'a>(shell: Shell<'a>, edit: Edit, _: &InCompany<'_, ()>) -> ContactsPage<'a> {
        ContactsPage { shell, edit }
    }
}

#[derive(Template)]
#[template(path = "company_attributes.html")]
struct AttributesPage<'a> {
    shell: Shell<'a>,
    edit: Edit,
    legal_forms: Vec<Choice>,
    sectors: Vec<Choice>,
    ownership: Vec<Choice>,
    sizes: Vec<Choice>,
    number_len_max: usize,
    office_len_max: usize,
}

struct AttributesForm;

impl EditorForm for AttributesForm {
    type Owner = OfCompany;
    /// The day it is: a registration lies before it.
    type Known = time::Date;
    type Draft = Attributes;
    type Page<'a> = AttributesPage<'a>;

    fn title(_: Option<u32>) -> &'static str {
        "company-attributes"
    }

    fn done(_: Option<u32>) -> String {
        "attributes".to_owned()
    }

    async fn known(site: &Site, ask: &Ask) -> Result<time::Date, Failure> {
        Ok(today(ask.now(), site.config.zone_offset_seconds))
    }

    fn stored(here: &InCompany<'_, time::Date>, _: Option<u32>) -> Option<(u32, Vec<Stored>)> {
        let profile = &here.owner.profile;
        Some((profile.revision, attributes_stored(&here.words, &profile.attributes)))
    }

    fn read(fields: &Fields, here: &InCompany<'_, time::Date>) -> Read<Attributes> {
        Read::of(read_attributes(fields, *here.known))
    }

    fn apply(company: &Company, opened: Opened, attributes: &Attributes) -> Changed<Company> {
        change(company, opened.revision, |profile| profile.attributes.clone_from(attributes))
    }

    fn is_told_by(row: &AuditEntry, _: &Company, _: Option<u32>) -> bool {
        row.action == AuditAction::ProfileChanged
    }

    fn page<'a>(shell: Shell<'a>, edit: Edit, here: &InCompany<'_, time::Date>) -> AttributesPage<'a> {
        let words = &here.words;
        AttributesPage {
            shell,
            edit,
            legal_forms: choices(words, legal_forms(), false),
            sectors: choices(words, sectors(), true),
            ownership: choices(words, ownership_forms(), false),
            sizes: sizes(words),
            number_len_max: NUMBER_LEN_MAX,
            office_len_max: OFFICE_LEN_MAX,
        }
    }
}

#[derive(Template)]
#[template(path = "company_head.html")]
struct HeadPage<'a> {
    shell: Shell<'a>,
    edit: Edit,
    employees: Vec<Choice>,
    name_len_max: usize,
    position_len_max: usize,
}

struct HeadForm;

impl EditorForm for HeadForm {
    type Owner = OfCompany;
    type Known = ();
    type Draft = HeadOfCompany;
    type Page<'a> = HeadPage<'a>;

    fn title(_: Option<u32>) -> &'static str {
        "company-head"
    }

    fn done(_: Option<u32>) -> String {
        "head".to_owned()
    }

    /// An entrepreneur is his own head.
    async fn known(_: &Site, ask: &Ask) -> Result<(), Failure> {
        match OfCompany::of(ask)?.kind {
            CompanyKind::LegalEntity => Ok(()),
            CompanyKind::Entrepreneur | CompanyKind::Operator => Err(Failure::NotFound),
        }
    }

    fn stored(here: &InCompany<'_, ()>, _: Option<u32>) -> Option<(u32, Vec<Stored>)> {
        let profile = &here.owner.profile;
        Some((profile.revision, head_stored(&here.words, &profile.head)))
    }

    fn read(fields: &Fields, here: &InCompany<'_, ()>) -> Read<HeadOfCompany> {
        Read::of(read_head(fields, &here.owner.members))
    }

    fn apply(company: &Company, opened: Opened, head: &HeadOfCompany) -> Changed<Company> {
        change(company, opened.revision, |profile| profile.head.clone_from(head))
    }

    fn is_told_by(row: &AuditEntry, _: &Company, _: Option<u32>) -> bool {
        row.action == AuditAction::ProfileChanged
    }

    fn page<'a>(shell: Shell<'a>, edit: Edit, here: &InCompany<'_, ()>) -> HeadPage<'a> {
        HeadPage {
            shell,
            edit,
            employees: employees(&here.words, &here.owner.members),
            name_len_max: NAME_LEN_MAX,
            position_len_max: POSITION_LEN_MAX,
        }
    }
}
