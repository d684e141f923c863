//! The trust folder: whom this installation trusts, and revocation data that lies there. docs/signatures.md describes it.

use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use ofd_eds::limits::{CERTIFICATE_BYTES_MAX, CRL_BYTES_MAX, OCSP_BYTES_MAX, TRUST_MAX};
use ofd_eds::{Certificate, FormatError, RevocationData, Stage, TrustError, TrustStore};

/// The file that says that a trust folder is one of test CAs.
const TEST_MARK: &str = "TEST";

/// A text form may take so many times the bytes of what it holds.
pub const TEXT_FACTOR: usize = 2;

/// Why a file cannot be taken.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// A file or folder cannot be read.
    #[error("{path} cannot be read; check the path and its permissions")]
    Unreadable {
        /// The file or folder that was asked for.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// A file is too large.
    #[error("{path} has more than {max} bytes, which is more than such a file may have")]
    TooLarge {
        /// The file that is too large.
        path: PathBuf,
        /// How much it may have.
        max: usize,
    },
}

/// Why a trust folder is not in order.
#[derive(Debug, thiserror::Error)]
pub enum TrustFolderError {
    /// A file cannot be taken.
    #[error(transparent)]
    File(#[from] FileError),
    /// A folder has too many files.
    #[error("{path} has more than {TRUST_MAX} files; take out what is not needed")]
    TooMany {
        /// The folder with too many files.
        path: PathBuf,
    },
    /// A file is no certificate.
    #[error("{path} is no certificate that can be trusted; take it out or replace it by DER or PEM")]
    NoCertificate {
        /// The file that was taken for one.
        path: PathBuf,
        /// What is wrong with its bytes.
        source: FormatError,
    },
    /// A certificate does not belong there.
    #[error("{path} does not belong into this trust directory")]
    Misplaced {
        /// The file of the certificate.
        path: PathBuf,
        /// Why it is not trusted there.
        source: TrustError,
    },
}

/// What a trust folder holds.
#[derive(Clone, Debug)]
pub struct TrustFolder {
    /// The authorities that are trusted, with the lists that lie beside them.
    pub trust: TrustStore,
    /// Lists and OCSP answers.
    pub revocation: RevocationData,
}

impl Default for TrustFolder {
    fn default() -> Self {
        Self { trust: TrustStore::new(Stage::Production), revocation: RevocationData::default() }
    }
}

/// The bytes of a file of at most `max`.
///
/// # Errors
/// It cannot be read, or is larger.
pub fn read_file(path: &Path, max: usize) -> Result<Vec<u8>, FileError> {
    let unreadable = |source| FileError::Unreadable { path: path.to_owned(), source };
    let file = File::open(path).map_err(unreadable)?;
    let mut bytes = Vec::new();
    let limit = u64::try_from(max).unwrap_or(u64::MAX).saturating_add(1);
    file.take(limit).read_to_end(&mut bytes).map_err(unreadable)?;
    if bytes.len() > max {
        return Err(FileError::TooLarge { path: path.to_owned(), max });
    }
    Ok(bytes)
}

/// The files of a folder by name, without hidden ones. A folder that is absent has none.
fn files(folder: &Path) -> Result<Vec<PathBuf>, TrustFolderError> {
    let unreadable = |source| FileError::Unreadable { path: folder.to_owned(), source };
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(unreadable(error).into()),
    };
    let mut found = Vec::new();
    for entry in entries {
        let entry = entry.map_err(unreadable)?;
        let is_hidden = entry.file_name().as_encoded_bytes().starts_with(b".");
        if is_hidden || !entry.path().is_file() {
            continue;
        }
        if found.len() == TRUST_MAX {
            return Err(TrustFolderError::TooMany { path: folder.to_owned() });
        }
        found.push(entry.path());
    }
    found.sort();
    Ok(found)
}

impl TrustFolder {
    /// Reads a trust folder. `warn` hears of lists and answers that prove nothing.
    ///
    /// # Errors
    /// The folder is not in order.
    pub fn read(folder: &Path, warn: &mut dyn FnMut(&str)) -> Result<Self, TrustFolderError> {
        // A mistyped folder must not look like one without roots.
        std::fs::read_dir(folder)
            .map_err(|source| FileError::Unreadable { path: folder.to_owned(), source })?;
        let stage = if folder.join(TEST_MARK).exists() { Stage::Test } else { Stage::Production };
        let mut trust = TrustStore::new(stage);
        for (inner, is_root) in [("roots", true), ("intermediates", false)] {
            for path in files(&folder.join(inner))? {
                let bytes = read_file(&path, TEXT_FACTOR * CERTIFICATE_BYTES_MAX)?;
                let certificate = Certificate::read(&bytes)
                    .map_err(|source| TrustFolderError::NoCertificate { path: path.clone(), source })?;
                let added =
                    if is_root { trust.add_root(certificate) } else { trust.add_intermediate(certificate) };
                added.map_err(|source| TrustFolderError::Misplaced { path, source })?;
            }
        }
        let mut revocation = RevocationData::default();
        for path in files(&folder.join("crl"))? {
            let bytes = read_file(&path, TEXT_FACTOR * CRL_BYTES_MAX)?;
            if let Err(error) = revocation.add_crl(bytes) {
                warn(&format!("{} proves nothing: {error}", path.display()));
            }
        }
        for path in files(&folder.join("ocsp"))? {
            let bytes = read_file(&path, OCSP_BYTES_MAX)?;
            if let Err(error) = revocation.add_ocsp(bytes) {
                warn(&format!("{} proves nothing: {error}", path.display()));
            }
        }
        Ok(Self { trust, revocation })
    }
}
