//! Authorities, people and their keys.

use std::fmt;
use std::io;
use std::path::Path;

use ofd_eds::{Certificate, Moment, ObjectIdentifier, Scheme, Stage, TrustStore};

use crate::certificate::{Credential, Name, Order, Purpose, issue, name};
use crate::oid;
use crate::people::{Issuer, OWNERS, Owner, Term};
use crate::signing::{FixedRsa, SigningKey};

const DAY: i64 = 86_400;
/// Keys in PKCS#12 files hold for a year.
const OWNER_TERM: i64 = 365 * DAY;
/// How long CAs have been there, and how long they go on.
const AUTHORITY_AGE: i64 = 1500 * DAY;
const AUTHORITY_REST: i64 = 3650 * DAY;
/// How long ago the revoked certificate was revoked.
const REVOKED_AGO: i64 = 7 * DAY;

/// So many seconds later.
pub(crate) fn later(moment: Moment, seconds: i64) -> Moment {
    Moment::from_unix(moment.unix().saturating_add(seconds))
}

/// A key that NCALayer would offer, with its certificate.
#[derive(Clone)]
pub struct Key {
    label: &'static str,
    certificate: Certificate,
    full_name: String,
    credential: Credential,
    /// The CAs above it, from its issuer upwards, as DER.
    authorities: Vec<Vec<u8>>,
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Key").field("label", &self.label).finish_non_exhaustive()
    }
}

impl Key {
    /// The word by which the stand knows it.
    pub fn label(&self) -> &'static str {
        self.label
    }

    /// Its certificate as DER.
    pub fn certificate(&self) -> &[u8] {
        self.certificate.der()
    }

    /// The certificate's number in hexadecimal.
    pub fn serial(&self) -> String {
        self.certificate.serial()
    }

    /// The first moment at which the certificate holds.
    pub fn not_before(&self) -> Moment {
        self.certificate.not_before()
    }

    /// The last moment at which the certificate holds.
    pub fn not_after(&self) -> Moment {
        self.certificate.not_after()
    }

    /// extKeyUsage: what the key is for, and as whom its owner may act.
    pub fn extended_usage(&self) -> &[ObjectIdentifier] {
        self.certificate.extended_usage().unwrap_or_default()
    }

    /// The individual's number; `None` of a system.
    pub fn iin(&self) -> Option<&str> {
        self.certificate.subject().iin.as_deref()
    }

    /// The organisation's number; `None` of an individual.
    pub fn bin(&self) -> Option<&str> {
        self.certificate.subject().bin.as_deref()
    }

    /// Surname, given name and patronymic; or the name of a system.
    pub fn full_name(&self) -> &str {
        &self.full_name
    }

    /// The organisation's name; `None` of an individual.
    pub fn organisation(&self) -> Option<&str> {
        self.certificate.subject().organisation.as_deref()
    }

    /// How it signs.
    pub fn scheme(&self) -> Scheme {
        self.credential.signing.scheme()
    }

    /// The subject as programs show it: `CN=…,SERIALNUMBER=…`.
    pub fn subject_name(&self) -> &str {
        &self.credential.name.text
    }

    /// The issuer as programs show it.
    pub fn issuer_name(&self) -> &str {
        &self.credential.issuer_name.text
    }

    /// The issuer's own name.
    pub fn issuer_common_name(&self) -> &str {
        &self.credential.issuer_name.common_name
    }

    /// The identifier of the issuer's key in hexadecimal.
    pub fn authority_key(&self) -> String {
        hex::encode(&self.credential.issuer_key)
    }

    /// Whether `authority` is the CA that issued its certificate, or one above that.
    pub fn is_below(&self, authority: &Certificate) -> bool {
        self.authorities.iter().any(|der| der == authority.der())
    }

    /// The CAs above it, from its issuer upwards, as DER.
    pub(crate) fn authorities(&self) -> &[Vec<u8>] {
        &self.authorities
    }

    pub(crate) fn credential(&self) -> &Credential {
        &self.credential
    }
}

/// Which of the two authorities stamps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Policy {
    /// RSA: what the national one does for GOST signatures too.
    Rsa,
    Gost,
}

impl Policy {
    pub(crate) fn oid(self) -> ObjectIdentifier {
        match self {
            Self::Rsa => oid::STAMP_BY_RSA,
            Self::Gost => oid::STAMP_BY_GOST,
        }
    }
}

/// A CA with its OCSP responder.
#[derive(Clone, Debug)]
pub(crate) struct Authority {
    /// The name of its files.
    pub(crate) label: &'static str,
    pub(crate) credential: Credential,
    pub(crate) responder: Credential,
    is_root: bool,
    is_trusted: bool,
    /// Numbers of what it issued.
    pub(crate) issued: Vec<Vec<u8>>,
    /// Numbers of what it revoked, all for a key in other hands.
    pub(crate) revoked: Vec<Vec<u8>>,
}

