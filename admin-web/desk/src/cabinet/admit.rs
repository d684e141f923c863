//! What happens before a page's handler runs: host, session, access, form, token.

use std::future::Future;
use std::sync::Arc;

use axum::extract::{FromRequestParts, RawPathParams, Request};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Response;
use ofd_office::by::By;
use ofd_office::fields::Fields;
use ofd_office::keys::{SiteKey, same, text_of};
use ofd_office::language::Language;
use ofd_office::people::acting::{Acting, acting_in};
use ofd_office::people::second_factor::{Lack, lack};
use ofd_office::sessions::{AGENT_LEN_MAX, SessionCookie};
use ofd_office::signatures::limits::SMALL_UPLOAD_BYTES_MAX;
use ofd_office::work::{Part, Upload};
use ofd_protocol::types::UnixMillis;
use ofd_storage::accounts::{Account, AccountId, OPERATOR};

use super::access::{Access, Route};
use super::again;
use super::answer::answer;
use super::ask::{Ask, Inner, Signed};
use super::devices::{self, Devices};
use super::failure::{Failure, FormFate};
use super::fields::{FieldsError, read_fields};
use super::keep::keep_session;
use super::kept::{AGAIN, Again, FormPlace, Why, whose};
use super::known::Known;
use super::session::{SignedIn, account_of_token, csrf_token, session_of};
use crate::budget::ClientAddress;
use crate::cookies::{self, Cookie, name_of};
use crate::limits::BODY_LEN_MAX;
use crate::mask::unmasked;
use crate::page::{HSTS, SWITCH, Visitor};
use crate::site::Site;

/// Serves one request of a page.
pub(super) async fn admit<H, F>(site: Arc<Site>, route: Route, request: Request, handler: H) -> Response
where
    H: Fn(Arc<Site>, Ask) -> F,
    F: Future<Output = Result<Response, Failure>>,
{
    let visitor = Visitor::of(&request);
    let path = request.uri().path_and_query().map_or("/", |path| path.as_str()).to_owned();
    // After signing in a form cannot be sent again; what showed it can be shown again.
    let back = if route.takes_form() { "/cabinet".to_owned() } else { path };
    let had_session = Cookie::Session.read(request.headers(), site.is_tls()).is_some();
    let mut cookies = Vec::new();
    let mut known = None;
    let prepared = prepare(&site, route, request, &visitor, (&mut cookies, &mut known)).await;
    let asks = prepared.as_ref().ok().cloned();
    let answered = match prepared {
        Ok(ask) => handler(Arc::clone(&site), ask).await,
        Err(failure) => Err(failure),
    };
    let answered = answered.map_err(|failure| match failure {
        // Where nobody was signed in, nothing has ended.
        Failure::SignIn if had_session => Failure::Ended(back.clone(), FormFate::Nothing),
        failure => failure,
    });
    let mut response =
        answered.unwrap_or_else(|failure| answer(failure, &site, &visitor, &back, known.as_ref()));
    if let Some(ask) = asks {
        response = again::on_its_own_page(&site, &ask, response, &mut cookies).await;
        let let_in = devices::of_answer(&response);
        cookies.extend(remember_device(&site, &ask, let_in).await);
    }
    if response.status() == StatusCode::UNPROCESSABLE_ENTITY || response.status().is_success() {
        site.remember_language(&visitor, &mut response);
    }
    for cookie in cookies {
        // A handler that begins or ends a session has the last word on cookies.
        let set = response.headers().get_all(header::SET_COOKIE);
        if !set.iter().any(|set| name_of(set) == name_of(&cookie)) {
            response.headers_mut().append(header::SET_COOKIE, cookie);
        }
    }
    if site.is_tls() {
        response.headers_mut().insert(header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static(HSTS));
    }
    let usual = HeaderValue::from_static("private, no-store");
    response.headers_mut().entry(header::CACHE_CONTROL).or_insert(usual);
    response
}

