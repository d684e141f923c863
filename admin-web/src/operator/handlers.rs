//! Shows an organisation and its audit.

use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;
use ofd_office::company::email::unconfirmed;
use ofd_storage::accounts::{
    Address, AddressKind, AuditPage, BankAccount, Company, CompanyKind, Member, OPERATOR, joined,
};
use ofd_storage::model::{self, Organisation};

use crate::audit::{self, Showing};
use crate::cabinet::{Ask, At, Failure, Right};
use crate::company::{address_line, bank_name};
use crate::page::Shell;
use crate::site::Site;
use crate::vocabulary::roles_text;
use crate::words::Words;

/// A company on the site; the operator itself is none.
async fn company_of(site: &Site, bin: &str) -> Result<Option<Company>, Failure> {
    if bin == OPERATOR {
        return Ok(None);
    }
    Ok(joined(&site.office.store, bin).await?.map(|company| company.state))
}

/// Writes a look into the audit of the company in the address, and only then gives what is looked at: the company, or
/// what is said of an organisation with registers whose people have not come to the site.
async fn look(site: &Site, ask: &Ask, page: AuditPage) -> Result<Result<Company, Response>, Failure> {
    let bin = ask.part("company");
    if company_of(site, bin).await?.is_some() {
        return Ok(Ok(site.office.look_at(ask.by(), bin, page).await?));
    }
    // Only what is a BIN can be a key here; the operator has no record.
    let known = model::load::<Organisation>(&site.office.store, bin.as_bytes()).await?;
    let (_, known) = known.ok_or(Failure::NotFound)?;
    let words = site.texts(ask);
    let text = words.say_with("operator-absent-text", &words.organisation(&known.title));
    let registers = format!("/operator/companies/{bin}/registers");
    let on = if ask.may(Right::SeeAnyRegister) {
        (registers.as_str(), "operator-registers-of")
    } else {
        ("/operator/companies", "operator-companies")
    };
    Ok(Err(site.say(ask, StatusCode::NOT_FOUND, "operator-absent", text, on)))
}

struct PersonRow {
    name: String,
    email: String,
    roles: String,
    is_blocked: bool,
}

struct AddressRow {
    kind: String,
    text: String,
}

struct BankAccountRow {
    iik: String,
    bank: String,
    is_default: bool,
}

#[derive(Template)]
#[template(path = "operator_company.html")]
struct CardPage<'a> {
    shell: Shell<'a>,
    title: String,
    /// Nobody has confirmed the organisation's e-mail.
    is_email_unconfirmed: bool,
    company: Company,
    kind: String,
    since: String,
    people: Vec<PersonRow>,
    addresses: Vec<AddressRow>,
    bank_accounts: Vec<BankAccountRow>,
    audit: Option<String>,
    registers: Option<String>,
}

/// Shows an organisation.
pub(crate) async fn card(site: At, ask: Ask) -> Result<Response, Failure> {
    let company = match look(&site, &ask, AuditPage::Card).await? {
        Ok(company) => company,
        Err(absent) => return Ok(absent),
    };
    let (words, at) = (site.texts(&ask), format!("/operator/companies/{}", company.bin));
    let title = words.organisation(&company.title);
    let mut shell = site.frame(&ask, "operator-company", &at);
    shell.title.clone_from(&title);
    let page = CardPage {
        shell,
        title,
        is_email_unconfirmed: unconfirmed(&company).is_some(),
        kind: kind_text(&words, company.kind),
        since: site.day(&ask, company.since),
        people: company.members.iter().map(|member| person_row(&words, member)).collect(),
        addresses: company.addresses.iter().map(|address| address_row(&words, address)).collect(),
        bank_accounts: company
            .bank_accounts
            .iter()
            .map(|account| bank_account_row(&words, account))
            .collect(),
        audit: ask.may(Right::SeeAnyAudit).then(|| format!("{at}/audit")),
        registers: ask.may(Right::SeeAnyRegister).then(|| format!("{at}/registers")),
        company,
    };
    Ok(site.show(&ask, StatusCode::OK, &page))
}

/// What an organisation is, as the list and its own page say it.
pub(super) fn kind_text(words: &Words<'_>, kind: CompanyKind) -> String {
    words.say(match kind {
        CompanyKind::LegalEntity => "operator-kind-legal-entity",
        CompanyKind::Entrepreneur => "operator-kind-entrepreneur",
        CompanyKind::Operator => "menu-operator",
    })
}

fn person_row(words: &Words<'_>, member: &Member) -> PersonRow {
    PersonRow {
        name: member.name.clone(),
        email: member.email.clone(),
        roles: roles_text(words, &member.roles),
        is_blocked: member.block.is_some(),
    }
}

fn address_row(words: &Words<'_>, address: &Address) -> AddressRow {
    let kind = words.say(match address.kind {
        AddressKind::Legal => "operator-address-legal",
        AddressKind::Actual => "operator-address-actual",
        AddressKind::Postal => "operator-address-postal",
    });
    AddressRow { kind, text: address_line(address, words.language) }
}

fn bank_account_row(words: &Words<'_>, account: &BankAccount) -> BankAccountRow {
    BankAccountRow {
        iik: account.iik.clone(),
        bank: format!("{} ({})", bank_name(account, words.language), account.bic),
        is_default: account.is_default,
    }
}

/// Shows an organisation's audit.
pub(crate) async fn audit(site: At, ask: Ask) -> Result<Response, Failure> {
    let company = match look(&site, &ask, AuditPage::Audit).await? {
        Ok(company) => company,
        Err(absent) => return Ok(absent),
    };
    let (words, at) = (site.texts(&ask), format!("/operator/companies/{}", company.bin));
    let title = words.organisation(&company.title);
    let showing = Showing {
        bin: &company.bin,
        heading: words.say_with("operator-audit-of", &title),
        at: format!("{at}/audit"),
        back: Some((at, title)),
        has_file: false,
    };
    audit::answer(&site, &ask, showing).await
}
