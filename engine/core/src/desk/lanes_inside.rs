//! Lanes inside the bar, under the strict and the naive reading; the neutral one walks a path ([`super::lanes_path`]).
//!
//! Strict: triggers, then limits, then the stops of what was filled in this bar. Naive: limits, then triggers.
use super::lanes::Worker;
use super::lanes_fill::Offer;
use super::market::Place;
use super::reason::{Evidence, FillRule, OrderKind};
use super::resting::Stage;
use super::{Desk, Source};
use crate::config::Realism;
use crate::money::Overflow;
use crate::venue::bars::Bar;

impl Desk {
    /// Lets the bar's range act on an asset's lanes.
    pub(super) fn inside<S: Source>(&mut self, ts: i64, asset: usize, local: usize, src: &S) -> Result<(), Overflow> {
        let bar = self.bar(src, asset, local)?;
        let place = Place { asset, row: src.row(asset, local), ts };
        match self.realism {
            Realism::Strict => self.inside_strict(&place, &bar)?,
            Realism::Neutral => {
                self.inside_path(&place, &bar, self.contracts[asset].scale.ticks(src.close(asset, local)).ok_or(Overflow)?)?
            }
            Realism::Naive => self.inside_naive(&place, &bar)?,
        }
        self.note_late_limits(&place, &bar);
        Ok(())
    }

    fn inside_strict(&mut self, place: &Place, bar: &Bar) -> Result<(), Overflow> {
        let lanes = self.lanes.of[place.asset].len();
        for at in 0..lanes {
            let lane = self.lanes.of[place.asset][at] as usize;
            self.touch_exit_stop(place, bar, lane)?;
            self.touch_trigger(place, bar, lane)?;
        }
        for at in 0..lanes {
            let lane = self.lanes.of[place.asset][at] as usize;
            self.pass_limit(place, bar, lane, Worker::Order)?;
            self.pass_limit(place, bar, lane, Worker::Exit)?;
            let bracket = &self.lanes.lanes[lane].bracket;
            let old = bracket.held - bracket.fresh;
            if let Some(level) = bracket.take_level()
                && (if bracket.side > 0 { bar.high > level } else { bar.low < level })
            {
                self.leave_by_take(place, bar, lane, old, Offer::maker(level, FillRule::Through))?;
            }
        }
        for at in 0..lanes {
            let lane = self.lanes.of[place.asset][at] as usize;
            if self.lanes.lanes[lane].bracket.fresh > 0 {
                self.touch_exit_stop(place, bar, lane)?;
            }
        }
        Ok(())
    }

    fn inside_naive(&mut self, place: &Place, bar: &Bar) -> Result<(), Overflow> {
        let lanes = self.lanes.of[place.asset].len();
        for at in 0..lanes {
            let lane = self.lanes.of[place.asset][at] as usize;
            self.touch_limit(place, bar, lane, Worker::Exit)?;
            self.touch_take(place, bar, lane)?;
            let before = self.lanes.lanes[lane].bracket.fresh;
            self.touch_limit(place, bar, lane, Worker::Order)?;
            if self.lanes.lanes[lane].bracket.fresh > before {
                self.touch_take(place, bar, lane)?;
            }
        }
        for at in 0..lanes {
            let lane = self.lanes.of[place.asset][at] as usize;
            self.touch_exit_stop(place, bar, lane)?;
            self.touch_trigger(place, bar, lane)?;
        }
        Ok(())
    }

    fn touch_exit_stop(&mut self, place: &Place, bar: &Bar, lane: usize) -> Result<(), Overflow> {
        let bracket = &self.lanes.lanes[lane].bracket;
        let Some((level, reason)) = bracket.stop_level() else { return Ok(()) };
        if if bracket.side > 0 { bar.low <= level } else { bar.high >= level } {
            let base = self.stop_base(bar, -bracket.side, level);
            return self.leave_by_stop(place, bar, lane, level, base, reason);
        }
        Ok(())
    }

    /// Returns the reference price of a stop on `side` that was reached inside the bar: the worse of level and open (naive: the level).
    pub(super) fn stop_base(&self, bar: &Bar, side: i64, level: i64) -> i64 {
        match (self.realism == Realism::Naive, side > 0) {
            (true, _) => level,
            (false, true) => level.max(bar.open),
            (false, false) => level.min(bar.open),
        }
    }