async fn prepare(
    site: &Arc<Site>,
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
    let path = parts.uri.path().to_owned();
    let parameters = RawPathParams::from_request_parts(&mut parts, &()).await;
    let parameters = parameters_of(&parameters.map_err(|_| Failure::NotFound)?);
    let (headers, now, key) = (&parts.headers, site.office.now(), site.office.key().await?);
    let agent = agent_of(headers);

    let noted = (&mut *cookies, &mut *known);
    let (found, lacks) = who_asks(site, route.access, headers, &key, noted).await?;
    let bin = parameters.iter().find(|(name, _)| name == "bin").map(|(_, value)| value.as_str());
    let account = found.as_ref().map(|(account, ..)| &account.state);
    let acting = match acting_as(site, (route.access, visitor), account, (bin, &path), known).await {
        Err(Failure::SignIn) if route.takes_form() => {
            let asker = (headers, address);
            return Err(ended(site, route, &parameters, asker, body, (&key, cookies)).await);
        }
        acting => acting?,
    };
    let signed = match found {
        Some((account, session, cookie)) => {
            let acting = acting.as_ref();
            let account = keep_session(site, account, &cookie, acting, (address, &agent), cookies).await?;
            Some(Signed { account, session: session.id })
        }
        None => None,
    };
    let visit = visit_of(site, headers, signed.is_some(), cookies);
    let session = signed.as_ref().map(|signed| (signed.account.state.id, signed.session.as_str()));
    let csrf = csrf_token(&key, session, &visit);
    let whose = whose(session.map(|(account, _)| account), &visit);
    let is_post = route.takes_form();
    let (fields, upload) = if is_post {
        let (fields, upload) = read_form(site, route, (headers, address), body).await?;
        judge_form(site, (route, &parameters), &fields, (&csrf, session, &whose), (&key, cookies))?;
        (fields, upload)
    } else {
        Default::default()
    };
    let place = FormPlace { whose: &whose, at: &path };
    let (has_kept, again) = typed_before(site, headers, &key, place, (visitor, now));
    let visitor = visitor.clone();
    let device = Cookie::Device.read(&parts.headers, site.is_tls()).unwrap_or_default();
    let devices = Devices::read(&key, device, now);
    let lacks = lacks.filter(|_| signed.is_some());
    let account = signed.as_ref().map(|signed| &signed.account.state);
    let is_operator = acting.as_ref().is_some_and(Acting::is_of_operator);
    let by = By::person(account, is_operator, now, (address, visitor.language));
    let inner = Inner {
        route,
        visitor,
        by,
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
        is_post,
        again: again.filter(|_| !is_post),
        shown: Default::default(),
        has_kept,
        _upload: upload,
    };
    Ok(Ask { inner: Arc::new(inner) })
}

