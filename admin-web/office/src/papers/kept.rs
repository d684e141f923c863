//! What is written of a paper: the file of its signature, and what became of it.

use bytes::Bytes;
use ofd_storage::accounts::{
    Agreement, AuditAction, AuditEntry, AuditField, AuditSubject, Company, Paper, PaperKind, PaperState,
};
use ofd_storage::papers;
use ofd_storage::store::StoreError;

use super::rules::with_paper;
use crate::by::By;
use crate::change::ChangeError;
use crate::office::Office;

/// Files of signatures under one paper that come at the same moment wait for each other so often.
const TRIES_MAX: usize = 5;

/// What a paper is called in the audit.
pub(crate) fn called(company: &Company, paper: &Paper) -> String {
    let form = match paper.kind {
        PaperKind::ApplicationOne => 1,
        PaperKind::ApplicationTwo => 2,
        PaperKind::ApplicationThree => 3,
    };
    format!("№ {form} ({}-{})", company.bin, paper.number)
}

/// Keeps the file of a signature under a paper, and returns its hash.
pub(crate) async fn keep(office: &Office, paper: (&str, u32), cms: Bytes) -> Result<String, ChangeError> {
    for _ in 0..TRIES_MAX {
        match papers::sign(&office.store, paper, cms.clone(), office.stamp()).await {
            Err(StoreError::Conflict { .. }) => {}
            kept => return Ok(kept?),
        }
    }
    Err(ChangeError::Busy)
}

/// What the audit tells of what became of a paper.
pub(crate) fn row_of(by: &By, company: &Company, paper: &Paper) -> AuditEntry {
    let (action, fault) = match &paper.state {
        PaperState::Valid { .. } => (AuditAction::PaperValid, None),
        PaperState::Refused { fault, .. } => (AuditAction::PaperRefused, Some(*fault)),
        PaperState::Checking { doubt, .. } => (AuditAction::PaperSigned, Some(*doubt)),
        PaperState::DrawnUp | PaperState::Replaced { .. } => (AuditAction::PaperDrawn, None),
    };
    let hash = paper.state.signature().map_or("", |signature| &signature.cms_hash);
    let changes = [
        AuditField::Name.change("", &paper.signer.name),
        AuditField::Iin.change("", &paper.signer.iin),
        AuditField::CmsHash.change("", hash),
        fault.and_then(|fault| AuditField::PaperFault.change("", fault.name())),
    ];
    let subject = AuditSubject::Paper(paper.number).called(called(company, paper));
    by.entry(action, subject, changes.into_iter().flatten().collect())
}

/// A company with what became of a paper, and the row of its audit.
pub(super) fn become_of(by: &By, company: &Company, paper: Paper) -> (Company, Vec<AuditEntry>) {
    let row = row_of(by, company, &paper);
    let agreement = match &paper.state {
        PaperState::Valid { at, .. } => {
            Some(Agreement { version: paper.contract.clone(), paper: paper.number, at: *at })
        }
        PaperState::DrawnUp
        | PaperState::Checking { .. }
        | PaperState::Refused { .. }
        | PaperState::Replaced { .. } => company.agreement.clone(),
    };
    (Company { agreement, ..with_paper(company, paper) }, vec![row])
}
