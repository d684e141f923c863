//! What may become of a paper, who may sign it, and what a company without a valid one may do. Pure.

use ofd_protocol::types::UnixMillis;
use ofd_storage::accounts::{
    Capacity, Company, CompanyKind, Paper, PaperFault, PaperKind, PaperSignature, PaperState,
};

use crate::sign_in::{Owner, Standing};

/// So long is asked again about a signature of which something cannot be found out.
pub const CHECKED_FOR_MS: u64 = 24 * 60 * 60 * 1000;

/// What was found out about a signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Judgement {
    /// The signature holds.
    Holds,
    /// Nothing is wrong with it, and this cannot be found out now.
    Unknown(PaperFault),
    /// This is wrong with it.
    Wrong(PaperFault),
}

/// What happens to a paper.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// A signature came.
    Signed(PaperSignature, Judgement),
    /// The signature that lies under this hash was looked at again. It may have got a time stamp, and so another hash.
    Judged {
        /// The hash under which it lay.
        of: String,
        /// The hash under which it lies now.
        cms_hash: String,
        /// What was found.
        judgement: Judgement,
    },
    /// Another paper was drawn up in its place.
    DrawnAnew,
}

/// Why a paper stays as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turned {
    /// Its signature is being checked.
    BeingChecked,
    /// It is signed, and the signature holds.
    AlreadySigned,
    /// Another paper stands in its place.
    Replaced,
    /// There is nothing to judge, or it was judged already.
    Judged,
    /// The signature that came does not hold.
    Fault(PaperFault),
}

/// What becomes of a paper. An error leaves it as it is.
pub fn next(state: &PaperState, event: Event, now: UnixMillis) -> Result<PaperState, Turned> {
    match (state, event) {
        (PaperState::Replaced { .. }, Event::Judged { .. }) => Err(Turned::Judged),
        (PaperState::Replaced { .. }, Event::Signed(..) | Event::DrawnAnew) => Err(Turned::Replaced),
        (PaperState::Valid { .. }, Event::Judged { .. }) => Err(Turned::Judged),
        (PaperState::Valid { .. }, Event::Signed(..) | Event::DrawnAnew) => Err(Turned::AlreadySigned),
        (PaperState::Checking { .. }, Event::Signed(..) | Event::DrawnAnew) => Err(Turned::BeingChecked),
        (PaperState::Checking { signature, .. }, Event::Judged { of, cms_hash, judgement }) => {
            if signature.cms_hash != of {
                return Err(Turned::Judged);
            }
            let signature = PaperSignature { cms_hash, at: signature.at };
            Ok(match judgement {
                Judgement::Holds => PaperState::Valid { signature, at: now },
                Judgement::Wrong(fault) => PaperState::Refused { signature, at: now, fault },
                Judgement::Unknown(doubt) if is_over(signature.at, now) => {
                    tracing::debug!(doubt = doubt.name(), "a signature could not be checked in time");
                    PaperState::Refused { signature, at: now, fault: PaperFault::TooLong }
                }
                Judgement::Unknown(doubt) => PaperState::Checking { signature, doubt },
            })
        }
        (PaperState::DrawnUp | PaperState::Refused { .. }, Event::Judged { .. }) => Err(Turned::Judged),
        (PaperState::DrawnUp | PaperState::Refused { .. }, Event::DrawnAnew) => {
            Ok(PaperState::Replaced { at: now })
        }
        (PaperState::DrawnUp | PaperState::Refused { .. }, Event::Signed(signature, judgement)) => {
            match judgement {
                Judgement::Holds => Ok(PaperState::Valid { signature, at: now }),
                Judgement::Unknown(doubt) => Ok(PaperState::Checking { signature, doubt }),
                Judgement::Wrong(fault) => Err(Turned::Fault(fault)),
            }
        }
    }
}

/// Whether the time is over in which a signature is asked about.
pub(super) fn is_over(signed_at: UnixMillis, now: UnixMillis) -> bool {
    now.0.saturating_sub(signed_at.0) >= CHECKED_FOR_MS
}

