//! Signing up: from a certificate to an account and a company.
//!
//! Five steps: the signature, the account, the company's data, the contract, Application No. 1. What the certificate
//! proved goes from step to step as a sealed statement, so nothing is kept of somebody who stops before the company is
//! here. The last two lie in `agreement`: they are the company's, whoever of its people goes on with them.

mod account;
mod company;
mod offer;
mod rules;
mod steps;
mod way;

use crate::cabinet::{Access, Pages};

pub(crate) use account::begin;
pub(crate) use offer::company_path;
pub(crate) use steps::{Step, StepView, steps};
pub(crate) use way::way_on;

/// The addresses of this family.
pub(crate) fn pages(pages: Pages) -> Pages {
    let (anyone, signed_in) = (Access::Anyone, Access::SignedIn);
    pages
        .get("/sign-up", "sign_up", anyone, account::show)
        .post("/sign-up", "sign_up", anyone, account::take)
        .get("/sign-up/company", "sign_up_company", signed_in, company::show)
        .post("/sign-up/company", "sign_up_company", signed_in, company::take)
}
