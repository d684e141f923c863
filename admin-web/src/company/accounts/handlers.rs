//! Pages of bank accounts.

use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;
use ofd_storage::accounts::{AuditAction, BankAccount, Company};

use super::rules::{BankInput, Refusal, add, change, delete, derived_kbe, next_default};
use super::view::{BankView, bank_name, blank, labels, values};
use crate::cabinet::{Access, Ask, At, Failure, Form, Pages, Right};
use crate::company::banks::known_banks;
use crate::company::change::{apply, company, done, home, id_of, revision_of, stored, tell_stale};
use crate::company::differences::Part;
use crate::company::typed::tell;
use crate::directories::{Iik, Kbe};
use crate::page::Shell;

const NEW: &str = "/c/{bin}/bank-accounts/new";
const ONE: &str = "/c/{bin}/bank-accounts/{id}";
const DELETE: &str = "/c/{bin}/bank-accounts/{id}/delete";

/// The addresses of these pages.
pub(in crate::company) fn pages(pages: Pages) -> Pages {
    let edit = Access::Company(Right::EditCompany);
    pages
        .get(NEW, "bank_account_new", edit, show_new)
        .post(NEW, "bank_account_new", edit, take_new)
        .get(ONE, "bank_account", edit, show)
        .post(ONE, "bank_account", edit, take)
        .get(DELETE, "bank_account_delete", edit, ask_delete)
        .post(DELETE, "bank_account_delete", edit, take_delete)
}

#[derive(Template)]
#[template(path = "banks_account.html")]
struct AccountPage<'a> {
    shell: Shell<'a>,
    form: Form,
    action: String,
    back: String,
    banks: String,
    attributes: String,
    /// 0 for a new one.
    revision: u32,
    view: BankView,
    /// The default account stays it until another becomes it; the first one becomes it by itself.
    may_become_default: bool,
    delete: Option<String>,
}

#[derive(Template)]
#[template(path = "banks_account_delete.html")]
struct DeletePage<'a> {
    shell: Shell<'a>,
    form: Form,
    action: String,
    back: String,
    revision: u32,
    iik: String,
    bank: String,
    /// Why it cannot be deleted: there is no button then.
    is_only: bool,
    /// The account that becomes the default instead.
    next_default: Option<String>,
}

/// An account being shown: its number in the company, the revision that the form will bring, whether it is the default.
#[derive(Clone, Copy)]
struct Known {
    id: u32,
    revision: u32,
    is_default: bool,
}

impl Known {
    fn of(account: &BankAccount) -> Self {
        Self { id: account.id, revision: account.revision, is_default: account.is_default }
    }
}

fn derived(ask: &Ask) -> Option<Kbe> {
    company(ask).ok().and_then(|company| derived_kbe(&company.profile.attributes))
}

/// The account that the path names.
fn one(ask: &Ask) -> Result<&BankAccount, Failure> {
    let id = id_of(ask)?;
    company(ask)?.bank_accounts.iter().find(|account| account.id == id).ok_or(Failure::NotFound)
}

/// An account number in groups, as on paper.
pub(super) fn grouped(iik: &str) -> String {
    Iik::parse(iik).map_or_else(|_| iik.to_owned(), |iik| iik.grouped())
}

async fn page(
    site: &At,
    ask: &Ask,
    form: Form,
    known: Option<Known>,
    status: StatusCode,
) -> Result<Response, Failure> {
    let (words, form) = (site.texts(ask), ask.again(form));
    let (title, action) = match known {
        Some(known) => ("company-account-title", format!("{}/bank-accounts/{}", home(ask), known.id)),
        None => ("company-account-new", format!("{}/bank-accounts/new", home(ask))),
    };
    let banks = known_banks(&site.store, ask.language()).await?;
    let page = AccountPage {
        shell: site.form_frame(ask, title, &action),
        form,
        back: home(ask),
        banks: format!("{}/banks", home(ask)),
        attributes: format!("{}/attributes", home(ask)),
        revision: ask.again_revision(known.map_or(0, |known| known.revision)),
        view: BankView::of(&words, &banks, derived(ask)),
        may_become_default: match known {
            Some(known) => !known.is_default,
            None => !company(ask)?.bank_accounts.is_empty(),
        },
        delete: known.map(|_| format!("{action}/delete")),
        action,
    };
    Ok(site.show(ask, status, &page))
}

async fn show_new(site: At, ask: Ask) -> Result<Response, Failure> {
    page(&site, &ask, blank(), None, StatusCode::OK).await
}

async fn show(site: At, ask: Ask) -> Result<Response, Failure> {
    let account = one(&ask)?;
    page(&site, &ask, Form::filled(values(account)), Some(Known::of(account)), StatusCode::OK).await
}

