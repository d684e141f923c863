//! What a line says on paper, in the two languages that documents have.

use crate::charging::{Free, Item, Line, Origin};
use crate::tariffs::Titles;

/// The language of a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PaperLanguage {
    /// As most books are kept.
    Russian,
    /// The language of the state.
    Kazakh,
}

/// What a line is for and why it is that sum: item, register, plan, days, price. `titles` are those of the line's plan.
#[must_use]
pub fn line_text(line: &Line, titles: &Titles, language: PaperLanguage) -> String {
    match language {
        PaperLanguage::Russian => russian(line, &titles.ru),
        PaperLanguage::Kazakh => kazakh(line, &titles.kk),
    }
}

fn russian(line: &Line, title: &str) -> String {
    let (register, quantity, price) = (line.basis.register, line.quantity, line.basis.price);
    let what = match line.basis.item {
        Item::ByMonth | Item::ByDay => "Услуги ОФД: абонентская плата",
        Item::Connection => "Услуги ОФД: подключение",
        Item::ReceiptsOver => "Услуги ОФД: чеки сверх лимита",
    };
    let why = match (line.origin, line.basis.free, line.basis.item) {
        (_, Some(Free::Price), _) => "бесплатно по тарифу".to_owned(),
        (_, Some(Free::Until(day)), _) => format!("бесплатно до {day}"),
        (Origin::Correction, ..) => format!("перерасчёт за {}, дней: {quantity}", line.from.month()),
        (_, _, Item::ByMonth) => format!("{price} ₸ в месяц, дней: {quantity} из {}", line.month_days()),
        (_, _, Item::ByDay) => format!("{price} ₸ в день, дней: {quantity}"),
        (_, _, Item::Connection) => format!("{price} ₸, однократно"),
        (_, _, Item::ReceiptsOver) => format!("{price} ₸ за чек, чеков: {quantity}"),
    };
    let version = line.basis.version;
    format!("{what}; касса {register}; тариф «{title}», версия {version}; {}; {why}", days(line))
}

fn kazakh(line: &Line, title: &str) -> String {
    let (register, quantity, price) = (line.basis.register, line.quantity, line.basis.price);
    let what = match line.basis.item {
        Item::ByMonth | Item::ByDay => "ФДО қызметі: абоненттік төлем",
        Item::Connection => "ФДО қызметі: қосу",
        Item::ReceiptsOver => "ФДО қызметі: шектен тыс чектер",
    };
    let why = match (line.origin, line.basis.free, line.basis.item) {
        (_, Some(Free::Price), _) => "тариф бойынша тегін".to_owned(),
        (_, Some(Free::Until(day)), _) => format!("{day} күніне дейін тегін"),
        (Origin::Correction, ..) => {
            format!("{} үшін қайта есептеу, күн саны: {quantity}", line.from.month())
        }
        (_, _, Item::ByMonth) => format!("айына {price} ₸, {} күннің {quantity} күні", line.month_days()),
        (_, _, Item::ByDay) => format!("күніне {price} ₸, күн саны: {quantity}"),
        (_, _, Item::Connection) => format!("{price} ₸, бір рет"),
        (_, _, Item::ReceiptsOver) => format!("бір чек үшін {price} ₸, чек саны: {quantity}"),
    };
    let version = line.basis.version;
    format!("{what}; касса {register}; «{title}» тарифі, {version}-нұсқа; {}; {why}", days(line))
}

fn days(line: &Line) -> String {
    if line.from == line.to { line.from.to_string() } else { format!("{}–{}", line.from, line.to) }
}
