//! The directory of models of registers: those that the tax authority has on its list, or the sample until it is imported.

use ofd_office::day::{day, written};
use ofd_office::registrations::models::models;
use ofd_storage::model::RegisterModel;

use crate::cabinet::list::{Cell, FilterField, List, ListPaths, Piece, list_paths};
use crate::cabinet::{Ask, Choice, Failure};
use crate::site::Site;
use crate::words::Words;

/// Which models are asked for, by the word for it in the address.
const USED: [(&str, &str, Option<bool>); 3] =
    [("", "models-any", None), ("used", "models-used", Some(true)), ("unused", "models-unused", Some(false))];

/// What is looked for.
pub(super) struct ModelQuery {
    text: String,
    is_used: Option<bool>,
}

impl ModelQuery {
    fn admits(&self, model: &RegisterModel) -> bool {
        let is_found = model.id.starts_with(&self.text)
            || [&model.name, &model.kind].iter().any(|text| text.to_lowercase().contains(&self.text));
        is_found && self.is_used.is_none_or(|is_used| is_used == model.is_used)
    }
}

pub(super) struct Directory;

impl Directory {
    /// The models behind one, and whether all of them are a sample.
    async fn read(
        site: &Site,
        query: &ModelQuery,
        after: Option<&str>,
        limit: usize,
    ) -> Result<(Piece<RegisterModel>, bool), Failure> {
        let known = models(&site.office.store).await?;
        // Sorted by name: a page goes on behind the model that was last.
        let behind = after.and_then(|after| known.models.iter().position(|model| model.id == after));
        let from = behind.map_or(0, |at| at.saturating_add(1));
        let mut rows = known.models.into_iter().skip(from).filter(|model| query.admits(model));
        let page: Vec<RegisterModel> = rows.by_ref().take(limit).collect();
        let next = rows.next().and_then(|_| page.last().map(|last| last.id.clone()));
        Ok((Piece { rows: page, next }, known.is_sample))
    }
}

impl List for Directory {
    type Query = ModelQuery;
    type Row = RegisterModel;

    const PATHS: ListPaths = list_paths!("/operator/models");
    const TITLE: (&'static str, &'static str) = ("models-title", "register-models");
    const COLUMNS: &'static [&'static str] =
        &["models-id", "models-name", "models-kind", "models-state", "models-since"];
    const NONE: &'static str = "models-none";
    const NOTE: Option<&'static str> = Some("models-note");

    fn fields(words: &Words<'_>) -> Vec<FilterField> {
        let used = USED.map(|(name, text, _)| Choice::new(name, words.say(text)));
        vec![
            FilterField::typed("q", "models-search", "models-search-hint"),
            FilterField::choice("used", "models-state", used.into()),
        ]
    }

    fn query(ask: &Ask) -> ModelQuery {
        let used = USED.into_iter().find(|(name, ..)| *name == ask.parameter("used"));
        ModelQuery {
            text: ask.parameter("q").to_lowercase(),
            is_used: used.and_then(|(.., is_used)| is_used),
        }
    }

    async fn rows(
        site: &Site,
        query: &ModelQuery,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Piece<RegisterModel>, Failure> {
        Ok(Self::read(site, query, after, limit).await?.0)
    }

    async fn page(
        site: &Site,
        ask: &Ask,
        query: &ModelQuery,
        after: Option<&str>,
        limit: usize,
    ) -> Result<(Piece<RegisterModel>, Vec<String>), Failure> {
        let (piece, is_sample) = Self::read(site, query, after, limit).await?;
        let said = is_sample.then(|| site.texts(ask).say("models-sample"));
        Ok((piece, said.into_iter().collect()))
    }

    fn cells(site: &Site, ask: &Ask, model: &RegisterModel) -> Vec<Cell> {
        let words = site.texts(ask);
        let state = if model.is_used { "models-is-used" } else { "models-is-unused" };
        vec![
            Cell::text(model.id.as_str()),
            Cell::text(model.name.as_str()),
            Cell::text(model.kind.as_str()),
            Cell::text(words.say(state)),
            Cell::text(day(&model.entered_on).map_or_else(String::new, written)),
        ]
    }
}
