//! Notes: small things that are written without a condition, and run out.

use bytes::{BufMut, Bytes, BytesMut};

use crate::kinds::kinds;

kinds! {
    /// Which family of notes a note belongs to. The number is stored: never reuse one.
    pub enum NoteKind {
        /// The feed: a register has new rows. Keys are those of [`change_key`].
        Change = 1,
        /// Sessions of signing by phone. A key begins with the hash of the session's secret, 32 bytes.
        PhoneSigning = 2,
        /// When a register was last heard. Keys are those of [`heard_key`].
        Heard = 3,
        /// Papers whose signature is being checked. Keys are those of [`paper_waiting_key`].
        PaperWaiting = 4,
        /// Registrations of registers that wait for something. A key is a group, which says for what
        /// ([`REGISTRATION_GROUPS`]), the BIN as 12 digits and the register's id, 4 bytes big-endian.
        RegistrationWaiting = 5,
    }
}

/// Kinds that note things of every register spread them over so many groups, or one partition of the cluster would
/// take all of them.
pub const NOTE_SHARDS: u32 = 32;

/// The longest key is that of a session with something behind its secret's hash.
pub const NOTE_KEY_LEN_MAX: usize = 64;

/// What a note holds is small: where to look, and what to say meanwhile.
pub const NOTE_LEN_MAX: usize = 1024 * 1024;

/// A session of signing by phone holds the documents that are signed, 4 MiB at most, and what belongs to them.
pub const PHONE_SIGNING_LEN_MAX: usize = 4 * 1024 * 1024 + 64 * 1024;

/// Clocks of processes differ. A note is kept so much longer than it is shown, so that one which is slow still reads it.
pub const NOTE_GRACE_MS: u64 = 10 * 60 * 1000;

/// No note is kept for longer. What is to stay is a row or a record.
pub const NOTE_LIFE_MAX_MS: u64 = 365 * 24 * 60 * 60 * 1000;

/// Changes are noted for so long: whoever reads them may be away over a long holiday. A slow walk over all registers finds
/// what was missed still.
pub const CHANGE_LIFE_MS: u64 = 8 * 24 * 60 * 60 * 1000;

/// When a register was last heard is known for so long: who looks for one that is silent wants to know since when. Behind that
/// its last document tells.
pub const HEARD_LIFE_MS: u64 = 90 * 24 * 60 * 60 * 1000;

/// A signature is asked about for a day; its note outlives that, so that the last question is asked however late a gateway
/// is.
pub const PAPER_WAITING_LIFE_MS: u64 = 2 * 24 * 60 * 60 * 1000;

/// The minute of a change, and the shard of its register.
const CHANGE_GROUP_LEN: usize = size_of::<u32>() + 1;

/// The SHA-256 of a session's secret.
const PHONE_SIGNING_GROUP_LEN: usize = 32;

/// The shard of the register.
const HEARD_GROUP_LEN: usize = 1;

/// All of them lie together: there are few.
const PAPER_WAITING_GROUP_LEN: usize = 1;

/// Digits of a BIN.
const BIN_LEN: usize = 12;

/// Group, BIN, number.
const PAPER_WAITING_KEY_LEN: usize = PAPER_WAITING_GROUP_LEN + BIN_LEN + size_of::<u32>();

/// For what registrations wait: for the check of a signature, for their register to be made, for the tax authority, for a
/// visit, for the first day of a tariff plan.
pub const REGISTRATION_GROUPS: [u8; 5] = [1, 2, 3, 4, 5];

const REGISTER_LEN: usize = size_of::<u32>();

impl NoteKind {
    /// How many bytes of a key are its group: what a cluster keeps together, and all that a list can be asked of.
    #[must_use]
    pub fn group_len(self) -> usize {
        match self {
            Self::Change => CHANGE_GROUP_LEN,
            Self::PhoneSigning => PHONE_SIGNING_GROUP_LEN,
            Self::Heard => HEARD_GROUP_LEN,
            Self::PaperWaiting | Self::RegistrationWaiting => PAPER_WAITING_GROUP_LEN,
        }
    }

    /// How much a note of this kind may hold.
    #[must_use]
    pub fn len_max(self) -> usize {
        match self {
            Self::Change | Self::Heard | Self::PaperWaiting | Self::RegistrationWaiting => NOTE_LEN_MAX,
            Self::PhoneSigning => PHONE_SIGNING_LEN_MAX,
        }
    }

    /// Whether a key is one that this program writes for the kind.
    #[must_use]
    pub fn is_key(self, key: &[u8]) -> bool {
        let group_len = self.group_len();
        let Some((group, rest)) = key.split_at_checked(group_len) else { return false };
        match self {
            Self::Change | Self::Heard => {
                let register = <[u8; REGISTER_LEN]>::try_from(rest).map(u32::from_be_bytes);
                register.is_ok_and(|register| group.last() == Some(&note_shard(register)))
            }
            Self::PhoneSigning => key.len() <= NOTE_KEY_LEN_MAX,
            Self::PaperWaiting => is_of_company(key, rest) && group == PAPERS_WAITING,
            Self::RegistrationWaiting => {
                is_of_company(key, rest) && REGISTRATION_GROUPS.iter().any(|known| [*known] == group)
            }
        }
    }
}

