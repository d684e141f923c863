//! Certificate revocation lists (RFC 5280 section 5). The national CA's have 400 000 entries: a list is walked once, and
//! then asked by its index.

use std::borrow::Cow;
use std::fmt;

use crate::algorithm::Scheme;
use crate::algorithm::Unchecked;
use crate::cause::Cause;
use crate::certificate::{Certificate, Extension, KeyUsage, extensions};
use crate::limits::CRL_BYTES_MAX;
use crate::maths::{Maths, Proof};
use crate::moment::Moment;
use crate::name::Name;
use crate::tlv::{
    ENUMERATED, FormatError, INTEGER, Items, SEQUENCE, context, context_primitive, identified, single,
};
use crate::{envelope, oid};

const WHAT: &str = "a revocation list";

/// The parts of a list, read in place.
pub(crate) struct Crl<'a> {
    signed: &'a [u8],
    scheme: Result<Scheme, Unchecked>,
    signature: &'a [u8],
    issuer: &'a [u8],
    pub(crate) this_update: Moment,
    pub(crate) next_update: Option<Moment>,
    entries: &'a [u8],
    /// Lists only what changed since a full list.
    pub(crate) is_delta: bool,
    /// Keeps certificates after they expired.
    pub(crate) keeps_expired: bool,
    authority_key: Option<&'a [u8]>,
    has_unknown_critical: bool,
}

/// What a list says of one certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) since: Moment,
    pub(crate) cause: Cause,
}

impl<'a> Crl<'a> {
    /// Reads a list in DER.
    pub(crate) fn read(der: &'a [u8]) -> Result<Self, FormatError> {
        if der.len() > CRL_BYTES_MAX {
            return Err(FormatError::TooMuch { what: WHAT, limit: CRL_BYTES_MAX });
        }
        let mut outer = Items::sequence(der, WHAT)?;
        let signed = outer.expect(SEQUENCE)?;
        let algorithm = identified(&mut outer, WHAT)?;
        let signature = outer.bits()?;
        outer.finish()?;

        let mut items = Items::new(signed.value, WHAT)?;
        if items.optional(INTEGER)?.is_some_and(|version| version.value != [1]) {
            return Err(FormatError::Unsupported { what: "a revocation list of another version than 2" });
        }
        if identified(&mut items, WHAT)? != algorithm {
            return Err(items.malformed());
        }
        let issuer = items.expect(SEQUENCE)?.whole;
        let this_update = items.time()?;
        let next_update = match items.peek() {
            None | Some(SEQUENCE) => None,
            Some(tag) if tag == context(0) => None,
            Some(_) => Some(items.time()?),
        };
        let entries = items.optional(SEQUENCE)?.map_or(&[][..], |item| item.value);
        let extended = items.optional(context(0))?;
        items.finish()?;
        let mut crl = Self {
            signed: signed.whole,
            scheme: Scheme::of(algorithm.oid),
            signature,
            issuer,
            this_update,
            next_update,
            entries,
            is_delta: false,
            keeps_expired: false,
            authority_key: None,
            has_unknown_critical: false,
        };
        for Extension { id, is_critical, value } in
            extended.map_or(Ok(Vec::new()), |item| extensions(item.value, WHAT))?
        {
            match id {
                oid::DELTA_CRL => crl.is_delta = true,
                oid::EXPIRED_ON_CRL => crl.keeps_expired = true,
                oid::AUTHORITY_KEY => {
                    let key = Items::sequence(value, WHAT)?.optional(context_primitive(0))?;
                    crl.authority_key = key.map(|item| item.value);
                }
                oid::CRL_NUMBER | oid::FRESHEST_CRL => {}
                // Such a list may be about some certificates or some reasons only, or about those of other CAs.
                _ => crl.has_unknown_critical |= is_critical,
            }
        }
        Ok(crl)
    }
}

/// What a list is to a CA.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    /// It made it, and may.
    Counts,
    /// It is another CA's, so it says nothing.
    Other,
    /// It has the CA's name, and the CA did not sign it or may not sign lists.
    NotEntitled,
    /// It is the CA's, and limits itself in a way that is not understood.
    NotUnderstood,
    /// Whether the CA signed it cannot be checked.
    Unchecked(Unchecked),
}

/// A revocation list that was read once and is asked often. Nothing in it is proven until its issuer's key says so.
pub struct RevocationList {
    der: Vec<u8>,
    /// Where each entry begins among the entries, in the order of the certificates' numbers.
    starts: Vec<u32>,
    issuer: Name,
    /// The hash that is signed, or why it cannot be checked.
    digest: Result<Vec<u8>, Unchecked>,
    this_update: Moment,
    next_update: Option<Moment>,
}

