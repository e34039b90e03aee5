//! Columns of tick data on a grid of local time: what had arrived by each moment (docs/language-ticks.md).
use super::columns::Lent;
use bot4_engine::signal::op::FEATURES;
use bot4_ticks::book::{Fast, Level, Levels, Side, microprice};
use bot4_ticks::columns::{Columns, FIRST, LAST, SNAPSHOT};
use numpy::PyArray1;
use pyo3::prelude::*;
use pyo3::types::{PyList, PyTuple};

const NS_PER_MS: i64 = 1_000_000;
const COUNT: usize = FEATURES.len();

/// Returns each column of `FEATURES` at `first_ms + k · every_ms`, k below `rows`, in ticks and lots times `tick` and `lot`.
#[pyfunction]
pub fn tick_rows<'py>(
    py: Python<'py>,
    ticks: &Bound<'py, PyTuple>,
    grid: (i64, i64, usize),
    scale: (f64, f64),
) -> PyResult<Bound<'py, PyList>> {
    let lent = Lent::new(ticks)?;
    let found = py.detach(|| columns(&lent.columns, grid, scale));
    PyList::new(py, found.map(|column| PyArray1::from_vec(py, column)))
}

/// Best levels of both sides.
type Best = (Level, Level);

/// What has gathered since the row before.
#[derive(Default)]
struct Since {
    flow: i64,
    bought: i64,
    sold: i64,
    count: i64,
}

fn columns(ticks: &Columns<'_>, (first_ms, every_ms, rows): (i64, i64, usize), (tick, lot): (f64, f64)) -> [Vec<f64>; COUNT] {
    let (low, high) = ticks.check().expect("checked when lent");
    let mut book = Fast::new(low, high);
    let (mut depth_at, mut trade_at) = (0, 0);
    let (mut before, mut last) = (None, f64::NAN);
    let mut found: [Vec<f64>; COUNT] = std::array::from_fn(|_| Vec::with_capacity(rows));
    for row in 0..rows {
        let now_ns = (first_ms + row as i64 * every_ms) * NS_PER_MS;
        let mut since = Since::default();
        depth_at = hear(ticks, depth_at, now_ns, &mut book, &mut before, &mut since.flow);
        let trades = &ticks.trades;
        while trade_at < trades.local_ns.len() && trades.local_ns[trade_at] <= now_ns {
            let sold = trades.buyer_is_maker[trade_at] != 0;
            *(if sold { &mut since.sold } else { &mut since.bought }) += trades.lots[trade_at];
            last = trades.ticks[trade_at] as f64 * tick;
            since.count += 1;
            trade_at += 1;
        }
        let values = values(&book, &since, last, tick, lot);
        found.iter_mut().zip(values).for_each(|(column, value)| column.push(value));
    }
    found
}

/// Takes the level changes that have arrived by a time; adds each message's order flow (Cont, Kukanov and Stoikov 2014, equation 1).
fn hear(ticks: &Columns<'_>, mut at: usize, by_ns: i64, book: &mut Fast, before: &mut Option<Best>, flow: &mut i64) -> usize {
    let depth = &ticks.depth;
    while at < depth.local_ns.len() && depth.local_ns[at] <= by_ns {
        if depth.flags[at] & (SNAPSHOT | FIRST) == SNAPSHOT | FIRST {
            book.clear();
        }
        book.set(Side::of(depth.side[at]), depth.ticks[at], depth.lots[at]);
        if depth.flags[at] & LAST != 0 {
            let now = best(book);
            if let (Some((bid, ask)), Some((new_bid, new_ask))) = (*before, now) {
                *flow += joined(bid, new_bid, 1) - joined(ask, new_ask, -1);
            }
            *before = now;
        }
        at += 1;
    }
    at
}

fn best(book: &Fast) -> Option<Best> {
    Some((book.best(Side::Bid)?, book.best(Side::Ask)?))
}

/// Returns what joined the best level of a side less what left it, lots.
fn joined(before: Level, now: Level, side: i64) -> i64 {
    let better = (now.ticks - before.ticks) * side;
    (if better >= 0 { now.lots } else { 0 }) - (if better <= 0 { before.lots } else { 0 })
}

/// Returns the values of a row in the order of `FEATURES`.
fn values(book: &Fast, since: &Since, last: f64, tick: f64, lot: f64) -> [f64; COUNT] {
    let Since { flow, bought, sold, count } = *since;
    let traded = bought + sold;
    let imbalance = if traded == 0 { f64::NAN } else { (bought - sold) as f64 / traded as f64 };
    let mut row = [f64::NAN; COUNT];
    row[9..].copy_from_slice(&[last, imbalance, traded as f64 * lot, bought as f64 * lot, sold as f64 * lot, count as f64]);
    if let Some((bid, ask)) = best(book) {
        let both = (bid.lots + ask.lots) as f64;
        row[..9].copy_from_slice(&[
            (bid.ticks + ask.ticks) as f64 * tick / 2.0,
            microprice(book).unwrap_or(f64::NAN) * tick,
            (ask.ticks - bid.ticks) as f64 * tick,
            (bid.lots - ask.lots) as f64 / both,
            flow as f64 * lot,
            bid.ticks as f64 * tick,
            ask.ticks as f64 * tick,
            bid.lots as f64 * lot,
            ask.lots as f64 * lot,
        ]);
    }
    row
}
