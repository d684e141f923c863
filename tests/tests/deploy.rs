//! That what operators copy from `deploy/` fits the code: metrics and labels in alerts and dashboard, the config of the
//! gateways, ports and deadlines of the balancer, and links to `docs/operations.md`.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::time::Duration;

use ofd_admin_web::limits::{API_REQUESTS_MAX, CONNECTIONS_MAX, HEALTH_REQUESTS_MAX, REQUESTS_MAX};
use ofd_gateway::config::{Config, ListenerProfile, StoreConfig};
use ofd_tests::tree::root;
use serde_json::Value;
use tempfile::TempDir;

/// Labels that Prometheus adds to every sample of ours.
const SCRAPED: &[&str] = &["instance", "job"];

/// Metrics of others, by their beginnings: they have labels of their own.
const OTHERS: &[&str] = &["up", "node_", "haproxy_", "ALERTS"];

/// Labels of others by which alerts and panels are grouped.
const LABELS_OF_OTHERS: &[&str] = &["proxy", "le"];

/// Seconds that are one number at a time; all others are histograms.
const GAUGES_OF_SECONDS: &[&str] = &["ofd_gateway_feed_lag_seconds"];

/// The process ends within this time after SIGTERM.
const STOPS_WITHIN: Duration = Duration::from_secs(10);

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn none(wrong: Vec<String>) {
    assert!(wrong.is_empty(), "{} found:\n{}", wrong.len(), wrong.join("\n"));
}

fn is_word(char: char) -> bool {
    char.is_ascii_alphanumeric() || char == '_'
}

/// Our metrics with their labels.
fn metrics() -> BTreeMap<&'static str, &'static [&'static str]> {
    let tables = ofd_gateway::metrics::METRICS.iter().chain(ofd_admin_web::every_metric());
    tables.copied().collect()
}

/// An alert of `alerts.yml`: its keys and annotations, one level deep.
type Alert = BTreeMap<String, String>;

/// Reads the alerts line by line: the file keeps to `key: value`, and to `key: |` with deeper lines below.
fn alerts() -> Vec<Alert> {
    let (mut alerts, mut block): (Vec<Alert>, Option<(usize, String)>) = (Vec::new(), None);
    for line in read("deploy/prometheus/alerts.yml").lines() {
        let indent = line.len() - line.trim_start().len();
        let text = line.trim();
        if text.is_empty() || text.starts_with('#') {
            continue;
        }
        if let (Some((deeper_than, key)), Some(alert)) = (&block, alerts.last_mut()) {
            if indent > *deeper_than {
                let value = alert.entry(key.clone()).or_default();
                value.push_str(text);
                value.push('\n');
                continue;
            }
            block = None;
        }
        if let Some(name) = text.strip_prefix("- alert: ") {
            alerts.push(Alert::from([("alert".to_owned(), name.to_owned())]));
        } else if let (Some(alert), Some((key, value))) = (alerts.last_mut(), text.split_once(':')) {
            match value.trim() {
                "|" => block = Some((indent, key.to_owned())),
                value => {
                    let _ = alert.insert(key.to_owned(), value.trim_matches('"').to_owned());
                }
            }
        }
    }
    alerts
}

fn dashboard() -> Value {
    serde_json::from_str(&read("deploy/grafana/ofd.json")).expect("the dashboard is JSON")
}

