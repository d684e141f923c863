//! `ofd demo`: the whole operator on this machine, with a small fleet of simulated registers at work.

mod clock;
mod files;
mod history;
mod people;
mod ports;
mod registering;
mod shop;
mod stand;

use std::io::{IsTerminal, Write};
use std::net::Ipv4Addr;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

use ofd_admin_web::{By, Turns, change_register};
use ofd_edge::World;
use ofd_loadtest::Register;
use ofd_loadtest::fleet::memory;
use ofd_protocol::register::Change;
use ofd_protocol::types::UnixMillis;
use ofd_stand::Pki;
use ofd_storage::erased::DynStore;
use ofd_storage::registers;
use tokio::task::{JoinError, JoinSet};
use tokio_util::sync::CancellationToken;

use crate::cli::DemoArgs;
use crate::clock::ClockGuard;
use crate::config::{Config, LogConfig};
use crate::server::{Jobs, StartOptions};
use crate::world::SystemWorld;
use crate::{descriptors, logging, server, shutdown};
use clock::DemoClocks;
use files::DemoFiles;
pub use ports::Failure;
use ports::{Ports, local};
use shop::{Board, Link, Role, Shop};

/// On a terminal one line is kept up to date.
const LIVE_EVERY: Duration = Duration::from_millis(500);

/// Elsewhere a line is written now and then.
const LINE_EVERY: Duration = Duration::from_secs(5);

/// The protocol version the fleet speaks, the one most registers of the country speak.
const FLEET_VERSION: u16 = 203;

/// How the registers behave, in the order of the fleet; all others as they should.
const ROLES: [Role; 6] =
    [Role::Usual, Role::Usual, Role::ClockAhead, Role::LongShift, Role::Usual, Role::Silent];

const DAY_MS: u64 = 24 * 3600 * 1000;

/// Runs the demo until Ctrl-C, or for as long as asked.
///
/// # Errors
/// What could not be set up: a port that is taken, a directory that cannot be written. Then the directory is not there
/// unless it was before.
pub async fn run(args: &DemoArgs) -> Result<ExitCode, Failure> {
    let mut signals = shutdown::Signals::new()?;
    descriptors::raise_limit();
    let is_new = !args.directory.exists();
    let clocks = DemoClocks::default();
    let set_up = set_up(args, &clocks).await;
    if set_up.is_err() && is_new {
        // Nothing was sold yet. What cannot be removed can stay: the next start goes on with it.
        let _ = std::fs::remove_dir_all(&args.directory);
    }
    let Demo { files, ports, pki, sockets, mut running, mut shops, is_first } = set_up?;

    let board = Arc::new(Board::default());
    let stop = CancellationToken::new();
    let mut people = sockets.serve(&pki, ports, &stop);
    if is_first && args.days > 0 {
        let lived = live(shops, (&clocks, &board), args.days);
        shops = tokio::select! {
            lived = lived => lived?,
            // What was sold is kept. The registers' memory is not: the next start gives them new tokens, as after a kill.
            () = signals.recv() => {
                running.stop().await?;
                return Ok(ExitCode::SUCCESS);
            }
        };
    }
    clocks.catch_up();
    running.begin_jobs();
    if let Some(site) = running.pages() {
        people::sign_up(site, &pki, SystemWorld.now()).await?;
    }
    let introduction = stand::introduction(&pki, ports) + &people::logins(&pki);
    introduce(&files, ports, shops.len(), args, &introduction)?;
    let mut at_work = JoinSet::new();
    for shop in shops {
        at_work.spawn(shop.work(Arc::clone(&board), stop.clone()));
    }
    let watch = tokio::spawn(show(Arc::clone(&board), stop.clone()));
    let bound = async {
        match args.seconds {
            Some(seconds) => tokio::time::sleep(Duration::from_secs(seconds)).await,
            None => std::future::pending().await,
        }
    };
    tokio::select! { () = signals.recv() => {}, () = bound => {} }
    stop.cancel();
    let mut states = Vec::new();
    while let Some(shop) = at_work.join_next().await {
        states.push(shop?);
    }
    watch.await?;
    while people.join_next().await.is_some() {}
    memory::write(&files.fleet, states.into_iter(), memory::Ending::Clean)?;
    running.stop().await?;
    farewell(&board, &files)
}

