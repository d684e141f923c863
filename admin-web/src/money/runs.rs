//! Charging runs as billing people see them: how far everybody is charged, and the runs of a month that people look at, post and take
//! back.

use askama::Template;
use axum::response::Response;
use ofd_billing::{Month, Tiyn};
use ofd_office::billing::charging::{RunOutcome, begin_run, bring_run};
use ofd_office::day::written;
use ofd_protocol::types::UnixMillis;
use ofd_storage::charging::{Counted, HandRun, Stage, charged_until, hand_run, hand_runs};

use super::told::{month, month_text};
use crate::cabinet::list::{Cell, FilterField, List, ListPaths, Piece, list_paths};
use crate::cabinet::{Ask, At, Failure, Form, see_other};
use crate::format;
use crate::page::Shell;
use crate::site::Site;
use crate::words::Words;

/// Where a run is begun.
pub(super) const NEW: &str = "/operator/charging/new";

/// Where a run is.
pub(super) const PATH: &str = "/operator/charging/{run}";

/// Where a person's word about it is taken.
pub(super) const BRING: &str = "/operator/charging/{run}/bring";

/// Where a run is, by its month and number.
fn path_of(run: &HandRun) -> String {
    format!("/operator/charging/{}", run.name())
}

/// How far a run is.
fn stage_text(words: &Words<'_>, stage: Stage) -> String {
    words.say(match stage {
        Stage::Previewing => "charging-stage-previewing",
        Stage::Previewed => "charging-stage-previewed",
        Stage::Posting => "charging-stage-posting",
        Stage::Posted => "charging-stage-posted",
        Stage::TakingBack => "charging-stage-taking-back",
        Stage::TakenBack => "charging-stage-taken-back",
        Stage::GivenUp => "charging-stage-given-up",
    })
}

fn stage_colour(stage: Stage) -> &'static str {
    match stage {
        Stage::Posted => "",
        Stage::Previewing | Stage::Previewed | Stage::Posting | Stage::TakingBack => " warn",
        Stage::TakenBack | Stage::GivenUp => " bad",
    }
}

/// What of a run is told in a list: what posting came to, or taking back, else what it would come to.
fn told(run: &HandRun) -> &Counted {
    match run.stage {
        Stage::Previewing | Stage::Previewed | Stage::GivenUp => &run.preview,
        Stage::Posting | Stage::Posted | Stage::TakingBack | Stage::TakenBack => &run.done,
    }
}

pub(super) struct Runs;

impl List for Runs {
    type Query = String;
    type Row = HandRun;

    const PATHS: ListPaths = list_paths!("/operator/charging");
    const TITLE: (&'static str, &'static str) = ("charging-title", "charging");
    const COLUMNS: &'static [&'static str] = &[
        "charging-run",
        "charging-stage",
        "charging-organisations",
        "charging-changed",
        "charging-before",
        "charging-after",
        "charging-failures",
    ];
    const NONE: &'static str = "charging-none";
    const NOTE: Option<&'static str> = Some("charging-note");

    fn adds(site: &Site, ask: &Ask) -> Option<(String, String)> {
        Some((NEW.to_owned(), site.texts(ask).say("charging-new-title")))
    }

    fn wrong(site: &Site, ask: &Ask) -> Vec<(&'static str, String)> {
        super::told::month_wrong(site, ask)
    }

    fn fields(_: &Words<'_>) -> Vec<FilterField> {
        vec![FilterField::typed("month", "money-month", "charging-month-hint")]
    }

    fn query(ask: &Ask) -> String {
        ask.parameter("month").to_owned()
    }

    /// All at once, since people make few.
    async fn rows(site: &Site, query: &String, _: Option<&str>, _: usize) -> Result<Piece<HandRun>, Failure> {
        let mut rows = hand_runs(&site.office.store).await?;
        if let Some(month) = month(query) {
            rows.retain(|run| run.month == month);
        }
        Ok(Piece { rows, next: None })
    }

    async fn page(
        site: &Site,
        ask: &Ask,
        query: &String,
        after: Option<&str>,
        limit: usize,
    ) -> Result<(Piece<HandRun>, Vec<String>), Failure> {
        let piece = Self::rows(site, query, after, limit).await?;
        let words = site.texts(ask);
        let said = match charged_until(&site.office.store).await? {
            Some(day) => words.say_with("charging-until", &written(day.date())),
            None => words.say("charging-never"),
        };
        Ok((piece, vec![said]))
    }

    fn cells(site: &Site, ask: &Ask, run: &HandRun) -> Vec<Cell> {
        let (words, language, counted) = (site.texts(ask), ask.language(), told(run));
        let name = format!("{} · {}", month_text(run.month), run.number);
        let at = run.said.last().map(|said| site.moment(ask, UnixMillis(said.at_ms)));
        vec![
            Cell::link(path_of(run), name).whole(),
            Cell::text(stage_text(&words, run.stage)).noted(at),
            Cell::text(counted.organisations.to_string()),
            Cell::text(counted.changed.to_string()),
            Cell::sum(language, counted.before.get()),
            Cell::sum(language, counted.after.get()),
            Cell::text(counted.failures.to_string()),
        ]
    }
}

#[derive(Template)]
#[template(path = "charging_new.html")]
struct NewPage<'a> {
    shell: Shell<'a>,
    form: Form,
}

fn page_new(site: &At, ask: &Ask, form: Form) -> Response {
    let form = ask.again(form);
    let status = form.status();
    let page = NewPage { shell: site.form_frame(ask, "charging-new-title", NEW), form };
    site.show(ask, status, &page)
}

/// Shows the form of a run.
pub(super) async fn show_new(site: At, ask: Ask) -> Result<Response, Failure> {
    Ok(page_new(&site, &ask, Form::default()))
}

