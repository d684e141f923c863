//! Open files: every connection takes one, and so do the store, the site and metrics. A limit that is too small for all
//! is shared out, so that none of them can take what the others need.

use tracing::warn;

/// Files that are no connections of registers, where there are enough: the store's, the site's, logs.
const OTHERS_MAX: u64 = 2048;

/// So many files at least are left to whatever is opened after the start.
const SPARE_MIN: u64 = 16;

/// Connections of the site when files are plenty; more than its own cap would take.
const SITE_MAX: u64 = 1024;

/// Connections of the metrics port when files are plenty.
const METRICS_MAX: u64 = 256;

/// How the limit of open files is shared out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shares {
    /// The limit; `None`: there is none.
    pub limit: Option<u64>,
    /// Connections of registers that the config asks for.
    pub wanted: usize,
    /// Connections of registers that there is room for.
    pub registers: usize,
    /// Connections beyond these that are still told to come later.
    pub reserve: usize,
    /// Connections of the site.
    pub site: usize,
    /// Connections of the metrics port.
    pub metrics: usize,
}

/// Raises the limit of open files to what the system allows.
pub fn raise_limit() {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let limit = getrlimit(Resource::Nofile);
    if limit.current == limit.maximum {
        return;
    }
    if let Err(error) = setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, maximum: limit.maximum })
    {
        warn!(%error, "the limit of open files stays {:?}: {error}", limit.current);
    }
}

fn limit() -> Option<u64> {
    rustix::process::getrlimit(rustix::process::Resource::Nofile).current
}

/// How many files this process has open; a guess where the system does not tell.
fn open_now() -> u64 {
    const GUESS: u64 = 40;
    let listed = std::fs::read_dir("/proc/self/fd").map(Iterator::count);
    listed.ok().and_then(|count| u64::try_from(count).ok()).unwrap_or(GUESS)
}

impl Shares {
    /// Of this process, once its store and ports are open.
    pub fn of_process(wanted: usize, reserve: usize) -> Self {
        let shares = Self::of(limit(), open_now(), wanted, reserve);
        if let Some(note) = shares.note() {
            warn!("{note}");
        }
        shares
    }

    /// Of a limit, of which so many are open.
    pub fn of(limit: Option<u64>, open: u64, wanted: usize, reserve: usize) -> Self {
        let size = |files: u64| usize::try_from(files).unwrap_or(usize::MAX);
        let Some(files) = limit else {
            let (site, metrics) = (size(SITE_MAX), size(METRICS_MAX));
            return Self { limit, wanted, registers: wanted, reserve, site, metrics };
        };
        // Of a small limit half goes to connections of registers, unless the rest is open already.
        let others =
            OTHERS_MAX.min(files / 2).max(open.saturating_add(SPARE_MIN.max(files / 8).min(OTHERS_MAX)));
        let spare = others.saturating_sub(open);
        let rest = files.saturating_sub(others);
        let reserve = size(rest / 8).min(reserve);
        Self {
            limit,
            wanted,
            registers: size(rest).saturating_sub(reserve).min(wanted).max(1),
            reserve,
            site: size((spare / 2).clamp(1, SITE_MAX)),
            metrics: size((spare / 4).clamp(1, METRICS_MAX)),
        }
    }

    /// What the operator should know; `None`: there is room for all.
    pub fn note(&self) -> Option<String> {
        let limit = self.limit.filter(|_| self.registers < self.wanted)?;
        let (registers, wanted) = (self.registers, self.wanted);
        Some(format!(
            "the limit of {limit} open files has room for {registers} connections of registers, not {wanted}; raise it (ulimit -n, LimitNOFILE)"
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_files_are_plenty_nobody_is_cut() {
        for limit in [None, Some(131_072)] {
            let shares = Shares::of(limit, 40, 50_000, 512);
            assert_eq!((shares.registers, shares.reserve, shares.note()), (50_000, 512, None));
        }
    }

    #[test]
    fn a_small_limit_leaves_something_for_everybody() {
        for (limit, open) in [(64, 20), (64, 30), (128, 35), (256, 40), (1024, 40), (20_000, 40)] {
            let shares = Shares::of(Some(limit), open, 50_000, 512);
            let count = |part: usize| u64::try_from(part).unwrap();
            let taken = [shares.registers, shares.reserve, shares.site, shares.metrics].map(count);
            assert!(taken.iter().sum::<u64>() + open < limit, "{limit}: {shares:?}");
            assert!(shares.registers >= 10 && shares.site > 1 && shares.metrics > 1, "{limit}: {shares:?}");
            let note = shares.note().unwrap();
            assert!(note.contains(&format!("limit of {limit} open files")), "{note}");
        }
    }

    #[test]
    fn even_a_limit_that_is_used_up_leaves_one_connection() {
        let shares = Shares::of(Some(32), 40, 50_000, 512);
        assert_eq!((shares.registers, shares.reserve, shares.site, shares.metrics), (1, 0, 8, 4));
    }
}
