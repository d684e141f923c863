//! Heads of both forms, and heads of programs that are yet to come.

use ofd_protocol::register::{OpenShift, Phase, Stop, WarningCount};
use ofd_protocol::types::{Token, UnixMillis};
use ofd_protocol::warning::Warning;
use serde::Serialize;

use super::*;
use crate::memory::MemoryStore;
use crate::registers::{create_register, fence};
use crate::store::{Append, Stamp};
use crate::through;

const ID: RegisterId = RegisterId(7);
const NOW: UnixMillis = UnixMillis(1_769_040_000_000);

fn head(bytes: Bytes) -> Head {
    Head { version: Version::FIRST, stamp: Stamp([0; 16]), bytes }
}

/// A store that programs of the first release may serve from.
struct OfBefore(MemoryStore);

impl through::Through for OfBefore {
    type Inner = MemoryStore;

    fn inner(&self) -> &MemoryStore {
        &self.0
    }

    fn head_format(&self) -> HeadFormat {
        HeadFormat::First
    }
}

#[derive(Serialize)]
struct Part<'a> {
    tag: u16,
    #[serde(with = "serde_bytes")]
    bytes: &'a [u8],
}

/// A head as a later program writes it.
fn of_a_later_program(register: &Register, parts: &[Part<'_>]) -> Bytes {
    let out = postcard::to_extend(register, vec![TAGGED]).unwrap();
    postcard::to_extend(&parts, out).map(Bytes::from).unwrap()
}

#[test]
fn the_first_form_is_what_the_first_release_wrote() {
    // A register as its first release encoded it, when it was just created.
    let written = [&[1_u8, 1, 0, 77, 0, 0, 0, 0, 0, 0][..], &[0; 4 * 3]].concat();
    let register = Register::new(Token(77));
    let encoded = encode(ID, &register, HeadFormat::First).unwrap();
    assert_eq!(encoded[..written.len()], written[..]);
    assert_eq!(decode(ID, 1, &head(encoded)).unwrap().register, register);
}

#[test]
fn a_head_comes_back_as_it_was_in_either_form() {
    let mut register = Register::new(Token(77));
    register.clock = NOW;
    register.warnings.insert(Warning::CashBelowZero, WarningCount { count: 3, last_seen: NOW, what: None });
    for format in [HeadFormat::First, HeadFormat::Tagged] {
        let loaded = decode(ID, 1, &head(encode(ID, &register, format).unwrap())).unwrap();
        assert_eq!(loaded, Loaded { version: Version::FIRST, format, register: register.clone() });
    }
}

#[test]
fn what_came_after_the_first_form_comes_back_from_its_parts_and_is_left_out_of_the_first() {
    let mut register = Register::new(Token(77));
    let opened_at = NOW.wall(5 * 3600);
    register.phase = Phase::Open(OpenShift {
        opened_at,
        accepted_at: NOW,
        printed_number: 0,
        first_online_at: Some(opened_at),
    });
    register.status.unpaid = Some(Stop { at: NOW, reason: String::new() });
    register.profile_version = 300;
    register.warnings.insert(Warning::ClockWrong, WarningCount { count: 3, last_seen: NOW, what: None });
    let read = |format| decode(ID, 1, &head(encode(ID, &register, format).unwrap())).unwrap().register;
    assert_eq!(read(HeadFormat::Tagged), register);
    let first = read(HeadFormat::First);
    assert_eq!(first, register.clone().of_first_heads());
    assert_eq!((&first.status.unpaid, first.open_shift().unwrap().first_online_at), (&None, None));
    assert!(first.warnings.is_empty() && first.profile_version == 0);
    assert_eq!(register.next_shift().profile_version, 300, "it goes on over a close");
}

#[test]
fn parts_of_a_later_program_are_kept_as_they_came() {
    let register = Register::new(Token(77));
    let parts = [
        Part { tag: 0x7f00, bytes: b"of the register" },
        Part { tag: 0x7f01, bytes: b"of the shift" },
        // A warning that this program has no name for.
        Part { tag: 0x8000 | (250 << 1), bytes: &[1, 2, 3] },
    ];
    let came = of_a_later_program(&register, &parts);
    let loaded = decode(ID, 1, &head(came.clone())).unwrap();
    assert_eq!(loaded.register.later_parts.len(), 3);
    assert_eq!(encode(ID, &loaded.register, HeadFormat::Tagged).unwrap(), came, "not a byte is lost");
    let next = loaded.register.next_shift();
    assert_eq!(next.later_parts.keys().copied().collect::<Vec<_>>(), [0x7f00, 0x8000 | (250 << 1)]);
}

#[test]
fn a_head_that_is_cut_short_is_told_as_damaged() {
    let came = of_a_later_program(&Register::new(Token(77)), &[Part { tag: 0x7f00, bytes: b"part" }]);
    for len in 0..came.len() {
        let error = decode(ID, 1, &head(came.slice(..len))).unwrap_err();
        assert!(matches!(error, StoreError::Corrupt { .. }), "{len}: {error}");
    }
}

#[tokio::test]
async fn a_store_that_old_programs_share_gets_heads_that_they_read_until_it_is_finished() {
    let memory = MemoryStore::new();
    let before = OfBefore(memory.another_handle());
    create_register(&before, ID, Token(77), NOW, Stamp([1; 16])).await.unwrap();
    let loaded = newest(&before, ID).await.unwrap().unwrap();
    assert_eq!(loaded.format, HeadFormat::First);
    let mut changed = loaded.clone();
    changed.register.later_parts.insert(0x7f00, b"has no room".to_vec());
    let stored = fence(&before, ID, &changed, Stamp([2; 16])).await.unwrap();
    assert_eq!(stored, newest(&before, ID).await.unwrap().unwrap(), "what is in memory is what is stored");
    assert_eq!((stored.format, stored.register.later_parts.len()), (HeadFormat::First, 0));

    // The migration is finished: whoever knows it writes the new form, and whoever does not yet keeps to what it read.
    let finished = fence(&memory, ID, &stored, Stamp([3; 16])).await.unwrap();
    assert_eq!(finished.format, HeadFormat::Tagged);
    let by_the_unknowing = fence(&before, ID, &finished, Stamp([4; 16])).await.unwrap();
    assert_eq!(by_the_unknowing.format, HeadFormat::Tagged);
}

#[tokio::test]
async fn a_head_of_a_program_yet_to_come_serves() {
    let store = MemoryStore::new();
    let register = Register { clock: NOW, ..Register::new(Token(77)) };
    let head = of_a_later_program(&register, &[Part { tag: 0x7f00, bytes: b"part" }]);
    let append = Append {
        stream: stream(ID, 1),
        expected: None,
        stamp: Stamp([1; 16]),
        head,
        rows: Vec::new(),
        notes: Vec::new(),
    };
    store.append(append).await.unwrap();
    let loaded = newest(&store, ID).await.unwrap().unwrap();
    let fenced = fence(&store, ID, &loaded, Stamp([2; 16])).await.unwrap();
    assert_eq!(fenced.register.later_parts.get(&0x7f00).map(Vec::as_slice), Some(&b"part"[..]));
}
