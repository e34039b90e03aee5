//! The ledger: cash flow, positions, dust and trades, exact in integers.
//!
//! After every fill: Σ cash flow · den + Σ lots · ticks · num + dust = 0 for each instrument. The check build asserts it.
use super::order::TradeRecord;
use super::reason::Reason;
use crate::instrument::{Contract, InstrumentKind};
use crate::memory::snapshot::{Reader, SnapshotError, Writer};
use crate::money::{Overflow, div_floor, narrow};

/// A fill as the ledger books it.
#[derive(Debug, Clone, Copy)]
pub struct Booking {
    /// Signed lots.
    pub lots: i64,
    /// Price in ticks.
    pub ticks: i64,
    /// Open time of the bar.
    pub ts: i64,
    /// Number of the order, to count units.
    pub order: u32,
    /// Reason of the order.
    pub reason: Reason,
    /// Whether the fill made liquidity and pays the maker's fee.
    pub maker: bool,
}

/// What a booking did to the position.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Booked {
    /// Fee charged, 1e-8 quote.
    pub fee: i64,
    /// The trade that this fill closed.
    pub closed: Option<TradeRecord>,
    /// Whether a new position began.
    pub opened: bool,
    /// Whether the position grew (also when it began).
    pub increased: bool,
}

/// One asset's position and its open trade.
#[derive(Debug, Clone, Copy)]
pub struct Position {
    /// Signed lots.
    pub lots: i64,
    /// Σ lots·ticks of the open lots, positive.
    pub cost: i128,
    /// Rounding kept for this instrument, 1/den units.
    pub dust: i128,
    /// Bar of the first fill, ms.
    pub first_fill: i64,
    /// Bar of the last fill, ms.
    pub last_fill: i64,
    /// Orders that opened or increased it.
    pub units: i64,
    /// Bars held, the fill's bar included; advanced at each mark.
    pub bars: i64,
    last_unit: u32,
    trade_lots: i64,
    entry_notional: i64,
    exit_notional: i64,
    fees: i64,
    last_reason: Reason,
}

impl Position {
    /// A flat position.
    pub const FLAT: Self = Self {
        lots: 0,
        cost: 0,
        dust: 0,
        first_fill: 0,
        last_fill: 0,
        units: 0,
        bars: 0,
        last_unit: u32::MAX,
        trade_lots: 0,
        entry_notional: 0,
        exit_notional: 0,
        fees: 0,
        last_reason: Reason::Target,
    };

    /// Returns the average entry price in ticks, rounded towards the loss-making side of a stop: down for long, up for short.
    pub fn entry_ticks(&self) -> i64 {
        let lots = i128::from(self.lots.abs().max(1));
        let down = div_floor(self.cost, lots);
        let ticks = if self.lots < 0 && self.cost % lots != 0 { down + 1 } else { down };
        i64::try_from(ticks).unwrap_or(i64::MAX)
    }

    /// Returns the average entry price in fractional ticks, for views.
    pub fn average_ticks(&self) -> f64 {
        self.cost as f64 / self.lots.unsigned_abs() as f64
    }

    /// Returns the open trade as a record with what is left valued at `value`; `exit_ts` is −1.
    pub fn open_trade(&self, asset: u32, value: i64) -> Option<TradeRecord> {
        (self.lots != 0).then(|| {
            let trade = self.trade(asset, self.lots.signum(), -1);
            TradeRecord { pnl: trade.pnl + value, ..trade }
        })
    }

    fn trade(&self, asset: u32, side: i64, exit_ts: i64) -> TradeRecord {
        TradeRecord {
            asset,
            side,
            entry_ts: self.first_fill,
            exit_ts,
            lots: self.trade_lots,
            entry_notional: self.entry_notional,
            exit_notional: self.exit_notional,
            fees: self.fees,
            pnl: side * (self.exit_notional - self.entry_notional) - self.fees,
            bars: self.bars,
            reason: self.last_reason,
        }
    }

    fn reduce(&mut self, lots: i64, amount: i64, fee: i64) -> Result<(), Overflow> {
        let held = self.lots.abs();
        self.cost = if lots == held { 0 } else { self.cost - self.cost * i128::from(lots) / i128::from(held) };
        self.lots -= self.lots.signum() * lots;
        self.exit_notional = self.exit_notional.checked_add(amount).ok_or(Overflow)?;
        self.fees = self.fees.checked_add(fee).ok_or(Overflow)?;
        Ok(())
    }

