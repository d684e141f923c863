//! On whose behalf something is done.

use std::net::IpAddr;
use std::time::Duration;

use ofd_protocol::types::UnixMillis;
use ofd_storage::accounts::{Account, AuditAction, AuditActor, AuditEntry, FieldChange, ToldSubject};

use crate::language::Language;

/// Whoever asks is answered after so long at most, if only that it takes too long.
pub const ANSWER_WITHIN: Duration = Duration::from_secs(20);

/// Who wants something, when, from where, and in which language that person reads.
#[derive(Clone, Debug)]
pub struct By {
    /// When it was asked for.
    pub at: UnixMillis,
    /// The one who acts, as the audit names people.
    pub actor: AuditActor,
    /// The network address it came from, as addresses are counted by.
    pub ip: IpAddr,
    /// The language of the person's pages.
    pub language: Language,
}

impl By {
    /// A person, or somebody who is not known yet; `is_operator` where the person acts for the operator.
    pub fn person(
        account: Option<&Account>,
        is_operator: bool,
        at: UnixMillis,
        (ip, language): (IpAddr, Language),
    ) -> Self {
        let name = account.map(|account| account.name.clone()).unwrap_or_default();
        let actor = AuditActor { account: account.map(|account| account.id), name, is_operator };
        Self { at, actor, ip, language }
    }

    /// A program of the operator.
    pub fn program(name: &str, at: UnixMillis, ip: IpAddr) -> Self {
        let actor = AuditActor { account: None, name: name.to_owned(), is_operator: true };
        Self { at, actor, ip, language: Language::English }
    }

    /// The network address as the audit has it.
    pub fn address(&self) -> String {
        self.ip.to_canonical().to_string()
    }

    /// A row of the audit about what is done.
    pub fn entry(
        &self,
        action: AuditAction,
        subject: impl Into<ToldSubject>,
        changes: Vec<FieldChange>,
    ) -> AuditEntry {
        let (actor, address) = (self.actor.clone(), self.address());
        AuditEntry { at: self.at, actor, address, action, subject: subject.into(), changes }
    }

    /// A row about what a person does who is only about to be signed in.
    pub fn entry_of(
        &self,
        account: &Account,
        action: AuditAction,
        subject: impl Into<ToldSubject>,
        changes: Vec<FieldChange>,
    ) -> AuditEntry {
        let (id, name) = (Some(account.id), account.name.clone());
        let actor = AuditActor { account: id, name, is_operator: self.actor.is_operator };
        Self { actor, ..self.clone() }.entry(action, subject, changes)
    }
}
