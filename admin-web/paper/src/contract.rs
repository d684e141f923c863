//! The contract: its text by version, what differs between two versions, and the paper.

use std::sync::Arc;

use ofd_edge::{Imprint, Language};
use time::{Date, Month};

use crate::decoration::decorated;
use crate::error::{PaperError, TextError};
use crate::faces::Faces;
use crate::flow::{self, Block};
use crate::papers::JoinedContract;
use crate::pdf::{self, About};
use crate::template::{Part, Placed, Template, filled};
use crate::words::{self, named_by_operator};

/// The version that comes with the program: a sample, and marked as one.
const SAMPLE: &str = include_str!("../texts/contract/sample-1.txt");

/// How long the name of a version may be: it stands on every page.
const VERSION_LEN_MAX: usize = 40;

/// A version of the contract.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contract {
    /// What it is called; no two versions are called the same.
    pub version: String,
    /// The day from which on it holds.
    pub begins_on: Date,
    /// It is marked on every page as what nobody can be held to.
    pub is_sample: bool,
    texts: Vec<(Language, ContractText)>,
}

/// A version in one language.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContractText {
    /// What it is called.
    pub title: String,
    /// What it says, in order.
    pub clauses: Vec<Clause>,
}

/// A heading, or a clause below one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Clause {
    /// `3` of a heading, `3.2` of a clause, empty of a paragraph without one.
    pub number: String,
    /// Whether it is a heading.
    pub is_heading: bool,
    /// What it says. The operator's particulars stand in it as `{operator}`, `{operator-bin}` and so on: see
    /// [`ContractText::filled`].
    pub text: String,
}

/// What became of a clause from one version to the next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ClauseChange {
    /// It was not there before.
    Added(Clause),
    /// It is not there any more.
    Removed(Clause),
    /// It says something else.
    Changed {
        /// What it said.
        old: Clause,
        /// What it says.
        new: Clause,
    },
}

impl Contract {
    /// Reads a version; `texts/contract/sample-1.txt` of this crate is one.
    ///
    /// It must be there in Russian and in Kazakh, with the same clauses; English is for reading and may be left out.
    pub fn parse(text: &str) -> Result<Self, TextError> {
        let template = Template::parse(text)?;
        let version = template.value("version")?;
        let len = version.value.chars().count();
        if len == 0 || len > VERSION_LEN_MAX || version.value.chars().any(char::is_control) {
            return Err(TextError::Line { line: version.line, what: "a version has 1 to 40 characters" });
        }
        let begins = template.value("begins on")?;
        let what = "the day from which on it holds is written as 2026-12-01";
        let begins_on = day(&begins.value).ok_or(TextError::Line { line: begins.line, what })?;
        let is_sample = match template.value("sample").map(|sample| (sample.line, sample.value.as_str())) {
            Ok((_, "yes")) => true,
            Ok((_, "no")) | Err(_) => false,
            Ok((line, _)) => return Err(TextError::Line { line, what: "`sample` is yes or no" }),
        };
        if let Some(other) = template.header.iter().find(|one| !HEADER.contains(&one.name.as_str())) {
            let what = "only version, begins on and sample stand here";
            return Err(TextError::Line { line: other.line, what });
        }
        let mut texts = Vec::new();
        for language in Language::ALL {
            match template.language(language) {
                Some(parts) => texts.push((language, contract_text(language, parts)?)),
                None if language == Language::English => {}
                None => return Err(TextError::NoLanguage { language }),
            }
        }
        let contract = Self { version: version.value.clone(), begins_on, is_sample, texts };
        contract.same_clauses()?;
        Ok(contract)
    }

    /// The sample that comes with the program.
    pub fn sample() -> Result<Self, TextError> {
        Self::parse(SAMPLE)
    }

    /// The text in a language; where there is none in English, in Russian.
    pub fn text(&self, language: Language) -> Option<&ContractText> {
        let of = |language| self.texts.iter().find(|(one, _)| *one == language).map(|(_, text)| text);
        of(language).or_else(|| of(Language::Russian))
    }

