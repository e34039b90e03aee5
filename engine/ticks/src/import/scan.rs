//! A pull scanner over one JSON value: enough of JSON for what venues send, no allocation, no recursion but into what is asked for.
//!
//! A scanner that met something it does not expect answers nothing from then on; the line is then counted as bad by who asked.

/// Walks one line. Strings are given as their bytes between the quotes, escapes untouched.
pub struct Scan<'a> {
    text: &'a [u8],
    at: usize,
}

impl<'a> Scan<'a> {
    /// Starts at the first byte.
    pub fn new(text: &'a [u8]) -> Self {
        Self { text, at: 0 }
    }

    #[inline]
    fn peek(&mut self) -> Option<u8> {
        while let Some(&byte) = self.text.get(self.at) {
            if !matches!(byte, b' ' | b'\t' | b'\r') {
                return Some(byte);
            }
            self.at += 1;
        }
        None
    }

    /// Takes one byte if it is next.
    #[inline]
    pub fn take(&mut self, wanted: u8) -> bool {
        let is_next = self.peek() == Some(wanted);
        self.at += usize::from(is_next);
        is_next
    }

    /// Returns whether nothing but spaces is left.
    pub fn is_done(&mut self) -> bool {
        self.peek().is_none()
    }

    /// Returns a string's bytes.
    #[inline]
    pub fn string(&mut self) -> Option<&'a [u8]> {
        if !self.take(b'"') {
            return None;
        }
        let from = self.at;
        loop {
            match *self.text.get(self.at)? {
                b'"' => break,
                b'\\' => self.at += 2,
                _ => self.at += 1,
            }
        }
        let text = &self.text[from..self.at];
        self.at += 1;
        Some(text)
    }

    /// Returns the next key of an object that is open, its colon taken; nothing at its end or if it is broken.
    #[inline]
    pub fn key(&mut self) -> Option<&'a [u8]> {
        self.take(b',');
        if self.peek()? != b'"' {
            return None;
        }
        let key = self.string()?;
        self.take(b':').then_some(key)
    }

    /// Returns the bytes of a number, a word (`true`, `null`) or a string without its quotes.
    #[inline]
    pub fn scalar(&mut self) -> Option<&'a [u8]> {
        if self.peek()? == b'"' {
            return self.string();
        }
        let from = self.at;
        while let Some(&byte) = self.text.get(self.at) {
            if matches!(byte, b',' | b'}' | b']' | b' ') {
                break;
            }
            self.at += 1;
        }
        (self.at > from).then(|| &self.text[from..self.at])
    }

    /// Returns an integer, quoted or not.
    #[inline]
    pub fn integer(&mut self) -> Option<i64> {
        integer(self.scalar()?)
    }

    /// Skips one value of any kind; returns whether there was one.
    pub fn skip(&mut self) -> bool {
        match self.peek() {
            Some(b'{' | b'[') => {}
            _ => return self.scalar().is_some(),
        }
        let mut depth = 0_usize;
        loop {
            match self.peek() {
                Some(b'"') => {
                    if self.string().is_none() {
                        return false;
                    }
                    continue;
                }
                Some(b'{' | b'[') => depth += 1,
                Some(b'}' | b']') => depth -= 1,
                Some(_) => {}
                None => return false,
            }
            self.at += 1;
            if depth == 0 {
                return true;
            }
        }
    }
}

/// Returns decimal digits with an optional sign as an integer; nothing for anything else or what does not fit.
#[inline]
pub fn integer(text: &[u8]) -> Option<i64> {
    let (is_negative, digits) = match text.first()? {
        b'-' => (true, &text[1..]),
        _ => (false, text),
    };
    if digits.is_empty() {
        return None;
    }
    let mut value = 0_i64;
    for &byte in digits {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            return None;
        }
        value = value.checked_mul(10)?.checked_add(i64::from(digit))?;
    }
    Some(if is_negative { -value } else { value })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_object_is_walked_key_by_key() {
        let mut scan = Scan::new(br#"{"a": 12, "b":"x\"y","c":[1,{"d":"]"}], "e":true}"#);
        assert!(scan.take(b'{'));
        assert_eq!(scan.key(), Some(&b"a"[..]));
        assert_eq!(scan.integer(), Some(12));
        assert_eq!(scan.key(), Some(&b"b"[..]));
        assert_eq!(scan.string(), Some(&br#"x\"y"#[..]));
        assert_eq!(scan.key(), Some(&b"c"[..]));
        assert!(scan.skip());
        assert_eq!(scan.key(), Some(&b"e"[..]));
        assert_eq!(scan.scalar(), Some(&b"true"[..]));
        assert_eq!(scan.key(), None);
        assert!(scan.take(b'}') && scan.is_done());
    }

    #[test]
    fn what_is_cut_ends_without_a_panic() {
        let whole = br#"{"a":"b\"","c":[["1","2"],["3","4"]],"d":{"e":null}}"#;
        for length in 0..whole.len() {
            let mut scan = Scan::new(&whole[..length]);
            assert!(!scan.skip(), "{length}");
        }
        assert!(Scan::new(whole).skip());
    }
}
