//! The versions of the contract, which everybody joins by an application.
//!
//! A version is a text file of the operator's folder (`site.contract`); without a folder the sample that comes with the
//! program is the only one, marked as a sample on whatever is made of it. Files stay as they are: whoever has joined a
//! version can read it later, and sees what another one says differently.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use ofd_paper::{Contract, TextError};
use time::Date;

/// Files of the folder that are looked at. A version a month for eight years.
const VERSIONS_MAX: usize = 100;

/// The largest file: the text in three languages.
const FILE_LEN_MAX: u64 = 1024 * 1024;

/// How files of versions end.
const EXTENSION: &str = "txt";

/// Why the folder cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ContractsError {
    /// It, or a file in it, cannot be read.
    #[error(
        "{path} cannot be read: {source}; it is the folder, or a file in it, with the versions of the contract"
    )]
    Read {
        /// What was read.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// A file is no version.
    #[error("{path}: {source}; docs/config.md says how a version is written")]
    Text {
        /// Which file it is.
        path: PathBuf,
        /// What is wrong with it.
        #[source]
        source: TextError,
    },
    /// A file is larger than any version.
    #[error("{path} has more than {FILE_LEN_MAX} bytes; no version of a contract is so long")]
    TooLong {
        /// Which file it is.
        path: PathBuf,
    },
    /// There is nothing to join.
    #[error("{path} has no version of the contract: put one there, in a file that ends with .{EXTENSION}")]
    Empty {
        /// The folder that was read.
        path: PathBuf,
    },
    /// More than are ever needed.
    #[error("{path} has more than {VERSIONS_MAX} files that end with .{EXTENSION}; is it the right folder?")]
    TooMany {
        /// The folder that was read.
        path: PathBuf,
    },
    /// Two versions cannot be told apart.
    #[error("{path} is version {version:?}, and so is another file; no two versions have one name")]
    SameVersion {
        /// The second file.
        path: PathBuf,
        /// What both are called.
        version: String,
    },
    /// Two versions hold from one day on.
    #[error("{path} holds from {day} on, and so does another file; which of both would be joined that day?")]
    SameDay {
        /// The second file.
        path: PathBuf,
        /// The day that both begin on.
        day: Date,
    },
    /// The text of the program itself is broken.
    #[error("the sample of the contract that comes with the program is damaged: {0}; install it anew")]
    Sample(#[source] TextError),
}

/// The versions of the contract, by the day from which on each holds. There is always one.
#[derive(Clone, Debug)]
pub struct Contracts {
    first: Arc<Contract>,
    later: Vec<Arc<Contract>>,
}

impl Contracts {
    /// The sample alone.
    ///
    /// # Errors
    /// The program is damaged.
    pub fn sample() -> Result<Self, ContractsError> {
        let first = Contract::sample().map_err(ContractsError::Sample)?;
        Ok(Self { first: Arc::new(first), later: Vec::new() })
    }

    /// The versions in a folder.
    ///
    /// # Errors
    /// It cannot be used.
    pub fn read(folder: &Path) -> Result<Self, ContractsError> {
        let failed = |source| ContractsError::Read { path: folder.to_owned(), source };
        let mut found: Vec<(PathBuf, Contract)> = Vec::new();
        for entry in std::fs::read_dir(folder).map_err(failed)? {
            let path = entry.map_err(failed)?.path();
            let is_hidden = path.file_name().is_none_or(|name| name.as_encoded_bytes().starts_with(b"."));
            if is_hidden || path.extension().is_none_or(|extension| extension != EXTENSION) {
                continue;
            }
            if found.len() == VERSIONS_MAX {
                return Err(ContractsError::TooMany { path: folder.to_owned() });
            }
            let contract = read_file(&path)?;
            found.push((path, contract));
        }
        found.sort_by(|(one, a), (other, b)| (a.begins_on, one).cmp(&(b.begins_on, other)));
        for (at, (path, contract)) in found.iter().enumerate() {
            let before = found.iter().take(at).map(|(_, before)| before);
            if before.clone().any(|before| before.version == contract.version) {
                let (path, version) = (path.clone(), contract.version.clone());
                return Err(ContractsError::SameVersion { path, version });
            }
            if before.clone().any(|before| before.begins_on == contract.begins_on) {
                return Err(ContractsError::SameDay { path: path.clone(), day: contract.begins_on });
            }
        }
        let mut found = found.into_iter().map(|(_, contract)| Arc::new(contract));
        let first = found.next().ok_or_else(|| ContractsError::Empty { path: folder.to_owned() })?;
        Ok(Self { first, later: found.collect() })
    }

    /// The version that is joined on a day: the latest that holds by then; before the first holds, the first.
    #[must_use]
    pub fn in_force(&self, today: Date) -> &Arc<Contract> {
        let mut holds = self.later.iter().filter(|contract| contract.begins_on <= today);
        holds.next_back().unwrap_or(&self.first)
    }

    /// All versions, by the day from which on each holds.
    pub fn all(&self) -> impl DoubleEndedIterator<Item = &Arc<Contract>> {
        std::iter::once(&self.first).chain(&self.later)
    }

    /// A version by its name; `None`: its file is gone.
    #[must_use]
    pub fn version(&self, version: &str) -> Option<&Arc<Contract>> {
        self.all().find(|contract| contract.version == version)
    }

    /// What whoever runs this should know: nobody can be held to a sample, and a contract that does not hold yet.
    #[must_use]
    pub fn warnings(&self, today: Date) -> Vec<String> {
        let current = self.in_force(today);
        let mut warnings = Vec::new();
        if current.is_sample {
            warnings.push(format!(
                "version {:?} of the contract is a sample: nobody joins anything by it",
                current.version
            ));
        }
        if current.begins_on > today {
            let (version, day) = (&current.version, current.begins_on);
            warnings.push(format!("no version of the contract holds before {day}, when {version:?} does"));
        }
        warnings
    }
}

fn read_file(path: &Path) -> Result<Contract, ContractsError> {
    let failed = |source| ContractsError::Read { path: path.to_owned(), source };
    if std::fs::metadata(path).map_err(failed)?.len() > FILE_LEN_MAX {
        return Err(ContractsError::TooLong { path: path.to_owned() });
    }
    let text = std::fs::read_to_string(path).map_err(failed)?;
    Contract::parse(&text).map_err(|source| ContractsError::Text { path: path.to_owned(), source })
}

#[cfg(test)]
mod tests {
    use time::Month;

    use super::*;

    fn day(day: u8) -> Date {
        Date::from_calendar_date(2026, Month::December, day).unwrap()
    }

    fn version(name: &str, day: u8) -> String {
        let texts =
            ["ru", "kk"].map(|code| format!("[{code}]\n# Договор\n1. Предмет\n1.1. Версия {name}.\n"));
        format!("version: {name}\nbegins on: 2026-12-{day:02}\n\n{}", texts.join("\n"))
    }

    fn folder(files: &[(&str, String)]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            std::fs::write(folder.path().join(name), text).unwrap();
        }
        folder
    }

    #[test]
    fn the_latest_version_that_holds_is_the_one_in_force() {
        let files = [("b.txt", version("2", 10)), ("a.txt", version("1", 5)), ("notes.md", "none".into())];
        let folder = folder(&files);
        std::fs::write(folder.path().join(".hidden.txt"), "none").unwrap();
        let contracts = Contracts::read(folder.path()).unwrap();
        for (today, expected) in [(1, "1"), (5, "1"), (9, "1"), (10, "2"), (31, "2")] {
            assert_eq!(contracts.in_force(day(today)).version, expected, "on day {today}");
        }
        assert!(contracts.all().map(|contract| contract.version.as_str()).eq(["1", "2"]));
        assert_eq!(contracts.version("1").unwrap().version, "1");
        assert!(contracts.version("3").is_none());
        assert!(contracts.warnings(day(9)).is_empty());
        assert_eq!(contracts.warnings(day(1)).len(), 1, "nothing holds yet");
    }

    #[test]
    fn the_sample_is_marked_and_warned_of() {
        let contracts = Contracts::sample().unwrap();
        assert!(contracts.in_force(day(1)).is_sample);
        let warnings = contracts.warnings(day(31));
        assert!(warnings.iter().any(|warning| warning.contains("is a sample")), "{warnings:?}");
    }

    #[test]
    fn what_is_wrong_with_the_folder_is_said_with_the_file() {
        let error = |files: &[(&str, String)]| Contracts::read(folder(files).path()).unwrap_err().to_string();
        for (files, words) in [
            (&[][..], &["has no version of the contract"][..]),
            (&[("a.txt", "hello".into())], &["a.txt", "version"]),
            (
                &[("a.txt", version("1", 5)), ("b.txt", version("1", 6))],
                &["b.txt", "version \"1\"", "another file"],
            ),
            (
                &[("a.txt", version("1", 5)), ("b.txt", version("2", 5))],
                &["b.txt", "2026-12-05", "another file"],
            ),
        ] {
            let told = error(files);
            assert!(words.iter().all(|word| told.contains(word)), "{words:?}: {told}");
        }
        let told = Contracts::read(Path::new("/nowhere/contract")).unwrap_err().to_string();
        assert!(told.contains("/nowhere/contract") && told.contains("cannot be read"), "{told}");
    }
}
