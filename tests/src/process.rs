//! The real binary as a child process: set up in a folder of its own, bounded in time, its log shown when a test fails.

use std::fmt::Write as _;
use std::fs::{self, File};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicU16, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use ofd_loadtest::Fleet;
use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

/// The bearer token of every server that a test starts.
pub const API_TOKEN: &str = "e2e-3f1c9a7d5b2e8046";

/// Set to anything, folders of tests stay, to be looked at.
pub const KEEP_VARIABLE: &str = "OFD_E2E_KEEP";

/// The API token of the environment.
const TOKEN_VARIABLE: &str = "OFD_API_TOKEN";

/// A server that is not ready after this long will not be.
const READY_WITHIN: Duration = Duration::from_secs(30);

/// Commands that only look at a store take less, also those that walk all of a cluster on a busy machine.
const COMMAND_WITHIN: Duration = Duration::from_secs(180);

/// How often a child is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(10);

/// Of a log this much is shown when a test fails.
const SHOWN_BYTES: usize = 12_000;

/// A user without rights, for tests that run as root and need one who may not write.
pub const NOBODY: u32 = 65_534;

/// The ports of a server.
#[derive(Clone, Copy, Debug)]
pub struct Ports {
    /// Registers over TCP.
    pub plain: u16,
    /// Registers over TLS.
    pub tls: u16,
    /// Registers with SIM cards.
    pub sim: u16,
    /// The port of the site.
    pub site: u16,
    /// Metrics and health.
    pub metrics: u16,
}

impl Ports {
    /// Five free ones in a row.
    pub fn free() -> Self {
        let base = free_ports(5);
        Self { plain: base, tls: base + 1, sim: base + 2, site: base + 3, metrics: base + 4 }
    }
}

/// The first of `count` free ports in a row. They lie below those that the system gives to clients, so nobody takes
/// them by chance before the server does.
pub fn free_ports(count: u16) -> u16 {
    const FIRST: u16 = 12_000;
    const LAST: u16 = 32_000;
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let of_process = u16::try_from(std::process::id() % 400).unwrap_or(0) * 50;
    for _ in 0..2_000 {
        let offset = of_process.wrapping_add(NEXT.fetch_add(count, Ordering::Relaxed));
        let base = FIRST + offset % (LAST - FIRST - count);
        let is_free = |port| TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok();
        if (base..base + count).all(is_free) {
            return base;
        }
    }
    panic!("there are no {count} free ports in a row between {FIRST} and {LAST}");
}

/// An address of this machine.
pub fn local(port: u16) -> SocketAddr {
    SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), port)
}

/// The binary: `ofd`, built with the tests from the same source file.
pub fn binary() -> PathBuf {
    // The test lies in target/<profile>/deps, binaries in target/<profile>.
    let test = std::env::current_exe().expect("a process knows its own path");
    let folder = test.parent().and_then(Path::parent).expect("tests lie in the folder deps of their profile");
    let binary = folder.join("ofd-under-test");
    assert!(binary.exists(), "{} is missing; run the tests by cargo", binary.display());
    binary
}

/// A folder with config, fleet and certificate, and the commands that work on it.
pub struct Setup {
    folder: TempDir,
    /// The ports that it listens on.
    pub ports: Ports,
    /// The registers that it serves.
    pub fleet: Fleet,
    /// Appended to the config: tables such as `[limits]`.
    pub extra: String,
    /// More keys of `[site]`.
    pub site: String,
    /// What `[log] filter` is set to.
    pub log: String,
    /// Where the store is, from the folder.
    pub store: String,
    /// `[store]` of a cluster; the store is in the folder when `None`.
    pub cluster: Option<String>,
    starts: AtomicUsize,
}

impl Setup {
    /// A folder for a fleet of so many registers.
    pub fn new(registers: u32) -> Self {
        Self::with_fleet(Fleet::of_size(registers, 20_260_122))
    }

