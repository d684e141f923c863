//! A register with its link: what end-to-end tests and the demo drive.

use ofd_protocol::types::{LocalDateTime, Token};
use ofd_protocol::wire::Writer;

use crate::client::{Client, ClientError, Fault};
use crate::clock;
use crate::register::answer::{Answer, AnswerError, ServiceMemory};
use crate::register::document::Document;
use crate::register::kinds::{Operation, Placement, ReportKind};
use crate::register::raw::{RawHeader, RawService};
use crate::register::receipt::Receipt;
use crate::register::{Outcome, Register, RegisterError, Renumber};

/// A register with its link.
pub struct Till {
    /// The register, to look at or to change.
    pub register: Register,
    /// The link to the server.
    pub client: Client,
    /// The time that its clock shows; the real one when `None`.
    pub now: Option<LocalDateTime>,
    differences: Vec<String>,
}

/// Whether a close takes the cash out first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Withdraw {
    /// All of it.
    Everything,
    /// Nothing is taken out of the drawer.
    Nothing,
}

/// Why a document was not accepted.
#[derive(Debug, thiserror::Error)]
pub enum TillError {
    /// It could not be begun.
    #[error(transparent)]
    Register(#[from] RegisterError),
    /// No answer came; the document stays under way, see [`Till::retry`].
    #[error("no answer came; the document stays under way")]
    Lost(#[from] ClientError),
    /// Another result code than 0; the document was given up.
    #[error("refused with {}: {}", .0.code, .0.text.as_deref().unwrap_or("no text"))]
    Refused(Box<Answer>),
    /// 254 or 255; the document stays under way, see [`Till::retry`].
    #[error("the server asks to come later; the document stays under way")]
    Later(Box<Answer>),
    /// A till could not read the answer; the document was given up.
    #[error("unreadable: {0}")]
    Unreadable(String),
    /// A custom request longer than a frame.
    #[error("the request is longer than a frame may be")]
    TooLong,
    /// The answer to a custom request cannot be read.
    #[error(transparent)]
    Answer(#[from] AnswerError),
    /// Nothing is under way.
    #[error("nothing is under way that could be sent again")]
    Idle,
}

impl TillError {
    /// The result code, when the server gave one.
    pub fn code(&self) -> Option<u32> {
        match self {
            Self::Refused(answer) | Self::Later(answer) => Some(answer.code),
            Self::Register(_)
            | Self::Lost(_)
            | Self::Unreadable(_)
            | Self::TooLong
            | Self::Answer(_)
            | Self::Idle => None,
        }
    }
}

impl Till {
    /// A till that spoke with nobody yet.
    pub fn new(register: Register, client: Client) -> Self {
        Self { register, client, now: None, differences: Vec::new() }
    }

    fn clock(&self) -> LocalDateTime {
        self.now.unwrap_or_else(clock::now)
    }

    /// All that was found wrong at the server so far: unreadable answers, changed tokens, totals that differ.
    pub fn differences(&mut self) -> Vec<String> {
        self.differences.extend(self.register.take_findings());
        std::mem::take(&mut self.differences)
    }

    /// Sends a document and takes the answer.
    ///
    /// # Errors
    /// [`TillError`].
    pub async fn send(&mut self, document: Document) -> Result<Answer, TillError> {
        self.send_with(document, Fault::None).await
    }

    /// Sends a document whose answer is lost on the way; [`Till::retry`] sends it again.
    ///
    /// # Errors
    /// [`TillError::Lost`], always, unless the document cannot be begun.
    pub async fn send_with(&mut self, document: Document, fault: Fault) -> Result<Answer, TillError> {
        let now = self.clock();
        self.register.begin(document, now)?;
        self.exchange(fault).await
    }

    /// Sends what is under way again: same REQNUM, same token.
    ///
    /// # Errors
    /// [`TillError`].
    pub async fn retry(&mut self) -> Result<Answer, TillError> {
        self.exchange(Fault::None).await
    }

    /// Sends the receipt or placement under way again as one that was made offline.
    ///
    /// # Errors
    /// [`TillError`].
    pub async fn retry_offline(&mut self, number: Renumber) -> Result<Answer, TillError> {
        self.register.resend_offline(number);
        self.exchange(Fault::None).await
    }

    /// Makes a receipt or placement offline; [`Till::drain`] sends it.
    ///
    /// # Errors
    /// [`TillError::Register`].
    pub fn make_offline(&mut self, document: Document) -> Result<(), TillError> {
        let now = self.clock();
        Ok(self.register.begin_offline(document, now)?)
    }

    /// Sends the whole offline queue, oldest first, and returns the answers.
    ///
    /// # Errors
    /// The first [`TillError`]; what is behind stays in the queue.
    pub async fn drain(&mut self) -> Result<Vec<Answer>, TillError> {
        let mut answers = Vec::new();
        while self.register.drain()? {
            answers.push(self.exchange(Fault::None).await?);
        }
        Ok(answers)
    }

    async fn exchange(&mut self, fault: Fault) -> Result<Answer, TillError> {
        let now = self.clock();
        let request = self.register.request(now).ok_or(TillError::Idle)?;
        let frame = self.client.exchange(request, fault).await?;
        let outcome = self.register.take(frame);
        self.differences.extend(self.register.take_findings());
        match outcome {
            Outcome::Accepted(answer) => Ok(answer),
            Outcome::Later(answer) => Err(TillError::Later(Box::new(answer))),
            Outcome::CloseFirst(answer) => Err(TillError::Refused(Box::new(answer))),
            Outcome::Refused(answer) => {
                self.register.resume();
                Err(TillError::Refused(Box::new(answer)))
            }
            Outcome::Unreadable(what) => {
                self.register.resume();
                Err(TillError::Unreadable(what))
            }
        }
    }

    /// A receipt of any operation.
    ///
    /// # Errors
    /// [`TillError`].
    pub async fn sale(&mut self, receipt: Receipt) -> Result<Answer, TillError> {
        self.send(Document::Receipt(receipt)).await
    }

    /// A sale as shops make them.
    ///
    /// # Errors
    /// [`TillError`].
    pub async fn any_sale(&mut self) -> Result<Answer, TillError> {
        let document = self.register.draw_sale();
        self.send(document).await
    }

    /// A sale of one thing for `sum` tiyn, paid in cash.
    ///
    /// # Errors
    /// [`TillError`].
    pub async fn cash_sale(&mut self, sum: i64) -> Result<Answer, TillError> {
        let receipt = Receipt::new(Operation::Sell).item("Нан", "1", 1_000, sum);
        self.sale(receipt.pay_rest_in_cash(sum)).await
    }

    /// Puts `sum` tiyn into the drawer.
    ///
    /// # Errors
    /// [`TillError`].
    pub async fn deposit(&mut self, sum: i64) -> Result<Answer, TillError> {
        self.send(Document::Placement { operation: Placement::Deposit, sum }).await
    }

    /// Takes `sum` tiyn out of the drawer.
    ///
    /// # Errors
    /// [`TillError`].
    pub async fn withdraw(&mut self, sum: i64) -> Result<Answer, TillError> {
        self.send(Document::Placement { operation: Placement::Withdrawal, sum }).await
    }

    /// Undoes the last receipt.
    ///
    /// # Errors
    /// [`TillError`].
    pub async fn cancel(&mut self) -> Result<Answer, TillError> {
        self.send(Document::Cancel).await
    }

    /// Asks INFO.
    ///
    /// # Errors
    /// [`TillError`].
    pub async fn info(&mut self) -> Result<Answer, TillError> {
        self.send(Document::Info).await
    }

    /// Asks SYSTEM.
    ///
    /// # Errors
    /// [`TillError`].
    pub async fn ping(&mut self) -> Result<Answer, TillError> {
        self.send(Document::System).await
    }

    /// Asks for the X, or for the last Z, and compares it.
    ///
    /// # Errors
    /// [`TillError`].
    pub async fn report(&mut self, kind: ReportKind) -> Result<Answer, TillError> {
        self.send(Document::Report(kind)).await
    }

    /// Closes the shift and compares its Z.
    ///
    /// # Errors
    /// [`TillError`].
    pub async fn close_shift(&mut self, withdraw: Withdraw) -> Result<Answer, TillError> {
        self.send(Document::Close { withdraw: withdraw == Withdraw::Everything }).await
    }

    /// Sends a request whose payload `write` writes, and reads the answer; nothing is counted and no token adopted,
    /// see [`Till::adopt`].
    ///
    /// # Errors
    /// [`TillError`] when no answer comes or it cannot be read; refusals are answers here.
    pub async fn raw(
        &mut self,
        header: RawHeader,
        service: RawService,
        write: impl FnOnce(&mut Writer<'_>),
    ) -> Result<Answer, TillError> {
        let request = self.register.raw(header, service, write).ok_or(TillError::TooLong)?;
        let frame = self.client.exchange(&request, Fault::None).await?;
        Ok(Answer::read(frame, &mut ServiceMemory::default())?)
    }

    /// Takes over the token of a custom request's answer.
    pub fn adopt(&mut self, token: Token) {
        self.register.reset_token(token);
    }
}
