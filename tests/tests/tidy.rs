//! What the project asks of its own sources: who may import whom, sizes, names, and what must not be in them.
//!
//! The tables below are ratchets: an entry that is not needed any more must go, so that it cannot be used up again.

use std::collections::BTreeMap;
use std::process::{Command, Output};

use ofd_tests::tidy::metrics::{self, LABELS};
use ofd_tests::tidy::source::Source;
use ofd_tests::tidy::{TextFile, files, paths, root};
use serde_json::Value;

/// Our crates: folder, package, name in code, and the packages it may import.
const CRATES: &[(&str, &str, &str, &[&str])] = &[
    ("protocol", "ofd-protocol", "ofd_protocol", &[]),
    ("storage", "ofd-storage", "ofd_storage", &["ofd-protocol"]),
    ("admin-web", "ofd-admin-web", "ofd_admin_web", &["ofd-protocol", "ofd-storage", "ofd-eds", "ofd-stand"]),
    ("admin-web/eds", "ofd-eds", "ofd_eds", &[]),
    ("admin-web/stand", "ofd-stand", "ofd_stand", &["ofd-eds"]),
    ("loadtest", "ofd-loadtest", "ofd_loadtest", &["ofd-protocol"]),
    (
        "gateway",
        "ofd",
        "ofd_gateway",
        &["ofd-protocol", "ofd-storage", "ofd-admin-web", "ofd-eds", "ofd-stand", "ofd-loadtest"],
    ),
    (
        "tests",
        "ofd-tests",
        "ofd_tests",
        &["ofd-protocol", "ofd-storage", "ofd-admin-web", "ofd-eds", "ofd-stand", "ofd-loadtest", "ofd"],
    ),
    ("fuzz", "ofd-fuzz", "ofd_fuzz", &["ofd-protocol", "ofd-eds"]),
];

/// What the load generator must not use of the protocol: it checks the server with its own idea of the messages and
/// rules, which would be no check if it were the server's.
const NOT_IN_LOADTEST: &[&str] = &["message", "register"];

/// Ways to a whole crate, behind which its modules are not seen any more.
const WHOLE: &[&str] = &["*", "as", "self", ""];

/// Packages that the protocol must do without: it has no sockets, no clock and no randomness.
const NOT_IN_PROTOCOL: &[&str] =
    &["tokio", "rand", "getrandom", "fastrand", "time", "chrono", "tracing", "metrics"];

/// Words that betray a socket, a clock or randomness in the protocol's code, without the standard library's path.
const WORDS_NOT_IN_PROTOCOL: &[&str] = &["tokio", "SystemTime", "Instant", "rand", "getrandom"];

/// Files that speak to the terminal: the output of the binaries.
const PRINTING: &[&str] = &["main.rs", "cli.rs", "output.rs"];

/// The longest file that needs no entry.
const FILE_LINES_MAX: usize = 600;

/// Longer files and the length they have.
const LONG_FILES: &[(&str, usize)] = &[];

/// The longest function that needs no entry.
const FUNCTION_LINES_MAX: usize = 80;

/// Longer functions and the length they have: file, function, lines.
const LONG_FUNCTIONS: &[(&str, &str, usize)] = &[
    // A table of texts, one arm for each refusal.
    ("protocol/src/refusal/texts.rs", "texts", 153),
];

fn rust_files() -> impl Iterator<Item = (TextFile, Source)> {
    files().into_iter().filter(TextFile::is_rust).map(|file| {
        let source = Source::new(&file.text);
        (file, source)
    })
}

/// Files that become part of a crate, without its tests.
fn product_files() -> impl Iterator<Item = (TextFile, Source)> {
    rust_files().filter(|(file, _)| {
        let folder = file.path.split('/').nth(1);
        let is_test = file.name() == "tests.rs" || file.path.contains("/tests/");
        folder == Some("src") && !["tests", "fuzz"].contains(&file.top()) && !is_test
    })
}

fn none(wrong: Vec<String>) {
    assert!(wrong.is_empty(), "{} found:\n{}", wrong.len(), wrong.join("\n"));
}

