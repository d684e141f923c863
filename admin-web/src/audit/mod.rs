//! The audit of a company as its administrators read it, and the operator's own.
//!
//! `rules.rs` narrows rows and writes the file, `scan.rs` reads a bounded piece of the stream, `view.rs` and
//! `told.rs` say what rows mean, `handlers.rs` answers. The operator's look at a company's audit comes through [`answer`] too.

mod handlers;
mod rules;
mod scan;
mod told;
mod view;

use crate::cabinet::{Access, Pages, Right};
use crate::routes::Menu;

pub(crate) use handlers::{Showing, answer};
pub(crate) use told::ChangeView;

/// The addresses of this family.
pub(crate) fn pages(pages: Pages) -> Pages {
    let (company, operator) = (Access::Member(Right::SeeAudit), Access::Operator(Right::ManageStaff));
    pages
        .get("/c/{bin}/audit", "audit", company, handlers::show)
        .title("audit-title")
        .menu(Menu::Member, 40, "menu-audit")
        .get("/c/{bin}/audit.csv", "audit_file", company, handlers::file)
        .get("/operator/audit", "operator_audit", operator, handlers::show)
        .title("audit-title-operator")
        .menu(Menu::Operator, 40, "menu-operator-audit")
        .get("/operator/audit.csv", "operator_audit_file", operator, handlers::file)
}