/// Every text under a key, however deep.
fn texts<'a>(value: &'a Value, wanted: &str, found: &mut Vec<&'a str>) {
    match value {
        Value::Object(fields) => {
            for (key, inner) in fields {
                found.extend(inner.as_str().filter(|_| key == wanted));
                texts(inner, wanted, found);
            }
        }
        Value::Array(values) => values.iter().for_each(|inner| texts(inner, wanted, found)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// Every query of alerts, dashboard and the alerts' test, with where it stands.
fn queries() -> Vec<(String, String)> {
    let of_alerts =
        alerts().into_iter().map(|alert| (format!("alert {}", alert["alert"]), alert["expr"].clone()));
    let dashboard = dashboard();
    let mut of_panels = Vec::new();
    for key in ["expr", "definition", "query"] {
        texts(&dashboard, key, &mut of_panels);
    }
    let of_panels =
        of_panels.into_iter().map(|query| ("deploy/grafana/ofd.json".to_owned(), query.to_owned()));
    let test = read("deploy/prometheus/alerts_test.yml");
    let series = test.lines().filter_map(|line| line.trim().strip_prefix("- series: "));
    let of_tests = series.map(|series| ("alerts_test.yml".to_owned(), series.trim_matches('\'').to_owned()));
    of_alerts.chain(of_panels).chain(of_tests).collect()
}

/// The names of a query that stand before `{`, with the labels between the braces; and those without braces.
fn selectors(query: &str) -> Vec<(&str, Vec<&str>)> {
    let mut found = Vec::new();
    let mut rest = query;
    while let Some(begin) = rest.find(|char: char| is_word(char) || char == '"') {
        rest = &rest[begin..];
        if let Some(quoted) = rest.strip_prefix('"') {
            rest = quoted.find('"').map_or("", |end| &quoted[end + 1..]);
            continue;
        }
        let end = rest.find(|char: char| !is_word(char)).unwrap_or(rest.len());
        let (name, behind) = rest.split_at(end);
        rest = behind;
        let mut labels = Vec::new();
        if let Some(braced) = behind.strip_prefix('{') {
            let (inner, behind) = until_closing_brace(braced);
            labels = label_names(inner);
            rest = behind;
        }
        found.push((name, labels));
    }
    found
}

/// What stands before the closing brace and behind it; texts may hold braces.
fn until_closing_brace(text: &str) -> (&str, &str) {
    let mut is_quoted = false;
    for (at, char) in text.char_indices() {
        match char {
            '"' => is_quoted = !is_quoted,
            '}' if !is_quoted => return (&text[..at], &text[at + 1..]),
            _ => {}
        }
    }
    (text, "")
}

fn label_names(matchers: &str) -> Vec<&str> {
    let unquoted = matchers.split('"').step_by(2);
    unquoted
        .filter_map(|part| {
            let name = part.trim_start_matches([',', ' ']).trim_end_matches(['=', '!', '~', ' ']);
            (!name.is_empty()).then_some(name)
        })
        .collect()
}

/// The labels of `by (...)` and `on (...)`.
fn grouping(query: &str) -> Vec<&str> {
    let lists = query.match_indices("by (").chain(query.match_indices("on ("));
    lists
        .flat_map(|(at, word)| {
            let inner = &query[at + word.len()..];
            inner[..inner.find(')').unwrap_or(0)].split(',').map(str::trim)
        })
        .filter(|label| !label.is_empty())
        .collect()
}

/// The metric that a name in a query belongs to: of a histogram Prometheus makes three.
fn metric_of(name: &str) -> (&str, bool) {
    let of_histogram = ["_bucket", "_sum", "_count"].iter().find_map(|part| name.strip_suffix(part));
    match of_histogram.filter(|base| base.ends_with("_seconds")) {
        Some(base) => (base, true),
        None => (name, false),
    }
}

#[test]
fn alerts_and_dashboard_name_metrics_and_labels_that_exist() {
    let metrics = metrics();
    let all_labels: BTreeSet<&str> = metrics.values().flat_map(|labels| labels.iter().copied()).collect();
    let (mut wrong, mut seen) = (Vec::new(), BTreeSet::new());
    for (place, query) in queries() {
        for (name, labels) in selectors(&query) {
            if !name.starts_with("ofd_") {
                let is_known = OTHERS.iter().any(|begin| name.starts_with(begin)) || labels.is_empty();
                wrong.extend((!is_known).then(|| format!("{place}: {name} is nobody's")));
                continue;
            }
            let (base, is_histogram) = metric_of(name);
            let Some(known) = metrics.get(base) else {
                wrong.push(format!("{place}: there is no metric {name}"));
                continue;
            };
            if base.ends_with("_seconds") && !is_histogram && !GAUGES_OF_SECONDS.contains(&base) {
                wrong.push(format!("{place}: {name} is a histogram: _bucket, _sum or _count"));
            }
            seen.insert(base.to_owned());
            let is_label = |label: &str| known.contains(&label) || SCRAPED.contains(&label) || label == "le";
            wrong.extend(
                labels
                    .into_iter()
                    .filter(|label| !is_label(label))
                    .map(|label| format!("{place}: {name} has no label {label}")),
            );
        }
        let is_label = |label: &str| {
            all_labels.contains(label) || SCRAPED.contains(&label) || LABELS_OF_OTHERS.contains(&label)
        };
        wrong.extend(
            grouping(&query)
                .into_iter()
                .filter(|label| !is_label(label))
                .map(|label| format!("{place}: by {label}")),
        );
    }
    // What is worth counting is worth looking at.
    wrong.extend(
        metrics.keys().filter(|name| !seen.contains(**name)).map(|name| format!("{name} is in no panel")),
    );
    none(wrong);
}

#[test]
fn selectors_are_found_in_a_query() {
    let query = r#"sum by (le, page) (rate(a_bucket{x=~"$y",z!="}"}[5m])) / up{job="ofd"} > 0 and on () b"#;
    let found = selectors(query);
    let of = |name: &str| found.iter().find(|(found, _)| *found == name).map(|(_, labels)| labels.clone());
    assert_eq!(of("a_bucket"), Some(vec!["x", "z"]));
    assert_eq!(of("up"), Some(vec!["job"]));
    assert_eq!(of("b"), Some(vec![]));
    assert_eq!(grouping(query), ["le", "page"]);
    assert_eq!(metric_of("ofd_x_seconds_bucket"), ("ofd_x_seconds", true));
    assert_eq!(metric_of("ofd_x_count"), ("ofd_x_count", false));
}

/// The anchor that a heading gets where Markdown is shown.
fn anchor(heading: &str) -> String {
    let kept = heading.trim().to_lowercase();
    kept.chars()
        .filter(|char| is_word(*char) || [' ', '-'].contains(char))
        .map(|char| if char == ' ' { '-' } else { char })
        .collect()
}

/// The anchors of a document; what stands in code blocks is no heading.
fn anchors(document: &str) -> BTreeSet<String> {
    let mut is_code = false;
    let headings = document.lines().filter_map(|line| {
        is_code ^= line.starts_with("```");
        let heading = line.trim_start_matches('#');
        (!is_code && heading.len() < line.len() && heading.starts_with(' ')).then(|| anchor(heading))
    });
    headings.collect()
}

#[test]
fn every_alert_says_what_to_do_and_leads_to_its_section() {
    let document = read("docs/operations.md");
    let anchors = anchors(&document);
    let alerts = alerts();
    let mut wrong = Vec::new();
    for alert in &alerts {
        let name = &alert["alert"];
        for key in ["expr", "summary", "description", "runbook", "labels"] {
            if alert.get(key).is_none_or(|value| value.trim().is_empty()) {
                wrong.push(format!("{name} has no {key}"));
            }
        }
        let severity = alert.get("labels").map_or("", String::as_str);
        if !["{ severity: page }", "{ severity: ticket }"].contains(&severity) {
            wrong.push(format!("{name} has the severity {severity}"));
        }
        let wanted = format!("docs/operations.md#{}", anchor(name));
        if alert.get("runbook") != Some(&wanted) {
            wrong.push(format!("{name} does not lead to {wanted}"));
        }
        if !anchors.contains(&anchor(name)) {
            wrong.push(format!("docs/operations.md has no heading {name}"));
        }
    }
    let names: BTreeSet<&str> = alerts.iter().map(|alert| alert["alert"].as_str()).collect();
    assert_eq!(names.len(), alerts.len(), "an alert stands twice");
    assert!(names.len() > 20, "the alerts were not read: {names:?}");
    let dashboard = read("deploy/grafana/ofd.json");
    for (place, text) in [("docs/operations.md", &document), ("deploy/grafana/ofd.json", &dashboard)] {
        let words = text.split(|char: char| !char.is_ascii_alphanumeric());
        let gone = words.filter(|word| word.len() > 3 && word.starts_with("Ofd") && !names.contains(word));
        wrong.extend(gone.map(|word| format!("{place}: there is no alert {word}")));
    }
    none(wrong);
}

#[test]
fn links_of_the_operations_page_lead_somewhere() {
    let document = read("docs/operations.md");
    let own = anchors(&document);
    let mut wrong = Vec::new();
    for link in document.split("](").skip(1).filter_map(|text| text.split(')').next()) {
        let (file, place) = link.split_once('#').unwrap_or((link, ""));
        let path = root().join("docs").join(file);
        if !file.is_empty() && !path.exists() {
            wrong.push(format!("there is no {link}"));
            continue;
        }
        let is_there = match (file, place) {
            (_, "") => true,
            ("", place) => own.contains(place),
            (_, place) => anchors(&fs::read_to_string(&path).expect("a document")).contains(place),
        };
        wrong.extend((!is_there).then(|| format!("{link}: no such heading")));
    }
    none(wrong);
}

#[test]
fn the_dashboard_has_a_query_in_every_panel() {
    let dashboard = dashboard();
    let panels = dashboard["panels"].as_array().expect("panels");
    let mut ids = BTreeSet::new();
    for panel in panels {
        let title = panel["title"].as_str().expect("a title");
        assert!(ids.insert(panel["id"].as_u64().expect("an id")), "the id of {title} stands twice");
        if panel["type"] == "row" {
            continue;
        }
        let targets = panel["targets"].as_array().expect("targets");
        let is_query = |target: &Value| target["expr"].as_str().is_some_and(|query| !query.trim().is_empty());
        assert!(!targets.is_empty() && targets.iter().all(is_query), "{title} has no query");
        assert!(
            panel["description"].as_str().is_some_and(|text| text.len() > 10),
            "{title} says nothing of itself"
        );
    }
}

/// The gateways' config, its secrets in a folder of the test.
fn gateway_config() -> (TempDir, Config) {
    let folder = TempDir::new().unwrap();
    let text = read("deploy/compose/ofd.toml");
    assert!(text.contains("/run/secrets/"), "secrets come from files");
    let secrets = folder.path().join("secrets");
    fs::create_dir(&secrets).unwrap();
    for name in secret_names(&text) {
        fs::write(secrets.join(name), "a-long-random-text\n").unwrap();
    }
    let path = folder.path().join("ofd.toml");
    fs::write(&path, text.replace("/run/secrets", &secrets.display().to_string())).unwrap();
    let config = Config::load(&path, None).unwrap_or_else(|error| panic!("deploy/compose/ofd.toml: {error}"));
    (folder, config)
}

fn secret_names(config: &str) -> BTreeSet<&str> {
    config.split("/run/secrets/").skip(1).filter_map(|text| text.split('"').next()).collect()
}

#[test]
fn the_config_of_the_gateways_is_good_and_fits_a_balancer() {
    let (_folder, config) = gateway_config();
    let StoreConfig::Cql(cluster) = &config.store else { panic!("the gateways share a cluster") };
    assert_eq!(cluster.keyspace, "ofd");
    assert_eq!(cluster.nodes.len(), 3);
    // All connections come from the balancer, which says for whom.
    assert!(config.listeners.iter().all(|listener| config.proxies_of(listener).is_some()));
    let per_address = config.limits.connections_per_address_max;
    let rejected = format!("tcp-request connection reject if {{ sc_conn_cur(0) gt {per_address} }}");
    assert_eq!(read("deploy/compose/haproxy/haproxy.cfg").matches(&rejected).count(), config.listeners.len());
    assert!(config.warnings().is_empty(), "{:?}", config.warnings());
    let compose = read("deploy/compose/compose.yaml");
    let script = read("deploy/compose/secrets.sh");
    for secret in secret_names(&read("deploy/compose/ofd.toml")) {
        assert!(
            compose.contains(&format!("  {secret}: {{ file: ./secrets/{secret} }}")),
            "compose lacks {secret}"
        );
        assert!(script.contains(secret), "secrets.sh does not make {secret}");
    }
    for node in &cluster.nodes {
        let (address, port) = node.rsplit_once(':').unwrap();
        assert_eq!(port, "9042");
        assert!(compose.contains(&format!("ipv4_address: {address} ")), "compose has no node {address}");
    }
}

/// `6m`, `10s`, `500ms`.
fn duration(text: &str) -> Duration {
    let digits = text.trim_end_matches(char::is_alphabetic);
    let number: u64 = digits.parse().unwrap_or_else(|_| panic!("{text} is no time"));
    match &text[digits.len()..] {
        "ms" => Duration::from_millis(number),
        "s" | "" => Duration::from_secs(number),
        "m" => Duration::from_secs(number * 60),
        unit => panic!("{text}: unknown unit {unit}"),
    }
}

/// The sections of `haproxy.cfg`: their first lines with the lines below.
fn balancer() -> BTreeMap<String, Vec<String>> {
    let mut sections = BTreeMap::<String, Vec<String>>::new();
    let mut section = String::new();
    for line in read("deploy/compose/haproxy/haproxy.cfg").lines() {
        let text = line.split('#').next().unwrap_or_default().trim_end();
        if text.is_empty() {
            continue;
        }
        if !text.starts_with(' ') {
            section = text.to_owned();
        }
        sections.entry(section.clone()).or_default().push(text.trim().to_owned());
    }
    sections
}

#[test]
fn the_balancer_reaches_every_listener_and_waits_longer_than_the_gateways() {
    let (_folder, config) = gateway_config();
    let sections = balancer();
    let line = |section: &str, begin: &str| {
        let own = sections.get(section).unwrap_or_else(|| panic!("haproxy.cfg has no {section}"));
        let of = |lines: &[String]| lines.iter().find_map(|line| line.strip_prefix(begin).map(str::to_owned));
        of(own).or_else(|| of(&sections["defaults"])).unwrap_or_else(|| panic!("{section} has no {begin}"))
    };
    for listener in &config.listeners {
        let (name, port) = (&listener.name, listener.address.port());
        let (frontend, backend) = (format!("frontend {name}"), format!("backend {name}"));
        assert_eq!(line(&frontend, "bind "), format!(":{port}"));
        assert_eq!(line(&frontend, "mode "), "tcp", "gateways see the TLS of registers themselves");
        for gateway in ["gateway1", "gateway2"] {
            assert_eq!(
                line(&backend, &format!("server {gateway} ")),
                format!("{gateway}:{port} send-proxy-v2 track ready/{gateway}")
            );
            // Without it the gateway would close every connection.
            assert_eq!(
                line(&backend, &format!("server {gateway}-alive ")),
                format!("{gateway}:{port} send-proxy-v2 track alive/{gateway} backup")
            );
        }
        let idle = config.limits.patience(listener.profile).idle;
        for (section, key) in [(&frontend, "timeout client "), (&backend, "timeout server ")] {
            let waits = duration(&line(section, key));
            assert!(waits > idle, "{section}: {key}is {waits:?}, the gateway waits {idle:?}");
        }
        assert_eq!(name == "sim", listener.profile == ListenerProfile::Sim);
    }
    let metrics = config.metrics.as_ref().expect("the balancer asks the metrics port").address.port();
    let site = config.site.as_ref().expect("there is a site").address.port();
    assert!(line("backend ready", "server gateway1 ").starts_with(&format!("gateway1:{metrics}")));
    assert!(line("backend site", "server gateway1 ").starts_with(&format!("gateway1:{site} ")));
    // Slow forms wait in the balancer, and what does not wait there the site answers itself.
    assert!(sections["frontend site"].iter().any(|line| line == "option http-buffer-request"));
    assert!(line("frontend site", "tcp-request connection reject ").contains("sc_conn_cur(0)"));
    let default = line("backend site", "default-server ");
    let at_once: usize = default.split(' ').nth(1).expect("maxconn and a number").parse().expect("a number");
    let answered = REQUESTS_MAX + API_REQUESTS_MAX + HEALTH_REQUESTS_MAX;
    assert!(
        (answered..CONNECTIONS_MAX).contains(&at_once),
        "{at_once} requests, the site answers {answered}"
    );
    // Beyond their cap gateways answer 254; a connection that waits in the balancer is told nothing.
    let gateways = 2 * (config.limits.connections_max + config.limits.reserve_max);
    let connections: usize = line("global", "maxconn ").parse().expect("a number");
    assert!(connections > gateways, "{connections} connections, the gateways take {gateways}");
}

#[test]
fn compose_mounts_files_that_exist_and_pins_its_images() {
    let compose = read("deploy/compose/compose.yaml");
    let folder = root().join("deploy/compose");
    let words = compose.split(|char: char| char.is_whitespace() || "\"'[],{}".contains(char));
    let words = words.map(|word| word.strip_prefix("${OFD_FLEET:-").unwrap_or(word));
    let mounts = words.filter(|word| word.starts_with("./") || word.starts_with("../"));
    let mut count = 0;
    for mount in mounts.filter(|mount| !mount.starts_with("./secrets")) {
        let path = folder.join(mount.split(':').next().unwrap_or_default());
        assert!(path.exists(), "{mount}: there is no {}", path.display());
        count += 1;
    }
    assert!(count >= 8, "only {count} mounts were read");
    for image in compose.lines().filter_map(|line| line.trim().strip_prefix("image: ")) {
        let is_pinned = image
            .rsplit_once(':')
            .is_some_and(|(_, tag)| tag.starts_with(|char: char| char.is_ascii_digit() || char == 'v'));
        assert!(image == "ofd" || is_pinned, "{image} has no version");
    }
    // What runs is built by a Rust that the workspace promises to build with.
    let toolchain = read("Cargo.toml");
    let toolchain =
        toolchain.lines().find_map(|line| line.strip_prefix("rust-version = ")).expect("a version");
    let wanted = format!("FROM rust:{}-", toolchain.trim_matches('"'));
    assert!(read("deploy/Dockerfile").contains(&wanted), "the Dockerfile lacks {wanted}");
}

#[test]
fn the_unit_leaves_time_to_stop_and_files_for_connections() {
    let unit = read("deploy/systemd/ofd.service");
    let value = |key: &str| {
        unit.lines().find_map(|line| line.strip_prefix(key)).unwrap_or_else(|| panic!("no {key}"))
    };
    assert!(duration(value("TimeoutStopSec=")) > STOPS_WITHIN);
    let (_folder, config) = gateway_config();
    let files: usize = value("LimitNOFILE=").parse().expect("a number");
    let needed = config.limits.connections_max + config.limits.reserve_max + 2048;
    assert!(files > needed, "{files} files, {needed} are needed");
    for line in unit.lines().filter(|line| !line.is_empty() && !line.starts_with(['#', '['])) {
        assert!(
            line.split_once('=').is_some_and(|(key, _)| key.chars().all(|char| char.is_ascii_alphabetic())),
            "{line}"
        );
    }
}

#[test]
fn yaml_files_are_laid_out_as_yaml_must_be() {
    let mut wrong = Vec::new();
    for path in [
        "deploy/compose/compose.yaml",
        "deploy/prometheus/alerts.yml",
        "deploy/prometheus/alerts_test.yml",
        "deploy/prometheus/prometheus.yml",
        "deploy/grafana/provisioning/datasources/prometheus.yaml",
        "deploy/grafana/provisioning/dashboards/ofd.yaml",
    ] {
        assert!(Path::new(&root().join(path)).is_file(), "{path}");
        for (index, line) in read(path).lines().enumerate() {
            let indent = line.len() - line.trim_start_matches(' ').len();
            let at = format!("{path}:{}", index + 1);
            wrong.extend(line.contains('\t').then(|| format!("{at} has a tab")));
            wrong.extend((indent % 2 == 1).then(|| format!("{at} is indented by {indent}")));
            let code = line.split(" #").next().unwrap_or_default();
            let is_odd = !code.trim_start().starts_with('#') && code.matches('"').count() % 2 == 1;
            wrong.extend(is_odd.then(|| format!("{at} has a text without an end")));
        }
    }
    none(wrong);
}
