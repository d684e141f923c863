//! The languages that people are spoken to in, on pages and on paper, and how one is chosen.

/// A language of site and paper.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Language {
    /// Kazakh: `kk`, and `kz` on paper.
    Kazakh,
    /// Russian, where nothing says otherwise.
    Russian,
    /// English: `en`, of whatever country.
    English,
}

/// Nobody speaks more languages than this; the rest of the header is not read.
const ACCEPTED_MAX: usize = 32;

/// Kazakh by the code of Kazakhstan, as many write it.
const KAZAKH_BY_COUNTRY: &str = "kz";

/// A weight of 1 in Accept-Language, in thousandths.
const WEIGHT_FULL: u32 = 1000;

impl Language {
    /// Every language, in the order of the switch.
    pub const ALL: [Self; 3] = [Self::Kazakh, Self::Russian, Self::English];

    /// The code in addresses, cookies and `lang` attributes.
    pub fn code(self) -> &'static str {
        match self {
            Self::Kazakh => "kk",
            Self::Russian => "ru",
            Self::English => "en",
        }
    }

    /// Its name in itself.
    pub fn own_name(self) -> &'static str {
        match self {
            Self::Kazakh => "Қазақша",
            Self::Russian => "Русский",
            Self::English => "English",
        }
    }

    /// The language of a code. Kazakh is also asked for by the code of the country, in links on paper too.
    pub fn from_code(code: &str) -> Option<Self> {
        let code = if code.eq_ignore_ascii_case(KAZAKH_BY_COUNTRY) { Self::Kazakh.code() } else { code };
        Self::ALL.into_iter().find(|language| language.code().eq_ignore_ascii_case(code))
    }

    /// The language of a page: asked for in the address, else remembered, else accepted by the browser, else Russian.
    pub fn choose(asked: Option<Self>, cookie: Option<&str>, accept_language: Option<&str>) -> Self {
        asked
            .or_else(|| cookie.and_then(Self::from_code))
            .or_else(|| accept_language.and_then(Self::accepted))
            .unwrap_or(Self::Russian)
    }

    /// The one of ours that an Accept-Language header likes best; of equals the first.
    fn accepted(header: &str) -> Option<Self> {
        let mut best: Option<(u32, Self)> = None;
        for entry in header.split(',').take(ACCEPTED_MAX) {
            let mut parts = entry.split(';');
            let tag = parts.next().unwrap_or_default().trim();
            let primary = tag.split(['-', '_']).next().unwrap_or_default();
            let weight = parts.find_map(|part| part.trim().strip_prefix("q=")).map_or(WEIGHT_FULL, weight);
            let Some(language) = Self::from_code(primary).filter(|_| weight > 0) else { continue };
            if best.is_none_or(|(greatest, _)| weight > greatest) {
                best = Some((weight, language));
            }
        }
        best.map(|(_, language)| language)
    }
}

/// `0.8` as 800; what is no weight counts as none.
fn weight(text: &str) -> u32 {
    let (whole, part) = text.trim().split_once('.').unwrap_or((text.trim(), ""));
    if whole == "1" {
        return WEIGHT_FULL;
    }
    let digits: String = part.chars().chain("000".chars()).take(3).collect();
    if whole == "0" { digits.parse().unwrap_or(0) } else { 0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_goes_before_the_cookie_before_the_browser() {
        let choose = Language::choose;
        let english = Some(Language::English);
        assert_eq!(choose(english, Some("kk"), Some("ru")), Language::English);
        assert_eq!(choose(None, Some("kk"), Some("ru")), Language::Kazakh);
        assert_eq!(choose(None, Some("fr"), Some("en-GB,ru;q=0.9")), Language::English);
        assert_eq!(choose(None, None, None), Language::Russian);
        assert_eq!(choose(None, Some("KZ"), Some("ru")), Language::Kazakh);
        assert_eq!(Language::from_code("kz"), Some(Language::Kazakh));
    }

    #[test]
    fn the_browsers_weights_decide() {
        let accepted = |header| Language::choose(None, None, Some(header));
        assert_eq!(accepted("de, en;q=0.5, kk;q=0.7"), Language::Kazakh);
        assert_eq!(accepted("kk-KZ,ru;q=0.9,en;q=0.8"), Language::Kazakh);
        assert_eq!(accepted("en;q=0, kk;q=0.001"), Language::Kazakh);
        assert_eq!(accepted("fr-FR, *;q=0.1"), Language::Russian);
        assert_eq!(accepted("kz"), Language::Kazakh);
        assert_eq!(accepted("fr, kz-KZ;q=0.9, en;q=0.8"), Language::Kazakh);
        assert_eq!(accepted(";;;q=,,=,en;q=x"), Language::Russian);
    }
}
