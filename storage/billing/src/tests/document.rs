//! docs/billing.md: every rule of it has an example, and every example is so.

use std::collections::BTreeSet;

use super::{chosen, examples, ledger, standing};

const DOCUMENT: &str = include_str!("../../../../docs/billing.md");

/// Makes of what is given in an example what is so.
type Reader = fn(&[&str]) -> Vec<String>;

/// The kinds of examples, and whether an example may leave out some of what is so.
const KINDS: &[(&str, Reader, Extent)] = &[
    ("share", chosen::shares, Extent::All),
    ("vat", chosen::taxes, Extent::All),
    ("versions", chosen::versions, Extent::All),
    ("choice", chosen::choices, Extent::All),
    ("quote", chosen::quotes, Extent::All),
    ("charges", examples::charges, Extent::Named),
    ("late", examples::late, Extent::Named),
    ("runs", examples::runs, Extent::All),
    ("invoice", examples::contents, Extent::All),
    ("numbers", examples::numbers, Extent::All),
    ("documents", examples::documents, Extent::All),
    ("statement", examples::statements, Extent::All),
    ("xml", examples::xmls, Extent::Named),
    ("postings", ledger::postings, Extent::All),
    ("month", ledger::months, Extent::All),
    ("forecast", standing::forecasts, Extent::All),
    ("standing", standing::standings, Extent::All),
    ("aged", standing::ages, Extent::All),
];

/// Sections whose examples are read by tests of their own.
const READ_ELSEWHERE: &[&str] = &[];

#[derive(Clone, Copy, PartialEq, Eq)]
enum Extent {
    /// Everything that is so is said, in its order.
    All,
    /// What is said is so; and of lines, postings and corrections all are said where one is.
    Named,
}

/// First words of what is told wholly or not at all.
const WHOLE: &[&str] = &["line", "due", "correction", "unpriced"];

/// A rule of the document, with the examples below its heading.
struct Rule<'a> {
    section: &'a str,
    heading: &'a str,
    examples: Vec<(&'a str, Vec<&'a str>)>,
}

fn rules(text: &str) -> Vec<Rule<'_>> {
    let (mut section, mut rules, mut example) = ("", Vec::<Rule<'_>>::new(), false);
    for line in text.lines() {
        if let Some(kind) = line.strip_prefix("```example ") {
            let rule = rules.last_mut().unwrap_or_else(|| panic!("an example of {kind} before any rule"));
            rule.examples.push((kind, Vec::new()));
            example = true;
        } else if line.starts_with("```") {
            example = false;
        } else if example {
            let rule = rules.last_mut().expect("a rule");
            rule.examples.last_mut().expect("an example").1.push(line.trim());
        } else if let Some(heading) = line.strip_prefix("### ") {
            rules.push(Rule { section, heading, examples: Vec::new() });
        } else if let Some(heading) = line.strip_prefix("## ") {
            section = heading;
        }
    }
    rules
}

/// What is wrong with an example.
fn wrong(kind: &str, lines: &[&str]) -> Option<String> {
    let Some((_, reader, extent)) = KINDS.iter().find(|(name, ..)| *name == kind) else {
        return Some(format!("{kind} is no kind of example"));
    };
    let lines: Vec<&str> = lines.iter().copied().filter(|line| !line.is_empty()).collect();
    let is_said = |line: &&&str| line.starts_with("= ");
    let given: Vec<&str> = lines.iter().filter(|line| !is_said(line)).copied().collect();
    let said: Vec<&str> = lines.iter().filter(is_said).map(|line| line.trim_start_matches("= ")).collect();
    let so = reader(&given);
    if said.is_empty() {
        return Some("it says nothing".to_owned());
    }
    let holds = match extent {
        Extent::All => said == so,
        Extent::Named => {
            let with = |word: &str, lines: &[&str]| {
                lines.iter().filter(|line| line.split(' ').next() == Some(word)).count()
            };
            let so: Vec<&str> = so.iter().map(String::as_str).collect();
            said.iter().all(|line| so.contains(line))
                && WHOLE.iter().all(|word| with(word, &said) == 0 || with(word, &said) == with(word, &so))
        }
    };
    (!holds).then(|| format!("it says\n{}\nand so is\n{}", said.join("\n"), so.join("\n")))
}

#[test]
fn every_rule_has_an_example_and_every_example_is_so() {
    let (mut problems, mut used) = (Vec::new(), BTreeSet::new());
    let rules = rules(DOCUMENT);
    assert!(rules.len() > 30, "the rules are not where they are looked for");
    for rule in rules.iter().filter(|rule| !READ_ELSEWHERE.contains(&rule.section)) {
        if rule.examples.is_empty() {
            problems.push(format!("{}: {} has no example", rule.section, rule.heading));
        }
        for (kind, lines) in &rule.examples {
            used.insert(*kind);
            problems.extend(wrong(kind, lines).map(|what| format!("{}: {what}", rule.heading)));
        }
    }
    let unused = KINDS.iter().filter(|(kind, ..)| !used.contains(kind));
    problems.extend(unused.map(|(kind, ..)| format!("there is no example of {kind}")));
    assert!(problems.is_empty(), "{}", problems.join("\n\n"));
}

#[test]
fn an_example_that_is_not_so_is_found() {
    assert_eq!(wrong("share", &["1.00 x 1 / 3", "= 0.33"]), None);
    assert!(wrong("share", &["1.00 x 1 / 3", "= 0.34"]).is_some());
    assert!(wrong("share", &["1.00 x 1 / 3"]).is_some());
    assert!(wrong("no-such-kind", &["= 0.34"]).is_some());
    let month = ["month 2026-02", "plan p 2026-01-01 wired month 28.00", "registers 1-2 wired p 2026-02-28"];
    let line = |register| {
        format!("= line {register} month p/1 wired 2026-02-28..2026-02-28 1 at 28.00: 1.00 vat 0.14 at 16 %")
    };
    let (one, other) = (line(1), line(2));
    assert_eq!(wrong("charges", &[month.as_slice(), &[&one, &other]].concat()), None);
    assert!(wrong("charges", &[month.as_slice(), &[&one]].concat()).is_some(), "a line is left out");
    let read = rules("## A\n### B\n```example share\nx\n= y\n```\n### C\n");
    assert_eq!((read.len(), read[0].examples.len(), read[1].examples.len()), (2, 1, 0));
}
