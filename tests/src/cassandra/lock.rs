//! Locks between processes, and what a killed test left behind.
//!
//! Ports are fixed, so one cluster at a time runs on a machine. Whoever holds the lock owns every node of ours: one
//! that still runs was left by a test that was killed together with its watchdog.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{ErrorKind, Read, Seek, Write};
use std::net::{SocketAddrV4, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

/// How often a lock that is taken is tried again.
const TRY_EVERY: Duration = Duration::from_millis(100);

/// A wait that is longer than this is told, so that nobody thinks that the test hangs.
const SILENT_FOR: Duration = Duration::from_secs(5);

/// Folders of clusters begin with it; what does and is not locked may be removed.
pub(super) const FOLDER_PREFIX: &str = "ofd-cassandra-";

/// A node's command line holds it, followed by the folder of its cluster and a slash.
pub(super) const STORAGE_FLAG: &str = "-Dcassandra.storagedir=";

/// What Java runs.
pub(super) const MAIN_CLASS: &str = "org.apache.cassandra.service.CassandraDaemon";

/// A killed process is gone by then, even on a busy machine.
const GONE_WITHIN: Duration = Duration::from_secs(30);

/// A port whose process was killed just now is free by then.
const FREE_WITHIN: Duration = Duration::from_secs(10);

/// Ends nodes and removes their folder when its standard input ends. That is when the test process is gone, however it
/// went: nobody else has the other end of the pipe. It looks twice, for a node that was being started.
const WATCHDOG: &str = r#"
while read -r _; do :; done
for round in 1 2; do
    for file in $(grep -lF -e "$3" /proc/[0-9]*/cmdline 2>/dev/null); do
        case "$(tr '\0' '\n' 2>/dev/null <"$file")" in
            *"$3$1/"*) pid="${file#/proc/}" && kill -9 "${pid%/cmdline}" ;;
        esac
    done
    sleep 1
done
[ "$2" = keep ] || rm -rf -- "$1"
"#;

/// Held: nobody else has it. It goes with the process, however that ends.
#[derive(Debug)]
pub(super) struct Lock {
    _file: File,
}

/// Waits for a lock without a runtime.
///
/// # Panics
/// When it is not free within the time, or its file cannot be opened.
pub(super) fn wait_blocking(path: &Path, within: Duration, holder: &'static str) -> Lock {
    let mut waiting = Waiting::new(path, within, holder);
    loop {
        if let Some(lock) = waiting.attempt() {
            return lock;
        }
        std::thread::sleep(TRY_EVERY);
    }
}

/// Waits for a lock.
///
/// # Panics
/// When it is not free within the time, or its file cannot be opened.
pub(super) async fn wait(path: &Path, within: Duration, holder: &'static str) -> Lock {
    let mut waiting = Waiting::new(path, within, holder);
    loop {
        if let Some(lock) = waiting.attempt() {
            return lock;
        }
        tokio::time::sleep(TRY_EVERY).await;
    }
}

struct Waiting<'a> {
    path: &'a Path,
    file: Option<File>,
    holder: &'static str,
    since: Instant,
    within: Duration,
    told: bool,
}

impl<'a> Waiting<'a> {
    fn new(path: &'a Path, within: Duration, holder: &'static str) -> Self {
        Self { path, file: Some(open(path)), holder, since: Instant::now(), within, told: false }
    }

    fn attempt(&mut self) -> Option<Lock> {
        let path = self.path.display();
        let mut file = self.file.take()?;
        match file.try_lock() {
            Ok(()) => {
                // For those who wait. Another user's file cannot be written, and then they are not told who it is.
                let _ = file.set_len(0).and_then(|()| file.rewind());
                let _ = write!(file, "process {}", std::process::id());
                return Some(Lock { _file: file });
            }
            Err(TryLockError::WouldBlock) => {}
            Err(TryLockError::Error(error)) => panic!("cannot lock {path}: {error}"),
        }
        let (holder, waited) = (self.holder, self.since.elapsed());
        if !self.told && waited > SILENT_FOR {
            self.told = true;
            eprintln!("waiting for {holder}, {}, which holds {path}", who(&mut file));
        }
        let within = self.within;
        assert!(
            waited < within,
            "{holder}, {}, holds {path} for more than {within:?}; end it, or wait and run the test again",
            who(&mut file),
        );
        self.file = Some(file);
        None
    }
}

fn open(path: &Path) -> File {
    let made = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path);
    let opened = match made {
        // Another user made it. To be locked it need not be written.
        Err(error) if error.kind() == ErrorKind::PermissionDenied => File::open(path),
        other => other,
    };
    opened.unwrap_or_else(|error| panic!("cannot open the lock {}: {error}", path.display()))
}

fn who(file: &mut File) -> String {
    let mut text = String::new();
    let read = file.rewind().and_then(|()| file.read_to_string(&mut text));
    if read.is_ok() && !text.is_empty() { text } else { "an unknown process".to_owned() }
}

