//! Lists: how a list is narrowed and where it goes on stands in its address, so that it can be sent on, reloaded and gone
//! back to. The same rows come as a file for spreadsheets, from the same address with `.csv` behind it.
//!
//! A [`List`] says what is asked for, where its rows come from and what stands in them; pages and file are made here.

use std::future::Future;

use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;
use ofd_office::language::Language;
use ofd_protocol::types::SignedTenge;

use super::{Access, Ask, At, Choice, Failure, Form, Pages};
use crate::format;
use crate::page::Shell;
use crate::sheet::Sheet;
use crate::site::Site;
use crate::words::Words;

/// Rows of a page: what a person reads before narrowing the list instead.
const PAGE_ROWS: usize = 50;

/// Rows of a file; a spreadsheet of more is nobody's reading, and the store would be read for minutes.
const FILE_ROWS_MAX: usize = 10_000;

/// Rows that are read for a file at a time.
const FILE_PIECE: usize = 250;

/// A file is read in so many pieces at most: of a list that is narrowed to little, pieces are short.
const FILE_PIECES_MAX: usize = 200;

/// The parameter of where a list goes on.
const AFTER: &str = "after";

/// Where a list is, and where its file.
#[derive(Clone, Copy, Debug)]
pub struct ListPaths {
    /// The page that shows it.
    pub page: &'static str,
    /// All of it as a file.
    pub file: &'static str,
}

/// The paths of a list and of its file.
#[macro_export]
macro_rules! list_paths {
    ($path:literal) => {
        $crate::cabinet::list::ListPaths { page: $path, file: concat!($path, ".csv") }
    };
}

pub use crate::list_paths;

/// A field by which a list is narrowed.
#[derive(Clone, Debug)]
pub struct FilterField {
    name: &'static str,
    label: &'static str,
    hint: &'static str,
    /// The values to choose from; none where something is typed.
    choices: Vec<Choice>,
}

impl FilterField {
    /// A line to type into; `hint` says what is looked at.
    pub fn typed(name: &'static str, label: &'static str, hint: &'static str) -> Self {
        Self { name, label, hint, choices: Vec::new() }
    }

    /// One of several values. The first, an empty one, narrows nothing.
    pub fn choice(name: &'static str, label: &'static str, choices: Vec<Choice>) -> Self {
        Self { name, label, hint: "", choices }
    }
}

/// What stands in a row under a column.
#[derive(Clone, Debug)]
pub struct Cell {
    text: String,
    /// Where it leads, on the page.
    href: Option<String>,
    /// What stands in a file instead: a sum as spreadsheets add it up.
    filed: Option<String>,
}

impl Cell {
    /// A cell that says something and leads nowhere.
    pub fn text(text: impl Into<String>) -> Self {
        Self { text: text.into(), href: None, filed: None }
    }

    /// A cell that leads to a page.
    pub fn link(href: String, text: impl Into<String>) -> Self {
        Self { text: text.into(), href: Some(href), filed: None }
    }

    /// A sum in tiyn: as people read it on the page, and in the file as a number with the decimal comma that spreadsheets
    /// of our users expect.
    pub fn sum(language: Language, tiyn: i64) -> Self {
        let filed = SignedTenge(tiyn).to_string().replace('.', ",");
        Self { text: format::sum(language, tiyn), href: None, filed: Some(filed) }
    }

    fn in_file(&self) -> &str {
        self.filed.as_deref().unwrap_or(&self.text)
    }
}

/// Some rows of a list.
#[derive(Clone, Debug)]
pub struct Piece<R> {
    /// The rows that were read, in the order they are shown.
    pub rows: Vec<R>,
    /// Where the list goes on, if it does. A search that got tired may have found nothing and go on all the same.
    pub next: Option<String>,
}

