//! `ofd`: the operator's one binary.

mod output;

use std::error::Error;
use std::io::{BufWriter, Write};
use std::process::ExitCode;

use ofd_admin_web::{Imported, read_models};
use ofd_gateway::cli::{
    BackupArgs, CheckArgs, Cli, CloseArgs, Command, ConfigArgs, CopyArgs, ExportArgs, ImportModelsArgs,
    LedgerCommand, MigrateArgs, RestoreArgs, ServeArgs, StoreArgs, VerifySignatureArgs,
};
use ofd_gateway::config::{API_TOKEN_ENV, Config, ConfigError, Problems, StoreConfig};
use ofd_gateway::fleet::Fleet;
use ofd_gateway::server::StartOptions;
use ofd_gateway::world::SystemWorld;
use ofd_gateway::{
    backup, books, causes, cluster, copy, descriptors, export, logging, modes, server, shutdown, verify,
    verify_signature,
};
use ofd_protocol::types::RegisterId;
use ofd_storage::any::AnyStore;
use ofd_storage::cql::Extent;
use ofd_storage::embedded::{EmbeddedOptions, EmbeddedStore, Opening};
use ofd_storage::ledger::Checked;
use ofd_storage::store::Store as _;

use crate::output::{say, say_error};

/// Gives memory back to the system soon after it is free. The system's own allocator keeps it: after a rush of uploads a
/// process stays as large as it ever was.
#[global_allocator]
static ALLOCATOR: ofd_gateway::Allocator = ofd_gateway::Allocator;

/// What a command failed with; the chain of causes is printed once, here.
type Failure = Box<dyn Error + Send + Sync>;

fn main() -> ExitCode {
    // Before any file and any thread: whatever is written is for this user alone.
    modes::private();
    // First of all that uses TLS: with two providers in a process rustls panics at its first use, with one it needs no choice.
    if rustls::crypto::aws_lc_rs::default_provider().install_default().is_err() {
        say_error("the TLS provider could not be installed");
        return ExitCode::FAILURE;
    }
    let cli = match Cli::read(std::env::args_os()) {
        Ok(cli) => cli,
        Err(error) => {
            // Where it cannot be printed, the exit code still tells.
            let _ = error.print();
            return verify_signature::usage_exit(&error, std::env::args().nth(1).as_deref());
        }
    };
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            say_error(&format!("the runtime cannot start: {error}"));
            return ExitCode::FAILURE;
        }
    };
    let done = runtime.block_on(run(cli.command));
    // Nothing of worth runs any more: a blocked name lookup or file must not hold the process.
    runtime.shutdown_background();
    match done {
        Ok(code) => code,
        Err(failure) => {
            say_error(&causes::with_causes(&*failure));
            ExitCode::FAILURE
        }
    }
}

async fn run(command: Command) -> Result<ExitCode, Failure> {
    match command {
        Command::Serve(args) => serve(&args).await,
        #[cfg(feature = "demo")]
        Command::Demo(args) => ofd_gateway::demo::run(&args).await,
        Command::CheckConfig(args) => check_config(&args),
        Command::Migrate(args) => migrate(&args).await,
        Command::Verify(args) => verify_store(&args).await,
        Command::Ledger(LedgerCommand::Check(args)) => check_ledger(&args).await,
        Command::Ledger(LedgerCommand::Close(args)) => close_month(&args).await,
        Command::Copy(args) => copy_store(&args).await,
        Command::Backup(args) => backup_store(&args).await,
        Command::Restore(args) => restore_store(&args).await,
        Command::Export(args) => export_store(&args).await,
        Command::ImportModels(args) => import_models(&args).await,
        Command::VerifySignature(args) => Ok(signature(&args)),
    }
}

fn load(path: &std::path::Path) -> Result<Config, Failure> {
    Ok(Config::load(path, std::env::var(API_TOKEN_ENV).ok())?)
}

async fn serve(args: &ServeArgs) -> Result<ExitCode, Failure> {
    let mut config = load(&args.config.config)?;
    config.accept_loss = args.accept_loss;
    logging::start(&config.log)?;
    descriptors::raise_limit();
    let mut signals = shutdown::Signals::new()?;
    let options = StartOptions { accepts_clock: args.accept_clock, ..StartOptions::default() };
    let starting = server::start(&config, options);
    let mut running = match config.store {
        StoreConfig::Embedded { .. } => starting.await?,
        // Of a cluster this process holds nothing yet: it may go at once.
        StoreConfig::Cql(_) => tokio::select! {
            running = starting => running?,
            () = signals.recv() => return Ok(ExitCode::SUCCESS),
        },
    };
    let failed = tokio::select! {
        () = signals.recv() => None,
        error = running.failed() => Some(error),
    };
    let stopped = running.stop().await;
    match failed {
        Some(error) => Err(error.into()),
        None => stopped.map(|()| ExitCode::SUCCESS).map_err(Failure::from),
    }
}

