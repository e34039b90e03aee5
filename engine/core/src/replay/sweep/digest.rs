//! What is kept of one run among many: exact integers from which the row of its statistics follows (`bot4/report/rows.py`), and the close of
//! every day. No bar, order, fill or trade is kept.
use super::calendar::Calendar;
use super::chunks::{CHUNK_ROWS, Chunks, range_of};
use super::fall::Fall;
use crate::desk::curve::{Curve, Held, Marked};
use crate::desk::order::{FillRecord, OrderRecord, TradeRecord};
use crate::desk::records::Outbox;

/// Sums over the closed trades, and over all fills.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Sums {
    /// Orders sent or rejected, those still working too.
    pub orders: i64,
    /// Fills.
    pub fills: i64,
    /// Fees of all fills, 1e-8 of the currency of settlement.
    pub fees: i128,
    /// Amounts of all fills, unsigned.
    pub traded: i128,
    /// Funding booked.
    pub funding: i128,
    /// Closed trades.
    pub trades: i64,
    /// Trades still open.
    pub open: i64,
    /// Closed trades with a profit.
    pub wins: i64,
    /// Profit of those.
    pub won: i128,
    /// Loss of closed trades with one, positive.
    pub lost: i128,
    /// Bars held of closed trades.
    pub bars_held: i64,
}

/// The digest of one run.
#[derive(Debug, Clone, PartialEq)]
pub struct Digest {
    /// What equity did.
    pub marks: Marks,
    /// What was recorded.
    pub sums: Sums,
}

/// What equity did.
#[derive(Debug, Clone, PartialEq)]
pub struct Marks {
    /// Marks before this time do not count: nothing could be decided yet.
    from_ms: i64,
    interval_ms: i64,
    /// Marks that count.
    pub bars: u64,
    /// Marks with a position.
    pub held: u64,
    /// Time of the first and of the last mark, ms.
    pub span: (i64, i64),
    /// Equity at the first and at the last mark, 1e-8 of the account currency.
    pub equity: (i64, i64),
    /// Sum of equity over all marks.
    pub equity_sum: i128,
    /// The deepest fall.
    pub fall: Fall,
    /// Equity at the close of each day of the calendar; before the run's first day what it began with.
    pub days: Vec<i64>,
    /// The first day that the first mark is not the only one of.
    pub first_day: usize,
    /// The day at hand, and the time that ends it.
    day: (usize, i64),
}

impl Marks {
    fn new(calendar: &Calendar, interval_ms: i64, from_ms: i64, cash: i64) -> Self {
        Self {
            from_ms,
            interval_ms,
            bars: 0,
            held: 0,
            span: (0, 0),
            equity: (cash, cash),
            equity_sum: 0,
            fall: Fall::new(0, 0),
            days: vec![cash; calendar.len()],
            first_day: calendar.len(),
            day: (0, i64::MIN),
        }
    }

    #[cold]
    fn begin(&mut self, calendar: &Calendar, t: i64, equity: i64) {
        self.span = (t, t);
        self.equity = (equity, equity);
        self.fall = Fall::new(t, equity);
        let day = calendar.day(t);
        self.days[..day].fill(equity);
        self.day = (day, calendar.close(day));
        // Until a second mark falls on it, the first day has no close beside its base.
        self.first_day = day + 1;
    }

    /// Moves on to the day of `t`; days without a mark repeat the last equity.
    #[inline(always)]
    fn turn(&mut self, calendar: &Calendar, t: i64) {
        while t > self.day.1 {
            self.close_day(calendar);
        }
    }

    #[inline(never)]
    fn close_day(&mut self, calendar: &Calendar) {
        self.days[self.day.0] = self.equity.1;
        self.day = (self.day.0 + 1, calendar.close(self.day.0 + 1));
    }

    #[inline(always)]
    fn take(&mut self, calendar: &Calendar, t: i64, equity: i64, is_held: bool) {
        if t < self.from_ms {
            return;
        }
        if self.bars == 0 {
            self.begin(calendar, t, equity);
        } else {
            self.turn(calendar, t);
            self.note_second(t);
            self.fall.take(self.bars, t, equity);
        }
        self.bars += 1;
        self.held += u64::from(is_held);
        self.equity.1 = equity;
        self.span.1 = t;
        self.equity_sum += i128::from(equity);
    }

    /// Where the second mark falls on the first one's day, that day has a close.
    #[inline(always)]
    fn note_second(&mut self, t: i64) {
        if self.bars == 1 && t <= self.day.1 && self.first_day == self.day.0 + 1 {
            self.first_day = self.day.0;
        }
    }

