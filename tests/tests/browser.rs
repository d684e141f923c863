//! What a person does on the site, in a real browser, against the real binary, in Russian and Kazakh; the way from
//! the front door to a first receipt in English too.
//!
//! Pictures of all pages are in `target/screenshots` afterwards. A flow speaks of texts by their keys, so it is written
//! once for both languages.

#[path = "browser/around.rs"]
mod around;
#[path = "browser/certificate.rs"]
mod certificate;
#[path = "browser/charging.rs"]
mod charging;
#[path = "browser/colleague.rs"]
mod colleague;
#[path = "browser/company.rs"]
mod company;
#[path = "browser/forms.rs"]
mod forms;
#[path = "browser/grouping.rs"]
mod grouping;
#[path = "browser/joining.rs"]
mod joining;
#[path = "browser/later.rs"]
mod later;
#[path = "browser/leaving.rs"]
mod leaving;
#[path = "browser/operators.rs"]
mod operators;
#[path = "browser/phone.rs"]
mod phone;
#[path = "browser/phone_signing.rs"]
mod phone_signing;
#[path = "browser/reach.rs"]
mod reach;
#[path = "browser/registering.rs"]
mod registering;
#[path = "browser/renewal.rs"]
mod renewal;
#[path = "browser/secrets.rs"]
mod secrets;
#[path = "browser/selling.rs"]
mod selling;
#[path = "browser/signature.rs"]
mod signature;
#[path = "browser/steps.rs"]
mod steps;
#[path = "browser/stranger.rs"]
mod stranger;
#[path = "browser/taking_over.rs"]
mod taking_over;