    fn increase(&mut self, side: i64, lots: i64, ticks: i64, amount: i64, fee: i64) -> Result<(), Overflow> {
        self.lots = self.lots.checked_add(side * lots).ok_or(Overflow)?;
        self.cost += i128::from(lots) * i128::from(ticks);
        self.trade_lots = self.trade_lots.checked_add(lots).ok_or(Overflow)?;
        self.entry_notional = self.entry_notional.checked_add(amount).ok_or(Overflow)?;
        self.fees = self.fees.checked_add(fee).ok_or(Overflow)?;
        Ok(())
    }

    /// Writes every field.
    pub(super) fn save(&self, to: &mut Writer) {
        to.i128(self.cost);
        to.i128(self.dust);
        let plain = [
            self.lots,
            self.first_fill,
            self.last_fill,
            self.units,
            self.bars,
            self.trade_lots,
            self.entry_notional,
            self.exit_notional,
            self.fees,
        ];
        plain.into_iter().for_each(|x| to.i64(x));
        to.u64(u64::from(self.last_unit));
        to.u64(self.last_reason as u64);
    }

    /// Reads every field.
    pub(super) fn load(from: &mut Reader<'_>) -> Result<Self, SnapshotError> {
        Ok(Self {
            cost: from.i128()?,
            dust: from.i128()?,
            lots: from.i64()?,
            first_fill: from.i64()?,
            last_fill: from.i64()?,
            units: from.i64()?,
            bars: from.i64()?,
            trade_lots: from.i64()?,
            entry_notional: from.i64()?,
            exit_notional: from.i64()?,
            fees: from.i64()?,
            last_unit: from.u64()? as u32,
            last_reason: super::snapshot::reason(from)?,
        })
    }

    fn begin(&mut self, ts: i64) {
        *self = Self { dust: self.dust, first_fill: ts, last_fill: ts, ..Self::FLAT };
    }
}

/// The account: one cash flow, one position an asset.
pub struct Ledger {
    /// Start cash − Σ signed notional − Σ fees, 1e-8 quote.
    pub flow: i64,
    /// Positions by instrument id.
    pub positions: Vec<Position>,
    /// Fees paid so far.
    pub fees: i64,
    #[cfg(feature = "check")]
    audit: audit::Audit,
}

impl Ledger {
    /// Opens an account.
    pub fn new(cash: i64, assets: usize) -> Self {
        Self::resume(cash, 0, vec![Position::FLAT; assets])
    }

    /// Continues with the books of a snapshot.
    pub(super) fn resume(flow: i64, fees: i64, positions: Vec<Position>) -> Self {
        Self {
            #[cfg(feature = "check")]
            audit: audit::Audit::new(flow, &positions),
            flow,
            positions,
            fees,
        }
    }

