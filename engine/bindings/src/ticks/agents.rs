//! A market without data as rows of orders: the venue and its agents, and what the venue tells in public.
use crate::refuse;
use bot4_exchange::agents::Agents;
use bot4_exchange::command::Side;
use bot4_exchange::feed::{OrderFeed, OrderTold};
use bot4_exchange::profile::Profile;
use bot4_exchange::profile::decimal::ONE;
use bot4_exchange::profile::filter::Filter;
use bot4_exchange::report::Report;
use bot4_exchange::venue::Exchange;
use bot4_ticks::orders::Kind;
use numpy::PyArray1;
use pyo3::prelude::*;
use pyo3::types::PyDict;

/// Rows of orders and of trades; prices and quantities in 1e-8, times in ns.
#[derive(Default)]
struct Told {
    orders: [Vec<i64>; 5],
    kind: Vec<u8>,
    trades: [Vec<i64>; 4],
    buyer_is_maker: Vec<u8>,
}

/// Lets the agents of Binance's first spot symbol trade for so many seconds from `start_us` on, with a tick of `tick` 1e-8 (0: the profile's).
#[pyfunction]
pub fn ticks_of_agents(py: Python<'_>, seconds: u32, seed: u64, start_us: i64, tick: i64) -> PyResult<Bound<'_, PyDict>> {
    let told = py.detach(|| record(seconds, seed, start_us, tick)).map_err(refuse)?;
    let to = PyDict::new(py);
    let orders = PyDict::new(py);
    for (name, column) in ["ns", "id", "side", "price", "quantity"].into_iter().zip(told.orders) {
        orders.set_item(name, PyArray1::from_vec(py, column))?;
    }
    orders.set_item("kind", PyArray1::from_vec(py, told.kind))?;
    to.set_item("orders", orders)?;
    let trades = PyDict::new(py);
    for (name, column) in ["ns", "price", "quantity", "id"].into_iter().zip(told.trades) {
        trades.set_item(name, PyArray1::from_vec(py, column))?;
    }
    trades.set_item("buyer_is_maker", PyArray1::from_vec(py, told.buyer_is_maker))?;
    to.set_item("trades", trades)?;
    Ok(to)
}

fn record(seconds: u32, seed: u64, start_us: i64, tick: i64) -> Result<Told, String> {
    let mut profile = Profile::binance_spot();
    (profile.room.accounts, profile.room.orders, profile.room.book) = (16, 4_096, 4_096);
    for filter in &mut profile.symbols[0].filters {
        if let Filter::PriceFilter { tick_size, .. } = filter
            && tick > 0
        {
            tick_size.0 = tick;
        }
    }
    let mut venue = Exchange::new(profile)?;
    let mut agents = Agents::new(&mut venue, 0, 60_000 * ONE, seed, start_us)?;
    let (mut told, mut feed) = (Told::default(), OrderFeed::new(0));
    while let Some((at, command)) = agents.due(start_us + i64::from(seconds) * 1_000_000, &venue) {
        venue.apply(at, &command, &mut |report| {
            feed.take(&report);
            if let Report::Trade { trade, price, quantity, buyer_is_maker, .. } = report {
                for (column, value) in told.trades.iter_mut().zip([at * 1_000, price, quantity, trade as i64]) {
                    column.push(value);
                }
                told.buyer_is_maker.push(u8::from(buyer_is_maker));
            }
        });
        feed.settle();
        for news in feed.news() {
            let side = if news.side == Side::Buy { 1 } else { -1 };
            for (column, value) in told.orders.iter_mut().zip([at * 1_000, news.id as i64, side, news.price, news.quantity]) {
                column.push(value);
            }
            told.kind.push(match news.told {
                OrderTold::Added => Kind::Add,
                OrderTold::Left => Kind::Cancel,
                OrderTold::Changed => Kind::Change,
                OrderTold::Filled => Kind::Fill,
            } as u8);
        }
    }
    Ok(told)
}
