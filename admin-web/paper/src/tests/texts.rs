//! The texts that come with the program, and what is said of those that do not hold.

use ofd_edge::Language;

use super::{one, two};
use crate::{Contract, TextError, application_one, application_three, application_two};

const WHOLE: &str = "version: 2026-1\nbegins on: 2026-02-01\n\n[ru]\n# Договор\n## 1. Предмет\n1.1. Первый\nпункт {operator}.\n\n\
                     [kk]\n# Шарт\n## 1. Нысанасы\n1.1. Бірінші тармақ.\n";

#[test]
fn the_sample_is_a_contract_in_three_languages_and_marked_as_a_sample() {
    let sample = Contract::sample().unwrap();
    assert!(sample.is_sample);
    for language in Language::ALL {
        let text = sample.text(language).unwrap();
        assert!(text.clauses.len() > 20, "{language:?}");
    }
    let kazakh = sample.text(Language::Kazakh).unwrap();
    assert!(kazakh.clauses.iter().any(|clause| clause.text.contains("Салық құпиясы")));
}

#[test]
fn the_sample_states_what_the_law_demands() {
    let sample = Contract::sample().unwrap();
    let russian = sample.text(Language::Russian).unwrap();
    for duty in [
        "обязан соблюдать налоговую тайну",
        "согласен на то, что Оператор получает",
        "вправе прекратить Договор",
    ] {
        assert!(russian.clauses.iter().any(|clause| clause.text.contains(duty)), "{duty}");
    }
}

#[test]
fn every_application_has_its_text_in_every_language() {
    for language in Language::ALL {
        application_one(&one(language)).unwrap();
        application_two(&two(language)).unwrap();
        application_three(&two(language), "снять с учёта").unwrap();
    }
}

#[test]
fn lines_of_one_clause_are_one_text() {
    let contract = Contract::parse(WHOLE).unwrap();
    let clause = contract.text(Language::Russian).unwrap().clauses[1].clone();
    assert_eq!((clause.number.as_str(), clause.text.as_str()), ("1.1", "Первый пункт {operator}."));
    assert_eq!(contract.version, "2026-1");
    assert!(!contract.is_sample);
    assert_eq!(contract.text(Language::English), contract.text(Language::Russian), "English may be left out");
}

#[test]
fn a_text_that_is_no_contract_is_told_by_its_line() {
    let at = |text: &str| Contract::parse(text).unwrap_err();
    let told = |from: &str, to: &str| {
        assert!(WHOLE.contains(from), "{from}");
        at(&WHOLE.replacen(from, to, 1)).to_string()
    };
    assert_eq!(at(""), TextError::Missing { name: "version" });
    assert_eq!(told("version: 2026-1\n", ""), "the line `version: …` is missing above the first language");
    assert_eq!(
        told("2026-02-01", "01.02.2026"),
        "line 2: the day from which on it holds is written as 2026-12-01"
    );
    assert_eq!(told("[kk]", "[kz]"), "line 10: a language is [ru], [kk] or [en]");
    assert_eq!(told("[kk]", "[ru]"), "line 10: this language was begun before");
    assert_eq!(told("# Шарт\n", ""), "the text in Kazakh has no title: its first line is `# …`");
    assert_eq!(
        told("1.1. Бірінші", "1.2. Бірінші"),
        "the text in Kazakh has clause 1.2, where that in Russian has 1.1: both must have the same clauses"
    );
    assert!(
        told("{operator}", "{director}").starts_with("line 7: only {operator}"),
        "{}",
        told("{operator}", "{director}")
    );
    assert!(told("{operator}", "{operator").starts_with("line 7: only {operator}"));
    assert_eq!(
        told("version: 2026-1\n", "version: 2026-1\nsample: maybe\n"),
        "line 2: `sample` is yes or no"
    );
    assert_eq!(told("\n\n[ru]", "\nprice: 1\n[ru]"), "line 3: only version, begins on and sample stand here");
    let without = WHOLE.split("[kk]").next().unwrap();
    assert_eq!(at(without), TextError::NoLanguage { language: Language::Kazakh });
    let long = format!("{WHOLE}{}", "а ".repeat(1 << 20));
    assert!(matches!(at(&long), TextError::TooLong { .. }));
}
