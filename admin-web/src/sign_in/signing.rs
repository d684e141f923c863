//! What a page shows for having a challenge signed.

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

/// What a page needs for having something signed.
pub(crate) struct Signing {
    /// Whether signatures can be checked at all.
    pub(crate) is_set_up: bool,
    /// Whether an app on a phone may sign.
    pub(crate) has_phone: bool,
    /// Where the signature goes.
    pub(crate) action: &'static str,
    /// Where to go on afterwards.
    pub(crate) next: String,
    /// Whether who signs wants to sign up.
    pub(crate) is_sign_up: bool,
    /// Where the browser finds NCALayer.
    pub(crate) ncalayer: String,
    /// The challenge, sealed.
    pub(crate) sealed: String,
    /// Its text, as the script takes it.
    pub(crate) content: String,
    /// Of which CAs NCALayer offers keys.
    pub(crate) chain: &'static str,
    /// What keys must be for.
    pub(crate) oids: &'static str,
    /// Where the text is downloaded.
    pub(crate) download: String,
}

/// Draws a challenge for a page that has it signed.
pub(crate) async fn signing(
    site: &Site,
    ask: &Ask,
    action: &'static str,
    next: &str,
) -> Result<Signing, Failure> {
    let signatures = &site.office.signatures;
    let challenge = Challenge::new(site.office.drawn(), ask.now());
    let key = site.office.key().await?;
    let sealed = seal(&key, SealKind::Challenge, &ask.binding(), challenge.until(), &challenge);
    let query = form_urlencoded::Serializer::new(String::new()).append_pair("c", &sealed).finish();
    // A test stand has keys of test CAs, which NCALayer offers only when it is asked for any.
    let (chain, oids) = match signatures.stage() {
        Stage::Production => ("production", SIGNING_KEYS),
        Stage::Test => ("any", ""),
    };
    Ok(Signing {
        is_set_up: signatures.is_set_up(),
        has_phone: site.has_phone_signing(),
        action,
        next: next.to_owned(),
        is_sign_up: false,
        ncalayer: site.config.people.ncalayer.clone(),
        content: STANDARD.encode(challenge.text(&site.config.public_url)),
        sealed,
        chain,
        oids,
        download: format!("/login/challenge?{query}"),
    })
}
