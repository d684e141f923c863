//! The third step: the company's data.

use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;
use ofd_office::banks::{KnownBank, known_banks};
use ofd_office::company::addresses::{ACTUAL_ADDRESS, LEGAL_ADDRESS};
use ofd_office::company::registered;
use ofd_storage::accounts::{
    Account, AuditAction, AuditEntry, AuditField, AuditSubject, Company, CompanyKind, Role, joined,
    organisation,
};

use super::offer::{CompanyOffer, offered};
use super::rules::{
    CompanyInput, CompanyRead, NAME_LEN_MAX, POSITION_LEN_MAX, company_of, read_company, with_head,
};
use super::steps::{Step, StepView, steps};
use crate::cabinet::{Ask, At, Failure, Form, see_other};
use crate::company::{AddressView, BankView};
use crate::page::Shell;
use crate::people::{Founded, found, is_of_fleet, join};
use crate::sign_in::Standing;

#[derive(Template)]
#[template(path = "signup_company.html")]
struct CompanyPage<'a> {
    shell: Shell<'a>,
    steps: Vec<StepView>,
    banner: String,
    bin: String,
    title: String,
    /// Asks for the head: an entrepreneur is one.
    has_head: bool,
    /// The head, where the certificate says who it is.
    head: Option<String>,
    sealed: String,
    legal: AddressView,
    actual: AddressView,
    bank: BankView,
    has_bank: bool,
    form: Form,
}

#[derive(Template)]
#[template(path = "signup_join.html")]
struct JoinPage<'a> {
    shell: Shell<'a>,
    bin: String,
    title: String,
    sealed: String,
}

fn company_page(
    site: &At,
    ask: &Ask,
    (offer, sealed): (&CompanyOffer, &str),
    banks: &[KnownBank],
    form: Form,
) -> Result<Response, Failure> {
    let account = ask.account().ok_or(Failure::SignIn)?;
    let (form, sealed) = (ask.again(form), &ask.again_value("proof", sealed.to_owned()));
    let (words, status) = (site.texts(ask), form.status());
    let mut shell = site.form_frame(ask, "signup-company-title", "/sign-up/company");
    shell.has_search = true;
    let banner = match offer.standing {
        Standing::Person => shell.say("signup-banner-entrepreneur"),
        Standing::Head => shell.say("signup-banner-head"),
        Standing::Signatory => shell.say("signup-banner-signatory"),
        Standing::Employee => shell.say("signup-banner-employee"),
    };
    let page = CompanyPage {
        steps: steps(&shell, Step::Company),
        shell,
        banner,
        bin: offer.bin.clone(),
        title: words.organisation(&offer.title(account)),
        has_head: offer.kind == CompanyKind::LegalEntity,
        head: (offer.standing == Standing::Head).then(|| account.name.clone()),
        sealed: sealed.to_owned(),
        legal: AddressView::of(&words, &form, LEGAL_ADDRESS),
        actual: AddressView::of(&words, &form, ACTUAL_ADDRESS),
        bank: BankView::of(&words, banks, None),
        has_bank: ["iik", "bic", "kbe"].iter().any(|name| !form.value(name).is_empty()),
        form,
    };
    Ok(site.show(ask, status, &page))
}

/// Where somebody goes whose company is here already and who may do nothing about it.
fn elsewhere(company: &Company, offer: &CompanyOffer, account: &Account) -> Option<Response> {
    if company.member(account.id).is_some() {
        return Some(see_other(&format!("/c/{}", company.bin)));
    }
    (offer.standing != Standing::Head).then(|| see_other("/cabinet?done=ask"))
}

/// Where somebody goes who may not take over a company that the fleet file made: its head does.
async fn of_fleet(site: &At, offer: &CompanyOffer) -> Result<Option<Response>, Failure> {
    let is_head = offer.standing == Standing::Head || offer.kind == CompanyKind::Entrepreneur;
    let is_for_head = !is_head && is_of_fleet(&site.office.store, &offer.bin).await?;
    Ok(is_for_head.then(|| see_other("/cabinet?done=ask-head")))
}

