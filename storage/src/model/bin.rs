//! The 12-digit number of a company (BIN) or person (IIN).

/// What is wrong with a number.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BinError {
    /// Not 12 digits.
    #[error("{0:?} is not a BIN or IIN: it must be 12 digits")]
    Form(String),
    /// The last digit is not what the first eleven make it.
    #[error("{bin} has the check digit {found}, its first eleven digits make it {}", expected.map_or_else(|| "none".to_owned(), |digit| digit.to_string()))]
    CheckDigit {
        /// The number that was typed in.
        bin: String,
        /// Its last digit.
        found: u32,
        /// What it should be; none when the first eleven digits can have no check digit.
        expected: Option<u32>,
    },
}

const FIRST_WEIGHTS: [u32; 11] = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11];
const SECOND_WEIGHTS: [u32; 11] = [3, 4, 5, 6, 7, 8, 9, 10, 11, 1, 2];

/// Checks the form and the check digit of a BIN or IIN.
///
/// # Errors
/// [`BinError::Form`] is fatal; [`BinError::CheckDigit`] is worth a warning: a few real numbers break the rule.
pub fn check_bin(bin: &str) -> Result<(), BinError> {
    let digits: Vec<u32> = bin.chars().filter_map(|digit| digit.to_digit(10)).collect();
    let [first @ .., found] = digits.as_slice() else { return Err(BinError::Form(bin.to_owned())) };
    if digits.len() != 12 || bin.len() != 12 {
        return Err(BinError::Form(bin.to_owned()));
    }
    let sum = |weights: [u32; 11]| {
        first.iter().zip(weights).map(|(digit, weight)| digit * weight).sum::<u32>() % 11
    };
    let expected = match sum(FIRST_WEIGHTS) {
        10 => Some(sum(SECOND_WEIGHTS)).filter(|digit| *digit < 10),
        digit => Some(digit),
    };
    if expected == Some(*found) {
        Ok(())
    } else {
        Err(BinError::CheckDigit { bin: bin.to_owned(), found: *found, expected })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_check_digit_is_told_from_a_wrong_one() {
        // The first weights make 87, which is 10 modulo 11, so the second ones decide: 102 is 3 modulo 11.
        assert_eq!(check_bin("880101300123"), Ok(()));
        let wrong = BinError::CheckDigit { bin: "880101300124".into(), found: 4, expected: Some(3) };
        assert_eq!(check_bin("880101300124"), Err(wrong));
        assert_eq!(check_bin("000000000000"), Ok(()));
        assert_eq!(check_bin("100000000001"), Ok(()));
        assert!(check_bin("100000000002").is_err());
    }

    #[test]
    fn anything_but_12_digits_is_no_bin() {
        for wrong in ["", "1", "15114000123", "1511400012345", "15114000123a", "١٥١١٤٠٠٠١٢٣٤"] {
            assert!(matches!(check_bin(wrong), Err(BinError::Form(_))), "{wrong}");
        }
    }
}
