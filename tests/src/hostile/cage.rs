//! A memory cgroup for one server: what a container of that size would do to it.

use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// What the server may take, page cache of its files included: the container of a small installation.
pub const CAGE_BYTES: u64 = 512 << 20;

/// A process that was killed leaves its cgroup a moment later.
const REMOVE_TRIES: usize = 50;

/// Between two tries.
const REMOVE_PAUSE: Duration = Duration::from_millis(100);

/// Which kind of cgroup the machine has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    One,
    Two,
}

/// A cgroup that lives as long as this value.
#[derive(Debug)]
pub struct Cage {
    kind: Kind,
    folder: PathBuf,
}

impl fmt::Display for Cage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let version = match self.kind {
            Kind::One => "v1",
            Kind::Two => "v2",
        };
        write!(f, "a memory cgroup ({version}) of {} MiB", CAGE_BYTES >> 20)
    }
}

impl Cage {
    /// Makes a cgroup.
    ///
    /// # Errors
    /// Why none may be made here, of either kind.
    pub fn new() -> Result<Self, String> {
        let mounts = fs::read_to_string("/proc/self/mountinfo").map_err(|error| error.to_string())?;
        let mut why = Vec::new();
        for (kind, mount) in mounts.lines().filter_map(mounted) {
            match Self::below(kind, &mount) {
                Ok(cage) => return Ok(cage),
                Err(error) => why.push(format!("{}: {error}", mount.display())),
            }
        }
        if why.is_empty() {
            why.push("no cgroup with memory is mounted".to_owned());
        }
        Err(why.join("; "))
    }

    fn below(kind: Kind, mount: &Path) -> io::Result<Self> {
        if kind == Kind::Two {
            let controllers = fs::read_to_string(mount.join("cgroup.controllers"))?;
            if !controllers.split_whitespace().any(|controller| controller == "memory") {
                return Err(io::Error::other("it does not control memory"));
            }
            // Switched on already on most machines; where it may not be switched on, the limit below fails.
            let _ = fs::write(mount.join("cgroup.subtree_control"), "+memory");
        }
        let folder = mount.join(format!("ofd-hostile-{}", std::process::id()));
        fs::create_dir(&folder)?;
        let cage = Self { kind, folder };
        let limit = match kind {
            Kind::One => "memory.limit_in_bytes",
            Kind::Two => "memory.max",
        };
        fs::write(cage.folder.join(limit), CAGE_BYTES.to_string())?;
        // What is swapped out would be slow and not counted as resident; not every kernel counts it.
        match kind {
            Kind::One => fs::write(cage.folder.join("memory.memsw.limit_in_bytes"), CAGE_BYTES.to_string()),
            Kind::Two => fs::write(cage.folder.join("memory.swap.max"), "0"),
        }
        .or_else(|error| if error.kind() == io::ErrorKind::NotFound { Ok(()) } else { Err(error) })?;
        Ok(cage)
    }

    /// The file that a process writes its id to, to be held.
    pub fn door(&self) -> PathBuf {
        self.folder.join("cgroup.procs")
    }

    /// How many processes were killed in it for want of memory.
    pub fn killed(&self) -> u64 {
        let file = match self.kind {
            Kind::One => "memory.oom_control",
            Kind::Two => "memory.events",
        };
        let text = fs::read_to_string(self.folder.join(file)).unwrap_or_default();
        let number = text.lines().find_map(|line| line.strip_prefix("oom_kill "));
        number.and_then(|number| number.trim().parse().ok()).unwrap_or(0)
    }
}

impl Drop for Cage {
    fn drop(&mut self) {
        for _ in 0..REMOVE_TRIES {
            if fs::remove_dir(&self.folder).is_ok() {
                return;
            }
            std::thread::sleep(REMOVE_PAUSE);
        }
        eprintln!("hostile: {} stays behind; remove it with rmdir", self.folder.display());
    }
}

/// The place of a cgroup file system in a line of `/proc/self/mountinfo`, when it can control memory.
fn mounted(line: &str) -> Option<(Kind, PathBuf)> {
    let (before, after) = line.split_once(" - ")?;
    let place = before.split(' ').nth(4)?;
    let mut after = after.split(' ');
    let (kind, options) = (after.next()?, after.nth(1)?);
    match kind {
        "cgroup" if options.split(',').any(|option| option == "memory") => Some((Kind::One, place.into())),
        "cgroup2" => Some((Kind::Two, place.into())),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_of_cgroups_are_found_in_the_list_of_mounts() {
        let one = "29 25 0:26 / /sys/fs/cgroup/memory rw,relatime shared:9 - cgroup cgroup rw,memory";
        assert_eq!(mounted(one), Some((Kind::One, "/sys/fs/cgroup/memory".into())));
        let two = "30 25 0:27 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw,nsdelegate";
        assert_eq!(mounted(two), Some((Kind::Two, "/sys/fs/cgroup".into())));
        assert_eq!(mounted("31 25 0:28 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu"), None);
        assert_eq!(mounted("32 25 254:0 / / rw,relatime - ext4 /dev/vda rw"), None);
    }
}
