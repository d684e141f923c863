//! The pages as HTML.

use std::fmt::Write;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ofd_eds::{Certificate, Fact, Maths, Purpose, Question, RevocationData, verify};

use super::services::{self, choices};
use crate::Switches as Services;
use crate::ncalayer::{Encoding, Handle, Outcome, Shape, Switches};

/// So much of a moment as text is its date.
const DATE: usize = 10;

/// What `/try` signs.
const TEXT: &str = "Проба подписи. Не является документом.";

pub(super) fn frame(title: &str, body: &str) -> String {
    format!(
        "<!doctype html>\n<html lang=\"en\"><meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width\">\n<title>{title}</title>\n\
         <style>:root{{color-scheme:light dark}}body{{font:1rem/1.5 system-ui;max-width:60rem;margin:2rem auto;\
         padding:0 1rem}}table{{border-collapse:collapse}}td,th{{padding:.2rem .8rem .2rem 0;text-align:left}}\
         label{{display:block}}.scroll{{overflow-x:auto}}</style>\n<h1>{title}</h1>\n{body}"
    )
}

pub(super) fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// Keys, switches, and what was answered.
pub(super) fn desk(handle: &Handle, services: Option<&Services>) -> String {
    let switches = handle.switches();
    let lines: String = handle.journal().iter().map(|line| format!("<li>{}</li>\n", escape(line))).collect();
    let form_of = |one| format!("<h2>Services of the PKI</h2>\n{}\n", services::form(one));
    let body = format!(
        "<p>It signs with keys that anybody can make. Nothing here proves who anybody is. \
         <a href=\"/try\">Sign something to try it</a>, or \
         <a href=\"/phone\">sign on a phone</a>.</p>\n\
         <h2>The key that the person chooses</h2>\n{}\n<h2>What the person does</h2>\n{}\n{}\
         <h2>Answers, newest first</h2>\n<ul>\n{lines}</ul>\n",
        keys(handle, &switches),
        form(&switches),
        services.map(form_of).unwrap_or_default(),
    );
    frame("NCALayer emulator", &body)
}

fn keys(handle: &Handle, switches: &Switches) -> String {
    let mut rows = String::new();
    for key in handle.pki().keys() {
        let text = |value: Option<&str>| escape(value.unwrap_or("–"));
        let label = escape(key.label());
        let choice = if key.label() == switches.key {
            "<strong>chosen</strong>".to_owned()
        } else {
            format!(
                "<form method=\"post\" action=\"/key\"><button name=\"key\" value=\"{label}\" \
                 aria-label=\"Choose {label}\">Choose</button></form>"
            )
        };
        // Writing to a String does not fail.
        let _ = writeln!(
            rows,
            "<tr><th scope=\"row\">{label}<td>{choice}<td>{}<td>{}<td>{}<td>{}<td>{}</tr>",
            escape(key.full_name()),
            text(key.iin()),
            text(key.bin()),
            text(key.organisation()),
            key.not_after().to_string().chars().take(DATE).collect::<String>(),
        );
    }
    format!(
        "<div class=\"scroll\" tabindex=\"0\"><table>\n<tr><th>Label<th>Choice<th>Name<th>IIN<th>BIN\
         <th>Organisation<th>Valid until</tr>\n{rows}</table></div>"
    )
}

fn form(switches: &Switches) -> String {
    let words = |all: Vec<String>, chosen: String| {
        choices(all.into_iter().map(|word| {
            let is_chosen = word == chosen;
            (word, is_chosen)
        }))
    };
    let outcomes = words(Outcome::all().map(|one| one.to_string()).collect(), switches.outcome.to_string());
    let shapes = words(Shape::ALL.iter().map(Shape::to_string).collect(), switches.shape.to_string());
    let encodings =
        words(Encoding::ALL.iter().map(Encoding::to_string).collect(), switches.encoding.to_string());
    let filters = words(vec!["false".to_owned(), "true".to_owned()], switches.ignores_filters.to_string());
    format!(
        "<form method=\"post\" action=\"/switch\">\n\
         <label>Outcome <select name=\"outcome\">{outcomes}</select></label>\n\
         <label>Delay, ms <input name=\"delay_ms\" inputmode=\"numeric\" value=\"{}\"></label>\n\
         <label>Ignore the page's filters of keys <select name=\"ignores_filters\">{filters}</select></label>\n\
         <label>Result <select name=\"shape\">{shapes}</select></label>\n\
         <label>Signature as <select name=\"encoding\">{encodings}</select></label>\n\
         <button>Set</button></form>",
        switches.delay.as_millis(),
    )
}

