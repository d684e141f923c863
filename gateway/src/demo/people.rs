//! The demo's people: they brought their organisations to the site, and joined the contract by a signature of the test PKI's
//! keys. What they do is what pages do, by the same use cases.

use std::fmt::Write;
use std::net::{IpAddr, Ipv4Addr};

use ofd_admin_web::office::directories::settlement;
use ofd_admin_web::office::language::Language;
use ofd_admin_web::office::papers::{
    Around, DrawnUp, Outcome, Sent, contract_to_join, draw_up, read_contract, sign,
};
use ofd_admin_web::office::people::accounts::{Created, NewPerson, claim_email, create_account};
use ofd_admin_web::office::people::joining::{appoint_first_administrator, found};
use ofd_admin_web::office::people::{member_of, password};
use ofd_admin_web::{By, Site};
use ofd_protocol::types::UnixMillis;
use ofd_stand::{Key, Pki, system_clock};
use ofd_storage::accounts::{
    Account, Address, AddressKind, AuditAction, AuditField, AuditSubject, Company, CompanyKind,
    ConfirmedEmail, HeadOfCompany, Password, Role,
};
use ofd_storage::papers;

use super::ports::Failure;
use super::registering;
use super::stand::{ADMINISTRATOR, Brings, ORGANISATIONS};

/// Everybody's password. The demo's keys are known to everybody as well.
const PASSWORD: &str = "Kassa-Demo-1";

/// The city of Astana, where the demo's organisations are.
const SETTLEMENT: &str = "710000000";

/// Has the operator's administrator and both organisations sign up; one of them registers a register of its own. Who has done so before is left as it is.
pub(super) async fn sign_up(site: &Site, pki: &Pki, now: UnixMillis) -> Result<(), Failure> {
    if let Some(key) = pki.key(ADMINISTRATOR) {
        account(site, key, ADMINISTRATOR, now).await?;
    }
    for brings in &ORGANISATIONS {
        let Some(key) = pki.key(brings.label) else { continue };
        if let Some(account) = account(site, key, brings.label, now).await? {
            let company = bring(site, &account, (key, brings), now).await?;
            join(site, &account, (key, &company), now).await?;
            if brings.registers {
                let whose = (&account, key, &company);
                registering::register(site, &by(Some(&account), now), whose, &around(site)).await?;
            }
        }
    }
    Ok(())
}

/// How one logs in, a line for each.
pub(super) fn logins(pki: &Pki) -> String {
    let mut text = String::new();
    for label in ORGANISATIONS.iter().map(|brings| brings.label).chain([ADMINISTRATOR]) {
        let Some(key) = pki.key(label) else { continue };
        let login = key.bin().filter(|_| label != ADMINISTRATOR).or(key.iin()).unwrap_or_default();
        let _ = writeln!(text, "    {login}   password {PASSWORD}   {}", key.full_name());
    }
    text
}

/// The person at this machine.
fn by(account: Option<&Account>, now: UnixMillis) -> By {
    By::person(account, false, now, (IpAddr::V4(Ipv4Addr::LOCALHOST), Language::Russian))
}

/// The account of a key's owner, with a password and an address that is confirmed; `None` when there is one already.
async fn account(site: &Site, key: &Key, label: &str, now: UnixMillis) -> Result<Option<Account>, Failure> {
    let (office, by) = (&site.office, by(None, now));
    let hash = password::hash(office, by.ip, PASSWORD).await?;
    let person =
        NewPerson { iin: key.iin().map(str::to_owned), email: None, name: key.full_name().to_owned() };
    let address = format!("{label}@example.kz");
    let created = create_account(office, &by, person, |account| {
        account.password = Some(Password { hash, since: now, wrong_in_a_row: 0, locked_until: None });
        account.email = Some(ConfirmedEmail { address: address.clone(), since: now });
        vec![by.entry_of(account, AuditAction::PasswordSet, AuditSubject::Account, Vec::new())]
    })
    .await?;
    let Created::New(account) = created else { return Ok(None) };
    claim_email(office, &by, &address, account.state.id).await?;
    appoint_first_administrator(office, &by, &account.state).await?;
    Ok(Some(account.state))
}

