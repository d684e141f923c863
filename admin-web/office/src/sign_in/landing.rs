//! Where a person lands who has just signed in.

use ofd_storage::accounts::{Account, AccountId, OPERATOR, joined, load};
use ofd_storage::store::{Store, StoreError};

use super::rules::{LANDING, OPERATORS_LANDING};
use crate::rights::{Right, may};

/// Where a person goes on who was on the way to `next`: whoever works for the operator alone, to its start page.
///
/// # Errors
/// Those of the store.
pub async fn landing(store: &impl Store, id: AccountId, next: &str) -> Result<String, StoreError> {
    if next != LANDING {
        return Ok(next.to_owned());
    }
    let account = load::<Account>(store, id.stream()).await?;
    let works_for = account.as_ref().map(|account| account.state.companies.as_slice()).unwrap_or_default();
    let is_operators = !works_for.is_empty() && works_for.iter().all(|company| company.bin == OPERATOR);
    let operator = if is_operators { joined(store, OPERATOR).await? } else { None };
    let member = operator.as_ref().and_then(|operator| operator.state.member(id));
    // Whoever may not open it reads why where everybody lands.
    let is_let_in = member.is_some_and(|member| may(member, Right::SeeAnyCompany));
    Ok(if is_let_in { OPERATORS_LANDING } else { LANDING }.to_owned())
}

#[cfg(test)]
mod tests {
    use ofd_protocol::types::UnixMillis;
    use ofd_storage::accounts::{Block, Company, CompanyKind, Member, Membership, Role, create};
    use ofd_storage::memory::MemoryStore;
    use ofd_storage::store::Stamp;

    use super::*;

    const NOW: UnixMillis = UnixMillis(1_790_000_000_000);

    /// A person who works for these, and whom the operator has so.
    async fn lands(works_for: &[&str], roles: &[Role], is_blocked: bool) -> String {
        let (store, id) = (MemoryStore::new(), AccountId(7));
        let mut account = Account::new(id, "ҚОЛДАУ".into(), "ru".into(), NOW);
        account.companies =
            works_for.iter().map(|bin| Membership { bin: (*bin).into(), title: "X".into() }).collect();
        create(&store, account, Vec::new(), Stamp([1; 16])).await.unwrap();
        let mut operator = Company::new(OPERATOR.into(), "ОФД".into(), CompanyKind::Operator, NOW);
        operator.members.push(Member {
            account: id,
            name: "ҚОЛДАУ".into(),
            iin: None,
            email: String::new(),
            roles: roles.to_vec(),
            block: is_blocked.then(|| Block { reason: "left".into(), since: NOW, by: "X".into() }),
            since: NOW,
            revision: 1,
        });
        create(&store, operator, Vec::new(), Stamp([2; 16])).await.unwrap();
        landing(&store, id, LANDING).await.unwrap()
    }

    #[tokio::test]
    async fn the_operators_people_land_on_its_start_page_unless_they_work_elsewhere_too() {
        for role in Role::ALL.into_iter().filter(|role| role.is_of_operator()) {
            assert_eq!(lands(&[OPERATOR], &[role], false).await, OPERATORS_LANDING, "{role:?}");
        }
        let support = &[Role::Support];
        assert_eq!(lands(&[OPERATOR, "151140001234"], support, false).await, LANDING);
        assert_eq!(lands(&["151140001234"], support, false).await, LANDING);
        assert_eq!(lands(&[], support, false).await, LANDING);
        assert_eq!(lands(&[OPERATOR], support, true).await, LANDING, "there a blocked one reads why");
    }

    #[tokio::test]
    async fn whoever_was_on_the_way_elsewhere_goes_on_there() {
        let store = MemoryStore::new();
        assert_eq!(landing(&store, AccountId(7), "/operator/visits").await.unwrap(), "/operator/visits");
    }
}
