//! What is declared of an address: how it is asked for, what it takes to open it, what it reads, who pays, and in which
//! menu it stands. Everything that needs to know the addresses is made of these declarations: the router, the menus, the
//! names in metrics, and the tests that open each of them.
//!
//! `R` is a right: what a person may do is not known here.

use std::collections::HashMap;

use axum::http::Method;
use axum::routing::MethodFilter;
use ofd_storage::accounts::TokenScope;

use crate::limits::BODY_LEN_MAX;

/// What it takes to open an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access<R> {
    /// It is open to whoever asks.
    Anyone,
    /// A secret in the address, as letters carry it: its handler judges it.
    Secret,
    /// To be signed in.
    SignedIn,
    /// To be signed in, if only by a password where one-time codes are asked for as well: the way to them, and out.
    Enrolling,
    /// To have this right in the company whose BIN is in the address as `{bin}`.
    Member(R),
    /// To have this right as a person of the operator.
    Operator(R),
    /// A token of the API that is good for this. The one of the config is good for everything.
    Token(Scope),
    /// A token of the organisation in the address that is good for this: its handler judges it.
    Program(TokenScope),
    /// A signature by a key of a bank or a terminal: its handler judges it.
    Signed,
}

/// What a token of the API is good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// To read registers and their documents.
    SeeRegisters,
    /// To change registers.
    ChangeRegisters,
}

/// What an address reads behind the head of a request, and how much of it at most. Forms carry a token (CSRF) and must
/// come from one of our pages; JSON comes from programs, which have no session that another site could use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Body {
    /// It takes no body.
    None,
    /// It takes fields of a form, without files.
    Form,
    /// A form with files, of so many bytes together.
    Files(usize),
    /// JSON of so many bytes.
    Json(usize),
}

/// Whose budget pays for an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Budget {
    /// That of pages: of the session, of who has none by the address.
    Pages,
    /// The handler counts, by what it finds.
    Own,
    /// Nobody pays: its answers cost nothing, or its handler refuses by itself.
    None,
}

/// How an address says that it cannot answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Says {
    /// By a page in the frame of who is signed in.
    Frame,
    /// By a page that does not ask who came.
    Page,
    /// By a problem, for programs.
    Problem,
}

/// The menus, in no order of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Menu {
    /// Of the pages of a company.
    Member,
    /// Of the operator's pages.
    Operator,
    /// Of a person's own pages.
    Person,
    /// What is open to everybody.
    Front,
    /// The way in, for who is not signed in.
    Door,
}

/// A place in a menu.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MenuEntry {
    /// The menu that it stands in.
    pub menu: Menu,
    /// Its place there: the least stands first.
    pub order: u8,
    /// The key of its text.
    pub text: &'static str,
    /// Where else pages are that belong to it, beside what lies under its own path.
    pub also: &'static [&'static str],
}

/// An address of the site.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Route<R> {
    /// By which method it is asked.
    pub method: MethodFilter,
    /// Its path, as the router writes it.
    pub path: &'static str,
    /// Its name in metrics and logs.
    pub name: &'static str,
    /// What it takes to open it.
    pub access: Access<R>,
    /// What it reads.
    pub body: Body,
    /// Who pays for its answers.
    pub budget: Budget,
    /// How it says that it cannot answer.
    pub says: Says,
    /// Whether it answers before the store is open.
    pub is_always: bool,
    /// Whether pages of any other site may ask (CORS).
    pub is_any_origin: bool,
    /// Of an address that takes a form: the one that shows it.
    pub shown_at: &'static str,
    /// The key of the page's title; empty where it depends on what is shown.
    pub title: &'static str,
    /// Its place in a menu.
    pub entry: Option<MenuEntry>,
}

impl<R> Access<R> {
    /// Whether it is open to who is not signed in.
    pub fn asks_nobody(&self) -> bool {
        matches!(self, Self::Anyone | Self::Secret)
    }
}

impl<R> Route<R> {
    /// A page behind the front door, which reads nothing.
    pub fn new(method: MethodFilter, path: &'static str, name: &'static str, access: Access<R>) -> Self {
        Self {
            method,
            path,
            name,
            access,
            body: Body::None,
            budget: Budget::Pages,
            says: Says::Frame,
            is_always: false,
            is_any_origin: false,
            shown_at: path,
            title: "",
            entry: None,
        }
    }