/// In which capacity the owner of a certificate signs a paper of a company that names this person as signing it.
pub fn may_sign(company: &Company, iin: &str, owner: &Owner) -> Result<Capacity, PaperFault> {
    let capacity = match (company.kind, &owner.organisation) {
        // An entrepreneur signs by the personal certificate.
        (CompanyKind::Entrepreneur, None) if owner.iin == company.bin => Capacity::Entrepreneur,
        (CompanyKind::Entrepreneur, None) => return Err(PaperFault::OtherPerson),
        (CompanyKind::Entrepreneur | CompanyKind::Operator, _) => return Err(PaperFault::OtherOrganisation),
        (CompanyKind::LegalEntity, None) => return Err(PaperFault::PersonalKey),
        (CompanyKind::LegalEntity, Some((bin, _))) if *bin != company.bin => {
            return Err(PaperFault::OtherOrganisation);
        }
        (CompanyKind::LegalEntity, Some(_)) => match owner.standing {
            Standing::Head => Capacity::Head,
            Standing::Signatory => Capacity::Signatory,
            Standing::Employee | Standing::Person => return Err(PaperFault::NoRight),
        },
    };
    if owner.iin == iin { Ok(capacity) } else { Err(PaperFault::OtherPerson) }
}

/// In which capacity the owner of a certificate signs a paper about a register of a company: as any other paper, and
/// besides, whoever manages the registers of this company by any certificate of it.
pub fn may_sign_for_register(
    company: &Company,
    iin: &str,
    owner: &Owner,
    is_manager: bool,
) -> Result<Capacity, PaperFault> {
    match may_sign(company, iin, owner) {
        Err(PaperFault::NoRight) if is_manager && owner.iin == iin => Ok(Capacity::RegisterManager),
        Err(PaperFault::NoRight) if is_manager => Err(PaperFault::OtherPerson),
        other => other,
    }
}

/// Whether a company may have registers connected: it has joined the contract by an application whose signature holds.
#[must_use]
pub fn may_connect_registers(company: &Company) -> bool {
    company.agreement.is_some()
}

/// What a company's people have to do, or to wait for, before it has joined the version of the contract in force.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Waits {
    /// The contract is still to be read.
    Contract,
    /// The application is still to be signed.
    Signature,
    /// The signature is being checked.
    Check,
    /// The signature was refused.
    Refused,
    /// The contract has a version that was not joined yet. Nothing stops meanwhile.
    Version,
}

/// What a company waits for; `version` is that of the contract in force.
#[must_use]
pub fn waits(company: &Company, version: &str) -> Option<Waits> {
    let is_joined = company.agreement.as_ref().is_some_and(|agreement| agreement.version == version);
    if is_joined || company.kind == CompanyKind::Operator {
        return None;
    }
    let under_way = |paper: &&Paper| paper.kind == PaperKind::ApplicationOne && paper.contract == version;
    let state = company.papers.iter().filter(under_way).map(|paper| &paper.state).next_back();
    Some(match state {
        Some(PaperState::Checking { .. }) => Waits::Check,
        Some(PaperState::Refused { .. }) => Waits::Refused,
        _ if company.agreement.is_some() => Waits::Version,
        Some(PaperState::DrawnUp) => Waits::Signature,
        _ if company.read_contract.as_ref().is_some_and(|read| read.version == version) => Waits::Signature,
        Some(PaperState::Valid { .. } | PaperState::Replaced { .. }) | None => Waits::Contract,
    })
}

/// A company with a paper that is new, or of which something became. Papers that were done with before are left out: their
/// rows say what became of them.
#[must_use]
pub(super) fn with_paper(company: &Company, paper: Paper) -> Company {
    let mut changed = company.clone();
    changed.papers.retain(|known| {
        known.number != paper.number
            && match known.state {
                PaperState::DrawnUp | PaperState::Checking { .. } | PaperState::Refused { .. } => true,
                PaperState::Valid { .. } | PaperState::Replaced { .. } => false,
            }
    });
    changed.papers_last = changed.papers_last.max(paper.number);
    changed.papers.push(paper);
    changed.papers.sort_by_key(|paper| paper.number);
    changed
}

#[cfg(test)]
mod tests {
    use ofd_storage::accounts::{Agreement, PaperSigner, ReadContract};
    use ofd_storage::samples;

    use super::*;

    const NOW: UnixMillis = UnixMillis(1_800_000_000_000);
    const BIN: &str = "260140000015";
    const IIN: &str = "800215300034";

    fn signature(hash: &str) -> PaperSignature {
        PaperSignature { cms_hash: hash.into(), at: NOW }
    }

    fn later(ms: u64) -> UnixMillis {
        UnixMillis(NOW.0 + ms)
    }

