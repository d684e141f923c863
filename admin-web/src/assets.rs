//! The files that pages refer to: style, script, picture of the tab. Each has the hash of its content in its name, so
//! that browsers keep it for a year and a new version of the site brings new names.

use std::sync::{Arc, LazyLock};

use axum::extract::{Path, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS};
use axum::response::{IntoResponse, Response};
use axum::routing::MethodFilter;
use sha2::{Digest, Sha256};

use crate::cabinet::{Access, Pages};
use crate::page::{Visitor, say_not_found};
use crate::site::Site;

/// The addresses of this family.
pub(crate) fn pages(pages: Pages) -> Pages {
    let (get, anyone) = (MethodFilter::GET, Access::Anyone);
    pages
        .api(get, ("/assets/{file}", "asset"), anyone, asset)
        .always()
        .api(get, ("/favicon.ico", "asset"), anyone, favicon)
        .always()
}

/// Where the files are.
const FOLDER: &str = "/assets/";

/// Bytes of the hash in a name: no two versions of a file have the same by chance.
const HASH_BYTES: usize = 8;

/// What is under a name with a hash never changes.
const FOR_A_YEAR: &str = "public, max-age=31536000, immutable";

/// What is asked for under the name of another version: while gateways are renewed one by one, a page of one may be
/// followed by a file of another. The file of today does, and is asked for again next time.
const NOT_AT_ALL: &str = "no-cache";

/// The picture under the name that browsers ask for by themselves: it may change under it.
const FOR_A_DAY: &str = "public, max-age=86400";

struct Asset {
    stem: &'static str,
    extension: &'static str,
    kind: &'static str,
    content: &'static str,
}

const STYLE: Asset = Asset {
    stem: "style",
    extension: "css",
    kind: "text/css; charset=utf-8",
    content: include_str!("../assets/style.css"),
};

const SCRIPT: Asset = Asset {
    stem: "ncalayer",
    extension: "js",
    kind: "text/javascript; charset=utf-8",
    content: include_str!("../assets/ncalayer.js"),
};

const ICON: Asset = Asset {
    stem: "icon",
    extension: "svg",
    kind: "image/svg+xml",
    content: include_str!("../assets/icon.svg"),
};

impl Asset {
    /// Its name, with the hash of its content.
    fn name(&self) -> String {
        let hash = Sha256::digest(self.content);
        let hash = hash.first_chunk::<HASH_BYTES>().copied().unwrap_or_default();
        format!("{}.{}.{}", self.stem, hex::encode(hash), self.extension)
    }

    /// Whether a name is that of some version of this file.
    fn is_called(&self, name: &str) -> bool {
        let rest = name.strip_prefix(self.stem).and_then(|rest| rest.strip_prefix('.'));
        let hash = rest.and_then(|rest| rest.strip_suffix(self.extension)?.strip_suffix('.'));
        hash.is_some_and(|hash| {
            hash.len() == 2 * HASH_BYTES && hash.bytes().all(|byte| byte.is_ascii_hexdigit())
        })
    }

    fn answer(&self, cached: &'static str) -> Response {
        let headers =
            [(CONTENT_TYPE, self.kind), (X_CONTENT_TYPE_OPTIONS, "nosniff"), (CACHE_CONTROL, cached)];
        (headers, self.content).into_response()
    }
}

/// Where the files of today are, for pages.
pub(crate) struct Links {
    /// The style sheet.
    pub(crate) style: String,
    /// The script that speaks to NCALayer.
    pub(crate) script: String,
    /// The picture of the tab.
    pub(crate) icon: String,
}

/// Their addresses, put together once.
pub(crate) fn links() -> &'static Links {
    static LINKS: LazyLock<Links> = LazyLock::new(|| {
        let link = |asset: &Asset| format!("{FOLDER}{}", asset.name());
        Links { style: link(&STYLE), script: link(&SCRIPT), icon: link(&ICON) }
    });
    &LINKS
}

/// `GET /assets/{file}`
async fn asset(
    State(site): State<Arc<Site>>,
    visitor: Visitor,
    file: Result<Path<String>, axum::extract::rejection::PathRejection>,
) -> Response {
    let name = file.map(|Path(name)| name).unwrap_or_default();
    let Links { style, script, icon } = links();
    let files = [(&STYLE, style), (&SCRIPT, script), (&ICON, icon)];
    match files.into_iter().find(|(asset, _)| asset.is_called(&name)) {
        Some((asset, link)) if link.strip_prefix(FOLDER) == Some(&name) => asset.answer(FOR_A_YEAR),
        Some((asset, _)) => asset.answer(NOT_AT_ALL),
        None => say_not_found(&site, &visitor),
    }
}

/// `GET /favicon.ico`: what browsers ask for beside pages that are none of ours, such as the answers of the API.
async fn favicon() -> Response {
    ICON.answer(FOR_A_DAY)
}
