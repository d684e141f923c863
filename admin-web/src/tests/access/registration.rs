//! Registrations that paths name, of the register that is there and one that was saved; and a paper.

use ofd_protocol::types::{RegisterId, UnixMillis};
use ofd_storage::accounts::{self, RegisterData, Registration, RegistrationState};

use super::super::support::FNS_KKM_ID;
use super::*;

/// The one that was saved.
pub(super) const DRAFT: RegisterId = RegisterId(203_540);

/// A registration that says of the register what its record says.
fn registration(id: RegisterId, state: RegistrationState, at: UnixMillis) -> Registration {
    let data = RegisterData { rnm: FNS_KKM_ID.into(), ..samples::registration(id, OURS).data };
    Registration {
        created_at: at,
        data,
        registered_at: (state == RegistrationState::Registered).then_some(at),
        state,
        since: at,
        ..samples::registration(id, OURS)
    }
}

/// A paper that was refused, so that it can be looked at and signed again.
pub(super) fn paper(at: ofd_protocol::types::UnixMillis) -> Paper {
    let signature = PaperSignature { cms_hash: hash_of(CMS), at };
    let state = PaperState::Refused { signature, at, fault: PaperFault::Revoked };
    let contract = Contract::sample().unwrap().version;
    Paper { pdf_hash: hash_of(PDF), contract, ..samples::paper(at, state) }
}

impl Town {
    /// Puts the registrations in their places.
    pub(super) async fn begin_registrations(&self) {
        let (store, stream) = (&*self.house.store, Company::stream_of(OURS).unwrap());
        let now = self.house.now();
        let drafts = registration(DRAFT, RegistrationState::Draft, now);
        for wanted in [drafts, registration(ID, RegistrationState::Registered, now)] {
            if accounts::registration(store, stream, wanted.id).await.unwrap() != Some(wanted.clone()) {
                let before = accounts::load::<Company>(store, stream).await.unwrap().unwrap();
                let stamp = self.house.site.office.stamp();
                let beside = (Vec::new(), vec![wanted.row().unwrap()]);
                accounts::save_beside(store, &before, before.state.clone(), beside, stamp).await.unwrap();
            }
        }
    }
}
