//! A real Chromium, driven by its own driver: what a person would see, do and be told.
//!
//! Pictures of pages go to `target/screenshots`; whoever changes a page looks at them. Every page is checked for what
//! keeps people out who cannot see or use a mouse, or who hold a small phone.

mod axe;
mod driver;
mod inspect;
mod keyboard;
mod place;
mod texts;

use std::cell::Cell;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use thirtyfour::{WebDriver, WebElement};

pub use driver::Driver;
pub use place::{Place, browse, browse_prepared};
pub use texts::Texts;

use texts::blanks_as_one;

use crate::http::Request;

/// What a person waits for comes sooner, even on a busy machine.
const APPEARS_WITHIN: Duration = Duration::from_secs(20);

/// How often a page is looked at again.
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// The button of a form, and none that searches.
const SUBMIT: &str = "button[type=submit]:not([name]):not([aria-hidden])";

/// Opens what is folded around an element, as a person does who looks for it: by its summary. On a wide page a style
/// shows what is in it, and no summary; only the driver must be told there that it is open.
const UNFOLD: &str = "const unfold = element => {
  for (let fold = element?.closest('details:not([open])'); fold; fold = fold.parentElement.closest('details:not([open])')) {
    const summary = fold.querySelector(':scope > summary');
    if (summary?.contains(element)) continue;
    if (summary?.checkVisibility()) summary.click(); else fold.open = true;
  }
};";

/// What is wrong with pages, told at the end of a test.
type Findings = Arc<Mutex<Vec<String>>>;

/// The size of a window, in pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size(pub u32, pub u32);

impl Size {
    /// A small phone.
    pub const PHONE: Self = Self(360, 740);
    /// A tablet held upright.
    pub const TABLET: Self = Self(768, 1024);
    /// A notebook, as staff have it.
    pub const DESK: Self = Self(1280, 800);
}

/// A browser window of one person: cookies of its own.
pub struct Window {
    web: WebDriver,
    site: String,
    texts: Arc<Texts>,
    size: Size,
    /// Pages are looked at with one picture and without axe-core: another flow does that.
    is_light: bool,
    findings: Findings,
}

impl Window {
    /// Opens a window of a browser whose language is that of `texts` on the site at `site`, such as
    /// `http://127.0.0.1:8080`.
    async fn open(driver: &Driver, site: &str, texts: Arc<Texts>, size: Size, findings: Findings) -> Self {
        let (language, Size(width, height)) = (texts.language(), size);
        let mut arguments = vec![
            "--headless=new".to_owned(),
            "--disable-gpu".to_owned(),
            "--disable-dev-shm-usage".to_owned(),
            "--hide-scrollbars".to_owned(),
            "--no-first-run".to_owned(),
            // It would look for updates and more, which is work beside the pages and may go to no network.
            "--disable-background-networking".to_owned(),
            "--disable-component-update".to_owned(),
            "--disable-sync".to_owned(),
            format!("--lang={language}"),
            format!("--accept-lang={language}"),
            format!("--window-size={width},{height}"),
        ];
        if rustix::process::geteuid().is_root() {
            // Chromium's sandbox does not work for root, as whom tests run in containers.
            arguments.push("--no-sandbox".to_owned());
        }
        let capabilities = json!({
            "browserName": "chrome",
            "goog:loggingPrefs": { "browser": "ALL" },
            "goog:chromeOptions": {
                "args": arguments,
                "binary": driver.chromium(),
                "prefs": { "intl.accept_languages": language },
            },
        });
        let capabilities: thirtyfour::Capabilities =
            serde_json::from_value(capabilities).expect("capabilities are an object");
        let web = WebDriver::new(driver.url(), capabilities).await;
        let web = web.unwrap_or_else(|error| panic!("chromium does not start: {error}"));
        let window = Self { web, site: site.to_owned(), texts, size, is_light: false, findings };
        window.resize(size).await;
        window
    }

