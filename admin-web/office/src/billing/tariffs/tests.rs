//! What billing people and organisations do with tariffs, and what the audits say of it.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use ofd_billing::Tiyn;
use ofd_billing::tariffs::{Choosers, PeriodsError, Step, TakesEffect, Titles};
use ofd_edge::{DRAWN_LEN, World};
use ofd_eds::Moment;
use ofd_protocol::types::UnixMillis;
use ofd_stand::Pki;
use ofd_storage::accounts::{
    AccountId, AuditEntry, Company, CompanyKind, Member, Role, audit_rows, create, registration,
};
use ofd_storage::erased::DynStore;
use ofd_storage::memory::MemoryStore;
use ofd_storage::model;
use ofd_storage::samples;

use super::super::offers::{OfferedFor, offers};
use super::*;
use crate::contracts::Contracts;
use crate::language::Language;
use crate::mail::Mailer;
use crate::office::OperatorPeople;
use crate::signatures::{RevocationPolicy, Signatures, SignaturesConfig};
use crate::work::Work;

const BIN: &str = "151140001234";
const ZONE: i32 = 5 * 3600;

/// Noon of 30 November 2026 where money is counted, and other bytes at each draw.
struct Noon(AtomicU64);

impl World for Noon {
    fn now(&self) -> UnixMillis {
        UnixMillis(1_796_022_000_000)
    }

    fn draw(&self) -> [u8; DRAWN_LEN] {
        let mut drawn = [0; DRAWN_LEN];
        drawn[..8].copy_from_slice(&self.0.fetch_add(1, Ordering::Relaxed).to_be_bytes());
        drawn
    }
}

fn company(bin: &str, kind: CompanyKind, role: Role) -> Company {
    let since = UnixMillis(1);
    let mut company = Company::new(bin.into(), "ТОО".into(), kind, since);
    company.members = vec![Member {
        account: AccountId(1),
        name: "A".into(),
        iin: None,
        email: String::new(),
        roles: vec![role],
        block: None,
        since,
        revision: 0,
    }];
    company
}

/// Nothing is signed here; an office checks signatures all the same.
fn signatures() -> Signatures {
    let pki = Pki::new([5; 32], Moment::from_unix(1_796_022_000));
    let folder = tempfile::tempdir().unwrap();
    pki.write_trust(folder.path()).unwrap();
    let config = SignaturesConfig {
        trust: folder.path().to_owned(),
        ocsp: Vec::new(),
        crls: Vec::new(),
        tsa: Vec::new(),
        revocation: RevocationPolicy::CachedCrl,
    };
    Signatures::new(&config, Work::for_tests(), Box::new(|| [1; 16]), &mut |_| ()).unwrap()
}

async fn office() -> Office {
    let store = DynStore::from(Arc::new(MemoryStore::new()));
    let with = (signatures(), Mailer::Off, Contracts::sample().unwrap());
    let office = Office::new(store, Arc::new(Noon(AtomicU64::new(1))), with, OperatorPeople::default());
    let operator = company(OPERATOR, CompanyKind::Operator, Role::Billing);
    create(&office.store, operator, Vec::new(), office.stamp()).await.unwrap();
    let own = company(BIN, CompanyKind::LegalEntity, Role::Administrator);
    create(&office.store, own, Vec::new(), office.stamp()).await.unwrap();
    model::create(&office.store, &samples::register(RegisterId(7), BIN)).await.unwrap();
    office
}

fn by(office: &Office) -> By {
    By::person(None, true, office.now(), (IpAddr::V4(Ipv4Addr::LOCALHOST), Language::Russian))
}

fn day(text: &str) -> Day {
    text.parse().unwrap()
}

fn version(from: &str, tenge: i64) -> PlanVersion {
    let steps = vec![Step { registers: 1, price: Price::Tiyn(Tiyn::new(tenge * 100).unwrap()) }];
    PlanVersion {
        from: day(from),
        last: None,
        prices: vec![KindPrice { kind: ConnectionKind::Wired, per: Per::Month, steps }],
        free_months: 0,
        connection_fee: None,
        receipts: None,
    }
}

fn basic() -> PlanData {
    PlanData {
        id: "basic".parse().unwrap(),
        titles: Titles { ru: "Базовый".into(), kk: "Негізгі".into(), en: "Basic".into() },
        kinds: vec![ConnectionKind::Wired],
        versions: vec![version("2026-11-30", 1500)],
        ..tariffs::free().unwrap().data().clone()
    }
}

