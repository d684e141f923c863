//! chromedriver as a child process.

use std::net::TcpStream;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process_group};

use crate::process::{free_ports, local};

/// A driver that does not listen after this long will not.
const READY_WITHIN: Duration = Duration::from_secs(20);

/// Where Debian and others put Chromium.
const CHROMIUM: [&str; 3] = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

/// A driver with all browsers it started; they end with it.
pub struct Driver {
    process: Child,
    port: u16,
    chromium: PathBuf,
}

impl Driver {
    /// Starts a driver on a free port.
    pub async fn start() -> Self {
        let chromium = CHROMIUM.iter().map(Path::new).find(|path| path.exists()).unwrap_or_else(|| {
            panic!("the tests of pages need Chromium, in one of {CHROMIUM:?}; scripts/test installs it")
        });
        let port = free_ports(1);
        let mut command = Command::new("chromedriver");
        command.arg(format!("--port={port}")).arg("--log-level=SEVERE");
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        // Its browsers are in its group, so that a test that fails takes them all with it.
        command.process_group(0);
        let process = command.spawn().unwrap_or_else(|error| {
            panic!("the tests of pages need chromedriver and it does not start: {error}; scripts/test installs it")
        });
        let driver = Self { process, port, chromium: chromium.to_owned() };
        let since = Instant::now();
        while TcpStream::connect(local(port)).is_err() {
            assert!(since.elapsed() < READY_WITHIN, "chromedriver does not listen on port {port}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        driver
    }

    pub(super) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    pub(super) fn chromium(&self) -> &Path {
        &self.chromium
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        let _ = kill_process_group(Pid::from_child(&self.process), Signal::KILL);
        let _ = self.process.wait();
    }
}
