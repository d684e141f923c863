//! Tariff plans: each version of each with its prices, and who may choose it.

use ofd_billing::Day;
use ofd_billing::tariffs::{Choosers, Plan, PlanData, PlanVersion};
use ofd_office::billing::tariffs::{money_now, plans};
use ofd_office::day::written;

use crate::cabinet::list::{Cell, FilterField, List, ListPaths, Piece, list_paths};
use crate::cabinet::{Ask, Failure};
use crate::plan_words::{prices, title};
use crate::site::Site;
use crate::words::Words;

/// A version of a plan.
pub(super) struct Version {
    data: PlanData,
    version: PlanVersion,
    number: u32,
    /// Whether it is the one of the present day.
    holds: bool,
}

impl Version {
    fn all(plan: &Plan, today: Day) -> Vec<Self> {
        let present = plan.version_on(today).map(|(number, _)| number);
        let of = |(version, number): (&PlanVersion, u32)| Self {
            data: plan.data().clone(),
            version: version.clone(),
            number,
            holds: present == Some(number),
        };
        plan.data().versions.iter().zip(1..).map(of).collect()
    }
}

pub(super) struct Tariffs;

impl List for Tariffs {
    type Query = String;
    type Row = Version;

    const PATHS: ListPaths = list_paths!("/operator/tariffs");
    const TITLE: (&'static str, &'static str) = ("tariffs-title", "tariffs");
    const COLUMNS: &'static [&'static str] =
        &["tariffs-plan", "tariffs-version", "tariffs-from", "tariffs-prices", "tariffs-choosers"];
    const NONE: &'static str = "tariffs-none";
    const NOTE: Option<&'static str> = Some("tariffs-note");

    fn adds(site: &Site, ask: &Ask) -> Option<(String, String)> {
        Some((super::tariff_form::NEW.to_owned(), site.texts(ask).say("tariff-new-title")))
    }

    fn fields(_: &Words<'_>) -> Vec<FilterField> {
        vec![FilterField::typed("q", "tariffs-search", "tariffs-search-hint")]
    }

    fn query(ask: &Ask) -> String {
        ask.parameter("q").to_lowercase()
    }

    /// All at once, since there are few: plan by plan, the newest version first.
    async fn rows(site: &Site, query: &String, _: Option<&str>, _: usize) -> Result<Piece<Version>, Failure> {
        let today = money_now(&site.office, site.config.zone_offset_seconds).await?.today();
        let plans = plans(&site.office).await?;
        let mut rows: Vec<Version> =
            plans.values().flat_map(|plan| Version::all(plan, today).into_iter().rev()).collect();
        rows.retain(|row| {
            let titles = &row.data.titles;
            let told = [row.data.id.as_str(), &titles.ru, &titles.kk, &titles.en];
            told.iter().any(|text| text.to_lowercase().contains(query))
        });
        Ok(Piece { rows, next: None })
    }

    fn cells(site: &Site, ask: &Ask, row: &Version) -> Vec<Cell> {
        let (words, language) = (site.texts(ask), ask.language());
        let told = row.version.prices.iter().map(|price| prices(&words, language, price));
        let from = written(row.version.from.date());
        let holds = row.holds.then(|| words.say("tariffs-holds"));
        let choosers = match &row.data.choosers {
            Choosers::All => words.say("tariffs-for-all"),
            Choosers::Listed(bins) => bins.iter().cloned().collect::<Vec<_>>().join(", "),
            Choosers::Nobody => words.say("tariffs-for-nobody"),
        };
        vec![
            Cell::link(format!("/operator/tariffs/{}", row.data.id), title(&row.data.titles, language))
                .noted(Some(row.data.id.to_string())),
            Cell::text(row.number.to_string()),
            Cell::text(from).noted(holds),
            Cell::text(told.collect::<Vec<_>>().join(". ")),
            Cell::text(choosers),
        ]
    }
}
