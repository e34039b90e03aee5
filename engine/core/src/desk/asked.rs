//! What a host asks that decides by itself (the event class): targets that stand until they are changed, orders by key.
//!
//! Order of one decision, as for a program: cancels in lane order → targets → sends, reductions first, in lane order. The order of asking means
//! nothing; of two asks for one lane the later counts. Rules: docs/semantics.md, section 10.
use super::lanes::{LaneBook, Worker};
use super::reason::Cause;
use super::rule::Rule;
use super::want::{Moment, Want};
use super::{Desk, Halt, Source};
use crate::config::Realism;
use crate::event::Entry;
use crate::money::{Overflow, Scale};

/// What is asked of a lane in one step.
#[derive(Debug, Clone, Copy)]
pub struct Asked {
    /// The lane.
    pub lane: u32,
    /// The order that should work in it; none = what works is cancelled.
    pub want: Option<Want>,
    /// When it is asked, and the last close that has arrived.
    pub now: Moment,
}

impl Desk {
    /// Prepares for a host that decides by itself, before the first bar: `room` lanes on each asset, gross weight up to `budget_e9`, orders that leave
    /// `compute_ms` after their decision (without latency where the realism waives it).
    pub fn host(&mut self, room: usize, budget_e9: i64, compute_ms: i64) {
        self.equip(LaneBook::with_room(self.slots.len(), room));
        self.budget_e9 = budget_e9;
        self.track_extremes = true;
        if self.realism != Realism::Naive {
            self.latency.add_compute(compute_ms);
        }
    }

    /// Puts an asset under a target of this rule from its next decision on.
    pub fn lead(&mut self, asset: usize, rule: Rule) {
        let slot = &mut self.slots[asset];
        (slot.trails, slot.dirty) = (rule.trailing, true);
        self.rules[asset] = Some(rule);
    }

    /// Returns the rule of the asset's target, if it has one.
    pub fn rule(&self, asset: usize) -> Option<&Rule> {
        self.rules[asset].as_ref()
    }

    /// Returns the grid of an asset's prices and quantities.
    pub fn scale(&self, asset: usize) -> &Scale {
        &self.contracts[asset].scale
    }

    /// Returns the side of what a lane is asked for, works on or holds; 0 where it is idle.
    pub fn side_of(&self, lane: u32) -> i64 {
        let asked = self.lanes.asked.iter().find(|asked| asked.lane == lane);
        let lane = &self.lanes.lanes[lane as usize];
        let at_work = lane.order.map_or(0, |resting| resting.order.side);
        match asked {
            Some(Asked { want: Some(want), .. }) => want.side,
            Some(_) => lane.bracket.side * i64::from(lane.bracket.held > 0),
            None if at_work != 0 => at_work,
            None => lane.bracket.side * i64::from(lane.bracket.held > 0),
        }
    }

    /// Asks something of a lane, to be carried out by the next decision.
    pub fn ask(&mut self, asked: Asked) {
        let lane = &mut self.lanes.lanes[asked.lane as usize];
        if std::mem::replace(&mut lane.asked, true) {
            self.lanes.asked.retain(|earlier| earlier.lane != asked.lane);
        }
        self.lanes.asked.push(asked);
    }

    /// Decides on what was asked: `t` is the decision time.
    ///
    /// # Errors
    /// Returns [`Halt`] where a number does not fit.
    pub fn decide_asked<S: Source>(&mut self, t: i64, present: &[Entry], src: &S) -> Result<(), Halt> {
        if self.open_positions > 0 {
            for entry in present {
                self.trail(entry.asset as usize, entry.row as usize, src);
            }
        }
        self.see(t, present, src)?;
        if self.guard.is_some() && !self.stand_guard(t)? {
            self.forget_asked();
            return Ok(());
        }
        self.carry_out_asked(t, present, src)?;
        if self.guard.is_some() { self.cut_positions(t) } else { Ok(()) }
    }

    fn carry_out_asked<S: Source>(&mut self, t: i64, present: &[Entry], src: &S) -> Result<(), Halt> {
        if self.lanes.is_empty() {
            return self.decide_targets(t, true, present, src);
        }
        // Lanes without their position are freed as at any decision.
        self.review_lanes(t, present, src);
        if self.lanes.asked.is_empty() {
            return self.decide_targets(t, true, present, src);
        }
        self.cancel_asked(t);
        self.decide_targets(t, true, present, src)?;
        self.send_asked(t)
    }

    /// Drops what was asked: the guard lets nothing be carried out.
    fn forget_asked(&mut self) {
        for Asked { lane, .. } in self.lanes.asked.drain(..) {
            self.lanes.lanes[lane as usize].asked = false;
        }
    }

    /// Cancels what is no longer wanted; what is to be sent stays in the list.
    fn cancel_asked(&mut self, t: i64) {
        let mut asked = std::mem::take(&mut self.lanes.asked);
        let place = |lane: u32| {
            let lane = &self.lanes.lanes[lane as usize];
            (lane.asset, self.lanes.keys[lane.key as usize].as_str())
        };
        asked.sort_unstable_by(|a, b| place(a.lane).cmp(&place(b.lane)));
        asked.retain(|asked| {
            let lane = asked.lane as usize;
            self.lanes.lanes[lane].asked = false;
            let sent = self.lanes.lanes[lane].order.map(|resting| resting.want);
            let Some(want) = &asked.want else {
                self.cancel_worker(lane, Worker::Order, t, Cause::Withdrawn);
                return false;
            };
            if sent.is_some_and(|sent| want.is_kept(&sent)) {
                return false;
            }
            self.cancel_worker(lane, Worker::Order, t, Cause::Replaced);
            self.lanes.lanes[lane].bracket.is_free()
        });
        for asset in 0..self.slots.len() {
            self.lanes.refresh(asset);
        }
        self.lanes.asked = asked;
    }

    fn send_asked(&mut self, t: i64) -> Result<(), Halt> {
        let equity = self.equity();
        for reducing in [true, false] {
            for at in 0..self.lanes.asked.len() {
                let Asked { lane, want: Some(want), now } = self.lanes.asked[at] else { continue };
                let asset = self.lanes.lanes[lane as usize].asset as usize;
                let position = self.ledger.positions[asset].lots;
                if (want.reduce_only || position.signum() == -want.side) == reducing {
                    self.submit(lane as usize, &want, now, equity).map_err(|Overflow| Halt { asset, ts: t - self.interval_ms })?;
                }
            }
        }
        self.lanes.asked.clear();
        Ok(())
    }
}
