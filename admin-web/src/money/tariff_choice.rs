//! The tariff plan of a register: which it is, which it was, and another one in its place, with what each would cost.

use std::collections::BTreeMap;

use askama::Template;
use axum::response::Response;
use ofd_billing::Day;
use ofd_billing::tariffs::{ChoiceError, ConnectionKind, Plan, PlanId, TariffHistory};
use ofd_office::billing::offers::{OfferedFor, offers};
use ofd_office::billing::tariffs::{Choice, choose, money_now, plans};
use ofd_office::day::written;
use ofd_office::registrations::{DraftOutcome, find, want};
use ofd_protocol::types::RegisterId;
use ofd_storage::accounts::{Registration, Wanted};
use ofd_storage::tariffs::{history, kind_of};

use crate::cabinet::{Ask, At, Failure, Form, Right, see_other};
use crate::page::Shell;
use crate::plan_words::{OfferView, offer_views, plan_title, prices, title};
use crate::registrations::{go_on, refused};
use crate::revision::Revision;
use crate::words::Words;

/// Where it is.
pub(super) const PATH: &str = "/c/{bin}/registers/{register}/tariff";

/// A plan that the register was on, is on, or will be on.
struct HistoryRow {
    from: String,
    waits: bool,
    title: String,
    prices: String,
}

#[derive(Template)]
#[template(path = "tariff_choice.html")]
struct ChoicePage<'a> {
    shell: Shell<'a>,
    back: String,
    path: String,
    notice: Option<String>,
    details: Vec<(String, String)>,
    /// Where a plan is asked for by an application that is still to be signed or answered, and what that says.
    asked: Option<(String, String)>,
    form: Form,
    revision: Revision,
    may_choose: bool,
    offers: Vec<OfferView>,
    history: Vec<HistoryRow>,
}

fn path(bin: &str, id: RegisterId) -> String {
    format!("/c/{bin}/registers/{id}/tariff")
}

/// The register of the address, where it is on the books of the organisation that it names.
async fn own(site: &At, ask: &Ask) -> Result<Registration, Failure> {
    let text = ask.part("register");
    let is_plain = text.bytes().all(|byte| byte.is_ascii_digit());
    let id = text.parse().ok().filter(|id| is_plain && *id != 0).map(RegisterId).ok_or(Failure::NotFound)?;
    let found = find(&site.office.store, ask.bin(), id).await?;
    found.map(|(_, one)| one).filter(Registration::is_registered).ok_or(Failure::NotFound)
}

/// The plan that an id names, with the prices that it had on a day.
fn plan_on(
    words: &Words<'_>,
    (id, known): (&PlanId, Option<&Plan>),
    (kind, day): (ConnectionKind, Day),
) -> (String, String) {
    let Some(plan) = known else { return (id.to_string(), "—".to_owned()) };
    let price = plan.version_on(day).and_then(|(_, version)| version.price(kind));
    let prices = price.map(|price| prices(words, words.language, price));
    (title(&plan.data().titles, words.language).to_owned(), prices.unwrap_or_else(|| "—".to_owned()))
}

/// The plans of a register, the newest first. Of the one that is there without any choice the first day says nothing.
fn rows(
    words: &Words<'_>,
    (plans, known): (&TariffHistory, &BTreeMap<PlanId, Plan>),
    (kind, today): (ConnectionKind, Day),
) -> Vec<HistoryRow> {
    let first = plans.changes().first().map(|change| change.from);
    let row = |change: &ofd_billing::tariffs::TariffChange| {
        let shown = until(plans, change.from).map_or(today, |last| last.min(today));
        let day = shown.max(change.from);
        let (title, prices) = plan_on(words, (&change.plan, known.get(&change.plan)), (kind, day));
        let is_first = Some(change.from) == first && change.plan.as_str() == PlanId::FREE;
        let from = if is_first { words.say("tariff-history-first") } else { written(change.from.date()) };
        HistoryRow { from, waits: change.from > today, title, prices }
    };
    plans.changes().iter().rev().map(row).collect()
}

/// The last day of a plan that another one followed: its prices are told as they were then.
fn until(plans: &TariffHistory, from: Day) -> Option<Day> {
    plans.changes().iter().find(|change| from < change.from)?.from.previous()
}

