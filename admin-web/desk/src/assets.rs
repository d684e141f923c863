//! The files that pages refer to: style, script, picture of the tab. Each has the hash of its content in its name, so
//! that browsers keep it for a year and a new version of the site brings new names.

use std::sync::LazyLock;

use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS};
use axum::response::{IntoResponse, Response};
use sha2::{Digest, Sha256};

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
pub struct Links {
    /// The style sheet.
    pub style: String,
    /// The script that speaks to NCALayer.
    pub script: String,
    /// The picture of the tab.
    pub icon: String,
}

/// Their addresses, put together once.
pub fn links() -> &'static Links {
    static LINKS: LazyLock<Links> = LazyLock::new(|| {
        let link = |asset: &Asset| format!("{FOLDER}{}", asset.name());
        Links { style: link(&STYLE), script: link(&SCRIPT), icon: link(&ICON) }
    });
    &LINKS
}

/// The file of a name, of today's version or of another one; none where no file was ever called so.
pub fn found(name: &str) -> Option<Response> {
    let Links { style, script, icon } = links();
    let files = [(&STYLE, style), (&SCRIPT, script), (&ICON, icon)];
    let (asset, link) = files.into_iter().find(|(asset, _)| asset.is_called(name))?;
    let is_of_today = link.strip_prefix(FOLDER) == Some(name);
    Some(asset.answer(if is_of_today { FOR_A_YEAR } else { NOT_AT_ALL }))
}

/// The picture of the tab under the name that browsers ask for by themselves.
pub fn icon() -> Response {
    ICON.answer(FOR_A_DAY)
}
