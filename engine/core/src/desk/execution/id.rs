//! Client order ids: one for each intent, the same whenever it is made again, and it says by whom in which epoch.
//!
//! 32 hexadecimal digits, which are a UUID of version 8 (RFC 9562, section 5.8) without its dashes: Binance takes `^[a-zA-Z0-9-_]{1,36}$`, OKX 32
//! alphanumerics, Bybit 36 characters, and Kraken takes more than 18 characters only as a UUID. Of its 122 free bits, from the left: epoch 32,
//! strategy 32, intent 40, check 18.

/// Largest number of an intent.
pub const MOST_INTENTS: u64 = (1 << 40) - 1;

/// A client order id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ClientId(u128);

impl ClientId {
    /// Makes the id of an intent, whose number is [`MOST_INTENTS`] at most; `strategy` are the first 32 bits of its identity.
    pub fn new(epoch: u32, strategy: u32, intent: u64) -> Self {
        debug_assert!(intent <= MOST_INTENTS);
        let plain = u128::from(epoch) << 90 | u128::from(strategy) << 58 | u128::from(intent & MOST_INTENTS) << 18;
        let free = plain | u128::from(check(epoch, strategy, intent));
        // 48 bits, version 8, 12 bits, variant 2, 62 bits.
        let (high, middle, low) = (free >> 74, free >> 62 & 0xFFF, free & ((1 << 62) - 1));
        Self(high << 80 | 8 << 76 | middle << 64 | 2 << 62 | low)
    }

    /// Returns the epoch of whoever made it.
    pub fn epoch(self) -> u32 {
        (self.free() >> 90) as u32
    }

    /// Returns the first 32 bits of the strategy's identity.
    pub fn strategy(self) -> u32 {
        (self.free() >> 58) as u32
    }

    /// Returns the number of its intent.
    pub fn intent(self) -> u64 {
        (self.free() >> 18) as u64 & MOST_INTENTS
    }

    fn free(self) -> u128 {
        (self.0 >> 80) << 74 | (self.0 >> 64 & 0xFFF) << 62 | self.0 & ((1 << 62) - 1)
    }

    /// Returns the id as a number, for records.
    pub fn bits(self) -> u128 {
        self.0
    }

    /// Reads an id back from a record's number; nothing where it is none of ours.
    pub fn from_bits(bits: u128) -> Option<Self> {
        let id = Self(bits);
        (Self::new(id.epoch(), id.strategy(), id.intent()) == id).then_some(id)
    }

    /// Returns the text that a venue is given.
    pub fn text(self) -> [u8; 32] {
        std::array::from_fn(|at| b"0123456789abcdef"[(self.0 >> (124 - 4 * at)) as usize & 15])
    }

    /// Reads the text that a venue gave back; nothing where it is none of ours.
    pub fn parse(text: &[u8]) -> Option<Self> {
        if text.len() != 32 {
            return None;
        }
        let mut bits = 0;
        for &byte in text {
            let digit = match byte {
                b'0'..=b'9' => byte - b'0',
                b'a'..=b'f' => byte - b'a' + 10,
                _ => return None,
            };
            bits = bits << 4 | u128::from(digit);
        }
        Self::from_bits(bits)
    }
}

/// Returns 18 bits that mix all fields (the finaliser of SplitMix64, twice): a foreign id passes once in 262,144.
fn check(epoch: u32, strategy: u32, intent: u64) -> u32 {
    let mixed = mix(mix(u64::from(epoch) << 32 | u64::from(strategy)) ^ intent);
    (mixed >> 46) as u32
}

pub(super) fn mix(x: u64) -> u64 {
    let z = x.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_says_what_it_was_made_of() {
        for (epoch, strategy, intent) in [(0, 0, 0), (1, 0xdead_beef, 77), (u32::MAX, u32::MAX, MOST_INTENTS)] {
            let id = ClientId::new(epoch, strategy, intent);
            assert_eq!((id.epoch(), id.strategy(), id.intent()), (epoch, strategy, intent));
            assert_eq!(ClientId::parse(&id.text()), Some(id));
            assert_eq!(ClientId::from_bits(id.bits()), Some(id));
        }
    }

    #[test]
    fn its_text_is_a_uuid_of_version_8_in_lower_case() {
        let text = ClientId::new(7, 0x1234_5678, 1_000).text();
        assert!(text.iter().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(byte)));
        assert_eq!((text[12], b"89ab".contains(&text[16])), (b'8', true));
    }

    #[test]
    fn what_is_not_ours_is_not_read() {
        let id = ClientId::new(7, 8, 9);
        for bit in 0..128 {
            assert_eq!(ClientId::from_bits(id.bits() ^ 1 << bit), None, "bit {bit}");
        }
        assert_eq!(ClientId::parse(b"x-bot4-1"), None);
        assert_eq!(ClientId::parse(&id.text().map(|byte| byte.to_ascii_uppercase())), None);
    }

    #[test]
    fn the_mixing_is_splitmix64_as_published() {
        // First outputs of the reference implementation (Steele, Lea & Flood 2014; Vigna's splitmix64.c) for the seeds 0 and 1234567.
        assert_eq!(mix(0), 0xe220_a839_7b1d_cdaf);
        let golden = 0x9e37_79b9_7f4a_7c15_u64;
        let outputs: Vec<_> = (0..5).map(|at| mix(golden.wrapping_mul(at).wrapping_add(1_234_567))).collect();
        let published = [
            6_457_827_717_110_365_317,
            3_203_168_211_198_807_973,
            9_817_491_932_198_370_423,
            4_593_380_528_125_082_431,
            16_408_922_859_458_223_821,
        ];
        assert_eq!(outputs, published);
    }

    #[test]
    fn the_check_mixes_every_field() {
        let base = check(3, 5, 7);
        assert!([check(4, 5, 7), check(3, 6, 7), check(3, 5, 8), check(5, 3, 7)].iter().all(|&other| other != base));
        assert_eq!(check(1, 2, 9), (mix(mix(1 << 32 | 2) ^ 9) >> 46) as u32);
    }

    #[test]
    fn it_reads_as_the_fields_stand_in_the_format() {
        // RFC 9562, section 5.8, by hand: 48 bits, the version, 12 bits, the variant (binary 10), 62 bits.
        let id = ClientId::new(0x8765_4321, 0xabcd_ef01, 0x12_3456_789a);
        let bits = id.bits();
        let free = (bits >> 80) * (1 << 74) + (bits >> 64) % (1 << 12) * (1 << 62) + bits % (1 << 62);
        assert_eq!(free >> 90, 0x8765_4321);
        assert_eq!((free >> 58) % (1 << 32), 0xabcd_ef01);
        assert_eq!((free >> 18) % (1 << 40), 0x12_3456_789a);
        assert_eq!(((bits >> 76) % 16, (bits >> 62) % 4), (8, 2));
    }
}
