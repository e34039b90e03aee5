//! The desk: the only writer of orders, risk and ledger. One thread, one total order of events.
//!
//! Of one bar, in order: [`Desk::market`] (gap stops → working orders → stops inside the bar → mark), then, after the feedback signals have
//! seen the result, [`Desk::decide`] (trailing levels → targets → cancels → reductions → increases). Pure: it knows no clock, disk or network.

mod accounts;
pub mod asked;
pub mod books;
mod bracket;
pub mod breaker;
pub mod counters;
pub mod cross;
pub mod curve;
mod decide;
mod detail;
pub mod entries;
pub mod entry_rule;
pub mod execution;
pub mod funding;
mod glide;
pub mod guard;
pub mod lane_rule;
pub mod lanes;
mod lanes_decide;
mod lanes_fill;
mod lanes_glide;
mod lanes_inside;
mod lanes_market;
mod lanes_path;
mod lanes_snapshot;
pub mod ledger;
pub mod legs;
pub mod licence;
mod limits;
mod liquidation;
mod loans;
pub mod look;
pub mod margin;
mod market;
mod off_schedule;
pub mod operator;
pub mod order;
pub mod reason;
pub mod records;
pub mod remote;
mod remote_stops;
pub mod resting;
pub mod risk;
pub mod rule;
mod same;
mod settled;
pub mod size;
mod slot;
pub mod snapshot;
pub mod source;
pub mod stops;
pub mod stream;
mod stride;
mod take;
pub mod view;
pub mod wallets;
pub mod want;

use crate::config::{Config, Realism};
use crate::instrument::Contract;
use crate::money::{Overflow, Scale};
use crate::venue::bars::{Bar, BarVenue};
use crate::venue::latency::Latency;
use accounts::Accounts;
pub use accounts::Totals;
use breaker::Breakers;
pub use counters::Counters;
use entries::Entries;
use entry_rule::EntryRule;
use guard::Guard;
use lanes::LaneBook;
use ledger::Ledger;
use legs::Group;
use operator::Command;
use order::{KeyedRecord, Order};
use reason::{GuardState, Reason};
use records::Outbox;
use risk::Gate;
use rule::Rule;
use slot::Slot;
pub use source::Source;

/// Why a run cannot go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Halt {
    /// Instrument id.
    pub asset: usize,
    /// Bar's open time, ms.
    pub ts: i64,
}

/// The desk of one account.
pub struct Desk {
    contracts: Vec<Contract>,
    rules: Vec<Option<Rule>>,
    entries: Entries,
    legs: Vec<Group>,
    venue: BarVenue,
    gate: Gate,
    /// What stands above the strategy; `None` without a policy.
    guard: Option<Box<Guard>>,
    /// Distance of the stop that rests at the venue, billionths of the entry price; 0 = none.
    venue_stop_e9: i64,
    /// What may be opened where a licence is demanded; `None` where none is.
    licence: Option<Box<licence::Licensed>>,
    collar_e9: i64,
    latency: Latency,
    realism: Realism,
    interval_ms: i64,
    /// Bars that a mark counts: 1, or 0 where finer bars stand between decisions.
    bars_per_mark: i64,
    /// Open of the coarse bar whose finer bars are being taken, ms.
    coarse_ts: i64,
    trade_from_ms: i64,
    budget_e9: i64,
    track_extremes: bool,
    ledger: Ledger,
    /// Wallets, funding, loans and margin; `None` where the account is a plain cash flow.
    accounts: Option<Box<Accounts>>,
    slots: Vec<Slot>,
    lanes: LaneBook,
    /// Where orders work at a venue that reports; `None` on bars.
    remote: Option<Box<remote::Remote>>,
    /// Assets with a working order, in the order of sending.
    queue: Vec<u32>,
    intents: Vec<decide::Intent>,
    limits: limits::Limits,
    next_order: u32,
    open_positions: usize,
    armed_stops: usize,
    total_value: i64,
    peak: i64,
    was_partial: bool,
    /// Whether the targets last seen ask for more than the budget.
    over_budget: bool,
    /// Decisions at which the budget scaled targets.
    pub budget_rows: u64,
    /// Largest gross weight asked for, billionths.
    pub budget_max_gross_e9: i64,
    /// Records for the host.
    pub outbox: Outbox,
}

/// What a desk is built from.
pub struct Setup<'a> {
    /// Contracts by instrument id.
    pub contracts: Vec<Contract>,
    /// Target rules by instrument id.
    pub rules: Vec<Option<Rule>>,
    /// Rules of entries by instrument id; empty = none.
    pub entries: Vec<Option<EntryRule>>,
    /// Targets that belong together.
    pub legs: Vec<Group>,
    /// Interval of the base clock.
    pub interval_ms: i64,
    /// Largest gross weight, billionths.
    pub budget_e9: i64,
    /// Whether the position view is read (extremes are then kept for every position).
    pub track_extremes: bool,
    /// The run's configuration.
    pub config: &'a Config,
}

