//! A venue as plain data: assets, symbols and their filters, fees, limits, words. Every figure has a source and a date in the file.
//!
//! Read from JSON. Symbols and filters are written as Binance's `exchangeInfo` writes them, so that the server tells them unchanged.
//! Checked when it is read: what names an asset that is not there, or words that are missing, is refused with the place and the fix.

pub mod decimal;
pub mod filter;
pub mod refusal;

use decimal::{Decimal, Ratio};
use filter::Filter;
use refusal::{Codes, Words};
use serde::{Deserialize, Serialize};

/// Where a figure is from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Source {
    /// Which figures.
    pub what: String,
    /// The document.
    pub document: String,
    /// Its date.
    pub date: String,
}

/// An asset.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AssetRules {
    /// Name, such as BTC.
    pub name: String,
    /// Decimals, at most 8.
    pub precision: u8,
}

/// A symbol, in `exchangeInfo`'s words.
#[allow(missing_docs, reason = "the names are the venue's; the page \"Exchange information\" of its documents says what each means")]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SymbolRules {
    pub symbol: String,
    pub status: String,
    pub base_asset: String,
    pub base_asset_precision: u8,
    pub quote_asset: String,
    pub quote_precision: u8,
    pub quote_asset_precision: u8,
    pub base_commission_precision: u8,
    pub quote_commission_precision: u8,
    pub order_types: Vec<String>,
    pub iceberg_allowed: bool,
    pub oco_allowed: bool,
    pub oto_allowed: bool,
    pub opo_allowed: bool,
    pub quote_order_qty_market_allowed: bool,
    pub allow_trailing_stop: bool,
    pub cancel_replace_allowed: bool,
    pub amend_allowed: bool,
    pub peg_instructions_allowed: bool,
    pub is_spot_trading_allowed: bool,
    pub is_margin_trading_allowed: bool,
    pub filters: Vec<Filter>,
    pub permissions: Vec<String>,
    pub permission_sets: Vec<Vec<String>>,
    pub default_self_trade_prevention_mode: String,
    pub allowed_self_trade_prevention_modes: Vec<String>,
    /// Not of `exchangeInfo`: the rule of `executionRules`, where the symbol has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub price_range: Option<PriceRange>,
}

/// The price range execution rule and how its reference price is made (Binance Spot, "Price Range Execution Rule").
#[allow(missing_docs, reason = "the names are the venue's")]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PriceRange {
    pub bid_multiplier_up: Ratio,
    pub bid_multiplier_down: Ratio,
    pub ask_multiplier_up: Ratio,
    pub ask_multiplier_down: Ratio,
    /// Width of a bucket, milliseconds.
    pub bucket_width_ms: i64,
    /// Buckets of the window, at most 64.
    pub bucket_count: u32,
}

/// Fees from a 30-day volume on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tier {
    /// Least 30-day volume in the venue's account currency.
    pub volume: Decimal,
    /// Part of what a resting order receives; below zero a rebate.
    pub maker: Decimal,
    /// Part of what an incoming order receives.
    pub taker: Decimal,
}

/// Fees.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fees {
    /// Asset the volume is counted in; trades of symbols quoted in another asset do not count.
    pub volume_asset: String,
    /// By volume, lowest first; the first begins at zero.
    pub tiers: Vec<Tier>,
}

/// A rate limit, in `exchangeInfo`'s words.
#[allow(missing_docs, reason = "the names are the venue's")]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RateLimit {
    pub rate_limit_type: String,
    pub interval: String,
    pub interval_num: u32,
    pub limit: u32,
}

/// How much the venue holds: all of it is set aside at the start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Room {
    /// Accounts, the venue's own included.
    pub accounts: u32,
    /// Open orders of all accounts and symbols.
    pub orders: u32,
    /// Orders that rest, of a symbol.
    pub book: u32,
    /// Orders that are over and still told, of an account; the oldest is forgotten first.
    pub history: u32,
    /// Fills told, of an account; the oldest is forgotten first.
    pub fills: u32,
    /// Public trades told, of a symbol.
    pub trades: u32,
}

impl Room {
    /// Returns how many orders are known at most: open ones and those that are over and still told.
    #[must_use]
    pub fn known(&self) -> usize {
        self.orders as usize + self.accounts as usize * self.history as usize
    }
}

