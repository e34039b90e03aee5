//! A bar and the lanes: expiry → exit stops passed by the open → every order at the open, by number → inside the bar → mark.
//!
//! A bar that reaches nobody is only marked. Rules: docs/semantics.md, sections 6 and 7.
use super::lanes::Worker;
use super::lanes_fill::Offer;
use super::market::Place;
use super::reason::{Cause, Evidence, FillRule, OrderKind, Reason, Tif};
use super::resting::{Resting, Stage};
use super::{Desk, Halt, Source};
use crate::config::Realism;
use crate::event::Entry;
use crate::money::{E9, Overflow};
use crate::venue::bars::Bar;

impl Desk {
    /// Takes one time step's bars where some asset has lanes; targets of other assets take their turns between.
    #[inline(never)]
    pub(super) fn market_with_lanes<S: Source>(&mut self, ts: i64, present: &[Entry], src: &S) -> Result<(), Halt> {
        let mut any = false;
        for entry in present {
            let (asset, local) = (entry.asset as usize, entry.row as usize);
            any |= self.meet(ts, asset, local, src).map_err(|Overflow| Halt { asset, ts })?;
        }
        let has_accounts = self.accounts.is_some();
        if any || has_accounts || !self.queue.is_empty() || self.armed_stops > 0 {
            self.each_present(ts, present, |desk, asset, local| {
                if desk.lanes.met[asset] {
                    desk.gap_exits(ts, asset, local, src)?;
                }
                if desk.slots[asset].armed { desk.touch_stop(ts, asset, local, src, true) } else { Ok(()) }
            })?;
            self.open_by_number(ts, present, src)?;
            self.each_present(ts, present, |desk, asset, local| {
                if has_accounts { desk.touch_account(ts, asset, local, src) } else { desk.touch_lanes_and_stop(ts, asset, local, src) }
            })?;
        }
        if has_accounts {
            self.mark_accounts(ts, present, src)?;
            self.peak = self.peak.max(self.equity());
            return Ok(());
        }
        self.each_present(ts, present, |desk, asset, local| {
            if desk.lanes.of[asset].is_empty() { desk.mark(asset, local, src) } else { desk.mark_lanes(asset, local, src) }
        })?;
        self.peak = self.peak.max(self.equity());
        Ok(())
    }

    /// Lets the bar's range act on an asset's lanes, then on the stop of its position: of an asset with lanes that at the venue.
    pub(super) fn touch_lanes_and_stop<S: Source>(&mut self, ts: i64, asset: usize, local: usize, src: &S) -> Result<(), Overflow> {
        if self.lanes.met[asset] {
            self.inside(ts, asset, local, src)?;
        }
        if self.slots[asset].armed { self.touch_stop(ts, asset, local, src, false) } else { Ok(()) }
    }

    fn each_present(
        &mut self,
        ts: i64,
        present: &[Entry],
        mut step: impl FnMut(&mut Self, usize, usize) -> Result<(), Overflow>,
    ) -> Result<(), Halt> {
        for entry in present {
            let asset = entry.asset as usize;
            step(self, asset, entry.row as usize).map_err(|Overflow| Halt { asset, ts })?;
        }
        Ok(())
    }

    /// Returns whether the bar concerns the asset's lanes; if so they begin a new bar and what has expired ends.
    #[inline(always)]
    fn meet<S: Source>(&mut self, ts: i64, asset: usize, local: usize, src: &S) -> Result<bool, Overflow> {
        self.lanes.met[asset] = false;
        if self.lanes.of[asset].is_empty() {
            return Ok(false);
        }
        let scale = &self.contracts[asset].scale;
        let low = scale.ticks(src.low(asset, local)).ok_or(Overflow)?;
        let high = scale.ticks(src.high(asset, local)).ok_or(Overflow)?;
        if self.lanes.reach[asset].is_met(low, high, ts, src.row(asset, local)) {
            self.lanes.met[asset] = true;
            self.begin_bar(ts, asset, src.row(asset, local));
        }
        Ok(self.lanes.met[asset])
    }

