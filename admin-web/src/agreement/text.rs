//! The text of a version of the contract on a page, and what became of each clause since another one.

use ofd_paper::{Clause, ClauseChange, Contract, ContractText, changes};

use crate::cabinet::{Ask, At};

/// A clause as the page shows it.
pub(crate) struct ClauseView {
    pub(crate) number: String,
    pub(crate) is_heading: bool,
    pub(crate) text: String,
}

/// What became of a clause.
pub(crate) struct ChangeView {
    /// What happened to it, in a word.
    pub(crate) what: String,
    /// What it said; empty of a new one.
    pub(crate) old: String,
    /// What it says; empty of one that is gone.
    pub(crate) new: String,
}

fn clause_text(site: &At, ask: &Ask, clause: &Clause) -> String {
    ContractText::filled(clause, ask.language(), &site.config.imprint)
}

fn change_view(site: &At, ask: &Ask, change: &ClauseChange) -> ChangeView {
    let words = site.texts(ask);
    let line = |clause: &Clause| {
        let text = clause_text(site, ask, clause);
        if clause.number.is_empty() { text } else { format!("{}. {text}", clause.number) }
    };
    let (what, old, new) = match change {
        ClauseChange::Added(clause) => ("contract-change-added", String::new(), line(clause)),
        ClauseChange::Removed(clause) => ("contract-change-removed", line(clause), String::new()),
        ClauseChange::Changed { old, new } => ("contract-change-changed", line(old), line(new)),
    };
    ChangeView { what: words.say(what), old, new }
}

/// The title of a version, and what it says.
pub(crate) fn text_views(site: &At, ask: &Ask, contract: &Contract) -> (String, Vec<ClauseView>) {
    contract.text(ask.language()).map_or_else(Default::default, |text| {
        let clauses = text.clauses.iter().map(|clause| ClauseView {
            number: clause.number.clone(),
            is_heading: clause.is_heading,
            text: clause_text(site, ask, clause),
        });
        (text.title.clone(), clauses.collect())
    })
}

/// What became of each clause from one version to another.
pub(crate) fn change_views(site: &At, ask: &Ask, (old, new): (&Contract, &Contract)) -> Vec<ChangeView> {
    changes(old, new, ask.language()).iter().map(|change| change_view(site, ask, change)).collect()
}
