//! What a node is started from: the jars of Apache Cassandra, fetched once, and a Java that fits them.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use super::lock;

/// The server's version. The cache is keyed by it.
pub(super) const VERSION: &str = "5.0.9";

/// The Java versions that this server supports.
const JAVA_VERSIONS: [u32; 2] = [17, 11];

/// Fetching takes half a minute; another process that fetches may have a slow line.
const FETCHED_WITHIN: Duration = Duration::from_secs(600);

/// Of what Maven prints this much is shown when it fails.
const SHOWN_LINES: usize = 40;

/// Where Debian keeps every Java it has.
const DEBIAN_JAVAS: &str = "/usr/lib/jvm";

/// A Java and the jars.
#[derive(Clone, Debug)]
pub(super) struct Installation {
    pub(super) java: PathBuf,
    pub(super) jars: PathBuf,
}

impl Installation {
    /// Finds both, fetching the jars when they are not there yet. Blocks.
    ///
    /// # Panics
    /// When Java or Maven is missing, or Maven fails.
    pub(super) fn find() -> Self {
        Self { java: java(), jars: jars(&target_folder()) }
    }
}

/// The folder `target`: tests lie in `target/<profile>/deps`.
fn target_folder() -> PathBuf {
    let test = std::env::current_exe().expect("a process knows its own path");
    let target = test.ancestors().nth(3).expect("tests lie in target/<profile>/deps; run them by cargo");
    target.to_owned()
}

/// The folder of the jars. Whoever sees it sees it whole: it appears by a rename.
fn jars(target: &Path) -> PathBuf {
    let name = format!("cassandra-{VERSION}");
    let jars = target.join(&name);
    if jars.exists() {
        return jars;
    }
    let path = target.join(format!("{name}.lock"));
    let _lock = lock::wait_blocking(&path, FETCHED_WITHIN, "another process that fetches Apache Cassandra");
    if jars.exists() {
        return jars;
    }
    let partial = target.join(format!("{name}.partial"));
    // Left by somebody who was killed: it is ours under the lock.
    let _ = fs::remove_dir_all(&partial);
    fetch(&partial);
    fs::rename(partial.join("lib"), &jars).expect("the fetched jars are moved within one folder");
    let _ = fs::remove_dir_all(&partial);
    jars
}

fn fetch(folder: &Path) {
    fs::create_dir_all(folder).unwrap_or_else(|error| panic!("cannot make {}: {error}", folder.display()));
    fs::write(folder.join("pom.xml"), pom()).expect("the pom is written");
    let mut maven = Command::new("mvn");
    maven.args(["-q", "-B", "dependency:copy-dependencies", "-DincludeScope=runtime"]);
    maven.arg(format!("-DoutputDirectory={}", folder.join("lib").display()));
    maven.current_dir(folder).stdin(Stdio::null());
    let output = maven.output().unwrap_or_else(|error| {
        panic!(
            "mvn is needed to fetch Apache Cassandra {VERSION} for the tests and does not start: {error}; install \
             Maven (Debian: apt-get install maven) or let scripts/test do it"
        )
    });
    let whole = folder.join("lib").join(format!("cassandra-all-{VERSION}.jar")).exists();
    assert!(
        output.status.success() && whole,
        "mvn did not fetch Apache Cassandra {VERSION} ({}); it needs the network once, check that and run the test \
         again:\n{}",
        output.status,
        last_lines(&text(&output), SHOWN_LINES)
    );
}

/// A project whose one dependency is the server.
fn pom() -> String {
    format!(
        r#"<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>ofd</groupId>
  <artifactId>cassandra-for-tests</artifactId>
  <version>1</version>
  <dependencies>
    <dependency>
      <groupId>org.apache.cassandra</groupId>
      <artifactId>cassandra-all</artifactId>
      <version>{VERSION}</version>
    </dependency>
  </dependencies>
</project>
"#
    )
}

/// The first Java that fits: of `JAVA_HOME`, of the path, of Debian's folder.
fn java() -> PathBuf {
    let home = std::env::var_os("JAVA_HOME").map(|home| Path::new(&home).join("bin/java"));
    let installed = fs::read_dir(DEBIAN_JAVAS).into_iter().flatten().flatten();
    let mut installed: Vec<PathBuf> = installed.map(|entry| entry.path().join("bin/java")).collect();
    installed.sort();
    let candidates = home.into_iter().chain([PathBuf::from("java")]).chain(installed);
    let mut tried = Vec::new();
    for candidate in candidates {
        match java_version(&candidate) {
            Ok(version) if JAVA_VERSIONS.contains(&version) => return candidate,
            Ok(version) => tried.push(format!("{} is version {version}", candidate.display())),
            Err(error) => tried.push(format!("{}: {error}", candidate.display())),
        }
    }
    panic!(
        "Apache Cassandra {VERSION} runs on Java 17 or 11 only, and neither is here ({}); install one (Debian: apt-get \
         install openjdk-17-jre-headless) or set JAVA_HOME",
        tried.join("; ")
    );
}

fn java_version(java: &Path) -> Result<u32, String> {
    let output = Command::new(java).arg("-version").stdin(Stdio::null()).output();
    let told = text(&output.map_err(|error| error.to_string())?);
    major_version(&told).ok_or_else(|| format!("does not tell its version: {}", told.trim()))
}

/// Reads `openjdk version "17.0.15" 2025-04-15`. Java 8 calls itself 1.8, which fits as little as a 1.
fn major_version(told: &str) -> Option<u32> {
    let (_, rest) = told.split_once("version \"")?;
    let digits = rest.find(|char: char| !char.is_ascii_digit()).and_then(|end| rest.get(..end))?;
    digits.parse().ok()
}

fn text(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// The end of a text, for messages.
pub(super) fn last_lines(text: &str, count: usize) -> String {
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(count)..].join("\n")
}

/// Opens a file for output that begins empty.
pub(super) fn new_file(path: &Path) -> File {
    File::create(path).unwrap_or_else(|error| panic!("cannot make {}: {error}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_java_tells_its_version() {
        assert_eq!(major_version("openjdk version \"17.0.15\" 2025-04-15\nOpenJDK Runtime"), Some(17));
        assert_eq!(major_version("java version \"1.8.0_202\""), Some(1));
        assert_eq!(major_version("openjdk version \"21\" 2023-09-19"), Some(21));
        assert_eq!(major_version("no such thing"), None);
    }

    #[test]
    fn jars_that_are_there_are_not_fetched() {
        let target = tempfile::tempdir().expect("a temporary folder");
        let there = target.path().join(format!("cassandra-{VERSION}"));
        fs::create_dir(&there).expect("a folder");
        assert_eq!(jars(target.path()), there);
        assert!(!target.path().join(format!("cassandra-{VERSION}.lock")).exists());
    }
}
