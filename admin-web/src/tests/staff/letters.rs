//! How many letters go, which do not, and which invitations end with the right of who sent them.

use std::time::Instant;

use tokio::net::TcpListener;

use super::*;
use crate::limits::ANSWER_WITHIN;
use crate::mail::{Email, SEND_DEADLINE, Smtp, SmtpConfig, SmtpTls};

#[tokio::test]
async fn nobody_is_flooded_with_letters() {
    let scene = scene().await;
    let mut boss = scene.house.sign_in(scene.boss).await;
    for _ in 0..3 {
        assert_eq!(invite(&mut boss, "new@example.kz", &["reader"]).await.status, 303);
        let id = scene.house.company_of(BIN).await.invitations[0].id;
        let at = format!("/c/{BIN}/invitations/{id}/cancel");
        boss.go(&at).await;
        boss.submit(&at, &[]).await;
    }
    let answer = invite(&mut boss, "new@example.kz", &["reader"]).await;
    assert_eq!(answer.status, 422);
    assert!(answer.text.contains("Try again tomorrow"));
    assert_eq!(letters(&scene.house), 3);
    scene.house.wait(24 * 3600);
    let mut boss = scene.house.sign_in(scene.boss).await;
    assert_eq!(invite(&mut boss, "new@example.kz", &["reader"]).await.status, 303);
}

#[tokio::test]
async fn other_changes_do_not_make_room_for_more_letters() {
    let scene = scene().await;
    let mut boss = scene.house.sign_in(scene.boss).await;
    for number in 0..3 {
        assert_eq!(invite(&mut boss, "new@example.kz", &["reader"]).await.status, 303, "{number}");
        scene.house.change_company(BIN, |company| company.invitations.clear()).await;
    }
    let at = page_of(scene.reader);
    for number in 0..220 {
        boss.go(&at).await;
        let role = if number % 2 == 0 { "accountant" } else { "reader" };
        assert_eq!(boss.submit(&at, &[("role", role)]).await.status, 303);
    }
    let answer = invite(&mut boss, "new@example.kz", &["reader"]).await;
    assert!(answer.status == 422 && answer.text.contains("Try again tomorrow"), "the audit is long by now");
    assert_eq!(letters(&scene.house), 3);
}

#[tokio::test]
async fn the_invitations_of_who_is_blocked_are_withdrawn_in_the_same_step() {
    let scene = scene().await;
    scene.house.change_company(BIN, |company| company.members[1].roles = vec![Role::Administrator]).await;
    let (mut boss, mut clerk) =
        (scene.house.sign_in(scene.boss).await, scene.house.sign_in(scene.clerk).await);
    invite(&mut boss, "by-boss@example.kz", &["reader"]).await;
    invite(&mut clerk, "by-clerk@example.kz", &["administrator"]).await;
    let by_clerk = link(&scene.house);
    let at = format!("{}/block", page_of(scene.clerk));
    assert!(boss.go(&at).await.text.contains("nobody has taken yet will be withdrawn: 1"));
    assert_eq!(boss.submit(&at, &[("reason", "left")]).await.status, 303);
    let left = scene.house.company_of(BIN).await.invitations;
    assert_eq!(left.iter().map(|one| one.email.as_str()).collect::<Vec<_>>(), ["by-boss@example.kz"]);
    let rows = scene.house.audit(BIN).await;
    let newest: Vec<_> = rows.iter().take(2).map(|row| (row.action, row.subject.text.as_str())).collect();
    let cancelled = (AuditAction::InvitationCancelled, "by-clerk@example.kz");
    assert_eq!(newest, [cancelled, (AuditAction::Blocked, "БЕКОВ МАРАТ")]);
    let answer = scene.house.browser().open(&by_clerk).await;
    assert!(answer.status == 410 && answer.text.contains("The invitation is withdrawn"));
    let page = boss.go(&format!("{}/block", page_of(scene.reader))).await.text;
    assert!(!page.contains("will be withdrawn"), "who invited nobody has nothing to lose");
}

#[tokio::test]
async fn giving_up_administration_withdraws_ones_own_invitations() {
    let scene = scene().await;
    scene.house.change_company(BIN, |company| company.members[1].roles = vec![Role::Administrator]).await;
    let mut boss = scene.house.sign_in(scene.boss).await;
    invite(&mut boss, "new@example.kz", &["reader"]).await;
    let at = page_of(scene.boss);
    boss.go(&at).await;
    let answer = boss.submit(&at, &[("role", "reader")]).await;
    assert!(answer.text.contains("nobody has taken yet will be withdrawn: 1"));
    assert_eq!(scene.house.company_of(BIN).await.invitations.len(), 1, "nothing is done yet");
    boss.submit(&at, &[]).await;
    assert!(scene.house.company_of(BIN).await.invitations.is_empty());
    let actions: Vec<AuditAction> = scene.house.audit(BIN).await.iter().map(|row| row.action).collect();
    let expected = [AuditAction::InvitationCancelled, AuditAction::RolesChanged, AuditAction::Invited];
    assert_eq!(actions, expected);
}

#[tokio::test]
async fn an_invitation_whose_letter_does_not_go_is_none() {
    let house = House::open();
    let boss = house.person("АХМЕТОВА САУЛЕ").await;
    house.company(BIN, "ТОО «Көктем»", &[(boss, &[Role::Administrator])]).await;
    let mut browser = house.sign_in(boss).await;
    let answer = invite(&mut browser, "new@example.kz", &["reader"]).await;
    assert_eq!(answer.status, 422);
    assert!(answer.text.contains("role=\"alert\"") && answer.text.contains("value=\"new@example.kz\""));
    assert!(house.company_of(BIN).await.invitations.is_empty());
    let actions: Vec<AuditAction> = house.audit(BIN).await.iter().map(|row| row.action).collect();
    assert_eq!(actions, [AuditAction::InvitationCancelled, AuditAction::Invited], "nothing is hidden");
}

#[tokio::test]
async fn a_mail_server_that_says_nothing_does_not_take_the_answer_with_it() {
    // It takes connections and never greets.
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let smtp = SmtpConfig {
        host: "127.0.0.1".into(),
        port: silent.local_addr().unwrap().port(),
        tls: SmtpTls::None,
        login: None,
        from: Email::parse("ofd@example.kz").unwrap(),
        from_name: None,
        deadline: SEND_DEADLINE,
    };
    let mailer = Mailer::Smtp(Arc::new(Smtp::new(smtp).unwrap()));
    let house = House::with(|config| config.people.mailer = mailer);
    let boss = house.person("АХМЕТОВА САУЛЕ").await;
    house.company(BIN, "ТОО «Көктем»", &[(boss, &[Role::Administrator])]).await;
    let mut browser = house.sign_in(boss).await;
    let asked = Instant::now();
    let answer = invite(&mut browser, "new@example.kz", &["reader"]).await;
    assert!(asked.elapsed() < ANSWER_WITHIN / 2, "{:?}", asked.elapsed());
    assert_eq!(answer.status, 422);
    assert!(answer.text.contains("role=\"alert\"") && answer.text.contains("value=\"new@example.kz\""));
    assert!(
        house.company_of(BIN).await.invitations.is_empty(),
        "its link may still arrive, and opens nothing"
    );
}
