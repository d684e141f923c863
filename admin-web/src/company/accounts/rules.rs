//! Bank accounts: how one is read from a form, and what may be done with it.

use ofd_storage::accounts::{Attributes, BankAccount, Company};

use crate::cabinet::Fields;
use crate::company::banks::KnownBank;
use crate::company::typed::{Errors, Reader, Wrong};
use crate::directories::{Iik, IikError, Kbe, Residency, account_types};

/// Bank accounts of one company: several banks, some accounts in each.
pub(crate) const ACCOUNTS_MAX: usize = 20;

/// The kind of account that companies have for their daily payments.
pub(super) const CURRENT: &str = "current";

/// A bank account as it was typed.
#[derive(Clone, Default, PartialEq, Eq)]
pub(crate) struct BankInput {
    /// The account's number.
    pub(crate) iik: String,
    /// The bank.
    pub(crate) bic: String,
    /// Its name.
    pub(crate) bank: String,
    /// Residency and sector, two digits.
    pub(crate) kbe: String,
    /// The kind of account, by its code.
    pub(crate) kind: String,
    /// The one that documents name.
    pub(crate) is_default: bool,
    /// For guarantee payments.
    pub(crate) is_guarantee: bool,
}

/// Whose money is where is no business of logs.
impl std::fmt::Debug for BankInput {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("BankInput").field("bic", &self.bic).finish_non_exhaustive()
    }
}

impl BankInput {
    /// Whether a form says nothing of an account, where it need not.
    pub(crate) fn is_blank(fields: &Fields) -> bool {
        fields.text("iik").is_empty() && fields.text("bic").is_empty()
    }

    /// Reads an account from a form. `derived` is the KBe that residency and sector make; without it the form has it.
    pub(crate) fn read(fields: &Fields, banks: &[KnownBank], derived: Option<Kbe>) -> (Self, Errors) {
        let mut reader = Reader::default();
        let iik = match Iik::parse(fields.text("iik")) {
            Ok(iik) => Some(iik),
            Err(error) => {
                reader.errors.push(("iik", iik_wrong(&error, fields.text("iik"))));
                None
            }
        };
        let bank = reader.take("bic", bank(iik.as_ref(), fields.text("bic"), banks));
        let kbe = derived.or_else(|| Kbe::parse(fields.text("kbe"))).ok_or(Wrong::Kbe);
        let kbe = reader.take("kbe", kbe.map(|kbe| kbe.to_string()));
        let kind = match fields.text("account_kind") {
            "" => Ok(CURRENT.to_owned()),
            code if account_types().find(code).is_some() => Ok(code.to_owned()),
            _ => Err(Wrong::Choice),
        };
        let input = Self {
            iik: iik.map(|iik| iik.as_str().to_owned()).unwrap_or_default(),
            bic: bank.0,
            bank: bank.1,
            kbe,
            kind: reader.take("account_kind", kind),
            is_default: fields.is_ticked("is_default"),
            is_guarantee: fields.is_ticked("is_guarantee"),
        };
        (input, reader.errors)
    }

    /// The account as it is kept.
    pub(crate) fn account(self, id: u32, revision: u32) -> BankAccount {
        let Self { iik, bic, bank, kbe, kind, is_default, is_guarantee } = self;
        BankAccount { id, revision, iik, bic, bank, kbe, kind, is_default, is_guarantee }
    }
}

fn iik_wrong(error: &IikError, typed: &str) -> Wrong {
    match error {
        IikError::Length(_) if typed.is_empty() => Wrong::Empty,
        IikError::Length(_) | IikError::Beginning | IikError::Character(_) => Wrong::Iik,
        IikError::Check => Wrong::IikCheck,
    }
}

/// The bank of an account: chosen, or told by the account number itself. Both must say the same.
fn bank(iik: Option<&Iik>, chosen: &str, banks: &[KnownBank]) -> Result<(String, String), Wrong> {
    let by_number = iik.and_then(Iik::bank);
    let bic = match (chosen, by_number) {
        ("", Some(bank)) => bank.bic.as_str(),
        // Without a right account number nothing tells the bank yet, and that number is marked already.
        ("", None) if iik.is_none() => return Ok(Default::default()),
        ("", None) => return Err(Wrong::NoBank),
        (chosen, Some(bank)) if bank.bic != chosen => return Err(Wrong::OtherBank(bank.bic.as_str())),
        (chosen, _) => chosen,
    };
    let known = banks.iter().find(|bank| bank.bic == bic).ok_or(Wrong::Choice)?;
    Ok((known.bic.clone(), known.kept_name.clone()))
}

