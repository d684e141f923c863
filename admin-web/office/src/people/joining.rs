//! How a person comes to belong to a company.
//!
//! The company knows who its people are and what they may; the account only lists where to look. So the list grows
//! first, and the company decides second: of a request that dies in between a line in the list is left that leads
//! nowhere. Pages show only lines whose company knows the person, and a repeat completes the rest.

use ofd_protocol::types::UnixMillis;
use ofd_storage::accounts::{
    Account, AccountId, AuditAction, AuditEntry, AuditField, AuditSubject, Company, CompanyKind, Kept,
    Member, Membership, OPERATOR, Role, create, joined, load, save,
};
use ofd_storage::holdings::{registers_of, trade_points_of};
use ofd_storage::model::{self, Organisation};
use ofd_storage::store::{Store, StoreError};
use ofd_storage::walks::Walk;

use crate::by::By;
use crate::change::ChangeError;
use crate::office::{Decided, Office, OperatorPeople};
use crate::registers::tell;

/// Companies that one account lists. An accountant who works for many has some dozens.
const COMPANIES_MAX: usize = 200;

/// Whoever writes where a company is brought brings the same one, or adds to the audit that is there; so often it is
/// tried again.
const TRIES_MAX: usize = 10;

/// A person as one of a company's people.
pub fn member_of(account: &Account, roles: Vec<Role>, now: UnixMillis) -> Member {
    Member {
        account: account.id,
        name: account.name.clone(),
        iin: account.iin.clone(),
        email: account.email.as_ref().map(|email| email.address.clone()).unwrap_or_default(),
        roles,
        block: None,
        since: now,
        revision: 1,
    }
}

/// Adds a company to the list of an account; the newest stay when there are too many.
fn with_membership(account: &Account, bin: &str, title: &str) -> Option<Account> {
    if account.companies.iter().any(|company| company.bin == bin) {
        return None;
    }
    let mut changed = account.clone();
    changed.companies.push(Membership { bin: bin.to_owned(), title: title.to_owned() });
    let excess = changed.companies.len().saturating_sub(COMPANIES_MAX);
    changed.companies.drain(..excess);
    Some(changed)
}

/// Sees to it that an account lists a company.
pub async fn list_company(
    office: &Office,
    account: AccountId,
    (bin, title): (&str, &str),
) -> Result<Kept<Account>, ChangeError> {
    let decide = |account: &Account| -> Decided<Account, ()> {
        Ok((with_membership(account, bin, title).map(|changed| (changed, Vec::new())), ()))
    };
    Ok(office.change_account(account, decide).await?.0)
}

/// Joins a person to a company that is there: `decide` adds the member (see [`member_of`]) and takes what the right to
/// join rests on, an invitation for one, in the same step.
///
/// # Errors
/// [`ChangeError`].
pub async fn join<R>(
    office: &Office,
    account: AccountId,
    (bin, title): (&str, &str),
    decide: impl FnMut(&Company) -> Decided<Company, R>,
) -> Result<(Kept<Company>, R), ChangeError> {
    list_company(office, account, (bin, title)).await?;
    office.change_company(bin, decide).await
}

/// Whether an organisation that did not come to the office is served already, since the fleet file made it with registers or
/// shops: then its head alone takes it over.
///
/// # Errors
/// Those of the store.
pub async fn is_of_fleet(store: &impl Store, bin: &str) -> Result<bool, StoreError> {
    if model::load::<Organisation>(store, bin.as_bytes()).await?.is_none() {
        return Ok(false);
    }
    // A record alone may be what a process left behind that ended while the company was brought.
    let has_registers = registers_of(store, bin, None, 1).await?;
    let has_shops = trade_points_of(store, bin, None, 1).await?;
    let has_any = !has_registers.found.is_empty() || !has_shops.found.is_empty();
    Ok(has_any || !Walk::Holdings.is_complete(store).await?)
}

/// What came of bringing a company to the office.
#[derive(Debug)]
pub enum Founded {
    /// It is there.
    New,
    /// It was there already.
    Known(Box<Kept<Company>>),
}

