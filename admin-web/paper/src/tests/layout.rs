//! Where things stand on pages.

use crate::error::PaperError;
use crate::faces::Faces;
use crate::flow::{self, Block};
use crate::page::{
    Item, MARGIN_BOTTOM, MARGIN_LEFT, MARGIN_RIGHT, MARGIN_TOP, PAGE_HEIGHT, PAGE_WIDTH, Page,
};

/// A hair of rounding.
const HAIR: f32 = 0.05;

fn laid(blocks: &[Block]) -> Vec<Page> {
    let faces = Faces::new().unwrap();
    let pages = flow::pages(&faces, blocks).unwrap();
    for item in pages.iter().flatten() {
        match item {
            Item::Text { x, baseline, size, weight, text, .. } => {
                let right = x + faces.width(*weight, *size, text);
                assert!(
                    *x >= MARGIN_LEFT - HAIR && right <= PAGE_WIDTH - MARGIN_RIGHT + HAIR,
                    "{text} ends at {right}"
                );
                assert!(
                    baseline - size >= MARGIN_TOP - size && *baseline <= PAGE_HEIGHT - MARGIN_BOTTOM,
                    "{text}"
                );
            }
            Item::Boxes { boxes, .. } => {
                for [x, y, width, height] in boxes {
                    assert!(*x >= MARGIN_LEFT - HAIR && x + width <= PAGE_WIDTH - MARGIN_RIGHT + HAIR);
                    assert!(*y >= MARGIN_TOP - HAIR && y + height <= PAGE_HEIGHT - MARGIN_BOTTOM + 2.0);
                }
            }
        }
    }
    pages
}

fn texts(page: &Page) -> Vec<&str> {
    let text = |item: &'_ Item| match item {
        Item::Text { .. } => true,
        Item::Boxes { .. } => false,
    };
    let told = page.iter().filter(|item| text(item));
    told.map(|item| if let Item::Text { text, .. } = item { text.as_str() } else { "" }).collect()
}

#[test]
fn long_names_and_addresses_wrap_and_never_leave_the_page() {
    let name =
        "Товарищество с ограниченной ответственностью «Қазақстан Өнеркәсіп Ғылыми-Зерттеу Ұйымы» ".repeat(12);
    let word = "Ө".repeat(900);
    let blocks = [
        Block::Title(name.clone()),
        Block::Heading(word.clone()),
        Block::Fields(vec![(word.clone(), name.clone()), (name.clone(), word.clone())]),
        Block::Clause { number: "10.10.10".into(), text: format!("{word} {name}") },
        Block::Paragraph(word.clone()),
        Block::Centred(name.clone()),
        Block::Qr { content: "https://ofd.example/".repeat(20), text: word.clone() },
        Block::Table {
            columns: vec![("№".into(), 1.0), (name, 3.0)],
            rows: vec![vec![word.clone(), word.clone()]],
        },
    ];
    let pages = laid(&blocks);
    let letters: usize = pages.iter().flat_map(texts).map(|text| text.matches('Ө').count()).sum();
    // 900 in each word, beside those of the name; of the text beside a code six lines are printed.
    assert!(letters >= 6 * 900, "{letters}");
}

#[test]
fn a_table_of_300_rows_has_its_head_on_every_page_and_each_row_once() {
    let rows: Vec<Vec<String>> = (1..=300)
        .map(|row| vec![format!("#{row}"), "Касса у входа, второй этаж".repeat(row % 5 + 1)])
        .collect();
    let columns = vec![("№ п/п".to_owned(), 1.0), ("Касса".to_owned(), 4.0)];
    let pages = laid(&[Block::Heading("Список".into()), Block::Table { columns, rows }]);
    assert!(pages.len() > 5, "{}", pages.len());
    for (at, page) in pages.iter().enumerate() {
        let texts = texts(page);
        let head = texts.iter().position(|text| *text == "№ п/п").unwrap();
        assert!(head == usize::from(at == 0), "the head is the first of page {at}: {texts:?}");
    }
    let numbers: Vec<&str> = pages.iter().flat_map(texts).filter(|text| text.starts_with('#')).collect();
    let wanted: Vec<String> = (1..=300).map(|row| format!("#{row}")).collect();
    assert_eq!(numbers, wanted);
}

#[test]
fn a_row_that_is_higher_than_a_page_goes_on_on_the_next_one() {
    let words: Vec<String> = (1..=3000).map(|word| format!("слово{word}")).collect();
    let columns = vec![("Текст".to_owned(), 1.0), ("Ещё".to_owned(), 1.0)];
    let pages = laid(&[Block::Table { columns, rows: vec![vec![words.join(" "), "раз".to_owned()]] }]);
    assert!(pages.len() > 2, "{}", pages.len());
    let found: Vec<&str> = pages.iter().flat_map(texts).flat_map(|text| text.split(' ')).collect();
    let found: Vec<&str> = found.into_iter().filter(|word| word.starts_with("слово")).collect();
    assert_eq!(found, words);
}

#[test]
fn a_heading_is_never_the_last_line_of_a_page() {
    for lines in 30..70 {
        let mut blocks = vec![Block::Paragraph("Строка".into()); lines];
        blocks.push(Block::Heading("Заголовок".into()));
        blocks.push(Block::Paragraph("Текст под ним".into()));
        let pages = laid(&blocks);
        for page in &pages {
            assert_ne!(texts(page).last(), Some(&"Заголовок"), "{lines} lines before it");
        }
    }
}

#[test]
fn letters_that_no_font_of_ours_has_are_seen_to_miss() {
    let pages = laid(&[Block::Paragraph("Кафе 漢\u{7}字 \u{200b}Ұя\u{ad}лы ₸ №".into())]);
    assert_eq!(texts(&pages[0]), ["Кафе \u{fffd} \u{fffd} Ұялы ₸ №"]);
}

#[test]
fn a_paper_without_end_is_refused() {
    let faces = Faces::new().unwrap();
    let rows = vec![vec!["x".to_owned()]; 60_000];
    let told = flow::pages(&faces, &[Block::Table { columns: vec![("А".into(), 1.0)], rows }]);
    assert!(matches!(told, Err(PaperError::TooLong { .. })));
}
