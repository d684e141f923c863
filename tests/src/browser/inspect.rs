//! What must be true of every page, whatever it is for.

use std::fs;

use serde_json::{Value, json};

use super::{Size, Window, axe, screenshots};

/// A page with everything it loads stays below this, so that it opens on a bad link.
const PAGE_BYTES_MAX: u64 = 100 * 1024;

/// A picture ends here: a page that is longer repeats itself.
const PICTURE_HEIGHT_MAX: u64 = 5000;

/// The widths at which a page is looked at.
const SIZES: [Size; 3] = [Size::PHONE, Size::TABLET, Size::DESK];

/// What is wrong with the page beyond what axe-core knows.
const FAULTS: &str = r##"
const faults = [];
const shown = element => element.checkVisibility();
const said = element => element.innerText.trim() || element.getAttribute('aria-label')
  || element.querySelector('img[alt], svg[aria-label], input[type=submit]');
for (const element of document.querySelectorAll('a, button, label, legend, summary, h1, h2, h3, dt')) {
  if (shown(element) && !said(element)) faults.push('says nothing: ' + element.outerHTML.slice(0, 200));
}
const titles = [...document.querySelectorAll('h1')].filter(shown).length;
if (titles !== 1) faults.push('it has ' + titles + ' titles (h1), not one');
if (!document.title.split('·')[0].trim()) faults.push('its title in the window is empty');
for (const form of document.querySelectorAll('form[method=post]')) {
  if (!form.querySelector('input[name=csrf]')) faults.push('no csrf field in ' + form.outerHTML.slice(0, 200));
}
const loaded = ['navigation', 'resource'].flatMap(kind => performance.getEntriesByType(kind));
return {
  faults,
  language: document.documentElement.lang,
  bytes: loaded.reduce((sum, entry) => sum + (entry.decodedBodySize || 0), 0),
  text: document.body.innerText,
};"##;

const OVER: &str = "const page = document.documentElement; return page.scrollWidth - page.clientWidth";

/// What sticks out furthest to the right.
const WIDEST: &str = r"
const right = element => element.getBoundingClientRect().right;
const inside = [...document.body.querySelectorAll('*')].filter(element => element.checkVisibility());
inside.sort((one, other) => right(other) - right(one));
return inside.length ? inside[0].outerHTML.slice(0, 200) : '';";

impl Window {
    /// Looks at the page as every page must be, at every width, and keeps its pictures as `name`. What is found is told
    /// at the end of the test, for all pages together.
    pub async fn inspect(&self, name: &str) {
        let page = self.run(FAULTS).await;
        let bytes = page["bytes"].as_u64().unwrap_or(u64::MAX);
        let mut found: Vec<String> = page["faults"].as_array().into_iter().flatten().map(said).collect();
        if bytes > PAGE_BYTES_MAX {
            found.push(format!("it has {bytes} bytes with everything, more than {PAGE_BYTES_MAX}"));
        }
        if page["language"] != self.texts.language() {
            found.push(format!("its language is {} and not {}", page["language"], self.texts.language()));
        }
        if let Some(key) = self.texts.key_in(page["text"].as_str().unwrap_or_default()) {
            found.push(format!("it shows the key {key} in place of a text"));
        }
        found.extend(self.pictures(name).await);
        if !self.is_light {
            found.extend(axe::check(&self.web).await);
        }
        found.extend(self.violations().await);
        let path = self.path().await;
        for fault in found {
            self.note(format!("{name} ({path}): {fault}"));
        }
    }

    /// Says where the page is too wide at any width, and keeps pictures of it: of a full look on a phone and on a notebook,
    /// of a light one at the window's own size alone.
    pub async fn pictures(&self, name: &str) -> Vec<String> {
        let mut found = Vec::new();
        let mut sizes = SIZES;
        // The own size comes first: a picture of more than the window shows moves what is clicked on, until the page is
        // laid out anew.
        sizes.sort_by_key(|size| *size != self.size);
        for size in sizes {
            if size != self.size {
                self.resize(size).await;
            }
            found.extend(self.too_wide().await);
            if size == self.size || (!self.is_light && size != Size::TABLET) {
                self.keep_picture(&format!("{name}-{}", size.0)).await;
            }
        }
        self.resize(self.size).await;
        found
    }

    /// Looks at the page in dark colours.
    pub async fn inspect_dark(&self, name: &str) {
        self.emulate_media(json!({ "features": [{ "name": "prefers-color-scheme", "value": "dark" }] }))
            .await;
        self.inspect(&format!("{name}-dark")).await;
        self.emulate_media(json!({ "features": [] })).await;
    }

    /// A picture of the page as it is printed.
    pub async fn print(&self, name: &str) {
        self.emulate_media(json!({ "media": "print" })).await;
        self.resize(Size::TABLET).await;
        self.keep_picture(&format!("{name}-print")).await;
        self.resize(self.size).await;
        self.emulate_media(json!({ "media": "" })).await;
    }

    async fn emulate_media(&self, media: Value) {
        self.devtools("Emulation.setEmulatedMedia", media).await;
    }

    /// Nobody has to scroll sideways.
    async fn too_wide(&self) -> Option<String> {
        let over = self.run(OVER).await.as_i64().unwrap_or(i64::MAX);
        if over <= 0 {
            return None;
        }
        let width = self.run("return innerWidth").await;
        Some(format!("at {width} px it is {over} px too wide: {}", said(&self.run(WIDEST).await)))
    }

    /// What the browser refused to do because of the page's own policy.
    async fn violations(&self) -> Vec<String> {
        let log = self.web.browser_log().await.unwrap_or_else(|error| panic!("the browser's log: {error}"));
        let messages = log.into_iter().map(|entry| entry.message);
        messages.filter(|message| message.contains("Content Security Policy")).collect()
    }

    /// The whole page as a picture in the folder of its language.
    pub(super) async fn keep_picture(&self, name: &str) {
        let folder = screenshots().join(self.texts.language());
        fs::create_dir_all(&folder).expect("the folder of pictures can be made");
        let size = "const page = document.documentElement; return [page.clientWidth, page.scrollHeight]";
        let size = self.run(size).await;
        let (width, height) = (size[0].as_u64().unwrap_or(360), size[1].as_u64().unwrap_or(740));
        let whole = json!({
            "format": "png",
            // Packing a picture tightly costs more than all else that is done with the page.
            "optimizeForSpeed": true,
            "captureBeyondViewport": true,
            "clip": { "x": 0, "y": 0, "width": width, "height": height.clamp(1, PICTURE_HEIGHT_MAX), "scale": 1 },
        });
        let picture = self.devtools("Page.captureScreenshot", whole).await;
        let picture = picture["data"].as_str().unwrap_or_default();
        let picture = base64::Engine::decode(&base64::prelude::BASE64_STANDARD, picture);
        let picture = picture.expect("a picture is Base64");
        fs::write(folder.join(format!("{name}.png")), picture).expect("the picture can be written");
    }
}

fn said(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
