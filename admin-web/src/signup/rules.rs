//! What is asked of a new account and of a new company.

use ofd_office::banks::KnownBank;
use ofd_office::company::addresses::{ACTUAL_ADDRESS, AddressNames, LEGAL_ADDRESS, read_address};
use ofd_office::company::bank_accounts::{is_blank_bank_account, read_bank_account};
use ofd_protocol::types::UnixMillis;
use ofd_storage::accounts::{
    Account, Address, AddressKind, BankAccount, Company, CompanyKind, HeadOfCompany, Profile, Role,
};

use super::offer::CompanyOffer;
use crate::cabinet::Fields;
use crate::mail::Email;
use crate::part::Part;
use crate::people::member_of;
use crate::people::password::{Broken, broken_rules};
use crate::sign_in::{Proven, Standing};
use crate::typed::{Errors, Wrong, oked};

/// Characters of the head's name: the longest in certificates is shorter.
pub(super) const NAME_LEN_MAX: usize = 150;

/// Characters of a position.
pub(super) const POSITION_LEN_MAX: usize = 100;

/// The legal address, and beside it the company's e-mail and phone.
const LEGAL_AND_CONTACTS: AddressNames =
    AddressNames { email: "company_email", phone: "company_phone", ..LEGAL_ADDRESS };

/// What a person gives for an account.
pub(super) struct AccountInput {
    pub(super) email: Email,
    pub(super) password: String,
    /// Goes on to sign up as an individual entrepreneur.
    pub(super) is_entrepreneur: bool,
}

/// What is wrong with a field of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum AccountWrong {
    /// It is no e-mail address.
    Email,
    /// The password breaks rules.
    PasswordRules(Vec<Broken>),
    /// The password was repeated otherwise.
    Repeat,
    /// The user agreement was not accepted.
    Agreement,
}

/// Reads the form of the second step; with what is wrong, all at once.
pub(super) fn read_account(
    fields: &Fields,
    proven: &Proven,
) -> Result<AccountInput, Vec<(&'static str, AccountWrong)>> {
    let (typed, password) = (fields.text("email"), fields.raw("password"));
    let email = Email::parse(typed).ok();
    let bin = proven.organisation.as_ref().map_or("", |(bin, _)| bin.as_str());
    let broken = broken_rules(password, &[&proven.iin, bin, typed]);
    let mut wrong = Vec::new();
    if email.is_none() {
        wrong.push(("email", AccountWrong::Email));
    }
    if !broken.is_empty() {
        wrong.push(("password", AccountWrong::PasswordRules(broken)));
    } else if fields.raw("repeat") != password {
        wrong.push(("repeat", AccountWrong::Repeat));
    }
    if !fields.is_ticked("agree") {
        wrong.push(("agree", AccountWrong::Agreement));
    }
    let is_entrepreneur = proven.standing == Standing::Person && fields.is_ticked("entrepreneur");
    match email.filter(|_| wrong.is_empty()) {
        Some(email) => Ok(AccountInput { email, password: password.to_owned(), is_entrepreneur }),
        None => Err(wrong),
    }
}

/// What a person gives for a company.
pub(super) struct CompanyInput {
    legal: Address,
    actual: Address,
    email: String,
    phone: String,
    oked: String,
    head: HeadOfCompany,
    bank: Option<BankAccount>,
}

