//! `ofd verify-signature`: one signature file, judged against a directory of trusted CAs.

use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use ofd_eds::limits::{CERTIFICATE_BYTES_MAX, CMS_BYTES_MAX, CRL_BYTES_MAX, OCSP_BYTES_MAX, TRUST_MAX};
use ofd_eds::{
    Certificate, FormatError, Moment, Overall, Purpose, Question, RevocationData, Stage, TrustError,
    TrustStore, VerifyError, verify,
};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::cli::VerifySignatureArgs;
use crate::clock;

mod report;

/// The exit code where there is no verdict. 1 and 2 are verdicts.
pub const NO_VERDICT: u8 = 3;

/// The largest document: the whole of it is held in memory to be hashed.
const DOCUMENT_BYTES_MAX: usize = 1 << 30;

/// The file that says that a trust directory is one of test CAs.
const TEST_MARK: &str = "TEST";

/// A text form may take so many times the bytes of what it holds.
const TEXT_FACTOR: usize = 2;

/// Why there is no verdict.
#[derive(Debug, thiserror::Error)]
pub enum VerifySignatureError {
    /// A file or directory cannot be read.
    #[error("{path} cannot be read; check the path and its permissions")]
    Unreadable {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A file is too large.
    #[error("{path} has more than {max} bytes, which is more than such a file may have")]
    TooLarge {
        /// Which.
        path: PathBuf,
        /// How much it may have.
        max: usize,
    },
    /// A directory has too many files.
    #[error("{path} has more than {TRUST_MAX} files; take out what is not needed")]
    TooMany {
        /// Which.
        path: PathBuf,
    },
    /// A file of a trust directory is no certificate.
    #[error("{path} is no certificate that can be trusted; take it out or replace it by DER or PEM")]
    NoCertificate {
        /// Which.
        path: PathBuf,
        /// Why.
        source: FormatError,
    },
    /// A certificate does not belong there.
    #[error("{path} does not belong into this trust directory")]
    Misplaced {
        /// Which.
        path: PathBuf,
        /// Why.
        source: TrustError,
    },
    /// `--at` is no time.
    #[error("--at {text} is no time of RFC 3339; write it like 2026-07-01T12:00:00+05:00")]
    Time {
        /// What was given.
        text: String,
        /// Why.
        source: time::error::Parse,
    },
    /// The document is missing.
    #[error("{path} is a detached signature; name the document that was signed with --data FILE")]
    DocumentMissing {
        /// The signature file.
        path: PathBuf,
    },
}

/// What to print and how to end.
pub struct Answer {
    /// The lines of the report.
    pub lines: Vec<String>,
    /// The verdict as an exit code.
    pub exit: ExitCode,
}

/// How `ofd` ends over arguments that it cannot take. Scripts must not read such an end of `verify-signature`, `first`
/// of the arguments, as a verdict.
pub fn usage_exit(error: &clap::Error, first: Option<&str>) -> ExitCode {
    match u8::try_from(error.exit_code()) {
        Ok(0) => ExitCode::SUCCESS,
        _ if first == Some("verify-signature") => NO_VERDICT.into(),
        Ok(code) => code.into(),
        Err(_) => ExitCode::FAILURE,
    }
}

/// Verifies a signature file and reports. `warn` hears what may explain an unexpected verdict.
///
/// # Errors
/// There is no verdict: files are missing, or the trust directory is not in order.
pub fn run(args: &VerifySignatureArgs, mut warn: impl FnMut(&str)) -> Result<Answer, VerifySignatureError> {
    let now = args.at.as_deref().map_or_else(|| Ok(current()), moment)?;
    let cms = read(&args.file, TEXT_FACTOR * CMS_BYTES_MAX)?;
    let document = args.data.as_deref().map(|path| read(path, DOCUMENT_BYTES_MAX)).transpose()?;
    let (trust, revocation) = match &args.trust {
        Some(directory) => load(directory, &mut warn)?,
        None => (TrustStore::new(Stage::Production), RevocationData::default()),
    };
    if trust.is_empty() {
        warn("there is no trusted root: name a directory of trusted CAs with --trust DIR");
    }
    if trust.stage() == Stage::Test {
        warn("these are test CAs: their certificates prove nothing about anybody");
    }
    let question = Question {
        cms: &cms,
        document: document.as_deref(),
        trust: &trust,
        revocation: &revocation,
        now,
        purpose: Purpose::Document,
    };
    let verdict = match verify(&question) {
        Ok(verdict) => verdict,
        Err(VerifyError::DocumentMissing) => {
            return Err(VerifySignatureError::DocumentMissing { path: args.file.clone() });
        }
        Err(VerifyError::Format(error)) => {
            warn(&format!("{}: {error}", args.file.display()));
            let lines =
                if args.json { vec![report::json_of_nothing()] } else { report::text_of_nothing(&error) };
            return Ok(Answer { lines, exit: exit(Overall::Invalid) });
        }
    };
    let lines = if args.json { vec![report::json(&verdict)] } else { report::text(&verdict) };
    Ok(Answer { lines, exit: exit(verdict.overall()) })
}

fn exit(overall: Overall) -> ExitCode {
    match overall {
        Overall::Valid => ExitCode::SUCCESS,
        Overall::Invalid => 1.into(),
        Overall::Indeterminate => 2.into(),
    }
}

fn current() -> Moment {
    Moment::from_unix(i64::try_from(clock::now().0 / 1000).unwrap_or(i64::MAX))
}

fn moment(text: &str) -> Result<Moment, VerifySignatureError> {
    match OffsetDateTime::parse(text, &Rfc3339) {
        Ok(time) => Ok(Moment::from_unix(time.unix_timestamp())),
        Err(source) => Err(VerifySignatureError::Time { text: text.to_owned(), source }),
    }
}

fn read(path: &Path, max: usize) -> Result<Vec<u8>, VerifySignatureError> {
    let unreadable = |source| VerifySignatureError::Unreadable { path: path.to_owned(), source };
    let file = File::open(path).map_err(unreadable)?;
    let mut bytes = Vec::new();
    let limit = u64::try_from(max).unwrap_or(u64::MAX).saturating_add(1);
    file.take(limit).read_to_end(&mut bytes).map_err(unreadable)?;
    if bytes.len() > max {
        return Err(VerifySignatureError::TooLarge { path: path.to_owned(), max });
    }
    Ok(bytes)
}

/// The files of a directory by name, without hidden ones. A directory that is absent has none.
fn files(directory: &Path) -> Result<Vec<PathBuf>, VerifySignatureError> {
    let unreadable = |source| VerifySignatureError::Unreadable { path: directory.to_owned(), source };
    let entries = match std::fs::read_dir(directory) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(unreadable(error)),
    };
    let mut found = Vec::new();
    for entry in entries {
        let entry = entry.map_err(unreadable)?;
        let is_hidden = entry.file_name().as_encoded_bytes().starts_with(b".");
        if is_hidden || !entry.path().is_file() {
            continue;
        }
        if found.len() == TRUST_MAX {
            return Err(VerifySignatureError::TooMany { path: directory.to_owned() });
        }
        found.push(entry.path());
    }
    found.sort();
    Ok(found)
}

