//! What is there stays right: registers of the fleet file, models that left the directory, numbers that were given, drafts
//! that nobody wants any more.

use ofd_office::registrations::models::{import_models, read_models};
use ofd_protocol::types::Token;
use ofd_storage::making::make_register;
use ofd_storage::model::TradePointId;
use ofd_storage::samples;
use ofd_storage::store::Stamp;

use super::later::answered;
use super::*;

#[tokio::test]
async fn a_register_is_reached_and_managed_by_links_alone() {
    let mut joined = Joined::open().await;
    let id = joined.saved(&[]).await;
    assert_eq!(joined.sign_as_head(id).await, "registered");
    let page = joined.browser.go(&format!("/c/{}/registers", joined.bin)).await.text;
    let register = format!("/c/{}/registers/{id}", joined.bin);
    assert!(page.contains(&format!("\"{register}\"")), "{page}");
    let page = joined.browser.go(&register).await.text;
    for link in [joined.path(id), format!("{register}/settings")] {
        assert!(page.contains(&format!("href=\"{link}\"")), "{link}: {page}");
    }
    let page = joined.browser.go(&joined.path(id)).await.text;
    for end in ["change", "deregister", "visit", "token"] {
        assert!(page.contains(&format!("{}/{end}\"", joined.path(id))), "{end}: {page}");
    }
    // Who only looks at registers is led nowhere else.
    let (mut reader, _) = joined.colleague("employee", Role::CashierManager).await;
    let page = reader.go(&register).await.text;
    assert!(!page.contains("/settings\""), "{page}");
}

#[tokio::test]
async fn a_change_that_settings_have_made_so_meanwhile_is_wanted_no_more() {
    let mut joined = Joined::open().await;
    let id = joined.saved(&[]).await;
    assert_eq!(joined.sign_as_head(id).await, "registered");
    joined.gate.house.wait(1);
    let (change, settings) =
        (format!("{}/change", joined.path(id)), format!("/c/{}/registers/{id}/settings", joined.bin));
    joined.browser.go(&change).await;
    let shop = joined.kept(id).await.data.shop.id.0;
    let wish = [("alias", "Зал"), ("shop", shop.as_str()), ("shop_title", ""), ("shop_street", "")];
    let answer = Joined::send(&mut joined.browser, &change, &wish).await;
    joined.browser.go(&location(&answer)).await;
    let drawn = joined.kept(id).await;
    assert!(drawn.wanted.is_some() && drawn.paper.is_some());
    // What is as it is needs nobody's leave: its shop came with it, and is one of the list by now.
    joined.browser.go(&change).await;
    let as_it_is = [("shop", shop.as_str()), ("shop_title", ""), ("shop_street", "")];
    let mut browser = joined.browser.clone();
    Joined::send(&mut browser, &change, &as_it_is).await;
    assert_eq!(joined.kept(id).await.wanted, None);
    joined.browser.go(&change).await;
    let answer = Joined::send(&mut joined.browser, &change, &wish).await;
    joined.browser.go(&location(&answer)).await;
    joined.browser.go(&settings).await;
    let answer = joined.browser.submit(&settings, &[("alias", "Зал"), ("tariff", "free")]).await;
    assert_eq!(location(&answer), format!("{settings}?done=settled-met"));
    assert!(joined.browser.go(&location(&answer)).await.text.contains("nothing left to sign"));
    let kept = joined.kept(id).await;
    assert_eq!((kept.wanted, kept.data.alias.as_str()), (None, "Зал"));
    assert!(matches!(kept.paper.unwrap().state, PaperState::Replaced { .. }), "nobody signs it any more");
    let page = joined.browser.go(&joined.path(id)).await.text;
    assert!(!page.contains("What is asked for") && !page.contains("data-sign="), "{page}");
}

