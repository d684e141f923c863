//! The directory of models: those that the tax authority has on its list.
//!
//! The operator imports the list; until then there is a sample that comes with the program, marked as one.

use std::sync::OnceLock;

use ofd_storage::model::{self, Model as _, RegisterModel};
use ofd_storage::store::{RecordKind, Store, StoreError};

use crate::day::{day, kept};

/// The sample that comes with the program.
const SAMPLE: &str = include_str!("../../data/register_models.csv");

/// Models of the directory. The state's list had 174 at the beginning of 2026, after a hundred were taken off.
const MODELS_MAX: usize = 5_000;

/// Models that are read from the store at once.
const PAGE: usize = 500;

/// Characters of a name or kind.
const TEXT_LEN_MAX: usize = 200;

/// The columns of the list, in the order of the tax authority's form.
const COLUMNS: [&str; 5] = ["id", "name", "type", "on line", "date"];

/// Why a list is not read.
#[derive(Debug, thiserror::Error)]
pub enum ModelsError {
    /// It is no CSV.
    #[error("{0}; the list is a CSV file with semicolons or commas, in UTF-8")]
    Csv(#[from] csv::Error),
    /// A line is no model.
    #[error("line {line}: {reason}; a line has {columns}", columns = COLUMNS.join(", "))]
    Line {
        /// The line of the file.
        line: u64,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// More models than there are.
    #[error("the list has more than {MODELS_MAX} models; is it the right file?")]
    TooMany,
    /// No model is in it: importing it would leave none to register.
    #[error("the list has no model; is it the right file?")]
    Empty,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The models to choose from.
#[derive(Clone, Debug)]
pub struct Models {
    /// All of them, by name.
    pub models: Vec<RegisterModel>,
    /// Nobody imported a list: these are a sample.
    pub is_sample: bool,
}

impl Models {
    /// The model of an id.
    #[must_use]
    pub fn get(&self, id: &str) -> Option<&RegisterModel> {
        self.models.iter().find(|model| model.id == id)
    }
}

/// Reads a list of models: id, name, type, flag (1 on line, 0 not used), date of entry. A first line that names the columns
/// is passed over, and so are lines that begin with `#`.
///
/// # Errors
/// [`ModelsError`], with the line.
pub fn read_models(text: &str) -> Result<Vec<RegisterModel>, ModelsError> {
    let text = text.trim_start_matches('\u{feff}');
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    let semicolons = lines.clone().next().is_some_and(|line| line.contains(';'));
    let mut reader = csv::ReaderBuilder::new();
    reader.has_headers(false).flexible(true).comment(Some(b'#')).trim(csv::Trim::All);
    reader.delimiter(if semicolons { b';' } else { b',' });
    let mut models: Vec<RegisterModel> = Vec::new();
    let mut ids = std::collections::HashSet::new();
    for (index, row) in reader.from_reader(text.as_bytes()).records().enumerate() {
        let row = row?;
        let line = row.position().map_or(0, csv::Position::line);
        let wrong = |reason| ModelsError::Line { line, reason };
        let mut cells = row.iter();
        let mut next = || cells.next().ok_or(wrong("it has too few columns"));
        let (id, name, kind, flag, date) = (next()?, next()?, next()?, next()?, next()?);
        if RegisterModel::key_of(id).is_none() {
            if index == 0 {
                continue;
            }
            return Err(wrong("the id is not 1 to 14 digits"));
        }
        if name.is_empty() || [name, kind].iter().any(|text| text.chars().count() > TEXT_LEN_MAX) {
            return Err(wrong("the name is empty, or name or type is longer than 200 characters"));
        }
        let is_used = match flag {
            "1" => true,
            "0" => false,
            _ => return Err(wrong("the flag is neither 1 nor 0")),
        };
        let entered_on = kept(day(date).ok_or(wrong("the date is none"))?);
        let id = id.trim_start_matches('0').to_owned();
        if id.is_empty() || !ids.insert(id.clone()) {
            return Err(wrong("the id is 0, or stands there twice"));
        }
        if models.len() >= MODELS_MAX {
            return Err(ModelsError::TooMany);
        }
        models.push(RegisterModel { id, name: name.to_owned(), kind: kind.to_owned(), is_used, entered_on });
    }
    if models.is_empty() {
        return Err(ModelsError::Empty);
    }
    Ok(models)
}

fn sample() -> &'static [RegisterModel] {
    static READ: OnceLock<Vec<RegisterModel>> = OnceLock::new();
    READ.get_or_init(|| read_models(SAMPLE).unwrap_or_default())
}

/// The directory as it is now.
///
/// # Errors
/// Those of the store.
pub async fn models(store: &impl Store) -> Result<Models, StoreError> {
    let mut models = kept_models(store).await?;
    let is_sample = models.is_empty();
    if is_sample {
        models = sample().to_vec();
    }
    models.sort_by_key(|model| (model.name.to_lowercase(), model.id.clone()));
    Ok(Models { models, is_sample })
}

async fn kept_models(store: &impl Store) -> Result<Vec<RegisterModel>, StoreError> {
    let (mut models, mut after) = (Vec::new(), None);
    while models.len() < MODELS_MAX {
        let page = store.records(RecordKind::RegisterModel, b"", after.as_deref(), PAGE).await?;
        for record in &page {
            models.push(model::decode::<RegisterModel>(record)?.1);
        }
        match page.last() {
            Some(last) if page.len() == PAGE => after = Some(last.key.to_vec()),
            _ => break,
        }
    }
    Ok(models)
}

/// What an import changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Imported {
    /// Models that were not there.
    pub added: usize,
    /// Models that were otherwise.
    pub changed: usize,
    /// Models that are not in the list any more: from now on no register of them is registered.
    pub dropped: usize,
}

/// Imports a list in place of the one that is there. A model that is not in it stays known, as one that is not used. Safe to
/// repeat.
///
/// # Errors
/// Those of the store.
pub async fn import_models(store: &impl Store, list: &[RegisterModel]) -> Result<Imported, StoreError> {
    let mut imported = Imported::default();
    let known = kept_models(store).await?;
    let gone = known.iter().filter(|model| model.is_used && !list.iter().any(|one| one.id == model.id));
    let gone: Vec<_> = gone.map(|model| RegisterModel { is_used: false, ..model.clone() }).collect();
    for (model, is_gone) in
        list.iter().map(|model| (model, false)).chain(gone.iter().map(|model| (model, true)))
    {
        match model::load::<RegisterModel>(store, &model.key()).await? {
            None => imported.added += usize::from(model::create(store, model).await?),
            Some((_, kept)) if kept == *model => {}
            Some((version, _)) => {
                model::replace(store, version, model).await?;
                let count = if is_gone { &mut imported.dropped } else { &mut imported.changed };
                *count = count.saturating_add(1);
            }
        }
    }
    Ok(imported)
}

#[cfg(test)]
mod tests {
    use ofd_storage::memory::MemoryStore;

