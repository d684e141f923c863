//! The texts of refusals in Russian, Kazakh and English.

use std::borrow::Cow;

use super::wording::{cut, has_forbidden_word, reason_in_languages};
use super::{MalformedReceipt, Refusal};
use crate::types::SignedTenge;
use crate::version::Version;

/// A string of a request is shown up to this many characters.
const SHOWN_CHARS_MAX: usize = 48;

/// A reason given by a person is shown up to this many bytes: it stands in the text once.
const REASON_LEN_MAX: usize = 120;

/// A debt is told by at most so many bytes: a number of eight digits and any sum.
const DEBT_LEN_MAX: usize = 32;

/// One that is given in each language is shown up to this many bytes in each of them.
const REASON_PART_LEN_MAX: usize = 60;

/// What the state of an unpaid register tells of its debt: the number of the personal account, and the sum in tenge.
pub fn debt_reason(account: &str, sum: &str) -> String {
    format!("{account} {sum}")
}

/// The account and the sum of a reason; `None` for one that tells no debt.
fn debt_of(reason: &str) -> Option<(&str, &str)> {
    let (account, sum) = reason.split_once(' ')?;
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let (whole, part) = sum.split_once('.')?;
    let is_told = is_number(account) && is_number(whole) && is_number(part);
    (is_told && reason.len() <= DEBT_LEN_MAX).then_some((account, sum))
}

/// What a till shows whose service is not paid for.
fn unpaid(reason: &str) -> [String; 3] {
    let Some((account, sum)) = debt_of(reason) else {
        return [
            "Касса остановлена: услуга не оплачена. Оплатите счёт в кабинете, и касса заработает сама".into(),
            "Касса тоқтатылды: қызмет ақысы төленбеген. Кабинетте шотты төлеңіз, касса өзі жұмыс істейді".into(),
            "The register is stopped: the service is not paid for. Pay the bill in the cabinet, and it works again".into(),
        ];
    };
    [
        format!(
            "Не оплачено {sum} тг, касса стоит. Оплатите по БИН или лицевому счёту {account}, заработает сама"
        ),
        format!("{sum} тг төленбеген, касса тұр. БСН не {account} дербес шоты бойынша төлеңіз, өзі істейді"),
        format!(
            "Not paid: {sum} KZT, the till is stopped. Pay by BIN or account {account} and it works again"
        ),
    ]
}