/// Whether a key is a group, a BIN and a number of something that this company has.
fn is_of_company(key: &[u8], rest: &[u8]) -> bool {
    let bin = rest.get(..12).is_some_and(|bin| bin.iter().all(u8::is_ascii_digit));
    key.len() == PAPER_WAITING_KEY_LEN && bin
}

/// The shard of a register, in kinds that note things of every register.
#[must_use]
pub fn note_shard(register: u32) -> u8 {
    u8::try_from(register % NOTE_SHARDS).unwrap_or(0) // below NOTE_SHARDS
}

/// All changes of a minute since the epoch, in registers of one shard: what such a list is asked by.
#[must_use]
pub fn change_group(minute: u32, shard: u8) -> [u8; CHANGE_GROUP_LEN] {
    let mut group = [0; CHANGE_GROUP_LEN];
    let mut rest = group.as_mut_slice();
    rest.put_u32(minute);
    rest.put_u8(shard);
    group
}

/// A register has new rows since this minute of the epoch.
#[must_use]
pub fn change_key(minute: u32, register: u32) -> Bytes {
    let mut key = BytesMut::with_capacity(CHANGE_GROUP_LEN + REGISTER_LEN);
    key.put_slice(&change_group(minute, note_shard(register)));
    key.put_u32(register);
    key.freeze()
}

/// The minute and register of such a key.
#[must_use]
pub fn change_of_key(key: &[u8]) -> Option<(u32, u32)> {
    let (minute, rest) = key.split_first_chunk().filter(|_| NoteKind::Change.is_key(key))?;
    let register = rest.last_chunk()?;
    Some((u32::from_be_bytes(*minute), u32::from_be_bytes(*register)))
}

/// When a register was last heard.
#[must_use]
pub fn heard_key(register: u32) -> Bytes {
    let mut key = BytesMut::with_capacity(HEARD_GROUP_LEN + REGISTER_LEN);
    key.put_u8(note_shard(register));
    key.put_u32(register);
    key.freeze()
}

/// Papers whose signature is being checked, all of them: what their list is asked by.
pub const PAPERS_WAITING: [u8; PAPER_WAITING_GROUP_LEN] = [0];

/// The signature under a paper of an organisation is being checked.
#[must_use]
pub fn paper_waiting_key(bin: &str, number: u32) -> Bytes {
    let mut key = BytesMut::with_capacity(PAPER_WAITING_KEY_LEN);
    key.put_slice(&PAPERS_WAITING);
    key.put_slice(bin.as_bytes());
    key.put_u32(number);
    key.freeze()
}

/// The BIN and the paper of such a key.
#[must_use]
pub fn paper_waiting_of_key(key: &[u8]) -> Option<(&str, u32)> {
    let rest = key.strip_prefix(&PAPERS_WAITING).filter(|_| NoteKind::PaperWaiting.is_key(key))?;
    let (bin, number) = rest.split_last_chunk()?;
    Some((std::str::from_utf8(bin).ok()?, u32::from_be_bytes(*number)))
}

/// A registration waits for what the group says.
#[must_use]
pub fn registration_waiting_key(group: u8, bin: &str, register: u32) -> Bytes {
    let mut key = BytesMut::with_capacity(PAPER_WAITING_KEY_LEN);
    key.put_u8(group);
    key.put_slice(bin.as_bytes());
    key.put_u32(register);
    key.freeze()
}

/// The BIN and the register of such a key.
#[must_use]
pub fn registration_waiting_of_key(key: &[u8]) -> Option<(&str, u32)> {
    let (_, rest) = key.split_first().filter(|_| NoteKind::RegistrationWaiting.is_key(key))?;
    let (bin, register) = rest.split_last_chunk()?;
    Some((std::str::from_utf8(bin).ok()?, u32::from_be_bytes(*register)))
}

/// Something that is written without a condition, stays for a while, and is gone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// The family that it belongs to.
    pub kind: NoteKind,
    /// Its key within the kind, at most [`NOTE_KEY_LEN_MAX`] bytes; it begins with the kind's group.
    pub key: Bytes,
    /// What it says, at most [`NoteKind::len_max`] bytes.
    pub bytes: Bytes,
    /// When it was written, in milliseconds of the Unix epoch, by the clock of whoever wrote it.
    pub at_ms: u64,
    /// From when on it is not shown any more.
    pub expires_ms: u64,
}

impl Note {
    /// That a paper or a registration waits from a moment on, under the key of what waits.
    #[must_use]
    pub fn of_waiting(kind: NoteKind, key: Bytes, at_ms: u64) -> Self {
        let life_ms = if kind == NoteKind::PaperWaiting { PAPER_WAITING_LIFE_MS } else { NOTE_LIFE_MAX_MS };
        Self { kind, key, bytes: Bytes::new(), at_ms, expires_ms: at_ms.saturating_add(life_ms) }
    }

