//! The command line.

use std::ffi::OsString;
use std::num::NonZeroU32;
use std::path::PathBuf;

use clap::error::ErrorKind;
use clap::{Args, CommandFactory, Parser, Subcommand};
use ofd_billing::Month;

/// An open fiscal data operator: cash registers connect to it, people check receipts on its site.
#[derive(Debug, Parser)]
#[command(name = "ofd", version, about, propagate_version = true)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What is told to whoever asks a program for the demo that is built to serve.
const WITHOUT_DEMO: &str = "this program was built to serve, without the demo; in the folder of the sources, \
                            `cargo run --release -- demo` builds one with it and runs it";

impl Cli {
    /// Reads the arguments of a command line, the program's name first.
    ///
    /// # Errors
    /// What is to be printed instead of doing anything: what is wrong, or the help that was asked for.
    pub fn read(arguments: impl IntoIterator<Item = OsString>) -> Result<Self, clap::Error> {
        let arguments: Vec<OsString> = arguments.into_iter().collect();
        let asked_for_demo = arguments.get(1).is_some_and(|first| first == "demo");
        Self::try_parse_from(arguments).map_err(|error| match asked_for_demo && !cfg!(feature = "demo") {
            true => Self::command().error(ErrorKind::InvalidSubcommand, WITHOUT_DEMO),
            false => error,
        })
    }
}

/// What `ofd` can do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Serve registers and the site until SIGTERM or Ctrl-C.
    Serve(ServeArgs),
    /// Run everything on this machine with a small simulated fleet.
    #[cfg(feature = "demo")]
    Demo(DemoArgs),
    /// Read the config and the fleet file and say what is wrong with them.
    CheckConfig(ConfigArgs),
    /// Create keyspace and tables in the cluster, or bring them to what this program needs. Safe to repeat and to run
    /// twice at once; an embedded store needs none of it.
    Migrate(MigrateArgs),
    /// Read all that is stored, documents, records, accounts and what leads to them, and say where the store breaks. An
    /// embedded store must not be in use. In a cluster gateways may go on: of each shift what it held when the walk came
    /// to it is judged.
    Verify(StoreArgs),
    /// The ledger: what organisations have paid and owe.
    #[command(subcommand)]
    Ledger(LedgerCommand),
    /// Copy a whole store to another place or backend, compare both and count everything anew. Stop every gateway on
    /// either store first; a copy that was cut off is continued by the same command.
    Copy(CopyArgs),
    /// Write stored documents as JSON Lines. An embedded store must not be in use. In a cluster gateways may go on: what
    /// is stored behind the walk is missing in the file. All else that is stored is read too; what cannot be read is named
    /// on standard error, and the exit code is 1 then.
    Export(ExportArgs),
    /// Back up an embedded store into a folder: everything the first time, later what changed. While `ofd serve` runs on
    /// it the store is read through the control socket in its directory.
    Backup(BackupArgs),
    /// Make a new store from a folder of backups, as of its last backup or an earlier moment, and verify it.
    Restore(RestoreArgs),
    /// Import the state's list of models of registers, as CSV: id, name, type, 1 on line or 0 not used, day of entry. It
    /// stands in place of the one before; a model that is not in it stays known as not used. Safe to repeat. An embedded
    /// store must not be in use.
    ImportModels(ImportModelsArgs),
    /// Verify a file of electronic signatures (CMS) and say what was found about each signer. Exit code 0: VALID, 1:
    /// INVALID, 2: INDETERMINATE, 3: no verdict, since a file cannot be read or an argument is wrong.
    VerifySignature(VerifySignatureArgs),
}

/// What is asked of the ledger.
#[derive(Debug, Subcommand)]
pub enum LedgerCommand {
    /// Prove that all entries sum to zero, each balance to its entries, and that each leg of a posting is where it belongs,
    /// once; name what is not. An embedded store must not be in use. In a cluster gateways may go on.
    Check(CheckArgs),
    /// Close a month on all accounts: nothing is posted into it any more, what comes later goes into the open month with its own day.
    /// Refused, and told why, while something is to be done before. Safe to repeat. An embedded store must not be in use.
    Close(CloseArgs),
}

/// What is checked of the ledger.
#[derive(Debug, Args)]
pub struct CheckArgs {
    /// The store to look at.
    #[command(flatten)]
    pub store: StoreArgs,
    /// Look at every month ever kept, not only at those that are open or were closed since the last check that found nothing wrong.
    #[arg(long)]
    pub whole: bool,
}

/// Which month is closed.
#[derive(Debug, Args)]
pub struct CloseArgs {
    /// The month, as 2026-11.
    pub month: Month,
    /// The config, which names the store and the time zone in which money is counted.
    #[command(flatten)]
    pub config: ConfigArgs,
    /// Also while organisations could not be charged for it: what they owe goes into the open month then.
    #[arg(long)]
    pub leave_owed: bool,
}

/// Where the config is.
#[derive(Debug, Args)]
pub struct ConfigArgs {
    /// The config file; docs/config.md lists every key.
    #[arg(long, value_name = "FILE", default_value = "ofd.toml")]
    pub config: PathBuf,
}

/// How far a migration goes.
#[derive(Debug, Args)]
pub struct MigrateArgs {
    /// The config file, and with it the cluster.
    #[command(flatten)]
    pub config: ConfigArgs,
    /// Also make the steps that shut out older programs. Give it when every gateway runs this version: from then on an
    /// older one refuses to start, and there is no way back.
    #[arg(long)]
    pub finish: bool,
}

