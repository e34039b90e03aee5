//! Decisions on lanes: from what the program (or another host) wants to orders sent, kept and cancelled.
//!
//! Order: cancels of all lanes in lane order; then sends, reductions first, each in lane order. Between the two stand the targets' decisions.
use super::guard::{Arrival, Ask as Increase};
use super::lanes::{Ask, Worker};
use super::order::{NEVER, Order, OrderRecord};
use super::reason::{Cause, OrderKind, Reason, Status};
use super::resting::Resting;
use super::risk::Request;
use super::want::{Moment, Want};
use super::{Desk, Halt, Source};
use crate::event::Entry;
use crate::instrument::InstrumentKind;
use crate::money::Overflow;

/// A condition's value: missing is false.
fn is_true(x: f64) -> bool {
    x != 0.0 && !x.is_nan()
}

impl Desk {
    /// Reads what every lane wants, cancels what is no longer wanted, and lists what is to be sent.
    pub(super) fn review_lanes<S: Source>(&mut self, t: i64, present: &[Entry], src: &S) {
        self.lanes.asks.clear();
        for entry in present {
            let (asset, local) = (entry.asset as usize, entry.row as usize);
            let row = src.row(asset, local);
            if self.lanes.of[asset].is_empty() || row < self.lanes.settled[asset] || !self.has_news(asset, local, src) {
                continue;
            }
            self.lanes.reach[asset].settled = true;
            for at in 0..self.lanes.of[asset].len() {
                let lane = self.lanes.of[asset][at] as usize;
                self.free_without_position(lane, t);
                if lane < self.lanes.rules.len() {
                    self.review_lane(lane, asset, local, t, row, src);
                }
            }
            self.lanes.refresh(asset);
        }
    }

    /// Returns whether a column that the asset's lanes read has changed or something happened to them since the last decision.
    #[inline(always)]
    fn has_news<S: Source>(&self, asset: usize, local: usize, src: &S) -> bool {
        !self.lanes.reach[asset].settled || src.news(asset).get(local).is_some_and(|&changed| changed != 0)
    }

    /// Frees a lane that holds lots on a side on which the asset has no position any more.
    fn free_without_position(&mut self, lane: usize, t: i64) {
        let Self { lanes, ledger, .. } = self;
        let (asset, bracket) = (lanes.lanes[lane].asset as usize, &mut lanes.lanes[lane].bracket);
        if bracket.held > 0 && ledger.positions[asset].lots.signum() != bracket.side {
            bracket.empty();
            self.lanes.touch(asset);
            self.cancel_worker(lane, Worker::Exit, t, Cause::ReduceOnly);
        }
    }

    fn review_lane<S: Source>(&mut self, lane: usize, asset: usize, local: usize, t: i64, row: u64, src: &S) {
        let rule = self.lanes.rules[lane];
        let scale = self.contracts[asset].scale;
        let value = |node: usize| src.node(node, asset, local);
        let holds = |node: Option<usize>| node.is_some_and(|node| is_true(value(node)));
        let when = holds(rule.when);
        let was = std::mem::replace(&mut self.lanes.lanes[lane].was, when);
        let rises = when && !was;
        if holds(rule.until) {
            return self.cancel_worker(lane, Worker::Order, t, Cause::Withdrawn);
        }
        let wanted = if rule.when.is_none() || rises { rule.read(&scale, value) } else { None };
        let state = &self.lanes.lanes[lane];
        let sent = state.order.map(|resting| resting.want);
        let has_right = state.after.is_none() || state.rights > 0 || sent.is_some();
        let is_free = state.bracket.is_free();
        let Some(want) = wanted.filter(|_| has_right) else {
            if rule.when.is_none() {
                self.cancel_worker(lane, Worker::Order, t, Cause::Withdrawn);
            }
            return;
        };
        if (rule.when.is_some() && !is_free) || (rule.when.is_none() && sent.is_some_and(|sent| want.is_kept(&sent))) {
            return; // A moment that finds the lane taken is lost; an unchanged order stays.
        }
        self.cancel_worker(lane, Worker::Order, t, Cause::Replaced);
        if is_free {
            self.lanes.asks.push(Ask { lane: lane as u32, want, row, uses_right: sent.is_none() });
        }
    }

