//! Applications No. 2 and No. 3: what they say of a register, and how they are drawn up.

use std::sync::Arc;

use bytes::Bytes;
use ofd_paper::{
    ApplicationTwo, Connection as PaperConnection, Contract, JoinedContract, RegisterOnPaper,
    application_three, application_two,
};
use ofd_protocol::types::{RegisterId, UnixMillis};
use ofd_storage::accounts::{
    Account, AuditAction, AuditField, AuditSubject, Capacity, ChosenShop, Company, DeregistrationReason,
    Paper, PaperKind, PaperSigner, PaperState, Registration, RegistrationOrder, Wanted,
};
use ofd_storage::model::Connection;
use ofd_storage::papers;
use ofd_storage::store::StoreError;

use super::change::{Next, change_registration, find};
use super::chosen::{Chosen, chosen_shop};
use super::draft::replaced;
use super::fields::chosen;
use super::plans::{asked_plan, plan_on_paper};
use super::rules::{Event, Turned, next};
use crate::by::By;
use crate::change::ChangeError;
use crate::day::today;
use crate::language::Language;
use crate::office::Office;
use crate::papers::{Around, Judgement, NUMBERS_MAX, called, facts_of, hash_of_facts, named, party, signer};

/// What came of drawing up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DrawnFor {
    /// It is there to be signed.
    Ready(Box<Paper>),
    /// Nothing can be asked for now.
    Turned(Turned),
    /// The organisation has not joined the contract.
    NoContract,
    /// A certificate has to prove first who the person is.
    NoNumber,
    /// The shop that was chosen is gone.
    ShopGone,
    /// The plan that was chosen cannot be chosen for this register any more.
    PlanGone,
}

/// The version of the contract that a company has joined.
fn joined_contract(office: &Office, company: &Company, at: UnixMillis, offset: i32) -> Option<Arc<Contract>> {
    let agreement = company.agreement.as_ref()?;
    let version = office.contracts.version(&agreement.version);
    // The file of an old version may be gone.
    Some(Arc::clone(version.unwrap_or_else(|| office.contracts.in_force(today(at, offset)))))
}

/// What an application about a register says, as if it were drawn up now.
#[must_use]
pub fn application_of(
    company: &Company,
    registration: &Registration,
    signer: &PaperSigner,
    (contract, language): (&Contract, Language),
    around: &Around,
    (number, at): (u32, UnixMillis),
) -> ApplicationTwo {
    let (data, date) = (registration.asked_data(), today(at, around.zone_offset_seconds));
    let ChosenShop { title, title_kz, address, address_kz, .. } = &data.shop;
    let own = |kazakh: &Option<String>, other: &String| {
        kazakh.as_ref().filter(|_| language == Language::Kazakh).unwrap_or(other).clone()
    };
    ApplicationTwo {
        language,
        number: format!("{}-{number}", company.bin),
        date,
        contract: JoinedContract::from(contract),
        organisation: party(company, language),
        signer: named(signer),
        operator: around.operator.clone(),
        register: RegisterOnPaper {
            registered_on: registration
                .registered_at
                .map_or(date, |at| today(at, around.zone_offset_seconds)),
            system_id: registration.id.to_string(),
            alias: data.alias.clone(),
            kgd_number: data.rnm.clone(),
            model: data.model_name.clone(),
            serial_number: data.serial_number.clone(),
            year: data.year.to_string(),
            connection: match data.connection {
                Connection::Wired => PaperConnection::Wired,
                Connection::Sim => PaperConnection::Sim,
            },
            tariff: plan_on_paper(data, language),
            connected_on: None,
            trade_point: own(title_kz, title),
            address: own(address_kz, address),
        },
        check_url: around.check_url.clone(),
    }
}

