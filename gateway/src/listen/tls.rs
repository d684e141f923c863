//! TLS of a listener: certificate and key from PEM files.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::TlsAcceptor;

use crate::config::TlsConfig;

/// Why a listener has no TLS.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file is missing or not PEM.
    #[error("{path}: {problem}; give a PEM file that this user may read")]
    File {
        /// The file that was named.
        path: PathBuf,
        /// What is wrong.
        problem: String,
    },
    /// Certificate and key do not go together, or are of a kind that TLS cannot use.
    #[error("{certificate} and {key} cannot be used together")]
    Pair {
        /// The certificate's file.
        certificate: PathBuf,
        /// The key's file.
        key: PathBuf,
        /// What the system or the parser said.
        #[source]
        source: rustls::Error,
    },
}

/// Reads a listener's certificate and key.
///
/// # Errors
/// [`TlsError`], naming the file.
pub fn acceptor(config: &TlsConfig) -> Result<TlsAcceptor, TlsError> {
    let file = |path: &Path, problem: String| TlsError::File { path: path.to_owned(), problem };
    let chain = CertificateDer::pem_file_iter(&config.certificate)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(|error| file(&config.certificate, error.to_string()))?;
    if chain.is_empty() {
        return Err(file(&config.certificate, "there is no certificate in it".into()));
    }
    let key =
        PrivateKeyDer::from_pem_file(&config.key).map_err(|error| file(&config.key, error.to_string()))?;
    let server =
        ServerConfig::builder().with_no_client_auth().with_single_cert(chain, key).map_err(|source| {
            TlsError::Pair { certificate: config.certificate.clone(), key: config.key.clone(), source }
        })?;
    Ok(TlsAcceptor::from(Arc::new(server)))
}
