//! The fourth step: the text of the contract, with what a later version says differently, and that it was read.
//!
//! On the way the person's address is confirmed by the code of a letter: whoever signs for an organisation must be reached.

use askama::Template;
use axum::response::Response;
use ofd_office::papers::{DrawnUp, contract_to_join, draw_up, read_contract};
use ofd_paper::Contract;
use ofd_storage::accounts::Company;

use super::around::around;
use super::text::{ChangeView, ClauseView, change_views, text_views};
use crate::account::{code_by_form, letter_again};
use crate::cabinet::editor::Owner;
use crate::cabinet::{Ask, At, Failure, Form, Right, see_other};
use crate::company::OfCompany;
use crate::page::Shell;
use crate::people::letters;
use crate::signup::{Step, StepView, steps};

#[derive(Template)]
#[template(path = "contract.html")]
struct ContractPage<'a> {
    shell: Shell<'a>,
    steps: Vec<StepView>,
    notice: Option<String>,
    /// Which version it is, and since when.
    version: String,
    version_name: String,
    is_sample: bool,
    title: String,
    clauses: Vec<ClauseView>,
    /// Which version the company has joined before, where it is another one.
    before: Option<String>,
    changes: Vec<ChangeView>,
    /// That this version is joined.
    joined: Option<String>,
    /// Whether the person may go on.
    may_join: bool,
    /// The address that a letter went to and that is not confirmed yet.
    unconfirmed: Option<String>,
    /// There is no address at all.
    has_no_address: bool,
    bin: String,
    code: Form,
    form: Form,
}

/// How the person's address stands.
pub(super) enum Address {
    /// It is confirmed, or the site sends no letters, so that none can be.
    Fine,
    /// A letter went there.
    Waits(String),
    /// There is none.
    None,
}

pub(super) fn address(site: &At, ask: &Ask) -> Address {
    let Some(account) = ask.account() else { return Address::None };
    match (&account.email, &account.pending_email) {
        _ if !letters::is_on(site) => Address::Fine,
        (Some(_), _) => Address::Fine,
        (None, Some(pending)) => Address::Waits(pending.address.clone()),
        (None, None) => Address::None,
    }
}

fn page(site: &At, ask: &Ask, company: &Company, (code, form): (Form, Form)) -> Response {
    let (code, form) = (ask.again_in("code", code), ask.again(form));
    let words = site.texts(ask);
    let offset = site.config.zone_offset_seconds;
    let contract: &Contract = contract_to_join(&site.office, ask.now(), offset);
    let mut shell = site.form_frame(ask, "contract-title", &format!("/c/{}/contract", company.bin));
    let agreement = company.agreement.as_ref();
    let before = agreement.filter(|agreement| agreement.version != contract.version);
    let known = before.and_then(|agreement| site.office.contracts.version(&agreement.version));
    let joined = agreement.filter(|agreement| agreement.version == contract.version);
    let may_join = ask.may(Right::JoinContract);
    let address = address(site, ask);
    let (title, clauses) = text_views(site, ask, contract);
    let notice = match ask.parameter("done") {
        "welcome" => Some(words.say("contract-done-welcome")),
        "confirmed" => Some(words.say("contract-done-confirmed")),
        "letter" => Some(words.say("contract-done-letter")),
        "unread" => Some(words.say("contract-done-unread")),
        "confirm" => Some(words.say("contract-done-confirm")),
        _ => None,
    };
    // Nobody types where there is nothing to tick.
    shell.is_typed = may_join && joined.is_none();
    let status = if form.is_right() { code.status() } else { form.status() };
    let page = ContractPage {
        steps: steps(&shell, Step::Contract),
        notice,
        version: words.say_with("contract-version", &contract.version),
        version_name: contract.version.clone(),
        is_sample: contract.is_sample,
        title,
        clauses,
        before: before.map(|agreement| words.say_with("contract-before", &agreement.version)),
        changes: known.map(|known| change_views(site, ask, (known, contract))).unwrap_or_default(),
        joined: joined.map(|agreement| words.say_with("contract-joined", &site.day(ask, agreement.at))),
        may_join,
        has_no_address: matches!(address, Address::None),
        unconfirmed: match address {
            Address::Waits(address) => Some(address),
            Address::Fine | Address::None => None,
        },
        bin: company.bin.clone(),
        code,
        form,
        shell,
    };
    site.show(ask, status, &page)
}

pub(super) async fn show(site: At, ask: Ask) -> Result<Response, Failure> {
    let company = OfCompany::of(&ask)?;
    Ok(page(&site, &ask, company, (Form::default(), Form::default())))
}

/// That the contract was read; then the application is drawn up.
pub(super) async fn read(site: At, ask: Ask) -> Result<Response, Failure> {
    let company = OfCompany::of(&ask)?;
    let account = ask.account().ok_or(Failure::SignIn)?;
    let (words, mut form) = (site.texts(&ask), Form::sent(ask.fields()));
    if !ask.fields().is_ticked("read") {
        form.wrong("read", words.say("contract-read-wrong"));
    }
    match address(&site, &ask) {
        Address::Fine => {}
        Address::Waits(_) => form.wrong("code", words.say("contract-confirm-first")),
        Address::None => form.wrong("code", words.say("contract-address-first")),
    }
    if !form.is_right() {
        return Ok(page(&site, &ask, company, (Form::default(), form)));
    }
    let (around, version) = (around(&site), ask.fields().text("version"));
    let who = (company.bin.as_str(), account);
    if !read_contract(&site.office, ask.by(), who, (version, &around)).await? {
        return Ok(see_other(&format!("/c/{}/contract?done=unread", company.bin)));
    }
    let done = match draw_up(&site.office, ask.by(), who, &around, None).await? {
        DrawnUp::Ready(_) | DrawnUp::BeingChecked | DrawnUp::Joined => "",
        DrawnUp::NoNumber => "?done=no-number",
    };
    Ok(see_other(&format!("/c/{}/application{done}", company.bin)))
}

/// Confirms the address by the letter's code.
pub(super) async fn code(site: At, ask: Ask) -> Result<Response, Failure> {
    let company = OfCompany::of(&ask)?;
    match code_by_form(&site, &ask).await? {
        Ok(()) => Ok(see_other(&format!("/c/{}/contract?done=confirmed", company.bin))),
        Err(wrong) => {
            let mut form = Form::sent(ask.fields());
            form.wrong("code", wrong);
            Ok(page(&site, &ask, company, (form, Form::default())))
        }
    }
}

/// Sends the letter with the code once more.
pub(super) async fn letter(site: At, ask: Ask) -> Result<Response, Failure> {
    let company = OfCompany::of(&ask)?;
    match letter_again(&site, &ask).await? {
        Ok(()) => Ok(see_other(&format!("/c/{}/contract?done=letter", company.bin))),
        Err(why) => {
            let mut form = Form::default();
            form.error = Some(why);
            Ok(page(&site, &ask, company, (form, Form::default())))
        }
    }
}
