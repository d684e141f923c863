//! axe-core, run in the page.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use serde_json::Value;
use thirtyfour::WebDriver;

/// The version the tests were written with.
const VERSION: &str = "4.10.3";

/// What is not serious is told by axe for taste.
const SERIOUS: [&str; 2] = ["serious", "critical"];

/// Calls back with what is wrong with the page. A driver's script is not bound by the page's policy.
const RUN: &str = "const done = arguments[arguments.length - 1];
axe.run(document, { resultTypes: ['violations'], selectors: false, preload: false }).then(
  result => done(result.violations.map(found => ({
    id: found.id, impact: found.impact, help: found.help, nodes: found.nodes.slice(0, 5).map(node => node.html),
  }))),
  error => done([{ id: String(error), impact: 'critical', help: '', nodes: [] }]));";

/// The script, fetched once.
fn script() -> &'static str {
    static SCRIPT: OnceLock<String> = OnceLock::new();
    SCRIPT.get_or_init(|| {
        let folder = super::target().join(format!("axe-core-{VERSION}"));
        let file = folder.join("package").join("axe.min.js");
        if !file.exists() {
            fetch(&folder);
        }
        fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
    })
}

fn fetch(folder: &Path) {
    // Several processes may fetch at once: each into a folder of its own, the first that is done is taken.
    let own = folder.with_extension(std::process::id().to_string());
    fs::create_dir_all(&own).unwrap_or_else(|error| panic!("cannot make {}: {error}", own.display()));
    let run = |command: &mut Command, what: &str| {
        let output = command.current_dir(&own).stdin(Stdio::null()).output();
        let output = output.unwrap_or_else(|error| {
            panic!("{what} is needed to fetch axe-core {VERSION} and does not start: {error}; scripts/test installs it")
        });
        assert!(
            output.status.success(),
            "{what} did not fetch axe-core {VERSION}, which needs the network once:\n{}",
            String::from_utf8_lossy(&output.stderr)
        );
    };
    run(Command::new("npm").args(["pack", "--silent", &format!("axe-core@{VERSION}")]), "npm");
    run(Command::new("tar").args(["-xzf", &format!("axe-core-{VERSION}.tgz"), "package/axe.min.js"]), "tar");
    if fs::rename(&own, folder).is_err() {
        let _ = fs::remove_dir_all(&own);
    }
}

/// The serious findings on the page that is shown.
pub(super) async fn check(web: &WebDriver) -> Vec<String> {
    let run = format!("{}\n{RUN}", script());
    let found = web.execute_async(run, Vec::new()).await.unwrap_or_else(|error| panic!("axe-core: {error}"));
    let found = found.json().as_array().cloned().unwrap_or_default();
    let text = |finding: &Value, key: &str| finding[key].as_str().unwrap_or_default().to_owned();
    let serious = found.iter().filter(|finding| SERIOUS.contains(&text(finding, "impact").as_str()));
    serious
        .map(|finding| format!("{}: {} {}", text(finding, "id"), text(finding, "help"), finding["nodes"]))
        .collect()
}
