//! The event host: a backtest whose decisions somebody else takes, row by row (docs/design.md, "Event strategies").
//!
//! Of one row: the market half of the desk, then its own decision half (which frees lanes), then the caller, who looks and asks for orders in lanes.
//! Not here: who calls, and timers.

use super::{Block, Replay};
use crate::desk::Halt;
use crate::desk::lane_rule::LaneRule;
use crate::desk::lanes::LaneBook;
use crate::desk::order::{FillRecord, KeyedRecord, Order};
use crate::desk::reason::{OrderKind, Tif};
use crate::desk::size::SizeUnit;
use crate::desk::want::{Exits, Expiry, Moment, Want};
use crate::event::{AccountView, PositionView};
use crate::market::Market;
use crate::money::{Overflow, Scale};
use crate::signal::orders::ExitNodes;

/// Numbers of an order as the caller gives them, by position; NaN = none.
pub const NUMBERS: usize = 10;
const SIZE: usize = 0;
const PRICE: usize = 1;
const TRIGGER: usize = 2;
const DISTANCE: usize = 3;
const PER_UNIT: usize = 4;
const EXITS: [usize; 5] = [5, 6, 7, 8, 9];

const SILENT: &str =
    r#"{"version":1,"kind":"expression","interval_ms":INTERVAL,"clocks":[INTERVAL],"nodes":[{"op":"col","in":[],"s":"close"}]}"#;

/// An order as the caller states it: what never is a number, and the numbers.
#[derive(Clone, Copy, Debug)]
pub struct Draft {
    /// +1 buy, −1 sell.
    pub side: i64,
    /// What kind of order.
    pub kind: OrderKind,
    /// How long it works.
    pub tif: Tif,
    /// When it ends, with gtd.
    pub expiry: Expiry,
    /// What the size means.
    pub unit: SizeUnit,
    /// Whether it may only make liquidity.
    pub post_only: bool,
    /// Whether it may only reduce the position.
    pub reduce_only: bool,
    /// Group on the asset of which one fill cancels the others; 0 = none.
    pub oco: u32,
    /// Size, price, trigger, distance, loss of one unit, stop, trail, take, stop_at, take_at.
    pub numbers: [f64; NUMBERS],
}

impl Draft {
    /// Returns the order in ticks and lots; none where a number it needs is missing or below one unit.
    fn want(&self, scale: &Scale) -> Option<Want> {
        let given = |at: usize| Some(at).filter(|&at| !self.numbers[at].is_nan());
        let needs = |at: usize, kinds: &[OrderKind]| kinds.contains(&self.kind).then_some(at);
        let [stop, trail, take, stop_at, take_at] = EXITS.map(given);
        let exits = ExitNodes { stop, trail, take, stop_at, take_at };
        let rule = LaneRule {
            fixed: Want {
                side: self.side,
                kind: self.kind,
                tif: self.tif,
                expiry: self.expiry,
                post_only: self.post_only,
                reduce_only: self.reduce_only,
                oco: self.oco,
                unit: self.unit,
                size: 0,
                share: 1,
                per_unit: 0,
                price: 0,
                trigger: 0,
                distance: 0,
                holds: exits != ExitNodes::default(),
                exits: Exits::default(),
            },
            size: SIZE,
            per_unit: Some(PER_UNIT),
            price: needs(PRICE, &[OrderKind::Limit, OrderKind::StopLimit]),
            trigger: needs(TRIGGER, &[OrderKind::Stop, OrderKind::StopLimit, OrderKind::TakeProfit]),
            distance: needs(DISTANCE, &[OrderKind::Trailing]),
            when: None,
            until: None,
            exits,
        };
        rule.read(scale, |at| self.numbers[at])
    }
}

/// An asset of the present row that may decide.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Present {
    /// Instrument id.
    pub asset: usize,
    /// Row in the asset's own data.
    pub row: u64,
    local: usize,
}