async fn migrate(args: &MigrateArgs) -> Result<ExitCode, Failure> {
    let config = load(&args.config.config)?;
    logging::start(&config.log)?;
    let extent = if args.finish { Extent::Finish } else { Extent::Expand };
    cluster::migrate(&config.store, extent, &SystemWorld, say).await?;
    Ok(ExitCode::SUCCESS)
}

fn check_config(args: &ConfigArgs) -> Result<ExitCode, Failure> {
    let (config, mut problems) = Config::inspect(&args.config, std::env::var(API_TOKEN_ENV).ok())?;
    let mut warnings = Vec::new();
    if let Some(config) = &config {
        check_files(config, &mut problems, &mut warnings);
        warnings.extend(config.warnings().into_iter().chain(modes::warnings(config, &args.config)));
    }
    warnings.iter().for_each(|warning| say(&format!("warning: {warning}")));
    if !problems.is_empty() {
        return Err(ConfigError::Wrong { path: args.config.clone(), problems }.into());
    }
    say(&format!("{} is good", args.config.display()));
    Ok(ExitCode::SUCCESS)
}

/// What the config names beside itself: as the server would find it at its start.
fn check_files(config: &Config, problems: &mut Problems, warnings: &mut Vec<String>) {
    if let Err(error) = logging::start(&config.log) {
        problems.add("log.filter", error);
    }
    for (index, listener) in config.listeners.iter().enumerate() {
        if let Some(Err(error)) = listener.tls.as_ref().map(ofd_gateway::listen::acceptor) {
            problems.add(format!("listeners[{index}].tls"), causes::with_causes(&error));
        }
    }
    if let StoreConfig::Cql(store) = &config.store
        && !problems.is_in("store.")
        && let Err(error) = cluster::options(store)
    {
        problems.add("store", causes::with_causes(&server::StartError::from(error)));
    }
    if let Some(site) = &config.site
        && !problems.is_in("site.")
        && let Err(error) = ofd_gateway::site::people(site)
    {
        problems.add("site", causes::with_causes(&error));
    }
    let Some(path) = &config.bootstrap else { return };
    match Fleet::load(path) {
        Ok(fleet) => warnings
            .extend(fleet.warnings().into_iter().map(|warning| format!("{}: {warning}", path.display()))),
        Err(error) => problems.add("bootstrap", causes::with_causes(&error)),
    }
}

/// The store and what it is called.
async fn open(args: &StoreArgs) -> Result<(AnyStore, String), Failure> {
    if let Some(path) = &args.store {
        let options = EmbeddedOptions { opening: Opening::Existing, ..EmbeddedOptions::new(path.clone()) };
        let store = tokio::task::spawn_blocking(move || EmbeddedStore::open(options)).await??;
        return Ok((store.into(), path.display().to_string()));
    }
    let config = load(&args.config)?;
    let name = match &config.store {
        StoreConfig::Embedded { path, .. } => path.display().to_string(),
        cluster @ StoreConfig::Cql(_) => cluster.to_string(),
    };
    Ok((server::open_store(&config, Opening::Existing).await?, name))
}

async fn verify_store(args: &StoreArgs) -> Result<ExitCode, Failure> {
    let (store, name) = open(args).await?;
    let mut breaks = 0_u64;
    let walked = verify::store(store, None, &mut telling(&mut breaks)).await;
    let walked = walked.map_err(|error| format!("{name}: {error}"))?;
    let verify::Walked {
        registers,
        shifts,
        documents,
        rows,
        people,
        audit_rows,
        papers,
        figures,
        days,
        ledger_months,
        ledger_entries,
        records,
    } = walked;
    say(&format!(
        "{name}: {documents} documents of {shifts} shifts of {registers} registers walked, {breaks} breaks"
    ));
    say(&format!(
        "also read: {rows} other rows of shifts, {people} accounts and companies with {audit_rows} audit rows, {papers} papers and signatures, {days} days of figures of {figures} registers, {ledger_entries} entries of {ledger_months} months of accounts, {records} records"
    ));
    if breaks == 0 {
        return Ok(ExitCode::SUCCESS);
    }
    say("restore what is named above from a backup; documents before each break of a shift are whole");
    Ok(ExitCode::FAILURE)
}

/// Says each break and counts it.
fn telling(breaks: &mut u64) -> impl FnMut(verify::Break) {
    move |broken| {
        *breaks = breaks.saturating_add(1);
        say(&format!("broken: {broken}"));
    }
}

async fn check_ledger(args: &CheckArgs) -> Result<ExitCode, Failure> {
    let (store, name) = open(&args.store).await?;
    let extent = if args.whole {
        verify::Extent::Whole
    } else {
        verify::Extent::Open(books::this_month(&SystemWorld, 0)?)
    };
    let mut breaks = 0_u64;
    let checked = verify::ledger(&store, extent, &mut telling(&mut breaks)).await;
    let checked = checked.map_err(|error| format!("{name}: {error}"))?;
    let Checked { accounts, months, entries, to_carry, .. } = checked;
    say(&format!(
        "{name}: {entries} entries of {months} months of {accounts} accounts looked at, {to_carry} postings still to be carried into other accounts, {breaks} breaks"
    ));
    if breaks == 0 {
        say(
            "all entries sum to zero, every balance to its entries, and each leg of every posting is where it belongs, once",
        );
        return Ok(ExitCode::SUCCESS);
    }
    say("entries never change by themselves: restore what is named above from a backup");
    Ok(ExitCode::FAILURE)
}