/// All that is there before the first customer comes.
struct Demo {
    files: DemoFiles,
    ports: Ports,
    pki: Arc<Pki>,
    sockets: stand::Sockets,
    running: server::Running,
    shops: Vec<Shop>,
    /// Whether nothing was ever sold in its directory.
    is_first: bool,
}

async fn set_up(args: &DemoArgs, clocks: &DemoClocks) -> Result<Demo, Failure> {
    let ports = args.port_base.map_or(Ports::USUAL, Ports::from_base);
    let pki = stand::pki();
    let files = DemoFiles::prepare(&args.directory, ports, &pki)?;
    let config = Config::load(&files.config, None)?;
    logging::start(&LogConfig { filter: "warn".into(), ..config.log.clone() })?;
    let sockets = stand::Sockets::bind(ports, port_advice(args)).await?;
    let is_first = files.is_first;
    if is_first {
        clocks
            .begin_at(UnixMillis(clocks.now().0.saturating_sub(u64::from(args.days).saturating_mul(DAY_MS))));
    }
    let options = StartOptions {
        accepts_clock: false,
        clock: ClockGuard::new(clocks.clone()),
        world: Arc::new(clocks.clone()),
        jobs: Jobs::WhenTold,
    };
    let started = server::start(&config, options).await;
    let running = started.map_err(|error| advised(error, args))?;
    let registers = resume(&files, &running).await?;
    let shops = open_shops(registers, &files, ports)?;
    Ok(Demo { files, ports, pki, sockets, running, shops, is_first })
}

/// Lets the registers sell through the days before now, and says how far that is.
async fn live(
    shops: Vec<Shop>,
    (clocks, board): (&DemoClocks, &Arc<Board>),
    days: u16,
) -> Result<Vec<Shop>, JoinError> {
    let is_terminal = std::io::stdout().is_terminal();
    // A terminal that went away is no reason to stop the demo.
    let say = |line: &str| {
        let mut out = std::io::stdout().lock();
        let _ = write!(out, "{line}").and_then(|()| out.flush());
    };
    say(&format!(
        "This is the first start: its registers sell through the last {days} days, on the real ports.\n"
    ));
    let told = |day| {
        if is_terminal {
            say(&format!("\r\x1b[Kday {day} of {days}"));
        }
    };
    let since = Instant::now();
    let lived = history::live(shops, (clocks, board), (days, SystemWorld.now()), told).await?;
    let over = if is_terminal { "\r\x1b[K" } else { "" };
    say(&format!("{over}{days} days took {:.1} s.\n\n", since.elapsed().as_secs_f64()));
    Ok(lived)
}

/// What helps where a port is taken.
fn port_advice(args: &DemoArgs) -> &'static str {
    match args.port_base {
        None => "; or run the demo with --port-base 17000, which takes eight ports in a row from there",
        Some(_) => "; or run the demo with another --port-base, which takes eight ports in a row from there",
    }
}

fn advised(error: server::StartError, args: &DemoArgs) -> Failure {
    if matches!(error, server::StartError::Bind { .. }) {
        format!("{}{}", crate::causes::with_causes(&error), port_advice(args)).into()
    } else {
        error.into()
    }
}

/// The registers go on where an earlier demo left them. One that was killed left them with old tokens: then each gets
/// a new one, as a cashier enters it after a reset.
async fn resume(files: &DemoFiles, running: &server::Running) -> Result<Vec<Register>, Failure> {
    let fleet = ofd_loadtest::Fleet::read(&files.fleet)?;
    let (mut till_registers, _) = memory::resume(&files.fleet, &fleet, FLEET_VERSION, files::FLEET_SEED)?;
    let (store, turns) = (DynStore::from(Arc::clone(running.store())), Turns::default());
    let by = By::program("ofd demo", SystemWorld.now(), Ipv4Addr::LOCALHOST.into());
    for register in &mut till_registers {
        let id = register.identity().id;
        let Some(before) = registers::newest(&**running.store(), id).await? else { continue };
        if before.register.tokens.are_good(register.state().token) {
            continue;
        }
        let changed = change_register((&store, &SystemWorld), &turns, id, &Change::ResetToken, &by).await?;
        register.reset_token(changed.register.tokens.current);
    }
    // Marked as running: should the demo be killed, its next start knows that these states are out of date.
    let states = till_registers.iter().map(|register| (register.identity().id, register.state().clone()));
    memory::write(&files.fleet, states, memory::Ending::Running)?;
    Ok(till_registers)
}