/// A run that is decided from outside.
pub struct Events<'m> {
    replay: Replay<'m>,
    scales: Vec<Scale>,
    settled: Vec<u64>,
    steps: usize,
    step: usize,
    t: i64,
    present: Vec<Present>,
    first_fill: usize,
    first_keyed: usize,
}

impl<'m> Events<'m> {
    /// Returns a program for a host that computes no signal: one column, of which nobody asks.
    pub fn silent_program(interval_ms: i64) -> String {
        SILENT.replace("INTERVAL", &interval_ms.to_string())
    }

    /// Takes over a run of the silent program, with room for `lanes` orders on each asset; assets decide from the row `settled` on.
    ///
    /// # Errors
    /// Returns one sentence where an asset has no row to decide from, or its tick and lot do not fit.
    pub fn new(mut replay: Replay<'m>, market: &Market<'m>, settled: Vec<u64>, lanes: usize) -> Result<Self, String> {
        let assets = market.listings.len();
        if settled.len() != assets {
            return Err(format!("settled has {} rows for {assets} assets", settled.len()));
        }
        replay.desk.equip(LaneBook::with_room(assets, lanes));
        replay.desk.track_extremes();
        let scales =
            market.listings.iter().map(|listing| Scale::new(listing.tick, listing.lot).map_err(|e| format!("{}: {e}", listing.symbol)));
        Ok(Self {
            scales: scales.collect::<Result<_, _>>()?,
            replay,
            settled,
            steps: 0,
            step: 0,
            t: i64::MIN,
            present: Vec::with_capacity(assets),
            first_fill: 0,
            first_keyed: 0,
        })
    }

    /// Takes rows until one has fills or an asset that may decide; false at the end.
    ///
    /// # Errors
    /// Returns [`Halt`] where a number does not fit.
    pub fn advance(&mut self) -> Result<bool, Halt> {
        loop {
            if self.step == self.steps {
                self.steps = self.replay.take_block(usize::MAX);
                self.step = 0;
                if self.steps == 0 {
                    self.present.clear();
                    return Ok(false);
                }
            }
            self.row()?;
            self.step += 1;
            if !self.present.is_empty() || !self.fills().is_empty() {
                return Ok(true);
            }
        }
    }

    fn row(&mut self) -> Result<(), Halt> {
        let replay = &mut self.replay;
        if replay.desk.outbox.is_full() {
            replay.records.drain(&mut replay.desk.outbox);
        }
        (self.first_fill, self.first_keyed) = (replay.desk.outbox.fills.len(), replay.desk.outbox.keyed.len());
        let grid = replay.grid.grid();
        let (ts, present) = (grid.ts()[self.step], grid.present(self.step));
        let block = Block::new(&replay.rows, &replay.first_rows, &replay.wires, &replay.funding, &replay.signals, &replay.news);
        replay.desk.market(ts, present, &block)?;
        self.t = ts + replay.interval_ms;
        replay.desk.decide(self.t, false, present, &block)?;
        self.present.clear();
        if self.t >= replay.trade_from_ms {
            replay.equity_ts.push(self.t);
            replay.equity.push(replay.desk.equity());
            for entry in present {
                let (asset, local) = (entry.asset as usize, entry.row as usize);
                let row = replay.first_rows[asset] + local as u64;
                if row >= self.settled[asset] {
                    self.present.push(Present { asset, row, local });
                }
            }
        }
        Ok(())
    }

    /// Returns the decision time of the row, ms.
    pub fn time(&self) -> i64 {
        self.t
    }

    /// Returns the assets of the row that may decide, by id.
    pub fn present(&self) -> &[Present] {
        &self.present
    }

    /// Returns the row's fills, in order.
    pub fn fills(&self) -> &[FillRecord] {
        &self.replay.desk.outbox.fills[self.first_fill..]
    }

    /// Returns the key (index into the keys) of a fill's order.
    pub fn key_of(&self, order: u32) -> Option<u32> {
        let ended = self.replay.desk.outbox.keyed[self.first_keyed..].iter().find(|keyed| keyed.order == order);
        ended.map(|keyed| keyed.key).or_else(|| self.replay.desk.working_keyed().find(|keyed| keyed.order == order).map(|keyed| keyed.key))
    }

