//! Writing of protobuf fields.

use bytes::{BufMut, BytesMut};

use crate::types::{LocalDateTime, Tiyn};

/// Writes protobuf fields to the end of a buffer.
///
/// Whatever is asked for is written, zero and false too: readers in the field are proto2 with required fields.
pub struct Writer<'b> {
    out: &'b mut BytesMut,
}

impl<'b> Writer<'b> {
    /// Writes to the end of `out`.
    pub fn new(out: &'b mut BytesMut) -> Self {
        Self { out }
    }

    fn put_varint(&mut self, mut value: u64) {
        while value >= 0x80 {
            self.out.put_u8(u8::try_from(value & 0x7F).unwrap_or(0) | 0x80);
            value >>= 7;
        }
        self.out.put_u8(u8::try_from(value).unwrap_or(0));
    }

    fn put_key(&mut self, number: u32, wire_type: u32) {
        self.put_varint(u64::from((number << 3) | wire_type));
    }

    /// An unsigned integer or an enum.
    pub fn uint(&mut self, number: u32, value: impl Into<u64>) {
        self.put_key(number, 0);
        self.put_varint(value.into());
    }

    /// An int32 or int64: negative ones take ten bytes, as protobuf wants it.
    pub fn int(&mut self, number: u32, value: impl Into<i64>) {
        self.put_key(number, 0);
        self.put_varint(u64::from_ne_bytes(value.into().to_ne_bytes()));
    }

    /// Writes a boolean, even when it is false.
    pub fn boolean(&mut self, number: u32, value: bool) {
        self.uint(number, value);
    }

    /// Writes bytes behind their length.
    pub fn bytes(&mut self, number: u32, value: &[u8]) {
        self.put_key(number, 2);
        self.put_varint(u64::try_from(value.len()).unwrap_or(u64::MAX));
        self.out.put_slice(value);
    }

    /// Writes a string behind its length.
    pub fn text(&mut self, number: u32, value: &str) {
        self.bytes(number, value.as_bytes());
    }

    /// A nested message.
    pub fn message(&mut self, number: u32, write: impl FnOnce(&mut Writer<'_>)) {
        self.put_key(number, 2);
        // Most nested messages are shorter than 128 bytes: one byte of length is kept free, and the body is
        // moved only when it needs more.
        let at = self.out.len();
        self.out.put_u8(0);
        write(&mut Writer { out: &mut *self.out });
        let len = self.out.len().saturating_sub(at).saturating_sub(1);
        let mut prefix = BytesMut::with_capacity(0);
        if len < 0x80 {
            if let (Some(byte), Ok(len)) = (self.out.get_mut(at), u8::try_from(len)) {
                *byte = len;
            }
            return;
        }
        Writer { out: &mut prefix }.put_varint(u64::try_from(len).unwrap_or(u64::MAX));
        let body = at.saturating_add(1);
        let moved = prefix.len().saturating_sub(1);
        self.out.put_bytes(0, moved);
        self.out.copy_within(body..body.saturating_add(len), body.saturating_add(moved));
        if let Some(gap) = self.out.get_mut(at..at.saturating_add(prefix.len())) {
            gap.copy_from_slice(&prefix);
        }
    }

    /// Bytes that are fields already, such as a part encoded once and used often.
    pub fn encoded(&mut self, fields: &[u8]) {
        self.out.put_slice(fields);
    }

    /// A Money: both halves, zero too.
    pub fn money(&mut self, number: u32, value: Tiyn) {
        self.message(number, |w| {
            w.uint(1, value.bills());
            w.uint(2, value.coins());
        });
    }

    /// A DateTime with every part, zero too.
    pub fn date_time(&mut self, number: u32, value: LocalDateTime) {
        let ((year, month, day), (hour, minute, second)) = (value.date(), value.time());
        self.message(number, |w| {
            w.message(1, |w| {
                w.uint(1, year);
                w.uint(2, month);
                w.uint(3, day);
            });
            w.message(2, |w| {
                w.uint(1, hour);
                w.uint(2, minute);
                w.uint(3, second);
            });
        });
    }
}
