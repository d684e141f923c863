//! A form on its way to a page: what was typed, and what is wrong with it, beside the field.

use std::collections::BTreeMap;

use super::fields::Fields;

/// One of several values to choose from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Choice {
    /// What is sent.
    pub(crate) value: String,
    /// What is shown.
    pub(crate) label: String,
}

impl Choice {
    pub(crate) fn new(value: impl Into<String>, label: impl Into<String>) -> Self {
        Self { value: value.into(), label: label.into() }
    }
}

/// Values and errors of a form.
#[derive(Clone, Debug, Default)]
pub(crate) struct Form {
    fields: Fields,
    errors: BTreeMap<&'static str, String>,
    /// What is wrong with the form as a whole.
    pub(crate) error: Option<String>,
}

impl Form {
    /// A form with what is there already.
    pub(crate) fn filled(values: impl IntoIterator<Item = (&'static str, String)>) -> Self {
        let values = values.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        Self { fields: Fields::new(values), ..Self::default() }
    }

    /// A form with what was sent.
    pub(crate) fn sent(fields: &Fields) -> Self {
        Self { fields: fields.clone(), ..Self::default() }
    }

    /// Says that a field is wrong; the first word on it stands.
    pub(crate) fn wrong(&mut self, field: &'static str, text: impl Into<String>) {
        self.errors.entry(field).or_insert_with(|| text.into());
    }

    /// Whether nothing is wrong.
    pub(crate) fn is_right(&self) -> bool {
        self.errors.is_empty() && self.error.is_none()
    }

    /// The status of a page that shows this form.
    pub(crate) fn status(&self) -> axum::http::StatusCode {
        if self.is_right() {
            axum::http::StatusCode::OK
        } else {
            axum::http::StatusCode::UNPROCESSABLE_ENTITY
        }
    }

    /// What stands in a field.
    pub(crate) fn value(&self, name: &str) -> &str {
        self.fields.raw(name)
    }

    /// Whether a value is chosen, among several of one name.
    pub(crate) fn has(&self, name: &str, value: &str) -> bool {
        self.fields.all(name).any(|found| found == value)
    }

    /// Whether a box is ticked.
    pub(crate) fn is_ticked(&self, name: &str) -> bool {
        self.fields.is_ticked(name)
    }

    /// What is wrong with a field.
    pub(crate) fn error_of(&self, name: &str) -> Option<&String> {
        self.errors.get(name)
    }

    /// The first field that is wrong, for the link at the top of the page.
    pub(crate) fn first_wrong(&self) -> Option<&'static str> {
        self.errors.keys().next().copied()
    }
}
