//! A recording as the market: its columns, cut into steps of the venue's time, and the profile of its one symbol.
//!
//! A step is one message of level changes or one trade. Steps are in the venue's order; of one time what arrived first comes first, and a
//! trade before a level change, as in a replay of `bot4-ticks`.

mod level;
mod mirror;

pub use mirror::Mirror;

use bot4_engine::book::MOST_TICKS;
use bot4_exchange::profile::decimal::{Decimal, ONE};
use bot4_exchange::profile::filter::Filter;
use bot4_exchange::profile::{AssetRules, Profile};
use bot4_exchange::{Amount, Micros};
use bot4_ticks::columns::{Columns, Depth, LAST, Trades};
use serde::Deserialize;

/// Orders set aside beside those that mirror levels.
const ROOM: u32 = 16_384;
/// The most levels that are mirrored at once.
const LEVELS: u32 = 1 << 18;
const NS: i64 = 1000;

/// What a recording is of, and how it is played.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Setting {
    /// Name of the symbol, such as BTCUSDT.
    pub symbol: String,
    /// Its base asset.
    pub base: String,
    /// Its quote asset.
    pub quote: String,
    /// Price of a tick, a decimal.
    pub tick: String,
    /// Quantity of a lot, a decimal.
    pub lot: String,
    /// How long what clients take needs to come back, milliseconds.
    pub recovery_ms: i64,
}

/// Level changes, in the order of arrival; their meaning stands in `docs/ticks.md`.
#[allow(missing_docs, reason = "the names are the store's")]
#[derive(Debug, Clone, Default)]
pub struct Changes {
    pub exch_ns: Vec<i64>,
    pub local_ns: Vec<i64>,
    pub side: Vec<i8>,
    pub ticks: Vec<i64>,
    pub lots: Vec<i64>,
    pub flags: Vec<u8>,
}

/// Trades, in the order of arrival.
#[allow(missing_docs, reason = "the names are the store's")]
#[derive(Debug, Clone, Default)]
pub struct Prints {
    pub exch_ns: Vec<i64>,
    pub local_ns: Vec<i64>,
    pub ticks: Vec<i64>,
    pub lots: Vec<i64>,
    pub buyer_is_maker: Vec<u8>,
}

/// What happens at once: rows of the level changes, or a trade.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Changes(u32, u32),
    Trade(u32),
}

/// A recording.
#[derive(Debug)]
pub struct Recording {
    /// Name of the symbol.
    pub symbol: String,
    base: String,
    quote: String,
    /// Price of a tick.
    tick: Amount,
    /// Quantity of a lot.
    lot: Amount,
    recovery: Micros,
    changes: Changes,
    prints: Prints,
    steps: Vec<(Micros, Step)>,
    levels: u32,
}

impl Recording {
    /// Returns a recording, checked and cut into steps.
    ///
    /// # Errors
    /// One sentence: what is wrong with it, and the fix.
    pub fn new(setting: &Setting, changes: Changes, prints: Prints) -> Result<Self, String> {
        let unit = |text: &str, of: &str| {
            let amount = bot4_exchange::profile::decimal::parse(text).filter(|amount| *amount > 0);
            amount.ok_or_else(|| format!("the recording's {of} is `{text}`: state one of at most eight decimals above zero"))
        };
        let (tick, lot) = (unit(&setting.tick, "tick")?, unit(&setting.lot, "lot")?);
        let (_, high) = columns(&changes, &prints).check().map_err(|why| format!("the recording: {why}"))?;
        let high = prints.ticks.iter().copied().fold(high, i64::max);
        if high > MOST_TICKS || high.checked_mul(tick).is_none() {
            return Err(format!("the recording's highest price is {high} ticks, more than a book holds: state a coarser tick"));
        }
        let most = changes.lots.iter().chain(&prints.lots).copied().max().unwrap_or(0);
        if most.checked_mul(lot).is_none_or(|most| most > 1_000_000_000 * ONE) {
            return Err(format!("the recording holds {most} lots at one price, more than the venue counts: state a finer lot"));
        }
        if u32::try_from(changes.exch_ns.len().max(prints.exch_ns.len())).is_err() {
            return Err("the recording has more than 2^32 rows: split it".to_owned());
        }
        let steps = steps(&changes, &prints);
        if steps.is_empty() {
            return Err("the recording holds neither a level change nor a trade".to_owned());
        }
        let mut levels: Vec<(i8, i64)> = changes.side.iter().copied().zip(changes.ticks.iter().copied()).collect();
        levels.sort_unstable();
        levels.dedup();
        Ok(Self {
            symbol: setting.symbol.clone(),
            base: setting.base.clone(),
            quote: setting.quote.clone(),
            tick,
            lot,
            recovery: setting.recovery_ms.clamp(0, 86_400_000) * 1000,
            levels: (levels.len() as u32).min(LEVELS),
            changes,
            prints,
            steps,
        })
    }

