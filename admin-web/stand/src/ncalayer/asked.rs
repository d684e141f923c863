//! What the modules of NCALayer are asked with, and what they have to say.

use ofd_eds::Moment;
use serde_json::Value;

use super::desk::Switches;
use crate::{Key, Pki};

/// The desk at the moment of a request.
#[derive(Clone, Copy, Debug)]
pub(super) struct Desk<'a> {
    pub(super) pki: &'a Pki,
    pub(super) switches: &'a Switches,
    pub(super) now: Moment,
}

impl<'a> Desk<'a> {
    /// The key that the person chose.
    pub(super) fn key(&self) -> Option<&'a Key> {
        self.pki.key(&self.switches.key)
    }

    /// A signature file.
    pub(super) fn sign(&self, key: &Key, content: &[u8], is_attached: bool, has_time_stamp: bool) -> Vec<u8> {
        let stamping = has_time_stamp.then(|| self.pki.stamping(self.now));
        key.sign_cms(content, is_attached, self.now, stamping)
    }
}

/// What a module has to say.
pub(super) enum Said {
    /// An answer that needs nobody.
    Now(Value),
    /// An answer of a person, with what happened.
    Person(Value, String),
    /// The end of the connection while a person was asked.
    End,
}