impl Refusal {
    /// What it says in Russian, Kazakh and English.
    pub fn texts(&self) -> [String; 3] {
        match self {
            Self::Unreadable => [
                "Сообщение повреждено и не читается. Перезапустите кассу; если повторится, обратитесь в сервисный центр".into(),
                "Хабарлама бүлінген, оқылмайды. Кассаны қайта іске қосыңыз; қайталанса, сервис орталығына хабарласыңыз".into(),
                "The message is damaged and cannot be read. Restart the till; if it recurs, call its service centre".into(),
            ],
            Self::VersionUnsupported { version } => {
                let newest = Version::newest_name();
                [
                    format!("Версия протокола {version} не поддерживается. Обновите программу кассы до {newest}"),
                    format!("Хаттаманың {version} нұсқасына қолдау жоқ. Касса бағдарламасын {newest} нұсқасына жаңартыңыз"),
                    format!("Protocol version {version} is not supported. Update the till's software to {newest}"),
                ]
            }
            Self::RegisterAbsent { register } => [
                format!("Касса с номером {register} не зарегистрирована. Проверьте номер кассы или зарегистрируйте её в кабинете"),
                format!("{register} нөмірлі касса тіркелмеген. Касса нөмірін тексеріңіз немесе кабинетте тіркеңіз"),
                format!("No register has the id {register}. Check the id or register it in the cabinet"),
            ],
            Self::TlsExcluded => [
                "Тариф кассы не включает TLS. Укажите в кассе порт без TLS или смените тариф в кабинете".into(),
                "Касса тарифі TLS-ті қамтымайды. Кассада TLS-сіз портты көрсетіңіз немесе кабинетте тарифті ауыстырыңыз".into(),
                "The register's tariff excludes TLS. Set the port without TLS or change the tariff in the cabinet".into(),
            ],
            Self::TokenWrong => [
                "Токен кассы неверный. Выпустите новый токен в кабинете и введите его в кассу".into(),
                "Касса токені қате. Кабинетте жаңа токен шығарып, кассаға енгізіңіз".into(),
                "The register's token is wrong. Issue a new one in the cabinet and enter it into the till".into(),
            ],
            Self::CommandAbsent { code } => [
                format!("Команды {code} в протоколе нет. Обновите программу кассы"),
                format!("Хаттамада {code} командасы жоқ. Касса бағдарламасын жаңартыңыз"),
                format!("There is no command {code}. Update the till's software"),
            ],
            Self::CommandUnsupported { command } => {
                let (command, code) = (command.name(), command.code());
                [
                    format!("Команда {command} ({code}) не поддерживается. Отключите её в кассе или обновите программу"),
                    format!("{command} ({code}) командасына қолдау жоқ. Оны кассада өшіріңіз немесе бағдарламаны жаңартыңыз"),
                    format!("Command {command} ({code}) is not supported. Switch it off in the till or update its software"),
                ]
            }
            Self::PartMissing { part } => [
                format!("В запросе нет части {part}. Обновите программу кассы"),
                format!("Сұрауда {part} бөлігі жоқ. Касса бағдарламасын жаңартыңыз"),
                format!("The request has no part {part}. Update the till's software"),
            ],
            Self::RequestNumberReused { request } => [
                format!("REQNUM {request} уже использован для этого документа, он сохранён. Увеличьте REQNUM для нового запроса"),
                format!("REQNUM {request} осы құжатқа қолданылған, ол сақталған. Жаңа сұрау үшін REQNUM арттырыңыз"),
                format!("REQNUM {request} was used for this very document, which is stored. Raise REQNUM for a new request"),
            ],
            Self::RetryDiffers { request } => [
                format!("Повтор запроса REQNUM {request} содержит другой документ. Повторите прежний документ или увеличьте REQNUM"),
                format!("REQNUM {request} қайталауында басқа құжат тұр. Бұрынғы құжатты қайталаңыз немесе REQNUM арттырыңыз"),
                format!("The retry of REQNUM {request} has another document. Repeat the former document or raise REQNUM"),
            ],
            Self::Blocked { reason } => {
                let reason = harmless(reason, REASON_LEN_MAX);
                [
                    format!("Касса заблокирована оператором{reason}. Обратитесь к оператору фискальных данных"),
                    "Кассаны оператор бұғаттады. Фискалдық деректер операторына хабарласыңыз".into(),
                    "The operator blocked the register. Call the fiscal data operator".into(),
                ]
            }
            Self::Unpaid { reason } => unpaid(reason),
            Self::Deregistered { reason } => {
                let [ru, kk, en] = in_each_language(reason);
                [
                    format!("Касса снята с учёта{ru}. Зарегистрируйте кассу заново в кабинете"),
                    format!("Касса есептен шығарылған{kk}. Кабинетте кассаны қайта тіркеңіз"),
                    format!("The register was deregistered{en}. Register it anew in the cabinet"),
                ]
            }
            Self::Disconnected => [
                "Касса отключена организацией. Включите её в кабинете".into(),
                "Кассаны ұйым ажыратқан. Оны кабинетте қосыңыз".into(),
                "The organisation switched the register off. Switch it on in the cabinet".into(),
            ],
            Self::Missing { field, code: MalformedReceipt::IncorrectData | MalformedReceipt::Blocked } => [
                format!("В документе нет поля {field}. Исправьте документ и отправьте снова"),
                format!("Құжатта {field} өрісі жоқ. Құжатты түзетіп, қайта жіберіңіз"),
                format!("The document has no {field}. Correct the document and send it again"),
            ],
            Self::Wrong { field, value } => {
                let value = shown(value);
                [
                    format!("Поле {field}: значение {value} недопустимо. Исправьте документ и отправьте снова"),
                    format!("{field} өрісі: {value} мәніне жол берілмейді. Құжатты түзетіп, қайта жіберіңіз"),
                    format!("Field {field}: the value {value} is not allowed. Correct the document and send it again"),
                ]
            }
            Self::PaymentsDiffer { payments, total } => [
                format!("payments: сумма оплат {payments} не равна итогу amounts.total {total}. Исправьте оплаты и отправьте снова"),
                format!("payments: төлемдер сомасы {payments} amounts.total {total} жиынына тең емес. Төлемдерді түзетіп, қайта жіберіңіз"),
                format!("payments: their sum {payments} differs from amounts.total {total}. Correct the payments and send again"),
            ],
            Self::SumTooLarge { field, sum } => [
                format!("Поле {field}: сумма {sum} слишком велика. Исправьте документ и отправьте снова"),
                format!("{field} өрісі: {sum} сомасы тым үлкен. Құжатты түзетіп, қайта жіберіңіз"),
                format!("Field {field}: the sum {sum} is too large. Correct the document and send it again"),
            ],
            Self::Strict { version, warning, field, value: Some(value) } => {
                let (name, value) = (warning.name(), shown(value));
                [
                    format!("Поле {field}: значение {value} нарушает версию {version} ({name}). Обновите программу"),
                    format!("{field} өрісі: {value} мәні {version} нұсқасын бұзады ({name}). Бағдарламаны жаңартыңыз"),
                    format!("Field {field}: the value {value} breaks version {version} ({name}). Update the software"),
                ]
            }
            Self::Strict { version, warning, field, value: None } => {
                let name = warning.name();
                [
                    format!("Нет поля {field}, версия {version} его требует ({name}). Обновите программу"),
                    format!("{field} өрісі жоқ, {version} нұсқасы оны талап етеді ({name}). Бағдарламаны жаңартыңыз"),
                    format!("There is no {field}, version {version} requires it ({name}). Update the software"),
                ]
            }
            Self::SameTaxpayer => [
                "customer_iin_or_bin: ИИН/БИН покупателя равен ИИН/БИН продавца. Укажите ИИН/БИН покупателя".into(),
                "customer_iin_or_bin: сатып алушының ЖСН/БСН-і сатушынікімен бірдей. Сатып алушының ЖСН/БСН-ін көрсетіңіз".into(),
                "customer_iin_or_bin: the buyer's IIN/BIN is the seller's. Enter the buyer's IIN/BIN".into(),
            ],
            Self::ShiftTooLong { opened_at } => [
                format!("Смена открыта более 24 часов (с {opened_at}). Закройте смену и повторите документ"),
                format!("Ауысым 24 сағаттан артық ашық ({opened_at} бастап). Ауысымды жауып, құжатты қайталаңыз"),
                format!("The shift is open for over 24 hours (since {opened_at}). Close it and repeat the document"),
            ],
            Self::ShiftFull { documents } => [
                format!("В смене уже {documents} документов, больше нельзя. Закройте смену и повторите документ"),
                format!("Ауысымда {documents} құжат бар, одан артық болмайды. Ауысымды жауып, құжатты қайталаңыз"),
                format!("The shift holds {documents} documents and takes no more. Close it and repeat the document"),
            ],
            Self::CashShort { cash, wanted } => {
                let cash = SignedTenge(*cash);
                [
                    format!("Наличных в кассе {cash}, нужно {wanted}. Уменьшите сумму или внесите наличные"),
                    format!("Кассадағы қолма-қол ақша {cash}, қажеті {wanted}. Соманы азайтыңыз немесе ақша салыңыз"),
                    format!("The drawer holds {cash}, {wanted} is needed. Lower the sum or deposit cash"),
                ]
            }
            Self::CannotCancel => [
                "Отменить можно только последний чек открытой смены. Оформите возврат".into(),
                "Тек ашық ауысымның соңғы чегін жоюға болады. Қайтаруды рәсімдеңіз".into(),
                "Only the last receipt of the open shift can be cancelled. Make a return instead".into(),
            ],
        }
    }
}

