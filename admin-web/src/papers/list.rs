//! Papers of an organisation: the contract, what it signed and has to sign, with files and the check of each signature; the visits
//! that it asked for, among them; and the Z reports of its registers, which are looked at by themselves: there are many.

use ofd_office::day::{day, today, written};
use ofd_office::documents::ShiftOfRegister;
use ofd_office::registrations::visits_of;
use ofd_protocol::types::RegisterId;
use ofd_storage::accounts::{
    Company, PAPER_PAGE_MAX, Paper, PaperKind, PaperState, Registration, Visit, papers,
};

use super::naming::called;
use super::reports::reports;
use crate::cabinet::list::{Cell, FilterField, List, ListPaths, Piece, list_paths, query_is_request};
use crate::cabinet::{Ask, Choice, Failure, Right};
use crate::format;
use crate::site::Site;
use crate::vocabulary::Word;
use crate::words::Words;

/// The papers of the organisation in the address, and its visits, the newest first.
pub(super) struct Papers;

/// A line of the list.
#[derive(Clone, Debug)]
pub(super) enum Line {
    /// A paper, whatever became of it.
    Paper(Box<Paper>),
    /// A register for which a visit was asked.
    Visit(Box<Registration>),
    /// The version of the contract that was accepted by a paper.
    Contract(Box<Paper>),
    /// The version of the contract that holds, and was never accepted.
    NotAccepted(String),
    /// A shift that was closed.
    Report(Box<ShiftOfRegister>),
}

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// All but reports, which would bury the rest.
    Any,
    Contract,
    Applications,
    Visits,
    Reports,
}

/// What is asked for, by the word for it in the address.
const KINDS: [(&str, &str, Kind); 5] = [
    ("", "papers-kind-any", Kind::Any),
    ("contract", "papers-kind-contract", Kind::Contract),
    ("applications", "papers-kind-applications", Kind::Applications),
    ("visits", "papers-kind-visits", Kind::Visits),
    ("reports", "papers-kind-reports", Kind::Reports),
];

impl Kind {
    fn of(ask: &Ask) -> Self {
        let found = KINDS.into_iter().find(|(word, ..)| *word == ask.parameter("kind"));
        found.map_or(Self::Any, |(.., kind)| kind)
    }
}

/// Papers that are read for a page at most before it says how far it got.
const READ_MAX: usize = 1_000;

/// Between the parts of a place.
const BETWEEN: char = '-';

/// How far a list got: which paper came last, and which visit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Place {
    /// The number of the last paper; none before the first.
    paper: Option<u32>,
    /// When the last visit was asked for, and of which register; none before the first.
    visit: Option<(u64, u32)>,
}

impl Place {
    /// The place of an address; that of the beginning where it is none.
    fn read(text: &str) -> Self {
        let mut parts = text.split(BETWEEN);
        let paper = parts.next().and_then(|part| part.parse().ok()).filter(|number| *number > 0);
        let visit = parts.next().zip(parts.next());
        let visit = visit.and_then(|(at, id)| Some((at.parse().ok()?, id.parse().ok()?)));
        Self { paper, visit }
    }

    fn text(self) -> String {
        let paper = self.paper.unwrap_or(0);
        match self.visit {
            Some((at, id)) => format!("{paper}{BETWEEN}{at}{BETWEEN}{id}"),
            None => paper.to_string(),
        }
    }

    /// Whether a visit comes behind this place.
    fn is_before(self, asked: (u64, u32)) -> bool {
        let later = |(at, id): (u64, u32)| (std::cmp::Reverse(at), id);
        self.visit.is_none_or(|last| later(asked) > later(last))
    }
}

