//! Names of metrics: `ofd_<folder>_<noun>_<unit>`, listed in a table that says which labels they have.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::Delimiter;

use crate::project::{none, product_files};
use crate::source::{Placed, Source, Token};

/// The folders whose crates may have metrics, as names have them. A crate within another's folder counts with it.
const FOLDERS: [&str; 5] = ["protocol", "storage", "gateway", "admin_web", "loadtest"];

/// Labels whose values are closed sets. Never one whose values grow with registers, organisations or people.
pub(crate) const LABELS: &[&str] = &[
    "backend",
    "command",
    "direction",
    "kind",
    "language",
    "limit",
    "listener",
    "method",
    "operation",
    "outcome",
    "page",
    "part",
    "profile",
    "reader",
    "reason",
    "result",
    "status",
    "version",
    "warning",
    "work",
];

/// A metric as its table lists it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Listed {
    /// As Prometheus knows it.
    pub(crate) name: String,
    /// The names of its labels.
    pub(crate) labels: Vec<String>,
    /// The line that lists it, from 1.
    pub(crate) line: usize,
}

/// What makes a metric, by the macro that does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A number that only grows.
    Counter,
    /// A state at this moment.
    Gauge,
    /// A spread of durations or sizes.
    Histogram,
}

/// The tables of a source: of every constant whose name ends in METRICS the metrics in it. A text that begins with
/// `ofd_` is a name, those that follow in brackets are its labels, others (descriptions) are not looked at.
pub(crate) fn tables(source: &Source) -> Vec<Listed> {
    let mut listed: Vec<Listed> = Vec::new();
    for table in constants(source) {
        let mut brackets = 0_usize;
        for placed in table {
            match &placed.token {
                Token::Open(Delimiter::Bracket) => brackets += 1,
                Token::Close(Delimiter::Bracket) => brackets = brackets.saturating_sub(1),
                Token::Text(name) if name.starts_with("ofd_") => {
                    listed.push(Listed { name: name.clone(), labels: Vec::new(), line: placed.line });
                }
                // Within the table's brackets those of an entry.
                Token::Text(label) if brackets >= 2 => {
                    listed.last_mut().into_iter().for_each(|last| last.labels.push(label.clone()));
                }
                _ => {}
            }
        }
    }
    listed
}

/// What stands between `=` and `;` of the constants that are tables.
fn constants(source: &Source) -> impl Iterator<Item = &[Placed]> {
    let is_table = |pair: &[Placed]| {
        let [keyword, name] = pair else { return false };
        matches!(&keyword.token, Token::Word(word) if ["const", "static"].contains(&word.as_str()))
            && matches!(&name.token, Token::Word(word) if word.ends_with("METRICS"))
    };
    let named = source.tokens.windows(2).enumerate().filter(move |(_, pair)| is_table(pair));
    named.filter_map(|(at, _)| {
        let behind = &source.tokens[at..];
        let from = behind.iter().position(|placed| placed.token == Token::Sign('='))?;
        let len = behind[from..].iter().position(|placed| placed.token == Token::Sign(';'))?;
        Some(&behind[from..from + len])
    })
}

/// Names that code gives to the macros of `metrics` as texts, with what they make.
pub(crate) fn uses(source: &Source) -> Vec<(Kind, String, usize)> {
    let mut found = Vec::new();
    for (line, word, behind) in source.macros() {
        let kind = match word.trim_start_matches("describe_") {
            "counter" => Kind::Counter,
            "gauge" => Kind::Gauge,
            "histogram" => Kind::Histogram,
            _ => continue,
        };
        if let [_, Placed { token: Token::Text(name), .. }, ..] = behind {
            found.push((kind, name.clone(), line));
        }
    }
    found
}

/// What is wrong with a name, if anything.
pub(crate) fn wrong_name(name: &str, folder: &str) -> Option<String> {
    let plain = name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_');
    if !plain || name.contains("__") || name.ends_with('_') {
        return Some(format!("{name} has more than lower-case words"));
    }
    let folder = folder.replace('-', "_");
    if !FOLDERS.contains(&folder.as_str()) {
        return Some(format!("{folder} has no metrics"));
    }
    let Some(rest) = name.strip_prefix(&format!("ofd_{folder}_")) else {
        return Some(format!("{name} does not begin with ofd_{folder}_"));
    };
    (rest.split('_').count() < 2).then(|| format!("{name} lacks a noun or a unit"))
}

