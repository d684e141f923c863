//! What a page shows for having something signed, and what it is where somebody signs in.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ofd_eds::Stage;
use ofd_office::people::sealed::{SealKind, seal};
use ofd_office::sign_in::Challenge;

use crate::cabinet::{Ask, Failure};
use crate::site::Site;

/// What keys for signing are marked with in certificates of the national CA (emailProtection). The one key that people
/// have today bears it, also for signing in.
const SIGNING_KEYS: &str = "1.3.6.1.5.5.7.3.4";

/// What a page needs for having something signed: by whichever way the person has.
pub(crate) struct Signing {
    /// Whether signatures can be checked at all.
    pub(crate) is_set_up: bool,
    /// Where an app on a phone is asked to sign, where one can be.
    pub(crate) phone: Option<String>,
    /// Where the signature goes.
    pub(crate) action: String,
    /// What the form with the signature brings besides.
    pub(crate) hidden: Vec<(&'static str, String)>,
    /// Where the browser finds NCALayer.
    pub(crate) ncalayer: String,
    /// What is signed, as the script takes it; empty where it is fetched.
    pub(crate) content: String,
    /// Where the script fetches what is signed; empty where the page has it.
    pub(crate) source: String,
    /// Whether what is signed goes into the signature file.
    pub(crate) is_attached: bool,
    /// Of which CAs NCALayer offers keys.
    pub(crate) chain: &'static str,
    /// What keys must be for.
    pub(crate) oids: &'static str,
    /// Where what is signed is downloaded.
    pub(crate) download: String,
    /// The key of what the link there says.
    pub(crate) download_text: &'static str,
    /// The key of what is said of handing in a signature file.
    pub(crate) upload_text: &'static str,
}

/// Of which CAs NCALayer offers keys, and what they must be for. A test stand has keys of test CAs, which NCALayer offers
/// only when it is asked for any.
pub(crate) fn offered_keys(site: &Site) -> (&'static str, &'static str) {
    match site.office.signatures.stage() {
        Stage::Production => ("production", SIGNING_KEYS),
        Stage::Test => ("any", ""),
    }
}

/// Draws a challenge for a page that has it signed.
pub(crate) async fn signing(site: &Site, ask: &Ask, action: &str, next: &str) -> Result<Signing, Failure> {
    let challenge = Challenge::new(site.office.drawn(), ask.now());
    let key = site.office.key().await?;
    let sealed = seal(&key, SealKind::Challenge, &ask.binding(), challenge.until(), &challenge);
    let query = form_urlencoded::Serializer::new(String::new()).append_pair("c", &sealed).finish();
    let (chain, oids) = offered_keys(site);
    Ok(Signing {
        is_set_up: site.office.signatures.is_set_up(),
        phone: site.has_phone_signing().then(|| "/login/phone".to_owned()),
        action: action.to_owned(),
        hidden: vec![("challenge", sealed), ("next", next.to_owned())],
        ncalayer: site.config.people.ncalayer.clone(),
        content: STANDARD.encode(challenge.text(&site.config.public_url)),
        source: String::new(),
        is_attached: true,
        chain,
        oids,
        download: format!("/login/challenge?{query}"),
        download_text: "login-file-download",
        upload_text: "login-file-upload",
    })
}
