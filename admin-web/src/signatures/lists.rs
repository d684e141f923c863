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
