//! A company: its particulars, its people with their roles, and who is invited.

use super::agreement::{Agreement, ReadContract};
use std::fmt;

use ofd_protocol::types::{RegisterId, UnixMillis};
use serde::{Deserialize, Serialize};

use super::account::{PendingEmail, Proof};
use super::id::AccountId;
use super::paper::Paper;
use super::profile_news::ProfileNews;
use super::program_token::ProgramToken;
use super::register_change::RegisterChange;
use super::shop_group::ShopGroup;
use super::subject::Subject;
use super::ticket_text::TicketText;
use super::trade_point_change::TradePointChange;
use crate::kinds::names;
use crate::store::{Row, Stamp, StreamId, StreamKind};
use crate::titles::Titled;

/// The operator itself, as a company: its people are the operator's staff. No real BIN is all zeros.
pub const OPERATOR: &str = "000000000000";

/// Whose people have a role.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RoleSide {
    /// Those of companies.
    Company,
    /// Those of the operator.
    Operator,
}

names! {
    /// What a person may be in a company, several at once.
    pub enum Role(
        /// Whose people have it, and nobody else.
        side: RoleSide
    ) {
        Administrator = "administrator": Company,
        Accountant = "accountant": Company,
        /// Manages the cashiers of the organisation.
        CashierManager = "cashier_manager": Company,
        /// Sees and changes nothing.
        Reader = "reader": Company,
        OperatorAdministrator = "operator_administrator": Operator,
        Support = "support": Operator,
        Billing = "billing": Operator,
        /// Sees and changes nothing.
        TaxInspector = "tax_inspector": Operator,
    }
}

impl Role {
    /// Whether people of the operator have it, and nobody else.
    pub fn is_of_operator(self) -> bool {
        self.side() == RoleSide::Operator
    }
}

/// Why an employee may do nothing.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Block {
    /// Why, in the administrator's words.
    pub reason: String,
    /// When the block began.
    pub since: UnixMillis,
    /// Who of the organisation blocked.
    pub by: String,
}

impl fmt::Debug for Block {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Block").field("since", &self.since).finish_non_exhaustive()
    }
}

/// A person of a company.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    /// Whose membership it is.
    pub account: AccountId,
    /// The name, as the account has it.
    pub name: String,
    /// The number, where a certificate proved it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub iin: Option<String>,
    /// The address, as the account has it.
    #[serde(default)]
    pub email: String,
    /// What the person may do here.
    pub roles: Vec<Role>,
    /// Why the person may do nothing at present.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub block: Option<Block>,
    /// When the person joined.
    pub since: UnixMillis,
    /// Grows with every change of roles or block.
    pub revision: u32,
}

impl fmt::Debug for Member {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Member")
            .field("account", &self.account)
            .field("roles", &self.roles)
            .field("block", &self.block)
            .field("since", &self.since)
            .field("revision", &self.revision)
            .finish_non_exhaustive()
    }
}

/// An invitation that was not taken yet.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Invitation {
    /// Its number in the company.
    pub id: u32,
    /// Whom the letter was sent to.
    pub email: String,
    /// The roles that come with it.
    pub roles: Vec<Role>,
    /// When it was changed.
    pub at: UnixMillis,
    /// Who changed it last.
    pub by: String,
    /// The account of who invited: with its right to invite go its invitations.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by_account: Option<AccountId>,
    /// What the letter carried.
    pub proof: Proof,
}

impl fmt::Debug for Invitation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Invitation")
            .field("id", &self.id)
            .field("roles", &self.roles)
            .field("at", &self.at)
            .field("proof", &self.proof)
            .finish_non_exhaustive()
    }
}

/// A letter that was sent for a company. Kept beside the invitations, which end before it is forgotten.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SentLetter {
    /// When the letter was sent.
    pub at: UnixMillis,
    /// SHA-256 of the address it went to, in hex: it is only compared.
    pub address_hash: String,
}

impl fmt::Debug for SentLetter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SentLetter").field("at", &self.at).finish_non_exhaustive()
    }
}

names! {
    /// What an address is for.
    pub enum AddressKind {
        /// The registered one.
        Legal = "legal",
        /// Where the company is found.
        Actual = "actual",
        /// Where letters go.
        Postal = "postal",
    }
}

