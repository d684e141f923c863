//! What of a name of the classifier is the name itself.

use ofd_storage::titles::fold;

/// Designations of two letters that make a unit a mere level above settlements, folded: city administration (`г.а.`,
/// `қ.ә.`), rural district (`с.о.`, `а.о.`), rural administration (`с.а.`, `а.ә.`), settlement administration (`п.а.`,
/// `к.ә.`).
const ADMINISTRATIONS: [[&str; 2]; 6] =
    [["г", "а"], ["к", "а"], ["с", "о"], ["а", "о"], ["с", "а"], ["п", "а"]];

/// Words before or after a name that say what it names.
const DESIGNATIONS: [&str; 16] = [
    "г",
    "к",
    "с",
    "а",
    "п",
    "ст",
    "рзд",
    "нп",
    "район",
    "область",
    "ауданы",
    "аудан",
    "облысы",
    "имени",
    "им",
    "атындагы",
];

/// What a name of the classifier says: the name itself, and whether it is a mere level above settlements.
pub(super) struct Bare {
    /// The folded name without its designations.
    pub(super) key: String,
    /// A city administration, a rural district and the like.
    pub(super) is_administration: bool,
    /// A town: its Russian designation is `г.`. The Kazakh one folds into that of a settlement.
    pub(super) is_town: bool,
}

/// Tells the name from its designations: `г. Абай` is `абай`, `Абайский район` is `абайский`. A name that has nothing
/// else keeps its last word.
pub(super) fn bare(name: &str) -> Bare {
    let folded = fold(name);
    let mut words: Vec<&str> = folded.split(' ').collect();
    let mut is_administration = false;
    if words.len() > 2 {
        let pair = |words: &[&str]| ADMINISTRATIONS.iter().any(|pair| words == pair);
        if words.last_chunk::<2>().is_some_and(|last| pair(last)) {
            words.truncate(words.len().saturating_sub(2));
            is_administration = true;
        } else if words.first_chunk::<2>().is_some_and(|first| pair(first)) {
            words.drain(..2);
            is_administration = true;
        }
    }
    let is_town = !is_administration && words.len() > 1 && words.first() == Some(&"г");
    while words.len() > 1 && words.first().is_some_and(|word| DESIGNATIONS.contains(word)) {
        words.remove(0);
    }
    while words.len() > 1 && words.last().is_some_and(|word| DESIGNATIONS.contains(word)) {
        words.pop();
    }
    Bare { key: words.join(" "), is_administration, is_town }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn designations_are_no_part_of_a_name() {
        for (name, key) in [
            ("г. Кокшетау", "кокшетау"),
            ("Көкшетау қ.", "кокшетау"),
            ("Кокшетау Г.А.", "кокшетау"),
            ("Абайский район", "абайский"),
            ("район Турара Рыскулова", "турара рыскулова"),
            ("Ғабит Мүсірепов атындағы аудан", "габит мусирепов"),
            ("с.о.Байыркумский", "байыркумский"),
            ("с.40-разъезд", "40 разъезд"),
            ("область Абай", "абай"),
            ("г.", "г"),
        ] {
            assert_eq!(bare(name).key, key, "{name}");
        }
    }

    #[test]
    fn administrations_and_towns_are_told_apart() {
        assert!(bare("Семей г.а.").is_administration);
        assert!(bare("Дармениский с.о.").is_administration);
        assert!(bare("с.а.Ачисай").is_administration);
        assert!(!bare("г. Семей").is_administration);
        assert!(bare("г. Семей").is_town);
        assert!(!bare("Семей г.а.").is_town);
        assert!(!bare("с. Акдала").is_town);
    }
}
