//! A look at fjall's journals before fjall opens them.
//!
//! Fjall takes the first batch that it cannot read for the torn end of the journal and cuts off all behind it. After a
//! crash that is right: batches are synced one after the other, so that only the last can be torn. When a disk
//! damaged an older batch it would drop acknowledged documents in silence. So whoever finds a whole batch behind a
//! broken one refuses to open the store.

use std::path::Path;

use xxhash_rust::xxh3::Xxh3;

/// The tags and the trailer of fjall 3's journal.
const START: u8 = 1;
const ITEM: u8 = 2;
const END: u8 = 3;
const CLEAR: u8 = 4;
const TRAILER: [u8; 4] = *b"FJL\x03";

/// The bytes that are not yet read.
struct Rest<'a>(&'a [u8]);

impl<'a> Rest<'a> {
    fn take(&mut self, len: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(len)?;
        self.0 = rest;
        Some(taken)
    }

    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        self.take(N)?.try_into().ok()
    }

    fn byte(&mut self) -> Option<u8> {
        self.array::<1>().map(|[byte]| byte)
    }

    fn len32(&mut self) -> Option<usize> {
        usize::try_from(u32::from_le_bytes(self.array()?)).ok()
    }

    fn item(&mut self) -> Option<()> {
        self.take(2)?; // kind of value, compression
        self.take(8)?; // keyspace
        let key = usize::from(u16::from_le_bytes(self.array()?));
        self.take(4)?; // length before compression
        let value = self.len32()?;
        self.take(key)?;
        self.take(value)?;
        Some(())
    }
}

/// The length and sequence number of the whole batch at the front of `bytes`; `None` when there is none.
fn batch(bytes: &[u8]) -> Option<(usize, u64)> {
    let mut rest = Rest(bytes);
    if rest.byte()? != START {
        return None;
    }
    let count = rest.len32()?;
    let sequence = u64::from_le_bytes(rest.array()?);
    let items = rest.0;
    let mut found = 0_usize;
    loop {
        let before = rest.0.len();
        match rest.byte()? {
            ITEM => rest.item()?,
            CLEAR => rest.take(8).map(|_| ())?,
            END if found == count => {
                let body = items.get(..items.len().saturating_sub(before))?;
                let mut checksum = Xxh3::new();
                checksum.update(body);
                let is_whole = rest.array()? == checksum.digest().to_le_bytes() && rest.array()? == TRAILER;
                return is_whole.then(|| (bytes.len().saturating_sub(rest.0.len()), sequence));
            }
            _ => return None,
        }
        found = found.saturating_add(1);
    }
}

/// What a look at a journal found.
#[derive(Debug, PartialEq, Eq)]
enum Look {
    /// It is whole, or only its end is torn; the sequence number of its last batch, if it has any.
    Whole(Option<u64>),
    /// It is damaged here, before its end.
    DamagedAt(usize),
}

fn look(journal: &[u8]) -> Look {
    let (mut at, mut last) = (0_usize, None);
    let mut rest = journal;
    while let Some((len, sequence)) = batch(rest) {
        // The checksum does not cover the sequence number, but it never falls.
        if last.is_some_and(|last| sequence < last) {
            return Look::DamagedAt(at);
        }
        last = Some(sequence);
        at = at.saturating_add(len);
        rest = journal.get(at..).unwrap_or_default();
    }
    let has_whole_batch = (1..rest.len())
        .filter_map(|later| rest.get(later..))
        .any(|later| later.first() == Some(&START) && batch(later).is_some());
    if has_whole_batch { Look::DamagedAt(at) } else { Look::Whole(last) }
}

