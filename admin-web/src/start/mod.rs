//! The page on which a company's people land: what waits for them, which registers have trouble, what was sold today.

use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;
use ofd_office::billing::standing::present;
use ofd_office::company::email::unconfirmed;
use ofd_office::registrations::{Left, left};
use ofd_office::start::{DaySales, Overview, Trouble, TroubledRegister, overview};
use ofd_protocol::register::Telling;
use ofd_storage::holdings::trade_points_of;

use crate::agreement::waiting;
use crate::cabinet::{Access, Ask, At, Failure, Pages, Right};
use crate::format;
use crate::money::warning::told;
use crate::page::Shell;
use crate::routes::Menu;
use crate::shops::register_name;
use crate::site::Site;
use crate::words::Words;

/// The addresses of this family.
pub(crate) fn pages(pages: Pages) -> Pages {
    pages.get("/c/{bin}/start", "start", Access::Member(Right::SeeCompany), show).title("start-title").menu(
        Menu::Member,
        5,
        "menu-start",
    )
}

/// Something that waits to be done, and where; nowhere for who may not do it.
struct Task {
    text: String,
    link: Option<(String, String)>,
}

/// A register with what is wrong with it.
struct TroubleView {
    href: String,
    name: String,
    about: String,
    texts: Vec<String>,
}

/// What was sold on a day.
struct SalesView {
    label: String,
    sum: String,
    about: String,
}

#[derive(Template)]
#[template(path = "start.html")]
struct StartPage<'a> {
    shell: Shell<'a>,
    company: String,
    tasks: Vec<Task>,
    /// None for who may not see registers.
    registers: Option<RegistersView>,
    sales: Vec<SalesView>,
    /// How many registers' sales these are, where that is not all.
    of_some: Option<String>,
    /// Where the registers are.
    list: String,
}

struct RegistersView {
    count: String,
    troubled: Vec<TroubleView>,
    /// More have trouble than are named.
    more: Option<String>,
    is_complete: bool,
}

/// What waits of the company's registrations, each with how many and the way there. What somebody is to do is told to who
/// may do it.
fn registrations(ask: &Ask, words: &Words<'_>, left: Left) -> impl Iterator<Item = Task> {
    let Left { unsigned, refused, asked, tokens, visits } = left;
    let bin = ask.bin();
    let for_who_may = |right: Right, count: usize| if ask.may(right) { count } else { 0 };
    let (refused, tokens) =
        (for_who_may(Right::ManageRegisters, refused), for_who_may(Right::ManageRegisters, tokens));
    let unsigned = for_who_may(Right::JoinContract, unsigned);
    let (list, papers) = (format!("/c/{bin}/registers#under-way"), format!("/c/{bin}/papers"));
    let each = [
        (unsigned, "start-registrations-unsigned", &list, "start-registrations-link"),
        (refused, "start-registrations-refused", &list, "start-registrations-link"),
        (asked, "start-registrations-asked", &list, "start-registrations-link"),
        (tokens, "start-registrations-tokens", &list, "start-registrations-link"),
        (visits, "start-visits", &papers, "start-visits-link"),
    ];
    let task = |(count, text, href, link): (usize, &str, &String, &str)| Task {
        text: words.say_count(text, u64::try_from(count).unwrap_or(u64::MAX)),
        link: Some((href.clone(), words.say(link))),
    };
    let tasks: Vec<Task> = each.into_iter().filter(|(count, ..)| *count > 0).map(task).collect();
    tasks.into_iter()
}

/// What waits in the company for the person: the contract, a legal address, an address to be confirmed,
/// registrations and visits, a first shop.
async fn tasks(site: &Site, ask: &Ask) -> Result<Vec<Task>, Failure> {
    let acting = ask.acting().ok_or(Failure::NotFound)?;
    let (words, company) = (site.texts(ask), &acting.company.state);
    let path = |rest: &str| format!("/c/{}/{rest}", company.bin);
    let mut tasks = Vec::new();
    let waits = waiting(site, ask.by(), company, &acting.member);
    tasks.extend(waits.map(|waits| Task { text: waits.text, link: waits.link }));
    if company.legal_address().is_none() {
        let link = || (path("addresses/new"), words.say("company-address-add"));
        let link = ask.may(Right::EditCompany).then(link);
        tasks.push(Task { text: words.say("start-no-legal-address"), link });
    }
    if let Some(pending) = ask.account().and_then(|account| account.pending_email.as_ref()) {
        let text = words.say_with("cabinet-unconfirmed", &pending.address);
        let link = Some(("/account".to_owned(), words.say("cabinet-unconfirmed-link")));
        tasks.push(Task { text, link });
    }
    if let Some(address) = unconfirmed(company).filter(|_| ask.may(Right::EditCompany)) {
        let text = words.say_with("start-company-email", address);
        tasks.push(Task { text, link: Some((path("contacts/email"), words.say("company-email-confirm"))) });
    }
    if ask.may(Right::SeeMoney) {
        let zone = site.config.zone_offset_seconds;
        let standing = present(&site.office, &company.bin, zone).await.map_err(crate::money::failed)?;
        let told = standing.map(|record| told(&words, ask.language(), &record));
        tasks.extend(
            told.filter(|told| told.todo.is_some())
                .map(|told| Task { text: told.text, link: Some((path("money"), words.say("money-title"))) }),
        );
    }
    if ask.may(Right::SeeRegisters) {
        tasks.extend(registrations(ask, &words, left(&site.office, company).await?));
    }
    if ask.may(Right::ManageRegisters) {
        let points = trade_points_of(&site.office.store, &company.bin, None, 1).await?;
        if points.found.is_empty() && points.next.is_none() {
            let link = Some((path("shops/new"), words.say("trade-point-add")));
            tasks.push(Task { text: words.say("start-no-shops"), link });
        }
    }
    Ok(tasks)
}

