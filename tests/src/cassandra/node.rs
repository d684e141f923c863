//! One node: its folder, its settings, its process.

use std::fmt::Write as _;
use std::fs;
use std::net::{Ipv4Addr, SocketAddrV4};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use super::fetch::{Installation, last_lines, new_file};
use super::lock::{MAIN_CLASS, STORAGE_FLAG};
use super::{CQL_PORT, STORAGE_PORT};

/// How often a process is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// Of a log this much is shown.
const SHOWN_LINES: usize = 60;

/// The largest heap in MiB of one of three nodes, and of a node alone, which holds the tables of all tests of a process.
const HEAP_OF_THREE_MIB: u32 = 512;
const HEAP_ALONE_MIB: u32 = 2048;

/// The memory and the speed of start matter here, the speed of a long run does not.
const JAVA_OPTIONS: &[&str] = &[
    "-Xms128m",
    "-Xss256k",
    "-XX:+UseSerialGC",
    "-XX:TieredStopAtLevel=1",
    "-XX:+ExitOnOutOfMemoryError",
    // Its file would stay in the temporary folder after a kill.
    "-XX:-UsePerfData",
    "--add-exports=java.base/jdk.internal.misc=ALL-UNNAMED",
    "--add-exports=java.base/jdk.internal.ref=ALL-UNNAMED",
    "--add-opens=java.base/sun.nio.ch=ALL-UNNAMED",
    "--add-opens=java.base/java.io=ALL-UNNAMED",
    "-Dcassandra-foreground=yes",
    "-Dcassandra.ring_delay_ms=1000",
    "-Dcassandra.skip_wait_for_gossip_to_settle=0",
    "-Dcassandra.superuser_setup_delay_ms=0",
    "-Dcassandra.memtable_row_overhead_computation_step=100",
    "-Dcassandra.disable_tcactive_openssl=true",
];

const LOGBACK: &str = r#"<configuration>
  <appender name="OUT" class="ch.qos.logback.core.ConsoleAppender">
    <encoder><pattern>%date{HH:mm:ss.SSS} %-5level [%thread] %logger{0}: %msg%n</pattern></encoder>
  </appender>
  <!-- They would push out of the end of a log what a failed test needs. -->
  <logger name="org.apache.cassandra.db.ColumnFamilyStore" level="WARN"/>
  <logger name="org.apache.cassandra.db.compaction" level="WARN"/>
  <logger name="org.apache.cassandra.db.memtable" level="WARN"/>
  <logger name="org.apache.cassandra.io.sstable" level="WARN"/>
  <logger name="org.apache.cassandra.service.NativeTransportService" level="WARN"/>
  <root level="INFO"><appender-ref ref="OUT"/></root>
</configuration>
"#;

/// Where a node is in its cluster and how it is set up.
#[derive(Clone, Debug)]
pub(super) struct Place {
    /// Which node it is, from 0.
    pub(super) number: usize,
    /// What the others and clients know it by.
    pub(super) public: Ipv4Addr,
    /// Where it listens itself: behind the relay another one than the public one.
    pub(super) own: Ipv4Addr,
    /// Where it begins on the ring.
    pub(super) token: i64,
    /// The folder that all of it lies in.
    pub(super) folder: PathBuf,
}

impl Place {
    /// Where it listens for CQL itself.
    pub(super) fn own_cql(&self) -> SocketAddrV4 {
        SocketAddrV4::new(self.own, CQL_PORT)
    }

    /// Writes what the node reads at its start.
    pub(super) fn write(&self, seeds: &[Ipv4Addr], extra: &str) {
        let temporary = self.folder.join("tmp");
        fs::create_dir_all(&temporary)
            .unwrap_or_else(|error| panic!("cannot make {}: {error}", temporary.display()));
        fs::write(self.folder.join("cassandra.yaml"), self.settings(seeds, extra))
            .expect("settings are written");
        fs::write(self.folder.join("logback.xml"), LOGBACK).expect("the log's settings are written");
    }

