//! Application No. 1: what it says, and how it is drawn up.

use std::sync::Arc;

use bytes::Bytes;
use ofd_edge::Imprint;
use ofd_paper::{
    ApplicationOne, BankDetails, Contract, HeadOfCompany, JoinedContract, Party, Signer, SignerCapacity,
    application_one,
};
use ofd_protocol::types::UnixMillis;
use ofd_storage::accounts::{
    Account, Address, AddressKind, AuditAction, AuditField, AuditSubject, Capacity, Company, CompanyKind,
    Paper, PaperKind, PaperSigner, PaperState,
};
use ofd_storage::papers::{self, hash_of};
use ofd_storage::store::StoreError;

use super::kept::called;
use super::rules::{Event, Turned, next, with_paper};
use crate::by::By;
use crate::change::ChangeError;
use crate::company::email::contact_email;
use crate::day::today;
use crate::language::Language;
use crate::office::Office;

/// So many numbers are tried for a new paper. A number is taken where somebody else just took it, or where a process ended
/// between the bytes of a paper and its company.
pub(crate) const NUMBERS_MAX: u32 = 20;

/// What an application is made of beside the company.
#[derive(Clone, Debug)]
pub struct Around {
    /// Who runs the site.
    pub operator: Imprint,
    /// Where anybody checks signatures.
    pub check_url: String,
    /// How far wall time is ahead of UTC.
    pub zone_offset_seconds: i32,
}

/// What came of drawing up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DrawnUp {
    /// It is there to be signed.
    Ready(Box<Paper>),
    /// One is signed and being checked.
    BeingChecked,
    /// This version of the contract was joined already.
    Joined,
    /// A certificate has to prove first who the person is.
    NoNumber,
}

/// The version of the contract that is joined now.
#[must_use]
pub fn contract_to_join(office: &Office, at: UnixMillis, zone_offset_seconds: i32) -> &Arc<Contract> {
    office.contracts.in_force(today(at, zone_offset_seconds))
}

/// Who is named as signing for a company, where a person is about to. Whether the person may, the certificate says.
pub(crate) fn signer(
    company: &Company,
    account: &Account,
    capacity: Option<Capacity>,
) -> Option<PaperSigner> {
    let iin = account.iin.clone()?;
    let head = &company.profile.head;
    let is_head = head.account == Some(account.id) || head.iin == iin;
    let usual = match company.kind {
        CompanyKind::Entrepreneur => Capacity::Entrepreneur,
        CompanyKind::LegalEntity | CompanyKind::Operator if is_head => Capacity::Head,
        CompanyKind::LegalEntity | CompanyKind::Operator => Capacity::Signatory,
    };
    Some(PaperSigner { iin, name: account.name.clone(), capacity: capacity.unwrap_or(usual) })
}

/// What an application of a company says, as if it were drawn up now.
#[must_use]
pub fn application(
    company: &Company,
    signer: &PaperSigner,
    (contract, language): (&Contract, Language),
    around: &Around,
    (number, at): (u32, UnixMillis),
) -> ApplicationOne {
    ApplicationOne {
        language,
        number: format!("{}-{number}", company.bin),
        date: today(at, around.zone_offset_seconds),
        contract: JoinedContract::from(contract),
        organisation: party(company, language),
        signer: named(signer),
        operator: around.operator.clone(),
        check_url: around.check_url.clone(),
    }
}

/// Who signs, as papers name people.
pub(crate) fn named(signer: &PaperSigner) -> Signer {
    Signer {
        name: signer.name.clone(),
        iin: signer.iin.clone(),
        capacity: match signer.capacity {
            Capacity::Head => SignerCapacity::Head,
            Capacity::Signatory => SignerCapacity::Signatory,
            Capacity::Entrepreneur => SignerCapacity::Entrepreneur,
            Capacity::RegisterManager => SignerCapacity::RegisterManager,
        },
    }
}