impl fmt::Debug for RevocationList {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RevocationList")
            .field("entries", &self.starts.len())
            .field("this_update", &self.this_update)
            .field("next_update", &self.next_update)
            .finish_non_exhaustive()
    }
}

impl RevocationList {
    /// Reads a list: DER, base64 or PEM. Of the national CA's this takes as long as hashing twenty megabytes.
    ///
    /// # Errors
    /// The bytes are no list, or over [`CRL_BYTES_MAX`].
    pub fn read(bytes: Vec<u8>) -> Result<Self, FormatError> {
        let opened = match envelope::open(&bytes, WHAT)? {
            Cow::Owned(der) => Some(der),
            Cow::Borrowed(_) => None,
        };
        let der = opened.unwrap_or(bytes);
        let crl = Crl::read(&der)?;
        let (mut numbers, mut at) = (Vec::new(), 0_usize);
        let mut items = Items::new(crl.entries, WHAT)?;
        while !items.is_empty() {
            let entry = items.any()?;
            let start = u32::try_from(at).map_err(|_| items.malformed())?;
            // An entry without a number is about nobody who could be asked for, and harms nobody else.
            if let Some(number) = Items::new(entry.value, WHAT).ok().and_then(|mut inner| inner.number().ok())
            {
                numbers.push((number, start));
            }
            at = at.saturating_add(entry.whole.len());
        }
        numbers.sort();
        let starts = numbers.into_iter().map(|(_, start)| start).collect();
        let digest = crl.scheme.map(|scheme| scheme.hash().hash(crl.signed));
        let issuer = Name::read(crl.issuer)?;
        let (this_update, next_update) = (crl.this_update, crl.next_update);
        Ok(Self { der, starts, issuer, digest, this_update, next_update })
    }

    /// When it was made.
    pub fn this_update(&self) -> Moment {
        self.this_update
    }

    /// When the next one is due.
    pub fn next_update(&self) -> Option<Moment> {
        self.next_update
    }

    /// Whether `issuer` made it, and may.
    pub fn is_by(&self, issuer: &Certificate) -> bool {
        self.crl().is_ok_and(|crl| self.standing(&crl, issuer, &Maths::new()) == Standing::Counts)
    }

    /// Whether `issuer` made it, and may, and no newer one is due at `now`.
    pub fn is_in_force(&self, issuer: &Certificate, now: Moment) -> bool {
        self.next_update.is_some_and(|next| now <= next) && self.is_by(issuer)
    }

    pub(crate) fn crl(&self) -> Result<Crl<'_>, FormatError> {
        Crl::read(&self.der)
    }

    /// What this list, as it was read, is to `issuer`.
    pub(crate) fn standing(&self, crl: &Crl<'_>, issuer: &Certificate, maths: &Maths) -> Standing {
        let is_other_key =
            crl.authority_key.zip(issuer.subject_key()).is_some_and(|(wanted, found)| wanted != found);
        if self.issuer != issuer.subject_name || self.issuer.is_empty() || is_other_key {
            return Standing::Other;
        }
        if !issuer.may(KeyUsage::CRL_SIGN) {
            return Standing::NotEntitled;
        }
        let proof = match (crl.scheme, self.digest.as_deref()) {
            (Ok(scheme), Ok(digest)) => maths.verify(&issuer.key, scheme, digest, crl.signature),
            (Err(why), _) | (_, Err(&why)) => Proof::Unchecked(why),
        };
        match proof {
            Proof::Holds if crl.has_unknown_critical => Standing::NotUnderstood,
            Proof::Holds => Standing::Counts,
            Proof::Fails => Standing::NotEntitled,
            Proof::Unchecked(why) => Standing::Unchecked(why),
        }
    }

    /// What this list, as it was read, says of a certificate's number. Of several entries of one number the worst
    /// counts: one that puts earlier signatures in doubt, then the earliest.
    pub(crate) fn find(&self, crl: &Crl<'_>, serial: &[u8]) -> Result<Option<Entry>, FormatError> {
        let entry_at = |start: u32| {
            let rest = usize::try_from(start).ok().and_then(|start| crl.entries.get(start..));
            Items::new(rest.unwrap_or_default(), WHAT)?.nested(WHAT)
        };
        let number_at = |start: u32| entry_at(start).and_then(|mut entry| entry.number()).unwrap_or_default();
        let at = self.starts.partition_point(|start| number_at(*start) < serial);
        let ours = self.starts.iter().skip(at).take_while(|start| number_at(**start) == serial);
        let mut worst: Option<Entry> = None;
        for start in ours {
            let entry = entry(entry_at(*start)?)?;
            if worst.is_none_or(|before| entry.badness() < before.badness()) {
                worst = Some(entry);
            }
        }
        Ok(worst)
    }
}

impl Entry {
    /// The least one is the worst.
    fn badness(&self) -> (bool, bool, Moment) {
        (self.cause == Cause::RemovedFromList, self.cause.spares_earlier(), self.since)
    }
}