    fn states() -> [PaperState; 5] {
        let doubt = PaperFault::RevocationUnknown;
        [
            PaperState::DrawnUp,
            PaperState::Checking { signature: signature("a"), doubt },
            PaperState::Valid { signature: signature("a"), at: NOW },
            PaperState::Refused { signature: signature("a"), at: NOW, fault: PaperFault::Revoked },
            PaperState::Replaced { at: NOW },
        ]
    }

    /// The states by one letter, as the table has them.
    fn letter(state: &PaperState) -> String {
        match state {
            PaperState::DrawnUp => "D".into(),
            PaperState::Checking { signature, doubt } => {
                format!("C({}, {})", signature.cms_hash, doubt.name())
            }
            PaperState::Valid { signature, .. } => format!("V({})", signature.cms_hash),
            PaperState::Refused { signature, fault, .. } => {
                format!("R({}, {})", signature.cms_hash, fault.name())
            }
            PaperState::Replaced { .. } => "X".into(),
        }
    }

    fn outcome(state: &PaperState, event: Event, now: UnixMillis) -> String {
        next(state, event, now).map_or_else(|turned| format!("{turned:?}"), |state| letter(&state))
    }

    #[test]
    fn every_state_takes_every_event_as_the_table_says() {
        let signed = |judgement| Event::Signed(signature("b"), judgement);
        let judged = |of: &str, judgement| Event::Judged { of: of.into(), cms_hash: "c".into(), judgement };
        let (unknown, wrong) =
            (Judgement::Unknown(PaperFault::NoTimeStamp), Judgement::Wrong(PaperFault::SignatureBad));
        let last = later(CHECKED_FOR_MS - 1);
        let over = later(CHECKED_FOR_MS);
        // Columns: drawn up, being checked, valid, refused, replaced.
        let table: [(Event, UnixMillis, [&str; 5]); 9] = [
            (signed(Judgement::Holds), NOW, ["V(b)", "BeingChecked", "AlreadySigned", "V(b)", "Replaced"]),
            (
                signed(unknown),
                NOW,
                ["C(b, no_time_stamp)", "BeingChecked", "AlreadySigned", "C(b, no_time_stamp)", "Replaced"],
            ),
            (
                signed(wrong),
                NOW,
                ["Fault(SignatureBad)", "BeingChecked", "AlreadySigned", "Fault(SignatureBad)", "Replaced"],
            ),
            (judged("a", Judgement::Holds), last, ["Judged", "V(c)", "Judged", "Judged", "Judged"]),
            (judged("a", unknown), last, ["Judged", "C(c, no_time_stamp)", "Judged", "Judged", "Judged"]),
            (judged("a", unknown), over, ["Judged", "R(c, too_long)", "Judged", "Judged", "Judged"]),
            (judged("a", wrong), over, ["Judged", "R(c, signature_bad)", "Judged", "Judged", "Judged"]),
            (judged("z", Judgement::Holds), NOW, ["Judged", "Judged", "Judged", "Judged", "Judged"]),
            (Event::DrawnAnew, NOW, ["X", "BeingChecked", "AlreadySigned", "X", "Replaced"]),
        ];
        for (event, now, expected) in table {
            let found = states().map(|state| outcome(&state, event.clone(), now));
            assert_eq!(found, expected.map(str::to_owned), "{event:?}");
        }
    }

    fn company(kind: CompanyKind) -> Company {
        let bin = if kind == CompanyKind::Entrepreneur { IIN } else { BIN };
        Company::new(bin.into(), "ТОО".into(), kind, NOW)
    }

    fn owner(iin: &str, bin: Option<&str>, standing: Standing) -> Owner {
        let organisation = bin.map(|bin| (bin.to_owned(), "ТОО".to_owned()));
        Owner { iin: iin.into(), name: "ТЕСТОВ".into(), email: String::new(), organisation, standing }
    }

