//! Who has keys in the stand: made-up people and organisations. Their numbers pass the check digit's rule.

use ofd_eds::ObjectIdentifier;

use crate::certificate::{DIGITAL_SIGNATURE, KEY_AGREEMENT, KEY_ENCIPHERMENT, NON_REPUDIATION, Name, name};
use crate::number::with_check_digit;
use crate::oid;

/// Who certifies a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Issuer {
    Gost,
    Rsa,
    /// A CA with a root that nobody trusts.
    Foreign,
    /// The key itself.
    Own,
}

/// When a certificate holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Term {
    Current,
    Past,
    Future,
}

/// An organisation: its name and the first eleven digits of its BIN.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Organisation {
    title: &'static str,
    bin: &'static str,
}

const ALPHA: Organisation = Organisation { title: "ТОО «ТЕСТ АЛЬФА»", bin: "26014000001" };
const BETA: Organisation = Organisation { title: "ТОО «ТЕСТ БЕТА»", bin: "26024000002" };
const GAMMA: Organisation = Organisation { title: "ТОО «ТЕСТ ГАММА»", bin: "26034000003" };
const DELTA: Organisation = Organisation { title: "ТОО «ТЕСТ ДЕЛЬТА»", bin: "26044000004" };

/// An owner of a key.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Owner {
    pub(crate) label: &'static str,
    /// Surname and given name, or the name of a system.
    common_name: &'static str,
    patronymic: Option<&'static str>,
    /// The first eleven digits of the IIN; `None` of a system.
    iin: Option<&'static str>,
    organisation: Option<Organisation>,
    pub(crate) usages: &'static [ObjectIdentifier],
    pub(crate) key_usage: &'static [u8],
    pub(crate) issuer: Issuer,
    pub(crate) term: Term,
    pub(crate) is_revoked: bool,
}

/// Today's keys of people: one for login and documents.
const UNIVERSAL: &[u8] = &[DIGITAL_SIGNATURE, NON_REPUDIATION, KEY_AGREEMENT];

const INDIVIDUAL: &[ObjectIdentifier] = &[oid::EMAIL_PROTECTION, oid::INDIVIDUAL];
const HEAD: &[ObjectIdentifier] = &[oid::EMAIL_PROTECTION, oid::LEGAL_ENTITY, oid::HEAD];
const SIGNATORY: &[ObjectIdentifier] = &[oid::EMAIL_PROTECTION, oid::LEGAL_ENTITY, oid::SIGNATORY];
const EMPLOYEE: &[ObjectIdentifier] = &[oid::EMAIL_PROTECTION, oid::LEGAL_ENTITY, oid::EMPLOYEE];
const SYSTEM: &[ObjectIdentifier] = &[oid::EMAIL_PROTECTION, oid::LEGAL_ENTITY, oid::LEGAL_ENTITY_SYSTEM];

const fn individual(
    label: &'static str,
    common_name: &'static str,
    patronymic: Option<&'static str>,
    iin: &'static str,
) -> Owner {
    Owner {
        label,
        common_name,
        patronymic,
        iin: Some(iin),
        organisation: None,
        usages: INDIVIDUAL,
        key_usage: UNIVERSAL,
        issuer: Issuer::Gost,
        term: Term::Current,
        is_revoked: false,
    }
}

impl Owner {
    const fn of(self, organisation: Organisation, usages: &'static [ObjectIdentifier]) -> Self {
        Self { organisation: Some(organisation), usages, ..self }
    }

    const fn certified_by(self, issuer: Issuer) -> Self {
        Self { issuer, ..self }
    }

    const fn valid(self, term: Term) -> Self {
        Self { term, ..self }
    }

    const fn revoked(self) -> Self {
        Self { is_revoked: true, ..self }
    }

    /// For the server of a site, not for documents or logins.
    const fn of_a_server(self) -> Self {
        Self { usages: &[oid::SERVER_AUTH], key_usage: &[DIGITAL_SIGNATURE, KEY_ENCIPHERMENT], ..self }
    }

    const fn of_a_system(self) -> Self {
        Self { iin: None, ..self }
    }

    fn iin(&self) -> Option<String> {
        self.iin.and_then(with_check_digit)
    }

    fn bin(&self) -> Option<String> {
        self.organisation.and_then(|organisation| with_check_digit(organisation.bin))
    }