fn cargo(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO"));
    command.args(arguments).current_dir(root());
    command.output().unwrap_or_else(|error| panic!("cargo is needed and does not start: {error}"))
}

/// The dependencies of our packages as Cargo.toml has them: package to (dependency, kind).
fn dependencies() -> BTreeMap<String, Vec<(String, String)>> {
    let output = cargo(&["metadata", "--no-deps", "--offline", "--format-version", "1"]);
    assert!(output.status.success(), "cargo metadata: {}", String::from_utf8_lossy(&output.stderr));
    let metadata: Value = serde_json::from_slice(&output.stdout).expect("cargo metadata prints JSON");
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let packages = metadata["packages"].as_array().expect("a workspace has packages").iter();
    let listed = packages.map(|package| {
        let dependencies = package["dependencies"].as_array().into_iter().flatten();
        (text(&package["name"]), dependencies.map(|one| (text(&one["name"]), text(&one["kind"]))).collect())
    });
    listed.collect()
}

#[test]
fn crates_depend_only_on_the_crates_below_them() {
    let dependencies = dependencies();
    let mut wrong = Vec::new();
    for (folder, package, _, may) in CRATES.iter().filter(|(folder, ..)| *folder != "fuzz") {
        let Some(found) = dependencies.get(*package) else {
            panic!("{folder} is not the package {package}");
        };
        let ours = found.iter().filter(|(name, _)| CRATES.iter().any(|(_, package, ..)| package == name));
        wrong.extend(
            ours.filter(|(name, _)| !may.contains(&name.as_str()))
                .map(|(name, _)| format!("{folder}/Cargo.toml depends on {name}")),
        );
    }
    assert_eq!(dependencies.len(), CRATES.len() - 1, "a crate of the workspace is not in the table");
    none(wrong);
}

#[test]
fn sources_name_only_the_crates_below_them() {
    let mut wrong = Vec::new();
    for (file, source) in rust_files() {
        let holds = |folder: &str| file.path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'));
        // Of a crate within another's folder the inner one.
        let crates = CRATES.iter().filter(|(folder, ..)| holds(folder));
        let Some((_, _, own, may)) = crates.max_by_key(|(folder, ..)| folder.len()) else {
            wrong.push(format!("{} lies in no crate", file.path));
            continue;
        };
        for (_, package, name, _) in CRATES.iter().filter(|(_, package, ..)| !may.contains(package)) {
            let named = source.words().find(|(_, word)| word == name && name != own);
            if let Some((at, _)) = named {
                wrong.push(format!("{}:{} names {package}", file.path, source.line(at)));
            }
        }
    }
    none(wrong);
}

#[test]
fn the_load_generator_has_its_own_idea_of_messages_and_rules() {
    let mut wrong = Vec::new();
    for (file, source) in rust_files().filter(|(file, _)| file.top() == "loadtest") {
        for (line, segment) in paths::segments(&source, "ofd_protocol") {
            if NOT_IN_LOADTEST.iter().chain(WHOLE).any(|word| *word == segment) {
                wrong.push(format!("{}:{line} uses ofd_protocol::{segment}", file.path));
            }
        }
    }
    none(wrong);
}

#[test]
fn the_protocol_has_no_sockets_no_clock_and_no_randomness() {
    let mut wrong = Vec::new();
    for (name, kind) in &dependencies()["ofd-protocol"] {
        if NOT_IN_PROTOCOL.contains(&name.as_str()) && kind != "dev" {
            wrong.push(format!("protocol/Cargo.toml depends on {name}"));
        }
    }
    let files = rust_files().filter(|(file, _)| file.path.starts_with("protocol/src/"));
    for (file, source) in files {
        for (at, _) in source.words().filter(|(_, word)| WORDS_NOT_IN_PROTOCOL.contains(word)) {
            wrong.push(format!("{}:{} names a clock, a runtime or randomness", file.path, source.line(at)));
        }
        let sockets = paths::segments(&source, "std").into_iter();
        let sockets =
            sockets.filter(|(_, segment)| ["net", "time", "fs", "process"].contains(&segment.as_str()));
        wrong.extend(sockets.map(|(line, segment)| format!("{}:{line} uses std::{segment}", file.path)));
    }
    none(wrong);
}

