//! Who may do what: each right with the roles that have it.

use ofd_storage::accounts::{Member, Role};

/// Declares the rights, in the order in which pages tell of them: the name, of which the key of the right's text is
/// made, and the roles that have it.
macro_rules! rights {
    ($($(#[$about:meta])* $right:ident = $name:literal: $($role:ident)+,)+) => {
        /// What a person may do in a company, or for the operator.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Right {
            $($(#[$about])* $right,)+
        }

        impl Right {
            /// Every right, in the order they are declared.
            pub const ALL: [Self; [$($name),+].len()] = [$(Self::$right),+];

            /// Its name: words joined by `_`.
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$right => $name,)+
                }
            }

            /// The roles that have it.
            fn roles(self) -> &'static [Role] {
                match self {
                    $(Self::$right => &[$(Role::$role),+],)+
                }
            }
        }
    };
}

rights! {
    /// Look at the particulars of the own company.
    SeeCompany = "see_company": Administrator Accountant CashierManager Reader,
    /// Change the particulars of the own company.
    EditCompany = "edit_company": Administrator Accountant,
    /// Read the contract for the own company, have its applications drawn up and signed. Who may sign the certificate says.
    JoinContract = "join_contract": Administrator Accountant,
    /// Apply for a bank that the directory lacks.
    ApplyForBank = "apply_for_bank": Administrator Accountant,
    /// Look at the shops and registers of the own company, and at what they do.
    SeeRegisters = "see_registers": Administrator Accountant CashierManager Reader,
    /// Make, change and delete shops of the own company; connect registers and change what is known of them.
    ManageRegisters = "manage_registers": Administrator Accountant,
    /// Look at what the registers of the own company sold: documents, shifts, reports.
    SeeDocuments = "see_documents": Administrator Accountant CashierManager,
    /// Look at the personal account of the own company.
    SeeMoney = "see_money": Administrator Accountant,
    /// Look at the people of the own company.
    SeeEmployees = "see_employees": Administrator Accountant CashierManager,
    /// Invite, give and take roles, block.
    ManageEmployees = "manage_employees": Administrator,
    /// Give the own company's programs tokens of the API, and end them.
    ManageTokens = "manage_tokens": Administrator,
    /// Read the audit of the own company.
    SeeAudit = "see_audit": Administrator,
    /// Look at any company. Every look is written down there.
    SeeAnyCompany = "see_any_company": OperatorAdministrator Support Billing TaxInspector,
    /// Read the audit of any company.
    SeeAnyAudit = "see_any_audit": OperatorAdministrator Support,
    /// Answer for the tax authority where its system is asked by hand.
    DecideRegistrations = "decide_registrations": OperatorAdministrator Support,
    /// Look at any register and at what it sold, the buyer hidden. Every look is written down at its organisation.
    SeeAnyRegister = "see_any_register": OperatorAdministrator Support TaxInspector,
    /// Block any register and take the block off.
    BlockRegisters = "block_registers": OperatorAdministrator Support,
    /// Close the visits by which wired registers are connected.
    CloseVisits = "close_visits": OperatorAdministrator Support,
    /// Decide on banks that the directory lacks.
    DecideBanks = "decide_banks": OperatorAdministrator Billing,
    /// Look at any personal account, and at payments. Every look at an organisation's is written down there.
    SeeAnyMoney = "see_any_money": OperatorAdministrator Support Billing,
    /// Take statements of banks, and say whose a payment is.
    ManagePayments = "manage_payments": OperatorAdministrator Billing,
    /// Make bills for any organisation, and issue invoices beside first ones.
    ManageInvoices = "manage_invoices": OperatorAdministrator Billing,
    /// Take down promises to pay.
    TakePromises = "take_promises": OperatorAdministrator Billing,
    /// Make and revoke the keys by which banks and terminals tell of payments.
    ManagePaymentKeys = "manage_payment_keys": OperatorAdministrator Billing,
    /// Make tariff plans and their versions.
    ManageTariffs = "manage_tariffs": OperatorAdministrator Billing,
    /// Make the texts that registers print on receipts.
    ManageTicketTexts = "manage_ticket_texts": OperatorAdministrator Support,
    /// Manage the operator's own people and read their audit.
    ManageStaff = "manage_staff": OperatorAdministrator,
}

/// Whether a person may: by any of the roles, unless the person is blocked.
pub fn may(member: &Member, right: Right) -> bool {
    member.block.is_none() && member.roles.iter().any(|role| right.roles().contains(role))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles_of_companies_and_of_the_operator_share_no_right() {
        for right in Right::ALL {
            let has = |of_operator| {
                Role::ALL
                    .iter()
                    .any(|role| role.is_of_operator() == of_operator && right.roles().contains(role))
            };
            assert!(has(true) != has(false), "{right:?} belongs to one side");
        }
    }

    #[test]
    fn who_only_reads_changes_nothing() {
        for right in [
            Right::EditCompany,
            Right::ManageEmployees,
            Right::JoinContract,
            Right::ApplyForBank,
            Right::DecideBanks,
            Right::ManageTariffs,
            Right::ManageRegisters,
            Right::DecideRegistrations,
        ] {
            for role in [Role::Reader, Role::TaxInspector] {
                assert!(!right.roles().contains(&role), "{right:?}");
            }
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
