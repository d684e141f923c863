//! The forms of a company's contacts, attributes and head. They are pieces of one profile and share its revision.

use std::future::Future;

use askama::Template;
use ofd_storage::accounts::{
    Attributes, AuditAction, AuditEntry, Company, CompanyKind, HeadOfCompany, Profile,
};

use super::rules::{
    Contacts, NAME_LEN_MAX, NUMBER_LEN_MAX, OFFICE_LEN_MAX, POSITION_LEN_MAX, change, read_attributes,
    read_head,
};
use super::view::{attributes_stored, choices, employees, head_stored, sizes};
use crate::cabinet::editor::{Edit, EditorForm, Here, Opened, Owner, Read, Stored, same, single_page};
use crate::cabinet::{Access, Ask, Choice, Failure, Fields, Pages, Right};
use crate::company::parts::InCompany;
use crate::day::today;
use crate::directories::{legal_forms, ownership_forms, sectors};
use crate::page::Shell;
use crate::part::Changed;
use crate::site::Site;

/// The addresses of these pages.
pub(super) fn pages(pages: Pages) -> Pages {
    let edit = Access::Company(Right::EditCompany);
    let pages = single_page::<Of<ContactsForm>>(pages, ("/c/{bin}/contacts", "company_contacts"), edit);
    let pages = single_page::<Of<AttributesForm>>(pages, ("/c/{bin}/attributes", "company_attributes"), edit);
    single_page::<Of<HeadForm>>(pages, ("/c/{bin}/head", "company_head"), edit)
}

/// A form over a piece of the profile.
trait ProfileForm: Send + Sync + 'static {
    type Known: Send + Sync;
    type Draft: Send + Sync;
    type Page<'a>: Template;

    /// What the company's page says was saved.
    const DONE: &'static str;
    const TITLE: &'static str;

    fn known(site: &Site, ask: &Ask) -> impl Future<Output = Result<Self::Known, Failure>> + Send;
    fn stored(here: &InCompany<'_, Self::Known>) -> Vec<Stored>;
    fn read(fields: &Fields, here: &InCompany<'_, Self::Known>) -> Read<Self::Draft>;
    fn set(profile: &mut Profile, draft: &Self::Draft);
    fn page<'a>(shell: Shell<'a>, edit: Edit, here: &InCompany<'_, Self::Known>) -> Self::Page<'a>;
}

/// A piece of the profile as the editor takes it.
struct Of<F>(std::marker::PhantomData<fn() -> F>);

impl<F: ProfileForm> EditorForm for Of<F> {
    type Owner = Company;
    type Known = F::Known;
    type Draft = F::Draft;
    type Page<'a> = F::Page<'a>;

    fn title(_: Option<u32>) -> &'static str {
        F::TITLE
    }

    fn done(_: Option<u32>) -> String {
        F::DONE.to_owned()
    }

    fn known(site: &Site, ask: &Ask) -> impl Future<Output = Result<F::Known, Failure>> + Send {
        F::known(site, ask)
    }

    fn stored(here: &Here<'_, Company, F::Known>, _: Option<u32>) -> Option<(u32, Vec<Stored>)> {
        Some((here.owner.profile.revision, F::stored(here)))
    }

    fn read(fields: &Fields, here: &Here<'_, Company, F::Known>) -> Read<F::Draft> {
        F::read(fields, here)
    }

    fn apply(company: &Company, opened: Opened, draft: &F::Draft) -> Changed<Company> {
        change(company, opened.revision, |profile| F::set(profile, draft))
    }

    fn is_told_by(row: &AuditEntry, _: &Company, _: Option<u32>) -> bool {
        row.action == AuditAction::ProfileChanged
    }

    fn page<'a>(shell: Shell<'a>, edit: Edit, here: &Here<'_, Company, F::Known>) -> F::Page<'a> {
        F::page(shell, edit, here)
    }
}

#[derive(Template)]
#[template(path = "company_contacts.html")]
struct ContactsPage<'a> {
    shell: Shell<'a>,
    edit: Edit,
}

struct ContactsForm;

impl ProfileForm for ContactsForm {
    type Known = ();
    type Draft = Contacts;
    type Page<'a> = ContactsPage<'a>;

    const DONE: &'static str = "contacts";
    const TITLE: &'static str = "company-contacts";

    async fn known(_: &Site, _: &Ask) -> Result<(), Failure> {
        Ok(())
    }

    fn stored(here: &InCompany<'_, ()>) -> Vec<Stored> {
        let Profile { email, phones, site, .. } = &here.owner.profile;
        vec![same("email", email), same("phones", phones), same("site", site)]
    }

    fn read(fields: &Fields, _: &InCompany<'_, ()>) -> Read<Contacts> {
        Read::of(Contacts::read(fields))
    }

    fn set(profile: &mut Profile, Contacts { email, phones, site }: &Contacts) {
        profile.email.clone_from(email);
        profile.phones.clone_from(phones);
        profile.site.clone_from(site);
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

impl ProfileForm for AttributesForm {
    /// The day it is: a registration lies before it.
    type Known = time::Date;
    type Draft = Attributes;
    type Page<'a> = AttributesPage<'a>;

    const DONE: &'static str = "attributes";
    const TITLE: &'static str = "company-attributes";

    async fn known(site: &Site, ask: &Ask) -> Result<time::Date, Failure> {
        Ok(today(ask.now(), site.config.zone_offset_seconds))
    }

    fn stored(here: &InCompany<'_, time::Date>) -> Vec<Stored> {
        attributes_stored(&here.words, &here.owner.profile.attributes)
    }

    fn read(fields: &Fields, here: &InCompany<'_, time::Date>) -> Read<Attributes> {
        Read::of(read_attributes(fields, *here.known))
    }

    fn set(profile: &mut Profile, attributes: &Attributes) {
        profile.attributes.clone_from(attributes);
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

impl ProfileForm for HeadForm {
    type Known = ();
    type Draft = HeadOfCompany;
    type Page<'a> = HeadPage<'a>;

    const DONE: &'static str = "head";
    const TITLE: &'static str = "company-head";

    /// An entrepreneur is his own head.
    async fn known(_: &Site, ask: &Ask) -> Result<(), Failure> {
        match Company::of(ask)?.kind {
            CompanyKind::LegalEntity => Ok(()),
            CompanyKind::Entrepreneur | CompanyKind::Operator => Err(Failure::NotFound),
        }
    }

    fn stored(here: &InCompany<'_, ()>) -> Vec<Stored> {
        head_stored(&here.words, &here.owner.profile.head)
    }

    fn read(fields: &Fields, here: &InCompany<'_, ()>) -> Read<HeadOfCompany> {
        Read::of(read_head(fields, &here.owner.members))
    }

    fn set(profile: &mut Profile, head: &HeadOfCompany) {
        profile.head.clone_from(head);
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
