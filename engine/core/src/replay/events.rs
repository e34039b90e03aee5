//! The host of the event class: one grid row at a time, the market half of the desk, then whoever decides, then the decision half.
//!
//! It gives what has arrived (rows, fills, positions, signals) and takes what is asked (orders by key, targets). Rules: docs/semantics.md, section 10.
use super::Replay;
use super::block::Block;
use crate::desk::asked::Asked;
use crate::desk::funding::FundingSeries;
use crate::desk::lanes::Lane;
use crate::desk::order::FillRecord;
use crate::desk::rule::Rule;
use crate::desk::want::{Moment, Want};
use crate::desk::{Halt, Source};
use crate::event::{AccountView, Entry, PositionView};
use crate::money::{Overflow, Scale};
use crate::signal::grid::AssetRows;
use std::collections::HashMap;

/// What stands for an asset until it is changed: the raw target, and the distances of its stops and take in quote units; NaN = none.
#[derive(Debug, Clone, Copy)]
pub struct Standing {
    /// Weight, notional or quantity, as the rule says.
    pub raw: f64,
    /// Distance of the fixed stop.
    pub fixed: f64,
    /// Distance of the trailing stop.
    pub trailing: f64,
    /// Distance of the take.
    pub take: f64,
}

impl Standing {
    const NONE: Self = Self { raw: f64::NAN, fixed: f64::NAN, trailing: f64::NAN, take: f64::NAN };
}

/// The desk's window on one block in the decision half: bars, and the targets that stand.
struct Window<'a> {
    rows: &'a [AssetRows<'a>],
    first_rows: &'a [u64],
    funding: &'a [Option<FundingSeries<'a>>],
    standing: &'a [Standing],
}

impl Source for Window<'_> {
    #[inline(always)]
    fn open(&self, asset: usize, local: usize) -> f64 {
        self.rows[asset].open[local]
    }
    #[inline(always)]
    fn high(&self, asset: usize, local: usize) -> f64 {
        self.rows[asset].high[local]
    }
    #[inline(always)]
    fn low(&self, asset: usize, local: usize) -> f64 {
        self.rows[asset].low[local]
    }
    #[inline(always)]
    fn close(&self, asset: usize, local: usize) -> f64 {
        self.rows[asset].close[local]
    }
    #[inline(always)]
    fn volume(&self, asset: usize, local: usize) -> f64 {
        self.rows[asset].volume[local]
    }
    #[inline(always)]
    fn row(&self, asset: usize, local: usize) -> u64 {
        self.first_rows[asset] + local as u64
    }
    #[inline(always)]
    fn target(&self, asset: usize, _local: usize) -> f64 {
        self.standing[asset].raw
    }
    fn fixed(&self, asset: usize, _local: usize) -> f64 {
        self.standing[asset].fixed
    }
    fn trailing(&self, asset: usize, _local: usize) -> f64 {
        self.standing[asset].trailing
    }
    fn take(&self, asset: usize, _local: usize) -> f64 {
        self.standing[asset].take
    }
    fn targets(&self, _asset: usize) -> &[f64] {
        &[]
    }
    fn closes(&self, asset: usize) -> &[f64] {
        self.rows[asset].close
    }
    fn funding(&self, asset: usize) -> Option<FundingSeries<'_>> {
        self.funding[asset]
    }
}

/// How an event run is set up.
#[derive(Debug, Clone, Copy)]
pub struct EventSetup {
    /// The most keys that work or hold on one asset.
    pub room: usize,
    /// Largest gross weight of targets, billionths.
    pub budget_e9: i64,
    /// Time from a decision to its order's leaving, ms.
    pub compute_ms: i64,
}

