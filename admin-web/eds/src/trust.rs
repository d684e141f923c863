//! Whom we trust, and chains of certificates that lead there.

use crate::algorithm::Unchecked;
use crate::certificate::{Certificate, KeyUsage};
use crate::limits::{CHAIN_CHECKS_MAX, CHAIN_MAX, TRUST_MAX};
use crate::maths::{Maths, Proof};
use crate::moment::Moment;
use crate::policy::{self, Link};

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
    /// There are more than a trust store takes.
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

/// Why there is no chain. Of several ways that lead nowhere the one with the least fault counts, which is the earlier
/// one here: a certificate that somebody put beside the right one makes nothing worse.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum ChainFault {
    /// An issuer is in neither the store nor the file.
    IssuerUnknown,
    /// Whether an issuer signed cannot be checked.
    Unchecked(Unchecked),
    /// An issuer was not valid at the moment.
    AuthorityNotValid,
    /// An issuer may not issue certificates, or not so many levels of them, not of these names or policies.
    NotAuthority,
    /// The chain ends in a root that is not ours.
    RootUnknown,
    /// Whoever has the issuer's name and key identifier did not sign.
    Forged,
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
        if !root.is_of_itself() || root.is_signed_by(&root, &Maths::new()) != Proof::Holds {
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

    /// The chain from `leaf` to a root, both included, all of whose issuers were valid at `at`: RFC 5280 section 6.1
    /// without revocation. `others` may come from anywhere.
    pub(crate) fn chain<'a>(
        &'a self,
        leaf: &'a Certificate,
        others: &[&'a Certificate],
        at: Moment,
        maths: &Maths,
    ) -> Result<Vec<&'a Certificate>, ChainFault> {
        let mut search = Search { store: self, others, at, maths, tried: 0, path: vec![leaf] };
        search.extend().map(|()| search.path)
    }
}

struct Search<'a, 's> {
    store: &'a TrustStore,
    others: &'s [&'a Certificate],
    at: Moment,
    maths: &'s Maths,
    tried: usize,
    /// From the leaf upwards.
    path: Vec<&'a Certificate>,
}

impl<'a> Search<'a, '_> {
    /// Goes on from the last certificate of the path until there is a root.
    fn extend(&mut self) -> Result<(), ChainFault> {
        let Some(last) = self.path.last().copied() else { return Err(ChainFault::IssuerUnknown) };
        let (store, others) = (self.store, self.others);
        let mut least: Option<ChainFault> = None;
        let mut note = |fault: ChainFault| least = Some(least.map_or(fault, |before| before.min(fault)));
        for root in &store.roots {
            let Some(step) = self.step(last, root, true) else { continue };
            self.path.push(root);
            match step.and_then(|()| self.hold()) {
                Ok(()) => return Ok(()),
                Err(fault) => note(fault),
            }
            self.path.pop();
        }
        if last.is_of_itself() {
            return Err(least.unwrap_or(ChainFault::RootUnknown));
        }
        let known = store.intermediates.iter().map(|authority| (authority, true));
        for (authority, is_ours) in known.chain(others.iter().map(|other| (*other, false))) {
            if self.path.len() + 1 >= CHAIN_MAX || self.path.contains(&authority) {
                continue;
            }
            let Some(step) = self.step(last, authority, is_ours) else { continue };
            self.path.push(authority);
            match step.and_then(|()| self.extend()) {
                Ok(()) => return Ok(()),
                Err(fault) => note(fault),
            }
            self.path.pop();
        }
        Err(least.unwrap_or(ChainFault::IssuerUnknown))
    }

    /// Whether `issuer` issued `certificate` and might; `None`: it is another one that has nothing to do with it.
    fn step(
        &mut self,
        certificate: &Certificate,
        issuer: &Certificate,
        is_ours: bool,
    ) -> Option<Result<(), ChainFault>> {
        if !certificate.names_as_issuer(issuer) {
            return None;
        }
        if self.tried == CHAIN_CHECKS_MAX || !self.maths.pay(1) {
            return Some(Err(ChainFault::Unchecked(Unchecked::OverLimit)));
        }
        self.tried += 1;
        match certificate.is_signed_by(issuer, self.maths) {
            Proof::Holds => {}
            Proof::Unchecked(why) => return Some(Err(ChainFault::Unchecked(why))),
            // A CA may have had other keys under its name, and anybody can put that name into a file. Only the CA whom
            // we know and who is meant by its key knows what it did not sign.
            Proof::Fails if is_ours && certificate.identifies_issuer(issuer) == Some(true) => {
                return Some(Err(ChainFault::Forged));
            }
            Proof::Fails => return None,
        }
        Some(if !self.may_issue(issuer) {
            Err(ChainFault::NotAuthority)
        } else if !issuer.is_valid_at(self.at) {
            Err(ChainFault::AuthorityNotValid)
        } else {
            Ok(())
        })
    }

    fn may_issue(&self, issuer: &Certificate) -> bool {
        let Some(authority) = issuer.authority() else { return false };
        // The leaf is no CA below the issuer, and a CA's new key is no further level.
        let below = self.path.iter().skip(1).filter(|below| !below.is_self_issued()).count();
        let below = u64::try_from(below).unwrap_or(u64::MAX);
        authority.path_length.is_none_or(|most| below <= most)
            && issuer.may(KeyUsage::CERTIFICATE_SIGN)
            && !issuer.has_unknown_critical()
    }

    /// What can be said of the whole path alone: names and policies.
    fn hold(&self) -> Result<(), ChainFault> {
        let has_names = self.path.iter().enumerate().all(|(at, authority)| {
            let mut below = self.path.iter().take(at).enumerate();
            below.all(|(level, one)| {
                // A CA's new key has the CA's own name, which the constraints on those below need not fit.
                (level > 0 && one.is_self_issued()) || authority.allows_names_of(one)
            })
        });
        let below_root = self.path.split_last().map_or(&[][..], |(_, below)| below);
        let links = below_root
            .iter()
            .rev()
            .map(|one| Link { policies: one.policy_facts(), is_self_issued: one.is_self_issued() });
        if has_names && policy::hold(&links.collect::<Vec<_>>()) {
            Ok(())
        } else {
            Err(ChainFault::NotAuthority)
        }
    }
}
