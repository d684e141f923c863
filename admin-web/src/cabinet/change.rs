//! How requests change accounts and companies, and what their audit says of it.

use ofd_storage::accounts::{
    Account, AccountId, AuditAction, AuditEntry, AuditPage, AuditSubject, Company, FieldChange, Kept,
    ToldSubject, joined, save,
};
use ofd_storage::erased::DynStore;
use ofd_storage::store::{Stamp, StoreError};

use super::ask::Ask;
use super::failure::Failure;
use crate::change::{self, Place, Stream};
use crate::office::registers::carry_over;
use crate::site::Site;

/// What a decision leads to: the changed state with its audit, or nothing to write.
pub(crate) type Decided<T, R> = change::Decided<(T, Vec<AuditEntry>), R, Failure>;

/// Changes an account. `decide` may be called again with what somebody else made of it meanwhile.
pub(crate) async fn change_account<R>(
    site: &Site,
    id: AccountId,
    mut decide: impl FnMut(&Account) -> Decided<Account, R>,
) -> Result<(Kept<Account>, R), Failure> {
    let (place, with) = (Stream::new(id.stream()), (&site.store, || site.stamp()));
    change::change(with, &place, |kept: &Kept<Account>| decide(&kept.state)).await
}

/// A company that came to the site, with what happened to its registers in its audit.
struct Joined<'a> {
    bin: &'a str,
    site: &'a Site,
}

impl Place for Joined<'_> {
    type Found = Kept<Company>;
    type Next = (Company, Vec<AuditEntry>);

    async fn read(&self, store: &DynStore) -> Result<Option<Kept<Company>>, StoreError> {
        match joined(store, self.bin).await? {
            Some(company) if !company.state.register_changes.is_empty() => {
                carry_over((store, &*self.site.config.world), self.bin).await?;
                joined(store, self.bin).await
            }
            found => Ok(found),
        }
    }

    async fn write(
        &self,
        store: &DynStore,
        found: Kept<Company>,
        (next, audit): (Company, Vec<AuditEntry>),
        stamp: Stamp,
    ) -> Result<Kept<Company>, StoreError> {
        save(store, &found, next, audit, stamp).await
    }
}

/// Changes a company. `decide` may be called again with what somebody else made of it meanwhile.
pub(crate) async fn change_company<R>(
    site: &Site,
    bin: &str,
    mut decide: impl FnMut(&Company) -> Decided<Company, R>,
) -> Result<(Kept<Company>, R), Failure> {
    let place = Joined { bin, site };
    change::change((&site.store, || site.stamp()), &place, |kept: &Kept<Company>| decide(&kept.state)).await
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