/// An address of a company.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Address {
    /// Its number in the company.
    pub id: u32,
    /// Grows with every change.
    pub revision: u32,
    /// What it is for.
    pub kind: AddressKind,
    /// The country, by its code of two letters.
    pub country: String,
    /// The settlement's code in the directory; empty abroad.
    pub settlement: String,
    /// The settlement with all it lies in, as the directory said; abroad what was typed.
    pub place: String,
    /// The same in Kazakh. None abroad, and of addresses that programs of before kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place_kz: Option<String>,
    /// Street, house, premises.
    pub street: String,
    /// The e-mail address of this place.
    #[serde(default)]
    pub email: String,
    /// The telephone of this place.
    #[serde(default)]
    pub phone: String,
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Address")
            .field("id", &self.id)
            .field("revision", &self.revision)
            .field("kind", &self.kind)
            .finish_non_exhaustive()
    }
}

impl Address {
    /// A name of its place, in whatever language, and the street in one line.
    #[must_use]
    pub fn line_at(&self, place: &str) -> String {
        [place, &self.street].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ")
    }
}

/// A bank account of a company.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BankAccount {
    /// Its number in the company.
    pub id: u32,
    /// Grows with every change.
    pub revision: u32,
    /// IIK: the account's number, 20 characters.
    pub iik: String,
    /// The bank's own code, the BIC.
    pub bic: String,
    /// The bank's name when it was chosen.
    pub bank: String,
    /// KBe: residency and sector of the beneficiary, two digits.
    pub kbe: String,
    /// The kind of account, by its code in the directory.
    pub kind: String,
    /// The one that documents name.
    #[serde(default)]
    pub is_default: bool,
    /// For guarantee payments.
    #[serde(default)]
    pub is_guarantee: bool,
}

impl fmt::Debug for BankAccount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BankAccount")
            .field("id", &self.id)
            .field("revision", &self.revision)
            .field("is_default", &self.is_default)
            .field("is_guarantee", &self.is_guarantee)
            .finish_non_exhaustive()
    }
}

names! {
    /// What a contact person is asked about.
    pub enum ContactPurpose {
        General = "general",
        Accounting = "accounting",
        Technical = "technical",
        Signing = "signing",
    }
}

/// Somebody to turn to in a company, who need not be one of its people on the site.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContactPerson {
    /// Its number in the company.
    pub id: u32,
    /// Grows with every change.
    pub revision: u32,
    /// What the person is asked about.
    pub purpose: ContactPurpose,
    /// The full name of the person.
    pub name: String,
    /// Position, where it is known.
    pub position: String,
    /// Phone; empty where only the e-mail is known.
    pub phone: String,
    /// E-mail; empty where only the phone is known.
    pub email: String,
}

impl fmt::Debug for ContactPerson {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ContactPerson")
            .field("id", &self.id)
            .field("revision", &self.revision)
            .field("purpose", &self.purpose)
            .finish_non_exhaustive()
    }
}

names! {
    /// Whether it is a company or one person.
    pub enum CompanyKind {
        /// With a BIN.
        LegalEntity = "legal_entity",
        /// An individual entrepreneur, with the person's IIN.
        Entrepreneur = "entrepreneur",
        /// The operator itself.
        Operator = "operator",
    }
}

impl CompanyKind {
    /// What a BIN or IIN says of whose it is: an IIN begins with a date of birth, and no day of a month begins with 4 to 6.
    #[must_use]
    pub fn of_number(bin: &str) -> Self {
        match bin.as_bytes().get(4) {
            Some(b'4'..=b'6') => Self::LegalEntity,
            Some(_) | None => Self::Entrepreneur,
        }
    }
}

/// Who leads the company.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeadOfCompany {
    /// The account, where the head is one of the company's people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<AccountId>,
    /// The person's full name.
    pub name: String,
    /// IIN, where it is known.
    #[serde(default)]
    pub iin: String,
    /// The office that the person holds, as documents write it.
    pub position: String,
}

impl fmt::Debug for HeadOfCompany {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HeadOfCompany").field("account", &self.account).finish_non_exhaustive()
    }
}

