//! Why a copy did not come to its end.

use ofd_storage::store::StoreError;

use super::names::SideName;
use super::progress::Sample;

/// Why a copy did not come to its end.
#[derive(Debug, thiserror::Error)]
pub enum CopyError {
    /// A store failed.
    #[error("the {side} failed")]
    Store {
        /// Which of the two.
        side: SideName,
        /// What that store said.
        #[source]
        source: StoreError,
    },
    /// From and to are one store.
    #[error("source and target are the same store; name another one to copy to")]
    SameStore,
    /// The source is not all that it was.
    #[error(
        "at the source {loss}; restore it from a backup, or start `ofd serve --accept-loss` on it once to go on without them, then copy"
    )]
    SourceLost {
        /// What is missing.
        loss: String,
    },
    /// Nothing is there to be copied.
    #[error("{from} holds no key of ticket numbers, so nobody ever served from it; there is nothing to copy")]
    NothingThere {
        /// The source as people call it.
        from: String,
    },
    /// The source is itself the target of another copy.
    #[error("the source is itself a copy of {from} that is not finished; finish it first: `{command}`")]
    SourceNotWhole {
        /// Where it comes from.
        from: String,
        /// What continues that copy.
        command: String,
    },
    /// The target is somebody's.
    #[error(
        "the target is not empty: it holds {found}, and no mark of a copy; a copy needs a store that nobody served from: name an empty directory, or a fresh keyspace"
    )]
    NotEmpty {
        /// What was found first.
        found: String,
    },
    /// Programs of before may serve from the target, and they cannot read what would come there.
    #[error(
        "the target may still be served by older programs, which cannot read the registers of this source; when none serves any more run `ofd migrate --finish` with the target's config, then copy"
    )]
    TargetForOlder,
    /// The target is a copy of something else.
    #[error(
        "the target was begun as a copy of {began}, not of {from} ({differs}); continue that one by `{command}`, or name an empty target"
    )]
    OtherSource {
        /// Where the target comes from.
        began: String,
        /// The source that was named now.
        from: String,
        /// What tells the two sources apart.
        differs: &'static str,
        /// What continues that copy.
        command: String,
    },
    /// Somebody else writes the target.
    #[error(
        "{what} at the target was written by somebody else; let one `ofd copy`, and no gateway, work on it"
    )]
    TargetInUse {
        /// What it was.
        what: String,
    },
    /// A record cannot be written through the trait.
    #[error("{what} at the source cannot be copied: {reason}; run `ofd verify` on the source")]
    Unreadable {
        /// The record that cannot be read.
        what: String,
        /// What does not fit in it.
        reason: String,
    },
    /// Parts of the source cannot be read.
    #[error(
        "{damaged}; these shifts cannot be read at the source and were not copied: restore them there from a backup, then continue"
    )]
    Damaged {
        /// The shifts that cannot be read.
        damaged: Sample,
    },
    /// The source would not stand still.
    #[error("the source changes while it is copied: {moved}; stop every gateway on it, then continue")]
    Moving {
        /// What changed last.
        moved: Sample,
    },
    /// The two are not equal.
    #[error("source and target differ: {differences}; {advice}")]
    Differs {
        /// The places that differ.
        differences: Sample,
        /// What may be done.
        advice: &'static str,
    },
    /// SIGTERM or Ctrl-C.
    #[error("stopped; what was copied stays")]
    Stopped,
    /// A part of the work ended by itself.
    #[error("a part of the work broke off: {0}; see above, then continue")]
    BrokeOff(String),
}

impl CopyError {
    /// Whether a place of the source is damaged: the others are copied all the same.
    pub(super) fn is_damage(&self) -> bool {
        let (Self::Store { side: SideName::Source, source: StoreError::Corrupt { .. } }
        | Self::Unreadable { .. }) = self
        else {
            return false;
        };
        true
    }
}
