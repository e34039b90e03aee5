//! What a strategy may see of its own book, as plain floats: read by the feedback signals, never by money.
use super::Desk;
use crate::money::{AMOUNT_SCALE, Overflow};

/// `m.pos` of one asset at decision time, after all fills up to it. Missing is NaN.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PositionFields {
    /// Signed quantity, base units.
    pub qty: f64,
    /// Value over equity.
    pub weight: f64,
    /// Average entry price; missing if flat.
    pub avg_price: f64,
    /// Bar of the first fill, ms; missing if flat.
    pub first_fill: f64,
    /// Bar of the last fill, ms; missing if flat.
    pub last_fill: f64,
    /// Orders that opened or increased the position.
    pub units: f64,
    /// Bars held, the fill's bar included.
    pub bars_held: f64,
    /// Unrealised profit as a fraction of the entry cost.
    pub pnl: f64,
    /// Worst excursion, fraction of the average price, ≤ 0.
    pub mae: f64,
    /// Best excursion, fraction of the average price, ≥ 0.
    pub mfe: f64,
    /// Signed quantity in flight.
    pub pending: f64,
    /// 1 if flat.
    pub flat: f64,
    /// 1 if not flat.
    pub is_open: f64,
}

/// `b4.account` at decision time.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AccountFields {
    /// Equity, account currency.
    pub equity: f64,
    /// Cash, account currency.
    pub cash: f64,
    /// Σ|value| over equity.
    pub gross: f64,
    /// Equity over its peak, less 1.
    pub drawdown: f64,
}

const FLAT: PositionFields = PositionFields {
    qty: 0.0,
    weight: 0.0,
    avg_price: f64::NAN,
    first_fill: f64::NAN,
    last_fill: f64::NAN,
    units: 0.0,
    bars_held: 0.0,
    pnl: 0.0,
    mae: 0.0,
    mfe: 0.0,
    pending: 0.0,
    flat: 1.0,
    is_open: 0.0,
};

fn finite(x: f64) -> f64 {
    if x.is_finite() { x } else { f64::NAN }
}

impl Desk {
    /// Returns the position view of an asset.
    pub fn position_fields(&self, asset: usize) -> PositionFields {
        let position = &self.ledger.positions[asset];
        let slot = &self.slots[asset];
        let scale = &self.contracts[asset].scale;
        let pending = scale.quantity(slot.in_flight());
        if position.lots == 0 {
            return PositionFields { pending, ..FLAT };
        }
        let side = position.lots.signum() as f64;
        let average = position.average_ticks();
        let change = |ticks: i64| side * (ticks as f64 / average - 1.0);
        let (worst, best) = if side > 0.0 { (slot.stops.low, slot.stops.high) } else { (slot.stops.high, slot.stops.low) };
        PositionFields {
            qty: scale.quantity(position.lots),
            weight: finite(slot.value as f64 / self.equity() as f64),
            avg_price: scale.price(average),
            first_fill: position.first_fill as f64,
            last_fill: position.last_fill as f64,
            units: position.units as f64,
            bars_held: position.bars as f64,
            pnl: change(slot.mark),
            mae: change(worst).min(0.0),
            mfe: change(best).max(0.0),
            pending,
            flat: 0.0,
            is_open: 1.0,
        }
    }

    /// Returns the account view.
    ///
    /// # Errors
    /// Returns [`Overflow`] where the cash does not fit.
    pub fn account_fields(&self) -> Result<AccountFields, Overflow> {
        let units = |amount: i64| amount as f64 / AMOUNT_SCALE as f64;
        let gross: i64 = self.slots.iter().map(|slot| slot.value.abs()).sum();
        let equity = self.equity();
        Ok(AccountFields {
            equity: units(equity),
            cash: units(self.ledger.cash(&self.contracts)?),
            gross: finite(gross as f64 / equity as f64),
            drawdown: equity as f64 / self.peak as f64 - 1.0,
        })
    }
}
