//! A form on its way to a page: what was typed, and what is wrong with it, beside the field.

use std::collections::BTreeMap;

use ofd_office::fields::Fields;
use ofd_office::typed::Wrong;
use serde::{Deserialize, Serialize};

use crate::words::Words;

/// One of several values to choose from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// What is sent.
    pub value: String,
    /// What is shown.
    pub label: String,
}

impl Choice {
    /// A choice of a value that is shown as `label`.
    pub fn new(value: impl Into<String>, label: impl Into<String>) -> Self {
        Self { value: value.into(), label: label.into() }
    }
}

/// Fields that never come back: what opens doors, and what each page makes anew.
const SECRETS: [&str; 6] = ["csrf", "password", "repeat", "current", "signature", "challenge"];

/// One form of a page.
#[derive(Clone, Default, Serialize, Deserialize)]
pub struct Slot {
    pub fields: Vec<(String, String)>,
    pub errors: Vec<(String, String)>,
    pub error: Option<String>,
}

/// Pairs of fields that may come back.
pub(super) fn harmless<'a>(fields: impl Iterator<Item = (&'a str, &'a str)>) -> Vec<(String, String)> {
    let kept = fields.filter(|(name, value)| !SECRETS.contains(name) && !value.is_empty());
    kept.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

/// Values and errors of a form.
#[derive(Clone, Debug, Default)]
pub struct Form {
    fields: Fields,
    errors: BTreeMap<String, String>,
    /// What is wrong with the form as a whole.
    pub error: Option<String>,
}

impl Form {
    /// A form with what is there already.
    pub fn filled(values: impl IntoIterator<Item = (&'static str, String)>) -> Self {
        let values = values.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        Self { fields: Fields::new(values), ..Self::default() }
    }

    /// A form with what was sent.
    pub fn sent(fields: &Fields) -> Self {
        Self { fields: fields.clone(), ..Self::default() }
    }

    /// A form that is wrong as a whole.
    pub fn refused(error: String) -> Self {
        Self { error: Some(error), ..Self::default() }
    }

    /// A form as a page showed it before.
    pub fn again(slot: Slot) -> Self {
        let Slot { fields, errors, error } = slot;
        Self { fields: Fields::new(fields), errors: errors.into_iter().collect(), error }
    }

    /// What of it comes back to its page.
    pub fn kept(&self) -> Slot {
        let errors = self.errors().map(|(field, text)| (field.to_owned(), text.to_owned())).collect();
        Slot { fields: harmless(self.fields.pairs()), errors, error: self.error.clone() }
    }

    /// Values of all its fields.
    pub fn fields(&self) -> &Fields {
        &self.fields
    }

    /// What is wrong with which field.
    pub fn errors(&self) -> impl Iterator<Item = (&str, &str)> {
        self.errors.iter().map(|(field, text)| (field.as_str(), text.as_str()))
    }

    /// Says that a field is wrong; the first word on it stands.
    pub fn wrong(&mut self, field: &'static str, text: impl Into<String>) {
        self.errors.entry(field.to_owned()).or_insert_with(|| text.into());
    }

    /// Says what is wrong with fields that were read.
    pub fn tell(&mut self, words: &Words<'_>, errors: &[(&'static str, Wrong)]) {
        for (field, wrong) in errors {
            self.wrong(field, words.wrong(*wrong));
        }
    }

    /// Whether nothing is wrong.
    pub fn is_right(&self) -> bool {
        self.errors.is_empty() && self.error.is_none()
    }

    /// The status of a page that shows this form.
    pub fn status(&self) -> axum::http::StatusCode {
        if self.is_right() {
            axum::http::StatusCode::OK
        } else {
            axum::http::StatusCode::UNPROCESSABLE_ENTITY
        }
    }

    /// What stands in a field.
    pub fn value(&self, name: &str) -> &str {
        self.fields.raw(name)
    }

    /// Whether a value is chosen, among several of one name.
    pub fn has(&self, name: &str, value: &str) -> bool {
        self.fields.all(name).any(|found| found == value)
    }

    /// Whether a box is ticked.
    pub fn is_ticked(&self, name: &str) -> bool {
        self.fields.is_ticked(name)
    }

    /// What is wrong with a field.
    pub fn error_of(&self, name: &str) -> Option<&String> {
        self.errors.get(name)
    }

    /// What is wrong, for the list at the top of a page: fields with their labels, in the order of the page. `labels` says
    /// them as `name=label name=label`; a box that is its own label has none.
    pub fn summary<'a>(&'a self, labels: &'a str) -> Vec<WrongField<'a>> {
        let listed = labels.split_ascii_whitespace().filter_map(|pair| pair.split_once('='));
        let told = listed
            .clone()
            .filter_map(|(field, label)| Some(WrongField { field, label, text: self.errors.get(field)? }));
        // What is wrong is told even where a page forgot the field.
        let others = self.errors().filter(|(field, _)| !listed.clone().any(|(known, _)| known == *field));
        told.chain(others.map(|(field, text)| WrongField { field, label: "", text })).collect()
    }
}

/// A field that is wrong, as the list at the top of a page names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WrongField<'a> {
    /// Its name, which is where the link leads.
    pub field: &'a str,
    /// The key of its label; empty where the text says enough.
    pub label: &'a str,
    /// What is wrong.
    pub text: &'a str,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_of_errors_is_in_the_order_of_the_page_and_leaves_none_out() {
        let mut form = Form::default();
        for field in ["agree", "email", "forgotten", "name"] {
            form.wrong(field, format!("wrong {field}"));
        }
        let wrong = form.summary("name=staff-name email=staff-email agree=");
        let told: Vec<_> = wrong.iter().map(|wrong| (wrong.field, wrong.label, wrong.text)).collect();
        let expected = [
            ("name", "staff-name", "wrong name"),
            ("email", "staff-email", "wrong email"),
            ("agree", "", "wrong agree"),
            ("forgotten", "", "wrong forgotten"),
        ];
        assert_eq!(told, expected);
        assert!(Form::default().summary("name=staff-name").is_empty());
    }
}