/// Up to `limit` lines behind a place: papers and visits, each with the newest first, in one order; and where the list
/// goes on, where it does. `papers` are those behind the place, as many as were asked for.
fn merge(
    place: Place,
    papers: Vec<Paper>,
    visits: Vec<Registration>,
    limit: usize,
) -> (Vec<Line>, Option<Place>) {
    let asked = |one: &Registration| one.visit.as_ref().map_or((0, 0), |visit| (visit.asked_at.0, one.id.0));
    let has_more = papers.len() >= limit;
    let mut papers = papers.into_iter().peekable();
    let mut visits = visits.into_iter().filter(|one| place.is_before(asked(one))).peekable();
    let (mut lines, mut place) = (Vec::new(), place);
    while lines.len() < limit {
        let is_visit = match (papers.peek(), visits.peek()) {
            (_, None) => false,
            (None, Some(_)) => true,
            (Some(paper), Some(visit)) => asked(visit).0 >= paper.drawn_at.0,
        };
        match (is_visit, papers.peek().is_some()) {
            (true, _) => lines.extend(visits.next().map(|visit| {
                place.visit = Some(asked(&visit));
                Line::Visit(Box::new(visit))
            })),
            (false, true) => lines.extend(papers.next().map(|paper| {
                place.paper = Some(paper.number);
                Line::Paper(Box::new(paper))
            })),
            (false, false) => break,
        }
    }
    let goes_on = has_more || papers.peek().is_some() || visits.peek().is_some();
    (lines, goes_on.then_some(place))
}

/// Whether a version of the contract was accepted by a paper.
fn is_acceptance(paper: &Paper) -> bool {
    paper.kind == PaperKind::ApplicationOne && matches!(paper.state, PaperState::Valid { .. })
}

/// A line as it is shown: the contract stands above the application by which it was accepted, unless one of both alone is
/// asked for.
fn shown(kind: Kind, line: Line) -> Vec<Line> {
    match line {
        Line::Paper(paper) if kind == Kind::Any && is_acceptance(&paper) => {
            vec![Line::Contract(paper.clone()), Line::Paper(paper)]
        }
        line => vec![line],
    }
}

/// The versions of the contract that were accepted, the latest first. Papers are looked through for them in steps.
async fn contracts(site: &Site, bin: &str, place: Place, limit: usize) -> Result<Piece<Line>, Failure> {
    let (store, stream) = (&site.office.store, Company::stream_of(bin).ok_or(Failure::NotFound)?);
    let (mut rows, mut before, mut read) = (Vec::new(), place.paper, 0_usize);
    loop {
        let page = papers(store, stream, before, PAPER_PAGE_MAX).await?;
        let is_last = page.len() < PAPER_PAGE_MAX;
        for paper in page {
            if rows.len() >= limit {
                return Ok(Piece { rows, next: before.map(|number| number.to_string()) });
            }
            (before, read) = (Some(paper.number), read.saturating_add(1));
            if is_acceptance(&paper) {
                rows.push(Line::Contract(Box::new(paper)));
            }
        }
        if is_last || read >= READ_MAX {
            let next = before.filter(|_| !is_last).map(|number| number.to_string());
            return Ok(Piece { rows, next });
        }
    }
}

/// Papers and visits, or one of both alone.
async fn signed(
    site: &Site,
    bin: &str,
    kind: Kind,
    place: Place,
    limit: usize,
) -> Result<Piece<Line>, Failure> {
    let (store, stream) = (&site.office.store, Company::stream_of(bin).ok_or(Failure::NotFound)?);
    let limit = limit.min(PAPER_PAGE_MAX);
    let papers = match kind {
        Kind::Visits => Vec::new(),
        _ => papers(store, stream, place.paper, limit).await?,
    };
    let visits = match kind {
        Kind::Applications => Vec::new(),
        _ => visits_of(store, bin).await?,
    };
    let (lines, next) = merge(place, papers, visits, limit);
    let rows = lines.into_iter().flat_map(|line| shown(kind, line)).collect();
    Ok(Piece { rows, next: next.map(Place::text) })
}

/// The version of the contract that is to be accepted, where none was.
fn not_accepted(site: &Site, ask: &Ask) -> Option<Line> {
    ask.acting().filter(|acting| acting.company.state.agreement.is_none())?;
    let day = today(ask.now(), site.config.zone_offset_seconds);
    Some(Line::NotAccepted(site.office.contracts.in_force(day).version.clone()))
}

impl List for Papers {
    query_is_request!();

    type Row = Line;

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

