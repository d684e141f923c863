//! Shows an audit, as a page and as a file.

use askama::Template;
use axum::response::Response;
use ofd_office::registers::carry_over;
use ofd_storage::accounts::{AuditAction, Company, OPERATOR};

use super::rules::{Filter, day_begin, day_end};
use super::scan::{Bounds, Ended, Piece, scan};
use super::view::{RowView, actions};
use crate::cabinet::list::{address, choices_len};
use crate::cabinet::{Ask, At, Choice, Failure, Form};
use crate::page::Shell;
use crate::page_len::{LIST_BYTES, fitting_in};
use crate::sheet::Sheet;
use crate::site::Site;
use crate::vocabulary::Word;

/// A page: what fits on one without an end to the scrolling. A filter looks at most at so many rows for it.
const PAGE: Bounds = Bounds { found_max: 50, scanned_max: 2000, looks_by_day: None };

/// A file: some megabytes, read within seconds. A longer audit comes in periods.
const FILE: Bounds = Bounds { found_max: 5000, scanned_max: 20_000, looks_by_day: None };

/// What the form and the pager carry.
const NAMES: [&str; 5] = ["action", "person", "from", "until", "without_looks"];

/// Whose audit is shown, and where.
pub(crate) struct Showing<'a> {
    pub(crate) bin: &'a str,
    /// The text of the heading.
    pub(crate) heading: String,
    /// The address of the page.
    pub(crate) at: String,
    /// The way back, where there is one: address and text.
    pub(crate) back: Option<(String, String)>,
    /// Whether the file can be taken too, at the address of the page with `.csv`.
    pub(crate) has_file: bool,
}

#[derive(Template)]
#[template(path = "audit.html")]
struct AuditPage<'a> {
    shell: Shell<'a>,
    heading: String,
    at: String,
    back: Option<(String, String)>,
    form: Form,
    actions: Vec<Choice>,
    rows: Vec<RowView>,
    is_narrowed: bool,
    is_tired: bool,
    older: Option<String>,
    newest: Option<String>,
    file: Option<String>,
}

/// Reads the filter; what cannot be read is said beside its field, and narrows nothing.
fn filter_of(site: &Site, ask: &Ask) -> (Filter, Form) {
    let (words, zone) = (site.texts(ask), site.config.zone_offset_seconds);
    let mut form = Form::filled(NAMES.map(|name| (name, ask.parameter(name).to_owned())));
    let mut day = |name: &'static str, read: fn(&str, i32) -> Option<_>| {
        let text = ask.parameter(name);
        let read = read(text, zone);
        if read.is_none() && !text.is_empty() {
            form.wrong(name, words.say("audit-no-day"));
        }
        read
    };
    let (from, until) = (day("from", day_begin), day("until", day_end));
    let filter = Filter {
        action: AuditAction::from_name(ask.parameter("action")),
        person: ask.parameter("person").to_owned(),
        from,
        until,
        without_looks: !ask.parameter("without_looks").is_empty(),
    };
    (filter, form)
}

fn own<'a>(site: &Site, ask: &'a Ask) -> Showing<'a> {
    let (words, bin) = (site.texts(ask), ask.bin());
    let (heading, at) = if bin == OPERATOR {
        (words.say("audit-title-operator"), "/operator/audit".to_owned())
    } else {
        (words.say("audit-title"), format!("/c/{bin}/audit"))
    };
    Showing { bin, heading, at, back: None, has_file: true }
}

/// The audit of the company for which who asks acts.
pub(crate) async fn show(site: At, ask: Ask) -> Result<Response, Failure> {
    let showing = own(&site, &ask);
    answer(&site, &ask, showing).await
}

/// Reads a piece of an organisation's audit, with what happened to its registers.
async fn read(
    site: &Site,
    bin: &str,
    filter: &Filter,
    before: Option<u64>,
    bounds: Bounds,
) -> Result<Piece, Failure> {
    let stream = Company::stream_of(bin).ok_or(Failure::NotFound)?;
    carry_over((&site.office.store, &*site.office.world), bin).await?;
    Ok(scan(&site.office.store, stream, filter, before, bounds).await?)
}

/// Leaves as many rows as fit into so many bytes, and says why they end then.
fn cut(rows: &mut Vec<RowView>, ended: Ended, bytes: usize) -> Ended {
    let fitting = fitting_in(bytes, rows.iter().map(RowView::len));
    if fitting >= rows.len() {
        return ended;
    }
    rows.truncate(fitting);
    rows.last().map_or(ended, |last| Ended::Full(last.number))
}

/// An audit as a page.
pub(crate) async fn answer(site: &Site, ask: &Ask, showing: Showing<'_>) -> Result<Response, Failure> {
    let words = site.texts(ask);
    let (filter, form) = filter_of(site, ask);
    let before = ask.parameter("before").parse().ok();
    let page = Bounds { looks_by_day: Some(site.config.zone_offset_seconds), ..PAGE };
    let piece = read(site, showing.bin, &filter, before, page).await?;
    let any = Choice::new("", words.say("audit-any-action"));
    let actions =
        actions(showing.bin == OPERATOR).map(|action| Choice::new(action.name(), action.text(&words)));
    let actions: Vec<Choice> = std::iter::once(any).chain(actions).collect();
    let mut rows = RowView::all(site, ask, &piece.rows);
    let ended = cut(&mut rows, piece.ended, LIST_BYTES.saturating_sub(choices_len(&actions)));
    let older = match ended {
        Ended::Whole => None,
        Ended::Full(before) | Ended::Tired(before) => {
            Some(address(ask, &showing.at, NAMES, Some(("before", &before.to_string()))))
        }
    };
    let mut shell = site.frame(ask, "audit-title", &showing.at);
    shell.title.clone_from(&showing.heading);
    let page = AuditPage {
        shell,
        heading: showing.heading.clone(),
        back: showing.back.clone(),
        actions,
        rows,
        is_narrowed: filter != Filter::default(),
        is_tired: matches!(ended, Ended::Tired(_)),
        older,
        newest: before.map(|_| address(ask, &showing.at, NAMES, None)),
        file: showing.has_file.then(|| address(ask, &format!("{}.csv", showing.at), NAMES, None)),
        at: showing.at,
        form,
    };
    Ok(site.show(ask, page.form.status(), &page))
}

/// The audit as a file for spreadsheets, narrowed as the page is.
pub(crate) async fn file(site: At, ask: Ask) -> Result<Response, Failure> {
    let (words, showing) = (site.texts(&ask), own(&site, &ask));
    let (filter, form) = filter_of(&site, &ask);
    if !form.is_right() {
        // The page with the same address says what is wrong.
        return answer(&site, &ask, showing).await;
    }
    let piece = read(&site, showing.bin, &filter, None, FILE).await?;
    let mut file = Sheet::default();
    let head = [
        words.say("audit-number"),
        words.say("audit-when"),
        words.say("audit-who"),
        words.say("audit-operator"),
        words.say("audit-from-address"),
        words.say("audit-action"),
        words.say("audit-subject"),
        words.say("audit-field"),
        words.say("audit-before"),
        words.say("audit-after"),
    ];
    file.line(head);
    for row in &piece.rows {
        RowView::of(&site, &ask, row).push(&mut file, &words.say("audit-operator"));
    }
    if piece.ended != Ended::Whole {
        file.line([words.say("audit-file-cut")]);
    }
    let name = if showing.bin == OPERATOR { "operator" } else { showing.bin };
    file.answer(&format!("audit-{name}")).ok_or(Failure::NotFound)
}
