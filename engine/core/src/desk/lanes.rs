//! Lanes: a key on an asset, with the order that works under it and the bracket of what it has filled.
//!
//! The book knows every lane in lane order (asset id, key as text) and, for each asset, what a bar must reach to matter at all.
//! Rules: docs/semantics.md, section 7. Not here: decisions ([`super::lanes_decide`]), the bar ([`super::lanes_market`]), fills.
use super::asked::Asked;
use super::bracket::Bracket;
use super::lane_rule::LaneRule;
use super::reason::OrderKind;
use super::resting::{Resting, Stage};
use super::want::Want;

/// One lane.
#[derive(Debug, Clone, Copy)]
pub struct Lane {
    /// Instrument id.
    pub asset: u32,
    /// Index into the book's keys.
    pub key: u32,
    /// Lane whose complete fills give the right to send.
    pub after: Option<u32>,
    /// Rights not used yet.
    pub rights: u32,
    /// `when` at the previous decision.
    pub was: bool,
    /// Whether a host has asked something of it that the next decision carries out.
    pub asked: bool,
    /// The order at work.
    pub order: Option<Resting>,
    /// What it holds.
    pub bracket: Bracket,
}

/// Which order of a lane.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Worker {
    /// The lane's own order.
    Order,
    /// The exit of what it holds.
    Exit,
}

impl Lane {
    fn new(asset: u32, key: u32) -> Self {
        Self { asset, key, after: None, rights: 0, was: false, asked: false, order: None, bracket: Bracket::EMPTY }
    }

    pub(super) fn worker(&mut self, worker: Worker) -> &mut Option<Resting> {
        match worker {
            Worker::Order => &mut self.order,
            Worker::Exit => &mut self.bracket.leaving,
        }
    }

    /// Returns the orders at work: the lane's own and its exit.
    pub fn orders(&self) -> impl Iterator<Item = &Resting> {
        self.order.iter().chain(&self.bracket.leaving)
    }

    fn is_idle(&self) -> bool {
        !self.asked && self.order.is_none() && self.bracket.is_free()
    }
}

/// What a bar must reach to concern an asset's lanes, and what works there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Reach {
    /// Highest price that somebody waits for from above, ticks.
    pub down: i64,
    /// Lowest price that somebody waits for from below, ticks.
    pub up: i64,
    /// Whether an order acts at the next bar whatever it brings.
    pub awake: bool,
    /// First time at which an order expires, ms.
    pub expire_ts: i64,
    /// Last row at which every order still works.
    pub expire_row: u64,
    /// Lots left of working buys.
    pub buys: i64,
    /// Lots left of working sells.
    pub sells: i64,
    /// Whether the fields above must be computed anew.
    pub stale: bool,
    /// Whether unchanged columns mean that there is nothing to decide.
    pub settled: bool,
}

impl Reach {
    const NEW: Self = Self {
        down: i64::MIN,
        up: i64::MAX,
        awake: false,
        expire_ts: i64::MAX,
        expire_row: u64::MAX,
        buys: 0,
        sells: 0,
        stale: false,
        settled: false,
    };

    fn wait(&mut self, below: bool, level: i64) {
        if below {
            self.down = self.down.max(level);
        } else {
            self.up = self.up.min(level);
        }
    }

    fn add(&mut self, resting: &Resting) {
        let (order, below) = (&resting.order, resting.waits_below());
        *(if order.side > 0 { &mut self.buys } else { &mut self.sells }) += order.left();
        self.expire_ts = self.expire_ts.min(resting.expire_ts);
        self.expire_row = self.expire_row.min(resting.expire_row);
        match resting.level() {
            Some(level) => self.wait(below, level),
            None => self.awake |= resting.stage != Stage::Watching,
        }
        if resting.want.kind == OrderKind::Trailing && resting.stage == Stage::Watching {
            self.follow(-order.side, resting.extreme);
        }
    }

