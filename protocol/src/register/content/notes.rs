//! Departures that a document is taken with, and what a strict version refuses of them.

use std::fmt;

use crate::refusal::Refusal;
use crate::version::Version;
use crate::warning::Warning;

/// Collects departures while a document is judged. Nothing is put into words unless a strict version refuses it.
#[derive(Debug)]
pub(in crate::register) struct Notes {
    warnings: Vec<Warning>,
    strict: Option<Version>,
    refused: Option<Refusal>,
}

impl Notes {
    /// `strict` is the version of the document when its written rules are enforced.
    pub(in crate::register) fn new(strict: Option<Version>) -> Self {
        Self { warnings: Vec::new(), strict, refused: None }
    }

    /// Notes nothing: for documents that were accepted before.
    pub(in crate::register) fn ignored() -> Self {
        Self::new(None)
    }

    /// A field whose value departs from the rules.
    pub(in crate::register) fn add(
        &mut self,
        warning: Warning,
        field: impl fmt::Display,
        value: impl fmt::Display,
    ) {
        self.note(warning, field, || Some(value.to_string()));
    }

    /// A field that is not there.
    pub(in crate::register) fn missing(&mut self, warning: Warning, field: impl fmt::Display) {
        self.note(warning, field, || None);
    }

    fn note(&mut self, warning: Warning, field: impl fmt::Display, value: impl FnOnce() -> Option<String>) {
        self.warnings.push(warning);
        let strict = self.strict.filter(|_| self.refused.is_none() && warning.is_refused_when_strict());
        if let Some(version) = strict {
            let (version, field) = (version.code(), field.to_string());
            self.refused = Some(Refusal::Strict { version, warning, field, value: value() });
        }
    }

    /// The warnings of a document that is taken.
    ///
    /// # Errors
    /// [`Refusal::Strict`] with the first departure, where the version is strict.
    pub(in crate::register) fn judged(self) -> Result<Vec<Warning>, Refusal> {
        match self.refused {
            Some(refusal) => Err(refusal),
            None => Ok(self.warnings),
        }
    }
}
