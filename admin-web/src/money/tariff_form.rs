//! A plan that is made, and a version that is added to one: told whom it touches and what changes before it is confirmed.

use askama::Template;
use axum::response::Response;
use ofd_billing::tariffs::{Plan, PlanId, PlanVersion};
use ofd_office::billing::impact::touched;
use ofd_office::billing::tariff_form::{KINDS, choosers_fields, read_plan, read_version, steps_text};
use ofd_office::billing::tariffs::{add_plan, add_version, try_version};
use ofd_office::day::written;
use ofd_storage::tariffs::plan as load;

use super::tariff_words::{refusal, tell};
use crate::cabinet::{Ask, At, Choice, Failure, Form, see_other};
use crate::page::Shell;
use crate::plan_words::{conditions, kind_text, prices, title};
use crate::words::Words;

/// Where a plan is made.
pub(super) const NEW: &str = "/operator/tariffs/new";

/// Where a version is added to a plan.
pub(super) const VERSION: &str = "/operator/tariffs/{plan}/version";

/// A field in which the prices of a kind of connection are typed.
struct KindFields {
    title: String,
    per: &'static str,
    prices: &'static str,
}

/// Whom a version touches, and what it changes.
struct ImpactView {
    /// What was looked at, exactly: what is confirmed is what was shown.
    version: String,
    touched: String,
    before: Vec<String>,
    after: Vec<String>,
}

#[derive(Template)]
#[template(path = "tariff_new.html")]
struct NewPage<'a> {
    shell: Shell<'a>,
    form: Form,
    kinds: Vec<Choice>,
    fields: Vec<KindFields>,
    pers: Vec<Choice>,
    tls: Vec<Choice>,
    effects: Vec<Choice>,
    signings: Vec<Choice>,
    choosers: Vec<Choice>,
}

#[derive(Template)]
#[template(path = "tariff_version.html")]
struct VersionPage<'a> {
    shell: Shell<'a>,
    form: Form,
    path: String,
    back: String,
    plan: String,
    fields: Vec<KindFields>,
    pers: Vec<Choice>,
    impact: Option<ImpactView>,
}

fn choices<const N: usize>(words: &Words<'_>, choices: [(&str, &str); N]) -> Vec<Choice> {
    choices.into_iter().map(|(value, key)| Choice::new(value, words.say(key))).collect()
}

fn pers(words: &Words<'_>) -> Vec<Choice> {
    choices(words, [("month", "tariff-per-month"), ("day", "tariff-per-day")])
}

/// Who may choose a plan, as a field offers it.
pub(super) fn chooser_choices(words: &Words<'_>) -> Vec<Choice> {
    let all = [("all", "tariffs-for-all"), ("listed", "tariff-for-listed"), ("nobody", "tariffs-for-nobody")];
    choices(words, all)
}

fn kind_fields(
    words: &Words<'_>,
    is_for: impl Fn(ofd_billing::tariffs::ConnectionKind) -> bool,
) -> Vec<KindFields> {
    let fields = KINDS.into_iter().filter(|(kind, ..)| is_for(*kind));
    fields.map(|(kind, _, [per, prices])| KindFields { title: kind_text(words, kind), per, prices }).collect()
}

fn page_new(site: &At, ask: &Ask, form: Form) -> Response {
    let words = site.texts(ask);
    let form = ask.again(form);
    let status = form.status();
    let page = NewPage {
        shell: site.form_frame(ask, "tariff-new-title", NEW),
        kinds: KINDS.into_iter().map(|(kind, name, _)| Choice::new(name, kind_text(&words, kind))).collect(),
        fields: kind_fields(&words, |_| true),
        pers: pers(&words),
        tls: choices(&words, [("included", "tariffs-tls"), ("excluded", "tariffs-no-tls")]),
        effects: choices(&words, [("day", "tariff-effect-day"), ("month", "tariff-effect-month")]),
        signings: choices(&words, [("unsigned", "tariff-unsigned"), ("signed", "tariffs-signed")]),
        choosers: chooser_choices(&words),
        form,
    };
    site.show(ask, status, &page)
}

/// Shows the form of a plan.
pub(super) async fn show_new(site: At, ask: Ask) -> Result<Response, Failure> {
    let form = Form::filled([
        ("kinds", "wired".to_owned()),
        ("wired_per", "month".to_owned()),
        ("sim_per", "month".to_owned()),
        ("choosers", "all".to_owned()),
    ]);
    Ok(page_new(&site, &ask, form))
}

/// Makes a plan with its first version.
pub(super) async fn take_new(site: At, ask: Ask) -> Result<Response, Failure> {
    let (words, mut form) = (site.texts(&ask), Form::sent(ask.fields()));
    match read_plan(ask.fields()) {
        Err(errors) => tell(&mut form, &words, &errors),
        Ok(data) => {
            let zone = site.config.zone_offset_seconds;
            match add_plan(&site.office, ask.by(), zone, data).await? {
                Ok(plan) => return Ok(see_other(&format!("/operator/tariffs/{}?done=made", plan.id()))),
                Err(refused) => form.error = Some(refusal(&words, &refused)),
            }
        }
    }
    Ok(page_new(&site, &ask, form))
}

/// The plan of the address.
pub(super) async fn named(site: &At, ask: &Ask) -> Result<Plan, Failure> {
    let id: PlanId = ask.part("plan").parse().map_err(|_| Failure::NotFound)?;
    Ok(load(&site.office.store, &id).await?.ok_or(Failure::NotFound)?.1)
}