/// Reads a trust directory; docs/signatures.md describes it.
fn load(
    directory: &Path,
    warn: &mut impl FnMut(&str),
) -> Result<(TrustStore, RevocationData), VerifySignatureError> {
    // A mistyped directory must not look like one without roots.
    std::fs::read_dir(directory)
        .map_err(|source| VerifySignatureError::Unreadable { path: directory.to_owned(), source })?;
    let stage = if directory.join(TEST_MARK).exists() { Stage::Test } else { Stage::Production };
    let mut trust = TrustStore::new(stage);
    for (folder, is_root) in [("roots", true), ("intermediates", false)] {
        for path in files(&directory.join(folder))? {
            let bytes = read(&path, TEXT_FACTOR * CERTIFICATE_BYTES_MAX)?;
            let certificate = Certificate::read(&bytes)
                .map_err(|source| VerifySignatureError::NoCertificate { path: path.clone(), source })?;
            let added =
                if is_root { trust.add_root(certificate) } else { trust.add_intermediate(certificate) };
            added.map_err(|source| VerifySignatureError::Misplaced { path, source })?;
        }
    }
    let mut revocation = RevocationData::default();
    for path in files(&directory.join("crl"))? {
        let bytes = read(&path, TEXT_FACTOR * CRL_BYTES_MAX)?;
        if let Err(error) = revocation.add_crl(bytes) {
            warn(&format!("{} proves nothing: {error}", path.display()));
        }
    }
    for path in files(&directory.join("ocsp"))? {
        let bytes = read(&path, OCSP_BYTES_MAX)?;
        if let Err(error) = revocation.add_ocsp(bytes) {
            warn(&format!("{} proves nothing: {error}", path.display()));
        }
    }
    Ok((trust, revocation))
}
