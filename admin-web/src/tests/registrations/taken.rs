//! What another register has already, wherever it is typed once a registration was signed.

use super::*;

#[tokio::test]
async fn what_another_register_has_is_told_to_the_operator_and_in_settings_and_changes() {
    let mut joined = Joined::open().await;
    let first = joined.saved(&[]).await;
    assert_eq!(joined.sign_as_head(first).await, "registered");
    let more = [("serial_number", "SWK 0002"), ("rnm", ""), ("alias", "Касса 2")];
    let second = joined.saved(&more).await;
    assert_eq!(joined.sign_as_head(second).await, "sent");

    let mut operator = joined.operator().await;
    let one = format!("/operator/registrations/{}/{second}", joined.bin);
    operator.go(&one).await;
    let answer = operator.submit(&one, &[("decision", "accept"), ("rnm", "010100000001")]).await;
    assert!(answer.status == 422 && answer.text.contains("has this registration number"), "{}", answer.text);
    assert!(answer.text.contains("value=\"010100000001\""), "nothing typed is lost: {}", answer.text);
    let order = RegistrationOrder::Register;
    assert_eq!(
        joined.kept(second).await.state,
        RegistrationState::InProcess { order, delivery: Delivery::Waiting }
    );
    let answer = operator.submit(&one, &[("decision", "accept"), ("rnm", "010100000002")]).await;
    assert_eq!(location(&answer), "/operator/registrations?done=accepted");
    joined.gate.house.wait(1);

    let settings = format!("/c/{}/registers/{second}/settings", joined.bin);
    joined.browser.go(&settings).await;
    let answer = joined.browser.submit(&settings, &[("alias", "КАССА 1"), ("tariff", "free")]).await;
    assert!(answer.status == 422 && answer.text.contains("is called so"), "{}", answer.text);
    assert!(answer.text.contains("value=\"КАССА 1\""), "nothing typed is lost: {}", answer.text);

    let change = format!("{}/change", joined.path(second));
    joined.browser.go(&change).await;
    for (serial, rnm, alias, text) in [
        ("SWK 0001", "010100000002", "Касса 2", "is registered already"),
        ("SWK 0002", "010100000001", "Касса 2", "has this registration number"),
        ("SWK 0002", "010100000002", "касса 1", "is called so"),
    ] {
        let fields = [("serial_number", serial), ("rnm", rnm), ("alias", alias)];
        let answer = Joined::send(&mut joined.browser, &change, &fields).await;
        assert!(answer.status == 422 && answer.text.contains(text), "{text}: {}", answer.text);
        assert!(answer.text.contains("value=\"ул. Абая, 1\""), "nothing typed is lost: {}", answer.text);
    }
    let kept = joined.kept(second).await;
    assert_eq!((kept.data.alias.as_str(), kept.wanted), ("Касса 2", None));
    assert_eq!(joined.record(second).await.unwrap().serial_number, "SWK 0002");
}