    fn hold(&mut self, bracket: &Bracket) {
        if bracket.held == 0 {
            return;
        }
        let long = bracket.side > 0;
        if let Some((level, _)) = bracket.stop_level() {
            self.wait(long, level);
        }
        if let Some(level) = bracket.take_level() {
            self.wait(!long, level);
        }
        if bracket.exits.trail > 0 {
            self.follow(bracket.side, bracket.extreme);
        }
    }

    /// A trailing level moves with a new extreme.
    fn follow(&mut self, side: i64, extreme: i64) {
        self.wait(side < 0, if side > 0 { extreme.saturating_add(1) } else { extreme.saturating_sub(1) });
    }

    /// Returns whether a bar concerns the lanes.
    #[inline(always)]
    pub fn is_met(&self, low: i64, high: i64, ts: i64, row: u64) -> bool {
        low <= self.down || high >= self.up || self.awake || ts >= self.expire_ts || row > self.expire_row
    }
}

/// An order to send: lane, what for, and whether it uses one of the lane's rights.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ask {
    pub lane: u32,
    pub want: Want,
    pub row: u64,
    pub uses_right: bool,
}

/// All lanes of the desk.
pub struct LaneBook {
    /// Texts of the keys.
    pub keys: Vec<String>,
    /// The most lanes that a host may open on one asset.
    room: usize,
    pub(super) lanes: Vec<Lane>,
    /// Rules of the program's lanes; a host's own lanes have none.
    pub(super) rules: Vec<LaneRule>,
    /// Row of the asset at which decisions begin.
    pub(super) settled: Vec<u64>,
    /// Lanes of an asset, in the order of their keys.
    pub(super) of: Vec<Vec<u32>>,
    pub(super) reach: Vec<Reach>,
    pub(super) asks: Vec<Ask>,
    /// What a host asks of lanes in this step.
    pub(super) asked: Vec<Asked>,
    /// Orders of a bar by number: (number, lane or asset, which); room for all of them.
    pub(super) queue: Vec<(u32, u32, Option<Worker>)>,
    /// Lots of buys and of sells whose cancel is on its way, by asset; empty on bars.
    pub(super) outgoing: Vec<[i64; 2]>,
    /// Whether the bar concerns the asset.
    pub(super) met: Vec<bool>,
}

/// A lane as the host opens it.
pub struct LaneSetup {
    /// Instrument id.
    pub asset: u32,
    /// Its key.
    pub key: String,
    /// The program's rule.
    pub rule: LaneRule,
    /// Key of the lane on the same asset whose fills give the right to send.
    pub after: Option<String>,
}

impl LaneBook {
    /// A book without lanes and without room for any.
    pub fn empty(assets: usize) -> Self {
        Self::with_room(assets, 0)
    }

    /// A book with room for `per_asset` lanes on each asset, to be opened as they come.
    pub fn with_room(assets: usize, per_asset: usize) -> Self {
        let all = assets * per_asset;
        Self {
            keys: Vec::with_capacity(all),
            room: per_asset,
            lanes: Vec::with_capacity(all),
            rules: Vec::new(),
            settled: vec![0; assets],
            of: (0..assets).map(|_| Vec::with_capacity(per_asset)).collect(),
            reach: vec![Reach::NEW; assets],
            asks: Vec::with_capacity(all),
            asked: Vec::with_capacity(all),
            queue: Vec::with_capacity(2 * all + assets),
            outgoing: Vec::new(),
            met: vec![false; assets],
        }
    }

    /// A book with the program's lanes; `settled` are the rows at which each asset's decisions begin.
    pub fn of_program(mut setups: Vec<LaneSetup>, settled: Vec<u64>) -> Self {
        let assets = settled.len();
        setups.sort_by(|a, b| (a.asset, &a.key).cmp(&(b.asset, &b.key)));
        let mut book = Self { settled, ..Self::empty(assets) };
        book.keys = setups.iter().map(|setup| setup.key.clone()).collect();
        book.keys.sort_unstable();
        book.keys.dedup();
        for setup in &setups {
            let key = book.keys.binary_search(&setup.key).unwrap_or(0) as u32;
            book.of[setup.asset as usize].push(book.lanes.len() as u32);
            book.lanes.push(Lane::new(setup.asset, key));
            book.rules.push(setup.rule);
        }
        for (at, setup) in setups.iter().enumerate() {
            let other = |key: &String| setups.iter().position(|other| other.asset == setup.asset && &other.key == key);
            book.lanes[at].after = setup.after.as_ref().and_then(other).map(|lane| lane as u32);
        }
        book.asks.reserve(book.lanes.len());
        book.queue.reserve(2 * book.lanes.len() + assets);
        book
    }

