//! The system calls of a server, by strace: whether it synced before it answered, and calls that are made to fail.
//!
//! A traced thread stands still while strace writes down the begin or the end of its call. So when the end of call A
//! causes call B, on whatever thread, A's end stands before B's begin in the trace: its order can be relied on.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use ofd_protocol::frame;
use rustix::process::{Pid, Signal, kill_process};

use crate::device::read_answer;
use crate::tap::is_fiscal_request;

/// Calls that move bytes to or from files and sockets, and those that make them stay.
const TRACED: &str = "trace=read,readv,recvfrom,recvmsg,write,writev,pwrite64,pwritev,pwritev2,sendto,sendmsg,\
                      sendmmsg,fsync,fdatasync,sync_file_range,msync,io_uring_enter";

/// How long strace may take to come and to go.
const WITHIN: Duration = Duration::from_secs(20);

fn strace() -> Command {
    let found = Command::new("strace").arg("-V").stdout(Stdio::null()).stderr(Stdio::null()).status();
    assert!(
        found.is_ok_and(|status| status.success()),
        "strace is missing: this test needs it to see when the server syncs; on Debian: apt-get install strace"
    );
    Command::new("strace")
}

/// `command` under strace; the trace goes to `to`. What is started is `command` itself: strace watches from aside.
pub fn traced(command: &Command, to: &Path) -> Command {
    let mut strace = strace();
    strace.args([
        "-D",
        "-f",
        "-yy",
        "-xx",
        "-s",
        "1048576",
        "--seccomp-bpf",
        "-e",
        TRACED,
        "-e",
        "signal=none",
        "-o",
    ]);
    strace.arg(to).arg(command.get_program()).args(command.get_args());
    strace
}

/// The text of a trace, once the process has ended.
pub async fn finished(trace: &Path) -> String {
    let since = Instant::now();
    loop {
        let text = fs::read_to_string(trace).unwrap_or_default();
        let last = text.trim_end().lines().last().unwrap_or_default();
        if last.contains("+++ exited") || last.contains("+++ killed") {
            return text;
        }
        assert!(since.elapsed() < WITHIN, "strace does not finish {}", trace.display());
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// A call of one thread.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// What the system calls it.
    pub name: String,
    /// What its file descriptor is: a path, or `TCP:[from->to]`.
    pub target: String,
    /// The bytes it moved, as far as they were there.
    pub bytes: Vec<u8>,
    /// What it returned; `None` when it did not.
    pub result: Option<i64>,
    /// When it began, in the order of the trace.
    pub begun: usize,
    /// When it ended.
    pub ended: usize,
}

/// Reads a trace.
pub fn calls(trace: &str) -> Vec<Call> {
    const UNFINISHED: &str = " <unfinished ...>";
    let mut open: BTreeMap<&str, (usize, String)> = BTreeMap::new();
    let mut calls = Vec::new();
    for (line, text) in trace.lines().enumerate() {
        let Some((thread, text)) = text.split_once(' ') else { continue };
        let text = text.trim_start();
        let (begun, ended) = (line * 2, line * 2 + 1);
        if let Some(begin) = text.strip_suffix(UNFINISHED) {
            open.insert(thread, (begun, begin.to_owned()));
        } else if let Some(rest) = text.strip_prefix("<... ") {
            let Some((begun, begin)) = open.remove(thread) else { continue };
            let rest = rest.split_once(" resumed>").map_or("", |(_, rest)| rest);
            calls.extend(call(&format!("{begin}{rest}"), begun, ended));
        } else {
            calls.extend(call(text, begun, ended));
        }
    }
    calls.sort_by_key(|call| call.begun);
    calls
}

fn call(text: &str, begun: usize, ended: usize) -> Option<Call> {
    let (name, rest) = text.split_once('(')?;
    let (_, rest) = rest.split_once('<')?;
    // An address has a > of its own, but none before a comma or a bracket.
    let end = [">,", ">)"].into_iter().filter_map(|end| rest.find(end)).min()?;
    let target = String::from_utf8_lossy(&unescaped(&rest[..end])).into_owned();
    let rest = &rest[end..];
    let quoted = rest.split_once('"').and_then(|(_, rest)| rest.split_once('"'));
    // Between the bracket and the result strace fills up with blanks.
    let result =
        rest.rsplit_once(" = ").and_then(|(_, result)| result.split_whitespace().next()?.parse().ok());
    let bytes = quoted.map(|(bytes, _)| unescaped(bytes)).unwrap_or_default();
    Some(Call { name: name.to_owned(), target, bytes, result, begun, ended })
}

/// Bytes as strace writes them with -xx: all of them `\x2f`, save those of addresses.
fn unescaped(text: &str) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len() / 4);
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let escaped = rest.strip_prefix("\\x").and_then(|hex| u8::from_str_radix(hex.get(..2)?, 16).ok());
        match escaped {
            Some(byte) => {
                bytes.push(byte);
                rest = &rest[4..];
            }
            None => {
                bytes.extend_from_slice(&rest.as_bytes()[..first.len_utf8()]);
                rest = &rest[first.len_utf8()..];
            }
        }
    }
    bytes
}

