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

    /// Returns the venue's own text for a number: 22 letters, different for different numbers.
    #[inline]
    #[must_use]
    pub fn of_number(number: u64) -> Self {
        let mut made = Self::EMPTY;
        // A bijection of the number fills the first sixteen letters, another mix of it the others.
        let (word, other) = (mix(number), number.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        made.bytes[..8].copy_from_slice(&letters(word as u32));
        made.bytes[8..16].copy_from_slice(&letters((word >> 32) as u32));
        made.bytes[16..22].copy_from_slice(&letters((other >> 32) as u32)[..6]);
        made.length = 22;
        made
    }

    /// Returns the number [`Text::of_number`] makes this text of; none where it makes it of none.
    #[must_use]
    pub fn number(&self) -> Option<u64> {
        let is_alike = self.length == 22 && self.bytes[..22].iter().all(|letter| (b'a'..=b'p').contains(letter));
        let word = |at: usize| self.bytes[at..at + 8].iter().rev().fold(0, |word, letter| word << 4 | u64::from(letter.wrapping_sub(b'a')));
        let number = is_alike.then(|| unmix(word(0) | word(8) << 32))?;
        (Self::of_number(number) == *self).then_some(number)
    }

    /// Returns a hash of it that `salt` changes.
    #[inline]
    #[must_use]
    pub fn hash(&self, salt: u64) -> u64 {
        let word = |at: usize| u64::from_le_bytes(self.bytes[at..at + 8].try_into().unwrap_or_default());
        let mut hash = (salt ^ u64::from(self.length) << 56).wrapping_mul(0xbf58_476d_1ce4_e5b9).rotate_left(31);
        for part in [word(0), word(8), word(16), word(24), word(28)] {
            hash = (hash ^ part).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(29);
        }
        mix(hash)
    }

    /// Tells whether none was given.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.length == 0
    }
}

/// Returns eight letters `a` to `p`, one for each four bits.
#[inline]
fn letters(word: u32) -> [u8; 8] {
    let spread = u64::from(word);
    let spread = (spread | spread << 16) & 0x0000_ffff_0000_ffff;
    let spread = (spread | spread << 8) & 0x00ff_00ff_00ff_00ff;
    let spread = (spread | spread << 4) & 0x0f0f_0f0f_0f0f_0f0f;
    (spread + 0x6161_6161_6161_6161).to_le_bytes()
}

/// The finalizer of SplitMix64 (Steele, Lea, Flood 2014).
#[inline]
fn mix(word: u64) -> u64 {
    let mut z = word.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// Returns the word that [`mix`] makes a word of: both shifts and both products have an inverse.
fn unmix(word: u64) -> u64 {
    let unshift = |word: u64, by: u32| word ^ word >> by ^ word >> (2 * by);
    let mut z = unshift(word, 31).wrapping_mul(0x3196_42b2_d24d_8ec3);
    z = unshift(z, 27).wrapping_mul(0x96de_1b17_3f11_9089);
    unshift(z, 30).wrapping_sub(0x9e37_79b9_7f4a_7c15)
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

    #[test]
    fn the_venues_own_texts_are_different_and_fit_the_rule() {
        let made: std::collections::HashSet<Text> = (0..20_000).map(Text::of_number).collect();
        assert_eq!(made.len(), 20_000);
        assert!(made.iter().all(|text| text.as_str().len() == 22));
        let numbers = [0, 1, 77, u64::MAX, 1 << 63 | 5, 0x0123_4567_89ab_cdef];
        assert!(numbers.into_iter().all(|number| Text::of_number(number).number() == Some(number)), "each goes back to its number");
        let others = ["", "abcdefghijklmnopabcdef", "x-TKT5PX2F", "zzzzzzzzzzzzzzzzzzzzzz"];
        assert!(others.iter().filter_map(|text| Text::new(text)).all(|text| text.number().is_none()));
        assert!(made.iter().all(|text| text.as_str().bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')));
    }

    #[test]
    fn a_hash_depends_on_every_letter_and_on_the_salt() {
        let texts = ["", "a", "b", "aa", "abcdefghijklmnopqrstuvwxyzABCDEFGHIJ", "abcdefghijklmnopqrstuvwxyzABCDEFGHIK"];
        let made: Vec<u64> = texts.iter().filter_map(|text| Text::new(text)).flat_map(|text| [text.hash(1), text.hash(2)]).collect();
        let distinct: std::collections::HashSet<u64> = made.iter().copied().collect();
        assert_eq!(distinct.len(), 12);
    }
}
