//! What happens to a register once it is on the books: visits, settings, blocks, changes, and taking it off.

use ofd_protocol::register::StatusName;
use ofd_storage::accounts::{DeregistrationReason, PaperKind, Wanted};
use ofd_storage::holdings::trade_points_of;
use ofd_storage::walks::{Step, Walk};

use super::super::support::{NOW, visible};
use super::*;

/// Papers are narrowed to visits, which are in the list by this line, and to applications.
async fn papers_by_kind(joined: &Joined, line: &str) {
    for (kind, has_visit, has_application) in [("visits", true, false), ("applications", false, true)] {
        let page = joined.browser.clone().go(&format!("/c/{}/papers?kind={kind}", joined.bin)).await.text;
        assert_eq!(visible(&page).contains(line), has_visit, "{kind}: {page}");
        assert_eq!(page.contains("/application.pdf"), has_application, "{kind}: {page}");
    }
}

#[tokio::test]
async fn a_wired_register_is_visited_once_and_the_operator_closes_the_visit() {
    let mut joined = Joined::open().await;
    let id = joined.saved(&[]).await;
    let (at, visit) = (joined.path(id), format!("{}/visit", joined.path(id)));
    assert_eq!(location(&joined.browser.open(&visit).await), format!("{at}?done=closed"), "it is a draft");
    joined.browser.go(&at).await;
    assert_eq!(joined.sign_as_head(id).await, "registered");
    assert!(joined.browser.go(&at).await.text.contains(&visit));
    let page = joined.browser.go(&visit).await.text;
    assert!(page.contains("value=\"22.01.2026\"") && page.contains("Касса 1"), "{page}");
    let mut twice = joined.browser.clone();
    let right =
        [("date", "23.01.2026"), ("time", "9.30"), ("person", "ТЕСТОВ"), ("phone", "+7 701 000 0000")];
    for (field, value, text) in [
        ("date", "21.01.2026", "This day is over"),
        ("date", "22.05.2026", "within the next 90 days"),
        ("time", "25:00", "time of day"),
        ("person", "", "Fill in this field"),
        ("phone", "", "Fill in this field"),
    ] {
        let kept = right.into_iter().filter(|(name, _)| *name != field).chain([(field, value)]);
        let answer = joined.browser.submit(&visit, &kept.collect::<Vec<_>>()).await;
        assert!(answer.status == 422 && answer.text.contains(text), "{field}: {}", answer.text);
        let typed = if field == "person" { "23.01.2026" } else { "value=\"ТЕСТОВ\"" };
        assert!(answer.text.contains(typed), "nothing typed is lost: {}", answer.text);
    }
    let answer = joined.browser.submit(&visit, &right).await;
    assert_eq!(location(&answer), format!("{at}?done=visit-asked"));
    let (start, papers) = (format!("/c/{}/start", joined.bin), format!("/c/{}/papers", joined.bin));
    let awaited = "1 visit to connect a register is awaited.";
    assert!(joined.browser.clone().go(&start).await.text.contains(awaited));
    let page = visible(&joined.browser.clone().go(&papers).await.text);
    let line = format!("Visit to connect register {id} Awaited on 23.01.2026 at 09:30 22 Jan 2026");
    assert!(page.contains(&line), "{page}");
    papers_by_kind(&joined, &line).await;
    let rows = joined.actions().await.len();
    assert_eq!(location(&twice.clone().submit(&visit, &right).await), format!("{at}?done=visit-asked"));
    let other = [right[0], right[1], right[2], ("phone", "+7 702 000 0000")];
    assert_eq!(location(&twice.submit(&visit, &other).await), format!("{at}?done=visit-already"));
    let page = joined.browser.go(&at).await.text;
    assert!(!page.contains(&visit), "the way there is gone: {page}");
    for text in ["Awaited", "23.01.2026", "09:30", "ТЕСТОВ"] {
        assert!(page.contains(text), "{text}: {page}");
    }
    assert_eq!(joined.actions().await.len(), rows);
    let mut operator = joined.operator().await;
    let one = format!("/operator/visits/{}/{id}", joined.bin);
    assert!(operator.go("/operator/visits").await.text.contains(&one));
    assert!(operator.go("/operator/start").await.text.contains("<strong>1</strong>"), "it waits");
    let page = operator.go(&one).await.text;
    assert!(page.contains("09:30") && page.contains("+7 701 000 0000"), "{page}");
    let mut late = operator.clone();
    assert_eq!(location(&operator.submit(&one, &[("comment", "ок")]).await), "/operator/visits?done=closed");
    assert!(operator.go("/operator/visits").await.text.contains("No visit waits"));
    assert_eq!(joined.actions().await[..2], [AuditAction::VisitClosed, AuditAction::Looked]);
    let page = visible(&joined.browser.clone().go(&papers).await.text);
    assert!(page.contains(&format!("Visit to connect register {id} Closed on 22 Jan 2026")), "{page}");
    assert!(!joined.browser.clone().go(&start).await.text.contains(awaited));
    // Its organisation sees what came of it, and asks for another one where nobody was met.
    let page = joined.browser.go(&at).await.text;
    assert!(page.contains("Closed 22") && page.contains("ок") && page.contains(&visit), "{page}");
    joined.browser.go(&visit).await;
    joined.gate.house.wait(1);
    let answer = joined.browser.submit(&visit, &right).await;
    assert_eq!(location(&answer), format!("{at}?done=visit-asked"));
    assert!(joined.kept(id).await.visit.unwrap().done.is_none(), "in the same words too");
    // Whoever had the first one open does not close the second.
    let answer = late.submit(&one, &[("comment", "опоздал")]).await;
    assert!(answer.status == 422 && answer.text.contains("опоздал"), "{}", answer.text);
    assert!(joined.kept(id).await.visit.unwrap().done.is_none());
    // One by a card needs no visit.
    let more = [("serial_number", "S2"), ("rnm", "010100000002"), ("alias", ""), ("connection", "sim")];
    let sim = joined.saved(&more).await;
    assert_eq!(joined.sign_as_head(sim).await, "registered");
    let visit = format!("{}/visit", joined.path(sim));
    let to = location(&joined.browser.open(&visit).await);
    assert_eq!(to, format!("{}?done=closed", joined.path(sim)));
}

