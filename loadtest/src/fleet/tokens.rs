//! `<fleet>.tokens`: the good token of every register, written at every fiscal exchange.
//!
//! The state file is written now and then; a process that is killed in between would hold a token two changes old,
//! which the server refuses until a person resets it. One slot of fixed length a register costs a write of 32 bytes
//! into the page cache, which outlives the process (not the machine).

use std::collections::HashMap;
use std::fs::{File, OpenOptions};
use std::os::unix::fs::FileExt;
use std::path::Path;

use bytes::{Buf, BufMut};
use crc::{CRC_32_ISO_HDLC, Crc};
use ofd_protocol::types::{RegisterId, Token};

use crate::register::Register;

/// Length of a slot: id, given token, token, REQNUM, busy, blank, accepted, checksum, blank.
const SLOT_LEN: usize = 32;

/// The bytes that the checksum covers.
const SUMMED_LEN: usize = 24;

const CRC: Crc<u32> = Crc::<u32>::new(&CRC_32_ISO_HDLC);

/// What is kept of one register.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slot {
    /// The token that the fleet file had.
    pub given: Token,
    /// The token that is good.
    pub token: Token,
    /// The last REQNUM.
    pub request: u16,
    /// Whether a fiscal request had gone out that was not answered.
    pub busy: bool,
    /// Fiscal documents accepted.
    pub accepted: u64,
}

/// The open file.
#[derive(Debug)]
pub struct TokenFile {
    file: File,
}

impl TokenFile {
    /// Reads what is there; slots that are not whole, and a file that is not there, hold nothing.
    pub fn read(path: &Path) -> HashMap<RegisterId, Slot> {
        let bytes = std::fs::read(path).unwrap_or_default();
        bytes.chunks_exact(SLOT_LEN).filter_map(slot).collect()
    }

    /// Opens the file and writes a slot for each of `registers`, in their order.
    ///
    /// # Errors
    /// Those of the file system.
    pub fn open(path: &Path, registers: &[Register]) -> std::io::Result<Self> {
        let mut whole = Vec::with_capacity(registers.len().saturating_mul(SLOT_LEN));
        registers.iter().for_each(|register| whole.extend_from_slice(&encoded(register, false)));
        super::files::write_whole(path, &whole)?;
        Ok(Self { file: OpenOptions::new().write(true).open(path)? })
    }

    /// Writes the slot of the register that lies at `index`.
    ///
    /// # Errors
    /// Those of the file system.
    pub fn put(&self, index: usize, register: &Register, busy: bool) -> std::io::Result<()> {
        let at = u64::try_from(index.saturating_mul(SLOT_LEN)).unwrap_or(u64::MAX);
        self.file.write_all_at(&encoded(register, busy), at)
    }
}

fn encoded(register: &Register, busy: bool) -> [u8; SLOT_LEN] {
    let state = register.state();
    let mut bytes = [0; SLOT_LEN];
    let mut out = bytes.as_mut_slice();
    out.put_u32_le(register.identity().id.0);
    out.put_u32_le(state.token_given.0);
    out.put_u32_le(state.token.0);
    let request = register.flight().map_or(state.request, |flight| flight.request.0);
    out.put_u16_le(if busy { request } else { state.request });
    out.put_u16_le(u16::from(busy));
    out.put_u64_le(state.accepted);
    let sum = CRC.checksum(bytes.get(..SUMMED_LEN).unwrap_or_default());
    if let Some(mut to) = bytes.get_mut(SUMMED_LEN..) {
        to.put_u32_le(sum);
    }
    bytes
}

fn slot(bytes: &[u8]) -> Option<(RegisterId, Slot)> {
    let (summed, mut rest) = bytes.split_at_checked(SUMMED_LEN)?;
    if rest.remaining() < size_of::<u32>() || rest.get_u32_le() != CRC.checksum(summed) {
        return None;
    }
    // The length was checked by the split: 24 bytes hold all that is read here.
    let mut fields = summed;
    let id = RegisterId(fields.get_u32_le());
    let (given, token) = (Token(fields.get_u32_le()), Token(fields.get_u32_le()));
    let (request, busy) = (fields.get_u16_le(), fields.get_u16_le() != 0);
    Some((id, Slot { given, token, request, busy, accepted: fields.get_u64_le() }))
}