async fn audit(office: &Office, bin: &str) -> Vec<AuditEntry> {
    let rows = audit_rows(&office.store, Company::stream_of(bin).unwrap(), None, 50).await.unwrap();
    rows.into_iter().map(|row| row.entry).collect()
}

#[tokio::test]
async fn a_plan_and_its_versions_are_in_the_audit_once_however_often_the_form_comes() {
    let office = office().await;
    let by = by(&office);
    for _ in 0..2 {
        add_plan(&office, &by, ZONE, basic()).await.unwrap().unwrap();
    }
    let next = version("2027-01-01", 1600);
    for _ in 0..2 {
        let plan = add_version(&office, &by, ZONE, (&basic().id, &next)).await.unwrap().unwrap();
        assert_eq!(plan.data().versions.len(), 2);
    }
    let audit = audit(&office, OPERATOR).await;
    let told: Vec<_> = audit.iter().map(|row| (row.action, row.subject.text.as_str())).collect();
    assert_eq!(told, [(AuditAction::PlanVersionAdded, "basic/2"), (AuditAction::PlanAdded, "basic/1")]);
    let prices = audit[0].changes.iter().find(|change| change.field == AuditField::PlanPrices.name());
    assert_eq!(prices.unwrap().after.as_deref(), Some("wired/month 1: 1600.00"));
}

#[tokio::test]
async fn a_version_that_has_not_begun_is_taken_back_once_and_told_again_under_its_number() {
    let office = office().await;
    let by = by(&office);
    add_plan(&office, &by, ZONE, basic()).await.unwrap().unwrap();
    let id = basic().id;
    for tenge in [1600, 1700] {
        let version = version("2027-01-01", tenge);
        add_version(&office, &by, ZONE, (&id, &version)).await.unwrap().unwrap();
        for _ in 0..2 {
            let plan = super::take_back(&office, &by, ZONE, (&id, 2)).await.unwrap().unwrap();
            assert_eq!(plan.data().versions.len(), 1);
        }
    }
    let refused = super::take_back(&office, &by, ZONE, (&id, 1)).await.unwrap().unwrap_err();
    assert!(matches!(refused, TariffRefusal::Plan(PlanError::Begun(name)) if name.number == 1), "{refused}");
    use AuditAction::{PlanAdded, PlanVersionAdded, PlanVersionTakenBack};
    let told: Vec<_> = audit(&office, OPERATOR).await.iter().map(|row| row.action).collect();
    let twice = [PlanVersionTakenBack, PlanVersionAdded, PlanVersionTakenBack, PlanVersionAdded, PlanAdded];
    assert_eq!(told, twice);
}

#[tokio::test]
async fn who_may_choose_a_plan_and_rates_of_vat_are_told_once_each_time_they_change() {
    let office = office().await;
    let by = by(&office);
    add_plan(&office, &by, ZONE, basic()).await.unwrap().unwrap();
    let id = basic().id;
    for choosers in [Choosers::All, Choosers::Nobody, Choosers::Nobody, Choosers::All] {
        let plan = set_choosers(&office, &by, (&id, &choosers)).await.unwrap().unwrap();
        assert_eq!(plan.data().choosers, choosers);
    }
    let rate = VatPeriod {
        from: day("2027-01-01"),
        last: None,
        rate: ofd_billing::tariffs::VatRate::new(18).unwrap(),
    };
    for _ in 0..2 {
        add_vat_rate(&office, &by, ZONE, rate).await.unwrap().unwrap();
    }
    let past = VatPeriod { from: day("2026-01-01"), ..rate };
    assert!(add_vat_rate(&office, &by, ZONE, past).await.unwrap().is_err());
    let told: Vec<_> = audit(&office, OPERATOR).await.iter().map(|row| row.action).collect();
    use AuditAction::{PlanAdded, PlanChoosersChanged, VatRateAdded};
    assert_eq!(told, [VatRateAdded, PlanChoosersChanged, PlanChoosersChanged, PlanAdded]);
}