/// Begins a run of a month, which is looked at first.
pub(super) async fn take_new(site: At, ask: Ask) -> Result<Response, Failure> {
    let (words, mut form) = (site.texts(&ask), Form::sent(ask.fields()));
    let Some(month) = month(ask.fields().text("month")) else {
        form.wrong("month", words.say("money-month-wrong"));
        return Ok(page_new(&site, &ask, form));
    };
    match begin_run(&site.office, ask.by(), month).await? {
        RunOutcome::Run(run) => Ok(see_other(&path_of(&run))),
        RunOutcome::NotOver => {
            form.wrong("month", words.say_with("charging-not-over", &month_text(month)));
            Ok(page_new(&site, &ask, form))
        }
        RunOutcome::Stage => Err(Failure::Busy),
    }
}

/// An organisation whose sum a run changes, as a page tells it.
struct ChangedView {
    bin: String,
    before: String,
    after: String,
    difference: String,
}

#[derive(Template)]
#[template(path = "charging_run.html")]
struct RunPage<'a> {
    shell: Shell<'a>,
    path: String,
    title: String,
    stage: String,
    colour: &'static str,
    form: Form,
    /// It goes on by itself: the page is to be looked at again.
    is_under_way: bool,
    details: Vec<(String, String)>,
    said: Vec<(String, String)>,
    changed: Vec<ChangedView>,
    /// How many more change than are named.
    more: Option<String>,
    failed: Vec<(String, String)>,
    unpriced: Vec<String>,
    may_post: bool,
    may_take_back: bool,
}

/// The month and number of the address: `2026-11.1`.
fn id_of(ask: &Ask) -> Result<(Month, u32), Failure> {
    let id = ask.part("run").split_once('.').and_then(|(month, number)| {
        let number = number.parse().ok().filter(|known: &u32| known.to_string() == number)?;
        Some((month.parse::<Month>().ok()?, number))
    });
    id.ok_or(Failure::NotFound)
}

async fn named(site: &At, ask: &Ask) -> Result<HandRun, Failure> {
    let found = hand_run(&site.office.store, id_of(ask)?).await?;
    found.map(|(_, run)| run).ok_or(Failure::NotFound)
}

fn page(site: &At, ask: &Ask, run: &HandRun, form: Form) -> Response {
    let (words, language, counted) = (site.texts(ask), ask.language(), told(run));
    let sum = |tiyn: Tiyn| format::sum(language, tiyn.get());
    let difference = |before: Tiyn, after: Tiyn| after.minus(before).map(sum).unwrap_or_default();
    let details = vec![
        (words.say("charging-up-to"), written(run.up_to.date())),
        (words.say("charging-organisations"), counted.organisations.to_string()),
        (words.say("charging-changed"), counted.changed.to_string()),
        (words.say("charging-before"), sum(counted.before)),
        (words.say("charging-after"), sum(counted.after)),
        (words.say("charging-difference"), difference(counted.before, counted.after)),
        (words.say("charging-failures"), counted.failures.to_string()),
        (words.say("charging-unpriced"), counted.without_price.to_string()),
    ];
    let said = run.said.iter().map(|said| {
        let who = format!("{}, {}", site.moment(ask, UnixMillis(said.at_ms)), said.by);
        (stage_text(&words, said.stage), who)
    });
    let changed = counted.differences.iter().map(|one| ChangedView {
        bin: one.bin.clone(),
        before: sum(one.before),
        after: sum(one.after),
        difference: difference(one.before, one.after),
    });
    let named = u32::try_from(counted.differences.len()).unwrap_or(u32::MAX);
    let more = counted.changed.saturating_sub(named);
    let form = ask.again(form);
    let status = form.status();
    let at = path_of(run);
    let page = RunPage {
        shell: site.frame(ask, "charging-run-title", &at),
        title: words.say_values(
            "charging-run-named",
            &[("month", &month_text(run.month)), ("number", &run.number.to_string())],
        ),
        stage: stage_text(&words, run.stage),
        colour: stage_colour(run.stage),
        form,
        is_under_way: run.stage.is_under_way(),
        details,
        said: said.collect(),
        changed: changed.collect(),
        more: (more > 0).then(|| words.say_with("charging-more", &more.to_string())),
        failed: counted.failed.clone(),
        unpriced: counted.unpriced.clone(),
        may_post: run.stage == Stage::Previewed,
        may_take_back: run.stage == Stage::Posted,
        path: at,
    };
    site.show(ask, status, &page)
}

/// Shows a run.
pub(super) async fn show(site: At, ask: Ask) -> Result<Response, Failure> {
    let run = named(&site, &ask).await?;
    Ok(page(&site, &ask, &run, Form::default()))
}

/// Takes a person's word: it is to be posted, given up, or taken back. The same word twice is said once.
pub(super) async fn bring(site: At, ask: Ask) -> Result<Response, Failure> {
    let run = named(&site, &ask).await?;
    let to = match ask.fields().text("to") {
        "post" => Stage::Posting,
        "give-up" => Stage::GivenUp,
        "take-back" => Stage::TakingBack,
        _ => {
            let text = site.texts(&ask).say("company-wrong-choice");
            return Ok(page(&site, &ask, &run, Form::refused(text)));
        }
    };
    match bring_run(&site.office, ask.by(), (run.month, run.number), to).await? {
        RunOutcome::Run(run) => Ok(see_other(&path_of(&run))),
        RunOutcome::NotOver | RunOutcome::Stage => {
            let text = site.texts(&ask).say("charging-other-stage");
            let run = named(&site, &ask).await?;
            Ok(page(&site, &ask, &run, Form::refused(text)))
        }
    }
}
