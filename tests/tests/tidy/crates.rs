//! Who may import whom, in the manifests and in the sources, and what some crates must do without.

use crate::paths;
use crate::project::{CRATES, Krate, RUST, cargo, crate_of, none};
use crate::source::Source;

/// What the gateway puts together.
const BELOW_THE_GATEWAY: &[&str] = &[
    "ofd-protocol",
    "ofd-billing",
    "ofd-storage",
    "ofd-edge",
    "ofd-paper",
    "ofd-office",
    "ofd-desk",
    "ofd-admin-web",
    "ofd-eds",
    "ofd-stand",
    "ofd-loadtest",
];

/// Our crates, and which of ours each may import. The tests may import all, and nobody imports them.
const ARROWS: &[(&str, &[&str])] = &[
    ("ofd-protocol", &[]),
    ("ofd-billing", &[]),
    ("ofd-storage", &["ofd-protocol", "ofd-billing"]),
    ("ofd-edge", &["ofd-protocol"]),
    ("ofd-eds", &[]),
    ("ofd-stand", &["ofd-eds"]),
    ("ofd-paper", &["ofd-billing", "ofd-edge"]),
    (
        "ofd-office",
        &["ofd-protocol", "ofd-billing", "ofd-storage", "ofd-edge", "ofd-eds", "ofd-paper", "ofd-stand"],
    ),
    ("ofd-desk", &["ofd-protocol", "ofd-billing", "ofd-storage", "ofd-edge", "ofd-office"]),
    (
        "ofd-admin-web",
        &[
            "ofd-protocol",
            "ofd-billing",
            "ofd-storage",
            "ofd-edge",
            "ofd-office",
            "ofd-desk",
            "ofd-eds",
            "ofd-paper",
            "ofd-stand",
        ],
    ),
    ("ofd-loadtest", &["ofd-protocol"]),
    ("ofd", BELOW_THE_GATEWAY),
    ("ofd-fuzz", &["ofd-protocol", "ofd-eds"]),
];

/// The crate of the tests over the whole.
const TESTS: &str = "ofd-tests";

/// What the load generator must not use of the protocol: it checks the server with its own idea of the messages and
/// rules, which would be no check if it were the server's.
const NOT_IN_LOADTEST: &[&str] = &["message", "register"];

/// Ways to a whole crate, behind which its modules are not seen any more.
const WHOLE: &[&str] = &["*", "as", "self", ""];

/// Packages that crates without IO must do without: they have no sockets, no clock and no randomness.
const PACKAGES_OF_IO: &[&str] =
    &["tokio", "rand", "getrandom", "fastrand", "time", "chrono", "tracing", "metrics"];

/// Words that betray a socket, a clock or randomness in code, without the standard library's path.
const WORDS_OF_IO: &[&str] = &["tokio", "SystemTime", "Instant", "rand", "getrandom"];

/// Packages of HTTP. What people do is the same from a page, from the API and from a test: so the office answers by none.
/// It may ask: see [`HTTP_CLIENT`].
const HTTP: &[&str] = &[
    "axum",
    "axum-core",
    "axum-extra",
    "cookie",
    "http",
    "http-body",
    "http-body-util",
    "hyper",
    "hyper-util",
    "tower-http",
];

/// Who asks others over HTTP, as letters go to others over SMTP: the responders and lists that signatures are judged by.
const HTTP_CLIENT: &[&str] =
    &["admin-web/office/src/signatures/address.rs", "admin-web/office/src/signatures/fetch.rs"];

/// The packages of HTTP that a client needs.
const OF_A_CLIENT: &[&str] = &["http-body-util", "hyper", "hyper-util"];

/// What of these answers instead of asking.
const OF_A_SERVER: &[&str] = &["server", "service"];

/// What a package is called in code.
fn name_in_code(package: &str) -> String {
    let known = CRATES.iter().find(|krate| krate.package == package);
    known.map_or_else(|| package.replace('-', "_"), |krate| krate.name.clone())
}

/// What may be imported; `None` for the tests, which may import all.
fn arrows(package: &str) -> Option<&'static [&'static str]> {
    ARROWS.iter().find(|(from, _)| *from == package).map(|(_, may)| *may)
}

