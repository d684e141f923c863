//! Plans and versions as people type them. Pure: nothing here knows a store.

use std::collections::BTreeSet;

use ofd_billing::tariffs::{
    Choosers, ConnectionKind, KindPrice, NoPlanId, Per, PlanData, PlanId, PlanVersion, Price, ReceiptLimit,
    Signing, Step, TakesEffect, Titles, Tls, VatPeriod, VatRate,
};
use ofd_billing::{Day, Tiyn};

use crate::day;
use crate::fields::Fields;

/// What is wrong with a field about prices.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PriceWrong {
    /// Something must be there.
    Empty,
    /// It is no day of the calendar.
    Day,
    /// It is no sum, or no number of registers with one: the line of it.
    Line(String),
    /// A price of zero: what costs nothing is said to be free.
    Zero,
    /// Less than nothing.
    Negative,
    /// More than any price.
    TooHigh,
    /// Numbers of registers do not ascend from one, or are too many.
    Steps,
    /// It is no whole number, or more than may be.
    Number,
    /// It is no id of a plan.
    Id,
    /// Titles have 1 to 100 characters, on one line.
    Title,
    /// None of what can be chosen.
    Choice,
    /// It is no BIN.
    Bin(String),
}

/// What is wrong with which field.
pub type PriceErrors = Vec<(&'static str, PriceWrong)>;

/// Words by which people say that something costs nothing, in the languages of the site.
const FREE: [&str; 5] = ["бесплатно", "тегін", "free", "free of charge", "бесплатный"];

/// What no plan is called: addresses mean something else by it.
const RESERVED: &str = "new";

/// Steps of a price: as many as its rules take.
const STEPS_MAX: usize = 20;

/// Characters of a title, as the rules of plans take them.
const TITLE_MAX: usize = 100;

/// Months that may be free.
const FREE_MONTHS_MAX: u8 = 24;

/// The kinds of connection with the fields that are about each: whether it has a price, what the price is for, and the prices.
pub const KINDS: [(ConnectionKind, &str, [&str; 2]); 2] = [
    (ConnectionKind::Wired, "wired", ["wired_per", "wired_prices"]),
    (ConnectionKind::Sim, "sim", ["sim_per", "sim_prices"]),
];

/// A sum in tenge as people type it: `1500`, `1 500,50`.
///
/// # Errors
/// [`PriceWrong`].
pub fn tenge(text: &str) -> Result<Tiyn, PriceWrong> {
    let plain: String = text
        .chars()
        .filter(|char| !char.is_whitespace() && *char != '₸')
        .collect::<String>()
        .replace(',', ".");
    let line = || PriceWrong::Line(text.trim().chars().take(60).collect());
    let (sign, digits) = match plain.strip_prefix(['-', '−', '–']) {
        Some(rest) => (-1, rest),
        None => (1, plain.as_str()),
    };
    let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
    let are_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !are_digits(whole) || !are_digits(part) || part.len() > 2 {
        return Err(line());
    }
    let tiyn = format!("{whole}{part:0<2}").parse::<i64>().map_err(|_| PriceWrong::TooHigh)?;
    if sign < 0 && tiyn != 0 {
        return Err(PriceWrong::Negative);
    }
    Tiyn::new(tiyn).map_err(|_| PriceWrong::TooHigh)
}

/// A price: a sum, or the word for nothing.
fn price(text: &str) -> Result<Price, PriceWrong> {
    if FREE.contains(&text.trim().to_lowercase().as_str()) {
        return Ok(Price::Free);
    }
    paid(text).map(Price::Tiyn)
}

/// A sum that is more than nothing.
fn paid(text: &str) -> Result<Tiyn, PriceWrong> {
    let tiyn = tenge(text)?;
    match tiyn.get() {
        0 => Err(PriceWrong::Zero),
        1..=Price::MAX => Ok(tiyn),
        _ => Err(PriceWrong::TooHigh),
    }
}

/// Prices line by line, `from so many registers: price`; a line with a price alone is from one register on.
fn steps(text: &str) -> Result<Vec<Step>, PriceWrong> {
    let mut steps: Vec<Step> = Vec::new();
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let (registers, said) = match line.split_once([':', '=']) {
            Some((registers, said)) => {
                let registers = registers.trim().parse::<u32>().ok().filter(|number| *number > 0);
                (registers.ok_or_else(|| PriceWrong::Line(line.chars().take(60).collect()))?, said)
            }
            None => (1, line),
        };
        let ascends = steps.last().map_or(registers == 1, |last| last.registers < registers);
        if !ascends || steps.len() >= STEPS_MAX {
            return Err(PriceWrong::Steps);
        }
        steps.push(Step { registers, price: price(said)? });
    }
    if steps.is_empty() { Err(PriceWrong::Empty) } else { Ok(steps) }
}