/// Attributes of a participant.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attributes {
    /// Date of state registration, `YYYY-MM-DD`.
    #[serde(default)]
    pub registered_on: String,
    /// Number of the document on it.
    #[serde(default)]
    pub document_number: String,
    /// Who registered it.
    #[serde(default)]
    pub registered_by: String,
    /// Legal form, by its code in the directory (KOPF).
    #[serde(default)]
    pub legal_form: String,
    /// Sector of the economy, by its code in the directory (KSE).
    #[serde(default)]
    pub sector: String,
    /// Form of ownership, by its code in the directory (KFS).
    #[serde(default)]
    pub ownership: String,
    /// Resident of Kazakhstan.
    #[serde(default)]
    pub is_resident: bool,
    /// Size: `small`, `medium`, `large`, or empty.
    #[serde(default)]
    pub size: String,
    /// Main kind of activity, by its five digits in the classifier (OKED); tills are told it. Empty where the company
    /// never said it: then the record of the organisation may know.
    #[serde(default)]
    pub oked: String,
}

/// What the company says of itself.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Profile {
    /// Grows with every change of what follows.
    #[serde(default)]
    pub revision: u32,
    /// E-mail of the company.
    #[serde(default)]
    pub email: String,
    /// The address that a letter's code confirmed last; the company's one while it is the same.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub confirmed_email: String,
    /// The letter that asks to confirm the address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pending_email: Option<PendingEmail>,
    /// When such letters went, as far as it delays the next.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub address_letters: Vec<UnixMillis>,
    /// Phones, as they were typed.
    #[serde(default)]
    pub phones: String,
    /// The address of its web site.
    #[serde(default)]
    pub site: String,
    /// The codes by which the state counts organisations.
    #[serde(default)]
    pub attributes: Attributes,
    /// Who is at the head of the organisation.
    #[serde(default)]
    pub head: HeadOfCompany,
}

impl fmt::Debug for Profile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Profile")
            .field("revision", &self.revision)
            .field("attributes", &self.attributes)
            .field("head", &self.head)
            .finish_non_exhaustive()
    }
}

/// An organisation that people have signed up.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Company {
    /// BIN or IIN, 12 digits.
    pub bin: String,
    /// The name, from the certificate.
    pub title: String,
    /// Whether it is a company or one person.
    pub kind: CompanyKind,
    /// Since when it is on the site.
    pub since: UnixMillis,
    /// Who brought it: the account that the BIN as a login means.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub registrant: Option<AccountId>,
    /// What it says of itself.
    #[serde(default)]
    pub profile: Profile,
    /// Where it is registered and where it works.
    #[serde(default)]
    pub addresses: Vec<Address>,
    /// Its bank accounts.
    #[serde(default)]
    pub bank_accounts: Vec<BankAccount>,
    /// Whom to turn to in it.
    #[serde(default)]
    pub contact_persons: Vec<ContactPerson>,
    /// By which it looks at its shops together.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub shop_groups: Vec<ShopGroup>,
    /// By which its own programs ask the API.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub program_tokens: Vec<ProgramToken>,
    /// What registers print on receipts; of the operator alone.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ticket_texts: Vec<TicketText>,
    /// The people who may act for it.
    #[serde(default)]
    pub members: Vec<Member>,
    /// Who is invited.
    #[serde(default)]
    pub invitations: Vec<Invitation>,
    /// The letters of the last day, as far as more of them are limited.
    #[serde(default)]
    pub letters: Vec<SentLetter>,
    /// The version of the contract that was read last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub read_contract: Option<ReadContract>,
    /// How it has joined the contract; none while no application of it is valid.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agreement: Option<Agreement>,
    /// Papers that are not done with: drawn up, being checked, refused. Every paper is a row beside the audit.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub papers: Vec<Paper>,
    /// The highest number that a paper has.
    #[serde(default)]
    pub papers_last: u32,
    /// Registers whose registering is under way, at most [`super::REGISTRATIONS_UNDER_WAY_MAX`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub registrations: Vec<RegisterId>,
    /// Changes of its registers that are being made, or were made and are not in its audit yet.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub register_changes: Vec<RegisterChange>,
    /// What its registers are still to be told: that their answers name something else of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub profile_news: Option<ProfileNews>,
    /// Changes of its trade points that are decided and may not be in their records yet.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub trade_point_changes: Vec<TradePointChange>,
    /// The number that the next part or invitation gets.
    pub next_id: u32,
    /// How many audit rows there are.
    #[serde(default)]
    pub audit_next: u64,
}

