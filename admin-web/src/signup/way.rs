//! Where the organisation in a certificate leads a person to.

use ofd_storage::accounts::{Account, Company, joined};

use super::offer::company_path;
use crate::cabinet::{Ask, Failure};
use crate::people::{is_of_fleet, list_company};
use crate::sign_in::{LANDING, Proven, Standing};
use crate::site::Site;

/// What a certificate means for the organisation it names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Offer {
    /// Nothing: there is no organisation, or the person belongs to it.
    Nothing,
    /// The person is one of the organisation's people; the account does not list it.
    List,
    /// The organisation is not here, and the person may bring it.
    Bring,
    /// The organisation is here; its head may join without being invited.
    JoinAsHead,
    /// Somebody else has to bring the organisation, or to invite.
    AskForInvitation,
    /// The organisation is served already and nobody of it is here: its head takes it over.
    AskHead,
}

/// What to offer to a person by the certificate. `company` is the organisation as it is here; `is_of_fleet`: the fleet file
/// made it.
fn offer(proven: &Proven, account: &Account, company: Option<&Company>, is_of_fleet: bool) -> Offer {
    let Some((bin, _)) = &proven.organisation else { return Offer::Nothing };
    match (company, proven.standing) {
        (Some(company), _) if company.member(account.id).is_some() => {
            let is_listed = account.companies.iter().any(|listed| listed.bin == *bin);
            if is_listed { Offer::Nothing } else { Offer::List }
        }
        (None, Standing::Head) => Offer::Bring,
        (None, _) if is_of_fleet => Offer::AskHead,
        (None, Standing::Signatory) => Offer::Bring,
        (Some(_), Standing::Head) => Offer::JoinAsHead,
        (Some(_), Standing::Signatory) | (_, Standing::Employee | Standing::Person) => {
            Offer::AskForInvitation
        }
    }
}

/// Where the organisation in a certificate leads a person to: to bringing it here, to joining, to asking for it; `None`
/// where there is nothing to do.
pub(crate) async fn way_on(
    site: &Site,
    ask: &Ask,
    account: &Account,
    proven: &Proven,
    binding: &str,
) -> Result<Option<String>, Failure> {
    let Some((bin, title)) = &proven.organisation else { return Ok(None) };
    let company = joined(&site.office.store, bin).await?;
    let is_of_fleet = company.is_none() && is_of_fleet(&site.office.store, bin).await?;
    Ok(match offer(proven, account, company.as_ref().map(|company| &company.state), is_of_fleet) {
        Offer::Nothing => None,
        Offer::List => {
            list_company(&site.office, account.id, (bin, title)).await?;
            None
        }
        Offer::Bring | Offer::JoinAsHead => Some(company_path(site, ask, proven, binding).await?),
        Offer::AskForInvitation => Some(format!("{LANDING}?done=ask")),
        Offer::AskHead => Some(format!("{LANDING}?done=ask-head")),
    })
}

#[cfg(test)]
mod tests {
    use ofd_protocol::types::UnixMillis;
    use ofd_storage::accounts::{AccountId, CompanyKind, Membership};

    use super::*;
    use crate::people::member_of;
    use crate::sign_in::{Answered, Challenge};

    const NOW: UnixMillis = UnixMillis(1_800_000_000_000);

    fn account() -> Account {
        Account::new(AccountId(7), "ТЕСТОВ АРМАН".into(), "ru".into(), NOW)
    }

    fn proven(standing: Standing) -> Proven {
        let bin = (standing != Standing::Person).then(|| ("260140000015".to_owned(), "ТОО".to_owned()));
        let challenge = Answered::of(&Challenge::new([1; 16], NOW));
        let (iin, name) = ("800215300034".to_owned(), "ТЕСТОВ АРМАН".to_owned());
        Proven { iin, name, email: String::new(), organisation: bin, standing, challenge }
    }

    #[test]
    fn head_and_signatory_bring_an_organisation_that_is_not_here() {
        for (standing, expected) in [
            (Standing::Person, Offer::Nothing),
            (Standing::Head, Offer::Bring),
            (Standing::Signatory, Offer::Bring),
            (Standing::Employee, Offer::AskForInvitation),
        ] {
            assert_eq!(offer(&proven(standing), &account(), None, false), expected, "{standing:?}");
        }
    }

    #[test]
    fn an_organisation_of_the_fleet_file_is_taken_over_by_its_head_alone() {
        for (standing, expected) in [
            (Standing::Head, Offer::Bring),
            (Standing::Signatory, Offer::AskHead),
            (Standing::Employee, Offer::AskHead),
            (Standing::Person, Offer::Nothing),
        ] {
            assert_eq!(offer(&proven(standing), &account(), None, true), expected, "{standing:?}");
        }
    }

    #[test]
    fn of_an_organisation_that_is_here_only_the_head_joins_uninvited() {
        let company = Company::new("260140000015".into(), "ТОО".into(), CompanyKind::LegalEntity, NOW);
        for (standing, expected) in [
            (Standing::Head, Offer::JoinAsHead),
            (Standing::Signatory, Offer::AskForInvitation),
            (Standing::Employee, Offer::AskForInvitation),
        ] {
            assert_eq!(offer(&proven(standing), &account(), Some(&company), false), expected, "{standing:?}");
        }
    }

    #[test]
    fn who_belongs_to_the_organisation_is_offered_nothing() {
        let mut company = Company::new("260140000015".into(), "ТОО".into(), CompanyKind::LegalEntity, NOW);
        let mut account = account();
        company.members.push(member_of(&account, Vec::new(), NOW));
        assert_eq!(offer(&proven(Standing::Head), &account, Some(&company), false), Offer::List);
        account.companies.push(Membership { bin: company.bin.clone(), title: "ТОО".into() });
        assert_eq!(offer(&proven(Standing::Head), &account, Some(&company), false), Offer::Nothing);
    }
}