/// Looks at every journal of a directory; the greatest sequence number in them, if they hold any batch, or which one is
/// damaged and where.
pub(super) fn check(directory: &Path) -> std::io::Result<Result<Option<u64>, String>> {
    let mut greatest = None;
    for entry in std::fs::read_dir(directory)? {
        let path = entry?.path();
        if path.extension() != Some("jnl".as_ref()) {
            continue;
        }
        match look(&std::fs::read(&path)?) {
            Look::Whole(last) => greatest = greatest.max(last),
            Look::DamagedAt(at) => {
                let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
                return Ok(Err(format!(
                    "its journal {name} is damaged at byte {at}, with whole batches behind it; \
                     nothing was changed: copy the directory before anything else"
                )));
            }
        }
    }
    Ok(Ok(greatest))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item(key: &[u8], value: &[u8]) -> Vec<u8> {
        let mut out = vec![ITEM, 0, 0];
        out.extend(7_u64.to_le_bytes());
        out.extend(u16::try_from(key.len()).unwrap().to_le_bytes());
        out.extend(u32::try_from(value.len()).unwrap().to_le_bytes());
        out.extend(u32::try_from(value.len()).unwrap().to_le_bytes());
        out.extend(key);
        out.extend(value);
        out
    }

    fn written(number: u8) -> Vec<u8> {
        let items = [item(&[number], &[number; 100]), item(b"other", b"")].concat();
        let mut checksum = Xxh3::new();
        checksum.update(&items);
        let mut out = vec![START];
        out.extend(2_u32.to_le_bytes());
        out.extend(u64::from(number).to_le_bytes());
        out.extend(items);
        out.push(END);
        out.extend(checksum.digest().to_le_bytes());
        out.extend(TRAILER);
        out
    }

    fn journal() -> Vec<u8> {
        (1..=5).flat_map(written).collect()
    }

    fn damaged_at(journal: &[u8]) -> Option<usize> {
        match look(journal) {
            Look::Whole(_) => None,
            Look::DamagedAt(at) => Some(at),
        }
    }

    #[test]
    fn the_journal_of_the_linked_engine_is_read_as_it_was_written() {
        let folder = tempfile::tempdir().unwrap();
        let database = fjall::Database::builder(folder.path()).open().unwrap();
        let keyspace = database.keyspace("rows", fjall::KeyspaceCreateOptions::default).unwrap();
        let mut sequences = Vec::new();
        for number in 0..40_u32 {
            let mut batch = fjall::OwnedWriteBatch::with_capacity(database.clone(), 3);
            for item in 0..=number % 3 {
                let value = vec![u8::try_from(number).unwrap(); usize::try_from(number * 100).unwrap()];
                batch.insert(&keyspace, [number.to_be_bytes(), item.to_be_bytes()].concat(), value);
            }
            // What was never there is removed all the same, as what is over is.
            batch.remove(&keyspace, [number.to_be_bytes(), [9; 4]].concat());
            sequences.push(database.seqno());
            batch.durability(Some(fjall::PersistMode::SyncData)).commit().unwrap();
        }
        let written = std::fs::read(folder.path().join("0.jnl")).unwrap();
        let (mut rest, mut read) = (&written[..], Vec::new());
        while let Some((len, sequence)) = batch(rest) {
            read.push(sequence);
            rest = &rest[len..];
        }
        assert_eq!(read, sequences);
        // Behind the batches lies the room that the engine takes in advance.
        assert!(rest.iter().all(|byte| *byte == 0), "a batch of {} bytes is not read", rest.len());
        assert_eq!(check(folder.path()).unwrap(), Ok(sequences.last().copied()));
        // And what ours calls whole, the engine replays.
        drop((keyspace, database));
        let database = fjall::Database::builder(folder.path()).open().unwrap();
        let keyspace = database.keyspace("rows", fjall::KeyspaceCreateOptions::default).unwrap();
        assert_eq!(keyspace.len().unwrap(), (0..40).map(|number| number % 3 + 1).sum::<usize>());
    }

    #[test]
    fn a_whole_journal_and_one_with_a_torn_end_are_good() {
        let journal = journal();
        assert_eq!(damaged_at(&journal), None);
        assert_eq!(damaged_at(&[]), None);
        for cut in 0..journal.len() {
            assert_eq!(damaged_at(&journal[..cut]), None, "cut at {cut}");
        }
        let padded = [journal.as_slice(), &[0; 4096]].concat();
        assert_eq!(damaged_at(&padded), None);
        assert_eq!((look(&journal), look(&[])), (Look::Whole(Some(5)), Look::Whole(None)));
        assert_eq!(look(&journal[..journal.len() - 1]), Look::Whole(Some(4)));
    }

    #[test]
    fn a_changed_byte_in_any_batch_but_the_last_is_found() {
        let journal = journal();
        let batch = written(1).len();
        for at in 0..journal.len() {
            let mut changed = journal.clone();
            changed[at] ^= 0x40;
            let (number, byte) = (at / batch, at % batch);
            let is_sequence = (5..13).contains(&byte);
            let expected = match number {
                4 => None,
                // A sequence number that is too great shows in the next batch.
                _ if is_sequence => Some((number + 1) * batch),
                _ => Some(number * batch),
            };
            assert_eq!(damaged_at(&changed), expected, "byte {at}");
        }
    }
}