    /// Books a fill: a buy costs its amount rounded up, a sell brings it rounded down, the fee rounds up, the rest is dust.
    ///
    /// # Errors
    /// Returns [`Overflow`] where an amount does not fit.
    pub fn book(&mut self, asset: usize, contract: &Contract, b: Booking) -> Result<Booked, Overflow> {
        let scale = &contract.scale;
        let side = b.lots.signum();
        // Rounded up for a buy, and −ceil(−x) = floor for a sell: both are `ceil` of the signed amount.
        let signed = scale.ceil(b.lots, b.ticks)?;
        let fee_e9 = if b.maker { contract.terms.maker_e9 } else { contract.terms.taker_e9 };
        let fee = crate::money::rate_ceil(signed.abs(), fee_e9)?;
        self.flow = self.flow.checked_sub(signed).and_then(|f| f.checked_sub(fee)).ok_or(Overflow)?;
        self.fees = self.fees.checked_add(fee).ok_or(Overflow)?;
        let position = &mut self.positions[asset];
        // Amounts in whole units round nothing away.
        if scale.den() != 1 {
            position.dust += i128::from(signed) * i128::from(scale.den()) - scale.exact(b.lots, b.ticks)?;
        }
        let mut booked = Booked { fee, closed: None, opened: false, increased: false };
        let (lots, amount) = (b.lots.abs(), signed.abs());
        let closing = if position.lots.signum() == -side { lots.min(position.lots.abs()) } else { 0 };
        let (mut close_amount, mut close_fee) = (0, 0);
        if closing > 0 {
            let whole = closing == lots;
            close_amount = if whole { amount } else { scale.ceil(side * closing, b.ticks)?.abs() };
            close_fee = if whole { fee } else { narrow(i128::from(fee) * i128::from(closing) / i128::from(lots))? };
            let held_side = position.lots.signum();
            position.reduce(closing, close_amount, close_fee)?;
            position.last_fill = b.ts;
            position.last_reason = b.reason;
            if position.lots == 0 {
                booked.closed = Some(position.trade(asset as u32, held_side, b.ts));
            }
        }
        if lots > closing {
            if position.lots == 0 {
                position.begin(b.ts);
                booked.opened = true;
            }
            position.increase(side, lots - closing, b.ticks, amount - close_amount, fee - close_fee)?;
            position.last_fill = b.ts;
            position.last_reason = b.reason;
            if position.last_unit != b.order || booked.opened {
                position.units += 1;
                position.last_unit = b.order;
            }
            booked.increased = true;
        }
        #[cfg(feature = "check")]
        self.audit.fill(self.flow, asset, scale, &b, signed, fee, &self.positions);
        Ok(booked)
    }

    /// Returns the cash of a spot account: the flow with the entry cost of open perpetual positions given back.
    ///
    /// # Errors
    /// Returns [`Overflow`] where the sum does not fit.
    #[inline]
    pub fn cash(&self, contracts: &[Contract]) -> Result<i64, Overflow> {
        let mut cash = self.flow;
        for (position, contract) in self.positions.iter().zip(contracts) {
            if contract.kind == InstrumentKind::Linear && position.lots != 0 {
                let cost = contract.scale.floor_cost(position.cost * i128::from(position.lots.signum()))?;
                cash = cash.checked_add(cost).ok_or(Overflow)?;
            }
        }
        Ok(cash)
    }
}

/// Invariants of value, recomputed from every fill ever booked.
#[cfg(feature = "check")]
mod audit {
    use super::{Booking, Position};
    use crate::money::Scale;

    pub struct Audit {
        cash: i128,
        fees: i128,
        signed: Vec<i128>,
        exact: Vec<i128>,
        lots: Vec<i128>,
        dust: Vec<i128>,
    }

    impl Audit {
        pub fn new(cash: i64, positions: &[Position]) -> Self {
            let zero = vec![0; positions.len()];
            let lots = positions.iter().map(|p| i128::from(p.lots)).collect();
            let dust = positions.iter().map(|p| p.dust).collect();
            Self { cash: i128::from(cash), fees: 0, signed: zero.clone(), exact: zero, lots, dust }
        }