/// What is asked for of a register that is on the books, in the words of the paper; empty: it is to come there.
fn asked_text(registration: &Registration, language: Language) -> String {
    let own = |[ru, kk, en]: [&str; 3]| match language {
        Language::Russian => ru.to_owned(),
        Language::Kazakh => kk.to_owned(),
        Language::English => en.to_owned(),
    };
    match &registration.wanted {
        None => String::new(),
        Some(Wanted::Change(data)) if data.differs_by_tariff_alone(&registration.data) => own([
            "обслуживать ККМ по тарифному плану, указанному выше",
            "БКМ-ге жоғарыда көрсетілген тарифтік жоспар бойынша қызмет көрсету",
            "serve the register by the tariff plan above",
        ]),
        Some(Wanted::Change(_)) => own([
            "изменить регистрационные данные ККМ на указанные выше",
            "БКМ-нің тіркеу деректерін жоғарыда көрсетілгендерге өзгерту",
            "change the registered particulars of the register to those above",
        ]),
        Some(Wanted::Deregister(reason)) => {
            let why = match reason {
                DeregistrationReason::ActivityStopped => {
                    ["прекращение деятельности", "қызметті тоқтату", "activity stopped"]
                }
                DeregistrationReason::Defect => [
                    "невозможность использования из-за неисправности",
                    "ақауға байланысты пайдалану мүмкін еместігі",
                    "cannot be used because of a defect",
                ],
                DeregistrationReason::ModelExcluded => [
                    "исключение модели из государственного реестра",
                    "модельді мемлекеттік тізілімнен шығару",
                    "the model was taken out of the state's list",
                ],
                DeregistrationReason::Replaced => {
                    ["замена на новую модель", "жаңа модельге ауыстыру", "replaced by a new model"]
                }
                DeregistrationReason::TheftOrLoss => {
                    ["кража или утрата", "ұрлық немесе жоғалту", "theft or loss"]
                }
                DeregistrationReason::Liquidation => [
                    "ликвидация или реорганизация",
                    "тарату немесе қайта ұйымдастыру",
                    "liquidation or reorganisation",
                ],
                DeregistrationReason::Other => [
                    "иной случай, предусмотренный законом",
                    "заңда көзделген өзге жағдай",
                    "another case that the law allows",
                ],
            };
            let what = own(["снять ККМ с учёта", "БКМ-ді есептен шығару", "take the register off the books"]);
            format!("{what}: {}", own(why))
        }
    }
}

/// A hash of all that an application says but for its number and its day.
fn facts_hash(application: &ApplicationTwo, asked: &str) -> String {
    let ApplicationTwo {
        language,
        number: _,
        date: _,
        contract,
        organisation,
        signer,
        operator,
        register,
        check_url,
    } = application;
    let RegisterOnPaper {
        registered_on: _,
        system_id,
        alias,
        kgd_number,
        model,
        serial_number,
        year,
        connection,
        tariff,
        connected_on: _,
        trade_point,
        address,
    } = register;
    let connection = match connection {
        PaperConnection::Wired => "wired",
        PaperConnection::Sim => "sim",
    };
    let mut facts = facts_of((*language, contract), organisation, signer, (operator, check_url));
    let own =
        [system_id, alias, kgd_number, model, serial_number, year, connection, tariff, trade_point, address];
    facts.extend(own.map(str::to_owned));
    facts.extend(Some(asked.to_owned()).filter(|asked| !asked.is_empty()));
    hash_of_facts(&facts)
}

/// Whether a paper says what is so of a registration.
#[must_use]
pub fn is_current(
    office: &Office,
    company: &Company,
    registration: &Registration,
    paper: &Paper,
    around: &Around,
) -> bool {
    let language = Language::from_code(&paper.language).unwrap_or(Language::Russian);
    let offset = around.zone_offset_seconds;
    let Some(contract) = joined_contract(office, company, paper.drawn_at, offset) else { return false };
    let at = (paper.number, paper.drawn_at);
    let now = application_of(company, registration, &paper.signer, (&contract, language), around, at);
    facts_hash(&now, &asked_text(registration, language)) == paper.facts_hash
}

