//! How much room the disk has left. A store that stops at a watermark stops cleanly; one that runs into the end
//! of the disk has to be opened again.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Tells how many bytes a process may still write below a path.
#[derive(Clone)]
pub struct FreeSpaceProbe(Arc<Probe>);

type Probe = dyn Fn(&Path) -> io::Result<u64> + Send + Sync;

impl FreeSpaceProbe {
    /// Asks the filesystem of the path.
    #[must_use]
    pub fn filesystem() -> Self {
        Self::from_fn(|path| {
            let found = rustix::fs::statvfs(path)?;
            Ok(found.f_bavail.saturating_mul(found.f_frsize))
        })
    }

    /// Asks a function, for tests.
    pub fn from_fn(probe: impl Fn(&Path) -> io::Result<u64> + Send + Sync + 'static) -> Self {
        Self(Arc::new(probe))
    }
}

impl fmt::Debug for FreeSpaceProbe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FreeSpaceProbe")
    }
}

/// Watches the free space, asking no more often than it must.
pub(super) struct SpaceWatch {
    pub(super) probe: FreeSpaceProbe,
    pub(super) path: PathBuf,
    pub(super) bytes_min: u64,
    pub(super) every: Duration,
    pub(super) last: Option<(Instant, Option<String>)>,
}

impl SpaceWatch {
    /// `None` when there is room; else why not, in words for the operator.
    pub(super) fn shortage(&mut self) -> Option<String> {
        match &self.last {
            Some((asked, found)) if asked.elapsed() < self.every => found.clone(),
            Some(_) | None => {
                let found = self.ask();
                self.last = Some((Instant::now(), found.clone()));
                found
            }
        }
    }

    fn ask(&self) -> Option<String> {
        let (path, min) = (self.path.display(), self.bytes_min);
        match (self.probe.0)(&self.path) {
            Ok(free) if free >= min => None,
            Ok(free) => Some(format!(
                "the disk of {path} has {} MiB free, {} MiB are kept back; free space, writes resume by themselves",
                free / MIB,
                min / MIB
            )),
            Err(error) => Some(format!(
                "the free space of {path} cannot be read ({error}); check that its disk is there, writes resume by \
                 themselves"
            )),
        }
    }
}

const MIB: u64 = 1024 * 1024;
