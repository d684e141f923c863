//! Reading requests as NCALayer's own JSON library does, with its words for what is wrong.

use serde_json::{Map, Value};

/// What is wrong with a request, in the words of NCALayer's JSON library.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct JsonFault(pub(super) String);

impl JsonFault {
    fn absent(name: &str) -> Self {
        Self(format!("org.json.JSONException: JSONObject[\"{name}\"] not found."))
    }

    pub(super) fn is_not(name: &str, what: &str) -> Self {
        Self(format!("org.json.JSONException: JSONObject[\"{name}\"] is not {what}."))
    }
}

/// A JSON object whose members are asked for by name.
#[derive(Clone, Copy, Debug)]
pub(super) struct Members<'a>(pub(super) &'a Map<String, Value>);

impl<'a> Members<'a> {
    /// A member; null is as good as absent.
    pub(super) fn any(self, name: &str) -> Option<&'a Value> {
        self.0.get(name).filter(|value| !value.is_null())
    }

    pub(super) fn needed(self, name: &str) -> Result<&'a Value, JsonFault> {
        self.0.get(name).ok_or_else(|| JsonFault::absent(name))
    }

    /// An object, if it is there.
    pub(super) fn object(self, name: &str) -> Result<Option<Members<'a>>, JsonFault> {
        let object = |value: &'a Value| {
            value.as_object().map(Members).ok_or_else(|| JsonFault::is_not(name, "a JSONObject"))
        };
        self.any(name).map(object).transpose()
    }

    /// An object that must be there.
    pub(super) fn needed_object(self, name: &str) -> Result<Members<'a>, JsonFault> {
        let value = self.needed(name)?;
        value.as_object().map(Members).ok_or_else(|| JsonFault::is_not(name, "a JSONObject"))
    }

    /// A text; an empty one is as good as none, as forms send it.
    pub(super) fn text(self, name: &str) -> Result<Option<&'a str>, JsonFault> {
        let text = |value: &'a Value| value.as_str().ok_or_else(|| JsonFault::is_not(name, "a string"));
        Ok(self.any(name).map(text).transpose()?.filter(|text| !text.is_empty()))
    }

    pub(super) fn needed_text(self, name: &str) -> Result<&'a str, JsonFault> {
        self.needed(name)?.as_str().ok_or_else(|| JsonFault::is_not(name, "a string"))
    }

    /// A truth value, which may also come as a text.
    pub(super) fn flag(self, name: &str, default: bool) -> Result<bool, JsonFault> {
        match self.any(name) {
            None => Ok(default),
            Some(Value::Bool(value)) => Ok(*value),
            Some(Value::String(text)) if text.eq_ignore_ascii_case("true") => Ok(true),
            Some(Value::String(text)) if text.eq_ignore_ascii_case("false") => Ok(false),
            Some(_) => Err(JsonFault::is_not(name, "a Boolean")),
        }
    }

    /// A list of texts, if it is there.
    pub(super) fn texts(self, name: &str) -> Result<Option<Vec<&'a str>>, JsonFault> {
        let wrong = || JsonFault::is_not(name, "a JSONArray");
        let list = |value: &'a Value| value.as_array().ok_or_else(wrong).and_then(|items| texts(items, name));
        self.any(name).map(list).transpose()
    }
}

/// The items of a list, all of which must be texts.
pub(super) fn texts<'a>(items: &'a [Value], name: &str) -> Result<Vec<&'a str>, JsonFault> {
    items
        .iter()
        .map(|item| item.as_str().ok_or_else(|| JsonFault::is_not(name, "a list of strings")))
        .collect()
}
