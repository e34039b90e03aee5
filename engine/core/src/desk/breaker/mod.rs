//! Circuit breakers: components that are switched off by what happens to them, and tried again after a while.
//!
//! Outcomes ([`Breakers::record`]) and measures ([`Breakers::measure`]) wait until the next look at a decision ([`Breakers::look`]), so that
//! nothing depends on the order in which they came. [`Breakers::check`] is one load of the packed [`word`]. Event time only.
//! Rules: docs/semantics.md, section 12.
mod codes;
mod component;
pub mod settings;
mod snapshot;
mod sources;
pub mod word;

mod window;

use crate::money::E9;
use codes::BreakerKind as Kind;
pub use codes::{BreakerKind, BreakerState, Trip};
use component::Component;
use settings::Settings;
use std::sync::Arc;
use word::Word;

/// Bit of the global breaker, the account, the strategy.
const GLOBAL: u64 = 1;
/// First bit and number of places of each kind; components beyond share a place, and the component itself is asked then.
const fn places(kind: Kind) -> (u32, u32) {
    match kind {
        Kind::Global => (0, 1),
        Kind::Account => (1, 1),
        Kind::Strategy => (2, 1),
        Kind::Venue => (3, 5),
        Kind::Feed => (8, 28),
        Kind::Symbol => (36, 28),
    }
}

const fn place(kind: Kind, index: u32) -> u64 {
    let (first, count) = places(kind);
    1 << (first + index % count)
}

impl Kind {
    /// Kinds that have components of their own, in the order in which they are looked at.
    pub(crate) const COMPONENTS: &'static [Self] = &[Self::Venue, Self::Account, Self::Strategy, Self::Feed, Self::Symbol];

    /// Returns the measured sources of a kind, in the order in which they are looked at.
    pub(crate) const fn measures(self) -> &'static [Trip] {
        match self {
            Self::Global | Self::Strategy => &[],
            Self::Venue => &[Trip::Latency],
            Self::Account => &[Trip::Loss, Trip::Drawdown, Trip::PositionDrift],
            Self::Feed => &[Trip::StaleFeed, Trip::ClockSkew],
            Self::Symbol => &[Trip::Slippage, Trip::Spread, Trip::PriceGap],
        }
    }
}

impl Trip {
    /// Sources that are a measured value against a limit.
    pub(crate) const MEASURED: &'static [Self] = &[
        Self::Latency,
        Self::Loss,
        Self::Drawdown,
        Self::PositionDrift,
        Self::StaleFeed,
        Self::ClockSkew,
        Self::Slippage,
        Self::Spread,
        Self::PriceGap,
    ];
}

/// A change of one breaker.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BreakerRecord {
    /// Decision time, ms.
    pub ts: i64,
    /// Kind of component.
    pub kind: Kind,
    /// Number among its kind: venue, or instrument id; else 0.
    pub index: u32,
    /// State before.
    pub from: BreakerState,
    /// State after.
    pub to: BreakerState,
    /// What changed it.
    pub trip: Trip,
    /// What was measured: billionths, ms, ns, lots or a count, as the source says.
    pub value: i64,
    /// Its limit.
    pub limit: i64,
}

/// The breakers of one desk.
pub struct Breakers {
    settings: Settings,
    word: Arc<Word>,
    /// Places that cover each instrument.
    masks: Vec<u64>,
    components: Vec<Component>,
    /// Component of each kind and number in `components`; the kinds lie one after the other.
    first: [usize; Kind::COMPONENTS.len()],
    is_global_open: bool,
    /// Whether the settings are others than the run began with.
    is_reloaded: bool,
    seen: Vec<sources::Seen>,
}

impl Breakers {
    /// Makes closed breakers for every component of the settings.
    pub fn new(settings: Settings, assets: usize) -> Self {
        let venues = settings.venue_of.iter().max().map_or(0, |last| last + 1);
        let mut components = Vec::new();
        let mut first = [0; Kind::COMPONENTS.len()];
        for (at, &kind) in Kind::COMPONENTS.iter().enumerate() {
            first[at] = components.len();
            let count = match kind {
                Kind::Venue => venues,
                Kind::Feed | Kind::Symbol => assets,
                _ => 1,
            };
            let count = if settings.rules(kind).is_some() { count } else { 0 };
            components.extend((0..count).map(|index| Component::new(kind, index as u32)));
        }
        let mask = |asset: usize| {
            let of_kind = |mask: u64, kind: &Kind| mask | place(*kind, covering(&settings, *kind, asset));
            Kind::COMPONENTS.iter().fold(GLOBAL, of_kind)
        };
        Self {
            masks: (0..assets).map(mask).collect(),
            word: Word::new(),
            components,
            first,
            is_global_open: false,
            is_reloaded: false,
            seen: vec![sources::Seen::default(); assets],
            settings,
        }
    }

    /// Returns whether every breaker that covers an instrument is closed: one load. Where it is not, [`Breakers::lets_open`] decides.
    #[inline(always)]
    pub fn check(&self, asset: usize) -> bool {
        self.word.is_clear(self.masks[asset])
    }

    /// Returns whether something may be opened in an instrument now.
    pub fn lets_open(&self, asset: usize) -> bool {
        self.check(asset) || self.lets_try(asset)
    }

