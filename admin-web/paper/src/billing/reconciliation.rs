//! The act of reconciliation (акт сверки), for both sides to sign.

use ofd_billing::Tiyn;
use ofd_billing::invoices::{InFavourOf, PaperLanguage, Reconciliation, Sides};

use super::said::{party, said, sum, text, to_sign, words};
use super::written;
use crate::error::PaperError;
use crate::flow::Block;
use crate::grid::{Column, Grid};
use crate::words::day;

/// An act of reconciliation as PDF; `told` says what an entry stands on. The customer's side is empty: what it has in its books it fills in.
///
/// # Errors
/// [`PaperError`].
pub fn reconciliation(
    act: &Reconciliation,
    told: impl Fn(&str) -> String,
    of: PaperLanguage,
) -> Result<Vec<u8>, PaperError> {
    let (from, to) = (day(act.from.date()), day(act.to.date()));
    let title = match of {
        PaperLanguage::Russian => format!("Акт сверки взаимных расчётов за период {from} – {to}"),
        PaperLanguage::Kazakh => {
            format!("{from} – {to} кезеңіндегі өзара есеп айырысуларды салыстыру актісі")
        }
    };
    let [supplier, customer] = [&act.supplier, &act.customer];
    let between = match of {
        PaperLanguage::Russian => format!("между {} и {}", supplier.title, customer.title),
        PaperLanguage::Kazakh => format!("{} және {} арасында", supplier.title, customer.title),
    };
    let blocks = vec![
        Block::Title(title.clone()),
        Block::Centred(between),
        Block::Fields(vec![
            (text(of, ["Орындаушы", "Исполнитель"]), party(supplier, of)),
            (text(of, ["Тапсырысшы", "Заказчик"]), party(customer, of)),
        ]),
        Block::Grid(rows(act, &told, of)),
        Block::Strong(closing(act, &to, of)),
        Block::Pair {
            left: vec![supplier.title.clone(), to_sign("", of), text(of, ["М.О.", "М.П."])],
            right: vec![customer.title.clone(), to_sign("", of), text(of, ["М.О.", "М.П."])],
        },
    ];
    written(&blocks, of, (title, &supplier.title), act.to.date())
}

fn or_nothing(of: Tiyn) -> String {
    if of == Tiyn::ZERO { String::new() } else { sum(of) }
}

fn rows(act: &Reconciliation, told: &impl Fn(&str) -> String, of: PaperLanguage) -> Grid {
    let line = |first: String, what: String, sides: Sides| {
        let ours = [first, what, or_nothing(sides.debit), or_nothing(sides.credit)];
        ours.into_iter().chain(std::iter::repeat_n(String::new(), 4)).collect::<Vec<_>>()
    };
    let balance = said(of, ["Сальдо", "Сальдо"]);
    let mut rows = vec![line(
        day(act.from.date()),
        format!("{balance}, {}", said(of, ["басында", "начальное"])),
        act.opening,
    )];
    rows.extend(act.rows.iter().map(|row| {
        let sides = Sides { debit: row.debit, credit: row.credit };
        line(day(row.day.date()), told(&row.document), sides)
    }));
    let whole = text(of, ["Кезең ішіндегі айналым", "Обороты за период"]);
    let end = format!("{balance}, {}", said(of, ["соңында", "конечное"]));
    let [debit, credit] = [said(of, ["Дебет", "Дебет"]), said(of, ["Кредит", "Кредит"])];
    let [date, document] = [said(of, ["Күні", "Дата"]), said(of, ["Құжат", "Документ"])];
    let theirs = said(of, ["Тапсырысшының деректері: күні", "По данным заказчика: дата"]);
    Grid {
        columns: vec![
            Column::left(date, 54.0),
            Column::left(document, 112.0),
            Column::right(debit, 56.0),
            Column::right(credit, 56.0),
            Column::left(theirs, 60.0),
            Column::left(document, 65.0),
            Column::right(debit, 44.0),
            Column::right(credit, 44.0),
        ],
        rows,
        totals: vec![line(String::new(), whole, act.turnover), line(day(act.to.date()), end, act.closing)],
    }
}

fn closing(act: &Reconciliation, to: &str, of: PaperLanguage) -> String {
    let left = if act.closing.debit > Tiyn::ZERO { act.closing.debit } else { act.closing.credit };
    let (figure, spelled) = (sum(left), words(left, of));
    let whose = match act.in_favour_of {
        InFavourOf::Supplier => &act.supplier.title,
        InFavourOf::Customer => &act.customer.title,
        InFavourOf::Nobody => {
            return match of {
                PaperLanguage::Russian => format!("По состоянию на {to} задолженности нет."),
                PaperLanguage::Kazakh => format!("{to} жағдай бойынша берешек жоқ."),
            };
        }
    };
    match of {
        PaperLanguage::Russian => {
            format!(
                "По состоянию на {to} задолженность в пользу {whose} составляет {figure} KZT ({spelled})."
            )
        }
        PaperLanguage::Kazakh => {
            format!("{to} жағдай бойынша {whose} пайдасына берешек {figure} KZT ({spelled}).")
        }
    }
}
