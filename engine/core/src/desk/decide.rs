//! The decision half of a step: from raw targets to orders.
//!
//! Order: trailing levels → raw targets and holds → budget → who acts → cancels → reductions, then increases, each by id.

use super::order::{NEVER, Order, OrderRecord};
use super::reason::{Cause, Reason, Status};
use super::risk::Request;
use super::rule::{MISSING, Rule, Unit};
use super::stops::Hold;
use super::{Desk, Halt, Source};
use crate::event::Entry;
use crate::instrument::InstrumentKind;
use crate::money::Overflow;

/// A position an asset should move to, decided in this step.
#[derive(Debug, Clone, Copy)]
pub(super) struct Intent {
    pub asset: u32,
    /// Target in the rule's unit, after share, before budget; [`MISSING`] = hold what was acted on.
    pub target: i64,
    pub ticks: i64,
    pub desired: i64,
    /// Lots to trade before anything cut them, and what cut the position asked for.
    pub wanted: i64,
    pub cause: Cause,
    pub acts: bool,
    pub reason: Reason,
    pub fixed_ticks: i64,
    pub trailing_ticks: i64,
    pub take_ticks: i64,
}

impl Desk {
    /// Decides at the close of the bars just taken: `t` is the decision time, `due` whether the rebalance schedule lets targets act.
    ///
    /// # Errors
    /// Returns [`Halt`] where a number does not fit.
    #[inline]
    pub fn decide<S: Source>(&mut self, t: i64, due: bool, present: &[Entry], src: &S) -> Result<(), Halt> {
        if self.open_positions > 0 {
            for entry in present {
                self.trail(entry.asset as usize, entry.row as usize, src);
            }
        }
        if self.guard.is_some() {
            return self.decide_guarded(t, due, present, src);
        }
        if t < self.trade_from_ms {
            return Ok(());
        }
        if self.lanes.is_empty() {
            return self.decide_targets(t, due, present, src);
        }
        self.decide_with_lanes(t, due, present, src)
    }

    #[inline(never)]
    pub(super) fn decide_with_lanes<S: Source>(&mut self, t: i64, due: bool, present: &[Entry], src: &S) -> Result<(), Halt> {
        self.review_lanes(t, present, src);
        self.decide_targets(t, due, present, src)?;
        self.send_lanes(t, present, src)
    }

    #[inline(always)]
    pub(super) fn decide_targets<S: Source>(&mut self, t: i64, due: bool, present: &[Entry], src: &S) -> Result<(), Halt> {
        // Which assets have a bar decides whose weight counts towards the budget, so a changing set is looked at in full.
        let partial = present.len() != self.slots.len();
        let mut changed = partial || self.was_partial;
        self.was_partial = partial;
        for entry in present {
            if changed {
                break;
            }
            let (asset, local) = (entry.asset as usize, entry.row as usize);
            let slot = &self.slots[asset];
            if self.rules[asset].is_none() {
                continue;
            }
            changed = slot.dirty || src.target(asset, local).to_bits() != slot.raw_bits;
        }
        changed = changed || self.entries_changed(present, src);
        if changed {
            if !due && self.only_watches(present) {
                return self.watch_targets(t, present, src);
            }
            return self.decide_all(t, due, present, src);
        }
        self.budget_rows += u64::from(self.over_budget && due);
        for entry in present {
            let slot = &mut self.slots[entry.asset as usize];
            slot.counters.missing += u64::from(slot.raw == MISSING && self.rules[entry.asset as usize].is_some());
        }
        Ok(())
    }

    #[inline(always)]
    pub(super) fn trail<S: Source>(&mut self, asset: usize, local: usize, src: &S) {
        let lots = self.ledger.positions[asset].lots;
        if lots == 0 || !self.slots[asset].trails {
            return;
        }
        let distance = self.distance(asset, src.trailing(asset, local));
        let stops = &mut self.slots[asset].stops;
        let had = stops.trailing != 0;
        let extreme = if lots > 0 { stops.high } else { stops.low };
        stops.trail(lots.signum(), extreme, distance);
        if !had {
            self.rearm_stops(asset);
        }
    }

