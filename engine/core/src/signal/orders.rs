//! Keyed orders of a program: which order should work under which key, and the nodes that say so at each decision.
//!
//! Plain data, checked; the rules that use it live on the desk. Meaning: docs/semantics.md, section 7.

use super::size::{RawSize, Size};
use crate::desk::reason::{OrderKind, Tif};
use serde::Deserialize;

/// One keyed order in the program's JSON.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawOrder {
    pub key: String,
    pub side: i64,
    pub kind: String,
    #[serde(default)]
    pub asset: Option<String>,
    size: RawSize,
    #[serde(default)]
    price: Option<usize>,
    #[serde(default)]
    trigger: Option<usize>,
    #[serde(default)]
    distance: Option<usize>,
    #[serde(default)]
    when: Option<usize>,
    #[serde(default)]
    until: Option<usize>,
    #[serde(default)]
    tif: Option<String>,
    #[serde(default)]
    expires: Option<RawExpires>,
    #[serde(default)]
    post_only: bool,
    #[serde(default)]
    reduce_only: bool,
    #[serde(default)]
    oco: Option<String>,
    #[serde(default)]
    after: Option<String>,
    #[serde(default)]
    exits: Option<RawExits>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawExpires {
    #[serde(default)]
    bars: Option<u64>,
    #[serde(default)]
    ms: Option<i64>,
}

/// Exits of a lane: nodes of distances or prices.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ExitNodes {
    /// Distance of the stop.
    pub stop: Option<usize>,
    /// Distance of the trailing stop.
    pub trail: Option<usize>,
    /// Distance of the take.
    pub take: Option<usize>,
    /// Price of the stop.
    pub stop_at: Option<usize>,
    /// Price of the take.
    pub take_at: Option<usize>,
}

type RawExits = ExitNodes;

impl ExitNodes {
    fn all(&self) -> [Option<usize>; 5] {
        [self.stop, self.trail, self.take, self.stop_at, self.take_at]
    }
}

/// When an order of `tif` gtd ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expires {
    /// After more than this many of the asset's rows since its decision.
    Bars(u64),
    /// From this time after its decision on, ms.
    Ms(i64),
}

/// One keyed order of the program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyedOrder {
    /// Its key: with the asset, the lane's name.
    pub key: String,
    /// +1 buy, −1 sell.
    pub side: i64,
    /// What kind of order.
    pub kind: OrderKind,
    /// The addressed asset; none = every asset.
    pub asset: Option<usize>,
    /// How much.
    pub size: Size,
    /// Node of the limit price.
    pub price: Option<usize>,
    /// Node of the trigger price.
    pub trigger: Option<usize>,
    /// Node of the trailing distance.
    pub distance: Option<usize>,
    /// Condition whose rising edge sends it; none = it should work always.
    pub when: Option<usize>,
    /// Condition that cancels it.
    pub until: Option<usize>,
    /// How long it works.
    pub tif: Tif,
    /// When it ends, with gtd.
    pub expires: Option<Expires>,
    /// Whether it may only make liquidity.
    pub post_only: bool,
    /// Whether it may only reduce the position.
    pub reduce_only: bool,
    /// Group of which one fill cancels the others.
    pub oco: Option<String>,
    /// Key of the order that must have filled before.
    pub after: Option<String>,
    /// Exits of what it fills.
    pub exits: ExitNodes,
}

impl KeyedOrder {
    /// Returns every node that the order reads.
    pub fn nodes(&self) -> impl Iterator<Item = usize> {
        let own = [self.price, self.trigger, self.distance, self.when, self.until];
        self.size.nodes().chain(own.into_iter().flatten()).chain(self.exits.all().into_iter().flatten())
    }

    /// Returns whether what it fills is held until an exit.
    pub fn has_exits(&self) -> bool {
        self.exits != ExitNodes::default()
    }

    /// Returns the numbers of the canonical form; texts and symbol are hashed beside them.
    pub(crate) fn form(&self) -> Vec<i64> {
        let node = |node: Option<usize>| node.map_or(-1, |node| node as i64);
        let mut form = vec![self.side, self.kind as i64, self.tif as i64, i64::from(self.post_only), i64::from(self.reduce_only)];
        form.extend(self.size.form());
        form.extend([self.price, self.trigger, self.distance, self.when, self.until].map(node));
        form.extend(self.exits.all().map(node));
        form.extend(match self.expires {
            None => [0, 0],
            Some(Expires::Bars(bars)) => [1, bars as i64],
            Some(Expires::Ms(ms)) => [2, ms],
        });
        form
    }
}