impl Desk {
    /// Opens the desk with the account's starting cash.
    pub fn new(setup: Setup<'_>) -> Self {
        let assets = setup.contracts.len();
        let config = &setup.config.waived();
        let trails = |asset: usize| {
            let of_entries = setup.entries.get(asset).copied().flatten().is_some_and(|rule| rule.trailing);
            of_entries || setup.rules[asset].is_some_and(|rule| rule.trailing)
        };
        let slots = (0..assets).map(|asset| Slot { trails: trails(asset), ..Slot::NEW }).collect();
        let mut desk = Self {
            rules: setup.rules,
            entries: Entries::new(setup.entries),
            legs: setup.legs,
            venue: BarVenue { half_spread_e9: config.half_spread_e9, impact: config.impact, volume_share_e9: config.volume_share_e9 },
            gate: Gate::new(config),
            guard: Guard::of_run(config, assets, setup.interval_ms).map(Box::new),
            venue_stop_e9: config.policy.as_ref().and_then(|policy| policy.venue_stop_e9).unwrap_or(0),
            licence: config.mode.demands().then(|| Box::new(licence::Licensed(config.licence.clone()))),
            collar_e9: config.collar_e9,
            latency: Latency::new(config),
            realism: config.realism,
            interval_ms: setup.interval_ms,
            bars_per_mark: 1,
            coarse_ts: 0,
            trade_from_ms: config.trade_from_ms.unwrap_or(i64::MIN),
            budget_e9: setup.budget_e9,
            track_extremes: setup.track_extremes,
            ledger: Ledger::new(config.cash, assets),
            accounts: Accounts::are_needed(config).then(|| Box::new(Accounts::new(config, assets))),
            slots,
            lanes: LaneBook::empty(assets),
            remote: None,
            queue: Vec::with_capacity(assets),
            intents: Vec::with_capacity(assets),
            limits: limits::Limits::default(),
            next_order: 0,
            open_positions: 0,
            armed_stops: 0,
            total_value: 0,
            peak: config.cash,
            was_partial: false,
            over_budget: false,
            budget_rows: 0,
            budget_max_gross_e9: 0,
            outbox: Outbox::new(assets),
            contracts: setup.contracts,
        };
        if desk.guard.is_some() {
            desk.outbox.guarded();
        }
        if desk.accounts.is_some() {
            let (wallets, home) = accounts::wallets(config, assets);
            desk.ledger.split(wallets, home);
            desk.peak = desk.ledger.flow;
        }
        desk
    }

    /// Keeps what a plain cash flow cannot, if it is not kept yet.
    fn use_accounts(&mut self) {
        if self.accounts.is_none() {
            let assets = self.slots.len();
            self.accounts = Some(Box::new(Accounts::plain(assets)));
            self.ledger.split(vec![wallets::Wallet::plain(self.ledger.flow)], vec![0; assets]);
        }
    }

    /// Takes a command of a person; it is obeyed at the first decision at or after its time.
    ///
    /// # Errors
    /// Returns one sentence where the run takes no commands, nobody is named, or too many were given.
    pub fn command(&mut self, command: Command) -> Result<(), String> {
        match self.guard.as_deref_mut() {
            Some(guard) => guard.operator.take(command),
            None => Err("this run takes no commands; give it a policy, or say that it is operated".to_owned()),
        }
    }

    /// Returns the commands that the decision at `t` will obey.
    pub fn commands_due(&self, t: i64) -> &[Command] {
        self.guard.as_ref().map_or(&[], |guard| guard.operator.due(t))
    }

    /// Returns what may be sent: the guard's state; normal without one.
    pub fn state(&self) -> GuardState {
        self.guard.as_ref().map_or(GuardState::Normal, |guard| guard.state)
    }

    /// Returns the circuit breakers, where there are any.
    pub fn breakers(&self) -> Option<&Breakers> {
        self.guard.as_ref().and_then(|guard| guard.breakers.as_ref())
    }

    /// Returns the circuit breakers, for a host that measures what bars cannot say.
    pub fn breakers_mut(&mut self) -> Option<&mut Breakers> {
        self.guard.as_mut().and_then(|guard| guard.breakers.as_mut())
    }

    /// Gives the desk its lanes, before the first bar.
    pub fn equip(&mut self, lanes: LaneBook) {
        self.outbox.make_room(lanes.room());
        self.lanes = lanes;
    }