#[test]
fn the_site_knows_made_up_authorities_only_in_its_tests() {
    let mut found = dependencies()["ofd-admin-web"].clone();
    found.retain(|(name, kind)| name == "ofd-stand" && kind != "dev");
    assert!(found.is_empty(), "admin-web/Cargo.toml depends on ofd-stand outside of its tests");
}

#[test]
fn only_the_tests_use_protobuf_libraries() {
    let mut wrong = Vec::new();
    for (package, found) in dependencies() {
        for (name, _) in found.iter().filter(|(name, _)| is_protobuf_library(name)) {
            if package != "ofd-tests" {
                wrong.push(format!("{package} depends on {name}"));
            }
        }
    }
    none(wrong);
}

fn is_protobuf_library(name: &str) -> bool {
    name.starts_with("prost") || name.starts_with("protobuf") || name.starts_with("protox")
}

#[test]
fn nothing_unfinished_and_no_printing_is_left_in_the_product() {
    let mut wrong = Vec::new();
    for (file, source) in product_files() {
        for (at, word) in source.words() {
            let is_macro = source.code[at + word.len()..].starts_with('!');
            let banned = match word {
                "todo" | "unimplemented" | "dbg" => true,
                "println" | "print" | "eprintln" | "eprint" => !PRINTING.contains(&file.name()),
                _ => false,
            };
            if is_macro && banned {
                wrong.push(format!("{}:{} has {word}!", file.path, source.line(at)));
            }
        }
    }
    none(wrong);
}

#[test]
fn files_are_short_enough_to_be_read() {
    let mut wrong = Vec::new();
    for file in files().into_iter().filter(TextFile::is_rust) {
        let lines = file.text.lines().count();
        let allowed = LONG_FILES.iter().find(|(path, _)| *path == file.path).map(|(_, lines)| *lines);
        match allowed {
            Some(_) if lines <= FILE_LINES_MAX => {
                wrong.push(format!("{} has {lines} lines: take it out of the table", file.path));
            }
            Some(allowed) if lines <= allowed => {}
            _ if lines <= FILE_LINES_MAX => {}
            _ => wrong.push(format!("{} has {lines} lines, over {FILE_LINES_MAX}", file.path)),
        }
    }
    for (path, _) in LONG_FILES.iter().filter(|(path, _)| !root().join(path).exists()) {
        wrong.push(format!("{path} is gone: take it out of the table"));
    }
    none(wrong);
}

#[test]
fn functions_are_short_enough_to_be_read() {
    let (mut wrong, mut needed) = (Vec::new(), Vec::new());
    for (file, source) in rust_files() {
        for (name, line, lines) in source.functions() {
            if lines <= FUNCTION_LINES_MAX {
                continue;
            }
            let entry = LONG_FUNCTIONS.iter().find(|(path, known, _)| *path == file.path && *known == name);
            needed.extend(entry);
            if entry.is_none_or(|(_, _, allowed)| lines > *allowed) {
                let at = format!("{}:{line} {name}", file.path);
                wrong.push(format!("{at} has {lines} lines, over {FUNCTION_LINES_MAX}"));
            }
        }
    }
    let unneeded = LONG_FUNCTIONS.iter().filter(|entry| !needed.contains(entry));
    wrong.extend(unneeded.map(|(path, name, _)| format!("{path} {name} is no longer long: take it out")));
    none(wrong);
}