async fn status(joined: &Joined, id: RegisterId) -> StatusName {
    let newest = registers::newest(&*joined.gate.house.store, id).await.unwrap().unwrap();
    newest.register.status.name()
}

#[tokio::test]
async fn its_people_call_a_register_otherwise_switch_it_off_and_on_and_get_another_token() {
    let mut joined = Joined::open().await;
    let id = joined.saved(&[]).await;
    assert_eq!(joined.sign_as_head(id).await, "registered");
    let settings = format!("/c/{}/registers/{id}/settings", joined.bin);
    joined.browser.go(&settings).await;
    let mut late = joined.browser.clone();
    let free = ("tariff", "free");
    let answer = joined.browser.submit(&settings, &[("alias", "<>"), free]).await;
    assert!(answer.status == 422 && answer.text.contains("Use letters, digits"), "{}", answer.text);
    // As if the tariff of before had no TLS: the port goes by the tariff that there is.
    let store = &*joined.gate.house.store;
    let (version, mut record) =
        model::load::<RegisterRecord>(store, &register_key(id)).await.unwrap().unwrap();
    record.is_tls_allowed = false;
    model::replace(store, version, &record).await.unwrap();
    let answer = joined.browser.submit(&settings, &[("alias", "Зал"), free]).await;
    assert_eq!(location(&answer), format!("{settings}?done=settled"));
    assert_eq!(joined.kept(id).await.data.alias, "Зал");
    assert_eq!(joined.record(id).await.unwrap().alias, "Зал", "lists find it by that");
    assert!(joined.record(id).await.unwrap().is_tls_allowed);
    for sought in ["зал", "ЗАЛ", &id.to_string()] {
        let query: String = form_urlencoded::byte_serialize(sought.as_bytes()).collect();
        let page =
            visible(&joined.browser.clone().go(&format!("/c/{}/registers?q={query}", joined.bin)).await.text);
        assert!(page.contains(&format!("Зал · register {id}")), "{sought}: {page}");
    }
    let answer = late.submit(&settings, &[("alias", "Склад"), free]).await;
    assert!(
        answer.status == 422 && answer.text.contains("value=\"Склад\""),
        "another window: {}",
        answer.text
    );
    assert_eq!(joined.actions().await[0], AuditAction::RegistrationSaved);
    joined.browser.go(&settings).await;
    let mut twice = joined.browser.clone();
    let off = format!("{settings}/disconnect");
    for browser in [&mut joined.browser, &mut twice] {
        assert_eq!(location(&browser.submit(&off, &[]).await), format!("{settings}?done=disconnected"));
    }
    assert_eq!(status(&joined, id).await, StatusName::Disconnected);
    use AuditAction::{RegisterConnected, RegisterDisconnected, RegisterTokenReset, RegistrationSaved};
    assert_eq!(
        joined.actions().await[..2],
        [RegisterDisconnected, RegistrationSaved],
        "a double click is one"
    );
    joined.browser.go(&settings).await;
    joined.browser.submit(&format!("{settings}/connect"), &[]).await;
    assert_eq!(status(&joined, id).await, StatusName::Active);
    joined.browser.go(&settings).await;
    let mut twice = joined.browser.clone();
    let answer = joined.browser.submit(&format!("{settings}/token"), &[]).await;
    let newest = registers::newest(&*joined.gate.house.store, id).await.unwrap().unwrap();
    assert!(answer.status == 200 && answer.text.contains(&newest.register.tokens.current.0.to_string()));
    assert_eq!(joined.actions().await[..2], [RegisterTokenReset, RegisterConnected]);
    assert!(joined.kept(id).await.is_token_shown, "nobody waits for the first one any more");
    let answer = twice.submit(&format!("{settings}/token"), &[]).await;
    assert_eq!(location(&answer), format!("{settings}?done=token-shown"), "a double click issues one");
    assert!(twice.go(&location(&answer)).await.text.contains("issue a new one"));
    assert_eq!(joined.actions().await[..2], [RegisterTokenReset, RegisterConnected]);
}