/// A page that signs, as a page of the site does.
pub(super) fn attempt(handle: &Handle, ncalayer: &str) -> String {
    let says = [
        ("waiting", "Waiting for NCALayer."),
        ("slow", "Still waiting for NCALayer."),
        ("not-started", "NCALayer is not running."),
        ("blocked", "The browser did not let this page reach NCALayer."),
        ("cancelled", "Cancelled, or no key fits."),
        ("wrong-key", "The key did not sign. <span data-sign-code></span>"),
        ("failed", "NCALayer failed. <span data-sign-code></span>"),
    ];
    let says: String =
        says.iter().map(|(what, text)| format!("<p data-sign-say=\"{what}\" hidden>{text}</p>\n")).collect();
    let body = format!(
        "<p>Signs “{TEXT}” with the key {}. <a href=\"/\">Choose another</a>.</p>\n\
         <form method=\"post\" action=\"/try\" data-sign=\"cms\" data-ncalayer=\"{}\" data-content=\"{}\" \
         data-attached=\"true\" data-chain=\"any\" data-oids=\"\" data-locale=\"ru\">\n\
         <input type=\"hidden\" name=\"signature\">\n\
         <button type=\"button\" data-sign-button hidden>Sign</button>\n\
         <button type=\"button\" data-sign-cancel hidden>Cancel</button>\n\
         <div role=\"status\">\n{says}</div>\n</form>\n<script src=\"/ncalayer.js\" defer></script>\n",
        escape(&handle.switches().key),
        escape(ncalayer),
        STANDARD.encode(TEXT),
    );
    frame("Try a signature", &body)
}

/// Who signed what `/try` sent.
pub(super) fn verdict(handle: &Handle, fields: &[(String, String)]) -> String {
    let signature = fields.iter().find(|(name, _)| name == "signature").map(|(_, value)| value.as_str());
    let signature = signature.unwrap_or_default();
    let trust = handle.pki().trust();
    let question = Question {
        cms: signature.as_bytes(),
        document: Some(TEXT.as_bytes()),
        trust: &trust,
        revocation: &RevocationData::default(),
        now: handle.now(),
        purpose: Purpose::Login,
        maths: &Maths::new(),
    };
    let found = match verify(&question) {
        Err(error) => format!("<p>This is no signature: {}.</p>", escape(&error.to_string())),
        Ok(verdict) => {
            let name = |certificate: &Certificate| {
                let subject = certificate.subject();
                subject.full_name().or_else(|| subject.common_name.clone()).unwrap_or_default()
            };
            let line = |signer: &ofd_eds::SignerVerdict| {
                let who = signer.certificate.as_ref().map(name).unwrap_or_default();
                let word = match (signer.signature, signer.digest) {
                    (Fact::Ok, Fact::Ok) => "good",
                    (Fact::Bad, _) | (_, Fact::Bad) => "bad",
                    (Fact::Unchecked, _) | (_, Fact::Unchecked) => "unchecked",
                };
                format!("<li>{}: signature {word}, chain {}</li>\n", escape(&who), signer.chain.as_str())
            };
            format!("<ul>\n{}</ul>", verdict.signers.iter().map(line).collect::<String>())
        }
    };
    frame("Signed", &format!("{found}\n<p><a href=\"/try\">Again</a></p>\n"))
}