/// The KBe that a company's attributes make; none while its sector is not known.
pub(super) fn derived_kbe(attributes: &Attributes) -> Option<Kbe> {
    let residency = if attributes.is_resident { Residency::Resident } else { Residency::NonResident };
    Kbe::of(residency, attributes.sector.parse().ok()?)
}

/// Has every account bear the KBe that the company's attributes make.
pub(in crate::company) fn with_kbe(mut company: Company) -> Company {
    let Some(kbe) = derived_kbe(&company.profile.attributes) else { return company };
    let kbe = kbe.to_string();
    for account in company.bank_accounts.iter_mut().filter(|account| account.kbe != kbe) {
        account.kbe.clone_from(&kbe);
        account.revision = account.revision.saturating_add(1);
    }
    company
}

/// Why accounts stay as they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    /// There are as many as may be.
    TooMany,
    /// The same number is there already.
    Repeated,
    /// It is the only one.
    Only,
    /// Somebody changed it since the form was opened.
    Stale,
    /// It is not there any more.
    Gone,
}

/// The same account, whatever its number in the company and how often it was changed.
fn is_same(a: &BankAccount, b: &BankAccount) -> bool {
    let b = BankAccount { id: a.id, revision: a.revision, ..b.clone() };
    *a == b
}

/// Sees to it that just one account is the default: `id`.
fn make_default(accounts: &mut [BankAccount], id: u32) {
    for account in accounts.iter_mut().filter(|account| account.is_default != (account.id == id)) {
        account.is_default = account.id == id;
        account.revision = account.revision.saturating_add(1);
    }
}

/// Adds an account; the first one is the default. `None`: it is there already, as after a form that was sent twice.
pub(super) fn add(company: &Company, input: &BankInput) -> Result<Option<Company>, Refusal> {
    let mut changed = company.clone();
    let mut account = input.clone().account(changed.take_id(), 1);
    account.is_default |= company.bank_accounts.is_empty();
    if let Some(known) = company.bank_accounts.iter().find(|known| known.iik == account.iik) {
        // The first account became the default without being asked to.
        let as_known = BankAccount { is_default: known.is_default, ..account.clone() };
        let is_repeat = is_same(known, &as_known) && (known.is_default || !account.is_default);
        return if is_repeat { Ok(None) } else { Err(Refusal::Repeated) };
    }
    if company.bank_accounts.len() >= ACCOUNTS_MAX {
        return Err(Refusal::TooMany);
    }
    let (id, is_default) = (account.id, account.is_default);
    changed.bank_accounts.push(account);
    if is_default {
        make_default(&mut changed.bank_accounts, id);
    }
    Ok(Some(changed))
}

/// Changes an account that was at `revision` when the form was opened. The default one stays it until another becomes
/// it. `None`: it is so already.
pub(super) fn change(
    company: &Company,
    id: u32,
    revision: u32,
    input: &BankInput,
) -> Result<Option<Company>, Refusal> {
    let known = company.bank_accounts.iter().find(|known| known.id == id).ok_or(Refusal::Gone)?;
    let mut account = input.clone().account(id, known.revision.saturating_add(1));
    account.is_default |= known.is_default;
    if is_same(known, &account) {
        return Ok(None);
    }
    if known.revision != revision {
        return Err(Refusal::Stale);
    }
    if company.bank_accounts.iter().any(|other| other.id != id && other.iik == account.iik) {
        return Err(Refusal::Repeated);
    }
    let is_default = account.is_default;
    let mut changed = company.clone();
    let places = changed.bank_accounts.iter_mut().filter(|known| known.id == id);
    places.for_each(|known| account.clone_into(known));
    if is_default {
        make_default(&mut changed.bank_accounts, id);
    }
    Ok(Some(changed))
}

