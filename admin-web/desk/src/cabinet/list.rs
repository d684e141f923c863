//! Lists: how a list is narrowed and where it goes on stands in its address, so that it can be sent on, reloaded and gone
//! back to. The same rows come as a file for spreadsheets, from the same address with `.csv` behind it.
//!
//! A [`List`] says what is asked for, where its rows come from and what stands in them; pages and file are made here.

use std::borrow::Cow;
use std::future::Future;
use std::time::Duration;

use askama::Template;
use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;
use futures::stream;
use ofd_office::language::Language;
use ofd_office::typed::plain_number;
use ofd_protocol::types::SignedTenge;
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::Instant;

use super::{Access, Ask, At, Choice, Failure, Form, Pages};
use crate::format;
use crate::page::Shell;
use crate::page_len::{LIST_BYTES, fitting_in, len_of};
use crate::sheet::{Sheet, saved_as};
use crate::site::Site;
use crate::words::Words;

/// Rows of a page: what a person reads before narrowing the list instead.
const PAGE_ROWS: usize = 50;

/// Rows of a file: a sheet takes 1 048 576 with its heading and what is said at its end. They are written as they are read, a
/// piece at a time, so more of them take more time and no more memory.
const FILE_ROWS_MAX: usize = 1_000_000;

/// Rows that are read for a file at a time, if the list says nothing else.
const FILE_PIECE: usize = 250;

/// A file is read in so many pieces at most, enough for full ones: of a list that is narrowed to little, pieces are short.
const FILE_PIECES_MAX: usize = 4_000;

/// A file that is not taken within this time ends before its end: who reads slowly keeps a place.
const FILE_WITHIN: Duration = Duration::from_secs(10 * 60);

/// So many files are written at once; each keeps a piece in memory.
const FILES_AT_ONCE: usize = 16;

static FILES: Semaphore = Semaphore::const_new(FILES_AT_ONCE);

/// Fields that stand beside each other; of a list with more they are folded.
const OPEN_FIELDS_MAX: usize = 3;

/// Letters of a cell on the page beside what is in it, of a choice of a field likewise.
const AROUND_LEN: usize = 64;

/// Links of a page that say how its list is narrowed: where it goes on, its file, the same in other languages.
const NARROWED_LINKS: usize = 8;

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

/// Says of a list that its query is the request itself: it has a part of the address or a right to look at.
#[macro_export]
macro_rules! query_is_request {
    () => {
        type Query = $crate::cabinet::Ask;

        fn query(ask: &$crate::cabinet::Ask) -> $crate::cabinet::Ask {
            ask.clone()
        }
    };
}

pub use crate::{list_paths, query_is_request};

/// A field by which a list is narrowed.
#[derive(Clone, Debug)]
pub struct FilterField {
    name: &'static str,
    label: &'static str,
    hint: &'static str,
    kind: FieldKind,
}

/// What choices come to on the page.
pub fn choices_len(choices: &[Choice]) -> usize {
    let len = |choice: &Choice| len_of(AROUND_LEN, [choice.value.as_str(), &choice.label]);
    choices.iter().map(len).fold(0, usize::saturating_add)
}

/// How a field is filled.
#[derive(Clone, Debug)]
enum FieldKind {
    Typed,
    Choice(Vec<Choice>),
    Day,
    Tick,
}

impl FilterField {
    /// A line to type into; `hint` says what is looked at.
    pub fn typed(name: &'static str, label: &'static str, hint: &'static str) -> Self {
        Self { name, label, hint, kind: FieldKind::Typed }
    }

    /// One of several values. The first, an empty one, narrows nothing.
    pub fn choice(name: &'static str, label: &'static str, choices: Vec<Choice>) -> Self {
        Self { name, label, hint: "", kind: FieldKind::Choice(choices) }
    }

    /// A day of the calendar.
    pub fn day(name: &'static str, label: &'static str, hint: &'static str) -> Self {
        Self { name, label, hint, kind: FieldKind::Day }
    }

    /// A box to tick.
    pub fn tick(name: &'static str, label: &'static str) -> Self {
        Self { name, label, hint: "", kind: FieldKind::Tick }
    }

    /// What its choices come to on the page.
    fn len(&self) -> usize {
        let FieldKind::Choice(choices) = &self.kind else { return 0 };
        choices_len(choices)
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
    /// What is said beside it, in smaller letters.
    note: Option<String>,
    /// It is never broken into two lines.
    is_whole: bool,
}

impl Cell {
    /// A cell that says something and leads nowhere.
    pub fn text(text: impl Into<String>) -> Self {
        Self { text: text.into(), href: None, filed: None, note: None, is_whole: false }
    }

