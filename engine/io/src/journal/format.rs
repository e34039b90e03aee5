//! The bytes: heads, marks, blocks, records. Nothing here touches a file.

/// Bytes before the first block.
pub const DATA_AT: u64 = 4096;
/// Where the two marks stand: in sectors of their own, so that writing one cannot tear the other.
pub const MARKS_AT: [u64; 2] = [512, 1024];
/// Bytes of a segment's head.
pub const SEGMENT_HEAD: usize = 72;
/// Bytes of a mark.
pub const MARK: usize = 72;
/// Bytes of a block's head.
pub const BLOCK_HEAD: usize = 40;
/// Bytes of the chain after a block's records.
pub const CHAIN: usize = 32;
/// Bytes of a record's head.
pub const RECORD_HEAD: usize = 40;
/// The format's version.
pub const VERSION: u16 = 1;

const SEGMENT_MAGIC: [u8; 8] = *b"BOT4JRNL";
const MARK_MAGIC: [u8; 4] = *b"MARK";
const BLOCK_MAGIC: [u8; 4] = *b"BLOK";

/// BLAKE3 over everything before.
pub type Chain = [u8; 32];

/// What a journal holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Decisions, orders, reports, commands, timers: kept for years.
    Control = 1,
    /// Market data: rotates within a disk budget.
    Tape = 2,
}

impl Kind {
    /// Returns the kind's word in file names.
    pub fn word(self) -> &'static str {
        match self {
            Self::Control => "control",
            Self::Tape => "tape",
        }
    }

    fn from_code(code: u16) -> Option<Self> {
        match code {
            1 => Some(Self::Control),
            2 => Some(Self::Tape),
            _ => None,
        }
    }
}

/// Returns the name of a segment's file.
pub fn file_name(kind: Kind, index: u64) -> String {
    format!("{}-{index:08}.b4j", kind.word())
}

/// Returns the index in a file name of this kind; none for other names.
pub fn index_of(kind: Kind, name: &str) -> Option<u64> {
    let digits = name.strip_prefix(kind.word())?.strip_prefix('-')?.strip_suffix(".b4j")?;
    (digits.len() >= 8 && digits.bytes().all(|b| b.is_ascii_digit())).then(|| digits.parse().ok()).flatten()
}

/// The head of a segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SegmentHead {
    /// Control or tape.
    pub kind: Kind,
    /// Place in the row of segments, from 0.
    pub index: u64,
    /// Number of the first record.
    pub first: u64,
    /// Chain before the first block.
    pub chain: Chain,
}

impl SegmentHead {
    /// Returns the bytes.
    pub fn encode(&self) -> [u8; SEGMENT_HEAD] {
        let mut to = Fields::<SEGMENT_HEAD>::default();
        to.put(&SEGMENT_MAGIC);
        to.put(&VERSION.to_le_bytes());
        to.put(&(self.kind as u16).to_le_bytes());
        to.put(&[0; 4]);
        to.put(&self.index.to_le_bytes());
        to.put(&self.first.to_le_bytes());
        to.put(&self.chain);
        to.seal()
    }

    /// Reads the bytes.
    ///
    /// # Errors
    /// Returns what is wrong with them.
    pub fn decode(bytes: &[u8; SEGMENT_HEAD]) -> Result<Self, &'static str> {
        if bytes[..8] != SEGMENT_MAGIC {
            return Err("is no journal: its first bytes are not BOT4JRNL");
        }
        check(bytes)?;
        let mut from = From { bytes, at: 8 };
        if from.u16() != VERSION {
            return Err("was written in another version of the format; read it with the Bot4 that wrote it");
        }
        let kind = Kind::from_code(from.u16()).ok_or("has an unknown kind")?;
        from.at += 4;
        Ok(Self { kind, index: from.u64(), first: from.u64(), chain: from.chain() })
    }
}

/// A mark: up to here everything was acknowledged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mark {
    /// Offset behind the last committed block.
    pub end: u64,
    /// Number of the next record.
    pub next: u64,
    /// Marks of this segment so far: the greater one is the newer.
    pub turn: u64,
    /// Chain at `end`.
    pub chain: Chain,
    /// Whether a further segment follows.
    pub is_sealed: bool,
    /// Whether what is committed had been made durable before (or only given to the system's page cache).
    pub is_synced: bool,
}

impl Mark {
    /// Returns the bytes.
    pub fn encode(&self) -> [u8; MARK] {
        let mut to = Fields::<MARK>::default();
        to.put(&MARK_MAGIC);
        to.put(&[u8::from(self.is_sealed), u8::from(self.is_synced), 0, 0]);
        to.put(&self.end.to_le_bytes());
        to.put(&self.next.to_le_bytes());
        to.put(&self.turn.to_le_bytes());
        to.put(&self.chain);
        to.seal()
    }