#[tokio::test]
async fn a_register_of_the_fleet_file_is_called_moved_and_taken_off_as_any_other() {
    let mut joined = Joined::open().await;
    let store = joined.gate.house.store.clone();
    let shop = samples::trade_point(&joined.bin, "Дүкен");
    model::create(&*store, &shop).await.unwrap();
    let id = RegisterId(203_539);
    let record = RegisterRecord {
        trade_point: shop.id.clone(),
        is_tls_allowed: false,
        ..samples::register(id, &joined.bin)
    };
    let now = joined.gate.house.now();
    make_register(&*store, record.clone(), (Token(77), now), Stamp([9; 16])).await.unwrap();

    let settings = format!("/c/{}/registers/{id}/settings", joined.bin);
    joined.browser.go(&settings).await;
    let answer = joined.browser.submit(&settings, &[("alias", "Зал"), ("tariff", "free")]).await;
    assert_eq!(location(&answer), format!("{settings}?done=settled"));
    let called = joined.record(id).await.unwrap();
    assert_eq!((called.alias.as_str(), called.is_tls_allowed), ("Зал", false), "as the fleet file has it");
    let kept = joined.kept(id).await;
    assert_eq!((kept.data.alias.as_str(), &kept.state), ("Зал", &RegistrationState::Registered));
    assert_eq!(joined.actions().await[0], AuditAction::RegistrationSaved);
    // Nobody else's register is called so, however much later.
    joined.gate.house.wait(3600);
    let path = joined.new_path();
    joined.browser.go(&path).await;
    let answer =
        Joined::send(&mut joined.browser, &path, &[("alias", "зал"), ("rnm", ""), ("serial_number", "S9")])
            .await;
    assert!(answer.status == 422 && answer.text.contains("is called so"), "{}", answer.text);
    // Its first token is known to whoever wrote the file.
    let page = joined.browser.go(&joined.path(id)).await.text;
    assert!(page.contains("Issue a new token") && page.contains(&record.serial_number), "{page}");

    let change = format!("{}/change", joined.path(id));
    let page = joined.browser.go(&change).await.text;
    assert!(page.contains(&record.model), "a model that the directory does not have: {page}");
    let fields = [
        ("model", ""),
        ("serial_number", record.serial_number.as_str()),
        ("rnm", record.fns_kkm_id.as_str()),
        ("alias", "Зал"),
        ("shop_title", "Дүкен 2"),
    ];
    let answer = Joined::send(&mut joined.browser, &change, &fields).await;
    assert_eq!(location(&answer), joined.path(id), "{}", answer.text);
    joined.browser.go(&joined.path(id)).await;
    assert_eq!(joined.sign_as_head(id).await, "sent");
    let mut operator = joined.operator().await;
    let one = format!("/operator/registrations/{}/{id}", joined.bin);
    operator.go(&one).await;
    let answer = operator.submit(&one, &[("decision", "accept")]).await;
    assert_eq!(location(&answer), "/operator/registrations?done=changed");
    let moved = joined.record(id).await.unwrap();
    assert_ne!(moved.trade_point, shop.id);
    assert_eq!((moved.model, moved.fns_kkm_id), (record.model, record.fns_kkm_id));
    // Of another organisation's register there is nothing.
    let other = RegisterId(7);
    let strange = RegisterRecord {
        trade_point: TradePointId("0".repeat(32)),
        ..samples::register(other, "990940003176")
    };
    make_register(&*store, strange, (Token(78), now), Stamp([8; 16])).await.unwrap();
    for path in [joined.path(other), format!("{}/change", joined.path(other))] {
        assert_eq!(joined.browser.open(&path).await.status, 404, "{path}");
    }
}

#[tokio::test]
async fn what_is_saved_is_found_in_the_list_by_what_a_register_is_found_by() {
    let mut joined = Joined::open().await;
    let id = joined.saved(&[]).await;
    let list = format!("/c/{}/registers", joined.bin);
    for sought in ["swk%200001", "0101000000", "%D0%BA%D0%B0%D1%81%D1%81%D0%B0%201"] {
        let page = joined.browser.go(&format!("{list}?q={sought}")).await.text;
        assert!(page.contains(&joined.path(id)) && !page.contains("Nothing was found"), "{sought}: {page}");
    }
    let page = joined.browser.go(&format!("{list}?q=SWK%200009")).await.text;
    assert!(!page.contains(&joined.path(id)) && page.contains("Nothing was found"), "{page}");
    // Once it is there, it is found as a register alone.
    joined.browser.go(&joined.path(id)).await;
    assert_eq!(joined.sign_as_head(id).await, "registered");
    let page = joined.browser.go(&format!("{list}?q=swk%200001")).await.text;
    assert!(page.contains(&format!("{list}/{id}\"")) && !page.contains(&joined.path(id)), "{page}");
}

