use bytes::BytesMut;

use super::*;
use crate::types::Tiyn;
use crate::wire::Writer;

fn message(write: impl FnOnce(&mut Writer<'_>)) -> Vec<u8> {
    let mut out = BytesMut::new();
    write(&mut Writer::new(&mut out));
    out.to_vec()
}

fn sale() -> Vec<u8> {
    message(|w| {
        w.uint(1, 1_u32);
        w.message(2, |w| {
            w.uint(1, 2_u32);
            w.date_time(2, LocalDateTime::new(2026, 1, 22, 17, 9, 16).unwrap());
            for name in ["Нан", "Сүт"] {
                w.message(5, |w| {
                    w.uint(1, 1_u32);
                    w.message(2, |w| {
                        w.text(2, name);
                        w.money(6, Tiyn::new(69_690).unwrap());
                    });
                });
            }
            w.message(9, |w| {
                w.text(1, "buyer@example.kz");
                w.text(2, "+77010000000");
                w.message(3, |w| {
                    w.text(1, "loyalty");
                    w.text(2, "Bolat");
                });
                w.text(4, "900101300017");
                w.text(77, "of a later version");
            });
            w.text(12, "as printed, for buyer@example.kz");
            w.uint(99, 7_u32);
            w.text(98, "+7 (701) 000-00-00");
        });
    })
}

fn told(payload: &[u8], personal: Personal) -> Vec<(String, Shown, &'static str)> {
    explain(payload, 0, personal)
        .fields
        .into_iter()
        .map(|field| (field.path, field.shown, field.section))
        .collect()
}

#[test]
fn a_frame_is_told_field_by_field_with_the_rule_of_each() {
    let told = told(&sale(), Personal::Hidden);
    for expected in [
        ("command", Shown::Choice(1, Some("TICKET")), "5"),
        ("ticket", Shown::Message, "5"),
        ("ticket.operation", Shown::Choice(2, Some("SELL")), "7"),
        ("ticket.date_time", Shown::Moment(LocalDateTime::new(2026, 1, 22, 17, 9, 16).unwrap()), "13.5"),
        ("ticket.items[1]", Shown::Message, "13.8"),
        ("ticket.items[1].commodity.name", Shown::Text("Сүт".into()), "7"),
        ("ticket.items[0].commodity.sum", Shown::Money(696, 90), "7"),
        ("ticket.#99", Shown::Number(7), "7"),
    ] {
        let (path, shown, section) = expected;
        assert!(told.contains(&(path.to_owned(), shown, section)), "{path} is not so in {told:?}");
    }
}

#[test]
fn what_tells_of_the_buyer_is_hidden_unless_it_is_asked_for() {
    let hidden = format!("{:?}", told(&sale(), Personal::Hidden));
    let shown = format!("{:?}", told(&sale(), Personal::Shown));
    for secret in [
        "buyer@example.kz",
        "77010000000",
        "900101300017",
        "Bolat",
        "of a later version",
        "701",
        "as printed",
    ] {
        assert!(!hidden.contains(secret), "{secret} is in {hidden}");
        assert!(shown.contains(secret), "{secret} is not in {shown}");
    }
    assert!(hidden.contains("ticket.extension_options.customer_phone"), "that it is there is told: {hidden}");
}

#[test]
fn pairs_of_lines_hide_who_bought_by_their_key_and_within_their_text() {
    let pairs = [
        ("customer_phone", "seven oh one"),
        ("Покупатель", "Болат"),
        ("комментарий", "ИИН 900101300017"),
        ("note", "тел. 87010000000, вечером"),
        ("сорт", "высший"),
        ("тел. 87770000000", "x"),
    ];
    let payload = message(|w| {
        w.message(2, |w| {
            w.message(5, |w| {
                w.message(2, |w| {
                    for (key, value) in pairs {
                        w.message(9, |w| {
                            w.text(1, key);
                            w.text(2, value);
                        });
                    }
                });
            });
        });
    });
    let hidden = told(&payload, Personal::Hidden);
    let values: Vec<&Shown> =
        hidden.iter().filter(|(path, ..)| path.ends_with(".value")).map(|told| &told.1).collect();
    let text = |text: &str| Shown::Text(text.into());
    let expected =
        [Shown::Hidden, Shown::Hidden, Shown::Hidden, Shown::Hidden, text("высший"), Shown::Hidden];
    assert_eq!(values, expected.each_ref(), "{hidden:?}");
    let said = format!("{hidden:?}");
    assert!(said.contains("customer_phone") && !said.contains("87770000000"), "{said}");
    let shown = format!("{:?}", told(&payload, Personal::Shown));
    for (key, value) in pairs {
        assert!(shown.contains(key) && shown.contains(value), "{key}: {shown}");
    }
}

#[test]
fn nothing_that_came_is_left_out() {
    let payload = message(|w| {
        w.message(7, |w| {
            w.message(3, |w| {
                w.uint(1, 5_u32);
                w.uint(2, 0_u32);
                w.uint(9, 1_u32);
            });
            w.uint(2, 0_u32);
            w.uint(2, 1_u32);
        });
    });
    let told = told(&payload, Personal::Hidden);
    let paths: Vec<&str> = told.iter().map(|(path, ..)| path.as_str()).collect();
    assert_eq!(
        paths,
        [
            "money_placement",
            "money_placement.sum",
            "money_placement.sum.bills",
            "money_placement.sum.coins",
            "money_placement.sum.#9",
            "money_placement.operation",
            "money_placement.operation[1]",
        ],
        "a sum with something more is told field by field, and a field that came twice twice"
    );
}

#[test]
fn whatever_the_bytes_are_something_is_told_and_not_without_end() {
    let whole = sale();
    for end in 0..whole.len() {
        let explained = explain(&whole[..end], 0, Personal::Hidden);
        assert!(explained.fields.len() < 100);
        let shown = format!("{explained:?}");
        assert!(!shown.contains("buyer@") && !shown.contains("9001013"), "cut at {end}: {shown}");
    }
    let many = message(|w| (0..20_000).for_each(|_| w.uint(50, 1_u32)));
    let explained = explain(&many, 0, Personal::Hidden);
    assert_eq!((explained.count, explained.fields.len()), (20_000, FIELDS_MAX));
    let rest = explain(&many, 19_999, Personal::Hidden);
    let paths: Vec<&str> = rest.fields.iter().map(|field| field.path.as_str()).collect();
    assert_eq!((rest.count, paths), (20_000, vec!["#50[19999]"]), "all of them can be asked for");
    let mut deep = Vec::new();
    for _ in 0..200 {
        deep = message(|w| {
            w.message(2, |w| {
                w.uint(1, 2_u32);
            });
            w.bytes(3, &deep);
        });
    }
    assert!(explain(&deep, 0, Personal::Hidden).fields.len() < 100);
}
