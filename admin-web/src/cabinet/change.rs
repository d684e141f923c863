//! How requests change accounts and companies, and what their audit says of it.

use ofd_storage::accounts::{
    Account, AccountId, AuditAction, AuditEntry, AuditPage, AuditSubject, Company, FieldChange, Kept,
    Subject, ToldSubject,
};
use ofd_storage::store::StreamId;

use super::ask::Ask;
use super::failure::Failure;
use crate::change::{self, Stream};
use crate::site::Site;

/// What a decision leads to: the changed state with its audit, or nothing to write.
pub(crate) type Decided<T, R> = change::Decided<(T, Vec<AuditEntry>), R, Failure>;

async fn change<T: Subject, R>(
    site: &Site,
    stream: StreamId,
    mut decide: impl FnMut(&T) -> Decided<T, R>,
) -> Result<(Kept<T>, R), Failure> {
    let (place, with) = (Stream::<T>::new(stream), (&site.store, || site.stamp()));
    change::change(with, &place, |kept: &Kept<T>| decide(&kept.state)).await
}

/// Changes an account. `decide` may be called again with what somebody else made of it meanwhile.
pub(crate) async fn change_account<R>(
    site: &Site,
    id: AccountId,
    decide: impl FnMut(&Account) -> Decided<Account, R>,
) -> Result<(Kept<Account>, R), Failure> {
    change(site, id.stream(), decide).await
}

/// Changes a company. `decide` may be called again with what somebody else made of it meanwhile.
pub(crate) async fn change_company<R>(
    site: &Site,
    bin: &str,
    decide: impl FnMut(&Company) -> Decided<Company, R>,
) -> Result<(Kept<Company>, R), Failure> {
    change(site, Company::stream_of(bin).ok_or(Failure::NotFound)?, decide).await
}

/// A row of the audit about what this request does.
pub(crate) fn entry(
    ask: &Ask,
    action: AuditAction,
    subject: impl Into<ToldSubject>,
    changes: Vec<FieldChange>,
) -> AuditEntry {
    let (actor, address) = (ask.actor(), ask.address());
    AuditEntry { at: ask.now(), actor, address, action, subject: subject.into(), changes }
}

/// Writes into a company's audit that a person of the operator looks at it, and only then gives what is looked at.
pub(crate) async fn look_at(site: &Site, ask: &Ask, bin: &str, page: AuditPage) -> Result<Company, Failure> {
    let written = change_company(site, bin, |company| {
        let subject = AuditSubject::Page(page).called(page.name());
        Ok((Some((company.clone(), vec![entry(ask, AuditAction::Looked, subject, Vec::new())])), ()))
    });
    Ok(written.await?.0.state)
}
