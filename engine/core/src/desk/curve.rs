//! What a host keeps of equity and records: all of a single run, or a digest of a run among many.
use super::order::{FillRecord, OrderRecord, TradeRecord};
use super::records::{Outbox, Records};
use crate::money::Scale;

/// Rows in which nothing happens to a position of one instrument but its mark.
pub struct Held<'a> {
    /// Open times of the rows, ms.
    pub ts: &'a [i64],
    /// Close prices of the rows.
    pub closes: &'a [f64],
    /// The first row, within the block.
    pub first: usize,
    /// Scale of the instrument.
    pub scale: &'a Scale,
    /// Position, signed.
    pub lots: i64,
    /// Equity without the position, 1e-8 quote.
    pub flow: i64,
}

/// The marks of a stretch that the desk goes on with.
pub struct Marked {
    /// Largest equity, or less where the largest so far is above all of them.
    pub top: i64,
    /// Last mark, ticks.
    pub mark: i64,
    /// Value of the position at it.
    pub value: i64,
}

/// Takes the marks of equity, in order.
pub trait Curve {
    /// Takes the mark of a full step at decision time `t`.
    fn mark(&mut self, t: i64, equity: i64, is_held: bool);
    /// Takes one mark of a quiet stretch, whose bar opens at `ts`.
    fn point(&mut self, ts: i64, equity: i64, is_held: bool);
    /// Takes the marks of quiet rows in which nothing is held.
    fn level(&mut self, ts: &[i64], equity: i64);
    /// Takes the marks of quiet rows with a position; `None` where some price is missing or some amount might not fit: nothing was taken then.
    fn held(&mut self, held: &Held<'_>) -> Option<Marked>;
    /// Ends a quiet stretch of the rows that open at `ts`.
    fn stretched(&mut self, _ts: &[i64]) {}
    /// Takes a fill of a stride and the trade that it closed; what goes into the outbox comes back by `drain`.
    fn filled(&mut self, outbox: &mut Outbox, fill: FillRecord, closed: Option<TradeRecord>);
    /// Takes an order that ended in a stride.
    fn ended(&mut self, outbox: &mut Outbox, record: OrderRecord);
    /// Takes everything out of the outbox.
    fn drain(&mut self, outbox: &mut Outbox);
}

/// Keeps every mark.
pub struct EveryMark<'a> {
    /// Decision times.
    pub ts: &'a mut Vec<i64>,
    /// Equity at them.
    pub equity: &'a mut Vec<i64>,
    /// Records drained.
    pub records: &'a mut Records,
    /// From a bar's open to its decision, ms.
    pub interval_ms: i64,
}

impl Curve for EveryMark<'_> {
    #[inline(always)]
    fn mark(&mut self, t: i64, equity: i64, _is_held: bool) {
        self.ts.push(t);
        self.equity.push(equity);
    }
    #[inline(always)]
    fn point(&mut self, _ts: i64, equity: i64, _is_held: bool) {
        self.equity.push(equity);
    }
    #[inline(always)]
    fn level(&mut self, ts: &[i64], equity: i64) {
        self.equity.resize(self.equity.len() + ts.len(), equity);
    }
    #[inline(always)]
    fn held(&mut self, held: &Held<'_>) -> Option<Marked> {
        let before = self.equity.len();
        let marked = held.scale.marks(held.lots, held.flow, held.closes, self.equity).and_then(|top| {
            let mark = held.closes.last().and_then(|&close| held.scale.ticks(close))?;
            Some(Marked { top, mark, value: self.equity.last()? - held.flow })
        });
        if marked.is_none() {
            self.equity.truncate(before);
        }
        marked
    }
    #[inline(always)]
    fn stretched(&mut self, ts: &[i64]) {
        // Times only grow: where the last one fits, all do, and the loop needs no check.
        self.ts.extend(ts.iter().map(|ts| ts.wrapping_add(self.interval_ms)));
    }
    #[inline(always)]
    fn filled(&mut self, outbox: &mut Outbox, fill: FillRecord, closed: Option<TradeRecord>) {
        outbox.fills.push(fill);
        outbox.trades.extend(closed);
    }
    #[inline(always)]
    fn ended(&mut self, outbox: &mut Outbox, record: OrderRecord) {
        outbox.orders.push(record);
    }
    fn drain(&mut self, outbox: &mut Outbox) {
        self.records.drain(outbox);
    }
}
