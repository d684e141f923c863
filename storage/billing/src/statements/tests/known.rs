//! Entries that come again, in the same format and in others.

use super::*;

/// What is said of a file's entries when another's are kept.
fn seen(new: &Statement, kept: &Statement) -> Vec<Seen> {
    sort_out(&marks(new), &marks(kept))
}

#[test]
fn the_same_file_again_is_all_known() {
    for (name, bytes) in SAMPLES {
        for statement in read(bytes).expect(name) {
            let places: Vec<_> = (0..statement.entries.len()).map(Seen::Known).collect();
            assert_eq!(seen(&statement, &statement), places, "{name}");
        }
    }
    assert_eq!(seen(&table(), &table()), [Seen::Known(0), Seen::Known(1), Seen::Known(2)]);
}

#[test]
fn twins_are_counted() {
    let both = one("1c-utf-8.txt");
    let marks_of_both = marks(&both);
    assert_eq!(marks_of_both[2].fingerprint, marks_of_both[3].fingerprint);
    assert_eq!((marks_of_both[2].ordinal, marks_of_both[3].ordinal), (0, 1));
    // A file that overlaps has one more of them than the first had.
    let mut first = both.clone();
    first.entries.remove(3);
    assert_eq!(seen(&both, &first)[2..4], [Seen::Known(2), Seen::New]);
    assert_eq!(seen(&first, &both)[2], Seen::Known(2));
}

#[test]
fn the_same_payments_in_another_format_are_known_once_each() {
    let kept = one("1c-utf-8.txt");
    let mt = seen(&one("mt940.sta"), &kept);
    let camt = seen(&one("camt.053.xml"), &kept);
    let known = [Seen::Known(0), Seen::Known(1), Seen::Known(2), Seen::Known(3)];
    assert_eq!(mt[..4], known);
    assert_eq!(camt[..4], known);
    // Of the bank's fee MT940 tells no more than the sum; CAMT.053 has its purpose, but no payee.
    assert_eq!((mt[4], camt[4]), (Seen::Perhaps(4), Seen::Perhaps(4)));
    // What was taken back came in no other file.
    assert_eq!((mt[5], mt[6], camt[5], camt[6]), (Seen::New, Seen::New, Seen::New, Seen::New));
    assert_eq!(seen(&table(), &kept), [Seen::Known(0), Seen::Known(1), Seen::Known(4)]);
    // The other way round.
    assert_eq!(seen(&kept, &one("mt940.sta"))[..4], known);
}

#[test]
fn another_day_sum_account_or_direction_is_another_payment() {
    let kept = one("1c-utf-8.txt");
    let other = |change: &dyn Fn(&mut Entry)| {
        let mut statement = kept.clone();
        statement.entries.truncate(1);
        statement.entries.iter_mut().for_each(change);
        seen(&statement, &kept)[0]
    };
    assert_eq!(other(&|_| {}), Seen::Known(0));
    assert_eq!(other(&|entry| entry.day = date!(2026 - 12 - 01)), Seen::New);
    assert_eq!(other(&|entry| entry.sum = tiyn(684_660)), Seen::New);
    assert_eq!(other(&|entry| entry.direction = Direction::Out), Seen::New);
    assert_eq!(other(&|entry| entry.number = Some("16".to_owned())), Seen::New);
    // A purpose that is only longer at its end is the same: banks cut them at different lengths.
    assert_eq!(other(&|entry| entry.purpose.push_str(" (второй раз)")), Seen::Known(0));
    assert_eq!(other(&|entry| entry.purpose.insert_str(0, "Второй раз: ")), Seen::New);
    let mut account = kept.clone();
    account.account = iban(OWN_TOO);
    assert!(seen(&account, &kept).iter().all(|seen| *seen == Seen::New));
}

#[test]
fn what_differs_between_formats_is_for_people() {
    let kept = one("1c-utf-8.txt");
    let other = |change: &dyn Fn(&mut Entry)| {
        let mut statement = one("mt940.sta");
        statement.entries.truncate(1);
        statement.entries.iter_mut().for_each(change);
        seen(&statement, &kept)[0]
    };
    assert_eq!(other(&|_| {}), Seen::Known(0));
    // Zeros before a number are no difference.
    assert_eq!(other(&|entry| entry.number = Some("0015".to_owned())), Seen::Known(0));
    assert_eq!(other(&|entry| entry.number = Some("E2E-1".to_owned())), Seen::Perhaps(0));
    assert_eq!(other(&|entry| entry.payer.iban = Some(iban(OWN_TOO))), Seen::New);
    assert_eq!(other(&|entry| (entry.number, entry.payer.iban) = (None, None)), Seen::Perhaps(0));
}

#[test]
fn a_mark_is_kept_as_text_and_read_again() {
    let marks = marks(&one("camt.053.xml"));
    let text = serde_json::to_string(&marks).expect("text");
    assert_eq!(serde_json::from_str::<Vec<Mark>>(&text).expect("marks"), marks);
    assert!(text.contains("\"day\":\"2026-11-30\""));
}

#[test]
fn the_fingerprint_never_changes() {
    // Marks are kept for years: one that changes would take a payment twice.
    let fingerprint = Fingerprint::of(&iban(OWN), &one("1c-utf-8.txt").entries[0]);
    let known = "611b26eac12a076246c6bb3f80be8c78e2c0b9afc1dbfe515e37de28cbcb9351";
    assert_eq!(fingerprint.as_str(), known);
    // Spaces, signs and capitals are no difference.
    let mut entry = one("1c-utf-8.txt").entries[0].clone();
    entry.purpose = "ОПЛАТА УСЛУГ ОФД  лицевой счёт 10000004; без НДС".to_owned();
    assert_eq!(Fingerprint::of(&iban(OWN), &entry), fingerprint);
}
