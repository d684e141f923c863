//! What happens before a page's handler runs: host, session, access, form, token.

use std::future::Future;
use std::sync::Arc;

use axum::extract::{FromRequestParts, RawPathParams, Request};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Response;
use ofd_storage::accounts::{Account, AccountId, Company, Kept, OPERATOR, Session, load};
use ofd_storage::store::Store;

use super::access::{Access, may};
use super::ask::{Acting, Ask, Inner, Signed};
use super::cookies::Cookie;
use super::devices::{self, Devices};
use super::failure::{Failure, Known};
use super::fields::{Fields, FieldsError};
use super::keep::keep_session;
use super::keys::{SiteKey, same, text_of};
use super::pages::{PageName, Route};
use super::second_factor;
use super::sessions::{AGENT_LEN_MAX, Found, SessionCookie, find};
use crate::budget::ClientAddress;
use crate::page::{HSTS, Visitor};
use crate::signatures::Upload;
use crate::signatures::limits::SMALL_UPLOAD_BYTES_MAX;
use crate::site::Site;
use crate::work::Part;

/// Serves one request of a page.
pub(super) async fn admit<S, H, F>(site: Arc<Site<S>>, route: Route, request: Request, handler: H) -> Response
where
    S: Store,
    H: Fn(Arc<Site<S>>, Ask) -> F,
    F: Future<Output = Result<Response, Failure>>,
{
    let visitor = Visitor::of(&request);
    let path = request.uri().path_and_query().map_or("/", |path| path.as_str()).to_owned();
    // After signing in a form cannot be sent again; what showed it can be shown again.
    let back = if route.method == "get" { path } else { "/cabinet".to_owned() };
    let mut cookies = Vec::new();
    let mut known = None;
    let prepared = prepare(&site, route, request, &visitor, (&mut cookies, &mut known)).await;
    let asks = prepared.as_ref().ok().cloned();
    let answer = match prepared {
        Ok(ask) => handler(Arc::clone(&site), ask).await,
        Err(failure) => Err(failure),
    };
    let mut response =
        answer.unwrap_or_else(|failure| failure.answer(&site, &visitor, &back, known.as_ref()));
    if let Some(ask) = asks {
        let let_in = devices::of_answer(&response);
        cookies.extend(remember_device(&site, &ask, let_in).await);
    }
    if response.status() == StatusCode::UNPROCESSABLE_ENTITY || response.status().is_success() {
        site.remember_language(&visitor, &mut response);
    }
    for cookie in cookies {
        // A handler that begins or ends a session has the last word on cookies.
        let names = |value: &HeaderValue| {
            value.to_str().ok().and_then(|text| text.split('=').next().map(str::to_owned))
        };
        let is_set =
            response.headers().get_all(header::SET_COOKIE).iter().any(|set| names(set) == names(&cookie));
        if !is_set {
            response.headers_mut().append(header::SET_COOKIE, cookie);
        }
    }
    if site.is_tls() {
        response.headers_mut().insert(header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static(HSTS));
    }
    let usual = HeaderValue::from_static("private, no-store");
    response.headers_mut().entry(header::CACHE_CONTROL).or_insert(usual);
    response.extensions_mut().insert(PageName(route.name));
    response
}

