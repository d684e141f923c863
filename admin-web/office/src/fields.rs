//! What people typed into a form, and the files they chose, by the names of the fields.

use std::sync::Arc;

use crate::work::{Content, Share};

/// A file that came with a form.
#[derive(Clone)]
pub struct Upload {
    /// The field's name.
    pub field: String,
    /// What the browser called the file.
    pub file_name: String,
    /// What is in it, in memory or in a file without a name.
    pub content: Content,
}

/// The fields of a form.
#[derive(Clone, Default)]
pub struct Fields {
    texts: Vec<(String, String)>,
    uploads: Vec<Upload>,
    /// What they take of the budget of memory.
    _memory: Option<Arc<Share>>,
}

/// Forms hold passwords.
impl std::fmt::Debug for Fields {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Fields").field("len", &self.texts.len()).finish_non_exhaustive()
    }
}

impl Fields {
    /// Fields from pairs.
    pub fn new(texts: Vec<(String, String)>) -> Self {
        Self { texts, uploads: Vec::new(), _memory: None }
    }

    /// Fields and files that take their share of the budget of memory until they are dropped.
    pub fn taken(texts: Vec<(String, String)>, uploads: Vec<Upload>, memory: Share) -> Self {
        Self { texts, uploads, _memory: Some(Arc::new(memory)) }
    }

    /// Every field with its value.
    pub fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.texts.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// The value of a field without blanks around it; empty where it is absent.
    pub fn text(&self, name: &str) -> &str {
        self.raw(name).trim()
    }

    /// The value as it came: of a password blanks count.
    pub fn raw(&self, name: &str) -> &str {
        self.texts.iter().find(|(found, _)| found == name).map_or("", |(_, value)| value)
    }

    /// Every value of a field with several.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.texts.iter().filter(move |(found, _)| found == name).map(|(_, value)| value.as_str())
    }

    /// Whether a box was ticked.
    pub fn is_ticked(&self, name: &str) -> bool {
        !self.text(name).is_empty()
    }

    /// The file of a field; none when the person chose none.
    pub fn upload(&self, name: &str) -> Option<&Upload> {
        self.uploads.iter().find(|upload| upload.field == name && !upload.content.is_empty())
    }
}