    /// Reads the bytes; `Ok(None)` where nothing was ever written.
    ///
    /// # Errors
    /// Returns what is wrong with them.
    pub fn decode(bytes: &[u8; MARK]) -> Result<Option<Self>, &'static str> {
        if bytes.iter().all(|&b| b == 0) {
            return Ok(None);
        }
        check(bytes)?;
        if bytes[..4] != MARK_MAGIC || bytes[4] > 1 || bytes[5] > 1 || bytes[6..8] != [0; 2] {
            return Err("is no mark");
        }
        let mut from = From { bytes, at: 8 };
        Ok(Some(Self {
            end: from.u64(),
            next: from.u64(),
            turn: from.u64(),
            chain: from.chain(),
            is_sealed: bytes[4] == 1,
            is_synced: bytes[5] == 1,
        }))
    }
}

/// The head of a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BlockHead {
    /// Bytes of its records, a multiple of 8.
    pub bytes: u32,
    /// Number of its records.
    pub records: u32,
    /// Number of its first record.
    pub first: u64,
    /// Its own offset in the segment.
    pub offset: u64,
}

impl BlockHead {
    /// Returns the bytes.
    pub fn encode(&self) -> [u8; BLOCK_HEAD] {
        let mut to = Fields::<BLOCK_HEAD>::default();
        to.put(&BLOCK_MAGIC);
        to.put(&self.bytes.to_le_bytes());
        to.put(&self.records.to_le_bytes());
        to.put(&[0; 4]);
        to.put(&self.first.to_le_bytes());
        to.put(&self.offset.to_le_bytes());
        to.seal()
    }

    /// Reads the bytes.
    ///
    /// # Errors
    /// Returns what is wrong with them.
    pub fn decode(bytes: &[u8; BLOCK_HEAD]) -> Result<Self, &'static str> {
        if bytes[..4] != BLOCK_MAGIC {
            return Err("is no block");
        }
        check(bytes)?;
        let mut from = From { bytes, at: 4 };
        let (length, records) = (from.u32(), from.u32());
        from.at += 4;
        Ok(Self { bytes: length, records, first: from.u64(), offset: from.u64() })
    }
}

/// The head of a record, less its length and checksum.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RecordHead {
    /// What the payload is; the host's codes.
    pub kind: u16,
    /// Version of the payload's form.
    pub version: u16,
    /// Number in the journal, without gaps.
    pub number: u64,
    /// Time of the event, ns since 1970 UTC.
    pub time: i64,
    /// Number of the tape's record that was the last one seen before (0 in a tape).
    pub tape: u64,
}

/// Returns the bytes of a record with a payload of this length.
pub fn record_size(payload: usize) -> usize {
    (RECORD_HEAD + payload).next_multiple_of(8)
}

/// Appends a record's bytes. The payload is shorter than 4 GiB.
pub fn push_record(to: &mut Vec<u8>, head: &RecordHead, payload: &[u8]) {
    let start = to.len();
    to.extend_from_slice(&(payload.len() as u32).to_le_bytes());
    to.extend_from_slice(&[0; 4]);
    to.extend_from_slice(&head.kind.to_le_bytes());
    to.extend_from_slice(&head.version.to_le_bytes());
    to.extend_from_slice(&[0; 4]);
    to.extend_from_slice(&head.number.to_le_bytes());
    to.extend_from_slice(&head.time.to_le_bytes());
    to.extend_from_slice(&head.tape.to_le_bytes());
    to.extend_from_slice(payload);
    to.resize(start + record_size(payload.len()), 0);
    let sum = record_sum(&to[start..]);
    to[start + 4..start + 8].copy_from_slice(&sum.to_le_bytes());
}

/// Reads the record at the beginning of `bytes`: head, payload, size.
///
/// # Errors
/// Returns what is wrong with it.
pub fn read_record(bytes: &[u8]) -> Result<(RecordHead, &[u8], usize), &'static str> {
    if bytes.len() < RECORD_HEAD {
        return Err("ends inside a record's head");
    }
    let mut from = From { bytes, at: 0 };
    let (length, sum) = (from.u32() as usize, from.u32());
    let size = record_size(length);
    let whole = bytes.get(..size).ok_or("ends inside a record")?;
    if record_sum(whole) != sum {
        return Err("has a record whose checksum is wrong");
    }
    let (kind, version) = (from.u16(), from.u16());
    from.at += 4;
    let head = RecordHead { kind, version, number: from.u64(), time: from.u64() as i64, tape: from.u64() };
    Ok((head, &whole[RECORD_HEAD..RECORD_HEAD + length], size))
}

/// Returns the checksum of a record's bytes, without the field that holds it.
fn record_sum(whole: &[u8]) -> u32 {
    crc32c::crc32c_append(crc32c::crc32c(&whole[..4]), &whole[8..])
}

