//! Whom we trust, and chains of certificates that lead there.

use crate::certificate::{Certificate, KeyUsage};
use crate::limits::{CHAIN_CHECKS_MAX, CHAIN_MAX, TRUST_MAX};
use crate::moment::Moment;

/// Which of the two worlds a trust store belongs to. They never meet in one store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Certificates of people and organisations.
    Production,
    /// Certificates of the test CAs, which prove nothing about anybody.
    Test,
}

/// Why a certificate does not go into a trust store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TrustError {
    /// Not a CA's.
    #[error("it is not the certificate of a CA; only those belong into a trust store")]
    NotAuthority,
    /// A root must be signed by its own key.
    #[error(
        "it is not signed by its own key; a CA that another one certified belongs to the intermediate ones"
    )]
    NotSelfSigned,
    /// A test CA among production CAs.
    #[error(
        "its name says TEST, so it cannot stand among production CAs; keep test CAs in a trust store of their own"
    )]
    TestInProduction,
    /// A production CA among test CAs.
    #[error("its name does not say TEST, so it cannot stand among test CAs")]
    ProductionInTest,
    /// Too many.
    #[error("there are more than {TRUST_MAX} certificates")]
    TooMany,
}

/// CAs: roots, which are trusted, and intermediate ones, which only help to find the way to a root.
#[derive(Clone, Debug)]
pub struct TrustStore {
    stage: Stage,
    roots: Vec<Certificate>,
    intermediates: Vec<Certificate>,
}

/// Why there is no chain. A later one tells more about what is wrong than an earlier one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum ChainFault {
    /// An issuer is in neither the store nor the file.
    IssuerUnknown,
    /// Whoever has the issuer's name did not sign.
    Forged,
    /// The chain ends in a root that is not ours.
    RootUnknown,
    /// An issuer may not issue certificates, or not so many levels of them.
    NotAuthority,
    /// An issuer was not valid at the moment.
    AuthorityNotValid,
}

impl TrustStore {
    /// Without any CA.
    pub fn new(stage: Stage) -> Self {
        Self { stage, roots: Vec::new(), intermediates: Vec::new() }
    }

    /// Which world it belongs to.
    pub fn stage(&self) -> Stage {
        self.stage
    }

    /// Whether there is no root, so that nothing can be trusted.
    pub fn is_empty(&self) -> bool {
        self.roots.is_empty()
    }

    /// All CAs in it, the roots first.
    pub fn authorities(&self) -> impl Iterator<Item = &Certificate> {
        self.roots.iter().chain(&self.intermediates)
    }

    /// Trusts `root`.
    ///
    /// # Errors
    /// It is no root, or of the other world.
    pub fn add_root(&mut self, root: Certificate) -> Result<(), TrustError> {
        self.admit(&root)?;
        if !root.is_self_issued() || !root.is_signed_by(&root) {
            return Err(TrustError::NotSelfSigned);
        }
        self.roots.push(root);
        Ok(())
    }

    /// Lets chains lead through `authority`. It is trusted only with a chain of its own.
    ///
    /// # Errors
    /// It is no CA's, or of the other world.
    pub fn add_intermediate(&mut self, authority: Certificate) -> Result<(), TrustError> {
        self.admit(&authority)?;
        self.intermediates.push(authority);
        Ok(())
    }

    fn admit(&self, certificate: &Certificate) -> Result<(), TrustError> {
        if certificate.authority().is_none() {
            return Err(TrustError::NotAuthority);
        }
        // All test CAs of the national PKI have the word in their names, no production CA has.
        let name = certificate.subject().common_name.as_deref().unwrap_or_default();
        let says_test = name.split(|char: char| !char.is_alphanumeric()).any(|word| word == "TEST");
        match (self.stage, says_test) {
            (Stage::Production, true) => return Err(TrustError::TestInProduction),
            (Stage::Test, false) => return Err(TrustError::ProductionInTest),
            (Stage::Production, false) | (Stage::Test, true) => {}
        }
        if self.roots.len() + self.intermediates.len() >= TRUST_MAX {
            return Err(TrustError::TooMany);
        }
        Ok(())
    }

    /// The chain from `leaf` to a root, both included, all of whose issuers were valid at `at`.
    ///
    /// Issuers are found by key identifiers, or by name where there are none, and proven by their signature. `others`
    /// may come from anywhere.
    pub(crate) fn chain<'a>(
        &'a self,
        leaf: &'a Certificate,
        others: &'a [Certificate],
        at: Moment,
    ) -> Result<Vec<&'a Certificate>, ChainFault> {
        let mut search =
            Search { store: self, others, at, checks: 0, fault: ChainFault::IssuerUnknown, path: vec![leaf] };
        if search.extend() { Ok(search.path) } else { Err(search.fault) }
    }
}

struct Search<'a> {
    store: &'a TrustStore,
    others: &'a [Certificate],
    at: Moment,
    checks: usize,
    fault: ChainFault,
    /// From the leaf upwards.
    path: Vec<&'a Certificate>,
}

impl<'a> Search<'a> {
    fn extend(&mut self) -> bool {
        let Some(last) = self.path.last().copied() else { return false };
        let (store, others) = (self.store, self.others);
        for root in &store.roots {
            if self.is_issuer(last, root) {
                self.path.push(root);
                return true;
            }
        }
        if last.is_self_issued() {
            self.note(ChainFault::RootUnknown);
            return false;
        }
        for authority in store.intermediates.iter().chain(others) {
            let is_new = !self.path.contains(&authority);
            if self.path.len() + 1 < CHAIN_MAX && is_new && self.is_issuer(last, authority) {
                self.path.push(authority);
                if self.extend() {
                    return true;
                }
                self.path.pop();
            }
        }
        false
    }

    fn is_issuer(&mut self, certificate: &Certificate, issuer: &Certificate) -> bool {
        if !certificate.names_as_issuer(issuer) || self.checks == CHAIN_CHECKS_MAX {
            return false;
        }
        self.checks += 1;
        if !certificate.is_signed_by(issuer) {
            self.note(ChainFault::Forged);
            return false;
        }
        if !self.may_issue(issuer) {
            self.note(ChainFault::NotAuthority);
            return false;
        }
        if !issuer.is_valid_at(self.at) {
            self.note(ChainFault::AuthorityNotValid);
            return false;
        }
        true
    }

    fn may_issue(&self, issuer: &Certificate) -> bool {
        let Some(authority) = issuer.authority() else { return false };
        // The leaf is no CA below the issuer.
        let below = u64::try_from(self.path.len().saturating_sub(1)).unwrap_or(u64::MAX);
        authority.path_length.is_none_or(|most| below <= most)
            && issuer.may(KeyUsage::CERTIFICATE_SIGN)
            && !issuer.has_unknown_critical()
    }

    fn note(&mut self, fault: ChainFault) {
        self.fault = self.fault.max(fault);
    }
}