    fn fields(words: &Words<'_>) -> Vec<FilterField> {
        let kinds = KINDS.map(|(name, text, _)| Choice::new(name, words.say(text)));
        vec![FilterField::choice("kind", "papers-kind", kinds.into())]
    }

    /// The contract stands beside the application by which it was accepted, so there may be one row more for each.
    async fn rows(site: &Site, ask: &Ask, after: Option<&str>, limit: usize) -> Result<Piece<Line>, Failure> {
        let (kind, place) = (Kind::of(ask), after.map(Place::read).unwrap_or_default());
        let mut piece = match kind {
            Kind::Reports if !ask.may(Right::SeeDocuments) => Piece { rows: Vec::new(), next: None },
            Kind::Reports => {
                let Piece { rows, next } = reports(site, ask.bin(), after, limit).await?;
                Piece { rows: rows.into_iter().map(|shift| Line::Report(Box::new(shift))).collect(), next }
            }
            Kind::Contract => contracts(site, ask.bin(), place, limit).await?,
            Kind::Any | Kind::Applications | Kind::Visits => {
                signed(site, ask.bin(), kind, place, limit).await?
            }
        };
        if after.is_none() && matches!(kind, Kind::Any | Kind::Contract) {
            piece.rows.splice(0..0, not_accepted(site, ask));
        }
        Ok(piece)
    }

    async fn page(
        site: &Site,
        ask: &Ask,
        query: &Ask,
        after: Option<&str>,
        limit: usize,
    ) -> Result<(Piece<Line>, Vec<String>), Failure> {
        let piece = Self::rows(site, query, after, limit).await?;
        let said = match Kind::of(ask) {
            Kind::Reports if ask.may(Right::SeeDocuments) => vec![site.texts(ask).say("papers-reports-said")],
            Kind::Reports => vec![site.texts(ask).say("papers-reports-not-seen")],
            _ => Vec::new(),
        };
        Ok((piece, said))
    }

    fn cells(site: &Site, ask: &Ask, line: &Line) -> Vec<Cell> {
        let mut cells = match line {
            Line::Paper(paper) => paper_cells(site, ask, paper),
            Line::Visit(one) => {
                one.visit.as_ref().map_or_else(Vec::new, |visit| visit_cells(site, ask, (one.id, visit)))
            }
            Line::Contract(paper) => contract_cells(site, ask, paper),
            Line::NotAccepted(version) => {
                let words = site.texts(ask);
                vec![
                    Cell::link(
                        format!("/c/{}/contract", ask.bin()),
                        words.say_with("papers-the-contract", version),
                    ),
                    Cell::text(words.say("papers-contract-not-accepted")),
                ]
            }
            Line::Report(shift) => report_cells(site, ask, shift),
        };
        cells.resize(Self::COLUMNS.len(), Cell::text(""));
        cells
    }
}

/// The contract: which version was accepted, when, by whose signature under which application.
fn contract_cells(site: &Site, ask: &Ask, paper: &Paper) -> Vec<Cell> {
    let words = site.texts(ask);
    let of_paper = paper_cells(site, ask, paper);
    let agreement = ask.acting().and_then(|acting| acting.company.state.agreement.as_ref());
    let is_current = agreement.is_some_and(|agreement| agreement.paper == paper.number);
    let text = words.say_with("papers-the-contract", &paper.contract);
    let is_kept = site.office.contracts.version(&paper.contract).is_some();
    let mut cells = vec![
        match is_kept {
            true => Cell::link(paper_file(ask, paper, "contract.pdf"), text),
            false => Cell::text(text),
        },
        Cell::text(words.say(if is_current { "papers-contract-accepted" } else { "papers-contract-former" })),
    ];
    cells.extend(of_paper.into_iter().skip(cells.len()));
    cells
}

/// A Z report has neither signer nor signature of its own: it is what the register closed its shift with.
fn report_cells(site: &Site, ask: &Ask, shift: &ShiftOfRegister) -> Vec<Cell> {
    let (words, number, register) =
        (site.texts(ask), shift.line.number.to_string(), shift.register.to_string());
    let closed = shift.line.closed_at.map(|at| format::moment(words.language, at));
    vec![
        Cell::link(
            format!("/c/{}/registers/{register}/shifts/{number}/z", ask.bin()),
            words.say_values("shops-z-of", &[("shift", &number), ("register", &register)]),
        ),
        Cell::text(words.say("papers-shift-closed")),
        Cell::text(closed.unwrap_or_default()),
    ]
}