#[test]
fn metrics_are_named_listed_and_labelled_by_the_rules() {
    let mut wrong = Vec::new();
    for (folder, ..) in CRATES.iter().filter(|(folder, ..)| !["tests", "fuzz"].contains(folder)) {
        let sources: Vec<_> = product_files().filter(|(file, _)| file.top() == *folder).collect();
        let (mut listed, mut used) = (BTreeMap::new(), Vec::new());
        for (file, source) in &sources {
            for metric in metrics::tables(source) {
                let at = format!("{}:{}", file.path, metric.line);
                wrong.extend(metrics::wrong_name(&metric.name, folder).map(|what| format!("{at} {what}")));
                let labels = metric.labels.iter().filter(|label| !LABELS.contains(&label.as_str()));
                wrong.extend(
                    labels.map(|label| format!("{at} {} has the unknown label {label}", metric.name)),
                );
                if listed.insert(metric.name.clone(), at.clone()).is_some() {
                    wrong.push(format!("{at} {} is listed twice", metric.name));
                }
            }
            for (kind, name, line) in metrics::uses(source) {
                let at = format!("{}:{line}", file.path);
                wrong.extend(metrics::wrong_unit(kind, &name).map(|what| format!("{at} {what}")));
                used.push((name, at));
            }
            let is_table_file = file.path == format!("{folder}/src/metrics.rs");
            if is_table_file && metrics::tables(source).is_empty() {
                wrong.push(format!("{} has no table METRICS with a metric in it", file.path));
            }
        }
        let unlisted = used.iter().filter(|(name, _)| !listed.contains_key(name));
        wrong.extend(unlisted.map(|(name, at)| format!("{at} {name} is in no table METRICS of {folder}")));
        // Names may come to the macros through constants, so any text counts beside the table's own.
        for (metric, at) in &listed {
            let texts = sources.iter().flat_map(|(_, source)| &source.literals);
            if texts.filter(|literal| literal.text == *metric).count() < 2 {
                wrong.push(format!("{at} {metric} is listed and never used in {folder}"));
            }
        }
    }
    none(wrong);
}

#[test]
fn every_rust_file_begins_with_what_it_is_for() {
    let wrong = files().into_iter().filter(|file| {
        let is_tests_module =
            file.path.contains("/src/") && (file.name() == "tests.rs" || file.path.contains("/src/tests/"));
        file.is_rust() && !is_tests_module && !file.text.starts_with("//! ")
    });
    none(wrong.map(|file| format!("{} does not begin with //!", file.path)).collect());
}

/// Joined here, so that this file does not hold what it looks for.
fn machine_paths() -> [String; 3] {
    ["work/", "root/", "home/"].map(|folder| format!("/{folder}"))
}

fn registry_hosts() -> [String; 5] {
    [["crates", "io"], ["pypi", "org"], ["npmjs", "org"], ["golang", "org"], ["debian", "org"]]
        .map(|host| host.join("."))
}

#[test]
fn no_file_names_paths_of_a_machine_or_hosts_of_registries() {
    let mut wrong = Vec::new();
    // Lock files name the registry of every package.
    for file in files().into_iter().filter(|file| file.name() != "Cargo.lock") {
        for (index, line) in file.text.lines().enumerate() {
            let at = format!("{}:{}", file.path, index + 1);
            for path in machine_paths() {
                let begins = |found: usize| {
                    line[..found].chars().next_back().is_none_or(|before| {
                        !before.is_alphanumeric() && !['.', '_', '-', '/', '}', '~'].contains(&before)
                    })
                };
                if line.match_indices(&path).any(|(found, _)| begins(found)) {
                    wrong.push(format!("{at} names {path}"));
                }
            }
            let hosts = registry_hosts().into_iter().filter(|host| line.contains(host.as_str()));
            wrong.extend(hosts.map(|host| format!("{at} names {host}")));
        }
    }
    none(wrong);
}

