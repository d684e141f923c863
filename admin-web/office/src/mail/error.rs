//! Why a letter was not sent.

use super::letter::LetterError;

/// Why a letter was not sent.
#[derive(Debug, thiserror::Error)]
pub enum MailError {
    /// Sending is switched off.
    #[error("no mail is sent here; give the config a mail server")]
    Off,
    /// The letter cannot be sent by anyone.
    #[error(transparent)]
    Letter(#[from] LetterError),
    /// The server knows that nobody has this address, or takes nothing for it. Another try changes nothing.
    #[error("the mail server refuses the address with {code}; the address has to be corrected")]
    AddressRefused {
        /// The code of its reply.
        code: u16,
    },
    /// The server refuses us or the letter for another reason: login, sender, policy.
    #[error("the mail server refuses the letter with {code}; check login, sender and the server's log")]
    Refused {
        /// The code of its reply.
        code: u16,
    },
    /// The server asks to come again later.
    #[error("the mail server puts the letter off with {code}; try again later")]
    PutOff {
        /// The code of its reply.
        code: u16,
    },
    /// The server cannot be reached, or breaks off.
    #[error("the mail server is not reached; check host, port and TLS, then try again")]
    Unreachable(#[source] lettre::transport::smtp::Error),
    /// The server took too long.
    #[error("the mail server did not take the letter within {0} ms; try again later")]
    TooSlow(u128),
}

impl MailError {
    /// Whether the address itself is to blame, so that only another address helps.
    pub fn is_of_the_address(&self) -> bool {
        match self {
            Self::AddressRefused { .. } => true,
            Self::Off
            | Self::Letter(_)
            | Self::Refused { .. }
            | Self::PutOff { .. }
            | Self::Unreachable(_)
            | Self::TooSlow(_) => false,
        }
    }

    /// Whether the same letter may go through later.
    pub fn is_passing(&self) -> bool {
        match self {
            Self::PutOff { .. } | Self::Unreachable(_) | Self::TooSlow(_) => true,
            Self::Off | Self::Letter(_) | Self::AddressRefused { .. } | Self::Refused { .. } => false,
        }
    }
}
