//! Circles between the modules of a crate.
//!
//! Whoever reads a module should be able to read what it stands on first. That fails when two modules stand on each
//! other, directly or around several corners: then neither can be understood, tested or moved alone.
//!
//! The rule is asked at every folder, of the modules that are its children, and of the folder's own file (`mod.rs`, or
//! `lib.rs` at the top), which counts as one more, called `own`:
//!
//! - A module stands on another when anything within it, at any depth, names anything within the other. It does not
//!   matter which way the name comes: `super::Row` that the parent only passes on is a use of the child that has it.
//! - A folder's own file may declare its children and pass on what they have (`pub use`) without standing on them: that
//!   is a table of contents. When its own code uses them, it stands on them, and what they need of each other or of the
//!   folder's shared types must then lie in a child as well.
//! - So a child may use what its folder's own file defines, as long as that file's code does not use the child.
//!
//! What is not looked at: tests; methods and implementations, which are called without a path; what macros make.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::{self, Display, Formatter};

use crate::modules::{Import, Path, Said};
use crate::project::{CRATES, RUST, crate_of, none};
use crate::source::Source;

/// How often a name may be passed on from module to module before it is given up.
const PASSED_ON_MAX: usize = 16;

/// A folder's own file among its children.
const OWN: &str = "own";

/// Modules of one folder that stand on each other.
#[derive(Clone, Debug)]
pub(crate) struct Circle {
    /// The folder: `admin-web/src`, `admin-web/src/people`.
    pub(crate) folder: String,
    /// Its modules that make the circle, in alphabetical order.
    pub(crate) modules: BTreeSet<String>,
    /// Who stands on whom: for each pair the places that say so.
    pub(crate) uses: BTreeMap<(String, String), BTreeSet<String>>,
}

impl Display for Circle {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let modules: Vec<&str> = self.modules.iter().map(String::as_str).collect();
        writeln!(f, "{}: {}", self.folder, modules.join(", "))?;
        for ((from, to), places) in &self.uses {
            writeln!(f, "  {from} -> {to}")?;
            for place in places {
                writeln!(f, "    {place}")?;
            }
        }
        Ok(())
    }
}

/// A module of a crate.
struct Module<'files> {
    /// The file it is written in.
    file: &'files str,
    said: &'files Said,
    /// Which of the modules written in that file.
    within: Path,
}

/// The circles of a crate. `src` is its folder of sources, `files` are the files in it, by their paths from the
/// project's root.
pub(crate) fn circles<'files>(
    src: &str,
    files: impl IntoIterator<Item = (&'files str, &'files Said)>,
) -> Vec<Circle> {
    let modules = modules(src, files);
    let mut uses: BTreeMap<Path, BTreeMap<(String, String), BTreeSet<String>>> = BTreeMap::new();
    for (path, module) in &modules {
        let mut stands_on = |target: Path, line: usize, name: &[String]| {
            if let Some((folder, from, to)) = pair(path, &target) {
                let place = format!("{}:{line} {}", module.file, name.join("::"));
                uses.entry(folder).or_default().entry((from, to)).or_default().insert(place);
            }
        };
        for import in module.said.imports.iter().filter(|import| import.within == module.within) {
            let Some(target) = target(&modules, path, &import.path, import.name == "*") else { continue };
            // A table of contents.
            if !(import.public && target.starts_with(path)) {
                stands_on(target, import.line, &import.path);
            }
        }
        for ((within, named), line) in &module.said.named {
            if *within == module.within
                && !is_variable(&modules, path, named)
                && let Some(found) = target(&modules, path, named, false)
                && !told_by_import(&modules, path, named, &found)
            {
                stands_on(found, *line, named);
            }
        }
    }
    uses.into_iter().flat_map(|(folder, uses)| among(&in_folder(src, &folder), &uses)).collect()
}

/// Whether a path is one word, and a variable of the file or a child is called so: no code takes a module as a whole,
/// save `use`.
fn is_variable(modules: &BTreeMap<Path, Module<'_>>, from: &[String], named: &[String]) -> bool {
    let [name] = named else { return false };
    let is_bound = modules.get(from).is_some_and(|module| module.said.variables.contains(name));
    is_bound || modules.contains_key(&[from, named].concat())
}