/// Where a file of a paper is.
fn paper_file(ask: &Ask, paper: &Paper, name: &str) -> String {
    format!("/c/{}/papers/{}/{name}", ask.bin(), paper.number)
}

fn paper_cells(site: &Site, ask: &Ask, paper: &Paper) -> Vec<Cell> {
    let words = site.texts(ask);
    let file = |name: &str| paper_file(ask, paper, name);
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

/// A visit is asked for by a form, without a signature: when it is awaited, or that it was made.
fn visit_cells(site: &Site, ask: &Ask, (id, visit): (RegisterId, &Visit)) -> Vec<Cell> {
    let words = site.texts(ask);
    let awaited = [("day", day(&visit.date).map(written).unwrap_or_default()), ("time", visit.time.clone())];
    let awaited = awaited.each_ref().map(|(name, value)| (*name, value.as_str()));
    let state = match &visit.done {
        None => words.say_values("papers-visit-awaited", &awaited),
        Some(done) => words.say_with("papers-visit-done", &site.day(ask, done.at)),
    };
    vec![
        Cell::link(
            format!("/c/{}/registrations/{id}", ask.bin()),
            words.say_with("papers-visit", &id.to_string()),
        ),
        Cell::text(state),
        Cell::text(site.day(ask, visit.asked_at)),
    ]
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

#[cfg(test)]
mod tests {
    use ofd_protocol::types::UnixMillis;
    use ofd_storage::samples;

    use super::*;

    fn visit(id: u32, asked_at: u64) -> Registration {
        let text = String::new;
        let asked_at = UnixMillis(asked_at);
        let (date, time, person, phone, comment) = (text(), text(), text(), text(), text());
        let visit = Visit { date, time, person, phone, comment, asked_at, done: None };
        Registration { visit: Some(visit), ..samples::registration(RegisterId(id), "151140001234") }
    }

    #[test]
    fn papers_and_visits_are_one_list_however_it_is_divided_into_pages() {
        let papers: Vec<Paper> = [90, 70, 50, 30, 10]
            .into_iter()
            .zip((1..=5).rev())
            .map(|(at, number)| Paper { number, ..samples::paper(UnixMillis(at), PaperState::DrawnUp) })
            .collect();
        let visits = vec![visit(7, 95), visit(8, 60), visit(9, 60), visit(4, 50), visit(3, 5)];
        let name = |line: &Line| match line {
            Line::Paper(paper) => format!("p{}", paper.number),
            Line::Visit(one) => format!("v{}", one.id),
            other => panic!("{other:?}"),
        };
        let whole = ["v7", "p5", "p4", "v8", "v9", "v4", "p3", "p2", "p1", "v3"];
        for limit in 1..=12 {
            let (mut read, mut after) = (Vec::new(), Some(Place::default()));
            while let Some(place) = after {
                let behind = |paper: &&Paper| place.paper.is_none_or(|last| paper.number < last);
                let papers: Vec<Paper> = papers.iter().filter(behind).take(limit).cloned().collect();
                let (lines, next) = merge(place, papers, visits.clone(), limit);
                assert!(lines.len() <= limit);
                read.extend(lines.iter().map(name));
                after = next.map(|next| Place::read(&next.text()));
            }
            assert_eq!(read, whole, "in pages of {limit}");
        }
    }

    #[test]
    fn a_place_that_somebody_made_up_is_one_all_the_same() {
        assert_eq!(Place::read("6"), Place { paper: Some(6), visit: None });
        assert_eq!(Place::read("0-17-4"), Place { paper: None, visit: Some((17, 4)) });
        for strange in ["", "x", "-1", "99999999999", "0", "x-1"] {
            assert_eq!(Place::read(strange), Place::default(), "{strange}");
        }
    }
}
