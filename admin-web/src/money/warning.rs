//! What an organisation is told of its money: how long it lasts, when registers stop, how to pay.

use ofd_billing::Day;
use ofd_billing::standing::{State, stop_day};
use ofd_office::day::written;
use ofd_storage::standing::StandingRecord;

use crate::format::sum;
use crate::language::Language;
use crate::words::Words;

/// What is told, and whether it is a warning.
pub(crate) struct Told {
    pub(crate) text: String,
    /// What to do about it; none where nothing is to be done.
    pub(crate) todo: Option<String>,
}

/// How an organisation stands, for its own people and the operator's.
pub(crate) fn told(words: &Words<'_>, language: Language, record: &StandingRecord) -> Told {
    let day = |day: Day| written(day.date());
    let ends = record.ends.map(day).unwrap_or_default();
    let debt = sum(language, record.balance.negated().get().max(0));
    let number = record.number.to_string();
    let stops = record.ends.and_then(|ends| stop_day(&record.standing, ends)).map(day);
    let text =
        |key: &str, day: &str| words.say_values(key, &[("ends", &ends), ("debt", &debt), ("day", day)]);
    let text = match record.state {
        State::Good if record.ends.is_none() => words.say_with("standing-lasts", &day(record.costs.last())),
        State::Good => text("standing-good", ""),
        State::Ends(_) => text("standing-ends", &stops.unwrap_or_default()),
        State::Grace(Some(on)) => text("standing-grace", &day(on)),
        State::Grace(None) => text("standing-owes", ""),
        State::Promised(until) => text("standing-promised", &day(until)),
        State::Stopped(since) => text("standing-stopped", &day(since)),
    };
    let is_warning = record.state != State::Good;
    let todo = is_warning.then(|| words.say_values("standing-how-to-pay", &[("number", &number)]));
    Told { text, todo }
}

/// The name of a state, as the operator's list has it.
pub(crate) const fn state_key(state: State) -> &'static str {
    match state {
        State::Good => "standing-state-good",
        State::Ends(_) => "standing-state-ends",
        State::Grace(_) => "standing-state-grace",
        State::Promised(_) => "standing-state-promised",
        State::Stopped(_) => "standing-state-stopped",
    }
}