    fn finish(&mut self) {
        if self.bars > 0 {
            self.days[self.day.0..].fill(self.equity.1);
            self.fall.finish(self.span.1);
        }
    }
}

impl Sums {
    #[inline(always)]
    fn close(&mut self, trade: &TradeRecord) {
        self.trades += 1;
        self.wins += i64::from(trade.pnl > 0);
        self.won += i128::from(trade.pnl.max(0));
        self.lost -= i128::from(trade.pnl.min(0));
        self.bars_held += trade.bars;
        self.traded += traded(trade);
    }

    /// Takes what the desk has recorded, and empties it.
    pub fn drain(&mut self, outbox: &mut Outbox) {
        self.orders += outbox.orders.len() as i64;
        self.fills += outbox.fills.len() as i64;
        self.fees += outbox.fills.iter().map(|fill| i128::from(fill.fee)).sum::<i128>();
        self.funding += outbox.funding.iter().map(|record| i128::from(record.amount)).sum::<i128>();
        outbox.trades.iter().for_each(|trade| self.close(trade));
        outbox.orders.clear();
        outbox.keyed.clear();
        outbox.fills.clear();
        outbox.trades.clear();
        outbox.funding.clear();
        outbox.guard.clear();
        outbox.commands.clear();
        outbox.breakers.clear();
    }
}

impl Digest {
    /// Opens a digest whose marks count from `from_ms` on; without any mark it shows `cash`.
    pub fn new(calendar: &Calendar, interval_ms: i64, from_ms: i64, cash: i64) -> Self {
        Self { marks: Marks::new(calendar, interval_ms, from_ms, cash), sums: Sums::default() }
    }

    /// Ends the run: `working` orders and `open` trades are left.
    pub fn finish(&mut self, working: usize, open: impl Iterator<Item = TradeRecord>) {
        self.sums.orders += working as i64;
        for trade in open {
            self.sums.open += 1;
            self.sums.traded += traded(&trade);
        }
        self.marks.finish();
    }
}

/// The amounts of a trade's fills: the ledger has rounded each as it was paid.
fn traded(trade: &TradeRecord) -> i128 {
    i128::from(trade.entry_notional) + i128::from(trade.exit_notional)
}

/// A digest at work on one block.
pub struct Tracker<'a> {
    /// The marks so far.
    pub digest: &'a mut Marks,
    /// The sums of what is recorded.
    pub sums: &'a mut Sums,
    /// The market's days.
    pub calendar: &'a Calendar,
    /// The block's closes, where quiet stretches are taken at once.
    pub chunks: &'a Chunks,
}

