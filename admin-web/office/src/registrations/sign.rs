//! The signature under the application about a register, and what follows from it.

use ofd_billing::tariffs::Now;
use ofd_protocol::types::{RegisterId, UnixMillis};
use ofd_storage::accounts::{
    Account, AuditAction, AuditEntry, AuditField, AuditSubject, Company, Paper, PaperState, Registration,
    RegistrationOrder, RegistrationState, Wanted, paper as paper_row,
};
use ofd_storage::store::StoreError;

use super::change::{Next, change_with_shop, find};
use super::claims::claim_numbers;
use super::draft::told_changes;
use super::making::make_now;
use super::models::models;
use super::paper::{is_current, takes_signature};
use super::plans::{asked_plan, note_asked_plan, plan_row, put_on_plan};
use super::rules::{Event, next};
use super::waiting::{self, Wait};
use crate::by::By;
use crate::change::ChangeError;
use crate::money_day::money_now;
use crate::office::Office;
use crate::papers::{
    self, Around, Judgement, KeptSignature, Outcome, Sent, closed, may_connect_registers,
    may_sign_for_register, row_of, take,
};
use crate::rights::{Right, may};
use crate::sign_in::Owner;
use crate::tax_authority::Answer;
use crate::typed::Wrong;

/// Between the claims of a signature's numbers and the append that bears them no more time may pass: later another
/// registration might take them over.
const CLAIMS_HOLD_MS: u64 = 30 * 1000;

/// What came of a signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SignOutcome {
    /// As with every paper.
    Paper(Outcome),
    /// The signature holds, and the register is on the books.
    Registered,
    /// The signature holds, and the tax authority is asked.
    InProcess,
    /// The signature holds, and what was asked for of a register on the books is done.
    Done,
    /// The signature holds, and the tax authority refused at once.
    Refused,
    /// Another register has what only one may have.
    Taken(&'static str, Wrong),
    /// The organisation has not joined the contract.
    NoContract,
}

/// The rows of the audit about what became of a registration: of the shop that comes with the register as well.
pub(super) fn rows(
    by: &By,
    before: &RegistrationState,
    (after, brings_shop): (&Registration, bool),
) -> Vec<AuditEntry> {
    let mut rows = rows_of_state(by, before, after);
    let is_made = !rows.is_empty() && after.state == RegistrationState::Registered;
    if is_made && brings_shop {
        let shop = &after.data.shop;
        let changes = [
            AuditField::TradePointTitle.change("", &shop.title),
            AuditField::Address.change("", &shop.address),
        ];
        let subject = AuditSubject::TradePoint(shop.id.clone()).called(shop.title.as_str());
        let changes = changes.into_iter().flatten().collect();
        rows.push(by.entry(AuditAction::TradePointAdded, subject, changes));
    }
    rows
}

fn rows_of_state(by: &By, before: &RegistrationState, after: &Registration) -> Vec<AuditEntry> {
    if *before == after.state {
        return Vec::new();
    }
    let subject = || AuditSubject::Register(after.id).called(after.id.to_string());
    let order = |order: RegistrationOrder| AuditField::RegistrationOrder.change("", order.name());
    if let RegistrationState::InProcess { delivery: known, .. } = before
        && let RegistrationState::InProcess { delivery, .. } = &after.state
    {
        let change = AuditField::Delivery.change(known.name(), delivery.name());
        return vec![by.entry(AuditAction::RegistrationDelivery, subject(), change.into_iter().collect())];
    }
    let row = match &after.state {
        RegistrationState::InProcess { order: asked, .. } => {
            by.entry(AuditAction::RegistrationSent, subject(), order(*asked).into_iter().collect())
        }
        RegistrationState::Refused { order: asked, reason } => {
            let changes = [order(*asked), AuditField::Reason.change("", reason)];
            by.entry(AuditAction::RegistrationRefused, subject(), changes.into_iter().flatten().collect())
        }
        RegistrationState::Registered if after.registered_at == Some(after.since) => {
            by.entry(AuditAction::RegisterRegistered, subject(), told_changes(None, &after.data))
        }
        RegistrationState::Registered | RegistrationState::Deregistered
            if matches!(before, RegistrationState::InProcess { .. }) =>
        {
            let RegistrationState::InProcess { order: asked, .. } = before else { return Vec::new() };
            by.entry(AuditAction::RegistrationDone, subject(), order(*asked).into_iter().collect())
        }
        RegistrationState::Draft
        | RegistrationState::Dropped
        | RegistrationState::Checking { .. }
        | RegistrationState::Registered
        | RegistrationState::Deregistered => return Vec::new(),
    };
    vec![row]
}

