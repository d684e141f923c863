//! The operator's page of a register: blocked with a reason, and served again, by whoever may.

use axum::response::Response;
use ofd_office::registrations::{ChangeOutcome, change_own};
use ofd_protocol::register::Change;
use ofd_storage::accounts::{AuditPage, organisation};
use ofd_storage::model::RegisterRecord;

use crate::cabinet::{Ask, At, Failure, Form, Right, see_other};
use crate::shops::register::{Blocking, ForOperator, page as register_page};
use crate::shops::{Whose, id_of};
use crate::typed::full_line;

/// Characters of the reason of a block, which tills show.
const REASON_LEN_MAX: usize = 200;

async fn page(site: &At, ask: &Ask, record: RegisterRecord, form: Form) -> Result<Response, Failure> {
    let words = site.texts(ask);
    let notice = match ask.parameter("done") {
        "blocked" => Some("operator-register-blocked"),
        "unblocked" => Some("operator-register-unblocked"),
        "final" => Some("registration-turned-deregistered"),
        _ => None,
    };
    let known = organisation(&site.office.store, &record.bin).await?;
    let title = known.map_or_else(String::new, |known| words.organisation(&known.title));
    let block = ask.may(Right::BlockRegisters).then(|| Blocking {
        action: Whose::of(ask).register_path(record.id),
        form: ask.again(form),
        reason_more: format!("required maxlength=\"{REASON_LEN_MAX}\""),
    });
    let operator = ForOperator {
        notice: notice.map(|key| words.say(key)),
        organisation: format!("{title}, {}", record.bin),
        organisation_href: format!("/operator/companies/{}", record.bin),
        trade_point: record.trade_point.0.clone(),
        block,
    };
    register_page(site, ask, record, Some(operator)).await
}

/// Shows a register. The look is in the organisation's audit before it is shown.
pub(super) async fn look(site: At, ask: Ask) -> Result<Response, Failure> {
    let found = Whose::of(&ask).register(&site, id_of(&ask)?, AuditPage::Register).await?;
    page(&site, &ask, found, Form::default()).await
}

async fn change(site: &At, ask: &Ask, change: &Change, done: &str) -> Result<Response, Failure> {
    let (whose, id) = (Whose::of(ask), id_of(ask)?);
    let found = whose.known(site, id).await?;
    let done = match change_own(&site.office, ask.by(), (&found.bin, found.id), change).await? {
        ChangeOutcome::Done => done,
        ChangeOutcome::Final => "final",
    };
    Ok(see_other(&format!("{}?done={done}", whose.register_path(found.id))))
}

/// Makes a change that is given a reason.
async fn with_reason(
    site: &At,
    ask: &Ask,
    of: fn(String) -> Change,
    done: &str,
) -> Result<Response, Failure> {
    match full_line(ask.fields().text("reason"), REASON_LEN_MAX) {
        Ok(reason) => change(site, ask, &of(reason), done).await,
        Err(wrong) => {
            let found = Whose::of(ask).register(site, id_of(ask)?, AuditPage::Register).await?;
            let mut form = Form::sent(ask.fields());
            form.tell(&site.texts(ask), &[("reason", wrong)]);
            page(site, ask, found, form).await
        }
    }
}

/// Blocks a register.
pub(super) async fn block(site: At, ask: Ask) -> Result<Response, Failure> {
    with_reason(&site, &ask, |reason| Change::Block { reason }, "blocked").await
}

/// Takes a block off.
pub(super) async fn unblock(site: At, ask: Ask) -> Result<Response, Failure> {
    with_reason(&site, &ask, |reason| Change::Unblock { reason }, "unblocked").await
}