    /// The method as it is written: `get`, `post`, `put`.
    pub fn verb(&self) -> &'static str {
        let verbs = [(MethodFilter::GET, "get"), (MethodFilter::POST, "post"), (MethodFilter::PUT, "put")];
        verbs.into_iter().find(|(method, _)| *method == self.method).map_or("", |(_, verb)| verb)
    }

    /// Whether a browser sends a form here.
    pub fn takes_form(&self) -> bool {
        matches!(self.body, Body::Form | Body::Files(_))
    }

    /// How much it reads at most.
    pub fn body_max(&self) -> usize {
        match self.body {
            Body::None => 0,
            Body::Form => BODY_LEN_MAX,
            Body::Files(max) | Body::Json(max) => max,
        }
    }

    /// The address of the page that shows the form, or of the page itself, with what its path names filled in.
    pub fn page(&self, parts: &[(String, String)]) -> String {
        parts.iter().fold(self.shown_at.to_owned(), |path, (name, value)| {
            let value: String = form_urlencoded::byte_serialize(value.as_bytes()).collect();
            path.replace(&format!("{{{name}}}"), &value)
        })
    }
}

/// A page in a menu.
#[derive(Clone, Copy, Debug)]
pub struct Listed<R> {
    entry: MenuEntry,
    path: &'static str,
    access: Access<R>,
}

impl<R> Listed<R> {
    /// Where it leads; `bin` is the company of the menu.
    pub fn href(&self, bin: &str) -> String {
        self.path.replace("{bin}", bin)
    }

    /// The key of its text.
    pub fn text(&self) -> &'static str {
        self.entry.text
    }
}

/// The pages that stand in menus, in their order.
#[derive(Debug)]
pub struct Menus<R>(Vec<Listed<R>>);

impl<R> Menus<R> {
    /// Before it is known what stands in them.
    pub const fn none() -> Self {
        Self(Vec::new())
    }
}

impl<R: Copy> Menus<R> {
    /// The menus that routes make.
    pub fn of(routes: &[Route<R>]) -> Self {
        let listed =
            |route: &Route<R>| Some(Listed { entry: route.entry?, path: route.path, access: route.access });
        let mut pages: Vec<Listed<R>> = routes.iter().filter_map(listed).collect();
        pages.sort_by_key(|page| page.entry.order);
        Self(pages)
    }

    fn all(&self, menu: Menu) -> impl Iterator<Item = &Listed<R>> {
        self.0.iter().filter(move |page| page.entry.menu == menu)
    }

    /// The pages of a menu that are open to who has the rights that are `allowed`.
    pub fn open(&self, menu: Menu, allowed: impl Fn(R) -> bool) -> impl Iterator<Item = &Listed<R>> {
        self.all(menu).filter(move |page| match page.access {
            Access::Member(right) | Access::Operator(right) => allowed(right),
            Access::Anyone
            | Access::Secret
            | Access::SignedIn
            | Access::Enrolling
            | Access::Token(_)
            | Access::Program(_)
            | Access::Signed => true,
        })
    }

    /// The path of the menu under which a page lies: its own, but for what an entry of the menu takes in besides.
    pub fn place_of(&self, menu: Menu, path: &str, bin: &str) -> String {
        let takes_in = |page: &&Listed<R>| {
            page.entry.also.iter().any(|also| lies_under(path, &also.replace("{bin}", bin)))
        };
        self.all(menu).find(takes_in).map_or_else(|| path.to_owned(), |page| page.href(bin))
    }
}

