use ofd_protocol::types::UnixMillis;
use ofd_storage::accounts::CompanyKind;

use super::*;

const TODAY: &str = "2026-12-01";

fn operator() -> Company {
    Company::new(OPERATOR.into(), "ОФД".into(), CompanyKind::Operator, UnixMillis(1))
}

fn text(text: &str, from: &str, to: &str) -> TicketText {
    let (kind, whose) = (TicketTextKind::Ofd, String::new());
    TicketText {
        id: 0,
        revision: 0,
        kind,
        whose,
        text: text.into(),
        from: from.into(),
        to: to.into(),
        version: 0,
    }
}

fn draft(today: &str, text: TicketText) -> TextDraft {
    TextDraft { text, today: day(today).unwrap() }
}

fn added(operator: &Company, today: &str, text: TicketText) -> Result<Company, PartRefusal> {
    apply(operator, None, &draft(today, text)).map(|changed| changed.unwrap_or_else(|| operator.clone()))
}

fn changed(operator: &Company, today: &str, to: TicketText) -> Result<Company, PartRefusal> {
    let known: &TicketText = part::find(operator, to.id).unwrap();
    let opened = Some((to.id, Revision::from(known.revision)));
    apply(operator, opened, &draft(today, to)).map(|changed| changed.unwrap_or_else(|| operator.clone()))
}

fn read(pairs: &[(&str, &str)]) -> Errors {
    let base =
        [("kind", "ofd"), ("text", "Спасибо за покупку!"), ("from", "01.12.2026"), ("to", "31.12.2026")];
    let given = |name: &str| pairs.iter().any(|(known, _)| *known == name);
    let pairs = base.iter().filter(|(name, _)| !given(name)).chain(pairs);
    let fields = Fields::new(pairs.map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect());
    read_text(&fields, day(TODAY).unwrap(), true).1
}

#[test]
fn a_text_is_what_tills_can_show() {
    assert_eq!(read(&[]), []);
    let (most, more) = ("ә".repeat(200), "ә".repeat(201));
    assert_eq!(read(&[("text", &most)]), []);
    for (typed, wrong) in [
        ("", Wrong::Empty),
        (&more, Wrong::TooLong),
        ("a\u{1b}b", Wrong::Characters),
        ("Лучшая сеть магазинов", Wrong::TillWord("сеть")),
        ("UNKNOWN", Wrong::TillWord("unknown")),
    ] {
        assert_eq!(read(&[("text", typed)]), [("text", wrong)], "{typed}");
    }
    assert_eq!(read(&[("text", &"😀".repeat(126))]), [("text", Wrong::TooLong)], "more than 500 bytes");
}

#[test]
fn days_are_real_ones_in_their_order_and_whose_it_is_must_be_said() {
    for (field, typed, wrong) in [
        ("from", "", Wrong::Empty),
        ("to", "31.13.2026", Wrong::Date),
        ("to", "30.11.2026", Wrong::DaysTurned),
        ("to", "01.01.2029", Wrong::DateBeyond),
        ("kind", "info", Wrong::Choice),
    ] {
        assert_eq!(read(&[(field, typed)]), [(field, wrong)], "{field} {typed}");
    }
    assert_eq!(read(&[("kind", "org")]), [("whose", Wrong::Empty)]);
    assert_eq!(read(&[("kind", "kkm"), ("whose", "x")]), [("whose", Wrong::Nowhere)]);
}

#[test]
fn a_text_of_a_later_day_is_newer_whenever_it_was_made() {
    let mut all = added(&operator(), TODAY, text("январь", "2027-01-01", "2027-01-31")).unwrap();
    all = added(&all, TODAY, text("декабрь", "2026-12-01", "2026-12-31")).unwrap();
    let [january, december] = &all.ticket_texts[..] else { panic!("{all:?}") };
    assert!(january.version > december.version);
    assert!(january.version < 1 << 63, "63 bits");
    let better = TicketText { text: "Декабрь!".into(), ..december.clone() };
    let after = changed(&all, "2026-12-03", better).unwrap();
    assert!(after.ticket_texts[1].version > december.version, "a changed text is newer than it was");
    assert!(after.ticket_texts[1].version < january.version);
    // It is deleted, and another one begins on its first day: that is newer too.
    let without = part::delete::<TicketText>(&all, (december.id, Revision::from(december.revision)));
    let again = added(&without.unwrap().unwrap(), TODAY, text("иначе", "2026-12-01", "2026-12-02")).unwrap();
    assert!(again.ticket_texts[1].version > december.version);
}