#[tokio::test]
async fn a_version_that_is_refused_names_both_and_leaves_no_trace() {
    let office = office().await;
    let by = by(&office);
    add_plan(&office, &by, ZONE, basic()).await.unwrap().unwrap();
    let early = version("2026-11-30", 1600);
    let refused = add_version(&office, &by, ZONE, (&basic().id, &early)).await.unwrap().unwrap_err();
    assert!(
        matches!(&refused, TariffRefusal::Plan(PlanError::Versions(PeriodsError::Past { .. }))),
        "{refused}"
    );
    let late = version("2027-02-01", 1600);
    add_version(&office, &by, ZONE, (&basic().id, &late)).await.unwrap().unwrap();
    let between = version("2027-01-01", 1700);
    let refused = add_version(&office, &by, ZONE, (&basic().id, &between)).await.unwrap().unwrap_err();
    assert_eq!(
        refused.to_string(),
        "versions: number 2 (from 2027-02-01) and number 3 (from 2027-01-01) overlap"
    );
    assert_eq!(audit(&office, OPERATOR).await.len(), 2);
}

#[tokio::test]
async fn an_organisation_chooses_from_what_it_may_and_is_told_what_that_costs() {
    let office = office().await;
    let by = by(&office);
    add_plan(&office, &by, ZONE, basic()).await.unwrap().unwrap();
    let others = PlanData {
        id: "others".parse().unwrap(),
        choosers: Choosers::Listed(["020202500123".to_owned()].into()),
        ..basic()
    };
    add_plan(&office, &by, ZONE, others).await.unwrap().unwrap();
    let dear = PlanData { id: "dear".parse().unwrap(), takes_effect: TakesEffect::NextMonth, ..basic() };
    add_plan(&office, &by, ZONE, dear).await.unwrap().unwrap();
    let told = async |of| {
        let offers = offers(&office, BIN, of).await.unwrap();
        let told = offers.iter().map(|offer| {
            let total = offer.quote.as_ref().unwrap().total.get();
            (offer.plan.id().to_string(), offer.first_day.to_string(), offer.registers(), total)
        });
        told.collect::<Vec<_>>()
    };
    let of = |id: &str, day: &str, registers, total| (id.to_owned(), day.to_owned(), registers, total);
    assert_eq!(
        told(OfferedFor::Register(ConnectionKind::Wired)).await,
        [
            of("basic", "2026-12-01", 1, 150_000),
            of("dear", "2026-12-01", 1, 150_000),
            of("free", "2026-12-01", 1, 0)
        ]
    );
    assert_eq!(
        told(OfferedFor::NewRegister).await,
        [
            of("basic", "2026-11-30", 2, 300_000),
            of("dear", "2026-11-30", 2, 300_000),
            of("free", "2026-11-30", 2, 0),
            of("free", "2026-11-30", 2, 0)
        ]
    );
}

#[tokio::test]
async fn a_choice_holds_from_the_next_day_on_is_told_once_and_never_backdated() {
    let office = office().await;
    let by = by(&office);
    add_plan(&office, &by, ZONE, basic()).await.unwrap().unwrap();
    let id = RegisterId(7);
    let choose = async |plan: &str, revision: u32| {
        let plan = plan.parse().unwrap();
        super::choose(&office, &by, ZONE, (BIN, id), (&plan, Revision::from(revision))).await.unwrap()
    };
    assert_eq!(choose("none", 0).await, Choice::NoPlan);
    assert!(matches!(choose("free", 0).await, Choice::Refused(ChoiceError::Same(_))));
    for _ in 0..2 {
        assert_eq!(choose("basic", 0).await, Choice::From(day("2026-12-01")));
    }
    assert_eq!(choose("free", 0).await, Choice::Stale, "a page from before the choice");
    let kept = registration(&office.store, Company::stream_of(BIN).unwrap(), id).await.unwrap().unwrap();
    assert_eq!(kept.plans.on(day("2026-11-30")).unwrap().as_str(), "free");
    assert_eq!(kept.plans.on(day("2026-12-01")).unwrap().as_str(), "basic");
    assert_eq!((kept.data.tariff.as_str(), kept.data.plan.unwrap().titles.ru.as_str()), ("basic", "Базовый"));
    let audit = audit(&office, BIN).await;
    assert_eq!(audit.iter().filter(|row| row.action == AuditAction::PlanChosen).count(), 1);
    let signed = PlanData {
        id: "signed".parse().unwrap(),
        signing: Signing::Signed,
        takes_effect: TakesEffect::NextMonth,
        ..basic()
    };
    add_plan(&office, &by, ZONE, signed).await.unwrap().unwrap();
    assert_eq!(choose("signed", 1).await, Choice::ToBeSigned);
}
