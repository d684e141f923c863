//! The page on which the operator's people land: what waits for them, and what is ill.

use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;
use ofd_office::start::operator::{
    Ill, Waiting, banks_waiting, ills, registrations_waiting, signatures_waiting, visits_waiting,
};
use ofd_storage::walks::Walk;

use crate::cabinet::{Ask, At, Failure, Right};
use crate::page::Shell;
use crate::site::Site;

/// Seconds of a minute.
const MINUTE: u64 = 60;

/// A queue with what waits in it.
struct QueueView {
    label: String,
    href: &'static str,
    count: String,
    /// Something waits there.
    is_waiting: bool,
}

#[derive(Template)]
#[template(path = "operator_start.html")]
struct StartPage<'a> {
    shell: Shell<'a>,
    /// None for who may work off none.
    queues: Vec<QueueView>,
    /// How many signatures are being checked, where any are.
    checked: Option<String>,
    /// What is ill with what is stored.
    ills: Vec<String>,
    /// What the process that answers says of itself, in the words of its log.
    reasons: Vec<String>,
    notes: Vec<String>,
}

fn queue_view(site: &Site, ask: &Ask, (key, href): (&str, &'static str), waiting: Waiting) -> QueueView {
    let more = if waiting.is_more { "+" } else { "" };
    QueueView {
        label: site.texts(ask).say(key),
        href,
        count: format!("{}{more}", waiting.count),
        is_waiting: waiting.count > 0 || waiting.is_more,
    }
}

async fn queues(site: &Site, ask: &Ask) -> Result<Vec<QueueView>, Failure> {
    let mut queues = Vec::new();
    if ask.may(Right::DecideRegistrations) {
        let waiting = registrations_waiting(&site.office).await?;
        queues.push(queue_view(site, ask, ("menu-registrations", "/operator/registrations"), waiting));
    }
    if ask.may(Right::CloseVisits) {
        let waiting = visits_waiting(&site.office).await?;
        queues.push(queue_view(site, ask, ("menu-visits", "/operator/visits"), waiting));
    }
    if ask.may(Right::DecideBanks) {
        let waiting = banks_waiting(&site.office.store).await?;
        queues.push(queue_view(site, ask, ("menu-bank-applications", "/operator/banks"), waiting));
    }
    Ok(queues)
}

fn ill_text(site: &Site, ask: &Ask, ill: Ill) -> String {
    let words = site.texts(ask);
    match ill {
        Ill::Lag(lag) => words.say_count("operator-ill-lag", lag.as_secs() / MINUTE),
        Ill::IndexBeingMade(walk) => words.say(match walk {
            Walk::Titles => "operator-ill-titles",
            Walk::Holdings => "operator-ill-holdings",
            Walk::Serials => "operator-ill-serials",
            Walk::Waits => "operator-ill-waits",
        }),
        Ill::Ledger { at, breaks } => words.say_values(
            "operator-ill-ledger",
            &[("when", &site.moment(ask, at)), ("breaks", &breaks.to_string())],
        ),
        Ill::NotCharged(count) => words.say_with("operator-ill-not-charged", &count.to_string()),
        Ill::Damage(last) => words.say_values(
            "operator-ill-damage",
            &[("when", &site.moment(ask, last.finished_at)), ("breaks", &last.breaks.to_string())],
        ),
    }
}

/// Shows the start page.
pub(super) async fn show(site: At, ask: Ask) -> Result<Response, Failure> {
    let (words, office) = (site.texts(&ask), &site.office);
    let checked = signatures_waiting(office).await?;
    let more = if checked.is_more { "+" } else { "" };
    let checked_text = || words.say_with("operator-checked", &format!("{}{more}", checked.count));
    let ills = ills(&office.store, office.now()).await?;
    let page = StartPage {
        shell: site.page(&ask),
        queues: queues(&site, &ask).await?,
        checked: (checked.count > 0).then(checked_text),
        ills: ills.into_iter().map(|ill| ill_text(&site, &ask, ill)).collect(),
        reasons: site.reasons_not_ready().await,
        notes: site.config.readiness.notes(),
    };
    Ok(site.show(&ask, StatusCode::OK, &page))
}