#[tokio::test]
async fn the_operator_finds_a_register_blocks_it_with_a_reason_and_takes_the_block_off() {
    let mut joined = Joined::open().await;
    let id = joined.saved(&[]).await;
    assert_eq!(joined.sign_as_head(id).await, "registered");
    let mut operator = joined.operator().await;
    let one = format!("/operator/registers/{}/{id}", joined.bin);
    for asked in [id.to_string(), "010100000001".to_owned(), "0101%200000%200001".to_owned()] {
        assert_eq!(location(&operator.open(&format!("/operator/find?q={asked}")).await), one, "{asked}");
    }
    for asked in ["777", "999999999999", "zzz"] {
        let page = operator.go(&format!("/operator/find?q={asked}")).await.text;
        assert!(page.contains("Nothing was found"), "{asked}: {page}");
    }
    operator.go(&one).await;
    assert_eq!(joined.actions().await[0], AuditAction::Looked);
    let answer = operator.submit(&format!("{one}/block"), &[]).await;
    assert!(answer.status == 422 && answer.text.contains("Fill in this field"), "{}", answer.text);
    let answer = operator.submit(&format!("{one}/block"), &[("reason", "Предписание")]).await;
    assert_eq!(location(&answer), format!("{one}?done=blocked"));
    assert_eq!(joined.actions().await[0], AuditAction::RegisterBlocked);
    assert_eq!(status(&joined, id).await, StatusName::Blocked);
    assert!(operator.go(&one).await.text.contains("Предписание"));
    let answer = operator.submit(&format!("{one}/unblock"), &[]).await;
    assert!(answer.status == 422 && answer.text.contains("Fill in this field"), "{}", answer.text);
    operator.submit(&format!("{one}/unblock"), &[("reason", "Исполнено")]).await;
    let row = &joined.gate.house.audit(&joined.bin).await[0];
    assert_eq!(row.changes[0].after.as_deref(), Some("Исполнено"), "why is in the audit");
    assert_eq!(status(&joined, id).await, StatusName::Active);
    assert_eq!(joined.actions().await[0], AuditAction::RegisterUnblocked);
    let elsewhere = format!("/operator/registers/990940003176/{id}");
    assert_eq!(operator.open(&elsewhere).await.status, 404, "under another organisation there is none");
}

