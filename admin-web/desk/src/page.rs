//! What all pages share: the visitor, the frame around a page, and the headers that keep it safe.

use std::convert::Infallible;
use std::sync::Arc;

use askama::Template;
use axum::body::Body;
use axum::extract::{FromRequestParts, Request};
use axum::http::header::{self, HeaderMap};
use axum::http::request::Parts;
use axum::http::{HeaderName, HeaderValue, StatusCode, Uri};
use axum::response::Response;
use ofd_edge::Imprint;
use ofd_office::language::Language;
use ofd_office::rights::Right;
use ofd_storage::store::StoreError;

use crate::assets;
use crate::budget::OverBudget;
use crate::characters::on_page;
use crate::cookies::{Cookie, has_session};
use crate::mask::masked;
use crate::routes::{Listed, Menu, Menus, lies_under};
use crate::site::{Banner, Site};
use crate::words::Words;

/// The parameter of the language.
const LANGUAGE: &str = "lang";

/// The parameter of a form's language switch: what was typed comes along and is not looked at yet.
pub const SWITCH: &str = "switch";

/// Who asks for a page, as far as it matters.
#[derive(Clone, Debug)]
pub struct Visitor {
    /// The language of the page.
    pub language: Language,
    /// The language was asked for in the address, so it is remembered.
    is_asked: bool,
    /// The browser has a session, whether it still holds or not.
    has_session: bool,
    /// The parameters of the address.
    pub parameters: Vec<(String, String)>,
}

/// Addresses have a handful of parameters; more are not read.
const PARAMETERS_MAX: usize = 32;

impl Visitor {
    /// Who sent a request.
    pub fn of(request: &Request) -> Self {
        Self::read(request.uri(), request.headers())
    }

    fn read(uri: &Uri, headers: &HeaderMap) -> Self {
        let parameters: Vec<(String, String)> =
            form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes())
                .take(PARAMETERS_MAX)
                .map(|(name, value)| (name.into_owned(), value.into_owned()))
                .collect();
        let parameter = |wanted: &str| parameters.iter().find(|(name, _)| name == wanted);
        let asked = parameter(SWITCH).or_else(|| parameter(LANGUAGE));
        let asked = asked.and_then(|(_, value)| Language::from_code(value));
        // Its name is the same over TLS and without.
        let remembered = Cookie::Language.read(headers, true);
        let accepted = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
        let language = Language::choose(asked, remembered, accepted);
        Self { language, is_asked: asked.is_some(), has_session: has_session(headers), parameters }
    }

    /// The first parameter of a name.
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters.iter().find(|(found, _)| found == name).map(|(_, value)| value.as_str())
    }
}

impl<T: Send + Sync> FromRequestParts<T> for Visitor {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &T) -> Result<Self, Infallible> {
        Ok(Self::read(&parts.uri, &parts.headers))
    }
}

/// An entry of the language switch.
pub struct LanguageLink {
    /// The language's name in itself.
    pub name: &'static str,
    /// The code of the language, as addresses have it.
    pub code: &'static str,
    /// The same page in it.
    pub href: String,
    /// Whether the page is in it.
    pub is_current: bool,
}

/// What stands around every page.
pub struct Shell<'a> {
    words: Words<'a>,
    /// The title in the browser.
    pub title: String,
    /// The operator's name in the language of the page.
    pub operator: &'a str,
    /// The same page in each language.
    pub languages: Vec<LanguageLink>,
    /// What the operator says of itself.
    about: &'a Imprint,
    menus: &'a Menus<Right>,
    /// The path of the page among those of the menus; empty where it is in none.
    pub at: String,
    /// The browser has a session, whether it still holds or not.
    has_session: bool,
    /// The language was asked for in the address: links and forms go on asking, for browsers without cookies.
    is_asked: bool,
    /// Whether the page runs the script that speaks to NCALayer.
    pub has_script: bool,
    /// Who is signed in, with where that person may go.
    pub person: Option<PersonView>,
    /// The token of forms; empty on pages without any.
    pub csrf: String,
    /// What hides it on this page.
    mask: [u8; 32],
    /// The site's other doors, for who is not signed in.
    pub has_doors: bool,
    /// What waits to be done, above the page.
    pub banner: Option<Banner>,
    /// Said above a form that comes back after signing in again.
    pub returned: Option<String>,
    /// Whether the page has a form with the id `typed`, which the language switch sends so that nothing typed is lost.
    pub is_typed: bool,
    /// Whether Enter in that form may be a search, which needs nothing else to be filled in.
    pub has_search: bool,
}

