//! What the desk reads of a block: bars, and the columns of the program, by asset and row.
use super::funding::FundingSeries;

/// Columns of the block that the desk reads, by asset and row within the block.
pub trait Source {
    /// Open price.
    fn open(&self, asset: usize, local: usize) -> f64;
    /// Highest price.
    fn high(&self, asset: usize, local: usize) -> f64;
    /// Lowest price.
    fn low(&self, asset: usize, local: usize) -> f64;
    /// Close price.
    fn close(&self, asset: usize, local: usize) -> f64;
    /// Volume, base units.
    fn volume(&self, asset: usize, local: usize) -> f64;
    /// Row in the asset's own data.
    fn row(&self, asset: usize, local: usize) -> u64;
    /// Raw target.
    fn target(&self, asset: usize, local: usize) -> f64;
    /// Distance of the fixed stop, quote units.
    fn fixed(&self, asset: usize, local: usize) -> f64;
    /// Distance of the trailing stop, quote units.
    fn trailing(&self, asset: usize, local: usize) -> f64;
    /// Distance of the take, quote units.
    fn take(&self, _asset: usize, _local: usize) -> f64 {
        f64::NAN
    }
    /// Signals of the asset's entries: to be long, to be short, to leave.
    fn signals(&self, _asset: usize, _local: usize) -> [f64; 3] {
        [f64::NAN; 3]
    }
    /// Size of one unit of the asset's entries.
    fn size(&self, _asset: usize, _local: usize) -> f64 {
        f64::NAN
    }
    /// Loss of one unit of the base currency that the size reckons with, quote units.
    fn per_unit(&self, _asset: usize, _local: usize) -> f64 {
        f64::NAN
    }
    /// Which new position comes first: the largest.
    fn priority(&self, _asset: usize, _local: usize) -> f64 {
        f64::NAN
    }
    /// Signals of the asset's entries in the whole block; a signal that it does not have is empty.
    fn signal_columns(&self, _asset: usize) -> [&[f64]; 3] {
        [&[]; 3]
    }
    /// Distances of the trailing stop in the whole block; empty = ask row by row.
    fn trailing_column(&self, _asset: usize) -> &[f64] {
        &[]
    }
    /// Raw targets of the whole block.
    fn targets(&self, asset: usize) -> &[f64];
    /// Close prices of the whole block.
    fn closes(&self, asset: usize) -> &[f64];
    /// Settlements of the whole run, where the asset has a series.
    fn funding(&self, _asset: usize) -> Option<FundingSeries<'_>> {
        None
    }
    /// Bits for each row of the block that are 0 where no column that the asset's lanes read has changed; empty where none changes ever.
    fn news(&self, _asset: usize) -> &[u64] {
        &[]
    }
    /// Value of an output node of the program; missing where the host has none.
    fn node(&self, _node: usize, _asset: usize, _local: usize) -> f64 {
        f64::NAN
    }
}
