//! Pre-trade controls: each a small struct with one check; what has passed all of them is an [`Approved`] order.
//!
//! Order: equity → minimum size → minimum notional → maximum notional → leverage → balance → margin. Only the increasing part of an order is checked and
//! cut; what reduces a position always passes. A new control is one struct, one line in [`Gate::cut`] and one test.

use super::order::{Approved, Order};
use super::reason::Cause;
use crate::instrument::{Contract, InstrumentKind};
use crate::money::{E9, Overflow, rate_ceil};

/// What a control sees: the increase asked for, on one contract, at the decision's price.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    /// Contract traded.
    pub contract: &'a Contract,
    /// Decision's close, ticks.
    pub ticks: i64,
    /// Lots already held in the order's direction (0 after a flip's closing part).
    pub held: i64,
    /// Whether the account has any equity left.
    pub is_solvent: bool,
    /// Equity at the decision, 1e-8 of the contract's settlement currency.
    pub equity: i64,
    /// Σ |position + in flight| · mark of all other assets, 1e-8 of the contract's settlement currency.
    pub others_gross: i64,
    /// Cash that working orders leave free, 1e-8 quote; only read for spot buys.
    pub free_cash: i64,
    /// Margin that positions and working orders leave free in the wallet; only read where the contract has leverage.
    pub margin: i64,
    /// Whether the order buys.
    pub is_buy: bool,
}

