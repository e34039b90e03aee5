//! The parameters of a request: from a query, a form or the JSON of the WebSocket API; read by name, each once; what nobody read is refused.

use super::fault::{self, Fault};
use crate::text::Text;
use crate::{Amount, Micros};
use serde::Deserialize;
use serde::de::{MapAccess, Visitor};
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::cell::Cell;

/// The most parameters of a request.
const MOST: usize = 64;

/// Parameters, decoded.
#[derive(Debug, Default)]
pub struct Params<'r> {
    pairs: Vec<(Cow<'r, str>, Cow<'r, str>)>,
    read: Cell<u64>,
}

impl<'r> Params<'r> {
    /// Returns the parameters of a query and a form (both `application/x-www-form-urlencoded`).
    ///
    /// # Errors
    /// −1101 where one comes twice or there are too many; −1100 where an escape is none.
    pub fn form(query: &'r str, body: &'r str) -> Result<Self, Fault> {
        let mut params = Self::default();
        for pair in query.split('&').chain(body.split('&')).filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            params.push(decoded(name)?, decoded(value)?)?;
        }
        Ok(params)
    }

    /// Returns the parameters of a JSON object; a number, an array or an object is taken as it is written.
    ///
    /// # Errors
    /// −1135 where it is no object, else as `form`.
    pub fn json(raw: Option<&'r RawValue>) -> Result<Self, Fault> {
        let mut params = Self::default();
        let Some(raw) = raw.filter(|raw| raw.get() != "null") else { return Ok(params) };
        let invalid = || Fault::new(-1135, "Invalid JSON Request.");
        let Pairs(pairs) = serde_json::from_str(raw.get()).map_err(|_| invalid())?;
        for (name, value) in pairs {
            let written = value.get();
            let value = match written.as_bytes().first() {
                Some(b'"') => serde_json::from_str::<String>(written).map(Cow::Owned).map_err(|_| invalid())?,
                _ if written == "null" => continue,
                _ => Cow::Borrowed(written),
            };
            params.push(name, value)?;
        }
        Ok(params)
    }

    fn push(&mut self, name: Cow<'r, str>, value: Cow<'r, str>) -> Result<(), Fault> {
        if self.pairs.len() == MOST {
            return Err(Fault::new(-1101, format!("Too many parameters; expected '{MOST}' and received '{}'.", MOST + 1)));
        }
        if self.pairs.iter().any(|(known, _)| *known == name) {
            return Err(Fault::new(-1101, "Duplicate values for a parameter detected."));
        }
        self.pairs.push((name, value));
        Ok(())
    }

    /// Returns a parameter as it was sent, and marks it read.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        let at = self.pairs.iter().position(|(known, _)| known == name)?;
        self.read.set(self.read.get() | 1 << at);
        Some(&self.pairs[at].1)
    }

    /// Tells whether a parameter was sent, without reading it.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.pairs.iter().any(|(known, _)| known == name)
    }

    /// Refuses what was sent and not read.
    ///
    /// # Errors
    /// −1104.
    pub fn finish(&self) -> Result<(), Fault> {
        let (read, sent) = (self.read.get().count_ones() as usize, self.pairs.len());
        if read < sent {
            return Err(Fault::new(-1104, format!("Not all sent parameters were read; read '{read}' parameter(s) but was sent '{sent}'.")));
        }
        Ok(())
    }

    /// Returns a text that is there and not empty, where it was sent.
    ///
    /// # Errors
    /// −1105 where it is empty.
    pub fn text(&self, name: &str) -> Result<Option<&str>, Fault> {
        match self.get(name) {
            Some("") => Err(Fault::empty(name)),
            other => Ok(other),
        }
    }

    /// Returns a text that must be there.
    ///
    /// # Errors
    /// −1102 where it is missing, −1105 where it is empty.
    pub fn must(&self, name: &str) -> Result<&str, Fault> {
        self.text(name)?.ok_or_else(|| Fault::missing(name))
    }

    /// Returns a whole number, where it was sent.
    ///
    /// # Errors
    /// −1100 where it is none, −1105 where it is empty.
    pub fn number(&self, name: &str) -> Result<Option<i64>, Fault> {
        let Some(text) = self.text(name)? else { return Ok(None) };
        let is_number = text.len() <= 20 && text.bytes().all(|byte| byte.is_ascii_digit());
        match text.parse::<i64>() {
            Ok(number) if is_number => Ok(Some(number)),
            Err(_) if is_number => Err(Fault::new(-1108, format!("Parameter '{name}' overflowed."))),
            _ => Err(Fault::illegal(name, fault::NUMBER_RANGE)),
        }
    }

    /// Returns an amount in 1e-8, where it was sent.
    ///
    /// # Errors
    /// −1100 where it is no decimal, −1108 where it does not fit, −1111 where it has more than eight decimals that are not zero.
    pub fn amount(&self, name: &str) -> Result<Option<Amount>, Fault> {
        let Some(text) = self.text(name)? else { return Ok(None) };
        let (whole, part) = text.split_once('.').unwrap_or((text, "0"));
        let is_number = |text: &str| (1..=20).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
        if !is_number(whole) || !is_number(part) {
            return Err(Fault::illegal(name, fault::DECIMAL_RANGE));
        }
        if part.bytes().skip(8).any(|byte| byte != b'0') {
            return Err(Fault::new(-1111, format!("Parameter '{name}' has too much precision.")));
        }
        let units = part.bytes().chain(std::iter::repeat(b'0')).take(8).fold(0, |sum, byte| 10 * sum + i64::from(byte - b'0'));
        let sum = whole.parse::<i64>().ok().and_then(|whole| whole.checked_mul(100_000_000)?.checked_add(units));
        sum.map(Some).ok_or_else(|| Fault::new(-1108, format!("Parameter '{name}' overflowed.")))
    }

    /// Returns a client order id; empty where it was not sent.
    ///
    /// # Errors
    /// −1100 where it has other characters or is too long; −1105 where it is empty.
    pub fn client_id(&self, name: &str) -> Result<Text, Fault> {
        let Some(text) = self.text(name)? else { return Ok(Text::EMPTY) };
        let is_legal = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_');
        Text::new(text).filter(|_| is_legal).ok_or_else(|| Fault::illegal(name, fault::CLIENT_RANGE))
    }

    /// Returns a time: milliseconds, or microseconds where it is too large for milliseconds.
    ///
    /// # Errors
    /// As `number`.
    pub fn time(&self, name: &str) -> Result<Option<Micros>, Fault> {
        /// Larger numbers are microseconds (the year 5138 in milliseconds).
        const LARGEST_MS: i64 = 100_000_000_000_000;
        Ok(self.number(name)?.map(|time| if time < LARGEST_MS { time * 1000 } else { time }))
    }

    /// Returns how many rows are wanted.
    ///
    /// # Errors
    /// −1130 where it is zero; more than `most` is `most`.
    pub fn limit(&self, default: usize, most: usize) -> Result<usize, Fault> {
        match self.number("limit")? {
            None => Ok(default),
            Some(0) => Err(Fault::invalid("limit")),
            Some(limit) => Ok(usize::try_from(limit).unwrap_or(most).min(most)),
        }
    }

    /// Returns a yes or no, where it was sent.
    ///
    /// # Errors
    /// −1130 where it is neither.
    pub fn flag(&self, name: &str) -> Result<Option<bool>, Fault> {
        match self.text(name)? {
            None => Ok(None),
            Some(word) if word.eq_ignore_ascii_case("true") => Ok(Some(true)),
            Some(word) if word.eq_ignore_ascii_case("false") => Ok(Some(false)),
            Some(_) => Err(Fault::invalid(name)),
        }
    }

    /// Returns a list: `["A","B"]`, as a query writes it and JSON does.
    ///
    /// # Errors
    /// −1100 where it is none.
    pub fn list(&self, name: &str) -> Result<Option<Vec<String>>, Fault> {
        let Some(text) = self.text(name)? else { return Ok(None) };
        serde_json::from_str(text)
            .map(Some)
            .map_err(|_| Fault::illegal(name, r#"^\[("[A-Z0-9-_.]{1,20}"(,"[A-Z0-9-_.]{1,20}"){0,}){0,1}\]$"#))
    }

    /// Returns what the WebSocket API signs: all parameters but the signature, sorted by name, as a query without escapes.
    #[must_use]
    pub fn payload(&self) -> String {
        let mut pairs: Vec<_> = self.pairs.iter().filter(|(name, _)| name != "signature").collect();
        pairs.sort();
        pairs.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("&")
    }
}

/// Decodes `%41` and `+`.
fn decoded(text: &str) -> Result<Cow<'_, str>, Fault> {
    if !text.bytes().any(|byte| byte == b'%' || byte == b'+') {
        return Ok(Cow::Borrowed(text));
    }
    let illegal = || Fault::new(-1100, "Illegal characters found in a parameter.");
    let (mut bytes, mut rest) = (Vec::with_capacity(text.len()), text.as_bytes());
    while let Some((&first, after)) = rest.split_first() {
        rest = after;
        match first {
            b'+' => bytes.push(b' '),
            b'%' => {
                let pair = rest.get(..2).and_then(|pair| std::str::from_utf8(pair).ok()).filter(|pair| !pair.starts_with('+'));
                bytes.push(pair.and_then(|pair| u8::from_str_radix(pair, 16).ok()).ok_or_else(illegal)?);
                rest = &rest[2..];
            }
            other => bytes.push(other),
        }
    }
    String::from_utf8(bytes).map(Cow::Owned).map_err(|_| illegal())
}

