//! Quiet stretches of a single asset: nothing works, nothing is watched, the target has not moved.
//!
//! Of such rows the full step leaves only the mark, so this does only the mark; any other row goes the full way. Both give the same bits,
//! which the tests of every block length and the oracle hold.

use super::rule::{MISSING, Unit};
use super::{Desk, Halt, Source};
use crate::money::Overflow;

impl Desk {
    /// Takes rows from `from` on while they are quiet; writes one equity a row and returns how many it took.
    ///
    /// # Errors
    /// Returns [`Halt`] where a number does not fit.
    pub fn glide<S: Source>(&mut self, ts: &[i64], from: usize, src: &S, equity: &mut Vec<i64>) -> Result<usize, Halt> {
        let slot = &self.slots[0];
        let Some(rule) = &self.rules[0] else { return self.glide_lanes(ts, from, src, equity) };
        let quiet = !slot.dirty && self.queue.is_empty() && self.armed_stops == 0 && !self.track_extremes && self.accounts.is_none();
        if !quiet || rule.trailing || rule.unit != Unit::Weight || ts[from] + self.interval_ms < self.trade_from_ms {
            return Ok(0);
        }
        let (targets, bits) = (&src.targets(0)[from..ts.len()], slot.raw_bits);
        let rows = equal_rows(targets, bits);
        if self.over_budget {
            self.budget_rows += rows as u64;
        }
        if self.slots[0].raw == MISSING {
            self.slots[0].counters.missing += rows as u64;
        }
        if self.ledger.positions[0].lots == 0 && self.slots[0].value == 0 {
            equity.resize(equity.len() + rows, self.equity());
        } else {
            self.mark_all(ts, &src.closes(0)[from..from + rows], from, equity)?;
        }
        Ok(rows)
    }

    fn mark_all(&mut self, ts: &[i64], closes: &[f64], from: usize, equity: &mut Vec<i64>) -> Result<(), Halt> {
        let scale = &self.contracts[0].scale;
        let (lots, flow, before) = (self.ledger.positions[0].lots, self.ledger.flow, equity.len());
        let marked = match scale.marks(lots, flow, closes, equity) {
            Some(top) => {
                self.peak = self.peak.max(top);
                closes.last().and_then(|&close| scale.ticks(close)).zip(equity.last().map(|now| now - flow))
            }
            None => None,
        };
        let last = match marked {
            Some(last) => last,
            // Some price is missing or some amount does not fit 64 bits: row by row, to halt at the first that cannot be held.
            None => {
                equity.truncate(before);
                let mut last = (self.slots[0].mark, self.slots[0].value);
                for (row, &close) in closes.iter().enumerate() {
                    let halt = Halt { asset: 0, ts: ts[from + row] };
                    let mark = scale.ticks(close).ok_or(halt)?;
                    let value = scale.value(lots, mark).map_err(|Overflow| halt)?;
                    let now = flow.checked_add(value).ok_or(halt)?;
                    self.peak = self.peak.max(now);
                    last = (mark, value);
                    equity.push(now);
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

/// Returns how many targets from the first on have these bits; looks at eight at a time, as vector code.
#[inline(always)]
fn equal_rows(targets: &[f64], bits: u64) -> usize {
    let mut rows = 0;
    for eight in targets.chunks_exact(8) {
        if eight.iter().fold(0, |differ, target| differ | (target.to_bits() ^ bits)) != 0 {
            break;
        }
        rows += 8;
    }
    rows + targets[rows..].iter().take_while(|target| target.to_bits() == bits).count()
}