fn entry(mut items: Items<'_>) -> Result<Entry, FormatError> {
    items.number()?;
    let since = items.time()?;
    let mut cause = Cause::Unspecified;
    if let Some(list) = items.optional(SEQUENCE)? {
        for Extension { id, is_critical, value } in extensions(list.whole, WHAT)? {
            match id {
                // Listed is listed, whatever the cause is said to be.
                oid::REASON_CODE => {
                    let read = single(value, ENUMERATED, WHAT).map(|code| Cause::read(code.value));
                    cause = read.unwrap_or(Cause::Unspecified);
                }
                // The entry may be about another CA's certificate.
                _ if is_critical => return Err(items.malformed()),
                _ => {}
            }
        }
    }
    items.finish()?;
    Ok(Entry { since, cause })
}

#[cfg(test)]
mod tests {
    use super::RevocationList;
    use crate::ber::write;
    use crate::cause::Cause;
    use crate::oid;

    fn wrap(tag: u8, parts: &[Vec<u8>]) -> Vec<u8> {
        let mut out = Vec::new();
        write(tag, &parts.concat(), &mut out).unwrap();
        out
    }

    fn time(text: &str) -> Vec<u8> {
        wrap(0x17, &[text.into()])
    }

    /// A list without a signature that holds. Its entries have these numbers, in this order, and days of June.
    fn list(numbers: &[(u16, u8)]) -> Vec<u8> {
        let entry = |(number, day): &(u16, u8)| {
            let number = wrap(2, &[[&[0x40][..], &number.to_be_bytes()].concat()]);
            wrap(0x30, &[number, time(&format!("2606{day:02}000000Z"))])
        };
        let algorithm = wrap(0x30, &[wrap(6, &[oid::RSA_SHA256.as_bytes().to_vec()])]);
        let entries = wrap(0x30, &numbers.iter().map(entry).collect::<Vec<_>>());
        let (this, next) = (time("260701000000Z"), time("260702000000Z"));
        let signed =
            wrap(0x30, &[wrap(2, &[vec![1]]), algorithm.clone(), wrap(0x30, &[]), this, next, entries]);
        wrap(0x30, &[signed, algorithm, wrap(3, &[vec![0, 1]])])
    }

    fn day(list: &RevocationList, number: u16) -> Option<String> {
        let serial = [&[0x40][..], &number.to_be_bytes()].concat();
        let entry = list.find(&list.crl().unwrap(), &serial).unwrap()?;
        assert_eq!(entry.cause, Cause::Unspecified);
        Some(entry.since.to_string())
    }

    #[test]
    fn every_entry_is_found_whatever_the_order_and_nothing_else() {
        // All even numbers, in an order that jumps about.
        let numbers: Vec<_> = (0..5000_u16).map(|n| (n.wrapping_mul(2) ^ 0x1554, 15)).collect();
        let read = RevocationList::read(list(&numbers)).unwrap();
        for (number, _) in numbers {
            assert_eq!(day(&read, number).as_deref(), Some("2026-06-15T00:00:00Z"), "{number}");
            assert_eq!(day(&read, number | 1), None, "{number}");
        }
        assert_eq!(day(&RevocationList::read(list(&[])).unwrap(), 7), None);
    }

    #[test]
    fn of_two_entries_of_one_number_the_earlier_counts_wherever_it_stands() {
        for numbers in [[(9, 1), (5, 20), (7, 1), (5, 10)], [(5, 10), (7, 1), (5, 20), (9, 1)]] {
            let read = RevocationList::read(list(&numbers)).unwrap();
            assert_eq!(day(&read, 5).as_deref(), Some("2026-06-10T00:00:00Z"));
        }
    }

    #[test]
    fn an_entry_that_cannot_be_read_says_nothing_of_others() {
        let good = list(&[(1, 1), (2, 2), (3, 3)]);
        let at = good.windows(5).position(|bytes| bytes == [2, 3, 0x40, 0, 2]).unwrap();
        for (place, byte) in [(at, 4), (at + 5, 4)] {
            let mut broken = good.clone();
            broken[place] = byte;
            let read = RevocationList::read(broken).unwrap();
            assert_eq!(day(&read, 1).as_deref(), Some("2026-06-01T00:00:00Z"));
            assert_eq!(day(&read, 3).as_deref(), Some("2026-06-03T00:00:00Z"));
            assert_eq!(day(&read, 4), None);
        }
    }

    #[test]
    fn a_list_that_breaks_off_is_refused_as_a_whole() {
        let whole = list(&[(1, 1), (2, 2)]);
        for cut in 0..whole.len() {
            assert!(RevocationList::read(whole[..cut].to_vec()).is_err(), "cut at {cut}");
        }
    }
}
