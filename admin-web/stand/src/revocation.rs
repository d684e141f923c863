//! What the stand says about revocation: OCSP answers (RFC 6960) and lists (RFC 5280).

use ofd_eds::{HashAlgorithm, Moment};

use crate::asn1::{
    INTEGER, Items, OCTET_STRING, bits, constructed, context, context_primitive, enumerated,
    generalized_time, integer, oid, sequence, time, unsigned, value,
};
use crate::certificate::extension;
use crate::oid;
use crate::pki::{Authority, Pki, later};
use crate::switches::{ListState, OcspState};

/// How long an answer counts.
const ANSWER_SECONDS: i64 = 600;
/// How long a list counts: the national CA's do for about 27 hours.
const LIST_SECONDS: i64 = 27 * 3600;
/// How old is what is out of date: older than any list lives.
const STALE_SECONDS: i64 = 3 * 86_400;
/// The most certificates that one request may ask for.
const QUESTIONS_MAX: usize = 16;

/// keyCompromise, of everything that the stand revokes.
const KEY_COMPROMISE: u8 = 1;

/// OCSPResponseStatus without an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Refusal {
    Malformed = 1,
    TryLater = 3,
    /// Nobody here may speak for the issuer.
    Unauthorized = 6,
}

/// One question of an OCSP request.
struct Asked<'a> {
    /// CertID as it came.
    id: &'a [u8],
    hash: Option<HashAlgorithm>,
    issuer_name_hash: &'a [u8],
    issuer_key_hash: &'a [u8],
    /// The magnitude of the number.
    serial: &'a [u8],
}

impl Asked<'_> {
    fn is_of(&self, authority: &Authority) -> bool {
        let issuer = &authority.credential;
        self.hash.is_some_and(|hash| {
            hash.hash(&issuer.name.der) == self.issuer_name_hash
                && hash.hash(issuer.signing.bits()) == self.issuer_key_hash
        })
    }
}

/// An OCSP request, read in place.
struct Request<'a> {
    asked: Vec<Asked<'a>>,
    /// The extension with the nonce, as it came.
    nonce: Option<&'a [u8]>,
}

impl<'a> Request<'a> {
    fn read(der: &'a [u8]) -> Option<Self> {
        let mut outer = Items::sequence(der)?;
        let mut items = outer.nested()?;
        // Who signs a request does not matter: everybody gets the same answer.
        outer.optional(context(0));
        if !outer.is_empty() {
            return None;
        }
        items.optional(context(0));
        items.optional(context(1));
        let mut list = items.nested()?;
        let mut asked = Vec::new();
        while !list.is_empty() {
            if asked.len() == QUESTIONS_MAX {
                return None;
            }
            asked.push(question(list.nested()?)?);
        }
        let extensions = items.optional(context(2));
        if asked.is_empty() || !items.is_empty() {
            return None;
        }
        let nonce = match extensions {
            Some(field) => nonce(field.contents)?,
            None => None,
        };
        Some(Self { asked, nonce })
    }
}

fn question<'a>(mut items: Items<'a>) -> Option<Asked<'a>> {
    let id = items.any()?;
    let mut parts = Items::sequence(id.whole)?;
    let hash = match parts.nested()?.oid()? {
        oid::SHA1 => Some(HashAlgorithm::Sha1),
        oid::SHA256 => Some(HashAlgorithm::Sha256),
        oid::STREEBOG_512 => Some(HashAlgorithm::Streebog512),
        _ => None,
    };
    let issuer_name_hash = parts.expect(OCTET_STRING)?.contents;
    let issuer_key_hash = parts.expect(OCTET_STRING)?.contents;
    let serial = parts.expect(INTEGER)?.contents;
    let serial = serial.strip_prefix(&[0]).unwrap_or(serial);
    parts.is_empty().then_some(Asked { id: id.whole, hash, issuer_name_hash, issuer_key_hash, serial })
}

/// The nonce among a request's extensions; the outer `None`: they cannot be read.
fn nonce(extensions: &[u8]) -> Option<Option<&[u8]>> {
    let mut list = Items::sequence(extensions)?;
    let mut found = None;
    while !list.is_empty() {
        let one = list.any()?;
        if Items::sequence(one.whole)?.oid()? == oid::OCSP_NONCE {
            found = Some(one.whole);
        }
    }
    Some(found)
}

impl Pki {
    /// The answer to an OCSP request; `None` where none leaves.
    pub fn ocsp(&self, request: &[u8], at: Moment, state: OcspState) -> Option<Vec<u8>> {
        ocsp_answer(self, request, at, state)
    }

