//! The keyboard alone.

use serde_json::json;
use thirtyfour::{Key, TypingData};

use super::Window;

/// No form is longer than this.
const TABS_MAX: usize = 80;

/// What has the focus, and whether one can see that it has.
const FOCUSED: &str = "const element = document.activeElement; const style = getComputedStyle(element);
return [element.matches(arguments[0]), style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0,
  element.outerHTML.slice(0, 200)];";

impl Window {
    async fn key(&self, keys: impl Into<TypingData>) {
        let keys = self.web.action_chain().send_keys(keys);
        keys.perform().await.unwrap_or_else(|error| panic!("a key: {error}"));
    }

    /// Presses Tab until what a selector finds has the focus; what is folded around it is opened on the way.
    pub async fn tab_to(&self, selector: &str) {
        let summary = format!("details:not([open]):has({selector}) > summary");
        if self.shows(&summary).await {
            self.reach(&summary).await;
            self.enter().await;
        }
        self.reach(selector).await;
    }

    /// Presses Tab until what a selector finds has the focus. All that is passed must show that it has it.
    async fn reach(&self, selector: &str) {
        for _ in 0..TABS_MAX {
            self.key(Key::Tab).await;
            let focused = self.web.execute(FOCUSED, vec![json!(selector)]).await;
            let focused = focused.unwrap_or_else(|error| panic!("{selector}: {error}")).json().clone();
            if focused[1] != json!(true) {
                self.note(format!(
                    "at {} nobody sees that this has the focus: {}",
                    self.path().await,
                    focused[2]
                ));
            }
            if focused[0] == json!(true) {
                return;
            }
        }
        panic!("{selector} is out of reach of the keyboard at {}:\n{}", self.path().await, self.text().await);
    }

    /// Types where the focus is.
    pub async fn type_text(&self, text: &str) {
        self.key(text).await;
    }

    pub async fn enter(&self) {
        self.key(Key::Enter).await;
    }

    /// Presses the blank.
    pub async fn space(&self) {
        self.key(" ").await;
    }
}
