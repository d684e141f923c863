//! Why a sum is what it is: a posting of charges, register by register, down to what its day is of the line of its month.

use askama::Template;
use axum::response::Response;
use ofd_billing::Month;
use ofd_billing::charging::{Basis, DayCharge, Free, Item};
use ofd_office::billing::charging::{WhyCharge, why};
use ofd_office::billing::tariffs::plans;
use ofd_office::day::written;
use ofd_storage::accounts::{AuditPage, organisation};
use ofd_storage::charging::ChargingError;
use ofd_storage::ledger::LedgerError;

use crate::cabinet::{Ask, At, Failure};
use crate::format;
use crate::page::Shell;
use crate::plan_words::{kind_text, title};
use crate::words::Words;

/// Where it is, to the organisation's own people.
pub(super) const PATH: &str = "/c/{bin}/money/{month}/{number}";

/// Where it is, to the operator's.
pub(super) const OPERATORS: &str = "/operator/companies/{company}/money/{month}/{number}";

/// A charge of a day with its reasons.
struct ChargeView {
    register: String,
    href: Option<String>,
    what: String,
    plan: String,
    price: String,
    /// How the day's sum follows from the line of its month.
    how: String,
    sum: String,
}

#[derive(Template)]
#[template(path = "money_why.html")]
struct WhyPage<'a> {
    shell: Shell<'a>,
    back: String,
    details: Vec<(String, String)>,
    charges: Vec<ChargeView>,
}

fn failed(error: ChargingError) -> Failure {
    match error {
        ChargingError::Store(error) => error.into(),
        ChargingError::Ledger(error) => super::reasons::failed(error),
        // Its list of registers is being made, or the rules say what they never should: it is looked at again later.
        ChargingError::NotListed(_) => Failure::Busy,
        other => super::reasons::failed(LedgerError::Store(ofd_storage::store::StoreError::Corrupt {
            place: "a charge".to_owned(),
            reason: other.to_string(),
        })),
    }
}

/// What is charged.
fn item_text(words: &Words<'_>, basis: &Basis) -> String {
    words.say(match basis.item {
        Item::ByMonth => "why-by-month",
        Item::ByDay => "why-by-day",
        Item::Connection => "why-connection",
        Item::ReceiptsOver => "why-receipts",
    })
}

/// How a day's sum follows from its line; of what changed since, that it did.
fn how(words: &Words<'_>, why: &WhyCharge) -> String {
    let language = words.language;
    let sum = |tiyn: ofd_billing::Tiyn| format::sum(language, tiyn.get());
    let DayCharge { basis, .. } = &why.charge;
    if let Some(free) = basis.free {
        return match free {
            Free::Price => words.say("why-free"),
            Free::Until(day) => words.say_with("why-free-until", &written(day.date())),
        };
    }
    let Some(line) = &why.line else { return words.say("why-changed") };
    let price = sum(basis.price);
    let Some(share) = why.share else {
        let values = [("quantity", line.quantity.to_string()), ("price", price), ("sum", sum(line.sum))];
        let values: Vec<(&str, &str)> = values.iter().map(|(name, value)| (*name, value.as_str())).collect();
        return words.say_values("why-quantity", &values);
    };
    if share.sum != why.charge.sum {
        return words.say("why-changed");
    }
    let values = [
        ("number", share.number.to_string()),
        ("from", written(line.from.date())),
        ("to", written(line.to.date())),
        ("days", line.quantity.to_string()),
        ("month_days", line.month_days().to_string()),
        ("price", price),
        ("line", sum(line.sum)),
        ("before", sum(share.before)),
        ("after", sum(share.after)),
    ];
    let values: Vec<(&str, &str)> = values.iter().map(|(name, value)| (*name, value.as_str())).collect();
    words.say_values(if basis.item == Item::ByMonth { "why-share" } else { "why-share-by-day" }, &values)
}

async fn page(site: &At, ask: &Ask, bin: &str, is_operators: bool) -> Result<Response, Failure> {
    let number = ask.part("number").parse().map_err(|_| Failure::NotFound)?;
    let month: Month = ask.part("month").parse().map_err(|_| Failure::NotFound)?;
    if organisation(&site.office.store, bin).await?.is_none() {
        return Err(Failure::NotFound);
    }
    if is_operators {
        super::reasons::looked(site, ask, bin, AuditPage::Money).await?;
    }
    let found = why(&site.office, bin, (month, number)).await.map_err(failed)?.ok_or(Failure::NotFound)?;
    let (words, language) = (site.texts(ask), ask.language());
    let sum = |tiyn: ofd_billing::Tiyn| format::sum(language, tiyn.get());
    let vat = ofd_billing::Tiyn::sum(found.charges.iter().map(|one| one.charge.vat)).unwrap_or_default();
    let known = plans(&site.office).await?;
    let charges = found.charges.iter().map(|one| {
        let basis = &one.charge.basis;
        let plan = known.get(&basis.plan).map(|plan| title(&plan.data().titles, language).to_owned());
        let plan = plan.unwrap_or_else(|| basis.plan.to_string());
        let version = basis.version.to_string();
        let values = [("plan", plan.as_str()), ("version", &version)];
        let price = words.say_values(
            if basis.step > 1 { "why-price-step" } else { "why-price" },
            &[
                ("price", &sum(basis.price)),
                ("kind", &kind_text(&words, basis.kind)),
                ("step", &basis.step.to_string()),
                ("rate", &basis.rate.percent().to_string()),
            ],
        );
        ChargeView {
            register: basis.register.to_string(),
            href: (!is_operators).then(|| format!("/c/{bin}/registers/{}", basis.register)),
            what: item_text(&words, basis),
            plan: words.say_values("why-plan", &values),
            price,
            how: how(&words, one),
            sum: sum(one.charge.sum),
        }
    });
    let shown = [
        ("money-day", written(found.entry.on())),
        ("money-sum", sum(found.entry.sum())),
        ("why-vat", sum(vat)),
    ];
    let back =
        if is_operators { format!("/operator/companies/{bin}/money") } else { format!("/c/{bin}/money") };
    let page = WhyPage {
        shell: site.frame(ask, "why-title", &format!("{back}/{month}/{number}")),
        back,
        details: shown.into_iter().map(|(label, value)| (words.say(label), value)).collect(),
        charges: charges.collect(),
    };
    Ok(site.show(ask, axum::http::StatusCode::OK, &page))
}

/// Shows an organisation why a sum of its personal account is what it is.
pub(super) async fn show(site: At, ask: Ask) -> Result<Response, Failure> {
    page(&site, &ask, ask.bin(), false).await
}

/// The same to the operator's people: the look is told to the organisation.
pub(super) async fn show_to_operators(site: At, ask: Ask) -> Result<Response, Failure> {
    page(&site, &ask, ask.part("company"), true).await
}
