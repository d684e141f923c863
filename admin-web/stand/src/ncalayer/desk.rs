//! What the person at the emulated desk does: which key they choose, and how it ends.

use std::collections::VecDeque;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use ofd_eds::Moment;
use tokio::sync::watch;

use crate::{Clock, Pki};

/// So many of the last answers are remembered: enough to see what a page did.
const JOURNAL_MAX: usize = 50;

/// The longest delay: beyond it a tester waits for nothing.
pub const DELAY_MAX: Duration = Duration::from_secs(600);

/// How a request that needs a person ends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Outcome {
    /// With a signature.
    #[default]
    Sign,
    /// The person closes the window.
    Cancel,
    /// NCALayer gives up.
    Error(Fault),
    /// NCALayer ends in the middle.
    Disconnect,
}

/// The codes that the module `basics` gives up with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The request asks for what cannot be done.
    InvalidSigningParams,
    /// The key did not sign.
    SigningFailure,
    /// Whatever else may go wrong.
    General,
    /// The request is not what the module reads.
    Invocation,
}

impl Fault {
    /// The word that NCALayer has for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::InvalidSigningParams => "INVALID_SIGNING_PARAMS",
            Self::SigningFailure => "SIGNING_FAILURE",
            Self::General => "GENERAL_ERROR",
            Self::Invocation => "INVOCATION_ERROR",
        }
    }

    const ALL: [Self; 4] =
        [Self::InvalidSigningParams, Self::SigningFailure, Self::General, Self::Invocation];
}

impl Outcome {
    /// Every outcome, in the order that the page shows.
    pub fn all() -> impl Iterator<Item = Self> {
        let plain = [Self::Sign, Self::Cancel, Self::Disconnect];
        plain.into_iter().chain(Fault::ALL.into_iter().map(Self::Error))
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Sign => "sign",
            Self::Cancel => "cancel",
            Self::Disconnect => "disconnect",
            Self::Error(fault) => fault.as_str(),
        })
    }
}

/// How the signatures of `basics` stand in an answer. Versions differ, so pages must take all of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Shape {
    /// A list, as of today's version.
    #[default]
    List,
    /// As the data came: a text for a text, a list for a list. Older versions do so.
    AsData,
}

/// How a signature of `basics` is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Encoding {
    /// PEM, as of today's version.
    #[default]
    Pem,
    /// Base64 without lines or marks.
    Base64,
}

/// A word that no switch knows.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{word}` is not known here; one of: {known}")]
pub struct UnknownWord {
    word: String,
    known: String,
}

/// Finds what is written as `word`.
fn by_word<T: Copy + fmt::Display>(word: &str, all: impl Iterator<Item = T>) -> Result<T, UnknownWord> {
    let all: Vec<T> = all.collect();
    let known = || all.iter().map(T::to_string).collect::<Vec<_>>().join(", ");
    let found = all.iter().find(|one| one.to_string() == word).copied();
    found.ok_or_else(|| UnknownWord { word: word.to_owned(), known: known() })
}

impl FromStr for Outcome {
    type Err = UnknownWord;

    fn from_str(word: &str) -> Result<Self, UnknownWord> {
        by_word(word, Self::all())
    }
}

impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::List => "list",
            Self::AsData => "as-data",
        })
    }
}

impl Shape {
    /// Every shape, in the order that the page shows.
    pub const ALL: [Self; 2] = [Self::List, Self::AsData];
}

impl FromStr for Shape {
    type Err = UnknownWord;

    fn from_str(word: &str) -> Result<Self, UnknownWord> {
        by_word(word, Self::ALL.into_iter())
    }
}

impl fmt::Display for Encoding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Pem => "pem",
            Self::Base64 => "base64",
        })
    }
}

impl Encoding {
    /// Every encoding, in the order that the page shows.
    pub const ALL: [Self; 2] = [Self::Pem, Self::Base64];
}

impl FromStr for Encoding {
    type Err = UnknownWord;

    fn from_str(word: &str) -> Result<Self, UnknownWord> {
        by_word(word, Self::ALL.into_iter())
    }
}

/// What the person does with the next requests, until it is changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Switches {
    /// The label of the key that the person chooses.
    pub key: String,
    /// Sign with it even where the page's filters exclude it: pages must not rely on their filters.
    pub ignores_filters: bool,
    /// How it ends.
    pub outcome: Outcome,
    /// How long the person takes, at most [`DELAY_MAX`].
    pub delay: Duration,
    /// How signatures stand in an answer.
    pub shape: Shape,
    /// How they are written.
    pub encoding: Encoding,
}

/// The PKI has no key of that label.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no key {label}; choose one of the list")]
pub struct UnknownKey {
    /// The label of the key that the person chooses.
    pub label: String,
}

#[derive(Debug)]
struct State {
    switches: Switches,
    journal: VecDeque<String>,
}

/// Sets what the person does while the emulator runs. Its clones set the same desk.
#[derive(Clone)]
pub struct Handle {
    pki: Arc<Pki>,
    clock: Clock,
    // Readers always see a whole state, and nobody waits.
    state: watch::Sender<State>,
}

impl fmt::Debug for Handle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Handle").field("switches", &self.switches()).finish_non_exhaustive()
    }
}

impl Handle {
    /// A person who chooses the first key and signs at once.
    pub(super) fn new(pki: Arc<Pki>, clock: Clock) -> Self {
        let switches = Switches {
            key: pki.keys().first().map(|key| key.label().to_owned()).unwrap_or_default(),
            ignores_filters: false,
            outcome: Outcome::default(),
            delay: Duration::ZERO,
            shape: Shape::default(),
            encoding: Encoding::default(),
        };
        let state = watch::Sender::new(State { switches, journal: VecDeque::new() });
        Self { pki, clock, state }
    }

    /// The keys to choose from.
    pub fn pki(&self) -> &Arc<Pki> {
        &self.pki
    }

    /// The emulator's time.
    pub fn now(&self) -> Moment {
        (self.clock)()
    }

    /// What is set now.
    pub fn switches(&self) -> Switches {
        self.state.borrow().switches.clone()
    }

    /// Changes what is set, from the next request on.
    pub fn set(&self, change: impl FnOnce(&mut Switches)) {
        self.state.send_modify(|state| {
            change(&mut state.switches);
            state.switches.delay = state.switches.delay.min(DELAY_MAX);
        });
    }

    /// Chooses the key that the person signs with.
    ///
    /// # Errors
    /// There is no such key; nothing changes.
    pub fn choose_key(&self, label: &str) -> Result<(), UnknownKey> {
        if self.pki.key(label).is_none() {
            return Err(UnknownKey { label: label.to_owned() });
        }
        self.set(|switches| label.clone_into(&mut switches.key));
        Ok(())
    }

    /// What was answered of late, newest first.
    pub fn journal(&self) -> Vec<String> {
        self.state.borrow().journal.iter().cloned().collect()
    }

    pub(super) fn note(&self, line: String) {
        tracing::info!("{line}");
        self.state.send_modify(|state| {
            state.journal.truncate(JOURNAL_MAX - 1);
            state.journal.push_front(line);
        });
    }
}