    /// Returns the index of a key, known or new.
    pub fn key(&mut self, text: &str) -> u32 {
        let keys = &mut self.replay.desk.lanes_mut().keys;
        keys.iter().position(|known| known == text).unwrap_or_else(|| {
            keys.push(text.to_string());
            keys.len() - 1
        }) as u32
    }

    /// Returns lots of an asset in base units.
    pub fn quantity(&self, asset: usize, lots: i64) -> f64 {
        self.scales[asset].quantity(lots)
    }

    /// Returns ticks of an asset in quote units.
    pub fn price(&self, asset: usize, ticks: i64) -> f64 {
        self.scales[asset].price(ticks as f64)
    }

    /// Returns the view of an asset's position now.
    pub fn position(&self, asset: usize) -> PositionView {
        self.replay.desk.position_view(asset)
    }

    /// Returns the view of the account now.
    ///
    /// # Errors
    /// Returns [`Halt`] where the cash does not fit.
    pub fn account(&self) -> Result<AccountView, Halt> {
        self.replay.desk.account_view().map_err(|Overflow| self.halt(0))
    }

    /// Asks for an order under a key of an asset that is present; returns whether it works now (it was sent, or works already as asked).
    ///
    /// # Errors
    /// Returns a sentence where the asset may not decide now or has no lane left, [`Halt`] as text where a number does not fit.
    pub fn order(&mut self, asset: usize, key: u32, draft: &Draft) -> Result<bool, Refusal> {
        let Some(&Present { row, local, .. }) = self.present.iter().find(|present| present.asset == asset) else {
            return Err(Refusal::Absent);
        };
        let Some(lane) = self.replay.desk.lanes_mut().open(asset, key) else { return Err(Refusal::NoLane) };
        let Some(want) = draft.want(&self.scales[asset]) else {
            self.replay.desk.withdraw(lane, self.t);
            return Ok(false);
        };
        let overflow = |Overflow| Refusal::Halt(self.halt(asset));
        let close = self.scales[asset].ticks(self.replay.rows[asset].close[local]).ok_or(Overflow).map_err(overflow)?;
        let now = Moment { t: self.t, row, close };
        self.replay.desk.want(lane, &want, now).map_err(|Overflow| Refusal::Halt(Halt { asset, ts: now.t }))
    }

    /// Cancels what works under a key of an asset, or under all of them.
    pub fn cancel(&mut self, asset: usize, key: Option<u32>) {
        let desk = &mut self.replay.desk;
        let chosen = |lane: &crate::desk::lanes::Lane| lane.asset as usize == asset && key.is_none_or(|key| key == lane.key);
        let lanes: Vec<u32> = (0u32..).zip(desk.lanes().lanes()).filter(|(_, lane)| chosen(lane)).map(|(at, _)| at).collect();
        lanes.into_iter().for_each(|lane| desk.withdraw(lane, self.t));
    }

    /// Returns the asset's working orders of lanes.
    pub fn working(&self, asset: usize) -> impl Iterator<Item = (Order, KeyedRecord)> {
        let lanes = self.replay.desk.lanes().lanes().iter().filter(move |lane| lane.asset as usize == asset);
        lanes.flat_map(|lane| lane.orders().map(|resting| (resting.order, resting.keyed(lane.key))))
    }

    /// Returns the run, for its records.
    pub fn replay(&mut self) -> &mut Replay<'m> {
        self.replay.records.drain(&mut self.replay.desk.outbox);
        (self.first_fill, self.first_keyed) = (0, 0);
        &mut self.replay
    }

    fn halt(&self, asset: usize) -> Halt {
        Halt { asset, ts: self.t - self.replay.interval_ms }
    }
}

/// Why an order could not be asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The asset has no bar in this row, or is still warming up.
    Absent,
    /// Every lane of the asset is in use.
    NoLane,
    /// A number does not fit.
    Halt(Halt),
}
