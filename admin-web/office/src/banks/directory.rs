//! Banks to choose from: the directory, and what the operator added to it.

use ofd_storage::accounts::AddedBank;
use ofd_storage::model;
use ofd_storage::store::{RecordKind, Store, StoreError};

use crate::directories;
use crate::language::Language;

/// Banks that the operator added, read at once. The whole country has fewer than a hundred.
const ADDED_MAX: usize = 500;

/// A bank that an account may be in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownBank {
    /// Its BIC, in capitals.
    pub bic: String,
    /// Its name in the language asked for.
    pub name: String,
    /// Its name as it is kept: Russian, as documents have it.
    pub kept_name: String,
}

impl KnownBank {
    fn listed(bank: &directories::Bank, language: Language) -> Self {
        Self {
            bic: bank.bic.clone(),
            name: bank.names.of(language).to_owned(),
            kept_name: bank.names.of(Language::Russian).to_owned(),
        }
    }
}

/// Every bank, by name.
pub async fn known_banks(store: &impl Store, language: Language) -> Result<Vec<KnownBank>, StoreError> {
    find_banks(store, language, "").await
}

/// Banks whose BIC begins so, or whose name has it; all when nothing is asked for.
pub async fn find_banks(
    store: &impl Store,
    language: Language,
    typed: &str,
) -> Result<Vec<KnownBank>, StoreError> {
    let mut found: Vec<KnownBank> =
        directories::banks(typed).into_iter().map(|bank| KnownBank::listed(bank, language)).collect();
    let wanted = typed.trim().to_lowercase();
    for record in store.records(RecordKind::Bank, b"", None, ADDED_MAX).await? {
        let (_, added) = model::decode::<AddedBank>(&record)?;
        let is_wanted =
            added.bic.to_lowercase().starts_with(&wanted) || added.name.to_lowercase().contains(&wanted);
        // A newer directory may have a bank that was added before.
        if is_wanted && directories::bank(&added.bic).is_none() {
            found.push(KnownBank { bic: added.bic, kept_name: added.name.clone(), name: added.name });
        }
    }
    found.sort_by_key(|bank| (sort_key(&bank.name), bank.bic.clone()));
    Ok(found)
}

/// Names are sorted by what is between the quotation marks: what stands before is the legal form.
fn sort_key(name: &str) -> String {
    let inner = name.split_once('«').map_or(name, |(_, inner)| inner);
    inner.to_lowercase()
}

/// Whether the directory or the operator knows a BIC.
pub async fn is_known(store: &impl Store, bic: &str) -> Result<bool, StoreError> {
    Ok(directories::bank(bic).is_some() || model::load::<AddedBank>(store, bic.as_bytes()).await?.is_some())
}
