//! The page of a company, and the forms of its contacts, attributes and head.

use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;
use ofd_storage::accounts::{AuditAction, AuditSubject, Company, CompanyKind, Profile};

use super::rules::{
    Contacts, NAME_LEN_MAX, NUMBER_LEN_MAX, OFFICE_LEN_MAX, POSITION_LEN_MAX, Stale, change, read_attributes,
    read_head,
};
use super::view::{
    Item, Section, accounts, addresses, attribute_labels, attribute_values, choices, company_kind,
    contact_values, employees, head_labels, head_values, sections, sizes,
};
use crate::cabinet::{Access, Ask, At, Choice, Failure, Form, Pages, Right, see_other};
use crate::company::accounts::ACCOUNTS_MAX;
use crate::company::addresses::ADDRESSES_MAX;
use crate::company::change::{Stored, apply, company, revision_of, stored, tell_stale, today};
use crate::company::typed::{Errors, tell};
use crate::directories::{legal_forms, ownership_forms, sectors};
use crate::page::Shell;
use crate::routes::Menu;

const SHOW: &str = "/c/{bin}";
const CONTACTS: &str = "/c/{bin}/contacts";
const ATTRIBUTES: &str = "/c/{bin}/attributes";
const HEAD: &str = "/c/{bin}/head";

/// The addresses of these pages.
pub(in crate::company) fn pages(pages: Pages) -> Pages {
    let (see, edit) = (Access::Company(Right::SeeCompany), Access::Company(Right::EditCompany));
    pages
        .get(SHOW, "company", see, show)
        .menu(Menu::Company, 10, "menu-company")
        .get(CONTACTS, "company_contacts", edit, show_contacts)
        .post(CONTACTS, "company_contacts", edit, take_contacts)
        .get(ATTRIBUTES, "company_attributes", edit, show_attributes)
        .post(ATTRIBUTES, "company_attributes", edit, take_attributes)
        .get(HEAD, "company_head", edit, show_head)
        .post(HEAD, "company_head", edit, take_head)
}

#[derive(Template)]
#[template(path = "company.html")]
struct CompanyPage<'a> {
    shell: Shell<'a>,
    notice: Option<String>,
    /// The company has just been registered: what is still to be done.
    next: Option<String>,
    /// Where a bank account is added, unless one was given at once.
    next_account: Option<String>,
    bin: String,
    title: String,
    kind: String,
    since: String,
    sections: Vec<Section>,
    addresses: Vec<Item>,
    add_address: Option<String>,
    accounts: Vec<Item>,
    add_account: Option<String>,
    employees: Option<String>,
}

#[derive(Template)]
#[template(path = "company_contacts.html")]
struct ContactsPage<'a> {
    shell: Shell<'a>,
    form: Form,
    action: String,
    back: String,
    revision: u32,
}

#[derive(Template)]
#[template(path = "company_attributes.html")]
struct AttributesPage<'a> {
    shell: Shell<'a>,
    form: Form,
    action: String,
    back: String,
    revision: u32,
    legal_forms: Vec<Choice>,
    sectors: Vec<Choice>,
    ownership: Vec<Choice>,
    sizes: Vec<Choice>,
    number_len_max: usize,
    office_len_max: usize,
}

#[derive(Template)]
#[template(path = "company_head.html")]
struct HeadPage<'a> {
    shell: Shell<'a>,
    form: Form,
    action: String,
    back: String,
    revision: u32,
    employees: Vec<Choice>,
    name_len_max: usize,
    position_len_max: usize,
}

/// The parts of the profile that have a form each.
#[derive(Clone, Copy)]
enum Part {
    Contacts,
    Attributes,
    Head,
}

impl Part {
    fn path(self, ask: &Ask) -> String {
        let name = match self {
            Self::Contacts => "contacts",
            Self::Attributes => "attributes",
            Self::Head => "head",
        };
        format!("/c/{}/{name}", ask.bin())
    }
}