/// The parts of the path that the route names.
fn parameters_of(named: &RawPathParams) -> Vec<(String, String)> {
    named.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

/// What the browser calls itself, cut to a sensible length.
fn agent_of(headers: &HeaderMap) -> String {
    let agent = headers.get(header::USER_AGENT).map(|value| String::from_utf8_lossy(value.as_bytes()));
    agent.unwrap_or_default().chars().take(AGENT_LEN_MAX).collect()
}

/// Whether the browser keeps what was typed on a page, and that, where the address names it.
fn typed_before(
    site: &Site,
    headers: &HeaderMap,
    key: &SiteKey,
    place: FormPlace<'_>,
    (visitor, now): (&Visitor, UnixMillis),
) -> (bool, Option<Again>) {
    let first = cookies::FormCookie { part: 0, path: place.at };
    let has_kept = first.read(headers, site.is_tls()).next().is_some();
    let named = visitor.parameter(AGAIN);
    (has_kept, named.and_then(|id| Again::read(headers, key, (place, site.is_tls()), id, now)))
}

/// The session of a request, with what keeps its person from all but the way to one-time codes. `known` is who it is.
async fn who_asks(
    site: &Site,
    access: Access,
    headers: &HeaderMap,
    key: &SiteKey,
    (cookies, known): (&mut Vec<HeaderValue>, &mut Option<Known>),
) -> Result<(Option<SignedIn>, Option<Lack>), Failure> {
    let mut found = session_of(site, headers, cookies).await?;
    let lacks = match &found {
        Some((account, session, _)) => lack(&site.office, &account.state, session).await?,
        None => None,
    };
    if lacks.is_some() && access.asks_nobody() {
        // Such a session is good for the way to one-time codes alone: here nobody is signed in.
        found = None;
    }
    *known = found.as_ref().map(|(account, session, _)| {
        let csrf = csrf_token(key, Some((account.state.id, &session.id)), "");
        Known::new(account.state.name.clone(), csrf)
    });
    match lacks.filter(|_| !access.asks_nobody() && access != Access::Enrolling) {
        Some(lack) => Err(Failure::SecondFactor(lack)),
        None => Ok((found, lacks)),
    }
}

/// The cookie by which this browser is known again, where somebody is signed in in it, or was let in just now.
async fn remember_device(site: &Site, ask: &Ask, let_in: Option<AccountId>) -> Option<HeaderValue> {
    let signed = ask.account_id().filter(|_| ask.lacks().is_none());
    let account = let_in.or(signed)?;
    let devices = ask.inner.devices.with(account, site.office.drawn(), ask.now())?;
    // Without the key nobody would have been let in.
    let key = site.office.key().await.ok()?;
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

/// For whom the person acts on a page, where the person may.
async fn acting_as(
    site: &Site,
    (access, visitor): (Access, &Visitor),
    account: Option<&Account>,
    (bin, path): (Option<&str>, &str),
    known: &mut Option<Known>,
) -> Result<Option<Acting>, Failure> {
    let (bin, right) = match access {
        Access::Anyone | Access::Secret => return Ok(None),
        Access::SignedIn | Access::Enrolling => return account.map(|_| None).ok_or(Failure::SignIn),
        Access::Member(right) => (bin.filter(|bin| *bin != OPERATOR), right),
        Access::Operator(right) => (Some(OPERATOR), right),
        // Pages are for people; what takes a token is judged before it comes here.
        Access::Token(_) | Access::Program(_) | Access::Signed => return Err(Failure::Forbidden),
    };
    let account = account.ok_or(Failure::SignIn)?;
    // Whose company it is not must not learn that there is one.
    let acting =
        acting_in(&site.office, account, bin.ok_or(Failure::NotFound)?).await?.ok_or(Failure::NotFound)?;
    if let Some(known) = known {
        known.among((site, visitor), &acting, path);
    }
    match &acting.member.block {
        Some(block) => Err(Failure::Blocked(block.reason.clone())),
        None if acting.may(right) => Ok(Some(acting)),
        None => Err(Failure::Forbidden),
    }
}

/// The mark of a visit; who is signed in needs none, and who has none gets one.
fn visit_of(site: &Site, headers: &HeaderMap, is_signed: bool, cookies: &mut Vec<HeaderValue>) -> String {
    if is_signed {
        return String::new();
    }
    let is_mark = |text: &&str| text.len() == 22 && text.bytes().all(|byte| byte.is_ascii_graphic());
    if let Some(mark) = Cookie::Visit.read(headers, site.is_tls()).filter(is_mark) {
        return mark.to_owned();
    }
    let mark = text_of(&site.office.drawn::<16>());
    cookies.extend(Cookie::Visit.set(&mark, site.is_tls()));
    mark
}

/// What comes of a form whose person is not signed in any more. What was typed goes along to the page of signing in and
/// from there back to its own page; but only for the person for whom one of our pages made the form.
async fn ended(
    site: &Site,
    route: Route,
    parameters: &[(String, String)],
    (headers, address): (&HeaderMap, std::net::IpAddr),
    body: axum::body::Body,
    (key, cookies): (&SiteKey, &mut Vec<HeaderValue>),
) -> Failure {
    if is_from_elsewhere(headers, &site.config.public_url) {
        return Failure::SignIn;
    }
    let at = route.page(parameters);
    if route.body_max() > BODY_LEN_MAX {
        // A signature or a file: it is made anew, on the page that it was made for.
        return Failure::Ended(at, FormFate::Nothing);
    }
    let intake = site.office.work().intake(Part::Forms, address);
    let Ok(fields) = read_fields(headers, body, route.body_max(), &intake, None).await else {
        return Failure::SignIn;
    };
    let Some(account) = account_of_token(key, &unmasked(fields.text("csrf"))) else { return Failure::SignIn };
    let again = Again::of_fields(&fields, Why::Ended, site.office.now());
    if again.is_empty() {
        return Failure::Ended(at, FormFate::Nothing);
    }
    match again.carried(site, key, FormPlace { whose: &whose(Some(account), ""), at: &at }) {
        Some((address, kept)) => {
            cookies.extend(kept);
            Failure::Ended(address, FormFate::Whole)
        }
        None => Failure::Ended(at, FormFate::Lost),
    }
}

/// Reads the form of a request that did not come from another site.
async fn read_form(
    site: &Site,
    route: Route,
    (headers, address): (&HeaderMap, std::net::IpAddr),
    body: axum::body::Body,
) -> Result<(Fields, Option<Upload>), Failure> {
    if is_from_elsewhere(headers, &site.config.public_url) {
        return Err(Failure::Csrf);
    }
    let is_large = route.body_max() > SMALL_UPLOAD_BYTES_MAX;
    // Places for large files are shared out before their first byte is read.
    let upload = is_large.then(|| site.office.signatures.upload(address));
    let upload = upload.transpose().map_err(|_| Failure::Busy)?;
    let intake = site.office.work().intake(if is_large { Part::Documents } else { Part::Forms }, address);
    let fields = read_fields(headers, body, route.body_max(), &intake, upload.as_ref()).await;
    let fields = fields.map_err(|error| match error {
        FieldsError::Kind | FieldsError::Damaged => Failure::Unreadable,
        FieldsError::TooLarge => Failure::TooLarge,
        FieldsError::Busy => Failure::Busy,
    })?;
    Ok((fields, upload))
}

/// Whether one of our pages sent a form, and whether its handler is to look at it: the language switch only wants it shown
/// in another language, and one that was opened in a former session of the same person is shown once more.
fn judge_form(
    site: &Site,
    (route, parameters): (Route, &[(String, String)]),
    fields: &Fields,
    (csrf, session, whose): (&str, Option<(AccountId, &str)>, &str),
    (key, cookies): (&SiteKey, &mut Vec<HeaderValue>),
) -> Result<(), Failure> {
    let token = unmasked(fields.text("csrf"));
    let is_ours = same(&token, csrf);
    let language = Language::from_code(fields.text(SWITCH)).filter(|_| is_ours);
    let why = match (is_ours, language) {
        (true, None) => return Ok(()),
        (true, Some(_)) => Why::Language,
        (false, _) => {
            let account = session.map(|(account, _)| account).filter(|_| route.body_max() <= BODY_LEN_MAX);
            account.filter(|account| account_of_token(key, &token) == Some(*account)).ok_or(Failure::Csrf)?;
            Why::Ended
        }
    };
    let at = route.page(parameters);
    let again = Again::of_fields(fields, why, site.office.now());
    if why == Why::Ended && again.is_empty() {
        // A button that would be pressed for nothing: that is said.
        return Err(Failure::Csrf);
    }
    let carried = again.carried(site, key, FormPlace { whose, at: &at });
    let (address, kept) = carried.ok_or(Failure::TooLarge)?;
    cookies.extend(kept);
    let language = language.map(|language| format!("&lang={}", language.code()));
    Err(Failure::Again(format!("{address}{}", language.unwrap_or_default())))
}

/// Sets the cookie of a session that begins, and forgets the visit before it; the browser is known from now on.
pub fn with_session(response: Response, cookie: &SessionCookie, is_tls: bool) -> Response {
    let mut response = devices::known_as(response, cookie.account);
    let headers = response.headers_mut();
    let set = [Cookie::Session.set(&cookie.text(), is_tls), Cookie::Visit.remove(is_tls)];
    for cookie in set.into_iter().flatten() {
        headers.append(header::SET_COOKIE, cookie);
    }
    response
}

/// Removes the cookie of a session that ended.
pub fn without_session(mut response: Response, is_tls: bool) -> Response {
    if let Some(cookie) = Cookie::Session.remove(is_tls) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response
}