    fn begin_bar(&mut self, ts: i64, asset: usize, row: u64) {
        for at in 0..self.lanes.of[asset].len() {
            let lane = self.lanes.of[asset][at] as usize;
            let state = &mut self.lanes.lanes[lane];
            (state.bracket.fresh, state.bracket.legs) = (0, [0; 2]);
            if let Some(exit) = &mut state.bracket.leaving {
                exit.leg = 0;
            }
            if let Some(resting) = &mut state.order {
                (resting.leg, resting.triggered_inside) = (0, false);
                if resting.is_expired(ts, row) {
                    self.cancel_worker(lane, Worker::Order, ts, Cause::Expired);
                }
            }
        }
    }

    /// Sells what lanes hold where the open has passed their stop.
    fn gap_exits<S: Source>(&mut self, ts: i64, asset: usize, local: usize, src: &S) -> Result<(), Overflow> {
        let bar = self.bar(src, asset, local)?;
        let place = Place { asset, row: src.row(asset, local), ts };
        for at in 0..self.lanes.of[asset].len() {
            let lane = self.lanes.of[asset][at] as usize;
            let bracket = &self.lanes.lanes[lane].bracket;
            let Some((level, reason)) = bracket.stop_level() else { continue };
            if if bracket.side > 0 { bar.open <= level } else { bar.open >= level } {
                let base = if self.realism == Realism::Naive { level } else { bar.open };
                let reason = if reason == Reason::ExitStop { Reason::GapStop } else { Reason::GapTrail };
                self.leave_by_stop(&place, &bar, lane, level, base, reason)?;
            }
        }
        Ok(())
    }

    /// Lets every order act at the open, by number: those of lanes and the market orders of targets; then takes without a number.
    fn open_by_number<S: Source>(&mut self, ts: i64, present: &[Entry], src: &S) -> Result<(), Halt> {
        let mut queue = std::mem::take(&mut self.lanes.queue);
        queue.clear();
        for &asset in &self.queue {
            if let Some(order) = &self.slots[asset as usize].working {
                queue.push((order.id, asset, None));
            }
        }
        for entry in present.iter().filter(|entry| self.lanes.met[entry.asset as usize]) {
            for &lane in &self.lanes.of[entry.asset as usize] {
                let state = &self.lanes.lanes[lane as usize];
                queue.extend(state.order.iter().map(|resting| (resting.order.id, lane, Some(Worker::Order))));
                queue.extend(state.bracket.leaving.iter().map(|exit| (exit.order.id, lane, Some(Worker::Exit))));
            }
        }
        queue.sort_unstable_by_key(|entry| entry.0);
        let outcome = queue.iter().try_for_each(|&(id, at, worker)| {
            let asset = if worker.is_none() { at as usize } else { self.lanes.lanes[at as usize].asset as usize };
            let Ok(found) = present.binary_search_by_key(&(asset as u32), |entry| entry.asset) else { return Ok(()) };
            let local = present[found].row as usize;
            let done = match worker {
                None if self.slots[asset].working.is_none_or(|order| order.id != id) => Ok(()),
                None => {
                    self.limit_cut(asset, ts);
                    self.fill_one(ts, asset, local, src)
                }
                Some(worker) => self.open_one(ts, asset, local, at as usize, worker, id, src),
            };
            done.map_err(|Overflow| Halt { asset, ts })
        });
        self.lanes.queue = queue;
        outcome?;
        self.each_present(ts, present, |desk, asset, local| {
            if desk.lanes.met[asset] { desk.gap_takes(ts, asset, local, src) } else { desk.gap_take(ts, asset, local, src) }
        })
    }

