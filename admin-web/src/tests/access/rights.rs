//! What administrators are told of rights is what holds.

use super::*;

/// What each role is for, told once more and apart from the code: a right that moves must move here too.
pub(super) const MAY: [(Role, &[Right]); 8] = [
    (
        Role::Administrator,
        &[
            Right::SeeCompany,
            Right::EditCompany,
            Right::SeeRegisters,
            Right::ManageRegisters,
            Right::SeeMoney,
            Right::SeeDocuments,
            Right::SeeEmployees,
            Right::ManageEmployees,
            Right::ManageTokens,
            Right::SeeAudit,
            Right::JoinContract,
            Right::ApplyForBank,
        ],
    ),
    (
        Role::Accountant,
        &[
            Right::SeeCompany,
            Right::EditCompany,
            Right::SeeRegisters,
            Right::ManageRegisters,
            Right::SeeMoney,
            Right::SeeDocuments,
            Right::SeeEmployees,
            Right::JoinContract,
            Right::ApplyForBank,
        ],
    ),
    (
        Role::CashierManager,
        &[Right::SeeCompany, Right::SeeRegisters, Right::SeeDocuments, Right::SeeEmployees],
    ),
    (Role::Reader, &[Right::SeeCompany, Right::SeeRegisters]),
    (
        Role::OperatorAdministrator,
        &[
            Right::SeeAnyCompany,
            Right::SeeAnyAudit,
            Right::SeeAnyRegister,
            Right::DecideRegistrations,
            Right::CloseVisits,
            Right::BlockRegisters,
            Right::ManageTariffs,
            Right::ManageTicketTexts,
            Right::SeeAnyMoney,
            Right::ManagePayments,
            Right::ManageInvoices,
            Right::TakePromises,
            Right::ManagePaymentKeys,
            Right::DecideBanks,
            Right::ManageStaff,
        ],
    ),
    (
        Role::Support,
        &[
            Right::SeeAnyCompany,
            Right::SeeAnyAudit,
            Right::SeeAnyMoney,
            Right::SeeAnyRegister,
            Right::DecideRegistrations,
            Right::CloseVisits,
            Right::BlockRegisters,
            Right::ManageTicketTexts,
        ],
    ),
    (
        Role::Billing,
        &[
            Right::SeeAnyMoney,
            Right::ManagePayments,
            Right::ManageInvoices,
            Right::TakePromises,
            Right::ManagePaymentKeys,
            Right::ManageTariffs,
            Right::SeeAnyCompany,
            Right::DecideBanks,
        ],
    ),
    (Role::TaxInspector, &[Right::SeeAnyCompany, Right::SeeAnyRegister]),
];

#[test]
fn the_document_for_administrators_tells_who_may_what() {
    let path = format!("{}/../docs/people.md", env!("CARGO_MANIFEST_DIR"));
    let people = std::fs::read_to_string(path).unwrap();
    let told =
        |cell: &str| -> Vec<String> { cell.split('`').skip(1).step_by(2).map(str::to_owned).collect() };
    for right in Right::ALL {
        let row = people.lines().find(|line| line.starts_with(&format!("| `{}` |", right.name())));
        let row = row.unwrap_or_else(|| panic!("docs/people.md says nothing of {}", right.name()));
        let roles = told(row.split('|').nth(2).unwrap());
        let may: Vec<&str> =
            MAY.iter().filter(|(_, rights)| rights.contains(&right)).map(|(role, _)| role.name()).collect();
        assert_eq!(roles, may, "{}", right.name());
    }
}

#[test]
fn whatever_changes_something_takes_more_than_a_right_to_see() {
    use Right::{SeeAnyAudit, SeeAnyCompany, SeeAudit, SeeCompany, SeeEmployees};
    for route in routes().iter().filter(|route| route.verb() == "post") {
        let (Access::Member(right) | Access::Operator(right)) = route.access else { continue };
        let sees = [SeeCompany, SeeEmployees, SeeAudit, SeeAnyCompany, SeeAnyAudit];
        assert!(!sees.contains(&right), "{} takes {right:?}", route.path);
    }
}

#[test]
fn an_address_of_a_company_takes_a_right_in_that_company() {
    for route in routes() {
        let names_company = route.path.contains("{bin}");
        assert_eq!(names_company, matches!(route.access, Access::Member(_)), "{}", route.path);
        let is_operator = route.path.starts_with("/operator");
        assert_eq!(is_operator, matches!(route.access, Access::Operator(_)), "{}", route.path);
    }
}
