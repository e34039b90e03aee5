//! Quiet stretches of a single asset: nothing works, nothing the strategy says has changed, and no stop or take is reached.
//!
//! Of such rows the full step leaves only the mark and the trailing level, so this does only those; any other row goes the full way. Both give the
//! same bits, which the tests of every block length and the oracle hold.

use super::curve::{Curve, Held, Marked};
use super::rule::{MISSING, Unit};
use super::same::equal_rows;
use super::{Desk, Halt, Source};
use crate::money::Overflow;

/// What a glide took.
pub struct Glide {
    /// Rows that have their mark and ask for nothing else but, perhaps, the last one's decision.
    pub rows: usize,
    /// Whether the last of them is still to be decided: what the strategy says has changed there.
    pub decides: bool,
}

impl Glide {
    /// Nothing: the next row goes the full way.
    const NONE: Self = Self { rows: 0, decides: false };

    /// Rows that ask for nothing else.
    fn quiet(rows: usize) -> Self {
        Self { rows, decides: false }
    }
}

impl Desk {
    /// Takes rows from `from` on while they are quiet, and the market half of the row after them where only the strategy speaks there; gives one mark a
    /// row to the curve.
    ///
    /// # Errors
    /// Returns [`Halt`] where a number does not fit.
    pub fn glide<S: Source, K: Curve>(&mut self, ts: &[i64], from: usize, src: &S, curve: &mut K) -> Result<Glide, Halt> {
        if self.guard.is_some() {
            return Ok(Glide::NONE); // The guard looks at every decision.
        }
        let slot = &self.slots[0];
        if self.rules[0].is_none() && self.entries.rule(0).is_none() {
            return self.glide_lanes(ts, from, src, curve).map(Glide::quiet);
        }
        let is_busy = !self.queue.is_empty() || self.track_extremes || self.accounts.is_some();
        if is_busy || ts[from] + self.interval_ms < self.trade_from_ms {
            return Ok(Glide::NONE);
        }
        if slot.dirty {
            return Ok(Glide::quiet(self.glide_unsettled(&ts[from..], src.row(0, from), curve)));
        }
        let rows = match &self.rules[0] {
            Some(rule) if rule.unit == Unit::Weight => equal_rows(&src.targets(0)[from..ts.len()], slot.raw_bits),
            None if self.entries.rule(0).is_some() => {
                let same = |(column, bits): (&[f64], u64)| column.get(from..ts.len()).map(|column| equal_rows(column, bits));
                let columns = src.signal_columns(0).into_iter().zip(self.entries.seen(0));
                columns.filter_map(same).min().unwrap_or(0)
            }
            _ => return Ok(Glide::NONE),
        };
        let is_flat = self.ledger.positions[0].lots == 0;
        let glide = if !is_flat && (self.armed_stops > 0 || slot.trails) {
            Glide::quiet(self.watch_all(ts, from, rows, src, curve)?)
        } else {
            // No order works and no level is watched: the bar of the row that speaks does nothing but set its mark.
            let decides = from + rows < ts.len();
            let marked = from..from + rows + usize::from(decides);
            if is_flat && slot.value == 0 {
                curve.level(&ts[marked.clone()], self.equity());
            } else {
                self.mark_all(ts, &src.closes(0)[marked.clone()], from, curve)?;
            }
            Glide { rows: marked.len(), decides }
        };
        // The decision counts its own row.
        let rows = (glide.rows - usize::from(glide.decides)) as u64;
        if self.over_budget {
            self.budget_rows += rows;
        }
        if self.rules[0].is_some() && self.slots[0].raw == MISSING {
            self.slots[0].counters.missing += rows;
        }
        Ok(glide)
    }