    #[allow(clippy::too_many_arguments)]
    fn open_one<S: Source>(
        &mut self,
        ts: i64,
        asset: usize,
        local: usize,
        lane: usize,
        worker: Worker,
        id: u32,
        src: &S,
    ) -> Result<(), Overflow> {
        let bar = self.bar(src, asset, local)?;
        let place = Place { asset, row: src.row(asset, local), ts };
        let Some(resting) = self.lanes.lanes[lane].worker(worker).as_mut().filter(|resting| resting.order.id == id) else {
            return Ok(());
        };
        if resting.order.due > ts {
            if resting.would_be_reached(&bar) {
                resting.note(Evidence::InFlight, place.row);
            }
            return Ok(());
        }
        let resting = *resting;
        match resting.stage {
            Stage::Sent => self.arrive(&place, &bar, lane, resting),
            Stage::Watching if resting.is_triggered_by(bar.open) => self.trigger_at_open(&place, &bar, lane),
            Stage::Resting if resting.is_gapped(&bar) => {
                let offer = Offer::maker(self.gap_price(&bar, resting.want.price), FillRule::GapLimit);
                self.trade(&place, &bar, lane, worker, offer)
            }
            Stage::Market => self.take_open(&place, &bar, lane, worker, &resting),
            Stage::Watching | Stage::Resting => Ok(()),
        }
    }

    /// Returns the price of a resting limit that the open has passed.
    fn gap_price(&self, bar: &Bar, price: i64) -> i64 {
        if self.realism == Realism::Strict { price } else { bar.open }
    }

    /// Meets its first bar: a market order takes the open, a limit that the open meets takes liquidity, everything else waits.
    fn arrive(&mut self, place: &Place, bar: &Bar, lane: usize, resting: Resting) -> Result<(), Overflow> {
        let want = &resting.want;
        let stage = match want.kind {
            OrderKind::Market => Stage::Market,
            OrderKind::Limit => Stage::Resting,
            _ => Stage::Watching,
        };
        self.set_stage(lane, stage);
        match stage {
            Stage::Market => self.take_open(place, bar, lane, Worker::Order, &resting),
            Stage::Resting if resting.is_marketable(bar.open) && want.post_only => {
                self.cancel_worker(lane, Worker::Order, place.ts, Cause::WouldTake);
                Ok(())
            }
            Stage::Resting if resting.is_marketable(bar.open) => {
                self.trade(place, bar, lane, Worker::Order, Offer::limited(bar.open, FillRule::OpenLimit))
            }
            Stage::Resting => {
                self.end_if_immediate(place, lane, &resting);
                Ok(())
            }
            _ => match self.lanes.lanes[lane].order {
                Some(waiting) if waiting.is_triggered_by(bar.open) => self.trigger_at_open(place, bar, lane),
                _ => Ok(()),
            },
        }
    }

    fn take_open(&mut self, place: &Place, bar: &Bar, lane: usize, worker: Worker, resting: &Resting) -> Result<(), Overflow> {
        let (order, position) = (&resting.order, self.ledger.positions[place.asset].lots);
        let is_increase = position == 0 || position.signum() == order.side;
        let gap = i128::from((bar.open - order.ref_ticks).abs()) * i128::from(E9);
        // What only reduces is no increase, whatever became of the position.
        let is_plain = worker == Worker::Order && resting.want.kind == OrderKind::Market && !resting.want.reduce_only;
        if is_plain && is_increase && gap > i128::from(self.collar_e9) * i128::from(order.ref_ticks) {
            self.cancel_worker(lane, worker, place.ts, Cause::Collar);
            return Ok(());
        }
        self.trade(place, bar, lane, worker, Offer::taker(bar.open, FillRule::Open))
    }

    fn trigger_at_open(&mut self, place: &Place, bar: &Bar, lane: usize) -> Result<(), Overflow> {
        let Some(resting) = self.lanes.lanes[lane].order else { return Ok(()) };
        if resting.want.kind == OrderKind::StopLimit {
            return self.trigger_limit(place, bar, lane, bar.open, FillRule::GapTrigger);
        }
        self.set_stage(lane, Stage::Market);
        let base = if self.realism == Realism::Naive { resting.trigger } else { bar.open };
        self.trade(place, bar, lane, Worker::Order, Offer::taker(base, FillRule::GapTrigger))
    }