/// Which registrations a list shows that is narrowed so.
async fn under_way(joined: &Joined, narrowed: &str, ids: &[RegisterId]) -> Vec<bool> {
    let page = joined.browser.clone().go(&format!("/c/{}/registers?{narrowed}", joined.bin)).await.text;
    ids.iter().map(|id| page.contains(&format!("{}\"", joined.path(*id)))).collect()
}

#[tokio::test]
async fn what_is_under_way_is_reached_by_its_status_and_narrowed_as_registers_are() {
    let mut joined = Joined::open().await;
    let refused = joined.saved(&[("rnm", ""), ("serial_number", "SWK 0002"), ("alias", "Касса 2")]).await;
    assert_eq!(joined.sign_as_head(refused).await, "sent");
    let mut operator = joined.operator().await;
    answered(&joined, &mut operator, refused, &[("decision", "refuse"), ("reason", "нет")]).await;
    let asked = joined.saved(&[("rnm", ""), ("serial_number", "SWK 0003"), ("alias", "Касса 3")]).await;
    assert_eq!(joined.sign_as_head(asked).await, "sent");
    let elsewhere = [("shop_title", "Киоск"), ("serial_number", "SWK 0004"), ("alias", ""), ("rnm", "")];
    let saved = joined.saved(&elsewhere).await;
    let ids = [saved, asked, refused];
    let (shop, other) = (joined.kept(saved).await.data.shop.id.0, joined.kept(asked).await.data.shop.id.0);
    for (narrowed, shown) in [
        ("status=saved".to_owned(), [true, false, false]),
        ("status=checking".to_owned(), [false; 3]),
        ("status=in_process".to_owned(), [false, true, false]),
        ("status=refused".to_owned(), [false, false, true]),
        ("status=active".to_owned(), [false; 3]),
        ("status=refused&q=swk+0002".to_owned(), [false, false, true]),
        ("status=refused&q=swk+0003".to_owned(), [false; 3]),
        ("status=saved&line=silent".to_owned(), [true, false, false]),
        ("status=saved&line=on".to_owned(), [false; 3]),
        (format!("status=saved&shop={shop}"), [true, false, false]),
        (format!("status=saved&shop={other}"), [false; 3]),
        (format!("shop={other}"), [false, true, true]),
        (String::new(), [true; 3]),
    ] {
        assert_eq!(under_way(&joined, &narrowed, &ids).await, shown, "{narrowed}");
    }
    let page = joined.browser.go(&format!("/c/{}/registers?status=checking", joined.bin)).await.text;
    assert!(page.contains("Nothing was found"), "{page}");
    let at = format!("/c/{}/registers", joined.bin);
    let page = joined.browser.go(&format!("{at}?status=in_process")).await.text;
    assert!(page.contains(&format!("href=\"{at}.csv?status=in_process\"")), "{page}");
    let file = joined.browser.go(&format!("{at}.csv?status=in_process")).await.text;
    assert!(file.lines().count() == 2 && file.contains("\"SWK 0003\"") && !file.contains(&asked.to_string()));
    // What is asked for of a register that is on the books is found by its status too, and the register by its own.
    answered(&joined, &mut operator, asked, &[("decision", "accept"), ("rnm", "010100000008")]).await;
    assert_eq!(under_way(&joined, "status=in_process", &ids).await, [false; 3]);
    let active = joined.browser.go(&format!("{at}?status=active")).await.text;
    assert!(active.contains(&format!("{at}/{asked}\"")), "{active}");
}

#[tokio::test]
async fn a_number_that_was_given_becomes_another_one_and_never_none() {
    let mut joined = Joined::open().await;
    let id = joined.saved(&[]).await;
    assert_eq!(joined.sign_as_head(id).await, "registered");
    let change = format!("{}/change", joined.path(id));
    joined.browser.go(&change).await;
    let answer = Joined::send(&mut joined.browser, &change, &[("rnm", "")]).await;
    assert!(answer.status == 422 && answer.text.contains("Fill in this field"), "{}", answer.text);
    assert_eq!(joined.kept(id).await.wanted, None);
}

