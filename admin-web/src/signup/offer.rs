//! The company that a certificate lets a person bring to the site, sealed from step to step.

use ofd_protocol::types::UnixMillis;
use ofd_storage::accounts::{Account, CompanyKind, OPERATOR};
use serde::{Deserialize, Serialize};

use crate::cabinet::{Ask, Failure};
use crate::people::sealed::{SealKind, open, seal};
use crate::sign_in::{Proven, Standing};
use crate::site::Site;

/// What may be brought is believed for so long: time to fill in the form.
const OFFER_FOR_MS: u64 = 30 * 60 * 1000;

/// A company that who is signed in may bring, or join as its head.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct CompanyOffer {
    pub(super) bin: String,
    /// Empty of an entrepreneur: the statement goes through addresses, where a person's name does not belong.
    title: String,
    pub(super) kind: CompanyKind,
    pub(super) standing: Standing,
}

impl CompanyOffer {
    /// The company's name. Entrepreneurs are named so in documents, in every language.
    pub(super) fn title(&self, account: &Account) -> String {
        match self.kind {
            CompanyKind::Entrepreneur => format!("ИП {}", account.name),
            CompanyKind::LegalEntity | CompanyKind::Operator => self.title.clone(),
        }
    }
}

/// Where a person goes on to bring, or join, the company of a certificate; of a certificate without one, as an
/// individual entrepreneur.
pub(crate) async fn company_path(
    site: &Site,
    ask: &Ask,
    proven: &Proven,
    binding: &str,
) -> Result<String, Failure> {
    let (bin, title, kind) = match proven.organisation.clone() {
        Some((bin, title)) => (bin, title, CompanyKind::LegalEntity),
        None => (proven.iin.clone(), String::new(), CompanyKind::Entrepreneur),
    };
    let offer = CompanyOffer { bin, title, kind, standing: proven.standing };
    let until = UnixMillis(ask.now().0.saturating_add(OFFER_FOR_MS));
    let sealed = seal(&site.office.key().await?, SealKind::Company, binding, until, &offer);
    let query = form_urlencoded::Serializer::new(String::new()).append_pair("proof", &sealed).finish();
    Ok(format!("/sign-up/company?{query}"))
}

/// What the person may bring, by the statement that the address or the form carries.
pub(super) async fn offered(site: &Site, ask: &Ask, sealed: &str) -> Result<Option<CompanyOffer>, Failure> {
    let offer: Result<CompanyOffer, _> =
        open(&site.office.key().await?, SealKind::Company, &ask.binding(), ask.now(), sealed);
    // The operator comes to be by the config alone.
    Ok(offer.ok().filter(|offer| offer.bin != OPERATOR))
}