#[test]
fn no_two_of_a_kind_meet_on_a_day() {
    let one = added(&operator(), TODAY, text("a", "2026-12-05", "2026-12-10")).unwrap();
    let meets = Err(PartRefusal::Wrong("from", Wrong::TextsMeet));
    for (from, to) in
        [("2026-12-10", "2026-12-12"), ("2026-12-01", "2026-12-05"), ("2026-12-06", "2026-12-07")]
    {
        assert_eq!(added(&one, TODAY, text("b", from, to)), meets, "{from}");
    }
    assert!(added(&one, TODAY, text("b", "2026-12-11", "2026-12-12")).is_ok());
    let other =
        TicketText { kind: TicketTextKind::Org, whose: "1".into(), ..text("b", "2026-12-05", "2026-12-06") };
    let two = added(&one, TODAY, other.clone()).unwrap();
    assert!(added(&two, TODAY, TicketText { whose: "2".into(), ..other.clone() }).is_ok());
    assert_eq!(added(&two, TODAY, TicketText { text: "c".into(), ..other }), meets);
}

#[test]
fn a_form_that_comes_twice_makes_one_text() {
    let one = added(&operator(), TODAY, text("a", "2026-12-01", "2026-12-10")).unwrap();
    let again = added(&one, "2026-12-02", text("a", "2026-12-01", "2026-12-10")).unwrap();
    assert_eq!(again, one, "even when its first day is over meanwhile");
}

#[test]
fn of_a_text_that_registers_hold_only_what_it_says_and_its_last_day_can_change() {
    let all = added(&operator(), TODAY, text("a", "2026-12-05", "2026-12-10")).unwrap();
    let known = all.ticket_texts[0].clone();
    let refused = |today: &str, to: TicketText| match changed(&all, today, to) {
        Err(PartRefusal::Wrong(field, wrong)) => (field, wrong),
        other => panic!("{other:?}"),
    };
    let moved = || TicketText { from: "2026-12-06".into(), ..known.clone() };
    assert!(changed(&all, "2026-12-04", moved()).is_ok(), "nobody holds it yet");
    assert_eq!(refused("2026-12-05", moved()), ("from", Wrong::TextHolds));
    let other = || TicketText { kind: TicketTextKind::Org, whose: "1".into(), ..known.clone() };
    assert_eq!(refused("2026-12-05", other()), ("kind", Wrong::TextHolds));
    let until = |to: &str| TicketText { to: to.into(), ..known.clone() };
    assert!(changed(&all, "2026-12-10", until("2026-12-20")).is_ok());
    assert!(changed(&all, "2026-12-07", until("2026-12-07")).is_ok());
    assert_eq!(refused("2026-12-08", until("2026-12-07")), ("to", Wrong::DatePast));
    assert_eq!(
        refused("2026-12-11", until("2026-12-20")),
        ("to", Wrong::TextOver),
        "a later one may be held"
    );
    assert_eq!(
        added(&all, "2026-12-20", text("b", "2026-12-19", "2026-12-21")),
        Err(PartRefusal::Wrong("from", Wrong::DatePast))
    );
}

#[test]
fn a_text_holds_from_its_first_day_to_its_last() {
    let text = text("a", "2026-12-05", "2026-12-06");
    for (today, expected) in [
        ("2026-12-04", TextPhase::ToCome),
        ("2026-12-05", TextPhase::Holds),
        ("2026-12-06", TextPhase::Holds),
        ("2026-12-07", TextPhase::Over),
    ] {
        assert_eq!(phase(&text, day(today).unwrap()), expected, "{today}");
    }
}
