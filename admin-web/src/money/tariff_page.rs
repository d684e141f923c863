//! A plan of the operator: its versions, who may choose it, and a version that is taken back before it begins; and rates of VAT.

use askama::Template;
use axum::response::Response;
use ofd_billing::tariffs::{Plan, Signing, TakesEffect, VatPeriod};
use ofd_office::billing::impact::touched;
use ofd_office::billing::tariff_form::{read_choosers, read_vat};
use ofd_office::billing::tariffs::{add_vat_rate, money_now, set_choosers, take_back, vat_rates};
use ofd_office::day::written;

use super::tariff_form::{chooser_choices, choosers_form, day_text, named, told};
use super::tariff_words::{refusal, tell};
use crate::cabinet::{Ask, At, Choice, Failure, Form, see_other};
use crate::page::Shell;
use crate::plan_words::{kind_text, title};

/// Where a plan is.
pub(super) const PATH: &str = "/operator/tariffs/{plan}";

/// Where its last version is taken back.
pub(super) const TAKE_BACK: &str = "/operator/tariffs/{plan}/take-back";

/// Where it is said who may choose it.
pub(super) const CHOOSERS: &str = "/operator/tariffs/{plan}/choosers";

/// Where rates of VAT are.
pub(super) const VAT: &str = "/operator/vat";

struct VersionView {
    number: String,
    days: String,
    holds: bool,
    told: Vec<String>,
}

#[derive(Template)]
#[template(path = "tariff_plan.html")]
struct PlanPage<'a> {
    shell: Shell<'a>,
    path: String,
    title: String,
    notice: Option<String>,
    details: Vec<(String, String)>,
    versions: Vec<VersionView>,
    /// The number of the last version, where it has not begun and may be taken back.
    may_take_back: Option<usize>,
    choosers: Vec<Choice>,
    form: Form,
}

#[derive(Template)]
#[template(path = "vat_rates.html")]
struct VatPage<'a> {
    shell: Shell<'a>,
    notice: Option<String>,
    form: Form,
    /// The first day of each rate, and the rate.
    rates: Vec<(String, String)>,
}

async fn page(site: &At, ask: &Ask, plan: &Plan, form: Form) -> Result<Response, Failure> {
    let (words, data) = (site.texts(ask), plan.data());
    let today = money_now(&site.office, site.config.zone_offset_seconds).await?.today();
    let counted = touched(&site.office, plan.id(), today).await?;
    let (organisations, registers) = (counted.organisations.to_string(), counted.registers.to_string());
    let values = [("organisations", organisations.as_str()), ("registers", &registers)];
    let key = if counted.is_cut { "tariff-touches-at-least" } else { "tariff-touches" };
    let kinds: Vec<String> = data.kinds.iter().map(|kind| kind_text(&words, *kind)).collect();
    let effect = match data.takes_effect {
        TakesEffect::NextDay => "tariff-effect-day",
        TakesEffect::NextMonth => "tariff-effect-month",
    };
    let signing = if data.signing == Signing::Signed { "tariffs-signed" } else { "tariff-unsigned" };
    let details = vec![
        (words.say("tariff-id"), data.id.to_string()),
        (words.say("tariff-kinds"), kinds.join(", ")),
        (
            words.say("tariff-tls"),
            words.say(if plan.is_tls_included() { "tariffs-tls" } else { "tariffs-no-tls" }),
        ),
        (words.say("tariff-effect"), words.say(effect)),
        (words.say("tariff-signing"), words.say(signing)),
        (words.say("tariff-on-it"), words.say_values(key, &values)),
    ];
    let present = plan.version_on(today).map(|(number, _)| number);
    let versions = data.versions.iter().zip(1_u32..).map(|(version, number)| VersionView {
        number: number.to_string(),
        days: day_text(version),
        holds: present == Some(number),
        told: told(&words, version),
    });
    let mut versions: Vec<VersionView> = versions.collect();
    versions.reverse();
    let last = data.versions.last().filter(|last| today < last.from && data.versions.len() > 1);
    let notice = match ask.parameter("done") {
        "made" => Some("tariff-done-made"),
        "version" => Some("tariff-done-version"),
        "taken-back" => Some("tariff-done-taken-back"),
        "choosers" => Some("tariff-done-choosers"),
        _ => None,
    };
    let at = format!("/operator/tariffs/{}", plan.id());
    let form = ask.again(form);
    let status = form.status();
    let page = PlanPage {
        shell: site.form_frame(ask, "tariff-plan-title", &at),
        path: at,
        title: title(&data.titles, words.language).to_owned(),
        notice: notice.map(|key| words.say(key)),
        details,
        versions,
        may_take_back: last.map(|_| data.versions.len()),
        choosers: chooser_choices(&words),
        form,
    };
    Ok(site.show(ask, status, &page))
}

