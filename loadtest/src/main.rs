//! `ofd-load`: a fleet of simulated cash registers against a server of one's own.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::{Args, Parser, Subcommand};
use ofd_loadtest::client::tls::Tls;
use ofd_loadtest::client::{Dribble, EXCHANGE_SECONDS, Endpoint, Keep};
use ofd_loadtest::run::run_until;
use ofd_loadtest::{Fleet, Options, Pace, Progress};

/// Simulated cash registers: load, with every total checked.
#[derive(Parser)]
#[command(name = "ofd-load", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Drive a fleet against a server; exit code 1 when totals differ, 2 when the server is gone.
    Run(Box<Run>),
    /// Write a made-up fleet.
    Fleet(MakeFleet),
}

#[derive(Args)]
struct Run {
    /// The server, on a loopback or private address: host:port.
    #[arg(long, default_value = "127.0.0.1:7777")]
    address: String,
    /// The fleet file; its memory lies beside it in FLEET.state and FLEET.tokens.
    #[arg(long)]
    fleet: PathBuf,
    /// Registers at work at once, each on a connection of its own.
    #[arg(long, default_value_t = 256)]
    connections: usize,
    /// Stop after so many seconds; shifts are closed after that.
    #[arg(long, default_value_t = 10)]
    seconds: u64,
    /// Stop earlier, after so many documents.
    #[arg(long)]
    requests: Option<u64>,
    /// TLS; needs --certificate or --tls-insecure-demo.
    #[arg(long)]
    tls: bool,
    /// The server's certificate in PEM form: exactly this one is accepted.
    #[arg(long, requires = "tls")]
    certificate: Option<PathBuf>,
    /// Accept any certificate, for a demo on one machine.
    #[arg(long, requires = "tls", conflicts_with = "certificate")]
    tls_insecure_demo: bool,
    /// A connection for each request, as most till programs have it.
    #[arg(long)]
    per_request: bool,
    /// Send requests byte by byte.
    #[arg(long)]
    dribble: bool,
    /// The share of answers that get lost, 0 to 0.9.
    #[arg(long, default_value_t = 0.0)]
    lose_answers: f64,
    /// The share of receipts that are made offline, 0 to 0.9.
    #[arg(long, default_value_t = 0.0)]
    offline: f64,
    /// Documents a second in an open loop, whatever the server does.
    #[arg(long)]
    rate: Option<f64>,
    /// Documents in a shift; without it shifts are closed only at the end.
    #[arg(long)]
    shift_length: Option<u64>,
    /// What new registers draw from.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// The protocol version that registers speak.
    #[arg(long = "version", default_value_t = 203, value_parser = supported_version)]
    protocol: u16,
    /// Seconds that an exchange may take.
    #[arg(long, default_value_t = EXCHANGE_SECONDS)]
    timeout: u64,
    /// Seconds that a register tries to reach a server that is gone.
    #[arg(long, default_value_t = 15)]
    patience: u64,
    /// One JSON object at the end, nothing else.
    #[arg(long)]
    json: bool,
}

#[derive(Args)]
struct MakeFleet {
    /// How many registers.
    #[arg(long)]
    registers: u32,
    /// The address of the server: a loopback or private one.
    #[arg(long)]
    out: PathBuf,
    /// What to draw from.
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

fn supported_version(text: &str) -> Result<u16, String> {
    let version = text.parse().map_err(|_| format!("{text} is not a version such as 203"))?;
    match version {
        124 | 125 | 200..=204 => Ok(version),
        _ => Err(format!("{version} is not spoken: use 124, 125 or 200 to 204")),
    }
}

fn main() -> ExitCode {
    let done = match Cli::parse().command {
        Command::Fleet(options) => make_fleet(&options),
        Command::Run(options) => drive(&options),
    };
    done.unwrap_or_else(|error| {
        eprintln!("ofd-load: {}", chain(error.as_ref()));
        ExitCode::from(2)
    })
}

fn chain(error: &(dyn std::error::Error + 'static)) -> String {
    let causes = std::iter::successors(Some(error), |error| error.source());
    causes.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}

fn make_fleet(options: &MakeFleet) -> Result<ExitCode, Box<dyn std::error::Error>> {
    if options.registers == 0 {
        return Err("--registers must be at least 1".into());
    }
    Fleet::of_size(options.registers, options.seed).write(&options.out)?;
    println!("{} registers in {}", options.registers, options.out.display());
    Ok(ExitCode::SUCCESS)
}

fn drive(cli: &Run) -> Result<ExitCode, Box<dyn std::error::Error>> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let options = options(cli).await?;
        let stop = async {
            if tokio::signal::ctrl_c().await.is_err() {
                std::future::pending::<()>().await;
            }
        };
        let loud = !cli.json;
        let report = run_until(
            options,
            |progress| {
                if loud {
                    eprintln!("{}", line(progress))
                }
            },
            stop,
        )
        .await?;
        if cli.json {
            println!("{}", serde_json::to_string(&report)?);
        } else {
            println!("{report}");
        }
        Ok(ExitCode::from(report.exit_code()))
    })
}

fn line(progress: &Progress) -> String {
    let Progress { seconds, rate, in_flight, p99_micros, retries, refusals, .. } = *progress;
    let p99 = p99_micros as f64 / 1_000.0;
    let closing = if progress.closing { ", closing shifts" } else { "" };
    format!(
        "{seconds:5.0} s  {rate:>7}/s  {in_flight:>5} in flight  p99 {p99:>8.2} ms  {retries} retries  {refusals} \
         refusals{closing}"
    )
}

async fn options(cli: &Run) -> Result<Options, Box<dyn std::error::Error>> {
    let address = resolve(&cli.address).await?;
    let host = cli.address.rsplit_once(':').map_or(cli.address.as_str(), |(host, _)| host);
    let host = host.trim_start_matches('[').trim_end_matches(']');
    let tls = match (cli.tls, &cli.certificate, cli.tls_insecure_demo) {
        (false, _, _) => None,
        (true, Some(certificate), _) => Some(Tls::pinned(certificate, host)?),
        (true, None, true) => Some(Tls::insecure_demo(host)?),
        (true, None, false) => {
            return Err(
                "--tls needs --certificate FILE, or --tls-insecure-demo for a demo on one machine".into()
            );
        }
    };
    let endpoint = Endpoint {
        tls,
        keep: if cli.per_request { Keep::PerRequest } else { Keep::Open },
        dribble: if cli.dribble { Dribble::Bytewise } else { Dribble::Whole },
        exchange_max: Duration::from_secs(cli.timeout.max(1)),
        ..Endpoint::plain(address)
    };
    Ok(Options {
        connections: cli.connections,
        duration: Duration::from_secs(cli.seconds),
        requests: cli.requests,
        pace: cli.rate.map_or(Pace::Closed, Pace::Open),
        lose_answers: cli.lose_answers,
        offline: cli.offline,
        shift_length: cli.shift_length,
        seed: cli.seed,
        version: cli.protocol,
        patience: Duration::from_secs(cli.patience),
        ..Options::new(endpoint, &cli.fleet)
    })
}

async fn resolve(address: &str) -> Result<SocketAddr, Box<dyn std::error::Error>> {
    let mut found = tokio::net::lookup_host(address)
        .await
        .map_err(|error| format!("{address} is not an address such as 127.0.0.1:7777: {error}"))?;
    found.next().ok_or_else(|| format!("{address} has no address").into())
}