    /// Who joins by one language joins by both, so none may have a clause more.
    fn same_clauses(&self) -> Result<(), TextError> {
        let numbers = |text: &ContractText| -> Vec<String> {
            text.clauses
                .iter()
                .map(|clause| clause.number.clone())
                .filter(|number| !number.is_empty())
                .collect()
        };
        let russian = self.text(Language::Russian).map(numbers).unwrap_or_default();
        for (language, text) in &self.texts {
            let own = numbers(text);
            let at = (0..own.len().max(russian.len())).find(|at| own.get(*at) != russian.get(*at));
            if let Some(at) = at {
                let told = |numbers: &[String]| numbers.get(at).cloned().unwrap_or_else(|| "none".to_owned());
                return Err(TextError::Clauses {
                    language: *language,
                    has: told(&own),
                    russian: told(&russian),
                });
            }
        }
        Ok(())
    }
}

impl From<&Contract> for JoinedContract {
    fn from(contract: &Contract) -> Self {
        Self {
            version: contract.version.clone(),
            begins_on: contract.begins_on,
            is_sample: contract.is_sample,
        }
    }
}

impl ContractText {
    /// A clause with the operator's particulars in it.
    pub fn filled(clause: &Clause, language: Language, operator: &Imprint) -> String {
        // Parsing let no other name pass.
        filled(&clause.text, |name| named_by_operator(name, language, operator)).unwrap_or_else(|name| name)
    }
}

/// What may stand above the first language.
const HEADER: &[&str] = &["version", "begins on", "sample"];

fn day(text: &str) -> Option<Date> {
    let mut parts = text.split('-');
    let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() || year.len() != 4 {
        return None;
    }
    let month = Month::try_from(month.parse::<u8>().ok()?).ok()?;
    Date::from_calendar_date(year.parse().ok()?, month, day.parse().ok()?).ok()
}

fn contract_text(language: Language, parts: &[Placed]) -> Result<ContractText, TextError> {
    let mut read = ContractText { title: String::new(), clauses: Vec::new() };
    for Placed { line, part } in parts {
        let wrong = |what| TextError::Line { line: *line, what };
        let clause = match part {
            Part::Title(title) if read.title.is_empty() => {
                read.title.clone_from(title);
                continue;
            }
            Part::Title(_) => return Err(wrong("a contract has one title")),
            Part::Heading(heading) => {
                let (number, text) = heading.split_once(". ").unwrap_or(("", heading));
                Clause { number: number.to_owned(), is_heading: true, text: text.to_owned() }
            }
            Part::Clause { number, text } => {
                Clause { number: number.clone(), is_heading: false, text: text.clone() }
            }
            Part::Paragraph(text) | Part::Centred(text) => {
                Clause { number: String::new(), is_heading: false, text: text.clone() }
            }
            Part::Field { .. } => return Err(wrong("a contract has no tables")),
        };
        let known =
            filled(&clause.text, |name| named_by_operator(name, Language::Russian, &Imprint::default()));
        if known.is_err() {
            return Err(wrong(
                "only {operator}, {operator-bin}, {operator-address}, {operator-phone}, \
                                            {operator-email} and {operator-site} are replaced",
            ));
        }
        read.clauses.push(clause);
    }
    if read.title.is_empty() {
        return Err(TextError::NoTitle { language });
    }
    Ok(read)
}

/// What differs from one version to another in a language, in the order of the newer one; what was removed stands where it
/// was. A clause that only got another number is the same.
pub fn changes(old: &Contract, new: &Contract, language: Language) -> Vec<ClauseChange> {
    let of =
        |contract: &Contract| contract.text(language).map(|text| text.clauses.clone()).unwrap_or_default();
    let (old, new) = (of(old), of(new));
    let mut told = Vec::new();
    let (mut removed, mut added) = (Vec::new(), Vec::new());
    for step in steps(&old, &new) {
        match step {
            Step::Removed(clause) => removed.push(clause),
            Step::Added(clause) => added.push(clause),
            Step::Same => told.extend(paired(std::mem::take(&mut removed), std::mem::take(&mut added))),
        }
    }
    told.extend(paired(removed, added));
    told
}

enum Step {
    Same,
    Removed(Clause),
    Added(Clause),
}

