//! Who may open which page: rights, and which role has which.

use ofd_storage::accounts::{Member, Role};

/// What a person may do in a company, or for the operator.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Right {
    /// See the company's particulars.
    SeeCompany,
    /// Change them.
    EditCompany,
    /// See who works for the company.
    SeeEmployees,
    /// Invite, give and take roles, block.
    ManageEmployees,
    /// Read the company's audit.
    SeeAudit,
    /// Apply for a bank that the directory lacks.
    ApplyForBank,
    /// Of the operator: look at any company. Every look is written down there.
    SeeAnyCompany,
    /// Of the operator: read the audit of any company.
    SeeAnyAudit,
    /// Of the operator: decide on new banks.
    DecideBanks,
    /// Of the operator: manage the operator's own people and read their audit.
    ManageStaff,
}

impl Right {
    /// Every right.
    #[cfg(test)]
    pub(crate) const ALL: [Self; 10] = [
        Self::SeeCompany,
        Self::EditCompany,
        Self::SeeEmployees,
        Self::ManageEmployees,
        Self::SeeAudit,
        Self::ApplyForBank,
        Self::SeeAnyCompany,
        Self::SeeAnyAudit,
        Self::DecideBanks,
        Self::ManageStaff,
    ];
}

/// Whether a role has a right.
pub(crate) fn grants(role: Role, right: Right) -> bool {
    use Right::{
        ApplyForBank, DecideBanks, EditCompany, ManageEmployees, ManageStaff, SeeAnyAudit, SeeAnyCompany,
        SeeAudit, SeeCompany, SeeEmployees,
    };
    match role {
        Role::Administrator => {
            matches!(
                right,
                SeeCompany | EditCompany | SeeEmployees | ManageEmployees | SeeAudit | ApplyForBank
            )
        }
        Role::Accountant => matches!(right, SeeCompany | EditCompany | SeeEmployees | ApplyForBank),
        Role::CashierManager => matches!(right, SeeCompany | SeeEmployees),
        Role::Reader => matches!(right, SeeCompany),
        Role::OperatorAdministrator => {
            matches!(right, SeeAnyCompany | SeeAnyAudit | DecideBanks | ManageStaff)
        }
        Role::Support => matches!(right, SeeAnyCompany | SeeAnyAudit),
        Role::Billing => matches!(right, SeeAnyCompany | DecideBanks),
        Role::TaxInspector => matches!(right, SeeAnyCompany),
    }
}

/// Whether a person may: by any of the roles, unless the person is blocked.
pub(crate) fn may(member: &Member, right: Right) -> bool {
    member.block.is_none() && member.roles.iter().any(|role| grants(*role, right))
}

/// What it takes to open a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Access {
    /// Nothing.
    Anyone,
    /// To be signed in.
    SignedIn,
    /// To be signed in, if only by a password where one-time codes are asked for as well: the way to them, and out.
    Enrolling,
    /// To have this right in the company whose BIN is in the address as `{bin}`.
    Company(Right),
    /// To have this right as a person of the operator.
    Operator(Right),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles_of_companies_and_of_the_operator_share_no_right() {
        for right in Right::ALL {
            let has = |of_operator| {
                Role::ALL.iter().any(|role| role.is_of_operator() == of_operator && grants(*role, right))
            };
            assert!(has(true) != has(false), "{right:?} belongs to one side");
        }
    }

    #[test]
    fn who_only_reads_changes_nothing() {
        for right in [Right::EditCompany, Right::ManageEmployees, Right::ApplyForBank, Right::DecideBanks] {
            assert!(!grants(Role::Reader, right) && !grants(Role::TaxInspector, right), "{right:?}");
        }
    }

    #[test]
    fn who_is_blocked_may_nothing() {
        use ofd_protocol::types::UnixMillis;
        use ofd_storage::accounts::{AccountId, Block};
        let since = UnixMillis(1);
        let mut member = Member {
            account: AccountId(1),
            name: "A".into(),
            iin: None,
            email: String::new(),
            roles: Role::ALL.to_vec(),
            block: None,
            since,
            revision: 0,
        };
        assert!(Right::ALL.iter().all(|right| may(&member, *right)));
        member.block = Some(Block { reason: "left".into(), since, by: "B".into() });
        assert!(!Right::ALL.iter().any(|right| may(&member, *right)));
    }
}
