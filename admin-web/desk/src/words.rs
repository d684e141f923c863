//! What pages say, by Fluent, in three languages.

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use ofd_office::language::Language;
use unic_langid::LanguageIdentifier;

use crate::format;

type Bundle = FluentBundle<FluentResource>;

/// Why texts cannot be used. They are part of the program, so a test finds it first.
#[derive(Debug, thiserror::Error)]
#[error("i18n/{language}.ftl cannot be used: {reason}")]
pub struct WordsError {
    language: &'static str,
    reason: String,
}

/// The texts of all languages.
pub struct Dictionary {
    kazakh: Bundle,
    russian: Bundle,
    english: Bundle,
}

fn bundle(language: Language, texts: String) -> Result<Bundle, WordsError> {
    let failed = |reason: String| WordsError { language: language.code(), reason };
    let id: LanguageIdentifier = language.code().parse().map_err(|error| failed(format!("{error}")))?;
    let resource = FluentResource::try_new(texts).map_err(|(_, errors)| failed(format!("{errors:?}")))?;
    let mut bundle = Bundle::new_concurrent(vec![id]);
    // The marks around arguments are for texts of mixed direction; ours all run from left to right.
    bundle.set_use_isolating(false);
    bundle.add_resource(resource).map_err(|errors| failed(format!("{errors:?}")))?;
    Ok(bundle)
}

impl Dictionary {
    /// Reads all texts; `source` has those of a language.
    ///
    /// # Errors
    /// [`WordsError`] where a file is none of Fluent, or has a text twice.
    pub fn new(source: impl Fn(Language) -> String) -> Result<Self, WordsError> {
        let bundle = |language| bundle(language, source(language));
        Ok(Self {
            kazakh: bundle(Language::Kazakh)?,
            russian: bundle(Language::Russian)?,
            english: bundle(Language::English)?,
        })
    }

    /// The texts of one language.
    pub fn words(&self, language: Language) -> Words<'_> {
        let bundle = match language {
            Language::Kazakh => &self.kazakh,
            Language::Russian => &self.russian,
            Language::English => &self.english,
        };
        Words { language, bundle }
    }
}

/// The texts of one language.
#[derive(Clone, Copy)]
pub struct Words<'a> {
    /// Which language they are in.
    pub language: Language,
    bundle: &'a Bundle,
}

impl Words<'_> {
    /// The text of a key that takes no arguments.
    pub fn say(&self, key: &str) -> String {
        self.format(key, None)
    }

    /// A text with one value in it, named `value`.
    pub fn say_with(&self, key: &str, value: &str) -> String {
        let mut arguments = FluentArgs::new();
        arguments.set("value", value);
        self.format(key, Some(&arguments))
    }

    /// A text with a number in it, named `count`.
    pub fn say_count(&self, key: &str, count: u64) -> String {
        let mut arguments = FluentArgs::new();
        arguments.set("count", FluentValue::from(count));
        self.format(key, Some(&arguments))
    }

    /// A text that depends on a decimal number, named `count`: `1 pc`, `2.5 pcs`.
    pub fn say_number(&self, key: &str, digits: &str) -> String {
        let mut arguments = FluentArgs::new();
        arguments.set("count", FluentValue::try_number(digits));
        self.format(key, Some(&arguments))
    }

    /// An organisation's name as the language writes it.
    pub fn organisation(&self, title: &str) -> String {
        format::organisation(self.language, title)
    }

    /// A text with several values in it.
    pub fn say_values(&self, key: &str, values: &[(&str, &str)]) -> String {
        let mut arguments = FluentArgs::new();
        for (name, value) in values {
            arguments.set(*name, *value);
        }
        self.format(key, Some(&arguments))
    }

    fn format(&self, key: &str, arguments: Option<&FluentArgs<'_>>) -> String {
        let Some(pattern) = self.bundle.get_message(key).and_then(|message| message.value()) else {
            tracing::error!(key, language = self.language.code(), "there is no text {key}");
            return String::new();
        };
        let mut errors = Vec::new();
        self.bundle.format_pattern(pattern, arguments, &mut errors).into_owned()
    }
}