    /// Sends what the review has listed: what reduces first.
    pub(super) fn send_lanes<S: Source>(&mut self, t: i64, present: &[Entry], src: &S) -> Result<(), Halt> {
        let equity = self.equity();
        for reducing in [true, false] {
            for at in 0..self.lanes.asks.len() {
                let ask = self.lanes.asks[at];
                let asset = self.lanes.lanes[ask.lane as usize].asset as usize;
                let position = self.ledger.positions[asset].lots;
                if (ask.want.reduce_only || position.signum() == -ask.want.side) == reducing {
                    self.send_ask(&ask, asset, t, equity, present, src).map_err(|Overflow| Halt { asset, ts: t - self.interval_ms })?;
                }
            }
        }
        Ok(())
    }

    fn send_ask<S: Source>(&mut self, ask: &Ask, asset: usize, t: i64, equity: i64, present: &[Entry], src: &S) -> Result<(), Overflow> {
        let Ok(found) = present.binary_search_by_key(&(asset as u32), |entry| entry.asset) else { return Ok(()) };
        let close = self.contracts[asset].scale.ticks(src.close(asset, present[found].row as usize)).ok_or(Overflow)?;
        let now = Moment { t, row: ask.row, close };
        if self.submit(ask.lane as usize, &ask.want, now, equity)? {
            let lane = &mut self.lanes.lanes[ask.lane as usize];
            lane.rights -= u32::from(ask.uses_right && lane.after.is_some());
        } else {
            // What was refused is asked for again at the next decision.
            self.lanes.reach[asset].settled = false;
        }
        Ok(())
    }

    /// Passes an order through the gate and hands it to the venue, or records why not; returns whether it was sent.
    pub(super) fn submit(&mut self, lane: usize, want: &Want, now: Moment, equity: i64) -> Result<bool, Overflow> {
        let asset = self.lanes.lanes[lane].asset as usize;
        let ticks = want.reference(now.close);
        let own_equity = self.to_settlement(asset, equity)?;
        let wanted = if ticks < 1 { 0 } else { want.lots(&self.contracts[asset].scale, own_equity, now.close)? };
        let (lots, cause) = match wanted {
            0 => (0, Cause::MinSize),
            _ => {
                self.weigh()?;
                self.allowed_in_lane(asset, want, wanted, ticks, now, equity)?
            }
        };
        let id = self.next_order;
        self.next_order += 1;
        let order = Order {
            id,
            ts: now.t,
            asset: asset as u32,
            side: want.side,
            lots,
            filled: 0,
            wanted,
            ref_ticks: ticks,
            due: now.t + self.latency.of(id),
            reason: Reason::Order,
            cause,
            fixed_ticks: 0,
            trailing_ticks: 0,
            take_ticks: 0,
            capped_row: NEVER,
        };
        let key = self.lanes.lanes[lane].key;
        match self.gate.approve(order) {
            Some(approved) => {
                let resting = Resting::send(approved, *want, now.row, now.close);
                self.tell_keyed(&resting, key);
                if self.guard.is_some() && !self.note_sent(&order, resting.is_at_market()) {
                    let order = Order { cause: Cause::Refused, ..order };
                    self.outbox.keyed.push(Resting::refused(order, want).keyed(key));
                    return Ok(false);
                }
                self.post_lane(&resting);
                self.lanes.lanes[lane].order = Some(resting);
                self.lanes.reach[asset].stale = true;
                self.lanes.refresh(asset);
                Ok(true)
            }
            None => {
                self.outbox.end(OrderRecord { order, status: Status::Rejected, done_ts: now.t });
                self.outbox.keyed.push(Resting::refused(order, want).keyed(key));
                Ok(false)
            }
        }
    }