/// A whole PKI: CAs, responders, time stampers and everybody's keys.
///
/// It is the same for the same seed and time, and everything it says with the same arguments is the same to the byte.
/// Anybody who knows the seed has all its keys, and its RSA keys are in the sources: trust nothing that it signs.
#[derive(Clone)]
pub struct Pki {
    authorities: Vec<Authority>,
    rsa_stamper: Credential,
    gost_stamper: Credential,
    /// Signs for responders what nobody should believe.
    impostor: SigningKey,
    keys: Vec<Key>,
    made_at: Moment,
}

impl fmt::Debug for Pki {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pki").field("keys", &self.keys).finish_non_exhaustive()
    }
}

/// What every certificate of one PKI is made with.
struct Maker<'a> {
    seed: &'a [u8; 32],
    now: Moment,
}

impl Pki {
    /// Makes all keys and certificates around `now`: those that hold have held for half a year.
    pub fn new(seed: [u8; 32], now: Moment) -> Self {
        let maker = Maker { seed: &seed, now };
        let [mut root, mut gost] = maker.pair(["root-gost", "nca-gost"], "(GOST) TEST");
        let [mut root_rsa, mut rsa] = maker.pair(["root-rsa", "nca-rsa"], "(RSA) TEST");
        let [mut root_foreign, mut foreign] = maker.pair(["root-foreign", "nca-foreign"], "(FOREIGN) TEST");
        for pair in [(&mut root, &gost), (&mut root_rsa, &rsa), (&mut root_foreign, &foreign)] {
            let (root, below) = pair;
            root.issued.push(below.credential.serial.clone());
        }
        for one in [&mut root_foreign, &mut foreign] {
            one.is_trusted = false;
        }
        let gost_stamper = maker.time_stamper(&mut gost, maker.gost("tsa-gost"));
        let rsa_stamper = maker.time_stamper(&mut rsa, SigningKey::rsa(FixedRsa::TimeStamper));
        let mut keys = Vec::new();
        for owner in OWNERS {
            let issuers = match owner.issuer {
                Issuer::Gost => Some((&mut gost, &root)),
                Issuer::Rsa => Some((&mut rsa, &root_rsa)),
                Issuer::Foreign => Some((&mut foreign, &root_foreign)),
                Issuer::Own => None,
            };
            keys.push(maker.key(owner, issuers));
        }
        Self {
            authorities: vec![root, gost, root_rsa, rsa, root_foreign, foreign],
            rsa_stamper,
            gost_stamper,
            impostor: maker.gost("impostor"),
            keys,
            made_at: now,
        }
    }

    /// Everybody's keys, in the order in which a person would want to see them.
    pub fn keys(&self) -> &[Key] {
        &self.keys
    }

    /// The key with this label.
    pub fn key(&self, label: &str) -> Option<&Key> {
        self.keys.iter().find(|key| key.label == label)
    }

    /// Writes the trust directory of this stand: its roots, its other CAs, and the mark of a test directory.
    ///
    /// # Errors
    /// The directory cannot be made or written.
    pub fn write_trust(&self, directory: &Path) -> io::Result<()> {
        for authority in self.trusted() {
            let folder = directory.join(if authority.is_root { "roots" } else { "intermediates" });
            std::fs::create_dir_all(&folder)?;
            std::fs::write(folder.join(format!("{}.cer", authority.label)), &authority.credential.der)?;
        }
        std::fs::write(directory.join("TEST"), "Test CAs: what they sign proves nothing about anybody.\n")
    }

    /// A trust store with this stand's CAs.
    #[expect(clippy::expect_used, reason = "the tests build it")]
    pub fn trust(&self) -> TrustStore {
        let mut store = TrustStore::new(Stage::Test);
        for authority in self.trusted() {
            let certificate = read(&authority.credential);
            let added = match authority.is_root {
                true => store.add_root(certificate),
                false => store.add_intermediate(certificate),
            };
            added.expect("the CAs of a stand are in order, and fewer than a trust store holds");
        }
        store
    }

    /// The moment around which everything was made.
    pub fn made_at(&self) -> Moment {
        self.made_at
    }

    /// Certificates of the roots, as DER.
    pub fn roots(&self) -> Vec<&[u8]> {
        self.trusted().filter(|one| one.is_root).map(|one| one.credential.der.as_slice()).collect()
    }

    /// Certificates of the CAs between roots and people, as DER.
    pub fn intermediates(&self) -> Vec<&[u8]> {
        self.trusted().filter(|one| !one.is_root).map(|one| one.credential.der.as_slice()).collect()
    }

    fn trusted(&self) -> impl Iterator<Item = &Authority> {
        self.authorities.iter().filter(|authority| authority.is_trusted)
    }

    pub(crate) fn authorities(&self) -> &[Authority] {
        &self.authorities
    }