/// What was done just now: the text of a notice, from a closed set of names.
fn notice_key(done: &str) -> Option<&'static str> {
    Some(match done {
        "welcome" => "company-done-welcome",
        "joined" => "company-done-joined",
        "contacts" => "company-done-contacts",
        "attributes" => "company-done-attributes",
        "head" => "company-done-head",
        "address-added" => "company-done-address-added",
        "address-changed" => "company-done-address-changed",
        "address-deleted" => "company-done-address-deleted",
        "account-added" => "company-done-account-added",
        "account-changed" => "company-done-account-changed",
        "account-deleted" => "company-done-account-deleted",
        "gone" => "company-done-gone",
        _ => return None,
    })
}

/// What is still to be done for a company that was just registered: nothing that was given at the registration.
fn next_key(company: &Company) -> &'static str {
    if company.bank_accounts.is_empty() { "company-next" } else { "company-next-people" }
}

async fn show(site: At, ask: Ask) -> Result<Response, Failure> {
    let words = site.texts(&ask);
    let company = company(&ask)?;
    let path = format!("/c/{}", company.bin);
    let mut shell = site.frame(&ask, "company-title", &path);
    let title = words.organisation(&company.title);
    shell.title.clone_from(&title);
    let may_edit = ask.may(Right::EditCompany);
    let add =
        |what: &str, len: usize, max: usize| (may_edit && len < max).then(|| format!("{path}/{what}/new"));
    let page = CompanyPage {
        shell,
        notice: notice_key(ask.parameter("done")).map(|key| words.say(key)),
        next: (ask.parameter("done") == "welcome").then(|| words.say(next_key(company))),
        next_account: company
            .bank_accounts
            .is_empty()
            .then(|| add("bank-accounts", 0, ACCOUNTS_MAX))
            .flatten(),
        bin: company.bin.clone(),
        title,
        kind: company_kind(&words, company.kind),
        since: site.day(&ask, company.since),
        sections: sections(&words, &ask, company),
        addresses: addresses(&words, &ask, company),
        add_address: add("addresses", company.addresses.len(), ADDRESSES_MAX),
        accounts: accounts(&words, &ask, company),
        add_account: add("bank-accounts", company.bank_accounts.len(), ACCOUNTS_MAX),
        employees: ask.may(Right::ManageEmployees).then(|| format!("{path}/employees")),
    };
    Ok(site.show(&ask, StatusCode::OK, &page))
}

/// The page of a form.
fn page(
    site: &At,
    ask: &Ask,
    part: Part,
    form: Form,
    (revision, status): (u32, StatusCode),
) -> Result<Response, Failure> {
    let (words, action, back) = (site.texts(ask), part.path(ask), format!("/c/{}", ask.bin()));
    let (form, revision) = (ask.again(form), ask.again_revision(revision));
    Ok(match part {
        Part::Contacts => {
            let shell = site.form_frame(ask, "company-contacts", &action);
            site.show(ask, status, &ContactsPage { shell, form, action, back, revision })
        }
        Part::Attributes => {
            let page = AttributesPage {
                shell: site.form_frame(ask, "company-attributes", &action),
                form,
                action,
                back,
                revision,
                legal_forms: choices(&words, legal_forms(), false),
                sectors: choices(&words, sectors(), true),
                ownership: choices(&words, ownership_forms(), false),
                sizes: sizes(&words),
                number_len_max: NUMBER_LEN_MAX,
                office_len_max: OFFICE_LEN_MAX,
            };
            site.show(ask, status, &page)
        }
        Part::Head => {
            let page = HeadPage {
                shell: site.form_frame(ask, "company-head", &action),
                form,
                action,
                back,
                revision,
                employees: employees(&words, &company(ask)?.members),
                name_len_max: NAME_LEN_MAX,
                position_len_max: POSITION_LEN_MAX,
            };
            site.show(ask, status, &page)
        }
    })
}

