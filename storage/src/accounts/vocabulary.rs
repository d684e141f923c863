//! What the audit can tell: actions, what they are done to, and the fields that change. Each family is declared once.
//! The texts that people read have their keys from the names here.

use std::fmt;

use ofd_protocol::types::RegisterId;
use serde::{Deserialize, Deserializer, Serialize};

use super::id::AccountId;
use crate::kinds::names;
use crate::model::TradePointId;

/// What an action has to do with, as the filter of an audit offers them together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AuditGroup {
    /// A person's own account: signing in and what guards it.
    Account,
    /// The particulars of a company.
    Company,
    /// The people of a company.
    People,
    /// What people change of its registers.
    Registers,
    /// Banks that the directory lacks.
    Banks,
    /// What registers print on receipts.
    TicketTexts,
    /// Payments, and whose they are.
    Money,
    /// What the people of the operator looked at.
    Looks,
}

names! {
    /// What was done.
    pub enum AuditAction(
        /// What it has to do with.
        group: AuditGroup
    ) {
        AccountCreated = "account_created": Account,
        SignedIn = "signed_in": Account,
        PasswordWrong = "password_wrong": Account,
        /// Too many passwords in a row were wrong.
        PasswordLocked = "password_locked": Account,
        SignedOut = "signed_out": Account,
        /// From the list of sessions, not by signing out.
        SessionEnded = "session_ended": Account,
        PasswordSet = "password_set": Account,
        /// The letter that leads back to a forgotten password.
        RecoveryAsked = "recovery_asked": Account,
        EmailConfirmed = "email_confirmed": Account,
        TotpOn = "totp_on": Account,
        TotpOff = "totp_off": Account,
        /// Also in the audit of each company that the person works for.
        PersonChanged = "person_changed": Account,
        CompanyCreated = "company_created": Company,
        ProfileChanged = "profile_changed": Company,
        /// The address of a company was confirmed by the code of a letter.
        CompanyEmailConfirmed = "company_email_confirmed": Company,
        AddressAdded = "address_added": Company,
        AddressChanged = "address_changed": Company,
        AddressDeleted = "address_deleted": Company,
        BankAccountAdded = "bank_account_added": Company,
        BankAccountChanged = "bank_account_changed": Company,
        BankAccountDeleted = "bank_account_deleted": Company,
        ContactPersonAdded = "contact_person_added": Company,
        ContactPersonChanged = "contact_person_changed": Company,
        ContactPersonDeleted = "contact_person_deleted": Company,
        /// That a version of the contract was read, by the box that says so.
        ContractRead = "contract_read": Company,
        /// The bytes that are to be signed are fixed.
        PaperDrawn = "paper_drawn": Company,
        /// Signed, and something cannot be found out yet.
        PaperSigned = "paper_signed": Company,
        /// Signed, and the signature holds.
        PaperValid = "paper_valid": Company,
        PaperRefused = "paper_refused": Company,
        /// Never which token.
        TokenMade = "token_made": Company,
        TokenRevoked = "token_revoked": Company,
        Invited = "invited": People,
        InvitationCancelled = "invitation_cancelled": People,
        /// An invitation was taken, or a certificate made somebody one of the company's people.
        Joined = "joined": People,
        RolesChanged = "roles_changed": People,
        Blocked = "blocked": People,
        Unblocked = "unblocked": People,
        RegisterBlocked = "register_blocked": Registers,
        RegisterUnblocked = "register_unblocked": Registers,
        /// Stopped after its open shift, for a service that is not paid for.
        RegisterUnpaid = "register_unpaid": Registers,
        RegisterPaid = "register_paid": Registers,
        /// Switched off by its organisation.
        RegisterDisconnected = "register_disconnected": Registers,
        RegisterConnected = "register_connected": Registers,
        /// Taken off the books, for good.
        RegisterDeregistered = "register_deregistered": Registers,
        /// Never which token.
        RegisterTokenReset = "register_token_reset": Registers,
        TradePointAdded = "trade_point_added": Registers,
        TradePointChanged = "trade_point_changed": Registers,
        TradePointDeleted = "trade_point_deleted": Registers,
        ShopGroupAdded = "shop_group_added": Registers,
        ShopGroupChanged = "shop_group_changed": Registers,
        ShopGroupDeleted = "shop_group_deleted": Registers,
        /// What is said of a register that is to be registered.
        RegistrationSaved = "registration_saved": Registers,
        /// Given up before anything was asked for.
        RegistrationDropped = "registration_dropped": Registers,
        /// The tax authority is asked, by a signature that holds.
        RegistrationSent = "registration_sent": Registers,
        /// Something else is known of the message by which the tax authority is asked.
        RegistrationDelivery = "registration_delivery": Registers,
        RegistrationRefused = "registration_refused": Registers,
        /// What the tax authority was asked for of a register that is on the books is done.
        RegistrationDone = "registration_done": Registers,
        RegisterRegistered = "register_registered": Registers,
        /// Never which token.
        RegisterTokenShown = "register_token_shown": Registers,
        VisitAsked = "visit_asked": Registers,
        VisitClosed = "visit_closed": Registers,
        /// By which plan a register is charged from a day on.
        PlanChosen = "plan_chosen": Registers,
        BankApplied = "bank_applied": Banks,
        BankApproved = "bank_approved": Banks,
        BankRejected = "bank_rejected": Banks,
        TicketTextAdded = "ticket_text_added": TicketTexts,
        TicketTextChanged = "ticket_text_changed": TicketTexts,
        TicketTextDeleted = "ticket_text_deleted": TicketTexts,
        /// A bank's statement, with what became of its entries.
        StatementTaken = "statement_taken": Money,
        /// A person said whose a payment is.
        PaymentMatched = "payment_matched": Money,
        /// A person said that an entry which may be known is another payment.
        PaymentSaidAnother = "payment_said_another": Money,
        /// A person said that an entry which may be known is the known one.
        PaymentSaidSame = "payment_said_same": Money,
        /// A bill was made for a sum that somebody named.
        BillMade = "bill_made": Money,
        /// An invoice was issued in place of a first one.
        InvoiceCorrected = "invoice_corrected": Money,
        /// An invoice was issued beside a first one, of what became known since.
        InvoiceAdded = "invoice_added": Money,
        /// The organisation was told that its money ends or ended.
        DebtNoticeSent = "debt_notice_sent": Money,
        /// The operator's people took down a promise to pay.
        PromiseTaken = "promise_taken": Money,
        /// A key by which a bank tells of payments.
        PaymentKeyMade = "payment_key_made": Money,
        PaymentKeyRevoked = "payment_key_revoked": Money,
        PlanAdded = "plan_added": Money,
        PlanVersionAdded = "plan_version_added": Money,
        /// A version that had not begun.
        PlanVersionTakenBack = "plan_version_taken_back": Money,
        /// Other organisations may choose a plan.
        PlanChoosersChanged = "plan_choosers_changed": Money,
        VatRateAdded = "vat_rate_added": Money,
        /// A run of charging that is looked at before it is posted.
        ChargingRunBegun = "charging_run_begun": Money,
        ChargingRunPosted = "charging_run_posted": Money,
        /// As a whole.
        ChargingRunTakenBack = "charging_run_taken_back": Money,
        ChargingRunGivenUp = "charging_run_given_up": Money,
        Looked = "looked": Looks,
    }
}