/// The way from one list to the other with the most that stays (longest common subsequence).
fn steps(old: &[Clause], new: &[Clause]) -> Vec<Step> {
    let same = |one: &Clause, other: &Clause| one.text == other.text && one.is_heading == other.is_heading;
    // best[i][j]: how much stays of old[i..] and new[j..].
    let mut best = vec![vec![0_usize; new.len().saturating_add(1)]; old.len().saturating_add(1)];
    let at = |best: &[Vec<usize>], i: usize, j: usize| {
        best.get(i).and_then(|row| row.get(j)).copied().unwrap_or(0)
    };
    for (i, one) in old.iter().enumerate().rev() {
        for (j, other) in new.iter().enumerate().rev() {
            let (down, right) = (i.saturating_add(1), j.saturating_add(1));
            let value = if same(one, other) {
                at(&best, down, right).saturating_add(1)
            } else {
                at(&best, down, j).max(at(&best, i, right))
            };
            if let Some(cell) = best.get_mut(i).and_then(|row| row.get_mut(j)) {
                *cell = value;
            }
        }
    }
    let (mut i, mut j, mut steps) = (0_usize, 0_usize, Vec::new());
    loop {
        let (down, right) = (i.saturating_add(1), j.saturating_add(1));
        match (old.get(i), new.get(j)) {
            (Some(one), Some(other)) if same(one, other) => {
                steps.push(Step::Same);
                (i, j) = (down, right);
            }
            (Some(one), Some(_)) if at(&best, down, j) >= at(&best, i, right) => {
                steps.push(Step::Removed(one.clone()));
                i = down;
            }
            (_, Some(other)) => {
                steps.push(Step::Added(other.clone()));
                j = right;
            }
            (Some(one), None) => {
                steps.push(Step::Removed(one.clone()));
                i = down;
            }
            (None, None) => return steps,
        }
    }
}

/// Of what went and what came at one place, what has one number was changed.
fn paired(mut removed: Vec<Clause>, added: Vec<Clause>) -> Vec<ClauseChange> {
    let mut told = Vec::new();
    for new in added {
        let same = |old: &Clause| {
            !old.number.is_empty() && old.number == new.number && old.is_heading == new.is_heading
        };
        match removed.iter().position(same) {
            Some(at) => {
                told.extend(removed.drain(..at).map(ClauseChange::Removed));
                let old = removed.remove(0);
                told.push(ClauseChange::Changed { old, new });
            }
            None => told.push(ClauseChange::Added(new)),
        }
    }
    told.extend(removed.into_iter().map(ClauseChange::Removed));
    told
}

/// The text of the contract, to be read and kept.
#[derive(Clone, Debug)]
pub struct ContractPaper {
    /// In which of its languages.
    pub language: Language,
    /// The version that is printed.
    pub contract: Arc<Contract>,
    /// With whom it is concluded.
    pub operator: Imprint,
}

/// The contract as PDF.
pub fn contract(paper: &ContractPaper) -> Result<Vec<u8>, PaperError> {
    let (language, version) = (paper.language, &paper.contract);
    let text = version.text(language).ok_or(PaperError::Damaged { what: "a text" })?;
    let faces = Faces::new()?;
    let named = words::said(language, ["Нұсқа", "Версия", "Version"]);
    let from = words::said(language, ["күшіне енуі", "действует с", "in force from"]);
    let mut blocks = vec![
        Block::Title(text.title.clone()),
        Block::Centred(format!("{named} {}, {from} {}", version.version, words::day(version.begins_on))),
    ];
    blocks.extend(text.clauses.iter().map(|clause| {
        let text = ContractText::filled(clause, language, &paper.operator);
        match (clause.is_heading, clause.number.as_str()) {
            (true, "") => Block::Heading(text),
            (true, number) => Block::Heading(format!("{number}. {text}")),
            (false, "") => Block::Paragraph(text),
            (false, number) => Block::Clause { number: number.to_owned(), text },
        }
    }));
    let pages = flow::pages(&faces, &blocks)?;
    let title = format!("{} · {}", text.title, version.version);
    let pages = decorated(&faces, pages, language, &title, version.is_sample);
    let about = About { language, title, author: paper.operator.title.clone(), date: version.begins_on };
    pdf::written(&faces, &pages, &about)
}