/// Shows the form of a part with what is kept.
fn show_part(site: &At, ask: &Ask, part: Part, form: Form) -> Result<Response, Failure> {
    page(site, ask, part, form, (company(ask)?.profile.revision, StatusCode::OK))
}

/// Changes the profile by what a form said, or shows the form again.
async fn take_part(
    site: &At,
    ask: &Ask,
    part: Part,
    errors: &Errors,
    set: impl Fn(&mut Profile),
) -> Result<Response, Failure> {
    let (words, revision) = (site.texts(ask), revision_of(ask));
    let mut form = Form::sent(ask.fields());
    if !errors.is_empty() {
        tell(&mut form, &words, errors);
        let status = form.status();
        return page(site, ask, part, form, (revision, status));
    }
    let (company, outcome) = apply(site, ask, |company| change(company, revision, &set)).await?;
    let now = &company.profile;
    let (done, fields): (_, Vec<Stored>) = match part {
        Part::Contacts => ("contacts", stored(contact_values(now), contact_values(now))),
        Part::Attributes => {
            let (values, labels) =
                (attribute_values(&now.attributes), attribute_labels(&words, &now.attributes));
            ("attributes", stored(values, labels))
        }
        Part::Head => ("head", stored(head_values(&words, &now.head), head_labels(&words, &now.head))),
    };
    if let Err(Stale) = outcome {
        tell_stale(
            site,
            ask,
            &mut form,
            (AuditAction::ProfileChanged, AuditSubject::Company.into()),
            &fields,
        )
        .await?;
        return page(site, ask, part, form, (now.revision, StatusCode::CONFLICT));
    }
    Ok(see_other(&format!("/c/{}?done={done}", ask.bin())))
}

async fn show_contacts(site: At, ask: Ask) -> Result<Response, Failure> {
    let form = Form::filled(contact_values(&company(&ask)?.profile));
    show_part(&site, &ask, Part::Contacts, form)
}

async fn take_contacts(site: At, ask: Ask) -> Result<Response, Failure> {
    let (contacts, errors) = Contacts::read(ask.fields());
    let set = |profile: &mut Profile| {
        profile.email.clone_from(&contacts.email);
        profile.phones.clone_from(&contacts.phones);
        profile.site.clone_from(&contacts.site);
    };
    take_part(&site, &ask, Part::Contacts, &errors, set).await
}

async fn show_attributes(site: At, ask: Ask) -> Result<Response, Failure> {
    let form = Form::filled(attribute_values(&company(&ask)?.profile.attributes));
    show_part(&site, &ask, Part::Attributes, form)
}

async fn take_attributes(site: At, ask: Ask) -> Result<Response, Failure> {
    let today = today(ask.now(), site.config.zone_offset_seconds);
    let (attributes, errors) = read_attributes(ask.fields(), today);
    let set = |profile: &mut Profile| profile.attributes.clone_from(&attributes);
    take_part(&site, &ask, Part::Attributes, &errors, set).await
}

/// An entrepreneur is his own head.
fn has_head(ask: &Ask) -> Result<(), Failure> {
    match company(ask)?.kind {
        CompanyKind::LegalEntity => Ok(()),
        CompanyKind::Entrepreneur | CompanyKind::Operator => Err(Failure::NotFound),
    }
}

async fn show_head(site: At, ask: Ask) -> Result<Response, Failure> {
    has_head(&ask)?;
    let form = Form::filled(head_values(&site.texts(&ask), &company(&ask)?.profile.head));
    show_part(&site, &ask, Part::Head, form)
}

async fn take_head(site: At, ask: Ask) -> Result<Response, Failure> {
    has_head(&ask)?;
    let (head, errors) = read_head(ask.fields(), &company(&ask)?.members);
    let set = |profile: &mut Profile| profile.head.clone_from(&head);
    take_part(&site, &ask, Part::Head, &errors, set).await
}