/// What is wrong with the unit of a name for what it makes, if anything.
pub(crate) fn wrong_unit(kind: Kind, name: &str) -> Option<String> {
    let unit = name.rsplit('_').next().unwrap_or_default();
    let fits = match kind {
        Kind::Counter => unit == "total",
        Kind::Histogram => ["seconds", "bytes", "documents", "rows", "requests"].contains(&unit),
        Kind::Gauge => unit != "total",
    };
    (!fits).then(|| format!("{name} ends in {unit}, which is no unit of a {kind:?}"))
}

#[test]
fn metrics_are_named_listed_and_labelled_by_the_rules() {
    let mut wrong = Vec::new();
    let folders: BTreeSet<&str> = product_files().map(|(_, rust)| rust.file.top()).collect();
    for folder in folders {
        let files: Vec<_> = product_files().filter(|(_, rust)| rust.file.top() == folder).collect();
        let (mut listed, mut used) = (BTreeMap::new(), Vec::new());
        for (krate, rust) in &files {
            let tables = tables(&rust.source);
            if rust.file.path == format!("{}/src/metrics.rs", krate.folder) && tables.is_empty() {
                wrong.push(format!("{} has no table METRICS with a metric in it", rust.file.path));
            }
            for metric in tables {
                let at = format!("{}:{}", rust.file.path, metric.line);
                wrong.extend(wrong_name(&metric.name, folder).map(|what| format!("{at} {what}")));
                let labels = metric.labels.iter().filter(|label| !LABELS.contains(&label.as_str()));
                wrong.extend(
                    labels.map(|label| format!("{at} {} has the unknown label {label}", metric.name)),
                );
                if listed.insert(metric.name.clone(), at.clone()).is_some() {
                    wrong.push(format!("{at} {} is listed twice", metric.name));
                }
            }
            for (kind, name, line) in uses(&rust.source) {
                let at = format!("{}:{line}", rust.file.path);
                wrong.extend(wrong_unit(kind, &name).map(|what| format!("{at} {what}")));
                used.push((name, at));
            }
        }
        let unlisted = used.iter().filter(|(name, _)| !listed.contains_key(name));
        wrong.extend(unlisted.map(|(name, at)| format!("{at} {name} is in no table METRICS of {folder}")));
        // Names may come to the macros through constants, so any text counts beside the table's own.
        for (metric, at) in &listed {
            let texts = files.iter().flat_map(|(_, rust)| rust.source.texts());
            if texts.filter(|(_, text)| text == metric).count() < 2 {
                wrong.push(format!("{at} {metric} is listed and never used in {folder}"));
            }
        }
    }
    none(wrong);
}

const TEXT: &str = r#"
/// Every metric of it.
pub(crate) const METRICS: &[(&str, &[&str])] = &[
    ("ofd_gateway_connections_open", &[]),
    ("ofd_gateway_frames_total", &["command", "result"]),
    ("ofd_gateway_reply_seconds", &["command"]),
];
fn f() {
    counter!("ofd_gateway_frames_total", "command" => "x");
    metrics::histogram!( "ofd_gateway_reply_seconds").record(1.0);
    describe_gauge!("ofd_gateway_connections_open", "how many");
}
"#;

#[test]
fn tables_and_uses_are_found() {
    let source = Source::new(TEXT).expect("it is Rust");
    let found: Vec<(String, usize)> =
        tables(&source).into_iter().map(|one| (one.name, one.labels.len())).collect();
    let expected = [
        ("ofd_gateway_connections_open", 0),
        ("ofd_gateway_frames_total", 2),
        ("ofd_gateway_reply_seconds", 1),
    ];
    assert_eq!(found, expected.map(|(name, labels)| (name.to_owned(), labels)));
    let kinds: Vec<Kind> = uses(&source).into_iter().map(|(kind, ..)| kind).collect();
    assert_eq!(kinds, [Kind::Counter, Kind::Histogram, Kind::Gauge]);
}

#[test]
fn a_name_without_crate_noun_or_unit_is_wrong() {
    assert_eq!(wrong_name("ofd_gateway_frames_total", "gateway"), None);
    assert_eq!(wrong_name("ofd_admin_web_page_seconds", "admin-web"), None);
    for name in ["ofd_frames_total", "ofd_gateway_frames", "ofd_gateway_Frames_total", "ofd_storage_x_total"]
    {
        assert!(wrong_name(name, "gateway").is_some(), "{name}");
    }
    assert!(wrong_unit(Kind::Counter, "ofd_gateway_frames_count").is_some());
    assert!(wrong_unit(Kind::Histogram, "ofd_gateway_reply_ms").is_some());
    assert!(wrong_unit(Kind::Gauge, "ofd_gateway_connections_total").is_some());
}
