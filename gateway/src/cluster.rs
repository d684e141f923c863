//! The cluster of a config: how it is reached, and `ofd migrate`.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use ofd_edge::World;
use ofd_storage::cql::{self, CqlError, CqlOptions, Credentials, Extent, Migrated, Tls};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ClientConfig, RootCertStore};

use crate::config::{ClusterTlsConfig, CqlConfig, StoreConfig};
use crate::listen::TlsError;
use crate::opening::Backoff;

/// What the config says of a cluster, with its TLS files read.
///
/// # Errors
/// [`TlsError`], naming the file.
pub fn options(config: &CqlConfig) -> Result<CqlOptions, TlsError> {
    let credentials = config.user.as_ref().zip(config.password.as_ref());
    Ok(CqlOptions {
        credentials: credentials.map(|(user, password)| Credentials {
            user: user.clone(),
            password: password.expose().to_owned(),
        }),
        consistency: config.consistency,
        tls: config.tls.as_ref().map(client_tls).transpose()?.map(|tls| Tls(Arc::new(tls))),
        ..CqlOptions::new(config.nodes.clone(), config.keyspace.clone(), config.replication.clone())
    })
}

fn client_tls(config: &ClusterTlsConfig) -> Result<ClientConfig, TlsError> {
    let file = |path: &Path, problem: String| TlsError::File { path: path.to_owned(), problem };
    let mut authorities = RootCertStore::empty();
    for certificate in certificates(&config.ca)? {
        authorities.add(certificate).map_err(|error| file(&config.ca, error.to_string()))?;
    }
    let client = ClientConfig::builder().with_root_certificates(authorities);
    let Some((certificate, key)) = config.certificate.as_ref().zip(config.key.as_ref()) else {
        return Ok(client.with_no_client_auth());
    };
    let chain = certificates(certificate)?;
    let private = PrivateKeyDer::from_pem_file(key).map_err(|error| file(key, error.to_string()))?;
    client.with_client_auth_cert(chain, private).map_err(|source| TlsError::Pair {
        certificate: certificate.clone(),
        key: key.clone(),
        source,
    })
}

fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let file = |problem: String| TlsError::File { path: path.to_owned(), problem };
    let chain = CertificateDer::pem_file_iter(path)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(|error| file(error.to_string()))?;
    if chain.is_empty() { Err(file("there is no certificate in it".into())) } else { Ok(chain) }
}

/// Nodes that start together with this command take so long to answer; a cluster that is down longer needs a person.
const MIGRATE_WITHIN: Duration = Duration::from_secs(60);

/// Why a store was not migrated.
#[derive(Debug, thiserror::Error)]
pub enum MigrateError {
    /// A file of `[store] tls`.
    #[error("store.tls")]
    Tls(#[from] TlsError),
    /// The cluster refused, or was not reached.
    #[error("keyspace {keyspace} was not migrated; the command may be repeated")]
    Cluster {
        /// The keyspace of the config.
        keyspace: String,
        /// What the cluster said.
        #[source]
        source: CqlError,
    },
}

/// Creates keyspace and tables, or brings them to what this program needs. Safe to repeat, to interrupt and to run
/// twice at once.
///
/// # Errors
/// [`MigrateError`].
pub async fn migrate(
    config: &StoreConfig,
    extent: Extent,
    world: &impl World,
    mut say: impl FnMut(&str),
) -> Result<(), MigrateError> {
    let StoreConfig::Cql(cluster) = config else {
        say(&format!("{config} is embedded: there is nothing to migrate"));
        return Ok(());
    };
    let options = options(cluster)?;
    let (begun, mut backoff) = (Instant::now(), Backoff::default());
    let Migrated { from, to, waits } = loop {
        match cql::migrate(&options, extent, &mut say).await {
            Ok(migrated) => break migrated,
            Err(error) if error.is_passing() && begun.elapsed() < MIGRATE_WITHIN => {
                let pause = backoff.next(world);
                say(&format!("{error}; trying again in {:.1} s", pause.as_secs_f64()));
                tokio::time::sleep(pause).await;
            }
            Err(source) => {
                return Err(MigrateError::Cluster { keyspace: cluster.keyspace.clone(), source });
            }
        }
    };
    say(&match from {
        Some(from) if from == to => format!("{config} has schema {to} already"),
        Some(from) => format!("{config} went from schema {from} to {to}"),
        None => format!("{config} was created with schema {to}"),
    });
    if let Some(waits) = waits {
        say(&format!(
            "schema {waits} waits: older programs cannot use it. When every gateway runs this version, run `ofd migrate \
             --finish` with this config"
        ));
    }
    Ok(())
}
