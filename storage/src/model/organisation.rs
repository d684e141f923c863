//! Organisations: the owners of registers.

use serde::{Deserialize, Serialize};

use super::Model;
use crate::store::RecordKind;
use crate::titles::Titled;

/// An organisation or entrepreneur.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Organisation {
    /// BIN or IIN, 12 digits.
    pub bin: String,
    /// Its name, as receipts print it.
    pub title: String,
    /// Its legal address.
    pub address: String,
    /// The same in Kazakh, where it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address_kz: Option<String>,
    /// The code of its kind of activity.
    pub okved: String,
}

impl Organisation {
    /// One of which nothing but its name is known.
    #[must_use]
    pub fn titled(bin: &str, title: &str) -> Self {
        let (bin, title) = (bin.to_owned(), title.to_owned());
        Self { bin, title, address: String::new(), address_kz: None, okved: String::new() }
    }
}

impl Model for Organisation {
    const KIND: RecordKind = RecordKind::Organisation;

    fn key(&self) -> Vec<u8> {
        self.bin.as_bytes().to_vec()
    }

    fn titled(&self) -> Option<Titled<'_>> {
        Some(Titled { bin: &self.bin, title: &self.title })
    }
}