    /// The revocation lists of all CAs as they are at `at`: the name of each CA, and its list.
    pub fn revocation_lists(&self, at: Moment, state: ListState) -> Vec<(&'static str, Vec<u8>)> {
        let made = |one: &Authority| Some((one.label, list(self, one, at, state)?));
        self.authorities().iter().filter_map(made).collect()
    }
}

/// The answer to an OCSPRequest, or `None` where none leaves at all.
pub(crate) fn ocsp_answer(pki: &Pki, request: &[u8], at: Moment, state: OcspState) -> Option<Vec<u8>> {
    match state {
        OcspState::Down => return None,
        OcspState::TryLater => return Some(refusal(Refusal::TryLater)),
        OcspState::Answers | OcspState::Unknown | OcspState::Forged | OcspState::OutOfDate => {}
    }
    let Some(request) = Request::read(request) else { return Some(refusal(Refusal::Malformed)) };
    // One answer has one signer, who speaks for one CA.
    let speaks = |authority: &&Authority| request.asked.iter().all(|asked| asked.is_of(authority));
    let answer = match pki.authorities().iter().find(speaks) {
        Some(authority) => answer(pki, authority, &request, at, state),
        None => refusal(Refusal::Unauthorized),
    };
    Some(answer)
}

fn refusal(refusal: Refusal) -> Vec<u8> {
    sequence(&[enumerated(refusal as u8)])
}

fn answer(pki: &Pki, authority: &Authority, request: &Request<'_>, at: Moment, state: OcspState) -> Vec<u8> {
    let said_at = if state == OcspState::OutOfDate { later(at, -STALE_SECONDS) } else { at };
    let next = value(context(0), &generalized_time(later(said_at, ANSWER_SECONDS)));
    let singles = request.asked.iter().map(|asked| {
        let status = status(pki, authority, asked.serial, state);
        sequence(&[asked.id.to_vec(), status, generalized_time(said_at), next.clone()])
    });
    let responder = &authority.responder;
    let mut body = vec![
        value(context(1), &responder.name.der),
        generalized_time(said_at),
        sequence(&singles.collect::<Vec<_>>()),
    ];
    body.extend(request.nonce.map(|nonce| value(context(1), &sequence(&[nonce.to_vec()]))));
    let body = sequence(&body);
    // The forger has the responder's certificate and not its key.
    let signing = if state == OcspState::Forged { pki.impostor() } else { &responder.signing };
    let basic = sequence(&[
        body.clone(),
        signing.signature_algorithm(),
        bits(&signing.sign(&body)),
        value(context(0), &sequence(std::slice::from_ref(&responder.der))),
    ]);
    let typed = sequence(&[oid(oid::OCSP_BASIC), value(OCTET_STRING, &basic)]);
    sequence(&[enumerated(0), value(context(0), &typed)])
}

/// A CertStatus, as the switch and the list say.
fn status(pki: &Pki, authority: &Authority, serial: &[u8], state: OcspState) -> Vec<u8> {
    let has = |list: &[Vec<u8>]| list.iter().any(|one| one == serial);
    if state == OcspState::Unknown || !has(&authority.issued) {
        value(context_primitive(2), &[])
    } else if has(&authority.revoked) {
        let reason = value(context(0), &enumerated(KEY_COMPROMISE));
        constructed(context(1), &[generalized_time(pki.revoked_at()), reason])
    } else {
        value(context_primitive(0), &[])
    }
}

/// The revocation list of a CA; `None` where none leaves at all.
pub(crate) fn list(pki: &Pki, authority: &Authority, at: Moment, state: ListState) -> Option<Vec<u8>> {
    let made_at = match state {
        ListState::Fresh => at,
        ListState::OutOfDate => later(at, -STALE_SECONDS),
        ListState::Down => return None,
    };
    let issuer = &authority.credential;
    let entry = |serial: &Vec<u8>| {
        let reason = extension(oid::REASON_CODE, &enumerated(KEY_COMPROMISE));
        sequence(&[unsigned(serial), time(pki.revoked_at()), sequence(&[reason])])
    };
    let entries: Vec<_> = authority.revoked.iter().map(entry).collect();
    // Numbers of lists grow; the time they were made at does too.
    let number = u64::try_from(made_at.unix()).unwrap_or_default();
    let extensions = [issuer.authority_key(), extension(oid::CRL_NUMBER, &integer(number))];
    let mut body = vec![
        integer(1),
        issuer.signing.signature_algorithm(),
        issuer.name.der.clone(),
        time(made_at),
        time(later(made_at, LIST_SECONDS)),
    ];
    // An empty list of entries is left out.
    body.extend((!entries.is_empty()).then(|| sequence(&entries)));
    body.push(value(context(0), &sequence(&extensions)));
    Some(issuer.signing.signed(sequence(&body)))
}