/// A registration in another state.
pub(super) fn in_state(before: &Registration, state: RegistrationState, at: UnixMillis) -> Registration {
    let is_new = !before.is_registered() && matches!(state, RegistrationState::Registered);
    Registration {
        since: if state == before.state { before.since } else { at },
        registered_at: if is_new { Some(at) } else { before.registered_at },
        state,
        ..before.clone()
    }
}

/// A registration in the state that an answer of the tax authority led to: what was wanted is so, where it was accepted, and what was
/// signed for a tariff plan counts from its first day on.
pub(super) fn answered(
    before: &Registration,
    state: RegistrationState,
    answer: Option<&Answer>,
    (at, money): (UnixMillis, Now),
) -> Result<Registration, StoreError> {
    let is_accepted = answer == Some(&Answer::Accepted) && state == RegistrationState::Registered;
    let after = in_state(before, state, at);
    let after = match &before.wanted {
        Some(Wanted::Change(data)) if is_accepted => {
            Registration { data: (**data).clone(), wanted: None, ..after }
        }
        _ => after,
    };
    put_on_plan(before, after, money)
}

/// What is answered to what is asked for, where nobody has to be asked: no tax authority keeps tariffs.
fn at_once(office: &Office, registration: &Registration) -> Option<Answer> {
    match &registration.wanted {
        Some(Wanted::Change(data)) if data.differs_by_tariff_alone(&registration.data) => {
            Some(Answer::Accepted)
        }
        _ => office.authority.at_once(registration, registration.order()),
    }
}

/// Notes where a registration will wait, before it says so.
pub(super) async fn note_for(
    office: &Office,
    place: (&str, RegisterId),
    state: &RegistrationState,
) -> Result<(), ChangeError> {
    let wait = match state {
        RegistrationState::Checking { .. } => Wait::Check,
        RegistrationState::InProcess { .. } => Wait::Authority,
        RegistrationState::Registered | RegistrationState::Deregistered => Wait::Making,
        RegistrationState::Draft | RegistrationState::Dropped | RegistrationState::Refused { .. } => {
            return Ok(());
        }
    };
    Ok(waiting::note(office, wait, place).await?)
}

/// A paper of a registration: the one that it has, else a row of before.
async fn paper_of(
    office: &Office,
    registration: &Registration,
    number: u32,
) -> Result<Option<Paper>, ChangeError> {
    if let Some(paper) = registration.paper.as_ref().filter(|paper| paper.number == number) {
        return Ok(Some(paper.clone()));
    }
    let Some(stream) = Company::stream_of(&registration.bin) else { return Ok(None) };
    let paper = paper_row(&office.store, stream, number).await?;
    Ok(paper.filter(|paper| paper.register == Some(registration.id)))
}