/// Whether a `use` of the module's own has told already that it stands on what a path leads to.
fn told_by_import(
    modules: &BTreeMap<Path, Module<'_>>,
    from: &[String],
    named: &[String],
    to: &Path,
) -> bool {
    let import =
        named.first().and_then(|first| import(modules.get(from)?, first)).filter(|import| !import.public);
    import.is_some_and(|import| target(modules, from, &import.path, false).as_ref() == Some(to))
}

fn in_folder(src: &str, folder: &[String]) -> String {
    [&[src.to_owned()], folder].concat().join("/")
}

/// The modules of a crate that are not for tests alone.
fn modules<'files>(
    src: &str,
    files: impl IntoIterator<Item = (&'files str, &'files Said)>,
) -> BTreeMap<Path, Module<'files>> {
    let mut modules = BTreeMap::new();
    let mut for_tests = BTreeSet::new();
    for (file, said) in files {
        let Some(path) = module_path(src, file) else { continue };
        for (within, name, _) in said.declared.iter().filter(|(.., only_tests)| *only_tests) {
            for_tests.insert([path.as_slice(), within, std::slice::from_ref(name)].concat());
        }
        for within in std::iter::once(&Path::new()).chain(&said.inline) {
            let module = Module { file, said, within: within.clone() };
            modules.insert([path.as_slice(), within].concat(), module);
        }
    }
    modules.retain(|path, _| !for_tests.iter().any(|tests| path.starts_with(tests)));
    modules
}

/// The module that a file is; `None` of programs beside the library.
fn module_path(src: &str, file: &str) -> Option<Path> {
    let inner = file.strip_prefix(src)?.strip_prefix('/')?.strip_suffix(".rs")?;
    if inner == "main" || inner.starts_with("bin/") {
        return None;
    }
    let mut path: Path = inner.split('/').map(str::to_owned).collect();
    if path == ["lib"] || path.last().is_some_and(|last| last == "mod") {
        path.pop();
    }
    Some(path)
}

/// The module that a path leads to, as written in the module `from`; `None` when it leads out of the crate.
fn target(
    modules: &BTreeMap<Path, Module<'_>>,
    from: &[String],
    named: &[String],
    glob: bool,
) -> Option<Path> {
    let absolute = absolute(modules, from, named, 0)?;
    if glob && modules.contains_key(&absolute) {
        return Some(absolute);
    }
    leads_to(modules, &absolute, 0)
}

/// A path from the crate's root; `None` when it begins outside of the crate or with a name that is no module's.
fn absolute(
    modules: &BTreeMap<Path, Module<'_>>,
    from: &[String],
    named: &[String],
    depth: usize,
) -> Option<Path> {
    let (first, rest) = named.split_first()?;
    match first.as_str() {
        "crate" => Some(rest.to_vec()),
        "self" if !rest.is_empty() => Some([from, rest].concat()),
        "super" => {
            let (mut module, mut rest) = (from, named);
            while let Some((first, behind)) = rest.split_first()
                && first == "super"
            {
                (_, module) = module.split_last()?;
                rest = behind;
            }
            Some([module, rest].concat())
        }
        _ => {
            let module = modules.get(from)?;
            if is_item(module, first) {
                return None;
            }
            let child = [from, std::slice::from_ref(first)].concat();
            if modules.contains_key(&child) {
                return Some([child.as_slice(), rest].concat());
            }
            let import = import(module, first).filter(|_| depth < PASSED_ON_MAX)?;
            // `use time::time` would lead to itself.
            (import.path != *named).then_some(())?;
            let found = absolute(modules, from, &import.path, depth + 1)?;
            Some([found.as_slice(), rest].concat())
        }
    }
}

fn is_item(module: &Module<'_>, name: &str) -> bool {
    module.said.items.iter().any(|(within, item)| *within == module.within && item == name)
}