/// Brings a company to the office, with the person who does as its first member.
///
/// Its record as an organisation comes first: whatever lists organisations or belongs to one finds it. A record alone is
/// an organisation whose people have not come to the office.
pub async fn found(
    office: &Office,
    account: AccountId,
    company: Company,
    audit: Vec<AuditEntry>,
) -> Result<Founded, ChangeError> {
    let stream = Company::stream_of(&company.bin).ok_or(ChangeError::NotFound)?;
    list_company(office, account, (&company.bin, &company.title)).await?;
    if company.kind != CompanyKind::Operator {
        keep_record(&office.store, &company).await?;
    }
    for _ in 0..TRIES_MAX {
        let (stamp, store) = (office.stamp(), &office.store);
        let founded = match load::<Company>(store, stream).await? {
            Some(known) if known.state.is_joined() => return Ok(Founded::Known(Box::new(known))),
            Some(known) => {
                let company = in_place_of(&known.state, company.clone());
                save(store, &known, company, audit.clone(), stamp).await
            }
            None => create(store, company.clone(), audit.clone(), stamp).await,
        };
        match founded {
            Ok(kept) => {
                tell((store, &*office.world), &kept.state).await;
                return Ok(Founded::New);
            }
            Err(StoreError::Conflict { .. }) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(ChangeError::Busy)
}

/// The company with the audit that its organisation had before.
fn in_place_of(known: &Company, company: Company) -> Company {
    let register_changes = known.register_changes.clone();
    Company { audit_next: known.audit_next, register_changes, ..company }
}

/// Sees to it that there is a record with the company's name. A name comes from a certificate and stays.
async fn keep_record(store: &impl Store, company: &Company) -> Result<(), StoreError> {
    let title = &company.title;
    let kept = match model::load::<Organisation>(store, company.bin.as_bytes()).await? {
        None => model::create(store, &Organisation::titled(&company.bin, title)).await.map(|_| ()),
        Some((_, record)) if record.title == *title => Ok(()),
        Some((version, record)) => {
            let renamed = Organisation { title: title.clone(), ..record };
            model::replace(store, version, &renamed).await.map(|_| ())
        }
    };
    match kept {
        // Somebody who brings the same company did so.
        Err(StoreError::Conflict { .. }) => Ok(()),
        kept => kept,
    }
}

/// The operator with its first administrator; `None` while it has one, or while the person is blocked.
fn appoint(operator: &Company, account: &Account, now: UnixMillis) -> Option<Company> {
    let role = Role::OperatorAdministrator;
    let has_one =
        operator.members.iter().any(|member| member.block.is_none() && member.roles.contains(&role));
    if has_one {
        return None;
    }
    let mut changed = operator.clone();
    match changed.members.iter_mut().find(|member| member.account == account.id) {
        Some(member) if member.block.is_some() => return None,
        Some(member) => {
            member.roles.push(role);
            member.revision = member.revision.saturating_add(1);
        }
        None => changed.members.push(member_of(account, vec![role], now)),
    }
    Some(changed)
}

/// Makes the person whom the config names the operator's administrator, while it has none. Called when that person
/// signed in by certificate.
///
/// # Errors
/// [`ChangeError`].
pub async fn appoint_first_administrator(
    office: &Office,
    by: &By,
    account: &Account,
) -> Result<(), ChangeError> {
    let OperatorPeople { administrators, title, .. } = &office.operator;
    if !account.iin.as_ref().is_some_and(|iin| administrators.contains(iin)) {
        return Ok(());
    }
    let rows = || {
        let roles = AuditField::Roles.change("", Role::OperatorAdministrator.name());
        let subject = AuditSubject::Person(account.id).called(account.name.as_str());
        vec![by.entry_of(account, AuditAction::Joined, subject, roles.into_iter().collect())]
    };
    let decide = |operator: &Company| -> Decided<Company, ()> {
        Ok((appoint(operator, account, by.at).map(|changed| (changed, rows())), ()))
    };
    let Some(operator) = joined(&office.store, OPERATOR).await? else {
        let empty = Company::new(OPERATOR.to_owned(), title.clone(), CompanyKind::Operator, by.at);
        if let Some(operator) = appoint(&empty, account, by.at)
            && let Founded::Known(_) = found(office, account.id, operator, rows()).await?
        {
            join(office, account.id, (OPERATOR, title), decide).await?;
        }
        return Ok(());
    };
    if appoint(&operator.state, account, by.at).is_some() {
        join(office, account.id, (OPERATOR, title), decide).await?;
    } else if operator.state.member(account.id).is_some() {
        list_company(office, account.id, (OPERATOR, title)).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use ofd_storage::accounts::Block;

    use super::*;

    const NOW: UnixMillis = UnixMillis(1_800_000_000_000);

    fn account(id: u64) -> Account {
        Account::new(AccountId(id), "ТЕСТОВА ЖАНАР".into(), "ru".into(), NOW)
    }

    fn operator() -> Company {
        Company::new(OPERATOR.into(), "ОФД".into(), CompanyKind::Operator, NOW)
    }

    #[test]
    fn the_operator_gets_an_administrator_only_while_it_has_none() {
        let first = appoint(&operator(), &account(1), NOW).unwrap();
        assert_eq!(first.members[0].roles, [Role::OperatorAdministrator]);
        assert!(appoint(&first, &account(2), NOW).is_none());
        let mut vacant = first.clone();
        vacant.members[0].roles = vec![Role::Support];
        let again = appoint(&vacant, &account(1), NOW).unwrap();
        assert_eq!(again.members[0].roles, [Role::Support, Role::OperatorAdministrator]);
        assert_eq!(again.members[0].revision, 2, "sessions must notice the new right");
    }

    #[test]
    fn who_is_blocked_does_not_appoint_himself() {
        let mut operator = appoint(&operator(), &account(1), NOW).unwrap();
        operator.members[0].block = Some(Block { reason: "left".into(), since: NOW, by: "B".into() });
        assert!(appoint(&operator, &account(1), NOW).is_none());
        assert!(appoint(&operator, &account(2), NOW).is_some());
    }

    #[test]
    fn an_account_lists_a_company_once_and_not_without_bound() {
        let mut account = account(1);
        for index in 0..=COMPANIES_MAX {
            account = with_membership(&account, &format!("{index:012}"), "ТОО").unwrap();
        }
        assert_eq!(account.companies.len(), COMPANIES_MAX);
        assert_eq!(account.companies[0].bin, "000000000001");
        assert!(with_membership(&account, "000000000007", "ТОО").is_none());
    }
}
