//! The project as the checks see it: its crates, as Cargo has them, and its files, read once for all checks.

use std::process::{Command, Output};
use std::sync::LazyLock;

use ofd_tests::tree::{self, TextFile, root};
use serde_json::Value;

use crate::source::Source;

/// The fuzz targets are a workspace of their own, which `cargo metadata` does not list.
const FUZZ: &str = "fuzz";

/// A crate of ours.
pub(crate) struct Krate {
    /// From the project's root.
    pub(crate) folder: String,
    /// As manifests call it.
    pub(crate) package: String,
    /// As code calls it.
    pub(crate) name: String,
    /// What its manifest asks for, with the kind of each: empty, `dev` or `build`.
    pub(crate) dependencies: Vec<(String, String)>,
}

impl Krate {
    /// What it asks for when it is built for others: not for its tests.
    pub(crate) fn dependencies_of_product(&self) -> impl Iterator<Item = &str> {
        self.dependencies.iter().filter(|(_, kind)| kind != "dev").map(|(name, _)| name.as_str())
    }

    /// Whether it is part of what is delivered.
    pub(crate) fn is_product(&self) -> bool {
        !["tests", FUZZ].contains(&self.folder.as_str())
    }
}

/// A Rust file, read.
pub(crate) struct RustFile {
    pub(crate) file: TextFile,
    pub(crate) source: Source,
}

/// Our crates, every member of the workspace and the fuzz targets.
pub(crate) static CRATES: LazyLock<Vec<Krate>> = LazyLock::new(|| {
    let output = cargo(&["metadata", "--no-deps", "--offline", "--format-version", "1"]);
    assert!(output.status.success(), "cargo metadata: {}", String::from_utf8_lossy(&output.stderr));
    let metadata: Value = serde_json::from_slice(&output.stdout).expect("cargo metadata prints JSON");
    let workspace = text(&metadata["workspace_root"]);
    let packages = metadata["packages"].as_array().expect("a workspace has packages").iter();
    let mut crates: Vec<Krate> = packages.map(|package| krate(&workspace, package)).collect();
    let (package, name) = ("ofd-fuzz".to_owned(), "ofd_fuzz".to_owned());
    crates.push(Krate { folder: FUZZ.to_owned(), package, name, dependencies: Vec::new() });
    crates
});

/// Every text file of the project.
pub(crate) static FILES: LazyLock<Vec<TextFile>> = LazyLock::new(tree::files);

/// Every Rust file of the project.
pub(crate) static RUST: LazyLock<Vec<RustFile>> = LazyLock::new(|| {
    let rust = FILES.iter().filter(|file| file.is_rust()).map(|file| {
        let source = Source::new(&file.text).unwrap_or_else(|wrong| panic!("{}:{wrong}", file.path));
        RustFile { file: file.clone(), source }
    });
    rust.collect()
});

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn krate(workspace: &str, package: &Value) -> Krate {
    let manifest = text(&package["manifest_path"]);
    let folder = manifest.strip_suffix("/Cargo.toml").and_then(|folder| folder.strip_prefix(workspace));
    let dependencies = package["dependencies"].as_array().into_iter().flatten();
    let targets = package["targets"].as_array().into_iter().flatten();
    let mut libraries = targets.filter(|target| target["kind"][0] == "lib");
    Krate {
        folder: folder.expect("a member lies in the workspace").trim_start_matches('/').to_owned(),
        package: text(&package["name"]),
        name: text(&libraries.next().expect("each of our crates has a library")["name"]),
        dependencies: dependencies.map(|one| (text(&one["name"]), text(&one["kind"]))).collect(),
    }
}

pub(crate) fn cargo(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO"));
    command.args(arguments).current_dir(root());
    command.output().unwrap_or_else(|error| panic!("cargo is needed and does not start: {error}"))
}

/// The crate that a file lies in: of a crate within another's folder the inner one.
pub(crate) fn crate_of(path: &str) -> Option<&'static Krate> {
    let holds = |krate: &&Krate| path.strip_prefix(&krate.folder).is_some_and(|rest| rest.starts_with('/'));
    CRATES.iter().filter(holds).max_by_key(|krate| krate.folder.len())
}

/// Files that become part of what is delivered: of every crate of the workspace but this one, without their tests.
pub(crate) fn product_files() -> impl Iterator<Item = (&'static Krate, &'static RustFile)> {
    RUST.iter().filter_map(|rust| {
        let krate = crate_of(&rust.file.path).filter(|krate| krate.is_product())?;
        let inner = rust.file.path.strip_prefix(&krate.folder)?.strip_prefix("/src/")?;
        let is_test =
            rust.file.name() == "tests.rs" || inner.starts_with("tests/") || inner.contains("/tests/");
        (!is_test).then_some((krate, rust))
    })
}

pub(crate) fn none(wrong: Vec<String>) {
    assert!(wrong.is_empty(), "{} found:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn product_code_is_seen_in_crates_within_the_folders_of_others_too() {
    for krate in CRATES.iter().filter(|krate| krate.is_product()) {
        let seen = product_files().filter(|(of, _)| of.package == krate.package).count();
        assert!(seen > 0, "nothing of {} is looked at", krate.folder);
    }
    for nested in ["admin-web/eds/src/verify.rs", "admin-web/stand/src/pki.rs"] {
        assert!(product_files().any(|(_, rust)| rust.file.path == nested), "{nested} is not looked at");
    }
    assert!(!product_files().any(|(_, rust)| rust.file.path.starts_with("admin-web/src/tests/")));
}
