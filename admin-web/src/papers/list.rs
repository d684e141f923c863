//! Papers of an organisation: what it signed, and has to sign, with files and the check of each signature.

use ofd_storage::accounts::{Company, PAPER_PAGE_MAX, Paper, PaperState, papers};

use super::naming::called;
use crate::cabinet::list::{Cell, FilterField, List, ListPaths, Piece, list_paths};
use crate::cabinet::{Ask, Failure};
use crate::site::Site;
use crate::vocabulary::Word;
use crate::words::Words;

/// The papers of the organisation in the address, the newest first.
pub(super) struct Papers;

impl List for Papers {
    type Query = String;
    type Row = Paper;

    const PATHS: ListPaths = list_paths!("/c/{bin}/papers");
    const TITLE: (&'static str, &'static str) = ("papers-title", "papers");
    const COLUMNS: &'static [&'static str] = &[
        "papers-paper",
        "papers-state",
        "papers-drawn",
        "papers-signed",
        "papers-signer",
        "papers-contract",
        "papers-signature",
        "papers-check",
    ];
    const NONE: &'static str = "papers-none";
    const NOTE: Option<&'static str> = Some("papers-note");

    fn fields(_: &Words<'_>) -> Vec<FilterField> {
        Vec::new()
    }

    fn query(ask: &Ask) -> String {
        ask.bin().to_owned()
    }

    async fn rows(
        site: &Site,
        bin: &String,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Piece<Paper>, Failure> {
        let stream = Company::stream_of(bin).ok_or(Failure::NotFound)?;
        let (before, limit) = (after.and_then(|after| after.parse().ok()), limit.min(PAPER_PAGE_MAX));
        let rows = papers(&site.office.store, stream, before, limit).await?;
        let last = rows.last().filter(|_| rows.len() >= limit);
        let next = last.map(|paper| paper.number.to_string());
        Ok(Piece { rows, next })
    }

    fn cells(site: &Site, ask: &Ask, paper: &Paper) -> Vec<Cell> {
        let words = site.texts(ask);
        let file = |name: &str| format!("/c/{}/papers/{}/{name}", ask.bin(), paper.number);
        let signer = [paper.signer.name.clone(), paper.signer.capacity.text(&words)].join(", ");
        let signature = paper.state.signature();
        let is_kept = site.office.contracts.version(&paper.contract).is_some();
        let contract = match is_kept {
            true => Cell::link(file("contract.pdf"), paper.contract.as_str()),
            false => Cell::text(paper.contract.as_str()),
        };
        let of_signature = |name: &str, text: &str| match signature {
            Some(_) => Cell::link(file(name), words.say(text)),
            None => Cell::text(""),
        };
        vec![
            Cell::link(file("application.pdf"), called(&words, ask.bin(), paper)),
            Cell::text(state_text(&words, &paper.state)),
            Cell::text(site.day(ask, paper.drawn_at)),
            Cell::text(signature.map_or_else(String::new, |signature| site.moment(ask, signature.at))),
            Cell::text(signature.map_or_else(String::new, |_| signer)),
            contract,
            of_signature("signature.cms", "papers-signature-file"),
            of_signature("check", "papers-check-link"),
        ]
    }
}

/// How far a paper is, in words.
fn state_text(words: &Words<'_>, state: &PaperState) -> String {
    let (key, fault) = match state {
        PaperState::DrawnUp => ("papers-drawn-up", None),
        PaperState::Checking { doubt, .. } => ("papers-checking", Some(*doubt)),
        PaperState::Valid { .. } => ("papers-valid", None),
        PaperState::Refused { fault, .. } => ("papers-refused", Some(*fault)),
        PaperState::Replaced { .. } => ("papers-replaced", None),
    };
    let why = fault.map(|fault| fault.text(words));
    std::iter::once(words.say(key)).chain(why).collect::<Vec<_>>().join(" ")
}
