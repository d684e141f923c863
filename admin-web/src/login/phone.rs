//! Signing in, and up, by an app on a phone: the page that waits for it.

use axum::response::Response;
use bytes::Bytes;
use ofd_office::people::sealed::{SealKind, seal};
use ofd_office::phone_signing::{
    PhoneDocument, PhoneMethod, PhonePurpose, PhoneRequest, PhoneSecret, SIGNING_FOR_MS,
};
use ofd_office::sign_in::SIGN_IN_SUBJECT;

use crate::cabinet::{Ask, At, Failure, see_other};
use crate::phone_signing::{PhonePage, phone_begin, phone_view, three_languages};
use crate::sign_in::{Challenge, next_path};

/// Where the page is that waits.
pub(super) const PHONE: &str = "/login/phone";

/// Where a signature goes, and where one begins anew.
fn way(action: &str, is_sign_up: bool) -> (&'static str, &'static str) {
    match action {
        "/cabinet/add" => ("/cabinet/add", "/cabinet/add"),
        _ if is_sign_up => ("/login/certificate", "/sign-up"),
        _ => ("/login/certificate", "/login"),
    }
}

/// Draws a challenge that is signed on a phone, and leads to the page that waits for it.
pub(super) async fn ask_phone(site: At, ask: Ask) -> Result<Response, Failure> {
    let fields = ask.fields();
    let challenge = Challenge::by_phone(site.office.drawn(), ask.now());
    let url = &site.config.public_url;
    let document = PhoneDocument {
        name: three_languages(&site, |words| words.say_with("phone-sign-in-document", url)),
        mime: "text/plain",
        bytes: Bytes::from(challenge.text(url).into_bytes()),
        // Who has somebody else's request on the phone sees whose it is.
        meta: vec![("IP".to_owned(), ask.by().address()), ("Browser".to_owned(), ask.agent().to_owned())],
    };
    let request = PhoneRequest {
        purpose: PhonePurpose::SignIn,
        subject: SIGN_IN_SUBJECT.to_owned(),
        text: three_languages(&site, |words| words.say_with("phone-sign-in-asks", url)),
        documents: vec![document],
        method: PhoneMethod::Attached,
        for_ms: SIGNING_FOR_MS,
    };
    let secret = phone_begin(&site, &ask, request).await?;
    let key = site.office.key().await?;
    let sealed = seal(&key, SealKind::Challenge, &ask.binding(), challenge.until(), &challenge);
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.append_pair("s", secret.text()).append_pair("c", &sealed);
    query
        .append_pair("to", way(fields.text("to"), false).0)
        .append_pair("next", next_path(fields.text("next")));
    if fields.is_ticked("sign_up") {
        query.append_pair("sign_up", "yes");
    }
    Ok(see_other(&format!("{PHONE}?{}", query.finish())))
}

/// The page that waits for the phone, and then asks whether it is the person who signed.
pub(super) async fn show(site: At, ask: Ask) -> Result<Response, Failure> {
    let Some(secret) = PhoneSecret::read(&site.office.key().await?, ask.parameter("s")) else {
        return Ok(see_other("/login"));
    };
    let phone = phone_view(&site, &ask, &secret, SIGN_IN_SUBJECT).await?;
    let is_sign_up = !ask.parameter("sign_up").is_empty();
    let (action, back) = way(ask.parameter("to"), is_sign_up);
    let next = next_path(ask.parameter("next")).to_owned();
    let mut hidden = vec![("challenge", ask.parameter("c").to_owned()), ("next", next)];
    if is_sign_up {
        hidden.push(("sign_up", "yes".to_owned()));
    }
    let mut here = form_urlencoded::Serializer::new(String::new());
    for name in ["s", "c", "to", "next", "sign_up"] {
        here.append_pair(name, ask.parameter(name));
    }
    let here = format!("{PHONE}?{}", here.finish());
    let shell = site.frame(&ask, "phone-title", PHONE);
    let (back, action) = (back.to_owned(), action.to_owned());
    Ok(PhonePage { shell, what: String::new(), phone, here, back, action, hidden }.answer(&site, &ask))
}
