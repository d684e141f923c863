//! The versions of the contract: from which day each holds, what it says, and what it says differently from the one before.

use std::sync::Arc;

use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;
use ofd_office::day::{today, written};
use ofd_paper::Contract;

use crate::agreement::{ChangeView, ClauseView, change_views, text_views};
use crate::cabinet::list::{Cell, FilterField, List, ListPaths, Piece, list_paths};
use crate::cabinet::{Ask, At, Failure};
use crate::page::Shell;
use crate::papers::contract_file;
use crate::site::Site;
use crate::typed::plain_number;
use crate::words::Words;

/// A version with its place among all, from 1.
pub(super) struct VersionRow {
    number: usize,
    contract: Arc<Contract>,
}

/// All versions, the first one first.
fn versions(site: &Site) -> Vec<VersionRow> {
    let all = site.office.contracts.all().enumerate();
    all.map(|(at, contract)| VersionRow { number: at.saturating_add(1), contract: Arc::clone(contract) })
        .collect()
}

fn path(number: usize) -> String {
    format!("/operator/contracts/{number}")
}

/// How a version stands today.
fn state(site: &Site, ask: &Ask, contract: &Contract) -> String {
    let today = today(ask.now(), site.config.zone_offset_seconds);
    let current = site.office.contracts.in_force(today);
    let key = if contract.version == current.version {
        if contract.begins_on > today { "contracts-first" } else { "contracts-in-force" }
    } else if contract.begins_on > today {
        "contracts-to-come"
    } else {
        "contracts-former"
    };
    site.texts(ask).say(key)
}

pub(super) struct Versions;

impl List for Versions {
    type Query = ();
    type Row = VersionRow;

    const PATHS: ListPaths = list_paths!("/operator/contracts");
    const TITLE: (&'static str, &'static str) = ("contracts-title", "contracts");
    const COLUMNS: &'static [&'static str] =
        &["contracts-version", "contracts-begins", "contracts-state", "contracts-mark"];
    const NONE: &'static str = "contracts-none";
    const NOTE: Option<&'static str> = Some("contracts-note");

    fn fields(_: &Words<'_>) -> Vec<FilterField> {
        Vec::new()
    }

    fn query(_: &Ask) {}

    /// The latest first.
    async fn rows(
        site: &Site,
        (): &(),
        after: Option<&str>,
        limit: usize,
    ) -> Result<Piece<VersionRow>, Failure> {
        let mut rows = versions(site);
        rows.reverse();
        Ok(Piece::counted(rows, after, limit))
    }

    fn cells(site: &Site, ask: &Ask, VersionRow { number, contract }: &VersionRow) -> Vec<Cell> {
        let mark = if contract.is_sample { site.texts(ask).say("contract-sample") } else { String::new() };
        vec![
            Cell::link(path(*number), contract.version.as_str()),
            Cell::text(written(contract.begins_on)),
            Cell::text(state(site, ask, contract)),
            Cell::text(mark),
        ]
    }
}

#[derive(Template)]
#[template(path = "operator_contract.html")]
struct VersionPage<'a> {
    shell: Shell<'a>,
    state: String,
    begins: String,
    is_sample: bool,
    pdf: String,
    title: String,
    clauses: Vec<ClauseView>,
    /// The version before, with what this one says differently.
    before: Option<(String, Vec<ChangeView>)>,
}

/// The version that the address names, with the one before it.
fn named(site: &Site, ask: &Ask) -> Result<(VersionRow, Option<VersionRow>), Failure> {
    let number = plain_number(ask.part("number")).and_then(|number| usize::try_from(number).ok());
    let number = number.ok_or(Failure::NotFound)?;
    let (mut found, mut before) = (None, None);
    for row in versions(site) {
        if row.number == number {
            found = Some(row);
            break;
        }
        before = Some(row);
    }
    Ok((found.ok_or(Failure::NotFound)?, before))
}

/// Shows a version.
pub(super) async fn show(site: At, ask: Ask) -> Result<Response, Failure> {
    let (VersionRow { number, contract }, before) = named(&site, &ask)?;
    let words = site.texts(&ask);
    let (title, clauses) = text_views(&site, &ask, &contract);
    let mut shell = site.frame(&ask, "contracts-title", &path(number));
    shell.title = words.say_with("contract-version", &contract.version);
    let page = VersionPage {
        shell,
        state: state(&site, &ask, &contract),
        begins: written(contract.begins_on),
        is_sample: contract.is_sample,
        pdf: format!("{}/contract.pdf", path(number)),
        title,
        clauses,
        before: before.map(|before| {
            let since = words.say_with("contracts-changes", &before.contract.version);
            (since, change_views(&site, &ask, (&before.contract, &contract)))
        }),
    };
    Ok(site.show(&ask, StatusCode::OK, &page))
}

/// A version as PDF, in the language of who asks.
pub(super) async fn pdf(site: At, ask: Ask) -> Result<Response, Failure> {
    let (VersionRow { number, contract }, _) = named(&site, &ask)?;
    contract_file(&site, &ask, &contract, &format!("contract-{number}"))
}
