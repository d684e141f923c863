//! `ofd-stand`: the test PKI, its services and the NCALayer that signs with its keys, on this machine alone.

use std::error::Error;
use std::io::Write;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use clap::Parser;
use ofd_stand::ncalayer::Emulator;
use ofd_stand::ncalayer::control::Control;
use ofd_stand::{Pki, Switches, serve, system_clock};
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

type Failure = Box<dyn Error + Send + Sync>;

/// Keys are the same at every start, so that a trust directory goes on to fit. They are no secret.
const SEED: [u8; 32] = *b"a stand's keys are known to all.";

/// A test PKI and an NCALayer that signs with its keys. Nothing that it signs proves anything.
#[derive(Debug, Parser)]
#[command(name = "ofd-stand", version)]
struct Cli {
    /// Where the emulated NCALayer listens.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:13579", value_parser = loopback)]
    ncalayer: SocketAddr,
    /// Where the page listens that chooses the key and what the person does.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:13580", value_parser = loopback)]
    control: SocketAddr,
    /// Where OCSP, revocation lists and time stamps listen.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:13581", value_parser = loopback)]
    pki: SocketAddr,
    /// Writes the stand's CAs into this directory, as `ofd verify-signature --trust` reads them.
    #[arg(long, value_name = "DIR")]
    trust_dir: Option<PathBuf>,
    /// A certificate for 127.0.0.1 as PEM: the NCALayer then speaks wss, as the real one.
    #[arg(long, value_name = "FILE", requires = "key")]
    certificate: Option<PathBuf>,
    /// The key to the certificate, as PEM.
    #[arg(long, value_name = "FILE", requires = "certificate")]
    key: Option<PathBuf>,
}

/// Anybody who reaches a stand may sign as anybody, so it listens on this machine alone.
fn loopback(text: &str) -> Result<SocketAddr, String> {
    let address: SocketAddr = text.parse().map_err(|_| "give an address and a port, as 127.0.0.1:13579")?;
    if address.ip().is_loopback() {
        Ok(address)
    } else {
        Err("a stand listens on this machine alone: give an address of 127.0.0.0/8 or [::1]".to_owned())
    }
}

#[tokio::main]
async fn main() -> ExitCode {
    match run(&Cli::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            let _ = writeln!(std::io::stderr(), "ofd-stand: {failure}");
            ExitCode::FAILURE
        }
    }
}

async fn run(cli: &Cli) -> Result<(), Failure> {
    let tls = match (&cli.certificate, &cli.key) {
        (Some(certificate), Some(key)) => Some(acceptor(certificate, key)?),
        _ => None,
    };
    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    let clock = system_clock();
    let pki = Arc::new(Pki::new(SEED, clock()));
    if let Some(directory) = &cli.trust_dir {
        pki.write_trust(directory).map_err(|error| format!("{}: {error}", directory.display()))?;
    }
    let ncalayer = bind(cli.ncalayer).await?;
    let control = bind(cli.control).await?;
    let services = bind(cli.pki).await?;
    let scheme = if tls.is_some() { "wss" } else { "ws" };
    let url = format!("{scheme}://{}/", ncalayer.local_addr()?);
    introduce(cli, &pki, &url, control.local_addr()?, services.local_addr()?);

    let switches = Arc::new(Switches::default());
    let (emulator, handle) = Emulator::new(Arc::clone(&pki), Arc::clone(&clock));
    let emulator = tls.into_iter().fold(emulator, Emulator::with_tls);
    let page = Control { handle, ncalayer: url, services: Some(Arc::clone(&switches)) };
    let (stop, stopped) = watch::channel(());
    let until = |mut stopped: watch::Receiver<()>| async move {
        // The sender says nothing, it goes.
        while stopped.changed().await.is_ok() {}
    };
    let tasks = [
        tokio::spawn(emulator.serve(ncalayer, until(stopped.clone()))),
        tokio::spawn(page.serve(control, until(stopped.clone()))),
        tokio::spawn(serve(services, pki, switches, clock, until(stopped))),
    ];
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
    drop(stop);
    for task in tasks {
        task.await?;
    }
    Ok(())
}

async fn bind(address: SocketAddr) -> Result<TcpListener, Failure> {
    let taken = |error| format!("{address}: {error}; choose another address, `ofd-stand --help` says how");
    Ok(TcpListener::bind(address).await.map_err(taken)?)
}

fn introduce(cli: &Cli, pki: &Pki, ncalayer: &str, control: SocketAddr, services: SocketAddr) {
    let labels: Vec<&str> = pki.keys().iter().map(|key| key.label()).collect();
    let mut lines = vec![
        "A stand: nothing that it signs proves anything.".to_owned(),
        format!("NCALayer  {ncalayer}"),
        format!("control   http://{control}/  choose the key and what the person does"),
        format!("try       http://{control}/try"),
        format!("OCSP      http://{services}/ocsp"),
        format!("CRL       http://{services}/crl/NAME.crl, NAME as the CA's file in the trust directory"),
        format!("TSP       http://{services}/tsp"),
        format!("keys      {}", labels.join(", ")),
    ];
    match &cli.trust_dir {
        Some(directory) => lines.push(format!("trust     {}", directory.display())),
        None => lines.push("trust     not written; --trust-dir DIR does".to_owned()),
    }
    // A closed pipe is no fault of ours.
    let _ = writeln!(std::io::stdout(), "{}", lines.join("\n"));
}

fn acceptor(certificate: &PathBuf, key: &PathBuf) -> Result<TlsAcceptor, Failure> {
    let wrong = |path: &PathBuf, error: &dyn Error| format!("{}: {error}", path.display());
    let chain: Vec<_> = CertificateDer::pem_file_iter(certificate)
        .and_then(Iterator::collect)
        .map_err(|error| wrong(certificate, &error))?;
    let secret = PrivateKeyDer::from_pem_file(key).map_err(|error| wrong(key, &error))?;
    let config = ServerConfig::builder().with_no_client_auth().with_single_cert(chain, secret);
    Ok(TlsAcceptor::from(Arc::new(config.map_err(|error| wrong(key, &error))?)))
}
