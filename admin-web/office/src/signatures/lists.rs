//! Revocation lists: fetched in the background when somebody first needs one, and again when the next one is due.

use std::sync::Arc;

use ofd_eds::limits::CRL_BYTES_MAX;
use ofd_eds::{Certificate, FormatError, Moment, RevocationList, TrustStore};
use tokio::sync::watch;
use tokio::time::Instant;

use super::address::Address;
use super::fetch::{Bounds, FetchError, Fetcher, Wanted};
use super::limits::{CRL_WITHIN, LIST_AHEAD_SECONDS, LIST_RETRY_SECONDS};

/// A list, and the CAs of the trust folder whose key signed it.
#[derive(Clone, Debug)]
pub(super) struct HeldList {
    pub(super) list: Arc<RevocationList>,
    by: Vec<Certificate>,
}

impl HeldList {
    /// `None`: nobody whom we trust signed it.
    pub(super) fn of(list: Arc<RevocationList>, trust: &TrustStore) -> Option<Self> {
        let by: Vec<_> = trust.authorities().filter(|authority| list.is_by(authority)).cloned().collect();
        (!by.is_empty()).then_some(Self { list, by })
    }

    fn is_due(&self, now: Moment, ahead_seconds: i64) -> bool {
        let is_before = |next: Moment| now.unix().saturating_add(ahead_seconds) <= next.unix();
        !self.list.next_update().is_some_and(is_before)
    }

    /// Whether it speaks of certificates of `issuer` and is in force.
    pub(super) fn covers(&self, issuer: &Certificate, now: Moment) -> bool {
        !self.is_due(now, 0) && self.by.contains(issuer)
    }
}