/// What the value of a field is, which says how people are told it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AuditValue {
    /// Told as it was typed.
    Text,
    /// Something that is so; what is not so is no value.
    Yes,
    /// Names of roles, one after the other.
    Roles,
    /// An address or a part of it, in Russian as the directory of settlements has it.
    Place,
    /// The name of a kind of company.
    CompanyKind,
    /// The name of a kind of address.
    AddressKind,
    /// The name of what a contact person is asked about.
    ContactPurpose,
    /// The name of a kind of trade point.
    TradePointKind,
    /// The name of which registers a text is for.
    TicketTextKind,
    /// The size of an enterprise.
    Size,
    /// The code of a language.
    Language,
    /// The name of a way to sign in.
    Method,
    /// The name of a way to connect a register.
    Connection,
    /// The name of what the tax authority is asked for.
    RegistrationOrder,
    /// The name of what is known of a message to the tax authority.
    Delivery,
    /// The name of why a register is taken off the books.
    DeregistrationReason,
    /// The name of what is wrong with a signature under a paper.
    PaperFault,
    /// The Russian name in the directory of countries.
    Country,
    /// The Russian name in the directory of legal forms.
    LegalForm,
    /// The Russian name in the directory of sectors.
    Sector,
    /// The Russian name in the directory of forms of ownership.
    Ownership,
    /// The Russian name in the directory of kinds of bank accounts.
    AccountKind,
}

