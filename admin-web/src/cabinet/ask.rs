//! Who asks for a page, with all that was found out before its handler runs.

use std::net::IpAddr;
use std::sync::{Arc, Mutex};

use ofd_protocol::types::UnixMillis;
use ofd_storage::accounts::{Account, AccountId, AuditActor, Company, Kept, Member, OPERATOR};

use super::access::Route;
use super::again::{Again, Shown};
use super::devices::Devices;
use super::fields::Fields;
use super::second_factor::Lack;
use crate::language::Language;
use crate::page::Visitor;
use crate::rights::{Right, may};
use crate::work::Upload;

/// A person who is signed in.
#[derive(Clone, Debug)]
pub(crate) struct Signed {
    pub(crate) account: Kept<Account>,
    /// The name of the session this request came with.
    pub(crate) session: String,
}

/// For whom the person acts on this page, and as what.
#[derive(Clone, Debug)]
pub(crate) struct Acting {
    /// The company in the address; the operator on the operator's own pages.
    pub(crate) company: Kept<Company>,
    /// The person in it.
    pub(crate) member: Member,
}

impl Acting {
    /// Whether the person has a right there.
    pub(crate) fn may(&self, right: Right) -> bool {
        may(&self.member, right)
    }
}

/// A request for a page.
#[derive(Clone, Debug)]
pub(crate) struct Ask {
    pub(super) inner: Arc<Inner>,
}

pub(super) struct Inner {
    pub(super) route: Route,
    pub(super) visitor: Visitor,
    pub(super) now: UnixMillis,
    pub(super) address: IpAddr,
    pub(super) agent: String,
    pub(super) path: String,
    pub(super) parameters: Vec<(String, String)>,
    pub(super) csrf: String,
    pub(super) visit: String,
    pub(super) signed: Option<Signed>,
    pub(super) lacks: Option<Lack>,
    pub(super) devices: Devices,
    pub(super) acting: Option<Acting>,
    pub(super) fields: Fields,
    pub(super) is_post: bool,
    /// The form that the address shows again.
    pub(super) again: Option<Again>,
    /// What the answer to a form showed.
    pub(super) shown: Mutex<Shown>,
    /// The browser keeps what was typed on this page before.
    pub(super) has_kept: bool,
    pub(super) _upload: Option<Upload>,
}

/// Addresses and forms hold secrets of letters and passwords.
impl std::fmt::Debug for Inner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Inner").field("path", &self.path).finish_non_exhaustive()
    }
}

impl Ask {
    /// Language and parameters of the address.
    pub(crate) fn visitor(&self) -> &Visitor {
        &self.inner.visitor
    }

    /// The language of the page.
    pub(crate) fn language(&self) -> Language {
        self.inner.visitor.language
    }

    /// When it was asked.
    pub(crate) fn now(&self) -> UnixMillis {
        self.inner.now
    }

    /// The network address it came from, as the audit has it.
    pub(crate) fn address(&self) -> String {
        self.inner.address.to_canonical().to_string()
    }

    /// What the browser calls itself, cut to a sensible length.
    pub(crate) fn agent(&self) -> &str {
        &self.inner.agent
    }

    /// The path of the address.
    pub(crate) fn path(&self) -> &str {
        &self.inner.path
    }

    /// What is declared of the address.
    pub(crate) fn route(&self) -> &Route {
        &self.inner.route
    }

    /// The address of the page that is shown, or shown again by a form.
    pub(crate) fn page(&self) -> String {
        self.inner.route.page(&self.inner.parameters)
    }

    /// A part of the path that the route names; empty where it names none such.
    pub(crate) fn part(&self, name: &str) -> &str {
        self.inner.parameters.iter().find(|(found, _)| found == name).map_or("", |(_, value)| value)
    }

    /// A parameter of the query without blanks around it; empty where it is absent. A form that is shown again brings
    /// what its page had in the address.
    pub(crate) fn parameter(&self, name: &str) -> &str {
        let brought = || self.inner.again.as_ref().and_then(|again| again.value(name));
        self.inner.visitor.parameter(name).or_else(brought).map_or("", str::trim)
    }

    /// The form that was sent.
    pub(crate) fn fields(&self) -> &Fields {
        &self.inner.fields
    }

    /// The token that forms of this session, or visit, carry as `csrf`.
    pub(crate) fn csrf(&self) -> &str {
        &self.inner.csrf
    }

    /// The mark of a visit without a session: challenges are bound to it.
    pub(crate) fn visit(&self) -> &str {
        &self.inner.visit
    }

    /// Who is signed in.
    pub(crate) fn signed(&self) -> Option<&Signed> {
        self.inner.signed.as_ref()
    }

    /// What keeps who is signed in from all but the way to one-time codes.
    pub(crate) fn lacks(&self) -> Option<Lack> {
        self.inner.lacks
    }

    /// The name of this browser among those in which a person signed in before; none where the person did not.
    pub(crate) fn device_of(&self, account: AccountId) -> Option<&str> {
        self.inner.devices.name(account)
    }

    /// The network address as it is counted by.
    pub(crate) fn ip(&self) -> IpAddr {
        self.inner.address
    }

    /// The account of who is signed in.
    pub(crate) fn account(&self) -> Option<&Account> {
        self.signed().map(|signed| &signed.account.state)
    }

    /// For whom the person acts on this page.
    pub(crate) fn acting(&self) -> Option<&Acting> {
        self.inner.acting.as_ref()
    }

    /// The BIN in the address; empty on pages of no company.
    pub(crate) fn bin(&self) -> &str {
        self.acting().map_or("", |acting| &acting.company.state.bin)
    }

    /// Whether the person has a right on this page.
    pub(crate) fn may(&self, right: Right) -> bool {
        self.acting().is_some_and(|acting| acting.may(right))
    }

    /// The id of the account of who is signed in.
    pub(crate) fn account_id(&self) -> Option<AccountId> {
        self.account().map(|account| account.id)
    }

    /// The person as the audit names the one who acts.
    pub(crate) fn actor(&self) -> AuditActor {
        AuditActor {
            account: self.account_id(),
            name: self.account().map_or_else(String::new, |account| account.name.clone()),
            is_operator: self.bin() == OPERATOR,
        }
    }
}