    /// A folder for a fleet.
    pub fn with_fleet(fleet: Fleet) -> Self {
        let mut folder = tempfile::Builder::new().prefix("ofd-e2e-").tempdir().expect("a temporary folder");
        folder.disable_cleanup(std::env::var_os(KEEP_VARIABLE).is_some());
        let setup = Self {
            folder,
            ports: Ports::free(),
            fleet,
            extra: String::new(),
            site: String::new(),
            log: "info".to_owned(),
            store: "data".to_owned(),
            cluster: None,
            starts: AtomicUsize::new(0),
        };
        let pair = rcgen::generate_simple_self_signed(["localhost".to_owned(), "127.0.0.1".to_owned()])
            .expect("a certificate for this machine");
        fs::write(setup.certificate(), pair.cert.pem()).expect("the certificate is written");
        fs::write(setup.path("key.pem"), pair.signing_key.serialize_pem()).expect("the key is written");
        setup.fleet.write(&setup.fleet_file()).expect("the fleet is written");
        setup.write();
        setup
    }

    /// Sets the section `[limits]` of the config.
    #[must_use]
    pub fn limits(mut self, limits: &str) -> Self {
        self.extra = format!("[limits]\n{limits}\n");
        self.write();
        self
    }

    /// Sets what is logged.
    #[must_use]
    pub fn log(mut self, filter: &str) -> Self {
        self.log = filter.to_owned();
        self.write();
        self
    }

    /// A path in the folder.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The fleet file.
    pub fn fleet_file(&self) -> PathBuf {
        self.path("fleet.json")
    }

    /// The certificate, to be pinned.
    pub fn certificate(&self) -> PathBuf {
        self.path("certificate.pem")
    }

    /// The config file.
    pub fn config(&self) -> PathBuf {
        self.path("ofd.toml")
    }

    /// The store's directory.
    pub fn store_path(&self) -> PathBuf {
        self.path(&self.store)
    }

    /// The config's text.
    pub fn config_text(&self) -> String {
        let Ports { plain, tls, sim, site, metrics } = self.ports;
        let (log, extra, more) = (&self.log, &self.extra, &self.site);
        let embedded = || format!("kind = \"embedded\"\npath = \"{}\"\n", self.store);
        let store = self.cluster.clone().unwrap_or_else(embedded);
        format!(
            r#"bootstrap = "fleet.json"

[store]
{store}
[[listeners]]
name = "wired"
address = "127.0.0.1:{plain}"
profile = "wired"

[[listeners]]
name = "wired-tls"
address = "127.0.0.1:{tls}"
profile = "wired"
tls = {{ certificate = "certificate.pem", key = "key.pem" }}

[[listeners]]
name = "sim"
address = "127.0.0.1:{sim}"
profile = "sim"

[site]
address = "127.0.0.1:{site}"
public_url = "http://127.0.0.1:{site}"
api_token = "{API_TOKEN}"
phone_apps = {{ emulated = true }}
{more}
[metrics]
address = "127.0.0.1:{metrics}"

[log]
filter = "{log}"

{extra}"#
        )
    }

    /// Writes the config anew.
    pub fn write(&self) {
        fs::write(self.config(), self.config_text()).expect("the config is written");
    }

    /// `ofd serve` of this folder, not yet started.
    pub fn serve_command(&self) -> Command {
        let mut command = Command::new(binary());
        command.arg("serve").arg("--config").arg(self.config());
        command
    }

    /// Starts `ofd serve` and waits until it is ready.
    pub async fn start(&self) -> Server {
        self.start_with(self.serve_command()).await
    }

    /// Starts `ofd serve` with OFD_API_TOKEN in its environment and waits until it is ready.
    pub async fn start_with_token(&self, token: &str) -> Server {
        let mut command = self.serve_command();
        command.env(TOKEN_VARIABLE, token);
        self.start_with(command).await
    }

    /// Starts a server by another command and waits until it is ready.
    pub async fn start_with(&self, command: Command) -> Server {
        let mut server = self.spawn(command);
        server.wait_until_ready().await;
        server
    }

    /// Starts a server and does not wait for it.
    pub fn spawn(&self, command: Command) -> Server {
        let number = self.starts.fetch_add(1, Ordering::Relaxed);
        self.spawn_logging(command, self.path(&format!("log-{number}.txt")))
    }

    fn spawn_logging(&self, mut command: Command, log: PathBuf) -> Server {
        let file = File::create(&log).expect("a log file");
        let other = file.try_clone().expect("a second handle of the log file");
        command.stdin(Stdio::null()).stdout(file).stderr(other).env_remove("OFD_LOG");
        if !command.get_envs().any(|(name, _)| name == TOKEN_VARIABLE) {
            command.env_remove(TOKEN_VARIABLE);
        }
        let child = command.spawn().unwrap_or_else(|error| panic!("{command:?} does not start: {error}"));
        Server { child, log, ports: self.ports, is_over: false }
    }