/// One run whose decisions come from outside.
pub struct EventRun<'m> {
    replay: Replay<'m>,
    standing: Vec<Standing>,
    /// Nodes whose values are looked at, with the asset that they belong to where it is one.
    signals: Vec<(usize, Option<usize>)>,
    /// Row of an asset from which they have settled.
    settled: usize,
    /// Value of each signal (first) and asset (second) at the asset's last row of earlier blocks.
    before: Vec<Vec<f64>>,
    /// Rows of each asset that have arrived.
    arrived: Vec<usize>,
    /// Next row of the block, and how many it has.
    step: usize,
    steps: usize,
    /// Open time of the row taken last, ms.
    ts: i64,
    /// Where the row's fills and ended orders begin in the records.
    fills_from: usize,
    ended_from: usize,
    /// Whether the row taken last still waits for its decision.
    is_open: bool,
    keys: HashMap<String, u32>,
    groups: HashMap<String, u32>,
    room: usize,
}

impl<'m> EventRun<'m> {
    /// Takes over a replay of a program without targets, entries and orders; `signals` are its nodes that are looked at (kept by the replay) with
    /// the asset that they belong to where it is one, settled from the row `settled` on.
    pub fn new(mut replay: Replay<'m>, signals: Vec<(usize, Option<usize>)>, settled: u64, setup: EventSetup) -> Self {
        replay.desk.host(setup.room, setup.budget_e9, setup.compute_ms);
        let assets = replay.times.len();
        // Before the first row it is the open of the first bar, or the time from which decisions are allowed.
        let opens = replay.times.iter().filter_map(|ts| ts.first()).min().copied().unwrap_or(0);
        let begin = opens.max(replay.trade_from_ms.saturating_sub(replay.interval_ms));
        let ts = begin - replay.interval_ms;
        Self {
            replay,
            standing: vec![Standing::NONE; assets],
            before: vec![vec![f64::NAN; assets]; signals.len()],
            signals,
            settled: settled as usize,
            arrived: vec![0; assets],
            step: 0,
            steps: 0,
            ts,
            fills_from: 0,
            ended_from: 0,
            is_open: false,
            keys: HashMap::new(),
            groups: HashMap::new(),
            room: setup.room,
        }
    }

    /// Takes the market half of the next row, after the decision half of the row before; false at the end.
    ///
    /// # Errors
    /// Returns [`Halt`] where a number does not fit.
    pub fn advance(&mut self) -> Result<bool, Halt> {
        self.decide()?;
        if self.step == self.steps && !self.next_block() {
            return Ok(false);
        }
        let Replay { desk, records, rows, first_rows, wires, funding, signals, news, detail, grid, .. } = &mut self.replay;
        records.drain(&mut desk.outbox);
        (self.fills_from, self.ended_from) = (records.fills.len(), records.keyed.len());
        let grid = grid.grid();
        let present = grid.present(self.step);
        self.ts = grid.ts()[self.step];
        let block = Block::new(rows, first_rows, wires, funding, signals, news);
        match detail {
            None => desk.market(self.ts, present, &block)?,
            Some(detail) => detail.market(desk, self.ts, present, &block, |outbox| records.drain(outbox))?,
        }
        records.drain(&mut desk.outbox);
        for entry in present {
            self.arrived[entry.asset as usize] = first_rows[entry.asset as usize] as usize + entry.row as usize + 1;
        }
        self.is_open = true;
        Ok(true)
    }

    /// Carries out what was asked at the row taken last; does nothing where that is done.
    ///
    /// # Errors
    /// Returns [`Halt`] where a number does not fit.
    pub fn decide(&mut self) -> Result<(), Halt> {
        if !std::mem::replace(&mut self.is_open, false) {
            return Ok(());
        }
        let t = self.now();
        let replay = &mut self.replay;
        let window = Window { rows: &replay.rows, first_rows: &replay.first_rows, funding: &replay.funding, standing: &self.standing };
        let present = replay.grid.grid().present(self.step);
        if t < replay.trade_from_ms {
            replay.desk.see(t, present, &window)?;
        } else {
            replay.desk.decide_asked(t, present, &window)?;
            replay.equity_ts.push(t);
            replay.equity.push(replay.desk.equity());
        }
        self.step += 1;
        Ok(())
    }

