//! The site's costly work: passwords, signatures and uploads, within one budget of memory and on threads of their own.
//!
//! Registers and site share a process. What a stranger can set off on the site must neither take the memory that
//! registers need nor the processors: so memory is taken out of the budget before it is used, and whatever takes a core
//! for long runs on the few threads of a pool, which the system lets run when nobody else wants to.

mod blocks;
mod content;
mod memory;
mod places;
mod pool;
mod queue;
mod refused;

use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::Arc;

pub use blocks::PasswordBlocks;
pub use content::{Content, Incoming, Intake, IntakeError, Spooled};
pub use memory::{Part, Share};
pub use places::{Places, Upload};
pub use pool::{Class, step_back};
pub use refused::Busy;

use memory::Memory;
use ofd_edge::AddressKey;
use pool::Pool;

/// The budget of memory, if not configured, in MiB.
pub const WORK_MEMORY_MIB: u32 = 96;

/// The least budget: one password's memory, the forms, and documents of some size.
pub const WORK_MEMORY_MIB_MIN: u32 = 64;

/// Budgets from here on hold the memory of two passwords beside the largest signature file.
const TWO_PASSWORDS_FROM_MIB: u32 = 128;

/// How the work is bounded.
#[derive(Clone, Debug)]
pub struct WorkConfig {
    /// Memory of all costly work, in MiB; at least [`WORK_MEMORY_MIB_MIN`].
    pub memory_mib: u32,
    /// Processors of this machine.
    pub cores: usize,
    /// Where uploads lie that are too large for memory. Files in it have no names: nothing is left of them.
    pub upload_directory: PathBuf,
    /// Whether the threads run after others that want a processor.
    pub gives_way: bool,
}

impl WorkConfig {
    /// The usual memory, on this machine's processors.
    pub fn usual() -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let upload_directory = default_upload_directory();
        Self { memory_mib: WORK_MEMORY_MIB, cores, upload_directory, gives_way: true }
    }

    /// For tests: the usual memory, on one thread that gives way to nobody.
    pub fn small() -> Self {
        let upload_directory = std::env::temp_dir();
        Self { memory_mib: WORK_MEMORY_MIB, cores: 2, upload_directory, gives_way: false }
    }
}

/// Where uploads lie that are too large for memory, if not configured: what `TMPDIR` says, else `/var/tmp`, which lies on
/// a disk, while `/tmp` is often memory.
pub fn default_upload_directory() -> PathBuf {
    let said = std::env::var_os("TMPDIR").filter(|directory| !directory.is_empty());
    said.map_or_else(|| PathBuf::from("/var/tmp"), PathBuf::from)
}

/// How many threads there are, and of which kind. Fewer than processors, where there are two or more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Crew {
    /// Threads that judge people who sign in. Each has the memory of one password.
    fronts: usize,
    /// Threads for documents, so that no sign-in waits behind one.
    backs: usize,
}

impl Crew {
    fn of(config: &WorkConfig) -> Self {
        match config.cores {
            0..=2 => Self { fronts: 1, backs: 0 },
            3 => Self { fronts: 1, backs: 1 },
            _ if config.memory_mib < TWO_PASSWORDS_FROM_MIB => Self { fronts: 1, backs: 1 },
            _ => Self { fronts: 2, backs: 1 },
        }
    }
}

/// Memory and threads of the site's costly work. Clones share them; the threads end with the last one.
#[derive(Clone)]
pub struct Work {
    inner: Arc<Inner>,
}

struct Inner {
    memory: Memory,
    pool: Pool,
    upload_directory: PathBuf,
}

impl std::fmt::Debug for Work {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Work").field("memory", &self.inner.memory).finish_non_exhaustive()
    }
}

impl Work {
    /// Starts the threads and takes the memory of passwords, which is theirs from then on.
    ///
    /// # Errors
    /// The system starts no thread.
    pub fn start(config: &WorkConfig) -> std::io::Result<Self> {
        let crew = Crew::of(config);
        let memory = Memory::new(config.memory_mib, crew.fronts);
        let pool = Pool::start(crew.fronts, crew.backs, config.gives_way)?;
        let upload_directory = config.upload_directory.clone();
        Ok(Self { inner: Arc::new(Inner { memory, pool, upload_directory }) })
    }

    /// What is wrong with the directory of large uploads, if something is.
    pub fn upload_directory_trouble(&self) -> Option<String> {
        let directory = &self.inner.upload_directory;
        let error = tempfile::tempfile_in(directory).err()?;
        Some(format!(
            "no file can be made in {} ({error}): documents of more than {} KiB cannot be checked; name another directory",
            directory.display(),
            content::IN_MEMORY_BYTES_MAX / 1024,
        ))
    }

    /// Memory for `address`, until it is dropped.
    ///
    /// # Errors
    /// The part of the budget is spent, or the address has its share of it.
    pub fn take(&self, part: Part, address: IpAddr, bytes: usize) -> Result<Share, Busy> {
        self.inner.memory.take(part, AddressKey::from(address), bytes)
    }

    /// The most that one piece of work may take of a part.
    pub fn piece_max(&self, part: Part) -> usize {
        self.inner.memory.piece_max(part)
    }

    /// Reads an upload as it comes in.
    pub fn intake(&self, part: Part, address: IpAddr) -> Intake {
        let (memory, directory) = (self.inner.memory.clone(), self.inner.upload_directory.clone());
        Intake::new(memory, part, address.into(), directory)
    }

    /// Keeps bytes: beyond a size in a file, which keeps the place of who asked for it.
    ///
    /// # Errors
    /// Those of the system.
    pub fn keep(&self, bytes: Vec<u8>, place: Upload) -> std::io::Result<Content> {
        Content::keep(bytes, &self.inner.upload_directory, place)
    }

    /// Does work on one of the threads, when its turn comes. Work whose asker is gone by then is not done.
    ///
    /// # Errors
    /// Too much waits already, or too much of this address.
    pub async fn run<R: Send + 'static>(
        &self,
        class: Class,
        address: IpAddr,
        work: impl FnOnce(&mut PasswordBlocks) -> R + Send + 'static,
    ) -> Result<R, Busy> {
        self.inner.pool.run(class, AddressKey::from(address), work).await
    }

    /// Bytes of a part that are taken now.
    pub fn in_use(&self, part: Part) -> usize {
        self.inner.memory.in_use(part)
    }

    /// How many passwords have memory to be hashed in: as many as there are threads for people who sign in.
    pub fn live_blocks(&self) -> usize {
        self.inner.pool.live_blocks()
    }

    #[cfg(test)]
    pub(crate) fn for_tests() -> Self {
        Self::start(&WorkConfig::small()).unwrap()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_fewer_threads_than_processors_and_the_memory_of_all_parts_is_the_budget() {
        for cores in [1, 2, 3, 4, 64] {
            for memory_mib in [WORK_MEMORY_MIB_MIN, WORK_MEMORY_MIB, 512] {
                let config = WorkConfig { memory_mib, cores, ..WorkConfig::usual() };
                let crew = Crew::of(&config);
                assert!(crew.fronts + crew.backs < cores.max(2), "{crew:?} of {cores}");
                let memory = Memory::new(memory_mib, crew.fronts);
                let all: usize = Part::ALL.iter().map(|part| memory.max(*part)).sum();
                assert_eq!(all, memory_mib as usize * 1024 * 1024);
                assert!(memory.max(Part::Documents) >= 16 << 20, "{memory:?}");
            }
        }
    }
}
