//! Words that papers are put together of, in each language.

use ofd_edge::{Imprint, Language};
use time::Date;

use crate::papers::{Connection, SignerCapacity};

/// What stands where nothing is known.
const NOTHING: &str = "—";

/// One of three.
pub(crate) fn said(language: Language, [kazakh, russian, english]: [&'static str; 3]) -> &'static str {
    match language {
        Language::Kazakh => kazakh,
        Language::Russian => russian,
        Language::English => english,
    }
}

/// The mark on every page of a sample.
pub(crate) fn sample(language: Language) -> &'static str {
    let [kazakh, russian, english] = [
        "ҮЛГІ. Заңды күші жоқ: оператор өз мәтінімен алмастыруы тиіс",
        "ОБРАЗЕЦ. Не имеет юридической силы: оператор заменяет его своим текстом",
        "SAMPLE. Without legal force: the operator puts a text of its own in its place",
    ];
    said(language, [kazakh, russian, english])
}

pub(crate) fn capacity(language: Language, capacity: SignerCapacity) -> &'static str {
    let texts = match capacity {
        SignerCapacity::Head => ["бірінші басшы", "первый руководитель", "head of the organisation"],
        SignerCapacity::Signatory => {
            ["қол қою құқығы бар тұлға", "лицо с правом подписи", "person with the right to sign"]
        }
        SignerCapacity::Entrepreneur => {
            ["жеке кәсіпкер", "индивидуальный предприниматель", "individual entrepreneur"]
        }
        SignerCapacity::RegisterManager => [
            "кассаларды басқаратын қызметкер",
            "сотрудник, управляющий кассами",
            "employee who manages cash registers",
        ],
    };
    said(language, texts)
}

pub(crate) fn connection(language: Language, connection: Connection) -> &'static str {
    let texts = match connection {
        Connection::Wired => ["сымды", "проводной", "wired"],
        Connection::Sim => ["сымсыз, SIM-карта", "беспроводной, SIM-карта", "wireless, SIM card"],
    };
    said(language, texts)
}

/// From when on a service is given, where no day was agreed.
pub(crate) fn from_first_receipt(language: Language) -> &'static str {
    let texts = [
        "алғашқы чек жіберілген сәттен",
        "с момента отправки первого чека",
        "from the moment the first receipt is sent",
    ];
    said(language, texts)
}

/// What stands beside the code that leads to the check of a signature.
pub(crate) fn check(language: Language) -> &'static str {
    let texts = [
        "Құжатқа электрондық цифрлық қолтаңба қойылады; қолтаңба бөлек файлда сақталады. Оны мына жерде тексеруге болады:",
        "Документ подписывается электронной цифровой подписью; подпись хранится отдельным файлом. Проверить её можно здесь:",
        "The document is signed by an electronic signature, which is kept as a file of its own. It can be checked here:",
    ];
    said(language, texts)
}

/// What stands for one of these names; `None` for any other.
pub(crate) fn named_by_operator(name: &str, language: Language, operator: &Imprint) -> Option<String> {
    let in_kazakh = |kazakh: &str, other: &str| {
        let chosen = if language == Language::Kazakh && !kazakh.is_empty() { kazakh } else { other };
        chosen.to_owned()
    };
    let value = match name {
        "operator" => in_kazakh(&operator.title_kz, &operator.title),
        "operator-bin" => operator.bin.clone(),
        "operator-address" => in_kazakh(&operator.address_kz, &operator.address),
        "operator-phone" => operator.support_phone.clone(),
        "operator-email" => operator.support_email.clone(),
        "operator-site" => operator.url.clone(),
        _ => return None,
    };
    Some(or_dash(&value))
}

pub(crate) fn or_dash(text: &str) -> String {
    let text = text.trim();
    if text.is_empty() { NOTHING.to_owned() } else { text.to_owned() }
}

/// What stands in a table's right column: of several facts in one line, those that are known.
pub(crate) fn facts(line: &str) -> String {
    let known: Vec<&str> = line.split(", ").filter(|fact| *fact != NOTHING).collect();
    or_dash(&known.join(", "))
}

pub(crate) fn day(date: Date) -> String {
    format!("{:02}.{:02}.{:04}", date.day(), u8::from(date.month()), date.year())
}

#[cfg(test)]
mod tests {
    #[test]
    fn what_is_not_known_leaves_no_dash_beside_what_is() {
        for (line, said) in [
            ("—, —", "—"),
            ("—", "—"),
            ("Директор, —", "Директор"),
            ("—, —, ofd.example", "ofd.example"),
            ("г. Астана, ул. Абая, 1", "г. Астана, ул. Абая, 1"),
        ] {
            assert_eq!(super::facts(line), said);
        }
    }
}