    /// A cell that leads to a page.
    pub fn link(href: String, text: impl Into<String>) -> Self {
        Self { text: text.into(), href: Some(href), filed: None, note: None, is_whole: false }
    }

    /// A sum in tiyn: as people read it on the page, and in the file as a number with the decimal comma that spreadsheets
    /// of our users expect.
    pub fn sum(language: Language, tiyn: i64) -> Self {
        let filed = SignedTenge(tiyn).to_string().replace('.', ",");
        Self { text: format::sum(language, tiyn), href: None, filed: Some(filed), note: None, is_whole: true }
    }

    /// The same in one line however narrow its column is: a moment, a number.
    #[must_use]
    pub fn whole(self) -> Self {
        Self { is_whole: true, ..self }
    }

    /// The same with something said beside it.
    #[must_use]
    pub fn noted(self, note: Option<String>) -> Self {
        Self { note, ..self }
    }

    /// What it comes to on the page, under a column of this name.
    fn len(&self, column: &str) -> usize {
        let more = self.href.as_deref().into_iter().chain(self.note.as_deref());
        len_of(AROUND_LEN, [column, &self.text].into_iter().chain(more))
    }

    fn in_file(&self) -> Cow<'_, str> {
        let filed = self.filed.as_deref().unwrap_or(&self.text);
        match &self.note {
            Some(note) => format!("{filed} ({note})").into(),
            None => filed.into(),
        }
    }
}

/// One of several lists of the same things, which stand beside each other.
#[derive(Clone, Debug)]
pub struct Tab {
    /// Where it is, narrowed as this one as far as that means anything there.
    pub href: String,
    /// What it is called.
    pub label: String,
    /// Whether it is the one that is open.
    pub is_current: bool,
}

/// Some rows of a list.
#[derive(Clone, Debug)]
pub struct Piece<R> {
    /// The rows that were read, in the order they are shown.
    pub rows: Vec<R>,
    /// Where the list goes on, if it does. A search that got tired may have found nothing and go on all the same.
    pub next: Option<String>,
}

impl<R> Piece<R> {
    /// Up to `limit` of rows that are all known, behind a cursor that says how many came before.
    pub fn counted(rows: Vec<R>, after: Option<&str>, limit: usize) -> Self {
        let before =
            after.and_then(plain_number).and_then(|number| usize::try_from(number).ok()).unwrap_or(0);
        let (all, until) = (rows.len(), before.saturating_add(limit));
        let rows = rows.into_iter().skip(before).take(limit).collect();
        Self { rows, next: (until < all).then(|| until.to_string()) }
    }
}

/// A list of rows of one kind. Its rows come from [`List::rows`], or from [`List::filed`] where something may have to be said of
/// them all: one of both is written, each is made of the other.
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

    /// Rows that are read for a file at a time.
    const FILE_PIECE: usize = FILE_PIECE;

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

    /// Where another row is made, with what the link there says; nowhere for who may not.
    fn adds(_site: &Site, _ask: &Ask) -> Option<(String, String)> {
        None
    }

    /// The lists that stand beside this one, and this one among them.
    fn tabs(_site: &Site, _ask: &Ask) -> Vec<Tab> {
        Vec::new()
    }

    /// What is wrong with what the address asks for, field by field. Then nothing is looked up.
    fn wrong(_site: &Site, _ask: &Ask) -> Vec<(&'static str, String)> {
        Vec::new()
    }

    /// The fields that narrow the list.
    fn fields(words: &Words<'_>) -> Vec<FilterField>;

    /// What the address asks for.
    fn query(ask: &Ask) -> Self::Query;

    /// Writes down that somebody looks, before anything is shown: once for a page, and once for a file, however many pieces it
    /// is read in.
    fn look(_site: &Site, _ask: &Ask) -> impl Future<Output = Result<(), Failure>> + Send {
        async { Ok(()) }
    }

    /// Up to `limit` rows behind `after`, which came as [`Piece::next`] or was made up by somebody.
    fn rows(
        site: &Site,
        query: &Self::Query,
        after: Option<&str>,
        limit: usize,
    ) -> impl Future<Output = Result<Piece<Self::Row>, Failure>> + Send {
        async move { Ok(Self::filed(site, query, after, limit).await?.0) }
    }

    /// The rows of a page, with what is said above them.
    fn page(
        site: &Site,
        ask: &Ask,
        query: &Self::Query,
        after: Option<&str>,
        limit: usize,
    ) -> impl Future<Output = Result<(Piece<Self::Row>, Vec<String>), Failure>> + Send {
        async move {
            let (piece, said) = Self::filed(site, query, after, limit).await?;
            let words = site.texts(ask);
            Ok((piece, said.into_iter().map(|key| words.say(key)).collect()))
        }
    }

    /// The same rows, with the key of what is said of what no row tells, above those of a page and at the end of a file: that
    /// some may be missing.
    fn filed(
        site: &Site,
        query: &Self::Query,
        after: Option<&str>,
        limit: usize,
    ) -> impl Future<Output = Result<(Piece<Self::Row>, Option<&'static str>), Failure>> + Send {
        async move { Ok((Self::rows(site, query, after, limit).await?, None)) }
    }

    /// What stands in a row, column by column.
    fn cells(site: &Site, ask: &Ask, row: &Self::Row) -> Vec<Cell>;
}

