//! Numbers of people and organisations: IIN and BIN, with their check digit.

const FIRST_WEIGHTS: [u32; 11] = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11];
const SECOND_WEIGHTS: [u32; 11] = [3, 4, 5, 6, 7, 8, 9, 10, 11, 1, 2];

/// The number with these first eleven digits; `None` for those that no check digit fits.
pub(crate) fn with_check_digit(first: &str) -> Option<String> {
    let digits: Vec<u32> = first.chars().filter_map(|digit| digit.to_digit(10)).collect();
    if digits.len() != 11 || first.len() != 11 {
        return None;
    }
    let rest = |weights: [u32; 11]| {
        digits.iter().zip(weights).map(|(digit, weight)| digit * weight).sum::<u32>() % 11
    };
    let check = match rest(FIRST_WEIGHTS) {
        10 => rest(SECOND_WEIGHTS),
        digit => digit,
    };
    (check < 10).then(|| format!("{first}{check}"))
}

#[cfg(test)]
mod tests {
    use super::with_check_digit;

    #[test]
    fn check_digits_are_those_of_published_numbers() {
        // BINs that their owners print on every invoice.
        for number in ["000740000728", "000140002217", "971240001315"] {
            assert_eq!(with_check_digit(&number[..11]).as_deref(), Some(number));
        }
        assert_eq!(with_check_digit("88010130012").as_deref(), Some("880101300123"));
    }

    #[test]
    fn what_has_not_eleven_digits_has_no_check_digit() {
        for wrong in ["", "8801013001", "880101300123", "8801013001x"] {
            assert_eq!(with_check_digit(wrong), None, "{wrong}");
        }
        // Both sums leave ten.
        assert_eq!(
            (0..100).filter(|end| with_check_digit(&format!("990101300{end:02}")).is_none()).count(),
            1
        );
    }
}