    /// Returns when it begins.
    #[must_use]
    pub fn begin(&self) -> Micros {
        self.steps[0].0
    }

    /// Returns when it ends.
    #[must_use]
    pub fn end(&self) -> Micros {
        self.steps[self.steps.len() - 1].0
    }

    /// Returns a number that differs where anything of it differs (FNV-1a, 64 bits, over words).
    #[must_use]
    pub fn digest(&self) -> u64 {
        let mut hash = 0xcbf2_9ce4_8422_2325_u64;
        let mut mix = |word: i64| hash = (hash ^ word as u64).wrapping_mul(0x0000_0100_0000_01b3).rotate_left(23);
        let (changes, prints) = (&self.changes, &self.prints);
        [self.tick, self.lot, self.recovery].into_iter().for_each(&mut mix);
        for column in [&changes.exch_ns, &changes.local_ns, &changes.ticks, &changes.lots] {
            column.iter().copied().for_each(&mut mix);
        }
        changes.side.iter().zip(&changes.flags).for_each(|(side, flags)| mix(i64::from(*side) << 8 | i64::from(*flags)));
        for column in [&prints.exch_ns, &prints.local_ns, &prints.ticks, &prints.lots] {
            column.iter().copied().for_each(&mut mix);
        }
        prints.buyer_is_maker.iter().for_each(|flag| mix(i64::from(*flag)));
        hash
    }

    /// Makes a profile that of the recording's symbol alone: its tick and lot, room for its levels, the rest as the profile has it.
    pub fn fit(&self, profile: &mut Profile) {
        let mut rules = profile.symbols.iter().find(|rules| rules.symbol == self.symbol).unwrap_or(&profile.symbols[0]).clone();
        rules.symbol.clone_from(&self.symbol);
        rules.base_asset.clone_from(&self.base);
        rules.quote_asset.clone_from(&self.quote);
        for asset in [&self.base, &self.quote] {
            if profile.asset(asset).is_none() {
                profile.assets.push(AssetRules { name: asset.clone(), precision: 8 });
            }
        }
        for filter in &mut rules.filters {
            match filter {
                Filter::PriceFilter { min_price, max_price, tick_size } => {
                    *tick_size = Decimal(self.tick);
                    *min_price = Decimal(self.tick);
                    *max_price = Decimal((max_price.0.min(MOST_TICKS.saturating_mul(self.tick)) / self.tick).max(1) * self.tick);
                }
                Filter::LotSize { min_qty, max_qty, step_size } => {
                    *step_size = Decimal(self.lot);
                    *min_qty = Decimal(self.lot);
                    *max_qty = Decimal((max_qty.0 / self.lot).max(1) * self.lot);
                }
                _ => {}
            }
        }
        // Where trades may happen the recorded venue has decided.
        rules.price_range = None;
        profile.symbols = vec![rules];
        profile.room.book = ROOM + 4 * self.levels.max(1024);
        profile.room.orders = profile.room.orders.max(profile.room.book + ROOM).min(1 << 20);
        profile.room.book = profile.room.book.min(profile.room.orders);
        profile.room.accounts += 1;
    }
}

fn columns<'c>(changes: &'c Changes, prints: &'c Prints) -> Columns<'c> {
    Columns {
        depth: Depth {
            exch_ns: &changes.exch_ns,
            local_ns: &changes.local_ns,
            side: &changes.side,
            ticks: &changes.ticks,
            lots: &changes.lots,
            flags: &changes.flags,
        },
        trades: Trades {
            exch_ns: &prints.exch_ns,
            local_ns: &prints.local_ns,
            ticks: &prints.ticks,
            lots: &prints.lots,
            buyer_is_maker: &prints.buyer_is_maker,
        },
        ..Columns::default()
    }
}

/// Cuts columns into steps, in the venue's order.
fn steps(changes: &Changes, prints: &Prints) -> Vec<(Micros, Step)> {
    let mut keyed: Vec<(i64, i64, bool, Step)> = Vec::new();
    let mut from = 0;
    for row in 0..changes.exch_ns.len() {
        let is_last = changes.flags[row] & LAST != 0 || row + 1 == changes.exch_ns.len();
        if is_last || changes.exch_ns[row + 1] != changes.exch_ns[row] {
            keyed.push((changes.exch_ns[from], changes.local_ns[from], true, Step::Changes(from as u32, row as u32 + 1)));
            from = row + 1;
        }
    }
    let trades = (0..prints.exch_ns.len()).map(|row| (prints.exch_ns[row], prints.local_ns[row], false, Step::Trade(row as u32)));
    keyed.extend(trades);
    // A stable sort: rows of one kind and time stay as they arrived.
    keyed.sort_by_key(|&(exch, local, is_change, _)| (exch, local, is_change));
    keyed.into_iter().map(|(exch, _, _, step)| (exch.div_euclid(NS), step)).collect()
}