/// The paper that waits to be signed.
fn waits(registration: &Registration) -> Option<&Paper> {
    let is_open = |paper: &&Paper| matches!(paper.state, PaperState::DrawnUp | PaperState::Refused { .. });
    registration.paper.as_ref().filter(is_open)
}

/// A registration with the shop that was chosen as it is now; `None`: it is gone.
async fn with_shop(
    office: &Office,
    company: &Company,
    registration: &Registration,
) -> Result<Option<Registration>, StoreError> {
    let mut with = registration.clone();
    // Whatever became of the shop, a register may leave it.
    if registration.order() == RegistrationOrder::Deregister {
        return Ok(Some(with));
    }
    match chosen_shop(&office.store, company, registration).await? {
        Chosen::Listed(point) => {
            let shop = match &mut with.wanted {
                Some(Wanted::Change(data)) => &mut data.shop,
                Some(Wanted::Deregister(_)) | None => &mut with.data.shop,
            };
            *shop = ChosenShop { is_new: shop.is_new, ..chosen(&point) };
        }
        Chosen::New => {}
        Chosen::Gone => return Ok(None),
    }
    Ok(Some(with))
}

/// A registration with the plan that was chosen as it is now; `None`: it cannot be chosen any more.
async fn with_plan(office: &Office, mut with: Registration) -> Result<Option<Registration>, StoreError> {
    match asked_plan(office, &with).await? {
        Ok(None) => {}
        Ok(Some(plan)) => match &mut with.wanted {
            Some(Wanted::Change(data)) => data.plan = Some(plan),
            Some(Wanted::Deregister(_)) | None => with.data.plan = Some(plan),
        },
        Err(_) => return Ok(None),
    }
    Ok(Some(with))
}

/// Draws up the application by which a register is connected, for a person to sign. One that says the same and waits for
/// the same person is taken as it is.
///
/// # Errors
/// [`ChangeError`].
pub async fn draw_up(
    office: &Office,
    by: &By,
    (bin, id, account): (&str, RegisterId, &Account),
    around: &Around,
    capacity: Option<Capacity>,
) -> Result<DrawnFor, ChangeError> {
    let (company, kept) = find(&office.store, bin, id).await?.ok_or(ChangeError::NotFound)?;
    if let Err(turned) = takes_signature(&kept) {
        return Ok(DrawnFor::Turned(turned));
    }
    let Some(contract) = joined_contract(office, &company, by.at, around.zone_offset_seconds) else {
        return Ok(DrawnFor::NoContract);
    };
    let Some(signer) = signer(&company, account, capacity) else { return Ok(DrawnFor::NoNumber) };
    let Some(registration) = with_shop(office, &company, &kept).await? else { return Ok(DrawnFor::ShopGone) };
    let Some(registration) = with_plan(office, registration).await? else { return Ok(DrawnFor::PlanGone) };
    let language = by.language;
    let is_same = |paper: &&Paper| paper.signer == signer && paper.language == language.code();
    if let Some(paper) = waits(&kept).filter(is_same)
        && registration == kept
        && is_current(office, &company, &kept, paper, around)
    {
        return Ok(DrawnFor::Ready(Box::new(paper.clone())));
    }
    for number in (company.papers_last.saturating_add(1)..).take(NUMBERS_MAX as usize) {
        let about = (contract.as_ref(), language);
        let application = application_of(&company, &registration, &signer, about, around, (number, by.at));
        let asked = asked_text(&registration, language);
        let kind = if asked.is_empty() { PaperKind::ApplicationTwo } else { PaperKind::ApplicationThree };
        let drawn = match kind {
            PaperKind::ApplicationThree => application_three(&application, &asked),
            PaperKind::ApplicationOne | PaperKind::ApplicationTwo => application_two(&application),
        };
        let pdf = Bytes::from(drawn.map_err(|error| {
            let place = format!("application {number} of {bin}");
            StoreError::Corrupt { place, reason: error.to_string() }
        })?);
        let about = (bin, number, kind);
        let head = match papers::draw(&office.store, about, pdf, office.stamp()).await {
            Ok(head) => head,
            Err(StoreError::Conflict { .. }) => continue,
            Err(error) => return Err(error.into()),
        };
        let paper = Paper {
            number,
            kind,
            drawn_at: by.at,
            language: language.code().to_owned(),
            contract: contract.version.clone(),
            pdf_hash: head.pdf_hash,
            facts_hash: facts_hash(&application, &asked),
            signer: signer.clone(),
            register: Some(id),
            state: PaperState::DrawnUp,
        };
        return put(office, by, (bin, &registration, kept.revision), paper).await;
    }
    Err(ChangeError::Busy)
}

