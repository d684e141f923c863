//! How long files and functions may be.
//!
//! The tables are ratchets: an entry that is not needed any more must go, so that it cannot be used up again.

use ofd_tests::tree::{TextFile, root};

use crate::project::{FILES, RUST, none};

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

#[test]
fn files_are_short_enough_to_be_read() {
    let mut wrong = Vec::new();
    for file in FILES.iter().filter(|file| TextFile::is_rust(file)) {
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
    for rust in RUST.iter() {
        let path = &rust.file.path;
        for long in rust.source.functions().iter().filter(|one| one.lines > FUNCTION_LINES_MAX) {
            let entry = LONG_FUNCTIONS.iter().find(|(file, known, _)| file == path && *known == long.name);
            needed.extend(entry);
            if entry.is_none_or(|(_, _, allowed)| long.lines > *allowed) {
                let at = format!("{path}:{} {}", long.line, long.name);
                wrong.push(format!("{at} has {} lines, over {FUNCTION_LINES_MAX}", long.lines));
            }
        }
    }
    let unneeded = LONG_FUNCTIONS.iter().filter(|entry| !needed.contains(entry));
    wrong.extend(unneeded.map(|(path, name, _)| format!("{path} {name} is no longer long: take it out")));
    none(wrong);
}
