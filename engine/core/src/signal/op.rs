//! The operations of a program: the catalogue's per-asset nodes, and those that the executor itself provides because they see more than one asset,
//! more than one clock, or the book.

use super::node::Kind;
use super::nodes;
use super::view::{AccountField, PositionField};

/// Version of the executor's own operations; part of the identity.
pub(crate) const OWN_VERSION: u32 = 1;

/// The executor's own operations, with their numbers of inputs.
pub(crate) const OWN: [(&str, usize); 15] = [
    ("const", 0),
    ("col", 0),
    ("state", 1),
    ("carry", 1),
    ("carry_event", 1),
    ("pick", 1),
    ("pick_event", 1),
    ("cs_rank", 1),
    ("cs_zscore", 1),
    ("cs_demean", 1),
    ("cs_scale", 1),
    ("cs_bucket", 1),
    ("cs_top", 1),
    ("pos", 0),
    ("account", 0),
];

/// A column of the bars.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Column {
    Open,
    High,
    Low,
    Close,
    Volume,
}

impl Column {
    /// Every column with its name in the program, in the order of `Column as usize`.
    pub const NAMES: [(&'static str, Self); 5] =
        [("open", Self::Open), ("high", Self::High), ("low", Self::Low), ("close", Self::Close), ("volume", Self::Volume)];
}

/// Columns of tick data as programs name them; a node holds its place here.
pub const FEATURES: [&str; 15] = [
    "book.mid",
    "book.microprice",
    "book.spread",
    "book.imbalance",
    "book.ofi",
    "book.bid",
    "book.ask",
    "book.bid_qty",
    "book.ask_qty",
    "trades.last",
    "trades.imbalance",
    "trades.volume",
    "trades.buys",
    "trades.sells",
    "trades.count",
];

/// A reduction across the assets of one time.
#[derive(Clone, Copy, Debug, PartialEq)]
#[allow(missing_docs)]
pub enum CrossKind {
    Rank,
    Zscore,
    Demean,
    /// Σ|x| becomes `gross`.
    Gross(f64),
    /// Positives sum to `long`, negatives to `−short`.
    LongShort(f64, f64),
    Bucket(u32),
    Top(u32),
}

/// What a node of the program does.
#[derive(Clone, Copy)]
pub enum Op {
    /// One number.
    Const(f64),
    /// A column of the bars, on the node's clock.
    Col(Column),
    /// A column of tick data: its place in [`FEATURES`]. The host lends it with each block ([`super::Signals::lend`]).
    Feature(usize),
    /// A node of the catalogue, over one asset's own rows.
    Local(&'static Kind),
    /// The value of a later node on the previous row.
    State(f64),
    /// The last completed value of a slower clock.
    Carry,
    /// True only on the base row that completed it.
    CarryEvent,
    /// Another asset's last value.
    Pick(usize),
    /// Another asset's event, only at its own time.
    PickEvent(usize),
    /// A cross-section.
    Cross(CrossKind),
    /// A field of the asset's position.
    Position(PositionField),
    /// A field of the account.
    Account(AccountField),
    /// The column of this node of other signals, which run before; no program says so (`merge`).
    Shared(usize),
}

impl Op {
    /// Resolves a name and its parameters.
    pub(crate) fn resolve(name: &str, f: &[f64], s: &str, symbols: &[String]) -> Result<Self, String> {
        let symbol = || find_symbol(s, symbols);
        match name {
            "const" => Ok(Self::Const(one(f)?)),
            "state" => Ok(Self::State(one(f)?)),
            "col" => match FEATURES.iter().position(|name| *name == s) {
                Some(place) => Ok(Self::Feature(place)),
                None => named(&Column::NAMES, s).map(Self::Col),
            },
            "pos" => named(&PositionField::NAMES, s).map(Self::Position),
            "account" => named(&AccountField::NAMES, s).map(Self::Account),
            "carry" => Ok(Self::Carry),
            "carry_event" => Ok(Self::CarryEvent),
            "pick" => symbol().map(Self::Pick),
            "pick_event" => symbol().map(Self::PickEvent),
            "cs_rank" => Ok(Self::Cross(CrossKind::Rank)),
            "cs_zscore" => Ok(Self::Cross(CrossKind::Zscore)),
            "cs_demean" => Ok(Self::Cross(CrossKind::Demean)),
            "cs_scale" => scale(f).map(Self::Cross),
            "cs_bucket" => count(f).map(|n| Self::Cross(CrossKind::Bucket(n))),
            "cs_top" => count(f).map(|n| Self::Cross(CrossKind::Top(n))),
            _ => nodes::find(name).map(Self::Local).ok_or_else(|| "no such node in this version's catalogue".to_string()),
        }
    }

    /// Returns the number of inputs.
    pub fn inputs(&self) -> usize {
        match self {
            Self::Const(_) | Self::Col(_) | Self::Feature(_) | Self::Position(_) | Self::Account(_) | Self::Shared(_) => 0,
            Self::Local(kind) => kind.inputs,
            _ => 1,
        }
    }

    /// Returns the version of the algorithm.
    pub fn version(&self) -> u32 {
        if let Self::Local(kind) = self { kind.version } else { OWN_VERSION }
    }

    /// Returns whether it joins several assets.
    pub fn is_cross(&self) -> bool {
        matches!(self, Self::Pick(_) | Self::PickEvent(_) | Self::Cross(_))
    }

    /// Returns whether it reads the book.
    pub fn is_book(&self) -> bool {
        matches!(self, Self::Position(_) | Self::Account(_))
    }

    /// Returns whether it exists on the base clock alone.
    pub(crate) fn base_only(&self) -> bool {
        self.is_cross() || self.is_book() || matches!(self, Self::Carry | Self::CarryEvent | Self::Feature(_))
    }
}

/// Returns the id of a symbol.
pub(crate) fn find_symbol(s: &str, symbols: &[String]) -> Result<usize, String> {
    symbols.iter().position(|known| known == s).ok_or_else(|| format!("the data holds no asset `{s}`; it holds {}", symbols.join(", ")))
}

fn named<T: Copy>(names: &[(&str, T)], s: &str) -> Result<T, String> {
    let found = names.iter().find(|(name, _)| *name == s);
    found.map(|&(_, value)| value).ok_or_else(|| {
        let known: Vec<&str> = names.iter().map(|&(name, _)| name).collect();
        format!("there is no `{s}`; there are {}", known.join(", "))
    })
}

fn one(f: &[f64]) -> Result<f64, String> {
    match f {
        [value] => Ok(*value),
        _ => Err(format!("it takes one number, got {}", f.len())),
    }
}

fn count(f: &[f64]) -> Result<u32, String> {
    match f {
        [n] if *n >= 1.0 && n.fract() == 0.0 && *n <= f64::from(u32::MAX) => Ok(*n as u32),
        _ => Err(format!("it takes one whole number of at least 1, got {f:?}")),
    }
}

fn scale(f: &[f64]) -> Result<CrossKind, String> {
    match *f {
        [gross] if gross >= 0.0 => Ok(CrossKind::Gross(gross)),
        [long, short] if long >= 0.0 && short >= 0.0 => Ok(CrossKind::LongShort(long, short)),
        _ => Err(format!("it takes a gross or a long and a short sum, none negative, got {f:?}")),
    }
}
