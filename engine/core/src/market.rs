//! The market of a run: instruments in id order and their columns, borrowed from the host and never copied.
use crate::instrument::Listing;
use crate::signal::grid::AssetRows;

/// Instruments and their bars.
pub struct Market<'a> {
    /// Instruments, in id order: sorted by (venue, symbol).
    pub listings: Vec<Listing>,
    /// Columns by instrument id.
    pub columns: Vec<AssetRows<'a>>,
    /// Interval of the bars, ms.
    pub interval_ms: i64,
}

impl<'a> Market<'a> {
    /// Checks that instruments and columns belong together.
    ///
    /// Prices themselves are checked by the data room; here only what would make the engine unsound or unordered.
    ///
    /// # Errors
    /// Returns one sentence naming the instrument.
    pub fn new(listings: Vec<Listing>, columns: Vec<AssetRows<'a>>, interval_ms: i64) -> Result<Self, String> {
        if listings.is_empty() || listings.len() != columns.len() {
            return Err(format!(
                "a market needs one set of columns for each of its instruments, got {} for {}",
                columns.len(),
                listings.len()
            ));
        }
        if interval_ms < 1 {
            return Err(format!("the bars' interval must be positive, got {interval_ms} ms"));
        }
        if let Some(pair) = listings.windows(2).find(|pair| (&pair[0].venue, &pair[0].symbol) >= (&pair[1].venue, &pair[1].symbol)) {
            return Err(format!(
                "instruments must be sorted by venue and symbol without repeats, {} stands before {}",
                pair[0].symbol, pair[1].symbol
            ));
        }
        for (listing, c) in listings.iter().zip(&columns) {
            let rows = c.ts.len();
            if [c.open.len(), c.high.len(), c.low.len(), c.close.len(), c.volume.len()].iter().any(|&len| len != rows) {
                return Err(format!("{}: the columns have different lengths", listing.symbol));
            }
            if let Some(at) = c.ts.windows(2).position(|pair| pair[0] >= pair[1]) {
                return Err(format!("{}: time does not increase at row {}; sort and deduplicate the bars", listing.symbol, at + 1));
            }
        }
        Ok(Self { listings, columns, interval_ms })
    }

    /// Returns the symbols in id order.
    pub fn symbols(&self) -> Vec<&str> {
        self.listings.iter().map(|listing| listing.symbol.as_str()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::instrument::InstrumentKind;

    fn listing(symbol: &str, quote: &str) -> Listing {
        Listing {
            symbol: symbol.into(),
            venue: "test".into(),
            kind: InstrumentKind::Spot,
            base: "A".into(),
            quote: quote.into(),
            tick: (1, 2),
            lot: (1, 3),
            contract: None,
        }
    }

    #[test]
    fn what_does_not_belong_together_is_refused_by_name() {
        let prices = [1.0, 2.0];
        let rows = |ts| AssetRows { ts, open: &prices, high: &prices, low: &prices, close: &prices, volume: &prices };
        let good = Market::new(vec![listing("A", "USD"), listing("B", "USD")], vec![rows(&[0, 1]), rows(&[0, 1])], 1).unwrap();
        assert_eq!(good.symbols(), ["A", "B"]);
        let refuse = |listings, columns, interval| Market::new(listings, columns, interval).err().expect("refused");
        assert!(refuse(vec![], vec![], 1).contains("one set of columns"));
        assert!(refuse(vec![listing("A", "USD")], vec![rows(&[0, 1])], 0).contains("interval"));
        assert!(refuse(vec![listing("B", "USD"), listing("A", "USD")], vec![rows(&[0, 1]); 2], 1).contains("sorted"));
        assert!(refuse(vec![listing("A", "USD")], vec![rows(&[0])], 1).contains("lengths"));
        assert!(refuse(vec![listing("A", "USD")], vec![rows(&[5, 5])], 1).contains("row 1"));
    }
}
