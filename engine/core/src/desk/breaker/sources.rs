//! What the bars, fills and trades of a desk say about its components. What bars cannot say (clocks, spreads, latencies, drift) a host measures.
use super::{Breakers, Kind, Trip, covering};
use crate::desk::order::Order;
use crate::memory::snapshot::{Reader, SnapshotError, Writer};
use crate::money::E9;

/// What was seen of an instrument last; 0 ticks before its first bar.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Seen {
    /// Decision time of its last bar, ms.
    at: i64,
    /// That bar's close, ticks.
    close: i64,
}

impl Seen {
    pub fn save(&self, to: &mut Writer) {
        to.i64(self.at);
        to.i64(self.close);
    }

    pub fn load(&mut self, from: &mut Reader<'_>) -> Result<(), SnapshotError> {
        *self = Self { at: from.i64()?, close: from.i64()? };
        Ok(())
    }
}

/// Returns ⌊value · 10⁹ / reference⌋, as large as fits.
fn ratio_e9(value: i64, reference: i64) -> i64 {
    let ratio = crate::money::div_floor(i128::from(value) * i128::from(E9), i128::from(reference));
    ratio.clamp(i128::from(i64::MIN), i128::from(i64::MAX)) as i64
}

impl Breakers {
    /// Measures how old the data of every instrument is at decision time `t`, before its bars are seen.
    pub fn age_feeds(&mut self, t: i64) {
        for asset in 0..self.seen.len() {
            let Seen { at, close } = self.seen[asset];
            if close > 0 {
                self.measure(Kind::Feed, asset as u32, Trip::StaleFeed, t - at);
            }
        }
    }

    /// Sees the bar of a decision: its open against the close before, in ticks.
    pub fn see_bar(&mut self, t: i64, asset: usize, open: i64, close: i64) {
        let index = asset as u32;
        let before = std::mem::replace(&mut self.seen[asset], Seen { at: t, close });
        self.record(Kind::Feed, index, true);
        if before.close > 0 {
            self.measure(Kind::Symbol, index, Trip::PriceGap, ratio_e9((open - before.close).abs(), before.close));
        }
    }

    /// Sees a fill: what it cost against the price the order was decided at, over what the venue's model says. Prices in ticks.
    pub fn see_fill(&mut self, order: &Order, ticks: i64, base_ticks: i64) {
        let cost = (order.side * (ticks - order.ref_ticks)).max(0);
        let model = (order.side * (ticks - base_ticks)).max(1);
        self.measure(Kind::Symbol, order.asset, Trip::Slippage, ratio_e9(cost, model));
        self.record(Kind::Symbol, order.asset, true);
        self.record(Kind::Venue, covering(&self.settings, Kind::Venue, order.asset as usize), true);
    }

    /// Sees that the venue refused an order.
    pub fn see_refusal(&mut self, asset: usize) {
        self.record(Kind::Venue, covering(&self.settings, Kind::Venue, asset), false);
    }

    /// Sees a trade that closed with this profit.
    pub fn see_trade(&mut self, pnl: i64) {
        self.record(Kind::Strategy, 0, pnl >= 0);
    }
}
