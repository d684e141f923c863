//! Signing up: from a certificate to an account and a company.
//!
//! Three steps: the signature, the account, the company's data. What the certificate proved goes from step to step as a
//! sealed statement, so nothing is kept of somebody who stops half way. The contract and the signed application will be
//! further steps.

mod account;
mod company;
mod offer;
mod rules;
mod way;

use crate::cabinet::{Access, Pages};
use crate::page::Shell;

pub(crate) use account::begin;
pub(crate) use offer::company_path;
pub(crate) use way::way_on;

/// A step of signing up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    Signature,
    Account,
    /// The company's data.
    Company,
}

/// A step as the bar shows it.
struct StepView {
    label: String,
    is_current: bool,
}

/// The bar of steps.
fn steps(shell: &Shell<'_>, current: Step) -> Vec<StepView> {
    let all = [
        (Step::Signature, shell.say("signup-step-signature")),
        (Step::Account, shell.say("signup-step-account")),
        (Step::Company, shell.say("signup-step-company")),
    ];
    all.into_iter().map(|(step, label)| StepView { label, is_current: step == current }).collect()
}

/// The addresses of this family.
pub(crate) fn pages(pages: Pages) -> Pages {
    let (anyone, signed_in) = (Access::Anyone, Access::SignedIn);
    pages
        .get("/sign-up", "sign_up", anyone, account::show)
        .post("/sign-up", "sign_up", anyone, account::take)
        .get("/sign-up/company", "sign_up_company", signed_in, company::show)
        .post("/sign-up/company", "sign_up_company", signed_in, company::take)
}