fn trouble_text(site: &Site, ask: &Ask, trouble: Trouble) -> String {
    let words = site.texts(ask);
    match trouble {
        Trouble::Blocked => words.say("start-blocked"),
        Trouble::Unpaid => words.say("start-unpaid"),
        Trouble::ShiftOver(at) => words.say_with("start-shift-over", &site.moment(ask, at)),
        Trouble::ShiftEnds(at) => words.say_with("start-shift-ends", &site.moment(ask, at)),
        Trouble::Silent(at) => words.say_with("shops-silent-since", &site.moment(ask, at)),
        Trouble::Warnings(count) => {
            words.say_count("start-warnings", u64::try_from(count).unwrap_or(u64::MAX))
        }
    }
}

fn trouble_view(site: &Site, ask: &Ask, register: &TroubledRegister) -> TroubleView {
    let (words, record) = (site.texts(ask), &register.record);
    TroubleView {
        href: format!("/c/{}/registers/{}", ask.bin(), record.id),
        name: register_name(&words, record),
        about: record.model.clone(),
        texts: register.troubles.iter().map(|trouble| trouble_text(site, ask, *trouble)).collect(),
    }
}

fn registers_view(site: &Site, ask: &Ask, overview: &Overview) -> RegistersView {
    let words = site.texts(ask);
    let count = |count: usize| u64::try_from(count).unwrap_or(u64::MAX);
    let left = overview.troubled_count.saturating_sub(overview.troubled.len());
    RegistersView {
        count: words.say_count("shops-registers-count", count(overview.registers_count)),
        troubled: overview.troubled.iter().map(|register| trouble_view(site, ask, register)).collect(),
        more: (left > 0).then(|| words.say_count("start-more", count(left))),
        is_complete: overview.is_complete,
    }
}

fn sales_view(site: &Site, ask: &Ask, label: String, sales: &DaySales) -> SalesView {
    let words = site.texts(ask);
    let values = [
        ("sales", sales.count.to_string()),
        ("returns", sales.return_count.to_string()),
        ("returned", format::sum(words.language, sales.return_sum)),
    ];
    let values = values.each_ref().map(|(name, value)| (*name, value.as_str()));
    SalesView {
        label,
        sum: format::sum(words.language, sales.sum),
        about: words.say_values("start-sales-about", &values),
    }
}

async fn show(site: At, ask: Ask) -> Result<Response, Failure> {
    let acting = ask.acting().ok_or(Failure::NotFound)?;
    let company = site.texts(&ask).organisation(acting.title());
    let may_see = ask.may(Right::SeeRegisters);
    let may_read = ask.may(Right::SeeDocuments);
    let zone_offset_seconds = site.config.zone_offset_seconds;
    let overview = if may_see {
        let telling = Telling { now: site.office.now(), zone_offset_seconds };
        Some(overview(&site.office.store, ask.bin(), telling, may_read).await?)
    } else {
        None
    };
    let sales = match &overview {
        Some(overview) if may_read && overview.registers_count > 0 => {
            let ([today, before], words) = (&overview.sales, site.texts(&ask));
            let until = format!("{:02}:00", overview.until_hour);
            vec![
                sales_view(&site, &ask, words.say("start-today"), today),
                sales_view(&site, &ask, words.say_with("start-week-ago", &until), before),
            ]
        }
        Some(_) | None => Vec::new(),
    };
    let of_some = overview.as_ref().filter(|overview| !overview.is_complete).map(|overview| {
        let count = u64::try_from(overview.registers_count).unwrap_or(u64::MAX);
        site.texts(&ask).say_count("start-sales-of-some", count)
    });
    let page = StartPage {
        of_some,
        shell: site.page(&ask),
        company,
        tasks: tasks(&site, &ask).await?,
        registers: overview.map(|overview| registers_view(&site, &ask, &overview)),
        sales,
        list: format!("/c/{}/registers", ask.bin()),
    };
    Ok(site.show(&ask, StatusCode::OK, &page))
}
