//! A company's people: who they are, what they may, who is invited. The operator's own staff has the same pages.
//!
//! `ofd_office::staff` decides, `view.rs` says what is shown; `people.rs` holds the list and a person's page, `blocks.rs`
//! blocks, `inviting.rs` sends and withdraws invitations, `joining.rs` is where the letter's link leads.

mod blocks;
mod file;
mod inviting;
mod joining;
mod people;
mod view;

use crate::cabinet::list::list_file;
use crate::cabinet::{Access, Pages, Right};
use crate::routes::Menu;

const SEE: Access = Access::Member(Right::SeeEmployees);
const MANAGE: Access = Access::Member(Right::ManageEmployees);
const STAFF: Access = Access::Operator(Right::ManageStaff);

/// The addresses of this family.
pub(crate) fn pages(pages: Pages) -> Pages {
    list_file::<file::Employees>(pages, "employees_file", SEE)
        .get("/c/{bin}/employees", "employees", SEE, people::list)
        .title("staff-title")
        .menu(Menu::Member, 20, "menu-employees")
        .and_under(&["/c/{bin}/invitations"])
        .get("/c/{bin}/employees/invite", "employee_invite", MANAGE, inviting::show)
        .post("/c/{bin}/employees/invite", "employee_invite", MANAGE, inviting::invite)
        .get("/c/{bin}/employees/{account}", "employee", SEE, people::show)
        .post("/c/{bin}/employees/{account}", "employee", MANAGE, people::save_roles)
        .get("/c/{bin}/employees/{account}/block", "employee_block", MANAGE, blocks::show)
        .post("/c/{bin}/employees/{account}/block", "employee_block", MANAGE, blocks::block)
        .post("/c/{bin}/employees/{account}/unblock", "employee_unblock", MANAGE, blocks::unblock)
        .shown_at("/c/{bin}/employees/{account}")
        .get("/c/{bin}/invitations/{id}/cancel", "invitation_cancel", MANAGE, inviting::show_cancel)
        .post("/c/{bin}/invitations/{id}/cancel", "invitation_cancel", MANAGE, inviting::cancel)
        .get("/operator/staff", "staff", STAFF, people::list)
        .title("staff-title-operator")
        .menu(Menu::Operator, 30, "menu-staff")
        .and_under(&["/operator/invitations"])
        .get("/operator/staff/invite", "staff_invite", STAFF, inviting::show)
        .post("/operator/staff/invite", "staff_invite", STAFF, inviting::invite)
        .get("/operator/staff/{account}", "staff_person", STAFF, people::show)
        .post("/operator/staff/{account}", "staff_person", STAFF, people::save_roles)
        .get("/operator/staff/{account}/block", "staff_block", STAFF, blocks::show)
        .post("/operator/staff/{account}/block", "staff_block", STAFF, blocks::block)
        .post("/operator/staff/{account}/unblock", "staff_unblock", STAFF, blocks::unblock)
        .shown_at("/operator/staff/{account}")
        .get("/operator/invitations/{id}/cancel", "staff_invitation_cancel", STAFF, inviting::show_cancel)
        .post("/operator/invitations/{id}/cancel", "staff_invitation_cancel", STAFF, inviting::cancel)
        .get("/invitation", "invitation", Access::Secret, joining::show)
        .post("/invitation", "invitation", Access::Secret, joining::join)
}
