//! Tariffs and charging: a plan is made and a version added, an organisation moves to the plan with its cost before its eyes, and a run of a
//! month is looked at before anything is posted.

use ofd_tests::browser::Window;

use super::registering::Registered;

/// A plan for wired registers, and another version of it.
pub(crate) async fn a_plan_is_made(operator: &Window) {
    operator.go("/operator/ticket-texts/new").await;
    let today = operator.value("from").await;
    operator.go("/operator/tariffs").await;
    operator.inspect("tariffs").await;
    let new = "/operator/tariffs/new";
    operator.follow(new).await;
    operator.fill("id", "basic").await;
    operator.fill("title_ru", "Базовый").await;
    operator.fill("title_kk", "Негізгі").await;
    operator.fill("title_en", "Basic").await;
    operator.choose("tls", "excluded").await;
    operator.fill("from", &today).await;
    operator.fill("wired_prices", "0").await;
    operator.send(new).await;
    operator.sees("tariff-wrong-zero").await;
    assert_eq!(operator.value("title_kk").await, "Негізгі", "what was typed stays");
    operator.inspect("tariff-new-wrong").await;
    operator.inspect_dark("tariff-new-wrong").await;
    operator.fill("wired_prices", "1500").await;
    operator.send(new).await;
    operator.sees("tariff-done-made").await;
    operator.inspect("tariff-plan").await;
    let version = "/operator/tariffs/basic/version";
    operator.follow(version).await;
    operator.fill("from", "01.01.2030").await;
    operator.fill("wired_prices", "1600").await;
    operator.send(version).await;
    operator.sees("tariff-impact").await;
    operator.inspect("tariff-version-looked").await;
    operator.inspect_dark("tariff-version-looked").await;
    operator.press("tariff-confirm").await;
    operator.sees("tariff-done-version").await;
    operator.go("/operator/vat").await;
    operator.inspect("vat-rates").await;
}

/// The organisation sees what each plan costs and moves a register to another one.
pub(crate) async fn moves_to_a_plan(window: &Window, (bin, one): (&str, &Registered)) {
    let at = format!("/c/{bin}/registers/{}/tariff", one.id);
    window.go(&format!("/c/{bin}/registers/{}", one.id)).await;
    window.follow(&at).await;
    window.inspect("tariff-choice").await;
    window.inspect_dark("tariff-choice").await;
    window.send(&at).await;
    window.sees("company-wrong-choice").await;
    window.choose("plan", "basic").await;
    window.send(&at).await;
    window.sees("tariff-choice-done").await;
    window.sees("tariff-history-waits").await;
    window.inspect("tariff-chosen").await;
}

/// A run of the month that is over is begun, to be counted.
pub(crate) async fn a_run_is_looked_at(operator: &Window) {
    operator.go("/operator/ticket-texts/new").await;
    let month = month_before(&operator.value("from").await);
    operator.go("/operator/charging").await;
    operator.inspect("charging").await;
    let new = "/operator/charging/new";
    operator.follow(new).await;
    operator.fill("month", "11").await;
    operator.send(new).await;
    operator.sees("money-month-wrong").await;
    operator.fill("month", &month).await;
    operator.send(new).await;
    operator.sees("charging-said").await;
    operator.inspect("charging-run").await;
    operator.inspect_dark("charging-run").await;
}

/// The month before that of a day, which all of is over: `11.2026` before `01.12.2026`.
fn month_before(day: &str) -> String {
    let number = |part: Option<&str>| part.and_then(|part| part.parse::<u32>().ok()).unwrap();
    let mut parts = day.split('.').skip(1);
    let (month, year) = (number(parts.next()), number(parts.next()));
    if month == 1 { format!("12.{}", year - 1) } else { format!("{:02}.{year}", month - 1) }
}
