//! Decimals as a recording writes them, to integers of 1e-8: exact, or refused.

/// Decimals of the scale that texts are read into: a value is its text times 10^8.
pub const SCALE_DECIMALS: u32 = 8;

const POW10: [i64; 9] = [1, 10, 100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000];

/// Returns a decimal text as an integer of 1e-8; nothing for what is no plain decimal, has digits beyond the eighth that are not zero,
/// or does not fit 63 bits.
#[inline]
pub fn parse_scaled(text: &[u8]) -> Option<i64> {
    let (is_negative, digits) = match text.first()? {
        b'-' => (true, &text[1..]),
        _ => (false, text),
    };
    if digits.is_empty() {
        return None;
    }
    let (mut value, mut at) = (0_i64, 0);
    while at < digits.len() && digits[at].is_ascii_digit() {
        value = value.checked_mul(10)?.checked_add(i64::from(digits[at] - b'0'))?;
        at += 1;
    }
    let whole = at;
    let mut places = 0;
    if at < digits.len() {
        if digits[at] != b'.' || (whole == 0 && digits.len() == 1) {
            return None;
        }
        at += 1;
        while at < digits.len() {
            let digit = digits[at].wrapping_sub(b'0');
            if digit > 9 {
                return None;
            }
            if places < SCALE_DECIMALS as usize {
                value = value.checked_mul(10)?.checked_add(i64::from(digit))?;
                places += 1;
            } else if digit != 0 {
                return None;
            }
            at += 1;
        }
    }
    let value = value.checked_mul(POW10[SCALE_DECIMALS as usize - places])?;
    Some(if is_negative { -value } else { value })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_become_exact_integers() {
        for (text, value) in [
            ("61837.63000000", 6_183_763_000_000),
            ("0", 0),
            ("0.00000001", 1),
            ("12", 1_200_000_000),
            ("-1.5", -150_000_000),
            ("1.5000000000", 150_000_000),
            ("92233720368.54775807", i64::MAX),
        ] {
            assert_eq!(parse_scaled(text.as_bytes()), Some(value), "{text}");
        }
    }

    #[test]
    fn what_is_no_decimal_or_does_not_fit_is_refused() {
        for text in ["", "-", ".", "1e5", "1,5", "nan", "0.000000001", "92233720368.54775808", "1.2.3", " 1", "+1"] {
            assert_eq!(parse_scaled(text.as_bytes()), None, "{text}");
        }
    }
}