/// Brings the organisation of a key to the site: it takes over what the fleet file knows of it.
async fn bring(
    site: &Site,
    account: &Account,
    (key, brings): (&Key, &Brings),
    now: UnixMillis,
) -> Result<Company, Failure> {
    let kind = if key.bin().is_some() { CompanyKind::LegalEntity } else { CompanyKind::Entrepreneur };
    let mut company = Company::new(brings.bin(key), brings.title(key), kind, now);
    company.registrant = Some(account.id);
    company.members.push(member_of(account, vec![Role::Administrator], now));
    company.profile.revision = 1;
    company.profile.email = format!("{}@example.kz", brings.label);
    company.profile.phones = "+7 7172 123-456".to_owned();
    company.profile.attributes.is_resident = true;
    company.profile.attributes.oked = "47111".to_owned();
    if kind == CompanyKind::LegalEntity {
        let (name, iin) = (account.name.clone(), account.iin.clone().unwrap_or_default());
        company.profile.head =
            HeadOfCompany { account: Some(account.id), name, iin, position: "Директор".to_owned() };
    }
    let place = settlement(SETTLEMENT);
    let named = |language| place.as_ref().map(|place| place.chain(language));
    for kind in [AddressKind::Legal, AddressKind::Actual] {
        let id = company.take_id();
        company.addresses.push(Address {
            id,
            revision: 1,
            kind,
            country: "KZ".to_owned(),
            settlement: SETTLEMENT.to_owned(),
            place: named(Language::Russian).unwrap_or_default(),
            place_kz: named(Language::Kazakh),
            street: brings.street.to_owned(),
            email: String::new(),
            phone: String::new(),
        });
    }
    let by = by(Some(account), now);
    let roles = AuditField::Roles.change("", Role::Administrator.name());
    let subject = AuditSubject::Person(account.id).called(account.name.as_str());
    let audit = vec![
        by.entry(
            AuditAction::CompanyCreated,
            AuditSubject::Company.called(company.title.as_str()),
            Vec::new(),
        ),
        by.entry(AuditAction::Joined, subject, roles.into_iter().collect()),
    ];
    found(&site.office, account.id, company.clone(), audit).await?;
    Ok(company)
}

/// What papers name beside who signs them.
fn around(site: &Site) -> Around {
    Around {
        operator: site.config.imprint.clone(),
        check_url: format!("{}/signature", site.config.public_url),
        zone_offset_seconds: site.config.zone_offset_seconds,
    }
}

/// Reads the contract, has Application No. 1 drawn up, looks at its bytes and signs them.
async fn join(
    site: &Site,
    account: &Account,
    (key, company): (&Key, &Company),
    now: UnixMillis,
) -> Result<(), Failure> {
    let (office, by, bin) = (&site.office, by(Some(account), now), company.bin.as_str());
    let around = around(site);
    let version = contract_to_join(office, now, around.zone_offset_seconds).version.clone();
    read_contract(office, &by, (bin, account), (&version, &around)).await?;
    let DrawnUp::Ready(paper) = draw_up(office, &by, (bin, account), &around, None).await? else {
        return Err(format!("the application of {bin} was not drawn up").into());
    };
    let pdf = papers::pdf(&office.store, bin, paper.number).await?.unwrap_or_default();
    let cms = key.sign_cms(&pdf, false, system_clock()(), None).into();
    let sent = Sent { number: paper.number, pdf_hash: paper.pdf_hash, cms };
    match sign(office, &by, (bin, &around), sent).await? {
        Outcome::Valid | Outcome::Checking => Ok(()),
        refused => Err(format!("the application of {bin} was not taken: {refused:?}").into()),
    }
}
