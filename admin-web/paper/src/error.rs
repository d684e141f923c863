//! What can stand against a paper, and against the text of a contract.

use ofd_edge::Language;

/// Why there is no paper.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum PaperError {
    /// What was given is longer than any paper of ours.
    #[error("the paper would have more than {limit} pages; shorten what stands in it")]
    TooLong {
        /// How many pages a paper may have.
        limit: usize,
    },
    /// A font or text that is part of the program does not hold what it must.
    #[error("part of the program is damaged ({what}); install it anew")]
    Damaged {
        /// Which part it is.
        what: &'static str,
    },
    /// The writer of PDF refused.
    #[error("the paper cannot be written as PDF/A-2u: {why}")]
    Pdf {
        /// In the writer's words.
        why: String,
    },
}

/// What is wrong with a text of papers, such as that of a contract version.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
pub enum TextError {
    /// Nobody reads that much, and everything is kept.
    #[error("the text is longer than {limit} bytes")]
    TooLong {
        /// How long it may be.
        limit: usize,
    },
    /// A line at the top that must be there.
    #[error("the line `{name}: …` is missing above the first language")]
    Missing {
        /// What the line is called.
        name: &'static str,
    },
    /// A line that says nothing that is understood at its place.
    #[error("line {line}: {what}")]
    Line {
        /// Counted from 1.
        line: usize,
        /// What is wrong with it.
        what: &'static str,
    },
    /// A language that must be there.
    #[error("there is no text in {}: a line `[{}]` begins it", language_name(*.language), .language.code())]
    NoLanguage {
        /// The language without it.
        language: Language,
    },
    /// A language without a line that says what the contract is called.
    #[error("the text in {} has no title: its first line is `# …`", language_name(*.language))]
    NoTitle {
        /// The language without it.
        language: Language,
    },
    /// Two languages differ in their clauses.
    #[error("the text in {} has clause {has}, where that in Russian has {russian}: both must have the same clauses", language_name(*.language))]
    Clauses {
        /// The language that differs from Russian.
        language: Language,
        /// The number it has, or `none`.
        has: String,
        /// The number in Russian at this place, or `none`.
        russian: String,
    },
}

fn language_name(language: Language) -> &'static str {
    match language {
        Language::Kazakh => "Kazakh",
        Language::Russian => "Russian",
        Language::English => "English",
    }
}