fn open_shops(registers: Vec<Register>, files: &DemoFiles, ports: Ports) -> Result<Vec<Shop>, Failure> {
    let mut shops = Vec::new();
    for (index, register) in registers.into_iter().enumerate() {
        let link = match index % 3 {
            0 => Link::Plain(local(ports.plain)),
            1 => Link::Tls(local(ports.tls), files.certificate.clone()),
            _ => Link::Sim(local(ports.sim)),
        };
        let role = *ROLES.get(index).unwrap_or(&Role::Usual);
        shops.push(Shop::new(register, &link, role, u64::try_from(index).unwrap_or(0))?);
    }
    Ok(shops)
}

fn introduce(
    files: &DemoFiles,
    ports: Ports,
    registers: usize,
    args: &DemoArgs,
    people: &str,
) -> std::io::Result<()> {
    let Ports { plain, tls, sim, site, metrics, .. } = ports;
    let directory = args.directory.display();
    let mut out = std::io::stdout().lock();
    writeln!(
        out,
        "An open fiscal data operator with {registers} simulated cash registers; data in {directory}"
    )?;
    writeln!(out)?;
    writeln!(out, "  registers   127.0.0.1:{plain} TCP   127.0.0.1:{tls} TLS   127.0.0.1:{sim} SIM")?;
    writeln!(
        out,
        "  site        http://127.0.0.1:{site}/   API description http://127.0.0.1:{site}/api/v1/openapi.json"
    )?;
    writeln!(out, "  metrics     http://127.0.0.1:{metrics}/metrics")?;
    writeln!(out, "  API token   in {}", files.token.display())?;
    writeln!(out)?;
    write!(out, "{people}")?;
    writeln!(out)?;
    writeln!(out, "Ctrl-C ends the demo; started again it goes on where it stopped.")?;
    writeln!(out)
}

async fn show(board: Arc<Board>, stop: CancellationToken) {
    let is_terminal = std::io::stdout().is_terminal();
    let (every, clear) = if is_terminal { (LIVE_EVERY, "\r\x1b[K") } else { (LINE_EVERY, "") };
    let mut shown_link = false;
    loop {
        tokio::select! {
            () = stop.cancelled() => break,
            () = tokio::time::sleep(every) => {}
        }
        let mut out = std::io::stdout().lock();
        // A terminal that went away is no reason to stop the demo.
        if let Some(link) = board.first_receipt().filter(|_| !shown_link) {
            shown_link = true;
            let _ = writeln!(out, "{clear}  open a receipt in a browser: {link}\n");
        }
        let _ = match columns() {
            Some(columns) if is_terminal => write!(out, "{clear}{}", cut(&board.line(), columns)),
            Some(_) | None if is_terminal => write!(out, "{clear}{}", board.line()),
            Some(_) | None => writeln!(out, "{}", board.line()),
        };
        let _ = out.flush();
    }
    if is_terminal {
        let _ = writeln!(std::io::stdout());
    }
}

/// How many characters a line of the terminal has.
fn columns() -> Option<usize> {
    let size = rustix::termios::tcgetwinsize(std::io::stdout()).ok()?;
    Some(usize::from(size.ws_col)).filter(|columns| *columns > 0)
}

/// A line that goes over the end of the terminal's cannot be written over: it would pile up. One place is left for the
/// cursor.
fn cut(line: &str, columns: usize) -> String {
    let room = columns.saturating_sub(1);
    if line.chars().count() <= room {
        return line.to_owned();
    }
    line.chars().take(room.saturating_sub(1)).chain(['…']).collect()
}

fn farewell(board: &Board, files: &DemoFiles) -> Result<ExitCode, Failure> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{}", board.line())?;
    let differences = board.differences();
    for difference in &differences {
        writeln!(out, "DIFFERENCE: {difference}")?;
    }
    if let Some(link) = board.last_receipt() {
        writeln!(out, "The last receipt was {link}")?;
    }
    let config = display(&files.config);
    writeln!(out, "Stopped in order. To walk every stored document: ofd verify --config {config}")?;
    Ok(if differences.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn display(path: &Path) -> String {
    path.display().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_live_line_fits_the_terminal() {
        assert_eq!(cut("receipts 12", 12), "receipts 12");
        assert_eq!(cut("receipts 12", 11), "receipts …");
        assert_eq!(cut("чеки 12", 7), "чеки …");
        assert_eq!(cut("receipts", 1), "…");
        let board = Board::default().line();
        assert!(cut(&board, 80).chars().count() < 80);
    }
}