/// The page again, with what stands against it.
async fn refuse(
    site: &At,
    ask: &Ask,
    refusal: Refusal,
    company: &Company,
    known: Option<Known>,
) -> Result<Response, Failure> {
    let mut form = Form::sent(ask.fields());
    let words = site.texts(ask);
    match refusal {
        Refusal::TooMany => form.error = Some(words.say("company-account-many")),
        Refusal::Repeated => form.wrong("iik", words.say("company-account-repeated")),
        // An account goes on a page of its own.
        Refusal::Gone | Refusal::Only => return Ok(done(ask, "gone")),
        Refusal::Stale => {
            let id = known.map_or(0, |known| known.id);
            let now = company.bank_accounts.iter().find(|account| account.id == id);
            let now = now.ok_or(Failure::NotFound)?;
            let fields = stored(values(now), labels(&words, now));
            // The KBe that is derived is no field; the default account has no box.
            let fields: Vec<_> = fields
                .into_iter()
                .filter(|(name, ..)| !(*name == "kbe" && derived(ask).is_some()))
                .filter(|(name, ..)| !(*name == "is_default" && now.is_default))
                .collect();
            tell_stale(site, ask, &mut form, (AuditAction::BankAccountChanged, now.subject()), &fields)
                .await?;
            return page(site, ask, form, Some(Known::of(now)), StatusCode::CONFLICT).await;
        }
    }
    let status = form.status();
    page(site, ask, form, known, status).await
}

async fn take_new(site: At, ask: Ask) -> Result<Response, Failure> {
    let banks = known_banks(&site.store, ask.language()).await?;
    let (input, errors) = BankInput::read(ask.fields(), &banks, derived(&ask));
    if !errors.is_empty() {
        let mut form = Form::sent(ask.fields());
        tell(&mut form, &site.texts(&ask), &errors);
        let status = form.status();
        return page(&site, &ask, form, None, status).await;
    }
    let (company, outcome) = apply(&site, &ask, |company| add(company, &input)).await?;
    match outcome {
        Ok(()) => Ok(done(&ask, "account-added")),
        Err(refusal) => refuse(&site, &ask, refusal, &company, None).await,
    }
}

async fn take(site: At, ask: Ask) -> Result<Response, Failure> {
    let id = id_of(&ask)?;
    let revision = revision_of(&ask);
    let is_default = one(&ask).is_ok_and(|account| account.is_default);
    let known = Known { id, revision, is_default };
    let banks = known_banks(&site.store, ask.language()).await?;
    let (input, errors) = BankInput::read(ask.fields(), &banks, derived(&ask));
    if !errors.is_empty() {
        let mut form = Form::sent(ask.fields());
        tell(&mut form, &site.texts(&ask), &errors);
        let status = form.status();
        return page(&site, &ask, form, Some(known), status).await;
    }
    let (company, outcome) = apply(&site, &ask, |company| change(company, id, revision, &input)).await?;
    match outcome {
        Ok(()) => Ok(done(&ask, "account-changed")),
        Err(refusal) => refuse(&site, &ask, refusal, &company, Some(known)).await,
    }
}

fn delete_page(
    site: &At,
    ask: &Ask,
    company: &Company,
    account: &BankAccount,
    form: Form,
    status: StatusCode,
) -> Response {
    let action = format!("{}/bank-accounts/{}/delete", home(ask), account.id);
    let page = DeletePage {
        shell: site.frame(ask, "company-account-delete", &action),
        form: ask.again(form),
        back: home(ask),
        revision: account.revision,
        iik: grouped(&account.iik),
        bank: bank_name(account, ask.language()),
        is_only: company.bank_accounts.len() == 1,
        next_default: next_default(company, account.id).map(|next| grouped(&next.iik)),
        action,
    };
    site.show(ask, status, &page)
}

async fn ask_delete(site: At, ask: Ask) -> Result<Response, Failure> {
    let account = one(&ask)?;
    Ok(delete_page(&site, &ask, company(&ask)?, account, Form::default(), StatusCode::OK))
}

async fn take_delete(site: At, ask: Ask) -> Result<Response, Failure> {
    let id = id_of(&ask)?;
    let revision = revision_of(&ask);
    let (company, outcome) = apply(&site, &ask, |company| delete(company, id, revision)).await?;
    let Err(refusal) = outcome else { return Ok(done(&ask, "account-deleted")) };
    let now = company.bank_accounts.iter().find(|account| account.id == id);
    let Some(now) = now else { return Ok(done(&ask, "gone")) };
    let mut form = Form::sent(ask.fields());
    form.error = (refusal == Refusal::Stale).then(|| site.texts(&ask).say("company-stale-delete"));
    Ok(delete_page(&site, &ask, &company, now, form, StatusCode::CONFLICT))
}
