//! Help as pages.

use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;
use ofd_protocol::refusal::{Refusal, Unavailable};
use ofd_protocol::version::Version;

use super::text::Block;
use super::topics::{HelpPage, PAGES};
use crate::cabinet::{Ask, At, Failure};
use crate::language::Language;
use crate::page::Shell;

/// Another page of help.
struct Topic {
    href: String,
    title: &'static str,
}

/// What a till shows of a refusal.
struct RefusalView {
    code: u32,
    text: String,
}

#[derive(Template)]
#[template(path = "help.html")]
struct Page<'a> {
    shell: Shell<'a>,
    title: String,
    blocks: Vec<Block<'static>>,
    refusals: Vec<RefusalView>,
    topics: Vec<Topic>,
}

fn topics(language: Language, but: Option<&str>) -> Vec<Topic> {
    let others = PAGES.iter().filter(|page| Some(page.name) != but);
    let topic = |page: &HelpPage| Topic { href: format!("/help/{}", page.name), title: page.title(language) };
    others.map(topic).collect()
}

/// All that tills are refused by, as the newest version has it, by code.
fn refusals(language: Language) -> Vec<RefusalView> {
    let of = |[russian, kazakh, english]: [String; 3]| match language {
        Language::Russian => russian,
        Language::Kazakh => kazakh,
        Language::English => english,
    };
    let refused = Refusal::examples().into_iter();
    let refused = refused.map(|one| RefusalView { code: one.code(Version::NEWEST), text: of(one.texts()) });
    let not_now = Unavailable::ALL.map(|one| RefusalView { code: one.code(), text: of(one.texts()) });
    let mut all: Vec<RefusalView> = refused.chain(not_now).collect();
    all.sort_by_key(|refusal| refusal.code);
    all
}

pub(super) async fn index(site: At, ask: Ask) -> Result<Response, Failure> {
    let title = site.texts(&ask).say("help-title");
    let (shell, topics) = (site.page(&ask), topics(ask.language(), None));
    let page = Page { shell, title, blocks: Vec::new(), refusals: Vec::new(), topics };
    Ok(site.show(&ask, StatusCode::OK, &page))
}

pub(super) async fn page(site: At, ask: Ask) -> Result<Response, Failure> {
    let found = PAGES.iter().find(|page| page.name == ask.part("topic")).ok_or(Failure::NotFound)?;
    let language = ask.language();
    let mut shell = site.page(&ask);
    found.title(language).clone_into(&mut shell.title);
    let blocks = found.blocks(language);
    let refusals = if blocks.contains(&Block::Refusals) { refusals(language) } else { Vec::new() };
    let (title, topics) = (shell.title.clone(), topics(language, Some(found.name)));
    Ok(site.show(&ask, StatusCode::OK, &Page { shell, title, blocks, refusals, topics }))
}
