//! The mark in the target: what the copy is of, and how far it is.

use std::sync::Arc;
use std::time::Instant;

use bytes::Bytes;
use ofd_storage::model::{COPY_MARK_KEY, CopyMark, CopyProgress, ticket_number_key_digest};
use ofd_storage::store::{RecordKind, Store, StoreError, StreamId, StreamKind, Version};

use super::error::CopyError;
use super::job::Job;
use super::names::{record_name, stream_name};
use super::side::Side;

/// What a mark is called when somebody else wrote it.
const THE_MARK: &str = "the mark of the copy";

/// A write of an earlier process may still land on a mark that is taken over. When it happens more often than this,
/// that process is still at work.
const TRIES_MAX: usize = 3;

/// Up to where a copy is done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Place {
    Begun,
    Records { kind: RecordKind, key: Bytes },
    Streams(StreamId),
    Comparing,
    Complete,
}

impl Place {
    fn progress(&self) -> CopyProgress {
        match self {
            Self::Begun => CopyProgress::Begun,
            Self::Records { kind, key } => {
                CopyProgress::Records { kind: kind.number(), key: hex::encode(key) }
            }
            Self::Streams(StreamId { kind, owner, ordinal }) => {
                CopyProgress::Streams { kind: kind.number(), owner: *owner, ordinal: *ordinal }
            }
            Self::Comparing => CopyProgress::Comparing,
            Self::Complete => CopyProgress::Complete,
        }
    }

    /// Where to go on. When that cannot be read, from the beginning: what was copied already is found to be there.
    fn of(progress: &CopyProgress) -> Self {
        let place = match progress {
            CopyProgress::Begun => None,
            CopyProgress::Records { kind, key } => {
                let kind = RecordKind::from_number(*kind);
                kind.zip(hex::decode(key).ok()).map(|(kind, key)| Self::Records { kind, key: key.into() })
            }
            CopyProgress::Streams { kind, owner, ordinal } => {
                let kind = StreamKind::from_number(*kind);
                kind.map(|kind| Self::Streams(StreamId { kind, owner: *owner, ordinal: *ordinal }))
            }
            CopyProgress::Comparing => Some(Self::Comparing),
            CopyProgress::Complete => Some(Self::Complete),
        };
        place.unwrap_or(Self::Begun)
    }
}

/// How a copy begins.
pub(super) enum Begun {
    /// It is to be made, or continued.
    Open(Box<Marker>),
    /// It was completed before.
    Complete,
}

/// Looks at both stores and marks the target.
pub(super) async fn begin<S: Store, T: Store>(job: &Arc<Job<S, T>>) -> Result<Begun, CopyError> {
    let options = &job.options;
    let ours = load(&job.source).await?.map(|(_, mark)| mark);
    let theirs = load(&job.target).await?;
    if ours.as_ref().zip(theirs.as_ref()).is_some_and(|(ours, (_, theirs))| ours.id == theirs.id) {
        return Err(CopyError::SameStore);
    }
    if let Some(mark) = ours.filter(|mark| !mark.is_complete()) {
        return Err(CopyError::SourceNotWhole { from: mark.from, command: mark.command });
    }
    let store = job.source.store();
    let digest = job.source.patiently(|| ticket_number_key_digest(&**store)).await;
    let Some(key_digest) = digest.map_err(|error| job.source.error(error))? else {
        return Err(CopyError::NothingThere { from: options.from.clone() });
    };
    let mark = CopyMark {
        id: hex::encode(job.stamp().0),
        run: hex::encode(job.stamp().0),
        from: options.from.clone(),
        key_digest,
        command: options.command.clone(),
        began_at: job.world.now(),
        written_at: job.world.now(),
        progress: CopyProgress::Begun,
    };
    match theirs {
        None => {
            check_empty(&job.target).await?;
            job.progress.say(&format!("a new copy of {}", options.from));
            Marker::create(job, mark).await
        }
        Some((version, began)) => {
            check_source(&began, &mark)?;
            if began.is_complete() {
                job.progress
                    .say("the copy was completed before; the two stores are compared, nothing is written");
                return Ok(Begun::Complete);
            }
            job.progress.say(&format!("going on with the copy of {}", options.from));
            Marker::take_over(
                job,
                CopyMark { progress: began.progress, began_at: began.began_at, id: began.id, ..mark },
                version,
            )
            .await
        }
    }
}

async fn load<S: Store>(side: &Side<S>) -> Result<Option<(Version, CopyMark)>, CopyError> {
    let store = side.store();
    side.patiently(|| CopyMark::load(&**store)).await.map_err(|error| side.error(error))
}

/// The mark of another copy is not ours to continue.
fn check_source(began: &CopyMark, mark: &CopyMark) -> Result<(), CopyError> {
    let differs = match () {
        () if began.key_digest != mark.key_digest => "their keys of ticket numbers differ",
        () if began.from != mark.from => "it lies elsewhere",
        () => return Ok(()),
    };
    let (began, from, command) = (began.from.clone(), mark.from.clone(), began.command.clone());
    Err(CopyError::OtherSource { began, from, differs, command })
}

