//! Signature files: CMS signed data, as NCALayer makes it and as nobody should.

use std::fmt;

use ofd_eds::Moment;

use crate::oid;
use crate::pki::Key;
use crate::signed_data::{SignedData, SignerFlaw, SignerParts, signed_data, signer_info};
use crate::time_stamp::Stamping;

/// Makes a signature file, step by step.
#[derive(Clone)]
pub struct CmsMaker<'a> {
    content: &'a [u8],
    is_attached: bool,
    signers: Vec<Signer<'a>>,
    certificates: Certificates,
    trailing: &'a [u8],
}

/// Which certificates lie in the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Certificates {
    None,
    Signers,
    SignersAndAuthorities,
}

impl fmt::Debug for CmsMaker<'_> {
    /// Without the content, which may speak of people.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CmsMaker").field("signers", &self.signers).finish_non_exhaustive()
    }
}

#[derive(Clone, Debug)]
struct Signer<'a> {
    key: &'a Key,
    at: Moment,
    flaw: SignerFlaw,
    stamping: Option<Stamping<'a>>,
}

impl Key {
    /// Signs `content` as NCALayer does: with the certificate in the file, and the content too if `is_attached`.
    ///
    /// `at` is the time that the signer says it is; it proves nothing, unlike that of the time stamp.
    pub fn sign_cms(
        &self,
        content: &[u8],
        is_attached: bool,
        at: Moment,
        time_stamp: Option<Stamping<'_>>,
    ) -> Vec<u8> {
        let maker = CmsMaker::new(content).signer(self, at);
        let maker = if is_attached { maker } else { maker.detached() };
        time_stamp.into_iter().fold(maker, CmsMaker::time_stamp).make()
    }
}

impl<'a> CmsMaker<'a> {
    /// A file that holds `content` and has no signer yet.
    pub fn new(content: &'a [u8]) -> Self {
        Self {
            content,
            is_attached: true,
            signers: Vec::new(),
            certificates: Certificates::Signers,
            trailing: &[],
        }
    }

    /// Leaves the content out of the file.
    #[must_use]
    pub fn detached(mut self) -> Self {
        self.is_attached = false;
        self
    }

    /// Adds a signer, who says to have signed at `at`.
    #[must_use]
    pub fn signer(self, key: &'a Key, at: Moment) -> Self {
        self.flawed_signer(key, at, SignerFlaw::None)
    }

    /// Adds a signer with something wrong.
    #[must_use]
    pub fn flawed_signer(mut self, key: &'a Key, at: Moment, flaw: SignerFlaw) -> Self {
        self.signers.push(Signer { key, at, flaw, stamping: None });
        self
    }

    /// Adds a time stamp to the signer that was added last.
    #[must_use]
    pub fn time_stamp(mut self, stamping: Stamping<'a>) -> Self {
        if let Some(signer) = self.signers.last_mut() {
            signer.stamping = Some(stamping);
        }
        self
    }

    /// Leaves all certificates out of the file.
    #[must_use]
    pub fn without_certificates(mut self) -> Self {
        self.certificates = Certificates::None;
        self
    }

    /// Adds the certificates of the CAs above the signers, which most real files leave out.
    #[must_use]
    pub fn with_authorities(mut self) -> Self {
        self.certificates = Certificates::SignersAndAuthorities;
        self
    }

    /// Writes `bytes` behind the end of the file.
    #[must_use]
    pub fn trailing(mut self, bytes: &'a [u8]) -> Self {
        self.trailing = bytes;
        self
    }

    /// The file, as DER.
    pub fn make(&self) -> Vec<u8> {
        let signers = self.signers.iter().map(|signer| signer.info(self.content));
        let algorithms = self.signers.iter().map(|signer| signer.key.credential().signing.digest_algorithm());
        let file = signed_data(&SignedData {
            content_type: oid::DATA,
            content: self.is_attached.then_some(self.content),
            algorithms: algorithms.collect(),
            certificates: self.certificates(),
            signers: signers.collect(),
        });
        [&file, self.trailing].concat()
    }

    fn certificates(&self) -> Vec<Vec<u8>> {
        let keys = self.signers.iter().map(|signer| signer.key);
        let own = keys.clone().map(|key| key.credential().der.clone());
        let mut list: Vec<_> = match self.certificates {
            Certificates::None => Vec::new(),
            Certificates::Signers => own.collect(),
            Certificates::SignersAndAuthorities => {
                own.chain(keys.flat_map(|key| key.authorities().to_vec())).collect()
            }
        };
        list.sort();
        list.dedup();
        list
    }
}

impl Signer<'_> {
    fn info(&self, content: &[u8]) -> Vec<u8> {
        let altered = [content, b"x"].concat();
        let signed = match self.flaw {
            SignerFlaw::OtherContent => &altered,
            SignerFlaw::None
            | SignerFlaw::OtherKey
            | SignerFlaw::NoSignedAttributes
            | SignerFlaw::OtherCertificate => content,
        };
        let credential = self.key.credential();
        let parts = SignerParts { content: signed, content_type: oid::DATA, at: self.at, flaw: self.flaw };
        signer_info(credential, &parts, |signature| self.stamping.map(|stamping| stamping.token(signature)))
    }
}