pub(super) async fn show(site: At, ask: Ask) -> Result<Response, Failure> {
    let (account, sealed) = (ask.account().ok_or(Failure::SignIn)?, ask.parameter("proof"));
    let Some(offer) = offered(&site, &ask, sealed).await? else {
        return Ok(see_other("/cabinet/add?done=late"));
    };
    if let Some(company) = joined(&site.office.store, &offer.bin).await? {
        if let Some(response) = elsewhere(&company.state, &offer, account) {
            return Ok(response);
        }
        let shell = site.frame(&ask, "signup-join-title", "/sign-up/company");
        let title = site.texts(&ask).organisation(&company.state.title);
        let bin = company.state.bin;
        let page = JoinPage { shell, bin, title, sealed: sealed.to_owned() };
        return Ok(site.show(&ask, StatusCode::OK, &page));
    }
    if let Some(response) = of_fleet(&site, &offer).await? {
        return Ok(response);
    }
    let banks = known_banks(&site.office.store, ask.language()).await?;
    // Registers of the fleet file may have come first, and with them what is known of the organisation.
    let known = organisation(&site.office.store, &offer.bin).await?;
    let email = account.email.as_ref().map(|email| email.address.clone());
    let email = email.or_else(|| account.pending_email.as_ref().map(|email| email.address.clone()));
    let form = Form::filled([
        ("company_email", email.unwrap_or_default()),
        ("oked", known.map(|known| known.okved).unwrap_or_default()),
        ("position", site.texts(&ask).say("signup-position-default")),
        ("same_address", "yes".to_owned()),
    ]);
    company_page(&site, &ask, (&offer, sealed), &banks, form)
}

/// Brings the company of the certificate to the site, or joins it where others have brought it.
pub(super) async fn take(site: At, ask: Ask) -> Result<Response, Failure> {
    let account = ask.account().ok_or(Failure::SignIn)?;
    let (fields, sealed) = (ask.fields(), ask.fields().text("proof"));
    let Some(offer) = offered(&site, &ask, sealed).await? else {
        return Ok(see_other("/cabinet/add?done=late"));
    };
    if let Some(company) = joined(&site.office.store, &offer.bin).await? {
        return join_known(&site, &ask, account, &offer, &company.state).await;
    }
    if let Some(response) = of_fleet(&site, &offer).await? {
        return Ok(response);
    }
    let banks = known_banks(&site.office.store, ask.language()).await?;
    let input = match read_company(fields, &offer, account, &banks) {
        CompanyRead::Right(input) => *input,
        CompanyRead::Search(part) => {
            ask.shown_part(part);
            return company_page(&site, &ask, (&offer, sealed), &banks, Form::sent(fields));
        }
        CompanyRead::Wrong(errors) => {
            let mut form = Form::sent(fields);
            form.tell(&site.texts(&ask), &errors);
            return company_page(&site, &ask, (&offer, sealed), &banks, form);
        }
    };
    bring(&site, &ask, account, &offer, input).await
}

async fn bring(
    site: &At,
    ask: &Ask,
    account: &Account,
    offer: &CompanyOffer,
    input: CompanyInput,
) -> Result<Response, Failure> {
    let company = company_of(offer, account, input, ask.now());
    let audit = vec![
        ask.by().entry(
            AuditAction::CompanyCreated,
            AuditSubject::Company.called(company.title.as_str()),
            registered(&company),
        ),
        joined_row(ask, account),
    ];
    match found(&site.office, account.id, company, audit).await? {
        Founded::New => Ok(see_other(&format!("/c/{}/contract?done=welcome", offer.bin))),
        Founded::Known(company) => join_known(site, ask, account, offer, &company.state).await,
    }
}

fn joined_row(ask: &Ask, account: &Account) -> AuditEntry {
    let roles = AuditField::Roles.change("", Role::Administrator.name());
    let subject = AuditSubject::Person(account.id).called(account.name.as_str());
    ask.by().entry(AuditAction::Joined, subject, roles.into_iter().collect())
}

/// The company is here already: its head becomes one of its administrators; who belongs to it goes there.
async fn join_known(
    site: &At,
    ask: &Ask,
    account: &Account,
    offer: &CompanyOffer,
    company: &Company,
) -> Result<Response, Failure> {
    if let Some(response) = elsewhere(company, offer, account) {
        return Ok(response);
    }
    join(&site.office, account.id, (&company.bin, &company.title), |company| {
        let joined = with_head(company, account, ask.now());
        Ok((joined.map(|joined| (joined, vec![joined_row(ask, account)])), ()))
    })
    .await?;
    Ok(see_other(&format!("/c/{}?done=welcome", offer.bin)))
}