/// Returns the chain after a block.
pub fn link(before: &Chain, head: &[u8], records: &[u8]) -> Chain {
    let mut hash = blake3::Hasher::new();
    hash.update(before);
    hash.update(head);
    hash.update(records);
    *hash.finalize().as_bytes()
}

/// Checks the CRC32C in the last four bytes before the padding of heads and marks.
fn check(bytes: &[u8]) -> Result<(), &'static str> {
    let (body, sum) = bytes.split_at(bytes.len() - 8);
    let is_right = sum[..4] == crc32c::crc32c(body).to_le_bytes() && sum[4..] == [0; 4];
    if is_right { Ok(()) } else { Err("has a wrong checksum") }
}

/// Fixed fields, one after the other, closed by a checksum and four zeros.
struct Fields<const N: usize> {
    bytes: [u8; N],
    at: usize,
}

impl<const N: usize> Default for Fields<N> {
    fn default() -> Self {
        Self { bytes: [0; N], at: 0 }
    }
}

impl<const N: usize> Fields<N> {
    fn put(&mut self, field: &[u8]) {
        self.bytes[self.at..self.at + field.len()].copy_from_slice(field);
        self.at += field.len();
    }

    fn seal(mut self) -> [u8; N] {
        debug_assert_eq!(self.at, N - 8, "the fields fill the head");
        let sum = crc32c::crc32c(&self.bytes[..N - 8]);
        self.bytes[N - 8..N - 4].copy_from_slice(&sum.to_le_bytes());
        self.bytes
    }
}

struct From<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl From<'_> {
    fn take<const N: usize>(&mut self) -> [u8; N] {
        let field = self.bytes[self.at..self.at + N].try_into().expect("N bytes were sliced");
        self.at += N;
        field
    }
    fn u16(&mut self) -> u16 {
        u16::from_le_bytes(self.take())
    }
    fn u32(&mut self) -> u32 {
        u32::from_le_bytes(self.take())
    }
    fn u64(&mut self) -> u64 {
        u64::from_le_bytes(self.take())
    }
    fn chain(&mut self) -> Chain {
        self.take()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heads_fill_their_bytes_and_come_back() {
        let chain = [7; 32];
        let segment = SegmentHead { kind: Kind::Tape, index: 3, first: 99, chain };
        assert_eq!(SegmentHead::decode(&segment.encode()), Ok(segment));
        let mark = Mark { end: 4096, next: 1, turn: 2, chain, is_sealed: true, is_synced: false };
        assert_eq!(Mark::decode(&mark.encode()), Ok(Some(mark)));
        assert_eq!(Mark::decode(&[0; MARK]), Ok(None));
        let block = BlockHead { bytes: 48, records: 1, first: 5, offset: 4096 };
        assert_eq!(BlockHead::decode(&block.encode()), Ok(block));
    }

    #[test]
    fn every_flipped_bit_of_a_head_is_found() {
        let mark = Mark { end: 4096, next: 1, turn: 2, chain: [7; 32], is_sealed: false, is_synced: true }.encode();
        let block = BlockHead { bytes: 48, records: 1, first: 5, offset: 4096 }.encode();
        let segment = SegmentHead { kind: Kind::Control, index: 0, first: 0, chain: [0; 32] }.encode();
        for bit in 0..MARK * 8 {
            let (mut a, mut b) = (mark, segment);
            a[bit / 8] ^= 1 << (bit % 8);
            b[bit / 8] ^= 1 << (bit % 8);
            assert!(Mark::decode(&a).is_err() && SegmentHead::decode(&b).is_err(), "bit {bit}");
        }
        for bit in 0..BLOCK_HEAD * 8 {
            let mut a = block;
            a[bit / 8] ^= 1 << (bit % 8);
            assert!(BlockHead::decode(&a).is_err(), "bit {bit}");
        }
    }

    #[test]
    fn every_flipped_bit_of_a_record_is_found() {
        let head = RecordHead { kind: 2, version: 1, number: 17, time: -5, tape: 3 };
        let mut bytes = Vec::new();
        push_record(&mut bytes, &head, b"thirteen byte");
        assert_eq!(read_record(&bytes), Ok((head, &b"thirteen byte"[..], bytes.len())));
        for bit in 0..bytes.len() * 8 {
            let mut wrong = bytes.clone();
            wrong[bit / 8] ^= 1 << (bit % 8);
            assert!(read_record(&wrong).is_err(), "bit {bit}");
        }
    }

    #[test]
    fn names_carry_the_index() {
        assert_eq!(file_name(Kind::Control, 12), "control-00000012.b4j");
        assert_eq!(index_of(Kind::Control, "control-00000012.b4j"), Some(12));
        assert_eq!(index_of(Kind::Tape, "control-00000012.b4j"), None);
        assert_eq!(index_of(Kind::Control, "control-1.b4j"), None);
    }
}
