//! Models of registers that the tax authority has on its list.

use serde::{Deserialize, Serialize};

use super::Model;
use crate::store::RecordKind;

/// Digits of a model's id as a key: so many has the longest.
const ID_LEN: usize = 14;

/// A model of registers, as the tax authority's list has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RegisterModel {
    /// Its id there: up to 14 digits.
    pub id: String,
    /// Make and model, as the list has it.
    pub name: String,
    /// What kind of device it is, in the list's words.
    pub kind: String,
    /// Whether registers of it may be registered: the list's flag, 1 on line, 0 not used.
    pub is_used: bool,
    /// The day on which it was entered in the list, `YYYY-MM-DD`.
    pub entered_on: String,
}

impl RegisterModel {
    /// The record key of an id; `None` when no model has it.
    #[must_use]
    pub fn key_of(id: &str) -> Option<Vec<u8>> {
        let is_id = (1..=ID_LEN).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_digit());
        is_id.then(|| format!("{id:0>ID_LEN$}").into_bytes())
    }
}

impl Model for RegisterModel {
    const KIND: RecordKind = RecordKind::RegisterModel;

    fn key(&self) -> Vec<u8> {
        Self::key_of(&self.id).unwrap_or_default()
    }
}
