//! What was uploaded: in memory while it is small, in a file without a name beyond that.

use std::fs::File;
use std::io::{self, Read, Write};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;
use ofd_edge::AddressKey;

use super::memory::{Memory, Part, Share};
use super::places::Upload;
use super::refused::Busy;

/// Files up to here stay in memory: signatures over a challenge, and most signatures of documents.
pub(super) const IN_MEMORY_BYTES_MAX: usize = 256 * 1024;

/// What was uploaded, or found inside of it. Clones share it; the memory or the file is free when the last one is gone.
#[derive(Clone, Debug)]
pub enum Content {
    /// As it is.
    Memory(Bytes),
    /// In a file that has no name any more.
    File(Arc<Spooled>),
}

/// A file without a name. It is gone when nobody has it any more.
#[derive(Debug)]
pub struct Spooled {
    file: File,
    len: u64,
    /// Who came with it has a place for uploads so long.
    _upload: Option<Upload>,
}

/// Bytes in memory with what has to last as long.
struct Held {
    bytes: Vec<u8>,
    _share: Share,
    _upload: Option<Upload>,
}

impl AsRef<[u8]> for Held {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

impl From<Bytes> for Content {
    fn from(bytes: Bytes) -> Self {
        Self::Memory(bytes)
    }
}

impl Spooled {
    /// Bytes in it.
    pub fn size(&self) -> u64 {
        self.len
    }

    /// What lies from a place on, `max` bytes at most; behind the end nothing. Waits for the disk.
    ///
    /// # Errors
    /// Those of the system.
    pub fn piece(&self, at: u64, max: usize) -> io::Result<Vec<u8>> {
        let left = usize::try_from(self.len.saturating_sub(at)).unwrap_or(usize::MAX);
        let mut piece = vec![0; left.min(max)];
        self.file.read_exact_at(&mut piece, at).map(|()| piece)
    }
}

impl Content {
    /// How long it is.
    pub fn len(&self) -> usize {
        match self {
            Self::Memory(bytes) => bytes.len(),
            // Uploads are bounded far below what a usize holds.
            Self::File(spooled) => usize::try_from(spooled.len).unwrap_or(usize::MAX),
        }
    }

    /// Whether there is nothing.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// All of it in memory. Whoever asks has taken memory for it.
    ///
    /// # Errors
    /// Those of the system.
    pub fn whole(&self) -> io::Result<Bytes> {
        match self {
            Self::Memory(bytes) => Ok(bytes.clone()),
            Self::File(_) => {
                let mut bytes = Vec::with_capacity(self.len());
                self.reader().read_to_end(&mut bytes)?;
                Ok(bytes.into())
            }
        }
    }

    /// Reads it from its beginning.
    pub fn reader(&self) -> impl Read {
        match self {
            Self::Memory(bytes) => Reader::Memory(bytes),
            Self::File(spooled) => Reader::File { file: &spooled.file, at: 0 },
        }
    }

    /// Bytes as they are kept: beyond a size in a file in `directory`, which keeps the place of who asked for it.
    ///
    /// # Errors
    /// Those of the system.
    pub(super) fn keep(bytes: Vec<u8>, directory: &Path, place: Upload) -> io::Result<Self> {
        if bytes.len() <= IN_MEMORY_BYTES_MAX {
            return Ok(Self::Memory(bytes.into()));
        }
        let mut file = tempfile::tempfile_in(directory)?;
        file.write_all(&bytes)?;
        let len = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        Ok(Self::File(Arc::new(Spooled { file, len, _upload: Some(place) })))
    }
}

/// Reads content from its beginning.
enum Reader<'a> {
    Memory(&'a [u8]),
    /// In a file, from a place on.
    File {
        file: &'a File,
        at: u64,
    },
}

impl Read for Reader<'_> {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Memory(bytes) => bytes.read(to),
            // At a place of its own, so that several may read at once.
            Self::File { file, at } => {
                let read = file.read_at(to, *at)?;
                *at = at.saturating_add(u64::try_from(read).unwrap_or(u64::MAX));
                Ok(read)
            }
        }
    }
}

/// Why an upload is not taken.
#[derive(Debug)]
pub enum IntakeError {
    /// There is no memory for it now.
    Busy,
    /// There is no place in the file system.
    File(io::Error),
}

impl From<Busy> for IntakeError {
    fn from(_: Busy) -> Self {
        Self::Busy
    }
}

/// Takes memory for what comes in, and beyond a size a file.
pub struct Intake {
    memory: Memory,
    part: Part,
    address: AddressKey,
    directory: PathBuf,
}

impl Intake {
    pub(super) fn new(memory: Memory, part: Part, address: AddressKey, directory: PathBuf) -> Self {
        Self { memory, part, address, directory }
    }

    /// Memory for something that is no file, in the part of forms.
    ///
    /// # Errors
    /// The part is spent, or the address has its share.
    pub fn memory(&self, bytes: usize) -> Result<Share, Busy> {
        self.memory.take(Part::Forms, self.address, bytes)
    }

    /// A file that comes in; a large one keeps the place for uploads of who sends it.
    ///
    /// # Errors
    /// [`IntakeError::Busy`]
    pub fn begin(&self, upload: Option<Upload>) -> Result<Incoming, IntakeError> {
        let share = self.memory.take(self.part, self.address, 0)?;
        Ok(Incoming { share, bytes: Vec::new(), spooled: None, directory: self.directory.clone(), upload })
    }
}

/// A file that comes in.
pub struct Incoming {
    share: Share,
    /// What is not written yet.
    bytes: Vec<u8>,
    spooled: Option<(File, u64)>,
    directory: PathBuf,
    upload: Option<Upload>,
}