    /// Returns whether there is no lane and never was.
    #[inline(always)]
    pub fn is_empty(&self) -> bool {
        self.lanes.is_empty()
    }

    /// Returns the number of lanes that there is room for.
    pub fn room(&self) -> usize {
        self.lanes.capacity()
    }

    /// Returns every lane, in the order of opening.
    pub fn lanes(&self) -> &[Lane] {
        &self.lanes
    }

    /// Returns an asset's lanes, in the order of their keys.
    pub fn of(&self, asset: usize) -> impl Iterator<Item = &Lane> {
        self.of[asset].iter().map(|&lane| &self.lanes[lane as usize])
    }

    /// Returns the asset's lane of a key (an index into the keys), if there is one.
    pub fn lane_of(&self, asset: usize, key: u32) -> Option<u32> {
        self.of[asset].iter().copied().find(|&lane| self.lanes[lane as usize].key == key)
    }

    /// Returns the asset's lane of a key (an index into the keys), opening it if there is room or an idle lane to take over; `None` if neither.
    pub fn open(&mut self, asset: usize, key: u32) -> Option<u32> {
        if let Some(known) = self.lane_of(asset, key) {
            return Some(known);
        }
        let fresh = Lane::new(asset as u32, key);
        let lane = if self.of[asset].len() < self.room {
            self.lanes.push(fresh);
            self.lanes.len() as u32 - 1
        } else {
            let idle = self.of[asset].iter().position(|&lane| self.lanes[lane as usize].is_idle())?;
            let lane = self.of[asset].remove(idle);
            self.lanes[lane as usize] = fresh;
            lane
        };
        let text = &self.keys[key as usize];
        let place = self.of[asset].partition_point(|&other| &self.keys[self.lanes[other as usize].key as usize] < text);
        self.of[asset].insert(place, lane);
        Some(lane)
    }

    /// Returns the exit stops of lanes that hold lots of a side.
    pub(super) fn guards(&self, asset: usize, side: i64) -> impl Iterator<Item = i64> {
        let brackets = self.of[asset].iter().map(|&lane| &self.lanes[lane as usize].bracket);
        brackets.filter(move |bracket| bracket.side == side).filter_map(|bracket| bracket.stop_level().map(|(level, _)| level))
    }

    /// Notes that something happened on the asset.
    pub(super) fn touch(&mut self, asset: usize) {
        (self.reach[asset].stale, self.reach[asset].settled) = (true, false);
    }

    /// Computes anew what a bar must reach, if something happened since.
    pub(super) fn refresh(&mut self, asset: usize) {
        if self.reach[asset].stale {
            let [buys, sells] = self.outgoing.get(asset).copied().unwrap_or_default();
            let mut reach = Reach { settled: self.reach[asset].settled, buys, sells, ..Reach::NEW };
            for &lane in &self.of[asset] {
                let lane = &self.lanes[lane as usize];
                lane.orders().for_each(|resting| reach.add(resting));
                reach.hold(&lane.bracket);
            }
            self.reach[asset] = reach;
        }
    }

    /// Returns the largest position that the asset's working orders can lead to, lots.
    pub(super) fn exposure(&self, asset: usize, position: i64) -> i64 {
        self.led_to(asset, position).abs()
    }

    /// Returns it with its sign; where both sides are as large, that of the buys.
    pub(super) fn led_to(&self, asset: usize, position: i64) -> i64 {
        let reach = &self.reach[asset];
        let (up, down) = (position + reach.buys, position - reach.sells);
        if up.abs() >= down.abs() { up } else { down }
    }
}
