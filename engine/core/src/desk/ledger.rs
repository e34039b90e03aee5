//! The ledger: cash flow, positions, dust and trades, exact in integers.
//!
//! After every fill: Σ cash flow · den + Σ lots · ticks · num + dust = 0 for each instrument, and each wallet holds its start cash less what was paid
//! from it. The check build asserts both. Inverse contracts keep no dust (`money::inverse`).
use super::order::TradeRecord;
use super::reason::Reason;
use super::wallets::Wallet;
use crate::instrument::{Contract, InstrumentKind};
use crate::money::{Overflow, narrow};

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

/// The account: one cash flow, one position an asset.
pub struct Ledger {
    /// Start cash − Σ signed notional − Σ fees, 1e-8 quote; of all wallets in the account currency.
    pub flow: i64,
    /// Positions by instrument id.
    pub positions: Vec<Position>,
    /// Fees paid so far, in the account currency.
    pub fees: i64,
    /// Wallets; none where the account is simply `flow`.
    pub wallets: Vec<Wallet>,
    /// Wallet of each instrument, where there are wallets.
    pub(super) home: Vec<usize>,
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
            wallets: Vec::new(),
            home: Vec::new(),
        }
    }

    /// Splits the account into wallets; `home` is the wallet of each instrument.
    pub(super) fn split(&mut self, wallets: Vec<Wallet>, home: Vec<usize>) {
        self.flow = wallets.iter().filter(|wallet| wallet.convert.is_none()).map(|wallet| wallet.flow).sum();
        (self.wallets, self.home) = (wallets, home);
        #[cfg(feature = "check")]
        self.audit.split(self.flow, &self.wallets, &self.home);
    }

    /// Takes an instrument's payment, of which `fee` is a fee, out of its wallet (negative: puts it in).
    #[inline(always)]
    fn pay_with_fee(&mut self, asset: usize, amount: i64, fee: i64) -> Result<(), Overflow> {
        if !self.wallets.is_empty() {
            return self.pay_from_home(asset, amount, fee);
        }
        self.flow = self.flow.checked_sub(amount).ok_or(Overflow)?;
        self.fees = self.fees.checked_add(fee).ok_or(Overflow)?;
        Ok(())
    }

    #[cold]
    #[inline(never)]
    fn pay_from_home(&mut self, asset: usize, amount: i64, fee: i64) -> Result<(), Overflow> {
        let home = self.home[asset];
        self.pay_from(home, amount)?;
        let wallet = &mut self.wallets[home];
        wallet.fees = wallet.fees.checked_add(fee).ok_or(Overflow)?;
        if wallet.convert.is_none() {
            self.fees = self.fees.checked_add(fee).ok_or(Overflow)?;
        }
        Ok(())
    }

    #[cold]
    fn pay_from(&mut self, wallet: usize, amount: i64) -> Result<(), Overflow> {
        let wallet = &mut self.wallets[wallet];
        wallet.flow = wallet.flow.checked_sub(amount).ok_or(Overflow)?;
        if wallet.convert.is_none() {
            self.flow = self.flow.checked_sub(amount).ok_or(Overflow)?;
        }
        Ok(())
    }

    /// Books what is no fill into a wallet: funding, interest, the venue's fund (negative: paid).
    ///
    /// # Errors
    /// Returns [`Overflow`] where the sum does not fit.
    pub(super) fn credit(&mut self, wallet: usize, amount: i64) -> Result<(), Overflow> {
        self.pay_from(wallet, amount.checked_neg().ok_or(Overflow)?)?;
        #[cfg(feature = "check")]
        self.audit.credit(wallet, amount, self.flow, &self.wallets);
        Ok(())
    }

    /// Books a fee that is none of a fill's: paid from the instrument's wallet, part of its open trade.
    ///
    /// # Errors
    /// Returns [`Overflow`] where a sum does not fit.
    pub(super) fn charge(&mut self, asset: usize, fee: i64) -> Result<(), Overflow> {
        self.pay_with_fee(asset, fee, fee)?;
        #[cfg(feature = "check")]
        self.audit.fee(asset, fee);
        self.positions[asset].charge(fee)
    }

    /// Returns the cash flow of the wallet that an instrument settles in.
    #[inline(always)]
    pub fn flow_of(&self, asset: usize) -> i64 {
        if self.wallets.is_empty() { self.flow } else { self.wallets[self.home[asset]].flow }
    }

    /// Books a fill: a buy costs its amount rounded up, a sell brings it rounded down, the fee rounds up, the rest is dust.
    ///
    /// # Errors
    /// Returns [`Overflow`] where an amount does not fit.
    #[inline(always)]
    pub fn book(&mut self, asset: usize, contract: &Contract, b: Booking) -> Result<Booked, Overflow> {
        let scale = &contract.scale;
        let side = b.lots.signum();
        // Rounded up for a buy, and −ceil(−x) = floor for a sell: both are `ceil` of the signed amount.
        let signed = scale.ceil(scale.directed(b.lots), b.ticks)?;
        let fee_e9 = if b.maker { contract.terms.maker_e9 } else { contract.terms.taker_e9 };
        let fee = crate::money::rate_ceil(signed.abs(), fee_e9)?;
        self.pay_with_fee(asset, signed.checked_add(fee).ok_or(Overflow)?, fee)?;
        let position = &mut self.positions[asset];
        // Amounts in whole units round nothing away.
        if scale.den() != 1 && !scale.is_inverse() {
            position.dust += i128::from(signed) * i128::from(scale.den()) - scale.exact(b.lots, b.ticks)?;
        }
        let mut booked = Booked { fee, closed: None, opened: false, increased: false };
        let (lots, amount) = (b.lots.abs(), signed.abs());
        let closing = if position.lots.signum() == -side { lots.min(position.lots.abs()) } else { 0 };
        let (mut close_amount, mut close_fee) = (0, 0);
        if closing > 0 {
            let whole = closing == lots;
            close_amount = if whole { amount } else { scale.ceil(scale.directed(side * closing), b.ticks)?.abs() };
            close_fee = if whole { fee } else { narrow(i128::from(fee) * i128::from(closing) / i128::from(lots))? };
            let held_side = position.lots.signum();
            position.reduce(closing, close_amount, close_fee)?;
            position.last_fill = b.ts;
            position.last_reason = b.reason;
            if position.lots == 0 {
                booked.closed = Some(position.trade(asset as u32, scale, held_side, b.ts));
            }
        }
        if lots > closing {
            if position.lots == 0 {
                position.begin(b.ts);
                booked.opened = true;
            }
            let cost = scale.cost(side * (lots - closing), b.ticks)?;
            position.increase(side, lots - closing, cost, amount - close_amount, fee - close_fee)?;
            position.last_fill = b.ts;
            position.last_reason = b.reason;
            if position.last_unit != b.order || booked.opened {
                position.units += 1;
                position.last_unit = b.order;
            }
            booked.increased = true;
        }
        #[cfg(feature = "check")]
        self.audit.fill(self.flow, asset, scale, &b, [signed, fee], &self.positions, &self.wallets);
        Ok(booked)
    }

    /// Returns the cash of the account: the flow with the entry cost of open perpetual and short positions given back.
    ///
    /// # Errors
    /// Returns [`Overflow`] where the sum does not fit.
    #[inline(always)]
    pub fn cash(&self, contracts: &[Contract]) -> Result<i64, Overflow> {
        let mut cash = self.flow;
        for (position, contract) in self.positions.iter().zip(contracts) {
            cash = cash.checked_add(lent(position, contract)?).ok_or(Overflow)?;
        }
        Ok(cash)
    }

    /// Returns the cash of one wallet, in its currency.
    ///
    /// # Errors
    /// Returns [`Overflow`] where the sum does not fit.
    pub fn cash_of(&self, wallet: usize, contracts: &[Contract]) -> Result<i64, Overflow> {
        let mut cash = self.wallets[wallet].flow;
        for asset in (0..contracts.len()).filter(|&asset| self.home[asset] == wallet) {
            cash = cash.checked_add(lent(&self.positions[asset], &contracts[asset])?).ok_or(Overflow)?;
        }
        Ok(cash)
    }
}

