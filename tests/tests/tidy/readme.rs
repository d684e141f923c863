//! Commands that the README names.

use ofd_tests::tree::TextFile;

use crate::project::{CRATES, FILES, none};
use crate::source::Source;

#[test]
fn the_readme_names_commands_that_exist() {
    let Some(readme) = FILES.iter().find(|file| file.path == "README.md" && !file.text.trim().is_empty())
    else {
        return;
    };
    let mut wrong = Vec::new();
    for block in readme.text.split("```").skip(1).step_by(2) {
        for line in block.lines().skip(1) {
            wrong.extend(wrong_command(line, &FILES).map(|what| format!("`{}`: {what}", line.trim())));
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
            if let Some(package) = package.filter(|name| !CRATES.iter().any(|krate| krate.package == *name)) {
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
    let folder = &CRATES.iter().find(|krate| Some(krate.package.as_str()) == binary)?.folder;
    let subcommand = if *first == "cargo" { behind("--").copied() } else { words.get(1).copied() };
    let subcommand = subcommand.filter(|word| !word.starts_with('-') && !word.starts_with('<'))?;
    let variant: String = subcommand.split('-').map(capitalised).collect();
    let known = files.iter().filter(|file| file.is_rust() && file.top() == folder).any(|file| {
        let Ok(source) = Source::new(&file.text) else { return false };
        source.words().any(|(_, word)| word == variant) || source.texts().any(|(_, text)| text == subcommand)
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