/// A list of rows of one kind.
pub trait List: Send + Sync + 'static {
    /// What was asked for.
    type Query: Send + Sync;
    /// What a row is made of.
    type Row: Send + Sync;

    /// Where the list is.
    const PATHS: ListPaths;
    /// The key of its title, and the name of its file.
    const TITLE: (&'static str, &'static str);
    /// The keys of its columns.
    const COLUMNS: &'static [&'static str];
    /// The key of what is said where nothing fits.
    const NONE: &'static str;
    /// The key of what should be known before a row is opened.
    const NOTE: Option<&'static str>;

    /// What was done before the list was opened, by the word for it in the address.
    fn done(_word: &str) -> Option<&'static str> {
        None
    }

    /// What the list is of, where its title alone does not say it: above its rows, and in the browser's tab.
    fn heading(_site: &Site, _ask: &Ask) -> Option<String> {
        None
    }

    /// The page that the list belongs to, with its name.
    fn back(_site: &Site, _ask: &Ask) -> Option<(String, String)> {
        None
    }

    /// The fields that narrow the list.
    fn fields(words: &Words<'_>) -> Vec<FilterField>;

    /// What the address asks for.
    fn query(ask: &Ask) -> Self::Query;

    /// Up to `limit` rows behind `after`, which came as [`Piece::next`] or was made up by somebody.
    fn rows(
        site: &Site,
        query: &Self::Query,
        after: Option<&str>,
        limit: usize,
    ) -> impl Future<Output = Result<Piece<Self::Row>, Failure>> + Send;

    /// What stands in a row, column by column.
    fn cells(site: &Site, ask: &Ask, row: &Self::Row) -> Vec<Cell>;
}

#[derive(Template)]
#[template(path = "list.html")]
struct ListPage<'a> {
    shell: Shell<'a>,
    back: Option<(String, String)>,
    notice: Option<String>,
    note: Option<&'static str>,
    fields: Vec<FilterField>,
    form: Form,
    action: &'a str,
    columns: &'static [&'static str],
    rows: Vec<Vec<Cell>>,
    none: &'static str,
    /// It goes on behind what is shown.
    next: Option<String>,
    first: Option<String>,
    file: String,
}

/// Adds a list and its file. What is said of the list further, its place in a menu, follows.
pub fn list<L: List>(pages: Pages, name: [&'static str; 2], access: Access) -> Pages {
    let [page, file] = name;
    pages
        .get(L::PATHS.file, file, access, write::<L>)
        .get(L::PATHS.page, page, access, show::<L>)
        .title(L::TITLE.0)
}

/// An address of a list: what narrows it, of the fields of these names, and where it goes on, by the name and value for
/// that.
pub fn address(
    ask: &Ask,
    path: &str,
    names: impl IntoIterator<Item = &'static str>,
    from: Option<(&str, &str)>,
) -> String {
    let filled =
        names.into_iter().map(|name| (name, ask.parameter(name))).filter(|(_, value)| !value.is_empty());
    let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(filled.chain(from)).finish();
    if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") }
}

async fn show<L: List>(site: At, ask: Ask) -> Result<Response, Failure> {
    let words = site.texts(&ask);
    let (fields, after) = (L::fields(&words), Some(ask.parameter(AFTER)).filter(|after| !after.is_empty()));
    let piece = L::rows(&site, &L::query(&ask), after, PAGE_ROWS).await?;
    let (path, names) = (ask.path(), fields.iter().map(|field| field.name));
    let mut shell = site.page(&ask);
    if let Some(heading) = L::heading(&site, &ask) {
        shell.title = heading;
    }
    let page = ListPage {
        shell,
        back: L::back(&site, &ask),
        notice: L::done(ask.parameter("done")).map(|key| words.say(key)),
        note: L::NOTE,
        form: Form::filled(names.clone().map(|name| (name, ask.parameter(name).to_owned()))),
        action: path,
        columns: L::COLUMNS,
        rows: piece.rows.iter().map(|row| L::cells(&site, &ask, row)).collect(),
        none: L::NONE,
        next: piece.next.map(|next| address(&ask, path, names.clone(), Some((AFTER, &next)))),
        first: after.map(|_| address(&ask, path, names.clone(), None)),
        file: address(&ask, &format!("{path}.csv"), names, None),
        fields,
    };
    Ok(site.show(&ask, StatusCode::OK, &page))
}

async fn write<L: List>(site: At, ask: Ask) -> Result<Response, Failure> {
    let (words, query) = (site.texts(&ask), L::query(&ask));
    let mut file = Sheet::default();
    file.line(L::COLUMNS.iter().map(|key| words.say(key)));
    let (mut after, mut written): (Option<String>, usize) = (None, 0);
    for piece in 1.. {
        let limit = FILE_PIECE.min(FILE_ROWS_MAX.saturating_sub(written));
        let Piece { rows, next } = L::rows(&site, &query, after.as_deref(), limit).await?;
        written = written.saturating_add(rows.len());
        rows.iter().for_each(|row| file.line(L::cells(&site, &ask, row).iter().map(Cell::in_file)));
        if next.is_none() {
            break;
        }
        if written >= FILE_ROWS_MAX || piece >= FILE_PIECES_MAX {
            file.line([words.say("list-file-cut")]);
            break;
        }
        after = next;
    }
    file.answer(L::TITLE.1).ok_or(Failure::NotFound)
}