/// Whether a path is another one, or lies under it.
pub fn lies_under(path: &str, other: &str) -> bool {
    path.strip_prefix(other).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// The names of addresses in metrics and logs, and how each says that it cannot answer.
#[derive(Debug)]
pub struct RouteNames(HashMap<&'static str, (Says, Vec<Named>)>);

/// A method of a path, and what is called so that is asked by it.
type Named = (&'static str, &'static str);

impl RouteNames {
    /// The names that routes have.
    pub fn of<R>(routes: &[Route<R>]) -> Self {
        let mut names: HashMap<_, (_, Vec<_>)> = HashMap::new();
        for route in routes {
            let (_, named) = names.entry(route.path).or_insert_with(|| (route.says, Vec::new()));
            named.push((route.verb(), route.name));
        }
        Self(names)
    }

    /// How a path says that it cannot answer.
    pub fn says(&self, path: &str) -> Option<Says> {
        self.0.get(path).map(|(says, _)| *says)
    }

    /// The name of what is asked for: that of the path, where it has none for the method.
    pub fn name(&self, path: &str, method: &Method) -> Option<&'static str> {
        let (_, names) = self.0.get(path)?;
        // Whatever can be got can be asked for by its head alone.
        let verb = if method == Method::HEAD { "GET" } else { method.as_str() };
        let named = names.iter().find(|(known, _)| known.eq_ignore_ascii_case(verb)).or(names.first());
        named.map(|(_, name)| *name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SEE: Access<u8> = Access::Member(1);

    fn page(path: &'static str, access: Access<u8>, entry: Option<(Menu, u8)>) -> Route<u8> {
        let entry = entry.map(|(menu, order)| MenuEntry { menu, order, text: path, also: &[] });
        Route { entry, ..Route::new(MethodFilter::GET, path, "page", access) }
    }

    fn texts<'a>(menus: &'a Menus<u8>, allowed: &'a [u8]) -> Vec<&'static str> {
        menus.open(Menu::Member, |right| allowed.contains(&right)).map(Listed::text).collect()
    }

    #[test]
    fn a_menu_has_the_pages_that_say_so_in_their_order_for_who_may_open_them() {
        let menus = Menus::of(&[
            page("/c/{bin}/b", SEE, Some((Menu::Member, 2))),
            page("/c/{bin}", SEE, Some((Menu::Member, 1))),
            page("/c/{bin}/c", Access::Member(2), Some((Menu::Member, 3))),
            page("/c/{bin}/none", SEE, None),
            page("/operator", Access::Operator(1), Some((Menu::Operator, 1))),
        ]);
        assert_eq!(texts(&menus, &[1]), ["/c/{bin}", "/c/{bin}/b"]);
        assert_eq!(texts(&menus, &[2]), ["/c/{bin}/c"]);
        let first = menus.open(Menu::Member, |_| true).next().unwrap();
        assert_eq!(first.href("151140001234"), "/c/151140001234");
    }

    #[test]
    fn pages_that_lie_elsewhere_belong_to_the_entry_that_takes_them_in() {
        let mut people = page("/c/{bin}/people", SEE, Some((Menu::Member, 1)));
        people.entry = people
            .entry
            .map(|entry| MenuEntry { also: &["/c/{bin}/guests", "/c/{bin}/invitations"], ..entry });
        let menus = Menus::of(&[people]);
        let place = |path: &str| menus.place_of(Menu::Member, path, "1");
        assert_eq!(place("/c/1/invitations/7/cancel"), "/c/1/people");
        assert_eq!(place("/c/1/guests"), "/c/1/people");
        for other in ["/c/1/people/7", "/c/1/invitationsx", "/c/2/invitations/7", "/c/1"] {
            assert_eq!(place(other), other);
        }
    }

    #[test]
    fn an_address_has_its_name_by_its_method_and_keeps_one_for_all_others() {
        let of = |method, name| Route { name, ..Route::new(method, "/a/{id}", "", SEE) };
        let names = RouteNames::of(&[of(MethodFilter::GET, "show"), of(MethodFilter::PUT, "keep")]);
        let named = |method| names.name("/a/{id}", &method);
        assert_eq!(
            [Method::GET, Method::HEAD, Method::PUT, Method::DELETE].map(named),
            [Some("show"), Some("show"), Some("keep"), Some("show")]
        );
        assert_eq!(names.name("/a/1", &Method::GET), None);
    }

    #[test]
    fn the_page_of_a_form_has_what_the_path_names() {
        let route =
            Route { shown_at: "/c/{bin}/people/{id}", ..Route::new(MethodFilter::POST, "/x", "x", SEE) };
        let parts = [("bin", "1"), ("id", "ы/7")].map(|(name, value)| (name.to_owned(), value.to_owned()));
        assert_eq!(route.page(&parts), "/c/1/people/%D1%8B%2F7");
    }
}