#[test]
fn every_crate_has_its_arrows() {
    let mut wrong = Vec::new();
    for krate in CRATES.iter().filter(|krate| krate.package != TESTS) {
        if arrows(&krate.package).is_none() {
            wrong.push(format!("{} is not in the table of arrows", krate.package));
        }
    }
    let there = |package: &str| CRATES.iter().any(|krate| krate.package == package);
    let gone = ARROWS.iter().filter(|(package, _)| !there(package));
    wrong.extend(gone.map(|(package, _)| format!("{package} is gone: take it out of the table")));
    none(wrong);
}

#[test]
fn crates_depend_only_on_the_crates_below_them() {
    let mut wrong = Vec::new();
    for krate in CRATES.iter() {
        let Some(may) = arrows(&krate.package) else { continue };
        let ours =
            krate.dependencies.iter().filter(|(name, _)| CRATES.iter().any(|one| one.package == *name));
        wrong.extend(
            ours.filter(|(name, _)| !may.contains(&name.as_str()))
                .map(|(name, _)| format!("{}/Cargo.toml depends on {name}", krate.folder)),
        );
    }
    none(wrong);
}

#[test]
fn sources_name_only_the_crates_below_them() {
    let mut wrong = Vec::new();
    for rust in RUST.iter() {
        let path = &rust.file.path;
        let Some(krate) = crate_of(path) else {
            wrong.push(format!("{path} lies in no crate"));
            continue;
        };
        let Some(may) = arrows(&krate.package) else { continue };
        let others = ARROWS.iter().map(|(package, _)| *package).chain([TESTS]);
        for package in others.filter(|package| *package != krate.package && !may.contains(package)) {
            let name = name_in_code(package);
            if let Some((line, _)) = rust.source.words().find(|(_, word)| *word == name) {
                wrong.push(format!("{path}:{line} names {package}"));
            }
        }
    }
    none(wrong);
}

#[test]
fn the_load_generator_has_its_own_idea_of_messages_and_rules() {
    let mut wrong = Vec::new();
    for rust in RUST.iter().filter(|rust| rust.file.top() == "loadtest") {
        for (line, segment) in paths::segments(&rust.source, "ofd_protocol") {
            if NOT_IN_LOADTEST.iter().chain(WHOLE).any(|word| *word == segment) {
                wrong.push(format!("{}:{line} uses ofd_protocol::{segment}", rust.file.path));
            }
        }
    }
    none(wrong);
}

/// What a crate has of sockets, clocks and randomness: by its packages, by words, and by these parts of the standard
/// library.
fn io_in(package: &str, parts: &[&str]) -> Vec<String> {
    let krate = krate(package);
    let asked = krate.dependencies_of_product().filter(|name| PACKAGES_OF_IO.contains(name));
    let mut wrong: Vec<String> =
        asked.map(|name| format!("{}/Cargo.toml depends on {name}", krate.folder)).collect();
    let sources = format!("{}/src/", krate.folder);
    for rust in RUST.iter().filter(|rust| rust.file.path.starts_with(&sources)) {
        let (path, source) = (&rust.file.path, &rust.source);
        for (line, _) in source.words().filter(|(_, word)| WORDS_OF_IO.contains(word)) {
            wrong.push(format!("{path}:{line} names a clock, a runtime or randomness"));
        }
        let used = paths::segments(source, "std").into_iter();
        let used = used.filter(|(_, segment)| parts.contains(&segment.as_str()));
        wrong.extend(used.map(|(line, segment)| format!("{path}:{line} uses std::{segment}")));
    }
    wrong
}

#[test]
fn the_protocol_has_no_sockets_no_clock_and_no_randomness() {
    none(io_in("ofd-protocol", &["net", "time", "fs", "process"]));
}

#[test]
fn the_ground_floor_has_no_clock_no_files_and_no_randomness() {
    // Addresses are of std::net: they are read and compared, never connected to.
    none(io_in("ofd-edge", &["time", "fs", "process", "io"]));
}

#[test]
fn the_rules_of_money_have_no_clock_no_files_and_no_randomness() {
    // Of `time` they take dates.
    let mut wrong = io_in("ofd-billing", &["net", "time", "fs", "process", "io"]);
    wrong.retain(|what| what != "storage/billing/Cargo.toml depends on time");
    none(wrong);
}

#[test]
fn papers_have_no_clock_no_files_and_no_randomness() {
    // They are signed: the same input gives the same bytes. Of `time` they take dates.
    let mut wrong = io_in("ofd-paper", &["net", "time", "fs", "process", "io"]);
    wrong.retain(|what| what != "admin-web/paper/Cargo.toml depends on time");
    none(wrong);
}

