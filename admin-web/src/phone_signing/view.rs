//! What a page shows while a phone signs.

use askama::Template;
use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;
use ofd_office::phone_signing::{
    AppLinks, InThreeLanguages, PhoneError, PhoneRequest, PhoneSecret, PhoneState, SignedByPhone, begin,
    state,
};

use crate::cabinet::{Ask, Failure};
use crate::language::Language;
use crate::page::Shell;
use crate::qr::QrPicture;
use crate::site::Site;
use crate::words::Words;

/// A page that waits looks again so often, in seconds.
const AGAIN_AFTER_SECONDS: &str = "4";

/// How far a phone has come with what a page asks for.
pub(crate) struct PhoneView {
    /// What the QR code says, as a picture.
    pub(crate) qr: Option<QrPicture>,
    /// Opens eGov Mobile on this phone.
    pub(crate) mobile: String,
    /// Opens eGov Business on this phone.
    pub(crate) business: String,
    /// Four digits that the phone shows as well.
    pub(crate) code: String,
    /// The secret, which the form sends that confirms.
    pub(crate) secret: String,
    /// Until when it can be signed, in words; empty where that does not matter any more.
    pub(crate) until: String,
    /// A phone has read what is to be signed.
    pub(crate) is_read: bool,
    /// Nothing more comes: the key of the text that says why.
    pub(crate) ended: Option<&'static str>,
    /// What was signed.
    pub(crate) signed: Option<SignedByPhone>,
}

impl PhoneView {
    /// Whether the page has to look again by itself.
    fn waits(&self) -> bool {
        self.ended.is_none() && self.signed.is_none()
    }
}

/// Asks for signatures by phone; the secret is for the page that waits.
pub(crate) async fn phone_begin(
    site: &Site,
    ask: &Ask,
    request: PhoneRequest,
) -> Result<PhoneSecret, Failure> {
    if !site.has_phone_signing() || !site.office.signatures.is_set_up() {
        return Err(Failure::NotFound);
    }
    begin(&site.office, (&ask.binding(), ask.now()), request).await.map_err(|error| match error {
        PhoneError::Store(error) => Failure::Store(error),
        PhoneError::TooLarge => Failure::TooLarge,
    })
}

/// The page that waits for a phone, and then asks whether it is the person who signed.
#[derive(Template)]
#[template(path = "phone.html")]
pub(crate) struct PhonePage<'a> {
    pub(crate) shell: Shell<'a>,
    /// What is signed, where it has a name.
    pub(crate) what: String,
    pub(crate) phone: PhoneView,
    /// Where it is shown again.
    pub(crate) here: String,
    /// Where one begins anew.
    pub(crate) back: String,
    /// Where the signature goes.
    pub(crate) action: String,
    /// What the form with the signature brings besides.
    pub(crate) hidden: Vec<(&'static str, String)>,
}

impl PhonePage<'_> {
    /// It looks again by itself while it waits: without a script.
    pub(crate) fn answer(&self, site: &Site, ask: &Ask) -> Response {
        let mut response = site.show(ask, StatusCode::OK, self);
        if self.phone.waits() {
            response.headers_mut().insert("refresh", HeaderValue::from_static(AGAIN_AFTER_SECONDS));
        }
        response
    }
}

/// How far a phone has come with what this visit asked for under `subject`.
pub(crate) async fn phone_view(
    site: &Site,
    ask: &Ask,
    secret: &PhoneSecret,
    subject: &str,
) -> Result<PhoneView, Failure> {
    let address = format!("{}/sign/{}", site.config.public_url, secret.text());
    let until_text = |until| site.texts(ask).say_with("phone-until", &site.moment(ask, until));
    let [mobile, business] = site.config.people.phone_apps.to(&address);
    let mut view = PhoneView {
        qr: None,
        mobile,
        business,
        code: secret.code(),
        secret: secret.text().to_owned(),
        until: String::new(),
        is_read: false,
        ended: None,
        signed: None,
    };
    match state(&site.office, (&ask.binding(), ask.now()), (secret, subject)).await? {
        PhoneState::Over => view.ended = Some("phone-over"),
        PhoneState::Refused => view.ended = Some("phone-refused"),
        PhoneState::Confirmed => view.ended = Some("phone-confirmed"),
        PhoneState::Signed(signed) => view.signed = Some(signed),
        PhoneState::Asked { until } => {
            view.until = until_text(until);
            view.qr = QrPicture::of(&AppLinks::qr(&address));
        }
        PhoneState::Read { until } => {
            view.until = until_text(until);
            view.is_read = true;
        }
    }
    Ok(view)
}

/// A text of the site in the languages of the apps.
pub(crate) fn three_languages(site: &Site, text: impl Fn(&Words<'_>) -> String) -> InThreeLanguages {
    let say = |language| text(&site.dictionary.words(language));
    InThreeLanguages {
        kazakh: say(Language::Kazakh),
        russian: say(Language::Russian),
        english: say(Language::English),
    }
}