impl Curve for Tracker<'_> {
    #[inline(always)]
    fn mark(&mut self, t: i64, equity: i64, is_held: bool) {
        self.digest.take(self.calendar, t, equity, is_held);
    }

    #[inline(always)]
    fn point(&mut self, ts: i64, equity: i64, is_held: bool) {
        self.digest.take(self.calendar, ts + self.digest.interval_ms, equity, is_held);
    }

    #[inline(always)]
    fn filled(&mut self, _outbox: &mut Outbox, fill: FillRecord, closed: Option<TradeRecord>) {
        self.sums.fills += 1;
        self.sums.fees += i128::from(fill.fee);
        if let Some(trade) = closed {
            self.sums.close(&trade);
        }
    }

    #[inline(always)]
    fn ended(&mut self, _outbox: &mut Outbox, _record: OrderRecord) {
        self.sums.orders += 1;
    }

    fn drain(&mut self, outbox: &mut Outbox) {
        self.sums.drain(outbox);
    }

    fn level(&mut self, ts: &[i64], equity: i64) {
        let (digest, calendar) = (&mut *self.digest, self.calendar);
        // A run that never decides counts every mark: `from_ms` is then the least of all times.
        let from = digest.from_ms.saturating_sub(digest.interval_ms);
        let mut ts = if ts.first().is_some_and(|&first| first < from) { &ts[ts.partition_point(|&ts| ts < from)..] } else { ts };
        // What could turn a day or begin the run goes one by one.
        while let (true, Some((&first, rest))) = (digest.bars < 2, ts.split_first()) {
            digest.take(calendar, first + digest.interval_ms, equity, false);
            ts = rest;
        }
        let (Some(&first), Some(&last)) = (ts.first(), ts.last()) else { return };
        let (t, last_t) = (first + digest.interval_ms, last + digest.interval_ms);
        digest.turn(calendar, t);
        digest.equity.1 = equity;
        digest.turn(calendar, last_t);
        let rows = ts.len() as u64;
        digest.fall.level((digest.bars, t), (digest.bars + rows - 1, last_t), equity);
        digest.bars += rows;
        digest.span.1 = last_t;
        digest.equity_sum += i128::from(equity) * i128::from(rows);
    }

    fn held(&mut self, held: &Held<'_>) -> Option<Marked> {
        let Held { ts, first, scale, lots, flow, .. } = *held;
        let (digest, calendar, chunks) = (&mut *self.digest, self.calendar, self.chunks);
        if scale.is_inverse() || digest.bars < 2 || ts.is_empty() {
            return None;
        }
        let end = first + ts.len();
        let (num, den) = scale.unit();
        let unit = lots.checked_mul(num)?;
        // Every mark of the block fits where its dearest does.
        let ranges = chunks.ranges.get(first / CHUNK_ROWS..end.div_ceil(CHUNK_ROWS))?;
        let (lowest, most) = chunks.range;
        unit.checked_mul(most)?.checked_abs()?.checked_add(flow.checked_abs()?)?.checked_add(1)?;
        let value = |ticks: i64| if den == 1 { unit * ticks } else { (unit * ticks).div_euclid(den) };
        let ticks = &chunks.ticks[first..end];
        let (worst, best) = if unit < 0 { (most, lowest) } else { (lowest, most) };
        let all_spared = digest.fall.spares(flow + value(worst), flow + value(best));
        let mut row = 0;
        for &(low, high) in if all_spared { &[] } else { ranges } {
            let rows = row..ticks.len().min((first + row) / CHUNK_ROWS * CHUNK_ROWS + CHUNK_ROWS - first);
            let (worst, best) = if unit < 0 { (high, low) } else { (low, high) };
            if !digest.fall.spares(flow + value(worst), flow + value(best)) {
                let few = Few { ticks: &ticks[rows.clone()], ts: &ts[rows.clone()], interval_ms: digest.interval_ms };
                // Of a whole chunk the extremes are known.
                let range = if rows.len() == CHUNK_ROWS { (low, high) } else { range_of(few.ticks) };
                few.give(&mut digest.fall, digest.bars + row as u64, range, (unit, den), |ticks| flow + value(ticks));
            }
            row = rows.end;
        }
        let last_t = ts[ts.len() - 1] + digest.interval_ms;
        let mut from = 0;
        while last_t > digest.day.1 {
            // The last mark up to midnight, of this stretch or from before it.
            from += ts[from..].partition_point(|&ts| ts + digest.interval_ms <= digest.day.1);
            if from > 0 {
                digest.equity.1 = flow + value(ticks[from - 1]);
            }
            digest.close_day(calendar);
        }
        let rows = ts.len() as i128;
        let values = if den == 1 {
            i128::from(unit) * i128::from(chunks.sums[end] - chunks.sums[first])
        } else {
            ticks.iter().map(|&ticks| i128::from(value(ticks))).sum()
        };
        digest.equity_sum += rows * i128::from(flow) + values;
        let mark = ticks[ticks.len() - 1];
        digest.bars += ts.len() as u64;
        digest.held += if lots == 0 { 0 } else { ts.len() as u64 };
        digest.equity.1 = flow + value(mark);
        digest.span.1 = last_t;
        Some(Marked { top: digest.fall.peak, mark, value: value(mark) })
    }
}

/// The rows of one chunk that a stretch covers.
struct Few<'a> {
    ticks: &'a [i64],
    ts: &'a [i64],
    interval_ms: i64,
}

impl Few<'_> {
    /// Gives their marks, of prices in this range, to the deepest fall. A tick of the price is `unit / den` of equity.
    #[inline(always)]
    fn give(&self, fall: &mut Fall, first: u64, (low, high): (i64, i64), (unit, den): (i64, i64), equity: impl Fn(i64) -> i64) {
        let (worst, best) = if unit < 0 { (high, low) } else { (low, high) };
        let lowest = equity(worst);
        if fall.spares(lowest, equity(best)) {
            return;
        }
        // Without a new high only the first of the lowest marks counts, unless depths are too fine to tell equity apart.
        if equity(best) < fall.peak && fall.tells_apart(lowest) {
            // In whole units every tick has an equity of its own.
            let place = if den == 1 && unit != 0 {
                self.ticks.iter().position(|&ticks| ticks == worst)
            } else {
                self.ticks.iter().position(|&ticks| equity(ticks) == lowest)
            };
            let at = place.unwrap_or(0);
            return fall.take(first + at as u64, self.ts[at] + self.interval_ms, lowest);
        }
        for (at, (&ticks, &ts)) in self.ticks.iter().zip(self.ts).enumerate() {
            fall.take(first + at as u64, ts + self.interval_ms, equity(ticks));
        }
    }
}