impl RawOrder {
    /// Checks and converts; `asset` is the id of the addressed symbol.
    ///
    /// # Errors
    /// Returns one sentence where fields are missing, too many or contradict each other.
    pub fn resolve(self, asset: Option<usize>) -> Result<KeyedOrder, String> {
        let kind = named(OrderKind::TABLE, OrderKind::from_code, "kind", &self.kind)?;
        let tif = named(Tif::TABLE, Tif::from_code, "tif", self.tif.as_deref().unwrap_or("gtc"))?;
        let order = KeyedOrder {
            key: self.key,
            side: self.side,
            kind,
            asset,
            size: self.size.resolve(true)?,
            price: self.price,
            trigger: self.trigger,
            distance: self.distance,
            when: self.when,
            until: self.until,
            tif,
            expires: self.expires.map(RawExpires::resolve).transpose()?,
            post_only: self.post_only,
            reduce_only: self.reduce_only,
            oco: self.oco,
            after: self.after,
            exits: self.exits.unwrap_or_default(),
        };
        order.check()?;
        Ok(order)
    }
}

impl RawExpires {
    fn resolve(self) -> Result<Expires, String> {
        match (self.bars, self.ms) {
            (Some(bars), None) if bars > 0 => Ok(Expires::Bars(bars)),
            (None, Some(ms)) if ms > 0 => Ok(Expires::Ms(ms)),
            _ => Err("`expires` needs either bars or ms above 0".to_string()),
        }
    }
}

impl KeyedOrder {
    fn check(&self) -> Result<(), String> {
        let kind = self.kind;
        let fields = [
            ("price", self.price, matches!(kind, OrderKind::Limit | OrderKind::StopLimit)),
            ("trigger", self.trigger, matches!(kind, OrderKind::Stop | OrderKind::StopLimit | OrderKind::TakeProfit)),
            ("distance", self.distance, kind == OrderKind::Trailing),
        ];
        for (name, node, belongs) in fields {
            if node.is_some() != belongs {
                let verb = if belongs { "needs" } else { "takes no" };
                return Err(format!("an order of kind `{}` {verb} `{name}`", text(OrderKind::TABLE, kind as u8)));
            }
        }
        let refuse = |wrong: bool, sentence: &str| if wrong { Err(sentence.to_string()) } else { Ok(()) };
        refuse(self.key.is_empty(), "the key is empty; name the order")?;
        refuse(self.side.abs() != 1, "the side must be 1 (buy) or -1 (sell)")?;
        refuse((self.tif == Tif::Gtd) != self.expires.is_some(), "`expires` belongs to `tif` gtd, and gtd needs it")?;
        refuse(self.post_only && kind != OrderKind::Limit, "only a limit order can be post_only")?;
        refuse(self.post_only && matches!(self.tif, Tif::Ioc | Tif::Fok), "post_only waits and `ioc` and `fok` do not; use one of them")?;
        refuse(self.reduce_only && self.has_exits(), "a reduce_only order opens nothing that exits could close; remove one of them")?;
        refuse(
            self.exits.stop.is_some() && self.exits.stop_at.is_some(),
            "the stop is a distance (`stop`) or a price (`stop_at`), not both",
        )?;
        refuse(
            self.exits.take.is_some() && self.exits.take_at.is_some(),
            "the take is a distance (`take`) or a price (`take_at`), not both",
        )?;
        refuse(self.after.as_deref() == Some(&self.key), "it cannot come after itself; name another key in `after`")
    }
}

/// Refuses keys that meet on one asset, and `after` that names no key of the asset.
///
/// # Errors
/// Returns one sentence naming the key and the asset.
pub(crate) fn check_keys(orders: &[KeyedOrder], symbols: &[String]) -> Result<(), String> {
    for (asset, symbol) in symbols.iter().enumerate() {
        let on_asset = || orders.iter().filter(move |order| order.asset.is_none_or(|only| only == asset));
        for order in on_asset() {
            if on_asset().filter(|other| other.key == order.key).count() > 1 {
                return Err(format!("two orders on {symbol} have the key `{}`; give each its own key", order.key));
            }
            if let Some(after) = &order.after
                && !on_asset().any(|other| &other.key == after)
            {
                return Err(format!("order `{}`: `after` names `{after}`, which is no order on {symbol}", order.key));
            }
        }
    }
    Ok(())
}

fn named<T>(table: &[(u8, &str)], from: fn(u8) -> Option<T>, what: &str, name: &str) -> Result<T, String> {
    let code = table.iter().find(|row| row.1 == name).map(|row| row.0);
    code.and_then(from).ok_or_else(|| {
        let known: Vec<&str> = table.iter().map(|row| row.1).collect();
        format!("there is no {what} `{name}`; there are {}", known.join(", "))
    })
}

fn text(table: &'static [(u8, &'static str)], code: u8) -> &'static str {
    table.iter().find(|row| row.0 == code).map_or("", |row| row.1)
}