    /// Turns a triggered stop_limit into a limit, which takes what its reference price allows now.
    pub(super) fn trigger_limit(&mut self, place: &Place, bar: &Bar, lane: usize, base: i64, rule: FillRule) -> Result<(), Overflow> {
        self.set_stage(lane, Stage::Resting);
        let Some(resting) = self.lanes.lanes[lane].order else { return Ok(()) };
        if resting.is_marketable(base) {
            return self.trade(place, bar, lane, Worker::Order, Offer::limited(base, rule));
        }
        self.end_if_immediate(place, lane, &resting);
        Ok(())
    }

    /// Cancels an ioc or fok limit that nothing met.
    fn end_if_immediate(&mut self, place: &Place, lane: usize, resting: &Resting) {
        match resting.want.tif {
            Tif::Ioc => self.cancel_worker(lane, Worker::Order, place.ts, Cause::Ioc),
            Tif::Fok => self.cancel_worker(lane, Worker::Order, place.ts, Cause::Fok),
            Tif::Gtc | Tif::Gtd => {}
        }
    }

    pub(super) fn set_stage(&mut self, lane: usize, stage: Stage) {
        let state = &mut self.lanes.lanes[lane];
        if let Some(resting) = &mut state.order {
            resting.stage = stage;
        }
        let asset = state.asset as usize;
        self.lanes.touch(asset);
    }

    /// Fills takes of lots from earlier bars that the open has passed and that have no number yet.
    fn gap_takes<S: Source>(&mut self, ts: i64, asset: usize, local: usize, src: &S) -> Result<(), Overflow> {
        let bar = self.bar(src, asset, local)?;
        let place = Place { asset, row: src.row(asset, local), ts };
        for at in 0..self.lanes.of[asset].len() {
            let lane = self.lanes.of[asset][at] as usize;
            let bracket = &self.lanes.lanes[lane].bracket;
            let Some(level) = bracket.take_level() else { continue };
            if if bracket.side > 0 { bar.open > level } else { bar.open < level } {
                let old = bracket.held - bracket.fresh;
                let price = self.gap_price(&bar, level);
                self.leave_by_take(&place, &bar, lane, old, Offer::maker(price, FillRule::GapLimit))?;
            }
        }
        Ok(())
    }

    /// Marks an asset with lanes at the close and moves its trailing levels.
    #[inline(always)]
    pub(super) fn mark_lanes<S: Source>(&mut self, asset: usize, local: usize, src: &S) -> Result<(), Overflow> {
        let scale = &self.contracts[asset].scale;
        let position = &mut self.ledger.positions[asset];
        let slot = &mut self.slots[asset];
        slot.mark = scale.ticks(src.close(asset, local)).ok_or(Overflow)?;
        if position.lots != 0 || slot.value != 0 {
            let value = scale.value(position.lots, slot.mark)?;
            self.total_value = (self.total_value - slot.value).checked_add(value).ok_or(Overflow)?;
            slot.value = value;
        }
        if position.lots != 0 {
            position.bars += self.bars_per_mark;
            if self.track_extremes {
                let high = scale.ticks(src.high(asset, local)).ok_or(Overflow)?;
                let low = scale.ticks(src.low(asset, local)).ok_or(Overflow)?;
                slot.stops.extend(high, low);
            }
        }
        if self.lanes.met[asset] {
            self.move_levels(asset, local, src)?;
        }
        Ok(())
    }

    fn move_levels<S: Source>(&mut self, asset: usize, local: usize, src: &S) -> Result<(), Overflow> {
        let bar = self.bar(src, asset, local)?;
        for at in 0..self.lanes.of[asset].len() {
            let lane = &mut self.lanes.lanes[self.lanes.of[asset][at] as usize];
            if let Some(resting) = &mut lane.order {
                resting.trail(&bar);
            }
            lane.bracket.mark(&bar);
        }
        self.lanes.reach[asset].stale = true;
        self.lanes.refresh(asset);
        #[cfg(feature = "check")]
        self.audit_lanes(asset, src.row(asset, local), &bar);
        Ok(())
    }
}
