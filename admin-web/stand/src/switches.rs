//! What goes wrong at the stand's services, set while they run.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// What the OCSP responder does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OcspState {
    /// It tells what it knows.
    #[default]
    Answers,
    /// It closes the connection.
    Down,
    /// It says tryLater.
    TryLater,
    /// It says of every certificate that it does not know it.
    Unknown,
    /// Its answers are signed by somebody else's key.
    Forged,
    /// Its answers are days old.
    OutOfDate,
}

/// What happens to revocation lists.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ListState {
    /// Each is made anew.
    #[default]
    Fresh,
    /// They are days old, and nextUpdate has passed.
    OutOfDate,
    /// The connection is closed.
    Down,
}

/// Everything that can be set.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    /// The OCSP responder.
    pub ocsp: OcspState,
    /// The revocation lists.
    pub lists: ListState,
    /// Whether the time stamper closes the connection.
    pub is_time_stamper_down: bool,
    /// How long every answer takes.
    pub delay: Duration,
}

/// How often each service was asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Asked {
    /// The OCSP responder.
    pub ocsp: u64,
    /// How often revocation lists were asked for.
    pub lists: u64,
    /// The time stamper.
    pub time_stamps: u64,
}

/// The settings of a service that runs, and how often it was asked.
#[derive(Debug, Default)]
pub struct Switches {
    settings: Mutex<Settings>,
    pub(crate) ocsp: AtomicU64,
    pub(crate) lists: AtomicU64,
    pub(crate) time_stamps: AtomicU64,
}

impl Switches {
    /// What is set.
    pub fn settings(&self) -> Settings {
        *self.lock()
    }

    /// Sets everything, from the next request on.
    pub fn set(&self, settings: Settings) {
        *self.lock() = settings;
    }

    /// Changes what is set, from the next request on.
    pub fn change(&self, change: impl FnOnce(&mut Settings)) {
        change(&mut self.lock());
    }

    /// Sets what the OCSP responder does.
    pub fn set_ocsp(&self, ocsp: OcspState) {
        self.change(|settings| settings.ocsp = ocsp);
    }

    /// Sets what happens to revocation lists.
    pub fn set_lists(&self, lists: ListState) {
        self.change(|settings| settings.lists = lists);
    }

    /// Settings are whole at any moment, so a thread that panicked with them did no harm.
    fn lock(&self) -> MutexGuard<'_, Settings> {
        self.settings.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How often each service was asked until now.
    pub fn asked(&self) -> Asked {
        Asked {
            ocsp: self.ocsp.load(Ordering::Relaxed),
            lists: self.lists.load(Ordering::Relaxed),
            time_stamps: self.time_stamps.load(Ordering::Relaxed),
        }
    }
}
