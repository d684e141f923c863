//! TLS for the link, with the server's certificate pinned.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, aws_lc_rs, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, SignatureScheme};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

/// How a server proves who it is.
#[derive(Clone)]
pub struct Tls {
    connector: TlsConnector,
    name: ServerName<'static>,
}

impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tls").field("name", &self.name).finish_non_exhaustive()
    }
}

/// Why TLS cannot be set up.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// The certificate file is no good.
    #[error("{0} holds no certificate in PEM form; give the file that the server uses")]
    Certificate(PathBuf),
    /// The library refused.
    #[error("TLS cannot be set up")]
    Library(#[from] rustls::Error),
    /// The name is no host name.
    #[error("{0} is neither a host name nor an address")]
    Name(String),
}

impl Tls {
    /// Accepts exactly the first certificate of a PEM file, whoever signed it.
    ///
    /// # Errors
    /// [`TlsError`] when the file holds none.
    pub fn pinned(certificate: &Path, name: &str) -> Result<Self, TlsError> {
        let pinned = CertificateDer::from_pem_file(certificate)
            .map_err(|_| TlsError::Certificate(certificate.to_owned()))?;
        Self::new(Trust::Pinned(pinned), name)
    }

    /// Accepts any certificate: for a demo on one machine, whose certificate was made a moment ago.
    ///
    /// # Errors
    /// [`TlsError`] when the name is no host name.
    pub fn insecure_demo(name: &str) -> Result<Self, TlsError> {
        Self::new(Trust::Anyone, name)
    }

    fn new(trust: Trust, name: &str) -> Result<Self, TlsError> {
        let name = ServerName::try_from(name.to_owned()).map_err(|_| TlsError::Name(name.to_owned()))?;
        let provider = Arc::new(aws_lc_rs::default_provider());
        let verifier = Verifier { trust, provider: Arc::clone(&provider) };
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(verifier))
            .with_no_client_auth();
        Ok(Self { connector: TlsConnector::from(Arc::new(config)), name })
    }

    /// Shakes hands over a connection that stands.
    pub(super) async fn connect(&self, tcp: TcpStream) -> io::Result<TlsStream<TcpStream>> {
        self.connector.connect(self.name.clone(), tcp).await
    }
}

#[derive(Debug)]
enum Trust {
    Pinned(CertificateDer<'static>),
    Anyone,
}

#[derive(Debug)]
struct Verifier {
    trust: Trust,
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        match &self.trust {
            Trust::Pinned(pinned) if pinned != end_entity => Err(rustls::Error::General(
                "the server shows another certificate than the pinned one".to_owned(),
            )),
            Trust::Pinned(_) | Trust::Anyone => Ok(ServerCertVerified::assertion()),
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(message, cert, signed, &self.provider.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, cert, signed, &self.provider.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

#[cfg(test)]
mod tests {
    use rustls::ServerConfig;
    use rustls::pki_types::PrivateKeyDer;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;
    use tokio_rustls::TlsAcceptor;

    use super::*;
    use crate::client::{Client, Endpoint, Fault};

    fn certified() -> rcgen::CertifiedKey<rcgen::KeyPair> {
        rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap()
    }

    /// Answers each TLS connection with an empty frame.
    async fn server(key: &rcgen::CertifiedKey<rcgen::KeyPair>) -> std::net::SocketAddr {
        let private = PrivateKeyDer::try_from(key.signing_key.serialize_der()).unwrap();
        let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![key.cert.der().clone()], private)
            .unwrap();
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move {
            while let Ok((tcp, _)) = listener.accept().await {
                let Ok(mut stream) = acceptor.accept(tcp).await else { continue };
                let _ = stream.read(&mut [0; 16]).await;
                let _ = stream.write_all(b"\xA2\x81\xCB\0\x12\0\0\0\0\0\0\0\0\0\0\0\0\0").await;
                let _ = stream.shutdown().await;
            }
        });
        address
    }

    #[tokio::test]
    async fn only_the_pinned_certificate_is_accepted() {
        let (key, other) = (certified(), certified());
        let address = server(&key).await;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("server.pem");
        for (pem, accepted) in [(key.cert.pem(), true), (other.cert.pem(), false)] {
            std::fs::write(&path, pem).unwrap();
            let tls = Tls::pinned(&path, "127.0.0.1").unwrap();
            let mut client = Client::new(Endpoint::tls(address, tls));
            assert_eq!(client.exchange(b"x", Fault::None).await.is_ok(), accepted);
        }
        let anyone = Tls::insecure_demo("localhost").unwrap();
        let mut client = Client::new(Endpoint::tls(address, anyone));
        assert_eq!(client.exchange(b"x", Fault::None).await.unwrap().len(), 18);
        std::fs::write(&path, "no certificate").unwrap();
        assert!(matches!(Tls::pinned(&path, "localhost"), Err(TlsError::Certificate(_))));
    }
}