async fn close_month(args: &CloseArgs) -> Result<ExitCode, Failure> {
    let config = load(&args.config.config)?;
    let (name, month) = (config.store.to_string(), args.month);
    let store = server::open_store(&config, Opening::Existing).await?;
    let closed = books::close(&store, &SystemWorld, args, config.time_zone.0).await;
    store.close().await?;
    let obstacles = closed.map_err(|error| format!("{name}: {}", causes::with_causes(&error)))?;
    if obstacles.is_empty() {
        say(&format!(
            "{name}: {month} is closed: what comes later goes into the open month with its own day"
        ));
        return Ok(ExitCode::SUCCESS);
    }
    obstacles.iter().for_each(|obstacle| say(&format!("{month} is not closed: {obstacle}")));
    Ok(ExitCode::FAILURE)
}

async fn import_models(args: &ImportModelsArgs) -> Result<ExitCode, Failure> {
    let file = args.file.display();
    let bytes = std::fs::read(&args.file).map_err(|error| format!("{file} cannot be read: {error}"))?;
    // Spreadsheets here write windows-1251 unless they are told otherwise.
    let text = String::from_utf8(bytes)
        .map_err(|_| format!("{file} is no text in UTF-8: save the list as \"CSV UTF-8\" and try again"))?;
    let models = read_models(&text).map_err(|error| format!("{file}: {error}"))?;
    let (store, name) = open(&args.store).await?;
    let imported = ofd_admin_web::import_models(&store, &models).await;
    store.close().await?;
    let Imported { added, changed, dropped } = imported.map_err(|error| format!("{name}: {error}"))?;
    let read = models.len();
    say(&format!("{name}: {read} models read, {added} new, {changed} changed, {dropped} not used any more"));
    Ok(ExitCode::SUCCESS)
}

async fn copy_store(args: &CopyArgs) -> Result<ExitCode, Failure> {
    let (from, to) = (load(&args.from)?, load(&args.to)?);
    let done = copy::copy(args, (&from, &to), say_error).await?;
    done.lines.iter().for_each(|line| say(line));
    Ok(if done.is_good { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

async fn backup_store(args: &BackupArgs) -> Result<ExitCode, Failure> {
    let store = match &args.store.store {
        Some(path) => path.clone(),
        None => match load(&args.store.config)?.store {
            StoreConfig::Embedded { path, .. } => path,
            StoreConfig::Cql(_) => return Err(backup::CommandFailure::Cluster.into()),
        },
    };
    Ok(said(&backup::back_up_store(args, store, say_error).await?))
}

async fn restore_store(args: &RestoreArgs) -> Result<ExitCode, Failure> {
    Ok(said(&backup::restore_store(args).await?))
}

fn said(outcome: &backup::Outcome) -> ExitCode {
    outcome.lines.iter().for_each(|line| say(line));
    if outcome.is_good { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

async fn export_store(args: &ExportArgs) -> Result<ExitCode, Failure> {
    let (store, name) = open(&args.store).await?;
    let only = args.register.map(RegisterId);
    let mut breaks = 0_u64;
    let mut tell = |broken: verify::Break| {
        breaks = breaks.saturating_add(1);
        say_error(&format!("broken: {broken}"));
    };
    let cannot = |error: export::ExportError| format!("{name}: {}", causes::with_causes(&error));
    let count = match &args.out {
        Some(path) => {
            let file = modes::create_private(path)
                .map_err(|error| format!("{} cannot be written: {error}", path.display()))?;
            let mut out = BufWriter::new(file);
            let count = export::store(store, only, &mut out, &mut tell).await.map_err(cannot)?;
            out.into_inner().map_err(std::io::IntoInnerError::into_error)?.sync_all()?;
            count
        }
        None => {
            let mut out = BufWriter::new(std::io::stdout().lock());
            let count = export::store(store, only, &mut out, &mut tell).await.map_err(cannot)?;
            out.flush()?;
            count
        }
    };
    say_error(&format!("{count} documents exported"));
    if breaks == 0 {
        return Ok(ExitCode::SUCCESS);
    }
    say_error(&format!(
        "{breaks} breaks: what is named above could not be read, or does not fit; the export lacks it"
    ));
    Ok(ExitCode::FAILURE)
}

fn signature(args: &VerifySignatureArgs) -> ExitCode {
    match verify_signature::run(args, |warning| say_error(&format!("warning: {warning}"))) {
        Ok(answer) => {
            answer.lines.iter().for_each(|line| say(line));
            answer.exit
        }
        Err(error) => {
            say_error(&causes::with_causes(&error));
            verify_signature::NO_VERDICT.into()
        }
    }
}
