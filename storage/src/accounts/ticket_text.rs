//! Texts that registers print on their receipts: the operator's people make them, for days to come.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::kinds::names;

names! {
    /// For which registers a text is. A register has at most one of each kind at a time.
    pub enum TicketTextKind {
        /// Every register gets it.
        Ofd = "ofd",
        /// For those of an organisation.
        Org = "org",
        /// For those of a trade point.
        Pos = "pos",
        /// One register alone gets it.
        Kkm = "kkm",
    }
}

/// A text that registers print on receipts.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TicketText {
    /// Its number among the operator's things.
    pub id: u32,
    /// Grows with every change.
    pub revision: u32,
    /// For which registers it is.
    pub kind: TicketTextKind,
    /// Whose: BIN, id of the trade point, id of the register; empty where it is for all.
    #[serde(default)]
    pub whose: String,
    /// What is printed, in one line.
    pub text: String,
    /// The first day on which registers get it, `YYYY-MM-DD`.
    pub from: String,
    /// The last day on which they do.
    pub to: String,
    /// By which registers know whether theirs is older: greater for every change, and for a later first day.
    pub version: u64,
}

/// Which text it is, not what it says: that is not published yet.
impl fmt::Debug for TicketText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TicketText")
            .field("id", &self.id)
            .field("revision", &self.revision)
            .field("kind", &self.kind)
            .field("version", &self.version)
            .finish_non_exhaustive()
    }
}

impl TicketText {
    /// Whether registers get it on a day, `YYYY-MM-DD`: both of its days count.
    #[must_use]
    pub fn holds_on(&self, day: &str) -> bool {
        self.from.as_str() <= day && day <= self.to.as_str()
    }

    /// Whether two are for the same registers on one day.
    #[must_use]
    pub fn meets(&self, other: &Self) -> bool {
        (self.kind, &self.whose) == (other.kind, &other.whose)
            && self.from <= other.to
            && other.from <= self.to
    }
}
