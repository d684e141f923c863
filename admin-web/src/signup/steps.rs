//! The steps of signing up, as the bar above their pages shows them.

use crate::page::Shell;

/// A step of signing up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// The signature, by which it is known who signs up.
    Signature,
    /// The account is made.
    Account,
    /// The company's data.
    Company,
    /// The contract is read.
    Contract,
    /// Application No. 1 is signed.
    Application,
}

/// A step as the bar shows it.
pub(crate) struct StepView {
    pub(crate) label: String,
    pub(crate) is_current: bool,
}

/// The bar of steps.
pub(crate) fn steps(shell: &Shell<'_>, current: Step) -> Vec<StepView> {
    let all = [
        (Step::Signature, shell.say("signup-step-signature")),
        (Step::Account, shell.say("signup-step-account")),
        (Step::Company, shell.say("signup-step-company")),
        (Step::Contract, shell.say("signup-step-contract")),
        (Step::Application, shell.say("signup-step-application")),
    ];
    all.into_iter().map(|(step, label)| StepView { label, is_current: step == current }).collect()
}