/// Prices and conditions of a version, line by line.
pub(super) fn told(words: &Words<'_>, version: &PlanVersion) -> Vec<String> {
    let language = words.language;
    let mut told: Vec<String> = version.prices.iter().map(|price| prices(words, language, price)).collect();
    told.extend(conditions(words, language, version));
    told
}

/// A version as it is confirmed: by what it is, to the last field.
fn confirmed(version: &PlanVersion) -> String {
    serde_json::to_string(version).unwrap_or_default()
}

/// Whom a version touches and what it changes, where its fields are right.
async fn impact(site: &At, ask: &Ask, plan: &Plan, form: &Form) -> Result<Option<ImpactView>, Failure> {
    let looked = form.value("looked");
    let Ok(version) = read_version(form.fields(), &plan.data().kinds) else { return Ok(None) };
    if looked.is_empty() || !form.is_right() {
        return Ok(None);
    }
    let words = site.texts(ask);
    let counted = touched(&site.office, plan.id(), version.from).await?;
    let (organisations, registers) = (counted.organisations.to_string(), counted.registers.to_string());
    let values = [("organisations", organisations.as_str()), ("registers", &registers)];
    let key = if counted.is_cut { "tariff-touches-at-least" } else { "tariff-touches" };
    let before = plan.version_on(version.from).map(|(_, version)| version);
    Ok(Some(ImpactView {
        version: confirmed(&version),
        touched: words.say_values(key, &values),
        before: before.map(|version| told(&words, version)).unwrap_or_default(),
        after: told(&words, &version),
    }))
}

async fn page_version(site: &At, ask: &Ask, plan: &Plan, form: Form) -> Result<Response, Failure> {
    let (words, form) = (site.texts(ask), ask.again(form));
    let at = format!("/operator/tariffs/{}/version", plan.id());
    let impact = impact(site, ask, plan, &form).await?;
    let status = form.status();
    let page = VersionPage {
        shell: site.form_frame(ask, "tariff-version-title", &at),
        path: at,
        back: format!("/operator/tariffs/{}", plan.id()),
        plan: title(&plan.data().titles, words.language).to_owned(),
        fields: kind_fields(&words, |kind| plan.is_for(kind)),
        pers: pers(&words),
        impact,
        form,
    };
    Ok(site.show(ask, status, &page))
}

/// Shows the form of a version, with the prices that the last one has.
pub(super) async fn show_version(site: At, ask: Ask) -> Result<Response, Failure> {
    let plan = named(&site, &ask).await?;
    let (words, mut values) = (site.texts(&ask), Vec::new());
    if let Some(last) = plan.data().versions.last() {
        for (kind, _, [per, prices]) in KINDS {
            let Some(price) = last.price(kind) else { continue };
            let per_name = match price.per {
                ofd_billing::tariffs::Per::Month => "month",
                ofd_billing::tariffs::Per::Day => "day",
            };
            values.push((per, per_name.to_owned()));
            values.push((prices, steps_text(price, &words.say("tariffs-free"))));
        }
        let tenge = |tiyn: ofd_billing::Tiyn| tiyn.to_string().replace('.', ",");
        values.push(("fee", last.connection_fee.map(tenge).unwrap_or_default()));
        if last.free_months > 0 {
            values.push(("free_months", last.free_months.to_string()));
        }
        if let Some(limit) = last.receipts {
            values.push(("receipts", limit.receipts.to_string()));
            values.push(("over", tenge(limit.over.tiyn())));
        }
    }
    page_version(&site, &ask, &plan, Form::filled(values)).await
}

/// Tells whom the version touches; adds it where just that was confirmed.
pub(super) async fn take_version(site: At, ask: Ask) -> Result<Response, Failure> {
    let plan = named(&site, &ask).await?;
    let (words, fields, mut form) = (site.texts(&ask), ask.fields(), Form::sent(ask.fields()));
    let zone = site.config.zone_offset_seconds;
    let version = match read_version(fields, &plan.data().kinds) {
        Ok(version) => version,
        Err(errors) => {
            tell(&mut form, &words, &errors);
            return page_version(&site, &ask, &plan, form).await;
        }
    };
    let is_confirmed = fields.raw("confirmed") == confirmed(&version);
    let refused = if is_confirmed {
        match add_version(&site.office, ask.by(), zone, (plan.id(), &version)).await? {
            Ok(plan) => return Ok(see_other(&format!("/operator/tariffs/{}?done=version", plan.id()))),
            Err(refused) => Some(refused),
        }
    } else {
        try_version(&site.office, zone, (plan.id(), &version)).await?.err()
    };
    if let Some(refused) = refused {
        form.error = Some(refusal(&words, &refused));
    }
    page_version(&site, &ask, &plan, form).await
}

/// Who may choose a plan, as its form begins.
pub(super) fn choosers_form(plan: &Plan) -> Form {
    let (choosers, bins) = choosers_fields(&plan.data().choosers);
    Form::filled([("choosers", choosers.to_owned()), ("bins", bins)])
}

/// The day of a version as people write it.
pub(super) fn day_text(version: &PlanVersion) -> String {
    match version.last {
        None => written(version.from.date()),
        Some(last) => format!("{} – {}", written(version.from.date()), written(last.date())),
    }
}
