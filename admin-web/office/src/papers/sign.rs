//! Reading the contract and signing the application to it.

use std::sync::Arc;

use bytes::Bytes;
use ofd_paper::Contract;
use ofd_storage::accounts::{
    Account, AuditAction, AuditField, AuditSubject, Capacity, Company, Paper, PaperFault, PaperSignature,
    PaperState, ReadContract, joined, paper as paper_row,
};
use ofd_storage::papers;
use ofd_storage::store::StoreError;

use super::application::{Around, contract_to_join, is_current};
use super::judge::judge;
use super::kept::{become_of, keep};
use super::rules::{Event, Judgement, Turned, may_sign, next};
use super::waiting;
use crate::by::By;
use crate::change::ChangeError;
use crate::office::Office;
use crate::sign_in::Owner;
use crate::signatures::moment_of;

/// A signature as a form brought it.
#[derive(Clone, Debug)]
pub struct Sent {
    /// Which paper the page showed.
    pub number: u32,
    /// The hash of the bytes that the page showed.
    pub pdf_hash: String,
    /// The signature file.
    pub cms: Bytes,
}

/// What came of a signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The signature holds.
    Valid,
    /// It is kept, and being checked.
    Checking,
    /// The paper was signed before, in another window or by another person.
    AlreadySigned,
    /// What the paper says is not so any more, or another one stands in its place: the signature is over what nobody
    /// would sign today. Nothing of it is kept.
    Changed,
    /// The certificate lets its owner sign in another capacity than the paper names.
    OtherCapacity(Capacity),
    /// It is not taken.
    Refused(PaperFault),
}

/// Writes down that the version of the contract in force was read. `version` is the one that the page showed; `false`: it
/// is another one by now.
///
/// # Errors
/// [`ChangeError`].
pub async fn read_contract(
    office: &Office,
    by: &By,
    (bin, account): (&str, &Account),
    (version, around): (&str, &Around),
) -> Result<bool, ChangeError> {
    let contract = contract_to_join(office, by.at, around.zone_offset_seconds);
    if contract.version != version {
        return Ok(false);
    }
    office
        .change_company(bin, |company| {
            let before = company.read_contract.as_ref().map_or("", |read| &read.version);
            if before == version {
                return Ok((None, ()));
            }
            let read = ReadContract { version: version.to_owned(), at: by.at, by: account.id };
            let changes = AuditField::Contract.change(before, version).into_iter().collect();
            let row = by.entry(AuditAction::ContractRead, AuditSubject::Company, changes);
            Ok((Some((Company { read_contract: Some(read), ..company.clone() }, vec![row])), ()))
        })
        .await?;
    Ok(true)
}

/// A paper as it is: with the company while it is not done with, else its row.
async fn paper_of(office: &Office, company: &Company, number: u32) -> Result<Option<Paper>, StoreError> {
    if let Some(paper) = company.paper(number) {
        return Ok(Some(paper.clone()));
    }
    match Company::stream_of(&company.bin) {
        Some(stream) => paper_row(&office.store, stream, number).await,
        None => Ok(None),
    }
}

/// Why a paper takes no signature now; `None`: it does.
pub(crate) fn closed(paper: &Paper) -> Option<Outcome> {
    match paper.state {
        PaperState::DrawnUp | PaperState::Refused { .. } => None,
        PaperState::Checking { .. } | PaperState::Valid { .. } => Some(Outcome::AlreadySigned),
        PaperState::Replaced { .. } => Some(Outcome::Changed),
    }
}

/// A signature that is kept under its paper, with what was found out about it.
pub(crate) struct KeptSignature {
    pub(crate) signature: PaperSignature,
    pub(crate) judgement: Judgement,
}