    #[test]
    fn the_head_who_has_the_right_to_sign_and_an_entrepreneur_sign_and_nobody_else() {
        let (legal, trader) = (company(CompanyKind::LegalEntity), company(CompanyKind::Entrepreneur));
        let other = "880101300123";
        for (company, owner, expected) in [
            (&legal, owner(IIN, Some(BIN), Standing::Head), Ok(Capacity::Head)),
            (&legal, owner(IIN, Some(BIN), Standing::Signatory), Ok(Capacity::Signatory)),
            (&legal, owner(IIN, Some(BIN), Standing::Employee), Err(PaperFault::NoRight)),
            (&legal, owner(IIN, None, Standing::Person), Err(PaperFault::PersonalKey)),
            (&legal, owner(IIN, Some("260140000025"), Standing::Head), Err(PaperFault::OtherOrganisation)),
            (&legal, owner(other, Some(BIN), Standing::Head), Err(PaperFault::OtherPerson)),
            (&trader, owner(IIN, None, Standing::Person), Ok(Capacity::Entrepreneur)),
            (&trader, owner(other, None, Standing::Person), Err(PaperFault::OtherPerson)),
            (&trader, owner(IIN, Some(BIN), Standing::Head), Err(PaperFault::OtherOrganisation)),
        ] {
            assert_eq!(may_sign(company, IIN, &owner), expected, "{:?} {:?}", company.kind, owner.standing);
        }
    }

    #[test]
    fn whoever_manages_registers_signs_for_one_by_any_certificate_of_the_organisation() {
        let company = company(CompanyKind::LegalEntity);
        let may = |owner: &Owner, is_manager| may_sign_for_register(&company, IIN, owner, is_manager);
        let employee = owner(IIN, Some(BIN), Standing::Employee);
        assert_eq!(may(&employee, true), Ok(Capacity::RegisterManager));
        assert_eq!(may(&employee, false), Err(PaperFault::NoRight));
        assert_eq!(may(&owner(IIN, Some(BIN), Standing::Head), true), Ok(Capacity::Head));
        let other = owner("880101300123", Some(BIN), Standing::Employee);
        assert_eq!(may(&other, true), Err(PaperFault::OtherPerson));
        let elsewhere = owner(IIN, Some("260140000025"), Standing::Employee);
        assert_eq!(may(&elsewhere, true), Err(PaperFault::OtherOrganisation));
        assert_eq!(may(&owner(IIN, None, Standing::Person), true), Err(PaperFault::PersonalKey));
    }

    fn paper(number: u32, state: PaperState) -> Paper {
        let signer = PaperSigner { iin: IIN.into(), name: "ТЕСТОВ".into(), capacity: Capacity::Head };
        Paper { number, contract: "2".into(), signer, ..samples::paper(NOW, state) }
    }

    #[test]
    fn a_company_waits_for_what_is_next_and_connects_registers_once_an_application_is_valid() {
        let mut company = company(CompanyKind::LegalEntity);
        assert_eq!((waits(&company, "2"), may_connect_registers(&company)), (Some(Waits::Contract), false));
        company.read_contract =
            Some(ReadContract { version: "2".into(), at: NOW, by: ofd_storage::accounts::AccountId(1) });
        assert_eq!(waits(&company, "2"), Some(Waits::Signature));
        let expected = [Waits::Signature, Waits::Check, Waits::Signature, Waits::Refused, Waits::Signature];
        for (state, expected) in states().into_iter().zip(expected) {
            company.papers = vec![paper(1, state.clone())];
            assert_eq!(waits(&company, "2"), Some(expected), "{state:?}");
            assert!(!may_connect_registers(&company), "{state:?}");
        }
        company.agreement = Some(Agreement { version: "2".into(), paper: 1, at: NOW });
        assert_eq!((waits(&company, "2"), may_connect_registers(&company)), (None, true));
        // A later version stops nothing.
        assert_eq!((waits(&company, "3"), may_connect_registers(&company)), (Some(Waits::Version), true));
    }

    #[test]
    fn papers_that_were_done_with_leave_the_company_and_numbers_only_grow() {
        let mut company = company(CompanyKind::LegalEntity);
        company.papers_last = 4;
        company.papers = states().into_iter().zip(1..).map(|(state, number)| paper(number, state)).collect();
        let changed = with_paper(&company, paper(7, PaperState::DrawnUp));
        let numbers: Vec<u32> = changed.papers.iter().map(|paper| paper.number).collect();
        assert_eq!((numbers, changed.papers_last), (vec![1, 2, 4, 7], 7));
        let changed =
            with_paper(&changed, paper(2, PaperState::Valid { signature: signature("a"), at: NOW }));
        assert_eq!(changed.papers_last, 7);
        assert!(matches!(changed.paper(2).unwrap().state, PaperState::Valid { .. }));
    }
}