    /// Returns the lots that may be sent and what cut them.
    fn allowed_in_lane(
        &self,
        asset: usize,
        want: &Want,
        wanted: i64,
        ticks: i64,
        now: Moment,
        equity: i64,
    ) -> Result<(i64, Cause), Overflow> {
        let contract = &self.contracts[asset];
        let position = self.ledger.positions[asset].lots;
        let opposite = (-want.side * position).max(0);
        let (mut lots, mut cause) = (wanted, Cause::None);
        if want.reduce_only && lots > opposite {
            (lots, cause) = (opposite, Cause::ReduceOnly);
        }
        if contract.is_long_only() && want.side < 0 {
            let sellable = (position - self.sells_outside(asset, want.oco)).max(0);
            if lots > sellable {
                (lots, cause) = (sellable, Cause::NoShort);
            }
        }
        let growing = if want.reduce_only { 0 } else { lots - lots.min(opposite) };
        if growing == 0 {
            return Ok((lots, cause));
        }
        let reach = &self.lanes.reach[asset];
        let request = Request {
            contract,
            ticks,
            held: (want.side * position).max(0) + if want.side > 0 { reach.buys } else { reach.sells },
            is_solvent: equity > 0,
            equity: self.to_settlement(asset, equity)?,
            others_gross: self.to_settlement(asset, self.gross_of_others(asset)?)?,
            free_cash: if contract.kind == InstrumentKind::Spot && want.side > 0 { self.free_cash(asset)? } else { 0 },
            margin: if contract.leverage_e9 > 0 { self.margin_for(asset, lots > growing)? } else { 0 },
            is_buy: want.side > 0,
        };
        let at = if want.exits.stop_at > 0 { (ticks - want.exits.stop_at).abs() } else { 0 };
        let arrives = match want.kind {
            OrderKind::Market => Arrival::Market,
            OrderKind::Limit => Arrival::Limit,
            _ => Arrival::Waiting,
        };
        let stops = [want.exits.stop, want.exits.trail, at];
        let ask = Increase { request: &request, asset, t: now.t, stops, wanted, close: now.close, arrives, meets_own: false };
        let (grown, cut_by) = self.cut(ask, growing)?;
        Ok((lots - growing + grown, if cut_by == Cause::None { cause } else { cut_by }))
    }

    /// Returns the lots left of the asset's working sells that are not of the same group.
    fn sells_outside(&self, asset: usize, oco: u32) -> i64 {
        if oco == 0 {
            return self.lanes.reach[asset].sells;
        }
        let lanes = self.lanes.of[asset].iter().map(|&lane| &self.lanes.lanes[lane as usize]);
        let sells = lanes.flat_map(|lane| lane.orders()).filter(|resting| resting.order.side < 0 && resting.want.oco != oco);
        sells.map(|resting| resting.order.left()).sum()
    }

    /// Returns what the lanes' working spot orders add to free cash: expected proceeds of those at market less what buys keep.
    pub(super) fn lanes_cash(&self) -> Result<i64, Overflow> {
        let mut free: i64 = 0;
        for resting in self.lanes.lanes.iter().flat_map(|lane| lane.orders()) {
            let order = &resting.order;
            let contract = &self.contracts[order.asset as usize];
            if contract.kind == InstrumentKind::Spot {
                free = if order.side > 0 {
                    free.checked_sub(self.gate.reserved(contract, order.left(), order.ref_ticks)?).ok_or(Overflow)?
                } else if resting.is_at_market() {
                    let closing = order.left().min(self.ledger.positions[order.asset as usize].lots.max(0));
                    free.checked_add(self.gate.expected(contract, closing, order.ref_ticks)?).ok_or(Overflow)?
                } else {
                    free
                };
            }
        }
        Ok(free)
    }
}
