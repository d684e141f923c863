//! What everything that people do stands on: the store, time and chance, and the site's secret key.

use std::sync::Arc;

use ofd_edge::World;
use ofd_protocol::types::UnixMillis;
use ofd_storage::accounts::{
    Account, AccountId, AuditAction, AuditEntry, AuditPage, AuditSubject, Company, Kept, joined, save,
};
use ofd_storage::erased::DynStore;
use ofd_storage::model;
use ofd_storage::store::{Stamp, StoreError};
use ofd_storage::trade_point_changes::settle;
use tokio::sync::OnceCell;

use crate::by::By;
use crate::change::{self, ChangeError, Changeable, Stream};
use crate::contracts::Contracts;
use crate::keys::SiteKey;
use crate::mail::Mailer;
use crate::registers::{Turns, carry_over, tell};
use crate::signatures::Signatures;
use crate::tax_authority::{ByHand, TaxAuthority};
use crate::tries::Tries;
use crate::work::Work;

/// The zone of the whole country, where nobody sets up another.
const HOME_ZONE_SECONDS: i32 = 5 * 3600;

/// Where people get done what they want.
pub struct Office {
    /// Where everything is kept.
    pub store: DynStore,
    /// Time and chance.
    pub world: Arc<dyn World>,
    /// What judges signatures, with the trust and the lists it judges by.
    pub signatures: Signatures,
    /// What sends letters, where any are sent.
    pub mailer: Mailer,
    /// The versions of the contract that organisations join.
    pub contracts: Contracts,
    /// How often passwords were wrong at the front door.
    pub tries: Tries,
    /// Keeps changes of one organisation's registers in turn.
    pub turns: Turns,
    /// Whoever asks the tax authority's system.
    pub authority: Box<dyn TaxAuthority>,
    /// What is set up for the operator's own people.
    pub operator: OperatorPeople,
    /// How far the wall clock where the operator works is ahead of UTC, in seconds.
    pub zone_offset_seconds: i32,
    key: OnceCell<SiteKey>,
}

/// What is set up for the operator's own people.
#[derive(Clone, Debug, Default)]
pub struct OperatorPeople {
    /// IINs of those who become its first administrator when signing in by certificate.
    pub administrators: Vec<String>,
    /// The operator's name, which its company gets.
    pub title: String,
    /// Whether they need a certificate, or one-time codes beside their password.
    pub needs_second_factor: bool,
}

/// What a decision leads to: the changed state with its audit, or nothing to write.
pub type Decided<T, R> = change::Decided<(T, Vec<AuditEntry>), R, ChangeError>;

impl Office {
    /// An office over what is in `store`.
    pub fn new(
        store: DynStore,
        world: Arc<dyn World>,
        (signatures, mailer, contracts): (Signatures, Mailer, Contracts),
        operator: OperatorPeople,
    ) -> Self {
        let (tries, turns, key) = (Tries::default(), Turns::default(), OnceCell::new());
        // The only way there is yet.
        let authority = Box::new(ByHand);
        let zone_offset_seconds = HOME_ZONE_SECONDS;
        Self {
            store,
            world,
            signatures,
            mailer,
            contracts,
            tries,
            turns,
            authority,
            operator,
            zone_offset_seconds,
            key,
        }
    }

    /// The same where the wall clock is so far ahead of UTC.
    #[must_use]
    pub fn in_zone(self, zone_offset_seconds: i32) -> Self {
        Self { zone_offset_seconds, ..self }
    }

    /// The day of a moment, by the wall clock where the operator works.
    pub fn day_of(&self, at: UnixMillis) -> time::Date {
        crate::day::today(at, self.zone_offset_seconds)
    }

    /// What time it is.
    pub fn now(&self) -> UnixMillis {
        self.world.now()
    }

    /// So many fresh random bytes.
    pub fn drawn<const N: usize>(&self) -> [u8; N] {
        self.world.bytes()
    }

    /// A stamp that no other append has.
    pub fn stamp(&self) -> Stamp {
        Stamp(self.drawn())
    }

    /// Where costly work is done, and within which memory. The checks of signatures were made with it.
    pub fn work(&self) -> &Work {
        self.signatures.work()
    }

    /// The site's secret key, which is made when it is first asked for.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn key(&self) -> Result<SiteKey, StoreError> {
        let drawn = self.drawn();
        let key = self
            .key
            .get_or_try_init(|| async { model::site_key(&self.store, drawn).await.map(SiteKey::new) });
        key.await.cloned()
    }

    /// Changes an account. `decide` may be called again with what somebody else made of it meanwhile.
    ///
    /// # Errors
    /// [`ChangeError`].
    pub async fn change_account<R>(
        &self,
        id: AccountId,
        mut decide: impl FnMut(&Account) -> Decided<Account, R>,
    ) -> Result<(Kept<Account>, R), ChangeError> {
        let (what, with) = (Stream::new(id.stream()), (&self.store, || self.stamp()));
        change::change(with, &what, |kept: &Kept<Account>| decide(&kept.state)).await
    }

    /// Changes a company. `decide` may be called again with what somebody else made of it meanwhile.
    ///
    /// # Errors
    /// [`ChangeError`].
    pub async fn change_company<R>(
        &self,
        bin: &str,
        mut decide: impl FnMut(&Company) -> Decided<Company, R>,
    ) -> Result<(Kept<Company>, R), ChangeError> {
        let what = Joined { bin, world: &*self.world };
        let with = (&self.store, || self.stamp());
        let (kept, result) = change::change(with, &what, |kept: &Kept<Company>| decide(&kept.state)).await?;
        tell((&self.store, &*self.world), &kept.state).await;
        Ok((kept, result))
    }

    /// Writes into a company's audit that a person of the operator looks at it, and only then gives what is looked at.
    ///
    /// # Errors
    /// [`ChangeError`].
    pub async fn look_at(&self, by: &By, bin: &str, page: AuditPage) -> Result<Company, ChangeError> {
        let written = self.change_company(bin, |company| {
            let subject = AuditSubject::Page(page).called(page.name());
            let row = by.entry(AuditAction::Looked, subject, Vec::new());
            Ok((Some((company.clone(), vec![row])), ()))
        });
        Ok(written.await?.0.state)
    }
}

/// A company that came to the site, with what happened to its registers in its audit, and its registers told what it
/// announced.
pub(crate) struct Joined<'a> {
    pub(crate) bin: &'a str,
    pub(crate) world: &'a dyn World,
}

impl Changeable for Joined<'_> {
    type Found = Kept<Company>;
    type Next = (Company, Vec<AuditEntry>);

    async fn read(&self, store: &DynStore) -> Result<Option<Kept<Company>>, StoreError> {
        match joined(store, self.bin).await? {
            Some(company)
                if !company.state.register_changes.is_empty()
                    || !company.state.trade_point_changes.is_empty()
                    || company.state.profile_news.is_some() =>
            {
                settle(store, self.bin, &|| Stamp(self.world.token_and_stamp().1)).await?;
                tell((store, self.world), &company.state).await;
                carry_over((store, self.world), self.bin).await?;
                joined(store, self.bin).await
            }
            found => Ok(found),
        }
    }

    async fn write(
        &self,
        store: &DynStore,
        found: Kept<Company>,
        (next, audit): (Company, Vec<AuditEntry>),
        stamp: Stamp,
    ) -> Result<Kept<Company>, StoreError> {
        save(store, &found, next, audit, stamp).await
    }
}
