//! The market tape of a run: bars and funding rates as they arrive, with the bits of their floats.

use super::{Bytes, Layout};
use crate::signal::grid::AssetRows;
use crate::signal::op::FEATURES;

/// Bars of one grid row.
const BARS: u16 = 1;
/// A funding rate.
const RATE: u16 = 2;
/// Finer bars inside the next row.
const FINE: u16 = 3;
/// Columns of tick data of one row.
const TICKS: u16 = 4;
const TICK_BYTES: usize = 4 + 8 + 8 * FEATURES.len();
const BAR_BYTES: usize = 4 + 6 * 8;

/// Every kind of record of the tape with its fields; `bars` and `fine` repeat their fields for each bar.
pub const TAPE_LAYOUTS: [Layout; 4] = [
    (BARS, "bars", BAR_FIELDS),
    (RATE, "rate", &[("asset", "u32"), ("ts", "i64"), ("rate", "f64")]),
    (FINE, "fine", BAR_FIELDS),
    (TICKS, "ticks", &TICK_FIELDS),
];

const TICK_FIELDS: [super::Field; 2 + FEATURES.len()] = {
    let mut fields = [("asset", "u32"); 2 + FEATURES.len()];
    fields[1] = ("ts", "i64");
    let mut at = 0;
    while at < FEATURES.len() {
        fields[2 + at] = (FEATURES[at], "f64");
        at += 1;
    }
    fields
};

const BAR_FIELDS: &[super::Field] =
    &[("asset", "u32"), ("ts", "i64"), ("open", "f64"), ("high", "f64"), ("low", "f64"), ("close", "f64"), ("volume", "f64")];

/// One thing that the tape holds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum TapeRow {
    /// A bar: instrument, open time, open, high, low, close, volume; whether it is one of the finer ones.
    Bar(u32, i64, [f64; 5], bool),
    /// A funding rate: instrument, settlement time, rate.
    Rate(u32, i64, f64),
    /// Columns of tick data of a row: instrument, open time, values in the order of [`FEATURES`].
    Ticks(u32, i64, [f64; FEATURES.len()]),
}

/// Appends a bar and returns the kind of record it belongs to.
pub fn encode_bars(asset: u32, columns: &AssetRows<'_>, row: usize, is_fine: bool, to: &mut Vec<u8>) -> u16 {
    asset.put(to);
    columns.ts[row].put(to);
    for column in [columns.open, columns.high, columns.low, columns.close, columns.volume] {
        column[row].put(to);
    }
    if is_fine { FINE } else { BARS }
}

/// Appends a funding rate and returns its kind of record.
pub fn encode_rate(asset: u32, ts: i64, rate: f64, to: &mut Vec<u8>) -> u16 {
    asset.put(to);
    ts.put(to);
    rate.put(to);
    RATE
}

/// Appends the columns of tick data of a row and returns their kind of record.
pub fn encode_ticks(asset: u32, ts: i64, values: [f64; FEATURES.len()], to: &mut Vec<u8>) -> u16 {
    asset.put(to);
    ts.put(to);
    values.into_iter().for_each(|value| value.put(to));
    TICKS
}

impl TapeRow {
    /// Reads what a record of the tape holds.
    ///
    /// # Errors
    /// Returns a sentence where the kind is unknown or the bytes are not whole.
    pub fn decode(kind: u16, bytes: &[u8]) -> Result<Vec<Self>, String> {
        let mut rows = Vec::new();
        Self::each(kind, bytes, |row| {
            rows.push(row);
            Ok::<(), String>(())
        })??;
        Ok(rows)
    }

    /// Hands each row of a record to `take`, whose first error ends it.
    ///
    /// # Errors
    /// Returns a sentence where the kind is unknown or the bytes are not whole.
    #[inline]
    pub fn each<E>(kind: u16, bytes: &[u8], mut take: impl FnMut(Self) -> Result<(), E>) -> Result<Result<(), E>, String> {
        let size = match kind {
            BARS | FINE => BAR_BYTES,
            RATE => 4 + 8 + 8,
            TICKS => TICK_BYTES,
            _ => return Err(format!("the tape has a record of the unknown kind {kind}; read it with the Bot4 that wrote it")),
        };
        if bytes.len() % size != 0 {
            return Err(format!(
                "a record of the tape has {} bytes, and each of its rows {size}; the journal is not of this version",
                bytes.len()
            ));
        }
        Ok(bytes.chunks_exact(size).try_for_each(|row| take(Self::read(kind, row))))
    }

    fn read(kind: u16, row: &[u8]) -> Self {
        let word = |at: usize| <[u8; 8]>::try_from(&row[at..at + 8]).expect("the row is whole");
        let asset = u32::from_le_bytes(row[..4].try_into().expect("the row is whole"));
        let ts = i64::from_le_bytes(word(4));
        let float = |place: usize| f64::from_le_bytes(word(12 + 8 * place));
        match kind {
            RATE => Self::Rate(asset, ts, float(0)),
            TICKS => Self::Ticks(asset, ts, std::array::from_fn(float)),
            _ => Self::Bar(asset, ts, std::array::from_fn(float), kind == FINE),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_and_rates_come_back_bit_for_bit() {
        let ts = [1_000, 2_000];
        let columns = AssetRows {
            ts: &ts,
            open: &[1.5, 2.5],
            high: &[3.0, 0.1],
            low: &[-0.0, 0.3],
            close: &[f64::MIN_POSITIVE, 7.0],
            volume: &[0.0, 1e300],
        };
        let mut bytes = Vec::new();
        let kind = encode_bars(2, &columns, 0, false, &mut bytes);
        assert_eq!(encode_bars(3, &columns, 1, false, &mut bytes), kind);
        let bars = [
            TapeRow::Bar(2, 1_000, [1.5, 3.0, -0.0, f64::MIN_POSITIVE, 0.0], false),
            TapeRow::Bar(3, 2_000, [2.5, 0.1, 0.3, 7.0, 1e300], false),
        ];
        assert_eq!(TapeRow::decode(kind, &bytes).unwrap(), bars);
        let mut bytes = Vec::new();
        let kind = encode_rate(1, -5, 0.0001, &mut bytes);
        assert_eq!(TapeRow::decode(kind, &bytes).unwrap(), [TapeRow::Rate(1, -5, 0.0001)]);
        let mut bytes = Vec::new();
        let values = std::array::from_fn(|at| if at == 3 { f64::INFINITY } else { at as f64 / 3.0 });
        let kind = encode_ticks(7, 9, values, &mut bytes);
        assert_eq!(TapeRow::decode(kind, &bytes).unwrap(), [TapeRow::Ticks(7, 9, values)]);
        bytes.truncate(20);
        let kind = encode_rate(1, -5, 0.0001, &mut Vec::new());
        assert!(TapeRow::decode(9, &bytes).unwrap_err().contains("unknown kind 9"));
        assert!(TapeRow::decode(kind, &bytes[1..]).unwrap_err().contains("19 bytes"));
    }
}
