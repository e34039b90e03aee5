//! Snapshot bytes: plain little-endian fields, written and read in one fixed order.
//!
//! A snapshot is a list of fields without names; every owner writes a tag and a version first and refuses what it does not know.

/// Grows a snapshot field by field.
#[derive(Default)]
pub struct Writer {
    bytes: Vec<u8>,
}

/// Why a snapshot was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SnapshotError {
    /// The bytes end before the field at this offset.
    Short {
        /// Where the field would have begun.
        offset: usize,
    },
    /// A tag, version or parameter differs from what the reader was built for.
    Mismatch {
        /// Name of the field.
        what: &'static str,
        /// What this program has.
        expected: u64,
        /// What the snapshot has.
        found: u64,
    },
    /// Bytes are left after the last field.
    Trailing {
        /// How many.
        left: usize,
    },
}

impl std::fmt::Display for SnapshotError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Short { offset } => write!(f, "the snapshot ends at byte {offset}; take it again from a complete run"),
            Self::Mismatch { what, expected, found } => write!(
                f,
                "the snapshot's {what} is {found}, this program has {expected}; start from the first bar or use the program that wrote it"
            ),
            Self::Trailing { left } => write!(f, "the snapshot has {left} bytes too many; use the program that wrote it"),
        }
    }
}

impl std::error::Error for SnapshotError {}

impl Writer {
    /// Returns the bytes written so far.
    pub fn finish(self) -> Vec<u8> {
        self.bytes
    }
    /// Writes an unsigned integer.
    pub fn u64(&mut self, x: u64) {
        self.bytes.extend_from_slice(&x.to_le_bytes());
    }
    /// Writes a signed integer.
    pub fn i64(&mut self, x: i64) {
        self.bytes.extend_from_slice(&x.to_le_bytes());
    }
    /// Writes a wide signed integer.
    pub fn i128(&mut self, x: i128) {
        self.bytes.extend_from_slice(&x.to_le_bytes());
    }
    /// Writes a float by its bits.
    pub fn f64(&mut self, x: f64) {
        self.u64(x.to_bits());
    }
    /// Writes a truth value.
    pub fn bool(&mut self, x: bool) {
        self.bytes.push(u8::from(x));
    }
    /// Writes a length and the text's bytes.
    pub fn text(&mut self, s: &str) {
        self.u64(s.len() as u64);
        self.bytes.extend_from_slice(s.as_bytes());
    }
    /// Writes a length and the floats' bits.
    pub fn f64s(&mut self, xs: &[f64]) {
        self.u64(xs.len() as u64);
        xs.iter().for_each(|&x| self.f64(x));
    }
}

/// Reads a snapshot field by field.
pub struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    /// Starts at the first byte.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }
    fn take<const N: usize>(&mut self) -> Result<[u8; N], SnapshotError> {
        let end = self.at + N;
        let out = self.bytes.get(self.at..end).ok_or(SnapshotError::Short { offset: self.at })?;
        self.at = end;
        Ok(out.try_into().expect("slice has N bytes"))
    }
    /// Reads an unsigned integer.
    pub fn u64(&mut self) -> Result<u64, SnapshotError> {
        Ok(u64::from_le_bytes(self.take()?))
    }
    /// Reads a signed integer.
    pub fn i64(&mut self) -> Result<i64, SnapshotError> {
        Ok(i64::from_le_bytes(self.take()?))
    }
    /// Reads a wide signed integer.
    pub fn i128(&mut self) -> Result<i128, SnapshotError> {
        Ok(i128::from_le_bytes(self.take()?))
    }
    /// Reads a float from its bits.
    pub fn f64(&mut self) -> Result<f64, SnapshotError> {
        Ok(f64::from_bits(self.u64()?))
    }
    /// Reads a truth value.
    pub fn bool(&mut self) -> Result<bool, SnapshotError> {
        Ok(self.take::<1>()?[0] != 0)
    }
    /// Reads a text.
    pub fn text(&mut self) -> Result<String, SnapshotError> {
        let length = self.u64()?;
        let short = SnapshotError::Short { offset: self.at };
        let end = usize::try_from(length).ok().and_then(|length| self.at.checked_add(length)).ok_or_else(|| short.clone())?;
        let bytes = self.bytes.get(self.at..end).ok_or(short)?;
        self.at = end;
        String::from_utf8(bytes.to_vec()).map_err(|_| SnapshotError::Mismatch { what: "text", expected: 0, found: length })
    }
    /// Reads floats into a buffer whose length must match.
    pub fn f64s(&mut self, out: &mut [f64]) -> Result<(), SnapshotError> {
        self.expect("length", out.len() as u64)?;
        for x in out.iter_mut() {
            *x = self.f64()?;
        }
        Ok(())
    }
    /// Reads an unsigned integer and refuses any other than `expected`.
    pub fn expect(&mut self, what: &'static str, expected: u64) -> Result<(), SnapshotError> {
        let found = self.u64()?;
        if found == expected { Ok(()) } else { Err(SnapshotError::Mismatch { what, expected, found }) }
    }
    /// Returns how many bytes were not read yet.
    pub fn left(&self) -> usize {
        self.bytes.len() - self.at
    }
    /// Refuses bytes after the last field.
    pub fn finish(self) -> Result<(), SnapshotError> {
        let left = self.bytes.len() - self.at;
        if left == 0 { Ok(()) } else { Err(SnapshotError::Trailing { left }) }
    }
}