/// A control: how many of `lots` it lets through, and its code.
trait Control {
    const CAUSE: Cause;
    fn allowed(&self, request: &Request<'_>, lots: i64) -> Result<i64, Overflow>;
}

/// Refuses to open anything without equity.
struct EquityLeft;
impl Control for EquityLeft {
    const CAUSE: Cause = Cause::Equity;
    #[inline(always)]
    fn allowed(&self, request: &Request<'_>, lots: i64) -> Result<i64, Overflow> {
        Ok(if request.is_solvent { lots } else { 0 })
    }
}

/// Refuses fewer lots than the venue accepts.
struct MinSize;
impl Control for MinSize {
    const CAUSE: Cause = Cause::MinSize;
    #[inline(always)]
    fn allowed(&self, request: &Request<'_>, lots: i64) -> Result<i64, Overflow> {
        Ok(if lots >= request.contract.terms.min_lots { lots } else { 0 })
    }
}

/// Refuses less notional than the venue accepts.
struct MinNotional;
impl Control for MinNotional {
    const CAUSE: Cause = Cause::MinNotional;
    #[inline(always)]
    fn allowed(&self, request: &Request<'_>, lots: i64) -> Result<i64, Overflow> {
        let least = request.contract.terms.min_notional;
        Ok(if least == 0 || request.contract.scale.floor(lots, request.ticks)? >= least { lots } else { 0 })
    }
}

/// Cuts an order to the largest notional allowed.
struct MaxNotional(Option<i64>);
impl Control for MaxNotional {
    const CAUSE: Cause = Cause::MaxNotional;
    #[inline(always)]
    fn allowed(&self, request: &Request<'_>, lots: i64) -> Result<i64, Overflow> {
        match self.0 {
            None => Ok(lots),
            Some(most) => Ok(lots.min(request.contract.scale.lots_up_to(most, request.ticks)?)),
        }
    }
}

/// Cuts an order so that gross exposure stays within a multiple of equity.
struct Leverage(i64);
impl Control for Leverage {
    const CAUSE: Cause = Cause::Leverage;
    #[inline(always)]
    fn allowed(&self, request: &Request<'_>, lots: i64) -> Result<i64, Overflow> {
        // What does not fit binds nothing.
        let most = crate::money::rate_floor(request.equity, self.0).unwrap_or(i64::MAX);
        let room = most.checked_sub(request.others_gross).ok_or(Overflow)?;
        let position = request.contract.scale.lots_up_to(room, request.ticks)?;
        Ok(lots.min((position - request.held).max(0)))
    }
}

/// Cuts a spot buy to what free cash covers with fee and half spread.
struct Balance {
    half_spread_e9: i64,
}
impl Control for Balance {
    const CAUSE: Cause = Cause::Balance;
    #[inline(always)]
    fn allowed(&self, request: &Request<'_>, lots: i64) -> Result<i64, Overflow> {
        if request.contract.kind != InstrumentKind::Spot || !request.is_buy {
            return Ok(lots);
        }
        if self.need(request.contract, lots, request.ticks)? <= request.free_cash {
            return Ok(lots);
        }
        let mut lots = lots.min(request.contract.scale.lots_within(request.free_cash, request.ticks, self.rate(request.contract))?);
        while lots > 0 && self.need(request.contract, lots, request.ticks)? > request.free_cash {
            lots -= 1;
        }
        Ok(lots)
    }
}

impl Balance {
    #[inline(always)]
    fn rate(&self, contract: &Contract) -> i64 {
        E9 + contract.terms.taker_e9 + self.half_spread_e9
    }
    #[inline(always)]
    fn need(&self, contract: &Contract, lots: i64, ticks: i64) -> Result<i64, Overflow> {
        rate_ceil(contract.scale.ceil(lots, ticks)?, self.rate(contract))
    }
}

/// Cuts an increase to what free margin covers at the contract's leverage.
struct Margin;
impl Control for Margin {
    const CAUSE: Cause = Cause::Margin;
    #[inline(always)]
    fn allowed(&self, request: &Request<'_>, lots: i64) -> Result<i64, Overflow> {
        let leverage_e9 = request.contract.leverage_e9;
        if leverage_e9 == 0 {
            return Ok(lots);
        }
        // ⌈notional / leverage⌉ ≤ margin where notional ≤ ⌊margin · leverage⌋; what does not fit binds nothing.
        let notional = crate::money::rate_floor(request.margin.max(0), leverage_e9).unwrap_or(i64::MAX);
        Ok(lots.min(request.contract.scale.lots_up_to(notional, request.ticks)?))
    }
}

/// All controls of the run, in their written order.
pub struct Gate {
    max_notional: MaxNotional,
    leverage: Leverage,
    balance: Balance,
}

impl Gate {
    /// Builds the gate from the run's limits.
    pub fn new(config: &crate::config::Config) -> Self {
        let policy = config.policy.as_ref();
        let most = policy.and_then(|policy| policy.max_notional);
        let max_leverage_e9 = policy.and_then(|policy| policy.max_leverage_e9).unwrap_or(i64::MAX).min(config.max_leverage_e9);
        Self {
            // The smaller of two limits wins.
            max_notional: MaxNotional(config.max_notional.into_iter().chain(most).min()),
            leverage: Leverage(max_leverage_e9),
            balance: Balance { half_spread_e9: config.half_spread_e9 },
        }
    }

    /// Returns how many of `lots` may be added, and what cut them.
    ///
    /// # Errors
    /// Returns [`Overflow`] where an amount does not fit.
    #[inline(always)]
    pub fn cut(&self, request: &Request<'_>, lots: i64) -> Result<(i64, Cause), Overflow> {
        let mut state = (lots, Cause::None);
        pass(&EquityLeft, request, &mut state)?;
        pass(&MinSize, request, &mut state)?;
        pass(&MinNotional, request, &mut state)?;
        pass(&self.max_notional, request, &mut state)?;
        pass(&self.leverage, request, &mut state)?;
        pass(&self.balance, request, &mut state)?;
        pass(&Margin, request, &mut state)?;
        if state.0 < lots && (MinSize.allowed(request, state.0)? == 0 || MinNotional.allowed(request, state.0)? == 0) {
            state.0 = 0;
        }
        Ok(state)
    }

    /// Returns the most lots that one order may hold at a price, and never fewer than the venue takes.
    ///
    /// # Errors
    /// Returns [`Overflow`] where an amount does not fit.
    pub fn most(&self, contract: &Contract, ticks: i64) -> Result<i64, Overflow> {
        match self.max_notional.0 {
            None => Ok(i64::MAX),
            Some(most) => Ok(contract.scale.lots_up_to(most, ticks)?.max(contract.terms.min_lots).max(1)),
        }
    }