        #[allow(clippy::too_many_arguments)]
        pub fn fill(&mut self, flow: i64, asset: usize, scale: &Scale, b: &Booking, signed: i64, fee: i64, positions: &[Position]) {
            self.fees += i128::from(fee);
            self.signed[asset] += i128::from(signed);
            self.exact[asset] += scale.exact(b.lots, b.ticks).expect("booked before");
            self.lots[asset] += i128::from(b.lots);
            let spent: i128 = self.signed.iter().sum();
            assert_eq!(i128::from(flow), self.cash - spent - self.fees, "cash flow is start cash less notionals and fees");
            assert_eq!(i128::from(positions[asset].lots), self.lots[asset], "the position is the sum of its fills");
            let dust = self.dust[asset] + self.signed[asset] * i128::from(scale.den()) - self.exact[asset];
            assert_eq!(positions[asset].dust, dust, "what rounding took lies in the dust account");
            assert!(dust >= 0, "rounding is never in our favour");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::instrument::Terms;
    use crate::money::Scale;

    fn contract(kind: InstrumentKind, taker_e9: i64) -> Contract {
        let terms = Terms { taker_e9, maker_e9: 0, min_lots: 1, min_notional: 0 };
        Contract { kind, scale: Scale::new((1, 2), (1, 3)).unwrap(), terms }
    }

    fn fill(lots: i64, ticks: i64, ts: i64) -> Booking {
        Booking { lots, ticks, ts, order: ts as u32, reason: Reason::Target, maker: false }
    }

    #[test]
    fn a_round_trip_earns_the_difference_less_fees() {
        let c = contract(InstrumentKind::Spot, 1_000_000);
        let mut ledger = Ledger::new(100_000_000_000, 1);
        // Buy 2 coins at 100.00, sell at 110.00: 20 earned, 0.2 + 0.22 paid in fees.
        let opened = ledger.book(0, &c, fill(2_000, 10_000, 1)).unwrap();
        assert!(opened.opened && opened.increased && opened.closed.is_none());
        let closed = ledger.book(0, &c, fill(-2_000, 11_000, 2)).unwrap().closed.expect("flat again");
        assert_eq!(closed.pnl, 2_000_000_000 - 20_000_000 - 22_000_000);
        assert_eq!(ledger.flow, 100_000_000_000 + closed.pnl);
        assert_eq!(ledger.positions[0].lots, 0);
        assert_eq!(ledger.positions[0].cost, 0);
    }

    #[test]
    fn a_flip_closes_one_trade_and_opens_the_next() {
        let c = contract(InstrumentKind::Linear, 500_000);
        let mut ledger = Ledger::new(100_000_000_000, 1);
        ledger.book(0, &c, fill(1_000, 10_000, 1)).unwrap();
        let flip = ledger.book(0, &c, fill(-3_000, 9_000, 2)).unwrap();
        let closed = flip.closed.expect("the long ended");
        assert!(flip.opened);
        assert_eq!((closed.side, closed.lots, closed.exit_ts), (1, 1_000, 2));
        assert_eq!(ledger.positions[0].lots, -2_000);
        let open = ledger.positions[0].open_trade(0, -18_000_000_000).expect("the short is open");
        assert_eq!((open.side, open.exit_ts, open.entry_notional, open.pnl + open.fees), (-1, -1, 18_000_000_000, 0));
        assert_eq!(closed.fees + open.fees, ledger.fees, "the fee of the crossing fill is split, not lost");
    }

    #[test]
    fn perpetual_cash_moves_only_by_profit_and_fees() {
        let c = contract(InstrumentKind::Linear, 0);
        let mut ledger = Ledger::new(1_000_000_000_000, 1);
        ledger.book(0, &c, fill(-5_000, 10_000, 1)).unwrap();
        assert_eq!(ledger.cash(&[c]).unwrap(), 1_000_000_000_000);
        ledger.book(0, &c, fill(5_000, 9_000, 2)).unwrap();
        assert_eq!(ledger.cash(&[c]).unwrap(), 1_000_000_000_000 + 5_000_000_000);
    }

    #[test]
    fn entry_price_rounds_away_from_the_stop_and_units_count_orders() {
        let c = contract(InstrumentKind::Linear, 0);
        let mut ledger = Ledger::new(1_000_000_000_000, 1);
        for (lots, ticks, order) in [(1, 100, 7), (1, 101, 7), (1, 101, 8)] {
            ledger.book(0, &c, Booking { order, ..fill(lots, ticks, 1) }).unwrap();
        }
        assert_eq!(ledger.positions[0].entry_ticks(), 100, "302/3 rounds down for a long");
        assert_eq!(ledger.positions[0].units, 2);
        let mut short = Ledger::new(1_000_000_000_000, 1);
        short.book(0, &c, fill(-3, 100, 1)).unwrap();
        short.book(0, &c, fill(-1, 101, 2)).unwrap();
        assert_eq!(short.positions[0].entry_ticks(), 101, "401/4 rounds up for a short");
        short.book(0, &c, fill(1, 50, 3)).unwrap();
        assert_eq!(short.positions[0].cost, 401 - 100, "a reduction takes its truncated share of the cost");
    }

    #[test]
    fn an_amount_that_does_not_fit_is_an_error() {
        let c = contract(InstrumentKind::Linear, 0);
        let mut ledger = Ledger::new(1_000, 1);
        assert_eq!(ledger.book(0, &c, fill(i64::MAX / 2, i64::MAX / 2, 1)), Err(Overflow));
    }
}