/// A link of the menu.
#[derive(Clone, Debug)]
pub struct NavLink {
    /// Where it leads.
    pub href: String,
    /// What it says.
    pub label: String,
    /// Whether it is the page that is shown.
    pub is_current: bool,
}

/// Who is signed in, as the frame shows it.
pub struct PersonView {
    /// The person's name.
    pub name: String,
    /// The company the page is about; empty on pages of none.
    pub company: String,
    /// The menu of the company, or of the operator.
    pub links: Vec<NavLink>,
}

impl NavLink {
    /// A link to another page.
    pub fn to(href: String, label: String) -> Self {
        Self { href, label, is_current: false }
    }

    /// Marks the link that leads nearest to a path: to itself, or to what it lies under.
    pub fn mark(links: &mut [Self], path: &str) {
        let above = links.iter_mut().filter(|link| lies_under(path, &link.href));
        let nearest = above.max_by_key(|link| link.href.len());
        if let Some(link) = nearest {
            link.is_current = true;
        }
    }
}

impl Shell<'_> {
    /// Where the files of the page are.
    pub fn links(&self) -> &'static assets::Links {
        assets::links()
    }

    /// The token of forms, as this page carries it.
    pub fn token(&self) -> String {
        masked(&self.csrf, self.mask)
    }

    /// The organisation that the page is about.
    pub fn company(&self) -> Option<&str> {
        self.person.as_ref().map(|person| person.company.as_str()).filter(|company| !company.is_empty())
    }

    /// The title of the tab: the page, the organisation, the operator, each once. Tabs of several organisations are
    /// open side by side.
    pub fn tab_title(&self) -> String {
        let mut parts = vec![self.title.as_str()];
        for part in [self.company().unwrap_or_default(), self.operator] {
            if !part.is_empty() && !parts.contains(&part) {
                parts.push(part);
            }
        }
        parts.join(" · ")
    }

    /// The links behind those of the organisation: for who is signed in the own pages and the checks, for others the
    /// checks and the way in. Pages that do not ask who came go by the browser's having a session.
    pub fn doors(&self) -> Vec<NavLink> {
        let menus: &[Menu] = match (&self.person, self.has_session) {
            (Some(_), _) => &[Menu::Person, Menu::Front],
            (None, true) => &[Menu::Front, Menu::Person],
            (None, false) => &[Menu::Front, Menu::Door],
        };
        let pages = menus.iter().flat_map(|menu| self.menus.open(*menu, |_| true));
        let link = |page: &Listed<Right>| {
            let href = page.href("");
            let is_current = if href == "/" { self.at == href } else { lies_under(&self.at, &href) };
            NavLink { is_current, ..NavLink::to(href, self.say(page.text())) }
        };
        pages.map(link).collect()
    }

    /// What the folded menu says: where one is.
    pub fn here(&self) -> Option<String> {
        let links = self.person.iter().flat_map(|person| &person.links);
        let here = links.filter(|link| link.is_current).map(|link| link.label.clone()).next();
        here.or_else(|| self.doors().into_iter().find(|link| link.is_current).map(|link| link.label))
    }

    /// Who runs the site: name, number, address.
    pub fn legal(&self) -> String {
        let bin = match self.about.bin.as_str() {
            "" => String::new(),
            bin => format!("{} {bin}", self.say("bin")),
        };
        let kazakh = Some(self.about.address_kz.as_str()).filter(|address| !address.is_empty());
        let address = match (self.words.language, kazakh) {
            (Language::Kazakh, Some(kazakh)) => kazakh,
            (Language::Kazakh | Language::Russian | Language::English, _) => &self.about.address,
        };
        let parts = [self.operator, &bin, address];
        parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" · ")
    }

    /// Where help is.
    pub fn contacts(&self) -> Vec<NavLink> {
        let digits: String =
            self.about.support_phone.chars().filter(|char| char.is_ascii_digit() || *char == '+').collect();
        let all = [
            (format!("tel:{digits}"), &self.about.support_phone),
            (format!("mailto:{}", self.about.support_email), &self.about.support_email),
        ];
        let said = all.into_iter().filter(|(_, label)| !label.is_empty());
        said.map(|(href, label)| NavLink::to(href, label.clone())).collect()
    }

    /// The papers that whoever uses the site agrees to.
    pub fn papers(&self) -> Vec<NavLink> {
        let all = [(&self.about.offer_url, "footer-offer"), (&self.about.privacy_url, "footer-privacy")];
        let said = all.into_iter().filter(|(href, _)| !href.is_empty());
        said.map(|(href, label)| NavLink::to(href.clone(), self.say(label))).collect()
    }

    /// A text in the language of the page.
    pub fn say(&self, key: &str) -> String {
        self.words.say(key)
    }

    /// The code of the page's language.
    pub fn language(&self) -> &'static str {
        self.words.language.code()
    }

    /// The language to go on asking for.
    pub fn asked_language(&self) -> Option<&'static str> {
        self.is_asked.then(|| self.language())
    }

    /// The name of the buttons by which the language switch sends a form.
    pub fn switch(&self) -> &'static str {
        SWITCH
    }

    /// The start page, in the language that was asked for.
    pub fn home(&self) -> String {
        self.asked_language().map_or_else(|| "/".to_owned(), |code| format!("/?{LANGUAGE}={code}"))
    }
}