    fn settings(&self, seeds: &[Ipv4Addr], extra: &str) -> String {
        let Self { public, own, token, .. } = self;
        let seeds: Vec<_> = seeds.iter().map(|seed| format!("{seed}:{STORAGE_PORT}")).collect();
        let seeds = seeds.join(",");
        // A node acknowledges after the sync of its log, or a kill would lose what was acknowledged. The largest
        // write is half a segment of that log; an append of 4 MiB must fit.
        format!(
            r#"cluster_name: ofd
partitioner: org.apache.cassandra.dht.Murmur3Partitioner
num_tokens: 1
initial_token: "{token}"
auto_bootstrap: false
endpoint_snitch: SimpleSnitch
seed_provider:
  - class_name: org.apache.cassandra.locator.SimpleSeedProvider
    parameters:
      - seeds: "{seeds}"
listen_address: {own}
broadcast_address: {public}
rpc_address: {own}
broadcast_rpc_address: {public}
storage_port: {STORAGE_PORT}
native_transport_port: {CQL_PORT}
commitlog_sync: batch
commitlog_segment_size: 16MiB
paxos_variant: v2
auto_snapshot: false
{extra}"#
        )
    }

    /// All it logged, over all its starts.
    pub(super) fn log(&self) -> String {
        let mut text = String::new();
        for start in 0.. {
            let Ok(bytes) = fs::read(self.log_file(start)) else { break };
            text.push_str(&String::from_utf8_lossy(&bytes));
        }
        text
    }

    /// The end of its log, for messages.
    pub(super) fn log_tail(&self) -> String {
        let mut text = String::new();
        let _ = writeln!(text, "--- end of the log of node {} ({}):", self.number, self.public);
        text.push_str(&last_lines(&self.log(), SHOWN_LINES));
        text
    }

    fn log_file(&self, start: usize) -> PathBuf {
        self.folder.join(format!("log-{start}.txt"))
    }

    /// Starts the node's process.
    pub(super) fn spawn(&self, installation: &Installation, nodes: usize, start: usize) -> Process {
        let heap = if nodes > 1 { HEAP_OF_THREE_MIB } else { HEAP_ALONE_MIB };
        let log = new_file(&self.log_file(start));
        let other = log.try_clone().expect("a second handle of the log file");
        let mut command = Command::new(&installation.java);
        let file = |name: &str| self.folder.join(name).display().to_string();
        command
            .args(JAVA_OPTIONS)
            .arg(format!("-Xmx{heap}m"))
            .arg(format!("-Djava.io.tmpdir={}", file("tmp")))
            .arg(format!("-Dcassandra.config=file://{}", file("cassandra.yaml")))
            .arg(format!("-Dlogback.configurationFile={}", file("logback.xml")))
            .arg(format!("{STORAGE_FLAG}{}", self.folder.display()))
            .args(["-cp", &format!("{}/*", installation.jars.display()), MAIN_CLASS])
            .current_dir(&self.folder)
            .stdin(Stdio::null())
            .stdout(log)
            .stderr(other);
        let child = command.spawn().unwrap_or_else(|error| panic!("{command:?} does not start: {error}"));
        Process { child, ended: None }
    }
}

/// A node's process. Dropped, it is killed and waited for.
#[derive(Debug)]
pub(super) struct Process {
    child: Child,
    ended: Option<ExitStatus>,
}

impl Process {
    pub(super) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// How it ended, if it did.
    pub(super) fn ended(&mut self) -> Option<ExitStatus> {
        if self.ended.is_none() {
            self.ended = self.child.try_wait().expect("a child can be looked at");
        }
        self.ended
    }

    /// Sends a signal; `false`: the process has ended by itself.
    pub(super) fn signal(&mut self, signal: Signal) -> bool {
        // Not waited for yet, so the number is still its own.
        self.ended().is_none() && kill_process(Pid::from_child(&self.child), signal).is_ok()
    }

    /// Waits for its end; `None`: it runs on.
    pub(super) async fn wait(&mut self, within: Duration) -> Option<ExitStatus> {
        let since = Instant::now();
        while self.ended().is_none() && since.elapsed() < within {
            tokio::time::sleep(LOOK_EVERY).await;
        }
        self.ended
    }

    /// Whether SIGSTOP has worked: that takes the kernel a moment.
    pub(super) fn is_stopped(&self) -> bool {
        self.status("State:").is_some_and(|state| state.starts_with('T'))
    }

    /// How much memory it takes, in KiB.
    pub(super) fn resident_kib(&self) -> Option<u64> {
        self.status("VmRSS:")?.split_whitespace().next()?.parse().ok()
    }

    fn status(&self, key: &str) -> Option<String> {
        let status =
            fs::read_to_string(Path::new("/proc").join(self.pid().to_string()).join("status")).ok()?;
        Some(status.lines().find_map(|line| line.strip_prefix(key))?.trim().to_owned())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if self.ended.is_none() {
            // A stopped process takes SIGKILL as well.
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
    }
}