/// Prices as their field has them.
#[must_use]
pub fn steps_text(price: &KindPrice, free: &str) -> String {
    let line = |step: &Step| {
        let sum = match step.price {
            Price::Free => free.to_owned(),
            Price::Tiyn(tiyn) => tiyn.to_string().replace('.', ","),
        };
        if price.steps.len() == 1 { sum } else { format!("{}: {sum}", step.registers) }
    };
    price.steps.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// Collects what is wrong.
#[derive(Default)]
struct Taking {
    errors: PriceErrors,
}

impl Taking {
    fn take<T>(&mut self, field: &'static str, read: Result<T, PriceWrong>) -> Option<T> {
        read.map_err(|wrong| self.errors.push((field, wrong))).ok()
    }
}

fn typed_day(text: &str) -> Result<Day, PriceWrong> {
    if text.is_empty() {
        return Err(PriceWrong::Empty);
    }
    day::day(text).and_then(|date| Day::new(date).ok()).ok_or(PriceWrong::Day)
}

/// Reads something that may be left out.
fn optional<T>(text: &str, read: impl Fn(&str) -> Result<T, PriceWrong>) -> Result<Option<T>, PriceWrong> {
    if text.is_empty() { Ok(None) } else { read(text).map(Some) }
}

fn free_months(text: &str) -> Result<u8, PriceWrong> {
    text.parse().ok().filter(|months| *months <= FREE_MONTHS_MAX).ok_or(PriceWrong::Number)
}

fn limit(fields: &Fields) -> Result<Option<ReceiptLimit>, PriceWrong> {
    let receipts = fields.text("receipts");
    if receipts.is_empty() {
        return Ok(None);
    }
    receipts
        .parse()
        .map(|receipts| Some(ReceiptLimit { receipts, over: Price::Free }))
        .map_err(|_| PriceWrong::Number)
}

fn kind_price(
    taking: &mut Taking,
    fields: &Fields,
    kind: ConnectionKind,
    [per_field, prices]: [&'static str; 2],
) -> Option<KindPrice> {
    let per = match fields.text(per_field) {
        "month" => Ok(Per::Month),
        "day" => Ok(Per::Day),
        _ => Err(PriceWrong::Choice),
    };
    let per = taking.take(per_field, per);
    let steps = taking.take(prices, steps(fields.raw(prices)));
    Some(KindPrice { kind, per: per?, steps: steps? })
}

/// Reads a version of a plan that is for these kinds of connection.
///
/// # Errors
/// [`PriceErrors`] names each field that is wrong.
pub fn read_version(fields: &Fields, kinds: &[ConnectionKind]) -> Result<PlanVersion, PriceErrors> {
    let mut taking = Taking::default();
    let from = taking.take("from", typed_day(fields.text("from")));
    let last = taking.take("last", optional(fields.text("last"), typed_day));
    let mut prices = Vec::new();
    for (kind, _, names) in KINDS.into_iter().filter(|(kind, ..)| kinds.contains(kind)) {
        prices.extend(kind_price(&mut taking, fields, kind, names));
    }
    let months = taking.take("free_months", optional(fields.text("free_months"), free_months));
    let connection_fee = taking.take("fee", optional(fields.text("fee"), paid));
    let receipts = taking.take("receipts", limit(fields)).flatten();
    let over = match receipts {
        Some(_) => taking.take("over", price(fields.text("over")).map(Some)),
        None if fields.text("over").is_empty() => Some(None),
        None => taking.take("receipts", Err(PriceWrong::Empty)),
    };
    let receipts = match (receipts, over.flatten()) {
        (Some(limit), Some(over)) => Some(ReceiptLimit { over, ..limit }),
        _ => None,
    };
    match (from, last, months, connection_fee) {
        (Some(from), Some(last), Some(months), Some(connection_fee)) if taking.errors.is_empty() => {
            let free_months = months.unwrap_or(0);
            Ok(PlanVersion { from, last, prices, free_months, connection_fee, receipts })
        }
        _ => Err(taking.errors),
    }
}

/// Reads who may choose a plan: all, nobody, or those whose BINs are listed, however they are set apart.
///
/// # Errors
/// [`PriceErrors`].
pub fn read_choosers(fields: &Fields) -> Result<Choosers, PriceErrors> {
    match fields.text("choosers") {
        "all" => Ok(Choosers::All),
        "nobody" => Ok(Choosers::Nobody),
        "listed" => {
            let parts = fields.raw("bins").split(|char: char| char.is_whitespace() || ",;".contains(char));
            let bins: BTreeSet<String> = parts.filter(|bin| !bin.is_empty()).map(str::to_owned).collect();
            let is_bin = |bin: &&String| bin.len() == 12 && bin.bytes().all(|byte| byte.is_ascii_digit());
            if let Some(wrong) = bins.iter().find(|bin| !is_bin(bin)) {
                return Err(vec![("bins", PriceWrong::Bin(wrong.chars().take(20).collect()))]);
            }
            if bins.is_empty() { Err(vec![("bins", PriceWrong::Empty)]) } else { Ok(Choosers::Listed(bins)) }
        }
        _ => Err(vec![("choosers", PriceWrong::Choice)]),
    }
}

/// Who may choose a plan, as the fields have it.
#[must_use]
pub fn choosers_fields(choosers: &Choosers) -> (&'static str, String) {
    match choosers {
        Choosers::All => ("all", String::new()),
        Choosers::Nobody => ("nobody", String::new()),
        Choosers::Listed(bins) => ("listed", bins.iter().cloned().collect::<Vec<_>>().join("\n")),
    }
}

fn title(text: &str) -> Result<String, PriceWrong> {
    let is_title = (1..=TITLE_MAX).contains(&text.chars().count()) && !text.chars().any(char::is_control);
    if is_title { Ok(text.to_owned()) } else { Err(PriceWrong::Title) }
}

/// Reads a plan with its first version.
///
/// # Errors
/// [`PriceErrors`] names each field that is wrong.
pub fn read_plan(fields: &Fields) -> Result<PlanData, PriceErrors> {
    let mut taking = Taking::default();
    let id = fields.text("id").parse::<PlanId>().map_err(|_: NoPlanId| PriceWrong::Id);
    // Its page would be the form of a new one.
    let id = id.and_then(|id| if id.as_str() == RESERVED { Err(PriceWrong::Id) } else { Ok(id) });
    let id = taking.take("id", id);
    let ru = taking.take("title_ru", title(fields.text("title_ru")));
    let kk = taking.take("title_kk", title(fields.text("title_kk")));
    let en = taking.take("title_en", title(fields.text("title_en")));
    let ticked = KINDS.into_iter().filter(|(_, name, _)| fields.all("kinds").any(|kind| kind == *name));
    let kinds: Vec<ConnectionKind> = ticked.map(|(kind, ..)| kind).collect();
    if kinds.is_empty() {
        taking.errors.push(("kinds", PriceWrong::Empty));
    }
    let one_of = |name: &str, [yes, no]: [&str; 2]| match fields.text(name) {
        word if word == yes => Ok(true),
        word if word == no => Ok(false),
        _ => Err(PriceWrong::Choice),
    };
    let tls = taking.take("tls", one_of("tls", ["included", "excluded"]));
    let effect = taking.take("takes_effect", one_of("takes_effect", ["day", "month"]));
    let signing = taking.take("signing", one_of("signing", ["unsigned", "signed"]));
    let choosers = read_choosers(fields).map_err(|errors| taking.errors.extend(errors)).ok();
    let version = read_version(fields, &kinds).map_err(|errors| taking.errors.extend(errors)).ok();
    let known = (id, ru, kk, en, choosers, version);
    match (known, tls, effect, signing) {
        (
            (Some(id), Some(ru), Some(kk), Some(en), Some(choosers), Some(version)),
            Some(tls),
            Some(effect),
            Some(signing),
        ) if taking.errors.is_empty() => Ok(PlanData {
            id,
            titles: Titles { ru, kk, en },
            choosers,
            tls: if tls { Tls::Included } else { Tls::Excluded },
            kinds,
            takes_effect: if effect { TakesEffect::NextDay } else { TakesEffect::NextMonth },
            signing: if signing { Signing::Unsigned } else { Signing::Signed },
            versions: vec![version],
        }),
        _ => Err(taking.errors),
    }
}

/// Reads a rate of VAT with its first day.
///
/// # Errors
/// [`PriceErrors`].
pub fn read_vat(fields: &Fields) -> Result<VatPeriod, PriceErrors> {
    let mut taking = Taking::default();
    let from = taking.take("from", typed_day(fields.text("from")));
    let percent = fields.text("percent").trim_end_matches('%').trim().parse::<u8>().ok();
    let rate = percent.and_then(|percent| VatRate::new(percent).ok()).ok_or(PriceWrong::Number);
    match (from, taking.take("percent", rate)) {
        (Some(from), Some(rate)) => Ok(VatPeriod { from, last: None, rate }),
        _ => Err(taking.errors),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(changed: &[(&str, &str)]) -> Fields {
        let right = [
            ("id", "basic"),
            ("title_ru", "Базовый"),
            ("title_kk", "Негізгі"),
            ("title_en", "Basic"),
            ("kinds", "wired"),
            ("tls", "excluded"),
            ("takes_effect", "month"),
            ("signing", "signed"),
            ("choosers", "all"),
            ("from", "01.12.2026"),
            ("wired_per", "month"),
            ("wired_prices", "1: 1 500\n10: 1200,50"),
        ];
        let kept = right.into_iter().filter(|(name, _)| !changed.iter().any(|(other, _)| other == name));
        let all = changed.iter().copied().chain(kept);
        Fields::new(all.map(|(name, value)| (name.to_owned(), value.to_owned())).collect())
    }

    #[test]
    fn a_plan_is_read_with_its_first_version() {
        let more = [("free_months", "2"), ("fee", "3000"), ("receipts", "500"), ("over", "0,50")];
        let plan = read_plan(&fields(&more)).unwrap();
        assert_eq!((plan.tls, plan.takes_effect), (Tls::Excluded, TakesEffect::NextMonth));
        let version = &plan.versions[0];
        let tiyn = |tiyn| Tiyn::new(tiyn).unwrap();
        let prices: Vec<_> =
            version.prices[0].steps.iter().map(|step| (step.registers, step.price.tiyn().get())).collect();
        assert_eq!(prices, [(1, 150_000), (10, 120_050)]);
        assert_eq!((version.free_months, version.connection_fee), (2, Some(tiyn(300_000))));
        let limit = version.receipts.unwrap();
        assert_eq!((limit.receipts, limit.over), (500, Price::Tiyn(tiyn(50))));
        assert!(ofd_billing::tariffs::Plan::new(plan).is_ok(), "the rules take what the form takes");
    }

    #[test]
    fn each_field_that_is_wrong_is_named() {
        let line = |text: &str| PriceWrong::Line(text.to_owned());
        for (field, value, wrong) in [
            ("id", "Basic plan", PriceWrong::Id),
            ("id", "new", PriceWrong::Id),
            ("title_kk", "", PriceWrong::Title),
            ("kinds", "both", PriceWrong::Empty),
            ("tls", "", PriceWrong::Choice),
            ("from", "31.02.2026", PriceWrong::Day),
            ("last", "soon", PriceWrong::Day),
            ("wired_per", "year", PriceWrong::Choice),
            ("wired_prices", "", PriceWrong::Empty),
            ("wired_prices", "0", PriceWrong::Zero),
            ("wired_prices", "-5", PriceWrong::Negative),
            ("wired_prices", "10000000,01", PriceWrong::TooHigh),
            ("wired_prices", "99999999999999999999999", PriceWrong::TooHigh),
            ("wired_prices", "1,505", line("1,505")),
            ("wired_prices", "ten", line("ten")),
            ("wired_prices", "many: 5", line("many: 5")),
            ("wired_prices", "2: 5", PriceWrong::Steps),
            ("wired_prices", "1: 5\n1: 6", PriceWrong::Steps),
            ("free_months", "25", PriceWrong::Number),
            ("fee", "0", PriceWrong::Zero),
            ("receipts", "many", PriceWrong::Number),
            ("over", "5", PriceWrong::Empty),
            ("choosers", "", PriceWrong::Choice),
        ] {
            let field_of = if field == "over" { "receipts" } else { field };
            assert_eq!(
                read_plan(&fields(&[(field, value)])).unwrap_err(),
                [(field_of, wrong)],
                "{field}={value}"
            );
        }
        let listed = |bins| read_choosers(&fields(&[("choosers", "listed"), ("bins", bins)]));
        assert_eq!(listed("").unwrap_err(), [("bins", PriceWrong::Empty)]);
        assert_eq!(listed("12").unwrap_err(), [("bins", PriceWrong::Bin("12".into()))]);
        assert!(
            matches!(listed("151140001234, 020202500123"), Ok(Choosers::Listed(bins)) if bins.len() == 2)
        );
    }

    #[test]
    fn what_is_free_is_said_and_prices_come_back_as_they_were_typed() {
        let version =
            read_version(&fields(&[("wired_prices", "Бесплатно")]), &[ConnectionKind::Wired]).unwrap();
        assert_eq!(version.prices[0].steps[0].price, Price::Free);
        assert_eq!(steps_text(&version.prices[0], "free"), "free");
        let version = read_version(&fields(&[]), &[ConnectionKind::Wired]).unwrap();
        assert_eq!(steps_text(&version.prices[0], "free"), "1: 1500,00\n10: 1200,50");
        let none = read_version(&fields(&[]), &[]).unwrap();
        assert!(none.prices.is_empty(), "no kind, no price");
    }

    #[test]
    fn a_rate_of_vat_is_whole_percent() {
        let rate = read_vat(&fields(&[("percent", "16 %")])).unwrap();
        assert_eq!((rate.rate.percent(), rate.from.to_string()), (16, "2026-12-01".to_owned()));
        for wrong in ["", "-1", "51", "12,5"] {
            assert_eq!(
                read_vat(&fields(&[("percent", wrong)])).unwrap_err(),
                [("percent", PriceWrong::Number)],
                "{wrong}"
            );
        }
    }
}
