//! Short texts of clients, held in place: client order ids never allocate.

/// A text of at most 36 bytes, as the venue allows for client order ids (`^[a-zA-Z0-9-_]{1,36}$`); empty where none was given.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Text {
    bytes: [u8; 36],
    length: u8,
}

impl Text {
    /// No text.
    pub const EMPTY: Self = Self { bytes: [0; 36], length: 0 };

    /// Returns the text; none where it is longer than 36 bytes.
    #[must_use]
    pub fn new(text: &str) -> Option<Self> {
        if text.len() > 36 {
            return None;
        }
        let mut made = Self::EMPTY;
        made.bytes[..text.len()].copy_from_slice(text.as_bytes());
        made.length = text.len() as u8;
        Some(made)
    }

    /// Returns it as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.bytes[..usize::from(self.length)]).unwrap_or_default()
    }

    /// Tells whether none was given.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.length == 0
    }
}

impl Default for Text {
    fn default() -> Self {
        Self::EMPTY
    }
}

impl std::fmt::Debug for Text {
    fn fmt(&self, to: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(to, "{:?}", self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::Text;

    #[test]
    fn what_goes_in_comes_out_and_too_long_is_none() {
        assert_eq!(Text::new("x-TKT5PX2F").map(|text| text.as_str().to_owned()), Some("x-TKT5PX2F".to_owned()));
        assert!(Text::new(&"a".repeat(37)).is_none());
        assert!(Text::default().is_empty());
    }
}