#[test]
fn what_is_left_to_do_has_the_number_of_an_issue() {
    let marks = ["TO", "FIX"].map(|begin| format!("{begin}{}", if begin == "TO" { "DO" } else { "ME" }));
    let mut wrong = Vec::new();
    for file in files() {
        for (index, line) in file.text.lines().enumerate() {
            for (found, mark) in marks.iter().flat_map(|mark| line.match_indices(mark.as_str())) {
                let behind = line[found + mark.len()..].trim_start_matches(['(', ' ', ':']);
                let number = behind.strip_prefix('#').and_then(|number| number.chars().next());
                let alone = !line[..found].ends_with(|char: char| char.is_alphanumeric() || char == '_');
                let joined = line[found + mark.len()..].starts_with(|char: char| char.is_alphanumeric());
                if alone && !joined && !number.is_some_and(|first| first.is_ascii_digit()) {
                    wrong.push(format!("{}:{} {}", file.path, index + 1, line.trim()));
                }
            }
        }
    }
    none(wrong);
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

#[test]
fn the_readme_names_commands_that_exist() {
    let files = files();
    let Some(readme) = files.iter().find(|file| file.path == "README.md" && !file.text.trim().is_empty())
    else {
        return;
    };
    let mut wrong = Vec::new();
    for block in readme.text.split("```").skip(1).step_by(2) {
        for line in block.lines().skip(1) {
            wrong.extend(wrong_command(line, &files).map(|what| format!("`{}`: {what}", line.trim())));
        }
    }
    none(wrong);
}

/// What is wrong with a line of a shell block, if it is one of our commands.
fn wrong_command(line: &str, files: &[TextFile]) -> Option<String> {
    let words: Vec<&str> = line.trim().trim_start_matches("$ ").split_whitespace().collect();
    let words: Vec<&str> = words.split(|word| *word == "#").next().unwrap_or_default().to_vec();
    let first = words.first()?;
    let behind = |flag: &str| words.iter().position(|word| *word == flag).and_then(|at| words.get(at + 1));
    let is_ours = |path: &str| files.iter().any(|file| file.path == path);
    let script = words.iter().find(|word| word.ends_with(".sh") || word.ends_with(".ci/run"));
    if let Some(script) = script.filter(|script| !is_ours(script.trim_start_matches("./"))) {
        return Some(format!("there is no {script}"));
    }
    let binary = match first.rsplit('/').next().unwrap_or_default() {
        "cargo" => {
            let package = behind("-p").copied();
            if let Some(package) = package.filter(|name| !CRATES.iter().any(|(_, known, ..)| known == name)) {
                return Some(format!("there is no package {package}"));
            }
            if let Some(test) = behind("--test").filter(|test| !is_ours(&format!("tests/tests/{test}.rs"))) {
                return Some(format!("there is no test {test}"));
            }
            if words.get(1) != Some(&"run") { None } else { Some(package.unwrap_or("ofd")) }
        }
        "ofd" => Some("ofd"),
        "ofd-load" => Some("ofd-loadtest"),
        _ => None,
    };
    let folder =
        CRATES.iter().find(|(_, package, ..)| Some(*package) == binary).map(|(folder, ..)| folder)?;
    let subcommand = if *first == "cargo" { behind("--").copied() } else { words.get(1).copied() };
    let subcommand = subcommand.filter(|word| !word.starts_with('-') && !word.starts_with('<'))?;
    let variant: String = subcommand.split('-').map(capitalised).collect();
    let known = files.iter().filter(|file| file.is_rust() && file.top() == *folder).any(|file| {
        let source = Source::new(&file.text);
        source.words().any(|(_, word)| word == variant)
            || source.literals.iter().any(|literal| literal.text == subcommand)
    });
    (!known).then(|| format!("{folder} has no command {subcommand}"))
}

fn capitalised(word: &str) -> String {
    let mut chars = word.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}

#[test]
fn commands_that_do_not_exist_are_told_from_those_that_do() {
    let file = |path: &str, text: &str| TextFile { path: path.to_owned(), text: text.to_owned() };
    let files = [
        file("gateway/src/cli.rs", "enum Command { Serve, CheckConfig }"),
        file("tests/tests/golden.rs", "//! x"),
        file("fuzz/smoke.sh", ""),
    ];
    for right in [
        "$ cargo run --release -- serve --port 1",
        "ofd check-config # says what is wrong",
        "./target/release/ofd serve",
        "cargo test -p ofd-tests --test golden",
        "FUZZ_SECONDS=5 fuzz/smoke.sh",
        "nc localhost 1",
        "",
    ] {
        assert_eq!(wrong_command(right, &files), None, "{right}");
    }
    for wrong in [
        "cargo run --release -- server",
        "ofd verify",
        "cargo test -p ofd-test",
        "cargo test -p ofd-tests --test silver",
        "./fuzz/run.sh",
    ] {
        assert!(wrong_command(wrong, &files).is_some(), "{wrong}");
    }
}