async fn prepare<S: Store>(
    site: &Arc<Site<S>>,
    route: Route,
    request: Request,
    visitor: &Visitor,
    (cookies, known): (&mut Vec<HeaderValue>, &mut Option<Known>),
) -> Result<Ask, Failure> {
    let address = ClientAddress::of(&request);
    let (mut parts, body) = request.into_parts();
    if !is_our_host(&parts.headers, &parts.uri, &site.config.public_url) {
        return Err(Failure::Host);
    }
    let parameters = RawPathParams::from_request_parts(&mut parts, &()).await;
    let parameters: Vec<(String, String)> = parameters
        .map_err(|_| Failure::NotFound)?
        .iter()
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    let (headers, now, key) = (&parts.headers, (site.config.outside.now)(), site.key().await?);
    let agent = headers.get(header::USER_AGENT).map(|value| String::from_utf8_lossy(value.as_bytes()));
    let agent: String = agent.unwrap_or_default().chars().take(AGENT_LEN_MAX).collect();

    let mut found = session_of(site, headers, cookies).await?;
    let lacks = match &found {
        Some((account, session, _)) => second_factor::lack(site, &account.state, session).await?,
        None => None,
    };
    if lacks.is_some() && route.access == Access::Anyone {
        // Such a session is good for the way to one-time codes alone: here nobody is signed in.
        found = None;
    }
    *known = found.as_ref().map(|(account, session, _)| Known {
        name: account.state.name.clone(),
        csrf: csrf_token(&key, Some(&session.id), ""),
    });
    if let Some(lack) = lacks.filter(|_| !matches!(route.access, Access::Anyone | Access::Enrolling)) {
        return Err(Failure::SecondFactor(lack));
    }
    let bin = parameters.iter().find(|(name, _)| name == "bin").map(|(_, value)| value.as_str());
    let account = found.as_ref().map(|(account, ..)| &account.state);
    let acting = acting_as(site, route.access, account, bin).await?;
    let signed = match found {
        Some((account, session, cookie)) => {
            let acting = acting.as_ref();
            let account = keep_session(site, account, &cookie, acting, (address, &agent), cookies).await?;
            Some(Signed { account, session: session.id })
        }
        None => None,
    };
    let visit = visit_of(site, headers, signed.is_some(), cookies);
    let csrf = csrf_token(&key, signed.as_ref().map(|signed| signed.session.as_str()), &visit);
    let (fields, upload) = if route.method == "post" {
        form_of(site, route, (headers, address), body, &csrf).await?
    } else {
        Default::default()
    };
    let path = parts.uri.path().to_owned();
    let visitor = visitor.clone();
    let device = Cookie::Device.read(&parts.headers, site.is_tls()).unwrap_or_default();
    let devices = Devices::read(&key, device, now);
    let lacks = lacks.filter(|_| signed.is_some());
    let inner = Inner {
        visitor,
        now,
        address,
        agent,
        path,
        parameters,
        csrf,
        visit,
        signed,
        lacks,
        devices,
        acting,
        fields,
        _upload: upload,
    };
    Ok(Ask { inner: Arc::new(inner) })
}

/// The cookie by which this browser is known again, where somebody is signed in in it, or was let in just now.
async fn remember_device<S: Store>(
    site: &Site<S>,
    ask: &Ask,
    let_in: Option<AccountId>,
) -> Option<HeaderValue> {
    let signed = ask.account_id().filter(|_| ask.lacks().is_none());
    let account = let_in.or(signed)?;
    let devices = ask.inner.devices.with(account, site.config.outside.bytes(), ask.now())?;
    // Without the key nobody would have been let in.
    let key = site.key().await.ok()?;
    Cookie::Device.set(&devices.text(&key), site.is_tls())
}

/// Whether the request was meant for this site: whoever forges the host must not find himself in our links or cookies.
fn is_our_host(headers: &HeaderMap, uri: &axum::http::Uri, public_url: &str) -> bool {
    let ours = public_url.split_once("://").map_or(public_url, |(_, rest)| rest);
    let ours = ours.split('/').next().unwrap_or_default();
    let said = headers.get(header::HOST).and_then(|value| value.to_str().ok());
    let said = said.or_else(|| uri.authority().map(|authority| authority.as_str()));
    said.is_some_and(|said| said.eq_ignore_ascii_case(ours))
}

/// Whether the browser itself says that another site sent this form.
fn is_from_elsewhere(headers: &HeaderMap, public_url: &str) -> bool {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let origin = public_url.splitn(4, '/').take(3).collect::<Vec<_>>().join("/");
    // Our own pages send no referrer, so of a form of theirs browsers call the origin `null`.
    let is_other = |said: &str| said != "null" && !said.eq_ignore_ascii_case(&origin);
    text("origin").is_some_and(is_other)
        || text("sec-fetch-site").is_some_and(|said| said != "same-origin" && said != "none")
}

async fn session_of<S: Store>(
    site: &Site<S>,
    headers: &HeaderMap,
    cookies: &mut Vec<HeaderValue>,
) -> Result<Option<(Kept<Account>, Session, SessionCookie)>, Failure> {
    let is_tls = site.is_tls();
    let Some(text) = Cookie::Session.read(headers, is_tls) else { return Ok(None) };
    if let Some(cookie) = SessionCookie::read(text)
        && let Some(account) = load::<Account>(&*site.store, cookie.account.stream()).await?
    {
        match find(&account.state, &cookie, (site.config.outside.now)()) {
            Found::Good(session, _) => return Ok(Some((account, session, cookie))),
            // Another tab's answer may bring the right cookie this moment: this one must not remove it.
            Found::OtherSecret => return Ok(None),
            Found::None => {}
        }
    }
    cookies.extend(Cookie::Session.remove(is_tls));
    Ok(None)
}