/// How to serve.
#[derive(Debug, Args)]
pub struct ServeArgs {
    /// Where the config is.
    #[command(flatten)]
    pub config: ConfigArgs,
    /// Take the clock of this machine as right, though it was set while the machine ran or lies behind the last document
    /// of the store. For this one start; docs/operations.md#a-wrong-clock says when.
    #[arg(long)]
    pub accept_clock: bool,
    /// Go on with an embedded store that lacks documents which it had acknowledged. Restore it from a backup instead where
    /// there is one; docs/operations.md says when. Give it once: later starts need it only after a further loss.
    #[arg(long)]
    pub accept_loss: bool,
}

/// Which store a command looks at.
#[derive(Debug, Args)]
pub struct StoreArgs {
    /// The config file that names the store.
    #[arg(long, value_name = "FILE", default_value = "ofd.toml", conflicts_with = "store")]
    pub config: PathBuf,
    /// The directory of an embedded store, instead of a config.
    #[arg(long, value_name = "DIR")]
    pub store: Option<PathBuf>,
}

/// What to export.
#[derive(Debug, Args)]
pub struct ExportArgs {
    /// The store to look at.
    #[command(flatten)]
    pub store: StoreArgs,
    /// Only this register's documents.
    #[arg(long, value_name = "ID", value_parser = clap::value_parser!(u32).range(1..))]
    pub register: Option<u32>,
    /// The file to write; left out: standard output.
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
}

/// What to back up, and where to.
#[derive(Debug, Args)]
pub struct BackupArgs {
    /// The store to look at.
    #[command(flatten)]
    pub store: StoreArgs,
    /// The folder of backups; it is made where it does not exist.
    #[arg(long, value_name = "DIR")]
    pub to: PathBuf,
    /// Read at most so many MiB of the store in a second, so that registers do not feel it.
    #[arg(long, value_name = "MIB", default_value = "16")]
    pub mib_per_second: NonZeroU32,
    /// Back up everything, whatever was backed up before.
    #[arg(long)]
    pub full: bool,
    /// Back up everything when the last such backup is this old; older chains may then be deleted.
    #[arg(long, value_name = "DAYS", default_value = "30")]
    pub full_days: u32,
}

/// What to restore, and where to.
#[derive(Debug, Args)]
pub struct RestoreArgs {
    /// The folder of backups.
    #[arg(long, value_name = "DIR")]
    pub from: PathBuf,
    /// The directory of the new store; it must not exist yet.
    #[arg(long, value_name = "DIR")]
    pub to: PathBuf,
    /// As the store was then, by time of acceptance, such as 2026-11-29T18:00:00+05:00; left out: as of the last backup.
    #[arg(long, value_name = "RFC3339")]
    pub until: Option<String>,
}

/// From where to where.
#[derive(Debug, Args)]
pub struct CopyArgs {
    /// The config file that names the store to copy.
    #[arg(long, value_name = "FILE")]
    pub from: PathBuf,
    /// The config file that names the store to fill: an empty one, or one that this command began to fill.
    #[arg(long, value_name = "FILE")]
    pub to: PathBuf,
}

/// Which list, and into which store.
#[derive(Debug, Args)]
pub struct ImportModelsArgs {
    /// The list: CSV in UTF-8, with semicolons or commas.
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// The store to fill.
    #[command(flatten)]
    pub store: StoreArgs,
}

/// How the demo runs.
#[cfg(feature = "demo")]
#[derive(Debug, Args)]
pub struct DemoArgs {
    /// Take ports N (plain), N+1 (TLS), N+2 (sim), N+3 (site), N+4 (metrics), N+5 (emulated NCALayer), N+6 (its page)
    /// and N+7 (test PKI) instead of 7777, 7778, 7779, 8080, 9090, 7780, 7781 and 7782.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=65528))]
    pub port_base: Option<u16>,
    /// Where the demo keeps its store, fleet, certificate and config.
    #[arg(long, value_name = "DIR", default_value = "demo-data")]
    pub directory: PathBuf,
    /// Stop after so many seconds instead of at Ctrl-C.
    #[arg(long, value_name = "SECONDS")]
    pub seconds: Option<u64>,
    /// How many days the registers sell through at the first start, before it goes on at the machine's own pace.
    #[arg(long, value_name = "DAYS", default_value_t = 30, value_parser = clap::value_parser!(u16).range(0..=366))]
    pub days: u16,
}

/// Which signature, and against what.
#[derive(Debug, Args)]
pub struct VerifySignatureArgs {
    /// The signature file: CMS as DER, BER, base64 or PEM.
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// The document that was signed, where the signature file does not hold it.
    #[arg(long, value_name = "FILE")]
    pub data: Option<PathBuf>,
    /// The directory of trusted CAs, revocation lists and OCSP answers; docs/signatures.md describes it. Left out: nobody
    /// is trusted.
    #[arg(long, value_name = "DIR")]
    pub trust: Option<PathBuf>,
    /// Verify as if it were this time, such as 2026-07-01T12:00:00+05:00; left out: now.
    #[arg(long, value_name = "RFC3339")]
    pub at: Option<String>,
    /// Print JSON instead of lines for people.
    #[arg(long)]
    pub json: bool,
}