    /// Looks at every asset's target. One asset needs no list: it goes through the same rules by itself.
    #[inline(always)]
    fn decide_all<S: Source>(&mut self, t: i64, due: bool, present: &[Entry], src: &S) -> Result<(), Halt> {
        match present {
            [only] if self.slots.len() == 1 && self.entries.is_empty() => {
                if due && self.is_settled(src.target(0, only.row as usize)) {
                    return self.settle_only(t, only.row as usize, src);
                }
                self.decide_only(t, due, only.row as usize, src).map_err(|Overflow| Halt { asset: 0, ts: t - self.interval_ms })
            }
            _ => self.decide_each(t, due, present, src),
        }
    }

    #[inline(always)]
    fn decide_only<S: Source>(&mut self, t: i64, due: bool, local: usize, src: &S) -> Result<(), Overflow> {
        self.intents.clear();
        let mut intent = self.read_target(t, due, 0, local, src)?;
        let equity = self.equity();
        let gross = match (&intent, &self.rules[0]) {
            (_, None) => 0,
            (None, Some(rule)) => self.weight_of(0, rule, self.slots[0].acted, equity)?,
            (Some(intent), Some(rule)) => self.weight_of(0, rule, self.counted(intent), equity)?,
        };
        self.watch_budget(gross, due);
        if let Some(intent) = &mut intent {
            self.choose(intent, t, due, equity, gross)?;
            if intent.acts {
                self.send(intent, t, equity)?;
            }
        }
        Ok(())
    }

    #[inline(never)]
    fn decide_each<S: Source>(&mut self, t: i64, due: bool, present: &[Entry], src: &S) -> Result<(), Halt> {
        let ts = t - self.interval_ms;
        self.intents.clear();
        for entry in present {
            let (asset, local) = (entry.asset as usize, entry.row as usize);
            let mut intent = self.read_target(t, due, asset, local, src).map_err(|Overflow| Halt { asset, ts })?;
            if intent.is_none() && !self.entries.is_empty() {
                intent = self.read_entry(t, asset, local, src).map_err(|Overflow| Halt { asset, ts })?;
            }
            self.intents.extend(intent);
        }
        self.admit_entries(src).map_err(|Overflow| Halt { asset: 0, ts })?;
        self.check_legs();
        let equity = self.equity();
        let any = self.intents.first().map_or(0, |intent| intent.asset as usize);
        let gross = self.gross_asked(equity).map_err(|Overflow| Halt { asset: any, ts })?;
        self.watch_budget(gross, due);
        for at in 0..self.intents.len() {
            let mut intent = self.intents[at];
            self.choose(&mut intent, t, due, equity, gross).map_err(|Overflow| Halt { asset: intent.asset as usize, ts })?;
            self.intents[at] = intent;
        }
        self.note_legs(equity).map_err(|Overflow| Halt { asset: any, ts })?;
        self.sum_limits().map_err(|Overflow| Halt { asset: any, ts })?;
        for increases in [false, true] {
            for at in 0..self.intents.len() {
                let intent = self.intents[at];
                let asset = intent.asset as usize;
                let position = self.ledger.positions[asset].lots;
                let is_increase = intent.desired.signum() * position.signum() < 0 || intent.desired.abs() > position.abs();
                if intent.acts && is_increase == increases {
                    self.send(&intent, t, equity).map_err(|Overflow| Halt { asset, ts })?;
                }
            }
        }
        self.limits.summed = false;
        Ok(())
    }

    /// Notes how far the targets exceed the budget.
    #[inline(always)]
    fn watch_budget(&mut self, gross: i64, due: bool) {
        self.over_budget = gross > self.budget_e9;
        if self.over_budget && due {
            self.budget_rows += 1;
            self.budget_max_gross_e9 = self.budget_max_gross_e9.max(gross);
        }
    }

