//! Instruments: what is traded, on which grid, at which fees.
use crate::money::{E9, Overflow, Scale, rate_ceil};
use serde::Deserialize;

/// How a position in the instrument is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum InstrumentKind {
    /// Bought with cash; cannot be short.
    Spot,
    /// Perpetual margined and settled in the quote currency; may be short.
    Linear,
    /// Perpetual of a fixed quote value a contract, margined and settled in the base currency; may be short.
    Inverse,
}

/// An instrument as the data room describes it.
#[derive(Debug, Clone, Deserialize)]
pub struct Listing {
    /// ccxt symbol.
    pub symbol: String,
    /// Venue's name.
    pub venue: String,
    /// Spot, linear or inverse perpetual.
    pub kind: InstrumentKind,
    /// Base currency.
    pub base: String,
    /// Quote currency.
    pub quote: String,
    /// Price step `n / 10^d` of the quote currency.
    pub tick: (i64, u32),
    /// Quantity step `n / 10^d` of the base currency; of contracts where they are inverse.
    pub lot: (i64, u32),
    /// Value of one inverse contract, `n / 10^d` of the quote currency; only for those.
    #[serde(default)]
    pub contract: Option<(i64, u32)>,
}

impl Listing {
    /// Returns the currency that profits, fees and margin are paid in.
    pub fn settlement(&self) -> &str {
        if self.kind == InstrumentKind::Inverse { &self.base } else { &self.quote }
    }

    /// Builds the grid of prices and quantities.
    ///
    /// # Errors
    /// Returns a sentence naming the instrument where the grid cannot be held or the contract value is missing or not wanted.
    pub fn scale(&self) -> Result<Scale, String> {
        let scale = match (self.kind, self.contract) {
            (InstrumentKind::Inverse, Some(value)) => Scale::inverse(self.tick, self.lot, value),
            (InstrumentKind::Inverse, None) => {
                Err("an inverse perpetual needs the value of its contract, \"contract\": [n, d] quote units".to_string())
            }
            (_, None) => Scale::new(self.tick, self.lot),
            (_, Some(_)) => Err("only an inverse perpetual has a contract value; leave \"contract\" out".to_string()),
        };
        scale.map_err(|e| format!("{}: {e}", self.symbol))
    }
}

/// Fees and minimums of an instrument in one run.
#[derive(Debug, Clone, Copy, Deserialize)]
pub struct Terms {
    /// Taker fee, billionths of the notional.
    pub taker_e9: i64,
    /// Maker fee, billionths of the notional.
    pub maker_e9: i64,
    /// Smallest opening order.
    pub min_lots: i64,
    /// Smallest opening notional, 1e-8 quote.
    pub min_notional: i64,
}

impl Terms {
    /// Refuses terms that no venue has.
    ///
    /// # Errors
    /// Returns a sentence naming the field.
    pub fn validate(&self, symbol: &str) -> Result<(), String> {
        if !(0..E9 / 2).contains(&self.taker_e9) || !(-E9 / 2..E9 / 2).contains(&self.maker_e9) {
            return Err(format!(
                "{symbol}: fees must lie between 0 and 50 %, taker is {} and maker {} billionths",
                self.taker_e9, self.maker_e9
            ));
        }
        if self.min_lots < 1 || self.min_notional < 0 {
            return Err(format!("{symbol}: min_lots must be at least 1 and min_notional at least 0"));
        }
        Ok(())
    }
}

impl Contract {
    /// Returns whether it can only be bought: spot that nobody lends.
    pub fn is_long_only(&self) -> bool {
        self.kind == InstrumentKind::Spot && self.leverage_e9 == 0
    }

    /// Returns what buying lots costs with a fee of `fee_e9`, each rounded up.
    #[inline(always)]
    pub(crate) fn cost_of_buy(&self, lots: i64, ticks: i64, fee_e9: i64) -> Result<i64, Overflow> {
        let amount = self.scale.ceil(lots, ticks)?;
        amount.checked_add(rate_ceil(amount, fee_e9)?).ok_or(Overflow)
    }
}

/// What the desk and the venue need of an instrument while running.
#[derive(Debug, Clone, Copy)]
pub struct Contract {
    /// Spot, linear or inverse.
    pub kind: InstrumentKind,
    /// Grid of prices and quantities.
    pub scale: Scale,
    /// Fees and minimums.
    pub terms: Terms,
    /// Notional over initial margin, billionths; 0 where no margin rules are given.
    pub leverage_e9: i64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_contract_value_belongs_to_inverse_contracts() {
        let listing = |kind, contract| Listing {
            symbol: "BTC/USD:BTC".into(),
            venue: "test".into(),
            kind,
            base: "BTC".into(),
            quote: "USD".into(),
            tick: (1, 1),
            lot: (1, 0),
            contract,
        };
        let inverse = listing(InstrumentKind::Inverse, Some((100, 0)));
        assert!(inverse.scale().unwrap().is_inverse());
        assert_eq!((inverse.settlement(), listing(InstrumentKind::Linear, None).settlement()), ("BTC", "USD"));
        assert!(listing(InstrumentKind::Inverse, None).scale().unwrap_err().contains("BTC/USD:BTC: an inverse perpetual needs"));
        assert!(listing(InstrumentKind::Spot, Some((1, 0))).scale().unwrap_err().contains("leave"));
    }
}