/// What the form of the third step says.
pub(super) enum CompanyRead {
    /// All that is needed.
    Right(Box<CompanyInput>),
    /// A settlement is searched for, in this field: the form is shown again with what was found.
    Search(&'static str),
    /// What is wrong, all at once.
    Wrong(Errors),
}

/// Reads the form of the third step.
pub(super) fn read_company(
    fields: &Fields,
    offer: &CompanyOffer,
    account: &Account,
    banks: &[KnownBank],
) -> CompanyRead {
    let legal = read_address(fields, &LEGAL_AND_CONTACTS);
    let actual = read_address(fields, &ACTUAL_ADDRESS);
    if legal.is_search {
        return CompanyRead::Search(LEGAL_ADDRESS.settlement);
    }
    if actual.is_search {
        return CompanyRead::Search(ACTUAL_ADDRESS.settlement);
    }
    let (mut errors, mut legal) = (legal.errors, legal.address);
    let (email, phone) = (std::mem::take(&mut legal.email), std::mem::take(&mut legal.phone));
    // The box is ticked from the start; who typed another address beside it means that one.
    let is_other = [ACTUAL_ADDRESS.street, ACTUAL_ADDRESS.settlement, ACTUAL_ADDRESS.place]
        .iter()
        .any(|name| !fields.text(name).is_empty());
    let actual = if fields.is_ticked("same_address") && !is_other {
        legal.clone()
    } else {
        errors.extend(actual.errors);
        actual.address
    };
    for name in ["company_email", "company_phone"] {
        if fields.text(name).is_empty() {
            errors.push((name, Wrong::Empty));
        }
    }
    let oked = match oked(fields.text("oked"))
        .and_then(|code| if code.is_empty() { Err(Wrong::Empty) } else { Ok(code) })
    {
        Ok(code) => code,
        Err(wrong) => {
            errors.push(("oked", wrong));
            String::new()
        }
    };
    let head = read_head(fields, offer, account, &mut errors);
    let bank = (!is_blank_bank_account(fields)).then(|| {
        let (bank, wrong) = read_bank_account(fields, banks, None);
        errors.extend(wrong);
        bank
    });
    if errors.is_empty() {
        CompanyRead::Right(Box::new(CompanyInput { legal, actual, email, phone, oked, head, bank }))
    } else {
        CompanyRead::Wrong(errors)
    }
}

/// The head: the person of a head's certificate, else somebody typed. An entrepreneur has none.
fn read_head(fields: &Fields, offer: &CompanyOffer, account: &Account, errors: &mut Errors) -> HeadOfCompany {
    if offer.kind != CompanyKind::LegalEntity {
        return HeadOfCompany::default();
    }
    let mut line = |name: &'static str, chars_max: usize| {
        let line = fields.text(name).split_whitespace().collect::<Vec<_>>().join(" ");
        let wrong = match line.chars().count() {
            0 => Some(Wrong::Empty),
            count if count > chars_max => Some(Wrong::TooLong),
            _ => line.chars().any(char::is_control).then_some(Wrong::Characters),
        };
        errors.extend(wrong.map(|wrong| (name, wrong)));
        line
    };
    let position = line("position", POSITION_LEN_MAX);
    if offer.standing == Standing::Head {
        let (name, iin) = (account.name.clone(), account.iin.clone().unwrap_or_default());
        return HeadOfCompany { account: Some(account.id), name, iin, position };
    }
    HeadOfCompany { account: None, name: line("head_name", NAME_LEN_MAX), iin: String::new(), position }
}

/// The company that somebody brings, with that person as its first administrator.
pub(super) fn company_of(
    offer: &CompanyOffer,
    account: &Account,
    input: CompanyInput,
    now: UnixMillis,
) -> Company {
    let mut company = Company::new(offer.bin.clone(), offer.title(account), offer.kind, now);
    company.registrant = Some(account.id);
    company.members.push(member_of(account, vec![Role::Administrator], now));
    let mut profile = Profile {
        revision: 1,
        email: input.email,
        phones: input.phone,
        head: input.head,
        ..Profile::default()
    };
    // Certificates of the national CA are of companies of Kazakhstan; who is none says so among the attributes.
    profile.attributes.is_resident = true;
    profile.attributes.oked = input.oked;
    company.profile = profile;
    for (kind, address) in [(AddressKind::Legal, input.legal), (AddressKind::Actual, input.actual)] {
        let address = Address { kind, ..address }.numbered(company.take_id(), 1);
        company.addresses.push(address);
    }
    if let Some(bank) = input.bank {
        let account = BankAccount { is_default: true, ..bank };
        let account = account.numbered(company.take_id(), 1);
        company.bank_accounts.push(account);
    }
    company
}

/// A company with its head as an administrator; `None` when the head is one of its people already.
pub(super) fn with_head(company: &Company, account: &Account, now: UnixMillis) -> Option<Company> {
    if company.member(account.id).is_some() {
        return None;
    }
    let mut changed = company.clone();
    changed.members.push(member_of(account, vec![Role::Administrator], now));
    Some(changed)
}
