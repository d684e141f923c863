//! What the apps are told and what they send: the JSON of API 1 and API 2.

use ofd_edge::Imprint;
use ofd_protocol::types::UnixMillis;
use serde::{Deserialize, Serialize};

use super::kept::{Asked, InThreeLanguages, PhoneMethod};

/// API 1: who asks for what, until when, and where it lies.
#[derive(Debug, Serialize)]
pub struct Described {
    description: String,
    expiry_date: String,
    organisation: Organisation,
    document: WhereItLies,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Organisation {
    name_ru: String,
    name_kz: String,
    name_en: String,
    bin: String,
}

#[derive(Debug, Serialize)]
struct WhereItLies {
    uri: String,
    auth_type: &'static str,
    /// There and empty, since the address itself is the secret.
    auth_token: &'static str,
}

/// API 2: what is to be signed.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DocumentsToSign {
    sign_method: &'static str,
    version: u8,
    documents_to_sign: Vec<DocumentToSign>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct DocumentToSign {
    id: usize,
    name_ru: String,
    name_kz: String,
    name_en: String,
    meta: Vec<Meta>,
    document: Document,
}

#[derive(Debug, Serialize)]
struct Meta {
    name: String,
    value: String,
}

#[derive(Debug, Serialize)]
struct Document {
    file: File,
}

#[derive(Debug, Serialize)]
struct File {
    mime: String,
    data: String,
}

/// What the four digits are called on the phone, in Russian and in Kazakh.
const CODE: &str = "Код";

impl Described {
    pub(super) fn new(
        (asked, code): (&Asked, &str),
        (imprint, uri): (&Imprint, String),
        zone_offset_seconds: i32,
    ) -> Self {
        let InThreeLanguages { kazakh, russian, .. } = &asked.text;
        Self {
            description: format!("{russian} / {kazakh} · {code}"),
            expiry_date: moment(UnixMillis(asked.ends_ms), zone_offset_seconds),
            organisation: Organisation {
                name_ru: imprint.title.clone(),
                name_kz: imprint.title_kz.clone(),
                name_en: imprint.title.clone(),
                bin: imprint.bin.clone(),
            },
            document: WhereItLies { uri, auth_type: "None", auth_token: "" },
        }
    }
}

/// `2026-11-29T16:21:37.060+05:00`: milliseconds and offset are always there.
fn moment(at: UnixMillis, zone_offset_seconds: i32) -> String {
    let wall = at.wall_seconds(zone_offset_seconds);
    let text = ofd_eds::Moment::from_unix(wall).to_string();
    let minutes = zone_offset_seconds.unsigned_abs() / 60;
    let sign = if zone_offset_seconds < 0 { '-' } else { '+' };
    let (hours, minutes) = (minutes / 60, minutes % 60);
    format!("{}.{:03}{sign}{hours:02}:{minutes:02}", text.trim_end_matches('Z'), at.0 % 1000)
}

impl DocumentsToSign {
    pub(super) fn new(asked: Asked, code: &str) -> Self {
        let sign_method = match asked.method {
            PhoneMethod::Attached => "CMS_WITH_DATA",
            PhoneMethod::Detached => "CMS_SIGN_ONLY",
        };
        let documents = asked.documents.into_iter().enumerate().map(|(at, document)| DocumentToSign {
            id: at.saturating_add(1),
            name_ru: document.name.russian,
            name_kz: document.name.kazakh,
            name_en: document.name.english,
            meta: std::iter::once((CODE.to_owned(), code.to_owned()))
                .chain(document.meta)
                .map(|(name, value)| Meta { name, value })
                .collect(),
            document: Document { file: File { mime: document.mime, data: document.data } },
        });
        Self { sign_method, version: 1, documents_to_sign: documents.collect() }
    }
}

/// What the app brings.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Brought {
    #[serde(default)]
    status: Option<String>,
    #[serde(default)]
    documents_to_sign: Vec<BroughtDocument>,
}

#[derive(Deserialize)]
struct BroughtDocument {
    id: Id,
    document: BroughtContent,
}

#[derive(Deserialize)]
struct BroughtContent {
    file: BroughtFile,
}

#[derive(Deserialize)]
struct BroughtFile {
    data: String,
}

/// Some apps send it back as a text.
#[derive(Deserialize)]
#[serde(untagged)]
enum Id {
    Number(usize),
    Text(String),
}

impl Id {
    fn number(&self) -> Option<usize> {
        match self {
            Self::Number(number) => Some(*number),
            Self::Text(text) => text.parse().ok(),
        }
    }
}

/// What a call of the app comes to.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Said {
    /// The person does not want to.
    Refused,
    /// A signature of each of so many documents, in their order, in Base64.
    Signatures(Vec<String>),
}