    /// Approves an order whose increase has been cut to what passed; `None` where nothing is left. Nobody but the desk can ask for it:
    ///
    /// ```compile_fail,E0624
    /// # use bot4_engine::desk::{order::{Approved, Order}, risk::Gate};
    /// fn bypass(gate: &Gate, order: Order) -> Option<Approved<Order>> {
    ///     gate.approve(order)
    /// }
    /// ```
    pub(super) fn approve(&self, order: Order) -> Option<Approved<Order>> {
        (order.lots > 0).then(|| Approved::stamp(order))
    }

    /// Returns the cash that a working spot buy keeps from others.
    ///
    /// # Errors
    /// Returns [`Overflow`] where an amount does not fit.
    pub fn reserved(&self, contract: &Contract, lots: i64, ticks: i64) -> Result<i64, Overflow> {
        self.balance.need(contract, lots, ticks)
    }

    /// Returns the cash that a working spot sell is expected to bring.
    ///
    /// # Errors
    /// Returns [`Overflow`] where an amount does not fit.
    pub fn expected(&self, contract: &Contract, lots: i64, ticks: i64) -> Result<i64, Overflow> {
        let amount = contract.scale.floor(lots, ticks)?;
        crate::money::rate_floor(amount, E9 - contract.terms.taker_e9 - self.balance.half_spread_e9)
    }
}

/// Applies one control; the first cause of the smallest quantity stays.
#[inline(always)]
fn pass<C: Control>(control: &C, request: &Request<'_>, state: &mut (i64, Cause)) -> Result<(), Overflow> {
    if state.0 > 0 {
        let allowed = control.allowed(request, state.0)?;
        if allowed < state.0 {
            *state = (allowed, C::CAUSE);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::instrument::Terms;
    use crate::money::Scale;

    fn contract(kind: InstrumentKind) -> Contract {
        let terms = Terms { taker_e9: 1_000_000, maker_e9: 0, min_lots: 5, min_notional: 1_000_000_000 };
        Contract { kind, scale: Scale::new((1, 2), (1, 3)).unwrap(), terms, leverage_e9: 0 }
    }

    fn gate(max_notional: Option<i64>) -> Gate {
        Gate { max_notional: MaxNotional(max_notional), leverage: Leverage(2 * E9), balance: Balance { half_spread_e9: 0 } }
    }

    fn request(contract: &Contract) -> Request<'_> {
        // 1 lot = 0.001 coin at 100.00 = 0.1; equity and cash 1000.
        let thousand = 100_000_000_000;
        Request {
            contract,
            ticks: 10_000,
            held: 0,
            is_solvent: true,
            equity: thousand,
            others_gross: 0,
            free_cash: thousand,
            margin: 0,
            is_buy: true,
        }
    }

    #[test]
    fn each_control_cuts_with_its_own_cause() {
        let (spot, linear) = (contract(InstrumentKind::Spot), contract(InstrumentKind::Linear));
        let base = request(&linear);
        let cut = |r: &Request<'_>, lots| gate(None).cut(r, lots).unwrap();
        assert_eq!(cut(&base, 1_000), (1_000, Cause::None));
        assert_eq!(cut(&Request { is_solvent: false, ..base }, 1_000), (0, Cause::Equity));
        assert_eq!(cut(&base, 4), (0, Cause::MinSize));
        assert_eq!(cut(&base, 99), (0, Cause::MinNotional), "9.90 is below 10");
        assert_eq!(gate(Some(5_000_000_000)).cut(&base, 1_000).unwrap(), (500, Cause::MaxNotional));
        assert_eq!(cut(&base, 30_000), (20_000, Cause::Leverage));
        assert_eq!(cut(&Request { held: 15_000, ..base }, 30_000), (5_000, Cause::Leverage));
        assert_eq!(cut(&Request { others_gross: 200_000_000_000, ..base }, 1_000), (0, Cause::Leverage));
        assert_eq!(cut(&request(&spot), 10_000), (9_990, Cause::Balance), "1000/1.001 at 0.1 a lot");
        assert_eq!(cut(&Request { is_buy: false, ..request(&spot) }, 10_000), (10_000, Cause::None));
        let margined = Contract { leverage_e9: 10 * E9, ..linear };
        assert_eq!(cut(&Request { margin: 5_000_000_000, ..request(&margined) }, 10_000), (5_000, Cause::Margin), "50 carry 500");
        assert_eq!(cut(&Request { margin: -1, ..request(&margined) }, 10_000), (0, Cause::Margin));
    }

    #[test]
    fn what_a_cut_leaves_below_the_minimum_is_refused_with_the_cutting_cause() {
        let spot = contract(InstrumentKind::Spot);
        let poor = Request { free_cash: 900_000_000, ..request(&spot) };
        assert_eq!(gate(None).cut(&poor, 1_000).unwrap(), (0, Cause::Balance));
    }

    #[test]
    fn only_an_order_with_lots_is_approved() {
        use super::super::reason::Reason;
        let order = Order {
            id: 0,
            ts: 0,
            asset: 0,
            side: 1,
            lots: 0,
            filled: 0,
            wanted: 3,
            ref_ticks: 1,
            due: 0,
            reason: Reason::Target,
            cause: Cause::Balance,
            fixed_ticks: 0,
            trailing_ticks: 0,
            take_ticks: 0,
            capped_row: super::super::order::NEVER,
        };
        assert!(gate(None).approve(order).is_none());
        let sent = gate(None).approve(Order { lots: 2, ..order }).expect("approved").into_inner();
        assert_eq!((sent.left(), sent.signed_left()), (2, 2));
    }

    #[test]
    fn reserved_and_expected_cash_round_against_us() {
        let spot = contract(InstrumentKind::Spot);
        assert_eq!(gate(None).reserved(&spot, 1_000, 10_000), Ok(10_010_000_000));
        assert_eq!(gate(None).expected(&spot, 1_000, 10_000), Ok(9_990_000_000));
    }

    #[test]
    fn half_a_spread_is_kept_beside_the_fee() {
        let spot = contract(InstrumentKind::Spot);
        let wide = Gate { balance: Balance { half_spread_e9: 1_000_000 }, ..gate(None) };
        // 100.00 with 0.1 % of fee and 0.1 % of half a spread.
        assert_eq!(wide.reserved(&spot, 1_000, 10_000), Ok(10_020_000_000));
        assert_eq!(wide.expected(&spot, 1_000, 10_000), Ok(9_980_000_000));
        assert_eq!(wide.cut(&request(&spot), 10_000).unwrap(), (9_980, Cause::Balance), "1000/1.002 at 0.1 a lot");
    }

    #[test]
    fn a_balance_is_never_exceeded_by_what_amounts_and_fees_round_up() {
        let terms = Terms { taker_e9: 1_000_000, maker_e9: 0, min_lots: 1, min_notional: 0 };
        // A lot at one tick is worth a ten thousandth of the smallest unit.
        let fine = Contract { kind: InstrumentKind::Spot, scale: Scale::new((1, 8), (1, 4)).unwrap(), terms, leverage_e9: 0 };
        let with = |free_cash| gate(None).cut(&Request { ticks: 1, free_cash, equity: 1_000, ..request(&fine) }, 15_000).unwrap();
        // Of two units one is for the fee; of one nothing is left.
        assert_eq!(with(2), (10_000, Cause::Balance));
        assert_eq!((with(1), with(-1)), ((0, Cause::Balance), (0, Cause::Balance)));
        assert_eq!(with(3), (15_000, Cause::None), "two and the fee");
    }

    #[test]
    fn what_is_refused_is_not_looked_at_further() {
        let linear = contract(InstrumentKind::Linear);
        let broke = Request { is_solvent: false, others_gross: i64::MIN, ..request(&linear) };
        assert_eq!(gate(None).cut(&broke, 1_000), Ok((0, Cause::Equity)));
    }
}