/// Judges a signature that came under a paper and keeps it, unless something is wrong with it or its owner may not sign in
/// the capacity that the paper names: then what is said of it.
pub(crate) async fn take(
    office: &Office,
    by: &By,
    (bin, paper): (&str, &Paper),
    cms: Bytes,
    may: impl Fn(&Owner) -> Result<Capacity, PaperFault>,
) -> Result<Result<KeptSignature, Outcome>, ChangeError> {
    let pdf = papers::pdf(&office.store, bin, paper.number).await?.ok_or(ChangeError::NotFound)?;
    let judged = judge(office, (&pdf, cms), (by.ip, moment_of(by.at))).await?;
    if let Judgement::Wrong(fault) = judged.judgement {
        return Ok(Err(Outcome::Refused(fault)));
    }
    let Some(owner) = judged.owner else { return Ok(Err(Outcome::Refused(PaperFault::Unreadable))) };
    match may(&owner) {
        Err(fault) => return Ok(Err(Outcome::Refused(fault))),
        Ok(capacity) if capacity != paper.signer.capacity => {
            return Ok(Err(Outcome::OtherCapacity(capacity)));
        }
        Ok(_) => {}
    }
    let cms_hash = keep(office, (bin, paper.number), judged.cms).await?;
    let signature = PaperSignature { cms_hash, at: by.at };
    Ok(Ok(KeptSignature { signature, judgement: judged.judgement }))
}

/// Takes a signature under a paper of a company.
///
/// # Errors
/// [`ChangeError`]; nothing of the signature is kept then that anybody would take for one.
pub async fn sign(
    office: &Office,
    by: &By,
    (bin, around): (&str, &Around),
    sent: Sent,
) -> Result<Outcome, ChangeError> {
    let company = joined(&office.store, bin).await?.ok_or(ChangeError::NotFound)?.state;
    let paper = paper_of(office, &company, sent.number).await?.ok_or(ChangeError::NotFound)?;
    if let Some(outcome) = closed(&paper) {
        return Ok(outcome);
    }
    let contract = Arc::clone(contract_to_join(office, by.at, around.zone_offset_seconds));
    if paper.pdf_hash != sent.pdf_hash || !is_current(&company, &paper, &contract, around) {
        return Ok(Outcome::Changed);
    }
    let may = |owner: &Owner| may_sign(&company, &paper.signer.iin, owner);
    let kept = match take(office, by, (bin, &paper), sent.cms, may).await? {
        Ok(kept) => kept,
        Err(outcome) => return Ok(outcome),
    };
    if let Judgement::Unknown(_) = kept.judgement {
        // Before the company says that it is being checked: whatever says so is found again.
        waiting::note(office, (bin, paper.number), by.at).await?;
    }
    settle(office, by, bin, (&paper, kept.signature), kept.judgement, (&contract, around)).await
}

async fn settle(
    office: &Office,
    by: &By,
    bin: &str,
    (paper, signature): (&Paper, PaperSignature),
    judgement: Judgement,
    (contract, around): (&Contract, &Around),
) -> Result<Outcome, ChangeError> {
    let (_, outcome) = office
        .change_company(bin, |company| {
            // What is done with is not in the company any more.
            let Some(now) = company.paper(paper.number) else { return Ok((None, Outcome::AlreadySigned)) };
            if !is_current(company, now, contract, around) {
                return Ok((None, closed(now).unwrap_or(Outcome::Changed)));
            }
            match next(&now.state, Event::Signed(signature.clone(), judgement), by.at) {
                Ok(state) => {
                    let outcome = match state {
                        PaperState::Valid { .. } => Outcome::Valid,
                        _ => Outcome::Checking,
                    };
                    let (changed, audit) = become_of(by, company, Paper { state, ..now.clone() });
                    Ok((Some((changed, audit)), outcome))
                }
                Err(Turned::Fault(fault)) => Ok((None, Outcome::Refused(fault))),
                Err(Turned::Replaced) => Ok((None, Outcome::Changed)),
                Err(Turned::BeingChecked | Turned::AlreadySigned | Turned::Judged) => {
                    Ok((None, Outcome::AlreadySigned))
                }
            }
        })
        .await?;
    Ok(outcome)
}