    fn touch_trigger(&mut self, place: &Place, bar: &Bar, lane: usize) -> Result<(), Overflow> {
        match &self.lanes.lanes[lane].order {
            Some(resting) if resting.stage == Stage::Watching && resting.is_touched(bar) => self.trigger_inside(place, bar, lane),
            _ => Ok(()),
        }
    }

    /// Triggers a lane's order inside the bar.
    pub(super) fn trigger_inside(&mut self, place: &Place, bar: &Bar, lane: usize) -> Result<(), Overflow> {
        let Some(resting) = &mut self.lanes.lanes[lane].order else { return Ok(()) };
        resting.triggered_inside = true;
        let (side, trigger, kind) = (resting.order.side, resting.trigger, resting.want.kind);
        let base = if kind == OrderKind::TakeProfit { trigger } else { self.stop_base(bar, side, trigger) };
        if kind == OrderKind::StopLimit {
            return self.trigger_limit(place, bar, lane, base, FillRule::Trigger);
        }
        self.set_stage(lane, Stage::Market);
        self.trade(place, bar, lane, Worker::Order, Offer::taker(base, FillRule::Trigger))
    }

    /// Fills a resting limit that the range goes through, or notes that it was only touched.
    fn pass_limit(&mut self, place: &Place, bar: &Bar, lane: usize, worker: Worker) -> Result<(), Overflow> {
        let Some(resting) = self.lanes.lanes[lane].worker(worker) else { return Ok(()) };
        if resting.stage != Stage::Resting || resting.triggered_inside || !resting.is_touched(bar) {
            return Ok(());
        }
        if !resting.is_passed(bar) {
            resting.note(Evidence::NotThrough, place.row);
            return Ok(());
        }
        let price = resting.want.price;
        self.trade(place, bar, lane, worker, Offer::maker(price, FillRule::Through))
    }

    fn touch_limit(&mut self, place: &Place, bar: &Bar, lane: usize, worker: Worker) -> Result<(), Overflow> {
        match self.lanes.lanes[lane].worker(worker) {
            Some(resting) if resting.stage == Stage::Resting && !resting.triggered_inside && resting.is_touched(bar) => {
                let price = resting.want.price;
                self.trade(place, bar, lane, worker, Offer::maker(price, FillRule::Touch))
            }
            _ => Ok(()),
        }
    }

    fn touch_take(&mut self, place: &Place, bar: &Bar, lane: usize) -> Result<(), Overflow> {
        let bracket = &self.lanes.lanes[lane].bracket;
        match bracket.take_level() {
            Some(level) if (if bracket.side > 0 { bar.high >= level } else { bar.low <= level }) => {
                let held = bracket.held;
                self.leave_by_take(place, bar, lane, held, Offer::maker(level, FillRule::Touch))
            }
            _ => Ok(()),
        }
    }

    /// Notes why a stop_limit that was triggered inside the bar rests though the range holds its price: its limit came too late.
    fn note_late_limits(&mut self, place: &Place, bar: &Bar) {
        for at in 0..self.lanes.of[place.asset].len() {
            let lane = self.lanes.of[place.asset][at] as usize;
            if let Some(resting) = &mut self.lanes.lanes[lane].order
                && resting.triggered_inside
                && resting.stage == Stage::Resting
                && resting.evidence_row != Some(place.row)
                && resting.is_touched(bar)
            {
                resting.note(Evidence::InFlight, place.row);
            }
        }
    }

    /// Asserts that no order which the bar has reached works on without its reason.
    #[cfg(feature = "check")]
    pub(super) fn audit_lanes(&self, asset: usize, row: u64, bar: &Bar) {
        for &lane in &self.lanes.of[asset] {
            for resting in self.lanes.lanes[lane as usize].orders() {
                let is_trailing = resting.want.kind == OrderKind::Trailing; // Its level has moved with this bar already.
                let crossed = match resting.stage {
                    Stage::Market => true,
                    Stage::Watching => !is_trailing && resting.is_touched(bar),
                    Stage::Resting => resting.is_touched(bar),
                    Stage::Sent => resting.would_be_reached(bar),
                };
                let excused = resting.evidence != Evidence::None && resting.evidence_row == Some(row);
                assert!(!crossed || excused, "an order that row {row} reached works on without evidence: {resting:?} at {bar:?}");
            }
        }
    }
}
