//! Tariff plans as people read them: titles, prices, and what each would cost whoever may choose it.

use ofd_billing::Month;
use ofd_billing::tariffs::{ConnectionKind, KindPrice, Per, PlanVersion, Price, Signing, Titles};
use ofd_office::billing::offers::Offer;
use ofd_office::day::written;
use ofd_office::registrations::plan_titles;
use ofd_storage::accounts::RegisterData;

use crate::cabinet::Ask;
use crate::format::sum;
use crate::language::Language;
use crate::site::Site;
use crate::words::Words;

/// The title of a plan in a language.
pub(crate) fn title(titles: &Titles, language: Language) -> &str {
    match language {
        Language::Russian => &titles.ru,
        Language::Kazakh => &titles.kk,
        Language::English => &titles.en,
    }
}

/// What people call the plan that was chosen for a register last.
pub(crate) fn plan_title(words: &Words<'_>, data: &RegisterData) -> String {
    title(&plan_titles(data), words.language).to_owned()
}

/// A kind of connection, as prices go by.
pub(crate) fn kind_text(words: &Words<'_>, kind: ConnectionKind) -> String {
    words.say(match kind {
        ConnectionKind::Wired => "tariffs-wired",
        ConnectionKind::Sim => "tariffs-sim",
    })
}

/// A month as people write it.
pub(crate) fn month_text(month: Month) -> String {
    let number = month.number();
    format!("{:02}.{:04}", number % 100, number / 100)
}

/// Prices of a kind of connection as one reads them: by month, from so many registers on.
pub(crate) fn prices(words: &Words<'_>, language: Language, price: &KindPrice) -> String {
    let kind = kind_text(words, price.kind);
    let per = match price.per {
        Per::Month => "tariffs-by-month",
        Per::Day => "tariffs-by-day",
    };
    let steps = price.steps.iter().map(|step| {
        let price = match step.price {
            Price::Free => words.say("tariffs-free"),
            Price::Tiyn(tiyn) => words.say_with(per, &sum(language, tiyn.get())),
        };
        if step.registers > 1 {
            words.say_values("tariffs-step", &[("registers", &step.registers.to_string()), ("price", &price)])
        } else {
            price
        }
    });
    format!("{kind}: {}", steps.collect::<Vec<_>>().join("; "))
}

/// What a version says beside its prices: months that are free, what is paid once, how many receipts are inside.
pub(crate) fn conditions(words: &Words<'_>, language: Language, version: &PlanVersion) -> Vec<String> {
    let mut said = Vec::new();
    if version.free_months > 0 {
        said.push(words.say_with("tariffs-free-months", &version.free_months.to_string()));
    }
    if let Some(fee) = version.connection_fee {
        said.push(words.say_with("tariffs-fee", &sum(language, fee.get())));
    }
    if let Some(limit) = version.receipts {
        let over = sum(language, limit.over.tiyn().get());
        let values = [("receipts", limit.receipts.to_string()), ("over", over)];
        let values: Vec<(&str, &str)> = values.iter().map(|(name, value)| (*name, value.as_str())).collect();
        said.push(words.say_values("tariffs-receipts", &values));
    }
    said
}

/// A plan that may be chosen, as people read it.
pub(crate) struct OfferView {
    pub(crate) id: String,
    pub(crate) title: String,
    /// Its prices for the kind of connection that it is told for.
    pub(crate) prices: String,
    /// What all registers would cost by it in a month, with the VAT in it.
    pub(crate) cost: String,
    /// What else holds: free months, fees, receipts, TLS, from when, how it is chosen.
    pub(crate) notes: Vec<String>,
}

/// Offers as people read them.
pub(crate) fn offer_views(site: &Site, ask: &Ask, offers: &[Offer]) -> Vec<OfferView> {
    offers.iter().map(|offer| offer_view(site, ask, offer)).collect()
}

fn offer_view(site: &Site, ask: &Ask, offer: &Offer) -> OfferView {
    let (words, language) = (site.texts(ask), ask.language());
    let data = offer.plan.data();
    let month = month_text(offer.month);
    let cost = match &offer.quote {
        Ok(quote) => {
            let (total, vat) = (sum(language, quote.total.get()), sum(language, quote.vat.get()));
            let registers = offer.registers().to_string();
            let values =
                [("month", month.as_str()), ("registers", &registers), ("total", &total), ("vat", &vat)];
            words.say_values("tariffs-would-cost", &values)
        }
        Err(_) => words.say_with("tariffs-no-quote", &month),
    };
    let mut notes = conditions(&words, language, &offer.version);
    notes.push(words.say(if offer.plan.is_tls_included() { "tariffs-tls" } else { "tariffs-no-tls" }));
    notes.push(words.say_with("tariffs-from-day", &written(offer.first_day.date())));
    if data.signing == Signing::Signed {
        notes.push(words.say("tariffs-signed"));
    }
    let price = offer.version.price(offer.kind);
    OfferView {
        id: data.id.to_string(),
        title: title(&data.titles, language).to_owned(),
        prices: price.map(|price| prices(&words, language, price)).unwrap_or_default(),
        cost,
        notes,
    }
}
