//! What is built to serve holds nothing of the demo: no keys that everybody has, and no simulated registers.
//!
//! One binary is built for these tests as the image has it, but unoptimised: with the dependencies that the tests were
//! built with, so that only the gateway is compiled once more.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;

use ofd_tests::process::binary;
use ofd_tests::tree::root;

/// Crates of the demo alone.
const OF_THE_DEMO: &[&str] = &["ofd-stand", "ofd-loadtest", "rcgen"];

/// Where commands stand that people build by.
const BUILD_FILES: &[&str] = &["deploy/Dockerfile", "docs/operations.md", "README.md", "scripts/hostile"];

/// What cargo tells a test of its package. Build scripts must not take it for a change.
const OF_THIS_PACKAGE: &[&str] =
    &["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_BIN_", "CARGO_CRATE_", "CARGO_PRIMARY_"];

fn cargo(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO"));
    for (name, _) in std::env::vars_os() {
        if OF_THIS_PACKAGE.iter().any(|start| name.to_string_lossy().starts_with(start)) {
            command.env_remove(name);
        }
    }
    let output = command.args(arguments).current_dir(root()).output().expect("cargo starts");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "cargo {arguments:?} ended with {}: {said}", output.status);
    output
}

/// The binary without the demo.
fn built_to_serve() -> &'static Path {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    BUILT.get_or_init(|| {
        // The binary of these tests lies in target/<profile>.
        let binary = binary();
        let target =
            binary.parent().and_then(Path::parent).expect("binaries lie in the folder of their profile");
        let target_dir = target.to_str().expect("the folder has a name in UTF-8");
        // The whole workspace: the package alone would have other features of its dependencies, and build them anew.
        let whole =
            ["build", "--locked", "--offline", "--workspace", "--no-default-features", "--bin", "ofd"];
        cargo(&[&whole[..], &["--target-dir", target_dir]].concat());
        target.join("debug/ofd")
    })
}

fn output_of(program: &Path, arguments: &[&str]) -> Output {
    Command::new(program).args(arguments).output().expect("the binary starts")
}

/// The stand's keys that lie in the sources: file and content.
fn keys() -> Vec<(PathBuf, Vec<u8>)> {
    let folder = root().join("admin-web/stand/keys");
    let files = fs::read_dir(folder).expect("the stand has keys").map(|file| file.expect("a file").path());
    let keys = files.filter(|path| path.extension().is_some_and(|ending| ending == "der"));
    keys.map(|path| (path.clone(), fs::read(path).expect("a key"))).collect()
}

/// The files of the keys that are in a program.
fn keys_in(program: &Path) -> Vec<PathBuf> {
    let program = fs::read(program).expect("a binary");
    let holds = |key: &[u8]| memchr::memmem::find(&program, key).is_some();
    keys().into_iter().filter(|(_, key)| holds(key)).map(|(path, _)| path).collect()
}

#[test]
fn what_is_built_to_serve_holds_no_key_of_the_stand() {
    assert_eq!(keys_in(built_to_serve()), Vec::<PathBuf>::new());
}

#[test]
fn the_same_search_finds_every_key_in_a_program_with_the_demo() {
    let all: Vec<PathBuf> = keys().into_iter().map(|(path, _)| path).collect();
    assert!(all.len() >= 5, "{all:?}");
    assert_eq!(keys_in(&binary()), all);
}

#[test]
fn what_is_built_to_serve_does_not_depend_on_crates_of_the_demo() {
    let of = |features: &[&str]| {
        let tree = ["tree", "--locked", "--offline", "-p", "ofd", "-e", "normal,build", "--prefix", "none"];
        let output = cargo(&[&tree[..], &["--format", "{p}"], features].concat());
        let text = String::from_utf8(output.stdout).expect("names of packages");
        let name = |line: &str| line.split(' ').next().unwrap_or_default().to_owned();
        let names: Vec<String> = text.lines().map(name).collect();
        assert!(names.iter().any(|name| name == "ofd-storage"), "{text}");
        OF_THE_DEMO.iter().copied().filter(|one| names.iter().any(|name| name == one)).collect::<Vec<_>>()
    };
    assert_eq!(of(&["--no-default-features"]), Vec::<&str>::new());
    assert_eq!(of(&[]), OF_THE_DEMO);
}

#[test]
fn whoever_asks_it_for_the_demo_is_told_what_to_build() {
    let help = output_of(built_to_serve(), &["--help"]);
    let text = String::from_utf8_lossy(&help.stdout).into_owned();
    assert!(help.status.success() && text.contains("  serve ") && !text.contains("demo"), "{text}");
    for arguments in [&["demo"][..], &["demo", "--port-base", "17000"]] {
        let asked = output_of(built_to_serve(), arguments);
        let text = String::from_utf8_lossy(&asked.stderr).into_owned();
        assert_eq!(asked.status.code(), Some(2), "{text}");
        assert!(text.contains("`cargo run --release -- demo`"), "{text}");
    }
}

#[test]
fn every_command_that_builds_a_release_to_serve_leaves_the_demo_out() {
    let mut seen = 0;
    for file in BUILD_FILES {
        let text = fs::read_to_string(root().join(file)).expect("a file with commands");
        for line in text.lines().filter(|line| line.contains("cargo build")) {
            let words: Vec<&str> = line.split_whitespace().collect();
            if words.windows(2).any(|pair| pair == ["-p", "ofd"]) {
                assert!(words.contains(&"--no-default-features"), "{file}: {line}");
                seen += 1;
            }
        }
    }
    assert!(seen >= 3, "only {seen} commands were found");
}
