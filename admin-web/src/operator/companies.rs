//! The operator's list of organisations: found by number or by the beginning of any word of the name.

use ofd_office::companies::search::{Cursor, OrganisationRow, People, Query, search};

use super::handlers::kind_text;
use crate::cabinet::list::{Cell, FilterField, List, ListPaths, Piece, list_paths};
use crate::cabinet::{Ask, Choice, Failure};
use crate::site::Site;
use crate::words::Words;

/// Which organisations are asked for, by the word for it in the address.
const PEOPLE: [(&str, &str, People); 3] = [
    ("", "operator-people-any", People::Any),
    ("here", "operator-people-here", People::Here),
    ("absent", "operator-people-absent", People::Absent),
];

pub(super) struct Companies;

impl List for Companies {
    type Query = Query;
    type Row = OrganisationRow;

    const PATHS: ListPaths = list_paths!("/operator/companies");
    const TITLE: (&'static str, &'static str) = ("operator-companies", "organisations");
    const COLUMNS: &'static [&'static str] =
        &["bin", "operator-organisation", "operator-kind", "operator-since", "operator-people-filter"];
    const NONE: &'static str = "operator-none-found";
    const NOTE: Option<&'static str> = Some("operator-looks-are-kept");

    fn done(word: &str) -> Option<&'static str> {
        (word == "joined").then_some("operator-done-joined")
    }

    fn fields(words: &Words<'_>) -> Vec<FilterField> {
        let people = PEOPLE.map(|(name, text, _)| Choice::new(name, words.say(text)));
        vec![
            FilterField::typed("q", "operator-search", "operator-search-hint"),
            FilterField::choice("people", "operator-people-filter", people.into()),
        ]
    }

    fn query(ask: &Ask) -> Query {
        let people = PEOPLE.into_iter().find(|(name, ..)| *name == ask.parameter("people"));
        Query::new(ask.parameter("q"), people.map_or(People::Any, |(.., people)| people))
    }

    async fn rows(
        site: &Site,
        query: &Query,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Piece<OrganisationRow>, Failure> {
        let found = search(&site.office.store, query, after.and_then(Cursor::read).as_ref(), limit).await?;
        Ok(Piece { rows: found.rows, next: found.next.map(|next| next.text()) })
    }

    fn cells(site: &Site, ask: &Ask, row: &OrganisationRow) -> Vec<Cell> {
        let words = site.texts(ask);
        let kind = row.kind.map_or_else(String::new, |kind| kind_text(&words, kind));
        let people = if row.has_people { "operator-people-here" } else { "operator-people-absent" };
        vec![
            Cell::link(format!("/operator/companies/{}", row.bin), row.bin.as_str()),
            Cell::text(words.organisation(&row.title)),
            Cell::text(kind),
            Cell::text(row.since.map_or_else(String::new, |since| site.day(ask, since))),
            Cell::text(words.say(people)),
        ]
    }
}
