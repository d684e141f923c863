//! Bank accounts: how one is read from a form, and what may be done with it.

use ofd_storage::accounts::{
    Attributes, AuditAction, AuditField, AuditSubject, BankAccount, Company, ToldSubject,
};

use crate::banks::KnownBank;
use crate::directories::{Iik, IikError, Kbe, Residency, account_types};
use crate::fields::Fields;
use crate::part::Part;
use crate::typed::{Errors, Reader, Wrong, ticked};

/// The kind of account that companies have for their daily payments.
pub const CURRENT: &str = "current";

/// Whether a form says nothing of an account, where it need not.
pub fn is_blank_bank_account(fields: &Fields) -> bool {
    fields.text("iik").is_empty() && fields.text("bic").is_empty()
}

/// Reads an account from a form. `derived` is the KBe that residency and sector make; without it the form has it.
pub fn read_bank_account(
    fields: &Fields,
    banks: &[KnownBank],
    derived: Option<Kbe>,
) -> (BankAccount, Errors) {
    let mut reader = Reader::default();
    let iik = match Iik::parse(fields.text("iik")) {
        Ok(iik) => Some(iik),
        Err(error) => {
            reader.errors.push(("iik", iik_wrong(&error, fields.text("iik"))));
            None
        }
    };
    let (bic, bank) = reader.take("bic", bank(iik.as_ref(), fields.text("bic"), banks));
    let kbe = derived.or_else(|| Kbe::parse(fields.text("kbe"))).ok_or(Wrong::Kbe);
    let kbe = reader.take("kbe", kbe.map(|kbe| kbe.to_string()));
    let kind = match fields.text("account_kind") {
        "" => Ok(CURRENT.to_owned()),
        code if account_types().find(code).is_some() => Ok(code.to_owned()),
        _ => Err(Wrong::Choice),
    };
    let account = BankAccount {
        id: 0,
        revision: 0,
        iik: iik.map(|iik| iik.as_str().to_owned()).unwrap_or_default(),
        bic,
        bank,
        kbe,
        kind: reader.take("account_kind", kind),
        is_default: fields.is_ticked("is_default"),
        is_guarantee: fields.is_ticked("is_guarantee"),
    };
    (account, reader.errors)
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
pub fn derived_kbe(attributes: &Attributes) -> Option<Kbe> {
    let residency = if attributes.is_resident { Residency::Resident } else { Residency::NonResident };
    Kbe::of(residency, attributes.sector.parse().ok()?)
}

/// Has every account bear the KBe that the company's attributes make.
pub fn with_kbe(mut company: Company) -> Company {
    let Some(kbe) = derived_kbe(&company.profile.attributes) else { return company };
    let kbe = kbe.to_string();
    for account in company.bank_accounts.iter_mut().filter(|account| account.kbe != kbe) {
        account.kbe.clone_from(&kbe);
        account.revision = account.revision.saturating_add(1);
    }
    company
}

/// Sees to it that just one account is the default: `id`.
fn make_default(accounts: &mut [BankAccount], id: u32) {
    for account in accounts.iter_mut().filter(|account| account.is_default != (account.id == id)) {
        account.is_default = account.id == id;
        account.revision = account.revision.saturating_add(1);
    }
}

/// The account that becomes the default when this one goes.
pub fn next_default(company: &Company, id: u32) -> Option<&BankAccount> {
    let is_default = company.bank_accounts.iter().any(|account| account.id == id && account.is_default);
    if is_default { company.bank_accounts.iter().find(|account| account.id != id) } else { None }
}

impl Part for BankAccount {
    kept_in!(bank_accounts);

    /// Several banks, some accounts in each.
    const MAX: usize = 20;

    const ACTIONS: [AuditAction; 3] =
        [AuditAction::BankAccountAdded, AuditAction::BankAccountChanged, AuditAction::BankAccountDeleted];

    fn subject(&self) -> ToldSubject {
        AuditSubject::BankAccount(self.id).called(self.iik.as_str())
    }

    fn told(&self) -> Vec<(AuditField, String)> {
        let bank =
            if self.bic.is_empty() { String::new() } else { [self.bic.as_str(), &self.bank].join(" ") };
        vec![
            (AuditField::Iik, self.iik.clone()),
            (AuditField::Bank, bank),
            (AuditField::Kbe, self.kbe.clone()),
            (AuditField::AccountKind, account_types().kept(&self.kind)),
            (AuditField::Default, ticked(self.is_default)),
            (AuditField::Guarantee, ticked(self.is_guarantee)),
        ]
    }

    /// The first one is the default, and the default one stays it until another becomes it.
    fn complete(&mut self, company: &Company, before: Option<&Self>) {
        self.is_default |= before.map_or(company.bank_accounts.is_empty(), |before| before.is_default);
    }

    /// The first account became the default without being asked to.
    fn is_repeat(&self, known: &Self) -> bool {
        let as_known = Self { is_default: known.is_default, ..self.clone() };
        as_known.is_same(known) && (known.is_default || !self.is_default)
    }

    fn check(&self, company: &Company) -> Result<(), (&'static str, Wrong)> {
        let is_same = |other: &Self| other.id != self.id && other.iik == self.iik;
        if company.bank_accounts.iter().any(is_same) { Err(("iik", Wrong::SameAccount)) } else { Ok(()) }
    }

    /// The only one does.
    fn stays(&self, company: &Company) -> bool {
        company.bank_accounts.len() == 1
    }

    /// Just one is the default.
    fn settle(company: &mut Company, id: u32) {
        let mut defaults = company.bank_accounts.iter().filter(|account| account.is_default);
        let default = defaults.clone().find(|account| account.id == id).or_else(|| defaults.next());
        let default = default.or(company.bank_accounts.first()).map(|account| account.id);
        if let Some(default) = default {
            make_default(&mut company.bank_accounts, default);
        }
    }
}

#[cfg(test)]
mod tests {
    use ofd_protocol::types::UnixMillis;
    use ofd_storage::accounts::CompanyKind;

    use super::*;
    use crate::part::{Changed, PartRefusal, add, change, delete};

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

    fn read(values: &[(&str, &str)]) -> (BankAccount, Errors) {
        let values = values.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        read_bank_account(&Fields::new(values), &banks(), None)
    }

    fn input(iik: &str) -> BankAccount {
        let (input, errors) = read(&[("iik", iik), ("kbe", "17")]);
        assert!(errors.is_empty(), "{errors:?}");
        input
    }

    fn changed(company: &Company, id: u32, revision: u32, draft: &BankAccount) -> Changed<Company> {
        change(company, (id, revision.into()), draft)
    }

    fn deleted(company: &Company, id: u32, revision: u32) -> Changed<Company> {
        delete::<BankAccount>(company, (id, revision.into()))
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
        let (input, _) = read_bank_account(&Fields::new(values), &banks(), Kbe::parse("17"));
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
        let wish = BankAccount { is_default: true, ..input(&iik("601", 7)) };
        let two = add(&one, &wish).unwrap().unwrap();
        let [first, second] = [two.bank_accounts[0].clone(), two.bank_accounts[1].clone()];
        assert_eq!(defaults(&two), [second.id]);
        assert_eq!(first.revision, 2, "a form about the first one is old now");
        let unticked = BankAccount { is_default: false, is_guarantee: true, ..wish.clone() };
        let kept = changed(&two, second.id, second.revision, &unticked).unwrap().unwrap();
        assert_eq!(defaults(&kept), [second.id], "it stays until another becomes it");
        let back = BankAccount { is_default: true, ..input(&first.iik) };
        let back = changed(&kept, first.id, first.revision, &back).unwrap().unwrap();
        assert_eq!(defaults(&back), [first.id]);
        let left = deleted(&back, first.id, back.bank_accounts[0].revision).unwrap().unwrap();
        assert_eq!(defaults(&left), [second.id]);
    }

    #[test]
    fn the_only_account_stays() {
        let one = company(1);
        assert_eq!(deleted(&one, one.bank_accounts[0].id, 1), Err(PartRefusal::Stays));
        assert_eq!(deleted(&one, 99, 1), Err(PartRefusal::Gone));
    }

    #[test]
    fn a_form_that_comes_twice_changes_nothing_the_second_time() {
        let one = company(1);
        assert_eq!(add(&one, &input(&iik("601", 0))), Ok(None));
        let other = BankAccount { is_guarantee: true, ..input(&iik("601", 0)) };
        assert_eq!(add(&one, &other), Err(PartRefusal::Wrong("iik", Wrong::SameAccount)));
        let id = one.bank_accounts[0].id;
        let second = changed(&one, id, 1, &other).unwrap().unwrap();
        assert_eq!(changed(&second, id, 1, &other), Ok(None));
        let third = BankAccount { kind: "savings".into(), ..other };
        assert_eq!(changed(&second, id, 1, &third), Err(PartRefusal::Stale));
    }

    #[test]
    fn accounts_are_not_repeated_and_not_without_end() {
        let full = company(u32::try_from(BankAccount::MAX).unwrap());
        assert_eq!(add(&full, &input(&iik("601", 999))), Err(PartRefusal::TooMany));
        let second = &full.bank_accounts[1];
        assert_eq!(
            changed(&full, second.id, 1, &input(&iik("601", 5))),
            Err(PartRefusal::Wrong("iik", Wrong::SameAccount))
        );
    }
}