/// An organisation as papers name it.
pub(crate) fn party(company: &Company, language: Language) -> Party {
    let address = |kind| {
        let found = company.addresses.iter().find(|address| address.kind == kind);
        found.map(|address: &Address| {
            let kazakh = address.place_kz.as_deref().filter(|_| language == Language::Kazakh);
            address.line_at(kazakh.unwrap_or(&address.place))
        })
    };
    let legal_address = address(AddressKind::Legal).unwrap_or_default();
    let account = company.bank_accounts.iter().find(|account| account.is_default);
    let bank = account.map(|account| BankDetails {
        bank: account.bank.clone(),
        bic: account.bic.clone(),
        iik: account.iik.clone(),
    });
    let profile = &company.profile;
    Party {
        bin: company.bin.clone(),
        title: company.title.clone(),
        actual_address: address(AddressKind::Actual).unwrap_or_else(|| legal_address.clone()),
        legal_address,
        bank: bank.unwrap_or_default(),
        head: HeadOfCompany { position: profile.head.position.clone(), name: profile.head.name.clone() },
        oked: profile.attributes.oked.clone(),
        // One at which nobody reads is no contact.
        email: contact_email(company).to_owned(),
        phone: profile.phones.clone(),
    }
}

/// A hash of all that an application says but for its number and its day: where it is another one than that of a paper, the
/// paper does not say any more what is so.
pub(super) fn facts_hash(application: &ApplicationOne) -> String {
    let ApplicationOne { language, number: _, date: _, contract, organisation, signer, operator, check_url } =
        application;
    let parties = facts_of((*language, contract), organisation, signer, (operator, check_url));
    hash_of_facts(&parties)
}

/// A hash of facts that cannot be shifted into each other.
pub(crate) fn hash_of_facts(facts: &[String]) -> String {
    hash_of(facts.join("\u{1f}").as_bytes())
}

/// What every application says of those between whom it is, in an order that stays.
pub(crate) fn facts_of(
    (language, contract): (Language, &JoinedContract),
    organisation: &Party,
    signer: &Signer,
    (operator, check_url): (&Imprint, &str),
) -> Vec<String> {
    let Party { bin, title, legal_address, actual_address, bank, head, oked, email, phone } = organisation;
    let capacity = match signer.capacity {
        SignerCapacity::Head => "head",
        SignerCapacity::Signatory => "signatory",
        SignerCapacity::Entrepreneur => "entrepreneur",
        SignerCapacity::RegisterManager => "register manager",
    };
    let facts = [
        language.code(),
        &contract.version,
        &contract.begins_on.to_string(),
        bin,
        title,
        legal_address,
        actual_address,
        &bank.bank,
        &bank.bic,
        &bank.iik,
        &head.position,
        &head.name,
        oked,
        email,
        phone,
        &signer.name,
        &signer.iin,
        capacity,
        &operator.title,
        &operator.title_kz,
        &operator.bin,
        &operator.address,
        &operator.address_kz,
        check_url,
    ];
    facts.map(str::to_owned).into()
}

/// Whether a paper says what is so: of the company, and of the version of the contract that is joined now.
#[must_use]
pub fn is_current(company: &Company, paper: &Paper, contract: &Contract, around: &Around) -> bool {
    let language = Language::from_code(&paper.language).unwrap_or(Language::Russian);
    let at = (paper.number, paper.drawn_at);
    let now = application(company, &paper.signer, (contract, language), around, at);
    facts_hash(&now) == paper.facts_hash
}

/// The application of a company that waits to be signed.
#[must_use]
pub fn under_way(company: &Company) -> Option<&Paper> {
    company.papers.iter().rev().find(|paper| {
        paper.kind == PaperKind::ApplicationOne
            && match paper.state {
                PaperState::DrawnUp | PaperState::Checking { .. } | PaperState::Refused { .. } => true,
                PaperState::Valid { .. } | PaperState::Replaced { .. } => false,
            }
    })
}