/// Shows a plan.
pub(super) async fn show(site: At, ask: Ask) -> Result<Response, Failure> {
    let plan = named(&site, &ask).await?;
    page(&site, &ask, &plan, choosers_form(&plan)).await
}

/// Takes the last version back, where it has not begun.
pub(super) async fn back(site: At, ask: Ask) -> Result<Response, Failure> {
    let plan = named(&site, &ask).await?;
    let number = ask.fields().text("number").parse::<usize>().unwrap_or(0);
    let zone = site.config.zone_offset_seconds;
    match take_back(&site.office, ask.by(), zone, (plan.id(), number)).await? {
        Ok(plan) => Ok(see_other(&format!("/operator/tariffs/{}?done=taken-back", plan.id()))),
        Err(refused) => {
            let mut form = choosers_form(&plan);
            form.error = Some(refusal(&site.texts(&ask), &refused));
            page(&site, &ask, &plan, form).await
        }
    }
}

/// Says who may choose the plan from now on.
pub(super) async fn choosers(site: At, ask: Ask) -> Result<Response, Failure> {
    let plan = named(&site, &ask).await?;
    let (words, mut form) = (site.texts(&ask), Form::sent(ask.fields()));
    match read_choosers(ask.fields()) {
        Err(errors) => tell(&mut form, &words, &errors),
        Ok(choosers) => match set_choosers(&site.office, ask.by(), (plan.id(), &choosers)).await? {
            Ok(plan) => return Ok(see_other(&format!("/operator/tariffs/{}?done=choosers", plan.id()))),
            Err(refused) => form.error = Some(refusal(&words, &refused)),
        },
    }
    page(&site, &ask, &plan, form).await
}

async fn vat_page(site: &At, ask: &Ask, form: Form) -> Result<Response, Failure> {
    let (words, form) = (site.texts(ask), ask.again(form));
    let rates = Vec::from(vat_rates(&site.office).await?);
    let row = |period: &VatPeriod| (written(period.from.date()), format!("{} %", period.rate.percent()));
    let status = form.status();
    let page = VatPage {
        shell: site.form_frame(ask, "vat-title", VAT),
        notice: (ask.parameter("done") == "added").then(|| words.say("vat-done")),
        rates: rates.iter().rev().map(row).collect(),
        form,
    };
    Ok(site.show(ask, status, &page))
}

/// Shows the rates of VAT.
pub(super) async fn show_vat(site: At, ask: Ask) -> Result<Response, Failure> {
    vat_page(&site, &ask, Form::default()).await
}

/// Adds a rate of VAT.
pub(super) async fn take_vat(site: At, ask: Ask) -> Result<Response, Failure> {
    let (words, mut form) = (site.texts(&ask), Form::sent(ask.fields()));
    match read_vat(ask.fields()) {
        Err(errors) => tell(&mut form, &words, &errors),
        Ok(period) => {
            let zone = site.config.zone_offset_seconds;
            match add_vat_rate(&site.office, ask.by(), zone, period).await? {
                Ok(_) => return Ok(see_other("/operator/vat?done=added")),
                Err(refused) => form.error = Some(refusal(&words, &refused)),
            }
        }
    }
    vat_page(&site, &ask, form).await
}
