//! What must not be in files, and what they must begin with.

use crate::project::{FILES, RUST, crate_of, none, product_files};
use crate::source::Source;

/// Files that speak to the terminal: the output of the binaries.
const PRINTING: &[&str] = &["main.rs", "cli.rs", "output.rs"];

#[test]
fn nothing_unfinished_and_no_printing_is_left_in_the_product() {
    let mut wrong = Vec::new();
    for (_, rust) in product_files() {
        for (line, word, _) in rust.source.macros() {
            let banned = match word {
                "todo" | "unimplemented" | "dbg" => true,
                "println" | "print" | "eprintln" | "eprint" => !PRINTING.contains(&rust.file.name()),
                _ => false,
            };
            if banned {
                wrong.push(format!("{}:{line} has {word}!", rust.file.path));
            }
        }
    }
    none(wrong);
}

#[test]
fn every_rust_file_begins_with_what_it_is_for() {
    let wrong = FILES.iter().filter(|file| {
        let is_tests_module =
            file.path.contains("/src/") && (file.name() == "tests.rs" || file.path.contains("/src/tests/"));
        file.is_rust() && !is_tests_module && !file.text.starts_with("//! ")
    });
    none(wrong.map(|file| format!("{} does not begin with //!", file.path)).collect());
}

/// A doc comment of so many words says nothing that the name beside it does not.
const DOC_WORDS_MIN: usize = 3;

/// The doc comments of a source that are too short, each with its line.
fn short_docs(source: &Source) -> impl Iterator<Item = String> {
    let words =
        |text: &str| text.split_whitespace().filter(|word| word.contains(char::is_alphanumeric)).count();
    let short = source.docs.iter().filter(move |doc| words(&doc.text) < DOC_WORDS_MIN);
    short.map(|doc| format!("{} says only \"{}\"", doc.line, doc.text.trim()))
}

#[test]
fn a_doc_comment_says_something_or_is_not_there() {
    let mut wrong = Vec::new();
    for rust in RUST.iter().filter(|rust| crate_of(&rust.file.path).is_some()) {
        wrong.extend(short_docs(&rust.source).map(|what| format!("{}:{what}", rust.file.path)));
    }
    none(wrong);
}

#[test]
fn the_words_of_a_doc_comment_are_counted_over_all_its_lines() {
    let text = "//! A file.\n\n/// Which.\nfn f() {}\n/// Which\n/// of the two.\nfn g() {}\n/// 1.2 — 3\nfn h() {}\n                /// `a` is b.\nfn i() {}\n// Which.\n";
    let source = Source::new(text).expect("it is Rust");
    let told = ["1 says only \"A file.\"", "3 says only \"Which.\"", "8 says only \"1.2 — 3\""];
    assert_eq!(short_docs(&source).collect::<Vec<_>>(), told);
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
    for file in FILES.iter().filter(|file| file.name() != "Cargo.lock") {
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
    for file in FILES.iter() {
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