names! {
    /// A field that the audit tells of.
    pub enum AuditField(
        /// What its value is.
        value: AuditValue
    ) {
        Bin = "bin": Text,
        CompanyKind = "company_kind": CompanyKind,
        LegalAddress = "legal_address": Place,
        ActualAddress = "actual_address": Place,
        PostalAddress = "postal_address": Place,
        BankAccount = "bank_account": Text,
        Roles = "roles": Roles,
        /// What a token of the API is good for.
        Scopes = "scopes": Text,
        BlockReason = "block_reason": Text,
        /// Of a person; where it is about a bank, of the bank.
        Name = "name": Text,
        Iin = "iin": Text,
        Email = "email": Text,
        /// An address to which a letter went, and which nobody has confirmed yet.
        PendingEmail = "pending_email": Text,
        Phone = "phone": Text,
        Phones = "phones": Text,
        Language = "language": Language,
        /// How a person signed in.
        Method = "method": Method,
        /// How many codes there are, never which.
        RecoveryCodes = "recovery_codes": Text,
        Site = "site": Text,
        RegisteredOn = "registered_on": Text,
        DocumentNumber = "document_number": Text,
        RegisteredBy = "registered_by": Text,
        LegalForm = "legal_form": LegalForm,
        Sector = "sector": Sector,
        Ownership = "ownership": Ownership,
        Resident = "resident": Yes,
        Size = "size": Size,
        Oked = "oked": Text,
        Contract = "contract": Text,
        /// SHA-256 of the bytes of a paper.
        PdfHash = "pdf_hash": Text,
        /// SHA-256 of the signature file under a paper.
        CmsHash = "cms_hash": Text,
        /// What is wrong with the signature, or cannot be found out yet.
        PaperFault = "paper_fault": PaperFault,
        RegisterModel = "register_model": Text,
        SerialNumber = "serial_number": Text,
        Year = "year": Text,
        Rnm = "rnm": Text,
        Connection = "connection": Connection,
        /// What an organisation calls a register.
        Alias = "alias": Text,
        /// The id of the tariff plan that was chosen.
        Tariff = "tariff": Text,
        TradePoint = "trade_point": Text,
        RegistrationOrder = "registration_order": RegistrationOrder,
        Delivery = "delivery": Delivery,
        DeregistrationReason = "deregistration_reason": DeregistrationReason,
        /// For when a visit is asked for.
        VisitAt = "visit_at": Text,
        HeadName = "head_name": Text,
        HeadIin = "head_iin": Text,
        HeadPosition = "head_position": Text,
        AddressKind = "address_kind": AddressKind,
        Country = "country": Country,
        Place = "place": Place,
        Street = "street": Text,
        House = "house": Text,
        /// Flat, office or other premises.
        Flat = "flat": Text,
        Iik = "iik": Text,
        Bank = "bank": Text,
        Kbe = "kbe": Text,
        AccountKind = "account_kind": AccountKind,
        /// The bank account that documents name.
        Default = "default": Yes,
        Guarantee = "guarantee": Yes,
        ContactPurpose = "contact_purpose": ContactPurpose,
        Position = "position": Text,
        Bic = "bic": Text,
        Comment = "comment": Text,
        Reason = "reason": Text,
        TradePointKind = "trade_point_kind": TradePointKind,
        TradePointTitle = "trade_point_title": Text,
        TradePointTitleKz = "trade_point_title_kz": Text,
        /// An address as it came, without a settlement of the directory.
        Address = "address": Text,
        StreetKz = "street_kz": Text,
        /// Latitude and longitude, in degrees.
        Coordinates = "coordinates": Text,
        TicketTextKind = "ticket_text_kind": TicketTextKind,
        /// Whose registers a text is for.
        TicketTextWhose = "ticket_text_whose": Text,
        TicketText = "ticket_text": Text,
        /// The id of a tariff plan.
        Plan = "plan": Text,
        /// Who may choose a plan: all, nobody, or BINs.
        PlanChoosers = "plan_choosers": Text,
        /// What organisations are charged by a run.
        ChargedSum = "charged_sum": Text,
        /// A rate of VAT in percent.
        VatRate = "vat_rate": Text,
        /// Prices by number of registers.
        PlanPrices = "plan_prices": Text,
        FirstDay = "first_day": Text,
        LastDay = "last_day": Text,
        /// The groups that a trade point is in, one after the other.
        ShopGroups = "shop_groups": Text,
        /// How many payments of a statement are on personal accounts, and what they come to.
        PaymentsMatched = "payments_matched": Text,
        /// How many have nobody yet, and what they come to.
        PaymentsUnmatched = "payments_unmatched": Text,
        /// How many were known before.
        PaymentsKnown = "payments_known": Text,
        PersonalAccount = "personal_account": Text,
        PaymentSum = "payment_sum": Text,
        /// The sum of an invoice or a bill.
        InvoiceSum = "invoice_sum": Text,
        /// The day on which the money ends or ended.
        MoneyEnds = "money_ends": Text,
        MoneyBalance = "money_balance": Text,
        /// The last day of a promise to pay.
        PromiseUntil = "promise_until": Text,
        /// A bank's key, without its secret.
        PaymentKey = "payment_key": Text,
    }
}