    /// Gives the page exactly this size.
    async fn resize(&self, Size(width, height): Size) {
        let set = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false });
        self.devtools("Emulation.setDeviceMetricsOverride", set).await;
    }

    async fn devtools(&self, command: &str, parameters: Value) -> Value {
        let done = self.web.cdp().send_raw(command, parameters).await;
        done.unwrap_or_else(|error| panic!("{command}: {error}"))
    }

    fn note(&self, finding: String) {
        self.findings.lock().unwrap_or_else(PoisonError::into_inner).push(finding);
    }

    /// The site's texts in the window's language.
    pub fn texts(&self) -> &Texts {
        &self.texts
    }

    /// Pages run scripts, or do not, from the next page on.
    pub async fn allow_scripts(&self, are_allowed: bool) {
        self.devtools("Emulation.setScriptExecutionDisabled", json!({ "value": !are_allowed })).await;
    }

    /// Opens a page of the site.
    pub async fn go(&self, path: &str) {
        let url = if path.starts_with("http") { path.to_owned() } else { format!("{}{path}", self.site) };
        self.web.goto(&url).await.unwrap_or_else(|error| panic!("{url}: {error}"));
    }

    /// Goes back to the page before.
    pub async fn back(&self) {
        self.web.back().await.unwrap_or_else(|error| panic!("there is no way back: {error}"));
    }

    /// The path of the page that is shown, with its query.
    pub async fn path(&self) -> String {
        let url = self.web.current_url().await.expect("a window shows a page").to_string();
        url.strip_prefix(&self.site).unwrap_or(&url).to_owned()
    }

    /// What the page shows, with one blank between words.
    pub async fn text(&self) -> String {
        let text = self.run("return document.body ? document.body.innerText : ''").await;
        blanks_as_one(text.as_str().unwrap_or_default())
    }

    async fn wait<F: Future<Output = bool>>(&self, what: &str, holds: impl FnMut() -> F) {
        self.wait_for(what, APPEARS_WITHIN, holds).await;
    }

    /// Waits until something holds; ends the test with a picture when it does not.
    async fn wait_for<F: Future<Output = bool>>(
        &self,
        what: &str,
        within: Duration,
        mut holds: impl FnMut() -> F,
    ) {
        let since = Instant::now();
        while !holds().await {
            if since.elapsed() > within {
                self.keep_picture("failure").await;
                panic!("{what}, at {}:\n{}", self.path().await, self.text().await);
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }

    /// Waits until the page shows these words.
    pub async fn reads(&self, words: &str) {
        let words = blanks_as_one(words);
        self.wait(&format!("the page does not say {words:?}"), async || self.text().await.contains(&words))
            .await;
    }

    /// Waits until the page shows the text of a key.
    pub async fn sees(&self, key: &str) {
        self.sees_within(key, APPEARS_WITHIN).await;
    }

    /// Waits longer, or shorter, until the page shows the text of a key.
    pub async fn sees_within(&self, key: &str, within: Duration) {
        let pieces = self.texts.pieces(key);
        let what = format!("the page does not say {key} {pieces:?}");
        self.wait_for(&what, within, async || {
            let text = self.text().await;
            pieces.iter().all(|piece| text.contains(piece))
        })
        .await;
    }

    /// The page does not show the text of a key.
    pub async fn does_not_see(&self, key: &str) {
        let (pieces, text) = (self.texts.pieces(key), self.text().await);
        assert!(!pieces.iter().all(|piece| text.contains(piece)), "the page says {key}:\n{text}");
    }

    /// Waits until the page's path begins so.
    pub async fn arrives(&self, path: &str) {
        let what = format!("the window does not arrive at {path}");
        self.wait(&what, async || self.path().await.starts_with(path)).await;
    }

    /// The element that a selector finds, once it is there. What is folded around it is opened, and it stands in the middle of
    /// the window, where nothing covers it. The page is asked for all of that at once: each question costs time.
    async fn element(&self, selector: &str) -> WebElement {
        let script = format!(
            "{UNFOLD} const element = document.querySelector({});
             if (element) {{ unfold(element); element.scrollIntoView({{ block: 'center', inline: 'center' }}); }}
             return element",
            json!(selector)
        );
        let found = Cell::new(None);
        self.wait(&format!("{selector} is not on the page"), async || {
            let asked = self.web.execute(script.as_str(), Vec::new()).await;
            let element = asked.ok().and_then(|asked| asked.element().ok());
            let is_there = element.is_some();
            found.set(element);
            is_there
        })
        .await;
        found.into_inner().unwrap_or_else(|| panic!("{selector} is not on the page"))
    }

    /// Opens what is folded around the element that a selector finds.
    pub async fn unfold(&self, selector: &str) {
        let _ = self.run(&format!("{UNFOLD} unfold(document.querySelector({}))", json!(selector))).await;
    }

    /// Opens all that is folded in what a selector finds.
    pub async fn unfold_in(&self, place: &str) {
        let summaries = json!(format!("{place} details:not([open]) > summary"));
        let script = format!(
            "for (const summary of document.querySelectorAll({summaries}))
            if (summary.checkVisibility()) summary.click();"
        );
        let _ = self.run(&script).await;
    }

    /// Whether a selector finds something that is shown. The driver takes all of a closed `details` for hidden, also what a
    /// style shows.
    pub async fn shows(&self, selector: &str) -> bool {
        let shown = format!("return document.querySelector({})?.checkVisibility()", json!(selector));
        self.run(&shown).await == json!(true)
    }

    /// Types into a field, in place of what stands there.
    pub async fn fill(&self, name: &str, text: &str) {
        let selector = format!("main [name=\"{name}\"]:not([type=hidden])");
        let field = self.element(&selector).await;
        field.clear().await.unwrap_or_else(|error| panic!("{name}: {error}"));
        if !text.is_empty() {
            field.send_keys(text).await.unwrap_or_else(|error| panic!("{name}: {error}"));
        }
    }

    /// What stands in a field.
    pub async fn value(&self, name: &str) -> String {
        let field = self.element(&format!("main [name=\"{name}\"]")).await;
        let value = field.prop("value").await.unwrap_or_else(|error| panic!("{name}: {error}"));
        value.unwrap_or_default()
    }

    /// Chooses in a list, or ticks a box or button of a name.
    pub async fn choose(&self, name: &str, value: &str) {
        let option = format!("main select[name=\"{name}\"] option[value=\"{value}\"]");
        let button = format!("main input[name=\"{name}\"][value=\"{value}\"]:not([type=hidden])");
        self.click(&format!("{option}, {button}")).await;
    }

    /// Ticks a box, if it is not ticked.
    pub async fn tick(&self, name: &str) {
        let selector = format!("main input[type=checkbox][name=\"{name}\"]");
        let is_ticked = self.element(&selector).await.is_selected().await;
        if !is_ticked.unwrap_or_else(|error| panic!("{name}: {error}")) {
            self.click(&selector).await;
        }
    }

    /// Gives a file to a field.
    pub async fn attach(&self, name: &str, file: &Path) {
        let field = self.element(&format!("main input[type=file][name=\"{name}\"]")).await;
        let file = file.display().to_string();
        field.send_keys(file).await.unwrap_or_else(|error| panic!("{name}: {error}"));
    }

    /// Clicks on what a selector finds.
    pub async fn click(&self, selector: &str) {
        let element = self.element(selector).await;
        if let Err(error) = element.click().await {
            self.keep_picture("failure").await;
            panic!("{selector} at {}: {error}", self.path().await);
        }
    }

    /// Sends the form of an address, by the button that is for that.
    pub async fn send(&self, action: &str) {
        self.click(&format!("form[action=\"{action}\"] {SUBMIT}")).await;
    }

    /// Sends the form whose address ends so.
    pub async fn send_to(&self, ending: &str) {
        self.click(&format!("main form[action$=\"{ending}\"] {SUBMIT}")).await;
    }

    /// Follows the link of the main part whose address begins so.
    pub async fn follow(&self, address: &str) {
        self.click(&format!("main a[href^=\"{address}\"]")).await;
    }

    /// Clicks on the link or button that says the text of a key.
    pub async fn press(&self, key: &str) {
        self.press_in("body", key).await;
    }

    /// The same inside of what a selector finds. What only who cannot see hears is not looked at.
    pub async fn press_in(&self, place: &str, key: &str) {
        let says = blanks_as_one(self.texts.say(key));
        let find = format!(
            "const said = element => [...element.childNodes].filter(node => !node.classList?.contains('hidden'))
               .map(node => node.textContent).join(' ').trim().replace(/\\s+/g, ' ');
             const all = [...document.querySelectorAll({})].filter(element => said(element) === {});
             const shown = () => all.find(element => element.checkVisibility());
             {UNFOLD}
             if (shown()) unfold(shown()); else all.forEach(unfold);
             shown()?.scrollIntoView({{ block: 'center', inline: 'center' }});
             return shown()",
            json!(format!("{place} a, {place} button, {place} summary")),
            json!(says)
        );
        self.wait(&format!("nothing to press says {says:?}"), async || {
            let found = self.web.execute(find.as_str(), Vec::new()).await;
            let Some(element) = found.ok().and_then(|found| found.element().ok()) else { return false };
            element.click().await.is_ok()
        })
        .await;
    }

    /// What the link that a selector finds leads to, as a browser saves it.
    pub async fn fetch(&self, selector: &str) -> Vec<u8> {
        let link = self.element(selector).await;
        let link = link.prop("href").await.unwrap_or_else(|error| panic!("{selector}: {error}"));
        let link = link.unwrap_or_default();
        let path = link.strip_prefix(&self.site).unwrap_or_else(|| panic!("{link} is not on the site"));
        self.fetch_path(path).await
    }

    /// What a path leads to, as a browser saves it. A script would be bound by the page's policy, which forbids this.
    pub async fn fetch_path(&self, path: &str) -> Vec<u8> {
        let cookies = self.web.get_all_cookies().await.expect("a window has cookies");
        let cookies: Vec<String> =
            cookies.iter().map(|cookie| format!("{}={}", cookie.name, cookie.value)).collect();
        let mut request = Request::get(path);
        request.headers.push(("Cookie", cookies.join("; ")));
        let to = self.site.trim_start_matches("http://").parse().expect("the site is at an address");
        request.send(to).await.unwrap_or_else(|error| panic!("{path}: {error}")).expect(200).body
    }

    /// Files that pages give out are saved in a folder from now on.
    pub async fn save_downloads_in(&self, folder: &Path) {
        let set = json!({ "behavior": "allow", "downloadPath": folder });
        self.devtools("Browser.setDownloadBehavior", set).await;
    }

    /// The first file that is saved in a folder: its name and what it holds.
    pub async fn downloaded(&self, folder: &Path, within: Duration) -> (String, Vec<u8>) {
        let saved = || {
            let files = fs::read_dir(folder).expect("the folder of downloads is there").flatten();
            let mut names = files.map(|file| file.file_name().to_string_lossy().into_owned());
            // The browser writes into a file of another name and gives it its own in the end.
            names.find(|name| !name.ends_with(".crdownload") && !name.starts_with('.'))
        };
        self.wait_for("nothing is saved", within, async || saved().is_some()).await;
        let name = saved().expect("a file that was there stays");
        let bytes = fs::read(folder.join(&name)).unwrap_or_else(|error| panic!("{name}: {error}"));
        (name, bytes)
    }

    /// Runs a script in the page and returns what it returns.
    pub async fn run(&self, script: &str) -> Value {
        let result = self.web.execute(script, Vec::new()).await;
        result.unwrap_or_else(|error| panic!("{script}: {error}")).json().clone()
    }

    /// Closes the window.
    pub async fn close(self) {
        let _ = self.web.quit().await;
    }
}

/// Where pictures go.
pub fn screenshots() -> PathBuf {
    target().join("screenshots")
}

/// The folder of build products.
fn target() -> PathBuf {
    let test = std::env::current_exe().expect("a process knows its own path");
    test.ancestors().nth(3).expect("tests lie in target/<profile>/deps").to_owned()
}
