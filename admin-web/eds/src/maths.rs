//! The work of one verification: which signatures were checked already, and how many more may be.
//!
//! Whoever makes a file chooses how many certificates, stamps and candidates are in it. Each check of a signature is
//! paid from one budget, and none is done twice.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::fmt;

use crate::algorithm::{PublicKey, Scheme, Unchecked};
use crate::hash::HashAlgorithm;
use crate::limits::{SIGNATURE_BYTES_MAX, WORK_MAX};

/// What the check of a signature came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Proof {
    /// It is of this key.
    Holds,
    /// It is not.
    Fails,
    /// Nothing is known.
    Unchecked(Unchecked),
}

/// The budget of one verification and what it paid for. Whoever asks about a file twice, as before and after fetching
/// revocation data, takes the same one, so that nothing is computed again.
pub struct Maths {
    left: Cell<u32>,
    known: RefCell<HashMap<Vec<u8>, bool>>,
}

impl Default for Maths {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Maths {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Maths").field("left", &self.left.get()).finish_non_exhaustive()
    }
}

impl Maths {
    /// With the whole budget of one verification.
    pub fn new() -> Self {
        Self { left: Cell::new(WORK_MAX), known: RefCell::default() }
    }

    /// How much was spent so far, in tenths of a millisecond or less.
    pub fn spent(&self) -> u32 {
        WORK_MAX.saturating_sub(self.left.get())
    }

    /// How many signatures were checked so far.
    pub fn checks(&self) -> usize {
        self.known.borrow().len()
    }

    /// Takes `cost` off the budget; `false`: there is not as much.
    pub(crate) fn pay(&self, cost: u32) -> bool {
        let left = self.left.get().checked_sub(cost);
        self.left.set(left.unwrap_or_default());
        left.is_some()
    }

    /// Whether `signature` is one of the message with this digest by `key`.
    pub(crate) fn verify(&self, key: &PublicKey, scheme: Scheme, digest: &[u8], signature: &[u8]) -> Proof {
        match key {
            PublicKey::Unsupported => return Proof::Unchecked(Unchecked::Unknown),
            PublicKey::Rsa(rsa) if rsa.is_weak() => return Proof::Unchecked(Unchecked::WeakKey),
            PublicKey::Rsa(_) | PublicKey::Gost2015(_) | PublicKey::Gost2004(_) | PublicKey::Invalid => {}
        }
        // Nothing so long is a signature, and it would only be hashed.
        let Some(cost) = key.cost(scheme).filter(|_| signature.len() <= SIGNATURE_BYTES_MAX) else {
            return Proof::Fails;
        };
        let name = name_of(key, scheme, digest, signature);
        if let Some(holds) = self.known.borrow().get(&name) {
            return proof(*holds);
        }
        if !self.pay(cost) {
            return Proof::Unchecked(Unchecked::OverLimit);
        }
        let holds = key.verify_digest(scheme, digest, signature);
        self.known.borrow_mut().insert(name, holds);
        proof(holds)
    }
}

fn proof(holds: bool) -> Proof {
    if holds { Proof::Holds } else { Proof::Fails }
}

/// What is remembered of a check: nobody finds a second one with the same name.
fn name_of(key: &PublicKey, scheme: Scheme, digest: &[u8], signature: &[u8]) -> Vec<u8> {
    let mut parts = vec![scheme.number()];
    for part in [&key.bytes()[..], digest, signature] {
        parts.extend_from_slice(&u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
        parts.extend_from_slice(part);
    }
    HashAlgorithm::Sha256.hash(&parts)
}

#[cfg(test)]
mod tests {
    use super::{Maths, Proof, Unchecked};
    use crate::algorithm::{PublicKey, Scheme};
    use crate::gost::GostTestKey;
    use crate::limits::WORK_MAX;

    fn key() -> (GostTestKey, PublicKey) {
        let secret = GostTestKey::new(&[7; 64]).unwrap();
        let key = PublicKey::Gost2015(secret.public_key());
        (secret, key)
    }

    #[test]
    fn what_was_checked_once_costs_nothing_again() {
        let (secret, key) = key();
        let maths = Maths::new();
        let signature = secret.sign(&[1; 64], &[3; 64]).unwrap();
        let check = |digest: &[u8]| maths.verify(&key, Scheme::Gost2015, digest, &signature);
        assert_eq!(check(&[1; 64]), Proof::Holds);
        let spent = maths.spent();
        assert!(spent > 0);
        assert_eq!(check(&[1; 64]), Proof::Holds);
        assert_eq!(maths.spent(), spent);
        assert_eq!(check(&[2; 64]), Proof::Fails);
        assert_eq!(maths.spent(), 2 * spent);
    }

    #[test]
    fn without_budget_nothing_is_said_of_a_signature() {
        let (secret, key) = key();
        let maths = Maths::new();
        let signature = secret.sign(&[1; 64], &[3; 64]).unwrap();
        assert!(maths.pay(WORK_MAX));
        let proof = maths.verify(&key, Scheme::Gost2015, &[1; 64], &signature);
        assert_eq!(proof, Proof::Unchecked(Unchecked::OverLimit));
        assert!(!maths.pay(1));
    }
}