#[derive(Template)]
#[template(path = "list.html")]
struct ListPage<'a> {
    shell: Shell<'a>,
    back: Option<(String, String)>,
    adds: Option<(String, String)>,
    tabs: Vec<Tab>,
    notice: Option<String>,
    note: Option<&'static str>,
    fields: Vec<FilterField>,
    form: Form,
    is_folded: bool,
    is_narrowed: bool,
    action: &'a str,
    said: Vec<String>,
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

/// Adds the file of a list that has a page of another form.
pub fn list_file<L: List>(pages: Pages, name: &'static str, access: Access) -> Pages {
    pages.get(L::PATHS.file, name, access, write::<L>)
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

/// The form that narrows a list, with what was typed and what is wrong with it.
fn form_of<L: List>(site: &Site, ask: &Ask, names: impl Iterator<Item = &'static str>) -> Form {
    let mut form = Form::filled(names.map(|name| (name, ask.parameter(name).to_owned())));
    for (field, text) in L::wrong(site, ask) {
        form.wrong(field, text);
    }
    form
}

/// The rows of a page in their cells, as many as fit into so many bytes; with what is said above them. Where texts are so long
/// that not all fit, fewer are asked for, so that the list goes on behind the last one that is shown.
async fn rows_of_page<L: List>(
    site: &Site,
    ask: &Ask,
    after: Option<&str>,
    bytes: usize,
) -> Result<(Piece<Vec<Cell>>, Vec<String>), Failure> {
    let (words, query, mut limit) = (site.texts(ask), L::query(ask), PAGE_ROWS);
    let columns: Vec<String> = L::COLUMNS.iter().map(|key| words.say(key)).collect();
    loop {
        let (Piece { rows, next }, said) = L::page(site, ask, &query, after, limit).await?;
        let rows: Vec<Vec<Cell>> = rows.iter().map(|row| L::cells(site, ask, row)).collect();
        let len = |row: &Vec<Cell>| {
            let lens = row.iter().zip(&columns).map(|(cell, column)| cell.len(column));
            lens.fold(AROUND_LEN, usize::saturating_add)
        };
        let fitting = fitting_in(bytes, rows.iter().map(len));
        if rows.len() <= fitting || limit <= 1 {
            return Ok((Piece { rows, next }, said));
        }
        // Of a list that shows more rows than were asked for, fewer are asked for still.
        limit = fitting.min(limit.saturating_sub(1));
    }
}

async fn show<L: List>(site: At, ask: Ask) -> Result<Response, Failure> {
    let words = site.texts(&ask);
    let (fields, after) = (L::fields(&words), Some(ask.parameter(AFTER)).filter(|after| !after.is_empty()));
    let (path, names) = (ask.path(), fields.iter().map(|field| field.name));
    let path = path.strip_suffix(".csv").unwrap_or(path);
    let form = form_of::<L>(&site, &ask, names.clone());
    let (Piece { rows, next }, said) = if form.is_right() {
        L::look(&site, &ask).await?;
        let narrowed = address(&ask, path, names.clone(), None).len();
        let links = NARROWED_LINKS.saturating_add(L::tabs(&site, &ask).len()).saturating_mul(narrowed);
        let taken = fields.iter().map(FilterField::len).fold(links, usize::saturating_add);
        rows_of_page::<L>(&site, &ask, after, LIST_BYTES.saturating_sub(taken)).await?
    } else {
        (Piece { rows: Vec::new(), next: None }, Vec::new())
    };
    let mut shell = site.page(&ask);
    if let Some(heading) = L::heading(&site, &ask) {
        shell.title = heading;
    }
    let page = ListPage {
        shell,
        back: L::back(&site, &ask),
        adds: L::adds(&site, &ask),
        tabs: L::tabs(&site, &ask),
        notice: L::done(ask.parameter("done")).map(|key| words.say(key)),
        note: L::NOTE,
        is_folded: fields.len() > OPEN_FIELDS_MAX,
        is_narrowed: names.clone().any(|name| !ask.parameter(name).is_empty()),
        action: path,
        said,
        columns: L::COLUMNS,
        rows,
        none: L::NONE,
        next: next.map(|next| address(&ask, path, names.clone(), Some((AFTER, &next)))),
        first: after.map(|_| address(&ask, path, names.clone(), None)),
        file: address(&ask, &format!("{path}.csv"), names, None),
        form,
        fields,
    };
    Ok(site.show(&ask, page.form.status(), &page))
}

/// Whether a file of so many rows, read in so many pieces, ends there.
fn is_full(written: usize, pieces: usize) -> bool {
    written >= FILE_ROWS_MAX || pieces >= FILE_PIECES_MAX
}

/// A file on its way out.
struct Writing {
    site: At,
    ask: Ask,
    /// Where the next piece begins; `None`: there is none.
    after: Option<Option<String>>,
    written: usize,
    pieces: usize,
    until: Instant,
    /// The key of what is said at the end.
    said: Option<&'static str>,
    _place: SemaphorePermit<'static>,
}

impl Writing {
    /// The next lines; `None` behind the last ones.
    async fn piece<L: List>(&mut self) -> Result<Option<Bytes>, Failure> {
        let Some(after) = self.after.take() else { return Ok(None) };
        let limit = L::FILE_PIECE.min(FILE_ROWS_MAX.saturating_sub(self.written));
        let query = L::query(&self.ask);
        let (Piece { rows, next }, said) = L::filed(&self.site, &query, after.as_deref(), limit).await?;
        self.said = said.or(self.said);
        let words = self.site.texts(&self.ask);
        let mut sheet = if self.pieces == 0 { Sheet::default() } else { Sheet::more() };
        if self.pieces == 0 {
            sheet.line(L::COLUMNS.iter().map(|key| words.say(key)));
        }
        self.written = self.written.saturating_add(rows.len());
        self.pieces = self.pieces.saturating_add(1);
        rows.iter()
            .for_each(|row| sheet.line(L::cells(&self.site, &self.ask, row).iter().map(Cell::in_file)));
        let is_cut = is_full(self.written, self.pieces) || Instant::now() >= self.until;
        match next {
            Some(next) if !is_cut => self.after = Some(Some(next)),
            next => {
                let cut = next.map(|_| "list-file-cut");
                cut.into_iter().chain(self.said).for_each(|key| sheet.line([words.say(key)]));
            }
        }
        Ok(Some(sheet.into_bytes()))
    }
}

/// Writes a list as a file, piece by piece as it is taken. The first one is read before the answer begins: what cannot be
/// read is told as a page.
async fn write<L: List>(site: At, ask: Ask) -> Result<Response, Failure> {
    if !L::wrong(&site, &ask).is_empty() {
        // The page of the same address says what is wrong.
        return show::<L>(site, ask).await;
    }
    let place = FILES.try_acquire().map_err(|_| Failure::Busy)?;
    L::look(&site, &ask).await?;
    let (after, until) = (Some(None), Instant::now() + FILE_WITHIN);
    let mut writing = Writing { site, ask, after, written: 0, pieces: 0, until, said: None, _place: place };
    let first = writing.piece::<L>().await?.unwrap_or_default();
    let rest = stream::try_unfold(
        (Some(first), writing),
        |(first, mut writing): (Option<Bytes>, Writing)| async move {
            let piece = match first {
                Some(first) => Some(first),
                None => writing.piece::<L>().await.map_err(|failure| {
                    tracing::warn!(?failure, "a file of a list broke off");
                    std::io::Error::other("the rest cannot be read")
                })?,
            };
            Ok::<_, std::io::Error>(piece.map(|piece| (piece, (None, writing))))
        },
    );
    saved_as(L::TITLE.1, Body::from_stream(rest)).ok_or(Failure::NotFound)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_has_as_many_rows_as_a_sheet_takes_whatever_pieces_it_is_read_in() {
        const SHEET_ROWS: usize = 1_048_576;
        // The heading, what is said of a file that is cut, and what is said of registers that may be missing.
        const { assert!(FILE_ROWS_MAX + 3 <= SHEET_ROWS) };
        assert!(is_full(FILE_ROWS_MAX, 1) && !is_full(FILE_ROWS_MAX - 1, FILE_ROWS_MAX / FILE_PIECE - 1));
        assert!(is_full(0, FILE_PIECES_MAX), "a list in which hardly anything fits ends too");
    }

    #[test]
    fn what_is_said_beside_a_cell_is_in_the_file_as_well() {
        let cell = |note: Option<&str>| Cell::text("17:09").noted(note.map(str::to_owned));
        assert_eq!(cell(None).in_file(), "17:09");
        assert_eq!(cell(Some("accepted 18:00")).in_file(), "17:09 (accepted 18:00)");
    }
}