/// Answers for the tax authority.
pub(super) async fn answered(
    joined: &Joined,
    operator: &mut Browser,
    id: RegisterId,
    fields: &[(&str, &str)],
) {
    let one = format!("/operator/registrations/{}/{id}", joined.bin);
    operator.go(&one).await;
    let to = location(&operator.submit(&one, fields).await);
    assert!(to.starts_with("/operator/registrations?done="), "{to}");
    joined.gate.house.wait(1);
}

#[tokio::test]
async fn a_move_to_another_shop_is_asked_for_by_a_signature_and_is_so_once_it_is_answered() {
    let mut joined = Joined::open().await;
    let id = joined.saved(&[]).await;
    assert_eq!(joined.sign_as_head(id).await, "registered");
    joined.gate.house.wait(1);
    let (at, change) = (joined.path(id), format!("{}/change", joined.path(id)));
    let before = joined.record(id).await.unwrap();
    joined.browser.go(&change).await;
    let moved = [("shop_title", "Дүкен 2"), ("shop_street", "пр. Мира, 5")];
    let mut late = joined.browser.clone();
    let answer = Joined::send(&mut joined.browser, &change, &moved).await;
    assert_eq!(location(&answer), at);
    let page = joined.browser.go(&at).await.text;
    assert!(page.contains("What is asked for") && page.contains("пр. Мира, 5"), "{page}");
    let kept = joined.kept(id).await;
    assert_eq!(kept.paper.as_ref().unwrap().kind, PaperKind::ApplicationThree);
    assert_eq!(kept.state, RegistrationState::Registered, "nothing is asked for before the signature");
    let answer = Joined::send(&mut late, &change, &[("shop_title", "Дүкен 3")]).await;
    assert_eq!(answer.status, 422, "another window: {}", answer.text);
    assert_eq!(joined.sign_as_head(id).await, "sent");
    assert_eq!(joined.record(id).await.unwrap(), before, "nor before the answer");
    assert_eq!(location(&joined.browser.open(&change).await), format!("{at}?done=closed"));
    let mut operator = joined.operator().await;
    answered(&joined, &mut operator, id, &[("decision", "refuse"), ("reason", "Нет адреса")]).await;
    let page = joined.browser.go(&at).await.text;
    assert!(page.contains("Change refused") && page.contains("Нет адреса"), "{page}");
    // Corrected, or sent once more as it is.
    let answer = joined.browser.submit(&format!("{at}/application"), &[]).await;
    joined.browser.go(&location(&answer)).await;
    assert_eq!(joined.sign_as_head(id).await, "sent");
    answered(&joined, &mut operator, id, &[("decision", "accept")]).await;
    let after = joined.record(id).await.unwrap();
    assert_ne!(after.trade_point, before.trade_point);
    assert_eq!((after.fns_kkm_id, after.serial_number), (before.fns_kkm_id, before.serial_number));
    let kept = joined.kept(id).await;
    assert_eq!((kept.state, kept.wanted), (RegistrationState::Registered, None));
    assert!(joined.actions().await.contains(&AuditAction::RegistrationDone));
    assert_eq!(joined.gate.house.company_of(&joined.bin).await.registrations, [id], "its token waits");
}

