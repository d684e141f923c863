//! The generic walk over fields, groups included: it ends, takes every byte once, and never panics.

#![no_main]

use libfuzzer_sys::fuzz_target;
use ofd_protocol::wire::{Field, Fields, Text, Value};

/// Bytes may be a message, so the walk goes into them; bounded, since any bytes can look like one.
const DEPTH_MAX: usize = 8;

fn walk(message: &[u8], depth: usize) {
    let mut fields = Fields::new(message);
    let mut left = message.len();
    while let Some(field) = fields.next() {
        let Ok(Field { number, value }) = field else {
            assert!(fields.next().is_none(), "the walk ends after an error");
            return;
        };
        assert!(number > 0);
        assert!(fields.rest().len() < left, "every field takes bytes");
        left = fields.rest().len();
        narrow(value);
        if let Value::Bytes(bytes) = value {
            let text = Text(bytes);
            assert!(!text.is_utf8() || text.lossy().as_bytes() == bytes);
            let _blank = text.is_blank();
            if depth < DEPTH_MAX {
                walk(bytes, depth + 1);
            }
        }
    }
    assert_eq!(left, 0);
}

/// Every reading of a value as a typed field.
fn narrow(value: Value<'_>) {
    let (mut narrow, mut wide, mut flag, mut text, mut bytes) = (None, None, None, None, None);
    value.u32_to(&mut narrow);
    value.u64_to(&mut wide);
    value.bool_to(&mut flag);
    value.text_to(&mut text);
    value.bytes_to(&mut bytes);
    assert_eq!((narrow.is_some(), flag.is_some()), (wide.is_some(), wide.is_some()));
    assert_eq!(narrow, wide.map(|wide| wide as u32));
    assert_eq!(text.is_some(), bytes.is_some());
}

fuzz_target!(|data: &[u8]| walk(data, 0));
