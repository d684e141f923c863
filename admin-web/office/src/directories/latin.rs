//! English names of places: the classifier has none, so they are the Kazakh ones in Latin letters, as maps write them.

/// What a Kazakh designation at the end of a name is in English, longer ones before those they end with.
const DESIGNATIONS: [(&str, &str); 11] = [
    (" атындағы аудан", " district"),
    (" ауданы", " district"),
    (" аудан", " district"),
    (" облысы", " region"),
    (" қ.ә.", " city administration"),
    (" а.о.", " rural district"),
    (" а.ә.", " rural administration"),
    (" к.ә.", " settlement administration"),
    (" қ.", ""),
    (" к.", " settlement"),
    (" а.", " village"),
];

/// `Абай ауданы` is `Abay district`, `Көкшетау қ.` is `Kokshetau`.
pub(super) fn english(kazakh: &str) -> String {
    // The official file writes some designations in capitals.
    let lower = kazakh.to_lowercase();
    let known = DESIGNATIONS.iter().find(|(designation, _)| lower.ends_with(designation));
    let Some((designation, told)) = known else { return latin(kazakh) };
    // Capitals may be longer than small letters, so letters are counted, not bytes.
    let kept = kazakh.chars().count().saturating_sub(designation.chars().count());
    latin(&kazakh.chars().take(kept).collect::<String>()) + told
}

fn latin(text: &str) -> String {
    let mut written = String::with_capacity(text.len());
    for letter in text.chars() {
        let small: String = letter.to_lowercase().collect();
        match letters(&small) {
            Some(letters) if small.starts_with(letter) => written.push_str(letters),
            Some(letters) => {
                let mut letters = letters.chars();
                written.extend(letters.next().into_iter().flat_map(char::to_uppercase));
                written.extend(letters);
            }
            None => written.push(letter),
        }
    }
    written
}

/// A small letter in Latin ones; `None` for what is no letter of Kazakh or Russian.
fn letters(small: &str) -> Option<&'static str> {
    Some(match small {
        "а" | "ә" => "a",
        "б" => "b",
        "в" => "v",
        "г" | "ғ" => "g",
        "д" => "d",
        "е" | "э" => "e",
        "ё" => "yo",
        "ж" => "zh",
        "з" => "z",
        "и" | "і" => "i",
        "й" | "ы" => "y",
        "к" | "қ" => "k",
        "л" => "l",
        "м" => "m",
        "н" | "ң" => "n",
        "о" | "ө" => "o",
        "п" => "p",
        "р" => "r",
        "с" => "s",
        "т" => "t",
        "у" | "ұ" | "ү" => "u",
        "ф" => "f",
        "х" => "kh",
        "һ" => "h",
        "ц" => "ts",
        "ч" => "ch",
        "ш" => "sh",
        "щ" => "shch",
        "ъ" | "ь" => "",
        "ю" => "yu",
        "я" => "ya",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_places_are_written_as_maps_write_them() {
        for (kazakh, told) in [
            ("Көкшетау қ.", "Kokshetau"),
            ("Көкшетау қ.ә.", "Kokshetau city administration"),
            ("Арыс Қ.Ә.", "Arys city administration"),
            ("Абай ауданы", "Abay district"),
            ("Ғабит Мүсірепов атындағы аудан", "Gabit Musirepov district"),
            ("Қызылорда облысы", "Kyzylorda region"),
            ("Шымкент қ.", "Shymkent"),
            ("Ақдала а.о.", "Akdala rural district"),
            ("Байжансай а.", "Bayzhansay village"),
            ("Щучье", "Shchuche"),
            ("40-разъезд", "40-razezd"),
        ] {
            assert_eq!(english(kazakh), told);
        }
    }
}
