//! The page of a company.

use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;
use ofd_storage::accounts::Company;

use super::view::{Section, company_kind, sections};
use crate::cabinet::editor::Owner;
use crate::cabinet::{Ask, At, Failure, Right};
use crate::company::kinds::PARTS;
use crate::company::owner::OfCompany;
use crate::company::parts::PartList;
use crate::page::Shell;

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
    parts: Vec<PartList>,
    employees: Option<String>,
}

/// What was done just now: the text of a notice, from a closed set of names.
fn notice_key(done: &str) -> Option<&'static str> {
    Some(match done {
        "welcome" => "company-done-welcome",
        "joined" => "company-done-joined",
        "contacts" => "company-done-contacts",
        "email-confirmed" => "company-done-email-confirmed",
        "attributes" => "company-done-attributes",
        "head" => "company-done-head",
        "gone" => "company-done-gone",
        part => return PARTS.iter().find_map(|kind| kind.done(part)),
    })
}

/// What is still to be done for a company that was just registered: nothing that was given at the registration.
fn next_key(company: &Company) -> &'static str {
    if company.bank_accounts.is_empty() { "company-next" } else { "company-next-people" }
}

pub(super) async fn show(site: At, ask: Ask) -> Result<Response, Failure> {
    let (words, company, path) = (site.texts(&ask), OfCompany::of(&ask)?, OfCompany::home(&ask));
    let mut shell = site.frame(&ask, "company-title", &path);
    let title = words.organisation(&company.title);
    shell.title.clone_from(&title);
    let needs_account = company.bank_accounts.is_empty() && ask.may(Right::EditCompany);
    let page = CompanyPage {
        shell,
        notice: notice_key(ask.parameter("done")).map(|key| words.say(key)),
        next: (ask.parameter("done") == "welcome").then(|| words.say(next_key(company))),
        next_account: needs_account.then(|| format!("{path}/bank-accounts/new")),
        bin: company.bin.clone(),
        title,
        kind: company_kind(&words, company.kind),
        since: site.day(&ask, company.since),
        sections: sections(&words, &ask, company),
        parts: PARTS.iter().map(|kind| (kind.list)(&words, &ask, company)).collect(),
        employees: ask.may(Right::ManageEmployees).then(|| format!("{path}/employees")),
    };
    Ok(site.show(&ask, StatusCode::OK, &page))
}
