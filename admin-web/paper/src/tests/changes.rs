//! What changed from one version of the contract to the next.

use ofd_edge::Language;

use crate::{ClauseChange, Contract, changes};

fn version(clauses: &[&str]) -> Contract {
    let text = clauses.join("\n\n");
    let text = format!("version: 1\nbegins on: 2026-01-01\n[ru]\n# Т\n{text}\n\n[kk]\n# Т\n{text}\n");
    Contract::parse(&text).unwrap()
}

fn told(old: &[&str], new: &[&str]) -> Vec<String> {
    let told = changes(&version(old), &version(new), Language::Russian);
    told.iter()
        .map(|change| match change {
            ClauseChange::Added(clause) => format!("+{} {}", clause.number, clause.text),
            ClauseChange::Removed(clause) => format!("-{} {}", clause.number, clause.text),
            ClauseChange::Changed { old, new } => format!("{} {} -> {}", new.number, old.text, new.text),
        })
        .collect()
}

#[test]
fn nothing_changed_between_a_version_and_itself() {
    assert!(told(&["## 1. А", "1.1. Б"], &["## 1. А", "1.1. Б"]).is_empty());
}

#[test]
fn a_clause_that_says_something_else_is_told_with_both_texts() {
    assert_eq!(told(&["1.1. А", "1.2. Б", "1.3. В"], &["1.1. А", "1.2. Г", "1.3. В"]), ["1.2 Б -> Г"]);
}

#[test]
fn a_clause_between_others_changes_nothing_but_their_numbers() {
    assert_eq!(told(&["1.1. А", "1.2. В"], &["1.1. А", "1.2. Б", "1.3. В"]), ["+1.2 Б"]);
    assert_eq!(told(&["1.1. А", "1.2. Б", "1.3. В"], &["1.1. А", "1.2. В"]), ["-1.2 Б"]);
}

#[test]
fn everything_may_change_at_once() {
    assert_eq!(
        told(&["1.1. А", "1.2. Б"], &["1.1. В", "1.2. Г", "1.3. Д"]),
        ["1.1 А -> В", "1.2 Б -> Г", "+1.3 Д"]
    );
}
