//! Forms as a browser sends them: with all their fields, filled in as somebody would.

use super::super::support::people::unescaped;

/// What is chosen where there is a choice.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Pick {
    /// What the page chose, or else the first.
    Usual,
    /// The last of several, and every box.
    Other,
}

/// A form of a page, filled in.
pub(super) struct Filled {
    /// Its fields, hidden ones too.
    pub(super) fields: Vec<(String, String)>,
    /// What was typed into it.
    pub(super) typed: Vec<String>,
    /// What was chosen in it: the field, and how a page says it that shows it again.
    pub(super) chosen: Vec<(String, String)>,
}

impl Filled {
    /// The form of a page that sends to an address; `text` is what is typed into a field that has a value already, or none.
    pub(super) fn of(
        page: &str,
        action: &str,
        pick: Pick,
        text: impl Fn(&str, &str) -> String,
    ) -> Option<Self> {
        let forms = page.split("<form ").skip(1).map(|form| form.split("</form>").next().unwrap());
        let form = forms
            .filter(|form| form.contains("method=\"post\""))
            .find(|form| attribute(form.split('>').next().unwrap(), "action").as_deref() == Some(action))?;
        let mut filled = Self { fields: Vec::new(), typed: Vec::new(), chosen: Vec::new() };
        for tag in tags(form, "<input ") {
            let name = attribute(tag, "name").filter(|_| !tag.contains("type=\"file\""));
            let Some(name) = name else { continue };
            let is_one_checked = |name: &str| {
                tags(form, "<input ").any(|other| {
                    other.contains(" checked") && attribute(other, "name").as_deref() == Some(name)
                })
            };
            let usual = if is_one_checked(&name) { tag.contains(" checked") } else { !filled.has(&name) };
            filled.take_input((tag, name), pick == Pick::Other || usual, &text);
        }
        for area in form.split("<textarea ").skip(1) {
            let (tag, rest) = area.split_once('>').unwrap();
            let there = unescaped(rest.split("</textarea>").next().unwrap());
            let name = attribute(tag, "name")?;
            filled.write(name.clone(), text(&name, &there));
        }
        for select in form.split("<select ").skip(1) {
            let (tag, rest) = select.split_once('>').unwrap();
            let options: Vec<&str> = tags(rest.split("</select>").next().unwrap(), "<option ").collect();
            let value = |tag: &str| attribute(tag, "value").unwrap_or_default();
            let offered: Vec<&str> = options.into_iter().filter(|tag| !value(tag).is_empty()).collect();
            let usual = || offered.iter().find(|tag| tag.contains(" selected")).or(offered.first());
            let chosen = if pick == Pick::Other { offered.last() } else { usual() };
            let chosen = chosen.map(|tag| value(tag)).unwrap_or_default();
            filled.choose((attribute(tag, "name")?, chosen), "selected");
        }
        Some(filled)
    }

    fn has(&self, name: &str) -> bool {
        self.fields.iter().any(|(known, _)| known == name)
    }

    fn write(&mut self, name: String, text: String) {
        self.typed.push(text.clone());
        self.fields.push((name, text));
    }

    fn choose(&mut self, (name, value): (String, String), how: &str) {
        if !value.is_empty() {
            self.chosen.push((name.clone(), format!("value=\"{value}\" {how}")));
        }
        self.fields.push((name, value));
    }

    fn take_input(
        &mut self,
        (tag, name): (&str, String),
        is_chosen: bool,
        text: impl Fn(&str, &str) -> String,
    ) {
        let value = attribute(tag, "value").unwrap_or_default();
        match attribute(tag, "type").as_deref() {
            Some("hidden") => self.fields.push((name, value)),
            Some("checkbox" | "radio") if !is_chosen => {}
            Some("checkbox") => self.choose((name, value), "checked"),
            Some("radio") => {
                // Of these only one stays.
                self.fields.retain(|(known, _)| *known != name);
                self.chosen.retain(|(known, _)| *known != name);
                self.choose((name, value), "checked");
            }
            _ => {
                let text = text(&name, &value);
                self.write(name, text);
            }
        }
    }

    /// Whether somebody who sends it has said anything.
    pub(super) fn says_something(&self) -> bool {
        !self.chosen.is_empty() || self.typed.iter().any(|text| !text.is_empty())
    }

    /// As it is sent.
    pub(super) fn body(&self) -> String {
        form_urlencoded::Serializer::new(String::new()).extend_pairs(&self.fields).finish()
    }
}

fn tags<'a>(html: &'a str, begin: &'a str) -> impl Iterator<Item = &'a str> {
    html.split(begin).skip(1).map(|tag| tag.split('>').next().unwrap())
}

fn attribute(tag: &str, name: &str) -> Option<String> {
    let tag = format!(" {tag}");
    let rest = tag.split_once(&format!(" {name}=\""))?.1;
    rest.split('"').next().map(unescaped)
}
