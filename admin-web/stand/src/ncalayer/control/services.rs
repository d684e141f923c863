//! The switches of the PKI's services, as forms say them.

use std::time::Duration;

use crate::{ListState, OcspState, Switches};

const OCSP: &[(&str, OcspState)] = &[
    ("answers", OcspState::Answers),
    ("down", OcspState::Down),
    ("try-later", OcspState::TryLater),
    ("unknown", OcspState::Unknown),
    ("forged", OcspState::Forged),
    ("out-of-date", OcspState::OutOfDate),
];

const LISTS: &[(&str, ListState)] =
    &[("fresh", ListState::Fresh), ("out-of-date", ListState::OutOfDate), ("down", ListState::Down)];

const TIME_STAMPER: &[(&str, bool)] = &[("answers", false), ("down", true)];

/// Changes all that is named, or nothing.
pub(super) fn set(switches: Option<&Switches>, fields: &[(String, String)]) -> Result<(), String> {
    let switches = switches.ok_or("the PKI's services do not run here")?;
    if fields.is_empty() {
        return Err("send a field: ocsp, lists, time_stamper or delay_ms".to_owned());
    }
    let mut settings = switches.settings();
    for (name, value) in fields {
        match name.as_str() {
            "ocsp" => settings.ocsp = by_word(name, value, OCSP)?,
            "lists" => settings.lists = by_word(name, value, LISTS)?,
            "time_stamper" => settings.is_time_stamper_down = by_word(name, value, TIME_STAMPER)?,
            "delay_ms" => settings.delay = milliseconds(name, value)?,
            _ => return Err(format!("there is no switch {name}")),
        }
    }
    switches.set(settings);
    Ok(())
}

fn by_word<T: Copy>(name: &str, word: &str, known: &[(&str, T)]) -> Result<T, String> {
    let found = known.iter().find(|(one, _)| *one == word).map(|(_, value)| *value);
    let words = || known.iter().map(|(one, _)| *one).collect::<Vec<_>>().join(", ");
    found.ok_or_else(|| format!("{name} is {word}; it may be one of: {}", words()))
}

/// A delay in milliseconds, or what is wrong with it.
pub(super) fn milliseconds(name: &str, value: &str) -> Result<Duration, String> {
    let wrong = |_| format!("{name} is {value}; it may be a number of milliseconds");
    value.parse().map(Duration::from_millis).map_err(wrong)
}

/// The form, and how often each service was asked.
pub(super) fn form(switches: &Switches) -> String {
    let (settings, asked) = (switches.settings(), switches.asked());
    format!(
        "<form method=\"post\" action=\"/services\">\n\
         <label>OCSP <select name=\"ocsp\">{}</select> asked {} times</label>\n\
         <label>Revocation lists <select name=\"lists\">{}</select> asked {} times</label>\n\
         <label>Time stamps <select name=\"time_stamper\">{}</select> asked {} times</label>\n\
         <label>Delay, ms <input name=\"delay_ms\" inputmode=\"numeric\" value=\"{}\"></label>\n\
         <button>Set</button></form>",
        options(OCSP, settings.ocsp),
        asked.ocsp,
        options(LISTS, settings.lists),
        asked.lists,
        options(TIME_STAMPER, settings.is_time_stamper_down),
        asked.time_stamps,
        settings.delay.as_millis(),
    )
}

fn options<T: Copy + PartialEq>(known: &[(&str, T)], chosen: T) -> String {
    choices(known.iter().map(|(word, value)| ((*word).to_owned(), *value == chosen)))
}

/// The options of a list, and whether each is the chosen one.
pub(super) fn choices(words: impl Iterator<Item = (String, bool)>) -> String {
    let option = |(word, is_chosen): (String, bool)| {
        let selected = if is_chosen { " selected" } else { "" };
        format!("<option{selected}>{word}</option>")
    };
    words.map(option).collect()
}
