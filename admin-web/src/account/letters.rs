//! The demo's letters: those that went nowhere, to be read here. Where letters really go there is no such page.

use axum::http::StatusCode;
use axum::response::Response;

use super::view::{LetterPart, LetterView, LettersPage, frame};
use crate::cabinet::{Ask, At, Failure};

/// The letters of a site that sends none; there is no such page where letters are sent.
pub(super) async fn show(site: At, ask: Ask) -> Result<Response, Failure> {
    let sink = site.office.mailer.sink().ok_or(Failure::NotFound)?;
    let letters = sink.letters().into_iter().map(|letter| LetterView {
        number: letter.number,
        at: site.moment(&ask, letter.at),
        to: letter.to.as_str().to_owned(),
        subject: letter.subject,
        parts: parts(&letter.text, &site.config.public_url),
    });
    let page = LettersPage {
        shell: frame(&site, &ask, "account-letters-title", "/demo/letters"),
        letters: letters.collect(),
    };
    Ok(site.show(&ask, StatusCode::OK, &page))
}

/// The paragraphs of a letter; those that are an address of ours can be opened.
fn parts(text: &str, public_url: &str) -> Vec<LetterPart> {
    let is_ours = |line: &str| line.strip_prefix(public_url).is_some_and(|rest| rest.starts_with('/'));
    text.split("\n\n")
        .map(|part| LetterPart {
            text: part.to_owned(),
            is_link: is_ours(part) && !part.contains(char::is_whitespace),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_of_the_site_can_be_opened() {
        let text = "Hello\n\nhttps://ofd.example/recover?a=1&k=2\n\nhttps://ofd.example.evil/x\n\njavascript:alert(1)";
        let links: Vec<bool> = parts(text, "https://ofd.example").iter().map(|part| part.is_link).collect();
        assert_eq!(links, [false, true, false, false]);
    }
}
