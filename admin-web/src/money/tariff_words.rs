//! Why a plan, a version of it or a rate of VAT is refused, in a person's words.

use ofd_billing::tariffs::{PeriodName, PeriodsError, PlanError, PriceError};
use ofd_office::billing::tariff_form::{PriceErrors, PriceWrong};
use ofd_office::billing::tariffs::TariffRefusal;
use ofd_office::day::written;

use super::told::month_text;
use crate::cabinet::Form;
use crate::words::Words;

/// What is wrong with a field.
fn wrong_text(words: &Words<'_>, wrong: &PriceWrong) -> String {
    match wrong {
        PriceWrong::Empty => words.say("company-wrong-empty"),
        PriceWrong::Day => words.say("company-wrong-date"),
        PriceWrong::Line(line) => words.say_with("tariff-wrong-line", line),
        PriceWrong::Zero => words.say("tariff-wrong-zero"),
        PriceWrong::Negative => words.say("tariff-wrong-negative"),
        PriceWrong::TooHigh => words.say("tariff-wrong-high"),
        PriceWrong::Steps => words.say("tariff-wrong-steps"),
        PriceWrong::Number => words.say("tariff-wrong-number"),
        PriceWrong::Id => words.say("tariff-wrong-id"),
        PriceWrong::Title => words.say("tariff-wrong-title"),
        PriceWrong::Choice => words.say("company-wrong-choice"),
        PriceWrong::Bin(bin) => words.say_with("tariff-wrong-bin", bin),
    }
}

/// Says beside each field what is wrong with it.
pub(super) fn tell(form: &mut Form, words: &Words<'_>, errors: &PriceErrors) {
    for (field, wrong) in errors {
        form.wrong(field, wrong_text(words, wrong));
    }
}

/// A version by its number and days.
fn named(words: &Words<'_>, name: PeriodName) -> String {
    let (number, from) = (name.number.to_string(), written(name.from.date()));
    match name.last {
        None => words.say_values("tariff-version-named", &[("number", &number), ("from", &from)]),
        Some(last) => {
            let last = written(last.date());
            let values = [("number", number.as_str()), ("from", &from), ("last", &last)];
            words.say_values("tariff-version-named-to", &values)
        }
    }
}

fn periods(words: &Words<'_>, error: &PeriodsError) -> String {
    let both = |key: &str, earlier: PeriodName, later: PeriodName| {
        let (earlier, later) = (named(words, earlier), named(words, later));
        words.say_values(key, &[("earlier", &earlier), ("later", &later)])
    };
    match error {
        PeriodsError::Empty => words.say("company-wrong-empty"),
        PeriodsError::Backwards(name) => words.say_with("tariff-wrong-backwards", &named(words, *name)),
        PeriodsError::Overlap { earlier, later } => both("tariff-wrong-overlap", *earlier, *later),
        PeriodsError::Hole { earlier, later } => both("tariff-wrong-hole", *earlier, *later),
        PeriodsError::Past { today, .. } => words.say_with("tariff-wrong-past", &written(today.date())),
        PeriodsError::Closed { open, .. } => words.say_with("tariff-wrong-closed", &month_text(*open)),
    }
}

/// Why tariffs stay as they are.
pub(super) fn refusal(words: &Words<'_>, refused: &TariffRefusal) -> String {
    match refused {
        TariffRefusal::Plan(PlanError::Versions(error)) => periods(words, error),
        TariffRefusal::Plan(PlanError::Title) => words.say("tariff-wrong-title"),
        TariffRefusal::Plan(PlanError::Kinds) => words.say("tariff-wrong-kinds"),
        TariffRefusal::Plan(PlanError::Bin(bin)) => words.say_with("tariff-wrong-bin", bin),
        TariffRefusal::Plan(PlanError::Begun(name)) => {
            words.say_with("tariff-wrong-begun", &named(words, *name))
        }
        TariffRefusal::Plan(PlanError::Price { error, .. }) => words.say(match error {
            PriceError::Zero => "tariff-wrong-zero",
            PriceError::Negative(_) => "tariff-wrong-negative",
            PriceError::TooHigh(_) => "tariff-wrong-high",
            PriceError::Kinds => "tariff-wrong-kinds",
            PriceError::Steps => "tariff-wrong-steps",
            PriceError::FreeMonths => "tariff-wrong-number",
        }),
        TariffRefusal::Taken(id) => words.say_with("tariff-wrong-taken", id.as_str()),
        TariffRefusal::Unknown(id) => words.say_with("tariff-wrong-unknown", id.as_str()),
        TariffRefusal::TooMany => words.say("tariff-wrong-many"),
    }
}