    /// Quantises the raw target, ends holds, applies the time stop; returns the asset's effective target once decisions have begun.
    #[inline(always)]
    fn read_target<S: Source>(&mut self, t: i64, due: bool, asset: usize, local: usize, src: &S) -> Result<Option<Intent>, Overflow> {
        let row = src.row(asset, local);
        let Some(rule) = self.rules[asset].as_ref().filter(|rule| row >= rule.settled) else {
            return Ok(None);
        };
        let scale = &self.contracts[asset].scale;
        let raw_float = src.target(asset, local);
        let position = &self.ledger.positions[asset];
        let slot = &mut self.slots[asset];
        slot.see(rule, scale, raw_float);
        let mut reason = Reason::Target;
        let seen = (slot.raw != MISSING).then_some(slot.raw);
        if slot.hold.as_ref().is_some_and(|hold| hold.is_over(rule.rearm, seen, row, t)) {
            slot.hold = None;
        }
        let leaving = slot.working.as_ref().is_some_and(|order| !matches!(order.reason, Reason::Target | Reason::Take));
        if position.lots != 0 && !leaving && rule.age.is_some_and(|age| age.is_reached(position.bars, t - position.first_fill)) {
            slot.hold = Some(Hold { side: position.lots.signum(), row, ts: t });
            reason = Reason::StopTime;
        }
        // A hold waits for time as well as for signals, an open position for its age, a closed schedule for its day; values move with prices.
        let waits = self.remote.is_some() && slot.working.is_some(); // What an order comes to is known before another leaves.
        let restless = waits || slot.hold.is_some() || rule.age.is_some() || rule.unit != Unit::Weight || !due;
        slot.dirty = restless;
        let target = if slot.hold.is_some() {
            0
        } else if waits || slot.raw == MISSING {
            MISSING
        } else {
            rule.shared(slot.raw)
        };
        let ticks = scale.ticks(src.close(asset, local)).ok_or(Overflow)?;
        slot.mark = ticks;
        // What a broken group lacks is sent, protected, where the target is missing too.
        let increases = target != 0 && (target != MISSING || !self.legs.is_empty());
        Ok(Some(Intent {
            asset: asset as u32,
            target,
            ticks,
            desired: 0,
            wanted: 0,
            cause: Cause::None,
            acts: false,
            reason,
            fixed_ticks: if increases && rule.fixed { self.distance(asset, src.fixed(asset, local)) } else { 0 },
            trailing_ticks: if increases && rule.trailing { self.distance(asset, src.trailing(asset, local)) } else { 0 },
            take_ticks: if increases && rule.take { self.distance(asset, src.take(asset, local)) } else { 0 },
        }))
    }

    /// Returns the target that counts towards the budget: a missing one counts as what was last acted on.
    #[inline(always)]
    fn counted(&self, intent: &Intent) -> i64 {
        if intent.target == MISSING { self.slots[intent.asset as usize].acted } else { intent.target }
    }

    /// Returns |w| of a target of the asset, billionths.
    #[inline(always)]
    pub(super) fn weight_of(&self, asset: usize, rule: &Rule, target: i64, equity: i64) -> Result<i64, Overflow> {
        if target == 0 {
            return Ok(0);
        }
        rule.weight_e9(&self.contracts[asset].scale, self.to_settlement(asset, equity)?, target, self.slots[asset].mark)
    }

    /// Returns Σ|w| over all assets, billionths: present targets, else what was last acted on.
    fn gross_asked(&self, equity: i64) -> Result<i64, Overflow> {
        let mut gross: i64 = 0;
        let mut listed = self.intents.iter().peekable();
        for (asset, slot) in self.slots.iter().enumerate() {
            // Entries have intents and no target.
            let intent = listed.next_if(|intent| intent.asset as usize == asset);
            let Some(rule) = &self.rules[asset] else { continue };
            let target = intent.map_or(slot.acted, |intent| self.counted(intent));
            gross = gross.checked_add(self.weight_of(asset, rule, target, equity)?).ok_or(Overflow)?;
        }
        Ok(gross)
    }