/// The account that becomes the default when this one goes.
pub(super) fn next_default(company: &Company, id: u32) -> Option<&BankAccount> {
    let is_default = company.bank_accounts.iter().any(|account| account.id == id && account.is_default);
    if is_default { company.bank_accounts.iter().find(|account| account.id != id) } else { None }
}

/// Deletes an account that was at `revision` when the question was asked.
pub(super) fn delete(company: &Company, id: u32, revision: u32) -> Result<Option<Company>, Refusal> {
    let known = company.bank_accounts.iter().find(|known| known.id == id).ok_or(Refusal::Gone)?;
    if company.bank_accounts.len() == 1 {
        return Err(Refusal::Only);
    }
    if known.revision != revision {
        return Err(Refusal::Stale);
    }
    let next = next_default(company, id).map(|account| account.id);
    let mut changed = company.clone();
    changed.bank_accounts.retain(|known| known.id != id);
    if let Some(next) = next {
        make_default(&mut changed.bank_accounts, next);
    }
    Ok(Some(changed))
}

#[cfg(test)]
mod tests {
    use ofd_protocol::types::UnixMillis;
    use ofd_storage::accounts::CompanyKind;

    use super::*;

    /// The example of Kazakhstan in the registry of IBANs: an account in the National Bank.
    const IIK: &str = "KZ86125KZT5004100100";

    /// Right numbers of accounts with these digits of the bank.
    fn iik(bank: &str, account: u32) -> String {
        let with = |check: u32| format!("KZ{check:02}{bank}{account:013}");
        (0..100).map(with).find(|iik| Iik::parse(iik).is_ok()).unwrap()
    }

    fn banks() -> Vec<KnownBank> {
        ["NBRKKZKX", "HSBKKZKX", "ADDEKZKA"]
            .map(|bic| KnownBank { bic: bic.into(), name: bic.into(), kept_name: bic.to_lowercase() })
            .into()
    }

    fn read(values: &[(&str, &str)]) -> (BankInput, Errors) {
        let values = values.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        BankInput::read(&Fields::new(values), &banks(), None)
    }

    fn input(iik: &str) -> BankInput {
        let (input, errors) = read(&[("iik", iik), ("kbe", "17")]);
        assert!(errors.is_empty(), "{errors:?}");
        input
    }

    fn company(accounts: u32) -> Company {
        let company =
            Company::new("151140001234".into(), "ТОО".into(), CompanyKind::LegalEntity, UnixMillis(1));
        (0..accounts)
            .fold(company, |company, account| add(&company, &input(&iik("601", account))).unwrap().unwrap())
    }

    fn defaults(company: &Company) -> Vec<u32> {
        company.bank_accounts.iter().filter(|account| account.is_default).map(|account| account.id).collect()
    }

    #[test]
    fn the_number_of_an_account_tells_its_bank() {
        let (read_input, errors) = read(&[("iik", "kz86 125k zt50 0410 0100"), ("kbe", "17")]);
        assert!(errors.is_empty(), "{errors:?}");
        assert_eq!((read_input.iik.as_str(), read_input.bic.as_str()), (IIK, "NBRKKZKX"));
        assert_eq!((read_input.bank.as_str(), read_input.kind.as_str()), ("nbrkkzkx", CURRENT));
        let (_, errors) = read(&[("iik", IIK), ("bic", "HSBKKZKX"), ("kbe", "17")]);
        assert_eq!(errors, [("bic", Wrong::OtherBank("NBRKKZKX"))]);
    }

    #[test]
    fn an_account_in_a_bank_that_numbers_do_not_tell_needs_the_bank() {
        let iik = iik("999", 1);
        let (_, errors) = read(&[("iik", &iik), ("kbe", "17")]);
        assert_eq!(errors, [("bic", Wrong::NoBank)]);
        let (input, errors) = read(&[("iik", &iik), ("bic", "ADDEKZKA"), ("kbe", "17")]);
        assert!(errors.is_empty() && input.bic == "ADDEKZKA", "{errors:?}");
        let (_, errors) = read(&[("iik", &iik), ("bic", "NONEKZKA"), ("kbe", "17")]);
        assert_eq!(errors, [("bic", Wrong::Choice)]);
    }