/// The members of a JSON object in order, values as they are written.
struct Pairs<'r>(Vec<(Cow<'r, str>, &'r RawValue)>);

impl<'de> Deserialize<'de> for Pairs<'de> {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Reads;
        impl<'de> Visitor<'de> for Reads {
            type Value = Pairs<'de>;

            fn expecting(&self, to: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                to.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut pairs = Vec::new();
                while let Some((name, value)) = map.next_entry::<Cow<'de, str>, &'de RawValue>()? {
                    // One more than is taken, so that too many are seen.
                    if pairs.len() <= MOST {
                        pairs.push((name, value));
                    }
                }
                Ok(Pairs(pairs))
            }
        }
        from.deserialize_map(Reads)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(query: &str) -> Params<'_> {
        Params::form(query, "").expect("good")
    }

    #[test]
    fn query_and_form_are_one_and_what_nobody_reads_is_refused() {
        let params = Params::form("symbol=BTCUSDT&side=BUY", "quantity=1.5&x=%41+b").expect("good");
        assert_eq!((params.must("symbol"), params.amount("quantity")), (Ok("BTCUSDT"), Ok(Some(150_000_000))));
        let text = "Not all sent parameters were read; read '2' parameter(s) but was sent '4'.";
        assert_eq!(params.finish().map_err(|fault| (fault.code, fault.text)), Err((-1104, text.to_owned())));
        assert_eq!((params.get("x"), params.get("side"), params.finish()), (Some("A b"), Some("BUY"), Ok(())));
    }

    #[test]
    fn what_is_wrong_with_a_parameter_has_its_code() {
        let code = |query: &str| form(query).amount("q").map_err(|fault| fault.code);
        assert_eq!(code("q=0.10000000000"), Ok(Some(10_000_000)));
        for (query, wanted) in [
            ("q=", -1105),
            ("q=-1", -1100),
            ("q=1e5", -1100),
            ("q=.5", -1100),
            ("q=5.", -1100),
            ("q=0.000000001", -1111),
            ("q=99999999999999", -1108),
            ("q=100000000000000000000000", -1100),
            ("q=%C2%BD", -1100),
        ] {
            assert_eq!(code(query), Err(wanted), "{query}");
        }
        assert_eq!(form("n=12x").number("n").map_err(|fault| fault.code), Err(-1100));
        assert_eq!(form("n=99999999999999999999").number("n").map_err(|fault| fault.code), Err(-1108));
        assert_eq!(form("c=a b").client_id("c").map_err(|fault| fault.code), Err(-1100));
        assert_eq!(form(&format!("c={}", "a".repeat(37))).client_id("c").map_err(|fault| fault.code), Err(-1100));
        assert_eq!(form("").must("symbol").map_err(|fault| fault.code), Err(-1102));
        assert_eq!(Params::form("a=1&a=2", "").map(|_| ()).map_err(|fault| fault.code), Err(-1101));
        assert_eq!(Params::form("a=%4", "").map(|_| ()).map_err(|fault| fault.code), Err(-1100));
        assert_eq!(Params::form("a=%+1", "").map(|_| ()).map_err(|fault| fault.code), Err(-1100));
        assert_eq!(Params::form("a=%ff", "").map(|_| ()).map_err(|fault| fault.code), Err(-1100));
        let many: String = (0..=MOST).map(|at| format!("p{at}=1&")).collect();
        assert_eq!(Params::form(&many, "").map(|_| ()).map_err(|fault| fault.code), Err(-1101));
    }

    #[test]
    fn json_is_read_as_it_is_written_and_signed_sorted() {
        let raw: Box<RawValue> =
            serde_json::from_str(r#"{"symbol":"BTCUSDT","quantity":0.010,"b":true,"list":["A"],"none":null,"signature":"s"}"#)
                .expect("JSON");
        let params = Params::json(Some(&raw)).expect("good");
        assert_eq!(params.payload(), r#"b=true&list=["A"]&quantity=0.010&symbol=BTCUSDT"#);
        assert_eq!((params.flag("b"), params.list("list")), (Ok(Some(true)), Ok(Some(vec!["A".to_owned()]))));
        let array: Box<RawValue> = serde_json::from_str("[1]").expect("JSON");
        assert_eq!(Params::json(Some(&array)).map(|_| ()).map_err(|fault| fault.code), Err(-1135));
    }

    #[test]
    fn times_are_milliseconds_or_microseconds() {
        assert_eq!(form("t=1700000000000").time("t"), Ok(Some(1_700_000_000_000_000)));
        assert_eq!(form("t=1700000000000123").time("t"), Ok(Some(1_700_000_000_000_123)));
    }
}