    /// The subject, with its attributes in the order of the national CA.
    pub(crate) fn subject(&self) -> Name {
        let surname = self.iin.and_then(|_| self.common_name.split_once(' ')).map(|(surname, _)| surname);
        let iin = self.iin().map(|iin| format!("IIN{iin}"));
        let bin = self.bin().map(|bin| format!("BIN{bin}"));
        let attributes = [
            (oid::COMMON_NAME, Some(self.common_name)),
            (oid::SURNAME, surname),
            (oid::SERIAL_NUMBER, iin.as_deref()),
            (oid::COUNTRY, Some("KZ")),
            (oid::ORGANISATION, self.organisation.map(|organisation| organisation.title)),
            (oid::ORGANISATION_UNIT, bin.as_deref()),
            (oid::PATRONYMIC, self.patronymic),
        ];
        let present = attributes.into_iter().filter_map(|(id, text)| Some((id, text?)));
        name(&present.collect::<Vec<_>>())
    }
}

const HEAD_OF_ALPHA: Owner = individual("head", "ТЕСТОВ АРМАН", Some("ТЕСТОВИЧ"), "80021530003");

/// Everybody whose key the stand has.
pub(crate) const OWNERS: &[Owner] = &[
    individual("person", "ТЕСТОВ ТИМУР", Some("ТЕСТОВИЧ"), "90010130001"),
    individual("entrepreneur", "ТЕСТОВА АЛИЯ", Some("ТЕСТОВНА"), "85050540002"),
    HEAD_OF_ALPHA.of(ALPHA, HEAD),
    individual("accountant", "ТЕСТОВА БОТА", Some("ТЕСТОВНА"), "82030340004").of(ALPHA, SIGNATORY),
    // Not everybody has a patronymic.
    individual("employee", "ТЕСТОВ ДАНИЯР", None, "95060630005").of(ALPHA, EMPLOYEE),
    individual("cashier", "ТЕСТОВА ГУЛЬНАР", Some("ТЕСТОВНА"), "98070740006").of(ALPHA, EMPLOYEE),
    individual("head-b", "ТЕСТОВ ЕРЖАН", Some("ТЕСТОВИЧ"), "75080830007").of(BETA, HEAD),
    individual("rsa-head", "ТЕСТОВА ЛАУРА", Some("ТЕСТОВНА"), "79090940008")
        .of(GAMMA, HEAD)
        .certified_by(Issuer::Rsa),
    Owner { label: "same-person-other-company", ..HEAD_OF_ALPHA }.of(DELTA, HEAD),
    individual("system", "КАССОВЫЙ УЗЕЛ ТЕСТ АЛЬФА", None, "").of(ALPHA, SYSTEM).of_a_system(),
    individual("staff", "ТЕСТОВА ЖАНАР", Some("ТЕСТОВНА"), "88101040009"),
    individual("support", "ТЕСТОВ ИЛЬЯ", Some("ТЕСТОВИЧ"), "92111130010"),
    individual("inspector", "ТЕСТОВ КАЙРАТ", Some("ТЕСТОВИЧ"), "77121230011"),
    individual("expired", "ТЕСТОВ МАРАТ", Some("ТЕСТОВИЧ"), "91010230012").valid(Term::Past),
    individual("not-yet", "ТЕСТОВА НУРГУЛЬ", Some("ТЕСТОВНА"), "93020340013").valid(Term::Future),
    individual("revoked", "ТЕСТОВ ОЛЖАС", Some("ТЕСТОВИЧ"), "94030430014").revoked(),
    individual("wrong-purpose", "ТЕСТОВ ПАВЕЛ", Some("ТЕСТОВИЧ"), "96040530018").of_a_server(),
    individual("self-signed", "ТЕСТОВ РУСЛАН", Some("ТЕСТОВИЧ"), "97050630016").certified_by(Issuer::Own),
    individual("foreign", "ТЕСТОВА САУЛЕ", Some("ТЕСТОВНА"), "99060740017").certified_by(Issuer::Foreign),
];

#[cfg(test)]
mod tests {
    use super::OWNERS;

    #[test]
    fn every_number_has_a_check_digit_and_every_label_is_of_one() {
        for owner in OWNERS {
            assert_eq!(owner.iin.is_some(), owner.iin().is_some(), "{}", owner.label);
            assert_eq!(owner.organisation.is_some(), owner.bin().is_some(), "{}", owner.label);
            assert_eq!(
                OWNERS.iter().filter(|other| other.label == owner.label).count(),
                1,
                "{}",
                owner.label
            );
        }
    }

    #[test]
    fn only_the_head_of_two_organisations_has_two_keys() {
        for owner in OWNERS.iter().filter(|owner| owner.label != "same-person-other-company") {
            let same = OWNERS.iter().filter(|other| other.iin.is_some() && other.iin == owner.iin);
            let expected = match owner.label {
                "head" => 2,
                "system" => 0,
                _ => 1,
            };
            assert_eq!(same.count(), expected, "{}", owner.label);
        }
    }
}