/// Where the language switch leads.
#[derive(Clone, Copy)]
pub enum Switch<'a> {
    /// To the start page with the same parameters.
    Same,
    /// To this path with the same parameters.
    Here(&'a str),
    /// To this path without any: what was asked for is not on the page.
    To(&'a str),
}

impl Site {
    /// The texts in the visitor's language.
    pub fn words(&self, visitor: &Visitor) -> Words<'_> {
        self.dictionary.words(visitor.language)
    }

    /// The operator's name in a language.
    pub fn operator_title(&self, language: Language) -> &str {
        let imprint = &self.config.imprint;
        match language {
            Language::Kazakh if !imprint.title_kz.trim().is_empty() => &imprint.title_kz,
            Language::Kazakh | Language::Russian | Language::English => &imprint.title,
        }
    }

    /// The frame of a page.
    pub fn shell(&self, visitor: &Visitor, title: String, switch: Switch<'_>) -> Shell<'_> {
        let (path, kept): (_, &[_]) = match switch {
            Switch::Same => ("/", &visitor.parameters),
            Switch::Here(path) => (path, &visitor.parameters),
            Switch::To(path) => (path, &[]),
        };
        let languages = Language::ALL.map(|language| {
            let kept = kept.iter().filter(|(name, _)| name != LANGUAGE && name != SWITCH);
            let query = form_urlencoded::Serializer::new(String::new())
                .extend_pairs(kept)
                .append_pair(LANGUAGE, language.code())
                .finish();
            LanguageLink {
                name: language.own_name(),
                code: language.code(),
                href: format!("{path}?{query}"),
                is_current: language == visitor.language,
            }
        });
        Shell {
            words: self.words(visitor),
            title,
            operator: self.operator_title(visitor.language),
            languages: languages.into(),
            about: &self.config.imprint,
            menus: self.menus(),
            at: path.to_owned(),
            has_session: visitor.has_session,
            is_asked: visitor.is_asked,
            has_script: false,
            person: None,
            csrf: String::new(),
            mask: self.office.drawn(),
            has_doors: true,
            banner: None,
            returned: None,
            is_typed: false,
            has_search: false,
        }
    }

    /// A page on which something is signed, as an answer.
    pub fn respond_signing(&self, visitor: &Visitor, status: StatusCode, page: &impl Template) -> Response {
        let mut response = self.respond(visitor, status, page);
        response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, self.signing_policy.clone());
        response
    }

    /// A page that shows a paper, as an answer; `signs` where it is signed there.
    pub fn respond_paper(
        &self,
        visitor: &Visitor,
        status: StatusCode,
        page: &impl Template,
        signs: bool,
    ) -> Response {
        let [signing, showing] = &self.paper_policy;
        let policy = if signs { signing } else { showing };
        let mut response = self.respond(visitor, status, page);
        response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy.clone());
        response
    }

    /// A page as an answer.
    pub fn respond(&self, visitor: &Visitor, status: StatusCode, page: &impl Template) -> Response {
        let (status, body) = match page.render() {
            // Whatever a device or a person sent stands in it by now.
            Ok(html) => (status, on_page(html)),
            Err(error) => {
                let error = &error as &dyn std::error::Error;
                tracing::error!(error, "a page cannot be rendered");
                (StatusCode::INTERNAL_SERVER_ERROR, String::new())
            }
        };
        let mut response = Response::new(Body::from(body));
        *response.status_mut() = status;
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
        headers.insert(header::CONTENT_SECURITY_POLICY, self.policy.clone());
        for (name, value) in PAGE_HEADERS {
            headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
        }
        if self.is_tls() {
            headers.insert(header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static(HSTS));
        }
        self.remember_language(visitor, &mut response);
        response
    }

    /// Has the browser remember the language that was asked for in the address.
    pub fn remember_language(&self, visitor: &Visitor, response: &mut Response) {
        if !visitor.is_asked || response.headers().contains_key(header::SET_COOKIE) {
            return;
        }
        if let Some(cookie) = Cookie::Language.set(visitor.language.code(), self.is_tls()) {
            response.headers_mut().append(header::SET_COOKIE, cookie);
        }
    }
}