/// A venue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Profile {
    /// Name, such as binance-spot.
    pub name: String,
    /// Where the figures are from.
    pub sources: Vec<Source>,
    /// Assets; an [`Asset`](crate::Asset) is a place in it.
    pub assets: Vec<AssetRules>,
    /// Symbols; a [`Symbol`](crate::Symbol) is a place in it.
    pub symbols: Vec<SymbolRules>,
    /// Filters over all symbols.
    pub exchange_filters: Vec<Filter>,
    /// Fees.
    pub fees: Fees,
    /// Rate limits.
    pub rate_limits: Vec<RateLimit>,
    /// Code and text of every reason to refuse.
    pub refusals: Vec<Words>,
    /// How much is held.
    pub room: Room,
}

impl Profile {
    /// Returns the profile of a JSON text. Errors: one sentence with the place and the fix.
    pub fn read(json: &str) -> Result<Self, String> {
        let profile: Self = serde_json::from_str(json).map_err(|why| format!("the profile is not readable: {why}"))?;
        profile.check()?;
        Ok(profile)
    }

    /// Returns the profile of Binance Spot that the crate holds.
    ///
    /// # Panics
    /// Never: a test reads it.
    #[must_use]
    pub fn binance_spot() -> Self {
        Self::read(include_str!("../../profiles/binance-spot.json")).expect("the profile in the crate is read by a test")
    }

    /// Returns the place of an asset.
    #[must_use]
    pub fn asset(&self, name: &str) -> Option<crate::Asset> {
        self.assets.iter().position(|asset| asset.name == name).map(|at| at as crate::Asset)
    }

    /// Returns the place of a symbol.
    #[must_use]
    pub fn symbol(&self, name: &str) -> Option<crate::Symbol> {
        self.symbols.iter().position(|symbol| symbol.symbol == name).map(|at| at as crate::Symbol)
    }

    /// Returns the words of a refusal; empty where the table has none.
    #[must_use]
    pub fn words(&self, refused: crate::report::Refused) -> &str {
        self.refusals.get(usize::from(refused.text)).map_or("", |words| &words.text)
    }

    fn check(&self) -> Result<(), String> {
        Codes::new(&self.refusals)?;
        for symbol in &self.symbols {
            let name = &symbol.symbol;
            for asset in [&symbol.base_asset, &symbol.quote_asset] {
                if self.asset(asset).is_none() {
                    return Err(format!("symbol {name} names the asset `{asset}`: add it to `assets`"));
                }
            }
            crate::venue::rules::Rules::new(self, symbol).map_err(|why| format!("symbol {name}: {why}"))?;
        }
        if self.fees.tiers.first().is_none_or(|tier| tier.volume.0 != 0) {
            return Err("fees.tiers must begin with a tier of volume 0".to_owned());
        }
        if !self.fees.tiers.iter().all(|tier| (0..decimal::ONE).contains(&tier.taker.0) && tier.maker.0.abs() < decimal::ONE) {
            return Err("fees.tiers: a taker fee is 0 or more, and every fee is below 1".to_owned());
        }
        if self.room.accounts == 0 || self.room.orders == 0 || self.room.orders > 1 << 20 {
            return Err("room: at least one account and one order, at most 1,048,576 orders".to_owned());
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_profile_in_the_crate_reads_and_comes_back_the_same() {
        let profile = Profile::binance_spot();
        let json = serde_json::to_string(&profile).expect("it writes");
        assert_eq!(Profile::read(&json).as_ref(), Ok(&profile));
        assert!(profile.sources.iter().all(|source| source.date.len() >= 7 && !source.document.is_empty()));
        assert!(profile.symbol("BTCUSDT").is_some() && profile.asset("USDT").is_some());
    }

    #[test]
    fn a_symbol_of_an_unknown_asset_is_refused_with_its_name() {
        let mut profile = Profile::binance_spot();
        profile.symbols[0].base_asset = "XYZ".to_owned();
        let json = serde_json::to_string(&profile).expect("it writes");
        assert_eq!(Profile::read(&json).err().as_deref(), Some("symbol BTCUSDT names the asset `XYZ`: add it to `assets`"));
    }

    #[test]
    fn a_table_of_refusals_with_a_gap_is_refused() {
        let mut profile = Profile::binance_spot();
        profile.refusals.remove(3);
        let json = serde_json::to_string(&profile).expect("it writes");
        assert!(Profile::read(&json).is_err_and(|why| why.contains("precision_quote_quantity")));
    }
}