fn import<'files>(module: &Module<'files>, name: &str) -> Option<&'files Import> {
    module.said.imports.iter().find(|import| import.within == module.within && import.name == name)
}

/// The module that has what a path from the root names, behind all who pass it on.
fn leads_to(modules: &BTreeMap<Path, Module<'_>>, path: &[String], depth: usize) -> Option<Path> {
    let mut at = 0;
    while at < path.len() && modules.contains_key(&path[..=at]) {
        at += 1;
    }
    let (found, rest) = path.split_at(at);
    let module = modules.get(found)?;
    let Some(name) = rest.first().filter(|name| !is_item(module, name)) else { return Some(found.to_vec()) };
    if depth >= PASSED_ON_MAX {
        return Some(found.to_vec());
    }
    if let Some(import) = import(module, name) {
        // What another crate has leads out of this one.
        let passed = absolute(modules, found, &import.path, depth)?;
        return leads_to(modules, &[passed.as_slice(), &rest[1..]].concat(), depth + 1);
    }
    let globs = module.said.imports.iter().filter(|one| one.within == module.within && one.name == "*");
    for glob in globs {
        let Some(passed) = absolute(modules, found, &glob.path, depth) else { continue };
        let Some(there) = modules.get(&passed) else { continue };
        let inner = [passed.as_slice(), std::slice::from_ref(name)].concat();
        if is_item(there, name) || import(there, name).is_some() || modules.contains_key(&inner) {
            return leads_to(modules, &[passed.as_slice(), rest].concat(), depth + 1);
        }
    }
    Some(found.to_vec())
}

/// In which folder the two are judged, and which of its modules they lie in.
fn pair(from: &[String], to: &[String]) -> Option<(Path, String, String)> {
    let common = from.iter().zip(to).take_while(|(one, other)| one == other).count();
    let name = |path: &[String]| path.get(common).cloned().unwrap_or_else(|| OWN.to_owned());
    (from != to).then(|| (from[..common].to_vec(), name(from), name(to)))
}

/// The circles among modules of one folder.
fn among(folder: &str, uses: &BTreeMap<(String, String), BTreeSet<String>>) -> Vec<Circle> {
    // Whom each reaches, over any number of corners.
    let mut reach: BTreeSet<(&str, &str)> =
        uses.keys().map(|(from, to)| (from.as_str(), to.as_str())).collect();
    loop {
        let further: Vec<_> = reach
            .iter()
            .flat_map(|(from, via)| {
                reach
                    .range((*via, "")..)
                    .take_while(move |(one, _)| one == via)
                    .map(move |(_, to)| (*from, *to))
            })
            .filter(|pair| !reach.contains(pair))
            .collect();
        if further.is_empty() {
            break;
        }
        reach.extend(further);
    }
    let mut found: Vec<Circle> = Vec::new();
    for (from, _) in reach.iter().filter(|(from, to)| from == to) {
        if found.iter().any(|circle| circle.modules.contains(*from)) {
            continue;
        }
        let back = reach.iter().filter(|(one, to)| one == from && reach.contains(&(*to, *from)));
        let modules: BTreeSet<String> = back.map(|(_, to)| (*to).to_owned()).collect();
        let inside = |(from, to): &(String, String)| modules.contains(from) && modules.contains(to);
        let uses = uses.iter().filter(|(pair, _)| inside(pair)).map(|(pair, at)| (pair.clone(), at.clone()));
        found.push(Circle { folder: folder.to_owned(), uses: uses.collect(), modules });
    }
    found
}

#[test]
fn modules_stand_on_each_other_in_no_circle() {
    let mut found = Vec::new();
    for krate in CRATES.iter() {
        let src = format!("{}/src", krate.folder);
        let of_crate = |path: &str| crate_of(path).is_some_and(|one| one.package == krate.package);
        let files = RUST.iter().filter(|rust| of_crate(&rust.file.path));
        found.extend(circles(&src, files.map(|rust| (rust.file.path.as_str(), &rust.source.said))));
    }
    none(found.iter().map(Circle::to_string).collect());
}

