//! Decimals as venues write them, held as integers of 1e-8.

use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Units in one: amounts are integers of 1e-8.
pub const ONE: i64 = 100_000_000;

/// An amount or a price: written with eight decimals.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Decimal(pub i64);

/// A multiplier: written with no more decimals than it has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Ratio(pub i64);

/// Returns the integer of 1e-8 of a decimal text; none where it is no decimal, has more than eight decimals or does not fit.
#[must_use]
pub fn parse(text: &str) -> Option<i64> {
    let (is_negative, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
    let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || part.len() > 8 || !is_number(whole) || !is_number(part) {
        return None;
    }
    let scaled = part.bytes().chain(std::iter::repeat(b'0')).take(8).fold(0_i64, |sum, byte| 10 * sum + i64::from(byte - b'0'));
    let value = whole.parse::<i64>().ok()?.checked_mul(ONE)?.checked_add(scaled)?;
    Some(if is_negative { -value } else { value })
}

/// Returns an integer of 1e-8 as a decimal text with eight decimals.
#[must_use]
pub fn text(value: i64) -> String {
    let sign = if value < 0 { "-" } else { "" };
    format!("{sign}{}.{:08}", value.unsigned_abs() / ONE as u64, value.unsigned_abs() % ONE as u64)
}

impl Serialize for Decimal {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&text(self.0))
    }
}

impl Serialize for Ratio {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(text(self.0).trim_end_matches('0').trim_end_matches('.'))
    }
}

fn read<'de, D: Deserializer<'de>>(from: D) -> Result<i64, D::Error> {
    let written = String::deserialize(from)?;
    parse(&written).ok_or_else(|| D::Error::custom(format!("`{written}` is not a decimal of at most eight decimals")))
}

impl<'de> Deserialize<'de> for Decimal {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        read(from).map(Self)
    }
}

impl<'de> Deserialize<'de> for Ratio {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        read(from).map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_come_back_as_they_were_written() {
        for (written, value) in
            [("0.01000000", 1_000_000), ("1000000.00000000", 100_000_000_000_000), ("-0.00000001", -1), ("0.00000000", 0)]
        {
            assert_eq!(parse(written), Some(value));
            assert_eq!(text(value), written);
        }
        assert_eq!(parse("5"), Some(5 * ONE));
        assert_eq!(serde_json::to_string(&Ratio(20_000_000)).ok(), Some("\"0.2\"".to_owned()));
        assert_eq!(serde_json::to_string(&Ratio(5 * ONE)).ok(), Some("\"5\"".to_owned()));
        assert_eq!(serde_json::to_string(&Decimal(5 * ONE)).ok(), Some("\"5.00000000\"".to_owned()));
    }

    #[test]
    fn what_is_no_decimal_is_none() {
        for written in ["", ".5", "1e5", "0.000000001", "--1", "1.2.3", "99999999999999", " 1", "+1"] {
            assert_eq!(parse(written), None, "{written}");
        }
    }
}
