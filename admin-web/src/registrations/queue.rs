//! A queue of the operator's people as a list: what differs from one to the other says [`Waited`].

use std::marker::PhantomData;

use ofd_office::registrations::{Queue, QueueQuery, queue};
use ofd_office::typed::Errors;
use ofd_protocol::types::UnixMillis;
use ofd_storage::accounts::Registration;

use crate::cabinet::list::{Cell, FilterField, List, ListPaths, Piece};
use crate::cabinet::{Ask, Failure};
use crate::site::Site;
use crate::words::Words;

/// What is waited for, as the list of those who wait shows it.
pub(super) trait Waited: Send + Sync + 'static {
    /// In which queue.
    const QUEUE: Queue;
    /// Where the list is; where one of those who wait is, begins so too.
    const PATHS: ListPaths;
    /// The key of its title, and the name of its file.
    const TITLE: (&'static str, &'static str);
    /// The keys of its columns: id, organisation, BIN, since when, and its own.
    const COLUMNS: &'static [&'static str];
    /// The key of what is said where nobody waits.
    const NONE: &'static str;

    /// What was done before the list was opened.
    fn done(word: &str) -> Option<&'static str>;

    /// What narrows it besides the organisation.
    fn fields(words: &Words<'_>) -> Vec<FilterField>;

    /// Since when one waits.
    fn since(one: &Registration) -> UnixMillis;

    /// Its own cells.
    fn cells(words: &Words<'_>, one: &Registration) -> Vec<Cell>;
}

/// The list of those who wait.
pub(super) struct Waiting<W>(PhantomData<W>);

fn read(ask: &Ask) -> (QueueQuery, Errors) {
    let days = [ask.parameter("from"), ask.parameter("to")];
    QueueQuery::read(ask.parameter("q"), ask.parameter("order"), days)
}

impl<W: Waited> List for Waiting<W> {
    type Query = QueueQuery;
    type Row = (String, Registration);

    const PATHS: ListPaths = W::PATHS;
    const TITLE: (&'static str, &'static str) = W::TITLE;
    const COLUMNS: &'static [&'static str] = W::COLUMNS;
    const NONE: &'static str = W::NONE;
    const NOTE: Option<&'static str> = Some("operator-looks-are-kept");

    fn done(word: &str) -> Option<&'static str> {
        W::done(word)
    }

    fn wrong(site: &Site, ask: &Ask) -> Vec<(&'static str, String)> {
        let words = site.texts(ask);
        read(ask).1.into_iter().map(|(field, wrong)| (field, words.wrong(wrong))).collect()
    }

    fn fields(words: &Words<'_>) -> Vec<FilterField> {
        let organisation = FilterField::typed("q", "registration-organisation", "registration-queue-hint");
        std::iter::once(organisation).chain(W::fields(words)).collect()
    }

    fn query(ask: &Ask) -> QueueQuery {
        read(ask).0
    }

    async fn filed(
        site: &Site,
        query: &QueueQuery,
        after: Option<&str>,
        limit: usize,
    ) -> Result<(Piece<(String, Registration)>, Option<&'static str>), Failure> {
        let found = queue(&site.office, W::QUEUE, query, after, limit).await?;
        let said = (!found.is_whole).then_some("registration-queue-long");
        Ok((Piece { rows: found.rows, next: found.next }, said))
    }

    fn cells(site: &Site, ask: &Ask, (title, one): &(String, Registration)) -> Vec<Cell> {
        let words = site.texts(ask);
        let mut cells = vec![
            Cell::link(format!("{}/{}/{}", W::PATHS.page, one.bin, one.id), one.id.to_string()),
            Cell::text(words.organisation(title)),
            Cell::text(one.bin.as_str()),
            Cell::text(site.moment(ask, W::since(one))),
        ];
        cells.extend(W::cells(&words, one));
        cells
    }
}
