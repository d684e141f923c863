//! The operator's page of a register: found by its id or its RNM, blocked with a reason, and served again.

use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;
use ofd_office::registers::{RegisterError, record};
use ofd_office::registrations::{ChangeOutcome, change_own};
use ofd_protocol::register::Change;
use ofd_protocol::types::RegisterId;
use ofd_storage::accounts::{AuditPage, Company};
use ofd_storage::model::{RegisterRecord, registers_of_fns_kkm_id};
use ofd_storage::registers;

use super::view::id_of;
use crate::cabinet::{Ask, At, Failure, Form, see_other};
use crate::page::Shell;
use crate::typed::full_line;

/// Characters of the reason of a block, which tills show.
const REASON_LEN_MAX: usize = 200;

#[derive(Template)]
#[template(path = "operator_registers.html")]
struct FindPage<'a> {
    shell: Shell<'a>,
    form: Form,
    is_nothing: bool,
}

#[derive(Template)]
#[template(path = "operator_register.html")]
struct RegisterPage<'a> {
    shell: Shell<'a>,
    notice: Option<String>,
    action: String,
    organisation: String,
    bin: String,
    details: Vec<(String, String)>,
    /// Why it is blocked, if it is.
    blocked: Option<String>,
    form: Form,
    reason_more: String,
}

fn failed(error: RegisterError) -> Failure {
    match error {
        RegisterError::Store(error) => Failure::Store(error),
        RegisterError::Busy | RegisterError::BeingCreated => Failure::Busy,
        RegisterError::NoSuchRegister(_) | RegisterError::NoSuchShift(_) | RegisterError::Final(_) => {
            Failure::NotFound
        }
    }
}

fn at(record: &RegisterRecord) -> String {
    format!("/operator/registers/{}/{}", record.bin, record.id)
}

/// The register that is asked for: by its id, or by its number at the tax authority.
async fn find(site: &At, asked: &str) -> Result<Option<RegisterRecord>, Failure> {
    let digits: String = asked.chars().filter(|char| !char.is_whitespace()).collect();
    let id = match digits.len() {
        12 => registers_of_fns_kkm_id(&site.office.store, &digits).await?.first().copied(),
        _ => digits.parse().ok().map(RegisterId),
    };
    let Some(id) = id else { return Ok(None) };
    match record(&site.office.store, id).await {
        Ok(record) => Ok(Some(record)),
        Err(RegisterError::NoSuchRegister(_)) => Ok(None),
        Err(error) => Err(failed(error)),
    }
}

/// Finds a register.
pub(super) async fn search(site: At, ask: Ask) -> Result<Response, Failure> {
    let asked = ask.parameter("q").to_owned();
    if !asked.is_empty()
        && let Some(found) = find(&site, &asked).await?
    {
        return Ok(see_other(&at(&found)));
    }
    let page = FindPage {
        shell: site.page(&ask),
        is_nothing: !asked.is_empty(),
        form: Form::filled([("q", asked)]),
    };
    Ok(site.show(&ask, StatusCode::OK, &page))
}

/// The register of the address, where it is that of the organisation in it.
async fn named(site: &At, ask: &Ask) -> Result<RegisterRecord, Failure> {
    let found = record(&site.office.store, id_of(ask)?).await.map_err(failed)?;
    if found.bin == ask.part("company") { Ok(found) } else { Err(Failure::NotFound) }
}

async fn page(
    site: &At,
    ask: &Ask,
    (company, record): (&Company, &RegisterRecord),
    form: Form,
) -> Result<Response, Failure> {
    let (words, form, action) = (site.texts(ask), ask.again(form), at(record));
    let newest = registers::newest(&site.office.store, record.id).await?;
    let blocked = newest.and_then(|newest| newest.register.status.blocked).map(|stop| stop.reason);
    let mut shell = site.frame(ask, "operator-register-title", &action);
    shell.is_typed = blocked.is_none();
    let notice = match ask.parameter("done") {
        "blocked" => Some("operator-register-blocked"),
        "unblocked" => Some("operator-register-unblocked"),
        "final" => Some("registration-turned-deregistered"),
        _ => None,
    };
    let details = [
        ("registration-system-id", record.id.to_string()),
        ("registration-model", record.model.clone()),
        ("registration-serial", record.serial_number.clone()),
        ("registration-rnm", record.fns_kkm_id.clone()),
    ];
    let status = form.status();
    let page = RegisterPage {
        shell,
        notice: notice.map(|key| words.say(key)),
        action,
        organisation: words.organisation(&company.title),
        bin: company.bin.clone(),
        details: details.into_iter().map(|(label, value)| (words.say(label), value)).collect(),
        blocked,
        form,
        reason_more: format!("required maxlength=\"{REASON_LEN_MAX}\""),
    };
    Ok(site.show(ask, status, &page))
}

/// Shows a register. The look is in the organisation's audit before it is shown.
pub(super) async fn look(site: At, ask: Ask) -> Result<Response, Failure> {
    let found = named(&site, &ask).await?;
    let company = site.office.look_at(ask.by(), &found.bin, AuditPage::Register).await?;
    page(&site, &ask, (&company, &found), Form::default()).await
}

async fn change(site: &At, ask: &Ask, change: &Change, done: &str) -> Result<Response, Failure> {
    let found = named(site, ask).await?;
    let done = match change_own(&site.office, ask.by(), (&found.bin, found.id), change).await? {
        ChangeOutcome::Done => done,
        ChangeOutcome::Final => "final",
    };
    Ok(see_other(&format!("{}?done={done}", at(&found))))
}

/// Blocks a register.
pub(super) async fn block(site: At, ask: Ask) -> Result<Response, Failure> {
    match full_line(ask.fields().text("reason"), REASON_LEN_MAX) {
        Ok(reason) => change(&site, &ask, &Change::Block { reason }, "blocked").await,
        Err(wrong) => {
            let found = named(&site, &ask).await?;
            let mut form = Form::sent(ask.fields());
            form.tell(&site.texts(&ask), &[("reason", wrong)]);
            let company = site.office.look_at(ask.by(), &found.bin, AuditPage::Register).await?;
            page(&site, &ask, (&company, &found), form).await
        }
    }
}

/// Takes a block off.
pub(super) async fn unblock(site: At, ask: Ask) -> Result<Response, Failure> {
    change(&site, &ask, &Change::Unblock { reason: String::new() }, "unblocked").await
}