names! {
    /// What of a company the people of the operator look at.
    pub enum AuditPage {
        Card = "card",
        Audit = "audit",
        Application = "application",
        Registration = "registration",
        Register = "register",
        /// Shifts, reports and documents of a register.
        Documents = "documents",
        /// Its personal account.
        Money = "money",
        /// Payments as they came, of whomever.
        Payments = "payments",
        /// Its invoices, acts and bills.
        Invoices = "invoices",
        /// Its statements of turnover and acts of reconciliation.
        Reconciliation = "reconciliation",
    }
}

/// To what something was done. What it is called may change, this does not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AuditSubject {
    /// The account in whose audit the row stands.
    Account,
    /// One of its sessions.
    Session(String),
    /// The company in whose audit the row stands.
    Company,
    /// One of its people.
    Person(AccountId),
    /// One of its addresses, by the number in the company.
    Address(u32),
    /// One of its bank accounts, by the number in the company.
    BankAccount(u32),
    /// One of its contact persons, by the number in the company.
    ContactPerson(u32),
    /// A token of its programs, by the number in the company.
    Token(u32),
    /// An invitation of the company, by its number there.
    Invitation(u32),
    /// An application of the company for a bank.
    BankApplication(String),
    /// A paper of the company, by its number there.
    Paper(u32),
    /// A register of the company.
    Register(RegisterId),
    /// A trade point of the company.
    TradePoint(TradePointId),
    /// A text of the operator that registers print, by its number there.
    TicketText(u32),
    /// A tariff plan of the operator, by its id and the number of the version.
    Plan(String),
    /// A group of its trade points, by the number in the company.
    ShopGroup(u32),
    /// What was looked at.
    Page(AuditPage),
}

impl AuditSubject {
    /// It as a row tells it: with what it is called at that moment.
    pub fn called(self, text: impl Into<String>) -> ToldSubject {
        ToldSubject { of: Some(self), text: text.into() }
    }
}

/// To what something was done, as a row tells it.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ToldSubject {
    /// What it was called then: a person's name, an address, a page; may be empty where the action says all.
    #[serde(default, rename = "subject")]
    pub text: String,
    /// What it is. None in rows that were written before there were kinds, and where this program does not know the kind.
    #[serde(default, rename = "about", skip_serializing_if = "Option::is_none", deserialize_with = "known")]
    pub of: Option<AuditSubject>,
}

impl ToldSubject {
    /// Whether both are the same thing. What older rows tell of goes by what it is called.
    pub fn is_same(&self, other: &Self) -> bool {
        match (&self.of, &other.of) {
            (Some(one), Some(other)) => one == other,
            (None, _) | (_, None) => self.text == other.text,
        }
    }
}

impl From<AuditSubject> for ToldSubject {
    fn from(of: AuditSubject) -> Self {
        of.called("")
    }
}

impl fmt::Debug for ToldSubject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ToldSubject").field("of", &self.of).finish_non_exhaustive()
    }
}

/// While gateways are renewed one by one, a row may tell of what only the newer ones know.
fn known<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<AuditSubject>, D::Error> {
    let told = serde_json::Value::deserialize(deserializer)?;
    Ok(serde_json::from_value(told).ok())
}