    /// Returns the lanes.
    pub fn lanes(&self) -> &LaneBook {
        &self.lanes
    }

    /// Returns the lanes, for a host that opens its own.
    pub fn lanes_mut(&mut self) -> &mut LaneBook {
        &mut self.lanes
    }

    /// Returns cash flow plus marked positions, 1e-8 quote.
    #[inline(always)]
    pub fn equity(&self) -> i64 {
        self.ledger.flow + self.total_value
    }

    /// Returns the account's books.
    pub fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    /// Returns how often each group of legs was found broken.
    pub fn broken_legs(&self) -> impl Iterator<Item = u64> {
        self.legs.iter().map(Group::count)
    }

    /// Returns the orders still working: those of targets, then those of lanes.
    pub fn working(&self) -> impl Iterator<Item = &Order> {
        let targets = self.queue.iter().filter_map(|&asset| self.slots[asset as usize].working.as_ref());
        let lanes = self.lanes.lanes().iter().flat_map(|lane| lane.orders()).map(|resting| &resting.order);
        targets.chain(lanes).chain(self.leaving().map(remote::Leaving::order))
    }

    /// Returns the orders still working, each with whether it is at market: what rests may never bring its cash.
    fn working_marked(&self) -> impl Iterator<Item = (&Order, bool)> {
        let targets = self.queue.iter().filter_map(|&asset| self.slots[asset as usize].working.as_ref());
        let lanes = self.lanes.lanes().iter().flat_map(|lane| lane.orders());
        targets.map(|order| (order, order.reason != Reason::Take)).chain(lanes.map(|resting| (&resting.order, resting.is_at_market())))
    }

    /// Returns what is known beside of the working orders of lanes and of working takes.
    pub fn working_keyed(&self) -> impl Iterator<Item = KeyedRecord> {
        let takes = self.working().filter(|order| order.reason == Reason::Take && self.slots[order.asset as usize].is_taking());
        let of_lanes = self.lanes.lanes().iter().flat_map(|lane| lane.orders().map(|resting| resting.keyed(lane.key)));
        let flattens = self.working().filter(|order| order.reason == Reason::RiskFlattenLimit);
        let leaving = self.leaving().filter_map(remote::Leaving::keyed);
        of_lanes.chain(leaving).chain(takes.map(|order| self.take_record(order))).chain(flattens.map(|order| self.flatten_record(order)))
    }

    /// Returns the trades still open, valued at their last mark.
    pub fn open_trades(&self) -> impl Iterator<Item = order::TradeRecord> {
        let held = self.ledger.positions.iter().zip(&self.slots).enumerate();
        held.filter_map(|(asset, (position, slot))| {
            let mut trade = position.open_trade(asset as u32, &self.contracts[asset].scale, slot.value)?;
            trade.funding = self.accounts.as_ref().map_or(0, |accounts| accounts.holdings[asset].carried);
            trade.pnl += trade.funding;
            Some(trade)
        })
    }

    /// Converts a bar to ticks and lots.
    #[inline(always)]
    fn bar<S: Source>(&self, src: &S, asset: usize, local: usize) -> Result<Bar, Overflow> {
        bar_of(&self.contracts[asset].scale, src, asset, local)
    }

    /// Converts a stop distance to ticks; 0 where it is missing or below one tick.
    fn distance(&self, asset: usize, distance: f64) -> i64 {
        self.contracts[asset].scale.ticks(distance).unwrap_or(0).max(0)
    }

    /// Decides anew whether the asset's stops are watched; to be called whenever position, levels or working order change.
    #[inline(always)]
    fn rearm_stops(&mut self, asset: usize) {
        let lots = self.ledger.positions[asset].lots;
        let slot = &mut self.slots[asset];
        if !slot.armed && !slot.stops.any() {
            return; // No level, nothing to watch.
        }
        // While a price stop's exit works, no other is sent and nothing is taken.
        let armed = lots != 0 && !slot.is_stopping() && slot.stops.any();
        self.armed_stops = self.armed_stops + usize::from(armed) - usize::from(slot.armed);
        slot.armed = armed;
    }
}

/// Converts a bar to ticks and lots.
#[inline(always)]
fn bar_of<S: Source>(scale: &Scale, src: &S, asset: usize, local: usize) -> Result<Bar, Overflow> {
    let ticks = |price: f64| scale.ticks(price).ok_or(Overflow);
    Ok(Bar {
        open: ticks(src.open(asset, local))?,
        high: ticks(src.high(asset, local))?,
        low: ticks(src.low(asset, local))?,
        volume: scale.lots(src.volume(asset, local)).ok_or(Overflow)?,
    })
}