/// What a trace showed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Synced {
    /// Answers of 0 to fiscal commands, each behind a sync of its own or of its batch.
    pub answers: usize,
    /// Syncs of the store's files.
    pub syncs: usize,
}

/// A frame on a connection, with the order in which its first call began and its last one ended.
struct Moved {
    frame: Vec<u8>,
    begun: usize,
    ended: usize,
}

fn frames<'a>(calls: impl Iterator<Item = &'a Call>) -> Vec<Moved> {
    let (mut found, mut buffer, mut begun) = (Vec::new(), Vec::new(), None);
    for call in calls {
        let len = call.result.and_then(|moved| usize::try_from(moved).ok()).unwrap_or(0);
        buffer.extend_from_slice(&call.bytes[..len.min(call.bytes.len())]);
        let first = *begun.get_or_insert(call.begun);
        while let Ok(Some(header)) = frame::header(&buffer) {
            let size = usize::try_from(header.size).unwrap_or(usize::MAX);
            if buffer.len() < size {
                break;
            }
            let rest = buffer.split_off(size);
            found.push(Moved {
                frame: std::mem::replace(&mut buffer, rest),
                begun: first,
                ended: call.ended,
            });
        }
        if buffer.is_empty() {
            begun = None;
        }
    }
    found
}

/// Holds every answer that acknowledges a document against the syncs of the store.
///
/// Between the end of the read that completed the request and the begin of the write of its answer there must lie a
/// write to the store's journal and after it a whole sync of the same file that succeeded.
///
/// # Errors
/// Every answer that left too early.
pub fn answers_follow_syncs(calls: &[Call], port: u16, store: &Path) -> Result<Synced, String> {
    let store = store.to_string_lossy().into_owned();
    let of_store: Vec<&Call> = calls.iter().filter(|call| call.target.starts_with(&store)).collect();
    let is_sync =
        |call: &&&Call| ["fsync", "fdatasync"].contains(&call.name.as_str()) && call.result == Some(0);
    let is_write = |call: &&&Call| call.name.contains("write") && call.result.is_some_and(|len| len > 0);
    let mut synced = Synced { syncs: of_store.iter().filter(is_sync).count(), ..Synced::default() };
    let mut wrong = Vec::new();
    let mut connections: BTreeMap<&str, Vec<&Call>> = BTreeMap::new();
    let ours = format!("TCP:[127.0.0.1:{port}->");
    for call in calls.iter().filter(|call| call.target.starts_with(&ours)) {
        connections.entry(&call.target).or_default().push(call);
    }
    for (connection, calls) in connections {
        let is_read = |call: &&&Call| call.name.starts_with("re");
        let requests = frames(calls.iter().filter(is_read).copied());
        let answers = frames(calls.iter().filter(|call| !is_read(call)).copied());
        for (request, answer) in requests.iter().zip(&answers) {
            let code = read_answer(&answer.frame).map_or(0, |read| read.code());
            if code != 0 || !is_fiscal_request(&request.frame) {
                continue;
            }
            synced.answers += 1;
            let between = |call: &&&Call| call.begun > request.ended && call.ended < answer.begun;
            let is_synced = of_store.iter().filter(between).filter(is_sync).any(|sync| {
                let before = |call: &&&Call| call.ended < sync.begun && call.target == sync.target;
                of_store.iter().filter(between).filter(is_write).any(|write| before(&write))
            });
            if !is_synced {
                let (from, to) = (request.ended / 2 + 1, answer.begun / 2 + 1);
                wrong.push(format!("{connection}: the request ends in line {from}, its answer leaves in line {to}, no sync lies between"));
            }
        }
    }
    if wrong.is_empty() { Ok(synced) } else { Err(wrong.join("\n")) }
}

/// A running process whose calls fail as long as this lives.
pub struct Failing {
    strace: Child,
    _log: PathBuf,
}