#[cfg(test)]
mod tests {
    use ofd_eds::{HashAlgorithm, Moment, ObjectIdentifier};

    use super::{QUESTIONS_MAX, Refusal, ocsp_answer, refusal};
    use crate::asn1::{algorithm, octets, sequence, unsigned};
    use crate::certificate::Credential;
    use crate::oid;
    use crate::pki::Pki;
    use crate::switches::OcspState;

    const NOW: Moment = Moment::from_unix(1_782_907_200);

    fn id(issuer: &Credential, serial: &[u8], named: ObjectIdentifier, hash: HashAlgorithm) -> Vec<u8> {
        sequence(&[
            algorithm(named),
            octets(&hash.hash(&issuer.name.der)),
            octets(&hash.hash(issuer.signing.bits())),
            unsigned(serial),
        ])
    }

    fn sha1_id(issuer: &Credential, serial: &[u8]) -> Vec<u8> {
        id(issuer, serial, oid::SHA1, HashAlgorithm::Sha1)
    }

    /// A request without nonce.
    fn request(ids: &[Vec<u8>]) -> Vec<u8> {
        let list: Vec<_> = ids.iter().map(|id| sequence(std::slice::from_ref(id))).collect();
        sequence(&[sequence(&[sequence(&list)])])
    }

    fn ask(pki: &Pki, ids: &[Vec<u8>]) -> Vec<u8> {
        ocsp_answer(pki, &request(ids), NOW, OcspState::Answers).unwrap()
    }

    fn holds(answer: &[u8], part: &[u8]) -> bool {
        answer.windows(part.len()).any(|window| window == part)
    }

    #[test]
    fn an_issuer_may_be_named_by_any_hash_that_clients_use() {
        let pki = Pki::new([3; 32], NOW);
        let authority = &pki.authorities()[1];
        for (named, hash) in [
            (oid::SHA1, HashAlgorithm::Sha1),
            (oid::SHA256, HashAlgorithm::Sha256),
            (oid::STREEBOG_512, HashAlgorithm::Streebog512),
        ] {
            let id = id(&authority.credential, &authority.issued[1], named, hash);
            // GOOD behind the CertID as it came.
            assert!(
                holds(&ask(&pki, std::slice::from_ref(&id)), &[&id[..], &[0x80, 0]].concat()),
                "{hash:?}"
            );
        }
    }

    #[test]
    fn one_request_may_ask_for_several_certificates_of_one_issuer() {
        let pki = Pki::new([3; 32], NOW);
        let [root, authority, ..] = pki.authorities() else { panic!("there are CAs") };
        let good = sha1_id(&authority.credential, &authority.issued[1]);
        let revoked = sha1_id(&authority.credential, &authority.revoked[0]);
        let unknown = sha1_id(&authority.credential, &[1, 2, 3]);
        let answer = ask(&pki, &[good.clone(), revoked.clone(), unknown.clone()]);
        assert!(holds(&answer, &[&good[..], &[0x80, 0]].concat()));
        assert!(holds(&answer, &[&revoked[..], &[0xA1]].concat()));
        assert!(holds(&answer, &[&unknown[..], &[0x82, 0]].concat()));
        // Nobody signs for both.
        let of_root = sha1_id(&root.credential, &root.issued[0]);
        assert_eq!(ask(&pki, &[good.clone(), of_root]), refusal(Refusal::Unauthorized));
        let many = vec![good; QUESTIONS_MAX + 1];
        assert_eq!(ask(&pki, &many), refusal(Refusal::Malformed));
        assert_ne!(ask(&pki, &many[1..]), refusal(Refusal::Malformed));
        assert_eq!(ask(&pki, &[]), refusal(Refusal::Malformed));
    }

    #[test]
    fn a_number_of_another_issuer_is_not_known() {
        let pki = Pki::new([3; 32], NOW);
        let [root, authority, ..] = pki.authorities() else { panic!("there are CAs") };
        let id = sha1_id(&root.credential, &authority.revoked[0]);
        assert!(holds(&ask(&pki, std::slice::from_ref(&id)), &[&id[..], &[0x82, 0]].concat()));
    }
}
