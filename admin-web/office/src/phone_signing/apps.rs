//! The apps that sign: what their QR codes say, and how they are opened on a phone.

use form_urlencoded::byte_serialize;

/// What stands for the address in a pattern.
pub const LINK: &str = "{link}";

/// How a QR code begins that the apps read.
const QR_BEGIN: &str = "mobileSign:";

/// How each app is opened by a link. The patterns are the apps' owner's, and change when that owner wants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AppLinks {
    /// eGov Mobile: keys of people.
    pub mobile: String,
    /// eGov Business: keys of organisations.
    pub business: String,
    /// Whether the app is an emulated one on this machine, as in the demo: it needs no HTTPS.
    pub is_emulated: bool,
}

impl Default for AppLinks {
    fn default() -> Self {
        Self {
            mobile: "https://m.egov.kz/mobileSign/?link={link}&isi=1476128386&ibi=kz.egov.mobile&apn=kz.mobile.mgov"
                .to_owned(),
            business: "https://m.egov.kz/businessSign/?link={link}&isi=1597880144&ibi=kz.mobile.mgov.business\
                       &apn=kz.mobile.mgov.business"
                .to_owned(),
            is_emulated: false,
        }
    }
}

/// Why a pattern cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AppLinksError {
    /// Nobody could open it.
    #[error("it must begin with https:// and have no blanks or quotes")]
    NoLink,
    /// The app would not know what to sign.
    #[error("it must have {{link}} just once, where the address of what is signed goes")]
    NoPlace,
}

impl AppLinks {
    /// Whether a pattern can be used.
    ///
    /// # Errors
    /// It cannot.
    pub fn check(pattern: &str) -> Result<(), AppLinksError> {
        let is_link = pattern.starts_with("https://")
            && pattern.bytes().all(|byte| byte.is_ascii_graphic() && !b"\"'<>\\".contains(&byte));
        if !is_link {
            return Err(AppLinksError::NoLink);
        }
        if pattern.matches(LINK).count() == 1 { Ok(()) } else { Err(AppLinksError::NoPlace) }
    }

    /// The links that open eGov Mobile and eGov Business with an address.
    pub fn to(&self, address: &str) -> [String; 2] {
        let address: String = byte_serialize(address.as_bytes()).collect();
        [&self.mobile, &self.business].map(|pattern| pattern.replace(LINK, &address))
    }

    /// What the QR code says.
    pub fn qr(address: &str) -> String {
        format!("{QR_BEGIN}{address}")
    }
}

/// Whether signing by phone is offered: the app speaks HTTPS to a domain. One that is emulated speaks to this machine.
pub fn has_phone_signing(public_url: &str, is_emulated: bool) -> bool {
    if public_url.starts_with("https://") {
        return true;
    }
    if !is_emulated {
        return false;
    }
    let host = public_url.strip_prefix("http://").unwrap_or_default().split('/').next().unwrap_or_default();
    let host = host.rsplit_once(':').map_or(host, |(host, _)| host);
    host == "127.0.0.1" || host == "localhost" || host == "[::1]"
}
