//! Why certificates are revoked, as lists and answers say.

/// Why a certificate was revoked (RFC 5280 section 5.3.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// Nothing is said, or a code without a meaning.
    Unspecified,
    /// The key may be in other hands.
    KeyCompromise,
    /// The CA's key may be in other hands.
    AuthorityCompromise,
    /// The owner's data changed.
    AffiliationChanged,
    /// Another certificate took its place.
    Superseded,
    /// It is needed no more.
    CessationOfOperation,
    /// Suspended, and may come back.
    Hold,
    /// In a delta: not suspended any more.
    RemovedFromList,
    /// The owner may not use it any more.
    PrivilegeWithdrawn,
}

impl Cause {
    pub(crate) fn read(code: &[u8]) -> Self {
        match code {
            [1] => Self::KeyCompromise,
            [2 | 10] => Self::AuthorityCompromise,
            [3] => Self::AffiliationChanged,
            [4] => Self::Superseded,
            [5] => Self::CessationOfOperation,
            [6] => Self::Hold,
            [8] => Self::RemovedFromList,
            [9] => Self::PrivilegeWithdrawn,
            _ => Self::Unspecified,
        }
    }

    /// Whether signatures from before the revocation stay what they were: the key was in good hands then.
    pub(crate) fn spares_earlier(self) -> bool {
        match self {
            Self::AffiliationChanged
            | Self::Superseded
            | Self::CessationOfOperation
            | Self::PrivilegeWithdrawn => true,
            Self::Unspecified
            | Self::KeyCompromise
            | Self::AuthorityCompromise
            | Self::Hold
            | Self::RemovedFromList => false,
        }
    }
}
