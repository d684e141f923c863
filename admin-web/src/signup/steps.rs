//! The steps of signing up, as the bar above their pages shows them.

use crate::page::Shell;

/// A step of signing up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    Signature,
    Account,
    /// The company's data.
    Company,
}

/// A step as the bar shows it.
pub(super) struct StepView {
    pub(super) label: String,
    pub(super) is_current: bool,
}

/// The bar of steps.
pub(super) fn steps(shell: &Shell<'_>, current: Step) -> Vec<StepView> {
    let all = [
        (Step::Signature, shell.say("signup-step-signature")),
        (Step::Account, shell.say("signup-step-account")),
        (Step::Company, shell.say("signup-step-company")),
    ];
    all.into_iter().map(|(step, label)| StepView { label, is_current: step == current }).collect()
}
