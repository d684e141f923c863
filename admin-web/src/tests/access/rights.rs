//! What administrators are told of rights is what holds.

use super::*;

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
