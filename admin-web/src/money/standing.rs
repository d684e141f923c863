//! Personal accounts by how they stand, with the age of what is owed.

use ofd_billing::standing::State;
use ofd_office::day::written;
use ofd_protocol::types::UnixMillis;
use ofd_storage::accounts::{AuditPage, OPERATOR, organisation};
use ofd_storage::standing::{StandingRecord, page};

use super::warning::state_key;
use crate::cabinet::list::{Cell, FilterField, List, ListPaths, Piece, list_paths};
use crate::cabinet::{Ask, Choice, Failure};
use crate::site::Site;
use crate::words::Words;

/// A choice of accounts: the word for it in the address, the key of its text, and which accounts it is of.
type Wanted = (&'static str, &'static str, fn(&State) -> bool);

/// Which are asked for.
const WANTED: [Wanted; 6] = [
    ("", "standing-any", |_| true),
    ("owing", "standing-owing", |state| {
        matches!(state, State::Grace(_) | State::Promised(_) | State::Stopped(_))
    }),
    ("ends", "standing-state-ends", |state| matches!(state, State::Ends(_))),
    ("grace", "standing-state-grace", |state| matches!(state, State::Grace(_))),
    ("promised", "standing-state-promised", |state| matches!(state, State::Promised(_))),
    ("stopped", "standing-state-stopped", |state| matches!(state, State::Stopped(_))),
];

/// So many accounts are looked at for a page, before it says how far it got.
const LOOKED_MAX: usize = 2_000;

/// Accounts are read in pages.
const PAGE: usize = 100;

pub(super) struct Standings;

/// A row: how an account stands, and whose it is.
pub(super) struct StandingRow {
    record: StandingRecord,
    title: String,
}

impl List for Standings {
    type Query = String;
    type Row = StandingRow;

    const PATHS: ListPaths = list_paths!("/operator/standing");
    const TITLE: (&'static str, &'static str) = ("standing-title", "standing");
    const COLUMNS: &'static [&'static str] = &[
        "operator-organisation",
        "payment-account",
        "standing-state",
        "standing-balance",
        "standing-ends-on",
        "standing-age-present",
        "standing-age-before",
        "standing-age-second",
        "standing-age-older",
        "standing-looked",
    ];
    const NONE: &'static str = "standing-none";
    const NOTE: Option<&'static str> = Some("standing-note");

    fn fields(words: &Words<'_>) -> Vec<FilterField> {
        let wanted = WANTED.map(|(name, text, _)| Choice::new(name, words.say(text)));
        vec![FilterField::choice("state", "standing-state", wanted.into())]
    }

    fn query(ask: &Ask) -> String {
        ask.parameter("state").to_owned()
    }

    async fn look(site: &Site, ask: &Ask) -> Result<(), Failure> {
        // What all owe is the operator's own: the look stands in its audit.
        site.office.look_at(ask.by(), OPERATOR, AuditPage::Money).await?;
        Ok(())
    }

    async fn rows(
        site: &Site,
        query: &String,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Piece<StandingRow>, Failure> {
        let wanted = WANTED.into_iter().find(|(name, ..)| name == query).map(|(.., is)| is);
        let (mut rows, mut after, mut looked) = (Vec::new(), after.map(str::to_owned), 0_usize);
        while looked < LOOKED_MAX {
            let found = page(&site.office.store, after.as_deref(), PAGE).await?;
            let is_last = found.len() < PAGE;
            for record in found {
                looked = looked.saturating_add(1);
                after = Some(record.bin.clone());
                if wanted.is_none_or(|is| is(&record.state)) {
                    let known = organisation(&site.office.store, &record.bin).await?;
                    rows.push(StandingRow {
                        title: known.map_or_else(String::new, |known| known.title),
                        record,
                    });
                }
                if rows.len() == limit {
                    return Ok(Piece { rows, next: after });
                }
            }
            if is_last {
                return Ok(Piece { rows, next: None });
            }
        }
        Ok(Piece { rows, next: after })
    }

    fn cells(site: &Site, ask: &Ask, row: &StandingRow) -> Vec<Cell> {
        let (words, language) = (site.texts(ask), ask.language());
        let StandingRow { record, title } = row;
        let aged = record.aged;
        let name = if title.is_empty() { record.bin.clone() } else { words.organisation(title) };
        let sum = |sum: ofd_billing::Tiyn| Cell::sum(language, sum.get());
        vec![
            Cell::link(format!("/operator/companies/{}/money", record.bin), name)
                .noted(Some(record.bin.clone())),
            Cell::text(record.number.to_string()).whole(),
            Cell::text(words.say(state_key(record.state))),
            sum(record.balance),
            Cell::text(record.ends.map(|day| written(day.date())).unwrap_or_default()).whole(),
            sum(aged.present),
            sum(aged.before),
            sum(aged.second),
            sum(aged.older),
            Cell::text(site.moment(ask, UnixMillis(record.at_ms))).whole(),
        ]
    }
}