    fn next_block(&mut self) -> bool {
        for (before, &(node, _)) in self.before.iter_mut().zip(&self.signals) {
            for (asset, before) in before.iter_mut().enumerate() {
                *before = self.replay.signals.column(node, asset).last().copied().unwrap_or(*before);
            }
        }
        self.steps = self.replay.take_block(usize::MAX);
        self.step = 0;
        self.steps > 0
    }

    /// Returns the value of a signal (by its place in the list) at an asset's last row that has arrived; missing before the first. One that belongs to
    /// an asset is seen from all others as that one's.
    pub fn signal(&self, place: usize, asset: usize) -> f64 {
        let (node, only) = self.signals[place];
        let asset = only.unwrap_or(asset);
        let arrived = self.arrived[asset] - self.replay.first_rows[asset] as usize;
        match arrived.checked_sub(1) {
            Some(local) => self.replay.signals.column(node, asset).get(local).copied().unwrap_or(f64::NAN),
            None => self.before[place][asset],
        }
    }

    /// Returns whether an asset's signals have settled at its last row that has arrived.
    pub fn is_settled(&self, asset: usize) -> bool {
        self.arrived[asset] > self.settled
    }

    /// Returns the decision time of the row taken last, ms; before the first the open of the first bar on which decisions are allowed.
    pub fn now(&self) -> i64 {
        self.ts + self.replay.interval_ms
    }

    /// Returns whether decisions are allowed at the row taken last.
    pub fn is_trading(&self) -> bool {
        self.now() >= self.replay.trade_from_ms
    }

    /// Returns the assets that have a bar at the row taken last, by id.
    pub fn present(&self) -> &[Entry] {
        self.replay.grid.grid().present(self.step)
    }

    /// Returns the fills of the row taken last, in order.
    pub fn fills(&self) -> &[FillRecord] {
        &self.replay.records.fills[self.fills_from..]
    }

    /// Returns how many rows of an asset have arrived.
    pub fn arrived(&self, asset: usize) -> usize {
        self.arrived[asset]
    }

    /// Returns the position of an asset.
    pub fn position(&self, asset: usize) -> PositionView {
        self.replay.desk.position_view(asset)
    }

    /// Returns the account.
    ///
    /// # Errors
    /// Returns [`Overflow`] where the cash does not fit.
    pub fn account(&self) -> Result<AccountView, Overflow> {
        self.replay.desk.account_view()
    }

    /// Returns an asset's lanes with their keys, in the order of the keys.
    pub fn lanes(&self, asset: usize) -> impl Iterator<Item = (&str, &Lane)> {
        let book = self.replay.desk.lanes();
        book.of(asset).map(|lane| (book.keys[lane.key as usize].as_str(), lane))
    }

    /// Returns the key of the order that a fill belongs to; none where a target sent it.
    pub fn key_of(&self, fill: &FillRecord) -> Option<&str> {
        let desk = &self.replay.desk;
        let at_work = desk.lanes().of(fill.asset as usize).find(|lane| lane.orders().any(|resting| resting.order.id == fill.order));
        let ended = || self.replay.records.keyed[self.ended_from..].iter().find(|keyed| keyed.order == fill.order).map(|keyed| keyed.key);
        let key = at_work.map(|lane| lane.key).or_else(ended)?;
        desk.lanes().keys.get(key as usize).map(String::as_str)
    }

    /// Returns the number of a group of orders of which one fill cancels the others, from 1.
    pub fn group(&mut self, name: &str) -> u32 {
        match self.groups.get(name) {
            Some(&known) => known,
            None => {
                let fresh = self.groups.len() as u32 + 1;
                self.groups.insert(name.to_string(), fresh);
                fresh
            }
        }
    }

