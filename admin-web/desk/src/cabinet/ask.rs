//! Who asks for a page, with all that was found out before its handler runs.

use std::net::IpAddr;
use std::sync::{Arc, Mutex};

use ofd_office::by::By;
use ofd_office::fields::Fields;
use ofd_office::language::Language;
use ofd_office::people::acting::Acting;
use ofd_office::people::sealed::session_binding;
use ofd_office::people::second_factor::Lack;
use ofd_office::rights::Right;
use ofd_office::work::Upload;
use ofd_protocol::types::UnixMillis;
use ofd_storage::accounts::{Account, AccountId, Kept};

use super::access::Route;
use super::devices::Devices;
use super::kept::{Again, Shown};
use crate::page::Visitor;

/// A person who is signed in.
#[derive(Clone, Debug)]
pub struct Signed {
    /// The account as it was when the request came.
    pub account: Kept<Account>,
    /// The name of the session this request came with.
    pub session: String,
}

/// A request for a page.
#[derive(Clone, Debug)]
pub struct Ask {
    pub(crate) inner: Arc<Inner>,
}

pub(crate) struct Inner {
    pub route: Route,
    pub visitor: Visitor,
    pub by: By,
    pub agent: String,
    pub path: String,
    pub parameters: Vec<(String, String)>,
    pub csrf: String,
    pub visit: String,
    pub signed: Option<Signed>,
    pub lacks: Option<Lack>,
    pub devices: Devices,
    pub acting: Option<Acting>,
    pub fields: Fields,
    pub is_post: bool,
    /// The form that the address shows again.
    pub again: Option<Again>,
    /// What the answer to a form showed.
    pub shown: Mutex<Shown>,
    /// The browser keeps what was typed on this page before.
    pub has_kept: bool,
    pub _upload: Option<Upload>,
}

/// Addresses and forms hold secrets of letters and passwords.
impl std::fmt::Debug for Inner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Inner").field("path", &self.path).finish_non_exhaustive()
    }
}

impl Ask {
    /// Language and parameters of the address.
    pub fn visitor(&self) -> &Visitor {
        &self.inner.visitor
    }

    /// The language of the page.
    pub fn language(&self) -> Language {
        self.inner.visitor.language
    }

    /// On whose behalf a use case does what is asked for.
    pub fn by(&self) -> &By {
        &self.inner.by
    }

    /// When it was asked.
    pub fn now(&self) -> UnixMillis {
        self.inner.by.at
    }

    /// What the browser calls itself, cut to a sensible length.
    pub fn agent(&self) -> &str {
        &self.inner.agent
    }

    /// The path of the address.
    pub fn path(&self) -> &str {
        &self.inner.path
    }

    /// What is declared of the address.
    pub fn route(&self) -> &Route {
        &self.inner.route
    }

    /// The address of the page that is shown, or shown again by a form.
    pub fn page(&self) -> String {
        self.inner.route.page(&self.inner.parameters)
    }

    /// A part of the path that the route names; empty where it names none such.
    pub fn part(&self, name: &str) -> &str {
        self.inner.parameters.iter().find(|(found, _)| found == name).map_or("", |(_, value)| value)
    }

    /// A parameter of the query without blanks around it; empty where it is absent. A form that is shown again brings
    /// what its page had in the address.
    pub fn parameter(&self, name: &str) -> &str {
        let brought = || self.inner.again.as_ref().and_then(|again| again.value(name));
        self.inner.visitor.parameter(name).or_else(brought).map_or("", str::trim)
    }

    /// The form that was sent.
    pub fn fields(&self) -> &Fields {
        &self.inner.fields
    }

    /// The token that forms of this session, or visit, carry as `csrf`.
    pub fn csrf(&self) -> &str {
        &self.inner.csrf
    }

    /// The mark of a visit without a session: challenges are bound to it.
    pub fn visit(&self) -> &str {
        &self.inner.visit
    }

    /// To what sealed statements are bound: the session, or the visit of who has none.
    pub fn binding(&self) -> String {
        match self.signed() {
            Some(signed) => session_binding(&signed.session),
            None => format!("visit:{}", self.visit()),
        }
    }

    /// Who is signed in.
    pub fn signed(&self) -> Option<&Signed> {
        self.inner.signed.as_ref()
    }

    /// What keeps who is signed in from all but the way to one-time codes.
    pub fn lacks(&self) -> Option<Lack> {
        self.inner.lacks
    }

    /// The name of this browser among those in which a person signed in before; none where the person did not.
    pub fn device_of(&self, account: AccountId) -> Option<&str> {
        self.inner.devices.name(account)
    }

    /// The network address as it is counted by.
    pub fn ip(&self) -> IpAddr {
        self.inner.by.ip
    }

    /// The account of who is signed in.
    pub fn account(&self) -> Option<&Account> {
        self.signed().map(|signed| &signed.account.state)
    }

    /// For whom the person acts on this page.
    pub fn acting(&self) -> Option<&Acting> {
        self.inner.acting.as_ref()
    }

    /// The BIN in the address; empty on pages of no company.
    pub fn bin(&self) -> &str {
        self.acting().map_or("", Acting::bin)
    }

    /// Whether the person has a right on this page.
    pub fn may(&self, right: Right) -> bool {
        self.acting().is_some_and(|acting| acting.may(right))
    }

    /// The id of the account of who is signed in.
    pub fn account_id(&self) -> Option<AccountId> {
        self.account().map(|account| account.id)
    }
}
