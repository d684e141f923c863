//! Who asks, where a page can only say why there is no other: it still shows where that person may go.

use axum::http::HeaderMap;
use ofd_office::people::acting::{Acting, acting_in};
use ofd_office::people::second_factor::lack;
use ofd_storage::accounts::OPERATOR;

use super::failure::Failure;
use super::session::{csrf_token, session_of};
use crate::page::{NavLink, PersonView, Visitor};
use crate::site::Site;

/// Who was found to ask before the request failed.
#[derive(Clone, Debug)]
pub struct Known {
    pub name: String,
    /// The token of forms.
    pub csrf: String,
    /// The company whose pages the address is among, where the person is one of its people.
    company: String,
    links: Vec<NavLink>,
}

impl Known {
    /// A person whose company is not looked at yet.
    pub fn new(name: String, csrf: String) -> Self {
        Self { name, csrf, company: String::new(), links: Vec::new() }
    }

    /// The same on pages of a company, of whose people the person is one.
    pub fn among(&mut self, (site, visitor): (&Site, &Visitor), acting: &Acting, path: &str) {
        let words = site.words(visitor);
        self.company = site.title_of(visitor, acting);
        self.links = site.menu(&words, (acting.bin(), path), |right| acting.may(right));
    }

    /// As the frame shows the person.
    pub fn view(&self) -> PersonView {
        PersonView { name: self.name.clone(), company: self.company.clone(), links: self.links.clone() }
    }
}

/// The BIN among whose pages a path is; [`OPERATOR`] for those of the operator.
fn bin_of(path: &str) -> Option<&str> {
    match path.strip_prefix('/')?.split('/').collect::<Vec<_>>().as_slice() {
        ["c", bin, ..] if *bin != OPERATOR => Some(bin),
        ["operator", ..] => Some(OPERATOR),
        _ => None,
    }
}

/// Somebody who is found by a request's cookies alone: for addresses that no page has, and for requests that are too many.
pub async fn known_by(
    site: &Site,
    headers: &HeaderMap,
    visitor: &Visitor,
    path: &str,
) -> Result<Option<Known>, Failure> {
    // Such an answer sets no cookies.
    let Some((account, session, _)) = session_of(site, headers, &mut Vec::new()).await? else {
        return Ok(None);
    };
    let account = account.state;
    if lack(&site.office, &account, &session).await?.is_some() {
        return Ok(None);
    }
    let csrf = csrf_token(&site.office.key().await?, Some((account.id, &session.id)), "");
    let mut known = Known::new(account.name.clone(), csrf);
    if let Some(bin) = bin_of(path)
        && let Some(acting) = acting_in(&site.office, &account, bin).await?
    {
        known.among((site, visitor), &acting, path);
    }
    Ok(Some(known))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_tells_among_whose_pages_it_is() {
        assert_eq!(bin_of("/c/151140001234/nothing/here"), Some("151140001234"));
        assert_eq!(bin_of("/c/151140001234"), Some("151140001234"));
        assert_eq!(bin_of("/operator/nothing"), Some(OPERATOR));
        for other in ["/", "", "/cabinet", "/c", "/account/security", &format!("/c/{OPERATOR}")] {
            assert_eq!(bin_of(other), None, "{other}");
        }
    }
}
