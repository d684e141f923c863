//! The operator's look at organisations. Every look is written into the audit of the organisation before it is shown.

mod companies;
mod handlers;

use crate::cabinet::list::list;
use crate::cabinet::{Access, Pages, Right};
use crate::routes::Menu;

/// The addresses of this family.
pub(crate) fn pages(pages: Pages) -> Pages {
    let (company, audit) = (Access::Operator(Right::SeeAnyCompany), Access::Operator(Right::SeeAnyAudit));
    list::<companies::Companies>(pages, ["operator_companies", "operator_companies_file"], company)
        .menu(Menu::Operator, 10, "menu-companies")
        .get("/operator/companies/{company}", "operator_company", company, handlers::card)
        .get("/operator/companies/{company}/audit", "operator_company_audit", audit, handlers::audit)
}