#[tokio::test]
async fn a_model_that_left_the_directory_is_not_registered_any_more_and_keeps_no_register_from_a_change() {
    let mut joined = Joined::open().await;
    let id = joined.saved(&[]).await;
    assert_eq!(joined.sign_as_head(id).await, "registered");
    let more = [("serial_number", "S2"), ("rnm", "010100000002"), ("alias", "")];
    let draft = joined.saved(&more).await;
    let list = read_models("900,Другая касса,Касса,1,2026-01-01\n").unwrap();
    import_models(&joined.gate.house.site.office.store, &list).await.unwrap();
    let mut browser = joined.browser.clone();
    let answer = joined.sign(&mut browser, draft, joined.gate.key("head")).await;
    assert!(answer.status == 422 && answer.text.contains("are not registered any more"), "{}", answer.text);
    assert_eq!(joined.kept(draft).await.state, RegistrationState::Draft);
    let change = format!("{}/change", joined.path(id));
    joined.browser.go(&change).await;
    let answer = Joined::send(&mut joined.browser, &change, &[("shop_title", "Дүкен 2")]).await;
    assert_eq!(location(&answer), joined.path(id), "{}", answer.text);
}

#[tokio::test]
async fn a_draft_is_given_up_once_and_what_it_was_called_is_free() {
    let mut joined = Joined::open().await;
    let id = joined.saved(&[]).await;
    let (at, drop) = (joined.path(id), format!("{}/drop", joined.path(id)));
    let page = joined.browser.page.clone();
    assert!(page.contains("Give this registration up") && !page.contains(&format!(">{id}<")), "{page}");
    let mut twice = joined.browser.clone();
    for browser in [&mut joined.browser, &mut twice] {
        assert_eq!(location(&browser.submit(&drop, &[]).await), format!("{at}?done=dropped"));
    }
    let rows: Vec<_> = joined.actions().await.into_iter().take(2).collect();
    assert_eq!(rows, [AuditAction::RegistrationDropped, AuditAction::PaperDrawn], "a double click is one");
    assert_eq!(joined.kept(id).await.state, RegistrationState::Dropped);
    let page = joined.browser.go(&format!("/c/{}/registers", joined.bin)).await.text;
    assert!(!page.contains(&at), "{page}");
    for end in ["/edit", "/change", "/deregister"] {
        assert_eq!(location(&joined.browser.open(&format!("{at}{end}")).await), format!("{at}?done=closed"));
    }
    // At once, as the page says.
    joined.saved(&[]).await;
    // What is on the books is not given up.
    let registered = joined.saved(&[("alias", ""), ("serial_number", "S3"), ("rnm", "010100000003")]).await;
    assert_eq!(joined.sign_as_head(registered).await, "registered");
    joined.browser.go(&joined.path(registered)).await;
    assert!(!joined.browser.page.contains("/drop\""));
}

#[tokio::test]
async fn a_shop_that_was_deleted_comes_anew_with_a_register() {
    let mut joined = Joined::open().await;
    let id = joined.saved(&[]).await;
    let derived = joined.kept(id).await.data.shop.id;
    let mut gone = samples::trade_point(&joined.bin, "Дүкен");
    (gone.id, gone.deleted_at) = (derived.clone(), Some(joined.gate.house.now()));
    model::create(&*joined.gate.house.store, &gone).await.unwrap();
    let more = [("serial_number", "S2"), ("rnm", "010100000002"), ("alias", "")];
    let next = joined.saved(&more).await;
    assert_ne!(joined.kept(next).await.data.shop.id, derived);
    assert_eq!(joined.sign_as_head(next).await, "registered");
    let record = joined.record(next).await.unwrap();
    let store = &*joined.gate.house.store;
    let shop = model::load::<TradePoint>(store, record.trade_point.0.as_bytes()).await.unwrap().unwrap().1;
    assert_eq!((shop.title.as_str(), shop.deleted_at), ("Дүкен", None));
}
