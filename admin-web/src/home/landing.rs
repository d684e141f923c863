//! My organisations: where a person lands.

use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;
use ofd_storage::accounts::{Company, Member, OPERATOR, joined};

use crate::agreement::waiting;
use crate::cabinet::{Ask, At, Failure, may};
use crate::long_page::{Part, PartView, len_of};
use crate::page::Shell;
use crate::routes::Menu;
use crate::site::{Banner, Site};
use crate::vocabulary::roles_text;

/// A company of the person.
struct CompanyCard {
    title: String,
    bin: String,
    /// Where its pages are; empty where the person may open none.
    href: String,
    /// The roles in words.
    roles: String,
    /// What waits there to be done.
    waits: Option<Banner>,
    /// Why the person may do nothing there.
    block: Option<String>,
}

/// Letters of a company on the page beside what is in it.
const CARD_LEN: usize = 400;

impl CompanyCard {
    /// What it comes to on the page.
    fn len(&self) -> usize {
        let waits = self.waits.as_ref().map(|waits| waits.text.as_str());
        let link = self.waits.as_ref().and_then(|waits| waits.link.as_ref());
        let link = link.map(|(href, label)| [href.as_str(), label]);
        let texts = [self.title.as_str(), &self.bin, &self.href, &self.roles];
        let more = waits.into_iter().chain(self.block.as_deref()).chain(link.into_iter().flatten());
        len_of(CARD_LEN, texts.into_iter().chain(more))
    }
}

#[derive(Template)]
#[template(path = "cabinet.html")]
struct LandingPage<'a> {
    shell: Shell<'a>,
    notice: Option<String>,
    /// It tells of a success.
    is_good: bool,
    /// That an address waits to be confirmed.
    unconfirmed: Option<String>,
    companies: Vec<CompanyCard>,
    /// Which of them are shown, where not all are.
    part: Option<PartView>,
    /// The operator, where the person is one of its staff.
    operator: Option<CompanyCard>,
    has_iin: bool,
}

fn card(site: &Site, ask: &Ask, company: &Company, member: &Member) -> CompanyCard {
    let words = &site.texts(ask);
    let menu = if company.bin == OPERATOR { Menu::Operator } else { Menu::Member };
    let page = site.menus().open(menu, |right| may(member, right)).next();
    CompanyCard {
        title: words.organisation(&company.title),
        bin: company.bin.clone(),
        href: page.map(|page| page.href(&company.bin)).unwrap_or_default(),
        roles: roles_text(words, &member.roles),
        waits: if member.block.is_some() { None } else { waiting(site, ask.by(), company, member) },
        block: member.block.as_ref().map(|block| block.reason.clone()),
    }
}

/// Where people land who are signed in: the companies that they act for.
pub(crate) async fn show(site: At, ask: Ask) -> Result<Response, Failure> {
    let account = ask.account().ok_or(Failure::SignIn)?;
    let words = site.texts(&ask);
    let (mut companies, mut operator) = (Vec::new(), None);
    for listed in &account.companies {
        let Some(company) = joined(&site.office.store, &listed.bin).await? else { continue };
        // What the list says does not count: the company knows who its people are.
        let Some(member) = company.state.member(account.id) else { continue };
        let card = card(&site, &ask, &company.state, member);
        if card.bin == OPERATOR { operator = Some(card) } else { companies.push(card) }
    }
    companies.sort_by(|one, other| (&one.title, &one.bin).cmp(&(&other.title, &other.bin)));
    let notice = match ask.parameter("done") {
        "ask" => Some(words.say("cabinet-done-ask")),
        "ask-head" => Some(words.say("cabinet-done-ask-head")),
        "welcome" => Some(words.say("cabinet-done-welcome")),
        "welcome-no-letter" => Some(words.say("cabinet-done-welcome-no-letter")),
        "joined" => Some(words.say("cabinet-done-joined")),
        _ => None,
    };
    let shell = site.page(&ask);
    let pending = account.pending_email.as_ref();
    let unconfirmed = pending.map(|pending| words.say_with("cabinet-unconfirmed", &pending.address));
    let has_iin = account.iin.is_some();
    let is_good = matches!(ask.parameter("done"), "welcome" | "joined");
    let part = Part::asked(&ask, &companies.iter().map(CompanyCard::len).collect::<Vec<_>>());
    let (shown, companies) = (part.view(&words, &ask), part.of(companies));
    let page = LandingPage { shell, notice, is_good, unconfirmed, companies, part: shown, operator, has_iin };
    Ok(site.show(&ask, StatusCode::OK, &page))
}
