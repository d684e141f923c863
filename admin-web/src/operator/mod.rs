//! The operator's look at organisations. Every look is written into the audit of the organisation before it is shown.

mod handlers;

use ofd_storage::store::Store;

use crate::cabinet::{Access, Pages, Right};

/// The addresses of this family.
pub(crate) fn pages<S: Store>(pages: Pages<S>) -> Pages<S> {
    let (company, audit) = (Access::Operator(Right::SeeAnyCompany), Access::Operator(Right::SeeAnyAudit));
    pages
        .get("/operator/companies", "operator_companies", company, handlers::list::<S>)
        .get("/operator/companies/{company}", "operator_company", company, handlers::card::<S>)
        .get("/operator/companies/{company}/audit", "operator_company_audit", audit, handlers::audit::<S>)
}
