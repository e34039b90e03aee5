//! The steps of a block whose signals wait for nothing, the same for a single run and for one among many.
use super::block::{Block, Columns};
use crate::desk::curve::Curve;
use crate::desk::{Desk, Halt};
use crate::signal::Grid;
use crate::signal::target::Rebalance;

/// The most rows between a bar's prefetch and its use: some microseconds.
const FETCH_AHEAD: usize = 192;

/// When a run decides and from when on it counts.
pub(super) struct Pace {
    /// From a bar's open to its decision, ms.
    pub interval_ms: i64,
    /// No mark before this time.
    pub trade_from_ms: i64,
    pub rebalance: Option<Rebalance>,
    /// Time of the last decision.
    pub previous_t: Option<i64>,
}

/// Steps every time of the block. With `FETCH` the bars of coming fills are fetched early: for a
/// run that goes through the market alone.
#[inline(always)]
pub(super) fn steps_in_block<const FETCH: bool, C: Columns, K: Curve>(
    desk: &mut Desk,
    pace: &mut Pace,
    grid: &Grid<'_>,
    block: &Block<'_, C>,
    curve: &mut K,
) -> Result<(), Halt> {
    let times = grid.ts();
    // With one asset and no schedule a stretch in which nothing happens needs no step.
    let glides = block.assets() == 1 && pace.rebalance.is_none();
    let strides = glides && desk.strides();
    let (mut step, mut fetched) = (0, 1);
    while step < times.len() {
        if glides {
            // A few at a time: of many at once the processor drops some.
            if FETCH && fetched < step + FETCH_AHEAD / 2 {
                fetched = block.prefetch_fills(fetched, step + FETCH_AHEAD);
            }
            let glide = desk.glide(times, step, block, curve)?;
            if glide.rows > 0 {
                let taken = &times[step..step + glide.rows];
                pace.previous_t = Some(taken[glide.rows - 1] + pace.interval_ms);
                curve.stretched(taken);
                step += glide.rows;
                if glide.decides {
                    let mut decides = true;
                    if strides {
                        let stride = desk.stride(times, step - 1, block, curve)?;
                        step += stride.rows;
                        decides = stride.decides;
                        pace.previous_t = Some(times[step - 1] + pace.interval_ms);
                    }
                    if decides {
                        desk.decide(times[step - 1] + pace.interval_ms, true, grid.present(step - 1), block)?;
                    }
                    if desk.outbox.is_full() {
                        curve.drain(&mut desk.outbox);
                    }
                }
                continue;
            }
        }
        let (ts, present) = (times[step], grid.present(step));
        desk.market(ts, present, block)?;
        let t = ts + pace.interval_ms;
        let due = pace.rebalance.is_none_or(|schedule| schedule.due(pace.previous_t, t));
        pace.previous_t = Some(t);
        desk.decide(t, due, present, block)?;
        if t >= pace.trade_from_ms {
            curve.mark(t, desk.equity(), desk.is_held());
        }
        if desk.outbox.is_full() {
            curve.drain(&mut desk.outbox);
        }
        step += 1;
    }
    Ok(())
}
