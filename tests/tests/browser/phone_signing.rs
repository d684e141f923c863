//! Signing by the emulated app, without NCALayer: signing up and in on a small phone. Other flows sign their papers by the
//! same steps.

use std::time::Duration;

pub(crate) use ofd_stand::phone::Habits;
use ofd_stand::phone::{Phone, Shown};
use ofd_tests::browser::{Place, Size, Window, browse};

use super::steps::{SIGN, fill_account, sign_out};

/// The page looks again every four seconds.
const SEEN_WITHIN: Duration = Duration::from_secs(30);

/// How somebody signs.
pub(crate) enum Means {
    /// By the program on the same computer, with the key that was chosen there.
    Ncalayer,
    /// By the app on a phone, with the key of this label.
    Phone(Phone, &'static str),
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_phone_alone_signs_up_and_in_in_russian() {
    browse("ru", Size::PHONE, flow).await;
}

async fn flow(place: &mut Place) {
    place.stop_ncalayer().await;
    let window = place.window().await;
    let means = Means::Phone(Phone::new(place.person.pki().clone()), "entrepreneur");
    let habits = Habits { loses_answers: true, ..Habits::default() };
    window.go("/sign-up").await;
    means.identifies(place, &window, "/sign-up", habits).await;
    window.sees("signup-account-title").await;
    fill_account(&window, "aliya@example.kz").await;
    window.send("/sign-up").await;
    window.arrives("/cabinet").await;
    sign_out(&window).await;
    refuses(place, &window, &means).await;
    means.signs_in(place, &window).await;
    window.arrives("/cabinet").await;
    window.close().await;
}

impl Means {
    /// The phone of the head of the organisation.
    pub(crate) fn phone(place: &Place) -> Self {
        Self::Phone(Phone::new(place.person.pki().clone()), "head")
    }

    pub(crate) fn is_ncalayer(&self) -> bool {
        matches!(self, Self::Ncalayer)
    }

    /// Signs on a page that asks who somebody is.
    pub(crate) async fn identifies(&self, place: &Place, window: &Window, page: &str, habits: Habits) {
        match self {
            Self::Ncalayer => window.click(SIGN).await,
            Self::Phone(phone, key) => {
                let shown = ask(window, phone, page).await;
                sign(place, (phone, key), &shown, habits).await;
                sees_signed(window).await;
                window.reads(place.key(key).full_name()).await;
                window.inspect("phone-signed").await;
                window.press("phone-confirm").await;
            }
        }
    }

    /// Signs in; on a phone the person takes some time, and the app comes twice.
    pub(crate) async fn signs_in(&self, place: &Place, window: &Window) {
        window.go("/login").await;
        let habits = Habits { delay: Duration::from_secs(1), comes_twice: true, ..Habits::default() };
        self.identifies(place, window, "/login", habits).await;
    }

    /// Signs the paper that a page shows.
    pub(crate) async fn signs(&self, place: &Place, window: &Window, page: &str) {
        match self {
            Self::Ncalayer => window.click(SIGN).await,
            Self::Phone(phone, key) => {
                window.press("phone-begin").await;
                let shown = scan(window, phone, &format!("{page}/phone?")).await;
                assert!(shown.documents[0].bytes.starts_with(b"%PDF-"), "the app shows the paper itself");
                sign(place, (phone, key), &shown, Habits::default()).await;
                sees_signed(window).await;
                window.press("phone-confirm").await;
            }
        }
    }
}

/// Asks on a page for a signature by phone that says who somebody is, and follows the link to the app.
async fn ask(window: &Window, phone: &Phone, page: &str) -> Shown {
    window.arrives(page).await;
    window.press("phone-begin").await;
    let shown = scan(window, phone, "/login/phone?").await;
    let document = String::from_utf8_lossy(&shown.documents[0].bytes).into_owned();
    assert!(document.contains("ВХОД НА САЙТ ОФД"), "{document}");
    window.press("phone-look-again").await;
    window.sees("phone-read").await;
    shown
}

/// Looks at once whether the phone has signed. By itself the page looks again in some seconds, which somebody who refuses waits
/// for.
async fn sees_signed(window: &Window) {
    let waiting = window.path().await;
    window.go(&waiting).await;
    window.sees("phone-signed").await;
}

/// Follows the link of a page that waits for a phone to the app.
async fn scan(window: &Window, phone: &Phone, waiting: &str) -> Shown {
    window.arrives(waiting).await;
    window.sees("phone-scan").await;
    let is_wider = window.run("return document.documentElement.scrollWidth > innerWidth").await;
    assert_eq!(is_wider.as_bool(), Some(false), "the code leaves the screen");
    assert!(window.shows("svg.qr").await, "there is a code to scan");
    let link = window.run("return document.querySelector('main a[href*=\"link=\"]').href").await;
    let shown = phone.scan(link.as_str().expect("a link")).await.unwrap_or_else(|error| panic!("{error}"));
    // Page and phone show the same four digits.
    let code = window.run("return document.querySelector('main .code').textContent").await;
    let code = code.as_str().expect("a code").to_owned();
    assert!(shown.description.ends_with(&code), "{} has not {code}", shown.description);
    shown
}

async fn sign(place: &Place, (phone, key): (&Phone, &str), shown: &Shown, habits: Habits) {
    let what = phone.signed(shown, key, place.person.now()).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(phone.bring(shown, &what, habits).await, Ok(200));
}

/// Somebody who is asked for a signature refuses it on the phone.
pub(crate) async fn refuses(place: &Place, window: &Window, means: &Means) {
    let Means::Phone(phone, key) = means else { panic!("only a phone refuses in an app") };
    window.go("/login").await;
    let shown = ask(window, phone, "/login").await;
    assert_eq!(phone.bring(&shown, &Phone::refusal(), Habits::default()).await, Ok(200));
    window.sees_within("phone-refused", SEEN_WITHIN).await;
    window.inspect("phone-refused").await;
    // What comes later counts no more.
    let late = phone.signed(&shown, key, place.person.now()).expect("there is a key");
    assert_eq!(phone.bring(&shown, &late, Habits::default()).await, Ok(403));
    window.press("phone-anew").await;
    window.arrives("/login").await;
}
