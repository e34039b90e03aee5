//! What a strategy may see of its own book, as plain floats: read by the feedback signals, never by money.
use super::Desk;
use crate::event::{AccountView, PositionView};
use crate::money::{AMOUNT_SCALE, Overflow};

const FLAT: PositionView = PositionView {
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
};

fn finite(x: f64) -> f64 {
    if x.is_finite() { x } else { f64::NAN }
}

impl Desk {
    /// Returns whether any position is open.
    #[inline(always)]
    pub fn is_held(&self) -> bool {
        self.open_positions > 0
    }

    /// Returns the position view of an asset.
    pub fn position_view(&self, asset: usize) -> PositionView {
        let position = &self.ledger.positions[asset];
        let slot = &self.slots[asset];
        let scale = &self.contracts[asset].scale;
        let reach = &self.lanes.reach[asset];
        let pending = scale.quantity(slot.in_flight() + reach.buys - reach.sells);
        if position.lots == 0 {
            return PositionView { pending, ..FLAT };
        }
        let side = position.lots.signum() as f64;
        let average = position.average_ticks(scale);
        let change = |ticks: i64| scale.change(side, average, ticks as f64);
        let (worst, best) = if side > 0.0 { (slot.stops.low, slot.stops.high) } else { (slot.stops.high, slot.stops.low) };
        PositionView {
            qty: scale.quantity(position.lots),
            weight: finite(self.weighed(asset) as f64 / self.equity() as f64),
            avg_price: scale.price(average),
            first_fill: position.first_fill as f64,
            last_fill: position.last_fill as f64,
            units: position.units as f64,
            bars_held: position.bars as f64,
            pnl: change(slot.mark),
            mae: change(worst).min(0.0),
            mfe: change(best).max(0.0),
            pending,
        }
    }

    /// Returns the value of a position in the account currency with the position's sign; 0 where it does not fit.
    #[inline(always)]
    fn weighed(&self, asset: usize) -> i64 {
        let value = self.to_account(asset, self.slots[asset].value).unwrap_or(0);
        self.contracts[asset].scale.directed(value)
    }

    /// Returns the account view.
    ///
    /// # Errors
    /// Returns [`Overflow`] where the cash does not fit.
    pub fn account_view(&self) -> Result<AccountView, Overflow> {
        let units = |amount: i64| amount as f64 / AMOUNT_SCALE as f64;
        let gross: i64 = (0..self.slots.len()).map(|asset| self.weighed(asset).abs()).sum();
        let equity = self.equity();
        Ok(AccountView {
            equity: units(equity),
            cash: units(self.account_cash()?),
            gross: finite(gross as f64 / equity as f64),
            drawdown: equity as f64 / self.peak as f64 - 1.0,
        })
    }
}
