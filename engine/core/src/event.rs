//! What crosses between the rooms of the engine at one time step: plain values, no behaviour.

/// An asset that has a bar at a time step, and the bar's row within the block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Asset id.
    pub asset: u32,
    /// Row among the asset's own rows of this block.
    pub row: u32,
}

/// `m.pos` of one asset at decision time, after all fills up to it. Missing is NaN.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct PositionView {
    /// Signed quantity in base units.
    pub qty: f64,
    /// Value over equity.
    pub weight: f64,
    /// Average entry price; missing if flat.
    pub avg_price: f64,
    /// Open time (ms) of the first fill's bar; missing if flat.
    pub first_fill: f64,
    /// Open time (ms) of the last fill's bar; missing if flat.
    pub last_fill: f64,
    /// Orders that opened or increased the position.
    pub units: f64,
    /// Bars held; the fill's bar counts as 1.
    pub bars_held: f64,
    /// Unrealised profit as a fraction of the entry cost.
    pub pnl: f64,
    /// Worst excursion, fraction of the average price, ≤ 0.
    pub mae: f64,
    /// Best excursion, fraction of the average price, ≥ 0.
    pub mfe: f64,
    /// Signed quantity in flight.
    pub pending: f64,
}

/// `b4.account` at decision time, in account currency.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct AccountView {
    /// Equity.
    pub equity: f64,
    /// Cash.
    pub cash: f64,
    /// Σ|value| over equity.
    pub gross: f64,
    /// Equity over its peak, less 1.
    pub drawdown: f64,
}
