//! What a backup looks at in the documents that pass through it: CRC, numbers, chain.

use ofd_protocol::message::answer::CRC;
use ofd_protocol::register::chain;
use ofd_protocol::types::RegisterId;
use ofd_storage::registers;
use ofd_storage::store::{Head, Row, StoreError, StreamId, StreamKind};

/// The shift that passes through.
struct Passing {
    register: RegisterId,
    shift: u32,
    /// The chain value so far; `None`: the shift before was not seen, so the first document's is believed.
    chain: Option<[u8; 32]>,
    documents: u32,
}

/// Judges shifts as they pass through, in the order of registers and numbers.
#[derive(Default)]
pub(super) struct ShiftCheck {
    /// The last shift that is known to be whole, or was not looked at.
    before: Option<(StreamId, Head)>,
    passing: Option<Passing>,
}

impl ShiftCheck {
    /// A stream that did not change since it was judged.
    pub(super) fn pass_over(&mut self, stream: StreamId, head: &Head) {
        self.before = Some((stream, head.clone()));
    }

    /// A stream that could not be read: nothing is known of what follows it.
    pub(super) fn lose(&mut self) {
        (self.before, self.passing) = (None, None);
    }

    pub(super) fn begin(&mut self, stream: StreamId) {
        let before = self.before.take();
        self.passing = None;
        let Some(register) = u32::try_from(stream.owner).ok().filter(|_| stream.kind == StreamKind::Shift)
        else {
            return;
        };
        let chain = match before {
            _ if stream.ordinal == 1 => Some([0; 32]),
            Some((before, head))
                if StreamId { ordinal: before.ordinal.saturating_add(1), ..before } == stream =>
            {
                registers::decode(RegisterId(register), before.ordinal, &head)
                    .ok()
                    .map(|it| it.register.chain)
            }
            Some(_) | None => None,
        };
        let (register, shift) = (RegisterId(register), stream.ordinal);
        self.passing = Some(Passing { register, shift, chain, documents: 0 });
    }

    /// What is wrong with a row. After a fault the rest of the shift is not judged.
    pub(super) fn row(&mut self, row: &Row) -> Option<String> {
        let fault = self.passing.as_mut()?.row(row).err()?;
        let Passing { register, shift, documents, .. } = self.passing.take()?;
        Some(format!("register {register} shift {shift} document {}: {fault}", documents.saturating_add(1)))
    }

    /// What is wrong with the shift as a whole.
    pub(super) fn end(&mut self, head: &Head) -> Option<String> {
        let passed = self.passing.take()?;
        let Passing { register, shift, .. } = passed;
        self.before = Some((registers::stream(register, shift), head.clone()));
        passed.end(head).err().map(|fault| format!("register {register} shift {shift}: {fault}"))
    }
}

fn told(error: StoreError) -> String {
    match error {
        StoreError::Corrupt { reason, .. } => reason,
        other => other.to_string(),
    }
}

impl Passing {
    fn row(&mut self, row: &Row) -> Result<(), String> {
        let document = registers::document_in(self.register, self.shift, row).map_err(told)?;
        let Some(document) = document else { return Ok(()) };
        if document.number != self.documents.saturating_add(1) {
            return Err(format!("it is missing; document {} follows", document.number));
        }
        if CRC.checksum(&document.raw) != document.crc {
            return Err("its CRC does not fit".to_owned());
        }
        if self.chain.is_some_and(|before| chain(&before, &document.raw) != document.chain) {
            return Err("its chain value does not follow from the documents before it".to_owned());
        }
        (self.chain, self.documents) = (Some(document.chain), document.number);
        Ok(())
    }

    fn end(&self, head: &Head) -> Result<(), String> {
        let register = registers::decode(self.register, self.shift, head).map_err(told)?.register;
        if register.documents != self.documents {
            return Err(format!(
                "its head counts {} documents, {} are there",
                register.documents, self.documents
            ));
        }
        if self.chain.is_some_and(|chain| chain != register.chain) {
            return Err("the chain value of its head is not that of its last document".to_owned());
        }
        Ok(())
    }
}
