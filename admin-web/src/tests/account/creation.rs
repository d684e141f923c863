//! Accounts that several requests make at once.

use std::pin::pin;
use std::sync::Mutex;
use std::task::{Context, Poll, Waker};

use axum::response::IntoResponse;
use ofd_desk::router::put_together;
use ofd_office::change::ChangeError;

use super::*;
use crate::Site;
use crate::cabinet::{Access, Ask, Pages};
use crate::people::{Created, NewPerson, by_login, claim_email, create_account};
use crate::tests::support::send;

const EMAIL: &str = "anna@shop.kz";

fn invited() -> NewPerson {
    NewPerson { iin: None, email: Some(EMAIL.into()), name: "АННА".into() }
}

fn certified() -> NewPerson {
    NewPerson { iin: Some(IIN.into()), email: None, name: "АННА".into() }
}

/// What the store in memory answers at once.
fn at_once<R>(future: impl Future<Output = R>) -> R {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(result) => result,
        Poll::Pending => panic!("it waits for something"),
    }
}

/// What handlers are given.
type Given = (Arc<Site>, Ask);

/// Does something with what a request brings.
async fn on_request<R: Send + 'static>(
    home: &Home,
    act: impl Fn(&Given) -> R + Clone + Send + Sync + 'static,
) -> R {
    let done = Arc::new(Mutex::new(None));
    let kept = Arc::clone(&done);
    let pages = Pages::default().get("/test", "test", Access::Anyone, move |site, ask| {
        *kept.lock().unwrap() = Some(act(&(site, ask)));
        async { Ok("done".into_response()) }
    });
    let router = put_together(pages, Arc::clone(&home.house.site));
    let request = axum::http::Request::get("/test").header("host", "ofd.example");
    let answer = send(&router, request.body(axum::body::Body::empty()).unwrap()).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let mut done = done.lock().unwrap();
    done.take().unwrap()
}

/// Makes an account, and another one for the same person between the claim and the account of the first.
async fn both(home: &Home, person: fn() -> NewPerson) -> (Created, Created) {
    on_request(home, move |(site, ask)| {
        let mut between = None;
        let first = at_once(create_account(&site.office, ask.by(), person(), |_| {
            between = Some(at_once(create_account(&site.office, ask.by(), person(), |_| Vec::new())));
            Vec::new()
        }));
        (first.unwrap(), between.unwrap().unwrap())
    })
    .await
}

#[tokio::test]
async fn two_forms_of_one_invitation_make_one_account() {
    let home = Home::open();
    let (first, second) = both(&home, invited).await;
    let Created::New(made) = second else { panic!("the faster one made it: {second:?}") };
    assert!(matches!(first, Created::EmailTaken), "{first:?}");
    let found = by_login(&home.house.site.office, EMAIL).await.unwrap().unwrap();
    assert_eq!(found.state.id, made.state.id);
    assert_eq!(home.actions(made.state.id).await, [AuditAction::AccountCreated]);
}

#[tokio::test]
async fn two_sign_ups_of_one_person_make_one_account() {
    let home = Home::open();
    let (first, second) = both(&home, certified).await;
    let Created::New(made) = second else { panic!("the faster one made it: {second:?}") };
    let Created::Known(known) = first else { panic!("it is the same person: {first:?}") };
    assert_eq!(known.state.id, made.state.id);
}

#[tokio::test]
async fn an_address_whose_account_was_never_made_is_free_after_a_minute() {
    let home = Home::open();
    let lost = AccountId(0x10_57);
    let claim = async || {
        home.house.store.claim("email", EMAIL, lost.to_string().as_bytes(), home.house.now().0, None).await
    };
    claim().await.unwrap();
    home.house.wait(35);
    let create = async || {
        on_request(&home, |(site, ask)| {
            at_once(create_account(&site.office, ask.by(), invited(), |_| Vec::new()))
        })
        .await
    };
    assert!(matches!(create().await, Err(ChangeError::Busy)), "somebody may still be at it");
    home.house.wait(25);
    let Ok(Created::New(made)) = create().await else { panic!("it is free") };
    assert_ne!(made.state.id, lost, "nobody can come to be under the lost id any more");
    assert_eq!(by_login(&home.house.site.office, EMAIL).await.unwrap().unwrap().state.id, made.state.id);
}

#[tokio::test]
async fn an_account_does_not_take_the_address_of_one_that_is_being_made() {
    let home = Home::open();
    let (anna, lost) = (home.anna().await, AccountId(0x10_57).to_string());
    let now = home.house.now().0;
    home.house.store.claim("email", EMAIL, lost.as_bytes(), now, None).await.unwrap();
    let claim = async || {
        on_request(&home, move |(site, ask)| at_once(claim_email(&site.office, ask.by(), EMAIL, anna))).await
    };
    assert!(matches!(claim().await, Err(ChangeError::Busy)));
    home.house.wait(60);
    assert!(claim().await.unwrap());
}