    #[test]
    fn everything_wrong_is_said_at_once() {
        let (_, errors) = read(&[("iik", "KZ87125KZT5004100100"), ("kbe", "07"), ("account_kind", "gold")]);
        assert_eq!(errors, [("iik", Wrong::IikCheck), ("kbe", Wrong::Kbe), ("account_kind", Wrong::Choice)]);
        assert_eq!(read(&[("kbe", "17")]).1, [("iik", Wrong::Empty)]);
        assert_eq!(read(&[("kbe", "17"), ("iik", "KZ1234567890E93123456")]).1, [("iik", Wrong::Iik)]);
    }

    #[test]
    fn kbe_is_residency_and_sector() {
        let mut attributes = Attributes { is_resident: true, sector: "7".into(), ..Attributes::default() };
        assert_eq!(derived_kbe(&attributes).unwrap().to_string(), "17");
        attributes.is_resident = false;
        assert_eq!(derived_kbe(&attributes).unwrap().to_string(), "27");
        attributes.sector = String::new();
        assert_eq!(derived_kbe(&attributes), None);
        let values = vec![("iik".to_owned(), IIK.to_owned()), ("kbe".to_owned(), "29".to_owned())];
        let (input, _) = BankInput::read(&Fields::new(values), &banks(), Kbe::parse("17"));
        assert_eq!(input.kbe, "17", "what is derived cannot be typed over");
        let mut company = company(2);
        company.profile.attributes = Attributes { sector: "8".into(), ..Attributes::default() };
        let changed = with_kbe(company.clone());
        assert!(changed.bank_accounts.iter().all(|account| account.kbe == "28" && account.revision > 1));
        assert_eq!(with_kbe(changed.clone()).bank_accounts, changed.bank_accounts);
    }

    #[test]
    fn exactly_one_account_is_the_default() {
        let one = company(1);
        assert_eq!(defaults(&one), [one.bank_accounts[0].id], "the first is");
        let wish = BankInput { is_default: true, ..input(&iik("601", 7)) };
        let two = add(&one, &wish).unwrap().unwrap();
        let [first, second] = [two.bank_accounts[0].clone(), two.bank_accounts[1].clone()];
        assert_eq!(defaults(&two), [second.id]);
        assert_eq!(first.revision, 2, "a form about the first one is old now");
        let unticked = BankInput { is_default: false, is_guarantee: true, ..wish.clone() };
        let kept = change(&two, second.id, second.revision, &unticked).unwrap().unwrap();
        assert_eq!(defaults(&kept), [second.id], "it stays until another becomes it");
        let back = BankInput { is_default: true, ..input(&first.iik) };
        let back = change(&kept, first.id, first.revision, &back).unwrap().unwrap();
        assert_eq!(defaults(&back), [first.id]);
        let left = delete(&back, first.id, back.bank_accounts[0].revision).unwrap().unwrap();
        assert_eq!(defaults(&left), [second.id]);
    }

    #[test]
    fn the_only_account_stays() {
        let one = company(1);
        assert_eq!(delete(&one, one.bank_accounts[0].id, 1), Err(Refusal::Only));
        assert_eq!(delete(&one, 99, 1), Err(Refusal::Gone));
    }

    #[test]
    fn a_form_that_comes_twice_changes_nothing_the_second_time() {
        let one = company(1);
        assert_eq!(add(&one, &input(&iik("601", 0))), Ok(None));
        let other = BankInput { is_guarantee: true, ..input(&iik("601", 0)) };
        assert_eq!(add(&one, &other), Err(Refusal::Repeated));
        let id = one.bank_accounts[0].id;
        let changed = change(&one, id, 1, &other).unwrap().unwrap();
        assert_eq!(change(&changed, id, 1, &other), Ok(None));
        let third = BankInput { kind: "savings".into(), ..other };
        assert_eq!(change(&changed, id, 1, &third), Err(Refusal::Stale));
    }

    #[test]
    fn accounts_are_not_repeated_and_not_without_end() {
        let full = company(u32::try_from(ACCOUNTS_MAX).unwrap());
        assert_eq!(add(&full, &input(&iik("601", 999))), Err(Refusal::TooMany));
        let second = &full.bank_accounts[1];
        assert_eq!(change(&full, second.id, 1, &input(&iik("601", 5))), Err(Refusal::Repeated));
    }
}