    #[cold]
    fn lets_try(&self, asset: usize) -> bool {
        !self.is_global_open
            && Kind::COMPONENTS.iter().all(|&kind| {
                let covering = self.find(kind, covering(&self.settings, kind, asset));
                covering.is_none_or(|at| self.settings.rules(kind).is_none_or(|rules| self.components[at].lets_pass(rules)))
            })
    }

    /// Returns the packed word, for readers on other threads; places of an instrument are [`Breakers::mask`].
    pub fn word(&self) -> Arc<Word> {
        Arc::clone(&self.word)
    }

    /// Returns the places that cover an instrument.
    pub fn mask(&self, asset: usize) -> u64 {
        self.masks[asset]
    }

    /// Counts an opening that was sent: a trial of every half-open breaker that covers it.
    pub fn note_sent(&mut self, asset: usize) {
        if self.check(asset) {
            return;
        }
        for &kind in Kind::COMPONENTS {
            if let Some(at) = self.find(kind, covering(&self.settings, kind, asset)) {
                self.components[at].note_sent();
            }
        }
    }

    /// Counts an outcome of a component; nothing where its kind has no breaker.
    pub fn record(&mut self, kind: Kind, index: u32, is_good: bool) {
        if let Some(at) = self.find(kind, index) {
            self.components[at].record(is_good);
        }
    }

    /// Takes a measured value of a component; the largest until the next look counts.
    pub fn measure(&mut self, kind: Kind, index: u32, trip: Trip, value: i64) {
        if let Some(at) = self.find(kind, index) {
            self.components[at].measure(trip, value);
        }
    }

    /// Looks at every component at decision time `t`, then at their share; appends a record for each change.
    pub fn look(&mut self, t: i64, equity: i64, to: &mut Vec<BreakerRecord>) {
        let before = to.len();
        let mut open = 0;
        for component in &mut self.components {
            let Some(rules) = self.settings.rules(component.kind) else { continue };
            let (kind, index) = (component.kind, component.index);
            if let Some(change) = component.look(rules, t, equity) {
                let component::Change { from, to: after, trip, value, limit } = change;
                to.push(BreakerRecord { ts: t, kind, index, from, to: after, trip, value, limit });
            }
            open += i64::from(component.state == BreakerState::Open);
        }
        self.derive(t, open, to);
        if to.len() > before {
            self.word.set(self.packed());
        }
    }

    /// Opens or closes the global breaker by the share of open components.
    fn derive(&mut self, t: i64, open: i64, to: &mut Vec<BreakerRecord>) {
        let Some(limit) = self.settings.global_share_e9.filter(|_| !self.components.is_empty()) else { return };
        let value = open * E9 / self.components.len() as i64;
        let is_open = value >= limit;
        if is_open != self.is_global_open {
            self.is_global_open = is_open;
            let state = |open: bool| if open { BreakerState::Open } else { BreakerState::Closed };
            let (from, after) = (state(!is_open), state(is_open));
            to.push(BreakerRecord { ts: t, kind: Kind::Global, index: 0, from, to: after, trip: Trip::Derived, value, limit });
        }
    }

    /// Replaces the settings by tighter ones; states, and what was counted, stay. Kinds that have no breaker get none, and the others keep
    /// theirs. Says whether anything changed.
    ///
    /// # Errors
    /// Returns one sentence naming the key where the settings are out of range, name other kinds, or let anything trip later.
    pub fn reload(&mut self, settings: Settings) -> Result<bool, String> {
        settings.validate(self.masks.len())?;
        let has_same = |&kind: &Kind| settings.rules(kind).is_some() == self.settings.rules(kind).is_some();
        if settings.venue_of != self.settings.venue_of || !Kind::COMPONENTS.iter().all(has_same) {
            return Err("breakers can be reloaded with other numbers, not with other kinds or venues; start anew".to_owned());
        }
        if !settings.is_as_tight(&self.settings) {
            return Err("breakers can be made to trip earlier by a command, not later; start anew with the looser settings".to_owned());
        }
        let is_new = settings != self.settings;
        self.is_reloaded |= is_new;
        self.settings = settings;
        Ok(is_new)
    }

    /// Returns the state of each component: kind, number, state.
    pub fn states(&self) -> impl Iterator<Item = (Kind, u32, BreakerState)> {
        self.components.iter().map(|component| (component.kind, component.index, component.state))
    }

    fn find(&self, kind: Kind, index: u32) -> Option<usize> {
        let at = Kind::COMPONENTS.iter().position(|&own| own == kind)?;
        let end = self.first.get(at + 1).copied().unwrap_or(self.components.len());
        Some(self.first[at] + index as usize).filter(|&found| found < end)
    }

    fn packed(&self) -> u64 {
        let shut = self.components.iter().filter(|component| component.state != BreakerState::Closed);
        shut.fold(u64::from(self.is_global_open), |bits, component| bits | place(component.kind, component.index))
    }
}

/// Returns the number of the component of a kind that covers an instrument.
fn covering(settings: &Settings, kind: Kind, asset: usize) -> u32 {
    match kind {
        Kind::Global | Kind::Account | Kind::Strategy => 0,
        Kind::Venue => settings.venue_of[asset] as u32,
        Kind::Feed | Kind::Symbol => asset as u32,
    }
}

#[cfg(test)]
mod tests;
