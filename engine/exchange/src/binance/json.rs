//! JSON as the venue writes it: amounts as texts of eight decimals, times in milliseconds or, on request, microseconds.
//!
//! Written straight into the answer; commas come by themselves.

use crate::{Amount, Micros};

/// Writes JSON to the end of a buffer.
pub struct Json<'o> {
    out: &'o mut Vec<u8>,
    /// Whether times are told in microseconds (`X-MBX-TIME-UNIT: MICROSECOND`).
    is_micros: bool,
}

impl<'o> Json<'o> {
    /// Returns a writer to a buffer.
    pub fn new(out: &'o mut Vec<u8>, is_micros: bool) -> Self {
        Self { out, is_micros }
    }

    /// Returns the bytes so far, to write to directly.
    pub fn bytes(&mut self) -> &mut Vec<u8> {
        self.out
    }

    fn comma(&mut self) {
        if !matches!(self.out.last(), None | Some(b'{' | b'[' | b':' | b',')) {
            self.out.push(b',');
        }
    }

    /// Begins an object.
    pub fn object(&mut self) -> &mut Self {
        self.comma();
        self.out.push(b'{');
        self
    }

    /// Begins an array.
    pub fn array(&mut self) -> &mut Self {
        self.comma();
        self.out.push(b'[');
        self
    }

    /// Ends an object.
    pub fn end(&mut self) -> &mut Self {
        self.out.push(b'}');
        self
    }

    /// Ends an array.
    pub fn close(&mut self) -> &mut Self {
        self.out.push(b']');
        self
    }

    /// Writes a name, which needs no escape.
    pub fn key(&mut self, name: &str) -> &mut Self {
        self.comma();
        self.out.push(b'"');
        self.out.extend_from_slice(name.as_bytes());
        self.out.extend_from_slice(b"\":");
        self
    }

    /// Writes JSON that is ready.
    pub fn raw(&mut self, ready: &[u8]) -> &mut Self {
        self.comma();
        self.out.extend_from_slice(ready);
        self
    }

    /// Writes a text, escaped.
    pub fn text(&mut self, text: &str) -> &mut Self {
        self.comma();
        self.out.push(b'"');
        for byte in text.bytes() {
            match byte {
                b'"' | b'\\' => self.out.extend_from_slice(&[b'\\', byte]),
                0..=0x1f => {
                    const DIGITS: &[u8; 16] = b"0123456789abcdef";
                    self.out.extend_from_slice(b"\\u00");
                    self.out.extend_from_slice(&[DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 15)]]);
                }
                _ => self.out.push(byte),
            }
        }
        self.out.push(b'"');
        self
    }

    /// Writes a whole number.
    pub fn number(&mut self, number: i64) -> &mut Self {
        self.comma();
        if number < 0 {
            self.out.push(b'-');
        }
        digits(self.out, number.unsigned_abs(), 1);
        self
    }

    /// Writes a venue's number.
    pub fn id(&mut self, id: u64) -> &mut Self {
        self.comma();
        digits(self.out, id, 1);
        self
    }

    /// Writes an amount: a text of eight decimals.
    pub fn amount(&mut self, amount: Amount) -> &mut Self {
        self.decimal(amount, 8)
    }

    /// Writes units of 10^-places as a text.
    pub fn decimal(&mut self, units: i64, places: u32) -> &mut Self {
        self.comma();
        self.out.push(b'"');
        if units < 0 {
            self.out.push(b'-');
        }
        let one = 10_u64.pow(places);
        digits(self.out, units.unsigned_abs() / one, 1);
        self.out.push(b'.');
        digits(self.out, units.unsigned_abs() % one, places as usize);
        self.out.push(b'"');
        self
    }

    /// Writes a yes or no.
    pub fn bool(&mut self, is: bool) -> &mut Self {
        self.raw(if is { b"true" } else { b"false" })
    }

    /// Writes a time in the unit asked for.
    pub fn time(&mut self, at: Micros) -> &mut Self {
        self.number(if self.is_micros { at } else { at.div_euclid(1000) })
    }

    /// Writes the last moment before a time, in the unit asked for: the end of a bar.
    pub fn before(&mut self, at: Micros) -> &mut Self {
        self.number(if self.is_micros { at - 1 } else { at.div_euclid(1000) - 1 })
    }

    /// Writes price and quantity of a level.
    pub fn level(&mut self, (price, quantity): (Amount, Amount)) -> &mut Self {
        self.array().amount(price).amount(quantity).close()
    }
}

/// Writes a number with at least so many digits.
fn digits(out: &mut Vec<u8>, mut number: u64, least: usize) {
    let mut text = [b'0'; 20];
    let mut at = 20;
    while number > 0 {
        at -= 1;
        text[at] = b'0' + (number % 10) as u8;
        number /= 10;
    }
    out.extend_from_slice(&text[at.min(20 - least)..]);
}

#[cfg(test)]
mod tests {
    use super::Json;

    #[test]
    fn what_is_written_reads_back() {
        let mut out = Vec::new();
        let mut json = Json::new(&mut out, false);
        json.object().key("a").amount(1).key("b").amount(-150_000_000).key("c").array().number(-7).number(0).id(u64::MAX).close();
        json.key("d").text("q\"\\\n\u{1}é").key("e").bool(true).key("t").time(1_999).key("x").before(2_000).key("p").decimal(-1_500, 3);
        json.key("n").array().close().key("o").object().end().key("l").array().level((100_000_000, 5)).close().end();
        let read: serde_json::Value = serde_json::from_slice(&out).expect("JSON");
        let wanted = serde_json::json!({"a": "0.00000001", "b": "-1.50000000", "c": [-7, 0, u64::MAX], "d": "q\"\\\n\u{1}é", "e": true, "t": 1,
            "x": 1, "p": "-1.500", "n": [], "o": {}, "l": [["1.00000000", "0.00000005"]]});
        assert_eq!(read, wanted);
    }
}