    /// Whether it is over at a moment.
    #[must_use]
    pub fn is_over(&self, now_ms: u64) -> bool {
        self.expires_ms <= now_ms
    }

    /// Whether it was over when it was written: then there is nothing to write.
    pub(crate) fn is_void(&self) -> bool {
        self.is_over(self.at_ms)
    }

    /// Whether it stays when `other` comes under the same key. Of two from one moment any rule will do that does not ask
    /// which came first.
    pub(crate) fn stays_before(&self, other: &Self) -> bool {
        (self.at_ms, self.expires_ms, &self.bytes) >= (other.at_ms, other.expires_ms, &other.bytes)
    }
}

/// Up to `limit` notes that are not over at `now_ms`. `page` reads so many from a place on, and says where the next page
/// begins, if there is one: notes that are over may be there still, and take no place among those that are wanted.
pub(crate) async fn those_not_over<P, E, F>(
    (limit, now_ms): (usize, u64),
    first: P,
    mut page: impl FnMut(P, usize) -> F,
) -> Result<Vec<Note>, E>
where
    F: Future<Output = Result<(Vec<Note>, Option<P>), E>>,
{
    let (mut notes, mut place): (Vec<Note>, _) = (Vec::new(), Some(first));
    while notes.len() < limit
        && let Some(from) = place
    {
        let (found, next) = page(from, limit.saturating_sub(notes.len())).await?;
        notes.extend(found.into_iter().filter(|note| !note.is_over(now_ms)));
        place = next;
    }
    Ok(notes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_is_found_by_its_minute_and_shard() {
        let key = change_key(29_500_000, 70);
        assert!(key.starts_with(&change_group(29_500_000, 6)));
        assert_eq!(key.len(), 9);
        assert_eq!(change_of_key(&key), Some((29_500_000, 70)));
        assert_eq!(change_of_key(&key[..8]), None);
    }

    #[test]
    fn keys_of_each_kind_have_a_shape() {
        assert!(NoteKind::Change.is_key(&change_key(1, 2)) && NoteKind::Heard.is_key(&heard_key(33)));
        assert!(!NoteKind::Change.is_key(&[0, 0, 0, 1, 3, 0, 0, 0, 2]), "another register's shard");
        assert!(!NoteKind::Heard.is_key(&change_key(1, 2)) && !NoteKind::Heard.is_key(b""));
        assert!(NoteKind::PhoneSigning.is_key(&[7; 32]) && !NoteKind::PhoneSigning.is_key(&[7; 31]));
        assert!(NoteKind::PhoneSigning.is_key(&[7; 64]) && !NoteKind::PhoneSigning.is_key(&[7; 65]));
    }

    #[test]
    fn a_note_of_a_paper_leads_to_it() {
        let key = paper_waiting_key("151140001234", 7);
        assert!(NoteKind::PaperWaiting.is_key(&key));
        assert_eq!(paper_waiting_of_key(&key), Some(("151140001234", 7)));
        for strange in [&b""[..], &[0], b"\x001511400012340000x", b"\x0115114000123400007"] {
            assert_eq!(paper_waiting_of_key(strange), None, "{strange:?}");
        }
    }

    #[test]
    fn notes_that_are_over_take_no_place_in_a_list() {
        let note = |register: u32| Note {
            kind: NoteKind::Heard,
            key: heard_key(register),
            bytes: Bytes::new(),
            at_ms: 0,
            expires_ms: u64::from(register % 3),
        };
        let all: Vec<Note> = (0..20).map(note).collect();
        let list = |limit| {
            let page = |from: usize, wanted| {
                let to = all.len().min(from + wanted);
                std::future::ready(Ok::<_, std::fmt::Error>((
                    all[from..to].to_vec(),
                    (to < all.len()).then_some(to),
                )))
            };
            futures::executor::block_on(those_not_over((limit, 1), 0, page)).unwrap()
        };
        // Of three each one is not over.
        let expected: Vec<Note> = [2, 5, 8, 11, 14, 17].map(note).into();
        for limit in 0..8 {
            assert_eq!(list(limit), expected[..limit.min(6)], "{limit}");
        }
    }

    #[test]
    fn of_two_notes_the_later_stays_whichever_comes_first() {
        let note = |at_ms, bytes: &'static [u8]| Note {
            kind: NoteKind::Heard,
            key: heard_key(1),
            bytes: bytes.into(),
            at_ms,
            expires_ms: 100,
        };
        let notes = [note(1, b"z"), note(2, b"a"), note(2, b"b")];
        for (index, one) in notes.iter().enumerate() {
            for (other_index, other) in notes.iter().enumerate() {
                assert_eq!(one.stays_before(other), index >= other_index, "{index} {other_index}");
            }
        }
        assert!(!note(99, b"").is_void() && note(100, b"").is_void());
    }
}