    /// Runs `ofd` with arguments in the folder to its end.
    pub async fn run(&self, arguments: &[&str]) -> Ended {
        let mut command = Command::new(binary());
        command.args(arguments).current_dir(self.folder.path());
        self.run_command(command).await
    }

    /// Runs a command to its end.
    pub async fn run_command(&self, command: Command) -> Ended {
        self.run_with_token(command, None).await
    }

    /// Runs a command to its end, with OFD_API_TOKEN in its environment.
    pub async fn run_with_token(&self, mut command: Command, token: Option<&str>) -> Ended {
        let shown = format!("{command:?}");
        if let Some(token) = token {
            command.env(TOKEN_VARIABLE, token);
        }
        let mut server = self.spawn(command);
        let status = server.wait(COMMAND_WITHIN).await;
        Ended { status, text: server.log(), command: shown }
    }

    /// Runs a command to its end with its log outside of the folder, which may be read-only.
    pub async fn spawn_elsewhere(&self, command: Command) -> Ended {
        let aside = tempfile::tempdir().expect("a temporary folder");
        let shown = format!("{command:?}");
        let mut server = self.spawn_logging(command, aside.path().join("log.txt"));
        let status = server.wait(COMMAND_WITHIN).await;
        Ended { status, text: server.log(), command: shown }
    }

    /// What a metric without labels shows; `None` when it is not there.
    pub async fn metric(&self, name: &str) -> Option<f64> {
        let page = crate::http::get(local(self.ports.metrics), "/metrics").await;
        let page = page.expect("a server that runs shows its metrics").expect(200).text();
        let line = page.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
        line.map(|value| value.parse().unwrap_or_else(|error| panic!("{name} {value}: {error}")))
    }

    /// `ofd verify`, which must find the store whole.
    pub async fn verify(&self) -> Ended {
        let verified = self.run(&["verify", "--config", "ofd.toml"]).await;
        verified.expect_success();
        assert!(verified.text.contains(" 0 breaks"), "{}", verified.text);
        verified
    }

    /// `ofd export`, as JSON.
    pub async fn export(&self) -> Vec<serde_json::Value> {
        let exported = self.run(&["export", "--config", "ofd.toml", "--out", "export.jsonl"]).await;
        exported.expect_success();
        let text = fs::read_to_string(self.path("export.jsonl")).expect("the export is there");
        let line = |line: &str| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
        text.lines().map(line).collect()
    }
}

/// A command that came to its end.
#[derive(Clone, Debug)]
pub struct Ended {
    /// How the process ended.
    pub status: ExitStatus,
    /// All it printed.
    pub text: String,
    command: String,
}

impl Ended {
    /// It exited with 0.
    #[track_caller]
    pub fn expect_success(&self) {
        assert!(self.status.success(), "{} ended with {}:\n{}", self.command, self.status, self.text);
    }

    /// It exited with another code than 0, without a panic or a signal, and its text holds all of `words`.
    #[track_caller]
    pub fn expect_refusal(&self, words: &[&str]) {
        let Self { status, text, command } = self;
        assert!(!status.success(), "{command} ended well:\n{text}");
        // 101 is a panic; no code is a signal.
        assert!(status.code().is_some_and(|code| code != 101), "{command} ended with {status}:\n{text}");
        assert!(!text.contains("panicked"), "{command} panicked:\n{text}");
        for word in words {
            assert!(text.contains(word), "{command} does not say {word:?}:\n{text}");
        }
    }
}

/// A server that runs. Dropped, it is killed, and its log is shown when the test has failed.
pub struct Server {
    child: Child,
    log: PathBuf,
    /// Where it listens.
    pub ports: Ports,
    is_over: bool,
}

impl Server {
    /// Its process id.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// All it logged so far.
    pub fn log(&self) -> String {
        String::from_utf8_lossy(&fs::read(&self.log).unwrap_or_default()).into_owned()
    }

    /// Whether it still runs.
    pub fn is_running(&mut self) -> bool {
        self.child.try_wait().expect("a child can be looked at").is_none()
    }