/// Writes a paper whose bytes are kept into its registration. Somebody who was faster goes first.
async fn put(
    office: &Office,
    by: &By,
    (bin, registration, revision): (&str, &Registration, u32),
    paper: Paper,
) -> Result<DrawnFor, ChangeError> {
    let (_, drawn) = change_registration(office, (bin, registration.id), |found| {
        let before = found.registration.as_ref().ok_or(ChangeError::NotFound)?;
        if let Err(turned) = takes_signature(before) {
            return Ok((None, DrawnFor::Turned(turned)));
        }
        if before.revision != revision {
            // It says something else by now: whoever looks finds that, and has it drawn up anew.
            return Ok((
                None,
                DrawnFor::Ready(Box::new(before.paper.clone().unwrap_or_else(|| paper.clone()))),
            ));
        }
        if let Some(waits) = waits(before)
            && waits.facts_hash == paper.facts_hash
        {
            return Ok((None, DrawnFor::Ready(Box::new(waits.clone()))));
        }
        let changes = [
            AuditField::Contract.change("", &paper.contract),
            AuditField::PdfHash.change("", &paper.pdf_hash),
        ];
        let subject = AuditSubject::Paper(paper.number).called(called(&found.company.state, &paper));
        let audit = vec![by.entry(AuditAction::PaperDrawn, subject, changes.into_iter().flatten().collect())];
        let papers = replaced(by, before.paper.as_ref()).into_iter().chain([paper.clone()]).collect();
        let mut next = Registration { paper: Some(paper.clone()), ..before.clone() };
        next.data.shop = registration.data.shop.clone();
        next.data.plan.clone_from(&registration.data.plan);
        next.wanted.clone_from(&registration.wanted);
        Ok((Some(Next { registration: next, papers, audit }), DrawnFor::Ready(Box::new(paper.clone()))))
    })
    .await?;
    Ok(drawn)
}

/// Whether something is to be signed about a registration: it is still to be registered, or something is wanted of it.
#[must_use]
pub fn is_open(registration: &Registration) -> bool {
    let has_wish = registration.wanted.is_some() || !registration.is_registered();
    has_wish && takes_signature(registration).is_ok()
}

/// Whether a registration takes a signature by which what it wants is asked for.
pub(super) fn takes_signature(registration: &Registration) -> Result<(), Turned> {
    next(&registration.state, Event::Signed(registration.order(), Judgement::Holds, None)).map(drop)
}

#[cfg(test)]
mod tests {
    use ofd_storage::samples;

    use super::*;

    #[test]
    fn the_paper_gives_each_reason_of_the_law_a_text_of_its_own_in_each_language() {
        let of = |reason| Registration {
            wanted: Some(Wanted::Deregister(reason)),
            ..samples::registration(RegisterId(7), "151140001234")
        };
        for (language, text) in [
            (Language::Russian, "снять ККМ с учёта: ликвидация или реорганизация"),
            (Language::Kazakh, "БКМ-ді есептен шығару: тарату немесе қайта ұйымдастыру"),
            (Language::English, "take the register off the books: liquidation or reorganisation"),
        ] {
            assert_eq!(asked_text(&of(DeregistrationReason::Liquidation), language), text);
            let texts = DeregistrationReason::ALL.map(|reason| asked_text(&of(reason), language));
            let apart: std::collections::BTreeSet<&String> = texts.iter().collect();
            assert_eq!(apart.len(), 7, "{texts:?}");
        }
    }
}