impl Failing {
    /// Makes calls of a process fail: `inject` as strace has it, such as `fdatasync:error=EIO`. With `path` only those
    /// on this file.
    pub async fn attach(pid: u32, inject: &str, path: Option<&Path>, log: PathBuf) -> Self {
        let mut command = strace();
        let (name, _) = inject.split_once(':').expect("what fails and how");
        command.args([
            "-f",
            "-p",
            &pid.to_string(),
            "-e",
            &format!("trace={name}"),
            "-e",
            &format!("inject={inject}"),
        ]);
        if let Some(path) = path {
            command.arg("-P").arg(path);
        }
        let file = fs::File::create(&log).expect("a log file");
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(file);
        let failing = Self { strace: command.spawn().expect("strace starts"), _log: log.clone() };
        let since = Instant::now();
        while !fs::read_to_string(&log).unwrap_or_default().contains("attached") {
            assert!(
                since.elapsed() < WITHIN,
                "strace does not attach; where kernel.yama.ptrace_scope is 1 it takes root: {:?}",
                fs::read_to_string(&log)
            );
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        failing
    }

    /// Lets the process go.
    pub fn end(mut self) {
        self.detach();
    }

    fn detach(&mut self) {
        // It lets go of every thread first; a kill would do so as well.
        let _ = kill_process(Pid::from_child(&self.strace), Signal::TERM);
        let _ = self.strace.wait();
    }
}

impl Drop for Failing {
    fn drop(&mut self) {
        self.detach();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STORE: &str = "/tmp/store";

    fn hex(bytes: &[u8]) -> String {
        bytes.iter().map(|byte| format!("\\x{byte:02x}")).collect()
    }

    fn framed(payload: &[u8]) -> Vec<u8> {
        let size = u8::try_from(18 + payload.len()).unwrap();
        let mut frame = vec![0xA2, 0x81, 203, 0, size, 0, 0, 0, 1, 0, 0, 0, 5, 0, 0, 0, 1, 0];
        frame.extend_from_slice(payload);
        frame
    }

    /// A trace of the steps in their order: `r` a request comes in, `w` the journal is written, `s` it is synced, `S`
    /// a sync begins, `e` it ends, `f` a sync fails, `a` the answer leaves.
    fn trace(steps: &str) -> String {
        let socket = "12<TCP:[127.0.0.1:7777->127.0.0.1:40000]>";
        let journal = format!("14<{}>", hex(format!("{STORE}/data/0.jnl").as_bytes()));
        // A deposit, and the plain 0 that answers it.
        let (request, answer) = (framed(&[0x08, 0x06]), framed(&[0x08, 0x06, 0x12, 0x02, 0x08, 0x00]));
        let line = |step: char| match step {
            'r' => format!(
                "11 recvfrom({socket}, \"{}\", 2048, 0, NULL, NULL) = {}",
                hex(&request),
                request.len()
            ),
            'w' => format!("22 write({journal}, \"{}\", 1) = 1", hex(b"x")),
            's' => format!("22 fdatasync({journal}) = 0"),
            'S' => format!("22 fdatasync({journal} <unfinished ...>"),
            'e' => "22 <... fdatasync resumed>)          = 0".to_owned(),
            'f' => format!("22 fdatasync({journal}) = -1 EIO (Input/output error)"),
            'a' => format!(
                "11 sendto({socket}, \"{}\", {len}, MSG_NOSIGNAL, NULL, 0) = {len}",
                hex(&answer),
                len = answer.len()
            ),
            other => panic!("there is no step {other}"),
        };
        steps.chars().map(|step| line(step) + "\n").collect()
    }

    #[test]
    fn an_answer_is_judged_by_the_sync_that_lies_before_it() {
        let judge = |steps: &str| answers_follow_syncs(&calls(&trace(steps)), 7777, Path::new(STORE));
        for right in ["rwsa", "rwSea", "wsrwsa", "rwsarwsa"] {
            assert!(judge(right).is_ok_and(|synced| synced.answers > 0), "{right}");
        }
        for wrong in ["rwa", "ra", "rwas", "rwSae", "rwfa", "wsrwa", "wrsa", "wSrewa", "rswa", "rwsara"] {
            assert!(judge(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_call_is_read_with_its_bytes_and_its_result() {
        let read = calls(&trace("rSe"));
        assert_eq!(read[0].target, "TCP:[127.0.0.1:7777->127.0.0.1:40000]");
        assert_eq!((read[0].bytes[0], read[0].result), (0xA2, Some(20)));
        let sync = &read[1];
        assert_eq!((sync.target.as_str(), sync.begun, sync.ended), ("/tmp/store/data/0.jnl", 2, 5));
    }
}