    /// Waits until `/readyz` says so.
    pub async fn wait_until_ready(&mut self) {
        let since = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().expect("a child can be looked at") {
                self.is_over = true;
                panic!("the server ended with {status} before it was ready:\n{}", self.log());
            }
            if crate::http::get(local(self.ports.metrics), "/readyz")
                .await
                .is_ok_and(|ready| ready.status == 200)
            {
                return;
            }
            assert!(since.elapsed() < READY_WITHIN, "the server is not ready after {READY_WITHIN:?}");
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }

    /// Waits for its end.
    pub async fn wait(&mut self, within: Duration) -> ExitStatus {
        let since = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().expect("a child can be looked at") {
                self.is_over = true;
                return status;
            }
            assert!(since.elapsed() < within, "the process runs on after {within:?}:\n{}", tail(&self.log()));
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }

    /// Waits until this one or another has ended.
    pub async fn wait_for_either(&mut self, other: &mut Self) {
        eventually("one of two ends", READY_WITHIN, || {
            let is_over = !self.is_running() || !other.is_running();
            async move { is_over }
        })
        .await;
    }

    /// Asks it to stop, by SIGTERM.
    pub fn terminate(&self) {
        kill_process(Pid::from_child(&self.child), Signal::TERM).expect("the server runs");
    }

    /// Sends what Ctrl-C sends.
    pub fn interrupt(&self) {
        kill_process(Pid::from_child(&self.child), Signal::INT).expect("the server runs");
    }

    /// SIGTERM, then exit code 0 within 10 seconds; how long it took.
    pub async fn stop(&mut self) -> Duration {
        let since = Instant::now();
        self.terminate();
        let status = self.wait(Duration::from_secs(12)).await;
        let took = since.elapsed();
        assert_eq!(
            status.code(),
            Some(0),
            "after SIGTERM the server ended with {status}:\n{}",
            tail(&self.log())
        );
        assert!(took < Duration::from_secs(10), "after SIGTERM the server took {took:?}");
        took
    }

    /// Ends it as `kill -9` does.
    pub async fn kill(&mut self) {
        self.child.kill().expect("the server runs");
        self.wait(Duration::from_secs(10)).await;
    }

    /// Its memory in KiB.
    pub fn resident_kib(&self) -> u64 {
        self.status_kib("VmRSS:")
    }

    /// The most memory it ever had, in KiB.
    pub fn peak_resident_kib(&self) -> u64 {
        self.status_kib("VmHWM:")
    }

    fn status_kib(&self, name: &str) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.pid())).expect("the server runs");
        let line = status.lines().find_map(|line| line.strip_prefix(name));
        let number =
            line.and_then(|rest| rest.split_whitespace().next()).and_then(|number| number.parse().ok());
        number.unwrap_or_else(|| panic!("/proc does not tell {name}"))
    }

    /// How many file descriptors it has open.
    pub fn open_files(&self) -> usize {
        fs::read_dir(format!("/proc/{}/fd", self.pid())).expect("the server runs").count()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if !self.is_over {
            // It may have ended by itself just now.
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
        if std::thread::panicking() {
            let mut shown = String::new();
            let _ = writeln!(shown, "--- log of process {} ({}):", self.child.id(), self.log.display());
            eprintln!("{shown}{}\n---", tail(&self.log()));
        }
    }
}

fn tail(text: &str) -> &str {
    let mut from = text.len().saturating_sub(SHOWN_BYTES);
    while !text.is_char_boundary(from) {
        from += 1;
    }
    &text[from..]
}

/// Makes a command run as a user without rights when the test itself is root.
pub fn without_rights(command: &mut Command) {
    if rustix::process::getuid().is_root() {
        command.uid(NOBODY).gid(NOBODY);
    }
}

/// Runs a test for so many seconds at most.
///
/// # Panics
/// When it takes longer; what it started is dropped after that, so that logs are shown.
pub async fn within<T>(seconds: u64, test: impl Future<Output = T>) -> T {
    let mut test = std::pin::pin!(test);
    match tokio::time::timeout(Duration::from_secs(seconds), &mut test).await {
        Ok(done) => done,
        Err(_) => panic!("the test takes longer than {seconds} s"),
    }
}

/// Waits until a condition holds.
///
/// # Panics
/// When it does not within the time.
pub async fn eventually<F: Future<Output = bool>>(
    what: &str,
    within: Duration,
    mut holds: impl FnMut() -> F,
) {
    let since = Instant::now();
    while !holds().await {
        assert!(since.elapsed() < within, "{what}: not within {within:?}");
        tokio::time::sleep(LOOK_EVERY).await;
    }
}
