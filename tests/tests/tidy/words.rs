//! Words of identifiers: those that the glossary forbids, and those that a crate must not know.

use std::collections::BTreeSet;

use crate::project::{FILES, RUST, crate_of, none};
use crate::source::Source;

/// Where the words are explained, and those that are forbidden listed.
const GLOSSARY: &str = "docs/glossary.md";

/// The heading of the table that is read.
const TABLE: &str = "## Words that identifiers do not have";

/// What the kit of pages must not know, as a word of its types: organisations are the pages' own business.
const NOT_IN_DESK: &str = "Company";

/// Forbidden words that still stand: the word and the folder of a crate.
const STANDING: &[(&str, &str)] = &[];

/// A word that the glossary forbids.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Forbidden {
    /// In lower case.
    word: String,
    /// The folders in which it is forbidden; none: everywhere.
    folders: Vec<String>,
    /// What to say instead.
    say: String,
}

/// The rows of the glossary's table of forbidden words.
fn forbidden(glossary: &str) -> Vec<Forbidden> {
    let table = glossary.split(TABLE).nth(1).unwrap_or_default();
    let rows =
        table.lines().skip_while(|line| !line.starts_with('|')).take_while(|line| line.starts_with('|'));
    let row = |line: &str| {
        let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
        let [word, place, say, _] = cells.as_slice() else { panic!("{GLOSSARY}: {line} has not four cells") };
        let code = |cell: &str| cell.split('`').skip(1).step_by(2).map(str::to_owned).collect::<Vec<_>>();
        let word = code(word).pop().unwrap_or_else(|| panic!("{GLOSSARY}: {line} names no word"));
        Forbidden { word, folders: code(place), say: (*say).to_owned() }
    };
    // Its first two lines are the heading and the line below that.
    rows.skip(2).map(row).collect()
}

/// The words that an identifier is made of, as they are written: `new_kassa`, `NewKassa` and `NEW_KASSA` have two.
fn words(identifier: &str) -> Vec<&str> {
    let mut found = Vec::new();
    for part in identifier.split('_') {
        let chars: Vec<(usize, char)> = part.char_indices().collect();
        let mut from = 0;
        for pair in chars.windows(3) {
            let [(_, before), (at, char), (_, after)] = *pair else { continue };
            // At a capital behind a small letter, and at the last capital of several: `KKMState`.
            let is_first = char.is_uppercase() && (!before.is_uppercase() || after.is_lowercase());
            if is_first {
                found.push(&part[from..at]);
                from = at;
            }
        }
        found.push(&part[from..]);
    }
    found.retain(|word| !word.is_empty());
    found
}

/// Where a source has an identifier with this word in it, whatever its case.
fn lines_with(source: &Source, word: &str) -> BTreeSet<(usize, String)> {
    let has = |identifier: &str| words(identifier).iter().any(|one| one.eq_ignore_ascii_case(word));
    source.words().filter(|(_, one)| has(one)).map(|(line, one)| (line, one.to_owned())).collect()
}

#[test]
fn no_identifier_has_a_word_that_the_glossary_forbids() {
    let glossary = FILES.iter().find(|file| file.path == GLOSSARY).expect("the glossary is there");
    let forbidden = forbidden(&glossary.text);
    assert!(forbidden.len() > 5, "the table of {GLOSSARY} is not where it is looked for");
    let (mut wrong, mut stood) = (Vec::new(), BTreeSet::<&(&str, &str)>::new());
    for rust in RUST.iter() {
        let path = &rust.file.path;
        let Some(folder) = crate_of(path).map(|krate| krate.folder.as_str()) else { continue };
        for Forbidden { word, folders, say } in &forbidden {
            if !folders.is_empty() && !folders.iter().any(|one| one == folder) {
                continue;
            }
            let standing = STANDING.iter().find(|(one, place)| one == word && *place == folder);
            for (line, identifier) in lines_with(&rust.source, word) {
                stood.extend(standing);
                if standing.is_none() {
                    wrong.push(format!("{path}:{line} {identifier}: say {say} instead of {word}"));
                }
            }
        }
    }
    let gone = STANDING.iter().filter(|standing| !stood.contains(standing));
    wrong.extend(gone.map(|(word, folder)| format!("{folder} has no {word} any more: take it out")));
    none(wrong);
}

#[test]
fn the_table_of_forbidden_words_is_read() {
    let text = format!(
        "| `a` | b |\n{TABLE}\n\nText.\n\n| word | where | say | why |\n| --- | --- | --- | --- |\n\
         | `kassa` | everywhere | `register` | Why. |\n\
         | `operator` | `protocol`, `loadtest` | `cashier` | Why. |\n\n| `c` | d |\n"
    );
    let found = forbidden(&text);
    assert_eq!(found.len(), 2);
    assert_eq!((found[0].word.as_str(), found[0].folders.len()), ("kassa", 0));
    assert_eq!(found[1].folders, ["protocol", "loadtest"]);
}

#[test]
fn a_word_is_found_however_the_identifier_is_written() {
    let text = "struct NewKassa; fn new_kassa() { let KKMState = kassa1; } const MY_KASSA: u8 = 1; struct Kassandra;";
    let source = Source::new(text).expect("it is Rust");
    let found: Vec<String> = lines_with(&source, "kassa").into_iter().map(|(_, word)| word).collect();
    assert_eq!(found, ["MY_KASSA", "NewKassa", "new_kassa"]);
    assert_eq!(words("KKMState"), ["KKM", "State"]);
    assert_eq!(words("is_a"), ["is", "a"]);
}

/// Where a source of the kit of pages knows organisations: types and variants with that word in their names.
fn companies_in(source: &Source) -> Vec<String> {
    let is_type = |identifier: &str| {
        identifier.starts_with(char::is_uppercase) && identifier.contains(char::is_lowercase)
    };
    let named = source.words().filter(|(_, one)| is_type(one) && words(one).contains(&NOT_IN_DESK));
    named.map(|(line, one)| format!("{line} names {one}")).collect()
}

#[test]
fn the_kit_of_pages_knows_no_company() {
    let mut wrong = Vec::new();
    for rust in RUST.iter() {
        if crate_of(&rust.file.path).is_some_and(|krate| krate.package == "ofd-desk") {
            wrong.extend(
                companies_in(&rust.source).into_iter().map(|what| format!("{}:{what}", rust.file.path)),
            );
        }
    }
    none(wrong);
}

#[test]
fn a_company_is_seen_in_any_name_of_a_type_and_in_no_text() {
    let text = "use ofd_office::Company;\nfn f(_: CompanyId) {}\n// Company\nconst T: &str = \"Company\";\n\
                fn company() {}\nenum Access { Company(u8) }\nstruct Companyless;";
    let source = Source::new(text).expect("it is Rust");
    assert_eq!(companies_in(&source), ["1 names Company", "2 names CompanyId", "6 names Company"]);
}