/// The circles of a made-up crate: its files without `src/` and `.rs`, each with its text.
fn made_up(files: &[(&str, &str)]) -> Vec<String> {
    let read =
        |(name, text): &(&str, &str)| (format!("src/{name}.rs"), Source::new(text).expect("it is Rust").said);
    let files: Vec<(String, Said)> = files.iter().map(read).collect();
    let circles = circles("src", files.iter().map(|(path, said)| (path.as_str(), said)));
    let told = |circle: &Circle| {
        let modules: Vec<&str> = circle.modules.iter().map(String::as_str).collect();
        format!("{}: {}", circle.folder, modules.join(" "))
    };
    circles.iter().map(told).collect()
}

#[test]
fn modules_that_use_each_other_deep_within_are_a_circle() {
    let files = [
        ("lib", "mod a; mod b; mod c;"),
        ("a/mod", "mod x;"),
        ("a/x", "use crate::b::y::Y;"),
        ("b", "mod y { pub struct Y; } fn f() { crate::c::g() }"),
        ("c", "pub fn g() { let _: crate::a::x::X = todo(); }"),
    ];
    assert_eq!(made_up(&files), ["src: a b c"]);
    assert_eq!(made_up(&files[..4]), [""; 0]);
}

#[test]
fn a_table_of_contents_stands_on_nothing() {
    let files = [
        ("lib", "pub mod a;"),
        ("a", "mod x; mod y; pub use x::X; pub(crate) use y::*; pub struct Shared;"),
        ("a/x", "use super::Shared; pub struct X;"),
        ("a/y", "use super::{Shared, X}; pub struct Y;"),
    ];
    assert_eq!(made_up(&files), [""; 0]);
}

#[test]
fn what_a_parent_passes_on_is_the_childs_that_has_it() {
    let files = [
        ("lib", "pub mod a;"),
        ("a", "mod x; mod y; pub use x::X; pub use y::*;"),
        ("a/x", "use super::Y; pub struct X;"),
        ("a/y", "pub struct Y(crate::a::X);"),
    ];
    assert_eq!(made_up(&files), ["src/a: x y"]);
}

#[test]
fn a_folders_own_file_that_uses_a_child_must_not_be_used_by_it() {
    let file = |own: &'static str, child: &'static str| {
        made_up(&[("lib", "pub mod a;"), ("a", own), ("a/x", child), ("a/y", "pub struct Shared;")])
    };
    let shared_is_own = "mod x; pub struct Shared; fn f() { x::g() }";
    assert_eq!(file(shared_is_own, "use super::Shared; pub fn g() {}"), ["src/a: own x"]);
    let shared_is_a_childs = "mod x; mod y; pub use y::Shared; fn f(_: Shared) { x::g() }";
    assert_eq!(file(shared_is_a_childs, "use super::Shared; pub fn g() {}"), [""; 0]);
    let passed_on_and_used = "mod x; pub use x::g; pub struct Shared; fn f() { g() }";
    assert_eq!(file(passed_on_and_used, "use super::Shared; pub fn g() {}"), ["src/a: own x"]);
}

#[test]
fn macros_and_attributes_count_and_tests_do_not() {
    let lib = ("lib", "mod a; mod b; #[cfg(test)] mod t;");
    let of =
        |a: &'static str| made_up(&[lib, ("a", a), ("b", "use crate::a::A;"), ("t", "use crate::a::A;")]);
    assert_eq!(of("pub fn f() { println!(\"{}\", crate::b::B) }"), ["src: a b"]);
    assert_eq!(of("#[serde(with = \"crate::b\")] pub struct A;"), ["src: a b"]);
    assert_eq!(of("#[cfg(test)] mod tests { use crate::b::B; }"), [""; 0]);
    assert_eq!(
        of("#[test] fn f() { crate::b::g() } impl A { #[cfg(test)] fn f() { crate::b::g() } }"),
        [""; 0]
    );
    assert_eq!(of("use crate::t::T;"), [""; 0]);
    assert_eq!(of("mod b { pub struct B; } fn f() { b::B }"), [""; 0]);
}