    /// Decides whether the asset acts, cancels what it replaces and sets the position it moves to.
    #[inline(always)]
    fn choose(&mut self, intent: &mut Intent, t: i64, due: bool, equity: i64, gross: i64) -> Result<(), Overflow> {
        let asset = intent.asset as usize;
        let equity = self.to_settlement(asset, equity)?;
        let Some(rule) = &self.rules[asset] else { return self.choose_entry(intent, t) };
        let contract = &self.contracts[asset];
        let slot = &mut self.slots[asset];
        if intent.target == MISSING || !(due || slot.hold.is_some() || intent.cause == Cause::BrokenLeg) {
            return Ok(());
        }
        let mut target = intent.target;
        if gross > self.budget_e9 {
            target = (i128::from(target) * i128::from(self.budget_e9) / i128::from(gross)) as i64;
        }
        let position = self.ledger.positions[asset].lots;
        let acts = if target == 0 {
            // A hold leaves to a take what it still waits to sell; a target that is 0 itself, on schedule, does not.
            let is_left = slot.is_taking() && !(due && slot.raw == 0) && intent.cause != Cause::BrokenLeg;
            (position + slot.in_flight() != 0 && !is_left) || intent.reason == Reason::StopTime
        } else {
            target.signum() != slot.acted.signum() || rule.reaches_band(&contract.scale, equity, target, slot.acted, intent.ticks)?
        };
        if target == 0 {
            slot.acted = 0;
        }
        if !acts {
            slot.counters.band_holds += u64::from(target != slot.acted);
            return Ok(());
        }
        slot.acted = target;
        slot.counters.acts += u64::from(intent.reason == Reason::Target);
        intent.desired = rule.desired(&contract.scale, equity, target, intent.ticks)?;
        intent.wanted = intent.desired.checked_sub(position).ok_or(Overflow)?.abs();
        // Spot is borrowed where its margin is stated.
        if intent.desired < 0 && contract.is_long_only() {
            (intent.desired, intent.cause) = (0, Cause::NoShort);
        }
        intent.acts = true;
        if slot.working.is_some() {
            let was_dirty = slot.dirty;
            let cause = slot.ended_by(intent.reason);
            self.cancel(asset, t, cause);
            self.slots[asset].dirty = was_dirty;
        }
        Ok(())
    }

    /// Passes the order through the gate and hands it to the venue, or records why not.
    #[inline(always)]
    fn send(&mut self, intent: &Intent, t: i64, equity: i64) -> Result<(), Overflow> {
        if intent.wanted == 0 {
            return Ok(());
        }
        let position = self.ledger.positions[intent.asset as usize].lots;
        let side = if intent.cause == Cause::NoShort { -1 } else { (intent.desired - position).signum() };
        self.weigh()?;
        let (lots, cause) = self.allowed(intent, t, side, position, equity)?;
        let order = Order {
            id: self.next_order,
            ts: t,
            asset: intent.asset,
            side,
            lots,
            filled: 0,
            wanted: intent.wanted,
            ref_ticks: intent.ticks,
            due: t + self.latency.of(self.next_order),
            reason: intent.reason,
            cause,
            fixed_ticks: intent.fixed_ticks,
            trailing_ticks: intent.trailing_ticks,
            take_ticks: intent.take_ticks,
            capped_row: NEVER,
        };
        self.next_order += 1;
        match self.gate.approve(order) {
            Some(approved) => {
                self.tell_sent(&order, None);
                if self.guard.is_some() && !self.note_sent(&order, true) {
                    return Ok(());
                }
                self.enqueue(approved.into_inner());
                if self.limits.summed {
                    self.count_sent(intent.asset as usize)?;
                }
            }
            None => self.outbox.end(OrderRecord { order, status: Status::Rejected, done_ts: t }),
        }
        Ok(())
    }

    /// Returns the lots that may be sent and what cut them: the part that moves towards flat always passes, only what grows beyond it is checked.
    #[inline(always)]
    pub(super) fn allowed(&self, intent: &Intent, t: i64, side: i64, position: i64, equity: i64) -> Result<(i64, Cause), Overflow> {
        let asset = intent.asset as usize;
        let contract = &self.contracts[asset];
        let change = (intent.desired - position).abs();
        let closing = if position.signum() == -side { position.abs().min(change) } else { 0 };
        let growing = change - closing;
        if growing == 0 {
            return Ok((closing, intent.cause));
        }
        let request = Request {
            contract,
            ticks: intent.ticks,
            held: if closing > 0 { 0 } else { position.abs() },
            is_solvent: equity > 0,
            equity: self.to_settlement(asset, equity)?,
            others_gross: self.to_settlement(asset, self.gross_of_others(asset)?)?,
            free_cash: if contract.kind == InstrumentKind::Spot && side > 0 { self.free_cash(asset)? } else { 0 },
            margin: if contract.leverage_e9 > 0 { self.margin_for(asset, closing > 0)? } else { 0 },
            is_buy: side > 0,
        };
        let (licensed, by_licence) = self.licensed(&request, asset, t, growing)?;
        let (grown, cut_by) = match &self.guard {
            _ if licensed == 0 => (0, by_licence),
            None => self.gate.cut(&request, licensed)?,
            Some(guard) => self.cut_guarded(guard, &request, intent, t, licensed)?,
        };
        let causes = [cut_by, by_licence];
        Ok((closing + grown, causes.into_iter().find(|&cause| cause != Cause::None).unwrap_or(intent.cause)))
    }
}