/// Takes a signature under the application about a register.
///
/// # Errors
/// [`ChangeError`]; nothing of the signature is kept then that anybody would take for one.
pub async fn sign(
    office: &Office,
    by: &By,
    (bin, id, account): (&str, RegisterId, &Account),
    around: &Around,
    sent: Sent,
) -> Result<SignOutcome, ChangeError> {
    let (company, registration) = find(&office.store, bin, id).await?.ok_or(ChangeError::NotFound)?;
    let paper = paper_of(office, &registration, sent.number).await?.ok_or(ChangeError::NotFound)?;
    if let Some(outcome) = closed(&paper) {
        return Ok(SignOutcome::Paper(outcome));
    }
    if !may_connect_registers(&company) {
        return Ok(SignOutcome::NoContract);
    }
    if takes_signature(&registration).is_err() {
        return Ok(SignOutcome::Paper(Outcome::AlreadySigned));
    }
    if paper.pdf_hash != sent.pdf_hash || !is_current(office, &company, &registration, &paper, around) {
        return Ok(SignOutcome::Paper(Outcome::Changed));
    }
    let is_manager = company.member(account.id).is_some_and(|member| may(member, Right::ManageRegisters));
    let may = |owner: &Owner| may_sign_for_register(&company, &paper.signer.iin, owner, is_manager);
    let kept = match take(office, by, (bin, &paper), sent.cms, may).await? {
        Ok(kept) => kept,
        Err(outcome) => return Ok(SignOutcome::Paper(outcome)),
    };
    // A model may have left the directory since the form was filled in.
    if registration.order() == RegistrationOrder::Register {
        let models = models(&office.store).await?;
        if !models.get(&registration.data.model).is_some_and(|model| model.is_used) {
            return Ok(SignOutcome::Taken("model", Wrong::ModelNotUsed));
        }
    }
    let claimed_at = office.now();
    match asked_plan(office, &registration).await? {
        Err(wrong) => return Ok(SignOutcome::Taken("tariff", wrong)),
        // Its prices became others since the paper was drawn up.
        Ok(Some(plan)) if registration.asked_data().plan.as_ref() != Some(&plan) => {
            return Ok(SignOutcome::Paper(Outcome::Changed));
        }
        Ok(_) => {}
    }
    if let Err((field, wrong)) = claim_numbers(office, id, registration.asked_data()).await? {
        return Ok(SignOutcome::Taken(field, wrong));
    }
    let at_once = at_once(office, &registration);
    let event = Event::Signed(registration.order(), kept.judgement, at_once);
    if let Ok(state) = next(&registration.state, event.clone()) {
        note_for(office, (bin, id), &state).await?;
    }
    let outcome = settle(office, by, (bin, &registration, &paper), (kept, event, claimed_at), around).await?;
    if matches!(outcome, SignOutcome::Registered | SignOutcome::Done) {
        make_now(office, bin, id).await;
    }
    Ok(outcome)
}

async fn settle(
    office: &Office,
    by: &By,
    (bin, seen, paper): (&str, &Registration, &Paper),
    (kept, event, claimed_at): (KeptSignature, Event, UnixMillis),
    around: &Around,
) -> Result<SignOutcome, ChangeError> {
    let money = money_now(office, office.zone_offset_seconds).await?;
    note_asked_plan(office, (bin, seen.id), seen).await?;
    let (_, outcome) = change_with_shop(office, (bin, seen.id), |found| {
        let before = found.registration.as_ref().ok_or(ChangeError::NotFound)?;
        let company = &found.company.state;
        let Some(now) = before.paper.as_ref().filter(|now| now.number == paper.number) else {
            return Ok((None, SignOutcome::Paper(Outcome::Changed)));
        };
        if let Some(outcome) = closed(now) {
            return Ok((None, SignOutcome::Paper(outcome)));
        }
        // A shop that was deleted meanwhile gets no register: whoever has it drawn up anew is told.
        if found.is_shop_gone
            || before.revision != seen.revision
            || !is_current(office, company, before, now, around)
        {
            return Ok((None, SignOutcome::Paper(Outcome::Changed)));
        }
        if office.now().0.saturating_sub(claimed_at.0) >= CLAIMS_HOLD_MS {
            return Err(ChangeError::Busy);
        }
        let signed = papers::Event::Signed(kept.signature.clone(), kept.judgement);
        let (Ok(paper_state), Ok(state)) =
            (papers::next(&now.state, signed, by.at), next(&before.state, event.clone()))
        else {
            return Ok((None, SignOutcome::Paper(Outcome::AlreadySigned)));
        };
        let paper = Paper { state: paper_state, ..now.clone() };
        let answer = match &event {
            Event::Signed(_, Judgement::Holds, answer) => answer.as_ref(),
            _ => None,
        };
        let after = answered(before, state, answer, (by.at, money))?;
        let registration = Registration { paper: Some(paper.clone()), ..after };
        let outcome = match (&registration.state, before.is_registered()) {
            (RegistrationState::Registered, false) => SignOutcome::Registered,
            (RegistrationState::Registered | RegistrationState::Deregistered, _) => SignOutcome::Done,
            (RegistrationState::Refused { .. }, _) => SignOutcome::Refused,
            (RegistrationState::Checking { .. }, _) => SignOutcome::Paper(Outcome::Checking),
            _ => SignOutcome::InProcess,
        };
        let mut audit = vec![row_of(by, company, &paper)];
        audit.extend(rows(by, &before.state, (&registration, found.brings_shop)));
        audit.extend(plan_row(by, before, &registration));
        Ok((Some(Next { registration, papers: vec![paper], audit }), outcome))
    })
    .await?;
    Ok(outcome)
}

