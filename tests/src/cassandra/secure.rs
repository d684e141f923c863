//! The settings of a node that asks for a password or speaks TLS.

use std::fmt::Write as _;
use std::fs;
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};

use super::Options;

/// The user that Cassandra creates by itself, and its password.
pub(super) const USER: (&str, &str) = ("cassandra", "cassandra");

const PASSWORD_SETTINGS: &str = "authenticator:
  class_name: org.apache.cassandra.auth.PasswordAuthenticator
authorizer:
  class_name: org.apache.cassandra.auth.CassandraAuthorizer
";

/// What options add to a node's settings. Writes the certificate into the folder of the cluster.
pub(super) fn settings(options: Options, folder: &Path, nodes: &[Ipv4Addr]) -> String {
    let mut text = String::new();
    if options.password {
        text.push_str(PASSWORD_SETTINGS);
    }
    if options.tls {
        let names: Vec<String> =
            nodes.iter().map(Ipv4Addr::to_string).chain(["localhost".to_owned()]).collect();
        let pair = rcgen::generate_simple_self_signed(names).expect("a certificate for the nodes");
        fs::write(certificate(folder), pair.cert.pem()).expect("the certificate is written");
        let both = folder.join("node.pem");
        fs::write(&both, pair.signing_key.serialize_pem() + pair.cert.pem().as_str())
            .expect("the key is written");
        let _ = write!(
            text,
            "client_encryption_options:
  enabled: true
  optional: false
  require_client_auth: false
  ssl_context_factory:
    class_name: org.apache.cassandra.security.PEMBasedSslContextFactory
  keystore: {}
",
            both.display()
        );
    }
    text
}

/// Where the certificate of the nodes lies.
pub(super) fn certificate(folder: &Path) -> PathBuf {
    folder.join("certificate.pem")
}

/// A client that trusts the nodes' certificate.
pub(super) fn client(certificate: &Path) -> Arc<ClientConfig> {
    let mut roots = RootCertStore::empty();
    let certificate = CertificateDer::from_pem_file(certificate).expect("the certificate is there");
    roots.add(certificate).expect("the certificate is one");
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let builder = builder.expect("the provider knows TLS 1.2 and 1.3");
    Arc::new(builder.with_root_certificates(roots).with_no_client_auth())
}