fn krate(package: &str) -> &'static Krate {
    let found = CRATES.iter().find(|krate| krate.package == package);
    found.unwrap_or_else(|| panic!("there is no package {package}"))
}

/// Where a source of the office takes something of HTTP that it must do without.
fn http_in(source: &Source, is_client: bool) -> Vec<String> {
    let taken = HTTP.iter().flat_map(|package| {
        let name = package.replace('-', "_");
        if is_client && OF_A_CLIENT.contains(package) {
            let mut segments = paths::segments(source, &name);
            segments.retain(|(_, segment)| OF_A_SERVER.iter().chain(WHOLE).any(|word| word == segment));
            segments.into_iter().map(|(line, segment)| format!("{line} takes {package}::{segment}")).collect()
        } else {
            let lines = paths::taken(source, &name).into_iter();
            lines.map(|line| format!("{line} takes {package}")).collect::<Vec<_>>()
        }
    });
    taken.collect()
}

#[test]
fn the_office_asks_over_http_and_never_answers() {
    let mut wrong = Vec::new();
    for office in CRATES.iter().filter(|krate| krate.package == "ofd-office") {
        let asked = office.dependencies_of_product();
        let asked = asked.filter(|name| HTTP.contains(name) && !OF_A_CLIENT.contains(name));
        wrong.extend(asked.map(|name| format!("{}/Cargo.toml depends on {name}", office.folder)));
        let of_office = |path: &str| crate_of(path).is_some_and(|krate| krate.package == office.package);
        for rust in RUST.iter().filter(|rust| of_office(&rust.file.path)) {
            let path = &rust.file.path;
            let found = http_in(&rust.source, HTTP_CLIENT.contains(&path.as_str()));
            wrong.extend(found.into_iter().map(|what| format!("{path}:{what}")));
        }
    }
    none(wrong);
}

#[test]
fn http_is_seen_however_it_is_taken() {
    let text = "use axum::Json;\nfn f() -> hyper::Response<()> { todo() }\nuse tower_http as kept;\n\
                mod http { pub fn page() {} }\nfn g() { self::http::page(); let axum = 1; } // axum::Json";
    let source = Source::new(text).expect("it is Rust");
    assert_eq!(http_in(&source, false), ["1 takes axum", "2 takes hyper", "3 takes tower-http"]);
    let text = "use hyper::body::Incoming;\nuse hyper::{Uri, service::service_fn};\nuse hyper_util::server::conn;\n\
                use hyper_util::client;\nuse axum::http::Uri;";
    let source = Source::new(text).expect("it is Rust");
    let answers = ["5 takes axum", "2 takes hyper::service", "3 takes hyper-util::server"];
    assert_eq!(http_in(&source, true), answers);
}

#[test]
fn the_site_knows_made_up_authorities_only_in_its_tests() {
    for package in ["ofd-admin-web", "ofd-office", "ofd-desk"] {
        let Some(site) = CRATES.iter().find(|krate| krate.package == package) else { continue };
        let asks = site.dependencies_of_product().any(|name| name == "ofd-stand");
        assert!(!asks, "{}/Cargo.toml depends on ofd-stand outside of its tests", site.folder);
    }
}

#[test]
fn only_the_tests_use_protobuf_libraries() {
    let mut wrong = Vec::new();
    for krate in CRATES.iter().filter(|krate| krate.package != TESTS) {
        let asked = krate.dependencies.iter().filter(|(name, _)| is_protobuf_library(name));
        wrong.extend(asked.map(|(name, _)| format!("{} depends on {name}", krate.package)));
    }
    none(wrong);
}

fn is_protobuf_library(name: &str) -> bool {
    name.starts_with("prost") || name.starts_with("protobuf") || name.starts_with("protox")
}

#[test]
fn there_is_one_provider_of_cryptography() {
    let output = cargo(&["tree", "--workspace", "--edges", "all", "--offline", "--invert", "ring"]);
    let (tree, told) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    // Not in the tree, or not even in the lock file. There it may be: lock files hold what nobody switched on.
    let absent =
        tree.trim().is_empty() && (output.status.success() || told.contains("did not match any packages"));
    assert!(absent, "ring is built, beside aws-lc-rs, because of:\n{tree}{told}");
    let output = cargo(&["tree", "--workspace", "--offline", "--invert", "aws-lc-rs"]);
    assert!(output.status.success(), "aws-lc-rs: {}", String::from_utf8_lossy(&output.stderr));
}
