//! The outbox: records of one step, in fixed buffers that the host empties. The step itself never allocates.
use super::funding::FundingRecord;
use super::order::{FillRecord, OrderRecord, TradeRecord};

/// The most records of one kind that one asset can cause in one step.
pub const PER_ASSET: usize = 8;

/// Records waiting for the host.
pub struct Outbox {
    /// Orders that ended.
    pub orders: Vec<OrderRecord>,
    /// Fills.
    pub fills: Vec<FillRecord>,
    /// Trades that closed.
    pub trades: Vec<TradeRecord>,
    /// Funding settled.
    pub funding: Vec<FundingRecord>,
    high_water: usize,
}

impl Outbox {
    /// Reserves room for one step of every asset above the mark at which the host should drain.
    pub fn new(assets: usize) -> Self {
        let high_water = 1024;
        let room = high_water + PER_ASSET * assets;
        let (orders, fills, trades) = (Vec::with_capacity(room), Vec::with_capacity(room), Vec::with_capacity(room));
        Self { orders, fills, trades, funding: Vec::new(), high_water }
    }

    /// Reserves room for `burst` settlements in one step.
    pub fn expect_funding(&mut self, burst: usize) {
        self.funding.reserve_exact(self.high_water + 1 + burst);
    }

    /// Returns whether the host must drain before the next step.
    #[inline(always)]
    pub fn is_full(&self) -> bool {
        let fullest = self.orders.len().max(self.fills.len()).max(self.trades.len()).max(self.funding.len());
        fullest > self.high_water
    }
}

/// All records of a run, owned by the host.
#[derive(Default)]
pub struct Records {
    /// Orders by end time; [`Records::sort`] puts them by id.
    pub orders: Vec<OrderRecord>,
    /// Fills in order.
    pub fills: Vec<FillRecord>,
    /// Trades in order of closing.
    pub trades: Vec<TradeRecord>,
    /// Funding in order of booking.
    pub funding: Vec<FundingRecord>,
}

impl Records {
    /// Moves everything out of the outbox.
    pub fn drain(&mut self, outbox: &mut Outbox) {
        self.orders.append(&mut outbox.orders);
        self.fills.append(&mut outbox.fills);
        self.trades.append(&mut outbox.trades);
        self.funding.append(&mut outbox.funding);
    }

    /// Puts orders by id.
    pub fn sort(&mut self) {
        if !self.orders.is_sorted_by_key(|record| record.order.id) {
            self.orders.sort_by_key(|record| record.order.id);
        }
    }
}
