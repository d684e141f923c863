//! The act of completed works (акт выполненных работ), laid out as form Р-1.

use ofd_billing::invoices::{Act, PaperLanguage};

use super::said::{contract, number_line, party, said, sum, text, to_sign, words};
use super::{PlanTitles, line_of, titled, written};
use crate::error::PaperError;
use crate::flow::Block;
use crate::grid::{Column, Grid};
use crate::words::day;

/// An act as PDF.
///
/// # Errors
/// [`PaperError`].
pub fn act(act: &Act, titles: &PlanTitles, of: PaperLanguage) -> Result<Vec<u8>, PaperError> {
    let head = &act.head;
    let name = said(
        of,
        ["Орындалған жұмыстар (көрсетілген қызметтер) актісі", "Акт выполненных работ (оказанных услуг)"],
    );
    let title = titled(name, head, of);
    let invoice = number_line(&act.invoice.number.to_string(), act.invoice.day.date(), of);
    let rows = act.content.lines.iter().map(|one| {
        let line = &one.line;
        vec![
            one.number.to_string(),
            line_of(line, titles, of),
            day(line.to.date()),
            text(of, ["қызмет", "услуга"]),
            "1".to_owned(),
            sum(line.sum),
            sum(line.sum),
        ]
    });
    let whole = text(of, ["Жиыны", "Итого"]);
    let blank = String::new;
    let blocks = vec![
        Block::Centred(text(of, ["Р-1 нысаны", "Форма Р-1"])),
        Block::Title(title.clone()),
        Block::Fields(vec![
            (text(of, ["Тапсырысшы", "Заказчик"]), party(&head.recipient, of)),
            (text(of, ["Орындаушы", "Исполнитель"]), party(&head.supplier, of)),
            (text(of, ["Шарт", "Договор (контракт)"]), contract(head.contract.as_ref(), of)),
            (text(of, ["Шот-фактура", "Счёт-фактура"]), invoice),
        ]),
        Block::Grid(Grid {
            columns: vec![
                Column::right("№", 22.0),
                Column::left(
                    said(of, ["Жұмыстардың (қызметтердің) атауы", "Наименование работ (услуг)"]),
                    191.0,
                ),
                Column::left(said(of, ["Орындалған күні", "Дата выполнения"]), 72.0),
                Column::left(said(of, ["Өлш. бірл.", "Ед. изм."]), 42.0),
                Column::right(said(of, ["Саны", "Кол-во"]), 44.0),
                Column::right(said(of, ["Бағасы ҚҚС-пен", "Цена с НДС"]), 60.0),
                Column::right(said(of, ["Құны ҚҚС-пен", "Стоимость с НДС"]), 60.0),
            ],
            rows: rows.collect(),
            totals: vec![
                vec![blank(), whole, blank(), blank(), blank(), blank(), sum(act.content.total)],
                vec![
                    blank(),
                    text(of, ["Оның ішінде ҚҚС", "В том числе НДС"]),
                    blank(),
                    blank(),
                    blank(),
                    blank(),
                    sum(act.content.vat),
                ],
            ],
        }),
        Block::Strong(format!(
            "{}: {}",
            said(of, ["Сомасы жазумен", "Сумма прописью"]),
            words(act.content.total, of)
        )),
        Block::Pair {
            left: vec![
                to_sign(said(of, ["Тапсырды (Орындаушы)", "Сдал (Исполнитель)"]), of),
                text(of, ["М.О.", "М.П."]),
            ],
            right: vec![
                to_sign(said(of, ["Қабылдады (Тапсырысшы)", "Принял (Заказчик)"]), of),
                text(
                    of,
                    ["Қол қойылған күні ________________  М.О.", "Дата подписания ________________  М.П."],
                ),
            ],
        },
    ];
    written(&blocks, of, (title, &head.supplier.title), head.day.date())
}