/// A browser that came over TLS once comes over TLS for a year.
pub const HSTS: &str = "max-age=31536000";

/// A receipt is nobody's business but its holder's: kept by no cache, found by no search, told to no other site.
const PAGE_HEADERS: [(&str, &str); 8] = [
    ("cache-control", "private, no-store"),
    ("vary", "accept-language, cookie"),
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "no-referrer"),
    ("x-frame-options", "DENY"),
    ("x-robots-tag", "noindex, nofollow"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
];

#[derive(Template)]
#[template(path = "message.html")]
struct MessagePage<'a> {
    shell: Shell<'a>,
    heading: String,
    text: String,
}

fn message(
    site: &Arc<Site>,
    visitor: &Visitor,
    status: StatusCode,
    switch: Switch<'_>,
    heading: &str,
    text: String,
) -> Response {
    let heading = site.words(visitor).say(heading);
    let mut shell = site.shell(visitor, heading.clone(), switch);
    shell.at.clear();
    site.respond(visitor, status, &MessagePage { shell, heading, text })
}

/// There is no such address.
pub fn say_not_found(site: &Arc<Site>, visitor: &Visitor) -> Response {
    let text = site.words(visitor).say("no-page-text");
    message(site, visitor, StatusCode::NOT_FOUND, Switch::To("/"), "no-page-title", text)
}

/// The address is only for reading.
pub fn say_method_not_allowed(site: &Arc<Site>, visitor: &Visitor) -> Response {
    let text = site.words(visitor).say("method-text");
    message(site, visitor, StatusCode::METHOD_NOT_ALLOWED, Switch::To("/"), "method-title", text)
}

/// Nothing can be served now; it is worth coming again in a moment.
pub fn say_unavailable(site: &Arc<Site>, visitor: &Visitor) -> Response {
    let text = site.words(visitor).say("unavailable-text");
    let status = StatusCode::SERVICE_UNAVAILABLE;
    retry_after(message(site, visitor, status, Switch::Same, "unavailable-title", text), 5)
}

/// What was sent came too slowly to be waited for.
pub fn say_too_slow(site: &Arc<Site>, visitor: &Visitor) -> Response {
    let text = site.words(visitor).say("too-slow-text");
    message(site, visitor, StatusCode::REQUEST_TIMEOUT, Switch::To("/"), "too-slow-title", text)
}

/// Over the budget, one's own or that of all.
pub fn say_busy(site: &Arc<Site>, visitor: &Visitor, spent: OverBudget) -> Response {
    let words = site.words(visitor);
    match spent {
        OverBudget::Address { wait_seconds } => {
            let text = words.say_count("too-many-text", wait_seconds);
            let status = StatusCode::TOO_MANY_REQUESTS;
            retry_after(message(site, visitor, status, Switch::Same, "too-many-title", text), wait_seconds)
        }
        OverBudget::All { .. } => say_unavailable(site, visitor),
    }
}

/// Too many pages, by somebody who is not looked up.
pub fn say_too_many(site: &Arc<Site>, visitor: &Visitor, wait_seconds: u64) -> Response {
    let text = site.words(visitor).say_count("too-many-pages-text", wait_seconds);
    let status = StatusCode::TOO_MANY_REQUESTS;
    retry_after(site.say_to(visitor, None, status, "too-many-title", text), wait_seconds)
}

/// The store failed: its own words are for the log.
pub fn say_failed(site: &Arc<Site>, visitor: &Visitor, error: &StoreError) -> Response {
    match error {
        StoreError::Conflict { .. } | StoreError::Unknown { .. } | StoreError::Unavailable { .. } => {
            say_unavailable(site, visitor)
        }
        StoreError::Corrupt { .. }
        | StoreError::InUse { .. }
        | StoreError::TooLarge { .. }
        | StoreError::TooShort { .. }
        | StoreError::Io { .. } => {
            let error = error as &dyn std::error::Error;
            tracing::error!(error, "a page failed in the store");
            let text = site.words(visitor).say("failed-text");
            let status = StatusCode::INTERNAL_SERVER_ERROR;
            message(site, visitor, status, Switch::Same, "failed-title", text)
        }
    }
}

/// Tells a client when it is worth coming again.
pub fn retry_after(mut response: Response, seconds: u64) -> Response {
    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    response
}