/// Ends nodes that nobody owns any more and removes their folders. Call it with the lock held.
///
/// # Panics
/// When a node cannot be ended.
pub(super) fn clear_leftovers() {
    let folders = std::env::temp_dir();
    let sign = format!("{STORAGE_FLAG}{}", folders.join(FOLDER_PREFIX).display());
    let left = processes(&sign);
    for pid in &left {
        eprintln!("process {} is a node that a test left behind; it is killed", pid.as_raw_nonzero());
        if let Err(error) = kill_process(*pid, Signal::KILL) {
            let gone = error == rustix::io::Errno::SRCH;
            let pid = pid.as_raw_nonzero();
            assert!(gone, "process {pid} is a node that a test left behind and cannot be killed: {error}");
        }
    }
    let since = Instant::now();
    while !left.is_empty() && !processes(&sign).is_empty() {
        assert!(since.elapsed() < GONE_WITHIN, "killed nodes are not gone after {GONE_WITHIN:?}: {left:?}");
        std::thread::sleep(TRY_EVERY);
    }
    for entry in fs::read_dir(folders).into_iter().flatten().flatten() {
        // The lock's own file has the prefix without the hyphen, and is no folder.
        if entry.file_name().to_string_lossy().starts_with(FOLDER_PREFIX) {
            // Another user's folder stays; it is in nobody's way.
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

/// The nodes with an argument that begins with `sign`; their class comes behind it.
fn processes(sign: &str) -> Vec<Pid> {
    let mut found = Vec::new();
    for entry in fs::read_dir("/proc").into_iter().flatten().flatten() {
        let pid = entry.file_name().to_str().and_then(|name| name.parse().ok()).and_then(Pid::from_raw);
        // A process may end while it is looked at. One that is dead and not yet waited for has no command line.
        let arguments = fs::read(entry.path().join("cmdline")).unwrap_or_default();
        let mut arguments = arguments.split(|byte| *byte == 0);
        let ours = arguments.any(|argument| argument.starts_with(sign.as_bytes()))
            && arguments.any(|argument| argument == MAIN_CLASS.as_bytes());
        found.extend(pid.filter(|_| ours));
    }
    found
}

/// Waits until somebody can listen on these addresses.
///
/// # Panics
/// When somebody else still does.
pub(super) fn wait_until_free(addresses: &[SocketAddrV4]) {
    let since = Instant::now();
    for address in addresses {
        while let Err(error) = TcpListener::bind(address) {
            assert!(
                since.elapsed() < FREE_WITHIN,
                "a node of the tests needs the address {address}: {error}; end the program that listens there (ss -ltnp \
                 names it)"
            );
            std::thread::sleep(TRY_EVERY);
        }
    }
}

/// Where everybody on this machine looks for the lock of the ports.
pub(super) fn ports_lock() -> PathBuf {
    std::env::temp_dir().join("ofd-cassandra.lock")
}

/// A process that outlives this one just long enough to end its nodes.
#[derive(Debug)]
pub(super) struct Watchdog {
    child: Child,
}

impl Watchdog {
    /// Starts one for the nodes in a folder.
    pub(super) fn start(folder: &Path, keep: bool) -> Self {
        use std::os::unix::process::CommandExt;
        let mut command = Command::new("sh");
        command.args(["-c", WATCHDOG, "ofd-cassandra-watchdog"]).arg(folder);
        command.args([if keep { "keep" } else { "remove" }, STORAGE_FLAG]);
        command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        // Ctrl-C, or the end of a terminal, ends the test's process group. This one has work to do then.
        command.process_group(0).current_dir("/");
        let child = command.spawn().unwrap_or_else(|error| panic!("sh does not start: {error}"));
        Self { child }
    }
}

impl Drop for Watchdog {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lock_is_held_by_one() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("lock");
        let first = wait_blocking(&path, Duration::from_secs(1), "nobody");
        assert_eq!(
            fs::read_to_string(&path).expect("it is there"),
            format!("process {}", std::process::id())
        );
        let second =
            std::panic::catch_unwind(|| wait_blocking(&path, Duration::from_millis(150), "the first one"));
        let told = second.expect_err("it is taken");
        let told = told.downcast_ref::<String>().expect("a text");
        assert!(told.contains("the first one") && told.contains(&std::process::id().to_string()), "{told}");
        drop(first);
        drop(wait_blocking(&path, Duration::from_secs(1), "nobody"));
    }

    #[test]
    fn a_process_whose_starter_is_gone_is_ended_and_its_folder_removed() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let cluster = folder.path().join("cluster");
        fs::create_dir(&cluster).expect("a folder");
        let argument = format!("{STORAGE_FLAG}{}/0", cluster.display());
        let mut node = Command::new("sh");
        node.args(["-c", "while :; do sleep 1; done", "node"]).arg(&argument);
        let mut node = node.spawn().expect("sh starts");
        let mut watchdog = Watchdog::start(&cluster, false);
        assert!(node.try_wait().expect("it can be looked at").is_none());
        // As when the test process dies: the pipe is closed, nothing else happens.
        drop(watchdog.child.stdin.take());
        let since = Instant::now();
        while cluster.exists() || node.try_wait().expect("it can be looked at").is_none() {
            assert!(since.elapsed() < GONE_WITHIN, "the watchdog does nothing");
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}