/// Draws up the application by which a company joins the contract, for a person to sign. One that says the same and waits
/// for the same person is taken as it is; another one stands in the place of whatever waited.
///
/// # Errors
/// [`ChangeError`].
pub async fn draw_up(
    office: &Office,
    by: &By,
    (bin, account): (&str, &Account),
    around: &Around,
    capacity: Option<Capacity>,
) -> Result<DrawnUp, ChangeError> {
    let contract = Arc::clone(contract_to_join(office, by.at, around.zone_offset_seconds));
    let (kept, found) =
        office.change_company(bin, |company| Ok((None, waiting(company, account, &contract)))).await?;
    if let Some(drawn) = found {
        return Ok(drawn);
    }
    let company = kept.state;
    let Some(signer) = signer(&company, account, capacity) else { return Ok(DrawnUp::NoNumber) };
    if let Some(same) = same(&company, &signer, &contract, around, by.language) {
        return Ok(DrawnUp::Ready(Box::new(same)));
    }
    let language = by.language;
    for number in (company.papers_last.saturating_add(1)..).take(NUMBERS_MAX as usize) {
        let application = application(&company, &signer, (&contract, language), around, (number, by.at));
        let facts_hash = facts_hash(&application);
        let pdf = Bytes::from(application_one(&application).map_err(|error| {
            let place = format!("application {number} of {bin}");
            StoreError::Corrupt { place, reason: error.to_string() }
        })?);
        let about = (bin, number, PaperKind::ApplicationOne);
        let head = match papers::draw(&office.store, about, pdf, office.stamp()).await {
            Ok(head) => head,
            Err(StoreError::Conflict { .. }) => continue,
            Err(error) => return Err(error.into()),
        };
        let paper = Paper {
            number,
            kind: PaperKind::ApplicationOne,
            drawn_at: by.at,
            language: language.code().to_owned(),
            contract: contract.version.clone(),
            pdf_hash: head.pdf_hash,
            facts_hash,
            signer: signer.clone(),
            register: None,
            state: PaperState::DrawnUp,
        };
        return put(office, by, (bin, account), paper, (&contract, around)).await;
    }
    Err(ChangeError::Busy)
}

/// What is said to who wants one drawn up, where none can be.
fn waiting(company: &Company, account: &Account, contract: &Contract) -> Option<DrawnUp> {
    if company.agreement.as_ref().is_some_and(|agreement| agreement.version == contract.version) {
        return Some(DrawnUp::Joined);
    }
    let is_checked = |paper: &Paper| matches!(paper.state, PaperState::Checking { .. });
    if under_way(company).is_some_and(is_checked) {
        return Some(DrawnUp::BeingChecked);
    }
    account.iin.is_none().then_some(DrawnUp::NoNumber)
}

/// The paper that waits, where it says what is so and waits for this person, in this language.
fn same(
    company: &Company,
    signer: &PaperSigner,
    contract: &Contract,
    around: &Around,
    language: Language,
) -> Option<Paper> {
    let paper = under_way(company)?;
    let is_same = paper.signer == *signer && paper.language == language.code();
    (is_same && is_current(company, paper, contract, around)).then(|| paper.clone())
}

/// Writes a paper whose bytes are kept into its company. Somebody who was faster with the same goes first.
async fn put(
    office: &Office,
    by: &By,
    (bin, account): (&str, &Account),
    paper: Paper,
    (contract, around): (&Contract, &Around),
) -> Result<DrawnUp, ChangeError> {
    let (_, drawn) = office
        .change_company(bin, |company| {
            if let Some(drawn) = waiting(company, account, contract) {
                return Ok((None, drawn));
            }
            if let Some(same) = same(company, &paper.signer, contract, around, by.language) {
                return Ok((None, DrawnUp::Ready(Box::new(same))));
            }
            let mut changed = company.clone();
            let mut audit = Vec::new();
            if let Some(before) = under_way(company) {
                match next(&before.state, Event::DrawnAnew, by.at) {
                    Ok(state) => changed = with_paper(&changed, Paper { state, ..before.clone() }),
                    Err(Turned::BeingChecked) => return Ok((None, DrawnUp::BeingChecked)),
                    Err(_) => {}
                }
            }
            changed = with_both(&changed, paper.clone());
            let changes = [
                AuditField::Contract.change("", &paper.contract),
                AuditField::PdfHash.change("", &paper.pdf_hash),
            ];
            let subject = AuditSubject::Paper(paper.number).called(called(company, &paper));
            audit.push(by.entry(AuditAction::PaperDrawn, subject, changes.into_iter().flatten().collect()));
            Ok((Some((changed, audit)), DrawnUp::Ready(Box::new(paper.clone()))))
        })
        .await?;
    Ok(drawn)
}