    use super::*;

    #[test]
    fn the_sample_can_be_read_and_has_models_that_are_used_and_one_that_is_not() {
        let models = read_models(SAMPLE).unwrap();
        assert!(models.iter().filter(|model| model.is_used).count() >= 5);
        assert!(models.iter().any(|model| !model.is_used));
    }

    #[test]
    fn a_list_is_read_with_either_mark_and_a_broken_line_is_named() {
        let semicolons = "id;name;type;flag;date\n# comment\n007;Модель «А; Б»;Касса;1;22.01.2026\n";
        assert!(read_models(semicolons).is_err(), "a name with the mark in it is quoted");
        let quoted = "\u{feff}id;name;type;flag;date\r\n007;\"Модель А; Б\";Касса;1;22.01.2026\r\n";
        let models = read_models(quoted).unwrap();
        assert_eq!((models[0].id.as_str(), models[0].name.as_str()), ("7", "Модель А; Б"));
        assert_eq!((models[0].is_used, models[0].entered_on.as_str()), (true, "2026-01-22"));
        assert_eq!(read_models("7,A,B,0,2026-01-22\n").unwrap().len(), 1);
        for (wrong, reason) in [
            ("7,A,B,1,2026-01-22\n7,A,B,1,2026-01-22", "line 2: the id is 0, or stands there twice"),
            ("7,A,B,1,2026-01-22\nx,A,B,1,2026-01-22", "line 2: the id is not"),
            ("7,A,B,2,2026-01-22", "line 1: the flag"),
            ("7,A,B,1,yesterday", "line 1: the date"),
            ("7,,B,1,2026-01-22", "line 1: the name"),
            ("7,A", "line 1: it has too few"),
            ("", "the list has no model"),
            ("id,name,type,flag,date\n# 7,A,B,1,2026-01-22\n", "the list has no model"),
        ] {
            let told = read_models(wrong).unwrap_err().to_string();
            assert!(told.starts_with(reason), "{told}");
        }
    }

    #[tokio::test]
    async fn an_imported_list_stands_in_place_of_the_sample_and_what_leaves_it_is_not_used() {
        let store = MemoryStore::new();
        assert!(models(&store).await.unwrap().is_sample);
        let first = read_models("7,A,B,1,2026-01-22\n8,C,B,1,2026-01-22\n").unwrap();
        let imported = import_models(&store, &first).await.unwrap();
        assert_eq!(imported, Imported { added: 2, ..Imported::default() });
        assert_eq!(import_models(&store, &first).await.unwrap(), Imported::default(), "safe to repeat");
        let later = read_models("7,A2,B,1,2026-01-22\n").unwrap();
        let imported = import_models(&store, &later).await.unwrap();
        assert_eq!(imported, Imported { added: 0, changed: 1, dropped: 1 });
        let found = models(&store).await.unwrap();
        assert!(!found.is_sample && !found.get("8").unwrap().is_used);
        assert_eq!(found.get("7").unwrap().name, "A2");
    }
}
