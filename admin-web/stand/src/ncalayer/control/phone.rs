//! The page of the emulated app: a code is pasted, what it leads to is shown, and signed or refused.

use std::fmt::Write;

use super::page::{escape, frame};
use super::services::milliseconds;
use crate::ncalayer::Handle;
use crate::phone::{Habits, Phone, PhoneTrouble, Shown};

/// Of a document so many characters are shown.
const SHOWN_CHARS_MAX: usize = 2000;

fn field<'a>(fields: &'a [(String, String)], name: &str) -> &'a str {
    fields.iter().find(|(found, _)| found == name).map_or("", |(_, value)| value.as_str())
}

/// Where a code is pasted.
pub(super) fn start() -> String {
    let body = "<p>An emulated eGov Mobile. It signs with keys that anybody can make, and goes to this machine alone.</p>\n\
                <form method=\"post\" action=\"/phone\">\n\
                <label>What the QR code says, or the link to the app \
                <textarea name=\"code\" rows=\"4\" cols=\"60\" required></textarea></label>\n\
                <button>Scan</button></form>\n<p><a href=\"/\">NCALayer and services</a></p>\n";
    frame("eGov Mobile emulator", body)
}

/// What a code leads to, and what the person can do about it.
pub(super) async fn scanned(handle: &Handle, fields: &[(String, String)]) -> String {
    let code = field(fields, "code");
    match Phone::new(handle.pki().clone()).scan(code).await {
        Ok(shown) => show(handle, code, &shown),
        Err(trouble) => told(&trouble),
    }
}

/// The person signs or refuses.
pub(super) async fn done(handle: &Handle, fields: &[(String, String)]) -> Result<String, String> {
    let (phone, code) = (Phone::new(handle.pki().clone()), field(fields, "code"));
    let habits = Habits {
        delay: match field(fields, "delay_ms") {
            "" => Default::default(),
            delay => milliseconds("delay_ms", delay)?,
        },
        loses_answers: field(fields, "loses_answers") == "true",
        comes_twice: field(fields, "comes_twice") == "true",
    };
    let brought = async {
        let shown = phone.scan(code).await?;
        let what = match field(fields, "act") {
            "refuse" => Phone::refusal(),
            _ => phone.signed(&shown, field(fields, "key"), handle.now())?,
        };
        phone.bring(&shown, &what, habits).await
    };
    Ok(match brought.await {
        Ok(200) => frame(
            "Brought",
            "<p>The site has it. Go on on its page.</p>\n<p><a href=\"/phone\">Again</a></p>\n",
        ),
        Ok(status) => frame(
            "Not taken",
            &format!("<p>The site answers {status}.</p>\n<p><a href=\"/phone\">Again</a></p>\n"),
        ),
        Err(trouble) => told(&trouble),
    })
}

fn told(trouble: &PhoneTrouble) -> String {
    let text = escape(&trouble.to_string());
    frame("The app can do nothing", &format!("<p>{text}.</p>\n<p><a href=\"/phone\">Again</a></p>\n"))
}

fn show(handle: &Handle, code: &str, shown: &Shown) -> String {
    let (title, bin) = &shown.organisation;
    let mut body = format!(
        "<p><strong>{}</strong></p>\n<p>{} {}, until {}</p>\n",
        escape(&shown.description),
        escape(title),
        escape(bin),
        escape(&shown.expires),
    );
    for document in &shown.documents {
        // Writing to a String does not fail.
        let _ = writeln!(body, "<h2>{}</h2>\n<dl>", escape(&document.name));
        for (name, value) in &document.meta {
            let _ = writeln!(body, "<dt>{}</dt><dd>{}</dd>", escape(name), escape(value));
        }
        let text = std::str::from_utf8(&document.bytes);
        let text: String = match text {
            Ok(text) => text.chars().take(SHOWN_CHARS_MAX).collect(),
            Err(_) => format!("{}, {} bytes", document.mime, document.bytes.len()),
        };
        let _ = writeln!(body, "</dl>\n<pre>{}</pre>", escape(&text));
    }
    let chosen = handle.switches().key;
    let option = |label: &str| {
        let selected = if label == chosen { " selected" } else { "" };
        format!("<option{selected}>{}</option>", escape(label))
    };
    let keys: String = handle.pki().keys().iter().map(|key| option(key.label())).collect();
    let _ = write!(
        body,
        "<form method=\"post\" action=\"/phone/bring\">\n<input type=\"hidden\" name=\"code\" value=\"{}\">\n\
         <label>Key <select name=\"key\">{keys}</select></label>\n\
         <label>The person thinks, ms <input name=\"delay_ms\" inputmode=\"numeric\" value=\"0\"></label>\n\
         <label><input type=\"checkbox\" name=\"loses_answers\" value=\"true\"> The answer is lost, it is brought again</label>\n\
         <label><input type=\"checkbox\" name=\"comes_twice\" value=\"true\"> It is brought twice</label>\n\
         <button name=\"act\" value=\"sign\">Sign</button> <button name=\"act\" value=\"refuse\">Refuse</button></form>\n",
        escape(code),
    );
    frame("eGov Mobile emulator", &body)
}
