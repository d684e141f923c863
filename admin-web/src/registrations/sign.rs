//! Drawing up the application about a register, and the signature under it.

use axum::response::Response;
use ofd_office::papers::Outcome;
use ofd_office::registrations::{DrawnFor, SignOutcome, draw_up, sign as take};
use ofd_protocol::types::RegisterId;
use ofd_storage::accounts::Capacity;

use super::page::page;
use super::view::{id_of, own, path};
use crate::agreement::around;
use crate::cabinet::{Ask, At, Failure, Form, see_other};
use crate::papers::sent_paper;
use crate::vocabulary::Word;

async fn draw_for(
    site: &At,
    ask: &Ask,
    id: RegisterId,
    capacity: Option<Capacity>,
) -> Result<&'static str, Failure> {
    let account = ask.account().ok_or(Failure::SignIn)?;
    let who = (ask.bin(), id, account);
    Ok(match draw_up(&site.office, ask.by(), who, &around(site), capacity).await? {
        DrawnFor::Ready(_) => "",
        DrawnFor::Turned(_) => "?done=closed",
        DrawnFor::NoContract => "?done=no-contract",
        DrawnFor::NoNumber => "?done=no-number",
        DrawnFor::ShopGone => "?done=shop-gone",
        DrawnFor::PlanGone => "?done=plan-gone",
    })
}

/// Draws the application up and shows it.
pub(super) async fn draw_and_show(
    site: &At,
    ask: &Ask,
    id: RegisterId,
    capacity: Option<Capacity>,
) -> Result<Response, Failure> {
    let done = draw_for(site, ask, id, capacity).await?;
    Ok(see_other(&format!("{}{done}", path(ask.bin(), id))))
}

/// Draws the application up, for the person to sign.
pub(super) async fn draw(site: At, ask: Ask) -> Result<Response, Failure> {
    let (_, registration) = own(&site, &ask).await?;
    draw_and_show(&site, &ask, registration.id, None).await
}

/// Takes the signature.
pub(super) async fn sign(site: At, ask: Ask) -> Result<Response, Failure> {
    let id = id_of(&ask)?;
    let (company, registration) = own(&site, &ask).await?;
    let account = ask.account().ok_or(Failure::SignIn)?;
    let words = site.texts(&ask);
    let again = |form| Ok(page(&site, &ask, (&company, &registration), form));
    let refused = |text: String| again(Form::refused(text));
    let sent = match sent_paper(&site, &ask).await? {
        Ok(sent) => sent,
        Err(form) => return again(form),
    };
    let done = match take(&site.office, ask.by(), (ask.bin(), id, account), &around(&site), sent).await? {
        SignOutcome::Registered => "registered",
        SignOutcome::InProcess => "sent",
        SignOutcome::Done => "done",
        SignOutcome::Refused => "refused",
        SignOutcome::NoContract => "no-contract",
        SignOutcome::Taken(_, wrong) => return refused(words.wrong(wrong)),
        SignOutcome::Paper(Outcome::Valid | Outcome::AlreadySigned) => "already",
        SignOutcome::Paper(Outcome::Checking) => "checking",
        SignOutcome::Paper(Outcome::Changed) => match draw_for(&site, &ask, id, None).await? {
            "" => "changed",
            // Why it cannot be drawn up anew says more.
            done => return Ok(see_other(&format!("{}{done}", path(ask.bin(), id)))),
        },
        SignOutcome::Paper(Outcome::OtherCapacity(capacity)) => {
            draw_for(&site, &ask, id, Some(capacity)).await?;
            "capacity"
        }
        SignOutcome::Paper(Outcome::Refused(fault)) => return refused(fault.text(&words)),
    };
    Ok(see_other(&format!("{}?done={done}", path(ask.bin(), id))))
}