impl fmt::Debug for Company {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out = f.debug_struct("Company");
        // The number of an entrepreneur is that of a person.
        if self.kind != CompanyKind::Entrepreneur {
            out.field("bin", &self.bin);
        }
        out.field("kind", &self.kind).finish_non_exhaustive()
    }
}

impl Company {
    /// A company without people.
    pub fn new(bin: String, title: String, kind: CompanyKind, now: UnixMillis) -> Self {
        Self {
            bin,
            title,
            kind,
            since: now,
            registrant: None,
            profile: Profile::default(),
            addresses: Vec::new(),
            bank_accounts: Vec::new(),
            contact_persons: Vec::new(),
            shop_groups: Vec::new(),
            program_tokens: Vec::new(),
            ticket_texts: Vec::new(),
            members: Vec::new(),
            invitations: Vec::new(),
            letters: Vec::new(),
            read_contract: None,
            agreement: None,
            papers: Vec::new(),
            papers_last: 0,
            registrations: Vec::new(),
            register_changes: Vec::new(),
            profile_news: None,
            trade_point_changes: Vec::new(),
            next_id: 1,
            audit_next: 0,
        }
    }

    /// The stream of the company with a BIN or IIN; `None` when it is not 12 digits.
    pub fn stream_of(bin: &str) -> Option<StreamId> {
        let is_number = bin.len() == 12 && bin.bytes().all(|byte| byte.is_ascii_digit());
        let owner = if is_number { bin.parse().ok()? } else { return None };
        Some(StreamId { kind: StreamKind::Company, owner, ordinal: 1 })
    }

    /// Whether its people have come to the site: the first of them brings it there, and one always stays. Of a company
    /// that is not there at most an audit is kept, such as that of its registers.
    #[must_use]
    pub fn is_joined(&self) -> bool {
        !self.members.is_empty()
    }

    /// The address that documents name.
    #[must_use]
    pub fn legal_address(&self) -> Option<&Address> {
        self.addresses.iter().find(|address| address.kind == AddressKind::Legal)
    }

    /// A paper that is not done with, by its number.
    #[must_use]
    pub fn paper(&self, number: u32) -> Option<&Paper> {
        self.papers.iter().find(|paper| paper.number == number)
    }

    /// The person with an account.
    pub fn member(&self, account: AccountId) -> Option<&Member> {
        self.members.iter().find(|member| member.account == account)
    }

    /// A number for a new part.
    pub fn take_id(&mut self) -> u32 {
        let id = self.next_id;
        self.next_id = id.saturating_add(1);
        id
    }
}

impl Subject for Company {
    fn stream(&self) -> StreamId {
        // Every company that is kept has 12 digits. Any other text leads to a stream that holds no company.
        let nowhere = StreamId { kind: StreamKind::Company, owner: u64::MAX, ordinal: 1 };
        Self::stream_of(&self.bin).unwrap_or(nowhere)
    }

    fn audit_next(&mut self) -> &mut u64 {
        &mut self.audit_next
    }

    fn titled(&self) -> Option<Titled<'_>> {
        Some(Titled { bin: &self.bin, title: &self.title })
    }

    fn has_news_since(&self, before: Option<&Self>) -> Option<&str> {
        let names = |company: &Self| company.is_joined().then(|| company.named(None));
        (names(self) != before.and_then(names)).then_some(&self.bin)
    }

    fn announce(&mut self, stamp: Stamp) {
        self.profile_news = Some(ProfileNews::of(stamp));
    }

    /// Papers that are new or that something became of.
    fn rows(&self, before: Option<&Self>) -> Result<Vec<Row>, serde_json::Error> {
        let known = before.map_or(&[][..], |before| &before.papers);
        self.papers.iter().filter(|paper| !known.contains(paper)).map(Paper::row).collect()
    }
}