/// For whom the person acts on a page, where the person may.
async fn acting_as<S: Store>(
    site: &Site<S>,
    access: Access,
    account: Option<&Account>,
    bin: Option<&str>,
) -> Result<Option<Acting>, Failure> {
    let (bin, right) = match access {
        Access::Anyone => return Ok(None),
        Access::SignedIn | Access::Enrolling => return account.map(|_| None).ok_or(Failure::SignIn),
        Access::Company(right) => (bin.filter(|bin| *bin != OPERATOR), right),
        Access::Operator(right) => (Some(OPERATOR), right),
    };
    let account = account.ok_or(Failure::SignIn)?;
    // Whose company it is not must not learn that there is one.
    let acting = acting_in(site, account, bin.ok_or(Failure::NotFound)?).await?.ok_or(Failure::NotFound)?;
    match &acting.member.block {
        Some(block) => Err(Failure::Blocked(block.reason.clone())),
        None if may(&acting.member, right) => Ok(Some(acting)),
        None => Err(Failure::Forbidden),
    }
}

async fn acting_in<S: Store>(
    site: &Site<S>,
    account: &Account,
    bin: &str,
) -> Result<Option<Acting>, Failure> {
    let Some(stream) = Company::stream_of(bin) else { return Ok(None) };
    let Some(company) = load::<Company>(&*site.store, stream).await? else { return Ok(None) };
    let member = company.state.member(account.id).cloned();
    Ok(member.map(|member| Acting { company, member }))
}

/// The mark of a visit; who is signed in needs none, and who has none gets one.
fn visit_of<S: Store>(
    site: &Site<S>,
    headers: &HeaderMap,
    is_signed: bool,
    cookies: &mut Vec<HeaderValue>,
) -> String {
    if is_signed {
        return String::new();
    }
    let is_mark = |text: &&str| text.len() == 22 && text.bytes().all(|byte| byte.is_ascii_graphic());
    if let Some(mark) = Cookie::Visit.read(headers, site.is_tls()).filter(is_mark) {
        return mark.to_owned();
    }
    let mark = text_of(&site.config.outside.bytes::<16>());
    cookies.extend(Cookie::Visit.set(&mark, site.is_tls()));
    mark
}

fn csrf_token(key: &SiteKey, session: Option<&str>, visit: &str) -> String {
    match session {
        Some(session) => key.mark("csrf", &["session", session]),
        None => key.mark("csrf", &["visit", visit]),
    }
}

/// The form of a request, once it is known that one of our pages sent it.
async fn form_of<S: Store>(
    site: &Site<S>,
    route: Route,
    (headers, address): (&HeaderMap, std::net::IpAddr),
    body: axum::body::Body,
    csrf: &str,
) -> Result<(Fields, Option<Upload>), Failure> {
    if is_from_elsewhere(headers, &site.config.public_url) {
        return Err(Failure::Csrf);
    }
    let is_large = route.body_max > SMALL_UPLOAD_BYTES_MAX;
    // Places for large files are shared out before their first byte is read.
    let upload = is_large.then(|| site.config.people.signatures.upload(address));
    let upload = upload.transpose().map_err(|_| Failure::Busy)?;
    let intake = site.work().intake(if is_large { Part::Documents } else { Part::Forms }, address);
    let fields = Fields::read(headers, body, route.body_max, &intake, upload.as_ref()).await;
    let fields = fields.map_err(|error| match error {
        FieldsError::Kind | FieldsError::Damaged => Failure::Unreadable,
        FieldsError::TooLarge => Failure::TooLarge,
        FieldsError::Busy => Failure::Busy,
    })?;
    if same(fields.text("csrf"), csrf) { Ok((fields, upload)) } else { Err(Failure::Csrf) }
}

/// Sets the cookie of a session that begins, and forgets the visit before it; the browser is known from now on.
pub(crate) fn with_session(response: Response, cookie: &SessionCookie, is_tls: bool) -> Response {
    let mut response = devices::known_as(response, cookie.account);
    let headers = response.headers_mut();
    let set = [Cookie::Session.set(&cookie.text(), is_tls), Cookie::Visit.remove(is_tls)];
    for cookie in set.into_iter().flatten() {
        headers.append(header::SET_COOKIE, cookie);
    }
    response
}

/// Removes the cookie of a session that ended.
pub(crate) fn without_session(mut response: Response, is_tls: bool) -> Response {
    if let Some(cookie) = Cookie::Session.remove(is_tls) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response
}
