//! What callers hand to the committer, and how it answers them.

use std::time::Instant;

use tokio::sync::{OwnedSemaphorePermit, oneshot};

use super::engine::{Outcome, WriteError};
use super::judge::{ClaimWrite, RecordWrite};
use crate::conditions;
use crate::store::{Append, Claim, Note, StoreError, Version};

/// What travels through the queue.
pub(super) enum Message {
    /// Something to be written.
    Write(Write),
    /// Finish what came before, release the directory, answer, stop.
    Close(oneshot::Sender<()>),
}

/// A write and the way to answer it.
pub(super) enum Write {
    Append(Append, Reply<Version>),
    Record(RecordWrite, Reply<Version>),
    Claim(ClaimWrite, Reply<Claim>),
    Note(Note, Reply<()>),
}

impl Write {
    /// Its bytes, about.
    pub(super) fn len(&self) -> usize {
        match self {
            Self::Append(append, _) => conditions::append_len(append),
            Self::Record(write, _) => write.bytes.len(),
            Self::Claim(write, _) => write.claimant.owner.len(),
            Self::Note(note, _) => conditions::note_len(note),
        }
    }

    /// Answers that nothing was written.
    pub(super) fn refuse(self, reason: &str) {
        match self {
            Self::Append(_, reply) | Self::Record(_, reply) => reply.send(Err(unavailable(reason))),
            Self::Claim(_, reply) => reply.send(Err(unavailable(reason))),
            Self::Note(_, reply) => reply.send(Err(unavailable(reason))),
        }
    }
}

/// The way to answer one caller. A caller that went away is not told, and what it asked for is done all the same.
pub(super) struct Reply<T> {
    pub(super) sender: oneshot::Sender<Result<T, StoreError>>,
    pub(super) since: Instant,
    /// The room the write takes in the queue, given back with the answer.
    pub(super) room: OwnedSemaphorePermit,
}

impl<T> Reply<T> {
    fn send(self, result: Result<T, StoreError>) {
        drop(self.room);
        let _gone = self.sender.send(result);
    }

    fn fail(self, decided: &Result<T, StoreError>, error: &WriteError) {
        let waited = self.since.elapsed();
        // A conflict or a refusal wrote nothing. But it may have been decided on what this batch failed to write, so
        // the caller is to ask again.
        let failure = match (decided, error.outcome) {
            (Ok(_), Outcome::Unknown) => StoreError::Unknown { waited },
            (Ok(_), Outcome::NotWritten) | (Err(_), _) => unavailable(&error.reason),
        };
        self.send(Err(failure));
    }
}

/// A write that was judged: what to answer once its batch is durable.
pub(super) enum Answer {
    Version(Reply<Version>, Result<Version, StoreError>),
    Claim(Reply<Claim>, Result<Claim, StoreError>),
    Note(Reply<()>, Result<(), StoreError>),
}

impl Answer {
    /// Sends what was decided. Only after the sync.
    pub(super) fn send(self) {
        match self {
            Self::Version(reply, result) => reply.send(result),
            Self::Claim(reply, result) => reply.send(result),
            Self::Note(reply, result) => reply.send(result),
        }
    }

    /// Sends what the failure of the batch means for this write.
    pub(super) fn fail(self, error: &WriteError) {
        match self {
            Self::Version(reply, decided) => reply.fail(&decided, error),
            Self::Claim(reply, decided) => reply.fail(&decided, error),
            Self::Note(reply, decided) => reply.fail(&decided, error),
        }
    }
}

pub(super) fn unavailable(reason: &str) -> StoreError {
    StoreError::Unavailable { reason: reason.to_owned() }
}
