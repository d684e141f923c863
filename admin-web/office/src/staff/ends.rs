//! How invitations ended. Once taken or withdrawn an invitation is gone from its company; how it ended is kept under
//! the hash of its link's secret, so that who holds the link is told, and nobody else. The company's audit tells of it
//! as well.

use ofd_storage::accounts::Invitation;
use ofd_storage::claims::{ClaimedName, INVITATION_FAMILY, name_key};
use ofd_storage::store::{RecordKind, Store, StoreError};

use crate::by::By;
use crate::keys::digest;
use crate::office::Office;

/// How an invitation ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// Somebody joined by it.
    Taken,
    /// It was withdrawn.
    Cancelled,
}

impl End {
    fn name(self) -> &'static str {
        match self {
            Self::Taken => "taken",
            Self::Cancelled => "cancelled",
        }
    }
}

/// Writes down how an invitation ended. It has ended already: where this fails, the link says less, and nothing else.
pub async fn keep(office: &Office, by: &By, invitation: &Invitation, end: End) {
    let (name, owner) = (&invitation.proof.link_hash, end.name().as_bytes());
    if let Err(error) = office.store.claim(INVITATION_FAMILY, name, owner, by.at.0, None).await {
        let error = &error as &dyn std::error::Error;
        tracing::warn!(error, "how an invitation ended is not kept; its link will say that it is unknown");
    }
}

/// How the invitation of a link ended; none when it did not, or never was.
pub async fn of_link(office: &Office, secret: &str) -> Result<Option<End>, StoreError> {
    let key = name_key(INVITATION_FAMILY, &digest(secret))?;
    let record = office.store.record(RecordKind::Name, &key).await?;
    let kept = record.and_then(|record| ClaimedName::decode(&record.bytes));
    let is = |end: End| kept.as_ref().is_some_and(|kept| kept.owner == end.name().as_bytes());
    Ok([End::Taken, End::Cancelled].into_iter().find(|end| is(*end)))
}