    pub(crate) fn time_stamper(&self, policy: Policy) -> &Credential {
        match policy {
            Policy::Rsa => &self.rsa_stamper,
            Policy::Gost => &self.gost_stamper,
        }
    }

    pub(crate) fn impostor(&self) -> &SigningKey {
        &self.impostor
    }

    /// When the revoked certificate was revoked.
    pub(crate) fn revoked_at(&self) -> Moment {
        later(self.made_at, -REVOKED_AGO)
    }
}

impl Maker<'_> {
    fn gost(&self, label: &str) -> SigningKey {
        SigningKey::gost(self.seed, label)
    }

    fn order<'p>(&self, signing: SigningKey, name: Name, purpose: Purpose<'p>) -> Order<'p> {
        let (not_before, not_after) = (later(self.now, -AUTHORITY_AGE), later(self.now, AUTHORITY_REST));
        Order { signing, name, purpose, not_before, not_after }
    }

    /// A root and the CA below it.
    fn pair(&self, labels: [&'static str; 2], kind: &str) -> [Authority; 2] {
        let [root_label, label] = labels;
        let common_name = |title: &str| {
            let text = format!("{title} {kind}");
            name(&[(oid::COMMON_NAME, text.as_str()), (oid::COUNTRY, "KZ")])
        };
        let key = |label: &str| match label {
            "root-rsa" => SigningKey::rsa(FixedRsa::Root),
            "nca-rsa" => SigningKey::rsa(FixedRsa::Authority),
            other => self.gost(other),
        };
        let root = common_name("НЕГІЗГІ КУӘЛАНДЫРУШЫ ОРТАЛЫҚ");
        let root = issue(None, self.order(key(root_label), root, Purpose::Root));
        let below = common_name("ҰЛТТЫҚ КУӘЛАНДЫРУШЫ ОРТАЛЫҚ");
        let below = issue(Some(&root), self.order(key(label), below, Purpose::Authority));
        [self.authority(root_label, root, true), self.authority(label, below, false)]
    }

    fn authority(&self, label: &'static str, credential: Credential, is_root: bool) -> Authority {
        let key = match label {
            "root-rsa" | "nca-rsa" => SigningKey::rsa(FixedRsa::Responder),
            other => self.gost(&format!("ocsp of {other}")),
        };
        let named = name(&[(oid::COMMON_NAME, "OCSP RESPONDER TEST"), (oid::COUNTRY, "KZ")]);
        let responder = issue(Some(&credential), self.order(key, named, Purpose::OcspResponder));
        let issued = vec![responder.serial.clone()];
        Authority { label, credential, responder, is_root, is_trusted: true, issued, revoked: Vec::new() }
    }

    fn time_stamper(&self, authority: &mut Authority, signing: SigningKey) -> Credential {
        let named = name(&[
            (oid::COMMON_NAME, "TIME-STAMPING AUTHORITY TEST"),
            (oid::COUNTRY, "KZ"),
            (oid::ORGANISATION, "ҰЛТТЫҚ КУӘЛАНДЫРУШЫ ОРТАЛЫҚ TEST"),
        ]);
        let issued = issue(Some(&authority.credential), self.order(signing, named, Purpose::TimeStamper));
        authority.issued.push(issued.serial.clone());
        issued
    }

    /// `issuers`: the CA and its root; without them the key certifies itself.
    fn key(&self, owner: &Owner, issuers: Option<(&mut Authority, &Authority)>) -> Key {
        let signing = match owner.issuer {
            Issuer::Rsa => SigningKey::rsa(FixedRsa::Head),
            Issuer::Gost | Issuer::Foreign | Issuer::Own => self.gost(owner.label),
        };
        let since = match owner.term {
            Term::Current => -OWNER_TERM / 2,
            Term::Past => -OWNER_TERM - 30 * DAY,
            Term::Future => 30 * DAY,
        };
        let not_before = later(self.now, since);
        let order = Order {
            signing,
            name: owner.subject(),
            purpose: Purpose::Owner(owner.usages, owner.key_usage),
            not_before,
            not_after: later(not_before, OWNER_TERM),
        };
        let credential = issue(issuers.as_ref().map(|(issuer, _)| &issuer.credential), order);
        let mut authorities = Vec::new();
        if let Some((issuer, root)) = issuers {
            authorities.extend([&issuer.credential, &root.credential].map(|one| one.der.clone()));
            issuer.issued.push(credential.serial.clone());
            if owner.is_revoked {
                issuer.revoked.push(credential.serial.clone());
            }
        }
        let certificate = read(&credential);
        let full_name = certificate.subject().full_name().unwrap_or_default();
        Key { label: owner.label, certificate, full_name, credential, authorities }
    }
}

#[expect(clippy::expect_used, reason = "the tests make every certificate that there is")]
fn read(credential: &Credential) -> Certificate {
    Certificate::read(&credential.der).expect("what the stand writes can be read")
}
