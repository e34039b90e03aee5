//! One asset's position and its open trade: lots, cost, rounding kept, and the sums that become the trade's record.
use crate::desk::order::TradeRecord;
use crate::desk::reason::Reason;
use crate::memory::snapshot::{Reader, SnapshotError, Writer};
use crate::money::{Overflow, Scale};

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
    pub(super) last_unit: u32,
    trade_lots: i64,
    entry_notional: i64,
    exit_notional: i64,
    fees: i64,
    pub(super) last_reason: Reason,
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
    pub fn entry_ticks(&self, scale: &Scale) -> i64 {
        scale.entry_ticks(self.lots, self.cost)
    }

    /// Returns the average entry price in fractional ticks, for views.
    pub fn average_ticks(&self, scale: &Scale) -> f64 {
        scale.average_ticks(self.lots, self.cost)
    }

    /// Returns the cost with the position's sign.
    pub fn signed_cost(&self) -> i128 {
        self.cost * i128::from(self.lots.signum())
    }

    /// Returns the amount of the open trade's increases so far.
    pub fn entry_notional(&self) -> i64 {
        self.entry_notional
    }

    /// Adds a fee of the venue that is none of a fill's.
    pub(super) fn charge(&mut self, fee: i64) -> Result<(), Overflow> {
        self.fees = self.fees.checked_add(fee).ok_or(Overflow)?;
        Ok(())
    }

    /// Returns the open trade as a record with what is left valued at `value`; `exit_ts` is −1.
    pub fn open_trade(&self, asset: u32, scale: &Scale, value: i64) -> Option<TradeRecord> {
        (self.lots != 0).then(|| {
            let trade = self.trade(asset, scale, self.lots.signum(), -1);
            TradeRecord { pnl: trade.pnl + value, ..trade }
        })
    }

    #[inline(always)]
    pub(super) fn trade(&self, asset: u32, scale: &Scale, side: i64, exit_ts: i64) -> TradeRecord {
        TradeRecord {
            asset,
            side,
            entry_ts: self.first_fill,
            exit_ts,
            lots: self.trade_lots,
            entry_notional: self.entry_notional,
            exit_notional: self.exit_notional,
            fees: self.fees,
            pnl: scale.directed(side) * (self.exit_notional - self.entry_notional) - self.fees,
            funding: 0,
            bars: self.bars,
            reason: self.last_reason,
        }
    }

    #[inline(always)]
    pub(super) fn reduce(&mut self, lots: i64, amount: i64, fee: i64) -> Result<(), Overflow> {
        let held = self.lots.abs();
        self.cost -= if lots == held { self.cost } else { share(self.cost, lots, held) };
        self.lots -= self.lots.signum() * lots;
        self.exit_notional = self.exit_notional.checked_add(amount).ok_or(Overflow)?;
        self.fees = self.fees.checked_add(fee).ok_or(Overflow)?;
        Ok(())
    }

    #[inline(always)]
    pub(super) fn increase(&mut self, side: i64, lots: i64, cost: i128, amount: i64, fee: i64) -> Result<(), Overflow> {
        self.lots = self.lots.checked_add(side * lots).ok_or(Overflow)?;
        self.cost += cost;
        self.trade_lots = self.trade_lots.checked_add(lots).ok_or(Overflow)?;
        self.entry_notional = self.entry_notional.checked_add(amount).ok_or(Overflow)?;
        self.fees = self.fees.checked_add(fee).ok_or(Overflow)?;
        Ok(())
    }

    /// Writes every field.
    pub(in crate::desk) fn save(&self, to: &mut Writer) {
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
    pub(in crate::desk) fn load(from: &mut Reader<'_>) -> Result<Self, SnapshotError> {
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
            last_reason: crate::desk::snapshot::reason(from)?,
        })
    }

    pub(super) fn begin(&mut self, ts: i64) {
        *self = Self { dust: self.dust, first_fill: ts, ..Self::FLAT };
    }
}

/// Returns ⌊cost · part / whole⌋ of a cost that is not negative, where 0 < part < whole.
#[inline(never)]
pub(in crate::desk) fn share(cost: i128, part: i64, whole: i64) -> i128 {
    let (part, whole) = (i128::from(part), i128::from(whole));
    // The product of an inverse cost, which is kept finely, may not fit; those of its quotient and remainder do.
    cost.checked_mul(part).map_or_else(|| cost / whole * part + cost % whole * part / whole, |product| product / whole)
}