async fn page(site: &At, ask: &Ask, registration: &Registration, form: Form) -> Result<Response, Failure> {
    let (words, at) = (site.texts(ask), path(ask.bin(), registration.id));
    let form = ask.again(form);
    let revision = ask.again_revision(registration.revision);
    let today = money_now(&site.office, site.config.zone_offset_seconds).await?.today();
    let kind = kind_of(registration.data.connection);
    let (plans, known) = (history(&registration.plans)?, plans(&site.office).await?);
    let now = plans.on(today).map(|id| plan_on(&words, (id, known.get(id)), (kind, today)));
    let (now_title, now_prices) = now.unwrap_or_default();
    let mut details = vec![
        (words.say("registration-system-id"), registration.id.to_string()),
        (words.say("registration-shop"), registration.data.shop.title.clone()),
        (words.say("registration-tariff"), now_title),
        (words.say("tariffs-prices"), now_prices),
    ];
    if let Some(next) = plans.waiting(today) {
        let (title, _) = plan_on(&words, (&next.plan, known.get(&next.plan)), (kind, next.from));
        let values = [("plan", title.as_str()), ("day", &written(next.from.date()))];
        details.push((words.say("tariff-choice-next"), words.say_values("tariff-choice-next-from", &values)));
    }
    let asked = match &registration.wanted {
        Some(Wanted::Change(data)) if data.tariff != registration.data.tariff => {
            let path = format!("/c/{}/registrations/{}", ask.bin(), registration.id);
            Some((path, words.say_with("tariff-choice-asked", &plan_title(&words, data))))
        }
        _ => None,
    };
    let may_choose = ask.may(Right::ManageRegisters);
    let mut offered = if may_choose {
        offers(&site.office, ask.bin(), OfferedFor::Register(kind)).await?
    } else {
        Vec::new()
    };
    // To stay on what it has is a choice where something else waits.
    let has_next = plans.waiting(today).is_some();
    offered.retain(|offer| has_next || plans.on(today) != Some(offer.plan.id()));
    let notice = (ask.parameter("done") == "chosen").then(|| words.say("tariff-choice-done"));
    let status = form.status();
    let mut shell = site.frame(ask, "tariff-choice-title", &at);
    shell.is_typed = may_choose && !offered.is_empty();
    let page = ChoicePage {
        back: format!("/c/{}/registers/{}", ask.bin(), registration.id),
        path: at,
        notice,
        details,
        asked,
        form,
        revision,
        may_choose,
        offers: offer_views(site, ask, &offered),
        history: rows(&words, (&plans, &known), (kind, today)),
        shell,
    };
    Ok(site.show(ask, status, &page))
}

/// Shows the plan of a register, those it was on, and those it may be put on.
pub(super) async fn show(site: At, ask: Ask) -> Result<Response, Failure> {
    let registration = own(&site, &ask).await?;
    page(&site, &ask, &registration, Form::default()).await
}

/// Why a plan cannot be chosen.
fn refusal(words: &Words<'_>, error: &ChoiceError) -> String {
    match error {
        ChoiceError::NotForOrganisation(_) | ChoiceError::Order(_) => {
            words.say("registration-wrong-plan-gone")
        }
        ChoiceError::NotForKind(_) => words.say("registration-wrong-plan-kind"),
        ChoiceError::NoVersion { day, .. } => words.say_with("tariff-choice-no-price", &written(day.date())),
        ChoiceError::Same(_) => words.say("tariff-choice-same"),
        ChoiceError::TooFar => words.say("company-wrong-date"),
    }
}

/// Puts the register on another plan: at once where a click is enough, else by an application that is signed.
pub(super) async fn take(site: At, ask: Ask) -> Result<Response, Failure> {
    let registration = own(&site, &ask).await?;
    let (words, fields, mut form) = (site.texts(&ask), ask.fields(), Form::sent(ask.fields()));
    let Ok(plan) = fields.text("plan").parse::<PlanId>() else {
        form.wrong("plan", words.say("company-wrong-choice"));
        return page(&site, &ask, &registration, form).await;
    };
    let (place, revision) = ((ask.bin(), registration.id), Revision::read(fields.text("revision")));
    let zone = site.config.zone_offset_seconds;
    match choose(&site.office, ask.by(), zone, place, (&plan, revision)).await? {
        Choice::From(_) => {
            return Ok(see_other(&format!("{}?done=chosen", path(ask.bin(), registration.id))));
        }
        Choice::Refused(error) => form.wrong("plan", refusal(&words, &error)),
        Choice::NoPlan => form.wrong("plan", words.say("registration-wrong-plan-gone")),
        Choice::Stale => form.error = Some(words.say("registration-stale")),
        Choice::NotRegistered => return Err(Failure::NotFound),
        Choice::ToBeSigned => return ask_for(&site, &ask, &registration, (plan, revision), form).await,
    }
    page(&site, &ask, &registration, form).await
}

/// Asks for the plan by the application that changes a register, which is drawn up to be signed.
async fn ask_for(
    site: &At,
    ask: &Ask,
    registration: &Registration,
    (plan, revision): (PlanId, Revision),
    mut form: Form,
) -> Result<Response, Failure> {
    let kind = kind_of(registration.data.connection);
    let offers = offers(&site.office, ask.bin(), OfferedFor::Register(kind)).await?;
    let Some(offer) = offers.iter().find(|offer| *offer.plan.id() == plan) else {
        form.wrong("plan", site.texts(ask).say("registration-wrong-plan-gone"));
        return page(site, ask, registration, form).await;
    };
    // What else is wanted of the register is asked for by the same paper.
    let mut data = registration.asked_data().clone();
    data.plan = Some(ofd_storage::accounts::ChosenPlan::of(&offer.plan, kind, &offer.version));
    data.tariff = plan;
    let (place, wanted) = ((ask.bin(), registration.id), Some(Wanted::Change(Box::new(data))));
    match want(&site.office, ask.by(), place, (wanted, revision)).await? {
        DraftOutcome::Saved(()) => go_on(site, ask, registration.id).await,
        outcome => {
            let form = refused(site, ask, &outcome, form);
            page(site, ask, registration, form).await
        }
    }
}