/// A reason as each language shows it: its own part of one that is given in three, else what a person typed, in Russian.
fn in_each_language(reason: &str) -> [String; 3] {
    match reason_in_languages(reason) {
        Some(parts) => parts.map(|part| harmless(part, REASON_PART_LEN_MAX)),
        None => [harmless(reason, REASON_LEN_MAX), String::new(), String::new()],
    }
}

/// A reason as `: reason`, or nothing when a till could misread it.
fn harmless(reason: &str, len_max: usize) -> String {
    let reason: String = reason.chars().map(plain).collect();
    let reason = reason.split_whitespace().collect::<Vec<_>>().join(" ");
    if reason.is_empty() || has_forbidden_word(&reason) {
        return String::new();
    }
    format!(": {}", cut(&reason, len_max).trim_end_matches(['.', ' ']))
}

/// A value of a request in quotes; what a till could misread, or what is too long, is left out.
fn shown(value: &str) -> Cow<'static, str> {
    let mut plain_value: String = value.chars().map(plain).take(SHOWN_CHARS_MAX).collect();
    if value.chars().nth(SHOWN_CHARS_MAX).is_some() {
        plain_value.push('…');
    }
    let value = plain_value;
    if has_forbidden_word(&value) { Cow::Borrowed("«…»") } else { Cow::Owned(format!("«{value}»")) }
}

/// One line, and the separator of languages stays ours.
fn plain(character: char) -> char {
    if character.is_control() || character == '/' { ' ' } else { character }
}
