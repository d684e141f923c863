//! OCSP answers: asked once for each certificate, and kept while they count.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use ofd_eds::{Issued, Moment, NONCE_BYTES, OcspAnswer, OcspFault, OcspRequest, Unknown};
use sha2::{Digest as _, Sha256};

use super::address::Address;
use super::fetch::{Bounds, Fetcher, Wanted};
use super::limits::{
    ANSWER_BYTES_MAX, ANSWER_KEPT_SECONDS, ANSWER_KEPT_SECONDS_MAX, ANSWERS_MAX, OCSP_WITHIN,
    SILENCE_KEPT_SECONDS,
};

/// What came of asking about a certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Told {
    /// An answer that says good or revoked.
    Definite(Bytes),
    /// An answer that the responder does not know the certificate.
    NotKnown(Bytes),
    /// No answer that counts.
    Nothing(Unknown),
}

/// What was told, and until when it is kept.
#[derive(Clone, Debug)]
struct Kept {
    told: Told,
    until: Moment,
}

/// Issuer and certificate, hashed: keys of one length, without anybody's data.
type Key = [u8; 32];

/// Whoever asks about a certificate first holds the lock until there is an answer; the others wait for it and find it.
type Slot = Arc<tokio::sync::Mutex<Option<Kept>>>;

/// The responders of the config and what they said.
pub(super) struct Answers {
    responders: Vec<Address>,
    nonce: Box<dyn Fn() -> [u8; NONCE_BYTES] + Send + Sync>,
    slots: Mutex<HashMap<Key, Slot>>,
}

fn key(about: &Issued) -> Key {
    let mut hash = Sha256::new();
    // A hash of each, so that no two pairs are one text.
    hash.update(Sha256::digest(about.issuer.der()));
    hash.update(Sha256::digest(about.certificate.der()));
    hash.finalize().into()
}

fn later(moment: Moment, seconds: i64) -> Moment {
    Moment::from_unix(moment.unix().saturating_add(seconds))
}

/// How long something is kept that was told at `now`.
fn keep_until(told: &Told, answer: Option<OcspAnswer>, now: Moment) -> Moment {
    match told {
        Told::Definite(_) => {
            let next = answer.and_then(|answer| answer.next_update);
            let until = next.unwrap_or_else(|| later(now, ANSWER_KEPT_SECONDS));
            until.min(later(now, ANSWER_KEPT_SECONDS_MAX))
        }
        Told::NotKnown(_) | Told::Nothing(_) => later(now, SILENCE_KEPT_SECONDS),
    }
}

impl Answers {
    pub(super) fn new(
        responders: Vec<Address>,
        nonce: Box<dyn Fn() -> [u8; NONCE_BYTES] + Send + Sync>,
    ) -> Self {
        Self { responders, nonce, slots: Mutex::default() }
    }

    /// Whether nobody can be asked.
    pub(super) fn is_empty(&self) -> bool {
        self.responders.is_empty()
    }

    /// What the responders say of a certificate at `now`.
    pub(super) async fn ask(&self, about: &Issued, fetcher: &Fetcher, now: Moment) -> Told {
        let slot = self.slot(key(about), now);
        let mut kept = slot.lock().await;
        if let Some(kept) = kept.as_ref().filter(|kept| now <= kept.until) {
            return kept.told.clone();
        }
        let (told, answer) = self.ask_all(about, fetcher, now).await;
        *kept = Some(Kept { told: told.clone(), until: keep_until(&told, answer, now) });
        told
    }

    fn slot(&self, key: Key, now: Moment) -> Slot {
        let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        if slots.len() >= ANSWERS_MAX && !slots.contains_key(&key) {
            make_room(&mut slots, now);
        }
        Arc::clone(slots.entry(key).or_default())
    }

    async fn ask_all(&self, about: &Issued, fetcher: &Fetcher, now: Moment) -> (Told, Option<OcspAnswer>) {
        let mut told = Told::Nothing(Unknown::NoAnswer);
        for responder in &self.responders {
            let request = OcspRequest::new(about, (self.nonce)());
            let wanted = Wanted::Answer(Bytes::copy_from_slice(request.der()));
            let bounds = Bounds { bytes_max: ANSWER_BYTES_MAX, within: OCSP_WITHIN };
            let bytes = match fetcher.fetch(responder, &wanted, bounds).await {
                Ok(bytes) => bytes,
                Err(error) => {
                    let error = &error as &dyn std::error::Error;
                    tracing::warn!(error, %responder, "the OCSP responder {responder} cannot be asked");
                    continue;
                }
            };
            match request.check(&bytes, now) {
                Ok(answer) if answer.is_definite => return (Told::Definite(bytes), Some(answer)),
                Ok(_) => told = Told::NotKnown(bytes),
                Err(fault) => {
                    tracing::warn!(%responder, "an answer of the OCSP responder {responder} is not used: {fault}");
                    if let Told::Nothing(_) = told {
                        told = Told::Nothing(why(fault));
                    }
                }
            }
        }
        (told, None)
    }
}

fn why(fault: OcspFault) -> Unknown {
    match fault {
        OcspFault::Unreadable => Unknown::Unreadable,
        OcspFault::Refused => Unknown::Refused,
        OcspFault::NotEntitled => Unknown::NotEntitled,
        OcspFault::OutOfDate => Unknown::OutOfDate,
        OcspFault::OtherCertificate | OcspFault::OtherNonce => Unknown::NoAnswer,
    }
}

/// Drops what is over, and if that is nothing, what ends first. A slot whose lock is held is just being asked about, and
/// goes only if all are: whoever waits for it has it all the same.
fn make_room(slots: &mut HashMap<Key, Slot>, now: Moment) {
    let until = |slot: &Slot| slot.try_lock().ok().map(|kept| kept.as_ref().map(|kept| kept.until));
    slots.retain(|_, slot| until(slot).is_none_or(|until| until.is_some_and(|until| now <= until)));
    if slots.len() < ANSWERS_MAX {
        return;
    }
    let first = slots.iter().min_by_key(|(_, slot)| until(slot).flatten().map_or(i64::MAX, Moment::unix));
    if let Some(key) = first.map(|(key, _)| *key) {
        slots.remove(&key);
    }
}