#[tokio::test]
async fn a_register_is_taken_off_the_books_for_a_reason_of_the_law_and_is_not_served_any_more() {
    let mut joined = Joined::open().await;
    let id = joined.saved(&[]).await;
    assert_eq!(joined.sign_as_head(id).await, "registered");
    joined.gate.house.wait(1);
    let (at, off) = (joined.path(id), format!("{}/deregister", joined.path(id)));
    let page = joined.browser.go(&off).await.text;
    for reason in DeregistrationReason::ALL {
        let choice = format!("<option value=\"{}\"", reason.name());
        assert!(page.contains(&choice), "{choice} is not in {page}");
    }
    let answer = joined.browser.submit(&off, &[("reason", "")]).await;
    assert!(answer.status == 422 && answer.text.contains("Choose one"), "{}", answer.text);
    let answer = joined.browser.submit(&off, &[("reason", "liquidation")]).await;
    assert_eq!(location(&answer), at);
    joined.browser.go(&at).await;
    let row = joined.gate.house.audit(&joined.bin).await;
    let row = row.iter().find(|row| row.action == AuditAction::RegistrationSaved).unwrap();
    assert!(row.changes.iter().any(|change| change.after.as_deref() == Some("liquidation")), "{row:?}");
    // Taken back, and wanted again.
    let answer = joined.browser.submit(&format!("{at}/withdraw"), &[]).await;
    assert_eq!(location(&answer), format!("{at}?done=withdrawn"));
    assert_eq!(joined.kept(id).await.wanted, None);
    joined.browser.go(&off).await;
    joined.browser.submit(&off, &[("reason", "replaced")]).await;
    joined.browser.go(&at).await;
    assert!(matches!(joined.kept(id).await.wanted, Some(Wanted::Deregister(_))));
    assert_eq!(joined.sign_as_head(id).await, "sent");
    assert_eq!(status(&joined, id).await, StatusName::Active);
    let mut operator = joined.operator().await;
    let one = format!("/operator/registrations/{}/{id}", joined.bin);
    let page = operator.go(&one).await.text;
    assert!(page.contains("Enter that it is done") && !page.contains("name=\"rnm\""), "{page}");
    answered(&joined, &mut operator, id, &[("decision", "accept"), ("rnm", "010100000077")]).await;
    assert!(operator.go("/operator/registrations?done=deregistered").await.text.contains("off the books"));
    let kept = joined.kept(id).await;
    assert_eq!(
        (kept.state, kept.data.rnm.as_str()),
        (RegistrationState::Deregistered, "010100000001"),
        "no number is given to what leaves the books"
    );
    assert_eq!(status(&joined, id).await, StatusName::Deregistered);
    // The till says why, in the words of people.
    let newest = registers::newest(&*joined.gate.house.store, id).await.unwrap().unwrap();
    let reason = newest.register.status.deregistered.unwrap().reason;
    let told = ofd_protocol::refusal::Refusal::Deregistered { reason }.text();
    for part in [
        "учёта: заменена другой. ",
        "шығарылған: басқасымен алмастырылды. ",
        "deregistered: it was replaced. ",
    ] {
        assert!(told.contains(part), "{part} is not in {told}");
    }
    for (language, part) in
        [("ru", "заменена другой"), ("kk", "басқасымен алмастырылды"), ("en", "it was replaced")]
    {
        joined.browser.language = language.into();
        let page = joined.browser.go(&format!("/c/{}/registers/{id}", joined.bin)).await.text;
        assert!(page.contains(&format!("<dd>{part}</dd>")), "{language}: {page}");
    }
    let mut head_of_desk = operator.clone();
    let page = head_of_desk.go(&format!("/operator/registers/{}/{id}", joined.bin)).await.text;
    assert!(!page.contains("/block\"") && page.contains("SWK 0001"), "nobody blocks what is off: {page}");
    let actions = joined.actions().await;
    assert!(actions.contains(&AuditAction::RegisterDeregistered), "{actions:?}");
    for end in ["/change", "/deregister", "/edit"] {
        let answer = joined.browser.open(&format!("{at}{end}")).await;
        assert_eq!(location(&answer), format!("{at}?done=closed"), "nothing after that: {end}");
    }
    assert!(joined.browser.go(&at).await.text.contains("taken off the books for good"));
    // Its serial number and RNM are free for another one after a while.
    joined.gate.house.wait(120);
    let path = joined.new_path();
    joined.browser.go(&path).await;
    let answer = Joined::send(&mut joined.browser, &path, &[("alias", "Касса 9"), ("rnm", "")]).await;
    assert_eq!(answer.status, 303, "{}", answer.text);
}

