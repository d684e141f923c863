//! Names of metrics: `ofd_<crate>_<noun>_<unit>`, listed in a table that says which labels they have.

use super::source::Source;

/// The crates that may have metrics, as names have them.
const CRATES: [&str; 5] = ["protocol", "storage", "gateway", "admin_web", "loadtest"];

/// Labels whose values are closed sets. Never one whose values grow with registers, organisations or people.
pub const LABELS: &[&str] = &[
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
    "reason",
    "result",
    "status",
    "version",
    "warning",
    "work",
];

/// A metric as its table lists it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// Its name.
    pub name: String,
    /// Its labels.
    pub labels: Vec<String>,
    /// Where.
    pub line: usize,
}

/// What makes a metric, by the macro that does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Only grows.
    Counter,
    /// A state.
    Gauge,
    /// A spread of durations or sizes.
    Histogram,
}

/// The tables of a source: of every constant whose name ends in METRICS the metrics in it. A text that begins with
/// `ofd_` is a name, those that follow in brackets are its labels, others (descriptions) are not looked at.
pub fn tables(source: &Source) -> Vec<Listed> {
    let mut listed: Vec<Listed> = Vec::new();
    for (at, _) in constants(source) {
        let Some(equals) = source.code[at..].find('=').map(|found| at + found) else { continue };
        let end = equals + source.code[equals..].find(';').unwrap_or(source.code.len() - equals);
        for literal in source.literals.iter().filter(|literal| (equals..end).contains(&literal.at)) {
            if literal.text.starts_with("ofd_") {
                listed.push(Listed { name: literal.text.clone(), labels: Vec::new(), line: literal.line });
            } else if in_brackets_of_entry(&source.code[equals..literal.at])
                && let Some(last) = listed.last_mut()
            {
                last.labels.push(literal.text.clone());
            }
        }
    }
    listed
}

fn constants(source: &Source) -> impl Iterator<Item = (usize, &str)> {
    let words: Vec<(usize, &str)> = source.words().collect();
    let pairs: Vec<(usize, &str)> = words
        .windows(2)
        .filter(|pair| ["const", "static"].contains(&pair[0].1) && pair[1].1.ends_with("METRICS"))
        .map(|pair| pair[1])
        .collect();
    pairs.into_iter()
}

/// Whether the brackets open at the end of `code` are the table's and an entry's.
fn in_brackets_of_entry(code: &str) -> bool {
    code.matches('[').count() >= 2 + code.matches(']').count()
}

/// Names that code gives to the macros of `metrics` as texts, with what they make.
pub fn uses(source: &Source) -> Vec<(Kind, String, usize)> {
    let mut found = Vec::new();
    for (at, word) in source.words() {
        let kind = match word.trim_start_matches("describe_") {
            "counter" => Kind::Counter,
            "gauge" => Kind::Gauge,
            "histogram" => Kind::Histogram,
            _ => continue,
        };
        let behind = &source.code[at + word.len()..];
        let Some(inner) = behind.strip_prefix("!(") else { continue };
        let first = source.code.len() - inner.trim_start().len();
        if let Some(literal) = source.literals.iter().find(|literal| literal.at == first) {
            found.push((kind, literal.text.clone(), literal.line));
        }
    }
    found
}

/// What is wrong with a name, if anything.
pub fn wrong_name(name: &str, krate: &str) -> Option<String> {
    let plain = name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_');
    if !plain || name.contains("__") || name.ends_with('_') {
        return Some(format!("{name} has more than lower-case words"));
    }
    let krate = krate.replace('-', "_");
    if !CRATES.contains(&krate.as_str()) {
        return Some(format!("{krate} has no metrics"));
    }
    let Some(rest) = name.strip_prefix(&format!("ofd_{krate}_")) else {
        return Some(format!("{name} does not begin with ofd_{krate}_"));
    };
    (rest.split('_').count() < 2).then(|| format!("{name} lacks a noun or a unit"))
}

/// What is wrong with the unit of a name for what it makes, if anything.
pub fn wrong_unit(kind: Kind, name: &str) -> Option<String> {
    let unit = name.rsplit('_').next().unwrap_or_default();
    let fits = match kind {
        Kind::Counter => unit == "total",
        Kind::Histogram => ["seconds", "bytes", "documents", "rows", "requests"].contains(&unit),
        Kind::Gauge => unit != "total",
    };
    (!fits).then(|| format!("{name} ends in {unit}, which is no unit of a {kind:?}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = r#"
/// Every metric.
pub const METRICS: &[(&str, &[&str])] = &[
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
        let source = Source::new(TEXT);
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
        for name in
            ["ofd_frames_total", "ofd_gateway_frames", "ofd_gateway_Frames_total", "ofd_storage_x_total"]
        {
            assert!(wrong_name(name, "gateway").is_some(), "{name}");
        }
        assert!(wrong_unit(Kind::Counter, "ofd_gateway_frames_count").is_some());
        assert!(wrong_unit(Kind::Histogram, "ofd_gateway_reply_ms").is_some());
        assert!(wrong_unit(Kind::Gauge, "ofd_gateway_connections_total").is_some());
    }
}