    /// Takes the rows before decisions begin, from row number `row` of the asset on: with nothing held, nothing is read there and nothing counted.
    fn glide_unsettled<K: Curve>(&self, ts: &[i64], row: u64, curve: &mut K) -> usize {
        let settled = self.rules[0].as_ref().map_or(0, |rule| rule.settled);
        let is_flat = self.ledger.positions[0].lots == 0 && self.slots[0].value == 0;
        if row >= settled || !is_flat || self.over_budget {
            return 0;
        }
        let rows = ts.len().min((settled - row) as usize);
        curve.level(&ts[..rows], self.equity());
        rows
    }

    /// Marks up to `rows` rows and moves the trailing level, until a row reaches the stop or the take; returns how many it took.
    fn watch_all<S: Source, K: Curve>(&mut self, ts: &[i64], from: usize, rows: usize, src: &S, curve: &mut K) -> Result<usize, Halt> {
        let (scale, flow, realised) = (&self.contracts[0].scale, self.ledger.flow, self.total_value - self.slots[0].value);
        let (slot, position) = (&mut self.slots[0], &mut self.ledger.positions[0]);
        let (lots, side) = (position.lots, position.lots.signum());
        // A trailing level that is not there yet makes the stop watched: the full step does that.
        let distances = if slot.trails { src.trailing_column(0) } else { &[] };
        if slot.trails && (slot.stops.trailing == 0 || distances.is_empty()) {
            return Ok(0);
        }
        let mut stops = slot.stops;
        let mut taken = 0;
        for row in from..from + rows {
            let halt = Halt { asset: 0, ts: ts[row] };
            let ticks = |price: f64| scale.ticks(price).ok_or(halt);
            let (open, high, low) = (ticks(src.open(0, row))?, ticks(src.high(0, row))?, ticks(src.low(0, row))?);
            let (worst, best) = if side > 0 { (low.min(open), high.max(open)) } else { (high.max(open), low.min(open)) };
            let is_stopped = stops.level(side).is_some_and(|(level, _)| side * worst <= side * level);
            if is_stopped || (stops.take != 0 && side * best >= side * stops.take) {
                break;
            }
            slot.mark = ticks(src.close(0, row))?;
            slot.value = scale.floor(lots, slot.mark).map_err(|Overflow| halt)?;
            let now = realised.checked_add(slot.value).and_then(|total| total.checked_add(flow)).ok_or(halt)?;
            self.peak = self.peak.max(now);
            curve.point(ts[row], now, true);
            if slot.trails {
                stops.extend(high, low);
                let distance = scale.ticks(distances[row]).unwrap_or(0).max(0);
                stops.trail(side, if side > 0 { stops.high } else { stops.low }, distance);
            }
            taken += 1;
        }
        slot.stops = stops;
        position.bars += taken as i64;
        self.total_value = realised + slot.value;
        Ok(taken)
    }

    fn mark_all<K: Curve>(&mut self, ts: &[i64], closes: &[f64], from: usize, curve: &mut K) -> Result<(), Halt> {
        let scale = &self.contracts[0].scale;
        let (lots, flow) = (self.ledger.positions[0].lots, self.ledger.flow);
        let last = match curve.held(&Held { ts: &ts[from..from + closes.len()], closes, first: from, scale, lots, flow }) {
            Some(Marked { top, mark, value }) => {
                self.peak = self.peak.max(top);
                (mark, value)
            }
            // Some price is missing or some amount does not fit 64 bits: row by row, to halt at the first that cannot be held.
            None => {
                let mut last = (self.slots[0].mark, self.slots[0].value);
                for (row, &close) in closes.iter().enumerate() {
                    let halt = Halt { asset: 0, ts: ts[from + row] };
                    let mark = scale.ticks(close).ok_or(halt)?;
                    let value = scale.value(lots, mark).map_err(|Overflow| halt)?;
                    let now = flow.checked_add(value).ok_or(halt)?;
                    self.peak = self.peak.max(now);
                    last = (mark, value);
                    curve.point(ts[from + row], now, lots != 0);
                }
                last
            }
        };
        (self.slots[0].mark, self.slots[0].value) = last;
        self.total_value = last.1;
        if lots != 0 {
            self.ledger.positions[0].bars += closes.len() as i64;
        }
        Ok(())
    }
}