    /// Asks for an order under a key of an asset.
    ///
    /// # Errors
    /// Returns one sentence (without the asset's name and the time) where a target leads the asset, the key works on the other side, or there is no room.
    pub fn order(&mut self, asset: usize, key: &str, want: &Want) -> Result<(), String> {
        if self.replay.desk.rule(asset).is_some() {
            return Err(format!("the order {key} comes beside a target; lead an asset by targets or by orders, not by both"));
        }
        let close = self.last_close(asset)?;
        let number = self.intern(key);
        let lane = self.replay.desk.lanes_mut().open(asset, number).ok_or_else(|| {
            format!(
                "{} keys work or hold already, and {key} is one more; cancel some, or set room = {} in the class",
                self.room,
                2 * self.room
            )
        })?;
        let side = self.replay.desk.side_of(lane);
        if side == -want.side {
            let [has, asks] = [side, want.side].map(|side| if side > 0 { "buy" } else { "sell" });
            return Err(format!(
                "the key {key} belongs to a {has} that works or holds, and is used for a {asks}; give the {asks} a key of its own"
            ));
        }
        let now = Moment { t: self.now(), row: self.arrived[asset] as u64 - 1, close };
        self.replay.desk.ask(Asked { lane, want: Some(*want), now });
        Ok(())
    }

    /// Asks to cancel what works under a key.
    ///
    /// # Errors
    /// Returns one sentence where no order of the asset ever had this key.
    pub fn cancel(&mut self, asset: usize, key: &str) -> Result<(), String> {
        let book = self.replay.desk.lanes();
        let lane = self.keys.get(key).and_then(|&number| book.lane_of(asset, number));
        if let Some(lane) = lane {
            let now = Moment { t: self.now(), row: 0, close: 0 };
            self.replay.desk.ask(Asked { lane, want: None, now });
            return Ok(());
        }
        if self.keys.contains_key(key) {
            return Ok(()); // Known, and long ended: its lane serves another key.
        }
        let known: Vec<&str> = self.lanes(asset).map(|(key, _)| key).collect();
        let known = if known.is_empty() { "no order was asked for yet".to_string() } else { format!("keys are {}", known.join(", ")) };
        Err(format!("there is no order {key} to cancel; {known}"))
    }

    /// Sets the target of an asset: it stands until it is set again.
    ///
    /// # Errors
    /// Returns one sentence where orders lead the asset or the unit differs from that of before.
    pub fn target(&mut self, asset: usize, rule: Rule, standing: Standing) -> Result<(), String> {
        if self.replay.desk.lanes().of(asset).next().is_some() {
            return Err("a target comes beside orders; lead an asset by targets or by orders, not by both".to_string());
        }
        match self.replay.desk.rule(asset) {
            Some(before) if before.unit != rule.unit => {
                return Err("a target changes its unit; keep to one of weight, notional and qty".to_string());
            }
            Some(before) if *before == rule => {}
            _ => self.replay.desk.lead(asset, rule),
        }
        self.standing[asset] = standing;
        Ok(())
    }

    /// Returns the last close of an asset that has arrived, ticks.
    fn last_close(&self, asset: usize) -> Result<i64, String> {
        let row = self.arrived[asset].checked_sub(1).ok_or("it has no bar yet, so nothing can be sent; wait for its first bar")?;
        self.scale(asset).ticks(self.replay.columns[asset].close[row]).ok_or_else(|| "its close does not fit the integer scale".to_string())
    }

    fn intern(&mut self, key: &str) -> u32 {
        if let Some(&known) = self.keys.get(key) {
            return known;
        }
        let texts = &mut self.replay.desk.lanes_mut().keys;
        let fresh = texts.len() as u32;
        texts.push(key.to_string());
        self.keys.insert(key.to_string(), fresh);
        fresh
    }

    /// Returns the run itself, for its records and state. To be called between two rows, or at the end.
    pub fn replay(&mut self) -> &mut Replay<'m> {
        self.replay.records.drain(&mut self.replay.desk.outbox);
        &mut self.replay
    }

    /// Returns the grid of an asset's prices and quantities.
    pub fn scale(&self, asset: usize) -> &Scale {
        self.replay.desk.scale(asset)
    }
}