/// What was found out about a signature that was looked at again.
pub(super) struct Rejudged {
    pub(super) of: String,
    pub(super) cms_hash: String,
    pub(super) judgement: Judgement,
}

/// Writes what was found out about the signature under a registration's paper; `true`: nothing is left to find out.
pub(super) async fn settle_again(
    office: &Office,
    by: &By,
    (bin, id): (&str, RegisterId),
    found_out: &Rejudged,
) -> Result<bool, ChangeError> {
    let money = money_now(office, office.zone_offset_seconds).await?;
    if let Some((_, seen)) = find(&office.store, bin, id).await? {
        note_asked_plan(office, (bin, id), &seen).await?;
    }
    let (after, is_done) = change_with_shop(office, (bin, id), |found| {
        let before = found.registration.as_ref().ok_or(ChangeError::NotFound)?;
        let Some(paper) = &before.paper else { return Ok((None, true)) };
        let Rejudged { of, cms_hash, judgement } = found_out;
        let judged =
            papers::Event::Judged { of: of.clone(), cms_hash: cms_hash.clone(), judgement: *judgement };
        let Ok(paper_state) = papers::next(&paper.state, judged, by.at) else { return Ok((None, true)) };
        // What took too long is refused, whatever was found.
        let judgement = match &paper_state {
            PaperState::Valid { .. } => Judgement::Holds,
            PaperState::Refused { fault, .. } => Judgement::Wrong(*fault),
            PaperState::Checking { doubt, .. } => Judgement::Unknown(*doubt),
            PaperState::DrawnUp | PaperState::Replaced { .. } => return Ok((None, true)),
        };
        let at_once = at_once(office, before);
        let Ok(state) = next(&before.state, Event::Judged(judgement, at_once.clone())) else {
            return Ok((None, true));
        };
        let is_done = !matches!(paper_state, PaperState::Checking { .. });
        if paper_state == paper.state {
            return Ok((None, is_done));
        }
        let paper = Paper { state: paper_state, ..paper.clone() };
        let answer = at_once.as_ref().filter(|_| judgement == Judgement::Holds);
        let after = answered(before, state, answer, (by.at, money))?;
        let registration = Registration { paper: Some(paper.clone()), ..after };
        let mut audit = Vec::new();
        // That it is still unknown, for another reason or with a time stamp now, is no news to anybody.
        if is_done {
            audit.push(row_of(by, &found.company.state, &paper));
            audit.extend(rows(by, &before.state, (&registration, found.brings_shop)));
            audit.extend(plan_row(by, before, &registration));
        }
        Ok((Some(Next { registration, papers: vec![paper], audit }), is_done))
    })
    .await?;
    let is_made = |state: &RegistrationState| {
        matches!(state, RegistrationState::Registered | RegistrationState::Deregistered)
    };
    if is_done && after.registration.is_some_and(|after| is_made(&after.state)) {
        make_now(office, bin, id).await;
    }
    Ok(is_done)
}