/// Returns the entry cost that a position only promises: of perpetuals and short sales, whose proceeds are no cash.
#[inline(always)]
fn lent(position: &Position, contract: &Contract) -> Result<i64, Overflow> {
    if position.lots == 0 || (contract.kind == InstrumentKind::Spot && position.lots > 0) {
        return Ok(0);
    }
    contract.scale.floor_cost(position.signed_cost())
}

#[cfg(feature = "check")]
mod audit;
mod position;

pub use position::Position;
pub(super) use position::share;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::instrument::Terms;
    use crate::money::Scale;

    fn contract(kind: InstrumentKind, taker_e9: i64) -> Contract {
        let terms = Terms { taker_e9, maker_e9: 0, min_lots: 1, min_notional: 0 };
        Contract { kind, scale: Scale::new((1, 2), (1, 3)).unwrap(), terms, leverage_e9: 0 }
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
        let open = ledger.positions[0].open_trade(0, &c.scale, -18_000_000_000).expect("the short is open");
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
        assert_eq!(ledger.positions[0].entry_ticks(&c.scale), 100, "302/3 rounds down for a long");
        assert_eq!(ledger.positions[0].units, 2);
        let mut short = Ledger::new(1_000_000_000_000, 1);
        short.book(0, &c, fill(-3, 100, 1)).unwrap();
        short.book(0, &c, fill(-1, 101, 2)).unwrap();
        assert_eq!(short.positions[0].entry_ticks(&c.scale), 101, "401/4 rounds up for a short");
        short.book(0, &c, fill(1, 50, 3)).unwrap();
        assert_eq!(short.positions[0].cost, 401 - 100, "a reduction takes its truncated share of the cost");
    }

    #[test]
    fn a_share_of_any_cost_fits() {
        assert_eq!(share(401, 3, 4), 300);
        let (cost, part, whole) = (i128::MAX / 3, i64::MAX - 1, i64::MAX);
        assert_eq!(share(cost, part, whole), cost - crate::money::div_ceil(cost, i128::from(whole)), "all but one of very many parts");
    }

    #[test]
    fn an_amount_that_does_not_fit_is_an_error() {
        let c = contract(InstrumentKind::Linear, 0);
        let mut ledger = Ledger::new(1_000, 1);
        assert_eq!(ledger.book(0, &c, fill(i64::MAX / 2, i64::MAX / 2, 1)), Err(Overflow));
    }

    #[test]
    fn the_fee_of_a_turn_is_shared_by_lots() {
        let c = contract(InstrumentKind::Linear, 500_000);
        let mut ledger = Ledger::new(100_000_000_000, 1);
        ledger.book(0, &c, fill(1_000, 10_000, 1)).unwrap();
        // 0.05 % of 100 to open; of the 270 that the turn trades, 0.135, a third closes.
        let closed = ledger.book(0, &c, fill(-3_000, 9_000, 2)).unwrap().closed.expect("the long ended");
        assert_eq!((closed.fees, closed.pnl), (5_000_000 + 4_500_000, -1_000_000_000 - 9_500_000));
        assert_eq!(ledger.positions[0].open_trade(0, &c.scale, 0).unwrap().fees, 9_000_000);
    }

    #[test]
    fn a_share_whose_product_does_not_fit_is_exact() {
        // ⌊cost · part / whole⌋ by integers of any size.
        let cost = 10_i128.pow(31) + 12_345;
        assert_eq!(share(cost, 612_345_678_901_234_567, 9_123_456_789_012_345_678), 671_177_266_536_408_597_176_337_361_588);
        let (flat, mut short) = (Position::FLAT, Position::FLAT);
        (short.lots, short.cost) = (-3, 7);
        assert_eq!((flat.signed_cost(), short.signed_cost()), (0, -7));
    }

    #[test]
    fn an_inverse_contract_keeps_no_dust() {
        let terms = Terms { taker_e9: 0, maker_e9: 0, min_lots: 1, min_notional: 0 };
        // The second grid has prices in steps of seven: its amounts are parts of a unit.
        for scale in [Scale::inverse((1, 2), (1, 0), (100, 0)), Scale::inverse((7, 0), (1, 0), (100, 0))].map(Result::unwrap) {
            let c = Contract { kind: InstrumentKind::Inverse, scale, terms, leverage_e9: 0 };
            let mut ledger = Ledger::new(100_000_000_000, 1);
            for (lots, ticks) in [(3, 10_007), (-1, 10_013), (-5, 9_999), (3, 10_001)] {
                ledger.book(0, &c, fill(lots, ticks, 1)).unwrap();
                assert_eq!(ledger.positions[0].dust, 0);
            }
        }
    }

    #[cfg(feature = "check")]
    #[test]
    #[should_panic(expected = "cash flow is start cash less notionals and fees")]
    fn a_flow_that_no_fill_explains_is_found_by_the_check_build() {
        let c = contract(InstrumentKind::Linear, 0);
        let mut ledger = Ledger::new(100_000_000_000, 1);
        ledger.flow += 1;
        let _ = ledger.book(0, &c, fill(1_000, 10_000, 1));
    }
}
