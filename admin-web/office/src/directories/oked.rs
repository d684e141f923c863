//! Kinds of activity: the form of a code of OKED.
//!
//! The classifier (NK RK 03-2019) divides activities as NACE does: a code has five digits, of which the first two are a
//! division, the third its group, then class and subclass. Which divisions there are is held here; names of codes are
//! not, since no copy of them in both languages was found that could be checked.

/// Digits of a code.
const LEN: usize = 5;

/// Divisions, from the first of a section to its last. What lies between is not used.
const DIVISIONS: [(u8, u8); 21] = [
    (1, 3),
    (5, 9),
    (10, 33),
    (35, 35),
    (36, 39),
    (41, 43),
    (45, 47),
    (49, 53),
    (55, 56),
    (58, 63),
    (64, 66),
    (68, 68),
    (69, 75),
    (77, 82),
    (84, 84),
    (85, 85),
    (86, 88),
    (90, 93),
    (94, 96),
    (97, 98),
    (99, 99),
];

/// A code as it is kept, five digits, of what was typed: people write `47.11.1` as well. `None`: it is no code.
pub fn oked(text: &str) -> Option<String> {
    let code: String = text.chars().filter(|char| *char != '.' && !char.is_whitespace()).collect();
    if code.len() != LEN || !code.bytes().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    let division = code.get(..2)?.parse::<u8>().ok()?;
    let is_division = DIVISIONS.iter().any(|(first, last)| (*first..=*last).contains(&division));
    is_division.then_some(code)
}

#[cfg(test)]
mod tests {
    use super::oked;

    #[test]
    fn a_code_has_five_digits_that_begin_with_a_division() {
        for typed in ["47111", " 47111 ", "47.11.1", "47 11 1"] {
            assert_eq!(oked(typed).as_deref(), Some("47111"), "{typed}");
        }
        for right in ["01111", "33200", "56101", "62011", "99100"] {
            assert!(oked(right).is_some(), "{right}");
        }
        for wrong in
            ["", "-", "4711", "471111", "4711x", "٤٧١١١", "00111", "04111", "34111", "67111", "83111"]
        {
            assert_eq!(oked(wrong), None, "{wrong}");
        }
    }
}
