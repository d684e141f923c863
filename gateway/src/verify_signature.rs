//! `ofd verify-signature`: one signature file, judged against a directory of trusted CAs.

use std::fs::File;
use std::path::PathBuf;
use std::process::ExitCode;

use ofd_admin_web::signatures::{FileError, TEXT_FACTOR, TrustFolder, TrustFolderError, read_file};
use ofd_eds::limits::{CMS_BYTES_MAX, FILE_SIZE};
use ofd_eds::{
    FormatError, Maths, Moment, Overall, Purpose, Question, ReadError, Stage, Verdict, VerifyError, verify,
    verify_reading,
};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::cli::VerifySignatureArgs;
use crate::clock;

mod report;

/// The exit code where there is no verdict. 1 and 2 are verdicts.
pub const NO_VERDICT: u8 = 3;

/// Why there is no verdict.
#[derive(Debug, thiserror::Error)]
pub enum VerifySignatureError {
    /// A file cannot be taken.
    #[error(transparent)]
    File(#[from] FileError),
    /// The trust directory is not in order.
    #[error(transparent)]
    Trust(#[from] TrustFolderError),
    /// `--at` is no time.
    #[error("--at {text} is no time of RFC 3339; write it like 2026-07-01T12:00:00+05:00")]
    Time {
        /// What was given.
        text: String,
        /// What does not fit in it.
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
    let over_limit = FormatError::TooMuch { what: FILE_SIZE, limit: CMS_BYTES_MAX };
    let cms = match read_file(&args.file, TEXT_FACTOR * CMS_BYTES_MAX) {
        Err(FileError::TooLarge { .. }) => return Ok(unread(args, &over_limit, &mut warn)),
        other => other?,
    };
    let TrustFolder { trust, revocation } = match &args.trust {
        Some(directory) => TrustFolder::read(directory, &mut warn)?,
        None => TrustFolder::default(),
    };
    if trust.is_empty() {
        warn("there is no trusted root: name a directory of trusted CAs with --trust DIR");
    }
    if trust.stage() == Stage::Test {
        warn("these are test CAs: their certificates prove nothing about anybody");
    }
    let question = Question {
        cms: &cms,
        document: None,
        trust: &trust,
        revocation: &revocation,
        now,
        purpose: Purpose::Document,
        maths: &Maths::new(),
    };
    let verdict = match judge(args, &question)? {
        Ok(verdict) => verdict,
        Err(VerifyError::DocumentMissing) => {
            return Err(VerifySignatureError::DocumentMissing { path: args.file.clone() });
        }
        Err(VerifyError::Format(error)) => return Ok(unread(args, &error, &mut warn)),
    };
    let lines = if args.json { vec![report::json(&verdict)] } else { report::text(&verdict) };
    Ok(Answer { lines, exit: exit(verdict.overall()) })
}

/// The verdict. A document is read piece by piece, so it may be larger than memory.
fn judge(
    args: &VerifySignatureArgs,
    question: &Question<'_>,
) -> Result<Result<Verdict, VerifyError>, VerifySignatureError> {
    let Some(path) = &args.data else { return Ok(verify(question)) };
    let unreadable = |source| FileError::Unreadable { path: path.clone(), source };
    let document = File::open(path).map_err(unreadable)?;
    match verify_reading(question, document) {
        Ok(verdict) => Ok(Ok(verdict)),
        Err(ReadError::Verify(error)) => Ok(Err(error)),
        Err(ReadError::Document(source)) => Err(unreadable(source).into()),
    }
}

/// The answer where the signature file cannot be read. What is over a limit may be a good signature: it was not checked.
fn unread(args: &VerifySignatureArgs, error: &FormatError, warn: &mut impl FnMut(&str)) -> Answer {
    warn(&format!("{}: {error}", args.file.display()));
    let overall = match error {
        FormatError::TooMuch { .. } => Overall::Indeterminate,
        FormatError::Malformed { .. } | FormatError::Trailing { .. } | FormatError::Unsupported { .. } => {
            Overall::Invalid
        }
    };
    let lines = if args.json {
        vec![report::json_of_nothing(overall, error)]
    } else {
        report::text_of_nothing(overall, error)
    };
    Answer { lines, exit: exit(overall) }
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