/// Makes a shop and gives its id.
async fn made_shop(joined: &mut Joined) -> String {
    let store = &*joined.gate.house.store;
    while !matches!(Walk::Holdings.step(store, NOW).await.unwrap(), Step::Completed { .. }) {}
    let new = format!("/c/{}/shops/new", joined.bin);
    joined.browser.go(&new).await;
    let typed =
        [("kind", "kiosk"), ("title", "Киоск"), ("settlement", "710000000"), ("street", "ул. Гёте, 1")];
    assert_eq!(joined.browser.submit(&new, &typed).await.status, 303);
    let points = trade_points_of(&*joined.gate.house.store, &joined.bin, None, 100).await.unwrap().found;
    points.into_iter().find(|point| point.title == "Киоск").unwrap().id.0
}

/// The question before a shop is deleted, and the answer to the form that no page shows.
async fn deletes(joined: &mut Joined, shop: &str) -> (String, Answer) {
    let path = format!("/c/{}/shops/{shop}/delete", joined.bin);
    let page = joined.browser.go(&path).await.text;
    let mut browser = joined.browser.clone();
    browser.page = page.replace("</main>", &format!("<form action=\"{path}\"></form></main>"));
    let csrf =
        browser.page.split("name=\"csrf\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let body = form_urlencoded::Serializer::new(String::new())
        .extend_pairs([("csrf", csrf.as_str()), ("revision", "1")])
        .finish();
    let kind = [("content-type", "application/x-www-form-urlencoded")];
    let answer = browser.send("POST", &path, &kind, body).await;
    match answer.headers.get("location").and_then(|to| to.to_str().ok()) {
        Some(to) if to.contains("?again=") => (page, browser.open(to).await),
        _ => (page, answer),
    }
}

#[tokio::test]
async fn a_shop_is_not_deleted_while_a_registration_that_was_signed_brings_a_register_into_it() {
    let mut joined = Joined::open().await;
    let shop = made_shop(&mut joined).await;
    let id = joined.saved(&[("rnm", ""), ("shop", &shop)]).await;
    assert_eq!(joined.sign_as_head(id).await, "sent");
    let (page, answer) = deletes(&mut joined, &shop).await;
    for text in [&page, &answer.text] {
        assert!(text.contains("there is in it: 1 registration in process"), "{text}");
    }
    assert_eq!(answer.status, 409, "{}", answer.text);
    let mut operator = joined.operator().await;
    answered(&joined, &mut operator, id, &[("decision", "accept"), ("rnm", "010100000001")]).await;
    assert_eq!(joined.record(id).await.unwrap().trade_point.0, shop);
    let (_, answer) = deletes(&mut joined, &shop).await;
    assert!(answer.text.contains("there is in it: 1 register. "), "{}", answer.text);
}

#[tokio::test]
async fn what_is_saved_keeps_no_shop_and_its_signature_finds_that_the_shop_is_gone() {
    let mut joined = Joined::open().await;
    let shop = made_shop(&mut joined).await;
    let id = joined.saved(&[("shop", &shop)]).await;
    let mut late = joined.browser.clone();
    let (page, answer) = deletes(&mut joined, &shop).await;
    assert!(page.contains("Yes, delete"), "{page}");
    assert!(location(&answer).ends_with("?done=deleted"));
    let answer = joined.sign(&mut late, id, joined.gate.key("head")).await;
    assert_eq!(location(&answer), format!("{}?done=shop-gone", joined.path(id)));
    assert_eq!((joined.kept(id).await.state, joined.record(id).await), (RegistrationState::Draft, None));
    let page = late.go(&location(&answer)).await.text;
    assert!(
        page.contains("choose another one") && page.contains(&format!("{}/edit", joined.path(id))),
        "{page}"
    );
}