/// Why a list is not taken.
#[derive(Debug, thiserror::Error)]
enum ListError {
    #[error("it cannot be fetched")]
    Fetch(#[from] FetchError),
    #[error("it cannot be read")]
    Format(#[from] FormatError),
    #[error("its reading failed")]
    Task(#[from] tokio::task::JoinError),
    #[error("no CA of the trust folder signed it; put the certificate of its CA there")]
    Stranger,
    #[error("it is older than the one that is there")]
    Older,
}

/// One address of the config.
#[derive(Debug, Default)]
struct State {
    held: Option<HeldList>,
    is_fetched: bool,
    /// `None`: it was never tried.
    retry_at: Option<Moment>,
}

impl State {
    /// Whether to fetch it now; if so, whoever asks does.
    fn begin(&mut self, now: Moment) -> bool {
        let is_due = self.held.as_ref().is_none_or(|held| held.is_due(now, LIST_AHEAD_SECONDS));
        let may_try = self.retry_at.is_none_or(|at| now >= at);
        let begins = is_due && may_try && !self.is_fetched;
        self.is_fetched |= begins;
        begins
    }

    /// Whether it is worth waiting for.
    fn is_awaited(&self, now: Moment) -> bool {
        self.is_fetched && self.held.as_ref().is_none_or(|held| held.is_due(now, 0))
    }

    fn end(&mut self, now: Moment, fetched: Option<HeldList>) {
        self.is_fetched = false;
        // Also after a success: a CA may be late with its next list.
        self.retry_at = Some(Moment::from_unix(now.unix().saturating_add(LIST_RETRY_SECONDS)));
        if let Some(held) = fetched {
            self.held = Some(held);
        }
    }
}

/// The lists of the config.
pub(super) struct Lists {
    slots: Vec<(Address, watch::Sender<State>)>,
}

impl Lists {
    pub(super) fn new(addresses: Vec<Address>) -> Self {
        let slots = addresses.into_iter().map(|address| (address, watch::Sender::new(State::default())));
        Self { slots: slots.collect() }
    }

    /// What is there now.
    pub(super) fn held(&self) -> Vec<HeldList> {
        self.slots.iter().filter_map(|(_, slot)| slot.borrow().held.clone()).collect()
    }

    /// Begins to fetch what is due, and does not wait for it.
    pub(super) fn refresh(&self, fetcher: &Arc<Fetcher>, trust: &Arc<TrustStore>, now: Moment) {
        for (address, slot) in &self.slots {
            let mut begins = false;
            slot.send_if_modified(|state| {
                begins = state.begin(now);
                begins
            });
            if begins {
                let (address, slot) = (address.clone(), slot.clone());
                let (fetcher, trust) = (Arc::clone(fetcher), Arc::clone(trust));
                tokio::spawn(async move {
                    let before = slot.borrow().held.as_ref().map(|held| held.list.this_update());
                    let fetched = fetch(&address, &fetcher, trust, before).await;
                    if let Err(error) = &fetched {
                        let error = error as &dyn std::error::Error;
                        tracing::warn!(error, %address, "the revocation list {address} is not renewed");
                    }
                    slot.send_modify(|state| state.end(now, fetched.ok()));
                });
            }
        }
    }

    /// Waits until no list that is missing is being fetched any more, or until `deadline`.
    pub(super) async fn wait(&self, now: Moment, deadline: Instant) {
        for (_, slot) in &self.slots {
            let mut changes = slot.subscribe();
            let ended = changes.wait_for(|state| !state.is_awaited(now));
            if tokio::time::timeout_at(deadline, ended).await.is_err() {
                return;
            }
        }
    }
}

async fn fetch(
    address: &Address,
    fetcher: &Fetcher,
    trust: Arc<TrustStore>,
    before: Option<Moment>,
) -> Result<HeldList, ListError> {
    let bounds = Bounds { bytes_max: CRL_BYTES_MAX, within: CRL_WITHIN };
    let bytes = fetcher.fetch(address, &Wanted::List, bounds).await?;
    // Half a second of sorting and hashing.
    let reading = tokio::task::spawn_blocking(move || {
        let list = RevocationList::read(bytes.into())?;
        // Anybody on the way could give us another list, or an old one.
        if before.is_some_and(|before| list.this_update() < before) {
            return Err(ListError::Older);
        }
        HeldList::of(Arc::new(list), &trust).ok_or(ListError::Stranger)
    });
    reading.await?
}

#[cfg(test)]
mod tests {
    use ofd_stand::{ListState, OcspState, Pki, Settings, Switches, serve};
    use tokio::net::TcpListener;

    use super::*;

    /// Noon of 2026-07-01, UTC.
    const NOON: Moment = Moment::from_unix(1_782_907_200);

    /// What is fetched from a PKI by whoever trusts the CAs of one with this seed and has a list from `before`.
    async fn fetched(
        lists: ListState,
        trusted_seed: u8,
        path: &str,
        before: Option<Moment>,
    ) -> Result<HeldList, ListError> {
        let pki = Arc::new(Pki::new([1; 32], NOON));
        let switches = Arc::new(Switches::default());
        switches.set(Settings { lists, ocsp: OcspState::Down, ..Settings::default() });
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (name, _) = pki.revocation_lists(NOON, ListState::Fresh).remove(0);
        let path = path.replace("NAME", name);
        let address = Address::parse(&format!("http://{}{path}", listener.local_addr().unwrap())).unwrap();
        let serving = tokio::spawn(serve(listener, pki, switches, Arc::new(|| NOON), std::future::pending()));
        let trust = Arc::new(Pki::new([trusted_seed; 32], NOON).trust());
        let result = fetch(&address, &Fetcher::new(vec![address.clone()]), trust, before).await;
        serving.abort();
        result
    }

    #[tokio::test]
    async fn a_list_of_a_trusted_ca_is_taken_unless_it_is_older_than_what_is_there() {
        let list = fetched(ListState::Fresh, 1, "/crl/NAME.crl", None).await.unwrap().list;
        let again = fetched(ListState::Fresh, 1, "/crl/NAME.crl", Some(list.this_update())).await;
        assert!(again.is_ok());
        let older = fetched(ListState::OutOfDate, 1, "/crl/NAME.crl", Some(list.this_update())).await;
        assert!(matches!(older, Err(ListError::Older)), "{older:?}");
    }

    #[tokio::test]
    async fn a_list_of_another_key_with_the_same_name_is_not_taken() {
        let strange = fetched(ListState::Fresh, 2, "/crl/NAME.crl", None).await;
        assert!(matches!(strange, Err(ListError::Stranger)), "{strange:?}");
    }

    #[tokio::test]
    async fn what_is_not_there_or_broke_off_is_told() {
        let absent = fetched(ListState::Fresh, 1, "/crl/none.crl", None).await;
        assert!(matches!(absent, Err(ListError::Fetch(FetchError::Status(_)))), "{absent:?}");
        let down = fetched(ListState::Down, 1, "/crl/NAME.crl", None).await;
        assert!(matches!(down, Err(ListError::Fetch(FetchError::Connection(_)))), "{down:?}");
    }
}