async fn check_empty<T: Store>(target: &Side<T>) -> Result<(), CopyError> {
    for &kind in RecordKind::ALL {
        let found = target.records(kind, None, 2).await?;
        let found = found.iter().find(|record| kind != RecordKind::Store || record.key != COPY_MARK_KEY);
        if let Some(record) = found {
            return Err(CopyError::NotEmpty { found: record_name(kind, &record.key) });
        }
    }
    for &kind in StreamKind::ALL {
        if let Some(stream) = target.streams(kind, None, 1).await?.first() {
            return Err(CopyError::NotEmpty { found: stream_name(*stream) });
        }
    }
    Ok(())
}

/// Keeps the mark.
pub(super) struct Marker {
    mark: CopyMark,
    version: Version,
    place: Place,
    last: Instant,
}

impl Marker {
    async fn create<S: Store, T: Store>(job: &Job<S, T>, mark: CopyMark) -> Result<Begun, CopyError> {
        let version = put(job, &mark, None).await?;
        let (place, last) = (Place::of(&mark.progress), Instant::now());
        Ok(Begun::Open(Box::new(Self { mark, version, place, last })))
    }

    async fn take_over<S: Store, T: Store>(
        job: &Job<S, T>,
        mut mark: CopyMark,
        mut version: Version,
    ) -> Result<Begun, CopyError> {
        for _ in 0..TRIES_MAX {
            match put(job, &mark, Some(version)).await {
                Err(CopyError::TargetInUse { .. }) => {
                    let Some((found, other)) = load(&job.target).await? else { break };
                    if other.id != mark.id || other.is_complete() {
                        break;
                    }
                    mark.progress = other.progress;
                    version = found;
                }
                put => {
                    let (place, last) = (Place::of(&mark.progress), Instant::now());
                    return Ok(Begun::Open(Box::new(Self { mark, version: put?, place, last })));
                }
            }
        }
        Err(CopyError::TargetInUse { what: THE_MARK.to_owned() })
    }

    pub(super) fn place(&self) -> &Place {
        &self.place
    }

    /// Everything up to there is done.
    pub(super) fn reach(&mut self, place: Place) {
        self.place = place;
    }

    pub(super) async fn write_if_due<S: Store, T: Store>(
        &mut self,
        job: &Job<S, T>,
    ) -> Result<(), CopyError> {
        if self.last.elapsed() < job.options.mark_every { Ok(()) } else { self.write(job).await }
    }

    /// Brings the mark up to date.
    pub(super) async fn write<S: Store, T: Store>(&mut self, job: &Job<S, T>) -> Result<(), CopyError> {
        let progress = self.place.progress();
        if progress == self.mark.progress {
            return Ok(());
        }
        let mark = CopyMark { progress, written_at: job.world.now(), ..self.mark.clone() };
        self.version = put(job, &mark, Some(self.version)).await?;
        self.mark = mark;
        self.last = Instant::now();
        Ok(())
    }

    /// Writes the mark once more before the copy ends with an error. Without patience and without complaint: the
    /// error is what counts, and an older mark costs a longer look at what is there.
    pub(super) async fn leave<S: Store, T: Store>(mut self, job: &Job<S, T>) {
        self.mark.progress = self.place.progress();
        self.mark.written_at = job.world.now();
        let _older_mark_stays = self.mark.put(&**job.target.store(), Some(self.version)).await;
    }
}

/// Writes a mark. One that was repeated may have landed the first time.
async fn put<S: Store, T: Store>(
    job: &Job<S, T>,
    mark: &CopyMark,
    expected: Option<Version>,
) -> Result<Version, CopyError> {
    let store = job.target.store();
    match job.target.patiently(|| mark.put(&**store, expected)).await {
        Ok(version) => Ok(version),
        Err(StoreError::Conflict { .. }) => match load(&job.target).await? {
            Some((version, found)) if found == *mark => Ok(version),
            Some(_) | None => Err(CopyError::TargetInUse { what: THE_MARK.to_owned() }),
        },
        Err(error) => Err(job.target.error(error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_comes_back_from_its_mark() {
        let mut places = vec![Place::Begun, Place::Comparing, Place::Complete];
        let stream = |kind| Place::Streams(StreamId { kind, owner: 203_539, ordinal: 7 });
        places.extend(StreamKind::ALL.iter().copied().map(stream));
        places.extend(
            RecordKind::ALL
                .iter()
                .map(|&kind| Place::Records { kind, key: Bytes::from_static(b"\x00/\xff") }),
        );
        assert_eq!(places.len(), 3 + StreamKind::ALL.len() + RecordKind::ALL.len());
        for place in places {
            assert_eq!(Place::of(&place.progress()), place);
        }
    }

    #[test]
    fn a_place_that_cannot_be_read_is_the_beginning() {
        for progress in [
            CopyProgress::Records { kind: 200, key: "00".into() },
            CopyProgress::Records { kind: 1, key: "0".into() },
            CopyProgress::Records { kind: 1, key: "zz".into() },
            CopyProgress::Streams { kind: 200, owner: 1, ordinal: 1 },
        ] {
            assert_eq!(Place::of(&progress), Place::Begun);
        }
    }
}