/// Reads what the app brought for `count` documents; `None`: it is nothing of that kind.
pub(super) fn read(body: impl std::io::Read, count: usize) -> Option<Said> {
    let brought: Brought = serde_json::from_reader(body).ok()?;
    if brought.status.is_some_and(|status| status.eq_ignore_ascii_case("CANCELED")) {
        return Some(Said::Refused);
    }
    let mut signatures = vec![None; count];
    for document in brought.documents_to_sign {
        let place = signatures.get_mut(document.id.number()?.checked_sub(1)?)?;
        if place.replace(document.document.file.data).is_some() {
            return None;
        }
    }
    Some(Said::Signatures(signatures.into_iter().collect::<Option<Vec<_>>>()?))
}

#[cfg(test)]
mod tests {
    use super::super::kept::{KeptDocument, PhonePurpose};
    use super::*;

    fn asked() -> Asked {
        let text = |text: &str| InThreeLanguages {
            kazakh: format!("{text} kk"),
            russian: format!("{text} ru"),
            english: format!("{text} en"),
        };
        Asked {
            bound: "visit".into(),
            purpose: PhonePurpose::Documents,
            subject: "application".into(),
            text: text("asks"),
            documents: vec![KeptDocument {
                name: text("contract"),
                mime: "@file/pdf".into(),
                data: "JVBERg==".into(),
                meta: vec![("№".into(), "17".into())],
            }],
            method: PhoneMethod::Detached,
            ends_ms: 1_795_951_297_060,
        }
    }

    #[test]
    fn api_1_says_who_asks_for_what_until_when_and_where_it_lies() {
        let imprint = Imprint {
            title: "ТОО".into(),
            title_kz: "ЖШС".into(),
            bin: "151140001234".into(),
            ..Imprint::default()
        };
        let uri = "https://ofd.example/sign/secret/documents".to_owned();
        let told =
            serde_json::to_string(&Described::new((&asked(), "0417"), (&imprint, uri), 5 * 3600)).unwrap();
        assert_eq!(
            told,
            r#"{"description":"asks ru / asks kk · 0417","expiry_date":"2026-11-29T16:21:37.060+05:00","organisation":{"nameRu":"ТОО","nameKz":"ЖШС","nameEn":"ТОО","bin":"151140001234"},"document":{"uri":"https://ofd.example/sign/secret/documents","auth_type":"None","auth_token":""}}"#
        );
    }

    #[test]
    fn api_2_gives_what_is_signed_with_a_method_for_each_place_of_the_document() {
        let told = serde_json::to_string(&DocumentsToSign::new(asked(), "0417")).unwrap();
        assert_eq!(
            told,
            r#"{"signMethod":"CMS_SIGN_ONLY","version":1,"documentsToSign":[{"id":1,"nameRu":"contract ru","nameKz":"contract kk","nameEn":"contract en","meta":[{"name":"Код","value":"0417"},{"name":"№","value":"17"}],"document":{"file":{"mime":"@file/pdf","data":"JVBERg=="}}}]}"#
        );
        let attached = Asked { method: PhoneMethod::Attached, ..asked() };
        let told = serde_json::to_string(&DocumentsToSign::new(attached, "0417")).unwrap();
        assert!(told.starts_with(r#"{"signMethod":"CMS_WITH_DATA","#), "{told}");
    }

    #[test]
    fn what_the_app_brings_has_one_signature_for_each_document() {
        let one = |id: &str| {
            format!(r#"{{"id":{id},"nameRu":"x","document":{{"file":{{"mime":"","data":"Q01T"}}}}}}"#)
        };
        let said = |documents: &[String]| {
            let body =
                format!(r#"{{"signMethod":"CMS_SIGN_ONLY","documentsToSign":[{}]}}"#, documents.join(","));
            read(body.as_bytes(), 2)
        };
        let both = Said::Signatures(vec!["Q01T".into(), "Q01T".into()]);
        assert_eq!(said(&[one("1"), one("2")]), Some(both));
        assert!(said(&[one("2"), one("\"1\"")]).is_some(), "numbers may come as texts, in any order");
        for wrong in
            [vec![one("1")], vec![one("1"), one("1")], vec![one("1"), one("3")], vec![one("0"), one("1")]]
        {
            assert_eq!(said(&wrong), None, "{wrong:?}");
        }
        assert_eq!(read(r#"{"status":"CANCELED"}"#.as_bytes(), 1), Some(Said::Refused));
        for wrong in ["", "[]", "{}", "{\"documentsToSign\":[{}]}", "null"] {
            assert_eq!(read(wrong.as_bytes(), 1), None, "{wrong}");
        }
    }
}