impl Incoming {
    /// Takes the next piece.
    ///
    /// # Errors
    /// There is no memory for it, or no place in the file system.
    pub async fn push(&mut self, piece: &[u8]) -> Result<(), IntakeError> {
        if self.bytes.len().saturating_add(piece.len()) > self.bytes.capacity() {
            // A file's buffer is as large as what stays in memory; it grows by doubling up to there.
            let wanted = self.bytes.capacity().saturating_mul(2).max(piece.len()).max(1024);
            let grown = wanted.saturating_sub(self.bytes.capacity());
            self.share.grow(grown)?;
            self.bytes.reserve_exact(wanted.saturating_sub(self.bytes.len()));
        }
        self.bytes.extend_from_slice(piece);
        if self.bytes.len() > IN_MEMORY_BYTES_MAX {
            self.write().await?;
        }
        Ok(())
    }

    /// Writes what waits in memory, away from the threads that serve.
    async fn write(&mut self) -> Result<(), IntakeError> {
        let (mut bytes, spooled) = (std::mem::take(&mut self.bytes), self.spooled.take());
        let directory = self.directory.clone();
        let task = tokio::task::spawn_blocking(move || {
            let (mut file, len) = match spooled {
                Some(spooled) => spooled,
                None => (tempfile::tempfile_in(directory)?, 0),
            };
            file.write_all(&bytes)?;
            let len = len.saturating_add(u64::try_from(bytes.len()).unwrap_or(u64::MAX));
            bytes.clear();
            Ok::<_, io::Error>((file, len, bytes))
        });
        let written = task.await.map_err(|error| IntakeError::File(io::Error::other(error)))?;
        let (file, len, bytes) = written.map_err(IntakeError::File)?;
        (self.spooled, self.bytes) = (Some((file, len)), bytes);
        Ok(())
    }

    /// All of it came.
    ///
    /// # Errors
    /// There is no place in the file system.
    pub async fn finish(mut self) -> Result<Content, IntakeError> {
        if self.spooled.is_some() && !self.bytes.is_empty() {
            self.write().await?;
        }
        let Self { share, bytes, spooled, upload, .. } = self;
        Ok(match spooled {
            Some((file, len)) => Content::File(Arc::new(Spooled { file, len, _upload: upload })),
            None if bytes.is_empty() => Content::Memory(Bytes::new()),
            None => Content::Memory(Bytes::from_owner(Held { bytes, _share: share, _upload: upload })),
        })
    }
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use super::super::{Work, WorkConfig};
    use super::*;

    const HERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);

    async fn take(work: &Work, len: usize) -> Content {
        let intake = work.intake(Part::Documents, HERE);
        let mut incoming = intake.begin(None).unwrap();
        let bytes: Vec<u8> = (0..len).map(|at| (at % 251) as u8).collect();
        for piece in bytes.chunks(10_000) {
            incoming.push(piece).await.unwrap();
        }
        incoming.finish().await.unwrap()
    }

    #[tokio::test]
    async fn what_is_small_stays_in_memory_and_is_counted_until_it_is_dropped() {
        let work = Work::for_tests();
        let content = take(&work, 100_000).await;
        assert!(matches!(content, Content::Memory(_)));
        let counted = work.in_use(Part::Documents);
        assert!((100_000..=2 * IN_MEMORY_BYTES_MAX).contains(&counted), "{counted}");
        let clone = content.clone();
        drop(content);
        assert_eq!(work.in_use(Part::Documents), counted);
        drop(clone);
        assert_eq!(work.in_use(Part::Documents), 0);
    }

    #[tokio::test]
    async fn what_is_large_lies_in_a_file_and_takes_no_memory() {
        let work = Work::for_tests();
        let len = 3 * IN_MEMORY_BYTES_MAX + 17;
        let content = take(&work, len).await;
        assert!(matches!(content, Content::File(_)));
        assert_eq!((content.len(), work.in_use(Part::Documents)), (len, 0));
        let whole = content.whole().unwrap();
        assert!(whole.iter().enumerate().all(|(at, byte)| usize::from(*byte) == at % 251));
        let Content::File(spooled) = content else { return };
        assert_eq!(spooled.size(), len as u64);
        assert_eq!(spooled.piece(1000, 10).unwrap(), whole[1000..1010]);
        assert_eq!(spooled.piece(len as u64 - 3, 10).unwrap(), whole[len - 3..]);
        assert!(spooled.piece(len as u64 + 3, 10).unwrap().is_empty());
    }

    #[tokio::test]
    async fn an_upload_that_comes_in_takes_a_buffer_however_large_it_gets() {
        let work = Work::for_tests();
        let mut incoming = work.intake(Part::Documents, HERE).begin(None).unwrap();
        for _ in 0..2_000 {
            incoming.push(&[7; 16 * 1024]).await.unwrap();
            assert!(work.in_use(Part::Documents) <= 2 * IN_MEMORY_BYTES_MAX);
        }
        assert_eq!(incoming.finish().await.unwrap().len(), 2_000 * 16 * 1024);
    }

    #[tokio::test]
    async fn where_no_file_can_be_made_only_what_is_large_is_refused() {
        let mut config = WorkConfig::usual();
        config.upload_directory = PathBuf::from("/nowhere/at/all");
        let work = Work::start(&config).unwrap();
        assert!(work.upload_directory_trouble().unwrap().contains("/nowhere/at/all"));
        assert_eq!(take(&work, 1000).await.len(), 1000);
        let mut incoming = work.intake(Part::Documents, HERE).begin(None).unwrap();
        let refused = incoming.push(&vec![0; IN_MEMORY_BYTES_MAX + 1]).await;
        assert!(matches!(refused, Err(IntakeError::File(_))));
        assert_eq!(Work::for_tests().upload_directory_trouble(), None);
    }
}
