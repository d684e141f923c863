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

pub(crate) use handlers::{Showing, answer};
pub(crate) use told::ChangeView;

/// The addresses of this family.
pub(crate) fn pages(pages: Pages) -> Pages {
    pages
        .get("/c/{bin}/audit", "audit", Access::Company(Right::SeeAudit), handlers::show)
        .get("/c/{bin}/audit.csv", "audit_file", Access::Company(Right::SeeAudit), handlers::file)
        .get("/operator/audit", "operator_audit", Access::Operator(Right::ManageStaff), handlers::show)
        .get(
            "/operator/audit.csv",
            "operator_audit_file",
            Access::Operator(Right::ManageStaff),
            handlers::file,
        )
}