/// A company with one more paper, beside one that was replaced in the same change.
fn with_both(company: &Company, paper: Paper) -> Company {
    let mut changed = company.clone();
    changed.papers_last = changed.papers_last.max(paper.number);
    changed.papers.push(paper);
    changed
}

#[cfg(test)]
mod tests {
    use ofd_storage::accounts::AccountId;
    use ofd_storage::samples;

    use super::*;

    const NOW: UnixMillis = UnixMillis(1_800_000_000_000);

    fn company() -> Company {
        let mut company = Company::new("260140000015".into(), "ТОО".into(), CompanyKind::LegalEntity, NOW);
        company.profile.email = "a@b.kz".into();
        company.profile.confirmed_email = "a@b.kz".into();
        company
    }

    fn paper(company: &Company, around: &Around) -> Paper {
        let signer = PaperSigner { iin: "1".into(), name: "ТЕСТОВ".into(), capacity: Capacity::Head };
        let contract = Contract::sample().unwrap();
        let says = application(company, &signer, (&contract, Language::Russian), around, (1, NOW));
        let (contract, facts_hash) = (contract.version, facts_hash(&says));
        Paper { contract, facts_hash, signer, ..samples::paper(NOW, PaperState::DrawnUp) }
    }

    #[test]
    fn a_paper_says_what_is_so_until_something_that_it_says_changes() {
        let around = Around {
            operator: Imprint::default(),
            check_url: "https://ofd.example/signature".into(),
            zone_offset_seconds: 18_000,
        };
        let (company, contract) = (company(), Contract::sample().unwrap());
        let paper = paper(&company, &around);
        assert!(is_current(&company, &paper, &contract, &around));
        type Change = fn(&mut Company);
        let changes: [Change; 4] = [
            |company| company.title = "ТОО 2".into(),
            |company| company.profile.email = "b@b.kz".into(),
            |company| company.profile.attributes.oked = "47111".into(),
            |company| company.profile.head.name = "ИВАНОВ".into(),
        ];
        for change in changes {
            let mut changed = company.clone();
            change(&mut changed);
            assert!(!is_current(&changed, &paper, &contract, &around));
        }
        let mut other = company.clone();
        other.profile.site = "https://example.kz".into();
        assert!(is_current(&other, &paper, &contract, &around), "the paper does not say the site");
        let operator = Imprint { title: "Другой".into(), ..Imprint::default() };
        assert!(!is_current(&company, &paper, &contract, &Around { operator, ..around }));
    }

    #[test]
    fn the_head_is_named_as_such_and_anybody_else_as_one_with_the_right_to_sign() {
        let mut company = company();
        let mut account = Account::new(AccountId(7), "ТЕСТОВ".into(), "ru".into(), NOW);
        assert!(signer(&company, &account, None).is_none(), "nobody is named without a number");
        account.iin = Some("800215300034".into());
        let capacity = |company: &Company| signer(company, &account, None).unwrap().capacity;
        assert_eq!(capacity(&company), Capacity::Signatory);
        company.profile.head.iin = "800215300034".into();
        assert_eq!(capacity(&company), Capacity::Head);
        company.profile.head.iin = String::new();
        company.profile.head.account = Some(AccountId(7));
        assert_eq!(capacity(&company), Capacity::Head);
        company.kind = CompanyKind::Entrepreneur;
        assert_eq!(capacity(&company), Capacity::Entrepreneur);
        let told = signer(&company, &account, Some(Capacity::Signatory)).unwrap().capacity;
        assert_eq!(told, Capacity::Signatory, "the certificate knows better");
    }
}
